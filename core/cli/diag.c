/* SPDX-License-Identifier: MIT */
#include "cli/diag.h"

#include "base/fdio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "base/utf8.h"
#include "cli/out.h"

#include <pthread.h>
#include <stdarg.h>

struct diag {
	const char *program;
	const char *invocation;
	struct exit_codes codes;
	struct out *mirror;
	diag_watcher *watch;
	void *watch_user;
	pthread_mutex_t lock;
	int worst; /* a process's exit code, 0 while nothing was counted */
	uint64_t count;
};

/* What an error record says beside its message. */
struct cause {
	const char *verb; /* NULL when the message is a sentence of ours */
	const char *path;
	int err;
};

enum { ERROR_OP, ERROR_PATH, ERROR_ERRNO, ERROR_MESSAGE };

static const struct column error_columns[] = {
	[ERROR_OP] = { "op", COLUMN_TEXT, "what was being done" },
	[ERROR_PATH] = { "path", COLUMN_NAME, "to which file" },
	[ERROR_ERRNO] = { "errno", COLUMN_TEXT, "the error's symbol" },
	[ERROR_MESSAGE] = { "message", COLUMN_TEXT, "the message on standard error" },
};

static const struct column_table error_table = { error_columns, ARRAY_LEN(error_columns) };

struct diag *diag_new(const char *program, const char *invocation, struct exit_codes codes)
{
	struct diag *d = mem_alloc_zeroed(sizeof(*d));

	d->program = program;
	d->invocation = invocation;
	d->codes.usage = codes.usage != 0 ? codes.usage : EXIT_USAGE;
	d->codes.fail = codes.fail != 0 ? codes.fail : EXIT_FAIL;
	d->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	return d;
}

struct diag *diag_free(struct diag *d)
{
	free(d);
	return NULL;
}

void diag_mirror(struct diag *d, struct out *out)
{
	d->mirror = out;
}

void diag_watch(struct diag *d, diag_watcher *watch, void *user)
{
	d->watch = watch;
	d->watch_user = user;
}

/* Messages may quote what a user typed; nothing in them may steer a terminal. */
static void add_harmless(struct strbuf *line, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		size_t n;
		int32_t cp = utf8_decode(text, len, &n);

		if (cp < 0 || utf8_is_unsafe(cp))
			strbuf_add_char(line, '?');
		else
			strbuf_add(line, text, n);
		text += n;
		len -= n;
	}
}

static void emit_record(struct diag *d, const struct cause *cause, const char *message)
{
	struct record r;

	if (d->mirror == NULL || !out_wants_records(d->mirror))
		return;
	record_begin(&r, "error", &error_table);
	if (cause->verb != NULL)
		record_name(&r, ERROR_OP, cause->verb);
	if (cause->path != NULL)
		record_name(&r, ERROR_PATH, cause->path);
	if (cause->err != 0 && strerrorname_np(cause->err) != NULL)
		record_name(&r, ERROR_ERRNO, strerrorname_np(cause->err));
	record_name(&r, ERROR_MESSAGE, message);
	out_emit(d->mirror, &r);
}

/*
 * A difference that was found is an answer, as "no" is: trouble, which leaves the answer open, is
 * worse.
 */
static int badness(int status)
{
	return status == EXIT_DAMAGED ? 2 * EXIT_NO + 1 : 2 * status;
}

/* Writes "prog: message" and what else belongs to it in one go; counts `status` when it is not 0.
 */
static int report(struct diag *d, int status, const struct cause *cause, const char *message,
                  const char *more)
{
	struct strbuf line = { 0 };

	strbuf_add_format(&line, "%s: ", d->program);
	strbuf_add_str(&line, message);
	strbuf_add_char(&line, '\n');
	strbuf_add_str(&line, more);
	ignore(fdio_write_all(STDERR_FILENO, line.data, line.len));
	strbuf_release(&line);

	(void)pthread_mutex_lock(&d->lock);
	if (status != 0)
		d->count++;
	if (badness(status) > badness(d->worst))
		d->worst = status;
	(void)pthread_mutex_unlock(&d->lock);
	if (status != 0)
		emit_record(d, cause, message);
	if (status != 0 && d->watch != NULL)
		d->watch(message, d->watch_user);
	return status;
}

static int report_errno(struct diag *d, int status, const struct cause *cause)
{
	struct strbuf message = { 0 };
	const char *why = strerrordesc_np(cause->err);

	strbuf_add_format(&message, "cannot %s ", cause->verb);
	quote_shell_always(&message, cause->path, strlen(cause->path));
	if (why != NULL)
		strbuf_add_format(&message, ": %s", why);
	else
		strbuf_add_format(&message, ": error %d", cause->err);
	status = report(d, status, cause, strbuf_str(&message), "");
	strbuf_release(&message);
	return status;
}

int diag_fail(struct diag *d, int err, const char *verb, const char *path)
{
	return report_errno(d, d->codes.fail, &(struct cause){ verb, path, err });
}

int diag_partial(struct diag *d, int err, const char *verb, const char *path)
{
	return report_errno(d, EXIT_NO, &(struct cause){ verb, path, err });
}

PRINTF_LIKE(4, 0)
static int report_text(struct diag *d, int status, const char *path, const char *format,
                       va_list args)
{
	struct cause cause = { .path = path };
	struct strbuf raw = { 0 };
	struct strbuf message = { 0 };

	if (path != NULL) {
		quote_shell_always(&message, path, strlen(path));
		strbuf_add_str(&message, ": ");
	}
	strbuf_add_vformat(&raw, format, args);
	add_harmless(&message, strbuf_str(&raw));
	status = report(d, status, &cause, strbuf_str(&message), "");
	strbuf_release(&raw);
	strbuf_release(&message);
	return status;
}

int diag_fail_text(struct diag *d, const char *path, const char *format, ...)
{
	va_list args;
	int status;

	va_start(args, format);
	status = report_text(d, d->codes.fail, path, format, args);
	va_end(args);
	return status;
}

int diag_partial_text(struct diag *d, const char *path, const char *format, ...)
{
	va_list args;
	int status;

	va_start(args, format);
	status = report_text(d, EXIT_NO, path, format, args);
	va_end(args);
	return status;
}

void diag_warn(struct diag *d, const char *path, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)report_text(d, 0, path, format, args);
	va_end(args);
}

static int report_usage(struct diag *d, const char *message, const char *picture)
{
	struct strbuf more = { 0 };
	int status;

	strbuf_add_str(&more, picture);
	strbuf_add_format(&more, "Try '%s --help' for more information.\n", d->invocation);
	status = report(d, d->codes.usage, &(struct cause){ 0 }, message, strbuf_str(&more));
	strbuf_release(&more);
	return status;
}

int diag_usage(struct diag *d, const char *format, ...)
{
	struct strbuf raw = { 0 };
	struct strbuf message = { 0 };
	va_list args;
	int status;

	va_start(args, format);
	strbuf_add_vformat(&raw, format, args);
	va_end(args);
	add_harmless(&message, strbuf_str(&raw));
	status = report_usage(d, strbuf_str(&message), "");
	strbuf_release(&raw);
	strbuf_release(&message);
	return status;
}

/* The text on one line and ^~~~ under the part that is wrong. */
static void draw_caret(struct strbuf *b, const char *text, const struct text_error *where)
{
	size_t len = strlen(text);
	size_t at = where->offset < len ? where->offset : len;
	size_t wide = where->len < len - at ? where->len : len - at;
	struct strbuf before = { 0 };
	struct strbuf marked = { 0 };

	AUTO_FREE_STR char *head = mem_strndup(text, at);
	AUTO_FREE_STR char *middle = mem_strndup(text + at, wide);

	add_harmless(&before, head);
	add_harmless(&marked, middle);
	strbuf_add_str(b, "    ");
	strbuf_add(b, strbuf_str(&before), before.len);
	strbuf_add(b, strbuf_str(&marked), marked.len);
	add_harmless(b, text + at + wide);
	strbuf_add_str(b, "\n    ");
	strbuf_add_fill(b, ' ', utf8_columns(strbuf_str(&before), before.len));
	strbuf_add_char(b, '^');
	wide = utf8_columns(strbuf_str(&marked), marked.len);
	strbuf_add_fill(b, '~', wide > 1 ? wide - 1 : 0);
	strbuf_add_char(b, '\n');
	strbuf_release(&before);
	strbuf_release(&marked);
}

int diag_caret(struct diag *d, const char *what, const char *text, const struct text_error *where)
{
	struct strbuf picture = { 0 };
	struct strbuf message = { 0 };
	int status;

	add_harmless(&message, what);
	if (where->reason != NULL)
		strbuf_add_format(&message, ": %s", where->reason);
	draw_caret(&picture, text, where);
	status = report_usage(d, strbuf_str(&message), strbuf_str(&picture));
	strbuf_release(&picture);
	strbuf_release(&message);
	return status;
}

int diag_status(const struct diag *d, int otherwise)
{
	return d->worst != 0 ? d->worst : otherwise;
}

void diag_raise(struct diag *d, int code)
{
	(void)pthread_mutex_lock(&d->lock);
	if (badness(code) > badness(d->worst))
		d->worst = code;
	(void)pthread_mutex_unlock(&d->lock);
}

uint64_t diag_count(const struct diag *d)
{
	return d->count;
}
