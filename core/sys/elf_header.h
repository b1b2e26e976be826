/* SPDX-License-Identifier: MIT */
/* What an ELF file says about what it runs on (elf(5)): read by hand, for any machine's. */
#pragma once

#include "base/base.h"

struct elf_header {
	unsigned bits; /* 32 or 64 */
	bool is_big_endian;
	unsigned machine;     /* EM_* */
	char interpreter[64]; /* the dynamic loader; "" for a static program */
};

/* From an open file. 0, -errno, or -ENOEXEC when it is no ELF program. */
MUST_USE int elf_header_read(int fd, struct elf_header *ret);
