/* SPDX-License-Identifier: MIT */
#include "base/hex.h"

#include <criterion/criterion.h>

TestSuite(hex);

Test(hex, digits_of_either_case)
{
	for (int c = -128; c < 128; c++) {
		static const char lower[] = "0123456789abcdef";
		static const char upper[] = "0123456789ABCDEF";
		const char *at = c != 0 ? strchr(lower, c) : NULL;
		int expected = at != NULL ? (int)(at - lower) : -1;

		if (expected < 0 && c != 0 && strchr(upper, c) != NULL)
			expected = (int)(strchr(upper, c) - upper);
		cr_expect_eq(hex_value((char)c), expected, "byte %d", c);
	}
}

Test(hex, counts_up_to_the_first_other_byte)
{
	cr_expect_eq(hex_count("", 0), 0);
	cr_expect_eq(hex_count("12fG", 4), 3);
	cr_expect_eq(hex_count("12", 1), 1);
	cr_expect_eq(hex_count("0\0001", 3), 1);
}

Test(hex, every_byte_goes_both_ways)
{
	unsigned char bytes[256];
	unsigned char read[256];
	struct strbuf text = { 0 };

	for (int i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	hex_add(&text, bytes, sizeof(bytes));
	cr_assert_eq(text.len, 512);
	cr_expect(strncmp(text.data, "000102", 6) == 0);
	cr_expect_str_eq(text.data + 506, "fdfeff");
	hex_read(text.data, sizeof(read), read);
	cr_expect(memcmp(bytes, read, sizeof(bytes)) == 0);
	hex_read("fFA0", 2, read);
	cr_expect(read[0] == 0xFF && read[1] == 0xA0);
	strbuf_release(&text);
}
