/* SPDX-License-Identifier: MIT */
/* perms - set the permissions of files and directories, each their own. */
#include "perms.h"

#include "cli/shared_opts.h"

#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>

enum {
	JOBS_MAX = 512,
	KNOWN_GUARDS = GUARD_ROOT | GUARD_HOME | GUARD_MOUNT | GUARD_HARDLINKS | GUARD_SUID,
	FULL_BITS = 0777,
};

static const char files_default[] = "0644";
static const char dirs_default[] = "0755";

static const struct opt_choice exec_choices[] = {
	{ "drop", EXEC_DROP },
	{ "keep", EXEC_KEEP },
	{ "auto", EXEC_AUTO },
	{ "", 0 },
};

static const struct opt perms_rows[] = {
	OPT_STR(0, "files", "MODE", struct perms_opts, files,
	        "what is no directory gets this mode (0644)"),
	OPT_STR(0, "dirs", "MODE", struct perms_opts, dirs, "directories get this mode (0755)"),
	OPT_CHOICE(0, "exec", "HOW", struct perms_opts, exec,
	           "execute bits of files: drop (as --files says), keep, auto"),
	OPT_STR(0, "chown", "USER[:GROUP]", struct perms_opts, chown,
	        "all get this owner, or :GROUP; modes stay unless given"),
	OPT_BOOL('R', "recursive", struct perms_opts, recursive,
	         "with MODE as the first word: all below too"),
	OPT_BOOL(0, "contents-only", struct perms_opts, contents_only,
	         "not the directories that are named"),
	OPT_BOOL(0, "show", struct perms_opts, show, "change nothing, print the permissions"),
	OPT_STR(0, "save", "FILE", struct perms_opts, save,
	        "first write what there is to this list"),
	OPT_STR(0, "restore", "FILE", struct perms_opts, restore,
	        "make it as the list has it; - is standard input"),
	OPT_LIST(0, "allow", "GUARD", struct perms_opts, allow,
	         "pass guards: root, home, mount, hardlinks, suid"),
	OPT_BOOL('x', "one-file-system", struct perms_opts, one_file_system,
	         "stay on one file system, also with --allow=mount"),
	OPT_BOOL('n', "dry-run", struct perms_opts, dry_run, "only say what would be changed"),
	OPT_BOOL('v', "verbose", struct perms_opts, verbose, "print each change"),
	OPT_INT('j', "jobs", "N", struct perms_opts, jobs, 1, JOBS_MAX,
	        "threads (chosen by CPUs and the disk)"),
	OPT_CHOICE_OPTIONAL(0, "progress", "WHEN", struct perms_opts, progress, "always",
	                    "show how far it is"),
	OPT_SHARED(struct perms_opts, filter),
	OPT_SHARED(struct perms_opts, out),
};

static const struct opt_link perms_links[] = {
	OPT_CHOICES(struct perms_opts, exec, exec_choices),
	OPT_CHOICES(struct perms_opts, progress, progress_choices),
	OPT_SPLICE(struct perms_opts, filter, filter_opt_table),
	OPT_SPLICE(struct perms_opts, out, out_opt_table),
};

enum { SUM_SEEN, SUM_CHANGED, SUM_UNCHANGED, SUM_LINKS, SUM_VANISHED, SUM_FAILED, SUM_STOPPED };

static const struct column summary_columns[] = {
	[SUM_SEEN] = { "seen", COLUMN_COUNT, "entries that were looked at" },
	[SUM_CHANGED] = { "changed", COLUMN_COUNT, "of those, changed (or planned to be)" },
	[SUM_UNCHANGED] = { "unchanged", COLUMN_COUNT, "were as they should be" },
	[SUM_LINKS] = { "links", COLUMN_COUNT, "symbolic links, which are left alone" },
	[SUM_VANISHED] = { "vanished", COLUMN_COUNT, "went away meanwhile" },
	[SUM_FAILED] = { "failed", COLUMN_COUNT, "could not be changed" },
	[SUM_STOPPED] = { "interrupted", COLUMN_BOOL, "a signal ended it" },
};

static const struct column_table summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

static void summarize(struct perms *p)
{
	struct record r;

	record_begin(&r, "summary", &summary_table);
	record_u64(&r, SUM_SEEN, atomic_load(&p->seen));
	record_u64(&r, SUM_CHANGED, atomic_load(&p->changed));
	record_u64(&r, SUM_UNCHANGED, atomic_load(&p->unchanged));
	record_u64(&r, SUM_LINKS, atomic_load(&p->links));
	record_u64(&r, SUM_VANISHED, atomic_load(&p->vanished));
	record_u64(&r, SUM_FAILED, atomic_load(&p->failed));
	record_bool(&r, SUM_STOPPED, sig_stopped());
	out_emit(p->ctx->out, &r);
}

static int parse(const struct perms *p, const char *text, struct file_mode **ret)
{
	struct text_error where;

	if (text == NULL || file_mode_parse(text, ret, &where) == 0)
		return 0;
	return diag_caret(p->ctx->diag, "invalid mode", text, &where);
}

/*
 * Was the first word meant as a mode? Also when it is a bad one: never must a slip of the
 * keyboard there mean that the others get the default modes.
 */
static bool is_mode(const char *text)
{
	struct file_mode *mode;
	struct text_error where;

	if (strspn(text, "0123456789") == strlen(text) || strpbrk(text, "=+") != NULL)
		return *text != '\0';
	if (file_mode_parse(text, &mode, &where) < 0)
		return false;
	file_mode_free(mode);
	return true;
}

/* MODE PATH..., or the modes of --files and --dirs, or none at all. 0, or the exit status. */
static int choose_modes(struct perms *p, char ***operands)
{
	const struct perms_opts *opts = p->opts;
	bool plain =
		opts->files == NULL && opts->dirs == NULL && opts->restore == NULL && !opts->show;
	int status;

	p->recursive = true;
	if (plain && opts->chown == NULL && (*operands)[0] != NULL && is_mode((*operands)[0])) {
		status = parse(p, (*operands)[0], &p->files);
		if (status == 0)
			status = parse(p, (*operands)[0], &p->dirs);
		++*operands;
		p->recursive = opts->recursive;
		return status;
	}
	if (opts->show)
		p->recursive = opts->recursive;
	if (opts->restore != NULL || opts->show ||
	    (plain && (opts->chown != NULL || opts->save != NULL)))
		return 0;
	status = parse(p, opts->files != NULL ? opts->files : files_default, &p->files);
	return status == 0 ? parse(p, opts->dirs != NULL ? opts->dirs : dirs_default, &p->dirs)
	                   : status;
}

static int read_owner(struct perms *p)
{
	struct filter_cli_opts text = { .owner = p->opts->chown };
	struct filter_opts found;
	int status;

	if (p->opts->chown == NULL)
		return 0;
	status = filter_cli_read(p->ctx->diag, &text, &found);
	if (status != 0)
		return status;
	if (found.not_owner || found.not_group || !(found.has_owner || found.has_group))
		return diag_usage(p->ctx->diag, "--chown needs USER, USER:GROUP or :GROUP");
	p->has_uid = found.has_owner;
	p->uid = found.owner;
	p->has_gid = found.has_group;
	p->gid = found.group;
	return 0;
}

/* Set-id bits that files would get. */
static bool sets_id(const struct perms *p)
{
	const struct file_mode_on on = { .old = FULL_BITS, .exact = true };
	const struct file_mode_on dir = { .old = FULL_BITS, .is_dir = true, .exact = true };

	return (p->files != NULL &&
	        (file_mode_apply(p->files, &on, NULL) & (S_ISUID | S_ISGID)) != 0) ||
	       (p->dirs != NULL && (file_mode_apply(p->dirs, &dir, NULL) & S_ISUID) != 0);
}

/* Before anything is changed. 0, or the exit status. */
static int check_guards(const struct perms *p)
{
	if (p->opts->show)
		return 0;
	if (sets_id(p) && (p->allowed & GUARD_SUID) == 0)
		return guard_stop(p->ctx->diag, p->ctx->out, GUARD_SUID, p->roots[0]);
	for (char *const *root = p->roots; *root != NULL; root++) {
		unsigned asked = (GUARD_ROOT | GUARD_HOME) & ~p->allowed;
		unsigned found;
		struct stat st;

		if (!p->recursive || lstat(*root, &st) != 0 || !S_ISDIR(st.st_mode))
			continue;
		found = guard_of_directory(&st, asked);
		if (found != 0)
			return guard_stop(p->ctx->diag, p->ctx->out,
			                  (found & GUARD_ROOT) != 0 ? GUARD_ROOT : GUARD_HOME,
			                  *root);
	}
	return 0;
}

static const char *find_mistake(const struct perms_opts *opts)
{
	if (opts->restore != NULL && (opts->files != NULL || opts->dirs != NULL ||
	                              opts->chown != NULL || opts->save != NULL))
		return "--restore takes all from its list";
	if (opts->show && (opts->files != NULL || opts->dirs != NULL || opts->chown != NULL ||
	                   opts->save != NULL || opts->restore != NULL))
		return "--show changes nothing";
	return NULL;
}

static int work(struct perms *p)
{
	const struct progress_opts progress = { .when = (enum progress_when)p->opts->progress,
		                                .fd = STDERR_FILENO,
		                                .program = p->ctx->applet->name,
		                                .unit = "files" };
	int status = check_guards(p);

	if (status != 0) {
		summarize(p);
		return status;
	}
	sig_install();
	p->progress = progress_new(&progress);
	if (p->opts->save != NULL && !p->opts->dry_run)
		status = save_modes(p);
	if (status == 0 && !sig_stopped())
		status = p->opts->restore != NULL ? restore_modes(p) : change_trees(p);
	p->progress = progress_free(p->progress);
	if (!p->opts->show)
		summarize(p);
	return status;
}

static int prepare(struct perms *p, char **operands)
{
	const char *mistake = find_mistake(p->opts);
	int status;

	if (mistake != NULL)
		return diag_usage(p->ctx->diag, "%s", mistake);
	status = choose_modes(p, &operands);
	if (status != 0)
		return status;
	p->roots = operands;
	if (operands[0] == NULL)
		return diag_usage(p->ctx->diag, "expected a path");
	for (char **path = operands; *path != NULL; path++) {
		if (**path == '\0')
			return diag_usage(p->ctx->diag, "an empty path is no path");
	}
	if ((p->opts->save != NULL || p->opts->restore != NULL) && operands[1] != NULL)
		return diag_usage(p->ctx->diag, "a list is about one path");
	status = guards_parse(p->ctx->diag, &p->opts->allow, KNOWN_GUARDS, &p->allowed);
	if (status == 0)
		status = read_owner(p);
	return status == 0 ? filter_cli_compile(p->ctx->diag, &p->opts->filter, &p->filter)
	                   : status;
}

static int perms_run(struct ctx *ctx, const void *options, char **operands)
{
	struct perms p = { .ctx = ctx,
		           .opts = options,
		           .roots = operands,
		           .euid = geteuid(),
		           .is_root = geteuid() == 0,
		           .lock = PTHREAD_MUTEX_INITIALIZER };
	int status;

	p.mask = umask(0);
	(void)umask(p.mask);
	out_begin(ctx->out, &p.opts->out);
	status = prepare(&p, operands);
	if (status == 0) {
		status = work(&p);
		filter_cli_finish(ctx->diag, p.filter);
	}
	p.filter = filter_free(p.filter);
	p.files = file_mode_free(p.files);
	p.dirs = file_mode_free(p.dirs);
	return diag_status(ctx->diag, status);
}

static const struct applet_schema perms_schemas[] = {
	{ "each change, and each entry of --show", &perms_item_table },
	{ "a guard that stopped it", &guard_table },
	{ "the end", &summary_table },
	{ 0 },
};

const struct applet perms_applet = {
	.name = "perms",
	.group = "Files",
	.summary = "set the permissions of files and directories",
	.operands = "[MODE] PATH...",
	.says_no_when = "something could not be changed, or was left alone",
	.options = OPT_TABLE_LINKED(perms_rows, perms_links),
	.options_size = sizeof(struct perms_opts),
	.schemas = perms_schemas,
	.run = perms_run,
};
