/* SPDX-License-Identifier: MIT */
/* mktemp - make a temporary file or directory, as GNU's, and look after it. */
#include "mktemp.h"

#include "base/path.h"
#include "base/quote.h"
#include "base/sig.h"
#include "fs/pour.h"

#include <errno.h>
#include <fcntl.h>

enum {
	X_LEAST = 3,
	FD_LEAST = 3,
	FD_MOST = 1023,
	CODE_RUN_FAILED = 125,
};

#define DAY_NS ((int64_t)86400 * 1000000000)

static const char gnu_template[] = "tmp.XXXXXXXXXX";
static const char own_prefix[] = "dutybox.";

static const struct opt mktemp_rows[] = {
	OPT_BOOL('d', "directory", struct mktemp_opts, directory, "make a directory, not a file"),
	OPT_BOOL('u', "dry-run", struct mktemp_opts, dry_run,
	         "make nothing, only print a name (unsafe)"),
	OPT_BOOL('q', "quiet", struct mktemp_opts, quiet, "do not say why it could not be made"),
	OPT_STR(0, "suffix", "SUFF", struct mktemp_opts, suffix,
	        "append this to the template, which must end in X"),
	OPT_STR('p', "", "DIR", struct mktemp_opts, dir, "make it below DIR"),
	OPT_STR_OPTIONAL(0, "tmpdir", "DIR", struct mktemp_opts, dir, "",
	                 "the same; without DIR, below TMPDIR, else /tmp"),
	OPT_BOOL('t', "", struct mktemp_opts, in_tmpdir,
	         "the template is a name; below TMPDIR, else -p, else /tmp"),
	OPT_HEADING("More"),
	OPT_STR(0, "prefix", "PREFIX", struct mktemp_opts, prefix,
	        "no template: this, twelve random letters, and the suffix"),
	OPT_STR(0, "mode", "MODE", struct mktemp_opts, mode,
	        "not 0600 (0700) less the umask, but as chmod takes it"),
	OPT_STR(0, "content", "FILE", struct mktemp_opts, content,
	        "fill it with this file's bytes; - is standard input"),
	OPT_STR(0, "layout", "WORDS", struct mktemp_opts, layout,
	        "fill the directory: 'sub/ empty file=TEMPLATE'"),
	OPT_BOOL(0, "workspace", struct mktemp_opts, workspace,
	         "with input/, output/, temp/ and config.ini"),
	OPT_LIST(0, "set", "KEY=VALUE", struct mktemp_opts, set,
	         "a setting in config.ini, and {KEY} in templates"),
	OPT_BOOL_LAST(0, "run", struct mktemp_opts, run,
	              "run the command that follows, then remove it"),
	OPT_INT_LAST(0, "fd", "N", struct mktemp_opts, fd, FD_LEAST, FD_MOST,
	             "as --run; the command has it open as descriptor N"),
	OPT_BOOL('k', "keep-on-failure", struct mktemp_opts, keep_on_failure,
	         "with --run: keep it when the command fails"),
	OPT_BOOL(0, "gc", struct mktemp_opts, gc,
	         "remove what killed --run's have left, and print it"),
	OPT_DURATION(0, "older", "AGE", struct mktemp_opts, older,
	             "with --gc: not changed for so long (1d)"),
	OPT_SHARED(struct mktemp_opts, out),
};

static const struct opt_link mktemp_links[] = { OPT_SPLICE(struct mktemp_opts, out,
	                                                   out_opt_table) };

enum { ENTRY_PATH, ENTRY_TYPE, ENTRY_MODE };

static const struct column entry_columns[] = {
	[ENTRY_PATH] = { "path", COLUMN_NAME, "what was made" },
	[ENTRY_TYPE] = { "type", COLUMN_TEXT, "file or dir" },
	[ENTRY_MODE] = { "mode", COLUMN_TEXT, "permission bits, octal; null after --dry-run" },
};

static const struct column_table entry_table = { entry_columns, ARRAY_LEN(entry_columns) };

/* "<before>'text'<after>" */
static int refuse(const struct mktemp_run *m, const char *before, const char *text,
                  const char *after)
{
	AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };

	quote_shell_always(&quoted, text, strlen(text));
	return diag_fail_text(m->ctx->diag, NULL, "%s%s%s", before, strbuf_str(&quoted), after);
}

static const char *environment_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir != NULL && *dir != '\0' ? dir : NULL;
}

/* -p or --tmpdir, else TMPDIR, else /tmp. */
static const char *chosen_dir(const struct mktemp_opts *opts)
{
	if (opts->dir != NULL && *opts->dir != '\0')
		return opts->dir;
	return environment_dir() != NULL ? environment_dir() : "/tmp";
}

/* The directory a template is below; NULL: it says itself. 0, or the exit status. */
static int find_dir(const struct mktemp_run *m, const char *template, bool given, const char **ret)
{
	const struct mktemp_opts *opts = m->opts;

	*ret = NULL;
	if (opts->in_tmpdir) {
		if (given && path_base_name(template) != template)
			return refuse(m, "invalid template, ", template,
			              ", contains directory separator");
		*ret = environment_dir() != NULL ? environment_dir() : chosen_dir(opts);
	} else if (!given || opts->dir != NULL) {
		if (*template == '/')
			return refuse(m, "invalid template, ", template,
			              "; with --tmpdir, it may not be absolute");
		*ret = chosen_dir(opts);
	}
	return 0;
}

/* GNU's reading of a template: the last X's are what is replaced. */
static int read_template(const struct mktemp_run *m, const char *given, struct pattern *ret)
{
	const char *template = given != NULL ? given : gnu_template;
	size_t len = strlen(template);
	const char *suffix = m->opts->suffix;
	const char *last = strrchr(template, 'X');
	size_t end = last != NULL ? (size_t)(last - template) + 1 : len;
	size_t count = 0;
	const char *dir;
	int status;

	if (suffix != NULL && (len == 0 || template[len - 1] != 'X'))
		return refuse(m, "with --suffix, template ", template, " must end in X");
	if (suffix == NULL)
		suffix = template + end;
	if (strchr(suffix, '/') != NULL)
		return refuse(m, "invalid suffix ", suffix, ", contains directory separator");
	while (count < end && template[end - 1 - count] == 'X')
		count++;
	if (count < X_LEAST)
		return refuse(m, "too few X's in template ", template, "");
	status = find_dir(m, template, given != NULL, &dir);
	if (status != 0)
		return status;
	path_add_join(&ret->path, dir != NULL ? dir : "", "");
	ret->random_at = ret->path.len + end - count;
	ret->random_len = count;
	strbuf_add(&ret->path, template, end);
	strbuf_add_str(&ret->path, suffix);
	return 0;
}

/* The name that --prefix asks for, and --run without one. */
static int build_name(const struct mktemp_run *m, const char *prefix, struct pattern *ret)
{
	const char *suffix = m->opts->suffix != NULL ? m->opts->suffix : "";

	if (strchr(prefix, '/') != NULL)
		return refuse(m, "invalid prefix ", prefix, ", contains directory separator");
	if (strchr(suffix, '/') != NULL)
		return refuse(m, "invalid suffix ", suffix, ", contains directory separator");
	path_add_join(&ret->path, chosen_dir(m->opts), prefix);
	ret->random_at = ret->path.len;
	ret->random_len = MADE_RANDOM;
	strbuf_add_fill(&ret->path, 'X', MADE_RANDOM);
	strbuf_add_str(&ret->path, suffix);
	return 0;
}

static int fill_content(const struct mktemp_run *m)
{
	const char *file = m->opts->content;
	bool is_input = file != NULL && strcmp(file, "-") == 0;
	struct pour pour = { .to = m->made.fd, .tee = -1, .stopped = sig_stopped };
	AUTO_CLOSE int fd = -1;
	enum pour_side side;
	uint64_t bytes;
	int r;

	if (file == NULL)
		return 0;
	if (!is_input) {
		fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return diag_fail(m->ctx->diag, errno, "open", file);
	}
	pour.from = is_input ? STDIN_FILENO : fd;
	r = pour_run(&pour, &bytes, &side);
	if (r == -ECANCELED)
		return CODE_TROUBLE;
	if (r < 0 && side == POUR_FROM)
		return diag_fail(m->ctx->diag, -r, "read", is_input ? "standard input" : file);
	if (r < 0)
		return diag_fail(m->ctx->diag, -r, "write", strbuf_str(&m->made.path));
	/* A command that has it open finds its start. */
	(void)lseek(m->made.fd, 0, SEEK_SET);
	return 0;
}

static void print(const struct mktemp_run *m)
{
	const char *path = strbuf_str(&m->made.path);
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct stat st;
	struct record r;

	if (out_format(m->ctx->out) == OUT_JSON) {
		bool known = m->made.fd >= 0 && fstat(m->made.fd, &st) == 0;
		char digits[8];

		record_begin(&r, m->opts->dry_run ? "plan" : "entry", &entry_table);
		record_name(&r, ENTRY_PATH, path);
		record_name(&r, ENTRY_TYPE, m->made.is_dir ? "dir" : "file");
		(void)snprintf(digits, sizeof(digits), "%04o",
		               known ? (unsigned)st.st_mode & FILE_MODE_BITS : 0);
		if (known)
			record_name(&r, ENTRY_MODE, digits);
		out_emit(m->ctx->out, &r);
	} else {
		out_add_name(m->ctx->out, &line, path, strlen(path));
		out_line(m->ctx->out, &line);
	}
	out_flush(m->ctx->out);
}

/* Makes it, and hands it to the user or the command. */
static int work(struct mktemp_run *m, const struct pattern *pattern, char **words)
{
	int status = make_temporary(m, pattern);
	bool filled;

	if (status != 0)
		return status;
	status = m->opts->dry_run ? 0 : fill_content(m);
	if (status == 0 && !m->opts->dry_run)
		status = fill_layout(m);
	filled = status == 0 && !sig_stopped();
	if (filled && m->opts->run)
		return run_with(m, words);
	if (filled)
		print(m);
	/* What nobody is told of is not left behind. */
	if ((!filled || out_failed(m->ctx->out)) && !m->opts->dry_run)
		(void)remove_made(m);
	return status;
}

static int make(struct mktemp_run *m, char **operands)
{
	const struct mktemp_opts *opts = m->opts;
	const char *prefix = opts->prefix != NULL ? opts->prefix : opts->run ? own_prefix : NULL;
	struct pattern pattern = { 0 };
	int status = prefix != NULL ? build_name(m, prefix, &pattern)
	                            : read_template(m, opts->run ? NULL : operands[0], &pattern);

	if (status == 0)
		status = reserve_fd(m);
	if (status == 0) {
		sig_install();
		status = work(m, &pattern, operands);
		made_release(&m->made);
	}
	if (status != 0 && opts->run && diag_count(m->ctx->diag) > 0)
		diag_raise(m->ctx->diag, CODE_RUN_FAILED);
	strbuf_release(&pattern.path);
	return diag_status(m->ctx->diag, status);
}

/* Options that make no sense together. NULL, or the sentence. */
static const char *find_conflict(const struct mktemp_opts *opts, char **operands)
{
	if (opts->gc && (opts->run || opts->layout != NULL || opts->content != NULL || *operands))
		return "--gc makes nothing";
	if (opts->run && operands[0] == NULL)
		return "--run needs a command";
	if (opts->run && (opts->dry_run || opts->out.json))
		return "--run goes with neither --dry-run nor --json";
	if (opts->keep_on_failure && !opts->run)
		return "--keep-on-failure needs --run";
	if (!opts->run && operands[0] != NULL && operands[1] != NULL)
		return "too many templates";
	if (!opts->run && operands[0] != NULL && opts->prefix != NULL)
		return "--prefix and a template exclude each other";
	if (opts->content != NULL && opts->directory)
		return "--content is for a file, not a directory";
	if (opts->set.len > 0 && opts->layout == NULL && !opts->workspace)
		return "--set needs --layout or --workspace";
	return NULL;
}

static int mktemp_run(struct ctx *ctx, const void *options, char **operands)
{
	struct mktemp_opts opts;
	struct mktemp_run m = { .ctx = ctx, .opts = &opts };
	const char *conflict;
	struct text_error where;
	int status;

	memcpy(&opts, options, sizeof(opts));
	opts.run = opts.run || opts.fd != FD_NONE;
	opts.directory = opts.directory || opts.layout != NULL || opts.workspace;
	out_begin(ctx->out, &opts.out);
	conflict = find_conflict(&opts, operands);
	if (conflict != NULL)
		return diag_usage(ctx->diag, "%s", conflict);
	status = check_layout(&m);
	if (status != 0)
		return status;
	if (opts.mode != NULL && file_mode_parse(opts.mode, &m.mode, &where) < 0)
		return diag_caret(ctx->diag, "invalid mode", opts.mode, &where);
	m.mask = umask(0);
	(void)umask(m.mask);
	if (opts.gc) {
		opts.prefix = opts.prefix != NULL ? opts.prefix : own_prefix;
		status = collect(&m, chosen_dir(&opts));
	} else {
		status = make(&m, operands);
	}
	m.mode = file_mode_free(m.mode);
	return status;
}

static const struct mktemp_opts mktemp_defaults = { .fd = FD_NONE, .older = DAY_NS };

static const struct applet_schema mktemp_schemas[] = {
	{ "what was made", &entry_table },
	{ "--gc", &gc_table },
	{ 0 },
};

const struct applet mktemp_applet = {
	.name = "mktemp",
	.group = "Files",
	.summary = "make a temporary file or directory",
	.operands = "[TEMPLATE | COMMAND [ARG]...]",
	.options = OPT_TABLE_LINKED(mktemp_rows, mktemp_links),
	.defaults = &mktemp_defaults,
	.options_size = sizeof(struct mktemp_opts),
	.codes = { .usage = CODE_TROUBLE, .fail = CODE_TROUBLE },
	.schemas = mktemp_schemas,
	.run = mktemp_run,
};
