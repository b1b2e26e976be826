/* SPDX-License-Identifier: MIT */
/* --restore: modes and owners as a list has them. */
#include "perms.h"

#include "base/fdio.h"
#include "base/sig.h"
#include "fs/beneath.h"
#include "fs/mtree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

enum { LIST_MAX = 1 << 30 };

struct restorer {
	struct perms *p;
	struct mtree *parser;
	int top; /* the operand */
	uint64_t lines, bad;
};

/* Its directory below the operand, through no link. A descriptor, or -errno. */
static int open_parent(const struct restorer *r, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');

	*ret_name = slash != NULL ? slash + 1 : path;
	return beneath_open_dir(r->top, path, slash != NULL ? (size_t)(slash - path) : 0);
}

static bool has_dots(const char *path)
{
	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if (len == 2 && strncmp(path, "..", 2) == 0)
			return true;
		path += len + (path[len] == '/');
	}
	return false;
}

static void restore_entry(struct restorer *r, const struct mtree_entry *line, struct entry *e)
{
	struct perms *p = r->p;
	struct late_dir late = { .dev = e->st->st_dev, .ino = e->st->st_ino };
	mode_t old = e->st->st_mode & FILE_MODE_BITS;
	mode_t now;

	e->mode = (line->has & MTREE_MODE) != 0 ? line->mode & FILE_MODE_BITS : old;
	e->uid = (line->has & MTREE_UID) != 0 ? line->uid : e->st->st_uid;
	e->gid = (line->has & MTREE_GID) != 0 ? line->gid : e->st->st_gid;
	if (S_ISDIR(e->st->st_mode) && is_late(p, old, e->mode, &now)) {
		late.mode = e->mode;
		late.path = mem_strdup(strcmp(e->path, ".") == 0 ? "" : e->path);
		add_late(p, &late);
		e->mode = now;
	}
	(void)change_entry(p, e);
}

static void restore_line(struct restorer *r, const struct mtree_entry *line)
{
	struct perms *p = r->p;
	const char *path = strbuf_str(&line->name);
	struct stat st;
	struct entry e = { .path = path, .st = &st };
	const bool is_top = strcmp(path, ".") == 0;
	int err = 0;

	if (line->type == DT_LNK || (line->has & (MTREE_MODE | MTREE_UID | MTREE_GID)) == 0)
		return;
	atomic_fetch_add(&p->seen, 1);
	if (*path == '/' || has_dots(path)) {
		atomic_fetch_add(&p->failed, 1);
		(void)diag_partial_text(p->ctx->diag, path, "leads out of the directory");
		return;
	}

	AUTO_CLOSE int parent = is_top ? -1 : open_parent(r, path, &e.name);

	e.dirfd = parent;
	if (is_top) {
		/* By its own name: it may be closed to us itself. */
		e.dirfd = AT_FDCWD;
		e.name = p->roots[0];
	} else if (parent < 0) {
		err = -parent;
	}
	if (err == 0 && fstatat(e.dirfd, e.name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		err = errno;
	if (err != 0) {
		atomic_fetch_add(&p->failed, 1);
		(void)diag_partial(p->ctx->diag, err, "find", path);
	} else if ((line->has & MTREE_TYPE) != 0 && line->type != IFTODT(st.st_mode)) {
		atomic_fetch_add(&p->failed, 1);
		(void)diag_partial_text(p->ctx->diag, path, "left alone: of another type now");
	} else {
		restore_entry(r, line, &e);
	}
}

static void read_line(struct restorer *r, struct mtree_entry *room, const char *line, size_t len)
{
	r->lines++;
	switch (mtree_parse(r->parser, line, len, room)) {
	case MTREE_NOTHING:
		break;
	case MTREE_ENTRY:
		restore_line(r, room);
		break;
	case MTREE_BAD:
		r->bad++;
		(void)diag_partial_text(r->p->ctx->diag, r->p->opts->restore,
		                        "line %llu makes no sense", (unsigned long long)r->lines);
		break;
	}
}

static void read_lines(struct restorer *r, const struct strbuf *text)
{
	struct mtree_entry room = { 0 };
	const char *at = strbuf_str(text);
	const char *end = at + text->len;

	while (at < end && !sig_stopped()) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);

		read_line(r, &room, at, len);
		at += len + 1;
	}
	if (!sig_stopped())
		read_line(r, &room, "", 0);
	mtree_entry_release(&room);
}

int restore_modes(struct perms *p)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct restorer r = { .p = p };
	const char *file = p->opts->restore;
	int err = strcmp(file, "-") == 0 ? fdio_read_all(STDIN_FILENO, LIST_MAX, &text)
	                                 : fdio_read_file(AT_FDCWD, file, LIST_MAX, &text);

	if (err < 0)
		return diag_fail(p->ctx->diag, -err, "read", file);
	if (!mtree_is_first_line(strbuf_str(&text), strcspn(strbuf_str(&text), "\n")))
		return diag_fail_text(p->ctx->diag, file, "no list as --save writes it");
	r.top = open(p->roots[0], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r.top < 0)
		return diag_fail(p->ctx->diag, errno, "open directory", p->roots[0]);
	r.parser = mtree_new();
	read_lines(&r, &text);
	finish_late(p);
	r.parser = mtree_free(r.parser);
	(void)close(r.top);
	return 0;
}
