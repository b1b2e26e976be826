/* SPDX-License-Identifier: MIT */
#include "cli/typo.h"

#include <criterion/criterion.h>

Test(typo, distances)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} cases[] = {
		{ "", "", 0 },
		{ "a", "", 1 },
		{ "ls", "sl", 1 },
		{ "which", "wich", 1 },
		{ "kitten", "sitting", 3 },
		{ "ca", "abc", 3 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cr_expect_eq(typo_distance(cases[i].a, cases[i].b), cases[i].distance, "%s %s",
		             cases[i].a, cases[i].b);
		cr_expect_eq(typo_distance(cases[i].b, cases[i].a), cases[i].distance, "%s %s",
		             cases[i].b, cases[i].a);
	}
}

Test(typo, words_beyond_the_limit_are_far_from_everything)
{
	char longer[80];

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	cr_expect(typo_distance(longer, longer) > 60);
}

Test(typo, near_grows_with_the_word)
{
	cr_expect(typo_is_near("wich", 1));
	cr_expect(typo_is_near("disk-usgae", 3));
	cr_expect_not(typo_is_near("ls", 2));
	cr_expect_not(typo_is_near("a", 1));
}
