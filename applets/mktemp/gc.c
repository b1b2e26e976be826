/* SPDX-License-Identifier: MIT */
/* --gc: what runs that were killed have left; those that go on hold a lock. */
#include "mktemp.h"

#include "base/clock.h"
#include "base/path.h"
#include "fs/dir_list.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

enum { GC_PATH, GC_STATUS };

static const struct column gc_columns[] = {
	[GC_PATH] = { "path", COLUMN_NAME, "what was left" },
	[GC_STATUS] = { "status", COLUMN_TEXT, "removed, planned (--dry-run), or failed" },
};

const struct column_table gc_table = { gc_columns, ARRAY_LEN(gc_columns) };

enum { NS_PER_S = 1000000000 };

/* The prefix, the random letters, the suffix, and nothing else. */
static bool is_our_name(const struct mktemp_run *m, const char *name, size_t len)
{
	size_t prefix = strlen(m->opts->prefix);
	const char *suffix = m->opts->suffix != NULL ? m->opts->suffix : "";

	return len == prefix + MADE_RANDOM + strlen(suffix) &&
	       strncmp(name, m->opts->prefix, prefix) == 0 &&
	       strspn(name + prefix, random_letters) >= MADE_RANDOM &&
	       strcmp(name + prefix + MADE_RANDOM, suffix) == 0;
}

static bool is_old(const struct mktemp_run *m, const struct stat *st)
{
	struct timespec now;
	time_t newest =
		st->st_mtim.tv_sec > st->st_ctim.tv_sec ? st->st_mtim.tv_sec : st->st_ctim.tv_sec;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - newest >= m->opts->older / NS_PER_S;
}

static void tell(const struct mktemp_run *m, const char *path, const char *status)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct record r;

	if (out_format(m->ctx->out) == OUT_JSON) {
		record_begin(&r, m->opts->dry_run ? "plan" : "item", &gc_table);
		record_name(&r, GC_PATH, path);
		record_name(&r, GC_STATUS, status);
		out_emit(m->ctx->out, &r);
		return;
	}
	if (strcmp(status, "failed") == 0)
		return;
	out_add_name(m->ctx->out, &line, path, strlen(path));
	out_line(m->ctx->out, &line);
}

static void collect_one(const struct mktemp_run *m, int dirfd, const char *dir,
                        const struct dir_item *item)
{
	struct mktemp_run one = *m;
	struct stat st;
	const char *status = "planned";

	if (!is_our_name(m, item->name, item->len) ||
	    fstatat(dirfd, item->name, &st, AT_SYMLINK_NOFOLLOW) != 0 || st.st_uid != geteuid() ||
	    !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) || !is_old(m, &st))
		return;
	one.made = (struct made){ .dirfd = dirfd, .is_dir = S_ISDIR(st.st_mode) };
	path_add_join(&one.made.path, dir, item->name);
	one.made.name = item->name;
	one.made.fd = openat(dirfd, item->name,
	                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (one.made.fd < 0) {
		if (errno != ENOENT)
			(void)diag_partial(m->ctx->diag, errno, "open", strbuf_str(&one.made.path));
	} else if (flock(one.made.fd, LOCK_EX | LOCK_NB) == 0) {
		if (!m->opts->dry_run)
			status = remove_made(&one) ? "removed" : "failed";
		tell(m, strbuf_str(&one.made.path), status);
	}
	if (one.made.fd >= 0)
		(void)close(one.made.fd);
	strbuf_release(&one.made.path);
}

int collect(const struct mktemp_run *m, const char *dir)
{
	AUTO_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dir_list list = { 0 };
	int r = fd < 0 ? -errno : dir_list_read(&list, fd);

	if (r < 0) {
		dir_list_release(&list);
		return diag_fail(m->ctx->diag, -r, "read directory", dir);
	}
	for (size_t i = 0; i < list.len && !out_failed(m->ctx->out); i++)
		collect_one(m, fd, dir, &list.items[i]);
	dir_list_release(&list);
	return diag_status(m->ctx->diag, EXIT_YES);
}
