/* SPDX-License-Identifier: MIT */
/*
 * A name made safe for a terminal and pasteable into a shell, in GNU's
 * shell-escape style: plain when nothing needs quoting, 'a b', "it's",
 * 'esc'$'\033''[31m'. Control, bidirectional, zero-width and invalid bytes
 * never come out raw. A name with a ' that ends with an escape is right here, where
 * coreutils 9.1 prints something no shell reads back. Pure functions.
 */
#pragma once

#include "base/strbuf.h"

/* Quotes only when needed: for names in listings on a terminal. */
void quote_shell(struct strbuf *b, const char *name, size_t len);
/* Always in quotes, as GNU's messages do: cannot access 'x'. */
void quote_shell_always(struct strbuf *b, const char *name, size_t len);
