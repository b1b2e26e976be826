/* SPDX-License-Identifier: MIT */
/*
 * How busy the machine is: /proc/loadavg, /proc/uptime, /proc/pressure (Linux, Documentation/
 * accounting/psi.rst). Parsers are pure.
 */
#pragma once

#include "base/base.h"
#include "sys/machine.h"

struct load_average {
	uint64_t centi[3];        /* hundredths: 1, 5 and 15 minutes */
	uint64_t runnable, tasks; /* scheduling entities now */
};

/* "0.20 0.18 0.12 1/80 11206". 0 or -EBADMSG. */
MUST_USE int load_average_parse(const char *text, size_t len, struct load_average *ret);

/* "12345.67 45678.90": nanoseconds. 0 or -EBADMSG. */
MUST_USE int uptime_parse(const char *text, size_t len, int64_t *ret_ns);

/* Shares of time, in hundredths of a percent, that tasks waited for a resource. */
struct pressure {
	uint64_t avg10, avg60, avg300;
};

/* The line "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", or "full". 0 or -ENOENT. */
MUST_USE int pressure_parse(const char *text, size_t len, const char *kind, struct pressure *ret);
