/* SPDX-License-Identifier: MIT */
#include "base/shell_text.h"

/* POSIX.1-2024 2.4 and 2.15, and the bash 5.2 manual; sorted. */
static const char keywords[][10] = {
	"!",   "[[",       "]]", "case", "coproc", "do",   "done", "elif",  "else",  "esac", "fi",
	"for", "function", "if", "in",   "select", "then", "time", "until", "while", "{",    "}",
};

static const char builtins[][10] = {
	".",      ":",       "[",         "alias",    "bg",       "bind",    "break",    "builtin",
	"caller", "cd",      "command",   "compgen",  "complete", "compopt", "continue", "declare",
	"dirs",   "disown",  "echo",      "enable",   "eval",     "exec",    "exit",     "export",
	"false",  "fc",      "fg",        "getopts",  "hash",     "help",    "history",  "jobs",
	"kill",   "let",     "local",     "logout",   "mapfile",  "popd",    "printf",   "pushd",
	"pwd",    "read",    "readarray", "readonly", "return",   "set",     "shift",    "shopt",
	"source", "suspend", "test",      "times",    "trap",     "true",    "type",     "typeset",
	"ulimit", "umask",   "unalias",   "unset",    "wait",
};

static int compare_words(const void *key, const void *item)
{
	return strcmp(key, item);
}

static bool is_one_of(const char *name, const char (*words)[10], size_t n)
{
	return bsearch(name, words, n, sizeof(*words), compare_words) != NULL;
}

enum shell_word shell_word_of(const char *name)
{
	if (is_one_of(name, keywords, ARRAY_LEN(keywords)))
		return SHELL_WORD_KEYWORD;
	if (is_one_of(name, builtins, ARRAY_LEN(builtins)))
		return SHELL_WORD_BUILTIN;
	return SHELL_WORD_NONE;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct shell_span skip_blanks(struct shell_span s)
{
	while (s.len > 0 && is_blank(s.at[0])) {
		s.at++;
		s.len--;
	}
	return s;
}

static struct shell_span skip_bytes(struct shell_span s, size_t n)
{
	return (struct shell_span){ s.at + n, s.len - n };
}

static bool starts_with(struct shell_span s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && memcmp(s.at, prefix, len) == 0;
}

static bool span_is(struct shell_span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

/* Takes the next line off `text`. */
static struct shell_span next_line(struct shell_span *text)
{
	const char *newline = memchr(text->at, '\n', text->len);
	struct shell_span line = { text->at, text->len };

	if (newline != NULL)
		line.len = (size_t)(newline - text->at);
	*text = skip_bytes(*text, line.len + (newline != NULL ? 1 : 0));
	return line;
}

/* A leading word with the blanks behind it: `alias ` but not `aliased`. */
static struct shell_span skip_word(struct shell_span s, const char *word)
{
	size_t len = strlen(word);

	if (starts_with(s, word) && s.len > len && is_blank(s.at[len]))
		return skip_blanks(skip_bytes(s, len));
	return s;
}

static void parse_alias(struct shell_defs *defs, struct shell_span line)
{
	struct shell_alias alias = { .line = line };
	struct shell_span rest = skip_word(skip_blanks(line), "alias");
	size_t len = 0;

	/* bash prints `alias -- -='cd -'` for a name that looks like an option. */
	rest = skip_word(rest, "--");
	while (len < rest.len && !is_blank(rest.at[len]) && rest.at[len] != '=')
		len++;
	if (len == 0)
		return;
	alias.name = (struct shell_span){ rest.at, len };
	rest = skip_blanks(skip_bytes(rest, len));
	if (starts_with(rest, "="))
		rest = skip_blanks(skip_bytes(rest, 1));
	alias.body = rest;
	vec_push(&defs->aliases, alias);
}

/* `NAME ()` or `NAME () {`, with `declare -x ` in front in old versions of bash. */
static bool starts_function(struct shell_span line, struct shell_span *ret_name)
{
	size_t len = line.len;

	while (len > 0 && (is_blank(line.at[len - 1]) || line.at[len - 1] == '\r'))
		len--;
	if (len > 4 && memcmp(line.at + len - 4, "() {", 4) == 0)
		len -= 2;
	if (len < 4 || memcmp(line.at + len - 3, " ()", 3) != 0)
		return false;
	line.len = len - 3;
	if (starts_with(line, "declare -")) {
		const char *blank = memchr(line.at + 9, ' ', line.len - 9);

		if (blank != NULL)
			line = skip_bytes(line, (size_t)(blank - line.at) + 1);
	}
	*ret_name = line;
	return memchr(line.at, ' ', line.len) == NULL;
}

/* `rest` is behind the function's first line, and in the end behind its closing brace. */
static void parse_function(struct shell_defs *defs, struct shell_span name, struct shell_span *rest)
{
	struct shell_function function = { .name = name, .text = name };
	const char *end;

	do {
		struct shell_span line = next_line(rest);

		end = line.at + line.len;
		if (span_is(line, "}"))
			break;
	} while (rest->len > 0);
	function.text.len = (size_t)(end - name.at);
	vec_push(&defs->functions, function);
}

void shell_defs_parse(struct shell_defs *defs, const char *text, size_t len, bool aliases,
                      bool functions)
{
	struct shell_span rest = { text, len };

	while (rest.len > 0) {
		struct shell_span line = next_line(&rest);
		struct shell_span name;

		if (functions && starts_function(line, &name)) {
			aliases = false;
			parse_function(defs, name, &rest);
		} else if (aliases && !starts_with(line, "declare -")) {
			parse_alias(defs, line);
		}
	}
}

void shell_defs_release(struct shell_defs *defs)
{
	vec_release(&defs->aliases);
	vec_release(&defs->functions);
}

const struct shell_alias *shell_defs_alias(const struct shell_defs *defs, const char *name)
{
	for (size_t i = 0; i < defs->aliases.len; i++)
		if (span_is(defs->aliases.items[i].name, name))
			return &defs->aliases.items[i];
	return NULL;
}

const struct shell_function *shell_defs_function(const struct shell_defs *defs, const char *name)
{
	for (size_t i = 0; i < defs->functions.len; i++)
		if (span_is(defs->functions.items[i].name, name))
			return &defs->functions.items[i];
	return NULL;
}

static bool is_separator(char c)
{
	return c == '|' || c == '&' || c == ';';
}

bool shell_alias_command(const struct shell_alias *alias, size_t *at, struct shell_span *ret)
{
	struct shell_span body = alias->body;
	char quote = '\0';
	size_t i = *at;
	size_t start;

	if (body.len > 0 && (body.at[0] == '\'' || body.at[0] == '"'))
		quote = body.at[0];
	if (i == 0 && quote != '\0')
		i = 1;
	while (i < body.len && (is_blank(body.at[i]) || is_separator(body.at[i])))
		i++;
	start = i;
	while (i < body.len && !is_blank(body.at[i]) && !is_separator(body.at[i]) &&
	       (quote == '\0' || body.at[i] != quote))
		i++;
	*ret = (struct shell_span){ body.at + start, i - start };
	while (i < body.len && !is_separator(body.at[i]))
		i++;
	*at = i;
	return ret->len > 0;
}
