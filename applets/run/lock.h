/* SPDX-License-Identifier: MIT */
/* What a lock file says about who holds it. It is hostile: anybody may have written it. */
#pragma once

#include "run.h"

struct lock_holder {
	pid_t pid;
	uint64_t start; /* as in struct process_ref */
	struct timespec started;
	struct strbuf words; /* of its command, each ends with NUL; to be released */
};

/* 0, or -EINVAL: it says nothing of the kind. */
MUST_USE int lock_note_read(int fd, struct lock_holder *ret);
