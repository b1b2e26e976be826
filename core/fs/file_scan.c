/* SPDX-License-Identifier: MIT */
#include "fs/file_scan.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

enum { TICK_ENTRIES = 256 };

/* What each thread counts for itself. */
struct counts {
	_Alignas(64) uint64_t bytes;
	unsigned entries; /* since the last tick */
};

struct scan {
	const struct file_scan_opts *opts;
	struct walk_select inner; /* the filter's */
	struct file_list *list;
	struct counts *counts;
};

static void report(const struct scan *scan, const struct walk_entry *entry,
                   struct file_scan_trouble trouble)
{
	struct strbuf path = { 0 };

	walk_add_path(entry, &path);
	trouble.path = strbuf_str(&path);
	scan->opts->trouble(&trouble, scan->opts->user);
	strbuf_release(&path);
}

static bool wanted(const struct walk_entry *entry, void *user)
{
	const struct scan *scan = user;

	if (scan->opts->no_hidden && entry->name[0] == '.')
		return false;
	return scan->inner.wanted == NULL || scan->inner.wanted(entry, scan->inner.user);
}

static bool descend(const struct walk_entry *entry, int fd, void **state, void *user)
{
	const struct scan *scan = user;

	return scan->inner.descend == NULL ||
	       scan->inner.descend(entry, fd, state, scan->inner.user);
}

static void forget(void *state, void *user)
{
	const struct scan *scan = user;

	if (scan->inner.forget != NULL)
		scan->inner.forget(state, scan->inner.user);
}

static uint32_t number_of(struct walk_dir *dir)
{
	return dir != NULL ? *(uint32_t *)walk_dir_data(dir) : FILE_LIST_NONE;
}

/* The walk looks through links where it follows them: is this name one? */
static bool is_link(const struct scan *scan, const struct walk_entry *entry)
{
	struct stat st;

	if (!scan->opts->follow && entry->depth != 0)
		return false;
	return fstatat(entry->dirfd, entry->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(st.st_mode);
}

static void add_file(const struct scan *scan, const struct walk_entry *entry,
                     const struct file_list_name *name)
{
	if (is_link(scan, entry)) {
		if (entry->depth == 0)
			report(scan, entry,
			       (struct file_scan_trouble){ .text = "a symbolic link to a file is "
			                                           "never a duplicate" });
		return;
	}
	if (scan->opts->filter != NULL &&
	    !filter_passes_stat(scan->opts->filter, DT_REG, entry->st))
		return;
	file_list_add(scan->list, name, entry->st);
	scan->counts[entry->worker].bytes += (uint64_t)entry->st->st_size;
}

static void report_link(const struct scan *scan, const struct walk_entry *entry)
{
	struct strbuf path = { 0 };

	walk_add_path(entry, &path);
	scan->opts->link(strbuf_str(&path), entry->name, scan->opts->user);
	strbuf_release(&path);
}

static void tell_other(const struct scan *scan, const struct walk_entry *entry, bool unread)
{
	if (scan->opts->other == NULL)
		return;
	scan->opts->other(
		&(struct file_scan_other){
			.dir = number_of(entry->dir),
			.parent = number_of(entry->parent),
			.root = entry->root,
			.name = entry->name,
			.len = entry->name_len,
			.dirfd = entry->dirfd,
			.type = entry->type,
			.st = entry->st,
			.unread = unread,
		},
		scan->opts->user);
}

static void add_entry(const struct scan *scan, const struct walk_entry *entry)
{
	const struct file_list_name name = {
		.worker = entry->worker,
		.root = entry->root,
		.parent = number_of(entry->parent),
		.name = entry->name,
		.len = entry->name_len,
	};

	if (entry->dir != NULL) {
		*(uint32_t *)walk_dir_data(entry->dir) = file_list_add_dir(scan->list, &name);
		tell_other(scan, entry, false);
		return;
	}
	if (entry->type == DT_REG && entry->st != NULL) {
		add_file(scan, entry, &name);
		return;
	}
	/* A directory that is not entered, or what may be anything, is no whole part of its own. */
	tell_other(scan, entry, entry->type == DT_DIR || entry->type == DT_UNKNOWN);
	if (entry->type == DT_LNK && scan->opts->link != NULL)
		report_link(scan, entry);
	else if (entry->depth == 0 && entry->type != DT_DIR && entry->type != DT_UNKNOWN)
		report(scan, entry,
		       (struct file_scan_trouble){
			       .text = "is neither a regular file nor a directory" });
}

static enum walk_action visit(const struct walk_entry *entry, void *user)
{
	struct scan *scan = user;
	struct counts *counts = &scan->counts[entry->worker];

	switch (entry->event) {
	case WALK_ENTER:
		add_entry(scan, entry);
		break;
	case WALK_ERROR:
		/* A dangling link below an operand is a link like any other. */
		if (entry->depth == 0 || entry->st == NULL || !S_ISLNK(entry->st->st_mode))
			report(scan, entry,
			       (struct file_scan_trouble){ .verb = entry->verb,
			                                   .err = entry->err });
		tell_other(scan, entry, true);
		break;
	case WALK_LOOP:
		tell_other(scan, entry, true);
		break;
	case WALK_LEAVE:
		break;
	}
	if (++counts->entries < TICK_ENTRIES || scan->opts->tick == NULL)
		return WALK_CONTINUE;
	counts->entries = 0;
	return scan->opts->tick(TICK_ENTRIES, scan->opts->user) ? WALK_CONTINUE : WALK_STOP;
}

int file_scan(char *const *roots, const struct file_scan_opts *opts, struct file_scan_result *ret)
{
	struct scan scan = { .opts = opts };
	const struct walk_select select = {
		.wanted = wanted, .descend = descend, .forget = forget, .user = &scan
	};
	struct walk_opts walk_opts = {
		.order = WALK_UNORDERED,
		.follow = opts->follow ? WALK_FOLLOW_ALWAYS : WALK_FOLLOW_ROOTS,
		.one_file_system = opts->one_file_system,
		.stat = true,
		.max_depth = opts->max_depth,
		.threads = opts->threads,
		.dir_data_size = sizeof(uint32_t),
	};
	struct walk_result walked = { 0 };
	struct file_scan_result result = { 0 };
	int r;

	if (opts->filter != NULL)
		scan.inner = filter_select(opts->filter);
	if (opts->no_hidden || (opts->filter != NULL && !filter_is_trivial(opts->filter)))
		walk_opts.select = &select;
	walk_opts.workers = walk_workers_max(&walk_opts);
	scan.list = file_list_new(walk_opts.workers, roots, opts->follow);
	scan.counts = aligned_alloc(64, walk_opts.workers * sizeof(*scan.counts));
	if (scan.counts == NULL)
		mem_exhausted();
	memset(scan.counts, 0, walk_opts.workers * sizeof(*scan.counts));
	r = walk(roots, &walk_opts, visit, &scan, &walked);
	for (unsigned i = 0; i < walk_opts.workers; i++)
		result.bytes += scan.counts[i].bytes;
	free(scan.counts);
	if (r < 0) {
		file_list_free(scan.list);
		return r;
	}
	result.list = scan.list;
	result.vanished = walked.vanished;
	result.stopped = walked.stopped;
	*ret = result;
	return 0;
}
