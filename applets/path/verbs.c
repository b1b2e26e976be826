/* SPDX-License-Identifier: MIT */
/* The functions of path by name, and which options go with which. */
#include "path.h"

#include "base/quote.h"
#include "cli/typo.h"

enum option_bit {
	OPTION_FROM = 1 << 0,
	OPTION_CHARS = 1 << 1,
	OPTION_LEVELS = 1 << 2,
	OPTION_LIST = 1 << 3,
	OPTION_ALT = 1 << 4,
	OPTION_MISSING = 1 << 5,
	OPTION_PHYSICAL = 1 << 6,
	OPTION_FOLLOW = 1 << 7,
	OPTION_FORMAT = 1 << 8,
	OPTION_ENCODE = 1 << 9,
	OPTION_TESTS = 1 << 10,
	OPTION_LOGICAL = 1 << 11, /* -L alone */
};

/* In the order of the bits, as they are called in messages. */
static const char option_names[][32] = {
	"--from", "--chars",  "--levels", "--list", "--alt",  "--strict",
	"-P",     "--follow", "--format", "--text", "a test", "-L",
};

static const struct verb {
	char name[12];
	uint16_t options; /* enum option_bit */
	bool alone;       /* takes no operands */
	bool has_word;    /* the first operand is what is put in */
} verbs[] = {
	[VERB_SPLIT] = { "split", 0, false, false },
	[VERB_SPLITEXT] = { "splitext", 0, false, false },
	[VERB_DIR] = { "dir", 0, false, false },
	[VERB_BASE] = { "base", 0, false, false },
	[VERB_JOIN] = { "join", 0, false, false },
	[VERB_ABS] = { "abs", 0, false, false },
	[VERB_REAL] = { "real", OPTION_MISSING, false, false },
	[VERB_REL] = { "rel", OPTION_FROM, false, false },
	[VERB_COMMON] = { "common", OPTION_CHARS, false, false },
	[VERB_SEP] = { "sep", OPTION_LIST | OPTION_ALT, true, false },
	[VERB_LIST] = { "list", 0, false, false },
	[VERB_NAME] = { "name", 0, false, false },
	[VERB_STEM] = { "stem", 0, false, false },
	[VERB_SUFFIX] = { "suffix", 0, false, false },
	[VERB_SUFFIXES] = { "suffixes", 0, false, false },
	[VERB_PARENT] = { "parent", OPTION_LEVELS, false, false },
	[VERB_PARENTS] = { "parents", 0, false, false },
	[VERB_WITH_SUFFIX] = { "with-suffix", 0, false, true },
	[VERB_WITH_NAME] = { "with-name", 0, false, true },
	[VERB_WITH_STEM] = { "with-stem", 0, false, true },
	[VERB_EXPAND] = { "expand", 0, false, false },
	[VERB_HOME] = { "home", 0, false, false },
	[VERB_CWD] = { "cwd", OPTION_PHYSICAL | OPTION_LOGICAL, true, false },
	[VERB_TEMPDIR] = { "tempdir", 0, true, false },
	[VERB_TEST] = { "test", OPTION_TESTS | OPTION_LOGICAL, false, false },
	[VERB_TYPE] = { "type", OPTION_FOLLOW, false, false },
	[VERB_STAT] = { "stat", OPTION_FOLLOW | OPTION_FORMAT, false, false },
	[VERB_READ] = { "read", OPTION_ENCODE, false, false },
};

static unsigned options_given(const struct path_opts *opts)
{
	unsigned given = 0;

	given |= opts->from != NULL ? OPTION_FROM : 0;
	given |= opts->chars ? OPTION_CHARS : 0;
	given |= opts->levels != LEVELS_DEFAULT ? OPTION_LEVELS : 0;
	given |= opts->list ? OPTION_LIST : 0;
	given |= opts->alt ? OPTION_ALT : 0;
	given |= opts->missing != MISSING_DEFAULT ? OPTION_MISSING : 0;
	given |= opts->physical ? OPTION_PHYSICAL : 0;
	given |= opts->follow != FOLLOW_DEFAULT ? OPTION_FOLLOW : 0;
	given |= opts->format != NULL ? OPTION_FORMAT : 0;
	given |= opts->encode != ENCODE_NONE ? OPTION_ENCODE : 0;
	for (size_t i = 0; i < opts->tests.len; i++)
		given |= opts->tests.items[i].tag == 'L' ? OPTION_LOGICAL : OPTION_TESTS;
	return given;
}

/* The name that somebody may have meant, or NULL. */
static const char *nearest(const char *typed)
{
	const char *name = NULL;
	unsigned least = 0;

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		unsigned distance = typo_distance(typed, verbs[i].name);

		if (name == NULL || distance < least) {
			name = verbs[i].name;
			least = distance;
		}
	}
	return typo_is_near(typed, least) ? name : NULL;
}

static int refuse(struct diag *diag, const char *typed)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	const char *name = nearest(typed);

	strbuf_add_str(&text, "no function is called ");
	quote_shell_always(&text, typed, strlen(typed));
	if (name != NULL)
		strbuf_add_format(&text, "; did you mean '%s'?", name);
	for (size_t i = 0; name == NULL && i < ARRAY_LEN(verbs); i++)
		strbuf_add_format(&text, "%s%s", i == 0 ? "; there are " : ", ", verbs[i].name);
	return diag_usage(diag, "%s", text.data);
}

static int check_options(const struct path_run *run)
{
	const unsigned wrong = options_given(run->opts) & ~(unsigned)verbs[run->verb].options;

	for (size_t i = 0; i < ARRAY_LEN(option_names); i++) {
		if ((wrong & (1U << i)) != 0)
			return diag_usage(run->ctx->diag, "%s means nothing to '%s'",
			                  option_names[i], verbs[run->verb].name);
	}
	if (run->opts->lines && run->opts->out.zero)
		return diag_usage(run->ctx->diag, "--lines and --null exclude each other");
	return 0;
}

static int check_operands(struct path_run *run)
{
	const struct verb *verb = &verbs[run->verb];
	const bool is_default = run->verb == VERB_LIST || run->verb == VERB_HOME;

	if (verb->has_word) {
		if (run->operands[0] == NULL)
			return diag_usage(run->ctx->diag, "%s: missing operand", verb->name);
		run->word = *run->operands++;
	}
	if (verb->alone && (run->operands[0] != NULL || run->opts->lines))
		return diag_usage(run->ctx->diag, "%s takes no operands", verb->name);
	if (run->operands[0] != NULL && run->opts->lines)
		return diag_usage(run->ctx->diag, "operands, and --lines, which reads them");
	if (run->operands[0] == NULL && !verb->alone && !is_default && !run->opts->lines &&
	    !run->opts->out.zero)
		return diag_usage(run->ctx->diag,
		                  "%s: missing operand (--lines and -0 read them from standard "
		                  "input)",
		                  verb->name);
	return 0;
}

int path_find_verb(struct path_run *run, char **operands)
{
	size_t i = 0;
	int status;

	if (operands[0] == NULL)
		return diag_usage(run->ctx->diag, "missing function");
	while (i < ARRAY_LEN(verbs) && strcmp(verbs[i].name, operands[0]) != 0)
		i++;
	if (i == ARRAY_LEN(verbs))
		return refuse(run->ctx->diag, operands[0]);
	run->verb = (enum path_verb)i;
	run->operands = operands + 1;
	status = check_options(run);
	return status == 0 ? check_operands(run) : status;
}
