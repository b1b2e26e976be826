/* SPDX-License-Identifier: MIT */
#include "fs/extract_private.h"

#include "base/fdio.h"
#include "base/mem.h"
#include "fs/beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

int extract_new(const struct extract_opts *opts, struct extract **ret)
{
	struct extract *x = mem_alloc_zeroed(sizeof(*x));
	int r;

	x->opts = *opts;
	x->parent_fd = -1;
	x->stage = -1;
	r = put_directory(&x->names, opts->dirfd, &x->put);
	if (r < 0) {
		free(x);
		return r;
	}
	x->dir_names = map_new();
	x->link_names = map_new();
	x->stage =
		openat(opts->dirfd, x->put.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (x->stage < 0) {
		r = -errno;
		(void)extract_free(x);
		return r;
	}
	*ret = x;
	return 0;
}

int extract_refuse(struct extract *x, const char *path, const char *text, int err)
{
	x->counts.refused++;
	x->opts.trouble(path, text, err, x->opts.user);
	return 0;
}

struct extract_dir *extract_dir_at(struct extract *x, const char *path, size_t len)
{
	bool added;
	struct map_entry *e = map_add(x->dir_names, path, len, &added);

	if (added) {
		e->value = x->dirs.len;
		vec_push(&x->dirs, (struct extract_dir){ 0 });
	}
	return &x->dirs.items[e->value];
}

/* Is the path, or what leads to it, a symbolic link of the archive? */
static bool is_through_link(const struct extract *x, const char *path, size_t len)
{
	if (map_len(x->link_names) == 0)
		return false;
	for (size_t i = 1; i <= len; i++) {
		const struct map_entry *e;

		if (i < len && path[i] != '/')
			continue;
		e = map_find(x->link_names, path, i);
		if (e != NULL && x->links.items[e->value].path != NULL)
			return true;
	}
	return false;
}

/* Opens the next directory on the way, which is made when it is not there. */
static int step_down(struct extract *x, int *fd, const char *path, size_t begin, size_t end)
{
	char name[MEMBER_NAME_MAX + 1];
	int next;

	if (end - begin > MEMBER_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, path + begin, end - begin);
	name[end - begin] = '\0';
	if (mkdirat(*fd, name, 0700) != 0 && errno != EEXIST)
		return -errno;
	next = openat(*fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return -errno;
	(void)close(*fd);
	*fd = next;
	(void)extract_dir_at(x, path, end);
	return 0;
}

/* The directory `path`, with those above it. A descriptor or -errno. */
static int make_dirs(struct extract *x, const char *path, size_t len)
{
	size_t known = len;
	int fd;

	while (known > 0 && map_find(x->dir_names, path, known) == NULL)
		do
			known--;
		while (known > 0 && path[known] != '/');
	fd = beneath_open_dir(x->stage, path, known);
	while (fd >= 0 && known < len) {
		const size_t begin = known + (path[known] == '/');
		size_t end = begin;
		int r;

		while (end < len && path[end] != '/')
			end++;
		r = step_down(x, &fd, path, begin, end);
		if (r < 0) {
			(void)close(fd);
			return r;
		}
		known = end;
	}
	return fd;
}

int extract_parent(struct extract *x, const char *path, size_t len, bool make, int *ret_fd,
                   const char **ret_name)
{
	const char *slash = memrchr(path, '/', len);
	const size_t dir_len = slash != NULL ? (size_t)(slash - path) : 0;
	int fd;

	*ret_name = slash != NULL ? slash + 1 : path;
	if (x->parent_fd >= 0 && x->parent.len == dir_len &&
	    memcmp(strbuf_str(&x->parent), path, dir_len) == 0) {
		*ret_fd = x->parent_fd;
		return 0;
	}
	if (is_through_link(x, path, dir_len))
		return -ELOOP;
	fd = make ? make_dirs(x, path, dir_len) : beneath_open_dir(x->stage, path, dir_len);
	if (fd < 0)
		return fd;
	if (x->parent_fd >= 0)
		(void)close(x->parent_fd);
	x->parent_fd = fd;
	strbuf_clear(&x->parent);
	strbuf_add(&x->parent, path, dir_len);
	*ret_fd = fd;
	return 0;
}

mode_t extract_mode(const struct extract *x, mode_t mode, bool is_dir)
{
	const mode_t cut = x->opts.keep_modes ? 0 : x->opts.umask;

	switch (x->opts.policy) {
	case EXTRACT_SAFE:
		/* Its owner must be able to remove a directory again. */
		return (mode & 0755 & ~cut) | (is_dir ? 0700 : 0);
	case EXTRACT_TAR:
		return mode & 0777 & ~cut;
	case EXTRACT_TRUSTED:
		break;
	}
	return mode & 07777;
}

int extract_chown(const struct extract *x, int dirfd, const char *name, int64_t uid, int64_t gid)
{
	const int flags = AT_SYMLINK_NOFOLLOW | (name[0] == '\0' ? AT_EMPTY_PATH : 0);

	if (!x->opts.keep_owners)
		return 0;
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return -ERANGE;
	return fchownat(dirfd, name, (uid_t)uid, (gid_t)gid, flags) != 0 ? -errno : 0;
}

struct attribute_target {
	struct extract *x;
	int fd;
};

static void set_attribute(const char *name, const void *value, size_t len, void *user)
{
	const struct attribute_target *t = user;

	if (t->x->opts.policy != EXTRACT_TRUSTED && strncmp(name, "user.", 5) != 0)
		return;
	if (fsetxattr(t->fd, name, value, len, 0) != 0)
		t->x->counts.lost_xattrs++;
}

/* What was written so far may be too much. 0 or -E2BIG. */
static int check_bytes(struct extract *x, const struct members *members)
{
	x->limit = member_limits_bytes(&x->opts.limits, x->counts.bytes,
	                               members_packed_bytes(members));
	return x->limit != LIMIT_HIT_NONE ? -E2BIG : 0;
}

static int write_at(struct extract *x, int fd, const void *bytes, size_t len, uint64_t offset)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			x->write_failed = true;
			return -errno;
		}
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* The member's content into an empty file. 0 or -errno. */
static int write_data(struct extract *x, struct members *members, const struct member *m, int fd)
{
	const void *bytes;
	size_t len;
	uint64_t offset;
	uint64_t end = 0;
	int r;

	while ((r = members_data(members, &bytes, &len, &offset)) > 0) {
		x->counts.bytes += len;
		r = check_bytes(x, members);
		if (r == 0)
			r = write_at(x, fd, bytes, len, offset);
		if (r == 0 && x->opts.go_on != NULL &&
		    !x->opts.go_on(x->counts.bytes, x->opts.user))
			r = -ECANCELED;
		if (r < 0)
			return r;
		end = offset + len;
	}
	/* A hole at the end. */
	if (r == 0 && m->has_size && end < m->size && m->size <= INT64_MAX &&
	    ftruncate(fd, (off_t)m->size) != 0) {
		x->write_failed = true;
		return -errno;
	}
	return r;
}

/* Owner, mode, attributes, times: none undoes what was set before. */
static void finish_file(struct extract *x, struct members *members, const struct member *m, int fd)
{
	struct attribute_target target = { x, fd };
	const struct timespec times[2] = { { 0, UTIME_OMIT }, m->mtime };
	int r = extract_chown(x, fd, "", m->uid, m->gid);

	if (r < 0)
		(void)extract_refuse(x, m->path, "set the owner of", -r);
	/* Only what open(2) does not set. */
	if ((x->opts.keep_owners || (extract_mode(x, m->mode, false) & 07000) != 0) &&
	    fchmod(fd, extract_mode(x, m->mode, false)) != 0)
		(void)extract_refuse(x, m->path, "set the mode of", errno);
	if (!x->opts.no_xattrs)
		members_attributes(members, set_attribute, &target);
	if (m->has_mtime && !x->opts.no_mtime && futimens(fd, times) != 0)
		(void)extract_refuse(x, m->path, "set the time of", errno);
}

/* A name that occurs again: the last one counts, as for tar. 1: it is free now; 0: refused. */
static int make_room(struct extract *x, const struct member *m, int dirfd, const char *name)
{
	x->counts.duplicates++;
	if (x->opts.strict)
		return extract_refuse(x, m->path, "the archive has this name twice", 0);
	if (unlinkat(dirfd, name, 0) == 0)
		return 1;
	return extract_refuse(x, m->path, "a directory of the archive has this name", 0);
}

static int make_regular(struct extract *x, struct members *members, const struct member *m,
                        int dirfd, const char *name)
{
	const mode_t mode = extract_mode(x, m->mode, false) & 0777;
	AUTO_CLOSE int fd = -1;
	int r;

	for (;;) {
		fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		            mode);
		if (fd >= 0 || errno != EEXIST)
			break;
		r = make_room(x, m, dirfd, name);
		if (r <= 0)
			return r;
	}
	if (fd < 0) {
		r = -errno;
		if (r != -ENOSPC && r != -EDQUOT)
			return extract_refuse(x, m->path, "create", -r);
		x->write_failed = true;
		return r;
	}
	r = write_data(x, members, m, fd);
	if (r < 0) {
		(void)unlinkat(dirfd, name, 0);
		return r;
	}
	finish_file(x, members, m, fd);
	x->counts.entries++;
	return 0;
}

static int make_directory(struct extract *x, const struct member *m)
{
	const char *path = strbuf_str(&x->path);
	struct extract_dir *dir;

	if (x->path.len > 0) {
		const char *name;
		int fd;
		int r;

		if (is_through_link(x, path, x->path.len))
			return extract_refuse(x, m->path, "its path is a link of the archive", 0);
		/* As if there were something in it. */
		strbuf_add_str(&x->path, "/.");
		path = strbuf_str(&x->path);
		r = extract_parent(x, path, x->path.len, true, &fd, &name);
		strbuf_truncate(&x->path, x->path.len - 2);
		if (r < 0)
			return extract_refuse(x, m->path, "create", r == -ELOOP ? EEXIST : -r);
	}
	dir = extract_dir_at(x, path, x->path.len);
	*dir = (struct extract_dir){ .has_meta = true,
		                     .mode = extract_mode(x, m->mode, true),
		                     .uid = m->uid,
		                     .gid = m->gid,
		                     .has_mtime = m->has_mtime,
		                     .mtime = m->mtime };
	x->counts.entries++;
	return 0;
}

static int make_special(struct extract *x, const struct member *m, int dirfd, const char *name)
{
	const mode_t type = (mode_t)m->type << 12;
	int r;

	if (m->type == DT_SOCK || x->opts.policy == EXTRACT_SAFE)
		return extract_refuse(x, m->path,
		                      m->type == DT_SOCK ? "a socket cannot be extracted"
		                      : m->type == DT_FIFO
		                              ? "a FIFO is not extracted (--policy=tar allows it)"
		                              : "a device is not extracted (--policy=trusted "
		                                "allows it)",
		                      0);
	while (mknodat(dirfd, name, type | 0600,
	               makedev((unsigned)m->rdev_major, (unsigned)m->rdev_minor)) != 0) {
		if (errno != EEXIST)
			return extract_refuse(x, m->path, "create", errno);
		r = make_room(x, m, dirfd, name);
		if (r <= 0)
			return r;
	}
	r = extract_chown(x, dirfd, name, m->uid, m->gid);
	if (r == 0 && fchmodat(dirfd, name, extract_mode(x, m->mode, false), 0) != 0)
		r = -errno;
	if (r < 0)
		return extract_refuse(x, m->path, "set the owner or mode of", -r);
	x->counts.entries++;
	return 0;
}

static void put_off(struct extract *x, const struct member *m, const char *target, bool is_hard)
{
	if (!is_hard) {
		bool added;
		struct map_entry *e =
			map_add(x->link_names, strbuf_str(&x->path), x->path.len, &added);

		if (!added && x->links.items[e->value].path != NULL) {
			/* The last one counts. */
			x->counts.duplicates++;
			free(x->links.items[e->value].path);
			x->links.items[e->value].path = NULL;
		}
		e->value = x->links.len;
	}
	vec_push(&x->links, (struct extract_link){ .path = mem_strdup(strbuf_str(&x->path)),
	                                           .target = mem_strdup(target),
	                                           .is_hard = is_hard,
	                                           .has_mtime = m->has_mtime,
	                                           .mtime = m->mtime,
	                                           .uid = m->uid,
	                                           .gid = m->gid });
}

/* Another name of a file of this archive; some formats (cpio) have the content with the last name.
 */
static int make_hard_link(struct extract *x, struct members *members, const struct member *m)
{
	const unsigned troubles = member_name_troubles(m->hardlink, strlen(m->hardlink));
	AUTO_CLOSE int from = -1;
	AUTO_CLOSE int file = -1;
	const char *name = "";
	const char *from_name = "";
	int fd = -1;
	int r;

	if ((troubles & TROUBLE_DOTDOT) != 0 ||
	    ((troubles & TROUBLE_ABSOLUTE) != 0 && x->opts.policy == EXTRACT_SAFE))
		return extract_refuse(x, m->path, "the hard link leads out of the archive", 0);
	member_name_clean(&x->target, m->hardlink, strlen(m->hardlink), x->opts.strip);
	r = extract_parent(x, strbuf_str(&x->target), x->target.len, false, &fd, &from_name);
	if (r == 0)
		from = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (r == 0 && from >= 0)
		r = extract_parent(x, strbuf_str(&x->path), x->path.len, true, &fd, &name);
	if (r == -ELOOP)
		return extract_refuse(x, m->path, "its path leads through a link of the archive",
		                      0);
	if (r < 0 || from < 0 || linkat(from, from_name, fd, name, 0) != 0) {
		if (r == 0 && errno == EEXIST && unlinkat(fd, name, 0) == 0 &&
		    linkat(from, from_name, fd, name, 0) == 0)
			x->counts.duplicates++;
		else {
			put_off(x, m, strbuf_str(&x->target), true);
			return 0;
		}
	}
	x->counts.entries++;
	if (!m->has_size || m->size == 0)
		return 0;
	file = openat(fd, name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return file < 0 ? extract_refuse(x, m->path, "open", errno)
	                : write_data(x, members, m, file);
}

static int make_symlink(struct extract *x, const struct member *m)
{
	if (m->link == NULL || m->link[0] == '\0')
		return extract_refuse(x, m->path, "the link has no target", 0);
	if (x->opts.policy == EXTRACT_SAFE && !member_link_is_inside(strbuf_str(&x->path), m->link))
		return extract_refuse(x, m->path, "the link may lead out of the archive", 0);
	put_off(x, m, m->link, false);
	return 0;
}

/* What is wrong with the name, or NULL. */
static const char *name_fault(const struct extract *x, const struct member *m)
{
	const unsigned troubles = member_name_troubles(m->path, m->path_len);

	if (m->name_lost || (troubles & TROUBLE_EMPTY) != 0)
		return "the name is empty or cannot be decoded";
	if ((troubles & TROUBLE_DOTDOT) != 0)
		return "the name leads out of the archive";
	if ((troubles & TROUBLE_ABSOLUTE) != 0 && x->opts.policy == EXTRACT_SAFE)
		return "the name is absolute";
	if ((troubles & TROUBLE_LONG) != 0)
		return "the name is too long";
	return NULL;
}

/* A symbolic link that had this name before is not wanted any more. */
static void forget_link(struct extract *x)
{
	struct map_entry *e = map_find(x->link_names, strbuf_str(&x->path), x->path.len);

	if (e == NULL || x->links.items[e->value].path == NULL)
		return;
	x->counts.duplicates++;
	free(x->links.items[e->value].path);
	x->links.items[e->value].path = NULL;
}

static int make_in_parent(struct extract *x, struct members *members, const struct member *m)
{
	const char *name;
	int fd;
	int r = extract_parent(x, strbuf_str(&x->path), x->path.len, true, &fd, &name);

	if (r == -ELOOP)
		return extract_refuse(x, m->path, "its path leads through a link of the archive",
		                      0);
	if (r == -ENOSPC || r == -EDQUOT) {
		x->write_failed = true;
		return r;
	}
	if (r < 0)
		return extract_refuse(x, m->path, "create a directory for", -r);
	forget_link(x);
	return m->type == DT_REG ? make_regular(x, members, m, fd, name)
	                         : make_special(x, m, fd, name);
}

int extract_member(struct extract *x, struct members *members, const struct member *m)
{
	const char *fault = name_fault(x, m);

	if (x->members++ >= x->opts.limits.entries) {
		x->limit = LIMIT_HIT_ENTRIES;
		return -E2BIG;
	}
	if (fault != NULL)
		return extract_refuse(x, m->path, fault, 0);
	member_name_clean(&x->path, m->path, m->path_len, x->opts.strip);
	if (member_name_depth(strbuf_str(&x->path), x->path.len) > x->opts.limits.depth) {
		x->limit = LIMIT_HIT_DEPTH;
		return -E2BIG;
	}
	if (x->path.len == 0 && (m->type != DT_DIR || x->opts.strip > 0))
		return x->opts.strip > 0 ? 0
		                         : extract_refuse(x, m->path, "the name means no file", 0);
	if (m->hardlink != NULL)
		return make_hard_link(x, members, m);
	if (m->type == DT_DIR)
		return make_directory(x, m);
	if (m->type == DT_LNK)
		return make_symlink(x, m);
	return make_in_parent(x, members, m);
}

bool extract_write_failed(const struct extract *x)
{
	return x->write_failed;
}

enum limit_hit extract_limit(const struct extract *x)
{
	return x->limit;
}

struct extract_counts extract_counts(const struct extract *x)
{
	return x->counts;
}
