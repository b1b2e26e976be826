/* SPDX-License-Identifier: MIT */
/* What is wrong with a text somebody typed, and where in it. */
#pragma once

#include <stddef.h>

struct text_error {
	const char *reason; /* static, a lower-case phrase: "no ] for this [" */
	size_t offset;      /* bytes from the start of the text */
	size_t len;         /* bytes to underline; 0 underlines one column */
};
