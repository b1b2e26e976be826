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
	ls_add_short_path(list, file->name, &path);
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

/* What the kernel said about a file. */
struct seen {
	struct stat st;
	struct timespec btime;
	bool has_btime;
	bool followed; /* it is what a link leads to */
};

static struct timespec time_of(const struct statx_timestamp *t)
{
	return (struct timespec){ .tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec };
}

static int stat_at(const struct ls_list *list, const char *name, bool follow, struct stat *ret)
{
	int flags = AT_NO_AUTOMOUNT | (follow ? 0 : AT_SYMLINK_NOFOLLOW);

	return fstatat(list->dirfd, name, ret, flags) == 0 ? 0 : errno;
}

/* With the time of birth, which costs more. */
static int statx_at(const struct ls_list *list, const char *name, bool follow, struct seen *ret)
{
	int flags = AT_NO_AUTOMOUNT | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
	struct statx x;

	if (statx(list->dirfd, name, flags, STATX_BASIC_STATS | STATX_BTIME, &x) != 0)
		return errno;
	ret->st = (struct stat){ .st_dev = makedev(x.stx_dev_major, x.stx_dev_minor),
		                 .st_rdev = makedev(x.stx_rdev_major, x.stx_rdev_minor),
		                 .st_ino = x.stx_ino,
		                 .st_mode = x.stx_mode,
		                 .st_nlink = x.stx_nlink,
		                 .st_uid = x.stx_uid,
		                 .st_gid = x.stx_gid,
		                 .st_size = (off_t)x.stx_size,
		                 .st_blocks = (blkcnt_t)x.stx_blocks,
		                 .st_mtim = time_of(&x.stx_mtime),
		                 .st_atim = time_of(&x.stx_atime),
		                 .st_ctim = time_of(&x.stx_ctime) };
	ret->btime = time_of(&x.stx_btime);
	ret->has_btime = (x.stx_mask & STATX_BTIME) != 0;
	return 0;
}

static int see(const struct ls_run *run, const struct ls_list *list, const char *name, bool follow,
               struct seen *ret)
{
	ret->followed = follow;
	if (run->time == LS_BTIME || run->wants_extra)
		return statx_at(list, name, follow, ret);
	return stat_at(list, name, follow, &ret->st);
}

/* By the rule for links. */
static int see_file(const struct ls_run *run, const struct ls_list *list,
                    const struct ls_file *file, struct seen *ret)
{
	const bool is_operand = (file->flags & LS_IS_OPERAND) != 0;

	if (run->follow == LS_FOLLOW_ALWAYS || (is_operand && run->follow != LS_FOLLOW_NEVER)) {
		int err = see(run, list, file->name, true, ret);

		if (run->follow != LS_FOLLOW_DIR_ARGS)
			return err;
		if (err == 0 ? S_ISDIR(ret->st.st_mode) : err != ENOENT && err != ELOOP)
			return err;
	}
	return see(run, list, file->name, false, ret);
}

static struct timespec shown_time(const struct ls_run *run, const struct seen *seen)
{
	switch (run->time) {
	case LS_ATIME:
		return seen->st.st_atim;
	case LS_CTIME:
		return seen->st.st_ctim;
	case LS_BTIME:
		return seen->btime;
	case LS_MTIME:
		break;
	}
	return seen->st.st_mtim;
}

static void fill_extra(const struct seen *seen, struct ls_extra *extra)
{
	*extra = (struct ls_extra){ .dev = seen->st.st_dev,
		                    .mtime = seen->st.st_mtim,
		                    .atime = seen->st.st_atim,
		                    .ctime = seen->st.st_ctim,
		                    .btime = seen->btime,
		                    .has_btime = seen->has_btime };
}

static void fill(struct ls_run *run, struct ls_list *list, struct ls_file *file,
                 const struct seen *seen)
{
	const size_t extra = run->wants_extra ? sizeof(struct ls_extra) : 0;
	const struct stat *st = &seen->st;
	const bool is_device = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);
	const struct timespec t = shown_time(run, seen);
	struct ls_meta *meta = ls_list_alloc(list, sizeof(*meta) + extra);

	*meta = (struct ls_meta){
		.size = is_device ? st->st_rdev : (uint64_t)st->st_size,
		.blocks = (uint64_t)st->st_blocks,
		.seconds = t.tv_sec,
		.nanoseconds = (uint32_t)t.tv_nsec,
		.mode = st->st_mode,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.nlink = (uint32_t)st->st_nlink,
	};
	if (run->time == LS_BTIME && !seen->has_btime)
		file->flags |= LS_HAS_NO_TIME;
	file->meta = meta;
	file->flags |= LS_IS_KNOWN;
	file->ino = st->st_ino;
	file->type = (uint8_t)IFTODT(st->st_mode);
	if (extra != 0)
		fill_extra(seen, ls_extra(run, file));
	if (run->totals != NULL && S_ISDIR(st->st_mode))
		ls_totals_apply(run->totals, file, ls_extra(run, file));
}

/* Asks once per file; file systems that keep no attributes are asked once. */
static void learn_attributes(struct ls_run *run, struct ls_list *list, struct ls_file *file,
                             const struct seen *seen)
{
	const dev_t dev = seen->st.st_dev;
	const struct xattr_file where = { list->dirfd, file->name, seen->followed };
	const bool is_link = S_ISLNK(seen->st.st_mode);
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
	struct stat st;
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
	    stat_at(list, file->name, true, &st) == 0) {
		file->link->is_ok = true;
		file->link->mode = st.st_mode;
	}
}

/* An error of stat(). False: the entry went away, which is nobody's fault. */
static bool learn_nothing(struct ls_run *run, struct ls_list *list, struct ls_file *file, int err)
{
	struct stat own;

	if ((file->flags & LS_IS_OPERAND) == 0 && err == ENOENT &&
	    (run->follow != LS_FOLLOW_ALWAYS || stat_at(list, file->name, false, &own) == ENOENT))
		return false;
	report(run, list, file, err, "access");
	file->ino = 0;
	return (file->flags & LS_IS_OPERAND) == 0;
}

bool ls_learn(struct ls_run *run, struct ls_list *list, struct ls_file *file)
{
	struct seen seen = { 0 };
	int err;

	if (!ls_learns(run, file))
		return true;
	err = see_file(run, list, file, &seen);
	if (err != 0)
		return learn_nothing(run, list, file, err);
	fill(run, list, file, &seen);
	list->blocks += file->meta->blocks;
	if ((file->flags & LS_IS_OPERAND) != 0 && S_ISDIR(seen.st.st_mode) && !run->opts->directory)
		file->flags |= LS_IS_OPENED;
	if (run->format == LS_LONG || run->opts->context ||
	    (run->colors != NULL && ls_colors_wants_capability(run->colors)))
		learn_attributes(run, list, file, &seen);
	if (file->type == DT_LNK &&
	    (run->format == LS_LONG || run->wants_link_mode || run->opts->json))
		learn_link(run, list, file);
	return true;
}
