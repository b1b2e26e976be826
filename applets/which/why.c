/* SPDX-License-Identifier: MIT */
/* which --why: one line, or one record, for each place a command was looked for in. */
#include "which.h"

#include "base/quote.h"

enum {
	VERDICT_NAME,
	VERDICT_DIR,
	VERDICT_DIR_INDEX,
	VERDICT_PATH,
	VERDICT_FOUND,
	VERDICT_VERDICT,
	VERDICT_ERRNO,
	VERDICT_SHELL,
};

static const struct column verdict_columns[] = {
	[VERDICT_NAME] = { "name", COLUMN_NAME, "the name that was looked up" },
	[VERDICT_DIR] = { "dir", COLUMN_NAME, "the element of PATH; null for a name with a slash" },
	[VERDICT_DIR_INDEX] = { "dir_index", COLUMN_COUNT, "the element's place in PATH, from 0" },
	[VERDICT_PATH] = { "path", COLUMN_NAME, "the candidate" },
	[VERDICT_FOUND] = { "found", COLUMN_BOOL, "whether it is a match" },
	[VERDICT_VERDICT] = { "verdict", COLUMN_TEXT, "what is the matter with it" },
	[VERDICT_ERRNO] = { "errno", COLUMN_TEXT, "the error's symbol" },
	[VERDICT_SHELL] = { "shell", COLUMN_TEXT, "builtin or keyword, if shells have it" },
};

const struct column_table which_verdict_table = { verdict_columns, ARRAY_LEN(verdict_columns) };

static const char verdict_texts[][32] = {
	[COMMAND_FOUND] = "found",
	[COMMAND_DIR_MISSING] = "missing directory",
	[COMMAND_DIR_NO_DIR] = "not a directory",
	[COMMAND_DIR_DENIED] = "no permission on the directory",
	[COMMAND_MISSING] = "no such file",
	[COMMAND_IS_DIR] = "is a directory",
	[COMMAND_NOT_REGULAR] = "not a regular file",
	[COMMAND_DENIED] = "not executable",
	[COMMAND_NO_EXEC_MOUNT] = "on a no-exec mount",
	[COMMAND_DANGLING] = "dangling link",
	[COMMAND_LINK_LOOP] = "link loop",
	[COMMAND_TOO_LONG] = "path too long",
	[COMMAND_SKIPPED] = "skipped",
	[COMMAND_TROUBLE] = "cannot be examined",
};

static const char *const shell_texts[] = {
	[SHELL_WORD_BUILTIN] = "builtin",
	[SHELL_WORD_KEYWORD] = "keyword",
};

/* The report on one name. */
struct inquiry {
	struct search *s;
	const char *name;
	enum shell_word word;
	size_t first_dir; /* of the first match, when `first` is not empty */
	struct stat first_st;
	struct strbuf first;
};

static const char *verdict_text(const struct search *s, enum command_verdict verdict)
{
	if (verdict == COMMAND_DENIED && s->access != X_OK)
		return "access denied";
	return verdict_texts[verdict];
}

static void add_name(struct search *s, const char *name)
{
	if (out_quotes(s->ctx->out))
		quote_shell(&s->line, name, strlen(name));
	else
		strbuf_add_str(&s->line, name);
}

/* The answer, and what is to be known about the name before any directory is looked at. */
static void print_headline(const struct inquiry *q)
{
	struct search *s = q->s;

	add_name(s, q->name);
	strbuf_add_str(&s->line, ": ");
	if (q->first.len > 0)
		add_name(s, strbuf_str(&q->first));
	else
		strbuf_add_str(&s->line, "not found");
	if (q->name[0] == '\0')
		strbuf_add_str(&s->line, "; the name is empty");
	if (strchr(q->name, '/') != NULL)
		strbuf_add_str(&s->line, "; a name with a slash is not searched for in PATH");
	else if (s->is_default_path)
		strbuf_add_str(&s->line, "; PATH is not set, this is the system's default");
	if (q->word != SHELL_WORD_NONE)
		strbuf_add_format(&s->line, "; %s shell %s", q->first.len > 0 ? "also a" : "a",
		                  shell_texts[q->word]);
	out_line(s->ctx->out, &s->line);
}

static void print_verdict(const struct inquiry *q, size_t dir, const struct command_reason *reason)
{
	struct search *s = q->s;
	const char *where =
		dir == (size_t)COMMAND_NO_DIR ? q->name : command_path_dir(s->path, dir);

	strbuf_add_str(&s->line, "  ");
	if (where[0] == '\0')
		strbuf_add_str(&s->line, "(empty: the working directory)");
	else
		add_name(s, where);
	strbuf_add_format(&s->line, ": %s", verdict_text(s, reason->verdict));
	if (reason->verdict == COMMAND_TROUBLE && strerrordesc_np(reason->err) != NULL)
		strbuf_add_format(&s->line, ": %s", strerrordesc_np(reason->err));
	if (reason->verdict == COMMAND_FOUND && q->first.len > 0 && dir != q->first_dir) {
		strbuf_add_str(&s->line, which_is_same_file(&reason->st, &q->first_st)
		                                 ? ", the same file as "
		                                 : ", shadowed by ");
		add_name(s, strbuf_str(&q->first));
	}
	out_line(s->ctx->out, &s->line);
}

static void emit_verdict(const struct inquiry *q, size_t dir, const struct command_reason *reason)
{
	struct search *s = q->s;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct record r;

	which_add_raw(s, dir, q->name, &path);
	record_begin(&r, "verdict", &which_verdict_table);
	record_name(&r, VERDICT_NAME, q->name);
	if (dir != (size_t)COMMAND_NO_DIR) {
		record_name(&r, VERDICT_DIR, command_path_dir(s->path, dir));
		record_u64(&r, VERDICT_DIR_INDEX, dir);
	}
	record_name(&r, VERDICT_PATH, strbuf_str(&path));
	record_bool(&r, VERDICT_FOUND, reason->verdict == COMMAND_FOUND);
	record_name(&r, VERDICT_VERDICT, verdict_text(s, reason->verdict));
	if (reason->err != 0 && strerrorname_np(reason->err) != NULL)
		record_name(&r, VERDICT_ERRNO, strerrorname_np(reason->err));
	if (q->word != SHELL_WORD_NONE)
		record_name(&r, VERDICT_SHELL, shell_texts[q->word]);
	out_emit(s->ctx->out, &r);
}

static void report_verdict(const struct inquiry *q, size_t dir)
{
	struct command_reason reason = command_path_explain(q->s->path, dir, q->name);

	if (out_format(q->s->ctx->out) == OUT_JSON)
		emit_verdict(q, dir, &reason);
	else
		print_verdict(q, dir, &reason);
}

bool which_explain(struct search *s, const char *name)
{
	struct inquiry q = { .s = s, .name = name, .word = shell_word_of(name) };
	bool found;

	which_find(s, name);
	found = s->matches.len > 0;
	if (s->opts->quiet)
		return found;
	if (found) {
		q.first_dir = s->matches.items[0].dir;
		q.first_st = s->matches.items[0].st;
		which_add_shown(s, q.first_dir, name, &q.first);
	}
	if (out_format(s->ctx->out) != OUT_JSON)
		print_headline(&q);
	if (strchr(name, '/') != NULL) {
		report_verdict(&q, (size_t)COMMAND_NO_DIR);
	} else {
		for (size_t i = 0; i < command_path_len(s->path); i++)
			report_verdict(&q, i);
	}
	strbuf_release(&q.first);
	return found;
}
