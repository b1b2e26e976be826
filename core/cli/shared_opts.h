/* SPDX-License-Identifier: MIT */
/* Option tables that applets splice in with OPT_SHARED: one name, letter and sentence everywhere.
 */
#pragma once

#include "cli/opt.h"
#include "cli/out.h"

/* Fills a struct out_opts: -0 --zero --null --print0, --json. */
extern const struct opt_table out_opt_table;

/* Of --progress[=WHEN]: enum progress_when. */
extern const struct opt_choice progress_choices[];
