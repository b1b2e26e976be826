/* SPDX-License-Identifier: MIT */
/*
 * Names in the quoting styles of GNU's tools. quote_shell() is the one for
 * everyday use: a name made safe for a terminal and pasteable into a shell, in GNU's
 * shell-escape style: plain when nothing needs quoting, 'a b', "it's",
 * 'esc'$'\033''[31m'. Control, bidirectional, zero-width and invalid bytes
 * never come out raw. A name with a ' that ends with an escape is right here, where
 * coreutils 9.1 prints something no shell reads back. Pure functions.
 */
#pragma once

#include "base/strbuf.h"

/* Quotes only when needed: for names in listings on a terminal. */
void quote_shell(struct strbuf *b, const char *name, size_t len);
/* Whether quote_shell() would change the name. */
bool quote_shell_is_needed(const char *name, size_t len);
/* Always in quotes, as GNU's messages do: cannot access 'x'. */
void quote_shell_always(struct strbuf *b, const char *name, size_t len);

/* gnulib's quotearg styles. Quotes of the locale are those of the C locale. */
enum quote_style {
	QUOTE_LITERAL, /* the bytes */
	QUOTE_SHELL,   /* in quotes where a shell needs them; control bytes as they are */
	QUOTE_SHELL_ALWAYS,
	QUOTE_SHELL_ESCAPE, /* as quote_shell() */
	QUOTE_SHELL_ESCAPE_ALWAYS,
	QUOTE_C,       /* "a\tb" */
	QUOTE_ESCAPE,  /* a\tb */
	QUOTE_LOCALE,  /* 'a\tb' */
	QUOTE_CLOCALE, /* "a\tb" */
};

struct quote_form {
	enum quote_style style;
	const char *also; /* further characters that are quoted as if they were special; or "" */
};

void quote_add(struct strbuf *b, const char *name, size_t len, const struct quote_form *form);
/* Adds the bytes with a ? for each character that must not reach a terminal. */
void quote_add_masked(struct strbuf *b, const char *text, size_t len);
