/* SPDX-License-Identifier: MIT */
/*
 * --isolate=pidns: the keeper is the first process of a pid namespace, pid_namespaces(7). When it
 * ends, however that is, the kernel ends all others in there. An ordinary user gets one
 * inside a user namespace that maps that user alone.
 */
#include "run.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>

static pid_t fork_with(uint64_t flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = fdio_write_all(fd, text, strlen(text));
	(void)close(fd);
	return err;
}

/* The user that it was, and nobody else. */
static int map_user(uid_t uid, gid_t gid)
{
	char line[64];
	int err = write_file("/proc/self/setgroups", "deny");

	/* Before 3.19 there is no such file. */
	if (err < 0 && err != -ENOENT)
		return err;
	(void)snprintf(line, sizeof(line), "%u %u 1\n", uid, uid);
	err = write_file("/proc/self/uid_map", line);
	if (err < 0)
		return err;
	(void)snprintf(line, sizeof(line), "%u %u 1\n", gid, gid);
	return write_file("/proc/self/gid_map", line);
}

/* Numbers of processes mean something else here: so they must in /proc. */
static int mount_proc(void)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return -errno;
	return 0;
}

int namespace_fork(pid_t *ret_pid)
{
	static const uint64_t flags = CLONE_NEWPID | CLONE_NEWNS;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	bool has_user = false;
	int err = 0;
	pid_t pid = fork_with(flags);

	if (pid < 0 && errno == EPERM) {
		has_user = true;
		pid = fork_with(flags | CLONE_NEWUSER);
	}
	if (pid < 0)
		return -errno;
	*ret_pid = pid;
	if (pid > 0)
		return 0;
	if (has_user)
		err = map_user(uid, gid);
	return err < 0 ? err : mount_proc();
}
