/* SPDX-License-Identifier: MIT */
/* The lines of an ignore file; its own lines are the paths that are asked about. */
#include "fs/ignore_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct ignore_rules *rules, const char *path, size_t len, bool is_directory)
{
	const char *slash = memrchr(path, '/', len);
	const char *name = slash ? slash + 1 : path;
	struct ignore_subject subject = { path, len, name, len - (size_t)(name - path),
		                          is_directory };
	const struct ignore_rule *rule = ignore_rules_find(rules, &subject);

	if (rule && (rule < rules->items || rule >= rules->items + rules->len ||
	             (rule->directories_only && !is_directory)))
		abort();
}

static void read_and_ask(const char *text, size_t size, enum ignore_syntax syntax)
{
	struct ignore_rules rules = { 0 };
	struct ignore_error error = { 0 };
	int r = ignore_rules_add_lines(&rules, text, size, syntax, 0, &error);

	if (r && syntax == IGNORE_GIT)
		abort();
	if (r && (!error.text || error.where.offset > strlen(error.text)))
		abort();
	free(error.text);
	for (size_t start = 0, lines = 0; start < size && lines < 64; lines++) {
		const char *newline = memchr(text + start, '\n', size - start);
		size_t len = newline ? (size_t)(newline - text) - start : size - start;

		ask(&rules, text + start, len, false);
		ask(&rules, text + start, len, true);
		start += len + 1;
	}
	ignore_rules_release(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_and_ask((const char *)data, size, IGNORE_GIT);
	read_and_ask((const char *)data, size, IGNORE_HOUSE);
	return 0;
}
