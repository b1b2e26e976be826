/* SPDX-License-Identifier: MIT */
/*
 * The options of the filter (fs/filter.h), spliced into an applet's table with
 * OPT_SHARED(filter_opt_table, S, field), and what turns their texts into a filter.
 */
#pragma once

#include "cli/diag.h"
#include "cli/opt.h"
#include "fs/filter.h"

/* As typed; all strings are borrowed from argv. */
struct filter_cli_opts {
	struct tagged_strv rules; /* enum filter_tag */
	struct strv types;
	const char *min_size;
	const char *max_size;
	const char *newer;
	const char *older;
	const char *owner;
	bool gitignore;
	bool exclude_caches;
	struct strv exclude_if_present;
	bool gnu_exclude; /* no option: set by an applet that bears GNU du's name */
};

/* Fills a struct filter_cli_opts. No letters: applets have their own. */
extern const struct opt_table filter_opt_table;

/*
 * 0 with *ret, or the exit status after the trouble was reported. The strings must
 * outlive the filter.
 */
MUST_USE int filter_cli_compile(struct diag *d, const struct filter_cli_opts *opts,
                                struct filter **ret);
/*
 * The two halves of it, for an applet that looks at metadata itself: the values, and the filter
 * of what is left in them. 0, or the exit status after the trouble was reported.
 */
MUST_USE int filter_cli_read(struct diag *d, const struct filter_cli_opts *opts,
                             struct filter_opts *ret);
MUST_USE int filter_cli_build(struct diag *d, const struct filter_opts *opts, struct filter **ret);
/* Says so when ignore files had to be left out during the walk; counts as partial. */
void filter_cli_finish(struct diag *d, const struct filter *f);

/*
 * The value of a --type: letters (f d l p s c b) or words (file dir symlink fifo socket
 * chardev blockdev), separated by commas, as bits 1 << DT_REG and so on. Adds to *types.
 * 0, or -EINVAL with *reterr.
 */
MUST_USE int filter_cli_parse_types(const char *text, unsigned *types, struct text_error *reterr);
