/* SPDX-License-Identifier: MIT */
/* Makes one entry that is no directory: beside its name first, then in its place. */
#include "fs/tree_sync_private.h"

#include "fs/file_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

enum { TRIES = 3, READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

enum outcome { MADE, NOT_MADE, CHANGED };

/* A regular file in the making. */
struct making {
	struct sync_entry *e;
	enum put_over over;
	int from;
	struct put put;
	struct stat wish;
	bool has_acl;
	struct copy_result data;
};

static void tell_item(struct sync_entry *e, unsigned differs, enum sync_action action, int method)
{
	struct sync_item item = { .action = action,
		                  .differs = differs,
		                  .reason = sync_reason_of(differs),
		                  .type = (unsigned char)IFTODT(e->st.st_mode),
		                  .path = sync_path(e),
		                  .size = (uint64_t)e->st.st_size,
		                  .method = method };

	if (S_ISLNK(e->st.st_mode))
		item.from = strbuf_str(&e->w->target);
	sync_item(e->w, &item);
}

static void skip(struct sync_entry *e, enum sync_reason reason)
{
	struct sync_item item = { .action = SYNC_SKIP,
		                  .reason = reason,
		                  .type = e->entry->from_type,
		                  .path = sync_path(e),
		                  .method = -1 };

	sync_item(e->w, &item);
}

/* Of the source: told; what the target has stays. */
static enum outcome unreadable(struct sync_entry *e, const char *verb, int err)
{
	if (err == ENOENT) {
		sync_count(e->w, COUNT_VANISHED, 1);
		return NOT_MADE;
	}
	sync_trouble(e->w, false, sync_path(e), verb, err);
	skip(e, SYNC_UNREADABLE);
	return NOT_MADE;
}

static enum outcome refused(struct sync_entry *e, const char *verb, int err)
{
	sync_refused(e, verb, err);
	return NOT_MADE;
}

/* The new file can have its mode from the beginning, when nothing could make it mean more. */
static bool is_plain(const struct making *m)
{
	const struct tree_sync *ts = m->e->w->ts;
	unsigned marks = atomic_load(&m->e->dir->marks);

	return !m->has_acl && (marks & (DIR_INHERITS | DIR_FOREIGN)) == 0 &&
	       m->wish.st_uid == ts->uid && m->wish.st_gid == ts->gid &&
	       (m->wish.st_mode & 07000) == 0;
}

static enum outcome set_meta(struct making *m, bool plain)
{
	struct sync_worker *w = m->e->w;
	struct tree_sync *ts = w->ts;
	unsigned attributes = ts->opts.keep & (META_XATTRS | META_ACLS);
	unsigned marks = atomic_load(&m->e->dir->marks);
	struct stat now = { .st_uid = ts->uid, .st_gid = ts->gid };
	struct meta_file to = { m->put.fd, false };
	struct meta_lost lost = { 0 };
	int r = 0;

	sync_set_owner(m->e, to, &m->wish, (marks & DIR_FOREIGN) != 0 ? NULL : &now);
	if (!plain)
		r = meta_set_mode(to, m->wish.st_mode);
	if (r < 0)
		return refused(m->e, "set the mode of", -r);
	if (attributes != 0)
		r = meta_copy_attributes(&w->meta, (struct meta_file){ m->from, false }, to,
		                         attributes, (marks & DIR_INHERITS) == 0, &lost);
	if (r < 0)
		return unreadable(m->e, "read the attributes of", -r);
	sync_lost(w, sync_path(m->e), &lost);
	if ((ts->opts.keep & META_TIMES) != 0)
		r = meta_set_times(to, &m->wish);
	if (r < 0)
		return refused(m->e, "set the times of", -r);
	if (ts->opts.fsync == SYNC_FSYNC_EACH && fsync(m->put.fd) != 0)
		return refused(m->e, "write", errno);
	return MADE;
}

/* Did the source stay as it was? Growth behind what was copied is no harm, and seen next time. */
static enum outcome check_source(struct making *m)
{
	struct sync_worker *w = m->e->w;
	struct file_state before = file_state_of(&m->e->st);
	struct file_state after;
	int r = file_state_read(m->from, &after);

	if (r < 0)
		return unreadable(m->e, "read", -r);
	if (!m->data.is_short && file_state_equal(&before, &after))
		return MADE;
	if (!m->data.is_short && before.size > 0 && after.size > before.size) {
		sync_count(w, COUNT_GREW, 1);
		return MADE;
	}
	return CHANGED;
}

/* Is it on the disk as it was read? */
static enum outcome verify(struct making *m)
{
	struct sync_entry *e = m->e;
	struct tree_sync *ts = e->w->ts;
	int r;

	/* What shares its blocks was not written. */
	if (ts->opts.verify == SYNC_VERIFY_NONE || m->data.method == COPY_REFLINK ||
	    e->st.st_size == 0)
		return MADE;
	r = sync_verify_copy(ts, m->from, &m->put, (uint64_t)e->st.st_size);
	if (r == -ESTALE)
		return CHANGED;
	if (r < 0)
		return refused(e, "read back", -r);
	if (r == 0) {
		sync_count(e->w, COUNT_VERIFIED, 1);
		return MADE;
	}
	if (check_source(m) == CHANGED)
		return CHANGED;
	sync_count(e->w, COUNT_DAMAGED, 1);
	sync_trouble(e->w, true, sync_path(e),
	             "read back, the copy is not what was written; it was not put in place", 0);
	return NOT_MADE;
}

static enum outcome fill(struct making *m, bool plain)
{
	struct sync_worker *w = m->e->w;
	enum outcome outcome;
	int r;

	w->busy = m->e->entry->name;
	r = copy_data(&w->data, m->from, m->put.fd, &m->e->st, &m->data);
	sync_count(w, m->data.method == COPY_REFLINK ? COUNT_BYTES_REFLINKED : COUNT_BYTES_COPIED,
	           m->data.bytes);
	if (r == -ECANCELED)
		return NOT_MADE;
	if (r < 0)
		return m->data.write_failed ? refused(m->e, "write", -r)
		                            : unreadable(m->e, "read", -r);
	outcome = check_source(m);
	if (outcome == MADE)
		outcome = verify(m);
	return outcome == MADE ? set_meta(m, plain) : outcome;
}

static enum outcome make_beside(struct making *m, char ret_swapped[static PUT_NAME_SIZE])
{
	struct sync_entry *e = m->e;
	bool plain = is_plain(m);
	enum outcome outcome;
	int r = put_regular(&e->w->names, e->dir->to_fd, plain ? m->wish.st_mode & 0777 : 0600,
	                    &m->put);

	if (r < 0)
		return refused(e, "create", -r);
	outcome = fill(m, plain);
	if (outcome != MADE) {
		put_abort(&m->put);
		return outcome;
	}
	r = put_commit(&m->put, e->entry->name, m->over);
	if (r < 0)
		return refused(e, "replace", -r);
	if (m->over == PUT_SWAP_DIR)
		memcpy(ret_swapped, m->put.name, PUT_NAME_SIZE);
	return MADE;
}

/* Opens the source and looks at what it is. 0: go on. */
static enum outcome open_source(struct making *m)
{
	struct sync_entry *e = m->e;
	bool seen = e->has_st;
	int r;

	m->from = openat(e->dir->from_fd, e->entry->name, READ_FLAGS);
	if (m->from < 0)
		return unreadable(e, "open", errno);
	if (fstat(m->from, &e->st) != 0)
		return unreadable(e, "look at", errno);
	e->has_st = true;
	if (!S_ISREG(e->st.st_mode)) {
		sync_trouble(e->w, false, sync_path(e), "was replaced by something else", 0);
		return NOT_MADE;
	}
	/* The plan had no look at what is in new directories. */
	if (!seen && sync_is_member(e, sync_was_planned(e)))
		return NOT_MADE;
	m->has_acl = false;
	if ((e->w->ts->opts.keep & (META_XATTRS | META_ACLS)) == 0)
		return MADE;
	r = meta_list_attributes(&e->w->meta, (struct meta_file){ m->from, false }, &m->has_acl);
	return r == 0 ? MADE : unreadable(e, "read the attributes of", -r);
}

static enum outcome try_regular(struct making *m, char ret_swapped[static PUT_NAME_SIZE])
{
	struct sync_entry *e = m->e;
	const struct stat *like = e->has_to && S_ISREG(e->to_st.st_mode) ? &e->to_st : NULL;
	enum outcome outcome = open_source(m);

	if (outcome == MADE) {
		m->wish = sync_wish(e->w->ts, &e->st, like);
		outcome = make_beside(m, ret_swapped);
	}
	if (m->from >= 0)
		(void)close(m->from);
	return outcome;
}

static bool make_regular(struct sync_entry *e, unsigned differs, enum put_over over,
                         char ret_swapped[static PUT_NAME_SIZE])
{
	struct making m = { .e = e, .over = over };
	enum outcome outcome = CHANGED;

	for (int i = 0; outcome == CHANGED && i < TRIES && !sync_stopped(e->w->ts); i++)
		outcome = try_regular(&m, ret_swapped);
	if (outcome == CHANGED) {
		sync_count(e->w, COUNT_CHANGED, 1);
		sync_trouble(e->w, false, sync_path(e),
		             "changed each time it was read; the old copy stays", 0);
		skip(e, SYNC_CHANGED);
	}
	if (outcome != MADE)
		return false;
	tell_item(e, differs, (differs & DIFFERS_NEW) != 0 ? SYNC_COPY : SYNC_UPDATE,
	          (int)m.data.method);
	return true;
}

/* A symbolic link or special file. */
static bool make_other(struct sync_entry *e, unsigned differs, enum put_over over,
                       char ret_swapped[static PUT_NAME_SIZE])
{
	struct sync_worker *w = e->w;
	bool is_link = S_ISLNK(e->st.st_mode);
	struct stat wish = sync_wish(w->ts, &e->st, NULL);
	struct put put;
	int r = is_link ? put_symlink(&w->names, e->dir->to_fd, strbuf_str(&w->target), &put)
	                : put_special(&w->names, e->dir->to_fd, &e->st, &put);

	if (r < 0) {
		sync_refused(e, "create", -r);
		return false;
	}
	sync_set_by_name(e, put.name, &wish);
	r = put_commit(&put, e->entry->name, over);
	if (r < 0) {
		sync_refused(e, "replace", -r);
		return false;
	}
	if (over == PUT_SWAP_DIR)
		memcpy(ret_swapped, put.name, PUT_NAME_SIZE);
	tell_item(e, differs, is_link ? SYNC_SYMLINK : SYNC_SPECIAL, -1);
	return true;
}

/* May it be made at all? Else that is said. */
static bool is_allowed(struct sync_entry *e)
{
	struct sync_worker *w = e->w;
	const struct tree_sync_opts *o = &w->ts->opts;

	if (S_ISLNK(e->st.st_mode)) {
		if (!sync_reads_link(e->dir->from_fd, e->entry->name, &w->target)) {
			(void)unreadable(e, "read the link", errno);
			return false;
		}
		if (o->safe_links && !sync_link_is_safe(strbuf_str(&w->target), sync_path(e))) {
			skip(e, SYNC_UNSAFE);
			return false;
		}
	}
	if (S_ISCHR(e->st.st_mode) || S_ISBLK(e->st.st_mode)) {
		if (!o->devices)
			return false;
		if (w->ts->uid != 0) {
			sync_count(w, COUNT_DEVICES, 1);
			skip(e, SYNC_DEVICE);
			return false;
		}
	}
	return true;
}

bool sync_make(struct sync_entry *e, unsigned differs, enum put_over over,
               char ret_swapped[static PUT_NAME_SIZE])
{
	ret_swapped[0] = '\0';
	if (e->has_st && !is_allowed(e))
		return false;
	if (e->w->ts->opts.dry) {
		enum sync_action action = S_ISLNK(e->st.st_mode)    ? SYNC_SYMLINK
		                          : !S_ISREG(e->st.st_mode) ? SYNC_SPECIAL
		                          : (differs & DIFFERS_NEW) ? SYNC_COPY
		                                                    : SYNC_UPDATE;

		tell_item(e, differs, action, -1);
		return true;
	}
	if (e->has_st && !S_ISREG(e->st.st_mode))
		return make_other(e, differs, over, ret_swapped);
	return make_regular(e, differs, over, ret_swapped);
}

static int open_target(struct sync_entry *e, struct meta_file *ret)
{
	int dirfd = e->dir->to_fd;
	const char *name = e->entry->name;
	struct stat st;

	*ret = (struct meta_file){ openat(dirfd, name, READ_FLAGS), false };
	if (ret->fd < 0)
		*ret = (struct meta_file){ openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC),
			                   true };
	if (ret->fd < 0 || fstat(ret->fd, &st) != 0)
		return -errno;
	/* It must be what was compared. */
	return st.st_ino == e->to_st.st_ino && st.st_dev == e->to_st.st_dev ? 0 : -ESTALE;
}

/* Attributes of what is there already, where they may differ. */
static int change_attributes(struct sync_entry *e, struct meta_file to)
{
	struct sync_worker *w = e->w;
	struct meta_lost lost = { 0 };
	bool has_acl;
	AUTO_CLOSE int from =
		openat(e->dir->from_fd, e->entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (from < 0)
		return -errno;
	r = meta_list_attributes(&w->meta, (struct meta_file){ from, true }, &has_acl);
	if (r == 0)
		r = meta_copy_attributes(&w->meta, (struct meta_file){ from, true }, to,
		                         w->ts->opts.keep & (META_XATTRS | META_ACLS), false,
		                         &lost);
	sync_lost(w, sync_path(e), &lost);
	return r;
}

bool sync_change_meta(struct sync_entry *e, unsigned differs)
{
	struct sync_worker *w = e->w;
	struct stat wish = sync_wish(w->ts, &e->st, &e->to_st);
	struct meta_file to = { -1, false };
	int r = 0;

	if (!w->ts->opts.dry) {
		r = open_target(e, &to);
		if (r == 0) {
			sync_set_owner(e, to, &wish, &e->to_st);
			if ((differs & (DIFFERS_MODE | DIFFERS_OWNER | DIFFERS_GROUP)) != 0)
				r = meta_set_mode(to, wish.st_mode);
		}
		if (r == 0 && (differs & (DIFFERS_ATTRIBUTES | DIFFERS_ACL)) != 0)
			r = change_attributes(e, to);
		if (r == 0 && (w->ts->opts.keep & META_TIMES) != 0)
			r = meta_set_times(to, &wish);
		if (to.fd >= 0)
			(void)close(to.fd);
	}
	if (r < 0)
		sync_refused(e, "change", -r);
	else
		tell_item(e, differs, SYNC_META, -1);
	return r == 0;
}
