/* SPDX-License-Identifier: MIT */
#include "base/version_sort.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(version_sort);

static int compare(const char *a, const char *b)
{
	int difference = version_compare(a, strlen(a), b, strlen(b));

	return (difference > 0) - (difference < 0);
}

/* In the order of ls -v; the rules are gnulib's. */
static const char *const ordered[] = {
	"",     ".",     "..",     ".0",        ".9",          ".A",           ".a~",
	".a",   ".zz",   "a~",     "a",         "a.b~",        "a.b",          "a.bc~",
	"a.bc", "a+",    "a1",     "a2",        "a10",         "a.tar.gz",     "b",
	"b1.2", "b1.10", "b1.10a", "foo-1.tgz", "foo-1.2.tgz", "foo-1.10.tgz",
};

Test(version_sort, orders)
{
	/* The pairs that the rules decide without doubt. */
	static const char *const pairs[][2] = {
		{ "", "." },         { ".", ".." },
		{ "..", ".a" },      { ".z", "a" },
		{ "a~", "a" },       { "a2", "a10" },
		{ "a1", "a2" },      { "b1.2", "b1.10" },
		{ "x0.9", "x0.10" }, { "foo-1.2.tgz", "foo-1.10.tgz" },
		{ "a", "a.b" },      { "a.tar", "a1.tar" },
		{ "a.b~", "a.b" },   { "Z", "a" },
		{ "a9", "aa" },      { "1", "a" },
		{ "a", "+" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		cr_expect_eq(compare(pairs[i][0], pairs[i][1]), -1, "%s < %s", pairs[i][0],
		             pairs[i][1]);
		cr_expect_eq(compare(pairs[i][1], pairs[i][0]), 1, "%s > %s", pairs[i][1],
		             pairs[i][0]);
	}
}

Test(version_sort, is_an_order)
{
	const size_t n = sizeof(ordered) / sizeof(ordered[0]);

	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(compare(ordered[i], ordered[i]), 0);
		for (size_t k = 0; k < n; k++) {
			cr_expect_eq(compare(ordered[i], ordered[k]),
			             -compare(ordered[k], ordered[i]));
			for (size_t m = 0; m < n; m++)
				if (compare(ordered[i], ordered[k]) <= 0 &&
				    compare(ordered[k], ordered[m]) <= 0)
					cr_expect(compare(ordered[i], ordered[m]) <= 0, "%s %s %s",
					          ordered[i], ordered[k], ordered[m]);
		}
	}
}

Test(version_sort, zeroes_in_front_count_nothing)
{
	cr_expect_eq(compare("a01", "a1"), 0);
	cr_expect_eq(compare("a", "a0"), 0);
	cr_expect_eq(compare("a00000000000000000000000000000009", "a10"), -1);
	cr_expect_eq(
		compare("a99999999999999999999999999999998", "a99999999999999999999999999999999"),
		-1);
}
