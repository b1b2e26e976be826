/* SPDX-License-Identifier: MIT */
#include "fs/walk_private.h"

#include <errno.h>
#include <fcntl.h>

/* Most directories fit in one call; larger buffers were measured to gain nothing. */
enum { WALK_BUFFER = 32 * 1024 };

void walk_names_init(struct walk_names *names, struct walk_worker *worker, int fd)
{
	if (worker->buffer == NULL)
		worker->buffer = mem_alloc(WALK_BUFFER);
	*names = (struct walk_names){ .fd = fd, .buffer = worker->buffer };
}

static bool names_fill(struct walk_names *names)
{
	ssize_t n;

	do
		n = getdents64(names->fd, names->buffer, WALK_BUFFER);
	while (n < 0 && errno == EINTR);
	/* ENOENT: the directory was removed, which is an end like any other. */
	if (n < 0 && errno != ENOENT)
		names->err = errno;
	names->at = 0;
	names->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool is_dot(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

const struct dirent64 *walk_names_next(struct walk_names *names)
{
	for (;;) {
		const void *at;
		const struct dirent64 *d;

		if (names->at == names->len && !names_fill(names))
			return NULL;
		at = names->buffer + names->at;
		d = at;
		names->at += d->d_reclen;
		if (!is_dot(d->d_name))
			return d;
	}
}

int walk_stat_at(int dirfd, const char *name, bool follow, struct stat *st, bool *ret_own_st)
{
	int flags = AT_NO_AUTOMOUNT;
	int err;

	if (fstatat(dirfd, name, st, follow ? flags : flags | AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	err = errno;
	if (!follow)
		return err;
	if (fstatat(dirfd, name, st, flags | AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	*ret_own_st = true;
	return err;
}

/* Reads the metadata; WALK_KIND_LEAF when that worked. */
static enum walk_kind resolve_stat(int dirfd, struct walk_found *found, bool follow)
{
	bool own_st = false;

	found->err = walk_stat_at(dirfd, found->name, follow, &found->st, &own_st);
	found->have_st = found->err == 0 || own_st;
	if (found->have_st)
		found->type = (unsigned char)IFTODT(found->st.st_mode);
	if (found->err == 0)
		return WALK_KIND_LEAF;
	return found->err == ENOENT && !own_st ? WALK_KIND_GONE : WALK_KIND_ERROR;
}

enum walk_kind walk_resolve(struct walk *walk, const struct walk_dir *dir, int dirfd,
                            struct walk_found *found, bool now)
{
	const struct walk_opts *opts = walk->opts;
	bool enter = dir->depth + 1 < opts->max_depth;
	bool follow = opts->follow == WALK_FOLLOW_ALWAYS;
	enum walk_kind kind;
	bool linked;

	if (follow && found->type == DT_UNKNOWN) {
		/* The listing does not tell a link from what it leads to. */
		kind = resolve_stat(dirfd, found, false);
		if (kind != WALK_KIND_LEAF)
			return kind;
	}
	linked = follow && found->type == DT_LNK;
	if (found->type == DT_DIR && enter)
		return WALK_KIND_DIR;
	if (found->type != DT_UNKNOWN && !linked &&
	    !(opts->one_file_system && found->type == DT_DIR)) {
		if (!opts->stat)
			return WALK_KIND_LEAF;
		if (!now)
			return WALK_KIND_LATER;
	}
	if (!found->have_st || linked) {
		kind = resolve_stat(dirfd, found, follow);
		if (kind != WALK_KIND_LEAF)
			return kind;
	}
	if (opts->one_file_system && found->st.st_dev != dir->dev)
		return WALK_KIND_SKIP;
	if (found->type == DT_DIR && enter)
		return linked ? WALK_KIND_LINKED : WALK_KIND_DIR;
	return opts->stat && !now ? WALK_KIND_LATER : WALK_KIND_LEAF;
}

void walk_deliver(struct walk *walk, struct walk_entry *entry, const struct walk_found *found,
                  enum walk_kind kind)
{
	if (kind == WALK_KIND_GONE)
		walk->workers[entry->worker].vanished++;
	if (kind == WALK_KIND_GONE || kind == WALK_KIND_SKIP)
		return;
	entry->name = found->name;
	entry->name_len = found->name_len;
	entry->type = found->type;
	entry->st = found->have_st && walk->opts->stat ? &found->st : NULL;
	entry->event = WALK_ENTER;
	entry->verb = NULL;
	entry->err = 0;
	if (kind == WALK_KIND_ERROR) {
		entry->event = WALK_ERROR;
		entry->verb = "access";
		entry->err = found->err;
	}
	(void)walk_emit(walk, entry);
}

bool walk_is_wanted(struct walk *walk, const struct walk_entry *entry)
{
	const struct walk_select *select = walk->opts->select;

	return select == NULL || select->wanted == NULL || select->wanted(entry, select->user);
}
