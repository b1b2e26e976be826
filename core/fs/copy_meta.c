/* SPDX-License-Identifier: MIT */
#include "fs/copy_meta.h"

#include "base/mem.h"
#include "fs/xattr.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

enum { SYS_FCHMODAT2 = 452 }; /* the same on all architectures; newer than our headers */
enum { VALUE_MAX = 65536 };   /* the kernel's own limit, XATTR_SIZE_MAX */

const char meta_own_attribute[] = "user.dutybox.sync";

static const char acl_access[] = "system.posix_acl_access";
static const char acl_default[] = "system.posix_acl_default";

struct fd_path {
	char text[32];
};

static const char *path_of(struct meta_file f, struct fd_path *room)
{
	(void)snprintf(room->text, sizeof(room->text), "/proc/self/fd/%d", f.fd);
	return room->text;
}

static ssize_t list_names(struct meta_file f, char *names)
{
	struct fd_path path;
	ssize_t n = f.is_path ? listxattr(path_of(f, &path), names, XATTR_NAMES_MAX)
	                      : flistxattr(f.fd, names, XATTR_NAMES_MAX);

	if (n < 0 && (errno == EOPNOTSUPP || errno == ENOSYS))
		return 0;
	return n < 0 ? -errno : n;
}

static ssize_t get_value(struct meta_file f, const char *name, char *value)
{
	struct fd_path path;
	ssize_t n = f.is_path ? getxattr(path_of(f, &path), name, value, VALUE_MAX)
	                      : fgetxattr(f.fd, name, value, VALUE_MAX);

	return n < 0 ? -errno : n;
}

static int set_value(struct meta_file f, const char *name, const char *value, size_t len)
{
	struct fd_path path;
	int r = f.is_path ? setxattr(path_of(f, &path), name, value, len, 0)
	                  : fsetxattr(f.fd, name, value, len, 0);

	return r == 0 ? 0 : -errno;
}

static int remove_value(struct meta_file f, const char *name)
{
	struct fd_path path;
	int r = f.is_path ? removexattr(path_of(f, &path), name) : fremovexattr(f.fd, name);

	return r == 0 || errno == ENODATA ? 0 : -errno;
}

int meta_set_owner(struct meta_file f, unsigned parts, const struct stat *wish,
                   const struct stat *now)
{
	struct fd_path path;
	uid_t uid = (parts & META_OWNER) != 0 ? wish->st_uid : (uid_t)-1;
	gid_t gid = (parts & META_GROUP) != 0 ? wish->st_gid : (gid_t)-1;
	int r;

	if (now != NULL && (uid == now->st_uid || uid == (uid_t)-1) &&
	    (gid == now->st_gid || gid == (gid_t)-1))
		return 0;
	if (uid == (uid_t)-1 && gid == (gid_t)-1)
		return 0;
	r = f.is_path ? fchownat(AT_FDCWD, path_of(f, &path), uid, gid, 0) : fchown(f.fd, uid, gid);
	return r == 0 ? 0 : -errno;
}

/* fchmodat2(2) of Linux 6.6 takes such a descriptor; before it the way leads through procfs. */
static int set_path_mode(struct meta_file f, mode_t mode)
{
	struct fd_path path;

	if (syscall(SYS_FCHMODAT2, f.fd, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOSYS && errno != EINVAL)
		return -1;
	return fchmodat(AT_FDCWD, path_of(f, &path), mode, 0);
}

int meta_set_mode(struct meta_file f, mode_t mode)
{
	int r = f.is_path ? set_path_mode(f, mode & 07777) : fchmod(f.fd, mode & 07777);

	return r == 0 ? 0 : -errno;
}

int meta_set_mode_at(int dirfd, const char *name, mode_t mode)
{
	long r = syscall(SYS_FCHMODAT2, dirfd, name, mode & 07777, AT_SYMLINK_NOFOLLOW);

	return r == 0 ? 0 : -errno;
}

int meta_set_times(struct meta_file f, const struct stat *wish)
{
	const struct timespec times[2] = { wish->st_atim, wish->st_mtim };
	struct fd_path path;
	int r = f.is_path ? utimensat(AT_FDCWD, path_of(f, &path), times, 0)
	                  : futimens(f.fd, times);

	return r == 0 ? 0 : -errno;
}

static void prepare(struct meta_way *way)
{
	if (way->asked)
		return;
	way->asked = true;
	way->is_root = geteuid() == 0;
	way->names = mem_alloc((size_t)2 * XATTR_NAMES_MAX);
}

static void prepare_values(struct meta_way *way)
{
	if (way->value != NULL)
		return;
	way->value = mem_alloc(VALUE_MAX);
	way->other = mem_alloc(VALUE_MAX);
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* Which part the attribute belongs to; 0: none that is copied. */
static unsigned part_of(const struct meta_way *way, const char *name)
{
	if (strcmp(name, acl_access) == 0 || strcmp(name, acl_default) == 0)
		return META_ACLS;
	if (begins(name, "user."))
		return strcmp(name, meta_own_attribute) == 0 ? 0 : META_XATTRS;
	if (begins(name, "security.") || begins(name, "trusted."))
		return way->is_root ? META_XATTRS : 0;
	return 0;
}

static void lose(struct meta_lost *lost, unsigned part, int err)
{
	if (lost->parts == 0)
		lost->err = err;
	lost->parts |= part;
}

static bool has_value(struct meta_way *way, struct meta_file f, const char *name, ssize_t len)
{
	return get_value(f, name, way->other) == len &&
	       (len == 0 || memcmp(way->other, way->value, (size_t)len) == 0);
}

int meta_list_attributes(struct meta_way *way, struct meta_file from, bool *ret_acl)
{
	ssize_t n;

	prepare(way);
	n = list_names(from, way->names);
	if (n < 0)
		return (int)n;
	way->listed = n;
	*ret_acl = n > 0 && xattr_list_has(way->names, (size_t)n, acl_access);
	return 0;
}

int meta_copy_attributes(struct meta_way *way, struct meta_file from, struct meta_file to,
                         unsigned parts, bool fresh, struct meta_lost *lost)
{
	char *mine;
	ssize_t n = way->listed;
	ssize_t old;

	for (char *name = way->names; name < way->names + n; name += strlen(name) + 1) {
		unsigned part = part_of(way, name) & parts;
		ssize_t len;
		int r;

		if (part == 0)
			continue;
		prepare_values(way);
		len = get_value(from, name, way->value);
		if (len == -ENODATA)
			continue;
		if (len < 0)
			return (int)len;
		if (!fresh && has_value(way, to, name, len))
			continue;
		r = set_value(to, name, way->value, (size_t)len);
		if (r < 0)
			lose(lost, part, -r);
	}
	if (fresh)
		return 0;
	mine = way->names + XATTR_NAMES_MAX;
	old = list_names(to, mine);
	for (char *name = mine; old > 0 && name < mine + old; name += strlen(name) + 1) {
		unsigned part = part_of(way, name) & parts;
		int r = part != 0 && !xattr_list_has(way->names, (size_t)n, name)
		                ? remove_value(to, name)
		                : 0;

		if (r < 0)
			lose(lost, part, -r);
	}
	return old < 0 ? (int)old : 0;
}

/* Has `b` each attribute of `a`, with the same value? */
static int holds_all(struct meta_way *way, struct meta_file a, struct meta_file b, unsigned parts,
                     size_t *ret_count)
{
	ssize_t n = list_names(a, way->names);

	*ret_count = 0;
	if (n < 0)
		return (int)n;
	for (char *name = way->names; name < way->names + n; name += strlen(name) + 1) {
		ssize_t len;

		if ((part_of(way, name) & parts) == 0)
			continue;
		prepare_values(way);
		++*ret_count;
		len = get_value(a, name, way->value);
		if (len < 0)
			return (int)len;
		if (!has_value(way, b, name, len))
			return 0;
	}
	return 1;
}

static ssize_t count_names(struct meta_way *way, struct meta_file f, unsigned parts)
{
	ssize_t n = list_names(f, way->names);
	ssize_t count = 0;

	if (n < 0)
		return n;
	for (char *name = way->names; name < way->names + n; name += strlen(name) + 1)
		count += (part_of(way, name) & parts) != 0;
	return count;
}

int meta_same_attributes(struct meta_way *way, struct meta_file a, struct meta_file b,
                         unsigned parts)
{
	size_t wanted;
	ssize_t there;
	int r;

	prepare(way);
	r = holds_all(way, a, b, parts, &wanted);
	if (r <= 0)
		return r;
	there = count_names(way, b, parts);
	return there < 0 ? (int)there : (size_t)there == wanted;
}

bool meta_has_default_acl(int dirfd)
{
	return fgetxattr(dirfd, acl_default, NULL, 0) > 0;
}

void meta_way_release(struct meta_way *way)
{
	free(way->names);
	free(way->value);
	free(way->other);
	*way = (struct meta_way){ 0 };
}
