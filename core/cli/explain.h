/* SPDX-License-Identifier: MIT */
/* The answer to --explain=PATH: which rule of the filter decides, on standard output. */
#pragma once

#include "cli/diag.h"
#include "cli/out.h"
#include "fs/filter.h"

/* Its record, of kind "verdict". */
extern const struct column_table explain_table;

/*
 * `path` is below the operand `root`, whether it repeats that or not. EXIT_YES when the filter
 * includes it, EXIT_NO when not, or the status after the trouble was reported.
 */
MUST_USE int explain_path(struct diag *d, struct out *out, const struct filter *f, const char *root,
                          const char *path);
