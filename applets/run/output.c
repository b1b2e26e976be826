/* SPDX-License-Identifier: MIT */
/* The pipes of an attempt, where they lead to, and what is left in them at its end. */
#include "output.h"

#include "base/clock.h"
#include "cli/job.h"

#include <errno.h>
#include <fcntl.h>

enum { CAPTURE_MAX = 1 << 20 };

bool output_is_wanted(const struct run_opts *opts)
{
	return opts->tee != NULL || opts->stamp != NULL || opts->tag != NULL || opts->capture ||
	       opts->max_output > 0 || opts->line_buffered || opts->idle_timeout != NULL ||
	       opts->log != NULL || opts->job.syslog != NULL || opts->pty;
}

static void on_room(void *user)
{
	struct output *o = user;

	for (size_t i = 0; i < ARRAY_LEN(o->streams); i++) {
		struct stream *s = &o->streams[i];

		if (s->pump != NULL && !output_is_full(o, s))
			pump_pause(s->pump, false);
	}
}

static struct outlet *new_outlet(struct output *o, int fd)
{
	const struct outlet_request request = {
		.loop = o->r->loop, .fd = fd, .room = on_room, .user = o
	};

	return outlet_new(&request);
}

int output_open(struct run *r)
{
	const struct run_opts *opts = r->opts;
	struct output *o;

	if (!output_is_wanted(opts))
		return 0;
	o = mem_alloc_zeroed(sizeof(*o));
	r->output = o;
	o->r = r;
	o->pty = (struct pty){ .master = -1, .slave = -1 };
	o->prefix.tag = opts->tag;
	if (opts->stamp != NULL && line_prefix_set_stamp(&o->prefix, opts->stamp) < 0)
		return diag_usage(r->ctx->diag, "invalid --stamp: a format for strftime, "
		                                "elapsed or delta");
	if (opts->log != NULL) {
		int err = log_writer_open(opts->log, &r->rotation, &o->log);
		if (err < 0)
			return diag_fail(r->ctx->diag, -err, "open", opts->log);
	}
	return 0;
}

void output_close(struct run *r)
{
	struct output *o = r->output;

	if (o == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(o->streams); i++)
		strbuf_release(&o->streams[i].text);
	line_prefix_release(&o->prefix);
	log_writer_free(o->log);
	free(o);
	r->output = NULL;
}

/* Its write end is what the command gets. */
static int open_pipe(struct stream *s, int *ret)
{
	struct pump_request request = { .loop = s->output->r->loop,
		                        .deliver = output_take,
		                        .user = s };
	int ends[2];
	int err;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	request.fd = ends[0];
	err = pump_new(&request, &s->pump);
	if (err < 0)
		(void)close(ends[1]);
	else
		*ret = ends[1];
	return err;
}

/* Nothing of an earlier attempt is left. */
static void begin_stream(struct output *o, struct stream *s)
{
	uint64_t limit = o->r->opts->max_output;

	strbuf_release(&s->text);
	*s = (struct stream){ .output = o };
	excerpt_begin(&s->passed, limit);
	excerpt_begin(&s->kept, limit > 0 ? limit : CAPTURE_MAX);
}

/* Captured output goes nowhere else, unless a file was named. */
static void choose_outlets(struct output *o, const struct spawn_request *request)
{
	for (int i = 0; i < (o->single ? 1 : 2); i++) {
		int fd = request->fds[i + 1];

		if (o->r->opts->capture && o->r->launch.fds[i + 1] < 0)
			continue;
		if (i == 0 || !o->r->one_output || fd >= 0 || request->fds[1] >= 0)
			o->outlets[i] = new_outlet(o, fd >= 0 ? fd : i + 1);
		o->streams[i].to = o->outlets[i] != NULL ? o->outlets[i] : o->outlets[0];
	}
}

/* Do both go to one place, so that their order can be kept? */
static bool is_single(const struct run *r, const struct spawn_request *request)
{
	if (r->opts->pty)
		return true;
	if (r->opts->capture && !r->opts->merge)
		return false;
	/* Beside a record, standard error takes both. */
	if (r->opts->out.json && request->fds[1] == r->err_copy && request->fds[2] < 0)
		return true;
	if (request->fds[1] >= 0 || request->fds[2] >= 0)
		return request->fds[1] == request->fds[2] ||
		       (r->opts->merge && r->opts->out_file == NULL);
	return r->one_output;
}

int output_begin(struct run *r, struct spawn_request *request)
{
	struct output *o = r->output;
	int err;

	if (o == NULL)
		return 0;
	o->last = clock_now();
	o->prefix.began = r->began;
	for (size_t i = 0; i < ARRAY_LEN(o->streams); i++)
		begin_stream(o, &o->streams[i]);
	o->single = is_single(r, request);
	choose_outlets(o, request);
	if (r->tee >= 0)
		o->tee = new_outlet(o, r->tee);
	if (r->opts->pty)
		return output_begin_pty(r, request);
	err = open_pipe(&o->streams[0], &request->fds[1]);
	if (err < 0)
		return err;
	if (o->single)
		request->fds[2] = request->fds[1];
	else
		err = open_pipe(&o->streams[1], &request->fds[2]);
	if (err < 0)
		(void)close(request->fds[1]);
	return err;
}

void output_started(struct run *r, const struct spawn_request *request)
{
	struct output *o = r->output;

	if (o == NULL)
		return;
	if (r->opts->pty) {
		/* The terminal ends with its last process, which is none of us. */
		(void)close(o->pty.slave);
		o->pty.slave = -1;
		return;
	}
	(void)close(request->fds[1]);
	if (request->fds[2] != request->fds[1])
		(void)close(request->fds[2]);
}

int64_t output_quiet_since(const struct run *r)
{
	const struct output *o = r->output;

	for (size_t i = 0; i < ARRAY_LEN(o->streams); i++) {
		if (o->streams[i].pump != NULL && pump_is_paused(o->streams[i].pump))
			return clock_now();
	}
	return o->last;
}

static void tell_once(struct output *o, struct outlet *outlet, const char *path, bool *told)
{
	int err = outlet != NULL ? outlet_error(outlet) : 0;

	if (err == 0 || err == -EPIPE || *told)
		return;
	*told = true;
	o->r->output_failed = true;
	diag_warn(o->r->ctx->diag, path, "cannot write%s: %s", path == NULL ? " output" : "",
	          strerrordesc_np(-err));
}

/* The reader went away, and nobody else wants it: the command is told by SIGPIPE, as without us. */
static void let_go(struct output *o, struct stream *s)
{
	const struct run_opts *opts = o->r->opts;

	if (s->pump == NULL || s->to == NULL || outlet_error(s->to) != -EPIPE || o->tee != NULL ||
	    o->log != NULL || opts->job.syslog != NULL || opts->capture)
		return;
	s->pump = pump_free(s->pump);
	/* It hangs up. */
	if (opts->pty)
		output_end_pty(o->r);
}

void output_look(struct run *r)
{
	struct output *o = r->output;

	if (o == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(o->streams); i++) {
		tell_once(o, o->outlets[i], NULL, &o->told_out);
		let_go(o, &o->streams[i]);
	}
	tell_once(o, o->tee, r->opts->tee, &o->told_tee);
}

static void on_give_up(void *user)
{
	bool *over = user;

	*over = true;
}

struct patience {
	struct event_timer timer;
	bool over;
};

/* One event more, but not for long once the run was told to end. */
static int step(struct run *r, struct patience *p)
{
	static const int64_t last_wait_ns = INT64_C(1000000000);

	if ((r->stop_signal != 0 || r->abandoned) && p->timer.at == 0)
		event_loop_arm(r->loop, &p->timer, clock_now() + last_wait_ns);
	return event_loop_step(r->loop);
}

static int drain(struct run *r, struct stream *s, struct patience *p)
{
	int err = 0;

	while (err == 0 && !p->over && s->pump != NULL && !pump_drain(s->pump, r->opts->pty))
		err = step(r, p);
	s->pump = pump_free(s->pump);
	return err;
}

static bool all_is_out(const struct output *o)
{
	return (o->outlets[0] == NULL || outlet_is_empty(o->outlets[0])) &&
	       (o->outlets[1] == NULL || outlet_is_empty(o->outlets[1])) &&
	       (o->tee == NULL || outlet_is_empty(o->tee));
}

int output_finish(struct run *r)
{
	struct output *o = r->output;
	struct patience p = { .over = false };
	int err = 0;

	if (o == NULL)
		return 0;
	p.timer = (struct event_timer){ .expire = on_give_up, .user = &p.over };
	for (size_t i = 0; i < ARRAY_LEN(o->streams); i++) {
		int failed = drain(r, &o->streams[i], &p);

		err = err < 0 ? err : failed;
		if (o->streams[i].output != NULL)
			output_end_stream(&o->streams[i]);
	}
	while (err == 0 && !p.over && !all_is_out(o))
		err = step(r, &p);
	event_loop_disarm(r->loop, &p.timer);
	output_look(r);
	output_end_pty(r);
	for (size_t i = 0; i < ARRAY_LEN(o->outlets); i++)
		o->outlets[i] = outlet_free(o->outlets[i]);
	o->tee = outlet_free(o->tee);
	return err;
}
