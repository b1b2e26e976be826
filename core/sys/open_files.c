/* SPDX-License-Identifier: MIT */
#include "sys/open_files.h"

#include "base/num.h"
#include "base/vec.h"
#include "sys/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { MAPS_MAX = 64 << 20 }; /* bytes of one process's maps that are looked at */

/* What d_path() of the kernel puts behind the path of an unlinked file. */
static const char deleted_mark[] = " (deleted)";

/* Kernel-internal mounts: the "files" are memory and on no mounted file system. */
static const char *const memory_names[] = {
	"/memfd:", "/SYSV", "/dev/zero (deleted)", "/[aio] (deleted)", "/drm mm object", "/i915",
};

struct inode_key {
	uint64_t device;
	uint64_t inode;
};

/* Ascending; these lists are short, so a sorted array does. */
struct inode_keys {
	VEC_FIELDS(struct inode_key);
};

struct search {
	int proc;
	open_file_visit *visit;
	void *user;
	struct inode_keys seen;
	/* Of the process at hand. */
	pid_t pid;
	uid_t uid;
	struct strbuf comm;
	bool comm_is_known;
	struct inode_keys own;
	char path[PATH_MAX + sizeof(deleted_mark)];
	bool stopped;
};

static int compare_keys(struct inode_key a, struct inode_key b)
{
	if (a.device != b.device)
		return a.device < b.device ? -1 : 1;
	return (a.inode > b.inode) - (a.inode < b.inode);
}

/* True when it was not there yet. */
static bool add_key(struct inode_keys *keys, struct inode_key key)
{
	size_t low = 0;
	size_t high = keys->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_keys(keys->items[middle], key);

		if (order == 0)
			return false;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	vec_push(keys, key);
	memmove(&keys->items[low + 1], &keys->items[low],
	        (keys->len - 1 - low) * sizeof(keys->items[0]));
	keys->items[low] = key;
	return true;
}

/* Cuts the mark off. False when it is not the path of an unlinked file. */
static bool is_deleted_file(char *path, size_t len)
{
	const size_t mark_len = sizeof(deleted_mark) - 1;

	if (len <= mark_len || path[0] != '/' ||
	    memcmp(path + len - mark_len, deleted_mark, mark_len) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(memory_names); i++)
		if (strncmp(path, memory_names[i], strlen(memory_names[i])) == 0)
			return false;
	path[len - mark_len] = '\0';
	return true;
}

/* The descriptor behind a magic link, if it is a regular file without links. */
static bool stat_unlinked(int dir, const char *name, struct statx *ret)
{
	if (statx(dir, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, ret) < 0)
		return false;
	return S_ISREG(ret->stx_mode) && ret->stx_nlink == 0;
}

static void report(struct search *s, int fd, const struct statx *st)
{
	struct inode_key key = { makedev(st->stx_dev_major, st->stx_dev_minor), st->stx_ino };
	bool new_in_process = add_key(&s->own, key);

	if (fd == OPEN_FILE_MAPPED && !new_in_process)
		return;
	if (!s->comm_is_known) {
		if (procfs_comm(s->proc, s->pid, &s->comm) < 0)
			strbuf_clear(&s->comm);
		s->comm_is_known = true;
	}

	struct open_file file = {
		.pid = s->pid,
		.comm = strbuf_str(&s->comm),
		.uid = s->uid,
		.fd = fd,
		.device = key.device,
		.inode = key.inode,
		.disk_bytes = num_mul_sat(st->stx_blocks, 512, NULL),
		.apparent_bytes = st->stx_size,
		.path = s->path,
		.again = !add_key(&s->seen, key),
	};

	if (!s->visit(&file, s->user))
		s->stopped = true;
}

/* readlink(2) into s->path, NUL-terminated. False on failure. */
static bool read_link(struct search *s, int dir, const char *name, size_t *ret_len)
{
	ssize_t len = readlinkat(dir, name, s->path, sizeof(s->path) - 1);

	if (len < 0)
		return false;
	s->path[len] = '\0';
	*ret_len = (size_t)len;
	return true;
}

/* Opens the directory `name` of the process. NULL on failure, with errno. */
static DIR *open_dir_of(const struct search *s, const char *name)
{
	char path[64];
	int fd;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%d/%s", (int)s->pid, name);
	fd = openat(s->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return NULL;
	dir = fdopendir(fd);
	if (dir == NULL)
		(void)close(fd);
	return dir;
}

/* 0, or -errno when the descriptors may not be seen. */
static int search_descriptors(struct search *s)
{
	DIR *dir = open_dir_of(s, "fd");
	const struct dirent *entry;

	if (dir == NULL)
		return -errno;
	while (!s->stopped && (entry = readdir(dir)) != NULL) {
		uint64_t fd;
		size_t len;
		struct statx st;

		if (num_parse_u64(entry->d_name, &fd) < 0 || fd > INT_MAX)
			continue;
		if (read_link(s, dirfd(dir), entry->d_name, &len) &&
		    is_deleted_file(s->path, len) && stat_unlinked(dirfd(dir), entry->d_name, &st))
			report(s, (int)fd, &st);
	}
	(void)closedir(dir);
	return 0;
}

/*
 * A line of maps: START-END PERMISSIONS OFFSET MAJOR:MINOR INODE   PATH. The kernel follows
 * map_files/START-END only for the powerful; without that the size is not to be had.
 */
static void search_mapping(struct search *s, const char *line, size_t len)
{
	const size_t mark_len = sizeof(deleted_mark) - 1;
	char link[96];
	size_t range_len;
	size_t path_len;
	const char *blank = memchr(line, ' ', len);
	struct statx st;
	int link_len;

	if (blank == NULL || len < mark_len ||
	    memcmp(line + len - mark_len, deleted_mark, mark_len) != 0)
		return;
	range_len = (size_t)(blank - line);
	if (range_len > 40)
		return;
	link_len = snprintf(link, sizeof(link), "%d/map_files/%.*s", (int)s->pid, (int)range_len,
	                    line);
	if (link_len < 0 || (size_t)link_len >= sizeof(link))
		return;
	if (read_link(s, s->proc, link, &path_len) && is_deleted_file(s->path, path_len) &&
	    stat_unlinked(s->proc, link, &st))
		report(s, OPEN_FILE_MAPPED, &st);
}

static void search_mappings(struct search *s, struct strbuf *maps)
{
	strbuf_clear(maps);
	/* Cut off at the limit it is still good for what came before. */
	if (procfs_read_of(s->proc, s->pid, "maps", MAPS_MAX, maps) < 0 && maps->len == 0)
		return;

	const char *at = strbuf_str(maps);
	const char *end = at + maps->len;

	while (!s->stopped && at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline != NULL ? newline : end) - at);

		search_mapping(s, at, len);
		at += len + 1;
	}
}

static void search_process(struct search *s, struct strbuf *maps, struct open_files_result *result)
{
	int r;

	s->comm_is_known = false;
	vec_clear(&s->own);
	if (procfs_uid(s->proc, s->pid, &s->uid) < 0)
		return;
	r = search_descriptors(s);
	if (r == -ENOENT || r == -ESRCH)
		return;
	result->processes++;
	if (r < 0) {
		result->denied++;
		return;
	}
	if (!s->stopped)
		search_mappings(s, maps);
}

int open_files_deleted(int proc, open_file_visit *visit, void *user, struct open_files_result *ret)
{
	struct search s = { .proc = proc, .visit = visit, .user = user };
	struct open_files_result result = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf maps = { 0 };
	int fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int r = 0;

	if (dir == NULL) {
		r = -errno;
		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	errno = 0;
	while (!s.stopped && (entry = readdir(dir)) != NULL) {
		if (procfs_is_pid(entry->d_name, &s.pid))
			search_process(&s, &maps, &result);
		errno = 0;
	}
	if (!s.stopped && errno != 0)
		r = -errno;
	(void)closedir(dir);
	strbuf_release(&s.comm);
	vec_release(&s.seen);
	vec_release(&s.own);
	if (r == 0)
		*ret = result;
	return r;
}
