/* SPDX-License-Identifier: MIT */
/*
 * What the walk finds. Without an order each thread prints its own; otherwise each thread
 * keeps its own, and all is sorted in the end.
 */
#include "glob.h"

#include "base/clock.h"
#include "base/sig.h"
#include "fs/link_target.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
	LINES_MAX = 16 * 1024,       /* bytes a thread keeps before it writes */
	HOLD_NS = 100 * 1000 * 1000, /* how long it keeps them */
	NAMES_CHUNK = 256 * 1024,
};

/* Texts that stay where they are. */
struct chunk {
	struct chunk *older;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

/* Of one thread of the walk. */
struct worker {
	_Alignas(64) struct strbuf path;
	struct strbuf target;
	struct strbuf lines;
	int64_t written; /* when lines went out last */
	struct chunk *chunk;
	struct glob_items items;
};

struct glob_found {
	struct glob_run *run;
	struct worker *workers;
	pthread_mutex_t lock; /* a limited number of results */
	atomic_uint_fast64_t n;
	uint64_t given; /* under lock: results that went out */
	bool is_full;   /* under lock */
};

static void *keep(struct worker *w, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	char *at;

	size = (size + align - 1) / align * align;
	if (w->chunk == NULL || w->chunk->size - w->chunk->used < size) {
		size_t room = size > NAMES_CHUNK ? size : NAMES_CHUNK;
		struct chunk *chunk = mem_alloc(sizeof(*chunk) + room);

		*chunk = (struct chunk){ .older = w->chunk, .size = room };
		w->chunk = chunk;
	}
	at = w->chunk->bytes + w->chunk->used;
	w->chunk->used += size;
	return at;
}

static void fill_meta(struct glob_meta *ret, const struct stat *st)
{
	*ret = (struct glob_meta){ .size = (uint64_t)st->st_size,
		                   .ino = st->st_ino,
		                   .dev = st->st_dev,
		                   .nlink = (int64_t)st->st_nlink,
		                   .mtime = st->st_mtim,
		                   .ctime = st->st_ctim,
		                   .mode = st->st_mode,
		                   .uid = st->st_uid,
		                   .gid = st->st_gid,
		                   .rdev = st->st_rdev };
}

/* ---- at once ---- */

static void write_lines(struct glob_run *run, struct worker *w)
{
	out_text(run->ctx->out, w->lines.data, w->lines.len);
	strbuf_clear(&w->lines);
	w->written = clock_now();
}

/* Takes one of the results that are wanted. False: there are enough. */
static bool take_turn(struct glob_found *f)
{
	const int64_t max = f->run->opts->max_results;

	if (f->is_full)
		return false;
	f->given++;
	f->is_full = (max > 0 && f->given >= (uint64_t)max) || f->run->opts->quiet;
	return true;
}

/* The rare case that results wait for each other: their number is limited. */
static bool give_in_turn(struct glob_found *f, struct worker *w, const struct glob_item *item)
{
	bool more;

	(void)pthread_mutex_lock(&f->lock);
	more = take_turn(f);
	if (more) {
		atomic_fetch_add_explicit(&f->n, 1, memory_order_relaxed);
		more = glob_give(f->run, item, &w->lines);
		write_lines(f->run, w);
		more = more && !f->is_full;
		f->is_full = f->is_full || !more;
	}
	(void)pthread_mutex_unlock(&f->lock);
	return more;
}

static bool give_at_once(struct glob_found *f, struct worker *w, const struct glob_item *item)
{
	struct glob_run *run = f->run;

	if (run->opts->max_results > 0 || run->opts->quiet)
		return give_in_turn(f, w, item);
	atomic_fetch_add_explicit(&f->n, 1, memory_order_relaxed);
	if (!glob_give(run, item, &w->lines))
		return false;
	if (w->lines.len >= LINES_MAX || (w->lines.len > 0 && out_quotes(run->ctx->out)) ||
	    clock_now() - w->written > HOLD_NS) {
		write_lines(run, w);
		out_flush(run->ctx->out);
	}
	return !out_failed(run->ctx->out);
}

/* ---- in order ---- */

/* The path in w->path, absolute if asked for. */
static void spell(const struct glob_run *run, struct worker *w, const struct glob_match *m)
{
	strbuf_clear(&w->path);
	glob_match_add_path(m, &w->path);
	if (run->prefix.len == 0 || w->path.data[0] == '/')
		return;
	strbuf_clear(&w->path);
	strbuf_add(&w->path, run->prefix.data, run->prefix.len);
	glob_match_add_path(m, &w->path);
}

/* All there is in memory that lasts. */
static void keep_item(struct worker *w, struct glob_item item)
{
	item.path = memcpy(keep(w, item.len + 1), item.path, item.len + 1);
	if (item.meta != NULL)
		item.meta = memcpy(keep(w, sizeof(*item.meta)), item.meta, sizeof(*item.meta));
	if (item.target != NULL)
		item.target = memcpy(keep(w, w->target.len + 1), item.target, w->target.len + 1);
	vec_push(&w->items, item);
}

static bool is_found(const struct glob_match *m, void *user)
{
	struct glob_found *f = user;
	struct glob_run *run = f->run;
	struct worker *w = &f->workers[m->worker];
	struct glob_item item = { .depth = m->depth, .pattern = m->pattern, .type = m->type };
	struct glob_meta meta;
	struct stat st;
	bool has_meta;

	if (!glob_select_wants(run, m, &st, &has_meta))
		return true;
	if (!run->sorts && run->opts->count && run->opts->max_results == 0) {
		/* The path is of no interest. */
		atomic_fetch_add_explicit(&f->n, 1, memory_order_relaxed);
		return true;
	}
	spell(run, w, m);
	item.path = w->path.data;
	item.len = w->path.len;
	if (has_meta && run->wants_meta) {
		fill_meta(&meta, &st);
		item.meta = &meta;
	}
	strbuf_clear(&w->target);
	if (run->wants_target && m->type == DT_LNK &&
	    link_target(m->dirfd, m->name, &w->target) == 0)
		item.target = strbuf_str(&w->target);
	if (!run->sorts)
		return give_at_once(f, w, &item);
	keep_item(w, item);
	return true;
}

/* The items of all threads in one list. */
static struct glob_items gather(struct glob_found *f, unsigned n_workers)
{
	struct glob_items all = { 0 };
	size_t n = 0;

	for (unsigned i = 0; i < n_workers; i++)
		n += f->workers[i].items.len;
	all.items = mem_alloc_array(n + 1, sizeof(all.items[0]));
	all.cap = n + 1;
	for (unsigned i = 0; i < n_workers; i++) {
		struct glob_items *part = &f->workers[i].items;

		if (part->len > 0)
			memcpy(all.items + all.len, part->items,
			       part->len * sizeof(part->items[0]));
		all.len += part->len;
		vec_release(part);
	}
	return all;
}

static void give_in_order(struct glob_found *f, struct glob_items *all)
{
	struct glob_run *run = f->run;
	const struct glob_opts *opts = run->opts;
	struct worker *w = &f->workers[0];

	if (opts->keep > 0) {
		/* The newest are last, of equal age the one whose name is. */
		glob_sort(all, opts->time == GLOB_CTIME ? GLOB_SORT_CTIME : GLOB_SORT_MTIME, false);
		all->len -= all->len < (uint64_t)opts->keep ? all->len : (size_t)opts->keep;
	}
	/* A stop ends the commands in good order; dispatch passes it on. */
	if (run->exec != NULL)
		sig_install();
	if (opts->by_name) {
		atomic_store(&f->n, glob_print_by_name(run, all->items, all->len));
		return;
	}
	glob_sort(all, (enum glob_sort)opts->sort, opts->reverse);
	if (opts->max_results > 0 && all->len > (uint64_t)opts->max_results)
		all->len = (size_t)opts->max_results;
	atomic_store(&f->n, all->len);
	for (size_t i = 0; i < all->len && !out_failed(run->ctx->out); i++) {
		if (!glob_give(run, &all->items[i], &w->lines))
			break;
		if (w->lines.len >= LINES_MAX)
			write_lines(run, w);
	}
}

/* ---- the search ---- */

static void failed(const char *verb, const char *path, int err, void *user)
{
	struct glob_found *f = user;

	(void)diag_fail(f->run->ctx->diag, err, verb, path);
}

static struct glob_walk_opts walk_opts_of(const struct glob_run *run)
{
	const struct glob_opts *opts = run->opts;
	int64_t min = opts->exact_depth > 0 ? opts->exact_depth : opts->min_depth;
	int64_t max = opts->exact_depth > 0 ? opts->exact_depth : opts->max_depth;

	return (struct glob_walk_opts){ .paths = &run->paths,
		                        .filter = run->filter,
		                        .follow = opts->follow,
		                        .one_file_system = opts->one_file_system,
		                        .min_depth = (unsigned)min,
		                        .max_depth = max > 0 ? (unsigned)max : WALK_DEPTH_ANY };
}

static void release_worker(struct worker *w)
{
	strbuf_release(&w->path);
	strbuf_release(&w->target);
	strbuf_release(&w->lines);
	vec_release(&w->items);
	while (w->chunk != NULL) {
		struct chunk *older = w->chunk->older;

		free(w->chunk);
		w->chunk = older;
	}
}

uint64_t glob_search(struct glob_run *run)
{
	struct glob_walk_opts opts = walk_opts_of(run);
	struct glob_found f = { .run = run };
	struct glob_walk_hooks hooks = { .found = is_found, .failed = failed, .user = &f };
	unsigned n_workers = glob_walk_workers(&opts);
	int64_t now = clock_now();
	uint64_t n;
	int r;

	opts.workers = n_workers;
	f.workers = aligned_alloc(_Alignof(struct worker), n_workers * sizeof(struct worker));
	if (f.workers == NULL)
		mem_exhausted();
	memset(f.workers, 0, n_workers * sizeof(struct worker));
	for (unsigned i = 0; i < n_workers; i++)
		f.workers[i].written = now;
	(void)pthread_mutex_init(&f.lock, NULL);
	r = glob_walk(&opts, &hooks);
	if (r < 0)
		(void)diag_fail(run->ctx->diag, -r, "search", ".");
	if (run->sorts) {
		struct glob_items all = gather(&f, n_workers);

		give_in_order(&f, &all);
		vec_release(&all);
	}
	for (unsigned i = 0; i < n_workers; i++) {
		write_lines(run, &f.workers[i]);
		release_worker(&f.workers[i]);
	}
	(void)pthread_mutex_destroy(&f.lock);
	free(f.workers);
	n = atomic_load(&f.n);
	return n;
}
