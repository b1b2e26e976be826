/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/utf8.h"

TestSuite(utf8);

Test(utf8, every_code_point_survives_a_round_trip)
{
	for (int32_t cp = 0; cp <= 0x10FFFF; cp++) {
		char bytes[4];
		size_t len, n;

		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		len = utf8_encode(cp, bytes);
		cr_assert_eq(utf8_decode(bytes, len, &n), cp, "U+%04X", (unsigned)cp);
		cr_assert_eq(n, len, "U+%04X", (unsigned)cp);
		cr_assert(utf8_is_valid(bytes, len), "U+%04X", (unsigned)cp);
		if (len > 1)
			cr_assert_eq(utf8_decode(bytes, len - 1, &n), -1, "U+%04X cut short",
			             (unsigned)cp);
	}
}

Test(utf8, what_rfc_3629_forbids_is_one_invalid_byte)
{
	static const char *const bad[] = {
		"\x80",
		"\xBF",
		"\xC0\x80",
		"\xC1\xBF",
		"\xE0\x9F\xBF",
		"\xED\xA0\x80",
		"\xED\xBF\xBF",
		"\xF0\x8F\xBF\xBF",
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xFF",
		"\xFE",
		"\xC3(",
		"\xE2\x82(",
		"\xF0\x9F\x98(",
		"\xE2(\xAC",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		size_t n = 0;

		cr_expect_eq(utf8_decode(bad[i], strlen(bad[i]), &n), -1, "case %zu", i);
		cr_expect_eq(n, 1, "case %zu", i);
		cr_expect_not(utf8_is_valid(bad[i], strlen(bad[i])), "case %zu", i);
	}
}

Test(utf8, an_invalid_byte_is_found_at_every_offset)
{
	char text[40];

	for (size_t at = 0; at < sizeof(text); at++) {
		memset(text, 'x', sizeof(text));
		cr_assert(utf8_is_valid(text, sizeof(text)));
		text[at] = '\xFF';
		cr_assert_not(utf8_is_valid(text, sizeof(text)), "offset %zu", at);
		cr_assert_eq(utf8_columns(text, sizeof(text)), sizeof(text), "offset %zu", at);
	}
}

Test(utf8, width_of_characters)
{
	static const struct {
		int32_t cp;
		int width;
	} cases[] = {
		{ 'a', 1 },    { 0xE9, 1 },    { 0x2FF, 1 },   { 0x301, 0 },   { 0x4E00, 2 },
		{ 0x9FFF, 2 }, { 0xAC00, 2 },  { 0x1160, 0 },  { 0x1100, 2 },  { 0x200B, 0 },
		{ 0x200D, 0 }, { 0xFE0F, 0 },  { 0x1F600, 2 }, { 0x1F1E6, 1 }, { 0x2603, 1 },
		{ 0x231A, 2 }, { 0xFF21, 2 },  { 0xFF71, 1 },  { 0x20000, 2 }, { 0x3FFFD, 2 },
		{ 0x2500, 1 }, { 0xE000, 1 },  { 0x3000, 2 },  { 0xFFFD, 1 },  { 0x10FFFD, 1 },
		{ 0x115F, 2 }, { 0x1F9FF, 2 }, { 0x5D0, 1 },   { 0x5B0, 0 },   { 0x20DD, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(utf8_width(cases[i].cp), cases[i].width, "U+%04X",
		             (unsigned)cases[i].cp);
}

Test(utf8, columns_of_strings)
{
	static const struct {
		const char *text;
		size_t columns;
	} cases[] = {
		{ "", 0 },
		{ "plain ascii of some length", 26 },
		{ "caf\xC3\xA9", 4 },
		{ "cafe\xCC\x81", 4 },
		{ "\xE6\x97\xA5\xE6\x9C\xAC.txt", 8 },
		{ "a\xFF\xFE"
		  "b",
		  4 },
		{ "\xE6\x97", 2 },
		{ "12345678\xF0\x9F\x98\x80"
		  "12345678",
		  18 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(utf8_columns(cases[i].text, strlen(cases[i].text)), cases[i].columns,
		             "case %zu", i);
}

Test(utf8, what_is_unsafe_on_a_terminal)
{
	static const int32_t bad[] = { 0,      7,      0x1B,   0x1F,   0x7F,    0x80,
		                       0x9B,   0x9F,   0xAD,   0x61C,  0x200B,  0x200E,
		                       0x200F, 0x2028, 0x2029, 0x202A, 0x202E,  0x2060,
		                       0x2066, 0x2069, 0xFEFF, 0xFFF9, 0xE0001, 0xE007F,
		                       0x3164, 0xFFFE, 0xFFFF, 0xFDD0, 0x1FFFE, 0x10FFFF };
	static const int32_t good[] = { ' ',   '~',    'A',    0xA0,    0xE9,   0x301,
		                        0x600, 0x4E00, 0xFE0F, 0x1F600, 0xFFFD, 0xE000 };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect(utf8_is_unsafe(bad[i]), "U+%04X", (unsigned)bad[i]);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		cr_expect_not(utf8_is_unsafe(good[i]), "U+%04X", (unsigned)good[i]);
}
