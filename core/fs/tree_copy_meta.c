/* SPDX-License-Identifier: MIT */
/* What goes with the bytes of an entry, and what is said when the target refuses it. */
#include "fs/tree_sync_private.h"

#include <errno.h>
#include <fcntl.h>

void sync_lost(struct sync_worker *w, const char *path, const struct meta_lost *lost)
{
	struct tree_sync *ts = w->ts;

	if (lost->parts == 0)
		return;
	if ((lost->parts & ts->opts.asked) != 0) {
		sync_trouble(w, true, path, "keep the attributes of", lost->err);
		return;
	}
	sync_count(w, COUNT_LOST, 1);
	(void)pthread_mutex_lock(&ts->lock);
	if (ts->lost_err == 0)
		ts->lost_err = lost->err;
	(void)pthread_mutex_unlock(&ts->lock);
}

void sync_set_owner(struct sync_entry *e, struct meta_file f, struct stat *wish,
                    const struct stat *now)
{
	unsigned parts = e->w->ts->opts.keep & (META_OWNER | META_GROUP);
	int r = meta_set_owner(f, parts, wish, now);

	if (r == 0)
		return;
	/* Set-id bits were meant for that owner. */
	wish->st_mode &= ~(mode_t)(S_ISUID | S_ISGID);
	sync_lost(e->w, sync_path(e), &(struct meta_lost){ parts, -r });
}

void sync_set_by_name(struct sync_entry *e, int dirfd, const char *name, const struct stat *wish)
{
	const struct tree_sync_opts *o = &e->w->ts->opts;
	uid_t uid = (o->keep & META_OWNER) != 0 ? wish->st_uid : (uid_t)-1;
	gid_t gid = (o->keep & META_GROUP) != 0 ? wish->st_gid : (gid_t)-1;
	struct meta_lost lost = { 0 };

	if ((uid != (uid_t)-1 || gid != (gid_t)-1) &&
	    fchownat(dirfd, name, uid, gid, AT_SYMLINK_NOFOLLOW) != 0)
		lost = (struct meta_lost){ o->keep & (META_OWNER | META_GROUP), errno };
	if (!S_ISLNK(wish->st_mode)) {
		AUTO_CLOSE int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		int r = fd >= 0 ? meta_set_mode((struct meta_file){ fd, true }, wish->st_mode)
		                : -errno;

		if (r < 0)
			lost = (struct meta_lost){ META_MODE, -r };
	}
	if ((o->keep & META_TIMES) != 0 &&
	    utimensat(dirfd, name, (const struct timespec[2]){ wish->st_atim, wish->st_mtim },
	              AT_SYMLINK_NOFOLLOW) != 0)
		lost = (struct meta_lost){ META_TIMES, errno };
	sync_lost(e->w, sync_path(e), &lost);
}

static bool is_immutable(int dirfd, const char *name)
{
	struct statx stx;

	return statx(dirfd, name, AT_SYMLINK_NOFOLLOW, 0, &stx) == 0 &&
	       (stx.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
}

void sync_refused(struct sync_entry *e, const char *verb, int err)
{
	const char *name = e->entry->name;

	if (sync_is_fatal(err))
		sync_set_fatal(e->w->ts, err);
	if (err == EPERM && e->dir->to_fd >= 0 && is_immutable(e->dir->to_fd, name))
		verb = "change the immutable or append-only";
	else if (err == EPERM && e->dir->to_fd >= 0 && is_immutable(e->dir->to_fd, "."))
		verb = "change, in an immutable or append-only directory,";
	else if (err == EEXIST)
		verb = "tell from another name in the target";
	else if (err == ENOTEMPTY)
		verb = "without --delete replace the directory";
	sync_trouble(e->w, true, sync_path(e), verb, err);
}
