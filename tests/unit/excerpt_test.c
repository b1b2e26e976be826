/* SPDX-License-Identifier: MIT */
/* The beginning and the end of long texts. */
#include "base/excerpt.h"

#include <criterion/criterion.h>

TestSuite(excerpt);

/* `text` in pieces of `piece` bytes, cut to `limit`; the caller releases it. */
static struct strbuf cut(const char *text, size_t piece, uint64_t limit, bool *ret_cut)
{
	struct strbuf b = { 0 };
	struct excerpt e;
	size_t len = strlen(text);

	excerpt_begin(&e, limit);
	for (size_t at = 0; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		strbuf_add(&b, text + at, excerpt_add(&e, text + at, n));
		cr_assert(e.tail.len <= limit, "%zu bytes kept", e.tail.len);
	}
	*ret_cut = excerpt_end(&e, &b);
	cr_assert_eq(e.tail.data, NULL);
	return b;
}

Test(excerpt, keeps_both_ends)
{
	static const struct {
		const char *text;
		uint64_t limit;
		const char *expected;
		bool cut;
	} cases[] = {
		{ "", 0, "", false },
		{ "all of it", 0, "all of it", false },
		{ "1\n2\n3\n", 6, "1\n2\n3\n", false },
		{ "1\n2\n3\n4\n", 6, "1\n2\n[... 3 bytes left out ...]\n4\n", true },
		{ "abcdefgh", 4, "ab\n[... 4 bytes left out ...]\ngh", true },
		{ "first\nmiddle\nlast\n", 12, "first\n[... 7 bytes left out ...]\nlast\n", true },
		{ "ab\nxxxxxxxxxxxxcd\n", 6, "ab\n[... 12 bytes left out ...]\ncd\n", true },
		{ "abc", 1, "a\n[... 2 bytes left out ...]\n", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t piece = 1; piece <= 20; piece++) {
			bool was_cut;
			struct strbuf b = cut(cases[i].text, piece, cases[i].limit, &was_cut);

			cr_expect_str_eq(strbuf_str(&b), cases[i].expected, "case %zu, piece %zu",
			                 i, piece);
			cr_expect_eq(was_cut, cases[i].cut, "case %zu", i);
			strbuf_release(&b);
		}
	}
}
