/* SPDX-License-Identifier: MIT */
/* The half of the option parser that turns a value's text into a field. */
#pragma once

#include "cli/opt.h"

/*
 * Stores `value` (NULL for rows that take none) in the row's field. Messages name the
 * option by its letter, or by its long name when `letter` is 0. False with *reterr when
 * the value makes no sense.
 */
MUST_USE bool opt_store(const struct opt_hit *hit, void *fields, char letter, const char *value,
                        struct opt_error *reterr);
