/* SPDX-License-Identifier: MIT */
#include "sys/process_scan.h"

#include "sys/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>

enum {
	STAT_MAX = 4096,
	/* Fields behind the name, the state being 0; see proc(5). */
	FIELD_PARENT = 1,
	FIELD_GROUP = 2,
	FIELD_SESSION = 3,
	FIELD_START = 19,
};

/* The number at `*at`, which moves on behind the blank; signs are for fields we do not read. */
static bool take_number(const char **at, uint64_t *ret)
{
	const char *c = *at;
	uint64_t value = 0;
	bool negative = *c == '-';

	if (negative)
		c++;
	if (*c < '0' || *c > '9')
		return false;
	for (; *c >= '0' && *c <= '9'; c++)
		value = value * 10 + (uint64_t)(*c - '0');
	if (*c != ' ' && *c != '\n' && *c != '\0')
		return false;
	*at = *c == ' ' ? c + 1 : c;
	*ret = negative ? 0 : value;
	return true;
}

int process_parse_stat(const char *text, struct process_ref *ret)
{
	/* A name may hold blanks and parentheses, but nothing behind it does. */
	const char *at = strrchr(text, ')');
	const char *start = text;
	struct process_ref ref = { 0 };
	uint64_t fields[FIELD_START + 1] = { 0 };
	uint64_t pid;

	if (at == NULL || at[1] != ' ' || at[2] == '\0' || at[3] != ' ' ||
	    !take_number(&start, &pid) || *start != '(')
		return -EINVAL;
	ref.state = at[2];
	at += 4;
	for (size_t i = FIELD_PARENT; i <= FIELD_START; i++) {
		if (!take_number(&at, &fields[i]))
			return -EINVAL;
	}
	ref.pid = (pid_t)pid;
	ref.parent = (pid_t)fields[FIELD_PARENT];
	ref.group = (pid_t)fields[FIELD_GROUP];
	ref.session = (pid_t)fields[FIELD_SESSION];
	ref.start = fields[FIELD_START];
	*ret = ref;
	return 0;
}

int process_look(int proc, pid_t pid, struct process_ref *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = procfs_read_of(proc, pid, "stat", STAT_MAX, &text);

	return r < 0 ? r : process_parse_stat(strbuf_str(&text), ret);
}

static int compare_pids(const void *a, const void *b)
{
	const struct process_ref *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int process_scan(int proc, struct process_refs *ret)
{
	int fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t before = ret->len;
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (dir == NULL) {
		int err = errno;

		(void)close(fd);
		return -err;
	}
	while ((entry = readdir(dir)) != NULL) {
		struct process_ref ref;
		pid_t pid;

		/* One that cannot be read has ended meanwhile. */
		if (procfs_is_pid(entry->d_name, &pid) && process_look(proc, pid, &ref) == 0)
			vec_push(ret, ref);
	}
	(void)closedir(dir);
	if (ret->len > before)
		qsort(ret->items + before, ret->len - before, sizeof(*ret->items), compare_pids);
	return 0;
}

static bool has_pid(const struct process_refs *refs, size_t len, pid_t pid)
{
	for (size_t i = 0; i < len; i++) {
		if (refs->items[i].pid == pid)
			return true;
	}
	return false;
}

void process_keep_descendants(struct process_refs *refs, pid_t ancestor)
{
	size_t kept = 0;
	bool found = true;

	/* Those that are kept stand in front; each round finds children of them. */
	while (found) {
		found = false;
		for (size_t i = kept; i < refs->len; i++) {
			struct process_ref ref = refs->items[i];

			if (ref.parent != ancestor && !has_pid(refs, kept, ref.parent))
				continue;
			refs->items[i] = refs->items[kept];
			refs->items[kept++] = ref;
			found = true;
		}
	}
	refs->len = 0;
	for (size_t i = 0; i < kept; i++) {
		if (refs->items[i].state != 'Z' && refs->items[i].state != 'X')
			refs->items[refs->len++] = refs->items[i];
	}
}

int process_signal(int proc, const struct process_ref *ref, int signo)
{
	int fd = pidfd_open(ref->pid, 0);
	struct process_ref now;
	int r = fd < 0 && errno != ENOSYS && errno != EPERM ? -errno : 0;

	/* Held by a descriptor, the number can no more change hands: now it is worth looking. */
	if (r == 0)
		r = process_look(proc, ref->pid, &now);
	if (r == 0 && now.start != ref->start)
		r = -ESRCH;
	if (r == 0 && fd >= 0)
		r = pidfd_send_signal(fd, signo, NULL, 0) < 0 ? -errno : 0;
	else if (r == 0)
		r = kill(ref->pid, signo) < 0 ? -errno : 0;
	if (fd >= 0)
		(void)close(fd);
	return r;
}
