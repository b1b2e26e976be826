/* SPDX-License-Identifier: MIT */
#include "fs/file_mode.h"

#include <criterion/criterion.h>
#include <errno.h>

static mode_t apply(const char *text, mode_t old, bool is_dir, bool exact)
{
	AUTO_FREE(file_mode) struct file_mode *mode = NULL;
	struct text_error where;
	struct file_mode_on on = { .old = old, .mask = 022, .is_dir = is_dir, .exact = exact };

	cr_assert_eq(file_mode_parse(text, &mode, &where), 0, "%s: %s", text, where.reason);
	return file_mode_apply(mode, &on, NULL);
}

Test(file_mode, clauses)
{
	static const struct {
		const char *text;
		mode_t old;
		bool is_dir;
		mode_t result;
	} cases[] = {
		{ "0640", 0777, false, 0640 },
		{ "u=rwX,go=", 0644, false, 0600 },
		{ "u=rwX,go=", 0744, false, 0700 },
		{ "u=rwX,go=", 0644, true, 0700 },
		{ "+w", 0444, false, 0644 },
		{ "a+w", 0444, false, 0666 },
		{ "=", 0777, false, 0 },
		{ "g=u,o=g", 0750, false, 0777 },
		{ "u+s", 0755, false, 04755 },
		{ "g=rx", 02770, true, 02750 },
		{ "755", 02770, true, 02755 },
		{ "00755", 02770, true, 0755 },
		{ "755", 02770, false, 0755 },
		{ "+t,u-x", 0755, true, 01655 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		mode_t got = apply(cases[i].text, cases[i].old, cases[i].is_dir, false);

		cr_expect_eq(got, cases[i].result, "%s on %o: %o", cases[i].text, cases[i].old,
		             got);
	}
}

Test(file_mode, exact_numbers)
{
	cr_expect_eq(apply("0755", 06777, false, true), 0755);
	cr_expect_eq(apply("0755", 06777, true, true), 0755);
	cr_expect_eq(apply("755", 06777, false, true), 06755);
	cr_expect_eq(apply("755", 03777, true, true), 03755);
	cr_expect_eq(apply("2755", 0, true, true), 02755);
}

Test(file_mode, mistakes_are_pointed_at)
{
	static const struct {
		const char *text;
		size_t offset;
	} cases[] = { { "", 0 },      { "8", 0 },     { "0779", 3 }, { "17777", 4 },
		      { "u", 1 },     { "u+q", 2 },   { "u+r,", 4 }, { "u+r,g", 5 },
		      { "u=755", 2 }, { "=755x", 4 }, { "rw", 0 },   { "u+r g+r", 3 } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct file_mode *mode = NULL;
		struct text_error where = { 0 };

		cr_expect_eq(file_mode_parse(cases[i].text, &mode, &where), -EINVAL, "%s",
		             cases[i].text);
		cr_expect_eq(where.offset, cases[i].offset, "%s: %zu", cases[i].text, where.offset);
		cr_expect_not_null(where.reason);
		cr_expect_null(mode);
	}
}
