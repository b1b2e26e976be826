/* SPDX-License-Identifier: MIT */
#include "remove.h"

#include "base/path.h"
#include "base/sig.h"
#include "cli/file_type.h"
#include "fs/trash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <time.h>

enum { ITEM_PATH, ITEM_TYPE, ITEM_STATUS };

static const struct column item_columns[] = {
	[ITEM_PATH] = { "path", COLUMN_NAME, "the entry" },
	[ITEM_TYPE] = { "type", COLUMN_TEXT, "file, dir, symlink, ..." },
	[ITEM_STATUS] = { "status", COLUMN_TEXT, "removed, trashed, kept, planned or failed" },
};

const struct column_table remove_item_table = { item_columns, ARRAY_LEN(item_columns) };

void tell(struct removal *r, const char *path, unsigned char type, const char *status)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct record record;

	if (out_wants_records(r->ctx->out)) {
		record_begin(&record, r->opts->dry_run ? "plan" : "item", &remove_item_table);
		record_name(&record, ITEM_PATH, path);
		record_name(&record, ITEM_TYPE, file_type_word(type));
		record_name(&record, ITEM_STATUS, status);
		out_emit(r->ctx->out, &record);
		return;
	}
	if (!r->opts->verbose && !r->opts->dry_run)
		return;
	out_add_name(r->ctx->out, &line, path, strlen(path));
	out_line(r->ctx->out, &line);
}

void trouble(struct removal *r, const char *path, const char *verb, int err)
{
	atomic_fetch_add(&r->failed, 1);
	if (!r->opts->ignore_errors)
		(void)diag_partial(r->ctx->diag, err, verb, path);
}

static void done(struct removal *r, const struct victim *v, const char *status)
{
	atomic_fetch_add(strcmp(status, "trashed") == 0 ? &r->trashed : &r->removed, 1);
	tell(r, v->path, v->type, r->opts->dry_run ? "planned" : status);
}

/* Is its name still that of what was looked at? */
static bool is_same(const struct victim *v)
{
	struct stat st;

	return fstatat(v->at.dirfd, v->at.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_dev == v->at.st.st_dev && st.st_ino == v->at.st.st_ino;
}

/*
 * Another name in the same directory, in one step: nobody sees half a tree under its own. False:
 * it stays where it is, and why in errno.
 */
static bool set_aside(const struct victim *v, char *name, size_t size)
{
	uint64_t salt;

	if (getrandom(&salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		return false;
	(void)snprintf(name, size, ".dutybox.rm.%016llx", (unsigned long long)salt);
	return renameat2(v->at.dirfd, v->at.name, v->at.dirfd, name, RENAME_NOREPLACE) == 0;
}

/* What could not be removed goes by its own name again. */
static void bring_back(struct removal *r, const struct victim *v, const char *aside)
{
	struct stat st;

	if (fstatat(v->at.dirfd, aside, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    renameat2(v->at.dirfd, aside, v->at.dirfd, v->at.name, RENAME_NOREPLACE) == 0)
		return;
	diag_warn(r->ctx->diag, v->path, "what is left of it is called %s now", aside);
}

static void remove_dir(struct removal *r, const struct victim *v)
{
	char aside[40];
	/* A tree that keeps something keeps its name. */
	bool renames = !r->opts->dry_run && !r->filters;

	if (renames && set_aside(v, aside, sizeof(aside))) {
		remove_tree(r, v, aside);
		bring_back(r, v, aside);
	} else if (!renames || errno == EINVAL || errno == ENOSYS || errno == EBUSY) {
		/* Where it cannot be renamed so, it is removed under its own name. */
		remove_tree(r, v, v->at.name);
	} else {
		trouble(r, v->path, "remove", errno);
	}
}

/* -p: then the directories above it, as long as they are empty. */
static void prune_parents(struct removal *r, const struct victim *v)
{
	AUTO_FREE_STR char *path = mem_strndup(v->path, path_trimmed_len(v->path));

	for (;;) {
		char *slash = strrchr(path, '/');
		size_t len = slash != NULL ? (size_t)(slash - path) : 0;

		while (len > 0 && path[len - 1] == '/')
			len--;
		if (len == 0 || r->opts->dry_run)
			return;
		path[len] = '\0';
		if (rmdir(path) != 0)
			return;
		atomic_fetch_add(&r->removed, 1);
		tell(r, path, DT_DIR, "removed");
	}
}

static void remove_empty(struct removal *r, const struct victim *v)
{
	if (!r->opts->dry_run && unlinkat(v->at.dirfd, v->at.name, AT_REMOVEDIR) != 0) {
		trouble(r, v->path, "remove", errno);
		return;
	}
	done(r, v, "removed");
	if (r->opts->parents)
		prune_parents(r, v);
}

/* The home trash, as the specification has it. Adds nothing where there is no home. */
static void add_home_trash(struct strbuf *ret)
{
	const char *data = getenv("XDG_DATA_HOME");
	const char *home = getenv("HOME");

	if (data != NULL && *data == '/')
		strbuf_add_format(ret, "%s/Trash", data);
	else if (home != NULL && *home == '/')
		strbuf_add_format(ret, "%s/.local/share/Trash", home);
}

static void put_in_trash(struct removal *r, const struct victim *v)
{
	AUTO_RELEASE_STRBUF struct strbuf home = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf now_at = { 0 };
	struct trash_request q = { .dirfd = v->at.dirfd, .name = v->at.name, .st = v->at.st };
	int err = 0;

	add_home_trash(&home);
	q.home = home.len > 0 ? strbuf_str(&home) : NULL;
	(void)clock_gettime(CLOCK_REALTIME, &q.now);
	if (!r->opts->dry_run)
		err = trash_put(&q, &now_at);
	if (err < 0)
		trouble(r, v->path, "move to the trash", -err);
	else
		done(r, v, "trashed");
}

static void remove_one(struct removal *r, const struct victim *v)
{
	if (!is_same(v)) {
		trouble(r, v->path, "remove", ESTALE);
	} else if (v->type != DT_DIR && r->filters &&
	           !filter_passes_stat(r->filter, v->type, &v->at.st)) {
		atomic_fetch_add(&r->kept, 1);
		tell(r, v->path, v->type, "kept");
	} else if (v->type == DT_DIR && r->opts->empty_dir) {
		remove_empty(r, v);
	} else if (v->type == DT_DIR && !r->opts->recursive) {
		trouble(r, v->path, "remove without -r", EISDIR);
	} else if (r->opts->trash) {
		put_in_trash(r, v);
	} else if (v->type == DT_DIR) {
		remove_dir(r, v);
	} else if (!r->opts->dry_run && unlinkat(v->at.dirfd, v->at.name, 0) != 0) {
		trouble(r, v->path, "remove", errno);
	} else {
		done(r, v, "removed");
	}
}

void act(struct removal *r)
{
	for (size_t i = 0; i < r->victims.len && !sig_stopped(); i++)
		remove_one(r, &r->victims.items[i]);
}
