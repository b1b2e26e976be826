/* SPDX-License-Identifier: MIT */
/* verify - compare files and trees by content, check and write checksum lists */
#include "verify.h"

#include "base/sig.h"
#include "cli/explain.h"
#include "cli/files0.h"
#include "cli/shared_opts.h"

#include <errno.h>

#define S struct verify_opts

enum { JOBS_MAX = 1024 };

static const struct opt_choice algo_choices[] = {
	{ "sha256", HASH_SHA256 },   { "sha512", HASH_SHA512 },
	{ "blake2b", HASH_BLAKE2B }, { "md5", HASH_MD5 },
	{ "sha1", HASH_SHA1 },       { "crc32", HASH_CRC32 },
	{ "xxh128", HASH_XXH128 },   { "", 0 },
};

static const struct opt_choice format_choices[] = {
	{ "sha256sum", FORMAT_GNU },
	{ "tag", FORMAT_TAG },
	{ "mtree", FORMAT_MTREE },
	{ "bagit", FORMAT_BAG },
	{ "", 0 },
};

static const struct opt_choice extra_choices[] = {
	{ "error", EXTRA_ERROR },
	{ "warn", EXTRA_WARN },
	{ "ignore", EXTRA_IGNORE },
	{ "", 0 },
};

static const struct opt_choice meta_choices[] = {
	{ "none", META_NONE },
	{ "basic", META_BASIC },
	{ "all", META_ALL },
	{ "", 0 },
};

/* clang-format off */
static const struct opt verify_rows[] = {
	OPT_HEADING("Lists of checksums"),
	OPT_BOOL('c', "check", S, check, "check files, in DIR, against LISTs, or a bag"),
	OPT_STR_OPTIONAL(0, "create", "LIST", S, create, "-",
	                 "write a list, to LIST or standard output"),
	OPT_BOOL(0, "update", S, update,
	         "keep what LIST says, add the files that it does not name"),
	OPT_CHOICE(0, "algo", "NAME", S, algo,
	           "the checksum; lists are understood without it"),
	OPT_CHOICE(0, "format", "NAME", S, format, "how --create writes lines"),
	OPT_SET(0, "tag", S, format, FORMAT_TAG, "the same as --format=tag"),
	OPT_SET('b', "binary", S, format, FORMAT_BINARY, "write * in front of each name"),
	OPT_SET('t', "text", S, format, FORMAT_GNU, "the same as --format=sha256sum"),
	OPT_BOOL(0, "ignore-missing", S, ignore_missing, "pass over files that are not there"),
	OPT_BOOL(0, "strict", S, strict, "fail for lines that are improperly formatted"),
	OPT_BOOL('w', "warn", S, warn, "tell which lines these are"),
	OPT_CHOICE(0, "extra", "WHAT", S, extra,
	           "what files are that no list names"),
	OPT_BOOL(0, "allow-outside", S, allow_outside,
	         "let names and links lead out of the directory"),
	OPT_EXPAND('z', "", "the same as --zero: lines of lists end with NUL too", "--zero"),

	OPT_HEADING("Two trees"),
	OPT_CHOICE(0, "meta", "WHAT", S, meta,
	           "none, basic (modes, times of files), or all"),
	OPT_BOOL(0, "moved", S, moved, "find missing files under other names"),
	OPT_BOOL('v', "verbose", S, verbose, "say what is the same, too"),

	OPT_HEADING("In general"),
	OPT_BOOL('q', "quiet", S, quiet, "do not say what is the same"),
	OPT_BOOL(0, "status", S, status, "print nothing, only set the exit status"),
	OPT_STR(0, "sample", "P%", S, sample, "read the content of P% of the files, drawn anew each time"),
	OPT_BOOL(0, "direct", S, direct, "read from the disk, past the page cache"),
	OPT_INT('j', "jobs", "N", S, jobs, 1, JOBS_MAX, "read N files at a time"),
	OPT_BOOL('x', "one-file-system", S, one_file_system, "stay on one file system"),
	OPT_STR(0, "files0-from", "FILE", S, files0_from,
	        "take the operands from FILE, each ends with a NUL"),
	OPT_STR(0, "explain", "PATH", S, explain, "tell which rule of the filter decides about PATH"),
	OPT_CHOICE_OPTIONAL(0, "progress", "WHEN", S, progress, "always",
	                    "show how far it is"),
	OPT_SHARED(S, out),
	OPT_SHARED(S, filter),
};

static const struct opt_link links[] = {
	OPT_CHOICES(S, algo, algo_choices),
	OPT_CHOICES(S, format, format_choices),
	OPT_CHOICES(S, extra, extra_choices),
	OPT_CHOICES(S, meta, meta_choices),
	OPT_CHOICES(S, progress, progress_choices),
	OPT_SPLICE(S, out, out_opt_table),
	OPT_SPLICE(S, filter, filter_opt_table),
};
/* clang-format on */

#undef S

/* 0, or the status of what makes no sense together. */
static int check_options(const struct verify_run *run)
{
	const struct verify_opts *opts = run->opts;
	struct diag *d = run->ctx->diag;
	const bool lists = opts->check || opts->create != NULL;

	if (opts->check && opts->create != NULL)
		return diag_usage(d, "--check and --create exclude each other");
	if (!lists && opts->algo != VERIFY_ALGO_AUTO)
		return diag_usage(d, "--algo is for lists; two files are compared byte by byte");
	if (opts->create == NULL && opts->format != FORMAT_GNU)
		return diag_usage(d, "a format is for --create; --check sees it by itself");
	if (!opts->check && (opts->ignore_missing || opts->strict || opts->warn ||
	                     opts->allow_outside || opts->extra != EXTRA_AUTO))
		return diag_usage(d, "--ignore-missing, --strict, --warn, --extra and "
		                     "--allow-outside are for --check");
	if (opts->update && opts->create == NULL)
		return diag_usage(d, "--update goes with --create=LIST");
	if (lists && opts->verbose)
		return diag_usage(d, "--verbose is for two trees");
	if (opts->create != NULL && opts->meta != META_AUTO && opts->format != FORMAT_MTREE)
		return diag_usage(d, "lists of checksums hold no metadata: --meta goes with "
		                     "--format=mtree");
	if (opts->create != NULL && (opts->moved || opts->quiet || opts->status))
		return diag_usage(d, "--create has no answers: --moved, --quiet and --status "
		                     "are not for it");
	if (opts->create != NULL && opts->sample != NULL)
		return diag_usage(d, "a list is of all files: --sample is not for --create");
	return 0;
}

/* The operand below which the filter of the run looks at names; NULL: there is not one. */
static const char *root_of(const struct verify_run *run, char *const *operands)
{
	size_t n = 0;
	struct stat st;

	while (operands[n] != NULL)
		n++;
	if (run->opts->check)
		return n > 0 && stat(operands[n - 1], &st) == 0 && S_ISDIR(st.st_mode)
		               ? operands[n - 1]
		               : ".";
	return n == (run->opts->create != NULL ? 1 : 2) ? operands[0] : NULL;
}

static int explain(struct verify_run *run, char *const *operands)
{
	struct ctx *ctx = run->ctx;
	const char *root = root_of(run, operands);

	if (root == NULL)
		return diag_usage(ctx->diag, "--explain goes with two operands, with --check, or "
		                             "with --create and one operand");
	return explain_path(ctx->diag, ctx->out, run->filter, root, run->opts->explain);
}

static int run_two(struct verify_run *run, char **operands)
{
	struct stat a;
	struct stat b;

	if (operands[0] == NULL || operands[1] == NULL || operands[2] != NULL)
		return diag_usage(run->ctx->diag, "expected two files, two directories, --check "
		                                  "or --create");
	if (stat(operands[0], &a) != 0)
		return diag_fail(run->ctx->diag, errno, "access", operands[0]);
	if (stat(operands[1], &b) != 0)
		return diag_fail(run->ctx->diag, errno, "access", operands[1]);
	if (!S_ISDIR(a.st_mode) && run->opts->sample != NULL)
		return diag_usage(run->ctx->diag, "--sample is for lists and trees");
	if (S_ISDIR(a.st_mode) != S_ISDIR(b.st_mode))
		return diag_fail_text(run->ctx->diag, operands[S_ISDIR(a.st_mode) ? 0 : 1],
		                      "is a directory, the other is not");
	return S_ISDIR(a.st_mode) ? verify_trees(run, operands[0], operands[1])
	                          : verify_pair(run, operands[0], operands[1]);
}

static int run_mode(struct verify_run *run, char **operands)
{
	const struct verify_opts *opts = run->opts;
	const struct progress_opts progress = {
		.when = opts->quiet || opts->status ? PROGRESS_NEVER
		                                    : (enum progress_when)opts->progress,
		.fd = STDERR_FILENO,
		.program = run->ctx->applet->name,
	};

	run->progress = progress_new(&progress);
	sig_install();
	if (opts->check)
		return verify_check(run, operands);
	if (opts->create != NULL)
		return verify_create(run, operands);
	return run_two(run, operands);
}

/* What the options say, compiled. 0, or the exit status after the trouble was reported. */
static int prepare(struct verify_run *run)
{
	struct diag *d = run->ctx->diag;
	int status = check_options(run);

	if (status == 0)
		status = sample_begin(d, run->opts->sample, &run->sample);
	return status == 0 ? filter_cli_compile(d, &run->opts->filter, &run->filter) : status;
}

/* With the operands of the command line, or those of --files0-from. */
static int run_operands(struct verify_run *run, char **operands)
{
	const char *file = run->opts->files0_from;
	struct diag *d = run->ctx->diag;
	struct files0 files0 = { 0 };
	int status = 0;

	if (file != NULL && operands[0] != NULL)
		return diag_usage(d, "--files0-from takes the place of operands");
	if (file != NULL)
		status = files0_read(d, file, &files0);
	if (status == 0 && file != NULL)
		operands = files0.names.items;
	if (status == 0)
		status = run->opts->explain != NULL ? explain(run, operands)
		                                    : run_mode(run, operands);
	files0_release(&files0);
	return status;
}

static int verify_run(struct ctx *ctx, const void *options, char **operands)
{
	struct verify_run run = { .ctx = ctx, .opts = options };
	int status;

	out_begin(ctx->out, &run.opts->out);
	hashes_init(&run.hashes);
	status = prepare(&run);
	if (status == 0) {
		status = run_operands(&run, operands);
		filter_cli_finish(ctx->diag, run.filter);
		status = diag_status(ctx->diag, status);
	}
	run.progress = progress_free(run.progress);
	(void)filter_free(run.filter);
	hashes_release(&run.hashes);
	return status;
}

static const struct verify_opts defaults = { .algo = VERIFY_ALGO_AUTO };

const struct applet verify_applet = {
	.name = "verify",
	.group = "Files",
	.summary = "compare files and trees by content, check and write checksum lists",
	.operands = "A B | --check LIST... [DIR] | --create[=LIST] FILE|DIR...",
	.says_no_when = "something could not be read, or changed while it was",
	.options = OPT_TABLE_LINKED(verify_rows, links),
	.options_size = sizeof(struct verify_opts),
	.defaults = &defaults,
	.schemas = verify_schemas,
	.run = verify_run,
};
