/* SPDX-License-Identifier: MIT */
/* Where a symbolic link leads. */
#pragma once

#include "base/strbuf.h"

/* Adds the target of the link `name` in `dirfd`, of any length. 0 or -errno. */
MUST_USE int link_target(int dirfd, const char *name, struct strbuf *ret);
