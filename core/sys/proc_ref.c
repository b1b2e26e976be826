/* SPDX-License-Identifier: MIT */
#include "sys/proc_ref.h"

#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/* linux/magic.h and linux/pidfd.h of newer kernels. */
#define PIDFS_TYPE 0x50494446

struct pidfd_info_v1 {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t pid, tgid, ppid;
	uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};

#define PIDFD_INFO_REQUEST  _IOWR(0xFF, 11, struct pidfd_info_v1)
#define PIDFD_INFO_HAS_EXIT (1u << 3)

enum { FDS_LEFT = 8 }; /* for directories and files of procfs, and what else a caller opens */

void proc_ref_raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* The number is the lowest that is free, so a high one says that there are few. */
static bool is_too_high(struct proc_reader *r, int fd)
{
	struct rlimit limit;

	if (r->fd_limit == 0) {
		r->fd_limit = INT_MAX;
		if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < INT_MAX)
			r->fd_limit = (int)limit.rlim_cur;
	}
	return fd >= r->fd_limit - FDS_LEFT;
}

/* pidfd_open() of a thread gives EINVAL, since 6.9 ENOENT. */
static int open_pidfd(struct proc_reader *r, pid_t pid)
{
	int fd = pidfd_open(pid, 0);

	if (fd >= 0 && is_too_high(r, fd)) {
		(void)close(fd);
		return -EMFILE;
	}
	if (fd >= 0)
		return fd;
	return errno == EINVAL || errno == ENOENT ? -ESRCH : -errno;
}

static uint64_t inode_of(int pidfd)
{
	struct statfs fs;
	struct stat st;

	/* Before 6.9 all pidfds are the same anonymous inode. */
	if (fstatfs(pidfd, &fs) < 0 || fs.f_type != PIDFS_TYPE || fstat(pidfd, &st) < 0)
		return 0;
	return st.st_ino;
}

/* The start time; -ESRCH for a thread, whose directory is there but not listed. */
static int start_of(struct proc_reader *r, pid_t pid, uint64_t *ret)
{
	struct proc_stat stat;
	int result = proc_read_stat(r, pid, 0, &stat);

	if (result == 0)
		*ret = stat.start_ticks;
	return result;
}

int proc_ref_open(struct proc_reader *r, pid_t pid, struct proc_ref *ret)
{
	struct proc_ref ref = { .pid = pid, .pidfd = open_pidfd(r, pid) };
	int result;

	if (ref.pidfd == -ESRCH)
		return -ESRCH;
	if (ref.pidfd >= 0) {
		ref.inode = inode_of(ref.pidfd);
		if (ref.inode != 0) {
			*ret = ref;
			return 0;
		}
	} else {
		ref.pidfd = -1;
	}
	result = start_of(r, pid, &ref.start_ticks);
	/* A pidfd is enough by itself; procfs may be missing or hide the process. */
	if (result < 0 && (ref.pidfd < 0 || result == -ESRCH)) {
		proc_ref_close(&ref);
		return result;
	}
	*ret = ref;
	return 0;
}

void proc_ref_close(struct proc_ref *ref)
{
	if (ref->pidfd >= 0)
		(void)close(ref->pidfd);
	ref->pidfd = -1;
}

void proc_refs_release(struct proc_refs *refs)
{
	for (size_t i = 0; i < refs->len; i++)
		proc_ref_close(&refs->items[i]);
	vec_release(refs);
}

/* Without a pidfd: 0 when the pid still belongs to the process. */
static int check_start(struct proc_reader *r, const struct proc_ref *ref)
{
	uint64_t start = 0;
	int result = start_of(r, ref->pid, &start);

	if (result < 0)
		return result;
	return start == ref->start_ticks ? 0 : -ESRCH;
}

static int send_signal(struct proc_reader *r, const struct proc_ref *ref, int signo,
                       siginfo_t *info)
{
	int result;

	if (ref->pidfd >= 0) {
		if (pidfd_send_signal(ref->pidfd, signo, info, 0) == 0)
			return 0;
		if (errno != ENOSYS)
			return -errno;
	}
	result = check_start(r, ref);
	if (result < 0)
		return result;
	if (info == NULL)
		return kill(ref->pid, signo) < 0 ? -errno : 0;
	return sigqueue(ref->pid, signo, info->si_value) < 0 ? -errno : 0;
}

int proc_ref_signal(struct proc_reader *r, const struct proc_ref *ref, int signo)
{
	return send_signal(r, ref, signo, NULL);
}

int proc_ref_queue(struct proc_reader *r, const struct proc_ref *ref, int signo, int value)
{
	siginfo_t info = { .si_signo = signo, .si_code = SI_QUEUE };

	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_int = value;
	return send_signal(r, ref, signo, &info);
}

bool proc_ref_is_gone(struct proc_reader *r, const struct proc_ref *ref)
{
	struct proc_stat stat;

	if (ref->pidfd >= 0) {
		struct pollfd fd = { .fd = ref->pidfd, .events = POLLIN };

		return poll(&fd, 1, 0) > 0;
	}
	return proc_read_stat(r, ref->pid, 0, &stat) < 0 || stat.start_ticks != ref->start_ticks ||
	       proc_stat_is_dead(&stat);
}

int proc_ref_release_memory(const struct proc_ref *ref)
{
	if (ref->pidfd < 0)
		return -ENOSYS;
	return process_mrelease(ref->pidfd, 0) < 0 ? -errno : 0;
}

int proc_ref_exit_status(const struct proc_ref *ref, int *ret_status)
{
	struct pidfd_info_v1 info = { .mask = PIDFD_INFO_HAS_EXIT };

	if (ref->pidfd < 0 || ioctl(ref->pidfd, PIDFD_INFO_REQUEST, &info) < 0 ||
	    (info.mask & PIDFD_INFO_HAS_EXIT) == 0)
		return -ENODATA;
	*ret_status = info.exit_code;
	return 0;
}

/* Decimal digits and nothing else. */
static int parse_digits(const char *text, size_t len, uint64_t max, uint64_t *ret)
{
	char digits[24];
	uint64_t value;
	int r;

	if (len >= sizeof(digits))
		return -ERANGE;
	memcpy(digits, text, len);
	digits[len] = '\0';
	r = num_parse_u64(digits, &value);
	if (r < 0)
		return r;
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int proc_id_parse(const char *text, struct proc_id *ret)
{
	size_t len = strcspn(text, ":@");
	struct proc_id id = { 0 };
	uint64_t number;
	int r = parse_digits(text, len, INT_MAX, &number);

	if (r < 0)
		return r;
	if (number == 0)
		return -EINVAL;
	id.pid = (pid_t)number;
	if (text[len] != '\0') {
		const char *rest = text + len + 1;

		r = parse_digits(rest, strlen(rest), UINT64_MAX, &number);
		if (r < 0)
			return r;
		id.has_start = text[len] == '@';
		if (id.has_start)
			id.start_ticks = number;
		else if (number == 0)
			return -EINVAL;
		else
			id.inode = number;
	}
	*ret = id;
	return 0;
}

void proc_id_add(struct strbuf *b, const struct proc_ref *ref)
{
	if (ref->inode != 0)
		strbuf_add_format(b, "%d:%llu", (int)ref->pid, (unsigned long long)ref->inode);
	else
		strbuf_add_format(b, "%d@%llu", (int)ref->pid,
		                  (unsigned long long)ref->start_ticks);
}

int proc_ref_open_id(struct proc_reader *r, const struct proc_id *id, struct proc_ref *ret)
{
	struct proc_ref ref;
	uint64_t start = 0;
	int result = proc_ref_open(r, id->pid, &ref);

	if (result < 0)
		return result;
	if (id->inode != 0 && ref.inode != id->inode)
		result = -ESRCH;
	if (result == 0 && id->has_start) {
		result = start_of(r, id->pid, &start);
		if (result == 0 && start != id->start_ticks)
			result = -ESRCH;
	}
	if (result < 0) {
		proc_ref_close(&ref);
		return result;
	}
	*ret = ref;
	return 0;
}
