/* SPDX-License-Identifier: MIT */
/* After the last member: links, metadata of directories, and the way out of the stage. */
#include "fs/extract_private.h"

#include "base/mem.h"
#include "fs/beneath.h"
#include "fs/dir_node.h"
#include "fs/tree_remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RENAMES_MAX = 1000 };

static int finish_symlink(struct extract *x, const struct extract_link *l)
{
	const struct timespec times[2] = { { 0, UTIME_OMIT }, l->mtime };
	const char *name;
	int fd;
	int r = extract_parent(x, l->path, strlen(l->path), true, &fd, &name);

	if (r < 0)
		return extract_refuse(x, l->path, "create", r == -ELOOP ? EEXIST : -r);
	if (symlinkat(l->target, fd, name) != 0) {
		/* A file of that name came before it; a directory stays. */
		if (errno != EEXIST || unlinkat(fd, name, 0) != 0 ||
		    symlinkat(l->target, fd, name) != 0)
			return extract_refuse(x, l->path, "create",
			                      errno == EISDIR ? EEXIST : errno);
		x->counts.duplicates++;
	}
	r = extract_chown(x, fd, name, l->uid, l->gid);
	if (r == 0 && l->has_mtime && !x->opts.no_mtime &&
	    utimensat(fd, name, times, AT_SYMLINK_NOFOLLOW) != 0)
		r = -errno;
	if (r < 0)
		return extract_refuse(x, l->path, "set the owner or time of", -r);
	x->counts.entries++;
	return 0;
}

/* True: made. */
static bool finish_hard_link(struct extract *x, const struct extract_link *l)
{
	AUTO_CLOSE int from = -1;
	const char *from_name;
	const char *name;
	int fd;

	if (extract_parent(x, l->target, strlen(l->target), false, &fd, &from_name) < 0)
		return false;
	from = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (from < 0 || extract_parent(x, l->path, strlen(l->path), true, &fd, &name) < 0 ||
	    linkat(from, from_name, fd, name, 0) != 0)
		return false;
	x->counts.entries++;
	return true;
}

static void forget(struct extract_link *l)
{
	free(l->path);
	l->path = NULL;
}

/* Until nothing changes: a link's target may be a link that is not made yet. */
static void finish_hard_links(struct extract *x)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < x->links.len; i++) {
			struct extract_link *l = &x->links.items[i];

			if (l->is_hard && l->path != NULL && finish_hard_link(x, l)) {
				forget(l);
				again = true;
			}
		}
	}
}

static void finish_links(struct extract *x)
{
	finish_hard_links(x);
	for (size_t i = 0; i < x->links.len; i++)
		if (!x->links.items[i].is_hard && x->links.items[i].path != NULL)
			(void)finish_symlink(x, &x->links.items[i]);
	/* Some lead to symbolic links. */
	finish_hard_links(x);
	for (size_t i = 0; i < x->links.len; i++)
		if (x->links.items[i].is_hard && x->links.items[i].path != NULL)
			(void)extract_refuse(x, x->links.items[i].path,
			                     "the file that it is a hard link to is missing", 0);
}

static int finish_dir(struct extract *x, const struct extract_dir *dir, const char *path,
                      size_t len)
{
	const struct timespec times[2] = { { 0, UTIME_OMIT }, dir->mtime };
	AUTO_CLOSE int fd = beneath_open_dir(x->stage, path, len);
	const mode_t mode = dir->has_meta ? dir->mode : 0777 & ~x->opts.umask;
	int r;

	if (fd < 0)
		return extract_refuse(x, path, "open", -fd);
	r = dir->has_meta ? extract_chown(x, fd, "", dir->uid, dir->gid) : 0;
	if (r == 0 && fchmod(fd, mode) != 0)
		r = -errno;
	if (r == 0 && dir->has_mtime && !x->opts.no_mtime && futimens(fd, times) != 0)
		r = -errno;
	return r < 0 ? extract_refuse(x, path, "set the owner, mode or time of", -r) : 0;
}

int extract_finish(struct extract *x)
{
	finish_links(x);
	if (x->parent_fd >= 0)
		(void)close(x->parent_fd);
	x->parent_fd = -1;
	/* Those above came first, so that the ways are open until the end. */
	for (size_t i = x->dirs.len; i-- > 0;) {
		const struct map_entry *e = map_at(x->dir_names, i);

		/* The stage itself is no member's to change: "." with any mode. */
		if (e->len > 0)
			(void)finish_dir(x, &x->dirs.items[i], e->key, e->len);
	}
	return 0;
}

int extract_sync(struct extract *x)
{
	return syncfs(x->stage) != 0 ? -errno : 0;
}

int extract_top(struct extract *x, size_t *ret_len, char **ret_only)
{
	struct dir_reader reader;
	const struct dirent64 *e;
	size_t n = 0;
	char *only = NULL;

	dir_reader_init(&reader, x->stage);
	while ((e = dir_reader_next(&reader)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (n++ == 0)
			only = mem_strdup(e->d_name);
	}
	if (reader.err != 0) {
		const int err = reader.err;

		free(only);
		dir_reader_release(&reader);
		return -err;
	}
	dir_reader_release(&reader);
	if (n != 1) {
		free(only);
		only = NULL;
	}
	*ret_len = n;
	*ret_only = only;
	return lseek(x->stage, 0, SEEK_SET) < 0 ? -errno : 0;
}

struct mover {
	struct extract *x;
	enum extract_existing existing;
	struct strbuf path; /* for messages */
};

/* A directory moves only when its owner may write to it, since its ".." changes. */
static int rename_any(int from, const char *name, int to, const char *to_name, unsigned flags)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;
	int r;

	if (renameat2(from, name, to, to_name, flags) == 0)
		return 0;
	if (errno != EACCES)
		return -errno;
	fd = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || fchmod(fd, 0700) != 0)
		return -EACCES;
	r = renameat2(from, name, to, to_name, flags) != 0 ? -errno : 0;
	return fchmod(fd, st.st_mode & 07777) != 0 && r == 0 ? -errno : r;
}

static int rename_aside(int from, int to, const char *name)
{
	int r = -EEXIST;

	for (unsigned i = 1; r == -EEXIST && i <= RENAMES_MAX; i++) {
		char other[MEMBER_NAME_MAX + 8];

		(void)snprintf(other, sizeof(other), "%s.%u", name, i);
		r = rename_any(from, name, to, other, RENAME_NOREPLACE);
	}
	return r;
}

/* Something has the name, and they are not both directories. */
static void move_over(struct mover *v, int from, int to, const char *name, const struct stat *new,
                      const struct stat *old)
{
	const char *path = strbuf_str(&v->path);
	bool replace = v->existing == EXTRACT_OVERWRITE;
	int r;

	if (v->existing == EXTRACT_NEWER)
		replace = new->st_mtim.tv_sec > old->st_mtim.tv_sec ||
		          (new->st_mtim.tv_sec ==
		           old->st_mtim.tv_sec &&new->st_mtim.tv_nsec > old->st_mtim.tv_nsec);
	if (v->existing == EXTRACT_SKIP || (v->existing == EXTRACT_NEWER && !replace)) {
		v->x->counts.skipped++;
		return;
	}
	if (v->existing == EXTRACT_FAIL) {
		(void)extract_refuse(v->x, path,
		                     "is there already (--existing=... says what to do)", 0);
		return;
	}
	r = replace ? rename_any(from, name, to, name, 0) : rename_aside(from, to, name);
	if (r < 0)
		(void)extract_refuse(v->x, path, "replace", -r);
}

static int move_all(struct mover *v, int from, int to);

/* Both are directories: what is in one goes into the other. */
static void merge(struct mover *v, int from, int to, const char *name)
{
	AUTO_CLOSE int below = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int target = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r = below < 0 || target < 0 ? -errno : 0;

	if (r == 0 && fchmod(below, 0700) != 0)
		r = -errno;
	if (r == 0)
		r = move_all(v, below, target);
	if (r < 0)
		(void)extract_refuse(v->x, strbuf_str(&v->path), "open", -r);
}

static void move_one(struct mover *v, int from, int to, const char *name)
{
	const size_t len = v->path.len;
	struct stat new;
	struct stat old;
	int r;

	if (len > 0)
		strbuf_add_char(&v->path, '/');
	strbuf_add_str(&v->path, name);
	r = rename_any(from, name, to, name, RENAME_NOREPLACE);
	if (r == -EEXIST) {
		if (fstatat(from, name, &new, AT_SYMLINK_NOFOLLOW) != 0 ||
		    fstatat(to, name, &old, AT_SYMLINK_NOFOLLOW) != 0)
			(void)extract_refuse(v->x, strbuf_str(&v->path), "access", errno);
		else if (S_ISDIR(new.st_mode) && S_ISDIR(old.st_mode))
			merge(v, from, to, name);
		else
			move_over(v, from, to, name, &new, &old);
	} else if (r < 0) {
		(void)extract_refuse(v->x, strbuf_str(&v->path), "move into place", -r);
	}
	strbuf_truncate(&v->path, len);
}

/* The names are read first: moving them changes the directory. */
static int move_all(struct mover *v, int from, int to)
{
	struct {
		VEC_FIELDS(char *);
	} names = { 0 };
	struct dir_reader reader;
	const struct dirent64 *e;
	int err;

	dir_reader_init(&reader, from);
	while ((e = dir_reader_next(&reader)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			vec_push(&names, mem_strdup(e->d_name));
	err = reader.err;
	dir_reader_release(&reader);
	for (size_t i = 0; i < names.len; i++) {
		if (err == 0)
			move_one(v, from, to, names.items[i]);
		free(names.items[i]);
	}
	vec_release(&names);
	return -err;
}

int extract_move(struct extract *x, int to_fd, enum extract_existing existing)
{
	struct mover v = { .x = x, .existing = existing };
	int r = move_all(&v, x->stage, to_fd);

	strbuf_release(&v.path);
	return r;
}

int extract_become(struct extract *x, const char *name)
{
	int r;

	if (fchmod(x->stage, 0777 & ~x->opts.umask) != 0)
		return -errno;
	r = renameat2(x->opts.dirfd, x->put.name, x->opts.dirfd, name, RENAME_NOREPLACE) != 0
	            ? -errno
	            : 0;
	if (r == 0) {
		(void)close(x->stage);
		x->stage = -1;
	}
	return r;
}

/* Directories that nobody may write to or enter hold nothing back: they are ours. */
static void open_up(struct extract *x)
{
	for (size_t i = 0; i < x->dirs.len; i++) {
		const struct map_entry *e = map_at(x->dir_names, i);
		AUTO_CLOSE int fd = -1;

		if (!x->dirs.items[i].has_meta || (x->dirs.items[i].mode & 0700) == 0700)
			continue;
		fd = beneath_open_dir(x->stage, e->key, e->len);
		if (fd >= 0)
			ignore(fchmod(fd, 0700));
	}
}

static void remove_stage(struct extract *x)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	const struct tree_remove how = { 0 };
	struct tree_removed removed = { 0 };
	struct held_dirs *all = held_dirs_new(0);
	struct held_dir *dir = NULL;
	int fd = fcntl(x->opts.dirfd, F_DUPFD_CLOEXEC, 3);

	open_up(x);
	if (fd < 0)
		fd = openat(x->opts.dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && held_dir_root(all, fd, &dir) == 0) {
		const struct tree_victim victim = { .dir = dir,
			                            .name = x->put.name,
			                            .len = strlen(x->put.name),
			                            .type = DT_DIR,
			                            .path = &path };

		tree_remove(&how, &victim, &removed);
		(void)held_dir_free(dir);
	}
	(void)held_dirs_free(all);
}

struct extract *extract_free(struct extract *x)
{
	if (x == NULL)
		return NULL;
	if (x->parent_fd >= 0)
		(void)close(x->parent_fd);
	if (x->stage >= 0) {
		remove_stage(x);
		(void)close(x->stage);
	}
	for (size_t i = 0; i < x->links.len; i++) {
		free(x->links.items[i].path);
		free(x->links.items[i].target);
	}
	vec_release(&x->links);
	vec_release(&x->dirs);
	(void)map_free(x->dir_names);
	(void)map_free(x->link_names);
	strbuf_release(&x->parent);
	strbuf_release(&x->path);
	strbuf_release(&x->target);
	free(x);
	return NULL;
}
