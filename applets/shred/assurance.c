/* SPDX-License-Identifier: MIT */
/* Where new data is written over the old, and where beside it. */
#include "shred.h"

#include "fs/disk_kind.h"
#include "fs/extents.h"
#include "fs/mounts.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

#define ZFS_MAGIC      0x2fc12fc1
#define BCACHEFS_MAGIC 0xca451a4e
#define XFS_MAGIC      0x58465342
#define JFS_MAGIC      0x3153464a
#define VFAT_MAGIC     0x4d44
#define EXFAT_MAGIC    0x2011bab0
#define CIFS_MAGIC     0xff534d42
#define SMB2_MAGIC     0xfe534d42

enum kind { KIND_OVERWRITES, KIND_EXT, KIND_COPIES, KIND_REMOTE, KIND_MEMORY, KIND_UNKNOWN };

static const struct {
	uint32_t magic;
	uint32_t kind;
	char reason[64];
} kinds[] = {
	{ EXT4_SUPER_MAGIC, KIND_EXT, "" },
	{ XFS_MAGIC, KIND_OVERWRITES, "" },
	{ JFS_MAGIC, KIND_OVERWRITES, "" },
	{ VFAT_MAGIC, KIND_OVERWRITES, "" },
	{ EXFAT_MAGIC, KIND_OVERWRITES, "" },
	{ BTRFS_SUPER_MAGIC, KIND_COPIES, "btrfs writes new data beside the old" },
	{ ZFS_MAGIC, KIND_COPIES, "zfs writes new data beside the old" },
	{ BCACHEFS_MAGIC, KIND_COPIES, "bcachefs writes new data beside the old" },
	{ F2FS_SUPER_MAGIC, KIND_COPIES, "f2fs writes new data beside the old" },
	{ NILFS_SUPER_MAGIC, KIND_COPIES, "nilfs writes new data beside the old" },
	{ OVERLAYFS_SUPER_MAGIC, KIND_COPIES, "an overlay may have an older copy below" },
	{ NFS_SUPER_MAGIC, KIND_REMOTE, "a server decides where data is written" },
	{ CIFS_MAGIC, KIND_REMOTE, "a server decides where data is written" },
	{ SMB2_MAGIC, KIND_REMOTE, "a server decides where data is written" },
	{ SMB_SUPER_MAGIC, KIND_REMOTE, "a server decides where data is written" },
	{ CEPH_SUPER_MAGIC, KIND_REMOTE, "a server decides where data is written" },
	{ V9FS_MAGIC, KIND_REMOTE, "a server decides where data is written" },
	{ FUSE_SUPER_MAGIC, KIND_REMOTE, "a program decides where data is written" },
	{ TMPFS_MAGIC, KIND_MEMORY, "in memory, which may have been swapped out before" },
	{ RAMFS_MAGIC, KIND_MEMORY, "in memory" },
};

static void set(struct victim *v, enum assurance assurance, const char *reason)
{
	v->assurance = assurance;
	v->reason = reason;
}

/* ext3 and ext4 can write data to their journal first. */
static bool journals_data(const struct victim *v)
{
	AUTO_FREE(mounts) struct mounts *table = NULL;
	const struct mount *m;
	const char *value;
	size_t len;

	if (mounts_load(AT_FDCWD, &table) < 0)
		return false;
	m = mounts_find_device(table, v->st.st_dev);
	value = m != NULL ? mount_option(m->super_options, "data", &len) : NULL;
	return value != NULL && len == strlen("journal") && strncmp(value, "journal", len) == 0;
}

static int look_for_shared(const struct extent *extent, void *user)
{
	unsigned *flags = user;

	*flags |= extent->flags;
	return (*flags & EXTENT_SHARED) != 0;
}

static void judge_disk(struct victim *v, uint64_t device)
{
	if (disk_rotates("/sys", device))
		set(v, ASSURANCE_IN_PLACE, "a rotating disk, overwritten in place");
	else
		set(v, ASSURANCE_BEST_EFFORT, "flash, or a virtual disk, may keep older data");
}

void judge_assurance(struct victim *v)
{
	enum kind kind = KIND_UNKNOWN;
	const char *reason = "an unknown file system";
	struct statfs fs;
	unsigned flags = 0;
	int attributes = 0;

	if (S_ISBLK(v->st.st_mode)) {
		judge_disk(v, v->st.st_rdev);
		return;
	}
	if (fstatfs(v->fd, &fs) != 0) {
		set(v, ASSURANCE_NONE, reason);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if ((uint32_t)fs.f_type == kinds[i].magic) {
			kind = (enum kind)kinds[i].kind;
			reason = kinds[i].reason;
		}
	}
	/* btrfs overwrites files that were told not to be copied, unless a snapshot shares them. */
	if (fs.f_type == BTRFS_SUPER_MAGIC && ioctl(v->fd, FS_IOC_GETFLAGS, &attributes) == 0 &&
	    (attributes & FS_NOCOW_FL) != 0)
		kind = KIND_OVERWRITES;
	ignore(v->readable ? extents_read(v->fd, look_for_shared, &flags) : 0);
	if (kind == KIND_COPIES || kind == KIND_REMOTE || kind == KIND_UNKNOWN)
		set(v, ASSURANCE_NONE, reason);
	else if ((flags & EXTENT_SHARED) != 0)
		set(v, ASSURANCE_NONE, "its blocks are shared with another file or a snapshot");
	else if ((flags & EXTENT_ENCODED) != 0)
		set(v, ASSURANCE_NONE, "it is compressed or encrypted: new data goes elsewhere");
	else if (kind == KIND_EXT && journals_data(v))
		set(v, ASSURANCE_NONE, "the journal holds data too (data=journal)");
	else if (kind == KIND_MEMORY)
		set(v, ASSURANCE_BEST_EFFORT, reason);
	else
		judge_disk(v, v->st.st_dev);
}

const char *assurance_word(enum assurance assurance)
{
	switch (assurance) {
	case ASSURANCE_IN_PLACE:
		return "in-place";
	case ASSURANCE_BEST_EFFORT:
		return "best-effort";
	case ASSURANCE_NONE:
		break;
	}
	return "none";
}
