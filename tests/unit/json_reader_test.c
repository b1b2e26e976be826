/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/json_reader.h"
#include "base/mem.h"
#include "base/strbuf.h"

#include <errno.h>
#include <inttypes.h>

TestSuite(json_reader);

/* A text in memory that is handed out `step` bytes at a time. */
struct input {
	const char *text;
	size_t len, at, step;
	int failure; /* returned at the end instead of 0 */
};

static ssize_t input_read(void *user, void *buffer, size_t size)
{
	struct input *in = user;
	size_t n = in->len - in->at;

	if (n > in->step)
		n = in->step;
	if (n > size)
		n = size;
	if (n == 0)
		return in->failure;
	memcpy(buffer, in->text + in->at, n);
	in->at += n;
	return (ssize_t)n;
}

static struct json_source source_of(struct input *in)
{
	return (struct json_source){
		.read = input_read,
		.user = in,
		.depth_max = 8,
		.string_max = 64,
	};
}

/* Every token as text: {k"a" n1 ...; 0 or the failure is returned. */
static int dump(const char *text, size_t len, size_t step, struct strbuf *b,
                struct json_error *error)
{
	static const char *const shape[] = {
		[JSON_END] = "$",         [JSON_OBJECT_BEGIN] = "{", [JSON_OBJECT_END] = "}",
		[JSON_ARRAY_BEGIN] = "[", [JSON_ARRAY_END] = "]",    [JSON_KEY] = "k",
		[JSON_STRING] = "s",      [JSON_NUMBER] = "n",       [JSON_TRUE] = "t",
		[JSON_FALSE] = "f",       [JSON_NULL] = "0",
	};
	struct input in = { .text = text, .len = len, .step = step };
	struct json_source source = source_of(&in);
	AUTO_FREE(json_reader) struct json_reader *r = json_reader_new(&source);
	struct json_token token = { .event = JSON_NULL };
	int err = 0;

	while (err == 0 && token.event != JSON_END) {
		err = json_reader_next(r, &token);
		if (err < 0)
			break;
		strbuf_add_str(b, shape[token.event]);
		if (token.event == JSON_KEY || token.event == JSON_STRING ||
		    token.event == JSON_NUMBER) {
			strbuf_add(b, token.text, token.len);
			strbuf_add_char(b, '.');
		}
	}
	*error = json_reader_error(r);
	if (err < 0) {
		cr_expect_eq(json_reader_next(r, &token), err, "failures stick");
		cr_expect_not_null(error->reason);
	} else {
		cr_expect_eq(json_reader_next(r, &token), 0);
		cr_expect_eq(token.event, JSON_END, "the end sticks");
	}
	return err;
}

static const size_t steps[] = { 1, 2, 3, 5, 7, 1000 };

Test(json_reader, documents)
{
	static const char *const cases[][2] = {
		{ "null", "0$" },
		{ " true ", "t$" },
		{ "\t\r\nfalse\n", "f$" },
		{ "\"\"", "s.$" },
		{ "{}", "{}$" },
		{ "[]", "[]$" },
		{ "[ ]", "[]$" },
		{ "{ }", "{}$" },
		{ "[1,2]", "[n1.n2.]$" },
		{ "[[],{}]", "[[]{}]$" },
		{ "{\"a\":1,\"b\":[true,null]}", "{ka.n1.kb.[t0]}$" },
		{ " { \"a\" : { \"\" : \"x\" } , \"b\" : -0.5e+3 } ", "{ka.{k.sx.}kb.n-0.5e+3.}$" },
		{ "[0,-0,10,1.0,1E5,1e-5]", "[n0.n-0.n10.n1.0.n1E5.n1e-5.]$" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "s\"\\/\b\f\n\r\t.$" },
		{ "\"a\\u0041\\u00e9\\u20AC\\ud83d\\ude00z\"",
		  "saA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z.$" },
		{ "\"\\ud83d\"", "s\xEF\xBF\xBD.$" },
		{ "\"\\ude00x\"", "s\xEF\xBF\xBDx.$" },
		{ "\"\\ud83d\\n\"", "s\xEF\xBF\xBD\n.$" },
		{ "\"\\ud83d\\u0041\"", "s\xEF\xBF\xBD"
		                        "A.$" },
		{ "\"\\ud83d\\ud83d\\ude00\"", "s\xEF\xBF\xBD\xF0\x9F\x98\x80.$" },
		{ "\"\xFF\xC3(\x80\"", "s\xFF\xC3(\x80.$" },
		{ "[[[[[[[[]]]]]]]]", "[[[[[[[[]]]]]]]]$" },
		{ "\"0123456789012345678901234567890123456789012345678901234567890123\"",
		  "s0123456789012345678901234567890123456789012345678901234567890123.$" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(steps); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
		const char *text = cases[i / ARRAY_LEN(steps)][0];
		size_t step = steps[i % ARRAY_LEN(steps)];
		struct json_error error;

		cr_expect_eq(dump(text, strlen(text), step, &b, &error), 0, "%s by %zu", text,
		             step);
		cr_expect_str_eq(strbuf_str(&b), cases[i / ARRAY_LEN(steps)][1], "%s by %zu: %s",
		                 text, step, strbuf_str(&b));
	}
}

Test(json_reader, what_is_no_json)
{
	static const struct {
		const char *text;
		int result;
		uint64_t offset;
	} cases[] = {
		{ "", -EBADMSG, 0 },
		{ "  ", -EBADMSG, 2 },
		{ "nul", -EBADMSG, 3 },
		{ "nulx", -EBADMSG, 3 },
		{ "nullx", -EBADMSG, 4 },
		{ "1 2", -EBADMSG, 2 },
		{ "{} ]", -EBADMSG, 3 },
		{ "]", -EBADMSG, 0 },
		{ "[", -EBADMSG, 1 },
		{ "[1", -EBADMSG, 2 },
		{ "[1,", -EBADMSG, 3 },
		{ "[1,]", -EBADMSG, 3 },
		{ "[,1]", -EBADMSG, 1 },
		{ "[1 2]", -EBADMSG, 3 },
		{ "[1}", -EBADMSG, 2 },
		{ "{\"a\":1]", -EBADMSG, 6 },
		{ "{\"a\"}", -EBADMSG, 4 },
		{ "{\"a\":}", -EBADMSG, 5 },
		{ "{\"a\":1,}", -EBADMSG, 7 },
		{ "{a:1}", -EBADMSG, 1 },
		{ "{1:1}", -EBADMSG, 1 },
		{ "{\"a\" 1}", -EBADMSG, 5 },
		{ "{,}", -EBADMSG, 1 },
		{ "\"abc", -EBADMSG, 4 },
		{ "\"a\nb\"", -EBADMSG, 2 },
		{ "\"\\x\"", -EBADMSG, 2 },
		{ "\"\\", -EBADMSG, 2 },
		{ "\"\\u12\"", -EBADMSG, 5 },
		{ "\"\\ud83d\\u12\"", -EBADMSG, 11 },
		{ "01", -EBADMSG, 0 },
		{ "-", -EBADMSG, 0 },
		{ "+1", -EBADMSG, 0 },
		{ ".5", -EBADMSG, 0 },
		{ "1.", -EBADMSG, 0 },
		{ "1e", -EBADMSG, 0 },
		{ "1e+", -EBADMSG, 0 },
		{ "1-2", -EBADMSG, 0 },
		{ "[ 1..2]", -EBADMSG, 2 },
		{ "NaN", -EBADMSG, 0 },
		{ "'a'", -EBADMSG, 0 },
		{ "\xEF\xBB\xBF{}", -EBADMSG, 0 },
		{ "[[[[[[[[[]]]]]]]]]", -E2BIG, 8 },
		{ " \"01234567890123456789012345678901234567890123456789012345678901234\"", -E2BIG,
		  1 },
		{ "10000000000000000000000000000000000000000000000000000000000000000", -E2BIG, 0 },
		{ "1000000000000000000000000000000000000000000000000000000000000000e", -E2BIG, 0 },
		{ "[10000000000000000000000000000000000000000000000000000000000000000]", -E2BIG,
		  1 },
		{ "\"\\u20AC234567890123456789012345678901234567890123456789012345678901234\"",
		  -E2BIG, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(steps); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
		const char *text = cases[i / ARRAY_LEN(steps)].text;
		size_t step = steps[i % ARRAY_LEN(steps)];
		struct json_error error;

		cr_expect_eq(dump(text, strlen(text), step, &b, &error),
		             cases[i / ARRAY_LEN(steps)].result, "%s by %zu", text, step);
		cr_expect_eq(error.offset, cases[i / ARRAY_LEN(steps)].offset,
		             "%s by %zu: %" PRIu64, text, step, error.offset);
	}
}

Test(json_reader, nul_bytes_come_from_escapes_only)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	struct json_error error;

	cr_assert_eq(dump("\"a\\u0000b\"", 10, 3, &b, &error), 0);
	cr_assert_eq(b.len, 6);
	cr_assert_eq(memcmp(b.data, "sa\0b.$", 6), 0);
	cr_assert_eq(dump("\"a\0b\"", 5, 3, &b, &error), -EBADMSG);
	cr_assert_eq(error.offset, 2);
}

Test(json_reader, integers)
{
	static const struct {
		const char *text;
		bool is_u64, is_i64;
		uint64_t u64;
		int64_t i64;
	} cases[] = {
		{ "0", true, true, 0, 0 },
		{ "-0", true, true, 0, 0 },
		{ "17", true, true, 17, 17 },
		{ "-17", false, true, 0, -17 },
		{ "9223372036854775807", true, true, INT64_MAX, INT64_MAX },
		{ "9223372036854775808", true, false, UINT64_C(9223372036854775808), 0 },
		{ "-9223372036854775808", false, true, 0, INT64_MIN },
		{ "-9223372036854775809", false, false, 0, 0 },
		{ "18446744073709551615", true, false, UINT64_MAX, 0 },
		{ "18446744073709551616", false, false, 0, 0 },
		{ "1.0", false, false, 0, 0 },
		{ "1e3", false, false, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(steps); i++) {
		size_t k = i / ARRAY_LEN(steps);
		struct input in = { .text = cases[k].text,
			            .len = strlen(cases[k].text),
			            .step = steps[i % ARRAY_LEN(steps)] };
		struct json_source source = source_of(&in);
		AUTO_FREE(json_reader) struct json_reader *r = json_reader_new(&source);
		struct json_token token;

		cr_assert_eq(json_reader_next(r, &token), 0);
		cr_expect_eq(token.event, JSON_NUMBER);
		cr_expect_eq(token.is_u64, cases[k].is_u64, "%s", cases[k].text);
		cr_expect_eq(token.is_i64, cases[k].is_i64, "%s", cases[k].text);
		cr_expect_eq(token.u64, cases[k].u64, "%s", cases[k].text);
		cr_expect_eq(token.i64, cases[k].i64, "%s", cases[k].text);
	}
}

Test(json_reader, a_failed_read_is_passed_on)
{
	static const char *const cuts[] = {
		"", "[", "[1", "\"ab", "tr", "{\"a\"", "\"\\", "\"\\u1"
	};

	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct input in = {
			.text = cuts[i], .len = strlen(cuts[i]), .step = 9, .failure = -EIO
		};
		struct json_source source = source_of(&in);
		AUTO_FREE(json_reader) struct json_reader *r = json_reader_new(&source);
		struct json_token token;
		int err = 0;

		for (int calls = 0; err == 0 && calls < 4; calls++)
			err = json_reader_next(r, &token);
		cr_expect_eq(err, -EIO, "%s: %d", cuts[i], err);
		cr_expect_eq(json_reader_error(r).offset, strlen(cuts[i]), "%s", cuts[i]);
	}
}

Test(json_reader, skipping_and_leaving)
{
	static const char text[] = "{\"a\":[1,{\"b\":2},[]],\"c\":3,\"d\":[4,5,[6]],\"e\":7}";
	struct input in = { .text = text, .len = sizeof(text) - 1, .step = 4 };
	struct json_source source = source_of(&in);
	AUTO_FREE(json_reader) struct json_reader *r = json_reader_new(&source);
	struct json_token token;

	cr_assert_eq(json_reader_next(r, &token), 0); /* { */
	cr_assert_eq(json_reader_next(r, &token), 0); /* a */
	cr_assert_eq(json_reader_skip(r), 0);
	cr_assert_eq(json_reader_depth(r), 1);
	cr_assert_eq(json_reader_next(r, &token), 0);
	cr_assert_eq(token.event, JSON_KEY);
	cr_assert_str_eq(token.text, "c");
	cr_assert_eq(token.offset, 20);
	cr_assert_eq(json_reader_skip(r), 0);
	cr_assert_eq(json_reader_next(r, &token), 0); /* d */
	cr_assert_str_eq(token.text, "d");
	cr_assert_eq(json_reader_next(r, &token), 0); /* [ */
	cr_assert_eq(json_reader_next(r, &token), 0); /* 4 */
	cr_assert_eq(token.u64, 4);
	cr_assert_eq(json_reader_leave(r), 0);
	cr_assert_eq(json_reader_next(r, &token), 0); /* e */
	cr_assert_str_eq(token.text, "e");
	cr_assert_eq(json_reader_leave(r), 0);
	cr_assert_eq(json_reader_depth(r), 0);
	cr_assert_eq(json_reader_next(r, &token), 0);
	cr_assert_eq(token.event, JSON_END);
}

/* Longer than the buffer, so that every kind of token is cut by its end somewhere. */
Test(json_reader, an_input_of_many_buffers)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct input in = { .step = SIZE_MAX };
	struct json_source source = source_of(&in);
	AUTO_FREE(json_reader) struct json_reader *r = NULL;
	struct json_token token;
	enum { ITEMS = 20011 };

	strbuf_add_char(&text, '[');
	for (int i = 0; i < ITEMS; i++)
		strbuf_add_format(&text, "%s{\"name\":\"file\\t%d\",\"asize\":%d,\"x\":true}",
		                  i == 0 ? "" : ",", i, i * 7);
	strbuf_add_char(&text, ']');
	in.text = strbuf_str(&text);
	in.len = text.len;
	r = json_reader_new(&source);
	cr_assert_eq(json_reader_next(r, &token), 0);
	for (int i = 0; i < ITEMS; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "file\t%d", i);
		cr_assert_eq(json_reader_next(r, &token), 0);
		cr_assert_eq(json_reader_next(r, &token), 0);
		cr_assert_str_eq(token.text, "name");
		cr_assert_eq(json_reader_next(r, &token), 0);
		cr_assert_str_eq(token.text, name);
		cr_assert_eq(json_reader_next(r, &token), 0);
		cr_assert_str_eq(token.text, "asize");
		cr_assert_eq(json_reader_next(r, &token), 0);
		cr_assert_eq(token.u64, (uint64_t)i * 7);
		cr_assert_eq(json_reader_next(r, &token), 0);
		cr_assert_eq(json_reader_next(r, &token), 0);
		cr_assert_eq(token.event, JSON_TRUE);
		cr_assert_eq(json_reader_next(r, &token), 0);
		cr_assert_eq(token.event, JSON_OBJECT_END);
	}
	cr_assert_eq(json_reader_next(r, &token), 0);
	cr_assert_eq(token.event, JSON_ARRAY_END);
	cr_assert_eq(json_reader_next(r, &token), 0);
	cr_assert_eq(token.event, JSON_END);
}
