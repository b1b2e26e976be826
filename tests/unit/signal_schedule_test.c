/* SPDX-License-Identifier: MIT */
#include "sys/signal_schedule.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

TestSuite(signal_schedule);

Test(signal_schedule, reads_signals_and_times)
{
	struct signal_schedule s;
	struct text_error where;

	cr_assert_eq(signal_schedule_parse("TERM/10/KILL/5ms", &s, &where), 0);
	cr_assert_eq(s.len, 2);
	cr_expect_eq(s.steps[0].signo, SIGTERM);
	cr_expect_eq(s.steps[0].wait_ns, INT64_C(10000000000));
	cr_expect_eq(s.steps[1].signo, SIGKILL);
	cr_expect_eq(s.steps[1].wait_ns, INT64_C(5000000));
	cr_assert_eq(signal_schedule_parse("TERM/infinity", &s, &where), 0);
	cr_assert_eq(s.len, 1);
	cr_expect_eq(s.steps[0].wait_ns, SIGNAL_WAIT_FOREVER);
	cr_assert_eq(signal_schedule_parse("sigint", &s, &where), 0);
	cr_assert_eq(s.len, 1);
	cr_expect_eq(s.steps[0].signo, SIGINT);
	cr_expect_eq(s.steps[0].wait_ns, 0);
}

Test(signal_schedule, points_at_what_is_wrong)
{
	static const struct {
		char text[64];
		int err;
		size_t offset;
	} cases[] = {
		{ "", -EINVAL, 0 },          { "NONE", -EINVAL, 0 },
		{ "0", -EINVAL, 0 },         { "TERM/", -EINVAL, 5 },
		{ "TERM/x", -EINVAL, 5 },    { "TERM//KILL", -EINVAL, 5 },
		{ "TERM/1/", -EINVAL, 7 },   { "TERM/1/NONE", -EINVAL, 7 },
		{ "TERM/KILL", -EINVAL, 5 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct signal_schedule s = { .len = 99 };
		struct text_error where = { 0 };

		cr_expect_eq(signal_schedule_parse(cases[i].text, &s, &where), cases[i].err, "%s",
		             cases[i].text);
		cr_expect_eq(where.offset, cases[i].offset, "%s: %zu", cases[i].text, where.offset);
		cr_expect_eq(s.len, 99);
	}
}

Test(signal_schedule, has_room_for_sixteen)
{
	char text[256] = "TERM";
	struct signal_schedule s;
	struct text_error where;

	for (int i = 1; i < SIGNAL_STEPS_MAX; i++)
		memcpy(text + strlen(text), "/1/TERM", 8);
	cr_expect_eq(signal_schedule_parse(text, &s, &where), 0);
	cr_expect_eq(s.len, SIGNAL_STEPS_MAX);
	memcpy(text + strlen(text), "/1/TERM", 8);
	cr_expect_eq(signal_schedule_parse(text, &s, &where), -ERANGE);
}
