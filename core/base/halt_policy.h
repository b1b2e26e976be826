/* SPDX-License-Identifier: MIT */
/*
 * When many jobs stop early: WHEN,WHAT=N[%], as GNU parallel's --halt: "now,fail=1",
 * "soon,success=3", "now,done=20%", "never". Percentages are of all jobs, whose number must be
 * known for that. Pure.
 */
#pragma once

#include "base/base.h"
#include "base/text.h"

enum halt_when { HALT_NEVER, HALT_SOON, HALT_NOW };
enum halt_what { HALT_FAIL, HALT_SUCCESS, HALT_DONE };

struct halt_policy {
	enum halt_when when;
	enum halt_what what;
	uint64_t n; /* at least 1 */
	bool is_percent;
};

struct halt_count {
	uint64_t failed, succeeded;
	uint64_t total; /* 0: not known; a percentage is never reached then */
};

/* 0, or -EINVAL with *reterr. */
MUST_USE int halt_policy_parse(const char *text, struct halt_policy *ret,
                               struct text_error *reterr);
/* Is it time, now that these are done? */
bool halt_policy_is_met(const struct halt_policy *policy, const struct halt_count *count);
