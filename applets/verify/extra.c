/* SPDX-License-Identifier: MIT */
/* Files that no list names; and those of them that are a missing file under another name. */
#include "check.h"

#include "base/path.h"
#include "base/sig.h"

#include <dirent.h>
#include <errno.h>

struct scan {
	struct check *check;
	struct strbuf path; /* as the walk has it */
	struct strbuf name; /* as a list would have it */
	struct {
		VEC_FIELDS(char *);
	} extra; /* owned */
};

static bool is_list(const struct check *c, const struct walk_entry *e)
{
	struct stat st;

	if (walk_stat(e, &st) != 0)
		return false;
	for (size_t i = 0; i < c->lists.len; i++) {
		if (c->lists.items[i].dev == st.st_dev && c->lists.items[i].ino == st.st_ino)
			return true;
	}
	return false;
}

/* The entry's path below the directory of the check, normal, in s->name. */
static void spell(struct scan *s, const struct walk_entry *e)
{
	const char *dir = s->check->dir;
	size_t skip = 0;

	strbuf_clear(&s->path);
	strbuf_clear(&s->name);
	walk_add_path(e, &s->path);
	if (dir != NULL) {
		skip = strlen(dir);
		while (s->path.data[skip] == '/')
			skip++;
	}
	path_add_normal(&s->name, s->path.data + skip);
}

static enum walk_action visit(const struct walk_entry *e, void *user)
{
	struct scan *s = user;
	struct check *c = s->check;

	if (sig_stopped() || out_failed(c->run->ctx->out))
		return WALK_STOP;
	if (e->event == WALK_ERROR) {
		strbuf_clear(&s->path);
		walk_add_path(e, &s->path);
		(void)diag_partial(c->run->ctx->diag, e->err, e->verb, s->path.data);
		return WALK_CONTINUE;
	}
	if (e->event != WALK_ENTER || (e->type != DT_REG && !c->knows_types))
		return WALK_CONTINUE;
	spell(s, e);
	if (map_find(c->ignored, s->name.data, s->name.len) != NULL)
		return WALK_PRUNE;
	if (e->depth == 0 && e->type == DT_DIR)
		return WALK_CONTINUE;
	if (e->st != NULL && !filter_passes_stat(c->run->filter, e->type, e->st))
		return WALK_CONTINUE;
	if (map_find(c->names, s->name.data, s->name.len) == NULL && !is_list(c, e))
		vec_push(&s->extra, mem_strndup(s->name.data, s->name.len));
	return WALK_CONTINUE;
}

/* Where it is looked for: what the lists cover, else the directory. Owned strings. */
static char **make_roots(const struct check *c)
{
	size_t n = c->covers.len;
	char **roots = mem_alloc_array(n + 2, sizeof(roots[0]));

	for (size_t i = 0; i < n; i++) {
		struct strbuf path = { 0 };

		if (c->dir != NULL && strcmp(c->covers.items[i], ".") == 0)
			strbuf_add_str(&path, c->dir);
		else
			path_add_join(&path, c->dir != NULL ? c->dir : "", c->covers.items[i]);
		roots[i] = strbuf_detach(&path);
	}
	if (n == 0)
		roots[n++] = mem_strdup(c->dir != NULL ? c->dir : ".");
	roots[n] = NULL;
	return roots;
}

static void search(struct scan *s)
{
	struct verify_run *run = s->check->run;
	const struct walk_select select = filter_select(run->filter);
	const struct walk_opts opts = { .order = WALK_SORTED,
		                        .follow = WALK_FOLLOW_ROOTS,
		                        .one_file_system = run->opts->one_file_system,
		                        .stat = filter_needs_stat(run->filter),
		                        .max_depth = WALK_DEPTH_ANY,
		                        .threads = (unsigned)run->opts->jobs,
		                        .select = &select };
	char **roots = make_roots(s->check);
	int r = walk(roots, &opts, visit, s, NULL);

	if (r < 0)
		(void)diag_fail(run->ctx->diag, -r, "search", roots[0]);
	for (size_t i = 0; roots[i] != NULL; i++)
		free(roots[i]);
	free(roots);
}

static void report(struct check *c, enum verify_status status, const char *path, const char *other)
{
	const struct verify_item item = { .status = status, .path = path, .other = other };

	if (status == VERIFY_EXTRA)
		check_print(c, path, "EXTRA", NULL);
	else if (status == VERIFY_MOVED)
		check_print(c, path, "MOVED to", other);
	else
		check_print(c, path, "FAILED open or read", NULL);
	verify_report(c->run, &item);
}

/* Is it one of the missing files? */
static bool is_moved(struct check *c, const char *name)
{
	struct hash_file_result result;
	AUTO_CLOSE int fd = verify_open(&c->place, name);
	bool is_hashed[HASH_ALGOS] = { false };
	unsigned char digests[HASH_ALGOS][HASH_SIZE_MAX];

	if (fd < 0)
		return false;
	for (size_t i = 0; i < c->missing.len && !sig_stopped(); i++) {
		struct missing *m = &c->missing.items[i];

		if (m->is_found)
			continue;
		if (!is_hashed[m->algo]) {
			if (verify_hash(c->run, fd, m->algo, &result) < 0)
				return false;
			memcpy(digests[m->algo], result.digest, result.digest_size);
			is_hashed[m->algo] = true;
		}
		if (memcmp(digests[m->algo], m->digest, hash_size(m->algo)) == 0) {
			m->is_found = true;
			report(c, VERIFY_MOVED, m->name, name);
			return true;
		}
	}
	return false;
}

static void tell(struct scan *s, bool tells_extra)
{
	struct check *c = s->check;

	for (size_t i = 0; i < s->extra.len && !sig_stopped(); i++) {
		if (c->missing.len > 0 && is_moved(c, s->extra.items[i]))
			continue;
		if (tells_extra)
			report(c, VERIFY_EXTRA, s->extra.items[i], NULL);
	}
	for (size_t i = 0; i < c->missing.len && !sig_stopped(); i++) {
		if (c->missing.items[i].is_found)
			continue;
		diag_warn(c->run->ctx->diag, c->missing.items[i].name, "%s", verify_why(ENOENT));
		c->read_failures++;
		report(c, VERIFY_MISSING, c->missing.items[i].name, NULL);
	}
}

void check_extra(struct check *c)
{
	const int extra = c->run->opts->extra;
	struct scan s = { .check = c };
	bool tells_extra = extra != EXTRA_IGNORE &&
	                   (extra != EXTRA_AUTO || c->covers.len > 0 || c->dir != NULL);

	c->run->extra_is_error = extra == EXTRA_ERROR || (extra == EXTRA_AUTO && c->covers.len > 0);
	if ((!tells_extra && c->missing.len == 0) || c->is_without_data)
		return;
	search(&s);
	tell(&s, tells_extra);
	for (size_t i = 0; i < s.extra.len; i++)
		free(s.extra.items[i]);
	vec_release(&s.extra);
	strbuf_release(&s.path);
	strbuf_release(&s.name);
}
