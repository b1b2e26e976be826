/* SPDX-License-Identifier: MIT */
/*
 * A strict JSON reader (RFC 8259) for tests, independent of the code under test
 * and of Criterion: valid UTF-8 only, no duplicate keys, no lone surrogates, no
 * raw control characters, nothing behind the value. Nothing is freed; memory
 * stays reachable until the process ends, unless json_forget() is called.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	bool boolean;
	char *text;          /* of a string (decoded), or a number as it was written */
	size_t text_len;     /* a string may hold NUL bytes */
	struct json **items; /* of an array or object */
	char **keys;         /* of an object, beside its items; decoded */
	size_t len;
};

struct json_lines {
	struct json **items;
	size_t len;
};

/* The value, or NULL with *reterr saying what is wrong (static) and *ret_at where. */
struct json *json_parse(const char *text, size_t len, const char **reterr, size_t *ret_at);
/* One object a line, each ended by a newline. False with *reterr and *ret_at set. */
bool json_parse_lines(const char *text, size_t len, struct json_lines *ret, const char **reterr,
                      size_t *ret_at);

/* The member, or NULL. A dot steps into an object or an array: "group.files.0". */
const struct json *json_get(const struct json *value, const char *path);
/* The member as a C string; NULL when it is missing or no string. */
const char *json_string(const struct json *value, const char *path);
/* The member as a whole number; `otherwise` when it is missing or is no such number. */
int64_t json_int(const struct json *value, const char *path, int64_t otherwise);
/* The number as it was written, or NULL. */
const char *json_number(const struct json *value, const char *path);
bool json_is_true(const struct json *value, const char *path);
bool json_is_false(const struct json *value, const char *path);
/* Present and null. */
bool json_is_null(const struct json *value, const char *path);
/* The n-th line (from 0) whose "record" is `record`, or NULL. */
const struct json *json_record(const struct json_lines *lines, const char *record, size_t n);
/* How many lines have this "record". */
size_t json_count(const struct json_lines *lines, const char *record);
/* The first line whose string member `key` is `value`, or NULL. */
const struct json *json_find(const struct json_lines *lines, const char *key, const char *value);

/* Frees all that was parsed so far; for fuzz targets. */
void json_forget(void);
