/* SPDX-License-Identifier: MIT */
#include "sys/cgroup.h"

#include "support/skip.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(cgroup);

Test(cgroup, ends_what_is_in_it_and_leaves_no_trace)
{
	struct cgroup group, second;
	struct pids pids = { 0 };
	uint64_t value;
	int status;
	pid_t pid;

	if (cgroup_new("dutybox-unit-test", &group) < 0)
		skip("no control group may be made here");
	cr_assert_eq(cgroup_new("dutybox-unit-test", &second), 0);
	cr_expect(strcmp(group.name, second.name) != 0);
	cr_expect_eq(cgroup_free(&second), 0);
	pid = fork();
	if (pid == 0) {
		ignore(cgroup_set(&group, "cgroup.procs", "0"));
		pause();
		_exit(0);
	}
	while (pids.len == 0)
		cr_assert_eq(cgroup_list(&group, &pids), 0);
	cr_expect_eq(pids.items[0], pid);
	cr_expect_eq(cgroup_get_key(&group, "cgroup.events", "populated", &value), 0);
	cr_expect_eq(value, 1);
	cr_expect_eq(cgroup_get(&group, "no.such", &value), -ENOENT);
	cr_assert_eq(cgroup_kill(&group), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	cr_expect_eq(cgroup_free(&group), 0);
	vec_release(&pids);
}
