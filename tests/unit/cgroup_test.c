/* SPDX-License-Identifier: MIT */
#include "sys/cgroup.h"

#include "support/skip.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(cgroup);

Test(cgroup, ends_what_is_in_it_and_leaves_no_trace)
{
	struct cgroup group, second;
	struct pid_list pids = { 0 };
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

Test(cgroup, one_that_is_there_is_listed_with_all_below)
{
	struct cgroup group, found;
	struct pid_list pids = { 0 };
	char path[256];
	int status;
	pid_t pid;

	if (cgroup_new("dutybox-unit-open", &group) < 0)
		skip("no control group may be made here");
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", group.dir);
	cr_assert_eq(mkdirat(group.dir, "below", 0755), 0);
	pid = fork();
	if (pid == 0) {
		struct cgroup below = CGROUP_NONE;

		below.dir = openat(group.dir, "below", O_RDONLY | O_DIRECTORY);
		ignore(cgroup_set(&below, "cgroup.procs", "0"));
		pause();
		_exit(0);
	}
	cr_assert_eq(cgroup_open(path, &found), 0);
	while (pids.len == 0)
		cr_assert_eq(cgroup_list_all(&found, &pids), 0);
	cr_expect_eq(pids.items[0], pid);
	vec_clear(&pids);
	cr_expect_eq(cgroup_list(&found, &pids), 0);
	cr_expect_eq(pids.len, 0);
	cr_assert_eq(cgroup_kill(&found), 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cgroup_close(&found);
	cgroup_close(&found);
	cr_expect_eq(unlinkat(group.dir, "below", AT_REMOVEDIR), 0);
	cr_expect_eq(cgroup_free(&group), 0);
	vec_release(&pids);
}

Test(cgroup, a_directory_is_no_group)
{
	struct cgroup group;

	cr_expect_eq(cgroup_open(".", &group), -EMEDIUMTYPE);
	cr_expect_eq(cgroup_open("/no/such/group", &group), -ENOENT);
}
