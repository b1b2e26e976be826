/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/path.h"

TestSuite(path);

Test(path, join)
{
	static const char *const cases[][3] = {
		{ "a", "b", "a/b" },     { "a/", "b", "a/b" },   { "/", "b", "/b" },
		{ "", "b", "b" },        { "", "/b", "/b" },     { "a", "/b", "a/b" },
		{ "a/", "/b", "a/b" },   { "/", "/b", "/b" },    { "a", "", "a/" },
		{ ".", "-rf", "./-rf" }, { "a//", "b", "a//b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		path_add_join(&b, cases[i][0], cases[i][1]);
		cr_expect_str_eq(strbuf_str(&b), cases[i][2], "case %zu: %s", i, strbuf_str(&b));
	}
}

Test(path, base_name)
{
	static const char *const cases[][2] = {
		{ "a", "a" }, { "/a", "a" },  { "/a/b", "b" }, { "a/b/", "b/" },  { "a//", "a//" },
		{ "/", "/" }, { "///", "/" }, { "", "" },      { "../..", ".." }, { "//a", "a" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_str_eq(path_base_name(cases[i][0]), cases[i][1], "%s", cases[i][0]);
	cr_expect_eq(path_trimmed_len("a/b//"), 3);
	cr_expect_eq(path_trimmed_len("//"), 1);
	cr_expect_eq(path_trimmed_len(""), 0);
}

Test(path, inside)
{
	static const struct {
		const char *path, *dir;
		bool is_inside;
	} cases[] = {
		{ "/a/b", "/a", true },  { "/a", "/a", true },       { "/ab", "/a", false },
		{ "/a", "/a/b", false }, { "/a", "/", true },        { "/", "/", true },
		{ "a/b", ".", true },    { ".", ".", true },         { "..", ".", false },
		{ "../a", ".", false },  { "..a", ".", true },       { "/a", ".", false },
		{ "a", "/", false },     { "../a/b", "../a", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(path_is_inside(cases[i].path, cases[i].dir), cases[i].is_inside,
		             "%s in %s", cases[i].path, cases[i].dir);
}

Test(path, normal_form)
{
	static const char *const cases[][2] = {
		{ "", "." },
		{ ".", "." },
		{ "./", "." },
		{ "/", "/" },
		{ "//", "/" },
		{ "/..", "/" },
		{ "/../a", "/a" },
		{ "..", ".." },
		{ "../..", "../.." },
		{ "a/..", "." },
		{ "a/../..", ".." },
		{ "../a/..", ".." },
		{ "a//b/./c", "a/b/c" },
		{ "/a/b/../c/", "/a/c" },
		{ "/a/b/../../..", "/" },
		{ "a/b/../../c", "c" },
		{ "...", "..." },
		{ "a/...", "a/..." },
		{ "./-x", "-x" },
		{ "../../a/../b", "../../b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
		AUTO_RELEASE_STRBUF struct strbuf again = { 0 };

		strbuf_add_str(&again, "x/");
		path_add_normal(&b, cases[i][0]);
		cr_expect_str_eq(strbuf_str(&b), cases[i][1], "'%s': %s", cases[i][0],
		                 strbuf_str(&b));
		/* What is in the buffer before is left alone, and normal stays normal. */
		path_add_normal(&again, strbuf_str(&b));
		cr_expect_str_eq(strbuf_str(&again) + 2, cases[i][1], "'%s'", cases[i][0]);
	}
}
