/* SPDX-License-Identifier: MIT */
/* Where a new archive goes: a temporary file that gets its name when it is complete. */
#pragma once

#include "archive.h"

#include "fs/put_file.h"

struct target {
	const char *path; /* as given; "-" is standard output */
	bool is_stdout;
	int dirfd;
	char *name;    /* in it; owned */
	bool replaces; /* there is one already, which may be replaced */
	dev_t old_dev; /* of it */
	ino_t old_ino; /* 0: there is none */
	int fd;
	struct put_names names;
	struct put put;
};

/* 0, or the exit status after the trouble was reported. */
MUST_USE int target_open(struct archive_run *run, const char *path, struct target *ret);
/* Data to disk, then the name. 0 or the exit status. */
MUST_USE int target_commit(struct archive_run *run, struct target *t);
/* Leaves no trace of what was not committed. */
void target_close(struct target *t);
