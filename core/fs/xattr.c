/* SPDX-License-Identifier: MIT */
#include "fs/xattr.h"

#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

/* The same numbers on all architectures that Debian has. */
#ifndef SYS_getxattrat
#define SYS_getxattrat 464
#endif
#ifndef SYS_listxattrat
#define SYS_listxattrat 465
#endif

/* As the kernel defines it. */
struct get_args {
	_Alignas(8) uint64_t value;
	uint32_t size;
	uint32_t flags;
};

static int at_flags(const struct xattr_file *file)
{
	return file->follow ? 0 : AT_SYMLINK_NOFOLLOW;
}

/* True when the system call is not there and the other way has to be gone. */
static bool must_detour(struct xattr_way *way, long result)
{
	if (result < 0 && errno == ENOSYS)
		way->no_at_calls = true;
	return way->no_at_calls;
}

static void add_proc_path(struct strbuf *b, const struct xattr_file *file)
{
	if (file->dirfd != AT_FDCWD && file->name[0] != '/') {
		strbuf_add_str(b, "/proc/self/fd/");
		strbuf_add_u64(b, (uint64_t)file->dirfd);
		strbuf_add_char(b, '/');
	}
	strbuf_add_str(b, file->name);
}

ssize_t xattr_list_at(struct xattr_way *way, const struct xattr_file *file, char *buffer,
                      size_t size)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	long n = -1;

	if (!way->no_at_calls)
		n = syscall(SYS_listxattrat, file->dirfd, file->name, at_flags(file), buffer, size);
	if (must_detour(way, n)) {
		add_proc_path(&path, file);
		n = file->follow ? listxattr(strbuf_str(&path), buffer, size)
		                 : llistxattr(strbuf_str(&path), buffer, size);
	}
	return n < 0 ? -errno : n;
}

ssize_t xattr_get_at(struct xattr_way *way, const struct xattr_file *file, const char *attribute,
                     char *buffer, size_t size)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct get_args args = { .value = (uintptr_t)buffer, .size = (uint32_t)size };
	long n = -1;

	if (!way->no_at_calls)
		n = syscall(SYS_getxattrat, file->dirfd, file->name, at_flags(file), attribute,
		            &args, sizeof(args));
	if (must_detour(way, n)) {
		add_proc_path(&path, file);
		n = file->follow ? getxattr(strbuf_str(&path), attribute, buffer, size)
		                 : lgetxattr(strbuf_str(&path), attribute, buffer, size);
	}
	return n < 0 ? -errno : n;
}

bool xattr_list_has(const char *list, size_t len, const char *attribute)
{
	for (size_t at = 0; at < len; at += strlen(list + at) + 1) {
		if (strcmp(list + at, attribute) == 0)
			return true;
	}
	return false;
}
