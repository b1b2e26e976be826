/* SPDX-License-Identifier: MIT */
/*
 * Time: the monotonic clock for intervals, and points in time from and to text.
 * The local zone is TZ's, read by the C library on first use.
 */
#pragma once

#include "base/strbuf.h"
#include "base/text.h"

/* Nanoseconds on CLOCK_MONOTONIC. */
int64_t clock_now(void);
struct timespec clock_wall(void);

/*
 * A point in time: @EPOCH[.frac], YYYY-MM-DD[(T| )HH:MM[:SS[.frac]][Z|+hh:mm]], or a
 * duration (human.h) meaning that long before `now`. 0, -EINVAL or -ERANGE with *reterr.
 */
MUST_USE int clock_parse(const char *text, struct timespec now, struct timespec *ret,
                         struct text_error *reterr);

/*
 * GNU's --time-style for du and ls: "full-iso", "long-iso", "iso" or "+FORMAT" (strftime,
 * and %N for nanoseconds). Adds the local time; times out of tm's range as a number.
 */
void clock_add_time(struct strbuf *b, struct timespec t, const char *style);
/* True when clock_add_time() knows the style. */
bool clock_style_is_known(const char *style);
