/* SPDX-License-Identifier: MIT */
/* Same or different: what of the target's entry is not as the source's. */
#include "fs/tree_sync_private.h"

#include "fs/hash_file.h"
#include "fs/xattr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

/* The kernel's clock for files ticks at least every 10 ms. */
enum { TICK_NS = 10000000 };

struct stat sync_wish(const struct tree_sync *ts, const struct stat *st, const struct stat *to_st)
{
	unsigned keep = ts->opts.keep;
	struct stat wish = *st;

	if ((keep & META_OWNER) == 0)
		wish.st_uid = to_st != NULL ? to_st->st_uid : ts->uid;
	if ((keep & META_GROUP) == 0)
		wish.st_gid = to_st != NULL ? to_st->st_gid : ts->gid;
	if ((keep & META_MODE) == 0) {
		mode_t bits = to_st != NULL ? to_st->st_mode & 07777
		                            : st->st_mode & 0777 & ~ts->opts.umask;

		wish.st_mode = (st->st_mode & S_IFMT) | bits;
		return wish;
	}
	/* Set-id for somebody else than it was meant for is no copy but a hole. */
	if (wish.st_uid != st->st_uid)
		wish.st_mode &= ~(mode_t)S_ISUID;
	if (wish.st_gid != st->st_gid && !S_ISDIR(st->st_mode))
		wish.st_mode &= ~(mode_t)S_ISGID;
	return wish;
}

static int64_t granule(const struct tree_sync *ts)
{
	return ts->grain.ns > TICK_NS ? ts->grain.ns : TICK_NS;
}

static bool is_same_time(const struct tree_sync *ts, struct timespec from, struct timespec to)
{
	int64_t difference = time_difference(from, to);
	struct timespec stored;

	if (difference == 0)
		return true;
	if (ts->opts.has_window)
		return difference <= ts->opts.window_ns && -difference <= ts->opts.window_ns;
	stored = time_grain_stored(&ts->grain, from);
	return time_difference(stored, to) == 0;
}

bool sync_is_newer(const struct tree_sync *ts, const struct stat *st, const struct stat *to_st)
{
	return time_difference(to_st->st_mtim, st->st_mtim) > 0 &&
	       !is_same_time(ts, st->st_mtim, to_st->st_mtim);
}

/*
 * The copy was made within a tick of the source's last change: another change in the same tick
 * could have come after it. A source whose time is ahead of the copy's is judged by its change
 * time, which no program sets.
 */
static bool is_racy(const struct tree_sync *ts, const struct stat *st, const struct stat *to_st)
{
	int64_t age = time_difference(to_st->st_ctim, st->st_mtim);

	if (age < 0)
		age = time_difference(to_st->st_ctim, st->st_ctim);
	return age < granule(ts);
}

static int open_for_reading(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

/*
 * A copy that was found equal gets a change time of now, so that it is not compared again. Only
 * when nothing else of it differs: its change time is also what tells that attributes may.
 */
static void move_change_time(const struct sync_entry *e)
{
	AUTO_CLOSE int fd = open_for_reading(e->dir->to_fd, e->entry->name);
	struct stat st;

	if (!e->w->ts->opts.dry && fd >= 0 && fstat(fd, &st) == 0)
		ignore(futimens(fd, (const struct timespec[2]){ st.st_atim, st.st_mtim }));
}

/* False: different, or not to be told: then it is copied. */
static bool has_same_content(const struct sync_entry *e)
{
	AUTO_CLOSE int from = open_for_reading(e->dir->from_fd, e->entry->name);
	AUTO_CLOSE int to = open_for_reading(e->dir->to_fd, e->entry->name);

	return from >= 0 && to >= 0 && compare_fds(from, to, NULL, NULL) == 0;
}

/* *ret_racy: it is equal, but had to be read to know. */
static unsigned regular_differences(struct sync_entry *e, bool *ret_racy)
{
	const struct tree_sync *ts = e->w->ts;
	unsigned differs = 0;

	if (!is_same_time(ts, e->st.st_mtim, e->to_st.st_mtim))
		differs |= DIFFERS_TIME;
	if (e->st.st_size != e->to_st.st_size)
		return differs | DIFFERS_SIZE;
	switch (ts->opts.compare) {
	case SYNC_BY_CHECKSUM:
		return has_same_content(e) ? differs : differs | DIFFERS_CONTENT;
	case SYNC_BY_NOTHING:
		return differs | DIFFERS_CONTENT;
	case SYNC_BY_SIZE:
		return differs;
	case SYNC_BY_TIME:
		break;
	}
	if (differs != 0)
		return differs | DIFFERS_CONTENT;
	*ret_racy = is_racy(ts, &e->st, &e->to_st);
	return *ret_racy && !has_same_content(e) ? DIFFERS_CONTENT : 0;
}

bool sync_reads_link(int dirfd, const char *name, struct strbuf *ret)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(dirfd, name, text, sizeof(text));

	if (n < 0 || n == (ssize_t)sizeof(text)) {
		errno = n < 0 ? errno : ENAMETOOLONG;
		return false;
	}
	strbuf_clear(ret);
	strbuf_add(ret, text, (size_t)n);
	return true;
}

static unsigned link_differences(struct sync_entry *e)
{
	struct sync_worker *w = e->w;
	unsigned differs = 0;

	if (!is_same_time(w->ts, e->st.st_mtim, e->to_st.st_mtim) &&
	    (w->ts->opts.keep & META_TIMES) != 0)
		differs |= DIFFERS_TIME;
	/* Links cannot be written to: one of the same age is the same. */
	if (e->st.st_size == e->to_st.st_size && differs == 0 &&
	    w->ts->opts.compare == SYNC_BY_TIME && (w->ts->opts.keep & META_TIMES) != 0)
		return 0;
	if (!sync_reads_link(e->dir->from_fd, e->entry->name, &w->target) ||
	    !sync_reads_link(e->dir->to_fd, e->entry->name, &w->other) ||
	    strcmp(strbuf_str(&w->target), strbuf_str(&w->other)) != 0)
		differs |= DIFFERS_TARGET;
	return differs;
}

/* Owner, group and mode. */
static unsigned plain_meta(const struct tree_sync *ts, const struct stat *st,
                           const struct stat *to_st)
{
	struct stat wish = sync_wish(ts, st, to_st);
	unsigned differs = 0;

	if (!S_ISLNK(st->st_mode) && ((wish.st_mode ^ to_st->st_mode) & 07777) != 0)
		differs |= DIFFERS_MODE;
	if (wish.st_uid != to_st->st_uid)
		differs |= DIFFERS_OWNER;
	if (wish.st_gid != to_st->st_gid)
		differs |= DIFFERS_GROUP;
	return differs;
}

/* Attributes are worth a look when the source's inode was changed after the copy was made. */
static bool may_differ_in_attributes(const struct tree_sync *ts, const struct stat *st,
                                     const struct stat *to_st)
{
	if ((ts->opts.keep & (META_XATTRS | META_ACLS)) == 0)
		return false;
	/* Only root gives links any. */
	if (S_ISLNK(st->st_mode) && ts->uid != 0)
		return false;
	return (ts->opts.asked & (META_XATTRS | META_ACLS)) != 0 ||
	       ts->opts.compare == SYNC_BY_CHECKSUM ||
	       time_difference(to_st->st_ctim, st->st_ctim) < granule(ts);
}

static unsigned compare_attributes(struct tree_sync *ts, struct sync_worker *w, struct meta_file a,
                                   struct meta_file b)
{
	unsigned keep = ts->opts.keep;
	unsigned differs = 0;

	/* What cannot be read is not said to differ: copying it would fail too. */
	if ((keep & META_XATTRS) != 0 && meta_same_attributes(&w->meta, a, b, META_XATTRS) == 0)
		differs |= DIFFERS_ATTRIBUTES;
	if ((keep & META_ACLS) != 0 && meta_same_attributes(&w->meta, a, b, META_ACLS) == 0)
		differs |= DIFFERS_ACL;
	return differs;
}

static unsigned attribute_differences(struct sync_entry *e)
{
	const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	struct xattr_way way = { 0 };
	struct xattr_file from_file = { e->dir->from_fd, e->entry->name, false };
	struct xattr_file to_file = { e->dir->to_fd, e->entry->name, false };
	AUTO_CLOSE int from = -1;
	AUTO_CLOSE int to = -1;

	if (!may_differ_in_attributes(e->w->ts, &e->st, &e->to_st))
		return 0;
	/* Mostly there are none. */
	if (xattr_list_at(&way, &from_file, NULL, 0) <= 0 &&
	    xattr_list_at(&way, &to_file, NULL, 0) <= 0)
		return 0;
	from = openat(e->dir->from_fd, e->entry->name, flags);
	to = openat(e->dir->to_fd, e->entry->name, flags);
	if (from < 0 || to < 0)
		return 0;
	return compare_attributes(e->w->ts, e->w, (struct meta_file){ from, true },
	                          (struct meta_file){ to, true });
}

unsigned sync_differences(struct sync_entry *e)
{
	const struct tree_sync *ts = e->w->ts;
	mode_t type = e->st.st_mode & S_IFMT;
	unsigned differs = 0;
	bool racy = false;

	if (!e->has_to)
		return DIFFERS_NEW;
	if (type != (e->to_st.st_mode & S_IFMT))
		return DIFFERS_TYPE;
	if (type == S_IFREG)
		differs = regular_differences(e, &racy);
	else if (type == S_IFLNK)
		differs = link_differences(e);
	else if (type == S_IFCHR || type == S_IFBLK)
		differs = e->st.st_rdev != e->to_st.st_rdev ? DIFFERS_CONTENT : 0;
	if (type != S_IFREG && type != S_IFLNK &&
	    !is_same_time(ts, e->st.st_mtim, e->to_st.st_mtim))
		differs |= DIFFERS_TIME;
	if ((ts->opts.keep & META_TIMES) == 0)
		differs &= ~(unsigned)DIFFERS_TIME;
	if (ts->opts.hard_links && e->to_st.st_nlink > 1 &&
	    link_groups_is_taken(ts->links, &e->st, &e->to_st))
		differs |= DIFFERS_LINKS;
	differs |= plain_meta(ts, &e->st, &e->to_st);
	if ((differs & (DIFFERS_SIZE | DIFFERS_CONTENT)) == 0)
		differs |= attribute_differences(e);
	if (racy && differs == 0)
		move_change_time(e);
	return differs;
}

unsigned sync_dir_differences(struct tree_sync *ts, struct sync_worker *w, int from_fd, int to_fd,
                              const struct stat *st, const struct stat *to_st)
{
	unsigned differs = plain_meta(ts, st, to_st);

	if ((ts->opts.keep & META_TIMES) != 0 && !is_same_time(ts, st->st_mtim, to_st->st_mtim))
		differs |= DIFFERS_TIME;
	if (may_differ_in_attributes(ts, st, to_st))
		differs |= compare_attributes(ts, w, (struct meta_file){ from_fd, false },
		                              (struct meta_file){ to_fd, false });
	return differs;
}

enum sync_reason sync_reason_of(unsigned differs)
{
	if ((differs & DIFFERS_NEW) != 0)
		return SYNC_IS_NEW;
	if ((differs & DIFFERS_TYPE) != 0)
		return SYNC_TYPE;
	if ((differs & DIFFERS_SIZE) != 0)
		return SYNC_SIZE;
	if ((differs & DIFFERS_CONTENT) != 0)
		return (differs & DIFFERS_TIME) != 0 ? SYNC_MTIME : SYNC_CONTENT;
	if ((differs & DIFFERS_TARGET) != 0)
		return SYNC_CONTENT;
	if ((differs & DIFFERS_LINKS) != 0)
		return SYNC_LINKS;
	return SYNC_ATTRIBUTES;
}

/* By the letters alone: absolute, or with more .. than there are directories above it. */
bool sync_link_is_safe(const char *target, const char *path)
{
	long depth = 0;

	if (target[0] == '/' || target[0] == '\0')
		return false;
	for (const char *at = path; *at != '\0'; at++)
		depth += *at == '/';
	for (const char *at = target; *at != '\0';) {
		size_t len = strcspn(at, "/");

		if (len == 2 && at[0] == '.' && at[1] == '.')
			depth--;
		else if (len > 0 && !(len == 1 && at[0] == '.'))
			depth++;
		if (depth < 0)
			return false;
		at += len;
		at += strspn(at, "/");
	}
	return true;
}
