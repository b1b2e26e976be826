/* SPDX-License-Identifier: MIT */
/* One stream of what the command writes: passed on, copied, stamped, cut, kept, logged. */
#include "dialogue.h"
#include "output.h"

#include "base/clock.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

static bool has_prefix(const struct output *o)
{
	return o->prefix.stamp != LINE_STAMP_NONE || o->prefix.tag != NULL;
}

/* Lines for the system's log, without what ends them. */
static void log_lines(struct output *o, const char *bytes, size_t len)
{
	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t n = newline != NULL ? (size_t)(newline - bytes) : len;
		AUTO_FREE_STR char *line = mem_strndup(bytes, n);

		job_line(o->r->job, line);
		n += newline != NULL;
		bytes += n;
		len -= n;
	}
}

static void add_to_log(struct stream *s, const char *bytes, size_t len)
{
	struct output *o = s->output;
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int err;

	line_prefix_add(&o->prefix, &s->log_place, bytes, len, &text);
	err = log_writer_add(o->log, text.data, text.len);
	if (err < 0 && !o->told_log) {
		o->told_log = true;
		o->r->output_failed = true;
		diag_warn(o->r->ctx->diag, o->r->opts->log, "cannot write: %s",
		          strerrordesc_np(-err));
	}
}

/* To the caller, and the copy. */
static void pass_on(struct stream *s, const char *bytes, size_t len)
{
	struct output *o = s->output;
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	if (has_prefix(o)) {
		line_prefix_add(&o->prefix, &s->place, bytes, len, &text);
		bytes = text.data;
		len = text.len;
	}
	if (o->tee != NULL)
		outlet_add(o->tee, bytes, len);
	if (s->to != NULL)
		outlet_add(s->to, bytes, excerpt_add(&s->passed, bytes, len));
}

/* Whole lines, or a part of one that is too long. */
static void take_lines(struct stream *s, const char *bytes, size_t len)
{
	const struct run_opts *opts = s->output->r->opts;

	if (len == 0)
		return;
	if (s->output->log != NULL)
		add_to_log(s, bytes, len);
	if (opts->job.syslog != NULL)
		log_lines(s->output, bytes, len);
	if (opts->line_buffered)
		pass_on(s, bytes, len);
}

static void add_lines(struct stream *s, const char *bytes, size_t len)
{
	const char *last = memrchr(bytes, '\n', len);
	size_t whole = last != NULL ? (size_t)(last - bytes) + 1 : 0;

	if (s->lines.len > 0 && whole > 0) {
		strbuf_add(&s->lines, bytes, whole);
		take_lines(s, s->lines.data, s->lines.len);
		strbuf_clear(&s->lines);
	} else {
		take_lines(s, bytes, whole);
	}
	strbuf_add(&s->lines, bytes + whole, len - whole);
	if (s->lines.len >= LINE_MAX_BYTES) {
		take_lines(s, s->lines.data, s->lines.len);
		strbuf_clear(&s->lines);
	}
}

static bool needs_lines(const struct output *o)
{
	return o->log != NULL || o->r->opts->job.syslog != NULL || o->r->opts->line_buffered;
}

bool output_is_full(const struct output *o, const struct stream *s)
{
	return (o->tee != NULL && outlet_is_full(o->tee)) ||
	       (s->to != NULL && outlet_is_full(s->to));
}

void output_take(const char *bytes, size_t len, void *user)
{
	struct stream *s = user;
	struct output *o = s->output;

	o->last = clock_now();
	s->bytes += len;
	dialogue_see(o->r, bytes, len);
	if (o->r->opts->capture)
		strbuf_add(&s->text, bytes, excerpt_add(&s->kept, bytes, len));
	if (!o->r->opts->line_buffered)
		pass_on(s, bytes, len);
	if (needs_lines(o))
		add_lines(s, bytes, len);
	if (output_is_full(o, s))
		pump_pause(s->pump, true);
}

/* What was held back for want of an end. */
void output_end_stream(struct stream *s)
{
	struct output *o = s->output;
	AUTO_RELEASE_STRBUF struct strbuf rest = { 0 };

	take_lines(s, s->lines.data, s->lines.len);
	if (s->log_place.inside)
		add_to_log(s, "\n", 1);
	strbuf_release(&s->lines);
	if (o->r->opts->capture)
		s->cut = excerpt_end(&s->kept, &s->text);
	if (excerpt_end(&s->passed, &rest))
		s->cut = true;
	if (s->to != NULL)
		outlet_add(s->to, rest.data, rest.len);
}
