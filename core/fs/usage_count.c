/* SPDX-License-Identifier: MIT */
#include "fs/usage_count.h"

#include "fs/filter.h"

#include <dirent.h>
#include <fcntl.h>

/* Remembers roots that are files: a directory among the roots may lead to them again. */
static void note_named_files(struct usage_count *count, char *const *roots)
{
	const bool links = count->opts->follow == WALK_FOLLOW_NEVER;
	struct stat st;

	for (; *roots != NULL; roots++) {
		if (fstatat(AT_FDCWD, *roots, &st, links ? AT_SYMLINK_NOFOLLOW : 0) < 0 ||
		    S_ISDIR(st.st_mode))
			continue;
		if (count->named == NULL)
			count->named = inode_set_new(false);
		(void)inode_set_add(count->named, (uint64_t)st.st_dev, (uint64_t)st.st_ino);
	}
}

void usage_count_init(struct usage_count *count, const struct usage_opts *opts, char *const *roots)
{
	const bool several = opts->hash_all || (roots[0] != NULL && roots[1] != NULL);

	*count = (struct usage_count){ .opts = opts };
	/* Types are asked too, which the walk's hooks do not know of everything. */
	if (opts->filter != NULL && !filter_is_trivial(opts->filter))
		count->filter = opts->filter;
	if (opts->count_links)
		return;
	count->seen = inode_set_new(opts->roots_only);
	count->files = opts->follow == WALK_FOLLOW_ALWAYS;
	count->dirs = count->files || several;
	if (several && !count->files)
		note_named_files(count, roots);
}

void usage_count_release(struct usage_count *count)
{
	count->seen = inode_set_free(count->seen);
	count->named = inode_set_free(count->named);
}

/* True when the inode is met for the first time, or names count. */
static bool is_first(const struct usage_count *count, const struct stat *st)
{
	const uint64_t dev = (uint64_t)st->st_dev, ino = (uint64_t)st->st_ino;

	if (count->seen == NULL)
		return true;
	if (S_ISDIR(st->st_mode)) {
		if (!count->dirs)
			return true;
	} else if (st->st_nlink <= 1 && !count->files &&
	           (count->named == NULL || !inode_set_has(count->named, dev, ino))) {
		return true;
	}
	return inode_set_add(count->seen, dev, ino);
}

bool usage_count_entry(const struct usage_count *count, const struct stat *st,
                       struct usage_entry *entry)
{
	if (count->filter != NULL && !filter_passes_stat(count->filter, entry->type, st)) {
		if (entry->type != DT_DIR)
			return false;
		entry->passed_over = true;
	}
	entry->counted = is_first(count, st);
	return true;
}

static uint64_t apparent_size(const struct stat *st, bool all_sizes)
{
	if (st->st_size < 0 || !(all_sizes || S_ISREG(st->st_mode) || S_ISLNK(st->st_mode)))
		return 0;
	return (uint64_t)st->st_size;
}

void usage_entry_set_stat(struct usage_entry *entry, const struct stat *st,
                          const struct usage_opts *opts)
{
	entry->type = (unsigned char)IFTODT(st->st_mode);
	entry->dev = (uint64_t)st->st_dev;
	entry->ino = (uint64_t)st->st_ino;
	entry->nlink = (uint64_t)st->st_nlink;
	entry->disk = (uint64_t)st->st_blocks * 512;
	entry->apparent = apparent_size(st, opts->all_sizes);
	entry->time = opts->time == USAGE_ATIME   ? st->st_atim
	              : opts->time == USAGE_CTIME ? st->st_ctim
	                                          : st->st_mtim;
	entry->mtime = st->st_mtim;
	entry->uid = st->st_uid;
	entry->gid = st->st_gid;
	entry->mode = st->st_mode;
}
