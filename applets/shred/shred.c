/* SPDX-License-Identifier: MIT */
/* shred - overwrite files so that they are harder to recover, as GNU's, and say what that is worth.
 */
#include "shred.h"

#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>

enum { PASSES_DEFAULT = 3, PASSES_MAX = 1000000 };

static const struct opt_choice remove_choices[] = {
	{ "unlink", REMOVE_UNLINK },
	{ "wipe", REMOVE_WIPE },
	{ "wipesync", REMOVE_WIPESYNC },
	{ "", 0 },
};

static const struct opt_choice require_choices[] = {
	{ "none", ASSURANCE_NONE },
	{ "best-effort", ASSURANCE_BEST_EFFORT },
	{ "in-place", ASSURANCE_IN_PLACE },
	{ "", 0 },
};

static const struct opt shred_rows[] = {
	OPT_BOOL('f', "force", struct shred_opts, force,
	         "change permissions to allow writing if necessary"),
	OPT_INT('n', "iterations", "N", struct shred_opts, iterations, 0, PASSES_MAX,
	        "overwrite N times (3)"),
	OPT_STR(0, "random-source", "FILE", struct shred_opts, random_source,
	        "get random bytes from FILE"),
	OPT_SIZE('s', "size", "N", struct shred_opts, size, "shred this many bytes"),
	OPT_SET('u', "", struct shred_opts, remove, REMOVE_WIPESYNC,
	        "remove the file after overwriting"),
	OPT_CHOICE_OPTIONAL(0, "remove", "HOW", struct shred_opts, remove, "wipesync",
	                    "the same: unlink, wipe (the name too), wipesync"),
	OPT_BOOL('v', "verbose", struct shred_opts, verbose, "say what is being done"),
	OPT_BOOL('x', "exact", struct shred_opts, exact,
	         "do not round file sizes up to the next full block"),
	OPT_BOOL('z', "zero", struct shred_opts, zero,
	         "add a final overwrite with zeros to hide shredding"),
	OPT_HEADING("More"),
	OPT_BOOL('r', "recursive", struct shred_opts, recursive,
	         "all files below directories, and with -u these too"),
	OPT_BOOL(0, "check", struct shred_opts, check, "read the last pass back and compare it"),
	OPT_CHOICE(0, "require", "LEVEL", struct shred_opts, require,
	           "leave files where it is worth less: in-place, best-effort"),
	OPT_BOOL(0, "follow", struct shred_opts, follow,
	         "a symbolic link stands for the file it leads to"),
	OPT_LIST(0, "allow", "GUARD", struct shred_opts, allow, "pass the guard hardlinks"),
	OPT_BOOL(0, "dry-run", struct shred_opts, dry_run, "write nothing, only judge"),
	/* Not the shared rows: --zero is GNU's, and no list is printed. */
	OPT_BOOL(0, "json", struct shred_opts, out.json, "print one JSON object a line"),
};

static const struct opt_link shred_links[] = {
	OPT_CHOICES(struct shred_opts, remove, remove_choices),
	OPT_CHOICES(struct shred_opts, require, require_choices),
};

static int shred_operand(struct shred *s, const char *path)
{
	struct final_name at;
	struct stat st;
	int status, r;

	if (strcmp(path, "-") == 0)
		return shred_output(s);
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (s->opts->recursive)
			return shred_tree(s, path);
		return diag_fail_text(s->ctx->diag, path, "is a directory (-r: all files in it)");
	}
	r = final_name_find(path, s->opts->follow ? FINAL_FOLLOW : 0, &at);
	if (r < 0)
		return diag_fail(s->ctx->diag, -r, "open", path);
	status = at.is_open_file ? diag_fail_text(s->ctx->diag, path, "invalid file type")
	                         : shred_file(s, at.dirfd, at.name, path);
	final_name_release(&at);
	return status;
}

static int prepare(struct shred *s)
{
	const char *source = s->opts->random_source;

	s->source = -1;
	if (source != NULL) {
		s->source = open(source, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (s->source < 0)
			return diag_fail(s->ctx->diag, errno, "open", source);
	} else {
		int r = random_stream_new(&s->random);

		if (r < 0)
			return diag_fail_text(s->ctx->diag, NULL, "no random bytes: %s",
			                      strerrordesc_np(-r));
	}
	s->buffer = mem_alloc(SHRED_BUFFER);
	return 0;
}

static int shred_run(struct ctx *ctx, const void *options, char **operands)
{
	struct shred s = { .ctx = ctx, .opts = options };
	int status;

	out_begin(ctx->out, &s.opts->out);
	if (operands[0] == NULL)
		return diag_usage(ctx->diag, "missing file operand");
	status = guards_parse(ctx->diag, &s.opts->allow, GUARD_HARDLINKS, &s.allowed);
	if (status == 0)
		status = prepare(&s);
	if (status != 0)
		return status;
	sig_install();
	for (char **path = operands; *path != NULL && !sig_stopped(); path++)
		(void)shred_operand(&s, *path);
	if (s.source >= 0)
		(void)close(s.source);
	s.random = random_stream_free(s.random);
	free(s.buffer);
	return diag_status(ctx->diag, EXIT_YES);
}

static const struct shred_opts shred_defaults = { .iterations = PASSES_DEFAULT,
	                                          .size = SIZE_NOT_GIVEN };

static const struct applet_schema shred_schemas[] = {
	{ "each file", &shred_item_table },
	{ "a guard that stopped it", &guard_table },
	{ 0 },
};

const struct applet shred_applet = {
	.name = "shred",
	.group = "Files",
	.summary = "overwrite files, so that they are harder to recover",
	.operands = "FILE...",
	.options = OPT_TABLE_LINKED(shred_rows, shred_links),
	.defaults = &shred_defaults,
	.options_size = sizeof(struct shred_opts),
	.codes = { .usage = CODE_TROUBLE, .fail = CODE_TROUBLE },
	.schemas = shred_schemas,
	.run = shred_run,
};
