/* SPDX-License-Identifier: MIT */
/*
 * The trash of desktops, as the FreeDesktop.org Trash specification 1.0 has it: the file goes to
 * files/NAME, and info/NAME.trashinfo says where it came from and when. What is on the file system
 * of the home trash goes there; else to the top directory of its own: $top/.Trash/$uid where the
 * administrator made a sticky .Trash, or $top/.Trash-$uid.
 */
#pragma once

#include "base/strbuf.h"

#include <sys/stat.h>
#include <time.h>

struct trash_request {
	const char *home; /* the home trash, an absolute path; NULL: there is none */
	int dirfd;        /* the file is in there, */
	const char *name; /* under this single name */
	struct stat st;   /* as it is, not followed */
	struct timespec now;
};

/*
 * Moves it in one step; nothing is ever copied or replaced. 0 with its new path added to *ret, or
 * -errno: then it is where it was.
 */
MUST_USE int trash_put(const struct trash_request *request, struct strbuf *ret);
