/* SPDX-License-Identifier: MIT */
/*
 * File modes as people write them, chmod's grammar (POSIX.1-2024 chmod, with GNU's additions): an
 * octal number, or clauses like u=rwX,go-w,+t. Pure functions.
 */
#pragma once

#include "base/base.h"
#include "base/text.h"

#include <sys/stat.h>

enum { FILE_MODE_BITS = 07777 };

struct file_mode;

/* 0, or -EINVAL with *reterr saying what and where. */
MUST_USE int file_mode_parse(const char *text, struct file_mode **ret, struct text_error *reterr);
struct file_mode *file_mode_free(struct file_mode *m);
DEFINE_AUTO_FREE(file_mode)

/* It was written as a number. */
bool file_mode_is_octal(const struct file_mode *m);

/* What a mode is applied to. */
struct file_mode_on {
	mode_t old;  /* the permission bits there are */
	mode_t mask; /* the umask: what clauses without u, g, o or a leave alone */
	bool is_dir; /* X means x, and set-id bits stay unless they are named */
	/*
	 * Not as chmod has it: a number of four digits decides about all bits, also about set-id
	 * bits of directories; one of three leaves set-id and sticky bits alone, also those of
	 * files.
	 */
	bool exact;
};

/* The new bits; *ret_named: those that the text decides about (may be NULL). */
mode_t file_mode_apply(const struct file_mode *m, const struct file_mode_on *on, mode_t *ret_named);
