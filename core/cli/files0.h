/* SPDX-License-Identifier: MIT */
/* Operands that come from a file, each ended by a NUL: --files0-from=FILE. */
#pragma once

#include "base/strbuf.h"
#include "base/vec.h"
#include "cli/diag.h"

/* Zeroed: none were read. */
struct files0 {
	struct strbuf text; /* owned */
	struct {
		VEC_FIELDS(char *);
	} names; /* owned; they point into `text`, and NULL is the last */
};

/*
 * Reads the operands that are in `file`, or on standard input when it is "-". 0, or the exit
 * status after the trouble was reported. An empty name, and "-" among names that come from
 * standard input, are reported and left out.
 */
MUST_USE int files0_read(struct diag *d, const char *file, struct files0 *ret);
void files0_release(struct files0 *f);
