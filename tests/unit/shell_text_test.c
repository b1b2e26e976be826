/* SPDX-License-Identifier: MIT */
#include "base/shell_text.h"

#include "base/strbuf.h"

#include <criterion/criterion.h>

TestSuite(shell_text);

static bool span_is(struct shell_span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

static struct shell_defs parse(const char *text, bool aliases, bool functions)
{
	struct shell_defs defs = { 0 };

	shell_defs_parse(&defs, text, strlen(text), aliases, functions);
	return defs;
}

Test(shell_text, knows_builtins_and_keywords)
{
	static const char *const builtins[] = {
		".",         ":",        "[",       "alias",   "bg",      "bind",     "break",
		"builtin",   "caller",   "cd",      "command", "compgen", "complete", "compopt",
		"continue",  "declare",  "dirs",    "disown",  "echo",    "enable",   "eval",
		"exec",      "exit",     "export",  "false",   "fc",      "fg",       "getopts",
		"hash",      "help",     "history", "jobs",    "kill",    "let",      "local",
		"logout",    "mapfile",  "popd",    "printf",  "pushd",   "pwd",      "read",
		"readarray", "readonly", "return",  "set",     "shift",   "shopt",    "source",
		"suspend",   "test",     "times",   "trap",    "true",    "type",     "typeset",
		"ulimit",    "umask",    "unalias", "unset",   "wait",
	};
	static const char *const keywords[] = {
		"!",    "[[",   "]]",    "case",  "coproc",   "do", "done", "elif",
		"else", "esac", "fi",    "for",   "function", "if", "in",   "select",
		"then", "time", "until", "while", "{",        "}",
	};
	static const char *const neither[] = { "", "ls", "cdx", "c", "IF", "zz", "\xff", "ifs" };

	for (size_t i = 0; i < ARRAY_LEN(builtins); i++)
		cr_expect_eq(shell_word_of(builtins[i]), SHELL_WORD_BUILTIN, "%s", builtins[i]);
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		cr_expect_eq(shell_word_of(keywords[i]), SHELL_WORD_KEYWORD, "%s", keywords[i]);
	for (size_t i = 0; i < ARRAY_LEN(neither); i++)
		cr_expect_eq(shell_word_of(neither[i]), SHELL_WORD_NONE, "case %zu", i);
}

Test(shell_text, reads_aliases_of_every_shell)
{
	static const struct {
		const char *line, *name, *body;
	} cases[] = {
		{ "alias ll='ls -l'", "ll", "'ls -l'" }, /* bash */
		{ "ll='ls -l'", "ll", "'ls -l'" },       /* dash, ksh, zsh */
		{ "ll\tls -l", "ll", "ls -l" },          /* csh */
		{ "ll=ls", "ll", "ls" },                 /* zsh, without need for quotes */
		{ "  alias  x = \"y z\"", "x", "\"y z\"" },
		{ "alias -- -='cd -'", "-", "'cd -'" }, /* bash, a name like an option */
		{ "aliased='x'", "aliased", "'x'" },
		{ "alias='x'", "alias", "'x'" },
		{ "alias q=", "q", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct shell_defs defs = parse(cases[i].line, true, false);
		const struct shell_alias *a = shell_defs_alias(&defs, cases[i].name);

		cr_assert_not_null(a, "case %zu", i);
		cr_expect(span_is(a->line, cases[i].line), "case %zu", i);
		cr_expect(span_is(a->body, cases[i].body), "case %zu: %.*s", i, (int)a->body.len,
		          a->body.at);
		shell_defs_release(&defs);
	}
}

Test(shell_text, the_first_of_two_aliases_counts)
{
	struct shell_defs defs = parse("alias a=1\nalias a=2\n\n=x\nalias b=3", true, false);

	cr_assert_eq(defs.aliases.len, 3);
	cr_assert(span_is(shell_defs_alias(&defs, "a")->body, "1"));
	cr_assert(span_is(shell_defs_alias(&defs, "b")->body, "3"));
	cr_assert_null(shell_defs_alias(&defs, ""));
	shell_defs_release(&defs);
}

Test(shell_text, finds_the_commands_of_an_alias)
{
	static const struct {
		const char *line, *commands;
	} cases[] = {
		{ "alias a='ls -l'", "ls|" },
		{ "alias a='ls -l | grep x'", "ls|grep|" },
		{ "alias a='x && y || z; w & v'", "x|y|z|w|v|" },
		{ "a=ls", "ls|" },
		{ "alias a='ls'", "ls|" },
		{ "alias a=\"'\"", "'|" },
		{ "alias a=''", "" },
		{ "alias a=", "" },
		{ "alias a='ls |'", "ls|" },
		{ "a\t/bin/ls -l", "/bin/ls|" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct shell_defs defs = parse(cases[i].line, true, false);
		struct strbuf got = { 0 };
		struct shell_span command;
		size_t at = 0;

		while (shell_alias_command(shell_defs_alias(&defs, "a"), &at, &command)) {
			strbuf_add(&got, command.at, command.len);
			strbuf_add_char(&got, '|');
		}
		cr_expect_str_eq(strbuf_str(&got), cases[i].commands, "case %zu", i);
		strbuf_release(&got);
		shell_defs_release(&defs);
	}
}

Test(shell_text, reads_functions)
{
	struct shell_defs defs = parse("alias a='b'\n"
	                               "foo () \n{ \n    bar\n}\n"
	                               "declare -fx old ()\n{\n x\n}\n"
	                               "zsh () {\n\ty\n}\n"
	                               "alias late='b'\n"
	                               "open ()\n{\n",
	                               true, true);

	cr_assert_eq(defs.functions.len, 4);
	cr_expect(span_is(shell_defs_function(&defs, "foo")->text, "foo () \n{ \n    bar\n}"));
	cr_expect(span_is(shell_defs_function(&defs, "old")->text, "old ()\n{\n x\n}"));
	cr_expect(span_is(shell_defs_function(&defs, "zsh")->text, "zsh () {\n\ty\n}"));
	cr_expect(span_is(shell_defs_function(&defs, "open")->text, "open ()\n{"));
	cr_expect_null(shell_defs_function(&defs, "bar"));
	cr_expect_not_null(shell_defs_alias(&defs, "a"));
	cr_expect_null(shell_defs_alias(&defs, "late"), "an alias behind the functions");
	shell_defs_release(&defs);
}

Test(shell_text, reads_only_what_it_was_asked_for)
{
	const char *text = "declare -fx foo\nalias a='b'\nfoo ()\n{\n}\n";
	struct shell_defs none = parse(text, false, false);
	struct shell_defs functions = parse(text, false, true);
	struct shell_defs aliases = parse(text, true, false);

	cr_expect_eq(none.aliases.len + none.functions.len, 0);
	cr_expect_eq(functions.aliases.len, 0);
	cr_expect_eq(functions.functions.len, 1);
	cr_expect_eq(aliases.functions.len, 0);
	cr_expect_not_null(shell_defs_alias(&aliases, "a"));
	cr_expect_null(shell_defs_alias(&aliases, "declare"));
	shell_defs_release(&none);
	shell_defs_release(&functions);
	shell_defs_release(&aliases);
}
