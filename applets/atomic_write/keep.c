/* SPDX-License-Identifier: MIT */
#include "atomic_write.h"

#include "cli/command.h"
#include "fs/copy_data.h"
#include "fs/copy_meta.h"

#include <errno.h>
#include <fcntl.h>

enum { NEW_BITS = 0666, SET_ID_BITS = S_ISUID | S_ISGID };

mode_t chosen_mode(const struct atomic *a)
{
	struct file_mode_on on = { .mask = a->mask };

	on.old = a->old >= 0 ? a->target.st.st_mode & FILE_MODE_BITS : NEW_BITS & ~a->mask;
	return a->mode != NULL ? file_mode_apply(a->mode, &on, NULL) : on.old;
}

/* False: it could not be kept, which was said unless nobody minds. */
static bool keep_owner(const struct atomic *a, struct meta_file to)
{
	struct stat now;

	if (a->opts->no_owner)
		return false;
	if (fstat(to.fd, &now) == 0 &&
	    meta_set_owner(to, META_OWNER | META_GROUP, &a->target.st, &now) == 0)
		return true;
	/* The group alone may be possible. */
	ignore(meta_set_owner(to, META_GROUP, &a->target.st, NULL));
	if (!a->opts->is_sponge)
		(void)diag_partial_text(a->ctx->diag, a->path, "its owner could not be kept");
	return false;
}

static int copy_attributes(const struct atomic *a, struct meta_file to)
{
	struct meta_file from = { .fd = a->old, .is_path = a->old_is_path };
	struct meta_way way = { 0 };
	struct meta_lost lost = { 0 };
	bool acl;
	int r = meta_list_attributes(&way, from, &acl);

	if (r == 0)
		r = meta_copy_attributes(&way, from, to, META_XATTRS | META_ACLS, true, &lost);
	meta_way_release(&way);
	if (r < 0)
		return diag_partial(a->ctx->diag, -r, "read the attributes of", a->path);
	if (lost.parts != 0 && !a->opts->is_sponge)
		return diag_partial(a->ctx->diag, lost.err, "keep all attributes of", a->path);
	return 0;
}

/* Owner first, which clears set-id bits; an ACL last, as it decides about the group's. */
int keep_metadata(const struct atomic *a)
{
	struct meta_file to = { .fd = a->fd };
	mode_t mode = chosen_mode(a);
	bool owned;
	int r;

	if (!a->beside)
		return 0;
	if (a->old < 0) {
		if (a->mode == NULL && meta_has_default_acl(a->target.dirfd))
			return 0;
		r = meta_set_mode(to, mode);
		return r < 0 ? diag_fail(a->ctx->diag, -r, "set permissions of", a->path) : 0;
	}
	owned = keep_owner(a, to);
	if (!owned && a->target.st.st_uid != geteuid() && a->mode == NULL)
		mode &= ~(mode_t)SET_ID_BITS;
	/* What is lost of them was said; the content is what matters most. */
	(void)copy_attributes(a, to);
	r = meta_set_mode(to, mode);
	return r < 0 ? diag_fail(a->ctx->diag, -r, "set permissions of", a->path) : 0;
}

/* Where there are no hard links. */
static int copy_backup(const struct atomic *a, struct put_names *names, struct put *p)
{
	struct copy_way way = { 0 };
	struct copy_result result;
	int r = a->old_is_path ? -EACCES : put_regular(names, a->target.dirfd, 0600, p);

	if (r < 0)
		return r;
	r = copy_data(&way, a->old, p->fd, &a->target.st, &result);
	copy_way_release(&way);
	if (r == 0)
		r = meta_set_mode((struct meta_file){ .fd = p->fd }, a->target.st.st_mode);
	if (r == 0 && !a->opts->no_fsync && fsync(p->fd) != 0)
		r = -errno;
	if (r < 0)
		put_abort(p);
	return r;
}

int make_backup(const struct atomic *a)
{
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };
	struct put_names names = { 0 };
	struct put p;
	int r;

	if (a->opts->backup == NULL || a->old < 0)
		return 0;
	strbuf_add_str(&name, a->target.name);
	strbuf_add_str(&name, a->opts->backup);
	if (a->beside) {
		r = put_link(&names, a->target.dirfd, a->target.dirfd, a->target.name, &p);
		if (r == -EPERM || r == -EOPNOTSUPP || r == -EMLINK || r == -ENOSYS)
			r = copy_backup(a, &names, &p);
	} else {
		/* Written in place, the old file is no more: a second name of it is no backup. */
		r = copy_backup(a, &names, &p);
	}
	if (r == 0)
		r = put_commit(&p, strbuf_str(&name), PUT_OVER);
	return r < 0 ? diag_fail(a->ctx->diag, -r, "make the backup", strbuf_str(&name)) : 0;
}

/* The path of the new content, for another program: the kernel knows where the directory is. */
static int add_place(const struct atomic *a, struct strbuf *ret)
{
	char room[64];
	char link[PATH_MAX];
	ssize_t len;

	if (!a->beside) {
		strbuf_add_format(ret, "/proc/%d/fd/%d", (int)getpid(), a->fd);
		return 0;
	}
	(void)snprintf(room, sizeof(room), "/proc/self/fd/%d", a->target.dirfd);
	len = readlink(room, link, sizeof(link));
	if (len < 0 || len == (ssize_t)sizeof(link))
		return len < 0 ? -errno : -ENAMETOOLONG;
	strbuf_add(ret, link, (size_t)len);
	strbuf_add_format(ret, "/%s", a->put.name);
	return 0;
}

int run_check(const struct atomic *a)
{
	AUTO_RELEASE_STRBUF struct strbuf script = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf place = { 0 };
	AUTO_FREE_STR char *text = NULL;
	AUTO_FREE_STR char *path = NULL;
	AUTO_CLOSE int err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	struct command command = { .fds = { SPAWN_NULL, err < 0 ? SPAWN_NULL : err,
		                            SPAWN_INHERIT } };
	int code, r;

	if (a->opts->check == NULL)
		return 0;
	strbuf_add_format(&script, "%s \"$@\"", a->opts->check);
	r = add_place(a, &place);
	if (r < 0)
		return diag_fail(a->ctx->diag, -r, "find the path of", a->path);
	text = strbuf_detach(&script);
	path = strbuf_detach(&place);
	command.words = (char *[]){
		(char[]){ "/bin/sh" }, (char[]){ "-c" }, text, (char[]){ "sh" }, path, NULL
	};
	code = command_run(a->ctx->diag, &command);
	if (code == 0)
		return 0;
	diag_warn(a->ctx->diag, a->path, "not changed: the check ended with status %d", code);
	return EXIT_DAMAGED;
}
