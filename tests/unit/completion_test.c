/* SPDX-License-Identifier: MIT */
#include "cli/completion.h"

#include <criterion/criterion.h>

struct fields {
	bool all;
	int color;
};

static const struct opt_choice colors[] = { { "auto", 0 }, { "always", 1 }, { "", 0 } };
static const struct opt_link links[] = { OPT_CHOICES(struct fields, color, colors) };
static const struct opt rows[] = {
	OPT_BOOL('a', "all", struct fields, all, "don't [hide] any:thing"),
	OPT_CHOICE(0, "color", "WHEN", struct fields, color, "colour"),
};
static const struct applet applet = {
	.name = "list",
	.group = "Files",
	.summary = "list what's there",
	.operands = "",
	.options = OPT_TABLE_LINKED(rows, links),
	.options_size = sizeof(struct fields),
};
static const struct applet *const applets[] = { &applet };
static const struct applet_list list = { applets, 1 };

static void expect_has(const struct strbuf *text, const char *part)
{
	cr_expect_not_null(strstr(strbuf_str(text), part), "%s\nis not in\n%s", part,
	                   strbuf_str(text));
}

Test(completion, unknown_shells_are_refused)
{
	struct strbuf text = { 0 };

	cr_expect_not(completion_add(&text, "csh", &list, (char *[]){ NULL }));
}

Test(completion, bash_offers_options_and_choices)
{
	struct strbuf text = { 0 };
	char link[] = "list";

	cr_assert(completion_add(&text, "bash", &list, (char *[]){ link, NULL }));
	expect_has(&text, " -a --all --color= --help --version'");
	expect_has(&text, "--color) words='auto always'");
	expect_has(&text, "complete -o default -F _dutybox dutybox list\n");
	strbuf_release(&text);
}

Test(completion, zsh_escapes_help)
{
	struct strbuf text = { 0 };

	cr_assert(completion_add(&text, "zsh", &list, (char *[]){ NULL }));
	expect_has(&text, "'-a[don'\\''t \\[hide\\] any\\:thing]'");
	expect_has(&text, "'--color=[colour]:WHEN:(auto always)'");
	strbuf_release(&text);
}

Test(completion, fish_has_a_line_for_each_option)
{
	struct strbuf text = { 0 };

	cr_assert(completion_add(&text, "fish", &list, (char *[]){ NULL }));
	expect_has(&text, "-n '__dutybox_is list' -s a -l all -d 'don'\\''t");
	expect_has(&text, "-l color -r -f -a 'auto always'");
	strbuf_release(&text);
}
