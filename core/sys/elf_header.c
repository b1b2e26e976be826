/* SPDX-License-Identifier: MIT */
#include "sys/elf_header.h"

#include <elf.h>
#include <errno.h>

enum { PROGRAM_HEADERS_MAX = 64 };

struct elf {
	int fd;
	struct elf_header header;
};

/* A number of `size` bytes in the file's byte order. */
static uint64_t number(const struct elf *e, const unsigned char *at, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++) {
		size_t from = e->header.is_big_endian ? i : size - 1 - i;

		value = value << 8 | at[from];
	}
	return value;
}

static bool read_at(int fd, void *buffer, size_t len, uint64_t offset)
{
	return offset <= INT64_MAX && pread(fd, buffer, len, (off_t)offset) == (ssize_t)len;
}

static void take_interpreter(struct elf *e, uint64_t offset, uint64_t size)
{
	char text[sizeof(e->header.interpreter)] = { 0 };

	if (size == 0 || size > sizeof(text) || !read_at(e->fd, text, (size_t)size, offset) ||
	    text[size - 1] != '\0')
		return;
	(void)snprintf(e->header.interpreter, sizeof(e->header.interpreter), "%s", text);
}

int elf_header_read(int fd, struct elf_header *ret)
{
	unsigned char ident[64];
	struct elf e = { .fd = fd };
	bool is_64;
	uint64_t table;
	uint64_t entry_size;
	uint64_t entries;

	if (!read_at(fd, ident, sizeof(ident), 0) || memcmp(ident, ELFMAG, SELFMAG) != 0 ||
	    (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64) ||
	    (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB))
		return -ENOEXEC;
	is_64 = ident[EI_CLASS] == ELFCLASS64;
	e.header.bits = is_64 ? 64 : 32;
	e.header.is_big_endian = ident[EI_DATA] == ELFDATA2MSB;
	e.header.machine = (unsigned)number(&e, ident + 18, 2);
	table = is_64 ? number(&e, ident + 32, 8) : number(&e, ident + 28, 4);
	entry_size = number(&e, ident + (is_64 ? 54 : 42), 2);
	entries = number(&e, ident + (is_64 ? 56 : 44), 2);
	for (uint64_t i = 0; i < entries && i < PROGRAM_HEADERS_MAX; i++) {
		unsigned char entry[sizeof(Elf64_Phdr)];
		const size_t size = is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

		if (entry_size < size || table > INT64_MAX - i * entry_size ||
		    !read_at(fd, entry, size, table + i * entry_size))
			break;
		if (number(&e, entry, 4) != PT_INTERP)
			continue;
		if (is_64)
			take_interpreter(&e, number(&e, entry + 8, 8), number(&e, entry + 32, 8));
		else
			take_interpreter(&e, number(&e, entry + 4, 4), number(&e, entry + 16, 4));
		break;
	}
	*ret = e.header;
	return 0;
}
