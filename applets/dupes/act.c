/* SPDX-License-Identifier: MIT */
/* Plans or does what the options ask for with all but the file that stays of each group. */
#include "dupes.h"

#include "base/clock.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* What all groups share. */
struct acting {
	struct dupes_run *run;
	struct dupe_actor *actor; /* NULL: only planned */
	uint64_t done;
	uint64_t skipped;
	uint64_t failed;
};

static bool go_on(void *user)
{
	(void)user;
	return !sig_stopped();
}

/* Messages for people; records tell the same. */
static void report(struct acting *a, const struct same_member *m, const struct dupe_outcome *o)
{
	struct dupes_run *run = a->run;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	file_list_add_path(run->list, m->file, &path);
	switch (o->result) {
	case DUPE_DONE:
		a->done++;
		break;
	case DUPE_SKIPPED:
		a->skipped++;
		(void)diag_partial_text(run->ctx->diag, strbuf_str(&path), "left as it is: %s",
		                        o->reason);
		break;
	case DUPE_FAILED:
		a->failed++;
		(void)diag_partial(run->ctx->diag, o->err, o->verb, strbuf_str(&path));
		break;
	case DUPE_PLANNED:
		break;
	}
}

/* "delete  path", or "keep    path"; what was left as it is has its message. */
static void print_line(struct acting *a, const struct same_member *m, const char *word)
{
	struct dupes_run *run = a->run;
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	file_list_add_path(run->list, m->file, &path);
	strbuf_add_format(&line, "%-8s  ", word);
	out_add_name(run->ctx->out, &line, strbuf_str(&path), path.len);
	out_line(run->ctx->out, &line);
}

static struct dupe_outcome act_on(struct acting *a, const struct same_member *kept,
                                  const struct same_member *m)
{
	const char *name = file_list_name(a->run->list, m->file);
	const char *slash = strrchr(name, '/');

	if (a->actor == NULL)
		return (struct dupe_outcome){ .result = DUPE_PLANNED };
	/* What an interrupted run left is taken away, whatever is done with the others. */
	if (same_is_leftover(slash != NULL ? slash + 1 : name))
		return dupe_clean(a->actor, kept->file, m->file);
	return dupe_act(a->actor, kept->file, m->file);
}

static void act_on_group(struct acting *a, size_t index)
{
	struct dupes_run *run = a->run;
	const struct same_group *g = &run->result.groups.items[index];
	const struct same_member *m = run->result.members.items + g->first;
	struct dupe_outcome *outcomes = mem_alloc_array(g->len, sizeof(*outcomes));
	bool json = out_format(run->ctx->out) == OUT_JSON;

	for (size_t i = 0; i < g->len; i++) {
		bool keeps = (m[i].flags & SAME_KEEP) != 0 && (m[i].flags & SAME_LEFTOVER) == 0;

		outcomes[i] = (struct dupe_outcome){ .result = DUPE_PLANNED };
		if (!keeps && !sig_stopped()) {
			outcomes[i] = act_on(a, &m[0], &m[i]);
			report(a, &m[i], &outcomes[i]);
		}
		if (!json &&
		    (outcomes[i].result == DUPE_PLANNED || outcomes[i].result == DUPE_DONE))
			print_line(a, &m[i], keeps ? "keep" : dupes_action_word(run->action));
	}
	if (json)
		dupes_emit_group(run, index, outcomes);
	free(outcomes);
}

/* Symbolic links that a killed --symlink left beside their file; nothing of anybody's is in them.
 */
static void remove_stale_links(struct dupes_run *run)
{
	for (size_t i = 0; i < run->stale.len; i++) {
		const char *path = run->stale.items[i];
		struct stat st;

		if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) &&
		    unlinkat(AT_FDCWD, path, 0) != 0)
			(void)diag_partial(run->ctx->diag, errno, "remove", path);
	}
}

static void print_end(struct acting *a)
{
	struct dupes_run *run = a->run;

	dupes_emit_summary(run);
	if (a->actor == NULL && run->result.groups.len != 0 && !run->opts->quiet &&
	    !run->opts->dry_run && out_format(run->ctx->out) == OUT_TEXT)
		diag_warn(run->ctx->diag, NULL,
		          "nothing was changed: this is the plan; say --yes "
		          "to carry it out");
}

int dupes_act(struct dupes_run *run)
{
	const struct dupes_opts *o = run->opts;
	struct acting a = { .run = run };
	struct dupe_opts opts = {
		.action = run->action,
		.move_to = o->move_to,
		.has_older = o->older_than >= 0,
		.go_on = go_on,
	};

	if (opts.has_older) {
		opts.older = clock_wall();
		opts.older.tv_sec -= o->older_than / 1000000000;
	}
	if (o->yes && !o->dry_run) {
		int r = dupe_actor_new(run->list, &opts, &a.actor);

		if (r < 0)
			return diag_fail(run->ctx->diag, -r, "open", o->move_to);
		remove_stale_links(run);
	}
	for (size_t i = 0; i < run->result.groups.len && !sig_stopped(); i++)
		act_on_group(&a, i);
	print_end(&a);
	dupe_actor_free(a.actor);
	return diag_status(run->ctx->diag, EXIT_YES);
}
