/* SPDX-License-Identifier: MIT */
#include "sys/proc_wait.h"

#include "base/mem.h"

#include "support/process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

TestSuite(proc_wait);

enum { N = 3 };

struct run {
	struct proc_reader reader;
	struct proc_refs refs;
	struct process processes[N];
	size_t gone[N];
};

static void on_gone(size_t index, void *user)
{
	struct run *run = user;

	run->gone[index]++;
}

static struct run begin(void)
{
	struct run run = { 0 };
	int proc = procfs_open();

	cr_assert(proc >= 0);
	proc_reader_init(&run.reader, proc);
	for (size_t i = 0; i < N; i++) {
		struct proc_ref ref;

		run.processes[i] = process_idle();
		cr_assert_eq(proc_ref_open(&run.reader, run.processes[i].pid, &ref), 0);
		vec_push(&run.refs, ref);
	}
	return run;
}

static int wait_for(struct run *run, size_t wanted, int64_t timeout_ns)
{
	const struct proc_wait_request request = { .refs = &run->refs,
		                                   .wanted = wanted,
		                                   .timeout_ns = timeout_ns,
		                                   .gone = on_gone,
		                                   .user = run };

	memset(run->gone, 0, sizeof(run->gone));
	return proc_wait(&run->reader, &request);
}

static void finish(struct run *run)
{
	proc_refs_release(&run->refs);
	(void)close(run->reader.proc);
	proc_reader_release(&run->reader);
}

Test(proc_wait, looks_once_waits_for_some_or_for_all)
{
	struct run run = begin();

	cr_expect_eq(wait_for(&run, N, 0), -ETIMEDOUT);
	cr_expect_eq(wait_for(&run, 0, 0), 0);
	cr_expect_eq(wait_for(&run, N, 1000000), -ETIMEDOUT);
	(void)process_end(&run.processes[1]);
	cr_expect_eq(wait_for(&run, 1, PROC_WAIT_FOREVER), 0);
	cr_expect_eq(run.gone[0] + run.gone[2], 0);
	cr_expect_eq(run.gone[1], 1);
	cr_expect_eq(wait_for(&run, 2, 0), -ETIMEDOUT);
	cr_expect_eq(run.gone[1], 1);
	process_make_zombie(&run.processes[0]);
	(void)kill(run.processes[2].pid, SIGKILL);
	cr_expect_eq(wait_for(&run, N, PROC_WAIT_FOREVER), 0);
	for (size_t i = 0; i < N; i++)
		cr_expect_eq(run.gone[i], 1);
	(void)process_reap(&run.processes[0]);
	(void)process_reap(&run.processes[2]);
	finish(&run);
}

Test(proc_wait, without_pidfds_it_looks_now_and_then)
{
	struct run run = begin();
	struct proc_stat stat;

	for (size_t i = 0; i < N; i++) {
		struct proc_ref *ref = &run.refs.items[i];

		cr_assert_eq(proc_read_stat(&run.reader, ref->pid, 0, &stat), 0);
		proc_ref_close(ref);
		ref->start_ticks = stat.start_ticks;
	}
	cr_expect_eq(wait_for(&run, N, 1), -ETIMEDOUT);
	/* One has ended, and one number is taken by a process that was started later. */
	(void)process_end(&run.processes[0]);
	run.refs.items[1].start_ticks--;
	cr_expect_eq(wait_for(&run, 2, PROC_WAIT_FOREVER), 0);
	cr_expect_eq(run.gone[0], 1);
	cr_expect_eq(run.gone[1], 1);
	cr_expect_eq(run.gone[2], 0);
	(void)process_end(&run.processes[1]);
	(void)process_end(&run.processes[2]);
	finish(&run);
}
