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
	*ret = (struct place){ r, len > 0 ? path + len + 1 : path };
	return 0;
}

struct linking {
	struct tree_sync *ts;
	struct sync_worker *w;
	const struct link_group *group;
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
		.from = l->group->leader,
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

/* Where the file system cannot link, it is one more copy. */
static void copy_instead(struct linking *l, const char *path, const struct place *to, bool exists)
{
	struct place from;
	struct tree_pair_dir dir = { .to_fd = to->dirfd, .has_to = true };
	struct tree_pair_entry entry = { .from_type = l->leader_st.st_mode == 0
		                                              ? DT_REG
		                                              : (unsigned char)IFTODT(
									l->leader_st.st_mode),
		                         .to_type = exists ? DT_REG : TREE_ABSENT };
	struct sync_entry e = { .dir = &dir, .entry = &entry, .w = l->w, .has_path = true };
	int r = open_place(l->ts->from, path, &from);

	strbuf_clear(&l->w->path);
	strbuf_add_str(&l->w->path, path);
	if (r < 0) {
		sync_trouble(l->w, false, path, "open the directory of", -r);
		return;
	}
	dir.from_fd = from.dirfd;
	entry.name = from.name;
	entry.len = strlen(from.name);
	if (sync_stat(&e)) {
		unsigned differs = sync_differences(&e);

		if (differs != 0) {
			char swapped[PUT_NAME_SIZE];

			(void)sync_make(&e, differs, exists ? PUT_OVER : PUT_NEW, swapped);
		}
	}
	(void)close(from.dirfd);
}

static bool is_unlinkable(int err)
{
	return err == EMLINK || err == EPERM || err == EXDEV || err == EOPNOTSUPP || err == ENOSYS;
}

static void link_in(struct linking *l, const char *path, const struct place *to)
{
	struct stat st;
	struct stat dir_st;
	bool exists = fstatat(to->dirfd, to->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	int r;

	if (exists && l->has_leader && st.st_ino == l->leader_st.st_ino &&
	    st.st_dev == l->leader_st.st_dev && !(l->ts->opts.dry && l->group->remade))
		return;
	if ((!exists && l->ts->opts.existing) || (exists && l->ts->opts.ignore_existing))
		return;
	if (l->ts->opts.dry) {
		tell(l, path, exists);
		return;
	}
	if (exists && S_ISDIR(st.st_mode)) {
		sync_trouble(l->w, true, path, "put a link in the place of the directory", EISDIR);
		return;
	}
	if (fstat(to->dirfd, &dir_st) != 0) {
		sync_trouble(l->w, true, path, "look at the directory of", errno);
		return;
	}
	r = link_now(l, to, exists);
	if (r == 0)
		tell(l, path, exists);
	else if (is_unlinkable(-r))
		copy_instead(l, path, to, exists);
	else
		sync_trouble(l->w, true, path, "link", -r);
	if (-r == ENOSPC || -r == EDQUOT || -r == EROFS)
		sync_set_fatal(l->ts, -r);
	/* Its times were right before. */
	ignore(futimens(to->dirfd, (const struct timespec[2]){ dir_st.st_atim, dir_st.st_mtim }));
}

static void link_member(struct linking *l, const char *path)
{
	struct place to;
	int r = l->ts->to != NULL ? open_place(l->ts->to, path, &to) : -ENOENT;

	if (r == 0) {
		link_in(l, path, &to);
		(void)close(to.dirfd);
	} else if (l->ts->opts.dry) {
		tell(l, path, false);
	} else {
		sync_trouble(l->w, true, path, "open the directory of", -r);
	}
}

static void link_group(struct linking *l)
{
	int r = l->ts->to != NULL ? open_place(l->ts->to, l->group->leader, &l->leader) : -ENOENT;

	l->has_leader = r == 0 && fstatat(l->leader.dirfd, l->leader.name, &l->leader_st,
	                                  AT_SYMLINK_NOFOLLOW) == 0;
	/* That it is missing has been told: unreadable, changing, left out. */
	if (l->has_leader || l->ts->opts.dry)
		for (size_t i = 0; i < l->group->members.len && !sync_stopped(l->ts); i++)
			link_member(l, l->group->members.items[i]);
	if (r == 0)
		(void)close(l->leader.dirfd);
}

void sync_link_all(struct tree_sync *ts)
{
	for (size_t i = 0; i < link_groups_len(ts->links) && !sync_stopped(ts); i++) {
		struct linking l = { .ts = ts,
			             .w = &ts->workers[0],
			             .group = link_groups_at(ts->links, i),
			             .leader = { -1, "" } };

		if (l.group->dirty && !l.group->failed)
			link_group(&l);
	}
}
