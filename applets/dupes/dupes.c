/* SPDX-License-Identifier: MIT */
/* dupes - find equal files, and be rid of them without losing data. */
#include "dupes.h"

#include "base/sig.h"
#include "cli/explain.h"
#include "cli/shared_opts.h"

enum { JOBS_MAX = 64 };

static const struct opt_choice hash_choices[] = {
	{ "blake2b", HASH_BLAKE2B },
	{ "sha256", HASH_SHA256 },
	{ "md5", HASH_MD5 },
	{ "", 0 },
};

static const struct opt_choice sort_choices[] = {
	{ "path", SAME_SORT_PATH },   { "size", SAME_SORT_SIZE }, { "waste", SAME_SORT_WASTE },
	{ "count", SAME_SORT_COUNT }, { "none", SAME_SORT_NONE }, { "", 0 },
};

static const struct opt_choice format_choices[] = {
	{ "fdupes", DUPES_FDUPES },   { "csv", DUPES_CSV },     { "sh", DUPES_SH },
	{ "fclones", DUPES_FCLONES }, { "pairs", DUPES_PAIRS }, { "", 0 },
};

/* clang-format off */
#define S struct dupes_opts
static const struct opt dupes_options[] = {
	OPT_HEADING("What is looked for"),
	OPT_STR(0, "by", "WHAT", S, by, "content, name, size, or name with one of them: name,size"),
	OPT_BOOL(0, "ignore-case", S, ignore_case, "names in upper and lower case are the same"),
	OPT_BOOL(0, "unique", S, unique, "show the files that have no duplicate"),
	OPT_BOOL(0, "count-links", S, count_links, "names of one inode are duplicates too"),
	OPT_BOOL(0, "dirs", S, dirs, "show directories that are equal as whole trees"),
	OPT_BOOL(0, "check", S, check, "only tell whether there are any: exit 1 at the first"),
	OPT_BOOL(0, "compare", S, compare, "compare two files: exit 1 when they differ"),

	OPT_HEADING("Where"),
	OPT_SET('r', "recurse", S, no_recurse, 0, "enter directories (this is the default)"),
	OPT_SET(0, "no-recurse", S, no_recurse, 1, "look only at what is directly in them"),
	OPT_INT(0, "max-depth", "N", S, max_depth, 0, INT32_MAX, "look at most N levels below"),
	OPT_BOOL('A', "no-hidden", S, no_hidden, "leave names that begin with a dot out"),
	OPT_BOOL('L', "follow", S, follow, "follow symbolic links to directories"),
	OPT_BOOL('x', "one-file-system", S, one_file_system, "skip what is on other file systems"),
	OPT_LIST(0, "ref", "DIR", S, refs, "files below DIR are compared with and always stay"),
	OPT_BOOL(0, "ref-only", S, ref_only, "only what is below a --ref directory too"),
	OPT_BOOL(0, "isolate", S, isolate, "files below one operand are no duplicates of each other"),
	OPT_STR(0, "files0-from", "FILE", S, files0_from,
	        "take the operands from FILE, each ends with a NUL"),
	OPT_INT('j', "jobs", "N", S, jobs, 1, JOBS_MAX, "read with N threads"),
	OPT_SHARED(S, filter),
	OPT_STR(0, "explain", "PATH", S, explain, "tell which rule of the filter decides about PATH"),

	OPT_HEADING("How it is proved"),
	OPT_CHOICE(0, "hash", "NAME", S, hash, "hash whole files instead of comparing them"),
	OPT_BOOL('p', "paranoid", S, paranoid, "compare byte by byte, whatever else is said"),
	OPT_STR_OPTIONAL(0, "cache", "FILE", S, cache, "", "keep hashes in FILE between runs"),
	OPT_BOOL(0, "no-cache", S, no_cache, "forget a --cache that was said before"),

	OPT_HEADING("What is shown"),
	OPT_STR(0, "keep", "RULE", S, keep, "which file stays: first, oldest, newest, path:PATTERN ..."),
	OPT_BOOL('S', "size", S, show_size, "show the size of each group's files"),
	OPT_BOOL('f', "omit-first", S, omit_first, "leave the one that stays out of each group"),
	OPT_BOOL('m', "summarize", S, summarize, "show only the numbers"),
	OPT_BOOL('q', "quiet", S, quiet, "no progress, and no notes about files that went away"),
	OPT_CHOICE(0, "sort", "KEY", S, sort, "order of the groups, biggest first"),
	OPT_BOOL(0, "reverse", S, reverse, "turn the order around"),
	OPT_CHOICE(0, "format", "NAME", S, format, "how the groups are written"),
	OPT_SET(0, "csv", S, format, DUPES_CSV, "the same as --format=csv"),
	OPT_SET(0, "pairs", S, format, DUPES_PAIRS, "the same as --format=pairs"),
	OPT_CHOICE_OPTIONAL(0, "progress", "WHEN", S, progress, "always",
	                    "show how far the search is"),
	OPT_SHARED(S, out),

	OPT_HEADING("What is done with all but the first; planned only, until --yes"),
	OPT_MARK(0, "delete", S, actions, DUPE_DELETE, "delete them"),
	OPT_MARK(0, "hardlink", S, actions, DUPE_HARDLINK, "make them hard links to the first"),
	OPT_MARK(0, "symlink", S, actions, DUPE_SYMLINK, "make them relative symbolic links to it"),
	OPT_MARK(0, "reflink", S, actions, DUPE_REFLINK, "let them share its blocks on the disk"),
	OPT_STR(0, "move", "DIR", S, move_to, "move them below DIR"),
	OPT_BOOL(0, "yes", S, yes, "do it"),
	OPT_BOOL('n', "dry-run", S, dry_run, "only say what would be done, whatever --yes says"),
	OPT_STR(0, "from", "REPORT", S, from, "act on the groups of an earlier --json output"),
	OPT_DURATION(0, "older-than", "TIME", S, older_than, "only on what was not modified for TIME"),
	OPT_SHARED(S, job),

	OPT_HEADING("Letters that mean too many things elsewhere, and are refused"),
	OPT_SET('d', "", S, refused, 'd', "say --delete or --max-depth"),
	OPT_SET('D', "", S, refused, 'D', "say --delete"),
	OPT_SET('I', "", S, refused, 'I', "say --isolate or --yes"),
	OPT_SET('N', "", S, refused, 'N', "say --yes"),
};

static const struct opt_link links[] = {
	OPT_CHOICES(S, hash, hash_choices),
	OPT_CHOICES(S, sort, sort_choices),
	OPT_CHOICES(S, format, format_choices),
	OPT_CHOICES(S, progress, progress_choices),
	OPT_SPLICE(S, filter, filter_opt_table),
	OPT_SPLICE(S, out, out_opt_table),
	OPT_SPLICE(S, job, job_opt_table),
};
#undef S
/* clang-format on */

static const struct dupes_opts defaults = {
	.max_depth = -1,
	.hash = DUPES_NO_HASH,
	.older_than = -1,
};

static int check(struct dupes_run *run)
{
	bool found;
	int status = dupes_search(run, true);

	if (status != 0)
		return status;
	found = run->result.groups.len != 0;
	if (found && out_wants_records(run->ctx->out))
		dupes_emit_group(run, 0, NULL);
	return diag_status(run->ctx->diag, found ? EXIT_NO : EXIT_YES);
}

static int show(struct dupes_run *run)
{
	int status = dupes_search(run, false);

	if (status != 0)
		return status;
	if (run->action != DUPE_NONE && run->opts->format != DUPES_SH)
		return dupes_act(run);
	if (run->opts->unique)
		dupes_print_unique(run);
	else
		status = dupes_print_groups(run);
	return diag_status(run->ctx->diag, status);
}

static int run_mode(struct dupes_run *run)
{
	int status;

	if (run->opts->from != NULL) {
		status = dupes_read_report(run);
		return status != 0 ? status : dupes_act(run);
	}
	status = dupes_scan(run);
	if (status != 0)
		return status;
	return run->opts->check ? check(run) : show(run);
}

/* For metrics and logs; the last record comes on every way out. */
static void tell_end(struct dupes_run *run, struct job *job)
{
	const struct dupes_totals t = dupes_totals(run);

	dupes_emit_summary(run);
	job_gauge(job, "files", "Files that were looked at.", run->scanned_files);
	job_gauge(job, "bytes", "Their sizes.", run->scanned_bytes);
	job_gauge(job, "groups", "Groups of equal files.", run->result.groups.len);
	job_gauge(job, "redundant_files", "Files in groups that do not stay.", t.redundant);
	job_gauge(job, "reclaimable_bytes", "Allocated bytes that those take alone.", t.reclaim);
	job_gauge(job, "done", "Copies that were acted on.", run->acted[DUPE_DONE]);
	job_gauge(job, "skipped", "Copies that were left as they are.", run->acted[DUPE_SKIPPED]);
	job_gauge(job, "failed", "Copies with which it failed.", run->acted[DUPE_FAILED]);
	job_gauge(job, "freed_bytes", "Allocated bytes that this freed.", run->freed_bytes);
}

static int run_job(struct dupes_run *run)
{
	struct job *job;
	int status = job_begin(run->ctx, &run->opts->job, &job);

	if (status != 0)
		return status;
	job_label(job, "path", run->roots[0] != NULL ? run->roots[0] : "");
	sig_install();
	status = run_mode(run);
	tell_end(run, job);
	return job_end(job, status);
}

static int explain(const struct dupes_run *run)
{
	const struct ctx *ctx = run->ctx;

	if (run->roots_len != 1)
		return diag_usage(ctx->diag, "--explain goes with one operand");
	return explain_path(ctx->diag, ctx->out, run->filter, run->roots[0], run->opts->explain);
}

static int dupes_run(struct ctx *ctx, const void *options, char **operands)
{
	const struct dupes_opts *opts = options;
	struct dupes_run run;
	int status;

	out_begin(ctx->out, &opts->out);
	if (opts->compare)
		return dupes_compare(ctx, opts, operands);
	status = dupes_setup(&run, ctx, opts, operands);
	if (status == 0)
		status = opts->explain != NULL ? explain(&run) : run_job(&run);
	dupes_release(&run);
	return status;
}

const struct applet dupes_applet = {
	.name = "dupes",
	.group = "Files",
	.summary = "find equal files, and be rid of the copies without losing data",
	.operands = "[path ...]",
	.says_no_when = "a duplicate (--check), a difference (--compare), a file left out",
	.options = OPT_TABLE_LINKED(dupes_options, links),
	.defaults = &defaults,
	.options_size = sizeof(struct dupes_opts),
	.schemas = dupes_schemas,
	.run = dupes_run,
};
