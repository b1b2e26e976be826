/* SPDX-License-Identifier: MIT */
/* env without a command: all variables, some, or a text with their values in it. */
#include "env.h"

#include "base/fdio.h"
#include "base/os_path.h"
#include "base/quote.h"

#include <errno.h>

enum { COL_NAME, COL_VALUE };

static const struct column columns[] = {
	[COL_NAME] = { "name", COLUMN_NAME, "of the variable" },
	[COL_VALUE] = { "value", COLUMN_NAME, "its value; null when it is not set" },
};

const struct column_table env_variable_table = { columns, ARRAY_LEN(columns) };

enum { CHUNK = 64 << 10 };

static void emit(struct env_run *e, const char *name, size_t len, const char *value)
{
	struct record r;

	record_begin(&r, "entry", &env_variable_table);
	record_bytes(&r, COL_NAME, name, len);
	if (value != NULL)
		record_name(&r, COL_VALUE, value);
	out_emit(e->ctx->out, &r);
}

/* Terminals get nothing that acts on them; the lines of a text stay lines. */
static void print_line(struct env_run *e, const char *text)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	if (!out_quotes(e->ctx->out)) {
		strbuf_add_str(&line, text);
		out_line(e->ctx->out, &line);
		return;
	}
	for (;;) {
		size_t len = strcspn(text, "\n\t");

		quote_add_masked(&line, text, len);
		text += len;
		if (*text == '\0')
			break;
		strbuf_add_char(&line, *text++);
	}
	out_line(e->ctx->out, &line);
}

/* NAME=VALUE by NAME; an entry without = is a name. */
static int compare(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	const size_t x_len = strcspn(x, "="), y_len = strcspn(y, "=");
	const int order = memcmp(x, y, x_len < y_len ? x_len : y_len);

	if (order != 0)
		return order;
	if (x_len != y_len)
		return x_len < y_len ? -1 : 1;
	return strcmp(x, y);
}

static int print_all(struct env_run *e)
{
	/* The last one is NULL. */
	const size_t n = e->vars.len - 1;

	if (e->opts.sort)
		qsort(e->vars.items, n, sizeof(*e->vars.items), compare);
	for (size_t i = 0; i < n; i++) {
		const char *entry = e->vars.items[i];
		const size_t len = strcspn(entry, "=");

		if (out_format(e->ctx->out) == OUT_JSON)
			emit(e, entry, len, entry[len] == '=' ? entry + len + 1 : NULL);
		else
			print_line(e, entry);
	}
	return EXIT_YES;
}

static int print_some(struct env_run *e)
{
	int status = EXIT_YES;

	for (size_t i = 0; i < e->opts.get.len; i++) {
		const char *name = e->opts.get.items[i];
		/* What holds a = is the name of none. */
		const char *value =
			strchr(name, '=') == NULL ? env_value(e, name, strlen(name)) : NULL;

		if (value == NULL)
			value = e->opts.otherwise;
		if (value == NULL)
			status = EXIT_NO;
		if (out_format(e->ctx->out) == OUT_JSON)
			emit(e, name, strlen(name), value);
		else if (value != NULL)
			print_line(e, value);
	}
	return status;
}

static const char *lookup(const char *name, size_t len, void *user)
{
	const struct env_run *e = user;
	const char *value = memchr(name, '=', len) == NULL ? env_value(e, name, len) : NULL;

	return value != NULL ? value : e->opts.otherwise;
}

/* What is read is kept only where a reference may go on behind it. */
static int expand(struct env_run *e)
{
	AUTO_RELEASE_STRBUF struct strbuf in = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf done = { 0 };
	AUTO_FREE_STR char *chunk = mem_alloc(CHUNK);
	struct os_path_vars vars = { .lookup = lookup, .user = e, .more_follows = true };

	while (vars.more_follows && !out_failed(e->ctx->out)) {
		ssize_t n = read(STDIN_FILENO, chunk, CHUNK);
		size_t used;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return diag_fail_text(e->ctx->diag, NULL, "cannot read standard input: %s",
			                      strerrordesc_np(errno));
		vars.more_follows = n > 0;
		strbuf_add(&in, chunk, (size_t)n);
		used = os_path_add_expanded(&done, strbuf_str(&in), in.len, &vars);
		out_text(e->ctx->out, strbuf_str(&done), done.len);
		out_flush(e->ctx->out);
		strbuf_clear(&done);
		in.len -= used;
		if (used > 0 && in.len > 0)
			memmove(in.data, in.data + used, in.len);
	}
	return EXIT_YES;
}

int env_print(struct env_run *e)
{
	if (e->opts.expand)
		return expand(e);
	return e->opts.get.len > 0 ? print_some(e) : print_all(e);
}
