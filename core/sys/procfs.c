/* SPDX-License-Identifier: MIT */
#include "sys/procfs.h"

#include "base/fdio.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

enum {
	PATH_OF_PID_MAX = 256, /* "PID/" and a file's name */
	COMM_MAX = 64,         /* kernel threads' names exceed TASK_COMM_LEN since 5.17 */
};

/* A process that ends while its file is open gives ESRCH, before that ENOENT. */
static int gone_is_esrch(int r)
{
	return r == -ENOENT ? -ESRCH : r;
}

int procfs_open(void)
{
	int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int procfs_read(int proc, const char *name, size_t limit, struct strbuf *ret)
{
	return fdio_read_file(proc, name, limit, ret);
}

int procfs_read_of(int proc, pid_t pid, const char *name, size_t limit, struct strbuf *ret)
{
	char path[PATH_OF_PID_MAX];
	int len = snprintf(path, sizeof(path), "%d/%s", (int)pid, name);

	if (len < 0 || (size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	return gone_is_esrch(fdio_read_file(proc, path, limit, ret));
}

int procfs_comm(int proc, pid_t pid, struct strbuf *ret)
{
	int r;

	strbuf_clear(ret);
	r = procfs_read_of(proc, pid, "comm", COMM_MAX, ret);
	if (r < 0 && r != -EFBIG)
		return r;
	if (ret->len > 0 && ret->data[ret->len - 1] == '\n')
		strbuf_truncate(ret, ret->len - 1);
	/* Recorded trees may hold anything; callers take it as a string. */
	strbuf_truncate(ret, strlen(strbuf_str(ret)));
	return 0;
}

int procfs_uid(int proc, pid_t pid, uid_t *ret)
{
	char name[16];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%d", (int)pid);
	if (fstatat(proc, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return gone_is_esrch(-errno);
	*ret = st.st_uid;
	return 0;
}

bool procfs_is_pid(const char *name, pid_t *ret)
{
	uint64_t value;

	if (name[0] < '1' || name[0] > '9' || num_parse_u64(name, &value) < 0 || value > INT_MAX)
		return false;
	*ret = (pid_t)value;
	return true;
}

bool pid_list_has(const struct pid_list *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->len; i++) {
		if (pids->items[i] == pid)
			return true;
	}
	return false;
}
