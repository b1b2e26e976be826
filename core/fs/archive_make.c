/* SPDX-License-Identifier: MIT */
#include "fs/archive_make.h"

#include "base/mem.h"
#include "fs/archive_read_ahead.h"
#include "fs/link_target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
	BATCH_ENTRIES = 32,
	BATCH_BYTES = 1 << 20,
	PIECE = 256 * 1024,
	SPARSE_MIN = 64 * 1024,
};

/* Entries that follow each other, read by one thread. */
struct batch {
	struct crew_work work;
	struct maker *maker;
	size_t from, to;
	struct source_read reads[BATCH_ENTRIES];
};

struct maker {
	const struct archive_make_opts *opts;
	struct archive_made made;
	struct source_place *places; /* one a thread */
	struct source_place here;    /* of what is read by the calling one */
	struct batch *batches;
	unsigned n_batches, first, pending;
	size_t next; /* entry that is in no batch yet */
	char *piece;
	struct strbuf path, target, hardlink, xattrs;
	struct {
		VEC_FIELDS(struct member_extent);
	} extents;
};

/* Is it read whole? What has holes is not, nor what is large. */
static bool is_small(const struct maker *m, const struct source_entry *e)
{
	return e->type == DT_REG && e->st.size <= READ_WHOLE_MAX &&
	       (!m->opts->hard_links || e->link == 0);
}

static void read_batch(struct crew_work *work, unsigned worker)
{
	struct batch *b = (struct batch *)(void *)work;
	struct maker *m = b->maker;

	for (size_t i = b->from; i < b->to; i++) {
		const struct source_entry *e = &m->opts->list->entries.items[i];

		if (is_small(m, e))
			source_read_whole(m->opts, e, &m->places[worker], &b->reads[i - b->from]);
	}
}

static void start_batch(struct maker *m)
{
	struct batch *b = &m->batches[(m->first + m->pending) % m->n_batches];
	const struct source_list *l = m->opts->list;
	uint64_t bytes = 0;

	b->from = m->next;
	while (m->next < l->entries.len && m->next - b->from < BATCH_ENTRIES &&
	       bytes < BATCH_BYTES) {
		const struct source_entry *e = &l->entries.items[m->next++];

		bytes += is_small(m, e) ? e->st.size : 0;
	}
	b->to = m->next;
	memset(b->reads, 0, sizeof(b->reads));
	m->pending++;
	crew_add(m->opts->crew, &b->work);
}

static int refuse(struct maker *m, struct source_entry *e, const char *text, int err)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	source_list_add_path(m->opts->list, e, &path);
	m->made.failed++;
	m->opts->trouble(strbuf_str(&path), text, err, m->opts->user);
	return 0;
}

/* Could not be opened or read: it is not in the archive. */
static int leave_out(struct maker *m, struct source_entry *e, const char *verb, int err)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	e->failed = true;
	if (err == ESTALE)
		return refuse(m, e, "is no regular file any more; left out", 0);
	if (err != ENOENT)
		return refuse(m, e, verb, err);
	source_list_add_path(m->opts->list, e, &path);
	m->made.vanished++;
	m->opts->note(strbuf_str(&path), "vanished before it was read", m->opts->user);
	return 0;
}

/* What the writer said about one member: 0 when it was the format that cannot hold it. */
static int wrote(struct maker *m, struct source_entry *e, const struct new_member *n, int r)
{
	if (r == -EILSEQ || r == -ENAMETOOLONG || r == -EFBIG || r == -EOPNOTSUPP || r == -ERANGE) {
		e->failed = true;
		return refuse(m, e,
		              r == -EILSEQ ? "the format cannot hold a name that is not UTF-8"
		              : r == -ENAMETOOLONG ? "the name is too long for the format"
		              : r == -EFBIG        ? "the file is too large for the format"
		              : r == -ERANGE       ? "owner or time are out of the format's range"
		                                   : "the format cannot hold this type of file",
		              0);
	}
	if (r < 0)
		return r;
	m->made.entries++;
	if (m->opts->member != NULL)
		m->opts->member(n, m->opts->user);
	return 0;
}

static struct timespec time_of(const struct archive_make_opts *o, struct timespec t)
{
	const bool newer = t.tv_sec > o->mtime.tv_sec ||
	                   (t.tv_sec == o->mtime.tv_sec && t.tv_nsec > o->mtime.tv_nsec);

	return o->has_mtime && (newer || !o->clamp) ? o->mtime : t;
}

/* The member's header, but for what only its content tells. */
static void describe(struct maker *m, const struct source_entry *e, struct new_member *ret)
{
	const struct archive_make_opts *o = m->opts;

	strbuf_clear(&m->path);
	source_list_add_member(o->list, e, &m->path);
	*ret = (struct new_member){ .path = strbuf_str(&m->path),
		                    .type = e->type,
		                    .mode = e->st.mode,
		                    .uid = o->has_uid ? o->uid : e->st.uid,
		                    .gid = o->has_gid ? o->gid : e->st.gid,
		                    .mtime = time_of(o, e->st.mtime),
		                    .rdev = e->st.rdev,
		                    .number = (uint64_t)(e - o->list->entries.items) + 1 };
	if (e->type == DT_LNK)
		ret->mode = 0777;
	else if (o->plain_modes)
		ret->mode = e->type == DT_DIR || (e->st.mode & 0100) != 0 ? 0755 : 0644;
	ret->user = o->has_uid             ? o->uid_name
	            : o->user_name != NULL ? o->user_name(e->st.uid, o->user)
	                                   : NULL;
	ret->group = o->has_gid              ? o->gid_name
	             : o->group_name != NULL ? o->group_name(e->st.gid, o->user)
	                                     : NULL;
}

/* By what the open file says, not the list. */
static void take_stat(struct source_entry *e, const struct stat *st)
{
	e->st.mode = st->st_mode & 07777;
	e->st.uid = st->st_uid;
	e->st.gid = st->st_gid;
	e->st.mtime = st->st_mtim;
	e->st.size = (uint64_t)st->st_size;
}

static int put_whole(struct maker *m, struct source_entry *e, struct source_read *read)
{
	struct new_member n;
	int r;

	take_stat(e, &read->st);
	describe(m, e, &n);
	n.size = (uint64_t)read->st.st_size;
	n.xattrs = read->xattrs.len > 0 ? &read->xattrs : NULL;
	if (read->changed)
		(void)refuse(m, e, "changed while it was read", 0);
	m->made.bytes += n.size;
	r = member_writer_whole(m->opts->writer, &n, take(&read->bytes));
	return wrote(m, e, &n, r);
}

/* The pieces that are no holes. False: there are none. */
static bool find_extents(struct maker *m, int fd, uint64_t size)
{
	off_t at = 0;

	vec_clear(&m->extents);
	while ((uint64_t)at < size) {
		const off_t begin = lseek(fd, at, SEEK_DATA);
		off_t end;

		if (begin < 0 || (uint64_t)begin >= size) {
			if (begin < 0 && errno != ENXIO)
				return false;
			break;
		}
		end = lseek(fd, begin, SEEK_HOLE);
		if (end <= begin)
			return false;
		if ((uint64_t)end > size)
			end = (off_t)size;
		vec_push(&m->extents,
		         (struct member_extent){ (uint64_t)begin, (uint64_t)(end - begin) });
		at = end;
	}
	/* The end of the file is told by an empty piece, when a hole is there. */
	if ((uint64_t)at < size)
		vec_push(&m->extents, (struct member_extent){ size, 0 });
	return true;
}

/* `len` bytes from `offset`; what is missing becomes zeroes. 1: something was missing. */
static int put_range(struct maker *m, int fd, uint64_t offset, uint64_t len, const char *name)
{
	bool missing = false;

	while (len > 0) {
		const size_t want = len < PIECE ? (size_t)len : PIECE;
		ssize_t n = missing ? 0 : pread(fd, m->piece, want, (off_t)offset);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			missing = true;
			memset(m->piece, 0, want);
			n = (ssize_t)want;
		}
		r = member_writer_data(m->opts->writer, m->piece, (size_t)n);
		if (r < 0)
			return r;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
		m->made.bytes += (uint64_t)n;
		if (!m->opts->go_on(m->made.bytes, name, m->opts->user))
			return -ECANCELED;
	}
	return missing;
}

static int put_content(struct maker *m, int fd, const struct new_member *n)
{
	int missing = 0;

	if (n->extents == NULL)
		return put_range(m, fd, 0, n->size, n->path);
	for (size_t i = 0; i < n->n_extents && missing >= 0; i++) {
		int r = put_range(m, fd, n->extents[i].offset, n->extents[i].len, n->path);

		missing = r < 0 ? r : missing | r;
	}
	return missing;
}

/* A large file, or one that no thread has read: its header is written before its content. */
static int put_large(struct maker *m, struct source_entry *e, int fd, const struct stat *st)
{
	struct new_member n;
	struct stat after;
	int missing;
	int r;

	take_stat(e, st);
	describe(m, e, &n);
	n.size = (uint64_t)st->st_size;
	strbuf_clear(&m->xattrs);
	if (m->opts->xattrs)
		source_read_xattrs(fd, &m->xattrs);
	n.xattrs = m->xattrs.len > 0 ? &m->xattrs : NULL;
	if (m->opts->sparse && st->st_size > SPARSE_MIN && (uint64_t)st->st_blocks * 512 < n.size &&
	    find_extents(m, fd, n.size)) {
		n.extents = m->extents.items;
		n.n_extents = m->extents.len;
	}
	r = member_writer_begin(m->opts->writer, &n);
	if (r < 0)
		return wrote(m, e, &n, r);
	missing = put_content(m, fd, &n);
	if (missing < 0)
		return missing;
	r = member_writer_end(m->opts->writer);
	if (r < 0)
		return r;
	if (missing > 0)
		(void)refuse(m, e, "became shorter while it was read; the rest is zeroes", 0);
	else if (fstat(fd, &after) == 0 && source_has_changed(st, &after))
		(void)refuse(m, e, "changed while it was read", 0);
	else if (after.st_size > st->st_size)
		m->made.grew++;
	return wrote(m, e, &n, 0);
}

static int put_regular(struct maker *m, struct source_entry *e, struct source_read *read)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	/* With holes, it is written piece by piece; it was found out too late to spare the reading.
	 */
	if (read != NULL && read->bytes != NULL &&
	    !(m->opts->sparse && read->st.st_size > SPARSE_MIN &&
	      read->st.st_blocks * 512 < read->st.st_size))
		return put_whole(m, e, read);
	if (read != NULL && read->err != 0 && read->err != EFBIG)
		return leave_out(m, e, "read", read->err);
	fd = source_open_entry(m->opts->list, e, &m->here);
	if (fd < 0)
		return leave_out(m, e, "open", -fd);
	if (fstat(fd, &st) != 0)
		return leave_out(m, e, "access", errno);
	if (!S_ISREG(st.st_mode))
		return leave_out(m, e, "open", ESTALE);
	return put_large(m, e, fd, &st);
}

static int put_link(struct maker *m, struct source_entry *e, const struct source_entry *first)
{
	struct new_member n;
	int r;

	strbuf_clear(&m->hardlink);
	source_list_add_member(m->opts->list, first, &m->hardlink);
	describe(m, e, &n);
	n.hardlink = strbuf_str(&m->hardlink);
	r = member_writer_begin(m->opts->writer, &n);
	if (r == 0)
		r = member_writer_end(m->opts->writer);
	return wrote(m, e, &n, r);
}

static int put_other(struct maker *m, struct source_entry *e)
{
	struct new_member n;
	const char *name;
	int dirfd;
	int r;

	if (e->type == DT_SOCK)
		return refuse(m, e, "a socket cannot be stored; left out", 0);
	describe(m, e, &n);
	/* What is inside is stored, not this one. */
	if (n.path[0] == '\0' || (e->dir == SOURCE_NO_DIR && e->type == DT_DIR &&
	                          m->opts->list->roots.items[e->root].omit))
		return 0;
	if (e->type == DT_LNK) {
		strbuf_clear(&m->target);
		r = source_open_parent(m->opts->list, e, &m->here, &dirfd, &name);
		if (r == 0)
			r = link_target(dirfd, name, &m->target);
		if (r < 0)
			return leave_out(m, e, "read", -r);
		n.link = strbuf_str(&m->target);
	}
	r = member_writer_begin(m->opts->writer, &n);
	return wrote(m, e, &n, r);
}

static int put_entry(struct maker *m, size_t at, struct source_read *read)
{
	struct source_entry *e = &m->opts->list->entries.items[at];
	const struct source_entry *first = NULL;

	if (e->type != DT_REG)
		return put_other(m, e);
	if (m->opts->hard_links && e->link > 0)
		first = &m->opts->list->entries.items[e->link - 1];
	if (first != NULL && !first->failed)
		return put_link(m, e, first);
	return put_regular(m, e, first == NULL && is_small(m, e) ? read : NULL);
}

static int put_batch(struct maker *m)
{
	struct batch *b = &m->batches[m->first];
	int r = 0;

	crew_wait(m->opts->crew, &b->work);
	for (size_t i = b->from; i < b->to; i++) {
		struct source_read *read = &b->reads[i - b->from];

		if (r == 0)
			r = put_entry(m, i, read);
		if (r == 0 && !m->opts->go_on(m->made.bytes, strbuf_str(&m->path), m->opts->user))
			r = -ECANCELED;
		free(read->bytes);
		strbuf_release(&read->xattrs);
	}
	m->first = (m->first + 1) % m->n_batches;
	m->pending--;
	return r;
}

static void release(struct maker *m)
{
	for (unsigned i = 0; i < crew_threads(m->opts->crew); i++)
		source_place_release(&m->places[i]);
	source_place_release(&m->here);
	free(m->places);
	free(m->batches);
	free(m->piece);
	strbuf_release(&m->path);
	strbuf_release(&m->target);
	strbuf_release(&m->hardlink);
	strbuf_release(&m->xattrs);
	vec_release(&m->extents);
}

int archive_make(const struct archive_make_opts *opts, struct archive_made *ret)
{
	const unsigned threads = crew_threads(opts->crew);
	struct maker m = { .opts = opts, .here = { 0, -1 }, .piece = mem_alloc(PIECE) };
	int r = 0;

	m.n_batches = threads > 1 ? 2 * threads : 1;
	m.batches = mem_alloc_zeroed(m.n_batches * sizeof(*m.batches));
	m.places = mem_alloc_array(threads, sizeof(*m.places));
	for (unsigned i = 0; i < threads; i++)
		m.places[i] = (struct source_place){ 0, -1 };
	for (unsigned i = 0; i < m.n_batches; i++) {
		m.batches[i].maker = &m;
		m.batches[i].work.run = read_batch;
	}
	while (r == 0 && (m.next < opts->list->entries.len || m.pending > 0)) {
		while (m.pending < m.n_batches && m.next < opts->list->entries.len)
			start_batch(&m);
		r = put_batch(&m);
	}
	while (m.pending > 0) {
		struct batch *b = &m.batches[m.first];

		crew_wait(opts->crew, &b->work);
		for (unsigned i = 0; i < BATCH_ENTRIES; i++) {
			free(b->reads[i].bytes);
			strbuf_release(&b->reads[i].xattrs);
		}
		m.first = (m.first + 1) % m.n_batches;
		m.pending--;
	}
	*ret = m.made;
	release(&m);
	return r;
}
