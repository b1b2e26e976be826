/* SPDX-License-Identifier: MIT */
/* Opening archives, and words for what is wrong with them. */
#include "archive.h"

#include "base/fdio.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASSPHRASE_MAX = 4096 };

/* What makes an archive damaged beyond doubt, told once: EXIT_DAMAGED. */
static int damaged(struct archive_run *run, const char *name, const char *text)
{
	(void)diag_partial_text(run->ctx->diag, name, "%s", text);
	diag_raise(run->ctx->diag, EXIT_DAMAGED);
	return EXIT_DAMAGED;
}

static int trouble(struct archive_run *run, const char *name, int err, const char *text)
{
	struct diag *d = run->ctx->diag;

	switch (-err) {
	case EMEDIUMTYPE:
		return diag_fail_text(d, name, "is no archive of a known format");
	case EBADMSG:
		return damaged(run, name, text[0] != '\0' ? text : "is damaged");
	case ENOMEM:
		return diag_fail_text(d, name, "%s", text);
	case ENOKEY:
		return diag_fail_text(d, name,
		                      "is encrypted: a passphrase is needed (--passphrase-file)");
	case EKEYREJECTED:
		return diag_fail_text(d, name, "the passphrase is wrong");
	case ENOTSUP:
		return diag_fail_text(d, name,
		                      "is packed or encrypted in a way that is not supported");
	default:
		return diag_fail(d, -err, "read", name);
	}
}

static int open_file(struct archive_run *run, const char *name)
{
	int fd;

	if (strcmp(name, "-") == 0)
		return STDIN_FILENO;
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		(void)diag_fail(run->ctx->diag, errno, "open", name);
	return fd;
}

int source_attach(struct archive_run *run, struct source *s)
{
	const char *tmp = getenv("TMPDIR");
	const struct members_opts opts = {
		.threads = archive_threads(run),
		.spool_dir = tmp != NULL && tmp[0] == '/' ? tmp : "/tmp",
		.passphrase = run->passphrase,
		.raw_names = run->opts.charset == CHARSET_RAW,
	};
	const char *text = "";
	struct stat st;
	int r;

	if (fstat(s->fd, &st) == 0 && S_ISDIR(st.st_mode))
		r = -EISDIR;
	else
		r = members_open(s->fd, &opts, &s->members, &text);
	if (r == 0)
		return 0;
	source_close(s);
	return trouble(run, s->name, r, text);
}

int source_open(struct archive_run *run, const char *name, struct source *ret)
{
	struct source s = { .name = name };
	int status;

	s.fd = open_file(run, name);
	if (s.fd < 0)
		return diag_status(run->ctx->diag, EXIT_FAIL);
	status = source_attach(run, &s);
	if (status == 0)
		*ret = s;
	return status;
}

void source_close(struct source *s)
{
	s->members = members_free(s->members);
	if (s->fd > STDIN_FILENO)
		(void)close(s->fd);
	s->fd = -1;
}

int source_trouble(struct archive_run *run, const struct source *s, int err)
{
	return trouble(run, s->name, err, members_error(s->members));
}

int source_member_trouble(struct archive_run *run, const struct source *s, const char *path,
                          int err)
{
	return trouble(run, path, err, members_error(s->members));
}

void source_tell_end(struct archive_run *run, const struct source *s, const struct members_end *end)
{
	struct diag *d = run->ctx->diag;

	if (!end->has_end)
		(void)diag_partial_text(d, s->name,
		                        "the mark at its end is missing: it may have been cut");
	if (end->trailing > 0)
		(void)diag_partial_text(d, s->name, "%llu bytes follow the end of the archive",
		                        (unsigned long long)end->trailing);
}

int source_finish(struct archive_run *run, struct source *s, struct members_end *ret)
{
	int r = members_finish(s->members, ret);

	if (r < 0)
		return source_trouble(run, s, r);
	source_tell_end(run, s, ret);
	return diag_status(run->ctx->diag, EXIT_YES);
}

int passphrase_read(struct archive_run *run)
{
	const char *file = run->opts.passphrase_file;
	struct strbuf text = { 0 };
	int r;

	if (file == NULL)
		return 0;
	r = fdio_read_file(AT_FDCWD, file, PASSPHRASE_MAX, &text);
	if (r < 0) {
		strbuf_release(&text);
		return diag_fail(run->ctx->diag, -r, "read", file);
	}
	strbuf_truncate(&text, strcspn(strbuf_str(&text), "\n"));
	if (text.len == 0) {
		strbuf_release(&text);
		return diag_fail_text(run->ctx->diag, file, "there is no passphrase in it");
	}
	run->passphrase = strbuf_detach(&text);
	return 0;
}
