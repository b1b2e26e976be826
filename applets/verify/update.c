/* SPDX-License-Identifier: MIT */
/*
 * --create=LIST --update: what LIST says stays as it is, and files that it does not name are
 * added. What was hashed so far is kept when a signal ends the run, and is brought under LIST's
 * name from time to time, so that a long run can be taken up again after a power failure, too.
 */
#include "create.h"

#include "base/fdio.h"
#include "base/path.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>

/* What it costs to hash again must be worth writing the whole list again. */
enum { BYTES_BETWEEN = 1 << 30, LISTS_BETWEEN = 16 };

static void remember(struct create *c, const char *name)
{
	strbuf_clear(&c->path);
	path_add_normal(&c->path, name);
	(void)map_add(c->listed, c->path.data, c->path.len, NULL);
}

/* What reads the lines of LIST, one or the other. */
struct old_list {
	struct checklist sums;
	struct checklist_entry sum;
	struct mtree *mtree;
	struct mtree_entry entry;
};

/* False: it is no line of such a list. */
static bool take_line(struct create *c, struct old_list *old, const char *line, size_t len)
{
	/* Comments are ours, whatever the list is. */
	if (old->mtree == NULL || (len > 0 && line[0] == '#')) {
		const enum checklist_kind kind = checklist_parse(&old->sums, line, len, &old->sum);

		if (kind == CHECKLIST_ENTRY)
			remember(c, strbuf_str(&old->sum.name));
		else if (kind == CHECKLIST_COVERS)
			vec_push(&c->covered, mem_strdup(strbuf_str(&old->sum.name)));
		return kind != CHECKLIST_BAD;
	}
	switch (mtree_parse(old->mtree, line, len, &old->entry)) {
	case MTREE_ENTRY:
		remember(c, strbuf_str(&old->entry.name));
		return true;
	case MTREE_BAD:
		return false;
	case MTREE_NOTHING:
	default:
		return true;
	}
}

static int read_names(struct create *c, struct lines *lines, struct old_list *old)
{
	const char *path = c->run->opts->create;
	struct diag *d = c->run->ctx->diag;
	uint64_t number = 0;
	bool is_good = true;
	const char *line;
	size_t len;
	int n = 0;

	while (is_good && !sig_stopped() && (n = lines_next(lines, &line, &len)) > 0) {
		number++;
		is_good = take_line(c, old, line, len);
	}
	/* A line of mtree's that was to go on comes out at the end. */
	if (is_good && n == 0 && old->mtree != NULL)
		is_good = take_line(c, old, "", 0);
	if (!is_good)
		return diag_fail_text(d, path,
		                      "line %llu is none of a list of %s in this format: it cannot "
		                      "be updated",
		                      (unsigned long long)number, hash_name(c->algo));
	return n < 0 ? diag_fail(d, -n, "read", path) : 0;
}

int create_read_old(struct create *c)
{
	const struct verify_opts *opts = c->run->opts;
	struct lines lines = { .fd = open(opts->create, O_RDONLY | O_CLOEXEC),
		               .end = opts->out.zero ? '\0' : '\n' };
	struct old_list old = {
		.sums = { .has_algo = true, .algo = c->algo, .raw = opts->out.zero },
	};
	struct stat st;
	int status;

	c->listed = map_new();
	if (lines.fd < 0 && errno == ENOENT)
		return 0;
	if (lines.fd < 0 || fstat(lines.fd, &st) != 0)
		return diag_fail(c->run->ctx->diag, errno, "open", opts->create);
	if (!S_ISREG(st.st_mode)) {
		lines_release(&lines);
		return diag_fail_text(c->run->ctx->diag, opts->create,
		                      "is not a regular file: it cannot be updated");
	}
	if (opts->format == FORMAT_MTREE) {
		old.mtree = mtree_new();
		mtree_demand(old.mtree, c->algo);
	}
	status = read_names(c, &lines, &old);
	c->has_old = status == 0 && st.st_size > 0;
	strbuf_release(&old.sum.name);
	mtree_entry_release(&old.entry);
	(void)mtree_free(old.mtree);
	lines_release(&lines);
	return status;
}

bool create_is_listed(struct create *c, const char *name)
{
	if (c->listed == NULL)
		return false;
	strbuf_clear(&c->path);
	path_add_normal(&c->path, name);
	return map_find(c->listed, c->path.data, c->path.len) != NULL;
}

bool create_is_covered(const struct create *c, const char *dir)
{
	for (size_t i = 0; i < c->covered.len; i++)
		if (strcmp(c->covered.items[i], dir) == 0)
			return true;
	return false;
}

/* A list that somebody else wrote may lack its last end of line. */
static int end_line(const struct create *c, int from, off_t size)
{
	const char end = c->run->opts->out.zero ? '\0' : '\n';
	char last = end;

	if (size > 0 && pread(from, &last, 1, size - 1) != 1)
		return -EIO;
	return last == end ? 0 : fdio_write_all(c->fd, &end, 1);
}

int create_copy_old(struct create *c)
{
	AUTO_CLOSE int from = open(c->run->opts->create, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (from < 0 || fstat(from, &st) != 0)
		return -errno;
	for (off_t at = 0; at < st.st_size;) {
		const ssize_t n = sendfile(c->fd, from, &at, (size_t)(st.st_size - at));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -ESTALE;
	}
	c->old_size = (uint64_t)st.st_size;
	return end_line(c, from, st.st_size);
}

/* The list as it is gets its name, and goes on in a new file. */
static int commit(struct create *c)
{
	int r;

	create_flush(c);
	if (c->err != 0)
		return c->err;
	r = replace_commit(&c->replace);
	if (r == 0)
		r = replace_begin(c->run->opts->create, &c->replace);
	c->fd = r == 0 ? c->replace.fd : -1;
	c->is_begun = r == 0;
	return r == 0 ? create_copy_old(c) : r;
}

void create_checkpoint(struct create *c, uint64_t hashed)
{
	if (c->listed == NULL)
		return;
	c->hashed += hashed;
	if (c->hashed < BYTES_BETWEEN || c->hashed / LISTS_BETWEEN < c->old_size)
		return;
	c->hashed = 0;
	c->err = commit(c);
}
