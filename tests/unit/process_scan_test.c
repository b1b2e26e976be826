/* SPDX-License-Identifier: MIT */
#include "sys/process_scan.h"

#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(process_scan, .init = sandbox_enter, .fini = sandbox_leave);

Test(process_scan, keeps_descendants_only)
{
	struct process_refs refs = { 0 };

	/* 5 -> 9 -> 3, 5 -> 6 (ended) -> 7; 8 is a stranger. */
	vec_push(&refs, (struct process_ref){ .pid = 3, .parent = 9, .state = 'S' });
	vec_push(&refs, (struct process_ref){ .pid = 5, .parent = 1, .state = 'S' });
	vec_push(&refs, (struct process_ref){ .pid = 6, .parent = 5, .state = 'Z' });
	vec_push(&refs, (struct process_ref){ .pid = 7, .parent = 6, .state = 'R' });
	vec_push(&refs, (struct process_ref){ .pid = 8, .parent = 1, .state = 'R' });
	vec_push(&refs, (struct process_ref){ .pid = 9, .parent = 5, .state = 'T' });
	process_keep_descendants(&refs, 5);
	cr_assert_eq(refs.len, 3);
	cr_expect_eq(refs.items[0].pid, 7);
	cr_expect_eq(refs.items[1].pid, 9);
	cr_expect_eq(refs.items[2].pid, 3);
	vec_release(&refs);
}

Test(process_scan, descent_ends_in_circles_and_at_strangers)
{
	struct process_refs refs = { 0 };

	/* 5 -> 9 -> 10; 20 and 21 are each other's parents, as a torn scan may say. */
	vec_push(&refs, (struct process_ref){ .pid = 5, .parent = 0 });
	vec_push(&refs, (struct process_ref){ .pid = 9, .parent = 5 });
	vec_push(&refs, (struct process_ref){ .pid = 10, .parent = 9 });
	vec_push(&refs, (struct process_ref){ .pid = 20, .parent = 21 });
	vec_push(&refs, (struct process_ref){ .pid = 21, .parent = 20 });
	cr_expect(process_descends(&refs, 10, 5));
	cr_expect(process_descends(&refs, 10, 9));
	cr_expect_not(process_descends(&refs, 5, 5));
	cr_expect_not(process_descends(&refs, 5, 10));
	cr_expect_not(process_descends(&refs, 20, 5));
	cr_expect_not(process_descends(&refs, 99, 5));
	cr_expect_eq(process_find(&refs, 9)->parent, 5);
	cr_expect_null(process_find(&refs, 8));
	vec_release(&refs);
	cr_expect_null(process_find(&refs, 8));
}

static void record_stat(const char *path, pid_t parent)
{
	char text[160];

	(void)snprintf(text, sizeof(text),
	               "9 (a) b) S %d 2 3 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 100 200\n",
	               (int)parent);
	tree_text(path, text);
}

Test(process_scan, ancestors_as_far_as_they_may_be_seen)
{
	struct pid_list pids = { 0 };
	struct proc_reader r;
	struct process_refs refs = { 0 };
	int proc;

	/* The parent of 40 is hidden; 60 and 61 form a circle. */
	tree("d 5", "d 40", "d 41", "d 60", "d 61", "d 70", "t 70/stat nonsense");
	record_stat("40/stat", 39);
	record_stat("41/stat", 40);
	record_stat("60/stat", 61);
	record_stat("61/stat", 60);
	proc = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(proc >= 0);
	proc_reader_init(&r, proc);
	cr_assert_eq(process_ancestors(&r, 41, &pids), 0);
	cr_assert_eq(pids.len, 2);
	cr_expect_eq(pids.items[0], 41);
	cr_expect_eq(pids.items[1], 40);
	cr_assert_eq(process_ancestors(&r, 60, &pids), 0);
	cr_expect_eq(pids.len, 2);
	cr_expect_eq(process_ancestors(&r, 39, &pids), -ESRCH);
	cr_expect_eq(process_ancestors(&r, 70, &pids), -EBADMSG);
	/* Who is gone or makes no sense is left out of a scan. */
	cr_assert_eq(process_scan(proc, &refs), 0);
	cr_assert_eq(refs.len, 4);
	cr_expect_eq(refs.items[1].pid, 41);
	cr_expect_eq(refs.items[1].parent, 40);
	vec_release(&refs);
	vec_release(&pids);
	proc_reader_release(&r);
	(void)close(proc);
}

Test(process_scan, signals_only_who_it_means)
{
	int proc = procfs_open();
	struct process_refs refs = { 0 };
	struct process_ref ref;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	cr_assert(proc >= 0);
	cr_assert_eq(process_scan(proc, &refs), 0);
	process_keep_descendants(&refs, getpid());
	cr_assert_eq(refs.len, 1);
	ref = refs.items[0];
	vec_release(&refs);
	cr_assert_eq(ref.pid, pid);
	ref.start++;
	cr_expect_eq(process_signal(proc, &ref, SIGKILL), -ESRCH);
	ref.start--;
	cr_expect_eq(process_signal(proc, &ref, SIGTERM), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	cr_expect_eq(process_signal(proc, &ref, SIGKILL), -ESRCH);
	(void)close(proc);
}
