/* SPDX-License-Identifier: MIT */
/* From the options as typed to a run: what makes no sense together ends here. */
#include "dupes.h"

#include "base/human.h"

#include <errno.h>

static int refuse_letter(struct ctx *ctx, int letter)
{
	static const struct {
		char letter;
		const char *advice;
	} letters[] = {
		{ 'd', "it deletes in some programs and means depth in others: say --delete or "
		       "--max-depth" },
		{ 'D', "say --delete" },
		{ 'I', "say --isolate to keep operands apart, --yes to act without a question" },
		{ 'N', "say --yes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (letters[i].letter == letter)
			return diag_usage(ctx->diag, "-%c is refused: %s", letter,
			                  letters[i].advice);
	return 0;
}

static int parse_by(struct dupes_run *run)
{
	static const struct {
		const char *word;
		unsigned by;
	} words[] = {
		{ "content", SAME_BY_CONTENT },
		{ "name", SAME_BY_NAME },
		{ "size", SAME_BY_SIZE },
		{ "name,content", SAME_BY_NAME | SAME_BY_CONTENT },
		{ "content,name", SAME_BY_NAME | SAME_BY_CONTENT },
		{ "name,size", SAME_BY_NAME | SAME_BY_SIZE },
		{ "size,name", SAME_BY_NAME | SAME_BY_SIZE },
	};
	const char *by = run->opts->by;

	if (by == NULL)
		run->by = SAME_BY_CONTENT;
	for (size_t i = 0; by != NULL && i < ARRAY_LEN(words); i++)
		if (strcmp(by, words[i].word) == 0)
			run->by = words[i].by;
	if (by != NULL && run->by == 0)
		return diag_usage(
			run->ctx->diag,
			"invalid --by '%s': content, name, size, name,content or name,size", by);
	if (run->opts->ignore_case && (run->by & SAME_BY_NAME) == 0)
		return diag_usage(run->ctx->diag, "--ignore-case goes with --by=name");
	return 0;
}

static int parse_keep(struct dupes_run *run)
{
	static const char *const rules[] = {
		[SAME_KEEP_FIRST] = "first",
		[SAME_KEEP_OLDEST] = "oldest",
		[SAME_KEEP_NEWEST] = "newest",
		[SAME_KEEP_SHORTEST_PATH] = "shortest-path",
		[SAME_KEEP_LONGEST_PATH] = "longest-path",
		[SAME_KEEP_SHALLOWEST] = "shallowest",
		[SAME_KEEP_DEEPEST] = "deepest",
		[SAME_KEEP_MOST_LINKS] = "most-links",
	};
	static const char path[] = "path:";
	const char *rule = run->opts->keep != NULL ? run->opts->keep : "first";
	struct text_error where;

	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (strcmp(rule, rules[i]) == 0) {
			run->keep.keep = (enum same_keep)i;
			return 0;
		}
	}
	if (strncmp(rule, path, sizeof(path) - 1) != 0)
		return diag_usage(run->ctx->diag,
		                  "invalid --keep '%s': first, oldest, newest, shortest-path, "
		                  "longest-path, shallowest, deepest, most-links or path:PATTERN",
		                  rule);
	rule += sizeof(path) - 1;
	if (glob_compile(rule, 0, &run->pattern, &where) < 0)
		return diag_caret(run->ctx->diag, "bad pattern", rule, &where);
	run->keep.keep = SAME_KEEP_PATTERN;
	run->keep.pattern = run->pattern;
	return 0;
}

/* An option that was given, and what is wrong about that. */
struct conflict {
	bool given;
	const char *option;
};

static const char *first_given(const struct conflict *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].given)
			return list[i].option;
	return NULL;
}

/* One action, or none: two are a mistake, whichever was meant. */
static int choose_action(struct dupes_run *run)
{
	const struct dupes_opts *o = run->opts;

	run->action = o->move_to != NULL ? DUPE_MOVE : DUPE_NONE;
	for (size_t i = 0; i < o->actions.len; i++) {
		enum dupe_action action = (enum dupe_action)o->actions.items[i].tag;

		if (run->action != DUPE_NONE && run->action != action)
			return diag_usage(run->ctx->diag, "--%s and --%s exclude each other",
			                  dupes_action_word(run->action),
			                  dupes_action_word(action));
		run->action = action;
	}
	return 0;
}

static int set_action(struct dupes_run *run)
{
	const struct dupes_opts *o = run->opts;
	const struct conflict want_action[] = {
		{ o->yes, "--yes" },
		{ o->dry_run, "--dry-run" },
		{ o->from != NULL, "--from" },
		{ o->older_than >= 0, "--older-than" },
	};
	const struct conflict against_action[] = {
		{ o->unique, "--unique" },           { o->check, "--check" },
		{ o->count_links, "--count-links" }, { o->summarize, "--summarize" },
		{ o->omit_first, "--omit-first" },
	};
	int status = choose_action(run);
	const char *option;

	if (status != 0)
		return status;
	if (run->action == DUPE_NONE) {
		option = first_given(want_action, ARRAY_LEN(want_action));
		if (option == NULL)
			return 0;
		return diag_usage(run->ctx->diag,
		                  "%s goes with --delete, --hardlink, --symlink, --reflink or "
		                  "--move",
		                  option);
	}
	if ((run->by & SAME_BY_CONTENT) == 0)
		return diag_usage(run->ctx->diag,
		                  "--%s goes with --by=content only: names and sizes are no proof",
		                  dupes_action_word(run->action));
	option = first_given(against_action, ARRAY_LEN(against_action));
	return option == NULL ? 0
	                      : diag_usage(run->ctx->diag, "--%s does not go with %s",
	                                   dupes_action_word(run->action), option);
}

static int check_sizes(struct dupes_run *run)
{
	const struct filter_cli_opts *f = &run->opts->filter;
	struct text_error where;
	uint64_t min;
	uint64_t max;

	if (f->min_size != NULL && f->max_size != NULL &&
	    human_parse_size(f->min_size, &min, &where) == 0 &&
	    human_parse_size(f->max_size, &max, &where) == 0 && min > max)
		return diag_usage(run->ctx->diag, "--min-size is above --max-size");
	return 0;
}

static int check_format(struct dupes_run *run)
{
	const struct dupes_opts *o = run->opts;
	struct diag *diag = run->ctx->diag;
	const struct conflict against[] = {
		{ o->out.json, "--json" },
		{ o->out.zero && o->format != DUPES_PAIRS, "-0" },
		{ o->omit_first && o->format != DUPES_CSV && o->format != DUPES_SH,
		  "--omit-first" },
		{ o->unique, "--unique" },
		{ o->check, "--check" },
		{ o->summarize, "--summarize" },
	};
	const char *option = first_given(against, ARRAY_LEN(against));

	if (o->format == DUPES_FDUPES)
		return 0;
	if (option != NULL)
		return diag_usage(diag, "a --format but fdupes does not go with %s", option);
	if (o->format != DUPES_SH && run->action != DUPE_NONE)
		return diag_usage(diag,
		                  "only --format=sh goes with an action, --json shows what is "
		                  "done with them");
	if (o->format == DUPES_FCLONES &&
	    (o->paranoid || o->hash == HASH_MD5 || (run->by & SAME_BY_CONTENT) == 0))
		return diag_usage(diag, "--format=fclones shows a cryptographic hash of contents: "
		                        "no --paranoid, --hash=md5 or --by=name or size");
	if (run->action != DUPE_NONE && run->action != DUPE_DELETE && run->action != DUPE_HARDLINK)
		return diag_usage(diag,
		                  "no command of a shell does what --%s does; --format=sh "
		                  "goes with --delete and --hardlink",
		                  dupes_action_word(run->action));
	return 0;
}

static int check_together(struct dupes_run *run)
{
	const struct dupes_opts *o = run->opts;
	struct diag *diag = run->ctx->diag;
	const struct conflict against_from[] = {
		{ o->refs.len != 0, "--ref" }, { o->files0_from != NULL, "--files0-from" },
		{ o->by != NULL, "--by" },     { o->hash != DUPES_NO_HASH, "--hash" },
		{ o->keep != NULL, "--keep" }, { o->format == DUPES_SH, "--format=sh" },
	};
	const struct conflict against_dirs[] = {
		{ o->by != NULL, "--by" },
		{ o->unique, "--unique" },
		{ o->count_links, "--count-links" },
		{ run->action != DUPE_NONE, "an action" },
		{ o->format == DUPES_SH, "--format=sh" },
		{ o->format == DUPES_FCLONES, "--format=fclones" },
		{ o->follow, "--follow" },
		{ o->no_recurse != 0, "--no-recurse" },
		{ o->max_depth >= 0, "--max-depth" },
		{ o->filter.types.len != 0, "--type" },
		{ o->filter.newer != NULL, "--newer" },
		{ o->filter.older != NULL, "--older" },
		{ o->filter.owner != NULL, "--owner" },
	};
	const struct conflict against_unique[] = {
		{ o->check, "--check" },
		{ o->summarize, "--summarize" },
		{ o->omit_first, "--omit-first" },
	};
	const char *option = first_given(against_unique, ARRAY_LEN(against_unique));

	if (o->unique && option != NULL)
		return diag_usage(diag, "--unique does not go with %s", option);
	option = first_given(against_dirs, ARRAY_LEN(against_dirs));
	if (o->dirs && option != NULL)
		return diag_usage(diag,
		                  "--dirs shows whole trees that are equal: it does not go with %s",
		                  option);
	option = first_given(against_from, ARRAY_LEN(against_from));
	if (o->from != NULL && option != NULL)
		return diag_usage(diag,
		                  "--from takes groups as they are in the report: it does not go "
		                  "with %s",
		                  option);
	if (o->ref_only && o->refs.len == 0)
		return diag_usage(diag, "--ref-only goes with --ref");
	return check_format(run);
}

struct roots {
	VEC_FIELDS(char *);
};

/* The operands, wherever they come from; without any, the working directory. */
static int add_operands(struct dupes_run *run, char **operands, struct roots *roots)
{
	int status = 0;

	if (run->opts->files0_from != NULL && *operands != NULL)
		return diag_usage(run->ctx->diag, "--files0-from takes the place of operands");
	if (run->opts->files0_from != NULL) {
		status = files0_read(run->ctx->diag, run->opts->files0_from, &run->files0);
		operands = run->files0.names.items;
	} else if (*operands == NULL) {
		memcpy(run->here, ".", 2);
		vec_push(roots, run->here);
	}
	for (; operands != NULL && *operands != NULL; operands++)
		vec_push(roots, *operands);
	return status;
}

static int set_roots(struct dupes_run *run, char **operands)
{
	struct roots roots = { 0 };
	int status = add_operands(run, operands, &roots);

	run->refs_at = roots.len;
	for (size_t i = 0; i < run->opts->refs.len; i++)
		vec_push(&roots, (char *)(uintptr_t)run->opts->refs.items[i]);
	run->roots_len = roots.len;
	vec_push(&roots, NULL);
	run->roots = roots.items;
	return status;
}

static int set_filter(struct dupes_run *run)
{
	static const char least[] = "1";
	struct filter_cli_opts filter = run->opts->filter;

	/* Empty files are all equal, and mostly meant to be there. */
	if (filter.min_size == NULL)
		filter.min_size = least;
	/* In a directory they count like any other; sizes are of the whole. */
	if (run->opts->dirs) {
		struct filter_opts values;
		int status = filter_cli_read(run->ctx->diag, &filter, &values);

		if (status != 0)
			return status;
		run->min_size = values.min_size;
		run->max_size = values.has_max_size ? values.max_size : UINT64_MAX;
		filter.min_size = filter.max_size = NULL;
	}
	return filter_cli_compile(run->ctx->diag, &filter, &run->filter);
}

int dupes_setup(struct dupes_run *run, struct ctx *ctx, const struct dupes_opts *opts,
                char **operands)
{
	int status;

	memset(run, 0, sizeof(*run));
	run->ctx = ctx;
	run->opts = opts;
	(void)pthread_mutex_init(&run->lock, NULL);
	if ((status = refuse_letter(ctx, opts->refused)) != 0 || (status = parse_by(run)) != 0 ||
	    (status = parse_keep(run)) != 0 || (status = set_action(run)) != 0 ||
	    (status = check_together(run)) != 0 || (status = check_sizes(run)) != 0 ||
	    (status = set_filter(run)) != 0 || (status = set_roots(run, operands)) != 0)
		return status;
	run->answers = opts->check;
	run->keep.first_ref = opts->refs.len != 0 ? (uint32_t)run->refs_at : UINT32_MAX;
	run->keep.ref_only = opts->ref_only;
	run->keep.isolate = opts->isolate;
	run->keep.sort = (enum same_sort)opts->sort;
	run->keep.reverse = opts->reverse;
	return 0;
}

void dupes_release(struct dupes_run *run)
{
	for (size_t i = 0; i < run->stale.len; i++)
		free(run->stale.items[i]);
	vec_release(&run->stale);
	free(run->roots);
	files0_release(&run->files0);
	strbuf_release(&run->here_path);
	run->filter = filter_free(run->filter);
	run->pattern = glob_free(run->pattern);
	run->progress = progress_free(run->progress);
	same_result_release(&run->result);
	run->dirs = same_dirs_free(run->dirs);
	run->list = file_list_free(run->list);
	(void)pthread_mutex_destroy(&run->lock);
}
