/* SPDX-License-Identifier: MIT */
#include "base/version_sort.h"

/* A name and how much of it counts. */
struct version {
	const char *text;
	size_t len;
	size_t at;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool has_digit(const struct version *v)
{
	return v->at < v->len && is_digit(v->text[v->at]);
}

/* The rank of what is next outside of numbers: ~, the end, a digit, letters, the rest. */
static int rank(const struct version *v)
{
	char c;

	if (v->at >= v->len)
		return -1;
	c = v->text[v->at];
	if (is_digit(c))
		return 0;
	if (is_letter(c))
		return c;
	return c == '~' ? -2 : (unsigned char)c + 256;
}

static int compare_words(struct version *a, struct version *b)
{
	while ((a->at < a->len && !has_digit(a)) || (b->at < b->len && !has_digit(b))) {
		int difference = rank(a) - rank(b);

		if (difference != 0)
			return difference;
		a->at++;
		b->at++;
	}
	return 0;
}

static void skip_zeroes(struct version *v)
{
	while (v->at < v->len && v->text[v->at] == '0')
		v->at++;
}

/* The longer number is the bigger one; of two that are as long, the first digit decides. */
static int compare_numbers(struct version *a, struct version *b)
{
	int first = 0;

	skip_zeroes(a);
	skip_zeroes(b);
	for (; has_digit(a) && has_digit(b); a->at++, b->at++) {
		if (first == 0)
			first = a->text[a->at] - b->text[b->at];
	}
	if (has_digit(a))
		return 1;
	return has_digit(b) ? -1 : first;
}

static int compare(struct version a, struct version b)
{
	int difference = 0;

	while (difference == 0 && (a.at < a.len || b.at < b.len)) {
		difference = compare_words(&a, &b);
		if (difference == 0)
			difference = compare_numbers(&a, &b);
	}
	return difference;
}

/* Bytes without the longest end of the form (.[A-Za-z~][A-Za-z0-9~]*)*; never none. */
static size_t prefix_len(const char *text, size_t len)
{
	size_t prefix = 0;

	for (size_t at = 0; at < len;) {
		prefix = ++at;
		while (at + 1 < len && text[at] == '.' &&
		       (is_letter(text[at + 1]) || text[at + 1] == '~')) {
			at += 2;
			while (at < len &&
			       (is_letter(text[at]) || is_digit(text[at]) || text[at] == '~'))
				at++;
		}
	}
	return prefix;
}

/* Nothing, ".", "..", other hidden names, the rest. */
static int class_of(const char *text, size_t len)
{
	if (len == 0)
		return 0;
	if (text[0] != '.')
		return 4;
	if (len == 1)
		return 1;
	return len == 2 && text[1] == '.' ? 2 : 3;
}

int version_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int a_class = class_of(a, a_len);
	int b_class = class_of(b, b_len);
	size_t a_prefix, b_prefix;
	int difference;

	if (a_class != b_class || a_class < 3)
		return a_class - b_class;
	a_prefix = prefix_len(a, a_len);
	b_prefix = prefix_len(b, b_len);
	difference =
		compare((struct version){ a, a_prefix, 0 }, (struct version){ b, b_prefix, 0 });
	if (difference != 0 || (a_prefix == a_len && b_prefix == b_len))
		return difference;
	return compare((struct version){ a, a_len, 0 }, (struct version){ b, b_len, 0 });
}
