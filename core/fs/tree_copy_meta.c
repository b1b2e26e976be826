/* SPDX-License-Identifier: MIT */
/* What goes with the bytes of an entry, and what is said when the target refuses it. */
#include "fs/tree_sync_private.h"

#include <errno.h>
#include <fcntl.h>

const char sync_dir_stays[] = "a directory that is not empty: only --delete replaces it";

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

/* Only root may give a link or a special file attributes; a FIFO may have an ACL. */
static void copy_attributes(struct sync_entry *e, struct meta_file to)
{
	struct sync_worker *w = e->w;
	unsigned parts = w->ts->opts.keep & (META_XATTRS | META_ACLS);
	struct meta_lost lost = { 0 };
	bool has_acl;
	AUTO_CLOSE int fd = -1;
	int r;

	if (parts == 0 || (S_ISLNK(e->st.st_mode) && w->ts->uid != 0))
		return;
	fd = openat(e->dir->from_fd, e->entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno
	           : meta_list_attributes(&w->meta, (struct meta_file){ fd, true }, &has_acl);
	if (r == 0)
		r = meta_copy_attributes(&w->meta, (struct meta_file){ fd, true }, to, parts, false,
		                         &lost);
	sync_lost(w, sync_path(e), &lost);
	if (r < 0)
		sync_trouble(w, false, sync_path(e), "read the attributes of", -r);
}

void sync_set_by_name(struct sync_entry *e, const char *name, const struct stat *wish)
{
	const struct tree_sync_opts *o = &e->w->ts->opts;
	int dirfd = e->dir->to_fd;
	AUTO_CLOSE int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	const struct meta_file to = { fd, true };
	struct stat now = *wish;
	int r = 0;

	if (fd < 0) {
		sync_trouble(e->w, true, sync_path(e), "look at", errno);
		return;
	}
	if ((o->keep & (META_OWNER | META_GROUP)) != 0)
		sync_set_owner(e, to, &now, NULL);
	if (!S_ISLNK(wish->st_mode))
		r = meta_set_mode(to, now.st_mode);
	if (r < 0)
		sync_trouble(e->w, true, sync_path(e), "set the mode of", -r);
	copy_attributes(e, to);
	if ((o->keep & META_TIMES) == 0 ||
	    utimensat(dirfd, name, (const struct timespec[2]){ wish->st_atim, wish->st_mtim },
	              AT_SYMLINK_NOFOLLOW) == 0)
		return;
	/* Some file systems keep none of links. */
	if (errno == EOPNOTSUPP || errno == ENOSYS)
		sync_lost(e->w, sync_path(e), &(struct meta_lost){ META_TIMES, errno });
	else
		sync_trouble(e->w, true, sync_path(e), "set the times of", errno);
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
	bool is_sentence = true;

	if (sync_is_fatal(err))
		sync_set_fatal(e->w->ts, err);
	if (err == EPERM && e->dir->to_fd >= 0 && is_immutable(e->dir->to_fd, name))
		verb = "it has the immutable or append-only flag";
	else if (err == EPERM && e->dir->to_fd >= 0 && is_immutable(e->dir->to_fd, "."))
		verb = "its directory has the immutable or append-only flag";
	else if (err == EEXIST)
		verb = "there is another name that the target takes for the same";
	else if (err == ENOTEMPTY)
		verb = sync_dir_stays;
	else
		is_sentence = false;
	sync_trouble(e->w, true, sync_path(e), verb, is_sentence ? 0 : err);
}
