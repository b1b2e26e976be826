/* SPDX-License-Identifier: MIT */
/* --json: one record for each entry. */
#include "ls.h"

#include "cli/file_type.h"

#include <dirent.h>
#include <sys/sysmacros.h>

enum {
	COL_PATH,
	COL_NAME,
	COL_DIR,
	COL_TYPE,
	COL_SIZE,
	COL_DISK_BYTES,
	COL_MODE,
	COL_PERMS,
	COL_NLINK,
	COL_UID,
	COL_GID,
	COL_USER,
	COL_GROUP,
	COL_INO,
	COL_DEV,
	COL_RDEV_MAJOR,
	COL_RDEV_MINOR,
	COL_MTIME,
	COL_ATIME,
	COL_CTIME,
	COL_BTIME,
	COL_TARGET,
	COL_TARGET_TYPE,
	COL_BROKEN,
	COL_HIDDEN,
	COL_TOTAL_BYTES,
};

/* clang-format off */
#define COLUMNS                                                                                    \
	[COL_PATH] = { "path", COLUMN_NAME, "the operand, then names" },                           \
	[COL_NAME] = { "name", COLUMN_NAME, "the name in its directory; of an operand all of it" }, \
	[COL_DIR] = { "dir", COLUMN_NAME, "the directory that was listed; null for an operand" },  \
	[COL_TYPE] = { "type", COLUMN_TEXT, "file, dir, symlink, ..." },                           \
	[COL_SIZE] = { "size", COLUMN_SIZE, "bytes of contents" },                                 \
	[COL_DISK_BYTES] = { "disk_bytes", COLUMN_SIZE, "bytes of allocated blocks" },             \
	[COL_MODE] = { "mode", COLUMN_TEXT, "permissions in octal, four digits" },                 \
	[COL_PERMS] = { "perms", COLUMN_TEXT, "type and permissions, as ls -l prints them" },      \
	[COL_NLINK] = { "nlink", COLUMN_COUNT, "names of the inode" },                             \
	[COL_UID] = { "uid", COLUMN_COUNT, "number of the owner" },                                \
	[COL_GID] = { "gid", COLUMN_COUNT, "number of the group" },                                \
	[COL_USER] = { "user", COLUMN_NAME, "the owner; null when the number has no name" },       \
	[COL_GROUP] = { "group", COLUMN_NAME, "the group; null when the number has no name" },     \
	[COL_INO] = { "ino", COLUMN_COUNT, "inode number" },                                       \
	[COL_DEV] = { "dev", COLUMN_COUNT, "number of the file system's device" },                 \
	[COL_RDEV_MAJOR] = { "rdev_major", COLUMN_COUNT, "of a device" },                          \
	[COL_RDEV_MINOR] = { "rdev_minor", COLUMN_COUNT, "of a device" },                          \
	[COL_MTIME] = { "mtime", COLUMN_TIME, "last modification" },                               \
	[COL_ATIME] = { "atime", COLUMN_TIME, "last access" },                                     \
	[COL_CTIME] = { "ctime", COLUMN_TIME, "last change of status" },                           \
	[COL_BTIME] = { "btime", COLUMN_TIME, "birth; null when the file system does not tell" },  \
	[COL_TARGET] = { "target", COLUMN_NAME, "of a symbolic link" },                            \
	[COL_TARGET_TYPE] = { "target_type", COLUMN_TEXT, "of what a symbolic link leads to" },    \
	[COL_BROKEN] = { "broken", COLUMN_BOOL, "a symbolic link that leads nowhere" },            \
	[COL_HIDDEN] = { "hidden", COLUMN_BOOL, "the name begins with a dot" }

/* clang-format on */

static const struct column columns[] = { COLUMNS };
static const struct column columns_with_total[] = {
	COLUMNS,
	[COL_TOTAL_BYTES] = { "total_bytes", COLUMN_SIZE,
	                      "bytes of contents of all that is in a directory" },
};

static const struct column_table table = { columns, ARRAY_LEN(columns) };
static const struct column_table table_with_total = { columns_with_total,
	                                              ARRAY_LEN(columns_with_total) };

const struct applet_schema ls_schemas[] = {
	{ "each entry", &table },
	{ "each entry, with --total-size", &table_with_total },
	{ 0 },
};

struct texts {
	struct strbuf path;
	char mode[8];
	struct strbuf perms;
};

static void record_meta(struct ls_run *run, struct record *r, const struct ls_file *file,
                        struct texts *texts)
{
	enum { BLOCK = 512 };
	const struct ls_meta *meta = file->meta;
	const struct ls_extra *extra = ls_extra(run, file);
	const bool is_device = S_ISCHR(meta->mode) || S_ISBLK(meta->mode);
	const char *user = users_name(run->users, meta->uid);
	const char *group = users_group_name(run->users, meta->gid);

	(void)snprintf(texts->mode, sizeof(texts->mode), "%04o", meta->mode & 07777U);
	file_mode_add(&texts->perms, meta->mode);
	record_u64(r, COL_SIZE, is_device ? 0 : meta->size);
	record_u64(r, COL_DISK_BYTES, meta->blocks * BLOCK);
	record_name(r, COL_MODE, texts->mode);
	record_name(r, COL_PERMS, strbuf_str(&texts->perms));
	record_u64(r, COL_NLINK, meta->nlink);
	record_u64(r, COL_UID, meta->uid);
	record_u64(r, COL_GID, meta->gid);
	if (user != NULL)
		record_name(r, COL_USER, user);
	if (group != NULL)
		record_name(r, COL_GROUP, group);
	record_u64(r, COL_DEV, extra->dev);
	if (is_device) {
		record_u64(r, COL_RDEV_MAJOR, major(meta->size));
		record_u64(r, COL_RDEV_MINOR, minor(meta->size));
	}
	record_time(r, COL_MTIME, extra->mtime);
	record_time(r, COL_ATIME, extra->atime);
	record_time(r, COL_CTIME, extra->ctime);
	if (extra->has_btime)
		record_time(r, COL_BTIME, extra->btime);
	if (run->opts->total_size && extra->has_total)
		record_u64(r, COL_TOTAL_BYTES, extra->total_size);
}

void ls_print_record(struct ls_run *run, const struct ls_list *list, const struct ls_file *file)
{
	const char *base = file->name;
	struct texts texts = { 0 };
	struct record r;

	record_begin(&r, "entry", run->opts->total_size ? &table_with_total : &table);
	ls_add_path(list, file->name, &texts.path);
	record_name(&r, COL_PATH, strbuf_str(&texts.path));
	record_bytes(&r, COL_NAME, file->name, file->len);
	if (list->path != NULL)
		record_name(&r, COL_DIR, list->path);
	record_name(&r, COL_TYPE, file_type_word(file->type));
	if (file->ino != 0)
		record_u64(&r, COL_INO, file->ino);
	if (file->meta != NULL)
		record_meta(run, &r, file, &texts);
	if (file->link != NULL) {
		record_name(&r, COL_TARGET, file->link->target);
		if (file->link->is_ok)
			record_name(&r, COL_TARGET_TYPE,
			            file_type_word((unsigned char)IFTODT(file->link->mode)));
		record_bool(&r, COL_BROKEN, !file->link->is_ok);
	}
	if (list->path == NULL && strrchr(base, '/') != NULL && strrchr(base, '/')[1] != '\0')
		base = strrchr(base, '/') + 1;
	record_bool(&r, COL_HIDDEN, base[0] == '.');
	out_emit(run->ctx->out, &r);
	strbuf_release(&texts.path);
	strbuf_release(&texts.perms);
}
