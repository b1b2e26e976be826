/* SPDX-License-Identifier: MIT */
/* A sink in front of the real one: the status line of a long scan, and its end by a signal. */
#include "disk_usage.h"

#include "base/sig.h"
#include "cli/progress.h"
#include "cli/term.h"

#include <stdatomic.h>

struct du_watch {
	const struct usage_sink *inner;
	struct usage_sink sink;
	struct progress *progress;
	atomic_uint_fast64_t entries;
	bool shares_terminal; /* lines appear while the scan runs, where the status line is */
};

static void clear_for_output(struct du_watch *watch)
{
	if (watch->shares_terminal)
		progress_clear(watch->progress);
}

static bool on_enter(const struct usage_entry *dir, void *user)
{
	struct du_watch *watch = user;

	return watch->inner->enter(dir, watch->inner->user);
}

static bool on_item(const struct usage_entry *item, void *user)
{
	struct du_watch *watch = user;

	clear_for_output(watch);
	return watch->inner->item(item, watch->inner->user);
}

static bool on_leave(const struct usage_entry *dir, const struct usage_totals *totals, void *user)
{
	struct du_watch *watch = user;

	clear_for_output(watch);
	return watch->inner->leave(dir, totals, watch->inner->user);
}

static bool on_error(const struct usage_trouble *trouble, void *user)
{
	struct du_watch *watch = user;

	progress_clear(watch->progress);
	return watch->inner->error(trouble, watch->inner->user);
}

static bool on_tick(uint64_t entries, void *user)
{
	struct du_watch *watch = user;
	uint64_t before = atomic_fetch_add_explicit(&watch->entries, entries, memory_order_relaxed);

	progress_tick(watch->progress, before + entries, 0, NULL);
	return !sig_stopped();
}

struct du_watch *du_watch_begin(const struct du_run *run, const struct usage_sink *inner)
{
	const struct progress_opts opts = {
		.when = (enum progress_when)run->opts->progress,
		.fd = STDERR_FILENO,
		.program = run->ctx->applet->name,
		.unit = "files",
	};
	struct du_watch *watch = mem_alloc_zeroed(sizeof(*watch));

	watch->inner = inner;
	watch->sink = (struct usage_sink){
		.enter = inner->enter != NULL ? on_enter : NULL,
		.item = inner->item != NULL ? on_item : NULL,
		.leave = inner->leave != NULL ? on_leave : NULL,
		.error = inner->error != NULL ? on_error : NULL,
		.tick = on_tick,
		.user = watch,
	};
	watch->shares_terminal = term_is_tty(STDOUT_FILENO);
	watch->progress = progress_new(&opts);
	sig_install();
	return watch;
}

const struct usage_sink *du_watch_sink(const struct du_watch *watch)
{
	return &watch->sink;
}

void du_watch_end(struct du_watch *watch)
{
	progress_free(watch->progress);
	free(watch);
	/* A stop is remembered until the caller has cleaned up. */
	if (!sig_stopped())
		sig_restore();
}
