/* SPDX-License-Identifier: MIT */
/* Private to usage*.c: the walk's hooks, made of the filter and of --exclude-kernfs. */
#pragma once

#include "fs/usage.h"

struct usage_select {
	struct walk_select filter; /* the filter's own hooks */
	struct walk_select hooks;  /* what the walk gets */
	bool in_use;               /* false: `hooks` has nothing to say */
};

/* `select` must stay where it is while the walk runs. */
void usage_select_init(struct usage_select *select, const struct usage_opts *opts);
/* For walk_opts.select. */
const struct walk_select *usage_select_hooks(const struct usage_select *select);
