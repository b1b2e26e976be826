/* SPDX-License-Identifier: MIT */
#include "cli/file_type.h"

#include <dirent.h>

static const struct {
	const char *word;
	char letter;
	unsigned char type;
} types[] = {
	{ "file", 'f', DT_REG },     { "dir", 'd', DT_DIR },     { "symlink", 'l', DT_LNK },
	{ "fifo", 'p', DT_FIFO },    { "socket", 's', DT_SOCK }, { "chardev", 'c', DT_CHR },
	{ "blockdev", 'b', DT_BLK },
};

const char *file_type_word(unsigned char type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (types[i].type == type)
			return types[i].word;
	}
	return "unknown";
}

unsigned char file_type_of_word(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strlen(types[i].word) == len && memcmp(types[i].word, word, len) == 0)
			return types[i].type;
	}
	return DT_UNKNOWN;
}

unsigned char file_type_of_letter(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (types[i].letter == letter)
			return types[i].type;
	}
	return DT_UNKNOWN;
}
