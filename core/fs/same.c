/* SPDX-License-Identifier: MIT */
#include "fs/same.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "fs/case_fold.h"
#include "fs/disk_kind.h"
#include "fs/same_private.h"

#include <sys/resource.h>

enum {
	FDS_OTHERS = 24,   /* descriptors that are not files read in step */
	FDS_A_THREAD = 12, /* those of an opener, and one way down */
	JOB_FILES = 64,
	JOB_BYTES = 4 << 20,
	/* The more there is to put in order, the shorter are the ways on the disk. */
	ROTATING_JOB_FILES = 256,
	ROTATING_JOB_BYTES = 8 << 20,
	THREADS_MAX = 8,
};

/* For sorting: by size, descending; or by a hash of the name. */
struct entry {
	uint64_t key;
	uint32_t file;
};

struct entries {
	VEC_FIELDS(struct entry);
	struct same_search *search;
	struct strbuf folded;
};

/* Candidate sets that one thread works on together. */
struct job {
	struct pool_job pool; /* first: the pool knows only this */
	size_t first;         /* in order */
	size_t end;
};

static bool by(const struct same_search *s, unsigned what)
{
	return (s->opts->by & what) != 0;
}

/* The name as it is compared. */
static const char *folded_name(const struct same_search *s, uint32_t file, struct strbuf *room)
{
	const char *name = file_list_name(s->list, file);
	size_t len = strlen(name);

	if (!s->opts->ignore_case)
		return name;
	strbuf_clear(room);
	for (size_t at = 0; at < len;) {
		size_t n;
		int32_t cp = utf8_decode(name + at, len - at, &n);

		if (cp >= 0) {
			char bytes[4];

			strbuf_add(room, bytes,
			           utf8_encode((int32_t)case_fold_lower((uint32_t)cp), bytes));
		} else {
			strbuf_add_char(room, name[at]);
		}
		at += n;
	}
	return strbuf_str(room);
}

/* FNV-1a (Fowler, Noll, Vo); only brings like names together, and is never taken for equality. */
static uint64_t hash_name_of(const char *name)
{
	uint64_t h = 0xcbf29ce484222325U;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3U;
	return h;
}

static void add_entry(uint32_t file, void *user)
{
	struct entries *e = user;
	const struct same_search *s = e->search;
	uint64_t key = ~file_list_at(s->list, file)->size;

	if ((file_list_at(s->list, file)->flags & s->opts->skip) != 0)
		return;
	if (!by(s, SAME_BY_CONTENT | SAME_BY_SIZE))
		key = hash_name_of(folded_name(s, file, &e->folded));
	vec_push(e, (struct entry){ key, file });
}

static int compare_keys(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* By name where that counts, then by inode: names of one adjoin, and reading goes forward. */
static int compare_in_set(const void *a, const void *b, void *user)
{
	const struct same_search *s = user;
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	const struct file_record *rx = file_list_at(s->list, x);
	const struct file_record *ry = file_list_at(s->list, y);

	if (by(s, SAME_BY_NAME)) {
		struct strbuf room_x = { 0 };
		struct strbuf room_y = { 0 };
		int order = strcmp(folded_name(s, x, &room_x), folded_name(s, y, &room_y));

		strbuf_release(&room_x);
		strbuf_release(&room_y);
		if (order != 0)
			return order;
	}
	if (rx->device != ry->device)
		return rx->device < ry->device ? -1 : 1;
	if (rx->ino != ry->ino)
		return rx->ino < ry->ino ? -1 : 1;
	return x < y ? -1 : x > y;
}

void same_emit(struct same_worker *w, struct same_node *const *nodes, size_t n, uint64_t size,
               const unsigned char *digest)
{
	struct same_search *s = w->search;
	struct same_result *result = s->result;
	struct same_group group = { .size = size, .inodes = n, .digest = SIZE_MAX };

	(void)pthread_mutex_lock(&s->lock);
	group.first = result->members.len;
	for (size_t i = 0; i < n; i++) {
		nodes[i]->grouped = true;
		for (uint32_t k = 0; k < nodes[i]->names; k++)
			vec_push(&result->members,
			         (struct same_member){ .file = s->order[nodes[i]->first + k],
			                               .nlink = nodes[i]->nlink,
			                               .disk = nodes[i]->disk,
			                               .mtime = nodes[i]->mtime });
	}
	group.len = result->members.len - group.first;
	if (digest != NULL) {
		group.digest = result->digests.len;
		strbuf_add(&result->digests, digest, hash_size(s->opts->algo));
	}
	vec_push(&result->groups, group);
	(void)pthread_mutex_unlock(&s->lock);
	if (s->opts->first_only)
		atomic_store(&s->stopped, true);
}

/* For sets that are groups without a look inside: what stat says of them. */
static bool look_at(struct same_worker *w, struct same_node *node)
{
	int fd = same_open(w, node, NULL);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

/* Files alike by name or size alone, or names of one inode. */
static void emit_unread(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size)
{
	size_t have = 0;

	for (size_t i = 0; i < n; i++)
		if (look_at(w, nodes[i]))
			nodes[have++] = nodes[i];
	if (have > 1 || (have == 1 && w->search->opts->count_links && nodes[0]->names > 1))
		same_emit(w, nodes, have, size, NULL);
}

/* The names from `first` on that lead to one inode. */
static uint32_t count_names(const struct same_search *s, size_t first, size_t end)
{
	const struct file_record *r = file_list_at(s->list, s->order[first]);
	size_t i = first + 1;

	for (; i < end; i++) {
		const struct file_record *other = file_list_at(s->list, s->order[i]);

		if (other->ino != r->ino || other->device != r->device)
			break;
	}
	return (uint32_t)(i - first);
}

static void links_alone(struct same_worker *w, uint64_t size)
{
	for (size_t i = 0; i < w->nodes.len; i++) {
		struct same_node *node = &w->nodes.items[i];

		if (!node->grouped && node->names > 1)
			emit_unread(w, &node, 1, size);
	}
}

/* A candidate set: order[first .. end), sorted by inode. */
static void work_on_set(struct same_worker *w, size_t first, size_t end)
{
	struct same_search *s = w->search;
	uint64_t size = file_list_at(s->list, s->order[first])->size;
	struct same_node **nodes;

	vec_clear(&w->nodes);
	if (end - first > w->nodes.cap) {
		vec_release(&w->nodes);
		w->nodes.cap = end - first;
		w->nodes.items = mem_alloc_array(w->nodes.cap, sizeof(*w->nodes.items));
	}
	for (size_t i = first; i < end;) {
		uint32_t names = count_names(s, i, end);

		vec_push(&w->nodes, (struct same_node){ .first = (uint32_t)i, .names = names });
		i += names;
	}
	nodes = mem_alloc_array(w->nodes.len, sizeof(struct same_node *));
	for (size_t i = 0; i < w->nodes.len; i++)
		nodes[i] = &w->nodes.items[i];
	if (w->nodes.len > 1) {
		if (!by(s, SAME_BY_CONTENT))
			emit_unread(w, nodes, w->nodes.len, size);
		else if (s->opts->hashed)
			same_hash(w, nodes, w->nodes.len, size);
		else
			same_compare(w, nodes, w->nodes.len, size);
	}
	free(nodes);
	if (s->opts->count_links && !atomic_load(&s->stopped))
		links_alone(w, size);
}

static bool same_name(const struct same_search *s, uint32_t a, uint32_t b)
{
	struct strbuf room_a = { 0 };
	struct strbuf room_b = { 0 };
	bool same = strcmp(folded_name(s, a, &room_a), folded_name(s, b, &room_b)) == 0;

	strbuf_release(&room_a);
	strbuf_release(&room_b);
	return same;
}

/* Are these, neighbours in their set, candidates of each other? */
static bool is_same_set(const struct same_search *s, uint32_t a, uint32_t b)
{
	if (by(s, SAME_BY_CONTENT | SAME_BY_SIZE) &&
	    file_list_at(s->list, a)->size != file_list_at(s->list, b)->size)
		return false;
	return !by(s, SAME_BY_NAME) || same_name(s, a, b);
}

static void work(struct pool_job *pool_job, unsigned worker, void *user)
{
	struct job *job = (struct job *)(void *)pool_job;
	struct same_search *s = user;
	struct same_worker *w = &s->workers[worker];
	size_t first = job->first;

	w->search = s;
	if (w->opener == NULL)
		w->opener = file_opener_new(s->list);
	if (s->rotates != NULL && by(s, SAME_BY_CONTENT))
		same_read_ahead(w, s->order + first, job->end - first);
	while (first < job->end && !atomic_load(&s->stopped)) {
		size_t whole = first + 1;

		/* One key is one set, unless names come into it, or hashes of names collide. */
		while (whole < job->end &&
		       (by(s, SAME_BY_NAME) || is_same_set(s, s->order[first], s->order[whole])))
			whole++;
		qsort_r(s->order + first, whole - first, sizeof(s->order[0]), compare_in_set, s);
		while (first < whole && !atomic_load(&s->stopped)) {
			size_t end = first + 1;

			while (end < whole && is_same_set(s, s->order[first], s->order[end]))
				end++;
			if (end - first > 1)
				work_on_set(w, first, end);
			first = end;
		}
	}
}

struct jobs {
	VEC_FIELDS(struct job);
};

/* Enough for one job? Of names each key is one, so that sorting it by name keeps to it. */
static bool is_full(const struct same_search *s, const struct job *job, uint64_t bytes)
{
	size_t n = s->order_len - job->first;
	size_t files = s->rotates != NULL ? ROTATING_JOB_FILES : JOB_FILES;
	uint64_t enough = s->rotates != NULL ? ROTATING_JOB_BYTES : JOB_BYTES;

	return n != 0 &&
	       (n >= files || bytes >= enough || !by(s, SAME_BY_CONTENT) || by(s, SAME_BY_NAME));
}

/* Sorts the candidates and forms jobs of those whose key is not alone. */
static void find_sets(struct same_search *s, struct jobs *jobs)
{
	struct entries e = { .search = s };
	struct job job = { 0 };
	uint64_t bytes = 0;

	e.cap = file_list_len(s->list);
	e.items = mem_alloc_array(e.cap, sizeof(*e.items));
	file_list_each(s->list, add_entry, &e);
	if (e.len > 1)
		qsort(e.items, e.len, sizeof(*e.items), compare_keys);
	s->order = mem_alloc_array(e.len, sizeof(s->order[0]));
	for (size_t i = 0, end; i < e.len; i = end) {
		for (end = i + 1; end < e.len && e.items[end].key == e.items[i].key; end++)
			;
		if (end - i < 2)
			continue;
		for (size_t k = i; k < end; k++)
			s->order[s->order_len++] = e.items[k].file;
		bytes = num_add_sat(bytes, num_mul_sat(~e.items[i].key, end - i, NULL), NULL);
		if (is_full(s, &job, bytes)) {
			job.end = s->order_len;
			vec_push(jobs, job);
			job.first = job.end;
			bytes = 0;
		}
	}
	job.end = s->order_len;
	if (job.end > job.first)
		vec_push(jobs, job);
	s->order = mem_resize_array(s->order, s->order_len, sizeof(s->order[0]));
	vec_release(&e);
	strbuf_release(&e.folded);
}

/* How many threads, and files in step in each, RLIMIT_NOFILE leaves room for. */
static unsigned share_descriptors(struct same_search *s, unsigned threads)
{
	struct rlimit limit = { .rlim_cur = 256 };
	size_t room;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur > 1 << 20)
		limit.rlim_cur = 1 << 20;
	room = limit.rlim_cur > FDS_OTHERS ? (size_t)limit.rlim_cur - FDS_OTHERS : 0;
	if (threads > room / (FDS_A_THREAD + SAME_STEP_MAX))
		threads = (unsigned)(room / (FDS_A_THREAD + SAME_STEP_MAX));
	if (threads == 0)
		threads = 1;
	s->step = SAME_STEP_MAX;
	if (room / threads < FDS_A_THREAD + SAME_STEP_MAX)
		s->step = room / threads > FDS_A_THREAD + 2 ? room / threads - FDS_A_THREAD : 2;
	return threads;
}

static void run_jobs(struct same_search *s, struct jobs *jobs)
{
	unsigned cpus = s->opts->threads != 0 ? s->opts->threads : pool_cpus();
	unsigned max = s->opts->threads != 0 ? s->opts->threads : THREADS_MAX;
	struct pool_list list = { 0 };
	struct pool *pool;

	max = share_descriptors(s, max > cpus ? max : cpus);
	cpus = cpus < max ? cpus : max;
	s->workers_len = max;
	s->workers = aligned_alloc(64, max * sizeof(*s->workers));
	if (s->workers == NULL)
		mem_exhausted();
	memset(s->workers, 0, max * sizeof(*s->workers));
	pool = pool_new(cpus, max, work, s);
	for (size_t i = 0; i < jobs->len; i++)
		pool_list_add(&list, &jobs->items[i].pool);
	if (list.len != 0)
		pool_add(pool, &list);
	pool_drain(pool);
	pool_free(pool);
	for (unsigned i = 0; i < max; i++) {
		struct same_worker *w = &s->workers[i];

		s->result->read_bytes += w->read_bytes;
		s->result->read_ahead += w->read_ahead;
		vec_release(&w->nodes);
		free(w->room);
		hash_free(w->fast);
		hash_free(w->strong);
		file_opener_free(w->opener);
	}
	free(s->workers);
}

static void find_rotating(struct same_search *s)
{
	const uint64_t *devices;
	size_t n = file_list_devices(s->list, &devices);
	bool some = false;

	if (s->opts->sys == NULL)
		return;
	s->rotates = mem_alloc_zeroed((n + 1) * sizeof(*s->rotates));
	for (size_t i = 0; i < n; i++) {
		s->rotates[i] = disk_rotates(s->opts->sys, devices[i]);
		some = some || s->rotates[i];
	}
	if (some)
		return;
	free(s->rotates);
	s->rotates = NULL;
}

void same_find(struct file_list *list, const struct same_opts *opts, struct same_result *ret)
{
	struct same_search s = { .list = list, .opts = opts, .result = ret };
	struct jobs jobs = { 0 };

	*ret = (struct same_result){ 0 };
	(void)pthread_mutex_init(&s.lock, NULL);
	find_rotating(&s);
	find_sets(&s, &jobs);
	run_jobs(&s, &jobs);
	(void)pthread_mutex_destroy(&s.lock);
	ret->vanished = atomic_load(&s.vanished);
	ret->stopped = atomic_load(&s.stopped);
	vec_release(&jobs);
	free(s.order);
	free(s.rotates);
}

void same_result_release(struct same_result *result)
{
	vec_release(&result->groups);
	vec_release(&result->members);
	strbuf_release(&result->digests);
}
