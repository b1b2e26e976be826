/* SPDX-License-Identifier: MIT */
/*
 * One tree. First, where there is enough of it, the directories near its top are emptied by
 * several threads, silently; then one thread goes through what is left, and what it cannot
 * remove is what is told.
 */
#include "remove.h"

#include "base/pool.h"
#include "base/sig.h"
#include "fs/dir_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

enum { UNITS_ENOUGH = 64, LEVELS_MAX = 4 };

/* A directory for one thread. */
struct unit {
	struct pool_job job;
	struct held_dir *parent;
	char *name; /* owned */
	char *path; /* owned; of the parent, for messages */
};

struct units {
	VEC_FIELDS(struct unit *);
};

static void item(const char *path, unsigned char type, void *user)
{
	struct removal *r = user;
	uint64_t n = atomic_fetch_add_explicit(&r->removed, 1, memory_order_relaxed);

	progress_tick(r->progress, n + 1, 0, NULL);
	if (r->opts->verbose || r->opts->dry_run || out_wants_records(r->ctx->out))
		tell(r, path, type, r->opts->dry_run ? "planned" : "removed");
}

static void on_trouble(const char *path, const char *verb, int err, void *user)
{
	trouble(user, path, verb, err);
}

static bool is_stopped(void *user)
{
	const struct removal *r = user;

	return sig_stopped() || out_failed(r->ctx->out);
}

static void run_unit(struct pool_job *job, unsigned worker, void *user)
{
	struct unit *u = (struct unit *)(void *)job;
	struct removal *r = user;
	struct tree_remove how = { .item = item, .stopped = is_stopped, .user = r };
	struct tree_removed ignored = { 0 };
	struct strbuf path = { 0 };
	struct tree_victim victim = { .dir = u->parent,
		                      .name = u->name,
		                      .len = strlen(u->name),
		                      .type = DT_DIR,
		                      .path = &path };

	(void)worker;
	strbuf_add_format(&path, "%s/%s", u->path, u->name);
	tree_remove(&how, &victim, &ignored);
	strbuf_release(&path);
}

static void free_unit(struct unit *u)
{
	u->parent = held_dir_free(u->parent);
	free(u->name);
	free(u->path);
	free(u);
}

/*
 * Adds the directories in `dir` as units; a directory that cannot be read has none, nor has one on
 * another file system, which nobody here may empty.
 */
static void split(struct held_dir *dir, const char *path, struct units *ret)
{
	struct dir_list list = { 0 };
	int fd;

	if (held_dir_get(dir, &fd) < 0)
		return;
	if (held_dir_stat(dir)->st_dev == held_dir_stat(held_dir_parent(dir))->st_dev)
		ignore(dir_list_read(&list, fd));
	held_dir_put(dir);
	for (size_t i = 0; i < list.len; i++) {
		struct unit *u;

		if (list.items[i].type != DT_DIR)
			continue;
		u = mem_alloc_zeroed(sizeof(*u));
		u->parent = held_dir_ref(dir);
		u->name = mem_strndup(list.items[i].name, list.items[i].len);
		u->path = mem_strdup(path);
		vec_push(ret, u);
	}
	dir_list_release(&list);
}

/* A level further down; what has no directories in it is left for the end. */
static void deepen(struct units *units)
{
	struct units deeper = { 0 };

	for (size_t i = 0; i < units->len; i++) {
		struct unit *u = units->items[i];
		AUTO_FREE(held_dir)
		struct held_dir *dir = held_dir_child(u->parent, u->name, strlen(u->name));
		AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
		size_t before = deeper.len;

		strbuf_add_format(&path, "%s/%s", u->path, u->name);
		split(dir, strbuf_str(&path), &deeper);
		if (deeper.len == before)
			vec_push(&deeper, u);
		else
			free_unit(u);
	}
	vec_release(units);
	*units = deeper;
}

static void empty_in_parallel(struct removal *r, struct held_dir *top, const char *path,
                              unsigned threads)
{
	struct units units = { 0 };
	struct pool_list list = { 0 };
	size_t before = 0;

	split(top, path, &units);
	for (int level = 1; level < LEVELS_MAX && units.len < UNITS_ENOUGH && units.len > before;
	     level++) {
		before = units.len;
		deepen(&units);
	}
	if (units.len > 1) {
		struct pool *pool = pool_new(threads, threads, run_unit, r);

		for (size_t i = 0; i < units.len; i++)
			pool_list_add(&list, &units.items[i]->job);
		pool_add(pool, &list);
		pool_drain(pool);
		(void)pool_free(pool);
	}
	for (size_t i = 0; i < units.len; i++)
		free_unit(units.items[i]);
	vec_release(&units);
}

/* The directory that holds it, for the module. */
static int hold_parent(struct held_dirs *dirs, const struct victim *v, struct held_dir **ret)
{
	int fd = fcntl(v->at.dirfd, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : held_dir_root(dirs, fd, ret);
}

void remove_tree(struct removal *r, const struct victim *v, const char *name)
{
	AUTO_FREE(held_dirs) struct held_dirs *dirs = held_dirs_new(0);
	AUTO_FREE(held_dir) struct held_dir *parent = NULL;
	AUTO_FREE(held_dir) struct held_dir *top = NULL;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct tree_remove how = { .dry = r->opts->dry_run,
		                   .filter = r->filters ? r->filter : NULL,
		                   .item = item,
		                   .trouble = on_trouble,
		                   .stopped = is_stopped,
		                   .user = r };
	struct tree_removed removed = { 0 };
	struct tree_victim victim = {
		.name = name, .len = strlen(name), .type = DT_DIR, .path = &path
	};
	unsigned threads = r->opts->jobs > 0 ? (unsigned)r->opts->jobs : pool_cpus();
	int err = hold_parent(dirs, v, &parent);

	if (err < 0) {
		trouble(r, v->path, "open the directory of", -err);
		return;
	}
	strbuf_add_str(&path, v->path);
	if (!r->filters && !r->opts->dry_run && threads > 1) {
		top = held_dir_child(parent, name, strlen(name));
		empty_in_parallel(r, top, v->path, threads);
	}
	victim.dir = parent;
	tree_remove(&how, &victim, &removed);
	atomic_fetch_add(&r->kept, removed.kept);
}

struct counter {
	uint64_t n, max;
};

static void count_item(const char *path, unsigned char type, void *user)
{
	struct counter *c = user;

	(void)path;
	(void)type;
	c->n++;
}

static bool has_enough(void *user)
{
	const struct counter *c = user;

	return c->n > c->max || sig_stopped();
}

uint64_t count_tree(struct removal *r, const struct victim *v, uint64_t max)
{
	AUTO_FREE(held_dirs) struct held_dirs *dirs = held_dirs_new(0);
	AUTO_FREE(held_dir) struct held_dir *parent = NULL;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct counter c = { .max = max };
	struct tree_remove how = { .dry = true,
		                   .filter = r->filters ? r->filter : NULL,
		                   .item = count_item,
		                   .stopped = has_enough,
		                   .user = &c };
	struct tree_removed ignored = { 0 };
	struct tree_victim victim = {
		.name = v->at.name, .len = strlen(v->at.name), .type = DT_DIR, .path = &path
	};

	if (hold_parent(dirs, v, &parent) < 0)
		return 0;
	victim.dir = parent;
	tree_remove(&how, &victim, &ignored);
	return c.n;
}
