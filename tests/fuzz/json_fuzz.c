/* SPDX-License-Identifier: MIT */
/*
 * The reader on any bytes ends, in pieces of any size alike; what json.h writes, it
 * reads back, without a control character on the way.
 */
#include "base/json.h"
#include "base/json_reader.h"
#include "base/mem.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const char *bytes;
	size_t len, at, step;
};

static ssize_t input_read(void *user, void *buffer, size_t size)
{
	struct input *in = user;
	size_t n = in->len - in->at;

	n = n < in->step ? n : in->step;
	n = n < size ? n : size;
	if (n != 0)
		memcpy(buffer, in->bytes + in->at, n);
	in->at += n;
	return (ssize_t)n;
}

struct outcome {
	int err;
	uint64_t offset;
	uint64_t tokens;
	uint64_t sum;
};

static struct outcome read_all(struct input in)
{
	struct json_source source = {
		.read = input_read,
		.user = &in,
		.depth_max = 20,
		.string_max = 100,
	};
	AUTO_FREE(json_reader) struct json_reader *r = json_reader_new(&source);
	struct outcome o = { 0 };
	struct json_token token = { .event = JSON_NULL };

	while (o.err == 0 && token.event != JSON_END) {
		o.err = json_reader_next(r, &token);
		if (o.err < 0)
			break;
		if (json_reader_depth(r) > 20 || token.len > 100 || ++o.tokens > in.len + 1)
			abort();
		o.sum = o.sum * 31 + (uint64_t)token.event + token.u64 + (uint64_t)token.i64;
		for (size_t i = 0; i < token.len; i++)
			o.sum = o.sum * 31 + (unsigned char)token.text[i];
	}
	o.offset = json_reader_error(r).offset;
	if (o.offset > in.len || (o.err < 0 && json_reader_error(r).reason == NULL))
		abort();
	return o;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return a->err == b->err && a->offset == b->offset && a->tokens == b->tokens &&
	       a->sum == b->sum;
}

static void check_reader(const char *bytes, size_t len)
{
	struct outcome whole =
		read_all((struct input){ .bytes = bytes, .len = len, .step = SIZE_MAX });
	struct outcome ones = read_all((struct input){ .bytes = bytes, .len = len, .step = 1 });
	struct outcome threes = read_all((struct input){ .bytes = bytes, .len = len, .step = 3 });

	if (!same(&whole, &ones) || !same(&whole, &threes))
		abort();
}

static void check_writer(const char *bytes, size_t len)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	bool exact = json_add_string(&b, bytes, len);
	struct input in = { .bytes = strbuf_str(&b), .len = b.len, .step = 5 };
	struct json_source source = {
		.read = input_read,
		.user = &in,
		.depth_max = 1,
		.string_max = b.len,
	};
	AUTO_FREE(json_reader) struct json_reader *r = json_reader_new(&source);
	struct json_token token;

	if (exact != utf8_is_valid(bytes, len) || !utf8_is_valid(b.data, b.len))
		abort();
	for (size_t i = 0; i < b.len; i++) {
		if ((unsigned char)b.data[i] < ' ' || b.data[i] == 0x7F)
			abort();
	}
	if (json_reader_next(r, &token) < 0 || token.event != JSON_STRING)
		abort();
	if (exact && (token.len != len || (len != 0 && memcmp(token.text, bytes, len) != 0)))
		abort();
	if (json_reader_next(r, &token) < 0 || token.event != JSON_END)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_reader((const char *)data, size);
	check_writer((const char *)data, size);
	return 0;
}
