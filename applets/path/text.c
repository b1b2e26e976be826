/* SPDX-License-Identifier: MIT */
/* The functions of path that only look at the text: those of os.path and of pathlib. */
#include "path.h"

#include "base/os_path.h"
#include "base/pure_path.h"

#include <errno.h>

static void print_str(struct path_run *run, const char *operand, const char *text)
{
	path_print(run, operand, text, strlen(text));
}

/* ---- os.path ---- */

static void split(struct path_run *run, const char *operand)
{
	const struct path_span head = os_path_head(operand);
	const char *ext = os_path_ext(operand);

	if (run->verb == VERB_SPLIT)
		path_print_pair(run, operand, head.at, head.len, os_path_tail(operand));
	else
		path_print_pair(run, operand, operand, (size_t)(ext - operand), ext);
}

static void relative(struct path_run *run, const char *operand)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf start = { 0 };

	if (operand[0] == '\0') {
		(void)diag_fail_text(run->ctx->diag, operand, "an empty path is nowhere");
		return;
	}
	if (!path_add_absolute(run, operand, &path) ||
	    !path_add_absolute(run, run->opts->from != NULL ? run->opts->from : ".", &start))
		return;
	os_path_add_rel(&run->result, path.data, start.data);
	print_str(run, operand, run->result.data);
}

static void absolute(struct path_run *run, const char *operand)
{
	if (path_add_absolute(run, operand, &run->result))
		print_str(run, operand, run->result.data);
}

/* ---- pathlib ---- */

static void suffixes(struct path_run *run, const char *operand, const struct pure_path *p)
{
	AUTO_RELEASE_STRBUF struct strbuf items = { 0 };
	const char *at = pure_path_suffixes(pure_path_name(p));

	while (*at != '\0') {
		size_t len = 1 + strcspn(at + 1, ".");

		path_print_item(run, &items, at, len);
		at += len;
	}
	path_end_items(run, operand, &items);
}

static void parents(struct path_run *run, const char *operand, struct pure_path *p)
{
	AUTO_RELEASE_STRBUF struct strbuf items = { 0 };

	while (pure_path_to_parent(p)) {
		const char *text = pure_path_str(p);

		path_print_item(run, &items, text, strlen(text));
	}
	path_end_items(run, operand, &items);
}

static void parent(struct path_run *run, const char *operand, struct pure_path *p)
{
	int64_t levels = run->opts->levels != LEVELS_DEFAULT ? run->opts->levels : 1;

	while (levels > 0 && pure_path_to_parent(p))
		levels--;
	print_str(run, operand, pure_path_str(p));
}

static void change(struct path_run *run, const char *operand, struct pure_path *p)
{
	static const char what[][8] = { "suffix", "name", "stem" };
	int r;

	if (run->verb == VERB_WITH_SUFFIX)
		r = pure_path_set_suffix(p, run->word);
	else if (run->verb == VERB_WITH_NAME)
		r = pure_path_set_name(p, run->word);
	else
		r = pure_path_set_stem(p, run->word);
	if (r == 0)
		print_str(run, operand, pure_path_str(p));
	else if (r == -ENOENT)
		(void)diag_fail_text(run->ctx->diag, operand, "a path without a name");
	else
		(void)diag_fail_text(run->ctx->diag, run->word, "not a %s",
		                     what[run->verb - VERB_WITH_SUFFIX]);
}

static void pure(struct path_run *run, const char *operand)
{
	struct pure_path p = { .text = run->result };
	const char *name;
	const char *suffix;

	pure_path_read(&p, operand);
	name = pure_path_name(&p);
	suffix = pure_path_suffix(name);
	if (run->verb == VERB_NAME)
		print_str(run, operand, name);
	else if (run->verb == VERB_STEM)
		path_print(run, operand, name, (size_t)(suffix - name));
	else if (run->verb == VERB_SUFFIX)
		print_str(run, operand, suffix);
	else if (run->verb == VERB_SUFFIXES)
		suffixes(run, operand, &p);
	else if (run->verb == VERB_PARENT)
		parent(run, operand, &p);
	else if (run->verb == VERB_PARENTS)
		parents(run, operand, &p);
	else
		change(run, operand, &p);
	/* The memory is used again. */
	run->result = p.text;
}

void path_text_act(struct path_run *run, const char *operand)
{
	const struct path_span head = os_path_head(operand);

	strbuf_clear(&run->result);
	if (run->verb == VERB_BASE)
		print_str(run, operand, os_path_tail(operand));
	else if (run->verb == VERB_DIR)
		path_print(run, operand, head.at, head.len);
	else if (run->verb == VERB_SPLIT || run->verb == VERB_SPLITEXT)
		split(run, operand);
	else if (run->verb == VERB_ABS)
		absolute(run, operand);
	else if (run->verb == VERB_REL)
		relative(run, operand);
	else
		pure(run, operand);
}

/* ---- all operands together ---- */

static void join_act(struct path_run *run, const char *operand)
{
	run->seen++;
	os_path_join(&run->result, operand);
}

static void common_act(struct path_run *run, const char *operand)
{
	run->seen++;
	if (run->opts->chars)
		os_path_common_prefix(&run->common, operand);
	else if (os_path_common_path(&run->common, operand) < 0)
		(void)diag_fail_text(run->ctx->diag, operand,
		                     "absolute and relative paths have nothing in common");
}

/* The text that the operands have become, unless something was wrong with one of them. */
static int print_folded(struct path_run *run, const struct strbuf *text)
{
	if (run->seen == 0)
		return diag_fail_text(run->ctx->diag, NULL, "no path on standard input");
	if (diag_count(run->ctx->diag) == 0)
		path_print(run, NULL, strbuf_str(text), text->len);
	return 0;
}

int path_join(struct path_run *run)
{
	int status = path_for_each(run, join_act);

	return status == 0 ? print_folded(run, &run->result) : status;
}

int path_common(struct path_run *run)
{
	int status = path_for_each(run, common_act);

	return status == 0 ? print_folded(run, &run->common.text) : status;
}
