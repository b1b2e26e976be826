/* SPDX-License-Identifier: MIT */
/* The second pass: makes what is new, and brings up to date what differs. */
#include "fs/tree_sync_private.h"

#include "fs/dir_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

/* A killed run left it: nothing of anybody's is in it. */
static void remove_leftover(struct tree_pair_dir *dir, const struct tree_pair_entry *e)
{
	ignore(unlinkat(dir->to_fd, e->name, e->to_type == DT_DIR ? AT_REMOVEDIR : 0));
}

static void keep(struct sync_entry *e)
{
	struct sync_item item = { .action = SYNC_KEEP,
		                  .reason = SYNC_NEWER,
		                  .type = (unsigned char)IFTODT(e->to_st.st_mode),
		                  .path = sync_path(e),
		                  .size = (uint64_t)e->to_st.st_size,
		                  .method = -1 };

	sync_item(e->w, &item);
}

static bool is_empty_dir(int dirfd, const char *name)
{
	AUTO_CLOSE int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dir_list list = { 0 };
	bool empty = fd >= 0 && dir_list_read(&list, fd) == 0 && list.len == 0;

	dir_list_release(&list);
	return empty;
}

/* A directory gives way here only when it is empty; to remove what is in it is for the last pass.
 */
static void make_over_dir(struct sync_entry *e)
{
	if (is_empty_dir(e->dir->to_fd, e->entry->name)) {
		char swapped[PUT_NAME_SIZE];

		sync_note_leader(e, sync_make(e, DIFFERS_TYPE, PUT_OVER_DIR, swapped));
	} else if (!e->w->ts->opts.delete) {
		sync_refused(e, "replace", ENOTEMPTY);
		sync_note_leader(e, false);
	}
}

static bool is_meta_only(const struct sync_entry *e, unsigned differs)
{
	const unsigned contents = DIFFERS_NEW | DIFFERS_TYPE | DIFFERS_SIZE | DIFFERS_CONTENT |
	                          DIFFERS_TARGET | DIFFERS_LINKS;

	/* Another name of it may be somebody else's, in a snapshot say: that must not change. */
	return (differs & contents) == 0 && e->to_st.st_nlink < 2 && !S_ISLNK(e->st.st_mode);
}

static void bring_up_to_date(struct sync_entry *e)
{
	struct tree_sync *ts = e->w->ts;
	char swapped[PUT_NAME_SIZE];
	unsigned differs = sync_differences(e);
	bool made;

	if (differs == 0)
		return;
	if (ts->opts.update && e->has_to && sync_is_newer(ts, &e->st, &e->to_st)) {
		keep(e);
		return;
	}
	if (e->has_to && S_ISDIR(e->to_st.st_mode)) {
		make_over_dir(e);
		return;
	}
	if (e->has_to && is_meta_only(e, differs)) {
		sync_note_leader(e, sync_change_meta(e, differs));
		return;
	}
	made = sync_make(e, differs, e->has_to ? PUT_OVER : PUT_NEW, swapped);
	sync_note_leader(e, made);
}

void sync_copy_entry(struct sync_entry *e)
{
	struct tree_sync *ts = e->w->ts;
	bool is_new = (atomic_load(&e->dir->marks) & DIR_NEW) != 0;

	if (is_new && !ts->opts.sizes)
		sync_count(e->w, COUNT_FILES, 1);
	if (ts->opts.existing && e->entry->to_type == TREE_ABSENT)
		return;
	if (ts->opts.ignore_existing && e->entry->to_type != TREE_ABSENT)
		return;
	/* Nothing to compare with: it need not be looked at before it is opened. */
	if (e->entry->from_type == DT_REG && e->entry->to_type == TREE_ABSENT && !ts->opts.dry &&
	    ts->opts.filter == NULL) {
		char swapped[PUT_NAME_SIZE];

		sync_note_leader(e, sync_make(e, DIFFERS_NEW, PUT_NEW, swapped));
		return;
	}
	if (!sync_stat(e) || sync_is_member(e, sync_was_planned(e)))
		return;
	bring_up_to_date(e);
}

static bool entry(struct tree_pair_dir *dir, const struct tree_pair_entry *e, unsigned worker,
                  void *user)
{
	struct tree_sync *ts = user;
	struct sync_entry s = { .dir = dir, .entry = e, .w = &ts->workers[worker] };

	if (e->from_type == TREE_ABSENT) {
		if (put_is_temporary(e->name) && !ts->opts.dry)
			remove_leftover(dir, e);
		return false;
	}
	if (e->excluded)
		return false;
	if (e->from_type != DT_DIR) {
		/* What the target has was compared by the plan. */
		if (e->to_type == TREE_ABSENT ||
		    sync_work_has(ts->work, held_dir_stat(dir->from), e->name, e->len))
			sync_copy_entry(&s);
		return false;
	}
	return !(ts->opts.existing && e->to_type == TREE_ABSENT) &&
	       !(ts->opts.ignore_existing && e->to_type != TREE_ABSENT && e->to_type != DT_DIR);
}

void tree_sync_copy(struct tree_sync *ts)
{
	const struct tree_pair_opts opts = {
		.from = ts->from,
		.to = ts->to,
		.filter = ts->opts.filter,
		.threads = ts->opts.threads,
		.hooks = { .enter = sync_enter_dir,
		           .entry = entry,
		           .leave = sync_leave_dir,
		           .trouble = sync_pair_trouble,
		           .stopped = sync_stopped,
		           .user = ts },
	};

	tree_pair_walk(&opts);
	if (!sync_stopped(ts))
		sync_link_all(ts);
}
