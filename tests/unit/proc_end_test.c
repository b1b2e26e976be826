/* SPDX-License-Identifier: MIT */
#include "sys/proc_end.h"

#include "sys/proc_gather.h"

#include "support/process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(proc_end);

static const int64_t second = INT64_C(1000000000);

struct run {
	struct proc_reader reader;
	struct proc_refs refs;
	size_t sent[16]; /* by index of the process */
	int results[16]; /* the last one */
	size_t gone;
};

static struct run begin(void)
{
	struct run run = { 0 };
	int proc = procfs_open();

	cr_assert(proc >= 0);
	proc_reader_init(&run.reader, proc);
	return run;
}

static void add(struct run *run, const struct process *p)
{
	struct proc_ref ref;

	cr_assert_eq(proc_ref_open(&run->reader, p->pid, &ref), 0);
	vec_push(&run->refs, ref);
}

static void finish(struct run *run)
{
	proc_refs_release(&run->refs);
	(void)close(run->reader.proc);
	proc_reader_release(&run->reader);
}

static void on_sent(size_t index, int signo, int result, void *user)
{
	struct run *run = user;

	(void)signo;
	run->sent[index]++;
	run->results[index] = result;
}

static void on_gone(size_t index, void *user)
{
	struct run *run = user;

	(void)index;
	run->gone++;
}

static int end_all(struct run *run, const struct signal_schedule *schedule, bool resume)
{
	const struct proc_end_request request = { .refs = &run->refs,
		                                  .schedule = schedule,
		                                  .resume = resume,
		                                  .sent = on_sent,
		                                  .gone = on_gone,
		                                  .user = run };

	return proc_end(&run->reader, &request);
}

Test(proc_end, only_who_is_left_gets_the_stronger_signal)
{
	const struct signal_schedule schedule = {
		.len = 2, .steps = { { SIGTERM, second / 10 }, { SIGKILL, 60 * second } }
	};
	struct process meek = process_idle();
	struct process deaf = process_start(&(struct process_request){ .ignored = SIGTERM });
	struct run run = begin();

	add(&run, &meek);
	add(&run, &deaf);
	cr_expect_eq(end_all(&run, &schedule, true), 0);
	cr_expect_eq(run.gone, 2);
	cr_expect_eq(run.sent[0], 1);
	cr_expect_eq(run.sent[1], 2);
	cr_expect_eq(WTERMSIG(process_reap(&meek)), SIGTERM);
	cr_expect_eq(WTERMSIG(process_reap(&deaf)), SIGKILL);
	finish(&run);
}

Test(proc_end, a_stopped_one_hears_only_when_it_is_resumed)
{
	const struct signal_schedule impatient = { .len = 1, .steps = { { SIGTERM, 1 } } };
	const struct signal_schedule patient = { .len = 1, .steps = { { SIGTERM, 60 * second } } };
	struct process p = process_idle();
	struct run run = begin();

	process_stop(&p);
	add(&run, &p);
	cr_expect_eq(end_all(&run, &impatient, false), -ETIMEDOUT);
	cr_expect(process_lives(&p));
	cr_expect_eq(end_all(&run, &patient, true), 0);
	cr_expect_eq(WTERMSIG(process_reap(&p)), SIGTERM);
	finish(&run);
}

Test(proc_end, without_a_last_wait_nobody_is_waited_for)
{
	const struct signal_schedule schedule = { .len = 1, .steps = { { SIGWINCH, 0 } } };
	struct process p = process_idle();
	struct run run = begin();

	add(&run, &p);
	cr_expect_eq(end_all(&run, &schedule, false), 0);
	cr_expect_eq(run.gone, 0);
	cr_expect_eq(run.sent[0], 1);
	cr_expect(process_lives(&p));
	(void)process_end(&p);
	cr_expect_eq(end_all(&run, &schedule, false), 0);
	cr_expect_eq(run.results[0], -ESRCH);
	finish(&run);
}

static char state_of(struct run *run, pid_t pid)
{
	struct proc_stat stat = { 0 };

	return proc_read_stat(&run->reader, pid, 0, &stat) == 0 ? stat.state : '?';
}

/* A shell with a child that has a child, which says when all are there. */
Test(proc_end, a_tree_is_gathered_while_it_stands_still)
{
	const struct signal_schedule kill_all = { .len = 1, .steps = { { SIGKILL, 60 * second } } };
	struct process p = process_start(&(struct process_request){
		.program = "/bin/sh",
		.script = "sh -c 'sh -c \"echo; read x\"; :'; :",
	});
	struct run run = begin();

	add(&run, &p);
	cr_assert_eq(proc_gather_tree(&run.reader, getpid(), true, &run.refs), 0);
	cr_expect_eq(run.refs.len, 3, "%zu", run.refs.len);
	for (size_t i = 0; i < run.refs.len; i++) {
		struct proc_ref *ref = &run.refs.items[i];

		cr_expect(ref->pid != getpid());
		/* The stop may still be on its way to one that is running elsewhere. */
		while (state_of(&run, ref->pid) == 'R')
			continue;
		cr_expect_eq(state_of(&run, ref->pid), 'T');
	}
	cr_expect_eq(end_all(&run, &kill_all, false), 0);
	cr_expect_eq(run.gone, run.refs.len);
	(void)process_reap(&p);
	finish(&run);
}

Test(proc_end, who_gathers_is_left_out)
{
	struct run run = begin();
	struct proc_ref ref;
	struct process p = process_idle();

	/* From the parent of this test down, but without this test. */
	cr_assert_eq(proc_ref_open(&run.reader, getpid(), &ref), 0);
	vec_push(&run.refs, ref);
	cr_assert_eq(proc_gather_tree(&run.reader, p.pid, false, &run.refs), 0);
	for (size_t i = 0; i < run.refs.len; i++)
		cr_expect(run.refs.items[i].pid != p.pid);
	(void)process_end(&p);
	finish(&run);
}
