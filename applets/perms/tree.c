/* SPDX-License-Identifier: MIT */
#include "perms.h"

#include "base/sig.h"

#include <dirent.h>
#include <errno.h>

/* Who owns a directory, for what is in it. */
struct dir_owner {
	bool known;
	bool is_steady; /* nobody else may change names in it */
	uid_t uid;
};

enum { OTHERS_WRITE = S_IWGRP | S_IWOTH };

/*
 * Another name of somebody else's file, planted in a directory of another user, say: its
 * permissions are not this tree's to change.
 */
static bool is_planted(const struct perms *p, const struct walk_entry *e)
{
	const struct dir_owner *owner = e->parent != NULL ? walk_dir_data(e->parent) : NULL;

	return !S_ISDIR(e->st->st_mode) && e->st->st_nlink > 1 && owner != NULL && owner->known &&
	       owner->uid != e->st->st_uid && (p->allowed & GUARD_HARDLINKS) == 0;
}

/* The path below the root operand. */
static char *path_below(const struct perms *p, const struct walk_entry *e, const char *path)
{
	size_t len = strlen(p->roots[e->root]);

	path += strlen(path) < len ? strlen(path) : len;
	return mem_strdup(path + strspn(path, "/"));
}

static void change_dir(struct perms *p, const struct walk_entry *e, struct entry *entry)
{
	struct late_dir late = {
		.root = e->root, .dev = e->st->st_dev, .ino = e->st->st_ino, .mode = entry->mode
	};
	mode_t now;

	if (is_late(p, e->st->st_mode & FILE_MODE_BITS, entry->mode, &now)) {
		struct entry first = *entry;

		first.mode = now;
		/* As it is for now; what is told is what it becomes. */
		if (now == (e->st->st_mode & FILE_MODE_BITS) || change_entry(p, &first)) {
			late.path = path_below(p, e, entry->path);
			add_late(p, &late);
			if (now == (e->st->st_mode & FILE_MODE_BITS)) {
				atomic_fetch_add(&p->changed, 1);
				tell_entry(p, entry, "changed");
			}
		}
		return;
	}
	(void)change_entry(p, entry);
}

static void visit_entry(struct perms *p, const struct walk_entry *e)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct entry entry = { .dirfd = e->dirfd, .name = e->name, .st = e->st };
	bool is_dir = S_ISDIR(e->st->st_mode);

	atomic_fetch_add_explicit(&p->seen, 1, memory_order_relaxed);
	entry.is_steady = e->parent != NULL &&
	                  ((const struct dir_owner *)walk_dir_data(e->parent))->is_steady;
	entry.uid = p->has_uid ? p->uid : e->st->st_uid;
	entry.gid = p->has_gid ? p->gid : e->st->st_gid;
	entry.mode = wanted_mode(p, &entry);
	/* Most entries are as they should be: then no path is put together. */
	if (!p->opts->show && !is_dir && entry.mode == (e->st->st_mode & FILE_MODE_BITS) &&
	    entry.uid == e->st->st_uid && entry.gid == e->st->st_gid) {
		atomic_fetch_add_explicit(&p->unchanged, 1, memory_order_relaxed);
		return;
	}
	walk_add_path(e, &path);
	entry.path = strbuf_str(&path);
	if (p->opts->show) {
		tell_entry(p, &entry, "as it is");
	} else if (is_planted(p, e)) {
		atomic_fetch_add(&p->failed, 1);
		(void)diag_partial_text(p->ctx->diag, entry.path,
		                        "left alone: it has other names, and another owner than "
		                        "its directory (--allow=hardlinks)");
	} else if (is_dir) {
		change_dir(p, e, &entry);
	} else {
		(void)change_entry(p, &entry);
	}
}

static void tell_error(struct perms *p, const struct walk_entry *e)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	walk_add_path(e, &path);
	atomic_fetch_add(&p->failed, 1);
	(void)diag_partial(p->ctx->diag, e->err, e->verb, strbuf_str(&path));
}

static void visit_link(struct perms *p, const struct walk_entry *e)
{
	atomic_fetch_add_explicit(&p->links, 1, memory_order_relaxed);
	/* Below, links are what they are; one that was named was meant. */
	if (e->depth == 0) {
		atomic_fetch_add(&p->failed, 1);
		(void)diag_partial_text(p->ctx->diag, e->name,
		                        "left alone: a symbolic link, which is never followed");
	}
}

/*
 * A directory of ours or root's that only its owner may write to, also with the mode it is about
 * to get. (The group's bits are the mask of an ACL, so no one else's right is hidden.)
 */
static bool is_steady(const struct perms *p, const struct stat *st)
{
	const struct entry dir = { .st = st };

	return (st->st_uid == 0 || st->st_uid == p->euid) && !p->has_uid &&
	       ((st->st_mode | wanted_mode(p, &dir)) & OTHERS_WRITE) == 0;
}

/* Runs on several threads. */
static enum walk_action visit(const struct walk_entry *e, void *user)
{
	struct perms *p = user;

	if (sig_stopped() || out_failed(p->ctx->out))
		return WALK_STOP;
	if (e->event == WALK_ERROR) {
		tell_error(p, e);
		return WALK_CONTINUE;
	}
	if (e->event != WALK_ENTER || e->st == NULL)
		return WALK_CONTINUE;
	if (e->dir != NULL) {
		struct dir_owner *owner = walk_dir_data(e->dir);

		*owner = (struct dir_owner){ .known = true,
			                     .uid = e->st->st_uid,
			                     .is_steady = is_steady(p, e->st) };
	}
	progress_tick(p->progress, atomic_load_explicit(&p->seen, memory_order_relaxed), 0, NULL);
	if (S_ISLNK(e->st->st_mode))
		visit_link(p, e);
	else if (!(e->depth == 0 && p->opts->contents_only) &&
	         filter_passes_stat(p->filter, e->type, e->st))
		visit_entry(p, e);
	return WALK_CONTINUE;
}

int change_trees(struct perms *p)
{
	const struct walk_select select = filter_select(p->filter);
	struct walk_opts walk_opts = { .order = p->opts->show ? WALK_SORTED : WALK_UNORDERED,
		                       .follow = WALK_FOLLOW_NEVER,
		                       .one_file_system = p->opts->one_file_system ||
		                                          (p->allowed & GUARD_MOUNT) == 0,
		                       .stat = true,
		                       .open_again = true,
		                       .max_depth = p->recursive ? WALK_DEPTH_ANY : 0,
		                       .threads = (unsigned)p->opts->jobs,
		                       .dir_data_size = sizeof(struct dir_owner),
		                       .select = &select };
	struct walk_result result = { 0 };
	int r = walk(p->roots, &walk_opts, visit, p, &result);

	finish_late(p);
	atomic_fetch_add(&p->vanished, result.vanished);
	if (r < 0)
		return diag_fail(p->ctx->diag, -r, "walk", p->roots[0]);
	return 0;
}
