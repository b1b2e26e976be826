/* SPDX-License-Identifier: MIT */
/*
 * The distribution, from os-release(5): /etc/os-release, or else /usr/lib/os-release, never a
 * mixture. Values are unquoted as a POSIX shell would: '...' literally, "..." with backslashes
 * before $ " ` \ and newlines.
 */
#pragma once

#include "base/strbuf.h"
#include "sys/machine.h"

struct os_release {
	struct strbuf pairs; /* KEY=VALUE, each ends with a NUL; keys as they come, a later one
	                        of the same name replaces the earlier */
	const char *source;  /* "/etc/os-release"; NULL: there is none */
	size_t malformed;    /* lines that made no sense and were left out */
};

/* Adds the pairs of `len` bytes. Pure. */
void os_release_parse(const char *text, size_t len, struct os_release *ret);
/* 0 or -errno of the last file that was tried. A zeroed struct is filled. */
MUST_USE int os_release_read(const struct machine *m, struct os_release *ret);
void os_release_release(struct os_release *release);
/* The value; NULL when it is not there. */
const char *os_release_get(const struct os_release *release, const char *key);
