/* SPDX-License-Identifier: MIT */
/* mkdir - make directories, as GNU's. */
#include "base/path.h"
#include "base/quote.h"
#include "cli/applet.h"
#include "cli/shared_opts.h"
#include "fs/copy_meta.h"
#include "fs/file_mode.h"

#include <errno.h>
#include <fcntl.h>

enum { CODE_TROUBLE = 1, ALL_BITS = 0777 };

struct mkdir_opts {
	const char *mode;
	bool parents, fail_if_exists, verbose, dry_run;
	const char *context;
	struct out_opts out;
};

static const struct opt mkdir_rows[] = {
	OPT_STR('m', "mode", "MODE", struct mkdir_opts, mode,
	        "file mode as chmod takes it, not a=rwx less the umask"),
	OPT_BOOL('p', "parents", struct mkdir_opts, parents,
	         "make parent directories as needed; what exists is no error"),
	OPT_BOOL('v', "verbose", struct mkdir_opts, verbose, "print each directory that is made"),
	OPT_STR_OPTIONAL('Z', "context", "CTX", struct mkdir_opts, context, "default",
	                 "refused: security contexts are not set here"),
	OPT_HEADING("More"),
	OPT_BOOL(0, "fail-if-exists", struct mkdir_opts, fail_if_exists,
	         "with -p: the last directory must not exist yet"),
	OPT_BOOL('n', "dry-run", struct mkdir_opts, dry_run,
	         "say what would be made, and make nothing"),
	OPT_SHARED(struct mkdir_opts, out),
};

static const struct opt_link mkdir_links[] = { OPT_SPLICE(struct mkdir_opts, out, out_opt_table) };

enum { ITEM_PATH, ITEM_STATUS, ITEM_MODE };

static const struct column item_columns[] = {
	[ITEM_PATH] = { "path", COLUMN_NAME, "the directory" },
	[ITEM_STATUS] = { "status", COLUMN_TEXT, "created, exists, or planned (--dry-run)" },
	[ITEM_MODE] = { "mode", COLUMN_TEXT, "its permission bits, octal; null when planned" },
};

static const struct column_table item_table = { item_columns, ARRAY_LEN(item_columns) };

struct maker {
	struct ctx *ctx;
	const struct mkdir_opts *opts;
	mode_t mask;  /* the umask */
	mode_t mode;  /* of the last directory, before the umask */
	mode_t named; /* the bits of it that --mode decides about */
};

static void tell(const struct maker *m, const char *path, const char *status, const mode_t *mode)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct record r;

	if (out_format(m->ctx->out) == OUT_JSON) {
		char digits[8];

		record_begin(&r, m->opts->dry_run ? "plan" : "item", &item_table);
		record_name(&r, ITEM_PATH, path);
		record_name(&r, ITEM_STATUS, status);
		(void)snprintf(digits, sizeof(digits), "%04o", mode != NULL ? (unsigned)*mode : 0);
		if (mode != NULL)
			record_name(&r, ITEM_MODE, digits);
		out_emit(m->ctx->out, &r);
		return;
	}
	if (strcmp(status, "exists") == 0 || (!m->opts->verbose && !m->opts->dry_run))
		return;
	if (out_format(m->ctx->out) == OUT_NUL) {
		out_add_name(m->ctx->out, &line, path, strlen(path));
	} else {
		strbuf_add_format(&line, "%s: %s directory ", m->ctx->applet->name,
		                  m->opts->dry_run ? "would create" : "created");
		quote_shell_always(&line, path, strlen(path));
	}
	out_line(m->ctx->out, &line);
}

static int refuse(const struct maker *m, const char *path, int err)
{
	return diag_fail(m->ctx->diag, err, "create directory", path);
}

/* The bits that mkdir(2) does not set, and the mode that came of it. 0 or an errno value. */
static int finish_mode(const struct maker *m, int dirfd, const char *name, bool last, mode_t *ret)
{
	AUTO_CLOSE int fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	mode_t wish;
	int r;

	if (fd < 0 || fstat(fd, &st) != 0)
		return errno;
	wish = st.st_mode & FILE_MODE_BITS;
	if (last && m->opts->mode != NULL)
		wish = (wish & ~m->named) | (m->mode & m->named);
	*ret = wish;
	if (wish == (st.st_mode & FILE_MODE_BITS))
		return 0;
	r = meta_set_mode((struct meta_file){ .fd = fd, .is_path = true }, wish);
	return -r;
}

/* Is it a directory already, perhaps through a link? */
static bool is_directory(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static bool leads_somewhere(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, 0) == 0;
}

/* Makes `name`, called `path` by the user. 0, or the exit status after the trouble was reported. */
static int make_one(const struct maker *m, int dirfd, const char *name, const char *path, bool last)
{
	bool forgives = m->opts->parents && !(last && m->opts->fail_if_exists);
	/* A mode that was asked for is exact: POSIX has + and - begin with a=rwx. */
	mode_t mask = last && m->opts->mode != NULL ? 0 : m->mask;
	mode_t mode = 0;
	int r;

	/* What is made below must be reachable. */
	if (!last)
		mask &= ~(mode_t)(S_IWUSR | S_IXUSR);
	(void)umask(mask);
	r = mkdirat(dirfd, name, last ? m->mode & ALL_BITS : ALL_BITS) == 0 ? 0 : errno;
	(void)umask(m->mask);
	if (r != 0 && forgives && is_directory(dirfd, name)) {
		if (last)
			tell(m, path, "exists", NULL);
		return 0;
	}
	/* On the way, what is there and no directory is in the way of the next one. */
	if (r == EEXIST && !last && leads_somewhere(dirfd, name))
		r = ENOTDIR;
	if (r != 0)
		return refuse(m, path, r);
	r = finish_mode(m, dirfd, name, last, &mode);
	if (r != 0)
		return diag_fail(m->ctx->diag, r, "set permissions of", path);
	tell(m, path, "created", &mode);
	return 0;
}

/* Like make_one(), but only looks. `dirfd` is -1 below what does not exist. */
static int plan_one(const struct maker *m, int dirfd, const char *name, const char *path, bool last)
{
	bool forgives = m->opts->parents && !(last && m->opts->fail_if_exists);
	struct stat st;

	if (dirfd != -1 && fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (forgives && is_directory(dirfd, name)) {
			if (last)
				tell(m, path, "exists", NULL);
			return 0;
		}
		return refuse(m, path, last ? EEXIST : ENOTDIR);
	}
	if (dirfd != -1 && errno != ENOENT)
		return refuse(m, path, errno);
	tell(m, path, "planned", NULL);
	return 0;
}

static int open_step(int dirfd, const char *name)
{
	return openat(dirfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Where the walk is: a directory on the way, and how much of the path leads to it. */
struct step {
	int fd;
	bool owned;
};

static void move_to(struct step *s, int fd)
{
	if (s->owned)
		(void)close(s->fd);
	s->fd = fd;
	s->owned = fd >= 0;
}

/* Name after name, so that no path is too long and each is made in the directory looked at. */
static int make_chain(const struct maker *m, const char *path)
{
	AUTO_FREE_STR char *text = mem_strdup(path);
	struct step here = { .fd = AT_FDCWD };
	char *at = text;
	int status = 0;

	if (*at == '/')
		move_to(&here, open_step(AT_FDCWD, "/"));
	at += strspn(at, "/");
	while (status == 0 && *at != '\0') {
		size_t len = strcspn(at, "/");
		char *next = at + len + strspn(at + len, "/");
		bool last = *next == '\0';
		char *end = at + len;
		char kept = *end;
		const char *shown = last ? path : text;

		*end = '\0';
		status = m->opts->dry_run ? plan_one(m, here.fd, at, shown, last)
		                          : make_one(m, here.fd, at, shown, last);
		if (status == 0 && !last) {
			int fd = here.fd == -1 ? -1 : open_step(here.fd, at);

			if (fd < 0 && !(m->opts->dry_run && (here.fd == -1 || errno == ENOENT)))
				status = refuse(m, text, errno);
			move_to(&here, fd);
		}
		*end = kept;
		at = next;
	}
	move_to(&here, -1);
	return status;
}

static int make(const struct maker *m, const char *path)
{
	AUTO_FREE_STR char *plain = NULL;
	size_t len = path_trimmed_len(path);

	if (*path == '\0')
		return refuse(m, path, ENOENT);
	if (m->opts->parents && path[strspn(path, "/")] != '\0')
		return make_chain(m, path);
	plain = mem_strndup(path, len);
	return m->opts->dry_run ? plan_one(m, AT_FDCWD, plain, path, true)
	                        : make_one(m, AT_FDCWD, plain, path, true);
}

static int read_mode(struct maker *m)
{
	AUTO_FREE(file_mode) struct file_mode *mode = NULL;
	struct text_error where;
	struct file_mode_on on = { .old = ALL_BITS, .mask = m->mask, .is_dir = true };

	if (m->opts->mode == NULL)
		return 0;
	if (file_mode_parse(m->opts->mode, &mode, &where) < 0)
		return diag_caret(m->ctx->diag, "invalid mode", m->opts->mode, &where);
	m->mode = file_mode_apply(mode, &on, &m->named);
	m->named |= ALL_BITS;
	return 0;
}

static int mkdir_run(struct ctx *ctx, const void *options, char **operands)
{
	const struct mkdir_opts *opts = options;
	struct maker m = { .ctx = ctx, .opts = opts, .mode = ALL_BITS };

	m.mask = umask(0);
	(void)umask(m.mask);
	out_begin(ctx->out, &opts->out);
	if (operands[0] == NULL)
		return diag_usage(ctx->diag, "missing operand");
	if (opts->context != NULL)
		return diag_usage(ctx->diag, "-Z and --context are not supported: security "
		                             "contexts are not set here");
	if (opts->fail_if_exists && !opts->parents)
		return diag_usage(ctx->diag, "--fail-if-exists needs --parents");
	if (read_mode(&m) != 0)
		return CODE_TROUBLE;
	for (char **path = operands; *path != NULL; path++)
		(void)make(&m, *path);
	return diag_status(ctx->diag, EXIT_YES);
}

static const struct applet_schema mkdir_schemas[] = {
	{ "each directory", &item_table },
	{ 0 },
};

const struct applet mkdir_applet = {
	.name = "mkdir",
	.group = "Files",
	.summary = "make directories",
	.operands = "DIRECTORY...",
	.options = OPT_TABLE_LINKED(mkdir_rows, mkdir_links),
	.options_size = sizeof(struct mkdir_opts),
	.codes = { .usage = CODE_TROUBLE, .fail = CODE_TROUBLE },
	.schemas = mkdir_schemas,
	.run = mkdir_run,
};
