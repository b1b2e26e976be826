/* SPDX-License-Identifier: MIT */
/*
 * Assertions about files and runs. Each is a cr_expect: the test goes on and is
 * red in the end; the message says what was found. Failed expectations about a
 * run show both streams, escaped.
 */
#pragma once

#include "json_check.h"
#include "run.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define expect_is_file(path)      cr_expect(check_type((path), 'f'), "%s", check_why())
#define expect_is_dir(path)       cr_expect(check_type((path), 'd'), "%s", check_why())
#define expect_no_file(path)      cr_expect(check_absent(path), "%s", check_why())
#define expect_link(path, target) cr_expect(check_link((path), (target)), "%s", check_why())
#define expect_size(path, size)   cr_expect(check_size((path), (size)), "%s", check_why())
#define expect_mode(path, mode)   cr_expect(check_mode((path), (mode)), "%s", check_why())
#define expect_links(path, n)     cr_expect(check_links((path), (n)), "%s", check_why())
#define expect_mtime(path, t)     cr_expect(check_mtime((path), (t)), "%s", check_why())
#define expect_same_file(a, b)    cr_expect(check_same_file((a), (b), true), "%s", check_why())
#define expect_other_file(a, b)   cr_expect(check_same_file((a), (b), false), "%s", check_why())
#define expect_content(path, bytes, len) \
	cr_expect(check_content((path), (bytes), (len)), "%s", check_why())
/* A regular file with exactly this text. */
#define expect_file(path, text) \
	cr_expect(check_content((path), (text), SIZE_MAX), "%s", check_why())
/* Exactly these names are in the directory: expect_names("sub", "a", "b"). */
#define expect_names(path, ...)                                                          \
	cr_expect(check_names((path), (const char *const[]){ __VA_ARGS__, NULL }), "%s", \
	          check_why())
#define expect_empty_dir(path) \
	cr_expect(check_names((path), (const char *const[]){ NULL }), "%s", check_why())

#define EXPECT_STATUS(run, code) cr_expect(check_status(&(run), (code)), "%s", check_why())
/* Exactly this text, up to its NUL. */
#define EXPECT_OUT(run, text) cr_expect(check_stream(&(run), false, (text)), "%s", check_why())
#define EXPECT_ERR(run, text) cr_expect(check_stream(&(run), true, (text)), "%s", check_why())
#define EXPECT_OUT_BYTES(run, bytes, len) \
	cr_expect(check_bytes(&(run), (bytes), (len)), "%s", check_why())
/* The text occurs somewhere, or nowhere. */
#define EXPECT_OUT_HAS(run, text)   cr_expect(check_has(&(run), 'o', (text)), "%s", check_why())
#define EXPECT_ERR_HAS(run, text)   cr_expect(check_has(&(run), 'e', (text)), "%s", check_why())
#define EXPECT_OUT_LACKS(run, text) cr_expect(check_has(&(run), 'O', (text)), "%s", check_why())
#define EXPECT_ERR_LACKS(run, text) cr_expect(check_has(&(run), 'E', (text)), "%s", check_why())
/* Status and both streams at once. */
#define EXPECT_RUN(run, code, out_text, err_text) \
	do {                                      \
		EXPECT_STATUS(run, code);         \
		EXPECT_OUT(run, out_text);        \
		EXPECT_ERR(run, err_text);        \
	} while (0)
/* Nothing that could act on a terminal: no control bytes but newline and tab, no invalid UTF-8. */
#define EXPECT_ERR_HARMLESS(run) cr_expect(check_harmless(&(run), true), "%s", check_why())
#define EXPECT_OUT_HARMLESS(run) cr_expect(check_harmless(&(run), false), "%s", check_why())

/* Standard output as NDJSON; a line that is not strict JSON ends the test. */
#define JSON_LINES(run) json_lines_of(&(run), __FILE__, __LINE__)
struct json_lines json_lines_of(const struct run *run, const char *file, int line);

/* The functions behind the macros: false, and the reason in check_why(). */
const char *check_why(void);
bool check_type(const char *path, char type);
bool check_absent(const char *path);
bool check_link(const char *path, const char *target);
bool check_size(const char *path, uint64_t size);
bool check_mode(const char *path, mode_t mode);
bool check_links(const char *path, uint64_t links);
bool check_mtime(const char *path, struct timespec mtime);
bool check_same_file(const char *a, const char *b, bool same);
bool check_content(const char *path, const void *bytes, size_t len);
bool check_names(const char *path, const char *const *names);
bool check_status(const struct run *run, int status);
bool check_stream(const struct run *run, bool err, const char *text);
bool check_bytes(const struct run *run, const void *bytes, size_t len);
bool check_has(const struct run *run, char how, const char *text);
bool check_harmless(const struct run *run, bool err);
