/* SPDX-License-Identifier: MIT */
/* The words and letters for types of files, the same in options and records. Pure functions. */
#pragma once

#include "base/strbuf.h"

#include <sys/types.h>

/* "file", "dir", "symlink", "fifo", "socket", "chardev", "blockdev" or "unknown", for a DT_*. */
const char *file_type_word(unsigned char type);
/* The DT_* that a word of `len` bytes or a letter of find's stands for; DT_UNKNOWN for neither. */
unsigned char file_type_of_word(const char *word, size_t len);
unsigned char file_type_of_letter(char letter);
/* The letter ls -l begins a line with, by st_mode: "-" for a file, "d", ... */
char file_mode_letter(mode_t mode);
/* Adds the ten characters of it: "drwxr-xr-x". */
void file_mode_add(struct strbuf *b, uint32_t mode);
