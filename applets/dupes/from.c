/* SPDX-License-Identifier: MIT */
/*
 * --from=REPORT: the groups of an earlier --json output, perhaps edited since. Nothing in it is
 * believed: each file must be the inode it says, and is compared before anything is done.
 */
#include "dupes.h"

#include "base/fdio.h"
#include "base/path.h"
#include "fs/dupe_report.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { REPORT_MAX = 1 << 30 };

static bool is_inside(const struct dupes_run *run, const char *path)
{
	AUTO_RELEASE_STRBUF struct strbuf normal = { 0 };
	bool inside = false;

	path_add_normal(&normal, path);
	for (size_t i = 0; i < run->roots_len && !inside; i++) {
		AUTO_RELEASE_STRBUF struct strbuf root = { 0 };

		path_add_normal(&root, run->roots[i]);
		inside = path_is_inside(strbuf_str(&normal), strbuf_str(&root));
	}
	return inside;
}

/* All or nothing: one path that leads elsewhere, and nothing in the report is acted on. */
static int check_paths(const struct dupes_run *run)
{
	for (size_t i = 0; i < run->result.members.len; i++) {
		AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

		file_list_add_path(run->list, run->result.members.items[i].file, &path);
		if (!is_inside(run, strbuf_str(&path))) {
			diag_warn(run->ctx->diag, strbuf_str(&path),
			          "is in the report, but not below an operand");
			return diag_usage(run->ctx->diag,
			                  "the report names files elsewhere: nothing was done");
		}
	}
	return 0;
}

/* What a stat says of them now; of those that are not what the report says nothing is known. */
static void look_at_members(struct dupes_run *run)
{
	for (size_t i = 0; i < run->result.members.len; i++) {
		struct same_member *m = &run->result.members.items[i];
		AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
		struct stat st;

		file_list_add_path(run->list, m->file, &path);
		if (fstatat(AT_FDCWD, strbuf_str(&path), &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    st.st_ino != file_list_at(run->list, m->file)->ino ||
		    st.st_dev != file_list_device(run->list, m->file))
			continue;
		m->nlink = (uint32_t)st.st_nlink;
		m->disk = (uint64_t)st.st_blocks * 512;
		m->mtime = st.st_mtim;
		run->scanned_files++;
		run->scanned_bytes += (uint64_t)st.st_size;
	}
}

int dupes_read_report(struct dupes_run *run)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	const char *file = run->opts->from;
	bool is_stdin = strcmp(file, "-") == 0;
	AUTO_CLOSE int opened = is_stdin ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	struct dupe_report_error error;
	int err;

	if (!is_stdin && opened < 0)
		return diag_fail(run->ctx->diag, errno, "open", file);
	err = fdio_read_all(is_stdin ? STDIN_FILENO : opened, REPORT_MAX, &text);
	if (err < 0)
		return diag_fail(run->ctx->diag, -err, "read", file);
	run->list = file_list_new(1, run->roots, true);
	err = dupe_report_read(strbuf_str(&text), text.len, run->list, &run->result, &error);
	if (err < 0) {
		diag_warn(run->ctx->diag, file, "line %zu %s", error.line, error.reason);
		return diag_usage(run->ctx->diag, "the report cannot be used: nothing was done");
	}
	err = check_paths(run);
	if (err == 0)
		look_at_members(run);
	return err;
}
