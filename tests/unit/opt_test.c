/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"

#include <criterion/criterion.h>
#include <string.h>

struct inner {
	bool json;
};

struct fields {
	bool all;
	bool bytes;
	int color;
	int mode;
	const char *block;
	const char *time;
	struct strv words;
	struct tagged_strv rules;
	int64_t depth;
	uint64_t size;
	int64_t timeout;
	struct strv pairs;
	struct inner inner;
};

static const struct opt inner_rows[] = {
	OPT_BOOL(0, "json", struct inner, json, "records"),
	OPT_ALIAS("ndjson", "json"),
};
static const struct opt_table inner_table = OPT_TABLE(inner_rows);

static const struct opt_choice colors[] = {
	{ "auto", 0 }, { "tty", 0 }, { "always", 1 }, { "force", 1 }, { "never", 2 }, { "", 0 },
};

static const struct opt rows[] = {
	OPT_BOOL('a', "all", struct fields, all, "everything"),
	OPT_EXPAND('b', "bytes", "all, in bytes", "--all\0--block-size=1"),
	OPT_SET('L', "", struct fields, mode, 7, "follow"),
	OPT_SET('P', "", struct fields, mode, 8, "do not follow"),
	OPT_STR('B', "block-size", "SIZE", struct fields, block, "unit"),
	OPT_STR_OPTIONAL(0, "time", "WORD", struct fields, time, "mtime", "show a time"),
	OPT_STR(0, "time-style", "STYLE", struct fields, time, "how"),
	OPT_CHOICE_OPTIONAL(0, "color", "WHEN", struct fields, color, "always", "colour"),
	OPT_LIST('w', "word", "WORD", struct fields, words, "a word"),
	OPT_PAIR(0, "pair", "A B", struct fields, pairs, "two words"),
	OPT_TAGGED(0, "exclude", "P", struct fields, rules, 1, "leave out"),
	OPT_TAGGED(0, "include", "P", struct fields, rules, 2, "keep"),
	OPT_INT('d', "max-depth", "N", struct fields, depth, 0, 100, "levels"),
	OPT_SIZE(0, "max", "SIZE", struct fields, size, "limit"),
	OPT_DURATION(0, "timeout", "TIME", struct fields, timeout, "wait"),
	OPT_HEADING("Output"),
	OPT_SHARED(struct fields, inner),
};
static const struct opt_link links[] = {
	OPT_CHOICES(struct fields, color, colors),
	OPT_SPLICE(struct fields, inner, inner_table),
};
static const struct opt_table table = OPT_TABLE_LINKED(rows, links);

/* One parse and everything it left behind. */
struct parse {
	struct fields fields;
	struct opt_error error;
	char **operands;
	enum opt_outcome outcome;
};

/* Stays reachable until the test process ends. */
static void keep(void *p)
{
	static void *kept[256];
	static size_t n;

	cr_assert(n < ARRAY_LEN(kept));
	kept[n++] = p;
}

static struct parse parse_words(bool stop_at_operand, const char *const *words, size_t n)
{
	struct parse p = { .fields = { .depth = -1 } };
	struct opt_request request = { &table, &p.fields, stop_at_operand };
	char *argv[16] = { 0 };

	cr_assert(n + 1 < ARRAY_LEN(argv));
	argv[0] = mem_strdup("prog");
	keep(argv[0]);
	for (size_t i = 0; i < n; i++) {
		argv[i + 1] = mem_strdup(words[i]);
		keep(argv[i + 1]);
	}
	p.outcome = opt_parse(&request, (int)n + 1, argv, &p.operands, &p.error);
	keep(p.operands);
	keep(p.error.message.data);
	keep(p.fields.words.items);
	keep(p.fields.rules.items);
	return p;
}

#define PARSE(...)                                          \
	parse_words(false, (const char *[]){ __VA_ARGS__ }, \
	            sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *))

static void expect_wrong(const struct parse *p, const char *message)
{
	cr_assert_eq(p->outcome, OPT_WRONG, "%s", message);
	cr_expect_str_eq(strbuf_str(&p->error.message), message);
}

static void clear_environment(void)
{
	unsetenv("POSIXLY_CORRECT");
}

TestSuite(opt, .init = clear_environment);

Test(opt, letters_bundle_and_take_values_both_ways)
{
	struct parse p = PARSE("-aB1K", "-d", "3", "x", "-L");

	cr_assert_eq(p.outcome, OPT_PARSED);
	cr_expect(p.fields.all);
	cr_expect_str_eq(p.fields.block, "1K");
	cr_expect_eq(p.fields.depth, 3);
	cr_expect_eq(p.fields.mode, 7);
	cr_expect_str_eq(p.operands[0], "x");
	cr_expect_null(p.operands[1]);
}

Test(opt, the_last_of_two_settings_wins)
{
	struct parse p = PARSE("-L", "-P", "-B1", "--block-size=2");

	cr_expect_eq(p.fields.mode, 8);
	cr_expect_str_eq(p.fields.block, "2");
}

Test(opt, long_names_take_values_both_ways_and_may_be_shortened)
{
	struct parse p = PARSE("--block-size", "1M", "--max=1K", "--timeo=2min", "--al");

	cr_assert_eq(p.outcome, OPT_PARSED, "%s", strbuf_str(&p.error.message));
	cr_expect_str_eq(p.fields.block, "1M");
	cr_expect_eq(p.fields.size, 1024);
	cr_expect_eq(p.fields.timeout, 120000000000);
	cr_expect(p.fields.all);
}

Test(opt, an_exact_name_is_not_ambiguous)
{
	struct parse p = PARSE("--time", "--max-depth=2");

	cr_assert_eq(p.outcome, OPT_PARSED);
	cr_expect_str_eq(p.fields.time, "mtime");
	cr_expect_eq(p.fields.depth, 2);
}

Test(opt, an_ambiguous_prefix_names_what_it_may_mean)
{
	struct parse p = PARSE("--ti");

	expect_wrong(&p, "option '--ti' is ambiguous; possibilities: '--time' '--time-style' "
	                 "'--timeout'");
}

Test(opt, an_alias_and_its_option_are_not_ambiguous)
{
	struct parse p = PARSE("--ndj");

	cr_assert_eq(p.outcome, OPT_PARSED);
	cr_expect(p.fields.inner.json);
}

Test(opt, an_optional_value_is_only_taken_when_attached)
{
	struct parse p = PARSE("--color", "never", "--time=ctime");

	cr_assert_eq(p.outcome, OPT_PARSED);
	cr_expect_eq(p.fields.color, 1);
	cr_expect_str_eq(p.operands[0], "never");
	cr_expect_str_eq(p.fields.time, "ctime");
}

Test(opt, choices_know_synonyms_and_prefixes)
{
	struct parse exact = PARSE("--color=force");
	struct parse prefix = PARSE("--color=n");
	struct parse wrong = PARSE("--color=a");

	cr_expect_eq(exact.fields.color, 1);
	cr_expect_eq(prefix.fields.color, 2);
	expect_wrong(&wrong, "invalid argument 'a' for '--color'; use auto, always, never");
}

Test(opt, an_expansion_stands_for_its_words)
{
	struct parse p = PARSE("-b");

	cr_assert_eq(p.outcome, OPT_PARSED);
	cr_expect(p.fields.all);
	cr_expect_str_eq(p.fields.block, "1");
}

Test(opt, lists_keep_order_and_tags)
{
	struct parse p = PARSE("--exclude=a", "-w1", "--include=b", "-w2", "--exclude", "c");

	cr_assert_eq(p.fields.rules.len, 3);
	cr_expect_eq(p.fields.rules.items[1].tag, 2);
	cr_expect_str_eq(p.fields.rules.items[2].text, "c");
	cr_assert_eq(p.fields.words.len, 2);
	cr_expect_str_eq(p.fields.words.items[1], "2");
	opt_release(&table, &p.fields);
	cr_expect_eq(p.fields.rules.len, 0);
}

Test(opt, two_dashes_end_options_and_a_single_dash_is_an_operand)
{
	struct parse p = PARSE("-", "--", "-a", "--all");

	cr_assert_eq(p.outcome, OPT_PARSED);
	cr_expect_not(p.fields.all);
	cr_expect_str_eq(p.operands[0], "-");
	cr_expect_str_eq(p.operands[1], "-a");
	cr_expect_str_eq(p.operands[2], "--all");
}

Test(opt, parsing_stops_at_the_first_operand_when_asked)
{
	struct parse p = parse_words(true, (const char *[]){ "-a", "cmd", "-L" }, 3);

	cr_expect(p.fields.all);
	cr_expect_eq(p.fields.mode, 0);
	cr_expect_str_eq(p.operands[1], "-L");
}

Test(opt, posixly_correct_stops_mixing)
{
	struct parse p;

	setenv("POSIXLY_CORRECT", "1", 1);
	p = PARSE("x", "-a");
	cr_expect_not(p.fields.all);
	cr_expect_str_eq(p.operands[1], "-a");
}

Test(opt, help_and_version_are_everywhere)
{
	struct parse help = PARSE("--help");
	struct parse letter = PARSE("-ah");
	struct parse version = PARSE("--vers");

	cr_expect_eq(help.outcome, OPT_WANTS_HELP);
	cr_expect_eq(letter.outcome, OPT_WANTS_HELP);
	cr_expect_eq(version.outcome, OPT_WANTS_VERSION);
}

Test(opt, unknown_options_get_a_suggestion)
{
	struct parse near = PARSE("--blok-size=1");
	struct parse far = PARSE("--zzzzzzzz");
	struct parse letter = PARSE("-aZ");

	expect_wrong(&near, "unrecognized option '--blok-size'; did you mean '--block-size'?");
	expect_wrong(&far, "unrecognized option '--zzzzzzzz'");
	expect_wrong(&letter, "invalid option -- 'Z'");
}

Test(opt, hostile_option_names_are_escaped)
{
	struct parse p = PARSE("--\033[31m");

	expect_wrong(&p, "unrecognized option '--'$'\\033''[31m'");
}

Test(opt, missing_and_forbidden_values_are_said)
{
	struct parse lng = PARSE("--block-size");
	struct parse letter = PARSE("-B");
	struct parse forbidden = PARSE("--all=1");

	expect_wrong(&lng, "option '--block-size' requires an argument");
	expect_wrong(&letter, "option requires an argument -- 'B'");
	expect_wrong(&forbidden, "option '--all' doesn't allow an argument");
}

Test(opt, numbers_are_checked)
{
	struct parse text = PARSE("-d", "x");
	struct parse low = PARSE("--max-depth=-1");
	struct parse high = PARSE("-d101");
	struct parse huge = PARSE("-d99999999999999999999");

	expect_wrong(&text, "invalid argument 'x' for '-d': not a whole number");
	expect_wrong(&low, "invalid argument '-1' for '--max-depth': it must be from 0 to 100");
	expect_wrong(&high, "invalid argument '101' for '-d': it must be from 0 to 100");
	expect_wrong(&huge, "invalid argument '99999999999999999999' for '-d': it must be from 0 "
	                    "to 100");
}

Test(opt, bad_sizes_point_at_the_bad_part)
{
	struct parse p = PARSE("--max=10Zx");

	cr_assert_eq(p.outcome, OPT_WRONG);
	cr_expect_str_eq(p.error.text, "10Zx");
	cr_expect(p.error.where.offset >= 2 && p.error.where.offset <= 3, "%zu",
	          p.error.where.offset);
}

Test(opt, rows_are_found_through_shared_tables)
{
	struct opt_hit hit = opt_find_long(&table, "json", 4);

	cr_assert_not_null(hit.opt);
	cr_expect_eq(hit.base + hit.opt->offset, offsetof(struct fields, inner.json));
	cr_expect_null(opt_find_long(&table, "jso", 3).opt);
	cr_expect_eq(opt_find_letter(&table, 'w').opt->kind, OPT_KIND_LIST);
	cr_expect_null(opt_find_letter(&table, '\0').opt);
}

struct command_fields {
	struct strv words;
	bool flag;
};

static const struct opt command_rows[] = {
	OPT_WORDS('x', "exec", "CMD", struct command_fields, words, "run CMD"),
	OPT_BOOL('f', "flag", struct command_fields, flag, "a flag"),
};

Test(opt, a_command_ends_with_a_semicolon_or_the_line)
{
	static const struct opt_table commands = OPT_TABLE(command_rows);
	static const struct {
		const char *argv[10];
		size_t words, operands;
		bool flag;
	} cases[] = {
		{ { "p", "-x", "a", "-f", "--", ";", "-f", "b" }, 3, 1, true },
		{ { "p", "a", "--exec", "cmd", "-f" }, 2, 1, false },
		{ { "p", "-fxcmd", "arg", ";", "b" }, 2, 1, true },
		{ { "p", "--exec=cmd", "b", ";" }, 2, 0, false },
		{ { "p", "-x", "cmd", ";x", ";" }, 2, 0, false },
	};
	static const char *const wrong[][6] = {
		{ "p", "-x" },
		{ "p", "-x", ";" },
		{ "p", "--exec=;" },
		{ "p", "-x", "a", ";", "-x" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct command_fields fields = { 0 };
		struct opt_request request = { .table = &commands, .fields = &fields };
		struct opt_error error = { 0 };
		char *argv[10] = { 0 };
		char **operands = NULL;
		int argc = 0;
		size_t n = 0;

		for (; cases[i].argv[argc] != NULL; argc++)
			argv[argc] = mem_strdup(cases[i].argv[argc]);
		cr_assert_eq(opt_parse(&request, argc, argv, &operands, &error), OPT_PARSED, "%zu",
		             i);
		while (operands[n] != NULL)
			n++;
		cr_expect_eq(fields.words.len, cases[i].words, "case %zu: %zu words", i,
		             fields.words.len);
		cr_expect_eq(n, cases[i].operands, "case %zu: %zu operands", i, n);
		cr_expect_eq(fields.flag, cases[i].flag, "case %zu", i);
		opt_release(&commands, &fields);
		free(operands);
		while (argc > 0)
			free(argv[--argc]);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct command_fields fields = { 0 };
		struct opt_request request = { .table = &commands, .fields = &fields };
		struct opt_error error = { 0 };
		char *argv[6] = { 0 };
		char **operands = NULL;
		int argc = 0;

		for (; argc < 6 && wrong[i][argc] != NULL; argc++)
			argv[argc] = mem_strdup(wrong[i][argc]);
		cr_expect_eq(opt_parse(&request, argc, argv, &operands, &error), OPT_WRONG, "%zu",
		             i);
		opt_release(&commands, &fields);
		strbuf_release(&error.message);
		while (argc > 0)
			free(argv[--argc]);
	}
}

/* A table of its own: the option that ends them, and one that may go without its value. */
struct last_fields {
	const char *text;
	bool verbose;
	struct tagged_strv signals;
};

static const struct opt last_rows[] = {
	OPT_LAST('S', "split", "TEXT", struct last_fields, text, "words"),
	OPT_BOOL('v', "verbose", struct last_fields, verbose, "say more"),
	OPT_TAGGED_OPTIONAL(0, "signal", "SIG", struct last_fields, signals, 5, "all", "signals"),
};
static const struct opt_table last_table = OPT_TABLE(last_rows);

static enum opt_outcome parse_last(const char *const *words, struct last_fields *fields,
                                   char ***ret_rest, struct opt_error *reterr)
{
	const struct opt_request request = { .table = &last_table, .fields = fields };
	char name[] = "prog";
	char *argv[8] = { name };
	int n = 1;

	for (; words[n - 1] != NULL; n++) {
		cr_assert(n < (int)ARRAY_LEN(argv));
		argv[n] = mem_strdup(words[n - 1]);
		keep(argv[n]);
	}
	return opt_parse(&request, n, argv, ret_rest, reterr);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void expect_last(const char *const *words, const char *text, bool verbose,
                        const char *operands)
{
	struct last_fields f = { 0 };
	struct opt_error err = { 0 };
	struct strbuf got = { 0 };
	char **rest = NULL;

	cr_assert_eq(parse_last(words, &f, &rest, &err), OPT_PARSED);
	for (size_t i = 0; rest[i] != NULL; i++)
		strbuf_add_format(&got, "%s|", rest[i]);
	cr_expect_str_eq(f.text, text);
	cr_expect_eq(f.verbose, verbose);
	cr_expect_str_eq(strbuf_str(&got), operands);
	strbuf_release(&got);
	free(rest);
}

Test(opt, behind_the_last_option_all_words_are_operands)
{
	expect_last(WORDS("-vS", "a b", "-v", "--", "x"), "a b", true, "-v|--|x|");
	expect_last(WORDS("-Sa", "-v"), "a", false, "-v|");
	expect_last(WORDS("--split=a", "--help"), "a", false, "--help|");
	expect_last(WORDS("x", "--spl", "a", "-v"), "a", false, "x|-v|");
}

Test(opt, a_blank_among_letters_is_told_of_the_option_that_splits)
{
	struct last_fields f = { 0 };
	struct opt_error err = { 0 };
	char **rest = NULL;

	cr_expect_eq(parse_last(WORDS("-v x"), &f, &rest, &err), OPT_WRONG);
	cr_expect_str_eq(strbuf_str(&err.message),
	                 "invalid option -- ' '; use -S to pass options in shebang lines");
	strbuf_release(&err.message);
}

Test(opt, a_list_keeps_what_stands_in_for_a_missing_value)
{
	struct last_fields f = { 0 };
	struct opt_error err = { 0 };
	char **rest = NULL;

	cr_assert_eq(
		parse_last(WORDS("--signal", "--signal=INT", "--signal=", "x"), &f, &rest, &err),
		OPT_PARSED);
	cr_assert_eq(f.signals.len, 3);
	cr_expect_str_eq(f.signals.items[0].text, "all");
	cr_expect_str_eq(f.signals.items[1].text, "INT");
	cr_expect_str_eq(f.signals.items[2].text, "");
	cr_expect_eq(f.signals.items[0].tag, 5);
	cr_expect_str_eq(rest[0], "x");
	free(rest);
	opt_release(&last_table, &f);
}

Test(opt, a_pair_takes_two_words)
{
	static const struct {
		const char *argv[8];
		size_t pairs, operands;
	} cases[] = {
		{ { "p", "--pair", "1000", "KILL", "x" }, 2, 1 },
		{ { "p", "--pair=1000", "-x", "--pair", "5", "--" }, 4, 0 },
		{ { "p", "--pai", "a", "b", "--", "c", "d" }, 2, 2 },
	};
	static const char *const wrong[][4] = { { "p", "--pair" },
		                                { "p", "--pair", "1" },
		                                { "p", "--pair=1" } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fields fields = { 0 };
		struct opt_request request = { .table = &table, .fields = &fields };
		struct opt_error error = { 0 };
		char **operands = NULL;
		char *argv[8] = { 0 };
		int argc = 0;
		size_t n = 0;

		for (; cases[i].argv[argc] != NULL; argc++)
			argv[argc] = (char *)(uintptr_t)cases[i].argv[argc];
		cr_assert_eq(opt_parse(&request, argc, argv, &operands, &error), OPT_PARSED);
		while (operands[n] != NULL)
			n++;
		cr_expect_eq(n, cases[i].operands, "case %zu", i);
		cr_expect_eq(fields.pairs.len, cases[i].pairs, "case %zu", i);
		free(operands);
		opt_release(&table, &fields);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct fields fields = { 0 };
		struct opt_request request = { .table = &table, .fields = &fields };
		struct opt_error error = { 0 };
		char **operands = NULL;
		char *argv[4] = { 0 };
		int argc = 0;

		for (; argc < 4 && wrong[i][argc] != NULL; argc++)
			argv[argc] = (char *)(uintptr_t)wrong[i][argc];
		cr_expect_eq(opt_parse(&request, argc, argv, &operands, &error), OPT_WRONG);
		cr_expect(strstr(strbuf_str(&error.message), "--pair") != NULL);
		strbuf_release(&error.message);
		opt_release(&table, &fields);
	}
}
