/* SPDX-License-Identifier: MIT */
/*
 * Writers nobody needs. libarchive keeps a table of every writer beside functions
 * that the wanted ones call, so linking one links all, and xar's drags in libxml2
 * and its dozen libraries. Defining the entry points here keeps their members of
 * the static library out; they fail with a message, as an unknown format does.
 */
#include "fs/archive_stubs.h"

#include <archive.h>
#include <errno.h>

#define LEFT_OUT(name)                                                        \
	int archive_write_set_format_##name(struct archive *a)                \
	{                                                                     \
		archive_set_error(a, ENOTSUP, "%s cannot be written", #name); \
		return ARCHIVE_FATAL;                                         \
	}

LEFT_OUT(xar)
LEFT_OUT(7zip)
LEFT_OUT(iso9660)
LEFT_OUT(mtree)
LEFT_OUT(mtree_classic)
LEFT_OUT(shar)
LEFT_OUT(shar_dump)
LEFT_OUT(warc)
LEFT_OUT(ar_bsd)
LEFT_OUT(ar_svr4)

const char *const archive_left_out[] = { "xar",  "7zip", "iso9660", "mtree",
	                                 "shar", "warc", "ar",      NULL };
