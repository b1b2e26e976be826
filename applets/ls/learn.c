/* SPDX-License-Identifier: MIT */
/* What is found out about a file: as little as the options need. */
#include "ls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/sysmacros.h>

#define ATTRIBUTE_ACCESS     "system.posix_acl_access"
#define ATTRIBUTE_DEFAULT    "system.posix_acl_default"
#define ATTRIBUTE_CONTEXT    "security.selinux"
#define ATTRIBUTE_CAPABILITY "security.capability"

enum { CONTEXT_MAX = 4096 };

bool ls_is_dir(const struct ls_file *file)
{
	return file->type == DT_DIR;
}

struct ls_extra *ls_extra(const struct ls_run *run, const struct ls_file *file)
{
	return run->wants_extra && file->meta != NULL ? (void *)(file->meta + 1) : NULL;
}

static void report(const struct ls_run *run, const struct ls_list *list, struct ls_file *file,
                   int err, const char *verb)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	if (run->defers) {
		file->flags |= LS_IS_TROUBLED;
		return;
	}
	ls_add_path(list, file->name, &path);
	if ((file->flags & LS_IS_OPERAND) != 0)
		diag_fail(run->ctx->diag, err, verb, strbuf_str(&path));
	else
		diag_partial(run->ctx->diag, err, verb, strbuf_str(&path));
}

bool ls_learns(const struct ls_run *run, const struct ls_file *file)
{
	const bool unknown = file->type == DT_UNKNOWN;

	if (run->wants_stat || (file->flags & LS_IS_OPERAND) != 0)
		return true;
	/* What the directory says is wrong where something is mounted. */
	if (run->opts->inode)
		return true;
	if ((unknown || file->type == DT_LNK) && run->wants_type &&
	    (run->follow == LS_FOLLOW_ALWAYS || run->wants_link_mode))
		return true;
	if (!run->wants_type)
		return false;
	if (unknown)
		return true;
	if (run->colors != NULL && ls_colors_wants_stat(run->colors) &&
	    (file->type == DT_DIR || file->type == DT_REG))
		return true;
	return file->type == DT_REG && run->indicator == LS_CLASSIFY;
}

static int stat_at(const struct ls_list *list, const char *name, bool follow, unsigned mask,
                   struct statx *ret)
{
	int flags = AT_NO_AUTOMOUNT | (follow ? 0 : AT_SYMLINK_NOFOLLOW);

	return statx(list->dirfd, name, flags, mask, ret) == 0 ? 0 : errno;
}

/* By the rule for links; *ret_followed says whether *ret is what a link leads to. */
static int stat_file(const struct ls_run *run, const struct ls_list *list,
                     const struct ls_file *file, struct statx *ret, bool *ret_followed)
{
	const unsigned mask =
		STATX_BASIC_STATS | (run->time == LS_BTIME || run->wants_extra ? STATX_BTIME : 0);
	const bool is_operand = (file->flags & LS_IS_OPERAND) != 0;

	*ret_followed = true;
	if (run->follow == LS_FOLLOW_ALWAYS || (is_operand && run->follow != LS_FOLLOW_NEVER)) {
		int err = stat_at(list, file->name, true, mask, ret);

		if (run->follow != LS_FOLLOW_DIR_ARGS)
			return err;
		if (err == 0 ? S_ISDIR(ret->stx_mode) : err != ENOENT && err != ELOOP)
			return err;
	}
	*ret_followed = false;
	return stat_at(list, file->name, false, mask, ret);
}

static struct timespec time_of(const struct statx_timestamp *t)
{
	return (struct timespec){ .tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec };
}

static const struct statx_timestamp *shown_time(const struct ls_run *run, const struct statx *st)
{
	switch (run->time) {
	case LS_ATIME:
		return &st->stx_atime;
	case LS_CTIME:
		return &st->stx_ctime;
	case LS_BTIME:
		return &st->stx_btime;
	case LS_MTIME:
		break;
	}
	return &st->stx_mtime;
}

static void fill_extra(const struct statx *st, struct ls_extra *extra)
{
	*extra = (struct ls_extra){ .dev = makedev(st->stx_dev_major, st->stx_dev_minor),
		                    .mtime = time_of(&st->stx_mtime),
		                    .atime = time_of(&st->stx_atime),
		                    .ctime = time_of(&st->stx_ctime),
		                    .btime = time_of(&st->stx_btime),
		                    .has_btime = (st->stx_mask & STATX_BTIME) != 0 };
}

static void fill(struct ls_run *run, struct ls_list *list, struct ls_file *file,
                 const struct statx *st)
{
	const size_t extra = run->wants_extra ? sizeof(struct ls_extra) : 0;
	const bool is_device = S_ISCHR(st->stx_mode) || S_ISBLK(st->stx_mode);
	const struct statx_timestamp *t = shown_time(run, st);
	struct ls_meta *meta = ls_list_alloc(list, sizeof(*meta) + extra);

	*meta = (struct ls_meta){
		.size = is_device ? makedev(st->stx_rdev_major, st->stx_rdev_minor) : st->stx_size,
		.blocks = st->stx_blocks,
		.seconds = t->tv_sec,
		.nanoseconds = t->tv_nsec,
		.mode = st->stx_mode,
		.uid = st->stx_uid,
		.gid = st->stx_gid,
		.nlink = st->stx_nlink,
	};
	if (run->time == LS_BTIME && (st->stx_mask & STATX_BTIME) == 0)
		file->flags |= LS_HAS_NO_TIME;
	file->meta = meta;
	file->flags |= LS_IS_KNOWN;
	file->ino = st->stx_ino;
	file->type = (uint8_t)IFTODT(st->stx_mode);
	if (extra != 0)
		fill_extra(st, ls_extra(run, file));
	if (run->totals != NULL && S_ISDIR(st->stx_mode))
		ls_totals_apply(run->totals, file, ls_extra(run, file));
}

/* Asks once per file; file systems that keep no attributes are asked once. */
static void learn_attributes(struct ls_run *run, struct ls_list *list, struct ls_file *file,
                             const struct statx *st, bool followed)
{
	const dev_t dev = makedev(st->stx_dev_major, st->stx_dev_minor);
	const struct xattr_file where = { list->dirfd, file->name, followed };
	const bool is_link = S_ISLNK(st->stx_mode);
	ssize_t n;

	if (run->has_no_xattr_dev && run->no_xattr_dev == dev)
		return;
	/* Most files have none, and the kernel takes no memory to say so. */
	n = xattr_list_at(&run->way, &where, NULL, 0);
	if (n > 0) {
		if (run->attributes == NULL)
			run->attributes = mem_alloc(XATTR_NAMES_MAX);
		n = xattr_list_at(&run->way, &where, run->attributes, XATTR_NAMES_MAX);
	}
	if (n == -ENOTSUP) {
		run->no_xattr_dev = dev;
		run->has_no_xattr_dev = true;
	}
	if (n <= 0)
		return;
	if (!is_link && (xattr_list_has(run->attributes, (size_t)n, ATTRIBUTE_ACCESS) ||
	                 xattr_list_has(run->attributes, (size_t)n, ATTRIBUTE_DEFAULT)))
		file->flags |= LS_HAS_ACL;
	else if (xattr_list_has(run->attributes, (size_t)n, ATTRIBUTE_CONTEXT))
		file->flags |= LS_HAS_CONTEXT;
	if (xattr_list_has(run->attributes, (size_t)n, ATTRIBUTE_CAPABILITY))
		file->flags |= LS_HAS_CAPABILITY;
	if ((file->flags & (LS_HAS_ACL | LS_HAS_CONTEXT)) != 0)
		list->has_acl = true;
	if (run->opts->context && xattr_list_has(run->attributes, (size_t)n, ATTRIBUTE_CONTEXT)) {
		char value[CONTEXT_MAX];

		n = xattr_get_at(&run->way, &where, ATTRIBUTE_CONTEXT, value, sizeof(value) - 1);
		if (n > 0) {
			char *copy = ls_list_alloc(list, (size_t)n + 1);

			memcpy(copy, value, (size_t)n);
			copy[n] = '\0';
			file->context = copy;
		}
	}
}

static void learn_link(struct ls_run *run, struct ls_list *list, struct ls_file *file)
{
	char target[PATH_MAX];
	struct statx st;
	ssize_t n = readlinkat(list->dirfd, file->name, target, sizeof(target));

	if (n < 0) {
		report(run, list, file, errno, "read symbolic link");
		return;
	}
	file->link = ls_list_alloc(list, sizeof(*file->link) + (size_t)n + 1);
	*file->link = (struct ls_link){ .was_read = true };
	memcpy(file->link->target, target, (size_t)n);
	file->link->target[n] = '\0';
	if ((run->indicator >= LS_FILE_TYPE || run->wants_link_mode || run->opts->json) &&
	    stat_at(list, file->name, true, STATX_TYPE | STATX_MODE, &st) == 0) {
		file->link->is_ok = true;
		file->link->mode = st.stx_mode;
	}
}

/* An error of stat(). False: the entry went away, which is nobody's fault. */
static bool learn_nothing(struct ls_run *run, struct ls_list *list, struct ls_file *file, int err)
{
	struct statx own;

	if ((file->flags & LS_IS_OPERAND) == 0 && err == ENOENT &&
	    (run->follow != LS_FOLLOW_ALWAYS ||
	     stat_at(list, file->name, false, STATX_TYPE, &own) == ENOENT))
		return false;
	report(run, list, file, err, "access");
	file->ino = 0;
	return (file->flags & LS_IS_OPERAND) == 0;
}

bool ls_learn(struct ls_run *run, struct ls_list *list, struct ls_file *file)
{
	bool followed = false;
	struct statx st;
	int err;

	if (!ls_learns(run, file))
		return true;
	err = stat_file(run, list, file, &st, &followed);
	if (err != 0)
		return learn_nothing(run, list, file, err);
	fill(run, list, file, &st);
	list->blocks += file->meta->blocks;
	if ((file->flags & LS_IS_OPERAND) != 0 && S_ISDIR(st.stx_mode) && !run->opts->directory)
		file->flags |= LS_IS_OPENED;
	if (run->format == LS_LONG || run->opts->context ||
	    (run->colors != NULL && ls_colors_wants_capability(run->colors)))
		learn_attributes(run, list, file, &st, followed);
	if (file->type == DT_LNK &&
	    (run->format == LS_LONG || run->wants_link_mode || run->opts->json))
		learn_link(run, list, file);
	return true;
}
