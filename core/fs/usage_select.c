/* SPDX-License-Identifier: MIT */
#include "fs/usage_select.h"

#include "fs/filter.h"

#include <linux/magic.h>
#include <sys/vfs.h>

/* Not in <linux/magic.h>. */
enum { CONFIGFS_MAGIC = 0x62656570, FUSECTL_MAGIC = 0x65735543, MQUEUE_MAGIC = 0x19800202 };

/* File systems whose files the kernel makes up. */
static bool is_kernfs(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	switch ((uint32_t)fs.f_type) {
	case PROC_SUPER_MAGIC:
	case SYSFS_MAGIC:
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
	case SECURITYFS_MAGIC:
	case SELINUX_MAGIC:
	case SMACK_MAGIC:
	case PSTOREFS_MAGIC:
	case EFIVARFS_MAGIC:
	case BPF_FS_MAGIC:
	case DEVPTS_SUPER_MAGIC:
	case BINFMTFS_MAGIC:
	case NSFS_MAGIC:
	case RDTGROUP_SUPER_MAGIC:
	case CONFIGFS_MAGIC:
	case FUSECTL_MAGIC:
	case MQUEUE_MAGIC:
		return true;
	default:
		return false;
	}
}

static bool descend(const struct walk_entry *entry, int fd, void **state, void *user)
{
	const struct usage_select *select = user;
	bool read = true;

	/* Also where nothing is read: the filter's state belongs to every directory. */
	if (select->filter.descend != NULL)
		read = select->filter.descend(entry, fd, state, select->filter.user);
	return read && !is_kernfs(fd);
}

static bool wanted(const struct walk_entry *entry, void *user)
{
	const struct usage_select *select = user;

	return select->filter.wanted(entry, select->filter.user);
}

static void forget(void *state, void *user)
{
	const struct usage_select *select = user;

	select->filter.forget(state, select->filter.user);
}

void usage_select_init(struct usage_select *select, const struct usage_opts *opts)
{
	*select = (struct usage_select){ .in_use = opts->exclude_kernfs };
	if (opts->filter != NULL && !filter_is_trivial(opts->filter)) {
		select->filter = filter_select(opts->filter);
		select->in_use = true;
	}
	select->hooks = select->filter;
	if (!opts->exclude_kernfs)
		return;
	select->hooks = (struct walk_select){
		.wanted = select->filter.wanted != NULL ? wanted : NULL,
		.descend = descend,
		.forget = select->filter.forget != NULL ? forget : NULL,
		.user = select,
	};
}

const struct walk_select *usage_select_hooks(const struct usage_select *select)
{
	return select->in_use ? &select->hooks : NULL;
}
