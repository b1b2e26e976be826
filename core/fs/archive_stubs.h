/* SPDX-License-Identifier: MIT */
/* Parts of libarchive that are not linked; see archive_stubs.c. */
#pragma once

/* The formats that cannot be written; ends with NULL. */
extern const char *const archive_left_out[];
