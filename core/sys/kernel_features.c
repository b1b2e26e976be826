/* SPDX-License-Identifier: MIT */
#include "sys/kernel_features.h"

#include <errno.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

/* No descriptor, and the empty path: whatever the call is, it has nothing to act on. */
static long probe(long number)
{
	switch (number) {
	case SYS_symlinkat:
		return syscall(number, "", -1, "");
	case SYS_linkat:
		return syscall(number, -1, "", -1, "", 0);
	case SYS_renameat2:
		return syscall(number, -1, "", -1, "", ~0U);
	case SYS_close_range:
		return syscall(number, 1U, 0U, 0U);
	case SYS_landlock_create_ruleset:
		return syscall(number, NULL, 0UL, LANDLOCK_CREATE_RULESET_VERSION);
	case SYS_seccomp:
		return syscall(number, SECCOMP_GET_ACTION_AVAIL, 0U,
		               &(uint32_t){ SECCOMP_RET_ALLOW });
	case SYS_memfd_create:
	case SYS_fgetxattr:
	case SYS_clone3:
		return syscall(number, NULL, 0UL, NULL, 0UL);
	case SYS_fchmodat:
	case SYS_mknodat:
	case SYS_statx:
	case SYS_openat2:
		return syscall(number, -1, "", 0UL, 0UL, NULL);
	case SYS_io_uring_setup:
		return syscall(number, 0UL, NULL);
	case SYS_inotify_init1:
	case SYS_fanotify_init:
		return syscall(number, ~0U, 0U);
	default:
		return syscall(number, -1, 0UL, -1, 0UL, 0UL, ~0U);
	}
}

static const struct {
	uint8_t feature;
	long number;
} calls[] = {
	{ FEATURE_CHMOD, SYS_fchmodat },
	{ FEATURE_SYMLINK, SYS_symlinkat },
	{ FEATURE_HARD_LINK, SYS_linkat },
	{ FEATURE_FIFO, SYS_mknodat },
	{ FEATURE_XATTR, SYS_fgetxattr },
	{ FEATURE_STATX, SYS_statx },
	{ FEATURE_OPENAT2, SYS_openat2 },
	{ FEATURE_RENAME_EXCHANGE, SYS_renameat2 },
	{ FEATURE_COPY_FILE_RANGE, SYS_copy_file_range },
	{ FEATURE_MEMFD, SYS_memfd_create },
	{ FEATURE_INOTIFY, SYS_inotify_init1 },
	{ FEATURE_FANOTIFY, SYS_fanotify_init },
	{ FEATURE_PIDFD, SYS_pidfd_open },
	{ FEATURE_CLONE3, SYS_clone3 },
	{ FEATURE_CLOSE_RANGE, SYS_close_range },
	{ FEATURE_IO_URING, SYS_io_uring_setup },
	{ FEATURE_SECCOMP, SYS_seccomp },
	{ FEATURE_LANDLOCK, SYS_landlock_create_ruleset },
};

static enum feature_state ask(long number)
{
	/* Refused is not there for a program, though fanotify is there for root alone. */
	if (probe(number) >= 0)
		return FEATURE_YES;
	if (errno == ENOSYS || errno == EOPNOTSUPP)
		return FEATURE_NO;
	return errno == EPERM && number != SYS_fanotify_init ? FEATURE_NO : FEATURE_YES;
}

/* A line that ends with the name: "nodev\toverlay". */
static enum feature_state has_line(const struct strbuf *text, const char *name)
{
	const char *at = strbuf_str(text);
	const char *end = at + text->len;
	const size_t name_len = strlen(name);
	const char *line;
	size_t len;

	while ((line = text_line(&at, end, &len)) != NULL)
		if (len > name_len && line[len - name_len - 1] == '\t' &&
		    memcmp(line + len - name_len, name, name_len) == 0)
			return FEATURE_YES;
	return FEATURE_NO;
}

static void read_file_systems(const struct machine *m, enum feature_state ret[KERNEL_FEATURES])
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	if (machine_read(m, "proc/filesystems", MACHINE_FILE_MAX, &text) < 0)
		return;
	ret[FEATURE_CGROUP2] = has_line(&text, "cgroup2");
	/* A module that is not loaded yet is not listed: the device says that it could be. */
	ret[FEATURE_FUSE] = has_line(&text, "fuse");
	if (ret[FEATURE_FUSE] == FEATURE_NO && machine_has(m, "dev/fuse"))
		ret[FEATURE_FUSE] = FEATURE_YES;
	ret[FEATURE_OVERLAY] = has_line(&text, "overlay");
}

static void read_user_namespaces(const struct machine *m, enum feature_state *ret)
{
	uint64_t most;
	uint64_t unprivileged;

	if (machine_read_u64(m, "proc/sys/user/max_user_namespaces", &most) == 0)
		*ret = most != 0 ? FEATURE_YES : FEATURE_NO;
	/* Debian's and Ubuntu's switch. */
	if (machine_read_u64(m, "proc/sys/kernel/unprivileged_userns_clone", &unprivileged) == 0 &&
	    unprivileged == 0)
		*ret = FEATURE_NO;
}

void kernel_features_read(const struct machine *m, enum feature_state ret[KERNEL_FEATURES])
{
	for (size_t i = 0; i < KERNEL_FEATURES; i++)
		ret[i] = FEATURE_UNKNOWN;
	for (size_t i = 0; m->is_live && i < ARRAY_LEN(calls); i++)
		ret[calls[i].feature] = ask(calls[i].number);
	read_file_systems(m, ret);
	read_user_namespaces(m, &ret[FEATURE_USER_NAMESPACES]);
	if (machine_has(m, "proc"))
		ret[FEATURE_PRESSURE] =
			machine_has(m, "proc/pressure/cpu") ? FEATURE_YES : FEATURE_NO;
}
