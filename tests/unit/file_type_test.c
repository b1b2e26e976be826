/* SPDX-License-Identifier: MIT */
#include "cli/file_type.h"

#include <criterion/criterion.h>
#include <dirent.h>

Test(file_type, words_and_letters_agree)
{
	static const char letters[] = "fdlpscb";

	for (const char *letter = letters; *letter != '\0'; letter++) {
		unsigned char type = file_type_of_letter(*letter);
		const char *word = file_type_word(type);

		cr_expect_neq(type, DT_UNKNOWN, "%c", *letter);
		cr_expect_eq(file_type_of_word(word, strlen(word)), type, "%s", word);
	}
}

Test(file_type, what_is_no_type_is_unknown)
{
	cr_expect_str_eq(file_type_word(DT_UNKNOWN), "unknown");
	cr_expect_str_eq(file_type_word(DT_WHT), "unknown");
	cr_expect_eq(file_type_of_word("files", 5), DT_UNKNOWN);
	cr_expect_eq(file_type_of_word("fil", 3), DT_UNKNOWN);
	cr_expect_eq(file_type_of_letter('\0'), DT_UNKNOWN);
}
