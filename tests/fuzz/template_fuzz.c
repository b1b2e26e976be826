/* SPDX-License-Identifier: MIT */
/* The first byte chooses the flags; then the template, a newline, and the path. */
#include "cli/template.h"

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text with its braces doubled stands for itself. */
static void check_doubled(const char *text)
{
	AUTO_RELEASE_STRBUF struct strbuf doubled = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	AUTO_FREE(template) struct template *t = NULL;
	struct template_entry entry = { .path = "x" };
	struct text_error error;

	for (const char *p = text; *p != '\0'; p++)
		strbuf_add_fill(&doubled, *p, *p == '{' || *p == '}' ? 2 : 1);
	if (template_compile(strbuf_str(&doubled), 0, &t, &error) != 0 ||
	    template_has_placeholder(t))
		abort();
	template_expand(t, &entry, &got);
	if (strcmp(strbuf_str(&got), text) != 0)
		abort();
}

/* Everything that a path is divided into is a part of it. */
static void check_parts(const char *path)
{
	static const char *const parts[] = { "{/}", "{//}", "{.}", "{/.}" };
	struct template_entry entry = { .path = path };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
		AUTO_FREE(template) struct template *t = NULL;
		struct text_error error;

		if (template_compile(parts[i], 0, &t, &error) != 0)
			abort();
		template_expand(t, &entry, &got);
		if (strstr(path, strbuf_str(&got)) == NULL && strcmp(got.data, ".") != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE(template) struct template *t = NULL;
	AUTO_FREE_STR char *text = NULL;
	AUTO_FREE_STR char *path = NULL;
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	const char *begin = (const char *)data + 1;
	const char *newline = size > 1 ? memchr(begin, '\n', size - 1) : NULL;
	struct stat st = { .st_mode = S_IFREG, .st_mtim = { -1, 1 } };
	struct template_entry entry = { .st = &st };
	struct text_error error = { 0 };

	if (newline == NULL)
		return 0;
	text = mem_strndup(begin, (size_t)(newline - begin));
	path = mem_strndup(newline + 1, size - 2 - (size_t)(newline - begin));
	entry.path = path;
	check_doubled(text);
	check_parts(path);
	if (template_compile(text, data[0] & TEMPLATE_COMMAND, &t, &error) != 0) {
		if ((data[0] & TEMPLATE_COMMAND) != 0 || error.reason == NULL ||
		    text[error.offset] != '{' || text[error.offset + error.len - 1] != '}')
			abort();
		return 0;
	}
	template_expand(t, &entry, &got);
	if (!template_has_placeholder(t) && got.len > strlen(text))
		abort();
	return 0;
}
