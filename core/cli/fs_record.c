/* SPDX-License-Identifier: MIT */
#include "cli/fs_record.h"

static const struct column columns[] = {
	[FS_MOUNT] = { "mount", COLUMN_NAME, "where it is mounted; null for the total" },
	[FS_SOURCE] = { "source", COLUMN_NAME, "the device, server or label" },
	[FS_FSTYPE] = { "fstype", COLUMN_NAME, "the type, as in /proc/mounts" },
	[FS_TOTAL] = { "total_bytes", COLUMN_SIZE, "its size" },
	[FS_USED] = { "used_bytes", COLUMN_SIZE, "total - free" },
	[FS_FREE] = { "free_bytes", COLUMN_SIZE, "with what is reserved for root" },
	[FS_AVAIL] = { "avail_bytes", COLUMN_SIZE, "free for everybody" },
	[FS_USED_PCT] = { "used_pct", COLUMN_COUNT, "used of used + avail, rounded up" },
	[FS_INODES_TOTAL] = { "inodes_total", COLUMN_COUNT, "0 where they are not limited" },
	[FS_INODES_USED] = { "inodes_used", COLUMN_COUNT, "inodes in use" },
	[FS_INODES_FREE] = { "inodes_free", COLUMN_COUNT, "inodes left" },
	[FS_INODES_PCT] = { "inodes_pct", COLUMN_COUNT, "used of all, rounded up" },
	[FS_READONLY] = { "readonly", COLUMN_BOOL, "the mount or the file system is" },
	[FS_REMOTE] = { "remote", COLUMN_BOOL, "on the network" },
	[FS_OPTIONS] = { "options", COLUMN_NAME, "of the mount and of the file system" },
	[FS_TIMED_OUT] = { "timed_out", COLUMN_BOOL, "there was no answer in time" },
};

const struct column_table fs_record_table = { columns, ARRAY_LEN(columns) };

void fs_add_options(struct strbuf *b, const struct mount *mount)
{
	strbuf_add_str(b, mount->options);
	for (const char *at = mount->super_options; *at != '\0';) {
		size_t len = strcspn(at, ",");
		char *option = mem_strndup(at, len);
		size_t value_len;

		if (mount_option(mount->options, option, &value_len) == NULL) {
			strbuf_add_char(b, ',');
			strbuf_add(b, at, len);
		}
		free(option);
		at += len + (at[len] == ',');
	}
}

static void record_pct(struct record *r, int column, int pct)
{
	if (pct != SPACE_PCT_NONE)
		record_u64(r, column, (uint64_t)pct);
}

void fs_record_space(struct record *r, const struct space *space)
{
	record_u64(r, FS_TOTAL, space->total_bytes);
	record_u64(r, FS_USED, space->used_bytes);
	record_u64(r, FS_FREE, space->free_bytes);
	record_u64(r, FS_AVAIL, space->avail_bytes);
	record_pct(r, FS_USED_PCT, space->used_pct);
	record_u64(r, FS_INODES_TOTAL, space->inodes_total);
	record_u64(r, FS_INODES_USED, space->inodes_used);
	record_u64(r, FS_INODES_FREE, space->inodes_free);
	record_pct(r, FS_INODES_PCT, space->inodes_pct);
}
