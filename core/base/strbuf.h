/* SPDX-License-Identifier: MIT */
/*
 * A growing byte string. `data` is always NUL-terminated after the first
 * addition and strbuf_str() always is. A buffer that is fed by input carries
 * a limit: past it, additions are dropped and `overflowed` stays set until
 * strbuf_clear(). A zeroed struct is an empty buffer without a limit.
 */
#pragma once

#include "base/base.h"

#include <stdarg.h>

struct strbuf {
	char *data; /* owned; NULL while nothing was added */
	size_t len;
	size_t cap;
	size_t limit; /* 0: none */
	bool overflowed;
};

void strbuf_add(struct strbuf *b, const void *bytes, size_t len);
void strbuf_add_str(struct strbuf *b, const char *s);
void strbuf_add_char(struct strbuf *b, char c);
void strbuf_add_u64(struct strbuf *b, uint64_t value);
/* scaled / 10^decimals, with so many decimals. */
void strbuf_add_fixed(struct strbuf *b, int64_t scaled, int decimals);
void strbuf_add_format(struct strbuf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void strbuf_add_vformat(struct strbuf *b, const char *format, va_list args) PRINTF_LIKE(2, 0);
/* Adds `n` times the byte `c`. */
void strbuf_add_fill(struct strbuf *b, char c, size_t n);
/* Makes the buffer `len` bytes long; only shortens. */
void strbuf_truncate(struct strbuf *b, size_t len);
/* Empty, memory kept. */
void strbuf_clear(struct strbuf *b);
/* Releases the memory; the struct is an empty buffer again. */
void strbuf_release(struct strbuf *b);
/* Hands the string over to the caller, who frees it; never NULL. */
char *strbuf_detach(struct strbuf *b);
/* Borrowed, NUL-terminated, "" when empty. */
const char *strbuf_str(const struct strbuf *b);

#define AUTO_RELEASE_STRBUF __attribute__((cleanup(strbuf_release)))
