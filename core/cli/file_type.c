/* SPDX-License-Identifier: MIT */
#include "cli/file_type.h"

#include <dirent.h>
#include <sys/stat.h>

static const struct {
	char word[11];
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

char file_mode_letter(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return '-';
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFBLK:
		return 'b';
	case S_IFCHR:
		return 'c';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	default:
		return '?';
	}
}

/* x, s or S where `special` (set-id, sticky) changes what the execute bit is shown as. */
static char execute_letter(uint32_t mode, uint32_t bit, uint32_t special, char letter)
{
	if ((mode & special) == 0)
		return (mode & bit) != 0 ? 'x' : '-';
	return (mode & bit) != 0 ? letter : (char)(letter & ~0x20);
}

void file_mode_add(struct strbuf *b, uint32_t mode)
{
	const char text[10] = {
		file_mode_letter(mode),
		(mode & S_IRUSR) != 0 ? 'r' : '-',
		(mode & S_IWUSR) != 0 ? 'w' : '-',
		execute_letter(mode, S_IXUSR, S_ISUID, 's'),
		(mode & S_IRGRP) != 0 ? 'r' : '-',
		(mode & S_IWGRP) != 0 ? 'w' : '-',
		execute_letter(mode, S_IXGRP, S_ISGID, 's'),
		(mode & S_IROTH) != 0 ? 'r' : '-',
		(mode & S_IWOTH) != 0 ? 'w' : '-',
		execute_letter(mode, S_IXOTH, S_ISVTX, 't'),
	};

	strbuf_add(b, text, sizeof(text));
}
