/* SPDX-License-Identifier: MIT */
/*
 * Command lines without a shell: words with a shell's simple quoting. Blanks separate, '...' is
 * literal, in "..." a backslash stands before " \ $ ` or a newline, elsewhere before any
 * character. What a shell would act on is refused instead of taken literally, so that no line
 * means something else than it says: outside quotes | & ; < > ( ) $ ` * ? [ and a ~ that begins
 * a word, inside "..." $ and `. A # that begins a word begins a comment. Pure.
 */
#pragma once

#include "base/strbuf.h"
#include "base/text.h"

/*
 * Adds the words of the `len` bytes at `line` to `ret`, a NUL behind each; *ret_n is how many
 * they are. 0, or -EINVAL with *reterr: an open quote, a character of the shell's, a NUL.
 */
MUST_USE int word_split(const char *line, size_t len, struct strbuf *ret, size_t *ret_n,
                        struct text_error *reterr);
