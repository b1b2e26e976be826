/* SPDX-License-Identifier: MIT */
/* The formats that can be written, by the names of the options and by suffixes. */
#pragma once

#include "fs/member_write.h"

struct write_format {
	char name[12];      /* of --format */
	char suffix[2][10]; /* of archives */
	uint8_t format;     /* enum member_format */
	uint8_t packing;    /* enum packing */
};

/* NULL: there is none. A suffix also fits in upper case. */
const struct write_format *write_format_by_name(const char *name);
const struct write_format *write_format_by_suffix(const char *path);
const struct write_format *write_format_of(enum member_format format, enum packing packing);
