/* SPDX-License-Identifier: MIT */
/* The operands of path: words of the command line, or what is on standard input. */
#include "path.h"

#include <errno.h>

enum {
	CHUNK = 64 << 10,
	OPERAND_MAX = 16 << 20 /* bytes of one path that is read */
};

/* What is read and not used yet. */
struct input {
	struct strbuf text;
	size_t at;
	char end; /* of each operand */
};

/* Text in which a NUL is no end is no path. */
static void act_on(struct path_run *run, path_act *act, const char *text, size_t len)
{
	if (strlen(text) == len)
		act(run, text);
	else
		(void)diag_fail_text(run->ctx->diag, text, "a line with a NUL is no path");
}

/* All operands that are whole. */
static void act_on_whole(struct path_run *run, path_act *act, struct input *in)
{
	char *end;

	while (!out_failed(run->ctx->out) &&
	       (end = memchr(in->text.data + in->at, in->end, in->text.len - in->at)) != NULL) {
		const char *text = in->text.data + in->at;

		*end = '\0';
		in->at = (size_t)(end + 1 - in->text.data);
		act_on(run, act, text, (size_t)(end - text));
	}
	in->text.len -= in->at;
	memmove(in->text.data, in->text.data + in->at, in->text.len);
	in->at = 0;
}

static int read_all(struct path_run *run, path_act *act, struct input *in)
{
	AUTO_FREE_STR char *chunk = mem_alloc(CHUNK);

	while (!out_failed(run->ctx->out)) {
		ssize_t n = read(STDIN_FILENO, chunk, CHUNK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return diag_fail_text(run->ctx->diag, NULL,
			                      "cannot read standard input: %s",
			                      strerrordesc_np(errno));
		if (n == 0)
			break;
		strbuf_add(&in->text, chunk, (size_t)n);
		if (in->text.overflowed)
			return diag_fail_text(run->ctx->diag, NULL,
			                      "a path on standard input is longer than %d bytes",
			                      OPERAND_MAX);
		act_on_whole(run, act, in);
		/* Somebody may answer what is asked. */
		out_flush(run->ctx->out);
	}
	/* The last one need not be ended. */
	if (in->text.len > 0 && !out_failed(run->ctx->out)) {
		strbuf_add_char(&in->text, '\0');
		act_on(run, act, in->text.data, in->text.len - 1);
	}
	return 0;
}

int path_for_each(struct path_run *run, path_act *act)
{
	struct input in = { .end = run->opts->lines ? '\n' : '\0',
		            .text = { .limit = OPERAND_MAX + CHUNK } };
	int status = 0;

	if (run->operands[0] == NULL && (run->opts->lines || run->opts->out.zero))
		status = read_all(run, act, &in);
	for (char **at = run->operands; *at != NULL && !out_failed(run->ctx->out); at++)
		act(run, *at);
	strbuf_release(&in.text);
	return status;
}
