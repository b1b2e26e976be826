/* SPDX-License-Identifier: MIT */
/*
 * Paths without symbolic links, as Python's os.path.realpath(): of any length, and with any
 * number of links on the way, where the kernel follows 40. Each link is read once.
 */
#pragma once

#include "base/strbuf.h"

/*
 * Adds the path that `path` leads to, absolute and normal; `cwd` is the working directory,
 * absolute and free of links. Names that do not exist stay as they are, and so does all from
 * the first link on that leads back to itself; `strict` makes both errors. 0 or -errno.
 */
MUST_USE int real_path(struct strbuf *ret, const char *path, const char *cwd, bool strict);
