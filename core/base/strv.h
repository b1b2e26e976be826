/* SPDX-License-Identifier: MIT */
/* Lists of borrowed strings, in the order they were added. */
#pragma once

#include "base/vec.h"

struct strv {
	VEC_FIELDS(const char *);
};

/* A string and what it was given as: which option of a family, say. */
struct tagged_str {
	int tag;
	const char *text;
};

struct tagged_strv {
	VEC_FIELDS(struct tagged_str);
};
