/* SPDX-License-Identifier: MIT */
/* All bytes of a stream (a pipe, a terminal, a file) into a file, and perhaps into a second one. */
#pragma once

#include "base/base.h"

struct pour {
	int from;
	int to;       /* -1: nowhere */
	int tee;      /* -1: nowhere */
	uint64_t max; /* bytes; more are -EFBIG, and are not written. 0: no limit */
	/* May be NULL. True: -ECANCELED, before more is read. */
	bool (*stopped)(void);
};

enum pour_side { POUR_FROM, POUR_TO, POUR_TEE };

/*
 * Until the stream ends: 0 with the bytes in *ret. Or -errno with *reterr: whose trouble it is.
 * Short transfers are continued, and what a signal interrupts, unless `stopped` says so.
 */
MUST_USE int pour_run(const struct pour *p, uint64_t *ret, enum pour_side *reterr);
