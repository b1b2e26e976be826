/* SPDX-License-Identifier: MIT */
#include "sys/signal_names.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>

TestSuite(signal_names);

Test(signal_names, reads_names_and_numbers)
{
	static const struct {
		const char *text;
		int signo;
	} cases[] = {
		{ "TERM", 15 },        { "SIGTERM", 15 }, { "term", 15 },    { "sigterm", 15 },
		{ "15", 15 },          { "0", 0 },        { "9", 9 },        { "64", 64 },
		{ "32", 32 },          { "EXIT", 0 },     { "RTMIN", 34 },   { "RTMIN+0", 34 },
		{ "rtmin+3", 37 },     { "RTMAX", 64 },   { "RTMAX-1", 63 }, { "SIGRTMIN+30", 64 },
		{ "SIGRTMAX-30", 34 }, { "IO", 29 },      { "POLL", 29 },    { "CLD", 17 },
		{ "IOT", 6 },          { "010", 10 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int signo = -1;

		cr_expect_eq(signal_parse(cases[i].text, &signo), 0, "'%s'", cases[i].text);
		cr_expect_eq(signo, cases[i].signo, "'%s' is %d", cases[i].text, signo);
	}
}

Test(signal_names, refuses_everything_else)
{
	static const char *const cases[] = {
		"",         "SIG",     "TERMX",     "TER",     "65",
		"-1",       "+9",      " 9",        "9 ",      "1e1",
		"0x9",      "RTMIN-1", "RTMIN+31",  "RTMAX+1", "RTMAX-31",
		"RTMIN+",   "RTMIN+x", "SIGSIGHUP", "143",     "99999999999999999999",
		"RTMIN+ 1",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int signo = 77;

		cr_expect_eq(signal_parse(cases[i], &signo), -EINVAL, "'%s'", cases[i]);
		cr_expect_eq(signo, 77, "'%s'", cases[i]);
	}
}

Test(signal_names, what_is_printed_is_read_back)
{
	char name[SIGNAL_NAME_SIZE];

	for (int signo = 0; signo <= SIGNAL_NUMBER_MAX; signo++) {
		int back = -1;

		cr_expect_eq(signal_parse(signal_name(signo, name), &back), 0, "%d: %s", signo,
		             name);
		cr_expect_eq(back, signo, "%d: %s", signo, name);
		cr_expect_eq(signal_has_name(signo), name[0] > '9', "%d: %s", signo, name);
	}
	cr_expect_not(signal_has_name(-1));
	cr_expect_not(signal_has_name(65));
	cr_expect_str_eq(signal_name(49, name), "RTMIN+15");
	cr_expect_str_eq(signal_name(50, name), "RTMAX-14");
	cr_expect_str_eq(signal_name(33, name), "33");
}

Test(signal_names, ends_by_signal_as_shells_show_them)
{
	int signo = 77;

	cr_expect_eq(signal_parse_status("143", &signo), 0);
	cr_expect_eq(signo, 15);
	cr_expect_eq(signal_parse_status("192", &signo), 0);
	cr_expect_eq(signo, 64);
	cr_expect_eq(signal_parse_status("HUP", &signo), 0);
	cr_expect_eq(signo, 1);
	cr_expect_eq(signal_parse_status("193", &signo), -EINVAL);
	cr_expect_eq(signal_parse_status("128", &signo), -EINVAL);
	cr_expect_eq(signal_parse_status("65", &signo), -EINVAL);
	cr_expect_eq(signo, 1);
}

Test(signal_names, suggests_the_name_that_was_meant)
{
	static const struct {
		const char *typed;
		const char *name;
	} cases[] = {
		{ "TREM", "TERM" }, { "KIL", "KILL" }, { "KILLL", "KILL" }, { "SIGHUB", "HUP" },
		{ "usr3", "USR1" }, { "blah", NULL },  { "", NULL },        { "X", NULL },
	};
	char name[SIGNAL_NAME_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *nearest = signal_nearest(cases[i].typed, name);

		if (cases[i].name == NULL)
			cr_expect_null(nearest, "'%s'", cases[i].typed);
		else
			cr_expect(nearest != NULL && strcmp(nearest, cases[i].name) == 0, "'%s'",
			          cases[i].typed);
	}
}

Test(signal_names, lists_as_kill_does)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	signal_add_list(&text);
	cr_expect_str_eq(
		strbuf_str(&text),
		"HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT\n"
		"CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS\n"
		"RTMIN RTMIN+1 RTMIN+2 RTMIN+3 RTMIN+4 RTMIN+5 RTMIN+6 RTMIN+7 RTMIN+8 RTMIN+9\n"
		"RTMIN+10 RTMIN+11 RTMIN+12 RTMIN+13 RTMIN+14 RTMIN+15 RTMAX-14 RTMAX-13 RTMAX-12\n"
		"RTMAX-11 RTMAX-10 RTMAX-9 RTMAX-8 RTMAX-7 RTMAX-6 RTMAX-5 RTMAX-4 RTMAX-3 RTMAX-2\n"
		"RTMAX-1 RTMAX\n");
	strbuf_clear(&text);
	signal_add_table(&text);
	cr_expect_eq(
		strncmp(strbuf_str(&text),
	                " 1 HUP      2 INT      3 QUIT     4 ILL      5 TRAP     6 ABRT     7 BUS\n",
	                strlen(" 1 HUP      2 INT      3 QUIT     4 ILL      5 TRAP     6 ABRT     7 BUS\n")),
		0);
	cr_expect_not_null(strstr(strbuf_str(&text), "\n29 POLL    30 PWR     31 SYS\n34 RTMIN"));
	cr_expect_str_eq(strbuf_str(&text) + text.len - strlen("64 RTMAX\n"), "64 RTMAX\n");
}

Test(signal_names, shows_masks)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	signal_add_mask(&text, 0x4000, " ");
	cr_expect_str_eq(strbuf_str(&text), "TERM");
	strbuf_clear(&text);
	signal_add_mask(&text, 0x8000000180000001, ",");
	cr_expect_str_eq(strbuf_str(&text), "HUP,32,33,RTMAX");
	strbuf_clear(&text);
	signal_add_mask(&text, 0, " ");
	cr_expect_str_eq(strbuf_str(&text), "");
}
