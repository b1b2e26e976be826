/* SPDX-License-Identifier: MIT */
#include "shred.h"

#include "base/fdio.h"
#include "base/hash.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>

/* What one pass writes, and the checksum of it. */
struct pass {
	struct shred *s;
	const struct victim *v;
	bool zero;
	struct hash *hash; /* NULL: nobody asks */
};

/* Fills the buffer. 0, or the exit status. */
static int fill(const struct pass *p, size_t len)
{
	struct shred *s = p->s;
	ssize_t n;

	if (p->zero) {
		memset(s->buffer, 0, len);
		return 0;
	}
	if (s->source < 0) {
		random_stream_fill(s->random, s->buffer, len);
		return 0;
	}
	n = fdio_read_full(s->source, s->buffer, len);
	if (n == (ssize_t)len)
		return 0;
	if (n < 0)
		return diag_fail(s->ctx->diag, (int)-n, "read", s->opts->random_source);
	return diag_fail_text(s->ctx->diag, s->opts->random_source, "end of file");
}

static int write_at(int fd, const char *bytes, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		bytes += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_range(const struct pass *p, uint64_t at, uint64_t end)
{
	while (at < end) {
		size_t len = end - at < SHRED_BUFFER ? (size_t)(end - at) : SHRED_BUFFER;
		int status, r;

		if (sig_stopped())
			return CODE_TROUBLE;
		status = fill(p, len);
		if (status != 0)
			return status;
		if (p->hash != NULL)
			hash_update(p->hash, p->s->buffer, len);
		r = write_at(p->v->fd, p->s->buffer, len, at);
		if (r < 0)
			return diag_fail(p->s->ctx->diag, -r, "write", p->v->path);
		at += len;
	}
	return 0;
}

/* Reads it again, from the disk where the kernel allows that. */
static int read_range(const struct pass *p, uint64_t at, uint64_t end)
{
	while (at < end) {
		size_t len = end - at < SHRED_BUFFER ? (size_t)(end - at) : SHRED_BUFFER;
		ssize_t n = pread(p->v->fd, p->s->buffer, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return diag_fail(p->s->ctx->diag, n < 0 ? errno : EIO, "read", p->v->path);
		hash_update(p->hash, p->s->buffer, (size_t)n);
		at += (uint64_t)n;
	}
	return 0;
}

typedef int range_work(const struct pass *p, uint64_t at, uint64_t end);

/* Of a sparse file only what is there: a hole has never held anything. */
static int each_range(const struct pass *p, range_work *work)
{
	uint64_t at = 0;
	int status = 0;

	if (!p->v->sparse)
		return work(p, 0, p->v->bytes);
	while (status == 0) {
		off_t data = lseek(p->v->fd, (off_t)at, SEEK_DATA);
		off_t hole = data < 0 ? -1 : lseek(p->v->fd, data, SEEK_HOLE);

		if (data < 0 && errno == ENXIO)
			return 0;
		if (hole < 0)
			return diag_fail(p->s->ctx->diag, errno, "seek in", p->v->path);
		at = (uint64_t)hole;
		status = work(p, (uint64_t)data, at);
	}
	return status;
}

static int sync_pass(const struct pass *p)
{
	if (fdatasync(p->v->fd) == 0)
		return 0;
	/* Of what is no file, as a pipe, there is nothing to wait for. */
	return errno == EINVAL ? 0 : diag_fail(p->s->ctx->diag, errno, "sync", p->v->path);
}

static int check(const struct pass *p)
{
	unsigned char wrote[HASH_SIZE_MAX], read_back[HASH_SIZE_MAX];
	size_t len = hash_finish(p->hash, wrote);
	int status;

	(void)posix_fadvise(p->v->fd, 0, 0, POSIX_FADV_DONTNEED);
	status = each_range(p, read_range);
	(void)hash_finish(p->hash, read_back);
	if (status == 0 && memcmp(wrote, read_back, len) != 0) {
		(void)diag_fail_text(p->s->ctx->diag, p->v->path,
		                     "reads back as something else than was written");
		diag_raise(p->s->ctx->diag, EXIT_DAMAGED);
		status = EXIT_DAMAGED;
	}
	return status;
}

static int run_pass(struct shred *s, const struct victim *v, int64_t number, int64_t all)
{
	bool checks = s->opts->check && number == all;
	struct pass p = { .s = s,
		          .v = v,
		          .zero = s->opts->zero && number == all,
		          .hash = checks ? hash_new(HASH_XXH128) : NULL };
	int status;

	if (s->opts->verbose)
		diag_warn(s->ctx->diag, v->path, "pass %lld/%lld (%s)...", (long long)number,
		          (long long)all, p.zero ? "000000" : "random");
	status = each_range(&p, write_range);
	if (status == 0)
		status = sync_pass(&p);
	if (status == 0 && checks)
		status = check(&p);
	p.hash = hash_free(p.hash);
	return status;
}

int overwrite(struct shred *s, struct victim *v)
{
	int64_t all = s->opts->iterations + (s->opts->zero ? 1 : 0);
	int status = 0;

	for (int64_t i = 1; i <= all && status == 0; i++)
		status = run_pass(s, v, i, all);
	if (status == 0 && sig_stopped())
		status = CODE_TROUBLE;
	return status;
}
