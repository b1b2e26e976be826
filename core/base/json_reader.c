/* SPDX-License-Identifier: MIT */
#include "base/json_reader.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/swar.h"
#include "base/utf8.h"

#include <errno.h>

enum {
	BUFFER_SIZE = 64 * 1024,
	END_OF_INPUT = -1,
	READ_FAILED = -2,
	REPLACEMENT = 0xFFFD,
	SHORT_INTEGER_DIGITS = 18,
};

enum state {
	STATE_VALUE,
	STATE_FIRST_VALUE, /* or the end of the array */
	STATE_KEY,
	STATE_FIRST_KEY, /* or the end of the object */
	STATE_COLON,
	STATE_AFTER, /* a value is complete */
	STATE_END,
};

struct json_reader {
	struct json_source source;
	enum state state;
	size_t depth;
	unsigned char *is_object; /* a bit for each open container */
	uint64_t base;            /* input offset of buffer[0] */
	size_t at, len;
	struct strbuf scratch; /* strings with escapes, and what the buffer's end cut */
	int failure;           /* 0, or what every further call returns */
	struct json_error error;
	char buffer[BUFFER_SIZE];
};

struct json_reader *json_reader_new(const struct json_source *source)
{
	struct json_reader *r = mem_alloc(sizeof(*r));

	memset(r, 0, offsetof(struct json_reader, buffer));
	r->source = *source;
	r->is_object = mem_alloc_zeroed(source->depth_max / 8 + 1);
	r->scratch.limit = source->string_max;
	return r;
}

struct json_reader *json_reader_free(struct json_reader *r)
{
	if (r == NULL)
		return NULL;
	free(r->is_object);
	strbuf_release(&r->scratch);
	free(r);
	return NULL;
}

size_t json_reader_depth(const struct json_reader *r)
{
	return r->depth;
}

static uint64_t offset_now(const struct json_reader *r)
{
	return r->base + r->at;
}

struct json_error json_reader_error(const struct json_reader *r)
{
	if (r->failure == 0)
		return (struct json_error){ .offset = offset_now(r) };
	return r->error;
}

static int fail_at(struct json_reader *r, int err, const char *reason, uint64_t offset)
{
	r->failure = err;
	r->error = (struct json_error){ .reason = reason, .offset = offset };
	return err;
}

/* At the current byte; a failed read has been noted before and stays. */
static int fail(struct json_reader *r, const char *reason)
{
	if (r->failure != 0)
		return r->failure;
	return fail_at(r, -EBADMSG, reason, offset_now(r));
}

/* Replaces a buffer that is used up. False at the end and on failure. */
static bool refill(struct json_reader *r)
{
	ssize_t n;

	r->base += r->len;
	r->at = 0;
	r->len = 0;
	n = r->source.read(r->source.user, r->buffer, sizeof(r->buffer));
	if (n < 0)
		(void)fail_at(r, (int)n, "the input could not be read", r->base);
	if (n <= 0)
		return false;
	r->len = (size_t)n;
	return true;
}

static int peek(struct json_reader *r)
{
	if (r->at == r->len && !refill(r))
		return r->failure != 0 ? READ_FAILED : END_OF_INPUT;
	return (unsigned char)r->buffer[r->at];
}

static int peek_behind_blanks(struct json_reader *r)
{
	for (;;) {
		int c = peek(r);

		if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
			return c;
		r->at++;
	}
}

/* Bytes up to a quote, a backslash or a control character. */
static inline size_t run_len(const char *s, size_t len)
{
	size_t at = 0;

	for (; len - at >= SWAR_BYTES; at += SWAR_BYTES) {
		uint64_t word = swar_load(s + at);
		uint64_t special =
			swar_below(word, ' ') | swar_equal(word, '"') | swar_equal(word, '\\');

		if (special != 0)
			return at + swar_first(special);
	}
	while (at < len && (unsigned char)s[at] >= ' ' && s[at] != '"' && s[at] != '\\')
		at++;
	return at;
}

/* Four hexadecimal digits; false when they are not there. */
static bool read_hex(struct json_reader *r, uint32_t *ret)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		int c = peek(r);

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f' && c >= 0)
			value = value << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
		r->at++;
	}
	*ret = value;
	return true;
}

static void add_code_point(struct json_reader *r, uint32_t cp)
{
	char bytes[4];

	if (cp >= 0xD800 && cp <= 0xDFFF)
		cp = REPLACEMENT;
	strbuf_add(&r->scratch, bytes, utf8_encode((int32_t)cp, bytes));
}

/* Behind \u. A high half takes the escape behind it along when that is a low half. */
static int read_unicode_escape(struct json_reader *r)
{
	uint32_t unit, next;

	if (!read_hex(r, &unit))
		return fail(r, "four hexadecimal digits are missing here");
	while (unit >= 0xD800 && unit <= 0xDBFF && peek(r) == '\\') {
		r->at++;
		if (peek(r) != 'u') {
			/* Another escape: the half stays alone, the caller goes on from here. */
			add_code_point(r, unit);
			return 1;
		}
		r->at++;
		if (!read_hex(r, &next))
			return fail(r, "four hexadecimal digits are missing here");
		if (next >= 0xDC00 && next <= 0xDFFF) {
			add_code_point(r, 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00));
			return 0;
		}
		add_code_point(r, unit);
		unit = next;
	}
	add_code_point(r, unit);
	return 0;
}

/* Behind a backslash. */
static int read_escape(struct json_reader *r)
{
	static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	int more;

	do {
		int c = peek(r);
		size_t i = 0;

		more = 0;
		if (c == 'u') {
			r->at++;
			more = read_unicode_escape(r);
			continue;
		}
		while (i < sizeof(letters) - 1 && letters[i] != c)
			i += 2;
		if (i >= sizeof(letters) - 1)
			return fail(r, "not an escape");
		strbuf_add_char(&r->scratch, letters[i + 1]);
		r->at++;
	} while (more > 0);
	return more;
}

/* The slow way, byte runs and escapes in turn: what was seen so far is in scratch. */
static int read_string_rest(struct json_reader *r, struct json_token *token)
{
	for (;;) {
		int c = peek(r);
		int err = 0;

		if (c == '"')
			break;
		if (c < 0)
			return fail(r, "the string does not end");
		if (c < ' ')
			return fail(r, "a raw control character in a string");
		if (c == '\\') {
			r->at++;
			err = read_escape(r);
		} else {
			size_t n = run_len(r->buffer + r->at, r->len - r->at);

			strbuf_add(&r->scratch, r->buffer + r->at, n);
			r->at += n;
		}
		if (err < 0)
			return err;
		if (r->scratch.overflowed)
			return fail_at(r, -E2BIG, "the string is too long", token->offset);
	}
	r->at++;
	token->text = strbuf_str(&r->scratch);
	token->len = r->scratch.len;
	return 0;
}

/* Behind the opening quote. Most strings lie in the buffer whole and stay there. */
static int read_string(struct json_reader *r, enum json_event event, struct json_token *token)
{
	char *start = r->buffer + r->at;
	size_t n = run_len(start, r->len - r->at);

	token->event = event;
	r->at += n;
	if (n > r->source.string_max)
		return fail_at(r, -E2BIG, "the string is too long", token->offset);
	if (r->at < r->len && r->buffer[r->at] == '"') {
		/* The quote has served; its place takes the NUL. */
		r->buffer[r->at++] = '\0';
		token->text = start;
		token->len = n;
		return 0;
	}
	strbuf_clear(&r->scratch);
	strbuf_add(&r->scratch, start, n);
	return read_string_rest(r, token);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_number_byte(char c)
{
	return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static size_t digits_len(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && is_digit(s[n]))
		n++;
	return n;
}

/* Length of the number at the start of `s` as the grammar has it, 0: none. */
static size_t number_len(const char *s, size_t len, bool *ret_integral)
{
	size_t at = len != 0 && s[0] == '-';
	size_t n = digits_len(s + at, len - at);

	if (n == 0 || (n > 1 && s[at] == '0'))
		return 0;
	at += n;
	*ret_integral = at == len;
	if (at < len && s[at] == '.') {
		n = digits_len(s + at + 1, len - at - 1);
		if (n == 0)
			return 0;
		at += 1 + n;
	}
	if (at < len && (s[at] == 'e' || s[at] == 'E')) {
		at++;
		at += at < len && (s[at] == '+' || s[at] == '-');
		n = digits_len(s + at, len - at);
		if (n == 0)
			return 0;
		at += n;
	}
	return at;
}

static void set_integers(struct json_token *token)
{
	bool negative = token->text[0] == '-';
	uint64_t value = 0;

	for (size_t i = negative; i < token->len; i++) {
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(token->text[i] - '0'), &value))
			return;
	}
	token->is_u64 = !negative || value == 0;
	token->is_i64 = value <= (uint64_t)INT64_MAX + negative;
	token->u64 = token->is_u64 ? value : 0;
	if (token->is_i64)
		token->i64 = negative ? (int64_t)(0 - value) : (int64_t)value;
}

/* A number that the end of the buffer cut. */
static int read_number_rest(struct json_reader *r, struct json_token *token)
{
	int c = 0;

	strbuf_clear(&r->scratch);
	strbuf_add(&r->scratch, token->text, token->len);
	while (!r->scratch.overflowed && (c = peek(r)) >= 0 && is_number_byte((char)c)) {
		strbuf_add_char(&r->scratch, (char)c);
		r->at++;
	}
	if (r->scratch.overflowed)
		return fail_at(r, -E2BIG, "the number is too long", token->offset);
	if (c == READ_FAILED)
		return r->failure;
	token->text = strbuf_str(&r->scratch);
	token->len = r->scratch.len;
	return 0;
}

/* The usual case: up to 18 digits without a leading zero, whole in the buffer. */
static bool read_short_integer(struct json_reader *r, struct json_token *token)
{
	const char *start = r->buffer + r->at;
	size_t room = r->len - r->at;
	size_t n = 0;
	uint64_t value = 0;

	while (n < room && n < SHORT_INTEGER_DIGITS && is_digit(start[n]))
		value = value * 10 + (uint64_t)(start[n++] - '0');
	if (n == 0 || n == room || is_number_byte(start[n]) || (start[0] == '0' && n > 1) ||
	    n > r->source.string_max)
		return false;
	token->text = start;
	token->len = n;
	token->is_u64 = true;
	token->is_i64 = true;
	token->u64 = value;
	token->i64 = (int64_t)value;
	r->at += n;
	return true;
}

static int read_number(struct json_reader *r, struct json_token *token)
{
	bool integral = false;
	size_t start = r->at;

	token->event = JSON_NUMBER;
	if (read_short_integer(r, token))
		return 0;
	while (r->at < r->len && is_number_byte(r->buffer[r->at]))
		r->at++;
	token->text = r->buffer + start;
	token->len = r->at - start;
	if (r->at == r->len) {
		int err = read_number_rest(r, token);

		if (err < 0)
			return err;
	}
	if (token->len > r->source.string_max)
		return fail_at(r, -E2BIG, "the number is too long", token->offset);
	if (number_len(token->text, token->len, &integral) != token->len)
		return fail_at(r, -EBADMSG, "not a number", token->offset);
	if (integral)
		set_integers(token);
	return 0;
}

static int read_word(struct json_reader *r, const char *word, enum json_event event,
                     struct json_token *token)
{
	token->event = event;
	for (const char *p = word; *p != '\0'; p++) {
		if (peek(r) != *p)
			return fail(r, "neither true, false nor null");
		r->at++;
	}
	return 0;
}

static bool in_object(const struct json_reader *r)
{
	size_t bit = r->depth - 1;

	return (r->is_object[bit / 8] >> (bit % 8) & 1) != 0;
}

static int open_container(struct json_reader *r, bool is_object, struct json_token *token)
{
	size_t bit = r->depth;
	unsigned char mask = (unsigned char)(1U << (bit % 8));

	if (r->depth == r->source.depth_max)
		return fail_at(r, -E2BIG, "nested too deeply", token->offset);
	if (is_object)
		r->is_object[bit / 8] |= mask;
	else
		r->is_object[bit / 8] &= (unsigned char)~mask;
	r->depth++;
	r->at++;
	r->state = is_object ? STATE_FIRST_KEY : STATE_FIRST_VALUE;
	token->event = is_object ? JSON_OBJECT_BEGIN : JSON_ARRAY_BEGIN;
	return 0;
}

static int close_container(struct json_reader *r, struct json_token *token)
{
	token->event = in_object(r) ? JSON_OBJECT_END : JSON_ARRAY_END;
	r->depth--;
	r->at++;
	r->state = STATE_AFTER;
	return 0;
}

static int read_value(struct json_reader *r, int c, struct json_token *token)
{
	r->state = STATE_AFTER;
	switch (c) {
	case '{':
	case '[':
		return open_container(r, c == '{', token);
	case '"':
		r->at++;
		return read_string(r, JSON_STRING, token);
	case 't':
		return read_word(r, "true", JSON_TRUE, token);
	case 'f':
		return read_word(r, "false", JSON_FALSE, token);
	case 'n':
		return read_word(r, "null", JSON_NULL, token);
	case END_OF_INPUT:
		return fail(r, "a value is missing at the end of the input");
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			return read_number(r, token);
		return fail(r, "a value is missing here");
	}
}

static int read_key(struct json_reader *r, int c, struct json_token *token)
{
	if (c != '"')
		return fail(r, "a key in quotes is missing here");
	r->at++;
	r->state = STATE_COLON;
	return read_string(r, JSON_KEY, token);
}

/* Commas and colons; *ret_c is then the byte behind them and the blanks. */
static int read_separator(struct json_reader *r, int *ret_c)
{
	if (r->state == STATE_COLON) {
		if (*ret_c != ':')
			return fail(r, "a colon is missing here");
		r->state = STATE_VALUE;
	} else {
		if (*ret_c != ',')
			return fail(r, "a comma or the end of the container is missing here");
		r->state = in_object(r) ? STATE_KEY : STATE_VALUE;
	}
	r->at++;
	*ret_c = peek_behind_blanks(r);
	return 0;
}

static bool closes(const struct json_reader *r, int c)
{
	if (r->depth == 0 || c != (in_object(r) ? '}' : ']'))
		return false;
	return r->state == STATE_AFTER || r->state == STATE_FIRST_KEY ||
	       r->state == STATE_FIRST_VALUE;
}

int json_reader_next(struct json_reader *r, struct json_token *ret)
{
	int c;

	if (r->failure != 0)
		return r->failure;
	*ret = (struct json_token){ .event = JSON_END, .offset = offset_now(r) };
	if (r->state == STATE_END)
		return 0;
	c = peek_behind_blanks(r);
	if (r->state == STATE_AFTER && r->depth == 0) {
		if (c != END_OF_INPUT)
			return fail(r, "something follows the value");
		r->state = STATE_END;
		return 0;
	}
	if ((r->state == STATE_AFTER && !closes(r, c)) || r->state == STATE_COLON) {
		int err = read_separator(r, &c);

		if (err < 0)
			return err;
	}
	ret->offset = offset_now(r);
	if (closes(r, c))
		return close_container(r, ret);
	if (r->state == STATE_KEY || r->state == STATE_FIRST_KEY)
		return read_key(r, c, ret);
	return read_value(r, c, ret);
}

/* Reads on until `depth` containers are open. */
static int read_down_to(struct json_reader *r, size_t depth)
{
	struct json_token token;
	int err = 0;

	while (err == 0 && r->depth > depth)
		err = json_reader_next(r, &token);
	return err;
}

int json_reader_skip(struct json_reader *r)
{
	size_t depth = r->depth;
	struct json_token token;
	int err = json_reader_next(r, &token);

	return err < 0 ? err : read_down_to(r, depth);
}

int json_reader_leave(struct json_reader *r)
{
	return r->depth == 0 ? r->failure : read_down_to(r, r->depth - 1);
}
