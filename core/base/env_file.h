/* SPDX-License-Identifier: MIT */
/*
 * Files of variables, NAME=VALUE a line, as service managers and containers have them. Blank
 * lines and those that begin with # are passed over, "export " before a name too. A value in
 * '...' is taken as it is, one in "..." may have \" \\ \$ \` \n \t and a backslash before a
 * newline, which continues it; both may hold newlines. Else it ends with the line, blanks around it
 * do not count, and nothing in it is special. Nothing is expanded. A name has letters, digits, _,
 * - and ., and does not begin with a digit. Pure.
 */
#pragma once

#include "base/strbuf.h"
#include "base/text.h"

/* Each as NAME=VALUE, in the order of the file. */
typedef void env_file_take(const char *variable, void *user);

/*
 * 0, or -EINVAL with *reterr: the offset counts from the start of the text; what came before
 * was handed over.
 */
MUST_USE int env_file_parse(const char *text, size_t len, env_file_take *take_one, void *user,
                            struct text_error *reterr);
