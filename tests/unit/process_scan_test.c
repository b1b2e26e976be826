/* SPDX-License-Identifier: MIT */
#include "sys/process_scan.h"

#include "sys/procfs.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(process_scan);

#define REST " 1 2 3 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 100 200"

Test(process_scan, reads_a_line_whatever_the_name)
{
	struct process_ref ref;

	cr_assert_eq(process_parse_stat("42 (a) R 9 (x)) S" REST "\n", &ref), 0);
	cr_expect_eq(ref.pid, 42);
	cr_expect_eq(ref.state, 'S');
	cr_expect_eq(ref.parent, 1);
	cr_expect_eq(ref.group, 2);
	cr_expect_eq(ref.session, 3);
	cr_expect_eq(ref.start, 4711);
}

Test(process_scan, refuses_what_is_no_line)
{
	static const char cases[][80] = {
		"",         "42",           "42 (a",        "42 (a)",         "42 (a) ",
		"42 (a) S", "42 (a) S 1 2", "x (a) S" REST, "42 (a) SS" REST, "42 a S" REST
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct process_ref ref = { .pid = 7 };

		cr_expect_eq(process_parse_stat(cases[i], &ref), -EINVAL, "%s", cases[i]);
		cr_expect_eq(ref.pid, 7);
	}
}

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
