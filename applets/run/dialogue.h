/* SPDX-License-Identifier: MIT */
/* --expect and --send: see dialogue.c. */
#pragma once

#include "run.h"

struct dialogue;

enum { DIALOGUE_EXPECT, DIALOGUE_SEND };

/* 0, or the status of a command line that makes no sense; r->dialogue stays NULL without one. */
MUST_USE int dialogue_prepare(struct run *r);
struct dialogue *dialogue_free(struct dialogue *d);

/* All of these do nothing without a dialogue. At the begin of an attempt, when keys can be typed.
 */
void dialogue_begin(struct run *r);
/* What the command shows. */
void dialogue_see(struct run *r, const char *bytes, size_t len);
/* Was something not seen in time? */
bool dialogue_is_late(const struct run *r);
/* The attempt is over. True: all that was expected was seen; else it is said what was not. */
bool dialogue_end(struct run *r);
