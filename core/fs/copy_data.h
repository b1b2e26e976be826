/* SPDX-License-Identifier: MIT */
/*
 * The bytes of one open file into another, new one: shared with it where the file system can
 * do that (FICLONE), else moved by the kernel (copy_file_range), else read and written. Holes stay
 * holes. Nothing else of the file is touched; whether it changed meanwhile, the caller sees
 * from its state before and after.
 */
#pragma once

#include "base/base.h"

#include <sys/stat.h>

enum copy_method { COPY_REFLINK, COPY_RANGE, COPY_BYTES };

/* What one thread learned, and its buffer. Zeroed at first. */
struct copy_way {
	bool no_reflink;
	bool no_range;
	char *buffer; /* owned; made when it is needed */
	/* With bytes that were copied, holes excluded; may be NULL. False: -ECANCELED. */
	bool (*go_on)(uint64_t bytes, void *user);
	void *user;
};

struct copy_result {
	enum copy_method method;
	uint64_t bytes;    /* that were written or shared */
	bool is_short;     /* the source ended before st_size */
	bool write_failed; /* with an error: it is the target's */
};

/*
 * Copies the first st_size bytes of `from`; of a file that says 0, what can be read (as in /proc,
 * at most COPY_UNSIZED_MAX bytes, else -EFBIG). `to` is empty. 0 or -errno.
 */
enum { COPY_UNSIZED_MAX = 64 << 20 };
MUST_USE int copy_data(struct copy_way *way, int from, int to, const struct stat *from_st,
                       struct copy_result *ret);
void copy_way_release(struct copy_way *way);
