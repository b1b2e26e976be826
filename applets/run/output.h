/* SPDX-License-Identifier: MIT */
/*
 * What the command writes, when it does not go straight to where it belongs: it comes through
 * pipes, or a terminal of the command's own, and is passed on, copied, stamped, cut, logged or
 * kept for the record. Nobody who reads slowly holds up the watching.
 */
#pragma once

#include "run.h"

#include "base/excerpt.h"
#include "sys/line_prefix.h"
#include "sys/log_writer.h"
#include "sys/outlet.h"
#include "sys/pty.h"
#include "sys/pump.h"

struct stream {
	struct output *output;
	struct pump *pump;
	struct outlet *to; /* borrowed; NULL: it is not passed on */
	struct line_place place, log_place;
	struct excerpt passed;
	struct excerpt kept; /* for the record */
	struct strbuf text;
	bool cut;
	struct strbuf lines; /* the beginning of a line that has no end yet */
	uint64_t bytes;
};

struct output {
	struct run *r;
	struct line_prefix prefix;
	struct stream streams[2];
	struct outlet *outlets[2];
	struct outlet *tee;
	struct log_writer *log;
	bool single;  /* both come as the first stream */
	int64_t last; /* clock_now() of the last byte */
	bool told_out, told_tee, told_log;
	/* --pty */
	struct pty pty;
	struct pump *keys;
	struct outlet *typed;
};

/* 0, or the status after the trouble was reported: files, formats. */
MUST_USE int output_open(struct run *r);
void output_close(struct run *r);
/* False: the command writes where it should by itself. */
bool output_is_wanted(const struct run_opts *opts);

/*
 * For one attempt: puts the pipes in the place of the descriptors in `request`; _started() once
 * the command has them. 0 or -errno.
 */
MUST_USE int output_begin(struct run *r, struct spawn_request *request);
void output_started(struct run *r, const struct spawn_request *request);
/* When the command wrote last, as far as it was not us who let it wait. */
int64_t output_quiet_since(const struct run *r);
/* After each event. */
void output_look(struct run *r);
/* The attempt is over: passes on what is left. 0 or -errno. */
MUST_USE int output_finish(struct run *r);

/* stream.c: a piece of a stream, which is `user`. */
void output_take(const char *bytes, size_t len, void *user);

/* A reader of it has enough for now. */
bool output_is_full(const struct output *o, const struct stream *s);
/* What was held back for want of an end. */
void output_end_stream(struct stream *s);

/* terminal.c: the terminal of one's own. 0 or -errno. */
MUST_USE int output_begin_pty(struct run *r, struct spawn_request *request);
void output_end_pty(struct run *r);
