/* SPDX-License-Identifier: MIT */
#include "machine_tree.h"

#include "tree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXTURE_MAX = 1 << 20, PATH_LEN = 1024 };

static unsigned hex_digit(char c)
{
	const char *at = strchr("0123456789abcdef", c);

	cr_assert(at != NULL && c != '\0', "no hexadecimal digit: %c", c);
	return (unsigned)(at - "0123456789abcdef");
}

/* In place. */
static size_t from_hex(char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < len;) {
		if (text[i] == '\n') {
			i++;
			continue;
		}
		text[n++] = (char)(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
		i += 2;
	}
	return n;
}

static void add_entry(char *heading, char *content, size_t len, const char *dir)
{
	char path[PATH_LEN];
	char *arrow = strstr(heading, " -> ");
	char *how = strstr(heading, " !");

	if (arrow != NULL)
		*arrow = '\0';
	if (how != NULL)
		*how = '\0';
	(void)snprintf(path, sizeof(path), "%s/%s", dir, heading);
	if (arrow != NULL) {
		tree_symlink(path, arrow + 4);
		return;
	}
	if (how != NULL && strcmp(how + 2, "hex") == 0)
		len = from_hex(content, len);
	for (size_t i = 0; how != NULL && strcmp(how + 2, "nul") == 0 && i < len; i++)
		if (content[i] == '\n')
			content[i] = '\0';
	tree_file(path, content, len);
}

void machine_tree_text(const char *text, const char *dir)
{
	/* In front of the first heading stands a newline, as in front of all others. */
	char *copy = malloc(strlen(text) + 2);
	char *at;

	copy[0] = '\n';
	memcpy(copy + 1, text, strlen(text) + 1);
	at = strstr(copy, "\n== ");
	tree_dir(dir);
	while (at != NULL) {
		char *heading = at + 4;
		char *end = strchr(heading, '\n');
		char *next;

		cr_assert_not_null(end, "a heading without an end");
		next = strstr(end, "\n== ");
		*end = '\0';
		/* The newline in front of the next heading ends the content, if there is any. */
		if (next == end)
			add_entry(heading, end + 1, 0, dir);
		else
			add_entry(heading, end + 1,
			          next != NULL ? (size_t)(next - end) : strlen(end + 1), dir);
		at = next;
	}
	free(copy);
}

void machine_tree(const char *name, const char *dir)
{
	char path[PATH_LEN];
	char *text = malloc(FIXTURE_MAX);
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), DUTYBOX_FIXTURES "/machines/%s", name);
	file = fopen(path, "re");
	cr_assert_not_null(file, "cannot open %s", path);
	len = fread(text, 1, FIXTURE_MAX - 1, file);
	(void)fclose(file);
	text[len] = '\0';
	machine_tree_text(text, dir);
	free(text);
}
