/* SPDX-License-Identifier: MIT */
/*
 * A worker: a keeper of one job after the other. It inherits the coordinator's preparations by
 * fork and gets words; it answers when the job is over with all its processes.
 */
#include "output.h"
#include "parallel.h"

#include "base/clock.h"
#include "base/fdio.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { MS_PER_S = 1000, US_PER_MS = 1000 };

struct worker {
	struct run *r;
	struct run_opts opts;
	int socket;
	bool has_mail;
	struct strbuf words;
	struct strbuf found; /* the name that launch.file is the program of */
	char **argv;
	char *argv0; /* what programs are told to be their name; NULL: it */
};

static void close_fd(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

/* What other workers talk through must end when the coordinator closes it. */
static void close_others(const struct slot *own)
{
	const struct parallel *p = own->p;

	for (size_t i = 0; i < p->n_slots; i++) {
		if (&p->slots[i] == own)
			continue;
		close_fd(p->slots[i].socket);
		close_fd(p->slots[i].out[0]);
		close_fd(p->slots[i].out[1]);
	}
	if (p->output == JOB_OUTPUT_LINES) {
		close_fd(own->out[0]);
		close_fd(own->out[1]);
	}
}

/* Messages of ours go where the job's go: they are about it. */
static void take_output(struct run *r, const struct slot *slot)
{
	r->launch.fds[0] = SPAWN_NULL;
	if (slot->p->output == JOB_OUTPUT_RAW)
		return;
	(void)dup2(slot->give[0], STDOUT_FILENO);
	(void)dup2(slot->give[1], STDERR_FILENO);
	r->launch.fds[1] = SPAWN_INHERIT;
	r->launch.fds[2] = SPAWN_INHERIT;
	r->err_copy = SPAWN_INHERIT;
	r->one_output = slot->give[0] == slot->give[1];
	if (slot->p->output == JOB_OUTPUT_LINES)
		return;
	r->attempt_out[0] = slot->out[0];
	r->attempt_out[1] = slot->out[1];
	r->spool[1] = slot->out[1];
}

/* The options of one job: what is about all of them is the coordinator's. */
static void change_options(struct worker *w, const struct slot *slot)
{
	w->opts = *w->r->opts;
	w->opts.quiet = false;
	w->opts.capture = false;
	if (slot->p->output != JOB_OUTPUT_RAW)
		w->opts.merge = false;
	if (slot->p->output != JOB_OUTPUT_RAW)
		w->opts.out.json = false;
	if (w->opts.isolate == TREE_AUTO)
		w->opts.isolate = TREE_DESCENDANTS;
	if (w->opts.argv0 != NULL)
		w->argv0 = mem_strdup(w->opts.argv0);
	w->opts.argv0 = NULL;
	w->r->opts = &w->opts;
}

static void on_mail(uint32_t events, void *user)
{
	struct worker *w = user;

	(void)events;
	w->has_mail = true;
}

/* False: the coordinator wants no more, or somebody wants us to end. */
static bool wait_for_mail(struct worker *w)
{
	int err = event_loop_add(w->r->loop, w->socket, EPOLLIN, on_mail, w);

	w->has_mail = false;
	while (err == 0 && !w->has_mail && w->r->stop_signal == 0 && !w->r->abandoned)
		err = event_loop_step(w->r->loop);
	event_loop_remove(w->r->loop, w->socket);
	return err == 0 && w->has_mail && w->r->stop_signal == 0 && !w->r->abandoned;
}

static bool read_job(struct worker *w)
{
	uint64_t head[2];
	char *at;

	if (fdio_read_full(w->socket, head, sizeof(head)) != (ssize_t)sizeof(head))
		return false;
	strbuf_clear(&w->words);
	strbuf_add_fill(&w->words, '\0', head[1]);
	if (fdio_read_full(w->socket, w->words.data, head[1]) != (ssize_t)head[1])
		return false;
	free(w->argv);
	w->argv = mem_alloc_array(head[0] + 1, sizeof(*w->argv));
	at = w->words.data;
	for (size_t i = 0; i < head[0]; i++) {
		w->argv[i] = at;
		at += strlen(at) + 1;
	}
	w->argv[head[0]] = NULL;
	return true;
}

/* Looked for when the name is another than before. 0, or the code of a job that cannot run. */
static int find(struct worker *w)
{
	struct run *r = w->r;
	const char *name = w->argv[0] != NULL ? w->argv[0] : "";
	int code = 0;

	if (w->found.len == 0 || strcmp(strbuf_str(&w->found), name) != 0) {
		strbuf_clear(&w->found);
		strbuf_clear(&r->launch.file);
		if (*name != '\0')
			strbuf_add_str(&w->found, name);
		code = launch_find(r);
		if (code != 0)
			strbuf_clear(&w->found);
	}
	if (r->launch.find_err < 0)
		strbuf_clear(&w->found);
	if (code == 0 && w->argv0 != NULL)
		w->argv[0] = w->argv0;
	return code;
}

static int64_t milliseconds(struct timeval a, struct timeval b)
{
	return (int64_t)(a.tv_sec - b.tv_sec) * MS_PER_S + (a.tv_usec - b.tv_usec) / US_PER_MS;
}

/* Processes that were left behind are children of ours, or would be the next job's. */
static bool is_used_up(const struct run *r)
{
	return r->outcome.left_running > 0 || !process_tree_holds_orphans(&r->tree) ||
	       r->stop_signal != 0 || r->abandoned;
}

static void run_job(struct worker *w, struct job_result *ret)
{
	struct run *r = w->r;
	struct rusage before, after;
	int err = 0;

	(void)getrusage(RUSAGE_CHILDREN, &before);
	r->began = clock_now();
	r->began_wall = clock_wall();
	r->total_at = 0;
	if (r->total_timeout > 0 && r->total_timeout < INT64_MAX - r->began)
		r->total_at = r->began + r->total_timeout;
	r->attempts = 0;
	r->outcome = (struct outcome){ 0 };
	r->launch.argv = w->argv;
	r->outcome.code = find(w);
	if (r->outcome.code == 0)
		err = run_attempts(r);
	if (err < 0) {
		diag_warn(r->ctx->diag, NULL, "cannot keep the command: %s", strerrordesc_np(-err));
		r->outcome.code = CODE_FAILED;
	}
	report_outcome(r);
	(void)getrusage(RUSAGE_CHILDREN, &after);
	*ret = (struct job_result){ .outcome = r->outcome,
		                    .attempts = r->attempts,
		                    .started = r->began_wall,
		                    .wall_ns = clock_now() - r->began,
		                    .user_ms = milliseconds(after.ru_utime, before.ru_utime),
		                    .sys_ms = milliseconds(after.ru_stime, before.ru_stime),
		                    .is_last = is_used_up(r) };
}

static void work(struct worker *w)
{
	while (wait_for_mail(w) && read_job(w)) {
		struct job_result result;

		run_job(w, &result);
		if (send(w->socket, &result, sizeof(result), MSG_NOSIGNAL) !=
		            (ssize_t)sizeof(result) ||
		    result.is_last)
			return;
	}
}

void worker_live(struct slot *slot)
{
	struct worker w = { .r = slot->p->r, .socket = slot->socket };
	int err;

	close_others(slot);
	/* Records are the coordinator's. */
	diag_mirror(w.r->ctx->diag, NULL);
	out_tee(w.r->ctx->out, NULL);
	change_options(&w, slot);
	take_output(w.r, slot);
	if (output_open(w.r) != 0)
		_exit(CODE_FAILED);
	err = keep_begin(w.r);
	if (err < 0)
		diag_warn(w.r->ctx->diag, NULL, "cannot keep jobs: %s", strerrordesc_np(-err));
	/* It stays with whoever has it: jobs read nothing. */
	w.r->terminal = -1;
	if (err == 0)
		work(&w);
	keep_end(w.r);
	_exit(err < 0 ? CODE_FAILED : 0);
}
