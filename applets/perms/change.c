/* SPDX-License-Identifier: MIT */
#include "perms.h"

#include "base/fdio.h"
#include "base/sig.h"
#include "cli/file_type.h"
#include "fs/beneath.h"
#include "fs/copy_meta.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

enum { SET_ID_BITS = S_ISUID | S_ISGID, EXEC_BITS = 0111, READ_BITS = 0444, MAGIC_LEN = 4 };
enum { READ_TO_EXEC = 2, DIR_READ_SEARCH = S_IRUSR | S_IXUSR };

enum { ITEM_PATH, ITEM_TYPE, ITEM_STATUS, ITEM_OLD, ITEM_NEW, ITEM_UID, ITEM_GID };

static const struct column item_columns[] = {
	[ITEM_PATH] = { "path", COLUMN_NAME, "the entry" },
	[ITEM_TYPE] = { "type", COLUMN_TEXT, "file, dir, fifo, ..." },
	[ITEM_STATUS] = { "status", COLUMN_TEXT, "changed, planned, failed, or as it is (--show)" },
	[ITEM_OLD] = { "old_mode", COLUMN_TEXT, "its permission bits, octal" },
	[ITEM_NEW] = { "new_mode", COLUMN_TEXT, "those it gets, octal" },
	[ITEM_UID] = { "uid", COLUMN_COUNT, "the owner it gets or has" },
	[ITEM_GID] = { "gid", COLUMN_COUNT, "the group it gets or has" },
};

const struct column_table perms_item_table = { item_columns, ARRAY_LEN(item_columns) };

static void add_record(const struct perms *p, const struct entry *e, const char *status)
{
	char old[8], new[8];
	struct record r;

	(void)snprintf(old, sizeof(old), "%04o", (unsigned)e->st->st_mode & FILE_MODE_BITS);
	(void)snprintf(new, sizeof(new), "%04o", (unsigned)e->mode);
	record_begin(&r,
	             p->opts->dry_run ? "plan"
	             : p->opts->show  ? "entry"
	                              : "item",
	             &perms_item_table);
	record_name(&r, ITEM_PATH, e->path);
	record_name(&r, ITEM_TYPE, file_type_word((unsigned char)IFTODT(e->st->st_mode)));
	record_name(&r, ITEM_STATUS, status);
	record_name(&r, ITEM_OLD, old);
	record_name(&r, ITEM_NEW, new);
	record_u64(&r, ITEM_UID, e->uid);
	record_u64(&r, ITEM_GID, e->gid);
	out_emit(p->ctx->out, &r);
}

void tell_entry(struct perms *p, const struct entry *e, const char *status)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	mode_t old = e->st->st_mode & FILE_MODE_BITS;

	if (out_wants_records(p->ctx->out)) {
		add_record(p, e, status);
		return;
	}
	if (!p->opts->verbose && !p->opts->dry_run && !p->opts->show)
		return;
	if (strcmp(status, "failed") == 0)
		return;
	if (out_format(p->ctx->out) != OUT_NUL) {
		if (p->opts->show) {
			struct strbuf letters = { 0 };

			file_mode_add(&letters, e->st->st_mode);
			strbuf_add_format(&line, "%s %04o ", strbuf_str(&letters) + 1,
			                  (unsigned)old);
			strbuf_release(&letters);
		} else {
			strbuf_add_format(&line, "%04o -> %04o ", (unsigned)old, (unsigned)e->mode);
			if (e->uid != e->st->st_uid || e->gid != e->st->st_gid)
				strbuf_add_format(&line, "%u:%u -> %u:%u ", e->st->st_uid,
				                  e->st->st_gid, e->uid, e->gid);
		}
	}
	out_add_name(p->ctx->out, &line, e->path, strlen(e->path));
	out_line(p->ctx->out, &line);
}

/* A script, or a program in the format of this system. */
static bool begins_as_program(const struct entry *e)
{
	char magic[MAGIC_LEN];
	AUTO_CLOSE int fd = openat(e->dirfd, e->name,
	                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : fdio_read_full(fd, magic, sizeof(magic));

	return (n >= 2 && memcmp(magic, "#!", 2) == 0) ||
	       (n == MAGIC_LEN && memcmp(magic, "\177ELF", MAGIC_LEN) == 0);
}

mode_t wanted_mode(const struct perms *p, const struct entry *e)
{
	bool is_dir = S_ISDIR(e->st->st_mode);
	const struct file_mode *how = is_dir ? p->dirs : p->files;
	struct file_mode_on on = { .old = e->st->st_mode & FILE_MODE_BITS,
		                   .mask = p->mask,
		                   .is_dir = is_dir,
		                   .exact = true };
	mode_t mode;

	if (how == NULL)
		return on.old;
	mode = file_mode_apply(how, &on, NULL);
	if (is_dir || !S_ISREG(e->st->st_mode) || p->opts->exec == EXEC_DROP)
		return mode;
	mode &= ~(mode_t)EXEC_BITS;
	if (p->opts->exec == EXEC_KEEP)
		return mode | (on.old & EXEC_BITS);
	return begins_as_program(e) ? mode | (mode & READ_BITS) >> READ_TO_EXEC : mode;
}

static bool fail(struct perms *p, const struct entry *e, const char *verb, int err)
{
	if (err == ENOENT) {
		atomic_fetch_add(&p->vanished, 1);
		return false;
	}
	atomic_fetch_add(&p->failed, 1);
	(void)diag_partial(p->ctx->diag, err, verb, e->path);
	tell_entry(p, e, "failed");
	return false;
}

/* Owner first: that clears set-id bits, which the mode then brings back. */
static int apply(const struct entry *e, int fd)
{
	struct meta_file f = { .fd = fd, .is_path = true };
	struct stat wish = { .st_uid = e->uid, .st_gid = e->gid };
	mode_t old = e->st->st_mode & FILE_MODE_BITS;
	bool owner = e->uid != e->st->st_uid || e->gid != e->st->st_gid;
	int r = 0;

	if (owner)
		r = meta_set_owner(f, META_OWNER | META_GROUP, &wish, e->st);
	if (r == 0 && (e->mode != old || (owner && (e->mode & SET_ID_BITS) != 0)))
		r = meta_set_mode(f, e->mode);
	return r;
}

/* A mode alone, where the name can only be what it was: in one call. False: not so. */
static bool change_by_name(const struct entry *e, int *ret)
{
	if (!e->is_steady || e->uid != e->st->st_uid || e->gid != e->st->st_gid)
		return false;
	*ret = meta_set_mode_at(e->dirfd, e->name, e->mode);
	return *ret != -ENOSYS;
}

bool change_entry(struct perms *p, const struct entry *e)
{
	int r = 0;

	if (e->mode == (e->st->st_mode & FILE_MODE_BITS) && e->uid == e->st->st_uid &&
	    e->gid == e->st->st_gid) {
		atomic_fetch_add_explicit(&p->unchanged, 1, memory_order_relaxed);
		return true;
	}
	if (!p->opts->dry_run && !change_by_name(e, &r)) {
		AUTO_CLOSE int fd = openat(e->dirfd, e->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		struct stat now;

		if (fd < 0 || fstat(fd, &now) != 0)
			return fail(p, e, "open", errno);
		/* What was decided on, not what somebody has put in its place. */
		if (now.st_dev != e->st->st_dev || now.st_ino != e->st->st_ino ||
		    (now.st_mode & S_IFMT) != (e->st->st_mode & S_IFMT))
			return fail(p, e, "change", ESTALE);
		r = apply(e, fd);
	}
	if (r < 0)
		return fail(p, e, "change", -r);
	atomic_fetch_add_explicit(&p->changed, 1, memory_order_relaxed);
	tell_entry(p, e, p->opts->dry_run ? "planned" : "changed");
	return true;
}

bool is_late(const struct perms *p, mode_t old, mode_t wanted, mode_t *ret)
{
	if (p->is_root || !p->recursive || p->opts->dry_run)
		return false;
	if ((wanted & DIR_READ_SEARCH) == DIR_READ_SEARCH)
		return false;
	*ret = (old & DIR_READ_SEARCH) == DIR_READ_SEARCH ? old : wanted | DIR_READ_SEARCH;
	return true;
}

void add_late(struct perms *p, const struct late_dir *dir)
{
	(void)pthread_mutex_lock(&p->lock);
	vec_push(&p->late, *dir);
	(void)pthread_mutex_unlock(&p->lock);
}

/* The root itself, which may be closed to us, or a directory below it. A descriptor or -errno. */
static int open_late(const char *root, const char *path)
{
	const int top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (top < 0)
		return -errno;
	if (*path == '\0')
		return top;
	fd = beneath_open_dir(top, path, strlen(path));
	(void)close(top);
	return fd;
}

static void finish_one(struct perms *p, const struct late_dir *dir)
{
	const char *root = p->roots[dir->root];
	AUTO_CLOSE int fd = open_late(root, dir->path);
	const struct meta_file f = { .fd = fd, .is_path = *dir->path == '\0' };
	struct stat st;
	int r = fd < 0 ? fd : 0;

	if (r == 0 && fstat(f.fd, &st) != 0)
		r = -errno;
	if (r == 0 && (st.st_dev != dir->dev || st.st_ino != dir->ino))
		r = -ESTALE;
	if (r == 0)
		r = meta_set_mode(f, dir->mode);
	if (r < 0) {
		atomic_fetch_add(&p->failed, 1);
		(void)diag_partial(p->ctx->diag, -r, "change directory",
		                   *dir->path != '\0' ? dir->path : root);
	}
}

void finish_late(struct perms *p)
{
	while (p->late.len > 0) {
		struct late_dir dir = vec_pop(&p->late);

		finish_one(p, &dir);
		free(dir.path);
	}
	vec_release(&p->late);
}
