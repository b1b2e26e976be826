/* SPDX-License-Identifier: MIT */
#include "sys/cgroup.h"

#include "base/fdio.h"
#include "base/num.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

enum {
	FILE_MAX = 1 << 20,
	/* A group in the making by a process that was killed keeps its name: the next number is
	   tried. */
	NAMES_MAX = 100,
	DEPTH_MAX = 128, /* groups in groups; each takes two descriptors while it is walked */
};

/* A directory, when it is a group. */
static int open_group(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0 || fs.f_type != CGROUP2_SUPER_MAGIC) {
		(void)close(fd);
		return -EMEDIUMTYPE;
	}
	return fd;
}

/* Where version 2 is mounted: alone, or beside version 1. */
static int open_mount(void)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		int fd = open_group(AT_FDCWD, places[i]);

		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

int cgroup_open(const char *path, struct cgroup *ret)
{
	struct cgroup group = CGROUP_NONE;

	group.dir = open_group(AT_FDCWD, path);
	if (group.dir < 0 && path[0] == '/') {
		AUTO_CLOSE int mount = open_mount();
		size_t skip = strspn(path, "/");

		if (mount >= 0)
			group.dir = open_group(mount, path[skip] != '\0' ? path + skip : ".");
	}
	if (group.dir < 0)
		return group.dir;
	*ret = group;
	return 0;
}

void cgroup_close(struct cgroup *group)
{
	if (group->dir >= 0)
		(void)close(group->dir);
	group->dir = -1;
}

/* The path of this process's group from the mount on, without the first slash. */
static int find_own(struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = fdio_read_file(AT_FDCWD, "/proc/self/cgroup", FILE_MAX, &text);
	const char *line;

	if (r < 0)
		return r;
	line = strbuf_str(&text);
	while (line != NULL && strncmp(line, "0::/", 4) != 0) {
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	if (line == NULL)
		return -ENOENT;
	line += 4;
	strbuf_add(ret, line, strcspn(line, "\n"));
	/* Outside of what this process may see. */
	return strncmp(line, "..", 2) == 0 ? -ENOENT : 0;
}

static int open_parent(void)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_CLOSE int mount = open_mount();
	int r = mount < 0 ? mount : find_own(&path);
	int fd;

	if (r < 0)
		return r;
	fd = openat(mount, path.len > 0 ? strbuf_str(&path) : ".",
	            O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A name that is free. */
static int make(struct cgroup *group, const char *name)
{
	for (int i = 0; i < NAMES_MAX; i++) {
		(void)snprintf(group->name, sizeof(group->name), i > 0 ? "%.48s.%d" : "%.48s", name,
		               i);
		if (mkdirat(group->parent, group->name, 0755) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

int cgroup_new(const char *name, struct cgroup *ret)
{
	struct cgroup group = CGROUP_NONE;
	int r;

	group.parent = open_parent();
	if (group.parent < 0)
		return group.parent;
	r = make(&group, name);
	if (r == 0) {
		group.dir = openat(group.parent, group.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = group.dir < 0 ? -errno : 0;
		/* Being allowed to make one is not all: can processes be moved into it? */
		if (r == 0 && faccessat(group.dir, "cgroup.procs", W_OK, AT_EACCESS) < 0)
			r = -errno;
		if (r < 0) {
			if (group.dir >= 0)
				(void)close(group.dir);
			(void)unlinkat(group.parent, group.name, AT_REMOVEDIR);
		}
	}
	if (r < 0) {
		(void)close(group.parent);
		return r;
	}
	*ret = group;
	return 0;
}

int cgroup_remove(const char *name)
{
	AUTO_CLOSE int parent = open_parent();

	if (parent < 0)
		return parent;
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int cgroup_set(const struct cgroup *group, const char *file, const char *value)
{
	int fd = openat(group->dir, file, O_WRONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	(void)close(fd);
	return r;
}

int cgroup_limit(const struct cgroup *group, const char *controller, const char *value)
{
	struct cgroup parent = { .parent = -1, .dir = group->parent };
	char file[64], add[64];
	int r;

	(void)snprintf(file, sizeof(file), "%s.max", controller);
	(void)snprintf(add, sizeof(add), "+%s", controller);
	r = cgroup_set(group, file, value);
	if (r == -ENOENT) {
		r = cgroup_set(&parent, "cgroup.subtree_control", add);
		if (r == 0)
			r = cgroup_set(group, file, value);
	}
	return r;
}

int cgroup_kill(const struct cgroup *group)
{
	return cgroup_set(group, "cgroup.kill", "1");
}

int cgroup_list(const struct cgroup *group, struct pid_list *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = fdio_read_file(group->dir, "cgroup.procs", FILE_MAX, &text);
	char *line = text.data;

	if (r < 0)
		return r;
	while (line != NULL && *line != '\0') {
		char *end = strchr(line, '\n');
		uint64_t pid;

		if (end != NULL)
			*end = '\0';
		if (num_parse_u64(line, &pid) == 0 && pid > 0)
			vec_push(ret, (pid_t)pid);
		line = end != NULL ? end + 1 : NULL;
	}
	return 0;
}

static int list_below(int parent, int depth, struct pid_list *ret);

/* The groups in an open directory, which is closed. */
static int list_groups(int fd, int depth, struct pid_list *ret)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	int r = 0;

	if (dir == NULL) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	while (r == 0 && (entry = readdir(dir)) != NULL) {
		struct cgroup group = CGROUP_NONE;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		group.dir = open_group(dirfd(dir), entry->d_name);
		if (group.dir < 0)
			continue;
		r = cgroup_list(&group, ret);
		if (r == 0 || r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP)
			r = list_below(group.dir, depth + 1, ret);
		cgroup_close(&group);
	}
	(void)closedir(dir);
	return r;
}

static int list_below(int parent, int depth, struct pid_list *ret)
{
	int fd;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return list_groups(fd, depth, ret);
}

int cgroup_list_all(const struct cgroup *group, struct pid_list *ret)
{
	int r = cgroup_list(group, ret);

	return r < 0 ? r : list_below(group->dir, 0, ret);
}

int cgroup_get(const struct cgroup *group, const char *file, uint64_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = fdio_read_file(group->dir, file, FILE_MAX, &text);

	if (r < 0)
		return r;
	if (text.len > 0 && text.data[text.len - 1] == '\n')
		strbuf_truncate(&text, text.len - 1);
	return num_parse_u64(strbuf_str(&text), ret);
}

int cgroup_get_key(const struct cgroup *group, const char *file, const char *key, uint64_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = fdio_read_file(group->dir, file, FILE_MAX, &text);
	size_t len = strlen(key);
	char *line = text.data;

	if (r < 0)
		return r;
	while (line != NULL && *line != '\0') {
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end = '\0';
		if (strncmp(line, key, len) == 0 && line[len] == ' ')
			return num_parse_u64(line + len + 1, ret);
		line = end != NULL ? end + 1 : NULL;
	}
	return -ENOENT;
}

/* The group above takes over what still runs; more may be started meanwhile. */
static void evacuate(const struct cgroup *group)
{
	struct pid_list pids = { 0 };
	int fd = openat(group->parent, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && cgroup_list(group, &pids) == 0) {
		for (size_t i = 0; i < pids.len; i++) {
			char text[24];
			int len = snprintf(text, sizeof(text), "%d", (int)pids.items[i]);

			ignore(write(fd, text, (size_t)len));
		}
	}
	if (fd >= 0)
		(void)close(fd);
	vec_release(&pids);
}

int cgroup_free(struct cgroup *group)
{
	int r = 0;

	if (group->dir < 0)
		return 0;
	for (int i = 0; i < NAMES_MAX; i++) {
		r = unlinkat(group->parent, group->name, AT_REMOVEDIR) < 0 ? -errno : 0;
		if (r != -EBUSY)
			break;
		evacuate(group);
	}
	(void)close(group->dir);
	(void)close(group->parent);
	*group = (struct cgroup)CGROUP_NONE;
	return r;
}
