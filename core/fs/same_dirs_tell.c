/* SPDX-License-Identifier: MIT */
/* Groups of equal directories, from the top, and what their copies take. */
#include "base/mem.h"
#include "base/num.h"
#include "fs/same_dirs_private.h"

/* A file, or a directory, below a copy. */
struct taken {
	uint64_t ino;
	uint64_t disk;
	uint32_t device;
	uint32_t nlink;
};

struct taking {
	VEC_FIELDS(struct taken);
};

/* Directories that are equal: sorted[first .. first + len). */
struct run {
	size_t first;
	size_t len;
	uint32_t height;
};

struct runs {
	VEC_FIELDS(struct run);
};

struct telling {
	struct same_dirs *d;
	const struct same_dirs_opts *opts;
	struct same_result *result;
	uint32_t *sorted; /* indices of directories, equal ones side by side */
};

static int compare_taken(const void *a, const void *b)
{
	const struct taken *x = a;
	const struct taken *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static void take_file(const struct same_dirs *d, uint32_t file, struct taking *ret)
{
	const struct same_member *m = &d->files.members.items[d->member_of[file]];
	const struct file_record *r = file_list_at(d->list, file);

	vec_push(ret, (struct taken){ r->ino, m->disk, r->device, m->nlink });
}

/* Adds all files below, each name for itself; and the bytes of the directories. */
static void take_tree(const struct same_dirs *d, uint32_t top, struct taking *ret, uint64_t *bytes)
{
	struct {
		VEC_FIELDS(uint32_t);
	} stack = { 0 };

	vec_push(&stack, top);
	while (stack.len != 0) {
		const struct same_dir *dir = &d->dirs.items[vec_pop(&stack)];

		*bytes = num_add_sat(*bytes, (uint64_t)dir->st.st_blocks * 512, NULL);
		for (size_t i = 0; i < dir->len; i++) {
			const struct same_child *c = &d->children[dir->first + i];

			if (c->kind == SAME_CHILD_DIR)
				vec_push(&stack, c->ref);
			else if (c->kind == SAME_CHILD_FILE)
				take_file(d, c->ref, ret);
		}
	}
	vec_release(&stack);
}

/* Bytes of the inodes in it; `all`: also of those that have a name elsewhere. */
static uint64_t sum_taken(struct taking *t, bool all)
{
	uint64_t sum = 0;

	if (t->len > 1)
		qsort(t->items, t->len, sizeof(*t->items), compare_taken);
	for (size_t i = 0, end; i < t->len; i = end) {
		for (end = i + 1; end < t->len; end++)
			if (compare_taken(&t->items[i], &t->items[end]) != 0)
				break;
		if (all || end - i >= t->items[i].nlink)
			sum = num_add_sat(sum, t->items[i].disk, NULL);
	}
	return sum;
}

/* All that a tree takes, each inode once. */
static uint64_t disk_of(const struct same_dirs *d, uint32_t top)
{
	struct taking t = { 0 };
	uint64_t bytes = 0;

	take_tree(d, top, &t, &bytes);
	bytes = num_add_sat(bytes, sum_taken(&t, true), NULL);
	vec_release(&t);
	return bytes;
}

static bool is_below_copy(const struct same_dirs *d, uint32_t i)
{
	for (uint32_t up = d->dirs.items[i].up; up != SAME_DIRS_NONE; up = d->dirs.items[up].up)
		if (d->dirs.items[up].copy)
			return true;
	return false;
}

static bool same_inode(const struct same_dir *a, const struct same_dir *b)
{
	return a->st.st_ino == b->st.st_ino && a->st.st_dev == b->st.st_dev;
}

static int compare_places(const void *a, const void *b, void *user)
{
	const struct telling *t = user;
	const struct same_dir *x = &t->d->dirs.items[*(const uint32_t *)a];
	const struct same_dir *y = &t->d->dirs.items[*(const uint32_t *)b];
	uint32_t first_ref = t->opts->keep->first_ref;

	if (x->st.st_dev != y->st.st_dev)
		return x->st.st_dev < y->st.st_dev ? -1 : 1;
	if (x->st.st_ino != y->st.st_ino)
		return x->st.st_ino < y->st.st_ino ? -1 : 1;
	/* Of several ways to one that from a reference is told, else that from the first operand.
	 */
	if ((x->root >= first_ref) != (y->root >= first_ref))
		return x->root >= first_ref ? -1 : 1;
	return x->root < y->root ? -1 : x->root > y->root;
}

/*
 * Of these equal ones, those to be told, at the front: each directory once, whatever way leads
 * there, and none that is in a copy by any of its ways. How many.
 */
static size_t choose(struct telling *t, uint32_t *dirs, size_t n)
{
	const struct same_dirs *d = t->d;
	size_t chosen = 0;

	qsort_r(dirs, n, sizeof(*dirs), compare_places, t);
	for (size_t i = 0, end; i < n; i = end) {
		bool told = true;

		for (end = i; end < n; end++) {
			if (!same_inode(&d->dirs.items[dirs[i]], &d->dirs.items[dirs[end]]))
				break;
			told = told && !is_below_copy(d, dirs[end]);
		}
		if (told)
			dirs[chosen++] = dirs[i];
	}
	return chosen;
}

/* Adds it to the list of files; its number there. */
static uint32_t add_to_list(const struct same_dirs *d, const struct same_dir *dir)
{
	const char *name = d->names.data + dir->name;
	const struct file_list_name as = {
		.root = dir->root,
		.parent =
			dir->up == SAME_DIRS_NONE ? FILE_LIST_NONE : d->dirs.items[dir->up].number,
		.name = name,
		.len = strlen(name),
	};
	struct stat st = dir->st;

	st.st_size = dir->bytes > INT64_MAX ? INT64_MAX : (off_t)dir->bytes;
	return file_list_add(d->list, &as, &st);
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Members, which are numbers in the list, back to indices: those that go are marked as copies. */
static uint64_t mark_copies(struct telling *t, const struct same_group *g, const uint32_t *files,
                            const uint32_t *dirs, size_t n)
{
	const struct same_member *m = t->result->members.items + g->first;
	struct taking taken = { 0 };
	uint64_t bytes = 0;
	const uint32_t *at;

	for (size_t i = 0; i < g->len; i++) {
		if ((m[i].flags & SAME_KEEP) != 0)
			continue;
		/* They were added one after the other. */
		at = bsearch(&m[i].file, files, n, sizeof(*files), compare_numbers);
		t->d->dirs.items[dirs[at - files]].copy = true;
		take_tree(t->d, dirs[at - files], &taken, &bytes);
	}
	bytes = num_add_sat(bytes, sum_taken(&taken, false), NULL);
	vec_release(&taken);
	return bytes;
}

static void tell_group(struct telling *t, uint32_t *dirs, size_t n)
{
	struct same_result one = { .members = t->result->members };
	struct same_group g = { .size = t->d->dirs.items[dirs[0]].bytes,
		                .first = one.members.len,
		                .len = n,
		                .inodes = n,
		                .digest = SIZE_MAX };
	uint32_t *files = mem_alloc_array(n, sizeof(*files));

	for (size_t i = 0; i < n; i++) {
		const struct same_dir *dir = &t->d->dirs.items[dirs[i]];

		files[i] = add_to_list(t->d, dir);
		vec_push(&one.members, (struct same_member){ .file = files[i],
		                                             .nlink = (uint32_t)dir->st.st_nlink,
		                                             .disk = disk_of(t->d, dirs[i]),
		                                             .mtime = dir->st.st_mtim });
	}
	vec_push(&one.groups, g);
	same_arrange(t->d->list, &one, t->opts->keep);
	t->result->members = one.members;
	if (one.groups.len == 1) {
		g = one.groups.items[0];
		g.reclaim = mark_copies(t, &g, files, dirs, n);
		g.has_reclaim = true;
		vec_push(&t->result->groups, g);
	}
	vec_release(&one.groups);
	free(files);
}

static int compare_runs(const void *a, const void *b)
{
	const struct run *x = a;
	const struct run *y = b;

	return x->height > y->height ? -1 : x->height < y->height;
}

/* Directories with their like, highest first: what holds others is told before them. */
static void find_runs(const struct telling *t, struct runs *ret)
{
	const struct same_dirs *d = t->d;

	for (size_t i = 0, end; i < d->dirs.len; i = end) {
		const struct same_dir *dir = &d->dirs.items[t->sorted[i]];

		for (end = i + 1; end < d->dirs.len; end++)
			if (!same_dirs_equal(d, t->sorted[i], t->sorted[end]))
				break;
		if (end - i > 1 && dir->bytes >= t->opts->min_size &&
		    dir->bytes <= t->opts->max_size)
			vec_push(ret, (struct run){ i, end - i, dir->height });
	}
	if (ret->len > 1)
		qsort(ret->items, ret->len, sizeof(*ret->items), compare_runs);
}

void same_dirs_tell(struct same_dirs *d, const struct same_dirs_opts *opts, struct same_result *ret)
{
	struct telling t = { .d = d, .opts = opts, .result = ret };
	struct runs runs = { 0 };

	t.sorted = mem_alloc_array(d->dirs.len + 1, sizeof(*t.sorted));
	memcpy(t.sorted, d->order, d->dirs.len * sizeof(*t.sorted));
	if (d->dirs.len > 1)
		qsort_r(t.sorted, d->dirs.len, sizeof(*t.sorted), same_dirs_compare, d);
	find_runs(&t, &runs);
	for (size_t i = 0; i < runs.len; i++) {
		uint32_t *dirs = t.sorted + runs.items[i].first;
		size_t n = choose(&t, dirs, runs.items[i].len);

		if (n > 1)
			tell_group(&t, dirs, n);
	}
	same_sort(d->list, ret, opts->keep);
	vec_release(&runs);
	free(t.sorted);
}
