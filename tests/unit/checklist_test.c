/* SPDX-License-Identifier: MIT */
#include "fs/checklist.h"

#include <criterion/criterion.h>

TestSuite(checklist);

#define MD5    "764efa883dda1e11db47671c4a3bbd9e"
#define SHA1   "55ca6286e3e4f4fba5d0448333fa99fc5a404a73"
#define SHA256 "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"

static struct checklist_entry entry;

static enum checklist_kind parse(struct checklist *list, const char *line)
{
	return checklist_parse(list, line, strlen(line), &entry);
}

static enum checklist_kind parse_alone(const char *line)
{
	struct checklist list = { 0 };

	return parse(&list, line);
}

Test(checklist, lines_of_gnu_and_bsd)
{
	static const struct {
		const char *line;
		const char *name;
		enum hash_algo algo;
	} cases[] = {
		{ SHA256 "  f", "f", HASH_SHA256 },
		{ SHA256 " *f", "f", HASH_SHA256 },
		{ SHA256 "   f", " f", HASH_SHA256 },
		{ SHA256 "  *f", "*f", HASH_SHA256 },
		{ SHA256 "  a  b ", "a  b ", HASH_SHA256 },
		{ SHA256 "  f\r", "f", HASH_SHA256 },
		{ SHA256 " f", "f", HASH_SHA256 },
		{ "  \t" SHA256 "  f", "f", HASH_SHA256 },
		{ MD5 "  f", "f", HASH_MD5 },
		{ SHA1 "  f", "f", HASH_SHA1 },
		{ SHA256 SHA256 "  f", "f", HASH_SHA512 },
		{ "00000000  f", "f", HASH_CRC32 },
		{ "\\" SHA256 "  a\\nb\\\\c\\rd", "a\nb\\c\rd", HASH_SHA256 },
		{ SHA256 "  a\\nb", "a\\nb", HASH_SHA256 },
		{ "SHA256 (f) = " SHA256, "f", HASH_SHA256 },
		{ "SHA256(f)= " SHA256, "f", HASH_SHA256 },
		{ "SHA2-256(f)= " SHA256, "f", HASH_SHA256 },
		{ "SHA256 (f) = " SHA256 "\r", "f", HASH_SHA256 },
		{ "MD5 (f (1) = x) = " MD5, "f (1) = x", HASH_MD5 },
		{ "XXH128 (f) = " MD5, "f", HASH_XXH128 },
		{ "BLAKE2b (f) = " SHA256 SHA256, "f", HASH_BLAKE2B },
		{ "\\SHA1 (a\\nb) = " SHA1, "a\nb", HASH_SHA1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cr_expect_eq(parse_alone(cases[i].line), CHECKLIST_ENTRY, "%s", cases[i].line);
		cr_expect_str_eq(strbuf_str(&entry.name), cases[i].name, "%s", cases[i].line);
		cr_expect_eq(entry.algo, cases[i].algo, "%s", cases[i].line);
		cr_expect_eq(entry.digest_size, hash_size(entry.algo), "%s", cases[i].line);
	}
	cr_assert_eq(parse_alone("98EA6E4F  f"), CHECKLIST_ENTRY);
	cr_expect_eq(memcmp(entry.digest, "\x98\xea\x6e\x4f", 4), 0);
}

Test(checklist, other_lines)
{
	static const struct {
		const char *line;
		enum checklist_kind kind;
	} cases[] = {
		{ "", CHECKLIST_COMMENT },
		{ "\r", CHECKLIST_COMMENT },
		{ "   ", CHECKLIST_BAD },
		{ "#", CHECKLIST_COMMENT },
		{ "# " SHA256 "  f", CHECKLIST_COMMENT },
		{ " # c", CHECKLIST_BAD },
		{ SHA256, CHECKLIST_BAD },
		{ SHA256 " ", CHECKLIST_BAD },
		{ SHA256 "  ", CHECKLIST_ENTRY }, /* one space, and a name that is one */
		{ SHA256 "0  f", CHECKLIST_BAD },
		{ SHA256 "0f", CHECKLIST_BAD },
		{ "x" SHA256 "  f", CHECKLIST_BAD },
		{ "\\" SHA256 "  a\\", CHECKLIST_BAD },
		{ "\\" SHA256 "  a\\x", CHECKLIST_BAD },
		{ "SHA256 (f) = " MD5, CHECKLIST_BAD },
		{ "SHA256 (f) = " SHA256 " ", CHECKLIST_BAD },
		{ "SHA256 () = " SHA256, CHECKLIST_BAD },
		{ "SHA256 (f = " SHA256, CHECKLIST_BAD },
		{ "SHA256 (f)", CHECKLIST_BAD },
		{ "SHA256 ", CHECKLIST_BAD },
		{ "SHA256", CHECKLIST_BAD },
		{ "BLAKE2b-256 (f) = " SHA256, CHECKLIST_BAD },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(parse_alone(cases[i].line), cases[i].kind, "'%s'", cases[i].line);
	cr_expect_eq(checklist_parse(&(struct checklist){ 0 }, SHA256 "  a\0b", 69, &entry),
	             CHECKLIST_BAD);
}

Test(checklist, manifests_of_bags)
{
	static const struct {
		const char *line, *name;
	} cases[] = {
		{ MD5 " data/f", "data/f" },         { MD5 "  data/f", "data/f" },
		{ MD5 "\t data/f\r", "data/f" },     { MD5 " *data/f", "data/f" },
		{ MD5 " a%0Ab%0dc%25", "a\nb\rc%" }, { MD5 " 100%", "100%" },
		{ MD5 " %41%2", "%41%2" },           { MD5 " %zz", "%zz" },
	};
	struct checklist list = { .bagit = true };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cr_expect_eq(parse(&list, cases[i].line), CHECKLIST_ENTRY, "%s", cases[i].line);
		cr_expect_str_eq(strbuf_str(&entry.name), cases[i].name, "%s", cases[i].line);
	}
	cr_expect_eq(parse(&list, MD5), CHECKLIST_BAD);
	cr_expect_eq(parse(&list, MD5 " "), CHECKLIST_BAD);
	cr_expect_eq(parse(&list, MD5 "f"), CHECKLIST_BAD);
	cr_expect_eq(parse(&list, "# note"), CHECKLIST_BAD);
}

Test(checklist, what_a_list_is_known_to_be)
{
	struct checklist md5 = { .has_algo = true, .algo = HASH_MD5 };
	struct checklist list = { 0 };

	cr_expect_eq(parse(&md5, MD5 "  f"), CHECKLIST_ENTRY);
	cr_expect_eq(parse(&md5, SHA256 "  f"), CHECKLIST_BAD);
	cr_expect_eq(parse(&md5, "SHA256 (f) = " SHA256), CHECKLIST_BAD);
	cr_expect_eq(parse(&md5, "MD5 (f) = " MD5), CHECKLIST_ENTRY);

	checklist_prefer(&list, "b2sum/SHA512SUMS");
	parse(&list, SHA256 SHA256 "  f");
	cr_expect_eq(entry.algo, HASH_SHA512);
	checklist_prefer(&list, "dir/B2SUMS");
	parse(&list, SHA256 SHA256 "  f");
	cr_expect_eq(entry.algo, HASH_BLAKE2B);
	checklist_prefer(&list, "files.xxh128");
	parse(&list, MD5 "  f");
	cr_expect_eq(entry.algo, HASH_XXH128);
}

Test(checklist, one_space_or_two_is_decided_once)
{
	struct checklist one = { 0 };
	struct checklist two = { 0 };

	cr_expect_eq(parse(&one, MD5 " f"), CHECKLIST_ENTRY);
	cr_expect_eq(parse(&one, MD5 "  f"), CHECKLIST_ENTRY);
	cr_expect_str_eq(strbuf_str(&entry.name), " f");
	cr_expect_eq(parse(&two, MD5 "  f"), CHECKLIST_ENTRY);
	cr_expect_eq(parse(&two, MD5 " f"), CHECKLIST_BAD);
}

Test(checklist, names_outside)
{
	static const char *const outside[] = { "/", "/a", "..", "../a", "a/..", "a/../b", "./.." };
	static const char *const inside[] = {
		"a", "a/b", "...", "..a", "a..", "a/..b/c", ".", "-"
	};

	for (size_t i = 0; i < ARRAY_LEN(outside); i++)
		cr_expect(checklist_is_outside(outside[i]), "%s", outside[i]);
	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		cr_expect(!checklist_is_outside(inside[i]), "%s", inside[i]);
}

Test(checklist, written_as_the_usual_tools_do)
{
	struct checklist list = { 0 };
	struct strbuf b = { 0 };

	cr_assert_eq(parse(&list, "\\" MD5 "  a\\nb\\\\"), CHECKLIST_ENTRY);
	checklist_add_line(&b, &entry, CHECKLIST_GNU, false);
	cr_expect_str_eq(strbuf_str(&b), "\\" MD5 "  a\\nb\\\\\n");
	strbuf_clear(&b);
	checklist_add_line(&b, &entry, CHECKLIST_TAG, false);
	cr_expect_str_eq(strbuf_str(&b), "\\MD5 (a\\nb\\\\) = " MD5 "\n");
	strbuf_clear(&b);
	checklist_add_line(&b, &entry, CHECKLIST_GNU, true);
	cr_expect_eq(b.len, strlen(MD5) + 2 + strlen("a\nb\\") + 1);
	cr_expect_str_eq(b.data, MD5 "  a\nb\\");
	list = (struct checklist){ .raw = true };
	cr_expect_eq(checklist_parse(&list, b.data, b.len - 1, &entry), CHECKLIST_ENTRY);
	cr_expect_str_eq(strbuf_str(&entry.name), "a\nb\\");
	strbuf_release(&b);
}

Test(checklist, says_what_it_covers)
{
	struct checklist list = { 0 };
	struct strbuf b = { 0 };

	checklist_add_covers(&b, "a\nb", false);
	cr_expect_eq(b.data[0], '#');
	cr_expect_eq(checklist_parse(&list, b.data, b.len - 1, &entry), CHECKLIST_COVERS);
	cr_expect_str_eq(strbuf_str(&entry.name), "a\nb");
	strbuf_release(&b);
}
