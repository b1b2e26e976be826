/* SPDX-License-Identifier: MIT */
/* Plans or does what the options ask for with all but the file that stays of each group. */
#include "dupes.h"

#include "base/clock.h"
#include "base/num.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const char left_with_its_group[] = "another file of its group is in trouble";

/* What all groups share. */
struct acting {
	struct dupes_run *run;
	struct dupe_actor *actor;
	bool acts; /* else it is only planned */
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
	if (o->result == DUPE_SKIPPED)
		(void)diag_partial_text(run->ctx->diag, strbuf_str(&path), "left as it is: %s",
		                        o->reason);
	if (o->result == DUPE_FAILED)
		(void)diag_partial(run->ctx->diag, o->err, o->verb, strbuf_str(&path));
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

static bool keeps(const struct same_member *m)
{
	return (m->flags & SAME_KEEP) != 0 && (m->flags & SAME_LEFTOVER) == 0;
}

/* What an interrupted run left is taken away, whatever is done with the others. */
static bool is_leftover(const struct acting *a, const struct same_member *m)
{
	const char *name = file_list_name(a->run->list, m->file);
	const char *slash = strrchr(name, '/');

	return same_is_leftover(slash != NULL ? slash + 1 : name);
}

/* A group in hand. */
struct turn {
	const struct same_member *members;
	size_t len;
	struct dupe_outcome *outcomes;
};

/* One is in trouble, and has its message: nothing is done with the rest. */
static void give_up(struct acting *a, struct turn *t)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	size_t left = 0;

	for (size_t i = 0; i < t->len; i++) {
		struct dupe_outcome *o = &t->outcomes[i];

		if (keeps(&t->members[i]) || o->result != DUPE_PLANNED)
			continue;
		*o = (struct dupe_outcome){ .result = DUPE_SKIPPED, .reason = left_with_its_group };
		left++;
	}
	if (left == 0)
		return;
	file_list_add_path(a->run->list, t->members[0].file, &path);
	(void)diag_partial_text(a->run->ctx->diag, strbuf_str(&path),
	                        "%zu more of its group left alone: one is in trouble", left);
}

/* Calls for each that does not stay, until one is in trouble. */
static bool each_copy(struct acting *a, struct turn *t,
                      struct dupe_outcome (*call)(struct acting *a, const struct turn *t, size_t i))
{
	for (size_t i = 0; i < t->len && !sig_stopped(); i++) {
		struct dupe_outcome *o = &t->outcomes[i];

		if (keeps(&t->members[i]) || o->result != DUPE_PLANNED)
			continue;
		*o = call(a, t, i);
		/* The signal is the news, not what it broke off. */
		if (o->result == DUPE_FAILED && o->err == ECANCELED && sig_stopped())
			*o = (struct dupe_outcome){ .result = DUPE_PLANNED };
		report(a, &t->members[i], o);
		if (o->trouble)
			return false;
	}
	return true;
}

static struct dupe_outcome check_one(struct acting *a, const struct turn *t, size_t i)
{
	if (is_leftover(a, &t->members[i]))
		return (struct dupe_outcome){ .result = DUPE_PLANNED };
	return dupe_check(a->actor, t->members[0].file, t->members[i].file);
}

static struct dupe_outcome act_on(struct acting *a, const struct turn *t, size_t i)
{
	if (is_leftover(a, &t->members[i]))
		return dupe_clean(a->actor, t->members[0].file, t->members[i].file);
	return dupe_act(a->actor, t->members[0].file, t->members[i].file);
}

static void print_lines(struct acting *a, const struct turn *t)
{
	const enum dupe_result told = a->acts ? DUPE_DONE : DUPE_PLANNED;

	for (size_t i = 0; i < t->len; i++) {
		if (keeps(&t->members[i]))
			print_line(a, &t->members[i], "keep");
		else if (t->outcomes[i].result == told)
			print_line(a, &t->members[i], dupes_action_word(a->run->action));
	}
}

static void count(struct acting *a, const struct same_group *g, const struct turn *t)
{
	struct dupes_run *run = a->run;
	bool whole = true;

	for (size_t i = 0; i < t->len; i++) {
		if (keeps(&t->members[i]))
			continue;
		run->acted[t->outcomes[i].result]++;
		whole = whole && t->outcomes[i].result == DUPE_DONE;
	}
	if (whole && run->action != DUPE_MOVE)
		run->freed_bytes = num_add_sat(run->freed_bytes,
		                               same_reclaim(run->list, &run->result, g), NULL);
}

/* All of a group are looked at before anything is done with one. */
static void act_on_group(struct acting *a, size_t index)
{
	struct dupes_run *run = a->run;
	const struct same_group *g = &run->result.groups.items[index];
	struct turn t = { .members = run->result.members.items + g->first, .len = g->len };

	t.outcomes = mem_alloc_zeroed(g->len * sizeof(*t.outcomes));
	if (!each_copy(a, &t, check_one) || (a->acts && !each_copy(a, &t, act_on)))
		give_up(a, &t);
	if (out_format(run->ctx->out) != OUT_JSON)
		print_lines(a, &t);
	if (out_wants_records(run->ctx->out))
		dupes_emit_group(run, index, t.outcomes);
	count(a, g, &t);
	free(t.outcomes);
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

static void print_end(const struct acting *a)
{
	const struct dupes_run *run = a->run;

	if (!a->acts && run->result.groups.len != 0 && !run->opts->quiet && !run->opts->dry_run &&
	    out_format(run->ctx->out) == OUT_TEXT)
		diag_warn(run->ctx->diag, NULL,
		          "nothing was changed: this is the plan; say --yes "
		          "to carry it out");
}

int dupes_act(struct dupes_run *run)
{
	const struct dupes_opts *o = run->opts;
	struct acting a = { .run = run, .acts = o->yes && !o->dry_run };
	struct dupe_opts opts = {
		.action = run->action,
		.move_to = o->move_to,
		.has_older = o->older_than >= 0,
		/* Of a report nothing is proved yet; a plan is made without. */
		.unread = o->from != NULL,
		.compare_first = o->from != NULL && a.acts,
		.go_on = go_on,
	};
	int r;

	if (opts.has_older) {
		opts.older = clock_wall();
		opts.older.tv_sec -= o->older_than / 1000000000;
	}
	r = dupe_actor_new(run->list, &opts, &a.actor);
	if (r < 0)
		return diag_fail(run->ctx->diag, -r, "open", o->move_to);
	if (a.acts)
		remove_stale_links(run);
	for (size_t i = 0; i < run->result.groups.len && !sig_stopped(); i++)
		act_on_group(&a, i);
	print_end(&a);
	dupe_actor_free(a.actor);
	return diag_status(run->ctx->diag, EXIT_YES);
}
