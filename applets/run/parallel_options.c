/* SPDX-License-Identifier: MIT */
/* The options of parallel runs, and what they may be. */
#include "parallel.h"

#include "cli/shared_opts.h"

#include "base/num.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>

enum {
	SLOTS_MAX = 10000,
	PERCENT_ALL = 100,
	DESCRIPTORS_KEPT = 32,
	DESCRIPTORS_EACH = 4,
	NUMBER_MAX = 32,
	MANY = 1000,
};

/* clang-format off */
#define S struct run_opts
static const struct opt parallel_rows[] = {
	OPT_HEADING("Many jobs at once"),
	OPT_STR('j', "max-procs", "N", S, parallel.max_procs,
	        "run a job for each item, N at a time; also N%, +N, -N"),
	OPT_LIST('a', "arg-file", "FILE", S, parallel.arg_files, "items are the lines of FILE; - is standard input"),
	OPT_BOOL('0', "null", S, parallel.null, "items end with NUL, not with a newline"),
	OPT_STR(0, "delimiter", "CHAR", S, parallel.delimiter, "items end with CHAR"),
	OPT_STR(0, "jobs", "FILE", S, parallel.jobs, "jobs are the lines of FILE, a command each"),
	OPT_BOOL(0, "keep-order", S, parallel.keep_order, "show output in the order of the items"),
	OPT_BOOL(0, "ungroup", S, parallel.ungroup, "let jobs write as they like"),
	OPT_BOOL(0, "line-buffer", S, parallel.line_buffer, "show each line as soon as it is whole"),
	OPT_STR(0, "tagstring", "STRING", S, parallel.tag, "begin each line with STRING and a tab"),
	OPT_STR(0, "halt", "POLICY", S, parallel.halt, "stop early: now or soon,fail or success or done=N[%]"),
	OPT_STR(0, "joblog", "FILE", S, parallel.joblog, "write a line for each finished job to FILE"),
	OPT_BOOL(0, "resume", S, parallel.resume, "leave out the jobs that are in the job log"),
	OPT_BOOL(0, "resume-failed", S, parallel.resume_failed, "leave out those that succeeded"),
	OPT_STR(0, "results", "DIR", S, parallel.results, "keep the output of each job in files below DIR"),
	OPT_BOOL('n', "dry-run", S, parallel.dry_run, "show the commands, run none"),
	OPT_CHOICE_OPTIONAL(0, "progress", "WHEN", S, parallel.progress, "always", "show how far it is"),
	OPT_STR(0, "load", "N", S, parallel.load, "start no job beside others while the load is over N"),
	OPT_SIZE(0, "memfree", "SIZE", S, parallel.memfree,
	         "start no job beside others with less memory available"),
	OPT_DURATION(0, "start-delay", "DURATION", S, parallel.start_delay, "wait between two starts"),
};

static const struct opt_link parallel_links[] = {
	OPT_CHOICES(S, parallel.progress, progress_choices),
};
#undef S
/* clang-format on */

const struct opt_table parallel_option_table = OPT_TABLE_LINKED(parallel_rows, parallel_links);

bool parallel_is_wanted(const struct run_opts *opts)
{
	return opts->parallel.max_procs != NULL || opts->parallel.arg_files.len > 0 ||
	       opts->parallel.jobs != NULL;
}

struct given {
	bool is_given;
	const char *name;
};

static const char *first_given(const struct given *options, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (options[i].is_given)
			return options[i].name;
	}
	return NULL;
}

const char *parallel_lost_option(const struct run_opts *opts)
{
	const struct parallel_opts *p = &opts->parallel;
	const struct given options[] = {
		{ p->null, "--null" },
		{ p->delimiter != NULL, "--delimiter" },
		{ p->keep_order, "--keep-order" },
		{ p->ungroup, "--ungroup" },
		{ p->line_buffer, "--line-buffer" },
		{ p->tag != NULL, "--tagstring" },
		{ p->halt != NULL, "--halt" },
		{ p->joblog != NULL, "--joblog" },
		{ p->resume, "--resume" },
		{ p->resume_failed, "--resume-failed" },
		{ p->results != NULL, "--results" },
		{ p->dry_run, "--dry-run" },
		{ p->progress != PROGRESS_AUTO, "--progress" },
		{ p->load != NULL, "--load" },
		{ p->memfree > 0, "--memfree" },
		{ p->start_delay > 0, "--start-delay" },
	};

	return parallel_is_wanted(opts) ? NULL : first_given(options, ARRAY_LEN(options));
}

static uint64_t count_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return (uint64_t)CPU_COUNT(&set);
	return 1;
}

/* What the limit on descriptors leaves room for. */
static uint64_t count_possible(void)
{
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY };

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur == RLIM_INFINITY ||
	    limit.rlim_cur > (rlim_t)SLOTS_MAX * DESCRIPTORS_EACH + DESCRIPTORS_KEPT)
		return SLOTS_MAX;
	if (limit.rlim_cur < DESCRIPTORS_KEPT + DESCRIPTORS_EACH)
		return 1;
	return (limit.rlim_cur - DESCRIPTORS_KEPT) / DESCRIPTORS_EACH;
}

static bool parse_slots(const char *text, uint64_t *ret)
{
	uint64_t cpus = count_cpus(), n;
	char number[NUMBER_MAX];
	char sign = *text == '+' || *text == '-' ? *text : '\0';
	size_t len = strlen(text), skip = sign != '\0' ? 1 : 0;
	bool is_percent = len > skip && text[len - 1] == '%';

	len -= skip + (is_percent ? 1 : 0);
	if (len == 0 || len >= sizeof(number) || (is_percent && sign != '\0'))
		return false;
	memcpy(number, text + skip, len);
	number[len] = '\0';
	if (num_parse_u64(number, &n) < 0)
		return false;
	if (is_percent)
		n = num_mul_sat(cpus, n, NULL) / PERCENT_ALL;
	else if (sign == '+')
		n = num_add_sat(cpus, n, NULL);
	else if (sign == '-')
		n = n < cpus ? cpus - n : 1;
	else if (n == 0)
		n = MANY;
	*ret = n > 0 ? n : 1;
	return true;
}

static int parse_numbers(struct parallel *p)
{
	struct diag *diag = p->r->ctx->diag;
	uint64_t n = count_cpus(), possible = count_possible();
	double load;
	size_t len;

	if (p->opts->max_procs != NULL && !parse_slots(p->opts->max_procs, &n))
		return diag_usage(diag, "--max-procs needs a number, N%%, +N or -N");
	p->n_slots = (size_t)(n < possible ? n : possible);
	p->load = UINT64_MAX;
	if (p->opts->load == NULL)
		return 0;
	if (num_scan_real(p->opts->load, &load, &len) < 0 || p->opts->load[len] != '\0' ||
	    !(load >= 0 && load < SLOTS_MAX))
		return diag_usage(diag, "--load needs a number, as uptime shows it");
	p->load = (uint64_t)(load * 100);
	return 0;
}

static int refuse_both(const struct parallel *p, const char *a, const char *b)
{
	return diag_usage(p->r->ctx->diag, "%s and %s exclude each other", a, b);
}

/* The first option that is about a single command; NULL: there is none. */
static const char *single_option(const struct run_opts *opts)
{
	const struct given options[] = {
		{ opts->input != NULL, "--stdin" },
		{ opts->input_text != NULL, "--input" },
		{ opts->replay_stdin, "--replay-stdin" },
		{ opts->foreground, "--foreground" },
		{ opts->tee != NULL, "--tee" },
		{ opts->log != NULL, "--log" },
		{ opts->job.syslog != NULL, "--syslog" },
		{ opts->report, "--report" },
		{ opts->status_file != NULL, "--status-file" },
		{ opts->history != NULL, "--history" },
		{ opts->init, "--init" },
		{ opts->rewrite.len > 0, "--rewrite" },
		{ opts->on_signal.len > 0, "--on-signal" },
		{ opts->map_exit.len > 0, "--map-exit" },
		{ opts->exec, "--exec" },
		{ opts->dialogue.len > 0, "--expect" },
	};

	return first_given(options, ARRAY_LEN(options));
}

static int check_single(const struct parallel *p)
{
	const struct run_opts *opts = p->r->opts;
	const char *single = single_option(opts);

	if (single != NULL)
		return diag_usage(p->r->ctx->diag, "%s is for one command", single);
	if (opts->capture && p->output != JOB_OUTPUT_GROUPED)
		return refuse_both(p, "--capture", "--ungroup or --line-buffer");
	if (opts->quiet && p->output != JOB_OUTPUT_GROUPED)
		return refuse_both(p, "--quiet", "--ungroup or --line-buffer");
	if (p->opts->dry_run && opts->background)
		return refuse_both(p, "--dry-run", "--background");
	return 0;
}

static int check_output(const struct parallel *p)
{
	const struct parallel_opts *opts = p->opts;

	if (opts->ungroup && opts->line_buffer)
		return refuse_both(p, "--ungroup", "--line-buffer");
	if (p->output != JOB_OUTPUT_GROUPED && opts->keep_order)
		return refuse_both(p, "--keep-order", "--ungroup or --line-buffer");
	if (p->output != JOB_OUTPUT_GROUPED && opts->results != NULL)
		return refuse_both(p, "--results", "--ungroup or --line-buffer");
	if (opts->ungroup && opts->tag != NULL)
		return refuse_both(p, "--tagstring", "--ungroup");
	if ((opts->resume || opts->resume_failed) && opts->joblog == NULL)
		return diag_usage(p->r->ctx->diag, "--resume and --resume-failed need --joblog");
	if (opts->null && opts->delimiter != NULL)
		return refuse_both(p, "--null", "--delimiter");
	if (opts->jobs != NULL && opts->arg_files.len > 0)
		return refuse_both(p, "--jobs", "--arg-file");
	return check_single(p);
}

int parallel_check(struct parallel *p)
{
	struct text_error where;
	int status;

	if (p->opts->ungroup)
		p->output = JOB_OUTPUT_RAW;
	else if (p->opts->line_buffer)
		p->output = JOB_OUTPUT_LINES;
	status = check_output(p);
	if (status == 0)
		status = parse_numbers(p);
	if (status == 0 && p->opts->halt != NULL &&
	    halt_policy_parse(p->opts->halt, &p->halt, &where) < 0)
		return diag_caret(p->r->ctx->diag, "bad value for --halt", p->opts->halt, &where);
	return status;
}
