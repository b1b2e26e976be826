/* SPDX-License-Identifier: MIT */
/* A snapshot in JSON, taken apart into single facts for --diff. */
#pragma once

#include "base/vec.h"

/* "cpu.online" and "2"; "mounts[/home].fstype" with the length of "mounts[/home]". */
struct fact {
	char *key;
	char *value; /* NULL for null */
	size_t row;  /* 0: not in a row */
};

struct facts {
	VEC_FIELDS(struct fact); /* by key */
	bool has_schema;
	uint64_t schema;
};

/* A zeroed struct is filled. 0, -EBADMSG, or -E2BIG beyond what a snapshot may be. */
MUST_USE int facts_parse(const char *text, size_t len, struct facts *ret);
void facts_release(struct facts *f);
