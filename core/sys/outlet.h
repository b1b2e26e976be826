/* SPDX-License-Identifier: MIT */
/*
 * Writes to a descriptor in an event loop without ever waiting for its reader, though the
 * descriptor itself, which other processes may share, is not made non-blocking. What the
 * reader does not take is queued; outlet_is_full() says when to stop adding.
 *
 * The process must not be killed by SIGPIPE: a reader that went away shows as -EPIPE.
 */
#pragma once

#include "sys/event_loop.h"

struct outlet;

/* There is room again, or it failed. It may free the outlet. */
typedef void outlet_room(void *user);

struct outlet_request {
	struct event_loop *loop;
	int fd;           /* stays the caller's; open as long as the outlet lives */
	bool nonblocking; /* `fd` is non-blocking already */
	outlet_room *room;
	void *user;
};

struct outlet *outlet_new(const struct outlet_request *request);
/* What is still queued is dropped. */
struct outlet *outlet_free(struct outlet *o);

/* Writes the bytes, or queues them; after a failure they are dropped. */
void outlet_add(struct outlet *o, const char *bytes, size_t len);
bool outlet_is_full(const struct outlet *o);
bool outlet_is_empty(const struct outlet *o);
/* The first failure as -errno, or 0. */
int outlet_error(const struct outlet *o);
