/* SPDX-License-Identifier: MIT */
/* The program under its own name: dispatch, the list, help, installing links, completions. */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

TestSuite(dutybox, .init = sandbox_enter, .fini = sandbox_leave);

static struct run run_as(const char *argv0, const char *const *words)
{
	return run_argv(&(struct run_request){ .argv0 = argv0, .words = words });
}

Test(dutybox, a_link_and_a_subcommand_do_the_same)
{
	struct run sub = RUN("which", "sh");
	struct run link = run_as("/some/where/which", WORDS("sh"));
	struct run login = run_as("-which", WORDS("sh"));

	EXPECT_STATUS(sub, 0);
	EXPECT_RUN(link, 0, sub.out, "");
	EXPECT_RUN(login, 0, sub.out, "");
}

Test(dutybox, alone_it_lists_what_it_can_by_group)
{
	struct run r = RUN_PEER(run_binary(), NULL);

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "Usage: dutybox APPLET [ARGUMENT]...\n");
	EXPECT_OUT_HAS(r, "\nFiles:\n");
	EXPECT_OUT_HAS(r, "\nSystem:\n  sysinfo ");
	EXPECT_OUT_HAS(r, "\n  which ");
	EXPECT_OUT_HAS(r, "\n  disk-usage ");
}

Test(dutybox, the_list_is_one_name_a_line)
{
	struct run r = RUN("--list");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "disk-usage\ndu\n");
	EXPECT_OUT_LACKS(r, " ");
}

Test(dutybox, unknown_applets_get_a_suggestion_and_127)
{
	struct run typo = RUN("wich", "ls");
	struct run far = RUN("nosuchthingnicate");
	struct run hostile = RUN("a\033[31mb\n");
	struct run helped = RUN("help", "dsik-usage");

	EXPECT_RUN(typo, 127, "", "dutybox: 'wich': no such applet; did you mean 'which'?\n");
	EXPECT_RUN(
		far, 127, "",
		"dutybox: 'nosuchthingnicate': no such applet; 'dutybox --list' names all of them\n");
	EXPECT_STATUS(hostile, 127);
	EXPECT_ERR_HARMLESS(hostile);
	EXPECT_RUN(helped, 127, "",
	           "dutybox: 'dsik-usage': no such applet; did you mean 'disk-usage'?\n");
}

Test(dutybox, help_of_an_applet_is_its_help_option)
{
	struct run by_help = RUN("help", "which");
	struct run by_option = RUN("which", "--help");

	EXPECT_STATUS(by_option, 0);
	EXPECT_RUN(by_help, 0, by_option.out, "");
	EXPECT_OUT_HAS(by_help, "Usage: dutybox which [OPTION]... ");
}

Test(dutybox, unknown_options_get_a_suggestion_and_2)
{
	struct run box = RUN("--lits");
	struct run applet = RUN("disk-usage", "--sumarize");

	EXPECT_RUN(box, 2, "",
	           "dutybox: unrecognized option '--lits'; did you mean '--list'?\n"
	           "Try 'dutybox --help' for more information.\n");
	EXPECT_RUN(applet, 2, "",
	           "disk-usage: unrecognized option '--sumarize'; did you mean '--summarize'?\n"
	           "Try 'dutybox disk-usage --help' for more information.\n");
}

Test(dutybox, versions)
{
	struct run box = RUN("--version");
	struct run applet = RUN("which", "--version");
	struct run verbose = RUN("--version", "--verbose");

	EXPECT_RUN(box, 0, "dutybox " DUTYBOX_VERSION "\n", "");
	EXPECT_RUN(applet, 0, "which (dutybox) " DUTYBOX_VERSION "\n", "");
	EXPECT_STATUS(verbose, 0);
	EXPECT_OUT_HAS(verbose, "\ncompiler: ");
	EXPECT_OUT_HAS(verbose, "libarchive ");
}

Test(dutybox, without_arguments_at_all_it_refuses)
{
	struct run r = run_argv(&(struct run_request){ .no_argv = true });

	/* Linux gives such a program one empty argument; older kernels none. */
	cr_expect(r.status == 0 || r.status == 2, "%d", r.status);
}

Test(dutybox, output_that_cannot_be_written_is_an_error)
{
	struct run full =
		run_argv(&(struct run_request){ .words = WORDS("--list"), .out_to = RUN_TO_FULL });
	struct run closed = run_argv(
		&(struct run_request){ .words = WORDS("--list"), .out_to = RUN_TO_NOTHING });
	struct run pipe = run_argv(&(struct run_request){
		.words = WORDS("--list"), .out_to = RUN_TO_NOBODY, .ignore_sigpipe = true });
	struct run killed = run_argv(
		&(struct run_request){ .words = WORDS("--list"), .out_to = RUN_TO_NOBODY });

	EXPECT_RUN(full, 3, "", "dutybox: write error: No space left on device\n");
	EXPECT_RUN(closed, 3, "", "dutybox: write error: Bad file descriptor\n");
	EXPECT_RUN(pipe, 3, "", "dutybox: write error: Broken pipe\n");
	EXPECT_STATUS(killed, 128 + 13);
}

Test(dutybox, install_makes_links_and_says_which)
{
	struct run r;

	tree("d bin");
	r = run_argv(&(struct run_request){ .words = WORDS("--install", "bin"),
	                                    .env = WORDS("PATH=/nowhere") });
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "which\n");
	expect_link("bin/which", run_binary());
	expect_link("bin/disk-usage", run_binary());

	struct run ran = RUN_PEER("bin/which", "sh");

	EXPECT_STATUS(ran, 0);

	/* Done before: nothing to do, nothing to say. */
	r = run_argv(&(struct run_request){ .words = WORDS("--install", "bin"),
	                                    .env = WORDS("PATH=/nowhere") });
	EXPECT_RUN(r, 0, "", "");
}

Test(dutybox, install_never_replaces_unasked)
{
	struct run r;

	tree("d bin", "t bin/which mine", "d bin/du");
	r = run_argv(&(struct run_request){ .words = WORDS("--install", "bin", "which", "du"),
	                                    .env = WORDS("PATH=/nowhere") });
	EXPECT_RUN(
		r, 1, "",
		"dutybox: 'which': left out: the name exists in the directory (--force does it)\n"
		"dutybox: 'du': left out: the name exists in the directory (--force does it)\n");
	expect_file("bin/which", "mine");

	r = run_argv(
		&(struct run_request){ .words = WORDS("--install", "--force", "bin", "which", "du"),
	                               .env = WORDS("PATH=/nowhere") });
	EXPECT_STATUS(r, 3);
	EXPECT_ERR(r, "dutybox: cannot make the link 'du': Is a directory\n");
	expect_link("bin/which", run_binary());
	expect_names("bin", "which", "du");
}

Test(dutybox, install_does_not_hide_other_commands_unasked)
{
	struct run r;
	char env[4200];

	tree("d bin", "d other", "x other/which");
	(void)snprintf(env, sizeof(env), "PATH=%s/other", sandbox_path());
	r = run_argv(&(struct run_request){ .words = WORDS("--install", "bin", "which"),
	                                    .env = WORDS(env) });
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "left out: it would stand beside ");
	expect_no_file("bin/which");
	r = run_argv(&(struct run_request){ .words = WORDS("--install", "bin", "which", "--force"),
	                                    .env = WORDS(env) });
	EXPECT_STATUS(r, 0);
	expect_link("bin/which", run_binary());
}

Test(dutybox, install_hard_links_are_the_same_file)
{
	struct run r;
	char copy[4200];

	/* The build directory may be on another file system: install from a copy here. */
	r = RUN_PEER("cp", run_binary(), "box");
	EXPECT_STATUS(r, 0);
	tree("d bin");
	(void)snprintf(copy, sizeof(copy), "%s/box", sandbox_path());
	r = run_argv(&(struct run_request){ .program = copy,
	                                    .argv0 = "dutybox-0.1",
	                                    .words = WORDS("--install", "--hard", "bin", "du"),
	                                    .env = WORDS("PATH=/nowhere") });
	EXPECT_STATUS(r, 0);
	expect_same_file("bin/du", "box");
}

/* A link in its place would lead to itself, and the program be gone. */
Test(dutybox, install_never_replaces_the_program_itself)
{
	const char *const kinds[] = { "--symbolic", "--hard" };
	char copy[4200];

	tree("d bin", "l bin/ls -> gone", "l same -> bin");
	struct run copied = RUN_PEER("cp", run_binary(), "bin/du");
	EXPECT_STATUS(copied, 0);
	(void)snprintf(copy, sizeof(copy), "%s/same/du", sandbox_path());
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct run r = run_argv(&(struct run_request){
			.program = copy,
			.argv0 = "dutybox",
			.words = WORDS("--install", kinds[i], "--force", "same", "du", "ls"),
			.env = WORDS("PATH=/nowhere") });

		EXPECT_STATUS(r, i == 0 ? 1 : 0);
		EXPECT_OUT(r, "ls\n");
		EXPECT_ERR(r, i == 0 ? "dutybox: 'du': left out: it is this program itself\n" : "");
		expect_is_file("bin/du");
	}
	expect_same_file("bin/ls", "bin/du");
}

Test(dutybox, install_checks_its_operands_first)
{
	struct run no_dir = RUN("--install");
	struct run missing = RUN("--install", "nowhere");
	struct run unknown = RUN("--install", ".", "which", "nosuchthing");

	EXPECT_STATUS(no_dir, 2);
	EXPECT_RUN(missing, 3, "",
	           "dutybox: cannot open directory 'nowhere': No such file or directory\n");
	EXPECT_RUN(unknown, 2, "",
	           "dutybox: no applet is called 'nosuchthing'\n"
	           "Try 'dutybox --help' for more information.\n");
	expect_no_file("which");
}

Test(dutybox, completions_load_in_their_shells)
{
	static const char *const shells[] = { "bash", "zsh", "fish" };

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		struct run script = RUN("completion", shells[i], "du");
		struct run loaded;

		EXPECT_STATUS(script, 0);
		if (run_find(shells[i]) == NULL) {
			printf("not installed: %s\n", shells[i]);
			continue;
		}
		tree_file("script", script.out, script.out_len);
		loaded = RUN_PEER(shells[i], "-n", "script");
		EXPECT_RUN(loaded, 0, "", "");
	}
}

/* What the shell answers to a driver that has the completion script beside it. */
static struct run complete_in(const char *shell, const char *const *words, const char *driver)
{
	char home[4200];
	struct run script = RUN("completion", shell, "du");

	need_program(shell);
	tree_file("script", script.out, script.out_len);
	tree("d files", "f files/two\\words");
	(void)snprintf(home, sizeof(home), "HOME=%s", sandbox_path());
	return run_argv(&(struct run_request){
		.program = shell, .words = words, .input = driver, .env = WORDS(home) });
}

Test(dutybox, bash_completes_applets_options_and_values)
{
	struct run r = complete_in("bash", WORDS("-s"),
	                           ". ./script\n"
	                           "try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); "
	                           "_dutybox 2>/dev/null; echo \"${COMPREPLY[*]}\"; }\n"
	                           "try dutybox disk-\n"
	                           "try dutybox which --defa\n"
	                           "try dutybox du --time = ac\n"
	                           "try du --inod\n"
	                           "try dutybox help wh\n"
	                           "try dutybox completion b\n"
	                           "try dutybox which rea\n"
	                           "try dutybox --inst\n"
	                           "try du files/t\n");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "disk-usage\n--default-path\naccess\n--inodes\nwhich\nbash\n");
	EXPECT_OUT_HAS(r, "readonly");
	/* Files are readline's: it quotes them. */
	EXPECT_OUT_HAS(r, "\n--install\n\n");
}

Test(dutybox, zsh_completes_applets_options_and_values)
{
	struct run r = complete_in("zsh", WORDS("-f", "-s"),
	                           "compdef() { :; }\n"
	                           "_arguments() { print -r -- \"$@\" }\n"
	                           "_describe() { print -r -- describe ${(P)2} }\n"
	                           "compadd() { print -r -- compadd \"$@\" }\n"
	                           "source ./script\n"
	                           "service=dutybox\n"
	                           "try() { words=(\"$@\"); CURRENT=$#words; _dutybox }\n"
	                           "try dutybox completion b\n"
	                           "try dutybox help w\n"
	                           "try dutybox which l | grep -o 'operand.*'\n"
	                           "try dutybox --inst | grep -o -e '--install\\['\n");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "compadd bash zsh fish\ndescribe archive:create");
	EXPECT_OUT_HAS(r, " disk-usage:show where the space went ");
	EXPECT_OUT_HAS(r, "\noperand:_command_names -e\n--install[\n");
}

Test(dutybox, fish_completes_applets_options_and_values)
{
	struct run r = complete_in("fish", WORDS("--no-config"),
	                           "source script\n"
	                           "complete -C 'dutybox help wh'\n"
	                           "complete -C 'dutybox completion b'\n"
	                           "complete -C 'dutybox --instal'\n"
	                           "complete -C 'dutybox du --time=ac'\n"
	                           "complete -C 'du --inod'\n"
	                           "complete -C 'dutybox du --time files/t'\n");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "which\nbash\n--install\t");
	EXPECT_OUT_HAS(r, "\n--time=access\t");
	EXPECT_OUT_HAS(r, "\n--inodes\t");
	EXPECT_OUT_HAS(r, "\nfiles/two");
}

Test(dutybox, bash_completes_commands_of_others)
{
	struct run r = complete_in("bash", WORDS("-s"),
	                           ". ./script\n"
	                           "try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); "
	                           "_dutybox 2>/dev/null; echo \"[${COMPREPLY[*]}]\"; }\n"
	                           "try dutybox env ls files/t\n"
	                           "try dutybox env ls -\n"
	                           "try dutybox timeout rea\n"
	                           "try dutybox path rel --from fi\n"
	                           "try dutybox path rel --fr\n"
	                           "try dutybox path with-s\n"
	                           "try dutybox du --sort nam\n"
	                           "_command_offset() { echo \"offset $1\"; }\n"
	                           "try env -u ls -C / A = 1 ls files/t\n"
	                           "try dutybox timeout -k 5 --signal = INT 10 sleep -\n"
	                           "try dutybox run -t 5 ls --\n");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT(r, "[]\n[]\n[]\n[]\n[--from=]\n[with-suffix with-stem]\n[name]\n"
	              "offset 8\n[]\noffset 8\n[]\noffset 4\n[]\n");
	r = complete_in("bash", WORDS("-s"),
	                ". ./script\n"
	                "try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); "
	                "_dutybox 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\" | "
	                "grep -cx readonly; }\n"
	                "try dutybox env readon\n"
	                "try dutybox env -u X A = 1 readon\n"
	                "try timeout 5 readon\n"
	                "try dutybox run --limit cpu = 1 readon\n"
	                "try dutybox run --limit = cpu = 1 --unset = X A = 1 readon\n");
	EXPECT_OUT(r, "1\n1\n1\n1\n1\n");
}

Test(dutybox, zsh_completes_commands_of_others)
{
	struct run r = complete_in("zsh", WORDS("-f", "-s"),
	                           "compdef() { :; }\n"
	                           "_arguments() { print -r -- \"$@\" }\n"
	                           "_normal() { print -r -- normal $CURRENT $words }\n"
	                           "_command_names() { print -r -- names $CURRENT $words }\n"
	                           "source ./script\n"
	                           "try() { words=(\"${@:2}\"); CURRENT=$#words; "
	                           "_dutybox_command $1 }\n"
	                           "try 0 l\n"
	                           "try 0 A=1 B=2 l\n"
	                           "try 0 A=1 ls -l x\n"
	                           "try 1 5\n"
	                           "try 1 5 l\n"
	                           "try 1 5 ls x\n"
	                           "service=dutybox words=(dutybox env l) CURRENT=3\n"
	                           "_dutybox | grep -o -e '-A.-\\*' -e '_dutybox_command.*'\n");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT(r, "names 1 l\nnames 1 l\nnormal 3 ls -l x\nnames 1 l\nnormal 2 ls x\n"
	              "-A -*\n_dutybox_command 0\n");
}

Test(dutybox, fish_completes_commands_of_others)
{
	struct run r =
		complete_in("fish", WORDS("--no-config"),
	                    "source script\n"
	                    "complete -C 'dutybox env -u X A=1 cat files/t'\n"
	                    "complete -C 'dutybox timeout -k 5 10 cat files/t'\n"
	                    "complete -C 'dutybox path with-s'\n"
	                    "complete -C 'dutybox path rel --fro'\n"
	                    "complete -C 'dutybox path base files/t'\n"
	                    "complete -C 'dutybox env readl' | string match -r '^readlink'\n");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT(r, "files/two\\words\nfiles/two\\words\n"
	              "with-stem\tthe path with another stem\n"
	              "with-suffix\tthe path with another suffix\n"
	              "--from\tfrom there, not from the working directory\n"
	              "files/two\\words\nreadlink\n");
}

/* Each applet and each verb has its options in all three; links stand for applets. */
Test(dutybox, completions_know_all_applets)
{
	struct run list = RUN("--list");
	char *rest = list.out;

	EXPECT_STATUS(list, 0);
	for (const char *name = strsep(&rest, "\n"); name != NULL && *name != '\0';
	     name = strsep(&rest, "\n")) {
		struct run bash = RUN("completion", "bash", name);
		struct run zsh = RUN("completion", "zsh", name);
		struct run fish = RUN("completion", "fish", name);
		struct run verbs = RUN("--list", name);
		char *verbs_rest = verbs.out;
		char want[128];

		(void)snprintf(want, sizeof(want), "_dutybox dutybox %s\n", name);
		EXPECT_OUT_HAS(bash, want);
		(void)snprintf(want, sizeof(want), "#compdef dutybox %s\n", name);
		EXPECT_OUT_HAS(zsh, want);
		(void)snprintf(want, sizeof(want), "complete -c %s -l help ", name);
		EXPECT_OUT_HAS(fish, want);
		(void)snprintf(want, sizeof(want), "\t'%s')\n\t\tcase $option in\n", name);
		EXPECT_OUT_HAS(bash, want);
		for (const char *verb = strsep(&verbs_rest, "\n"); verb != NULL && *verb != '\0';
		     verb = strsep(&verbs_rest, "\n")) {
			(void)snprintf(want, sizeof(want), "\t'%s %s')\n\t\tcase", name, verb);
			EXPECT_OUT_HAS(bash, want);
			(void)snprintf(want, sizeof(want), "\t'%s %s') _arguments", name, verb);
			EXPECT_OUT_HAS(zsh, want);
			(void)snprintf(want, sizeof(want),
			               "complete -c %s -n '__dutybox_is %s' -l help", name, verb);
			EXPECT_OUT_HAS(fish, want);
		}
	}
}

Test(dutybox, completion_checks_its_operands)
{
	struct run none = RUN("completion");
	struct run csh = RUN("completion", "csh");
	struct run link = RUN("completion", "bash", "nosuchthing");

	EXPECT_STATUS(none, 2);
	EXPECT_RUN(csh, 2, "",
	           "dutybox: no completion for the shell 'csh'; use bash, zsh or fish\n"
	           "Try 'dutybox --help' for more information.\n");
	EXPECT_STATUS(link, 127);
}

Test(dutybox, a_link_with_an_unknown_name_is_no_box)
{
	struct run typo = run_as("/usr/bin/wich", WORDS("ls"));
	struct run alone = run_as("nosuchthing", NULL);
	struct run renamed = run_as("./dutybox-1.0.static", WORDS("which", "sh"));
	struct run nameless = run_as("", WORDS("which", "sh"));

	EXPECT_RUN(typo, 127, "", "dutybox: 'wich': no such applet; did you mean 'which'?\n");
	EXPECT_RUN(alone, 127, "",
	           "dutybox: 'nosuchthing': no such applet; 'dutybox --list' names all of them\n");
	EXPECT_STATUS(renamed, 0);
	EXPECT_STATUS(nameless, 0);
}

Test(dutybox, its_own_options_are_never_ignored)
{
	struct run both = RUN("--list", "--install", ".");
	struct run stray = RUN("--force", "--list");
	struct run hard = RUN("--hard");
	struct run verbose = RUN("-v", "--list");
	struct run shortened = RUN("--version", "--verb");
	struct run wrong = RUN("--version", "--nosuchthing");

	EXPECT_RUN(both, 2, "",
	           "dutybox: --list and --install exclude each other\n"
	           "Try 'dutybox --help' for more information.\n");
	expect_empty_dir(".");
	EXPECT_STATUS(stray, 2);
	EXPECT_ERR_HAS(stray, "dutybox: --force goes with --install\n");
	EXPECT_STATUS(hard, 2);
	EXPECT_ERR_HAS(hard, "dutybox: --hard goes with --install\n");
	EXPECT_STATUS(verbose, 2);
	EXPECT_ERR_HAS(verbose, "dutybox: --verbose goes with --version\n");
	EXPECT_STATUS(shortened, 0);
	EXPECT_OUT_HAS(shortened, "\ncompiler: ");
	EXPECT_STATUS(wrong, 2);
	EXPECT_ERR_HAS(wrong, "unrecognized option '--nosuchthing'\n");
}

Test(dutybox, help_is_found_however_it_is_asked_for)
{
	struct run own = RUN("--help");
	struct run by_name = RUN("help", "dutybox");
	struct run of_which = RUN("help", "which");
	struct run option_first = RUN("--help", "which");

	EXPECT_STATUS(own, 0);
	EXPECT_RUN(by_name, 0, own.out, "");
	EXPECT_RUN(option_first, 0, of_which.out, "");
}

Test(dutybox, install_suggests_and_knows_the_default_path)
{
	struct run typo = RUN("--install", ".", "wich");
	struct run r;

	EXPECT_STATUS(typo, 2);
	EXPECT_ERR_HAS(typo, "dutybox: no applet is called 'wich'; did you mean 'which'?\n");

	/* Without PATH the shell's default counts, not the working directory. */
	tree("d bin", "x nosuchthing", "x ls");
	r = run_argv(&(struct run_request){ .words = WORDS("--install", "bin", "ls"),
	                                    .env = WORDS("PATH") });
	EXPECT_ERR_LACKS(r, "./ls");
}

Test(dutybox, a_usage_error_is_a_record_too)
{
	static const char *const calls[][5] = {
		{ "which", "--json", "--no-such" },     { "which", "--json" },
		{ "disk-usage", "--json", "--sort=x" }, { "disk-usage", "--json", "-s", "-a" },
		{ "du", "-t", "x", "--json" },          { "ls", "--json", "--sort=x" },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct run r = run_words(calls[i]);
		struct json_lines lines = JSON_LINES(r);
		const struct json *error = json_record(&lines, "error", 0);

		cr_expect(r.status == 1 || r.status == 2, "%s: %d", calls[i][0], r.status);
		cr_assert_not_null(error, "%s %s", calls[i][0], calls[i][2]);
		cr_expect_not_null(json_string(error, "message"));
	}
}
