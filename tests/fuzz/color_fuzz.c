/* SPDX-License-Identifier: MIT */
/*
 * Any text as LS_COLORS: an error points into it, and what parses gives every class of
 * file a colour that lies within what was written. The first line is a file's name.
 */
#include "cli/color.h"

#include "base/mem.h"

#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_file(const struct ls_colors *c, const struct ls_color_file *file, size_t limit)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	const struct ls_color *color = ls_colors_for(c, file);

	ls_colors_add_normal(c, &b);
	if (color != NULL) {
		if (color->len > limit)
			abort();
		ls_colors_add_begin(c, color, &b);
		ls_colors_add_end(c, &b);
	}
	ls_colors_add_clear_line(c, &b);
	ls_colors_add_farewell(c, &b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const mode_t types[] = { 0,       S_IFREG,  S_IFDIR, S_IFLNK,
		                        S_IFIFO, S_IFSOCK, S_IFBLK, S_IFCHR };
	AUTO_FREE_STR char *text = mem_strndup((const char *)data, size);
	size_t name_len = strcspn(text, "\n");
	const char *value = text + name_len + (text[name_len] == '\n');
	AUTO_FREE(ls_colors) struct ls_colors *c = NULL;
	struct text_error error = { 0 };

	if (ls_colors_new(value, &c, &error) < 0) {
		if (c != NULL || error.reason == NULL || error.offset > strlen(value) ||
		    error.len > strlen(value) - error.offset)
			abort();
		return 0;
	}
	for (unsigned bits = 0; bits < 64; bits++) {
		struct ls_color_file file = {
			.name = text,
			.len = name_len,
			.mode = types[bits % ARRAY_LEN(types)] | (bits * 0103 & 07777),
			.target_mode = bits % 3 == 0 ? S_IFREG | 0644 : 0,
			.has_many_links = (bits & 8) != 0,
			.has_capability = (bits & 16) != 0,
			.is_dangling = (bits & 32) != 0,
			.is_missing = bits % 5 == 0,
		};

		check_file(c, &file, strlen(value) + 8);
	}
	return 0;
}
