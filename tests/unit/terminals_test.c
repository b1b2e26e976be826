/* SPDX-License-Identifier: MIT */
#include "sys/terminals.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(terminals);

/* As proc(5) and the kernel's new_encode_dev() number them. */
Test(terminals, names_and_numbers)
{
	static const struct {
		char name[16];
		uint64_t device;
	} cases[] = {
		{ "pts/0", 136U << 8 },
		{ "pts/255", (136U << 8) | 255 },
		{ "pts/300", (136U << 8) | (300 & 0xff) | (300U & ~0xffU) << 12 },
		{ "tty1", (4U << 8) | 1 },
		{ "ttyS0", (4U << 8) | 64 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf name = { 0 };
		uint64_t device = 0;

		cr_assert_eq(terminal_device(cases[i].name, &device), 0, "%s", cases[i].name);
		cr_expect_eq(device, cases[i].device, "%s: %llx", cases[i].name,
		             (unsigned long long)device);
		terminal_add_name(&name, device);
		cr_expect_str_eq(strbuf_str(&name), cases[i].name);
	}
}

Test(terminals, what_is_none)
{
	static const char bad[][16] = { "",     "null/x",        "pts/x",          "pts/",
		                        "ttyX", "../etc/passwd", "pts/9999999999", "tty64x" };
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		uint64_t device = 7;

		cr_expect_eq(terminal_device(bad[i], &device), -ENOENT, "%s", bad[i]);
		cr_expect_eq(device, 7);
	}
	terminal_add_name(&name, (200U << 8) | 3);
	cr_expect_str_eq(strbuf_str(&name), "200:3");
}
