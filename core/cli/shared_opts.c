/* SPDX-License-Identifier: MIT */
#include "cli/shared_opts.h"

#include "cli/progress.h"

static const struct opt out_rows[] = {
	OPT_BOOL('0', "zero", struct out_opts, zero, "end each result with NUL"),
	OPT_ALIAS("null", "zero"),
	OPT_ALIAS("print0", "zero"),
	OPT_BOOL(0, "json", struct out_opts, json, "print one JSON object a line"),
};

const struct opt_table out_opt_table = OPT_TABLE(out_rows);

const struct opt_choice progress_choices[] = {
	{ "auto", PROGRESS_AUTO },
	{ "always", PROGRESS_ALWAYS },
	{ "never", PROGRESS_NEVER },
	{ "", 0 },
};
