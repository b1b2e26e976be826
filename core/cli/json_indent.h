/* SPDX-License-Identifier: MIT */
/* JSON for people to read. Pure. */
#pragma once

#include "base/strbuf.h"

/* Adds valid JSON with a member or element a line, two blanks for each level; {} and [] stay. */
void json_indent(const char *json, size_t len, struct strbuf *ret);
