/* SPDX-License-Identifier: MIT */
/*
 * Reads what arrives at a descriptor, a pipe or a terminal, in an event loop, and hands it on in
 * pieces. It never waits for the descriptor, and its memory is one buffer.
 */
#pragma once

#include "sys/event_loop.h"

struct pump;

/* A piece of what was read. It may pause the pump, but not free it. */
typedef void pump_deliver(const char *bytes, size_t len, void *user);

struct pump_request {
	struct event_loop *loop;
	int fd; /* readable, above 2; owned by the pump from now on, even when pump_new() fails */
	pump_deliver *deliver;
	void *user;
};

/* 0 or -errno. */
MUST_USE int pump_new(const struct pump_request *request, struct pump **ret);
/* Closes the descriptor: who writes to the pipe is told so by the kernel. */
struct pump *pump_free(struct pump *p);

/* What arrives meanwhile stays where it is, and the writer waits when there is no room. */
void pump_pause(struct pump *p, bool paused);
bool pump_is_paused(const struct pump *p);
/* Nobody has it open for writing any more, and all was read. */
bool pump_ended(const struct pump *p);
/*
 * For a writer that has ended while others may still hold the pipe: takes what is there now, up
 * to what a pipe holds. A terminal hands it over a little later, `is_late`. Does nothing while
 * paused. True: there is no more to be expected.
 */
bool pump_drain(struct pump *p, bool is_late);
