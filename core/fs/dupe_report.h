/* SPDX-License-Identifier: MIT */
/*
 * Reads the groups of an earlier "dupes --json" back, perhaps edited since. Nothing in it is
 * believed but which names are meant: the list says which inode each must be, and who acts on it
 * compares both again. A pure parser: it opens nothing.
 *
 * NDJSON; records other than "group" are passed over. A group counts when its "by" has "content"
 * in it, has a "size", and each of its "files" has "path" (with "path_b64" where that is not the
 * exact name), "ino", "dev" and "keep"; one of them must stay.
 */
#pragma once

#include "fs/same_keep.h"

struct dupe_report_error {
	size_t line;        /* from 1 */
	const char *reason; /* static, goes on "line 3 ...": "is malformed" */
};

/*
 * Adds the files to `list`, each as an operand of its own with its device, inode and size, and
 * the groups with two members or more to `ret` (zeroed, or of an earlier call), those that
 * stay first, with SAME_KEEP, SAME_REF and SAME_LINK set. 0, or -EBADMSG with *reterr; `ret` is to
 * be released either way. `list` was made for one worker.
 */
MUST_USE int dupe_report_read(const char *text, size_t len, struct file_list *list,
                              struct same_result *ret, struct dupe_report_error *reterr);
