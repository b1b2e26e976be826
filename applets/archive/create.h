/* SPDX-License-Identifier: MIT */
/* Between create.c, which makes an archive, and create_opts.c, which finds out how. */
#pragma once

#include "archive.h"
#include "formats.h"
#include "fs/archive_make.h"
#include "sys/users.h"
#include "target.h"

struct creation {
	struct archive_run *run;
	const struct write_format *format;
	char *path; /* of the archive, with a suffix where one was missing; owned */
	int level;
	struct target target;
	struct source_list list;
	struct archive_make_opts make;
	struct archive_made made;
	struct users *users;
	struct crew *crew;
	uint64_t packed;
	uint64_t written; /* members, for their records */
	uint64_t errors;  /* of the walk */
	bool verified;
	struct {
		VEC_FIELDS(char *);
	} operands;           /* owned; NULL is the last */
	char *base;           /* --directory with a slash; owned */
	char *owner_names[2]; /* owned */
	struct strbuf line;
};

/* The options, and what follows from them. 0, or the exit status after the trouble was reported. */
MUST_USE int creation_read_options(struct creation *c, const char *archive);
