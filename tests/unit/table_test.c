/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "cli/table.h"

TestSuite(table);

static const struct table_column columns[] = {
	{ "NAME", TABLE_LEFT },
	{ "SIZE", TABLE_RIGHT },
	{ "WHERE", TABLE_LEFT },
};

Test(table, columns_are_aligned_and_the_last_is_not_padded)
{
	AUTO_FREE(table) struct table *t = table_new(columns, ARRAY_LEN(columns));
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

	table_add_str(t, "a");
	table_add_u64(t, 1234567);
	table_add_str(t, "here");
	table_add_str(t, "long-name");
	table_add_u64(t, 5);
	table_add_str(t, "there, far away");
	cr_assert_eq(table_rows(t), 2);
	table_print(t, true, &b);
	cr_expect_str_eq(strbuf_str(&b), "NAME          SIZE  WHERE\n"
	                                 "a          1234567  here\n"
	                                 "long-name        5  there, far away\n");
	strbuf_clear(&b);
	table_print(t, false, &b);
	cr_expect_str_eq(strbuf_str(&b), "a          1234567  here\n"
	                                 "long-name        5  there, far away\n");
}

Test(table, width_is_that_on_a_terminal)
{
	AUTO_FREE(table) struct table *t = table_new(columns, 2);
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

	table_add_str(t, "\xE6\x97\xA5\xE6\x9C\xAC");
	table_add_u64(t, 1);
	table_add_str(t, "cafe\xCC\x81s");
	table_add_u64(t, 2);
	table_add_with_width(t, "\033[31mred\033[0m", 12, 3);
	table_add_u64(t, 3);
	table_print(t, true, &b);
	cr_expect_str_eq(strbuf_str(&b), "NAME   SIZE\n"
	                                 "\xE6\x97\xA5\xE6\x9C\xAC      1\n"
	                                 "cafe\xCC\x81s     2\n"
	                                 "\033[31mred\033[0m       3\n");
}

Test(table, empty_and_missing_cells_leave_nothing_at_the_end)
{
	AUTO_FREE(table) struct table *t = table_new(columns, ARRAY_LEN(columns));
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

	table_add_str(t, "a");
	table_add_str(t, "");
	table_add_str(t, "");
	table_add_str(t, "");
	table_add_str(t, "");
	table_add_str(t, "x");
	table_add_str(t, "bb");
	cr_assert_eq(table_rows(t), 3);
	table_print(t, false, &b);
	cr_expect_str_eq(strbuf_str(&b), "a\n            x\nbb\n");
}

Test(table, nothing_at_all)
{
	static const struct table_column untitled[] = { { NULL, TABLE_LEFT }, { "B", TABLE_LEFT } };
	AUTO_FREE(table) struct table *t = table_new(columns, ARRAY_LEN(columns));
	AUTO_FREE(table) struct table *u = table_new(untitled, ARRAY_LEN(untitled));
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

	cr_assert_eq(table_rows(t), 0);
	table_print(t, false, &b);
	cr_expect_eq(b.len, 0);
	table_print(t, true, &b);
	cr_expect_str_eq(strbuf_str(&b), "NAME  SIZE  WHERE\n");
	strbuf_clear(&b);
	table_print_titles(u, &b);
	cr_expect_str_eq(strbuf_str(&b), "  B");
}
