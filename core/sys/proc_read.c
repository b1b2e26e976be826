/* SPDX-License-Identifier: MIT */
#include "sys/proc_read.h"

#include "base/num.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	BUFFER_START = 32 << 10, /* getdents64() fills this with over a thousand names */
	PATH_OF_PROCESS_MAX = 128,
};

void proc_reader_init(struct proc_reader *ret, int proc)
{
	*ret = (struct proc_reader){ .proc = proc,
		                     .buffer = mem_alloc(BUFFER_START),
		                     .cap = BUFFER_START };
}

void proc_reader_release(struct proc_reader *r)
{
	free(r->buffer);
	*r = (struct proc_reader){ .proc = -1 };
}

/* A process that ends while its file is open gives ESRCH, before that ENOENT. */
static int gone_is_esrch(int r)
{
	return r == -ENOENT ? -ESRCH : r;
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a;
	pid_t y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* As the kernel writes it, without leading zeros. */
static bool is_number(const char *name, uint64_t *ret)
{
	return name[0] >= '0' && name[0] <= '9' && (name[0] != '0' || name[1] == '\0') &&
	       num_parse_u64(name, ret) == 0 && *ret <= INT_MAX;
}

/* Adds the names that are numbers. */
static void add_numbers(const char *entries, size_t len, struct pid_list *ret)
{
	for (size_t at = 0; at < len;) {
		const struct dirent64 *entry = (const void *)(entries + at);
		uint64_t number;

		if (is_number(entry->d_name, &number))
			vec_push(ret, (pid_t)number);
		at += entry->d_reclen;
	}
}

static int list_numbers(struct proc_reader *r, const char *path, struct pid_list *ret)
{
	AUTO_CLOSE int fd = openat(r->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_sorted = true;

	if (fd < 0)
		return -errno;
	vec_clear(ret);
	for (;;) {
		ssize_t n = getdents64(fd, r->buffer, r->cap);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		add_numbers(r->buffer, (size_t)n, ret);
	}
	/* The kernel's are in order; those of a recorded tree need not be. */
	for (size_t i = 1; i < ret->len && is_sorted; i++)
		is_sorted = ret->items[i - 1] < ret->items[i];
	if (!is_sorted)
		qsort(ret->items, ret->len, sizeof(ret->items[0]), compare_pids);
	return 0;
}

int proc_list(struct proc_reader *r, struct pid_list *ret)
{
	int result = list_numbers(r, ".", ret);

	/* No process has the number 0. */
	if (result == 0 && ret->len > 0 && ret->items[0] == 0)
		memmove(ret->items, ret->items + 1, --ret->len * sizeof(ret->items[0]));
	return result;
}

int proc_list_threads(struct proc_reader *r, pid_t pid, struct pid_list *ret)
{
	char path[PATH_OF_PROCESS_MAX];

	(void)snprintf(path, sizeof(path), "%d/task", (int)pid);
	return gone_is_esrch(list_numbers(r, path, ret));
}

int proc_list_fds(struct proc_reader *r, pid_t pid, struct pid_list *ret)
{
	char path[PATH_OF_PROCESS_MAX];

	(void)snprintf(path, sizeof(path), "%d/fd", (int)pid);
	return gone_is_esrch(list_numbers(r, path, ret));
}

static int open_file(const struct proc_reader *r, pid_t pid, pid_t tid, const char *file)
{
	char path[PATH_OF_PROCESS_MAX];
	int len = tid == 0
	                  ? snprintf(path, sizeof(path), "%d/%s", (int)pid, file)
	                  : snprintf(path, sizeof(path), "%d/task/%d/%s", (int)pid, (int)tid, file);
	int fd;

	if (len < 0 || (size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	fd = openat(r->proc, path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? gone_is_esrch(-errno) : fd;
}

/*
 * The kernel fills the buffer as far as the file goes, so a read that came short was the last:
 * asking once more would be a quarter of the cost of the whole search.
 */
int proc_read(struct proc_reader *r, pid_t pid, pid_t tid, const char *file, struct proc_text *ret)
{
	AUTO_CLOSE int fd = open_file(r, pid, tid, file);
	size_t len = 0;

	if (fd < 0)
		return fd;
	for (;;) {
		size_t room = r->cap - 1 - len;
		ssize_t n = read(fd, r->buffer + len, room);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return gone_is_esrch(-errno);
		len += (size_t)n;
		if ((size_t)n < room || len >= PROC_FILE_MAX)
			break;
		r->cap *= 2;
		r->buffer = mem_resize(r->buffer, r->cap);
	}
	r->buffer[len] = '\0';
	*ret = (struct proc_text){ r->buffer, len };
	return 0;
}

int proc_read_link(struct proc_reader *r, pid_t pid, const char *link, struct proc_text *ret)
{
	char path[PATH_OF_PROCESS_MAX];
	ssize_t len;

	(void)snprintf(path, sizeof(path), "%d/%s", (int)pid, link);
	len = readlinkat(r->proc, path, r->buffer, PROC_LINK_MAX);
	if (len < 0)
		return gone_is_esrch(-errno);
	r->buffer[len] = '\0';
	*ret = (struct proc_text){ r->buffer, (size_t)len };
	return 0;
}

int proc_read_stat(struct proc_reader *r, pid_t pid, pid_t tid, struct proc_stat *ret)
{
	struct proc_text text = { 0 };
	int result = proc_read(r, pid, tid, "stat", &text);

	return result < 0 ? result : proc_stat_parse(text.data, text.len, ret);
}

int proc_read_status(struct proc_reader *r, pid_t pid, struct proc_status *ret)
{
	struct proc_text text = { 0 };
	int result = proc_read(r, pid, 0, "status", &text);

	return result < 0 ? result : proc_status_parse(text.data, text.len, ret);
}

int proc_read_comm(struct proc_reader *r, pid_t pid, pid_t tid, struct proc_text *ret)
{
	struct proc_text text = { 0 };
	int result = proc_read(r, pid, tid, "comm", &text);

	if (result < 0)
		return result;
	if (text.len > 0 && text.data[text.len - 1] == '\n')
		text.data[--text.len] = '\0';
	/* Recorded files may hold anything; users take it as a string. */
	text.len = strlen(text.data);
	*ret = text;
	return 0;
}

int proc_stat_link(const struct proc_reader *r, pid_t pid, const char *link, uint64_t *ret_device,
                   uint64_t *ret_inode)
{
	char path[PATH_OF_PROCESS_MAX];
	struct statx st;

	(void)snprintf(path, sizeof(path), "%d/%s", (int)pid, link);
	if (statx(r->proc, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &st) < 0)
		return gone_is_esrch(-errno);
	*ret_device = makedev(st.stx_dev_major, st.stx_dev_minor);
	*ret_inode = st.stx_ino;
	return 0;
}

int proc_read_euid(struct proc_reader *r, pid_t pid, uid_t *ret)
{
	struct proc_status status;
	int result = procfs_uid(r->proc, pid, ret);

	if (result < 0 || *ret != 0)
		return result;
	result = proc_read_status(r, pid, &status);
	if (result == 0)
		*ret = status.euid;
	return result;
}

int proc_self(struct proc_reader *r, pid_t *ret)
{
	char target[32];
	ssize_t len = readlinkat(r->proc, "self", target, sizeof(target) - 1);

	if (len < 0)
		return -errno;
	target[len] = '\0';
	return procfs_is_pid(target, ret) ? 0 : -EBADMSG;
}
