/* SPDX-License-Identifier: MIT */
/* -r: the files below a directory, and then the directories that are empty. */
#include "shred.h"

#include "base/sig.h"
#include "fs/beneath.h"
#include "fs/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

struct finder {
	struct shred *s;
	int status;
	struct {
		VEC_FIELDS(char *);
	} dirs; /* owned: their paths below the operand, parents first */
	size_t root_len;
};

static void add_dir(struct finder *f, const char *path)
{
	size_t len = strlen(path);
	const char *below = path + (len < f->root_len ? len : f->root_len);

	vec_push(&f->dirs, mem_strdup(below + strspn(below, "/")));
}

static enum walk_action visit(const struct walk_entry *e, void *user)
{
	struct finder *f = user;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	int status = 0;

	if (sig_stopped())
		return WALK_STOP;
	walk_add_path(e, &path);
	if (e->event == WALK_ERROR)
		status = diag_fail(f->s->ctx->diag, e->err, e->verb, strbuf_str(&path));
	else if (e->event == WALK_ENTER && e->dir != NULL)
		add_dir(f, strbuf_str(&path));
	else if (e->event == WALK_ENTER && e->type == DT_LNK)
		diag_warn(f->s->ctx->diag, strbuf_str(&path), "a symbolic link, left alone");
	else if (e->event == WALK_ENTER && e->type == DT_REG)
		status = shred_file(f->s, e->dirfd, e->name, strbuf_str(&path));
	else if (e->event == WALK_ENTER)
		status = diag_fail_text(f->s->ctx->diag, strbuf_str(&path), "invalid file type");
	if (status > f->status)
		f->status = status;
	return WALK_CONTINUE;
}

/* Only what is empty goes. */
static void remove_dirs(struct finder *f, const char *path)
{
	AUTO_CLOSE int top = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	while (f->dirs.len > 0) {
		AUTO_FREE_STR char *dir = vec_pop(&f->dirs);
		char *slash = strrchr(dir, '/');
		const char *name = slash != NULL ? slash + 1 : dir;
		int r = 0;

		if (sig_stopped() || f->s->opts->remove == REMOVE_NOT || f->s->opts->dry_run)
			continue;
		if (*dir == '\0') {
			r = rmdir(path);
		} else {
			AUTO_CLOSE int parent = beneath_open_dir(
				top, dir, slash != NULL ? (size_t)(slash - dir) : 0);

			r = parent < 0 ? parent : unlinkat(parent, name, AT_REMOVEDIR);
		}
		/* What is in it was told. */
		if (r != 0 && errno != ENOTEMPTY && errno != EEXIST)
			f->status = diag_fail(f->s->ctx->diag, errno, "remove",
			                      *dir != '\0' ? dir : path);
	}
	vec_release(&f->dirs);
}

int shred_tree(struct shred *s, const char *path)
{
	const struct walk_opts opts = { .order = WALK_UNORDERED,
		                        .follow = WALK_FOLLOW_NEVER,
		                        .one_file_system = true,
		                        .stat = true,
		                        .max_depth = WALK_DEPTH_ANY,
		                        .threads = 1 };
	struct finder f = { .s = s, .root_len = strlen(path) };
	char *copy = mem_strdup(path);
	int r = walk((char *[]){ copy, NULL }, &opts, visit, &f, NULL);

	free(copy);
	if (r < 0)
		f.status = diag_fail(s->ctx->diag, -r, "walk", path);
	remove_dirs(&f, path);
	return f.status;
}
