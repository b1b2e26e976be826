/* SPDX-License-Identifier: MIT */
/* Names in tables for people. */
#pragma once

#include "cli/out.h"

/*
 * Adds a name to a cell. Quoted on a terminal. Elsewhere as it is, but a control character
 * would break the line: it becomes a question mark, as in df. Records have the exact bytes.
 */
void plain_name_add(const struct out *o, struct strbuf *cell, const char *name);
