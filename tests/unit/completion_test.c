/* SPDX-License-Identifier: MIT */
#include "cli/completion.h"

#include "base/fdio.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>

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

static const struct applet show = {
	.name = "box show",
	.group = "Files",
	.summary = "show it",
	.operands = "",
	.options = OPT_TABLE_LINKED(rows, links),
	.options_size = sizeof(struct fields),
};
static const struct applet start = {
	.name = "box start",
	.group = "Files",
	.summary = "start it",
	.operands = "COMMAND",
	.takes = OPERANDS_COMMANDS,
};
static const struct applet *const verbs[] = { &show, &start, NULL };
static const struct applet box = {
	.name = "box",
	.group = "Files",
	.summary = "do this or that",
	.operands = "",
	.verbs = verbs,
};
static const struct applet *const boxes[] = { &applet, &box };
static const struct applet_list box_list = { boxes, 2 };

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

/* What a shell says to `driver`, which gets the completion script as $1. */
static void expect_from(const char *shell, const char *options, const char *driver,
                        const char *expected)
{
	AUTO_RELEASE_STRBUF struct strbuf script = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf command = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	char script_path[] = "/tmp/completion.XXXXXX";
	char driver_path[] = "/tmp/completion.XXXXXX";
	char box_link[] = "box";
	int fd = mkstemp(script_path);
	FILE *shell_out;

	cr_assert(fd >= 0);
	cr_assert(completion_add(&script, shell, &box_list, (char *[]){ box_link, NULL }));
	cr_assert_eq(fdio_write_all(fd, script.data, script.len), 0);
	(void)close(fd);
	fd = mkstemp(driver_path);
	cr_assert(fd >= 0);
	cr_assert_eq(fdio_write_all(fd, driver, strlen(driver)), 0);
	(void)close(fd);
	strbuf_add_format(&command,
	                  "command -v %s >/dev/null || { echo absent; exit; }; %s %s %s %s", shell,
	                  shell, options, driver_path, script_path);
	shell_out = popen(command.data, "r");
	cr_assert_not_null(shell_out);
	cr_assert_eq(fdio_read_all(fileno(shell_out), 1 << 20, &got), 0);
	(void)pclose(shell_out);
	(void)unlink(script_path);
	(void)unlink(driver_path);
	if (strcmp(strbuf_str(&got), "absent\n") == 0)
		cr_skip("%s is not installed", shell);
	cr_expect_str_eq(strbuf_str(&got), expected);
}

Test(completion, bash_knows_verbs)
{
	expect_from("bash", "--norc",
	            ". \"$1\"\n"
	            "try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _dutybox 2>/dev/null;\n"
	            "  echo \"${COMPREPLY[*]}\"; }\n"
	            "try dutybox box s\n"
	            "try box s\n"
	            "try dutybox box show --c\n"
	            "try box show --color = al\n"
	            "try box show sh\n"
	            "try dutybox box start readonl\n"
	            "try box --he\n",
	            "show start\nshow start\n--color=\nalways\n\nreadonly\n--help\n");
}

Test(completion, zsh_knows_verbs)
{
	expect_from("zsh", "-f",
	            "compdef() { :; }\n"
	            "_arguments() { print -r -- ${(M)@:#*--(all|help)*} }\n"
	            "_describe() { print -r -- ${(P)2} }\n"
	            "_files() { print files }\n"
	            "source $1\n"
	            "try() { words=(\"$@\"); CURRENT=$#words; _dutybox }\n"
	            "service=dutybox\n"
	            "try dutybox box s\n"
	            "try dutybox box show -\n"
	            "service=box\n"
	            "try box start --h\n",
	            "show:show it start:start it\nfiles\n"
	            "--all[don't \\[hide\\] any\\:thing] --help[print this help and exit]\n"
	            "--help[print this help and exit]\n");
}

Test(completion, fish_knows_verbs)
{
	expect_from("fish", "--no-config",
	            "source $argv[1]\n"
	            "complete -C 'dutybox box s'\n"
	            "complete -C 'box s'\n"
	            "complete -C 'box show --al'\n"
	            "complete -C 'dutybox box show --al'\n"
	            "complete -C 'dutybox box start --al'\n",
	            "show\tshow it\nstart\tstart it\nshow\tshow it\nstart\tstart it\n"
	            "--all\tdon't [hide] any:thing\n--all\tdon't [hide] any:thing\n");
}
