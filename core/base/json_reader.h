/* SPDX-License-Identifier: MIT */
/*
 * A pull parser for JSON (RFC 8259) from anywhere, in constant memory: one token a
 * call, no allocation per token, limits on nesting and on the length of strings. One
 * value is the whole input. Strict, but for bytes in strings that are not valid UTF-8:
 * they are kept as they are, since ncdu writes names that way.
 */
#pragma once

#include "base/base.h"

#include <sys/types.h>

enum json_event {
	JSON_END, /* the input is over and was valid */
	JSON_OBJECT_BEGIN,
	JSON_OBJECT_END,
	JSON_ARRAY_BEGIN,
	JSON_ARRAY_END,
	JSON_KEY,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

struct json_token {
	enum json_event event;
	/*
	 * Keys and strings: the bytes, escapes decoded, a NUL behind them (\u0000 gives a
	 * NUL inside). Numbers: the text, without a NUL. Borrowed until the next call.
	 */
	const char *text;
	size_t len;
	bool is_u64, is_i64; /* numbers: integral, without point and exponent, and in range */
	uint64_t u64;
	int64_t i64;
	uint64_t offset; /* of the first byte in the input */
};

struct json_error {
	const char *reason; /* static, a lower-case phrase */
	uint64_t offset;    /* bytes from the start of the input */
};

/* Bytes read into `buffer`, 0 at the end, or -errno. */
typedef ssize_t json_read(void *user, void *buffer, size_t size);

struct json_source {
	json_read *read;
	void *user;
	size_t depth_max;  /* containers inside each other, >= 1 */
	size_t string_max; /* bytes of a key, string or number, >= 1 */
};

struct json_reader;

struct json_reader *json_reader_new(const struct json_source *source);
struct json_reader *json_reader_free(struct json_reader *r);
DEFINE_AUTO_FREE(json_reader)

/*
 * The next token. 0; -EBADMSG when the input is not JSON, -E2BIG when it is beyond a
 * limit (json_reader_error() says more on both), or what the read callback returned.
 * Failures stick; so does JSON_END. A surrogate \u escape without its other half is
 * U+FFFD.
 */
MUST_USE int json_reader_next(struct json_reader *r, struct json_token *ret);
/*
 * After JSON_KEY or where a value may stand: reads one value and drops it. After
 * JSON_OBJECT_BEGIN or JSON_ARRAY_BEGIN use json_reader_leave().
 */
MUST_USE int json_reader_skip(struct json_reader *r);
/* Drops what is left of the innermost container, its end included. */
MUST_USE int json_reader_leave(struct json_reader *r);
/* How many containers are open. */
size_t json_reader_depth(const struct json_reader *r);
/* Where reading stopped and why; the offset of the next byte while all is well. */
struct json_error json_reader_error(const struct json_reader *r);
