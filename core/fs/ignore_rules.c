/* SPDX-License-Identifier: MIT */
#include "fs/ignore_rules.h"

#include <errno.h>

/* Takes `text` over, at fault too; the pattern starts at `offset` in it. */
static int add(struct ignore_rules *rules, struct ignore_rule rule, size_t offset,
               enum ignore_syntax syntax, struct text_error *reterr)
{
	unsigned flags = syntax == IGNORE_GIT ? GLOB_NO_BRACES | GLOB_BYTES : 0;
	AUTO_FREE_STR char *pattern = mem_strdup(rule.text + offset);
	size_t len = strlen(pattern);
	size_t skipped;
	int r;

	rule.directories_only = len > 0 && pattern[len - 1] == '/';
	if (rule.directories_only)
		pattern[len - 1] = 0;
	rule.anchored = strchr(pattern, '/') != NULL;
	skipped = *pattern == '/';
	r = glob_compile(pattern + skipped, flags | (rule.anchored ? 0 : GLOB_BASENAME), &rule.glob,
	                 reterr);
	if (r && syntax == IGNORE_HOUSE) {
		reterr->offset += offset + skipped;
		free(rule.text);
		return r;
	}
	vec_push(rules, rule);
	return 0;
}

int ignore_rules_add(struct ignore_rules *rules, const char *pattern, enum ignore_syntax syntax,
                     struct text_error *reterr)
{
	return add(rules, (struct ignore_rule){ .text = mem_strdup(pattern) }, 0, syntax, reterr);
}

/* The length without blanks that no backslash protects. */
static size_t without_trailing_blanks(const char *line, size_t len)
{
	size_t end = 0;

	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\\')
			i++;
		else if (line[i] == ' ')
			continue;
		end = i + 1;
	}
	return end < len ? end : len;
}

int ignore_rules_add_lines(struct ignore_rules *rules, const char *text, size_t len,
                           enum ignore_syntax syntax, unsigned source, struct ignore_error *reterr)
{
	const char *end = text + len;
	size_t number = 0;

	if (len >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3))
		text += 3;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line = text;
		size_t n = (size_t)((newline ? newline : end) - line);
		struct ignore_rule rule = { .source = source, .line = ++number };
		struct text_error where;

		text = newline ? newline + 1 : end;
		if (n > 0 && line[n - 1] == '\r')
			n--;
		n = without_trailing_blanks(line, strnlen(line, n));
		if (n == 0 || *line == '#')
			continue;
		rule.negated = *line == '!';
		rule.text = mem_strndup(line, n);
		if (add(rules, rule, rule.negated, syntax, &where)) {
			*reterr = (struct ignore_error){ number, mem_strndup(line, n), where };
			return -EINVAL;
		}
	}
	return 0;
}

const struct ignore_rule *ignore_rules_find(const struct ignore_rules *rules,
                                            const struct ignore_subject *subject)
{
	for (size_t i = rules->len; i-- > 0;) {
		const struct ignore_rule *rule = &rules->items[i];

		if (!rule->glob || (rule->directories_only && !subject->is_directory))
			continue;
		if (rule->anchored ? glob_matches(rule->glob, subject->path, subject->path_len)
		                   : glob_matches(rule->glob, subject->name, subject->name_len))
			return rule;
	}
	return NULL;
}

void ignore_rules_release(struct ignore_rules *rules)
{
	for (size_t i = 0; i < rules->len; i++) {
		free(rules->items[i].text);
		(void)glob_free(rules->items[i].glob);
	}
	vec_release(rules);
}
