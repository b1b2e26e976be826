/* SPDX-License-Identifier: MIT */
/*
 * JSON text, one value at a time, into a strbuf. Strings are made of hostile
 * bytes: what is not valid UTF-8 becomes U+FFFD; control, C1, bidirectional
 * characters and U+2028/9 become \u escapes, so that a line of JSON is safe on a
 * terminal. Pure functions.
 */
#pragma once

#include "base/strbuf.h"

/* A quoted string. Returns false when bytes had to be replaced by U+FFFD. */
bool json_add_string(struct strbuf *b, const char *s, size_t len);
/* `"key":"value"`, and `,"key_b64":"..."` behind it when the value is not valid UTF-8. */
void json_add_name(struct strbuf *b, const char *key, const char *value, size_t len);
/* Epoch seconds with up to nine exact decimals: 1795332623.5, -1.25, 0. */
void json_add_time(struct strbuf *b, int64_t seconds, uint32_t nanoseconds);
/* RFC 4648 base64 with padding, without quotes. */
void json_add_base64(struct strbuf *b, const void *data, size_t len);
