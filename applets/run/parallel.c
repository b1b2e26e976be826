/* SPDX-License-Identifier: MIT */
/* The coordinator: starts jobs while there are some and it may, and decides when it is enough. */
#include "parallel.h"

#include "base/clock.h"
#include "base/num.h"
#include "base/sig.h"
#include "sys/machine_load.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

/* How often is looked whether the machine has room again. */
static const int64_t look_again_ns = INT64_C(500000000);

int parallel_new(struct run *r, char **words, struct parallel **ret)
{
	struct parallel *p = mem_alloc_zeroed(sizeof(*p));
	int status;

	p->r = r;
	p->opts = &r->opts->parallel;
	p->halt = (struct halt_policy){ .when = HALT_NEVER };
	p->halt_code = -1;
	p->joblog = -1;
	p->results = -1;
	p->order.fd = -1;
	p->out_fd = -1;
	p->err_fd = STDERR_FILENO;
	*ret = p;
	status = parallel_check(p);
	if (status == 0)
		status = feed_open(p, words);
	if (status == 0)
		status = logs_open(p);
	return status;
}

struct parallel *parallel_free(struct parallel *p)
{
	if (p == NULL)
		return NULL;
	feed_release(&p->feed);
	logs_close(p);
	free(p);
	return NULL;
}

void parallel_fail(struct parallel *p, int err, const char *verb, const char *path)
{
	if (!p->failed)
		diag_warn(p->r->ctx->diag, path, "cannot %s: %s", verb, strerrordesc_np(-err));
	p->failed = true;
	p->stopping = true;
}

/* Running jobs are ended; the first reason decides what is left with. */
static void halt(struct parallel *p, bool now)
{
	p->stopping = true;
	if (p->halted || !now)
		return;
	p->halted = true;
	slots_signal(p, SIGTERM);
}

static uint64_t failed_code(const struct parallel *p)
{
	return p->count.failed < FAILED_MAX ? p->count.failed : FAILED_MAX;
}

static void look_at_policy(struct parallel *p, int code)
{
	if (p->halt_code >= 0 || !halt_policy_is_met(&p->halt, &p->count))
		return;
	/* As GNU parallel: of a single job its own status, else how many failed. */
	p->halt_code = !p->halt.is_percent && p->halt.n == 1 ? code : (int)failed_code(p);
	halt(p, p->halt.when == HALT_NOW);
}

/* Does it count for the policy? What a halt or a signal ended does not. */
static void count_job(struct parallel *p, const struct job_result *result)
{
	int code = result->outcome.code;

	if (code == 0)
		p->count.succeeded++;
	else
		p->count.failed++;
	if (p->r->stop_signal == 0 && !p->r->abandoned && !p->failed)
		look_at_policy(p, code);
}

void parallel_job_ended(struct slot *slot, const struct job_result *result)
{
	struct parallel *p = slot->p;

	slot->busy = false;
	p->running--;
	count_job(p, result);
	display_job(slot, result);
	if (p->progress != NULL)
		progress_tick(p->progress, p->count.failed + p->count.succeeded, p->feed.total,
		              NULL);
	if (out_failed(p->r->ctx->out)) {
		p->failed = true;
		halt(p, true);
	}
}

/* A line that is no command is a job that failed at once. */
static void end_bad_job(struct slot *slot, struct job *job)
{
	struct job_result result = { .started = clock_wall(), .outcome = { .code = CODE_FAILED } };

	slot->job = *job;
	*job = (struct job){ 0 };
	slot->busy = true;
	slot->p->running++;
	parallel_job_ended(slot, &result);
}

static bool has_room(struct parallel *p)
{
	uint64_t value;

	if (p->running == 0)
		return true;
	if (p->load != UINT64_MAX && machine_load(p->r->tree.proc, &value) == 0 && value > p->load)
		return false;
	return p->opts->memfree == 0 || machine_available(p->r->tree.proc, &value) < 0 ||
	       value >= p->opts->memfree;
}

static void on_wake(void *user)
{
	(void)user;
}

/* May one be started now? If a later moment is better, it is arranged for. */
static bool may_start(struct parallel *p)
{
	int64_t now;

	if (p->stopping || p->waits_for_list || p->list_ended || p->running == p->n_slots ||
	    p->held.len >= HELD_MAX)
		return false;
	if (p->opts->start_delay == 0 && p->load == UINT64_MAX && p->opts->memfree == 0)
		return true;
	now = clock_now();
	if (now < p->next_start) {
		event_loop_arm(p->r->loop, &p->wake, p->next_start);
		return false;
	}
	if (has_room(p))
		return true;
	event_loop_arm(p->r->loop, &p->wake, now + look_again_ns);
	return false;
}

static void fail_list(struct parallel *p, int err)
{
	feed_say(p, err);
	p->failed = true;
	p->stopping = true;
}

static void on_list(uint32_t events, void *user)
{
	struct parallel *p = user;
	int err;

	(void)events;
	event_loop_remove(p->r->loop, p->feed.reader.fd);
	p->waits_for_list = false;
	err = item_reader_fill(&p->feed.reader);
	if (err < 0)
		fail_list(p, err);
}

/* The list has nothing more yet. Regular files always have, or are at their end. */
static int wait_for_list(struct parallel *p)
{
	int err = event_loop_add(p->r->loop, p->feed.reader.fd, EPOLLIN, on_list, p);

	if (err == -EPERM)
		return item_reader_fill(&p->feed.reader);
	p->waits_for_list = err == 0;
	return err;
}

static int start_in(struct parallel *p, struct slot *slot, struct job *job)
{
	struct job_values values = { .len = job->n_values, .seq = job->seq, .slot = slot->number };
	const char **items;
	const char *at = strbuf_str(&job->values);
	int err = 0;

	strbuf_clear(&slot->tag);
	if (p->tag != NULL) {
		items = mem_alloc_array(job->n_values + 1, sizeof(*items));
		for (size_t i = 0; i < job->n_values; i++, at += strlen(at) + 1)
			items[i] = at;
		values.items = items;
		(void)job_template_expand(p->tag, &values, &slot->tag);
		/* In the place of the NUL. */
		strbuf_truncate(&slot->tag, slot->tag.len - 1);
		strbuf_add_char(&slot->tag, '\t');
		free(items);
	}
	if (p->opts->start_delay > 0)
		p->next_start = clock_now() + p->opts->start_delay;
	if (job->is_bad)
		end_bad_job(slot, job);
	else
		err = slot_start(slot, job);
	return err;
}

/* The next job goes to the slot. False: not now, or no more. */
static bool feed_slot(struct parallel *p, struct slot *slot)
{
	struct job job = { 0 };
	int r = feed_next(p, slot->number, &job);

	if (r == 0) {
		p->list_ended = true;
		p->feed.total = p->feed.seq;
		return false;
	}
	if (r == -EAGAIN)
		r = wait_for_list(p);
	if (r < 0) {
		fail_list(p, r);
		return false;
	}
	if (job.seq == 0)
		return true;
	if (logs_have(p, job.seq))
		p->skipped++;
	else
		r = start_in(p, slot, &job);
	job_release(&job);
	if (r < 0)
		parallel_fail(p, r, "start jobs", NULL);
	return true;
}

static void start_some(struct parallel *p)
{
	bool more = true;

	while (more && may_start(p)) {
		struct slot *slot;
		int err = slots_find(p, &slot);

		if (err == 0) {
			more = feed_slot(p, slot);
			continue;
		}
		/* Fewer at once will do. */
		if (p->running == 0)
			parallel_fail(p, err, "start jobs", NULL);
		more = false;
	}
}

static void on_signal(const struct signalfd_siginfo *info, void *user)
{
	struct parallel *p = user;
	int signo = (int)info->ssi_signo;

	if (signo == SIGCHLD)
		slots_collect(p);
	if (signo == SIGCHLD || signo == SIGTTIN || signo == SIGTTOU)
		return;
	if (signo == SIGTERM || signo == SIGINT || signo == SIGHUP || signo == SIGQUIT) {
		if (p->r->stop_signal == 0)
			p->r->stop_signal = signo;
		p->stopping = true;
	}
	/* A worker hands it on, or ends its job. */
	slots_signal(p, signo);
}

/* The guard was killed. Workers see it themselves. */
static void on_life(uint32_t events, void *user)
{
	struct parallel *p = user;

	(void)events;
	event_loop_remove(p->r->loop, p->r->life);
	p->r->abandoned = true;
	p->stopping = true;
}

static int begin(struct parallel *p)
{
	static const int signals[] = { SIGCHLD, SIGTTOU, SIGTTIN };
	struct run *r = p->r;
	sigset_t set = r->signals;
	int err;

	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		(void)sigaddset(&set, signals[i]);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
	p->wake = (struct event_timer){ .expire = on_wake };
	r->began = clock_now();
	r->began_wall = clock_wall();
	err = process_tree_begin(TREE_LEADER, &r->tree);
	if (err == 0)
		err = event_loop_new(&r->loop);
	if (err == 0)
		err = event_loop_catch(r->loop, &set, on_signal, p);
	if (err == 0)
		err = event_loop_add(r->loop, r->life, EPOLLIN, on_life, p);
	if (err == 0)
		err = display_begin(p);
	return err < 0 ? err : slots_begin(p);
}

/* A percentage needs to know of what. */
static int count_all(struct parallel *p)
{
	int err;

	if (!p->halt.is_percent && p->feed.reads)
		return 0;
	err = feed_load(&p->feed);
	if (err < 0) {
		fail_list(p, err);
		return 0;
	}
	p->count.total = p->feed.total > p->before.len ? p->feed.total - p->before.len : 0;
	return 0;
}

static int work(struct parallel *p)
{
	int err = count_all(p);

	for (;;) {
		start_some(p);
		if (p->running == 0 && (p->stopping || p->list_ended))
			break;
		if (err == 0)
			err = event_loop_step(p->r->loop);
		if (err < 0)
			break;
	}
	display_held(p);
	event_loop_disarm(p->r->loop, &p->wake);
	return err;
}

static int final_status(const struct parallel *p)
{
	if (p->r->abandoned)
		return CODE_FAILED;
	if (p->failed)
		return CODE_PARALLEL_FAILED;
	return p->halt_code >= 0 ? p->halt_code : (int)failed_code(p);
}

int parallel_keep(struct parallel *p)
{
	struct run *r = p->r;
	int err = begin(p);

	if (err == 0)
		err = work(p);
	slots_end(p);
	p->progress = progress_free(p->progress);
	display_end(p);
	if (err < 0)
		parallel_fail(p, err, "run jobs", NULL);
	report_summary(p);
	r->loop = event_loop_free(r->loop);
	process_tree_end(&r->tree);
	r->ended = clock_now();
	r->outcome = (struct outcome){ .code = final_status(p) };
	hooks_run(r);
	if (r->stop_signal != 0)
		sig_stop(r->stop_signal);
	return r->outcome.code;
}
