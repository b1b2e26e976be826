/* SPDX-License-Identifier: MIT */
/* What stops a run before anything is changed, in the order in which it is asked. */
#include "sync.h"

#include "base/human.h"
#include "base/num.h"
#include "fs/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	DELETE_FEW = 10,   /* so many are no reason for the default --max-delete */
	REVERSED_FEW = 10, /* nor for the guard against swapped operands */
};

/* statfs(2)'s f_type. */
#define BTRFS_NUMBER 0x9123683eL
#define XFS_NUMBER   0x58465342L
#define EXT_NUMBER   0xef53L
#define TMPFS_NUMBER 0x01021994L

static const char *const words[GUARDS] = {
	[GUARD_MOUNT] = "mount",
	[GUARD_ROOT] = "root",
	[GUARD_HOME] = "home",
	[GUARD_EMPTY_SOURCE] = "empty-source",
	[GUARD_NEW_FILESYSTEM] = "new-filesystem",
	[GUARD_MAX_DELETE] = "max-delete",
	[GUARD_REVERSED] = "reversed",
	[GUARD_SPACE] = "space",
};

const char *sync_guard_word(enum sync_guard guard)
{
	return words[guard];
}

bool sync_guard_find(const char *word, size_t len, enum sync_guard *ret)
{
	for (size_t i = 0; i < GUARDS; i++) {
		if (strlen(words[i]) == len && strncmp(words[i], word, len) == 0) {
			*ret = (enum sync_guard)i;
			return true;
		}
	}
	return false;
}

int sync_guard_trip(struct sync_run *run, enum sync_guard guard, const struct sync_seen *seen,
                    const char *format, ...)
{
	struct sync_guard_report report = { guard, seen, (run->allowed & (1U << guard)) != 0 };
	struct diag *d = run->ctx->diag;
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	va_list args;

	sync_emit_guard(run, &report);
	if (report.passed)
		return 0;
	va_start(args, format);
	strbuf_add_vformat(&text, format, args);
	va_end(args);
	run->guard = (int)guard;
	diag_warn(d, run->to, "%s; nothing was changed (--allow=%s if that is right)",
	          strbuf_str(&text), words[guard]);
	diag_raise(d, guard == GUARD_SPACE ? EXIT_FAIL : EXIT_GUARD);
	return guard == GUARD_SPACE ? EXIT_FAIL : EXIT_GUARD;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_at(int fd, const char *path)
{
	struct stat here;
	struct stat there;

	return fd >= 0 && fstat(fd, &here) == 0 && stat(path, &there) == 0 &&
	       is_same(&here, &there);
}

/* The root of a mount, as the kernel sees it. */
static bool is_mount_point(int fd)
{
	struct statx stx;

	return fd >= 0 && statx(fd, "", AT_EMPTY_PATH, 0, &stx) == 0 &&
	       (stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0 &&
	       (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

static bool is_mounted_at(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);

	return is_mount_point(fd);
}

static int guard_mount(struct sync_run *run, const char *what)
{
	const struct sync_seen seen = { .limit = what };
	const char *path = what;
	bool mounted;

	if (strcmp(what, "src") == 0) {
		path = run->from;
		mounted = is_mount_point(run->from_fd);
	} else if (strcmp(what, "dst") == 0) {
		path = run->to;
		mounted = is_mount_point(run->to_fd);
	} else {
		mounted = is_mounted_at(what);
	}
	if (mounted)
		return 0;
	return sync_guard_trip(run, GUARD_MOUNT, &seen, "nothing is mounted at %s", path);
}

static int guard_access(struct sync_run *run)
{
	const char *name = run->opts->check_access;
	const struct sync_seen seen = { .limit = name };
	struct stat st;

	if (name == NULL)
		return 0;
	if (faccessat(run->from_fd, name, F_OK, 0) != 0)
		return sync_guard_trip(run, GUARD_MOUNT, &seen, "%s is not in SRC", name);
	if (run->to_fd < 0 || fstatat(run->to_fd, name, &st, 0) != 0)
		return sync_guard_trip(run, GUARD_MOUNT, &seen, "%s is not in DST", name);
	return 0;
}

/* To remove what is in these is hardly ever meant. */
static int guard_places(struct sync_run *run)
{
	const struct sync_seen none = { 0 };
	AUTO_CLOSE int above = -1;
	int status = 0;

	if (run->delete == DELETE_NONE || run->to_fd < 0)
		return 0;
	above = openat(run->to_fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (is_at(run->to_fd, "/"))
		status = sync_guard_trip(run, GUARD_ROOT, &none,
		                         "it is the root of the whole system, and --delete was "
		                         "given");
	if (status == 0 && !is_at(run->to_fd, "/") &&
	    (is_at(run->to_fd, "/home") || is_at(above, "/home") || is_at(run->to_fd, "/root")))
		status = sync_guard_trip(run, GUARD_HOME, &none,
		                         "it is a home directory, and --delete was given");
	return status;
}

int sync_guard_mounts(struct sync_run *run)
{
	const struct strv *list = &run->opts->require_mount;
	int status = guard_access(run);

	for (size_t i = 0; status == 0 && i < list->len; i++)
		status = guard_mount(run, list->items[i]);
	return status == 0 ? guard_places(run) : status;
}

static int guard_empty(struct sync_run *run)
{
	const struct tree_sync_counts *c = &run->counts;
	const struct sync_seen seen = { .count = c->remove, .of = c->to_entries };

	if (c->from_entries > 0 || c->remove == 0)
		return 0;
	return sync_guard_trip(run, GUARD_EMPTY_SOURCE, &seen,
	                       "SRC has nothing in it, all that is here would be removed (%llu of "
	                       "%llu entries): is it mounted?",
	                       (unsigned long long)c->remove, (unsigned long long)c->to_entries);
}

static int guard_fs(struct sync_run *run)
{
	const struct tree_sync_counts *c = &run->counts;
	const char *side;
	struct sync_seen seen = { .count = c->remove, .of = c->to_entries };

	if (c->remove == 0 || !sync_fs_is_new(run, &side))
		return 0;
	seen.limit = side;
	return sync_guard_trip(run, GUARD_NEW_FILESYSTEM, &seen,
	                       "%s is on another file system than in the last run, and %llu "
	                       "entries would be removed",
	                       side, (unsigned long long)c->remove);
}

static int guard_deletions(struct sync_run *run)
{
	const struct tree_sync_counts *c = &run->counts;
	const struct sync_limit *limit = &run->max_delete;
	char text[32];
	struct sync_seen seen = { text, c->remove, c->to_entries };
	bool trips;

	(void)snprintf(text, sizeof(text), "%llu%s", (unsigned long long)limit->value,
	               limit->is_percent ? "%" : "");
	/* removed / all > value / 100, without leaving the range. */
	trips = limit->is_percent ? num_mul_sat(c->remove, 100, NULL) >
	                                    num_mul_sat(c->to_entries, limit->value, NULL)
	                          : c->remove > limit->value;
	if (!trips || (!limit->is_given && c->remove <= DELETE_FEW))
		return 0;
	return sync_guard_trip(run, GUARD_MAX_DELETE, &seen,
	                       "%llu of %llu entries would be removed, the limit is %s",
	                       (unsigned long long)c->remove, (unsigned long long)c->to_entries,
	                       text);
}

static int guard_reversed(struct sync_run *run)
{
	const struct tree_sync_counts *c = &run->counts;
	const struct sync_seen seen = { .count = c->newer, .of = c->replaced };

	if (c->newer <= REVERSED_FEW || c->newer <= c->replaced / 2)
		return 0;
	return sync_guard_trip(run, GUARD_REVERSED, &seen,
	                       "%llu of %llu files that would be replaced are newer here than in "
	                       "SRC: are the operands swapped?",
	                       (unsigned long long)c->newer, (unsigned long long)c->replaced);
}

static bool find_fs(int fd, struct statfs *ret)
{
	/* No number at all, as some network file systems give: nothing to go by. */
	return fd >= 0 && fstatfs(fd, ret) == 0 && ret->f_blocks > 0;
}

/* Where DST is, or will be. */
static bool find_target_fs(const struct sync_run *run, struct statfs *ret)
{
	AUTO_CLOSE int above = run->to_fd < 0 ? sync_open_above(run->to) : -1;

	return find_fs(run->to_fd < 0 ? above : run->to_fd, ret);
}

static uint64_t free_bytes(const struct statfs *fs)
{
	return (geteuid() == 0 ? fs->f_bfree : fs->f_bavail) * (uint64_t)fs->f_frsize;
}

/* Does SRC hold mount points, whose files are on other disks? True when that is not known. */
static bool holds_mounts(const struct sync_run *run)
{
	AUTO_FREE(mounts) struct mounts *mounts = NULL;
	char itself[32];
	char where[PATH_MAX];
	ssize_t n;

	if (run->opts->one_file_system)
		return false;
	(void)snprintf(itself, sizeof(itself), "/proc/self/fd/%d", run->from_fd);
	n = readlink(itself, where, sizeof(where) - 1);
	if (n <= 0 || mounts_load(AT_FDCWD, &mounts) < 0)
		return true;
	where[n] = '\0';
	return mounts_next_below(mounts, where, NULL) != NULL;
}

bool sync_fits_surely(const struct sync_run *run)
{
	struct statfs from;
	struct statfs to;

	/* Elsewhere files can be larger than what they take: compressed, or sharing blocks. */
	if (!find_fs(run->from_fd, &from) || !find_target_fs(run, &to) ||
	    (from.f_type != EXT_NUMBER && from.f_type != TMPFS_NUMBER))
		return false;
	if ((from.f_blocks - from.f_bfree) * (uint64_t)from.f_frsize >
	    free_bytes(&to) - free_bytes(&to) / 100)
		return false;
	return !run->opts->no_hard_links && !holds_mounts(run);
}

/* Files that share their blocks take no room. */
static bool may_share(const struct sync_run *run, const struct statfs *to)
{
	struct stat a;
	struct stat b;

	return (to->f_type == BTRFS_NUMBER || to->f_type == XFS_NUMBER) && run->to_fd >= 0 &&
	       fstat(run->from_fd, &a) == 0 && fstat(run->to_fd, &b) == 0 && a.st_dev == b.st_dev;
}

static int guard_space(struct sync_run *run)
{
	const struct tree_sync_counts *c = &run->counts;
	AUTO_RELEASE_STRBUF struct strbuf want = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf have = { 0 };
	struct sync_seen seen = { .count = c->room };
	struct statfs fs;
	uint64_t room;

	if (c->room == 0 || !find_target_fs(run, &fs) || may_share(run, &fs))
		return 0;
	room = free_bytes(&fs);
	seen.of = room;
	if (c->room <= room - room / 100)
		return 0;
	human_add_bytes(&want, c->room);
	human_add_bytes(&have, room);
	return sync_guard_trip(run, GUARD_SPACE, &seen, "%s would be written, %s are free",
	                       strbuf_str(&want), strbuf_str(&have));
}

int sync_guard_plan(struct sync_run *run)
{
	static int (*const guards[])(struct sync_run *) = {
		guard_empty, guard_fs, guard_deletions, guard_reversed, guard_space,
	};
	int status = 0;

	for (size_t i = 0; status == 0 && i < ARRAY_LEN(guards); i++)
		status = guards[i](run);
	return status;
}
