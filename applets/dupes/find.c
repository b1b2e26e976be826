/* SPDX-License-Identifier: MIT */
/* The scan and the search, with messages, progress and the cache. */
#include "dupes.h"

#include "base/clock.h"
#include "base/sig.h"
#include "fs/same_cache.h"

#include <errno.h>
#include <sys/stat.h>

/* The status line makes room for a message. */
static void make_room(struct dupes_run *run)
{
	if (run->progress != NULL)
		progress_clear(run->progress);
}

void dupes_trouble(struct dupes_run *run, const char *verb, int err, const char *path)
{
	make_room(run);
	atomic_fetch_add(&run->errors, 1);
	if (run->answers)
		(void)diag_fail(run->ctx->diag, err, verb, path);
	else
		(void)diag_partial(run->ctx->diag, err, verb, path);
}

/* An operand that cannot be used is worse than a file that could not be read. */
static bool is_root(const struct dupes_run *run, const char *path)
{
	for (size_t i = 0; i < run->roots_len; i++)
		if (strcmp(run->roots[i], path) == 0)
			return true;
	return false;
}

static void on_scan_trouble(const struct file_scan_trouble *t, void *user)
{
	struct dupes_run *run = user;

	if (t->verb != NULL && !is_root(run, t->path)) {
		dupes_trouble(run, t->verb, t->err, t->path);
		return;
	}
	make_room(run);
	atomic_fetch_add(&run->errors, 1);
	if (t->verb != NULL)
		(void)diag_fail(run->ctx->diag, t->err, t->verb, t->path);
	else
		(void)diag_fail_text(run->ctx->diag, t->path, "%s", t->text);
}

static bool on_scan_tick(uint64_t entries, void *user)
{
	(void)entries;
	(void)user;
	return !sig_stopped();
}

/* What a killed --symlink left: a link beside the file, by the name of a temporary one. */
static void on_link(const char *path, const char *name, void *user)
{
	struct dupes_run *run = user;

	if (!same_is_leftover(name))
		return;
	(void)pthread_mutex_lock(&run->lock);
	vec_push(&run->stale, mem_strdup(path));
	(void)pthread_mutex_unlock(&run->lock);
}

static void on_other(const struct file_scan_other *other, void *user)
{
	struct dupes_run *run = user;

	same_dirs_met(other, run->dirs);
}

static void begin_progress(struct dupes_run *run)
{
	const struct progress_opts opts = {
		.when = run->opts->quiet ? PROGRESS_NEVER : (enum progress_when)run->opts->progress,
		.fd = STDERR_FILENO,
		.program = run->ctx->applet->name,
	};

	run->progress = progress_new(&opts);
}

int dupes_scan(struct dupes_run *run)
{
	const struct dupes_opts *o = run->opts;
	const struct file_scan_opts opts = {
		.filter = run->filter,
		.follow = o->follow,
		.one_file_system = o->one_file_system,
		.no_hidden = o->no_hidden,
		.max_depth = o->no_recurse       ? 1
		             : o->max_depth >= 0 ? (unsigned)o->max_depth
		                                 : WALK_DEPTH_ANY,
		.threads = (unsigned)o->jobs,
		.trouble = on_scan_trouble,
		.link = run->action != DUPE_NONE ? on_link : NULL,
		.other = o->dirs ? on_other : NULL,
		.tick = on_scan_tick,
		.user = run,
	};
	struct file_scan_result result;
	int r;

	if (o->dirs)
		run->dirs = same_dirs_new();
	begin_progress(run);
	run->began = clock_wall();
	r = file_scan(run->roots, &opts, &result);
	if (r < 0)
		return diag_fail(run->ctx->diag, -r, "walk", run->roots[0]);
	run->list = result.list;
	run->scanned_files = file_list_len(result.list);
	run->scanned_bytes = result.bytes;
	run->vanished += result.vanished;
	filter_cli_finish(run->ctx->diag, run->filter);
	return 0;
}

static void on_search_trouble(const struct same_trouble *t, void *user)
{
	struct dupes_run *run = user;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	file_list_add_path(run->list, t->file, &path);
	if (t->err != ESTALE) {
		dupes_trouble(run, t->verb, t->err, strbuf_str(&path));
		return;
	}
	make_room(run);
	atomic_fetch_add(&run->errors, 1);
	if (run->answers)
		(void)diag_fail_text(run->ctx->diag, strbuf_str(&path),
		                     "changed while it was looked at");
	else
		(void)diag_partial_text(run->ctx->diag, strbuf_str(&path),
		                        "changed while it was looked at");
}

static bool on_search_tick(uint64_t bytes, void *user)
{
	struct dupes_run *run = user;
	uint64_t done = atomic_fetch_add_explicit(&run->done_bytes, bytes, memory_order_relaxed);

	/* Small files come by the thousand: now and then is enough for them. */
	if (bytes >= 1 << 16 || done >> 20 != (done + bytes) >> 20)
		progress_tick(run->progress, done + bytes, 0, NULL);
	return !sig_stopped();
}

/* Where --cache without a name is; the directory is made. False: there is no such place. */
static bool usual_cache(struct strbuf *ret)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (cache != NULL && cache[0] == '/') {
		strbuf_add_str(ret, cache);
	} else {
		if (home == NULL || home[0] != '/')
			return false;
		strbuf_add_format(ret, "%s/.cache", home);
	}
	(void)mkdir(strbuf_str(ret), 0700);
	strbuf_add_str(ret, "/dutybox");
	(void)mkdir(strbuf_str(ret), 0700);
	strbuf_add_str(ret, "/dupes");
	return true;
}

/* A cache that cannot be used makes the search slow, not wrong. */
static struct same_cache *open_cache(struct dupes_run *run, enum hash_algo algo)
{
	AUTO_RELEASE_STRBUF struct strbuf usual = { 0 };
	const char *path = run->opts->cache;
	struct same_cache *cache = NULL;
	const char *reason = NULL;
	int r;

	if (path == NULL || run->opts->no_cache || run->opts->paranoid)
		return NULL;
	if (path[0] == '\0') {
		if (!usual_cache(&usual)) {
			diag_warn(run->ctx->diag, NULL,
			          "no cache: neither XDG_CACHE_HOME nor HOME is set");
			return NULL;
		}
		path = strbuf_str(&usual);
	}
	r = same_cache_open(path, algo, &cache, &reason);
	if (r < 0)
		(void)diag_partial(run->ctx->diag, -r, "read the cache", path);
	else if (reason != NULL)
		diag_warn(run->ctx->diag, path, "the cache is made anew: %s", reason);
	return cache;
}

static void close_cache(struct dupes_run *run, struct same_cache *cache)
{
	int r;

	if (cache == NULL)
		return;
	r = same_cache_save(cache);
	if (r < 0)
		(void)diag_partial(run->ctx->diag, -r, "write the cache",
		                   run->opts->cache[0] != '\0' ? run->opts->cache
		                                               : "dutybox/dupes");
	same_cache_free(cache);
}

static void find_dirs(struct dupes_run *run, const struct same_opts *search)
{
	const struct same_dirs_opts opts = {
		.search = search,
		.keep = &run->keep,
		.min_size = run->min_size,
		.max_size = run->max_size,
	};

	same_dirs_find(run->dirs, run->list, &opts, &run->result);
}

int dupes_search(struct dupes_run *run, bool first_only)
{
	const struct dupes_opts *o = run->opts;
	enum hash_algo algo = o->hash != DUPES_NO_HASH ? (enum hash_algo)o->hash : HASH_BLAKE2B;
	bool group_rules = o->isolate || o->ref_only;
	struct same_opts opts = {
		.by = run->by,
		.ignore_case = o->ignore_case,
		.algo = algo,
		.count_links = o->count_links,
		.first_only = first_only && !group_rules,
		.threads = (unsigned)o->jobs,
		.sys = "/sys",
		.trouble = on_search_trouble,
		.tick = on_search_tick,
		.user = run,
	};

	if (sig_stopped())
		return EXIT_FAIL;
	opts.cache = open_cache(run, algo);
	opts.hashed = !o->paranoid && (o->hash != DUPES_NO_HASH || opts.cache != NULL ||
	                               o->format == DUPES_FCLONES);
	run->hashed = opts.hashed;
	if (o->dirs)
		find_dirs(run, &opts);
	else
		same_find(run->list, &opts, &run->result);
	close_cache(run, opts.cache);
	run->progress = progress_free(run->progress);
	run->vanished += run->result.vanished;
	if (sig_stopped()) {
		/* Groups that were not put in order are none to be told or counted. */
		run->result.groups.len = 0;
		return EXIT_FAIL;
	}
	if (!o->dirs)
		same_arrange(run->list, &run->result, &run->keep);
	if (run->vanished != 0 && !o->quiet)
		diag_warn(run->ctx->diag, NULL, "%llu files went away meanwhile",
		          (unsigned long long)run->vanished);
	return 0;
}
