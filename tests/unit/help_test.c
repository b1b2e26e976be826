/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include <criterion/criterion.h>

struct fields {
	bool all;
	bool zero;
	const char *block;
	const char *time;
	int sort;
};

static const struct opt_choice orders[] = { { "name", 0 }, { "size", 1 }, { "", 0 } };
static const struct opt_link links[] = { OPT_CHOICES(struct fields, sort, orders) };
static const struct opt rows[] = {
	OPT_BOOL('a', "all", struct fields, all, "everything"),
	OPT_STR('B', "block-size", "SIZE", struct fields, block, "unit of sizes"),
	OPT_STR_OPTIONAL(0, "time", "WORD", struct fields, time, "mtime", "show a time"),
	OPT_HEADING("Output"),
	OPT_CHOICE(0, "sort-the-listing-by", "ORDER", struct fields, sort, "order"),
	OPT_BOOL('0', "zero", struct fields, zero, "end with NUL"),
	OPT_ALIAS("null", "zero"),
	OPT_ALIAS("print0", "zero"),
};

static const struct applet applet = {
	.name = "list",
	.group = "Files",
	.summary = "list things",
	.operands = "[FILE]...",
	.says_no_when = "nothing was found",
	.options = OPT_TABLE_LINKED(rows, links),
	.options_size = sizeof(struct fields),
};

Test(help, is_made_from_the_table)
{
	struct strbuf text = { 0 };

	help_add(&text, &applet, "dutybox list");
	cr_expect_str_eq(strbuf_str(&text),
	                 "Usage: dutybox list [OPTION]... [FILE]...\n"
	                 "List things.\n"
	                 "\n"
	                 "  -a, --all                   everything\n"
	                 "  -B, --block-size=SIZE       unit of sizes\n"
	                 "      --time[=WORD]           show a time\n"
	                 "\n"
	                 "Output:\n"
	                 "      --sort-the-listing-by=ORDER\n"
	                 "                              order: name, size\n"
	                 "  -0, --zero                  end with NUL (also --null, --print0)\n"
	                 "\n"
	                 "      --help                  print this help and exit\n"
	                 "      --version               print the version and exit\n"
	                 "\n"
	                 "Exit status: 0 done; 1 nothing was found; 2 wrong usage; 3 failure.\n");
	strbuf_release(&text);
}

Test(help, foreign_codes_are_told)
{
	struct applet foreign = applet;
	struct strbuf text = { 0 };

	foreign.codes = (struct exit_codes){ 1, 1 };
	foreign.says_no_when = NULL;
	help_add(&text, &foreign, "list");
	cr_expect_not_null(strstr(text.data, "Exit status: 0 done; 1 wrong usage or failure.\n"));
	strbuf_release(&text);
}
