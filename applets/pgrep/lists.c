/* SPDX-License-Identifier: MIT */
/* The options that take lists: words separated by commas. */
#include "pgrep.h"

#include "base/num.h"
#include "sys/terminals.h"

#include <errno.h>
#include <limits.h>

/* One word of a list. False: it is not one. */
typedef bool parse_word(struct pgrep *p, const char *word, uint64_t *ret);

struct list_option {
	const char *name; /* long form */
	const char *text; /* NULL: not given */
	parse_word *parse;
	const char *reason; /* what a word that is not one lacks */
	struct id_list *ret;
};

static bool parse_pid(struct pgrep *p, const char *word, uint64_t *ret)
{
	(void)p;
	return num_parse_u64(word, ret) == 0 && *ret <= INT_MAX;
}

void pgrep_add_id(struct pgrep *p, const struct proc_id *id)
{
	if (id->inode == 0 && !id->has_start)
		return;
	vec_push(&p->want.ids, *id);
	p->want.ids_have_start = p->want.ids_have_start || id->has_start;
}

/* PID, PID:INODE, PID@START; an id of a process that is gone stands for nobody. */
static bool parse_process(struct pgrep *p, const char *word, uint64_t *ret)
{
	struct proc_ref ref;
	struct proc_id id;

	if (parse_pid(p, word, ret))
		return true;
	if (proc_id_parse(word, &id) < 0)
		return false;
	*ret = 0;
	if (proc_ref_open_id(&p->reader, &id, &ref) < 0)
		return true;
	proc_ref_close(&ref);
	pgrep_add_id(p, &id);
	*ret = (uint64_t)id.pid;
	return true;
}

/* The own process, as the procfs numbers it: namespaces may do that otherwise than getpgrp(). */
static bool own_stat(struct pgrep *p, struct proc_stat *ret)
{
	return proc_read_stat(&p->reader, p->self, 0, ret) == 0;
}

static bool parse_group(struct pgrep *p, const char *word, uint64_t *ret)
{
	struct proc_stat stat;

	if (!parse_pid(p, word, ret))
		return false;
	if (*ret == 0 && own_stat(p, &stat))
		*ret = (uint64_t)stat.group;
	return true;
}

static bool parse_session(struct pgrep *p, const char *word, uint64_t *ret)
{
	struct proc_stat stat;

	if (!parse_pid(p, word, ret))
		return false;
	if (*ret == 0 && own_stat(p, &stat))
		*ret = (uint64_t)stat.session;
	return true;
}

/* A number is that id even when a user is called so; # in front is taken, too, as sudo does. */
static bool parse_id(const char *word, uint64_t *ret)
{
	return num_parse_u64(word[0] == '#' ? word + 1 : word, ret) == 0 && *ret < UINT32_MAX;
}

static bool parse_user(struct pgrep *p, const char *word, uint64_t *ret)
{
	uid_t uid;

	if (parse_id(word, ret))
		return true;
	if (users_uid(p->users, word, &uid) < 0)
		return false;
	*ret = uid;
	return true;
}

static bool parse_gid(struct pgrep *p, const char *word, uint64_t *ret)
{
	gid_t gid;

	if (parse_id(word, ret))
		return true;
	if (users_gid(p->users, word, &gid) < 0)
		return false;
	*ret = gid;
	return true;
}

/* A terminal that is not there has no processes; - and ? stand for none at all. */
static bool parse_terminal(struct pgrep *p, const char *word, uint64_t *ret)
{
	(void)p;
	if (strcmp(word, "-") == 0 || strcmp(word, "?") == 0)
		*ret = 0;
	else if (terminal_device(word, ret) < 0)
		*ret = UINT64_MAX;
	return true;
}

static bool parse_state(struct pgrep *p, const char *word, uint64_t *ret)
{
	(void)p;
	if (strlen(word) != 1 || strchr("RSDZTtXxKWPI", word[0]) == NULL)
		return false;
	*ret = (uint64_t)word[0];
	return true;
}

static int refuse(struct pgrep *p, const struct list_option *option, const struct text_error *where)
{
	struct strbuf what = { 0 };
	int status;

	strbuf_add_format(&what, "bad value for --%s", option->name);
	status = diag_caret(p->ctx->diag, strbuf_str(&what), option->text, where);
	strbuf_release(&what);
	return status;
}

/* 0, or the status of the usage error that was reported. */
static int parse_list(struct pgrep *p, const struct list_option *option)
{
	const char *at = option->text;

	if (at == NULL)
		return 0;
	option->ret->given = true;
	for (;;) {
		size_t len = strcspn(at, ",");
		AUTO_FREE_STR char *word = mem_strndup(at, len);
		struct text_error where = { .reason = "empty item",
			                    .offset = (size_t)(at - option->text),
			                    .len = len };
		uint64_t value;

		if (len == 0)
			return refuse(p, option, &where);
		where.reason = option->reason;
		if (!option->parse(p, word, &value))
			return refuse(p, option, &where);
		vec_push(option->ret, value);
		if (at[len] == '\0')
			return 0;
		at += len + 1;
	}
}

/* Words as they are. */
static int split(struct pgrep *p, const char *name, const char *text, struct texts *ret)
{
	const struct list_option option = { .name = name, .text = text };

	for (const char *at = text; at != NULL;) {
		size_t len = strcspn(at, ",");
		struct text_error where = { .reason = "empty item", .offset = (size_t)(at - text) };

		if (len == 0)
			return refuse(p, &option, &where);
		vec_push(ret, mem_strndup(at, len));
		at = at[len] == '\0' ? NULL : at + len + 1;
	}
	return 0;
}

int pgrep_parse_lists(struct pgrep *p)
{
	const struct pgrep_opts *o = p->opts;
	struct criteria *w = &p->want;
	const struct list_option options[] = {
		{ "pgroup", o->groups, parse_group, "not a process group", &w->groups },
		{ "group", o->gids, parse_gid, "no such group", &w->gids },
		{ "parent", o->parents, parse_pid, "not a process number", &w->parents },
		{ "session", o->sessions, parse_session, "not a session number", &w->sessions },
		{ "terminal", o->terminals, parse_terminal, "not a terminal", &w->terminals },
		{ "euid", o->euids, parse_user, "no such user", &w->euids },
		{ "uid", o->uids, parse_user, "no such user", &w->uids },
		{ "pid", o->pids, parse_process, "not a process number or id", &w->pids },
		{ "runstates", o->states, parse_state, "not a state: use R S D Z T t I",
		  &w->states },
	};
	int status = 0;

	for (size_t i = 0; i < ARRAY_LEN(options) && status == 0; i++)
		status = parse_list(p, &options[i]);
	if (status == 0)
		status = split(p, "cgroup", o->cgroups, &w->cgroups);
	if (status == 0)
		status = split(p, "env", o->env, &w->env);
	return status;
}
