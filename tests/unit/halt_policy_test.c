/* SPDX-License-Identifier: MIT */
#include "base/halt_policy.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

TestSuite(halt_policy);

Test(halt_policy, reads_policies)
{
	static const struct {
		const char *text;
		struct halt_policy policy;
	} cases[] = {
		{ "never", { HALT_NEVER, HALT_FAIL, 1, false } },
		{ "now,fail=1", { HALT_NOW, HALT_FAIL, 1, false } },
		{ "soon,fail=20%", { HALT_SOON, HALT_FAIL, 20, true } },
		{ "now,success=3", { HALT_NOW, HALT_SUCCESS, 3, false } },
		{ "soon,done=100%", { HALT_SOON, HALT_DONE, 100, true } },
		{ "soon,done=18446744073709551615", { HALT_SOON, HALT_DONE, UINT64_MAX, false } },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text_error error = { 0 };
		struct halt_policy p = { 0 };

		cr_assert_eq(halt_policy_parse(cases[i].text, &p, &error), 0, "%s", cases[i].text);
		cr_expect_eq(p.when, cases[i].policy.when, "%s", cases[i].text);
		cr_expect_eq(p.what, cases[i].policy.what, "%s", cases[i].text);
		cr_expect_eq(p.n, cases[i].policy.n, "%s", cases[i].text);
		cr_expect_eq(p.is_percent, cases[i].policy.is_percent, "%s", cases[i].text);
	}
}

Test(halt_policy, points_at_what_is_wrong)
{
	static const struct {
		const char *text;
		size_t offset;
	} cases[] = {
		{ "", 0 },
		{ "later,fail=1", 0 },
		{ "never,fail=1", 0 },
		{ "now", 3 },
		{ "now,", 4 },
		{ "now,fail", 4 },
		{ "now,failed=1", 4 },
		{ "now,fail=", 9 },
		{ "now,fail=0", 9 },
		{ "now,fail=-1", 9 },
		{ "now,fail=1x", 9 },
		{ "now,fail=%", 9 },
		{ "now,fail=0%", 9 },
		{ "now,fail=101%", 9 },
		{ "now,fail=99999999999999999999999999", 9 },
		{ "soon,done=1%%", 10 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text_error error = { 0 };
		struct halt_policy p;

		cr_expect_eq(halt_policy_parse(cases[i].text, &p, &error), -EINVAL, "%s",
		             cases[i].text);
		cr_expect_eq(error.offset, cases[i].offset, "%s: %zu", cases[i].text, error.offset);
		cr_expect(error.offset + error.len <= strlen(cases[i].text));
	}
}

Test(halt_policy, knows_when_it_is_met)
{
	static const struct {
		const char *text;
		struct halt_count count;
		bool is_met;
	} cases[] = {
		{ "never", { 9, 9, 18 }, false },         { "now,fail=2", { 1, 5, 0 }, false },
		{ "now,fail=2", { 2, 0, 0 }, true },      { "now,fail=2", { 3, 0, 0 }, true },
		{ "soon,success=1", { 5, 0, 9 }, false }, { "soon,success=1", { 0, 1, 9 }, true },
		{ "now,done=3", { 1, 1, 9 }, false },     { "now,done=3", { 1, 2, 9 }, true },
		{ "now,fail=50%", { 1, 9, 10 }, false },  { "now,fail=50%", { 5, 0, 10 }, true },
		{ "now,fail=50%", { 1, 0, 3 }, false },   { "now,fail=50%", { 2, 0, 3 }, true },
		{ "now,fail=1%", { 0, 5, 10 }, false },   { "now,fail=50%", { 9, 9, 0 }, false },
		{ "now,done=100%", { 1, 1, 2 }, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text_error error;
		struct halt_policy p;

		cr_assert_eq(halt_policy_parse(cases[i].text, &p, &error), 0);
		cr_expect_eq(halt_policy_is_met(&p, &cases[i].count), cases[i].is_met, "%zu: %s", i,
		             cases[i].text);
	}
}
