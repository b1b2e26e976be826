/* SPDX-License-Identifier: MIT */
/* Between the copying and the removing: further names of files become links to the copies. */
#include "fs/tree_sync_private.h"

#include "fs/beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

/* A name below a root, and its directory, open. */
struct place {
	int dirfd;
	const char *name;
	struct stat st; /* of the directory; by open_target() */
	bool opened_up;
};

static size_t dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) : 0;
}

static int open_place(struct held_dir *root, const char *path, struct place *ret)
{
	size_t len = dir_len(path);
	int fd;
	int r = held_dir_get(root, &fd);

	if (r < 0)
		return r;
	r = beneath_open_dir(fd, path, len);
	held_dir_put(root);
	if (r < 0)
		return r;
	*ret = (struct place){ .dirfd = r, .name = len > 0 ? path + len + 1 : path };
	return 0;
}

/* In the target: its directory was finished before, and is so again after close_target(). */
static int open_target(struct tree_sync *ts, const char *path, struct place *ret)
{
	struct place place = { .dirfd = -1, .name = "" };
	int r = ts->to != NULL ? open_place(ts->to, path, &place) : -ENOENT;

	if (r < 0)
		return r;
	if (fstat(place.dirfd, &place.st) != 0) {
		r = -errno;
		(void)close(place.dirfd);
		return r;
	}
	place.opened_up = !ts->opts.dry && ts->uid != 0 &&
	                  (place.st.st_mode & S_IRWXU) != S_IRWXU &&
	                  fchmod(place.dirfd, (place.st.st_mode & 07777) | S_IRWXU) == 0;
	*ret = place;
	return 0;
}

static void close_target(struct tree_sync *ts, struct place *place)
{
	const struct timespec times[2] = { place->st.st_atim, place->st.st_mtim };

	if (place->opened_up)
		ignore(fchmod(place->dirfd, place->st.st_mode & 07777));
	if (!ts->opts.dry)
		ignore(futimens(place->dirfd, times));
	(void)close(place->dirfd);
}

struct linking {
	struct tree_sync *ts;
	struct sync_worker *w;
	const struct link_group *group;
	const char *path; /* of the leader */
	struct place leader;
	struct stat leader_st;
	bool has_leader;
};

static void tell(struct linking *l, const char *path, bool exists)
{
	struct sync_item item = {
		.action = SYNC_HARDLINK,
		.reason = exists ? SYNC_LINKS : SYNC_IS_NEW,
		.differs = exists ? DIFFERS_LINKS : DIFFERS_NEW,
		.type = (unsigned char)(l->has_leader ? IFTODT(l->leader_st.st_mode) : DT_REG),
		.path = path,
		.from = l->path,
		.size = l->has_leader ? (uint64_t)l->leader_st.st_size : 0,
		.method = -1
	};

	sync_item(l->w, &item);
}

static int link_now(struct linking *l, const struct place *to, bool exists)
{
	struct put put;
	int r;

	if (!exists)
		return linkat(l->leader.dirfd, l->leader.name, to->dirfd, to->name, 0) == 0
		               ? 0
		               : -errno;
	r = put_link(&l->w->names, to->dirfd, l->leader.dirfd, l->leader.name, &put);
	return r < 0 ? r : put_commit(&put, to->name, PUT_OVER);
}

/* Where the file system cannot link, it is one more copy. True: the target has one. */
static bool copy_instead(struct linking *l, const char *path, const struct place *to, bool exists)
{
	struct place from = { .dirfd = -1, .name = "" };
	struct tree_pair_dir dir = { .to_fd = to->dirfd, .has_to = true };
	struct tree_pair_entry entry = { .from_type = l->leader_st.st_mode == 0
		                                              ? DT_REG
		                                              : (unsigned char)IFTODT(
									l->leader_st.st_mode),
		                         .to_type = exists ? DT_REG : TREE_ABSENT };
	struct sync_entry e = { .dir = &dir, .entry = &entry, .w = l->w, .has_path = true };
	int r = open_place(l->ts->from, path, &from);
	bool made = false;

	strbuf_clear(&l->w->path);
	strbuf_add_str(&l->w->path, path);
	if (r < 0) {
		sync_trouble(l->w, false, path, "open the directory of", -r);
		return false;
	}
	dir.from_fd = from.dirfd;
	entry.name = from.name;
	entry.len = strlen(from.name);
	if (sync_stat(&e)) {
		unsigned differs = sync_differences(&e);
		char swapped[PUT_NAME_SIZE];

		made = differs == 0 || sync_make(&e, differs, exists ? PUT_OVER : PUT_NEW, swapped);
	}
	(void)close(from.dirfd);
	return made;
}

static bool is_unlinkable(int err)
{
	return err == EMLINK || err == EPERM || err == EXDEV || err == EOPNOTSUPP || err == ENOSYS;
}

/* What is in a directory is removed by the last pass, if at all. */
static void replace_dir(const struct linking *l, const char *path)
{
	if (!l->ts->opts.delete)
		sync_trouble(l->w, true, path, sync_dir_stays, 0);
}

static void link_in(struct linking *l, const char *path, const struct place *to)
{
	struct stat st;
	bool exists = fstatat(to->dirfd, to->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	int r;

	if (exists && l->has_leader && st.st_ino == l->leader_st.st_ino &&
	    st.st_dev == l->leader_st.st_dev && !(l->ts->opts.dry && l->group->remade))
		return;
	if ((!exists && l->ts->opts.existing) || (exists && l->ts->opts.ignore_existing))
		return;
	if (exists && S_ISDIR(st.st_mode)) {
		replace_dir(l, path);
		return;
	}
	if (l->ts->opts.dry) {
		tell(l, path, exists);
		return;
	}
	r = link_now(l, to, exists);
	if (r == 0)
		tell(l, path, exists);
	else if (is_unlinkable(-r))
		(void)copy_instead(l, path, to, exists);
	else
		sync_trouble(l->w, true, path, "link", -r);
	if (-r == ENOSPC || -r == EDQUOT || -r == EROFS)
		sync_set_fatal(l->ts, -r);
}

static void link_member(struct linking *l, const char *path)
{
	struct place to = { .dirfd = -1, .name = "" };
	int r = open_target(l->ts, path, &to);

	if (r == 0) {
		link_in(l, path, &to);
		close_target(l->ts, &to);
	} else if (l->ts->opts.dry) {
		tell(l, path, false);
	} else {
		sync_trouble(l->w, true, path, "open the directory of", -r);
	}
}

static void tell_unless_gone(const struct linking *l, const char *path, const char *verb, int err)
{
	if (err != -ENOENT && !l->ts->opts.dry)
		sync_trouble(l->w, true, path, verb, -err);
}

/* Is the leader's copy where it should be, and that of this file? */
static bool find_leader(struct linking *l, const char *path, bool any)
{
	const struct link_group *group = l->group;
	struct stat st;
	int r = l->ts->to != NULL ? open_place(l->ts->to, path, &l->leader) : -ENOENT;
	bool is_there;

	if (r < 0) {
		tell_unless_gone(l, path, "open the directory of", r);
		return false;
	}
	is_there = fstatat(l->leader.dirfd, l->leader.name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!is_there)
		tell_unless_gone(l, path, "look at", -errno);
	if (is_there && !S_ISDIR(st.st_mode) &&
	    (any || (st.st_ino == group->to_ino && st.st_dev == group->to_dev))) {
		l->leader_st = st;
		l->path = path;
		l->has_leader = true;
		return true;
	}
	(void)close(l->leader.dirfd);
	l->leader.dirfd = -1;
	return false;
}

/* The leader went away, or cannot be copied: the name takes its part, if that works. */
static bool lead_by(struct linking *l, const char *path)
{
	struct place to = { .dirfd = -1, .name = "" };
	struct stat st;
	bool made = false;
	int r = open_target(l->ts, path, &to);

	if (r < 0) {
		sync_trouble(l->w, true, path, "open the directory of", -r);
		return false;
	}
	if (fstatat(to.dirfd, to.name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		made = !l->ts->opts.existing && copy_instead(l, path, &to, false);
	else if (S_ISDIR(st.st_mode))
		replace_dir(l, path);
	else
		made = !l->ts->opts.ignore_existing && copy_instead(l, path, &to, true);
	close_target(l->ts, &to);
	return made && find_leader(l, path, true);
}

static void link_group(struct linking *l)
{
	size_t next = 0;

	if (l->ts->opts.dry)
		(void)find_leader(l, l->group->leader, true);
	else if (l->group->failed || !find_leader(l, l->group->leader, false))
		while (next < l->group->members.len && !l->has_leader && !sync_stopped(l->ts))
			(void)lead_by(l, l->group->members.items[next++]);
	for (; next < l->group->members.len && !sync_stopped(l->ts); next++)
		link_member(l, l->group->members.items[next]);
	if (l->leader.dirfd >= 0)
		(void)close(l->leader.dirfd);
}

static void link_groups_run(struct tree_sync *ts, bool late)
{
	for (size_t i = 0; i < link_groups_len(ts->links) && !sync_stopped(ts); i++) {
		struct linking l = { .ts = ts,
			             .w = &ts->workers[0],
			             .group = link_groups_at(ts->links, i),
			             .leader = { .dirfd = -1, .name = "" } };

		l.path = l.group->leader;
		if (late ? l.group->late && !ts->opts.dry : l.group->dirty)
			link_group(&l);
	}
}

void sync_link_all(struct tree_sync *ts)
{
	link_groups_run(ts, false);
}

void sync_link_late(struct tree_sync *ts)
{
	link_groups_run(ts, true);
}

void sync_note_leader(struct sync_entry *e, bool made)
{
	struct tree_sync *ts = e->w->ts;
	struct stat st;

	if (!e->has_st || !ts->opts.hard_links || e->st.st_nlink < 2)
		return;
	if (made && ts->opts.dry)
		return;
	if (made && fstatat(e->dir->to_fd, e->entry->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		sync_trouble(e->w, true, sync_path(e), "look at", errno);
		made = false;
	}
	link_groups_made(ts->links, &e->st, sync_path(e), made ? &st : NULL);
}
