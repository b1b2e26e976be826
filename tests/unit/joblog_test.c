/* SPDX-License-Identifier: MIT */
#include "base/joblog.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

TestSuite(joblog);

Test(joblog, writes_what_gnu_parallel_does)
{
	static const struct joblog_entry entry = { .seq = 12,
		                                   .started = { 1700000000, 5999999 },
		                                   .wall_ns = INT64_C(61002999999),
		                                   .received = 4096,
		                                   .exit = 3,
		                                   .signal = 0,
		                                   .command = "echo a",
		                                   .command_len = 6 };
	struct strbuf b = { 0 };

	joblog_add(&b, &entry);
	cr_expect_str_eq(strbuf_str(&b),
	                 "12\t:\t1700000000.005\t    61.002\t0\t4096\t3\t0\techo a\n");
	strbuf_release(&b);
}

Test(joblog, reads_lines)
{
	/* The second one is of GNU parallel itself. */
	static const char *const lines[] = {
		"12\t:\t1700000000.005\t    61.002\t0\t4096\t3\t9\techo a",
		"12\thost\t1795617012.500\t     0.003\t0\t4096\t3\t9\techo a",
	};
	struct joblog_entry e;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		cr_assert_eq(joblog_parse(lines[i], strlen(lines[i]), &e), 0, "%s", lines[i]);
		cr_expect_eq(e.seq, 12);
		cr_expect_eq(e.received, 4096);
		cr_expect_eq(e.exit, 3);
		cr_expect_eq(e.signal, 9);
		cr_expect_eq(e.command_len, 6);
		cr_expect_eq(strncmp(e.command, "echo a", 6), 0);
	}
	cr_assert_eq(joblog_parse("1\t:\t1\t1\t0\t0\t0\t0\ta\tb", 19, &e), 0);
	cr_expect_eq(e.command_len, 3, "a tab belongs to the command");
	cr_assert_eq(joblog_parse("1\t:\t1\t1\t0\t0\t0\t0\t", 16, &e), 0);
	cr_expect_eq(e.command_len, 0);
}

Test(joblog, refuses_what_is_no_job)
{
	static const char *const lines[] = {
		"",
		"1",
		"1\t:\t1\t1\t0\t0\t0\t0",
		"0\t:\t1\t1\t0\t0\t0\t0\tx",
		"-1\t:\t1\t1\t0\t0\t0\t0\tx",
		"x\t:\t1\t1\t0\t0\t0\t0\tx",
		"1\t\t1\t1\t0\t0\t0\t0\tx",
		"1\t:\t1\t1\t0\tx\t0\t0\tx",
		"1\t:\t1\t1\t0\t0\t\t0\tx",
		"1\t:\t1\t1\t0\t0\t-1\t0\tx",
		"1\t:\t1\t1\t0\t0\t0\t99999999999\tx",
		"99999999999999999999999999\t:\t1\t1\t0\t0\t0\t0\tx",
		"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand",
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct joblog_entry e;

		cr_expect_eq(joblog_parse(lines[i], strlen(lines[i]), &e), -EINVAL, "%s", lines[i]);
	}
}

Test(joblog, knows_whole_lines)
{
	cr_expect_eq(joblog_whole_len("", 0), 0);
	cr_expect_eq(joblog_whole_len("a", 1), 0);
	cr_expect_eq(joblog_whole_len("a\n", 2), 2);
	cr_expect_eq(joblog_whole_len("a\nb", 3), 2);
	cr_expect_eq(joblog_whole_len("\n\n", 2), 2);
}
