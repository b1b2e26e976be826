/* SPDX-License-Identifier: MIT */
#include "shred.h"

#include "base/sig.h"
#include "fs/copy_meta.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

enum {
	SECTOR = 512, /* the unit of st_blocks */
	OPEN_FLAGS = O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
};

enum {
	ITEM_PATH,
	ITEM_STATUS,
	ITEM_BYTES,
	ITEM_PASSES,
	ITEM_ASSURANCE,
	ITEM_REASON,
	ITEM_SPARSE,
	ITEM_CHECKED,
	ITEM_REMOVED,
};

static const struct column item_columns[] = {
	[ITEM_PATH] = { "path", COLUMN_NAME, "the file" },
	[ITEM_STATUS] = { "status", COLUMN_TEXT, "shredded, planned, refused or failed" },
	[ITEM_BYTES] = { "bytes", COLUMN_SIZE, "that each pass writes" },
	[ITEM_PASSES] = { "passes", COLUMN_COUNT, "how often it is overwritten" },
	[ITEM_ASSURANCE] = { "assurance", COLUMN_TEXT, "in-place, best-effort or none" },
	[ITEM_REASON] = { "reason", COLUMN_TEXT, "why not more" },
	[ITEM_SPARSE] = { "sparse", COLUMN_BOOL, "it has holes, which are not written" },
	[ITEM_CHECKED] = { "checked", COLUMN_BOOL, "it was read back" },
	[ITEM_REMOVED] = { "removed", COLUMN_BOOL, "its name is gone" },
};

const struct column_table shred_item_table = { item_columns, ARRAY_LEN(item_columns) };

static void tell(const struct shred *s, const struct victim *v, const char *status)
{
	bool done = strcmp(status, "shredded") == 0;
	int64_t passes = s->opts->iterations + (s->opts->zero ? 1 : 0);
	struct record r;

	record_begin(&r, s->opts->dry_run ? "plan" : "item", &shred_item_table);
	record_name(&r, ITEM_PATH, v->path);
	record_name(&r, ITEM_STATUS, status);
	record_u64(&r, ITEM_BYTES, v->bytes);
	record_u64(&r, ITEM_PASSES, (uint64_t)passes);
	if (v->reason != NULL) {
		record_name(&r, ITEM_ASSURANCE, assurance_word(v->assurance));
		record_name(&r, ITEM_REASON, v->reason);
	}
	record_bool(&r, ITEM_SPARSE, v->sparse);
	record_bool(&r, ITEM_CHECKED, done && s->opts->check);
	record_bool(&r, ITEM_REMOVED, done && s->opts->remove != REMOVE_NOT && v->dirfd >= 0);
	out_emit(s->ctx->out, &r);
}

static int fail(const struct shred *s, const struct victim *v, const char *verb)
{
	return diag_fail(s->ctx->diag, errno, verb, v->path);
}

/* -f: through a descriptor of it, so that no other file gets the permission. */
static bool make_writable(const struct victim *v)
{
	AUTO_CLOSE int fd = openat(v->dirfd, v->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	       meta_set_mode((struct meta_file){ .fd = fd, .is_path = true },
	                     (st.st_mode & 07777) | S_IRUSR | S_IWUSR) == 0;
}

static int open_victim(const struct shred *s, struct victim *v)
{
	v->readable = true;
	v->fd = openat(v->dirfd, v->name, O_RDWR | O_NOFOLLOW | OPEN_FLAGS);
	if (v->fd < 0 && errno == EACCES && s->opts->force && make_writable(v))
		v->fd = openat(v->dirfd, v->name, O_RDWR | O_NOFOLLOW | OPEN_FLAGS);
	if (v->fd < 0 && errno == EACCES && !s->opts->check) {
		v->readable = false;
		v->fd = openat(v->dirfd, v->name, O_WRONLY | O_NOFOLLOW | OPEN_FLAGS);
	}
	if (v->fd < 0 && errno == ELOOP)
		return diag_fail_text(s->ctx->diag, v->path,
		                      "is a symbolic link (--follow: the file it leads to)");
	if (v->fd < 0 && errno == ENXIO)
		return diag_fail_text(s->ctx->diag, v->path, "invalid file type");
	return v->fd < 0 ? fail(s, v, "open") : 0;
}

/* What may be overwritten: a file with one name, and a block device that is asked for. */
static int check_kind(const struct shred *s, struct victim *v)
{
	if (fstat(v->fd, &v->st) != 0)
		return fail(s, v, "look at");
	if (!S_ISREG(v->st.st_mode) && !S_ISBLK(v->st.st_mode))
		return diag_fail_text(s->ctx->diag, v->path, "invalid file type");
	if (S_ISREG(v->st.st_mode) && v->st.st_nlink > 1 && (s->allowed & GUARD_HARDLINKS) == 0)
		return guard_stop(s->ctx->diag, s->ctx->out, GUARD_HARDLINKS, v->path);
	return 0;
}

/* How much each pass writes. */
static int measure(const struct shred *s, struct victim *v)
{
	uint64_t block = v->st.st_blksize > 0 ? (uint64_t)v->st.st_blksize : 1;

	v->bytes = (uint64_t)v->st.st_size;
	if (S_ISBLK(v->st.st_mode) && ioctl(v->fd, BLKGETSIZE64, &v->bytes) != 0)
		return fail(s, v, "measure");
	if (s->opts->size != SIZE_NOT_GIVEN)
		v->bytes = s->opts->size;
	else if (S_ISREG(v->st.st_mode) && !s->opts->exact && v->bytes % block != 0)
		v->bytes += block - v->bytes % block;
	v->sparse = S_ISREG(v->st.st_mode) && s->opts->size == SIZE_NOT_GIVEN &&
	            (uint64_t)v->st.st_blocks * SECTOR < (uint64_t)v->st.st_size &&
	            lseek(v->fd, 0, SEEK_HOLE) < v->st.st_size;
	return 0;
}

/* Things to know about it, on standard error; nothing of it changes the exit status. */
static void give_notes(const struct shred *s, const struct victim *v)
{
	if (v->assurance == ASSURANCE_NONE)
		diag_warn(s->ctx->diag, v->path,
		          "overwriting may not reach what was written before: %s", v->reason);
	if (v->sparse)
		diag_warn(s->ctx->diag, v->path, "has holes, which are left as they are");
	/* A lease is only given on what nobody else has open. */
	if (S_ISREG(v->st.st_mode)) {
		if (fcntl(v->fd, F_SETLEASE, F_WRLCK) != 0 && errno == EAGAIN)
			diag_warn(s->ctx->diag, v->path, "is open elsewhere, too");
		else
			(void)fcntl(v->fd, F_SETLEASE, F_UNLCK);
	}
}

/* Once it is open. */
static int work(struct shred *s, struct victim *v)
{
	int status = check_kind(s, v);

	if (status == 0)
		status = measure(s, v);
	if (status == 0)
		judge_assurance(v);
	if (status != 0) {
		tell(s, v, "refused");
		return status;
	}
	if (v->assurance < (enum assurance)s->opts->require) {
		diag_warn(s->ctx->diag, v->path, "untouched: overwriting is '%s' here: %s",
		          assurance_word(v->assurance), v->reason);
		tell(s, v, "refused");
		diag_raise(s->ctx->diag, EXIT_GUARD);
		return EXIT_GUARD;
	}
	give_notes(s, v);
	if (s->opts->dry_run) {
		tell(s, v, "planned");
		return 0;
	}
	status = overwrite(s, v);
	/* What could not be overwritten is not hidden from sight either. */
	if (status == 0 && s->opts->remove != REMOVE_NOT && v->dirfd >= 0)
		status = wipe_name(s, v);
	tell(s, v, status == 0 ? "shredded" : "failed");
	return status;
}

int shred_file(struct shred *s, int dirfd, const char *name, const char *path)
{
	struct victim v = { .path = path, .dirfd = dirfd, .name = name };
	int status = open_victim(s, &v);

	if (status != 0) {
		tell(s, &v, "refused");
		return status;
	}
	status = work(s, &v);
	(void)close(v.fd);
	return status;
}

/* The operand "-". */
int shred_output(struct shred *s)
{
	struct victim v = { .path = "-", .fd = STDOUT_FILENO, .dirfd = -1 };
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags < 0)
		return fail(s, &v, "use");
	if ((flags & O_APPEND) != 0)
		return diag_fail_text(s->ctx->diag, v.path,
		                      "cannot shred append-only file descriptor");
	v.readable = (flags & O_ACCMODE) == O_RDWR;
	if (s->opts->check && !v.readable)
		return diag_fail_text(s->ctx->diag, v.path, "cannot be read back (--check)");
	return work(s, &v);
}
