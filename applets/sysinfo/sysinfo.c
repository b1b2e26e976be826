/* SPDX-License-Identifier: MIT */
/* sysinfo - facts about this machine, for people and for scripts. */
#include "sysinfo.h"

#include "base/human.h"
#include "base/sig.h"
#include "cli/fs_record.h"
#include "cli/shared_opts.h"

#include <errno.h>
#include <time.h>

enum { TOP_NUMBER_DEFAULT = 5 };

static const int64_t second = 1000000000;

static const struct opt sysinfo_rows[] = {
	OPT_SHARED(struct sysinfo_opts, out),
	OPT_BOOL(0, "pretty", struct sysinfo_opts, pretty, "with --json: over many lines"),
	OPT_BOOL(0, "shell", struct sysinfo_opts, shell,
	         "print SYSINFO_NAME='value', for eval in a shell"),
	OPT_SET('b', "bytes", struct sysinfo_opts, units, UNITS_BYTES, "print sizes in bytes"),
	OPT_SET('h', "human-readable", struct sysinfo_opts, units, UNITS_HUMAN,
	        "print sizes as 1.50 GiB"),
	OPT_SET(0, "si", struct sysinfo_opts, units, UNITS_SI, "print sizes as 1.61 GB"),
	OPT_BOOL('a', "all", struct sysinfo_opts, all,
	         "also flags, folded mounts, all of os-release, unknown fields"),
	OPT_BOOL('l', "list", struct sysinfo_opts, list, "list the fields and what they mean"),
	OPT_BOOL('z', "redact", struct sysinfo_opts, redact,
	         "hide names of hosts and users, addresses, identifiers"),
	OPT_BOOL(0, "platform", struct sysinfo_opts, platform,
	         "print one line: system, kernel, machine, C library"),
	OPT_EXPAND(0, "string", "the same as --platform", "--platform"),
	OPT_BOOL(0, "short", struct sysinfo_opts, terse, "print one line: system, kernel"),
	OPT_EXPAND(0, "terse", "the same as --short", "--short"),
	OPT_STR('s', "root", "DIR", struct sysinfo_opts, root,
	        "read proc, sys and etc below DIR: a recorded or mounted system"),
	OPT_ALIAS("sysroot", "root"),
	OPT_DURATION(0, "timeout", "TIME", struct sysinfo_opts, timeout,
	             "give up on a mount after TIME (default 2s)"),
	OPT_HEADING("Again and again"),
	OPT_STR(0, "diff", "FILE", struct sysinfo_opts, diff,
	        "print what is different from FILE, an earlier --json"),
	OPT_LIST(0, "ignore", "FIELD,...", struct sysinfo_opts, ignore,
	         "with --diff: fields and sections to pass over"),
	OPT_DURATION(0, "watch", "TIME", struct sysinfo_opts, watch, "print a JSON line each TIME"),
	OPT_INT(0, "count", "N", struct sysinfo_opts, count, 1, INT32_MAX,
	        "with --watch: stop after N lines"),
	OPT_HEADING("With top"),
	OPT_INT('n', "number", "N", struct sysinfo_opts, number, 1, INT32_MAX,
	        "show N processes or groups (default 5)"),
	OPT_CHOICE(0, "by", "WHAT", struct sysinfo_opts, by,
	           "rank by rss, pss, swap, cpu, threads or fds"),
	OPT_CHOICE(0, "group", "HOW", struct sysinfo_opts, group, "sum up by name, user or cgroup"),
};

static const struct opt_choice by_choices[] = {
	{ "rss", TOP_RSS }, { "pss", TOP_PSS },         { "swap", TOP_SWAP },
	{ "cpu", TOP_CPU }, { "threads", TOP_THREADS }, { "fds", TOP_FDS },
	{ "", 0 },
};

static const struct opt_choice group_choices[] = {
	{ "none", TOP_SINGLE },
	{ "name", TOP_BY_NAME },
	{ "user", TOP_BY_USER },
	{ "cgroup", TOP_BY_CGROUP },
	{ "", 0 },
};

static const struct opt_link sysinfo_links[] = {
	OPT_SPLICE(struct sysinfo_opts, out, out_opt_table),
	OPT_CHOICES(struct sysinfo_opts, by, by_choices),
	OPT_CHOICES(struct sysinfo_opts, group, group_choices),
};

/* One line, from what it is made of. */
static int print_platform(struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	add_platform(s, s->opts->terse, &line);
	if (line.len == 0)
		return EXIT_NO;
	out_line(s->ctx->out, &line);
	return EXIT_YES;
}

static int print(struct snapshot *s)
{
	const struct sysinfo_opts *opts = s->opts;

	if (opts->diff != NULL)
		return print_diff(s, opts->diff);
	if (opts->platform || opts->terse)
		return print_platform(s);
	if (opts->shell)
		return print_shell(s);
	if (out_format(s->ctx->out) == OUT_JSON)
		return print_json(s);
	return print_text(s);
}

/* 0, or the status to leave with. */
static int open_root(struct ctx *ctx, const struct sysinfo_opts *opts, struct machine *ret)
{
	int r = machine_open(opts->root, ret);

	if (r == 0)
		return 0;
	return diag_fail(ctx->diag, -r, "open", opts->root != NULL ? opts->root : "/");
}

/* What all samples of a run have in common. */
struct run {
	struct ctx *ctx;
	const struct sysinfo_opts *opts;
	const struct wishes *wishes;
	struct redactor *redactor; /* so that a word is always replaced by the same one */
};

static int run_once(const struct run *run)
{
	struct snapshot *s = mem_alloc_zeroed(sizeof(*s));
	int status = open_root(run->ctx, run->opts, &s->machine);

	if (status == 0) {
		s->ctx = run->ctx;
		s->opts = run->opts;
		s->wishes = run->wishes;
		s->redactor = run->redactor;
		snapshot_take(s);
		status = print(s);
		snapshot_release(s);
		machine_close(&s->machine);
	}
	free(s);
	return status;
}

/* Until `at` on the monotonic clock, or a signal that asks for the end. */
static void sleep_until(struct timespec at)
{
	while (!sig_stopped() &&
	       clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

static void move_on(struct timespec *at, int64_t ns)
{
	at->tv_sec += ns / second;
	at->tv_nsec += ns % second;
	if (at->tv_nsec >= second) {
		at->tv_nsec -= second;
		at->tv_sec++;
	}
}

/* The samples do not drift, however long each takes. */
static int run_watch(const struct run *run)
{
	const struct sysinfo_opts *opts = run->opts;
	int status = EXIT_YES;
	struct timespec at;

	sig_install();
	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	for (int64_t i = 0; (opts->count == 0 || i < opts->count) && !sig_stopped(); i++) {
		if (i != 0) {
			move_on(&at, opts->watch);
			sleep_until(at);
			if (sig_stopped())
				break;
		}
		status = run_once(run);
		out_flush(run->ctx->out);
		if (status > EXIT_NO || out_failed(run->ctx->out))
			break;
	}
	if (!sig_stopped())
		sig_restore();
	return status;
}

static bool wants_top(const struct wishes *wishes)
{
	for (size_t i = 0; i < wishes->len; i++)
		if (wishes->items[i].section == SECTION_TOP)
			return true;
	return false;
}

/* What excludes each other. 0 or the status to leave with. */
static int check(struct ctx *ctx, const struct sysinfo_opts *opts, const struct wishes *wishes)
{
	const bool line = opts->platform || opts->terse;
	const int outputs = opts->shell + line + (opts->watch >= 0);

	if (opts->watch == 0)
		return diag_usage(ctx->diag, "--watch needs a time above 0");
	if (opts->timeout == 0)
		return diag_usage(ctx->diag, "--timeout needs a time above 0");
	if (opts->count != 0 && opts->watch < 0)
		return diag_usage(ctx->diag, "--count needs --watch");
	if (opts->ignore.len != 0 && opts->diff == NULL)
		return diag_usage(ctx->diag, "--ignore needs --diff");
	if (opts->pretty && (!opts->out.json || opts->diff != NULL || opts->watch >= 0))
		return diag_usage(ctx->diag, "--pretty needs --json, for one snapshot");
	if (!wants_top(wishes) &&
	    (opts->by != TOP_RSS || opts->group != TOP_SINGLE || opts->number != 0))
		return diag_usage(ctx->diag, "--by, --group and --number need the section top");
	if (outputs > 1 || (outputs == 1 && opts->diff != NULL))
		return diag_usage(ctx->diag, "--shell, --platform, --short, --watch and --diff "
		                             "exclude each other");
	if (opts->out.json && (opts->shell || line))
		return diag_usage(ctx->diag, "--json excludes --shell, --platform and --short");
	/* `sysinfo platform --string` says the same as without the word. */
	if (line &&
	    (wishes->len > 1 || (wishes->len == 1 && (wishes->items[0].section != SECTION_SYSTEM ||
	                                              wishes->items[0].column >= 0))))
		return diag_usage(ctx->diag, "--platform and --short take no field");
	return 0;
}

static int sysinfo_run(struct ctx *ctx, const void *options, char **operands)
{
	const struct sysinfo_opts *given = options;
	struct sysinfo_opts opts = *given;
	struct wishes wishes = { 0 };
	struct run run = { .ctx = ctx, .opts = &opts, .wishes = &wishes };
	int status;

	/* One line a sample is what --watch is for. */
	if (opts.watch > 0)
		opts.out.json = true;
	out_begin(ctx->out, &opts.out);
	if (opts.list)
		return operands[0] == NULL ? print_fields(ctx)
		                           : diag_usage(ctx->diag, "--list takes no field");
	status = wishes_parse(ctx, operands, &wishes);
	if (status == 0)
		status = check(ctx, &opts, &wishes);
	if (status == 0) {
		struct wish line;

		if (opts.number == 0)
			opts.number = TOP_NUMBER_DEFAULT;
		/* What one line is made of, and nothing else. */
		if ((opts.terse && field_find("system.kernel_release", &line)) ||
		    (opts.platform && field_find("system.platform", &line))) {
			vec_clear(&wishes);
			vec_push(&wishes, line);
		}
		if (opts.redact)
			run.redactor = redactor_new();
		status = opts.watch > 0 ? run_watch(&run) : run_once(&run);
		redactor_free(run.redactor);
	}
	vec_release(&wishes);
	return diag_status(ctx->diag, status);
}

static const struct sysinfo_opts defaults = {
	.watch = -1,
	.timeout = INT64_C(2000000000),
};

const struct applet sysinfo_applet = {
	.name = "sysinfo",
	.group = "System",
	.summary = "print facts about the machine, for people and for scripts",
	.operands = "[SECTION | FIELD]...",
	.says_no_when = "a FIELD is unknown here, or with --diff something has changed",
	.options = OPT_TABLE_LINKED(sysinfo_rows, sysinfo_links),
	.defaults = &defaults,
	.options_size = sizeof(struct sysinfo_opts),
	.schemas =
		(const struct applet_schema[]){
			{ "system", &system_table },
			{ "os", &os_table },
			{ "libc", &libc_table },
			{ "cpu", &cpu_table },
			{ "each of cpu.caches", &cache_table },
			{ "memory", &memory_table },
			{ "swap", &swap_table },
			{ "load", &load_table },
			{ "each of load.pressure", &pressure_table },
			{ "uptime", &uptime_table },
			{ "each of mounts", &fs_record_table },
			{ "container", &container_table },
			{ "ids", &ids_table },
			{ "tool", &tool_table },
			{ "process", &process_table },
			{ "each of process.limits", &limit_table },
			{ "each of process.namespaces", &namespace_table },
			{ "each of top", &top_table },
			{ "each of runtimes", &runtime_table },
			{ "capabilities", &capability_table },
			{ "each of errors", &error_table },
			{ "--diff, each change", &change_table },
			{ "--list, each field", &field_table },
			{ 0 },
		},
	.run = sysinfo_run,
};
