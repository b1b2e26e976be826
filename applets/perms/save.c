/* SPDX-License-Identifier: MIT */
/* --save: what there is, as a list in mtree's format, before anything is changed. */
#include "perms.h"

#include "base/fdio.h"
#include "base/path.h"
#include "base/sig.h"
#include "fs/mtree.h"
#include "fs/replace.h"

#include <dirent.h>
#include <errno.h>

enum { FLUSH_AT = 1 << 16 };

struct saver {
	struct perms *p;
	struct strbuf text;
	struct replace file;
	int err;
};

static void flush(struct saver *s)
{
	if (s->err == 0)
		s->err = fdio_write_all(s->file.fd, strbuf_str(&s->text), s->text.len);
	strbuf_clear(&s->text);
}

static void add_line(struct saver *s, const struct walk_entry *e)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	size_t root_len = strlen(s->p->roots[0]);
	struct mtree_entry line = { .has = MTREE_TYPE | MTREE_MODE | MTREE_UID | MTREE_GID,
		                    .type = (unsigned char)IFTODT(e->st->st_mode),
		                    .mode = e->st->st_mode & FILE_MODE_BITS,
		                    .uid = e->st->st_uid,
		                    .gid = e->st->st_gid };
	const char *below;

	walk_add_path(e, &path);
	below = strbuf_str(&path) + (path.len < root_len ? path.len : root_len);
	below += strspn(below, "/");
	strbuf_add_str(&line.name, *below != '\0' ? below : ".");
	mtree_add_line(&s->text, &line);
	mtree_entry_release(&line);
	if (s->text.len >= FLUSH_AT)
		flush(s);
}

static enum walk_action visit(const struct walk_entry *e, void *user)
{
	struct saver *s = user;

	if (sig_stopped() || s->err < 0)
		return WALK_STOP;
	if (e->event == WALK_ERROR) {
		AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

		walk_add_path(e, &path);
		(void)diag_partial(s->p->ctx->diag, e->err, e->verb, strbuf_str(&path));
	}
	if (e->event == WALK_ENTER && e->st != NULL && !S_ISLNK(e->st->st_mode))
		add_line(s, e);
	return WALK_CONTINUE;
}

int save_modes(struct perms *p)
{
	const struct walk_select select = filter_select(p->filter);
	struct walk_opts walk_opts = { .order = WALK_SORTED,
		                       .follow = WALK_FOLLOW_NEVER,
		                       .one_file_system = p->opts->one_file_system ||
		                                          (p->allowed & GUARD_MOUNT) == 0,
		                       .stat = true,
		                       .max_depth = p->recursive ? WALK_DEPTH_ANY : 0,
		                       .select = &select };
	struct saver s = { .p = p };
	int r = replace_begin(p->opts->save, &s.file);

	if (r < 0)
		return diag_fail(p->ctx->diag, -r, "write", p->opts->save);
	strbuf_add_str(&s.text, "#mtree\n");
	r = walk(p->roots, &walk_opts, visit, &s, NULL);
	flush(&s);
	strbuf_release(&s.text);
	if (r < 0 || sig_stopped()) {
		replace_abort(&s.file);
		return r < 0 ? diag_fail(p->ctx->diag, -r, "walk", p->roots[0]) : EXIT_FAIL;
	}
	if (s.err < 0)
		replace_abort(&s.file);
	r = s.err < 0 ? s.err : replace_commit(&s.file);
	return r < 0 ? diag_fail(p->ctx->diag, -r, "write", p->opts->save) : 0;
}
