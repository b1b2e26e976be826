/* SPDX-License-Identifier: MIT */
/* What is known about a file system from its type's name. Pure. */
#pragma once

#include "base/base.h"

enum fstype_trait {
	FSTYPE_REMOTE = 1 << 0, /* on the network: a server may be gone */
	FSTYPE_PSEUDO = 1 << 1, /* stores nothing */
	FSTYPE_KERNEL = 1 << 2, /* pseudo, and its files are made up by the kernel */
};

/*
 * A set of enum fstype_trait. Types that are not in the table are judged by the source:
 * //server/share, and host:path for file systems in user space.
 */
unsigned fstype_traits(const char *fstype, const char *source);
