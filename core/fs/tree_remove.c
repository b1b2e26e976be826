/* SPDX-License-Identifier: MIT */
#include "fs/tree_remove.h"

#include "fs/dir_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

/* A directory whose entries are being removed. */
struct frame {
	struct held_dir *dir;
	struct filter_dir *filter; /* owned, or the caller's in the first one */
	struct dir_list list;
	size_t at;
	size_t path_len;
	bool stays; /* something in it does */
};

struct removal {
	const struct tree_remove *how;
	struct strbuf *path;
	struct tree_removed *result;
	struct {
		VEC_FIELDS(struct frame);
	} frames;
};

static void trouble(struct removal *r, const char *verb, int err)
{
	r->result->failed++;
	if (r->how->trouble != NULL)
		r->how->trouble(strbuf_str(r->path), verb, err, r->how->user);
}

static bool stopped(const struct removal *r)
{
	return r->how->stopped != NULL && r->how->stopped(r->how->user);
}

/* Does the filter leave it where it is? */
static bool is_protected(const struct removal *r, const struct frame *f, int dirfd,
                         const struct dir_item *item)
{
	const struct filter *filter = r->how->filter;
	struct stat st = { 0 };

	if (filter == NULL)
		return false;
	if (!filter_wants(filter, f->filter, item->name, item->len, item->type))
		return true;
	if (item->type == DT_DIR)
		return false;
	if (filter_needs_stat(filter) && fstatat(dirfd, item->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	return !filter_passes_stat(filter, item->type, &st);
}

/* Removes the name itself. False when it stays. */
static bool remove_name(struct removal *r, int dirfd, const char *name, unsigned char type)
{
	int flags = type == DT_DIR ? AT_REMOVEDIR : 0;

	if (!r->how->dry && unlinkat(dirfd, name, flags) != 0 && errno != ENOENT) {
		trouble(r, "remove", errno);
		return false;
	}
	r->result->removed++;
	if (r->how->item != NULL)
		r->how->item(strbuf_str(r->path), type, r->how->user);
	return true;
}

/* Somebody else's file system is not removed. Own directories are made writable. */
static int check_dir(const struct removal *r, struct held_dir *dir, int fd)
{
	const struct stat *st = held_dir_stat(dir);

	if (st->st_dev != held_dir_stat(held_dir_parent(dir))->st_dev)
		return -EBUSY;
	if (!r->how->dry && (st->st_mode & S_IRWXU) != S_IRWXU && geteuid() != 0)
		ignore(fchmod(fd, (st->st_mode & 07777) | S_IRWXU));
	return 0;
}

/* Opens and lists a directory of the frame above; false, and reported, when that cannot be. */
static bool enter(struct removal *r, struct held_dir *parent, struct filter_dir *filter,
                  const struct dir_item *item)
{
	struct frame f = { .dir = held_dir_child(parent, item->name, item->len),
		           .path_len = r->path->len };
	bool wanted = true;
	int fd;
	int err = held_dir_get(f.dir, &fd);

	if (err == 0) {
		err = check_dir(r, f.dir, fd);
		if (err == 0 && r->how->filter != NULL)
			wanted = filter_enter(r->how->filter, filter, item->name, fd, &f.filter);
		if (err == 0 && wanted)
			err = dir_list_read(&f.list, fd);
		held_dir_put(f.dir);
	}
	if (err < 0 || !wanted) {
		if (err < 0)
			trouble(r, err == -EBUSY ? "remove mount point" : "open directory", -err);
		else
			r->result->kept++;
		dir_list_release(&f.list);
		(void)filter_dir_free(f.filter);
		(void)held_dir_free(f.dir);
		return false;
	}
	vec_push(&r->frames, f);
	return true;
}

/* The directory is through: it goes too, unless something stayed. */
static void leave(struct removal *r)
{
	struct frame f = vec_pop(&r->frames);
	struct held_dir *parent = held_dir_parent(f.dir);
	size_t len;
	const char *name = held_dir_name(f.dir, &len);
	bool gone = false;
	int fd;

	strbuf_truncate(r->path, f.path_len);
	if (f.stays) {
		r->result->kept++;
	} else {
		/* Deep down this is the short way back. */
		if (held_dir_get(f.dir, &fd) == 0) {
			held_dir_open_parent(f.dir);
			held_dir_put(f.dir);
		}
		int err = held_dir_get(parent, &fd);

		if (err < 0) {
			trouble(r, "open directory", -err);
		} else {
			gone = remove_name(r, fd, name, DT_DIR);
			held_dir_put(parent);
		}
	}
	if (!gone && r->frames.len > 0)
		vec_last(&r->frames).stays = true;
	dir_list_release(&f.list);
	(void)filter_dir_free(f.filter);
	(void)held_dir_free(f.dir);
}

static unsigned char type_of(int dirfd, const struct dir_item *item)
{
	struct stat st;

	if (item->type != DT_UNKNOWN)
		return item->type;
	return fstatat(dirfd, item->name, &st, AT_SYMLINK_NOFOLLOW) == 0
	               ? (unsigned char)IFTODT(st.st_mode)
	               : DT_UNKNOWN;
}

/* The next names of the newest frame, up to a directory, which becomes the newest. */
static void advance(struct removal *r)
{
	size_t depth = r->frames.len;
	struct frame *f = &vec_last(&r->frames);
	int fd;
	int err = held_dir_get(f->dir, &fd);

	if (err < 0) {
		trouble(r, "open directory", -err);
		f->stays = true;
		f->at = f->list.len;
		return;
	}

	struct held_dir *dir = f->dir;

	while (r->frames.len == depth && f->at < f->list.len && !stopped(r)) {
		struct dir_item item = f->list.items[f->at++];
		bool stays;

		item.type = type_of(fd, &item);
		strbuf_truncate(r->path, f->path_len);
		strbuf_add_char(r->path, '/');
		strbuf_add(r->path, item.name, item.len);
		if (is_protected(r, f, fd, &item)) {
			r->result->kept++;
			stays = true;
		} else if (item.type == DT_DIR) {
			stays = !enter(r, dir, f->filter, &item);
			f = &r->frames.items[depth - 1];
		} else {
			stays = !remove_name(r, fd, item.name, item.type);
		}
		f->stays = f->stays || stays;
	}
	held_dir_put(dir);
}

void tree_remove(const struct tree_remove *how, const struct tree_victim *victim,
                 struct tree_removed *ret)
{
	struct removal r = { .how = how, .path = victim->path, .result = ret };
	struct dir_item item = { victim->name, victim->len, victim->type };
	size_t path_len = victim->path->len;
	int fd;

	if (victim->type != DT_DIR) {
		int err = held_dir_get(victim->dir, &fd);

		if (err < 0) {
			trouble(&r, "open directory", -err);
			return;
		}
		(void)remove_name(&r, fd, victim->name, victim->type);
		held_dir_put(victim->dir);
		return;
	}
	if (!enter(&r, victim->dir, victim->filter, &item))
		return;
	while (r.frames.len > 0) {
		struct frame *f = &vec_last(&r.frames);

		/* Asked to stop: nothing more goes, not even what is empty now. */
		if (stopped(&r)) {
			f->stays = true;
			f->at = f->list.len;
		}
		if (f->at < f->list.len)
			advance(&r);
		else
			leave(&r);
	}
	vec_release(&r.frames);
	strbuf_truncate(victim->path, path_len);
}
