/* SPDX-License-Identifier: MIT */
/*
 * The table of finished jobs that GNU parallel writes with --joblog: one line each, tabs between
 *
 *     Seq Host Starttime JobRuntime Send Receive Exitval Signal Command
 *
 * below a line with these words. Seconds have three decimals, the run time is padded to ten
 * columns; Host is ":" for this machine. The command stands last and may hold tabs. A line that
 * a killed run left without its newline is no line. Pure.
 */
#pragma once

#include "base/strbuf.h"

#include <time.h>

extern const char joblog_header[]; /* with its newline */

struct joblog_entry {
	uint64_t seq;
	struct timespec started;
	int64_t wall_ns;
	uint64_t received; /* bytes of standard output */
	int exit;
	int signal;          /* 0: it exited */
	const char *command; /* one line; borrowed */
	size_t command_len;
};

void joblog_add(struct strbuf *ret, const struct joblog_entry *entry);
/*
 * One line without its newline. 0, or -EINVAL: it is none of a job (the header is none). What
 * is not kept, the host and the times, is not looked at but for being there.
 */
MUST_USE int joblog_parse(const char *line, size_t len, struct joblog_entry *ret);
/* How many of the `len` bytes are whole lines. */
size_t joblog_whole_len(const char *text, size_t len);
