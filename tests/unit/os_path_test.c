/* SPDX-License-Identifier: MIT */
#include "base/os_path.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(os_path);

Test(os_path, split_and_ext)
{
	static const char *const cases[][4] = {
		/* path, head, tail, extension */
		{ "", "", "", "" },
		{ "a", "", "a", "" },
		{ "/", "/", "", "" },
		{ "//", "//", "", "" },
		{ "/a", "/", "a", "" },
		{ "a/b", "a", "b", "" },
		{ "a/b/", "a/b", "", "" },
		{ "a//b.c", "a", "b.c", ".c" },
		{ "///a", "///", "a", "" },
		{ "a.b/c", "a.b", "c", "" },
		{ ".bashrc", "", ".bashrc", "" },
		{ "...x", "", "...x", "" },
		{ "..x.y", "", "..x.y", ".y" },
		{ "a.", "", "a.", "." },
		{ "a.tar.gz", "", "a.tar.gz", ".gz" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *path = cases[i][0];
		struct path_span head = os_path_head(path);

		cr_expect_eq(head.len, strlen(cases[i][1]), "%s", path);
		cr_expect_eq(strncmp(head.at, cases[i][1], head.len), 0, "%s", path);
		cr_expect_str_eq(os_path_tail(path), cases[i][2], "%s", path);
		cr_expect_str_eq(os_path_ext(path), cases[i][3], "%s", path);
	}
}

Test(os_path, join)
{
	static const char *const cases[][3] = {
		{ "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "", "b", "b" },   { "a", "", "a/" },
		{ "a", "/b", "/b" }, { "/", "b", "/b" },   { "a/", "", "a/" }, { "", "", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		os_path_join(&b, cases[i][0]);
		os_path_join(&b, cases[i][1]);
		cr_expect_str_eq(strbuf_str(&b), cases[i][2], "case %zu: %s", i, strbuf_str(&b));
	}
}

Test(os_path, norm_keeps_what_is_before_it)
{
	static const char *const cases[][2] = {
		{ "", "." },         { ".", "." },         { "a/..", "." },
		{ "/", "/" },        { "//", "//" },       { "///", "/" },
		{ "//a/..", "//" },  { "/..", "/" },       { "../a", "../a" },
		{ "a/../..", ".." }, { "../..", "../.." }, { "a//./b/", "a/b" },
		{ "/a/../b", "/b" }, { "..a/..", "." },    { "a/b/../../..", ".." },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		strbuf_add_str(&b, "x/y");
		os_path_add_norm(&b, cases[i][0]);
		cr_expect_eq(strncmp(b.data, "x/y", 3), 0, "%s", cases[i][0]);
		cr_expect_str_eq(b.data + 3, cases[i][1], "%s: %s", cases[i][0], b.data + 3);
	}
}

Test(os_path, rel)
{
	static const char *const cases[][3] = {
		{ "/a/b", "/a", "b" }, { "/a", "/a/b", ".." },   { "/a", "/a", "." },
		{ "/", "/", "." },     { "/ab", "/a", "../ab" }, { "/x/y", "/a/b", "../../x/y" },
		{ "/a", "/", "a" },    { "//a/b", "//a", "b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		os_path_add_rel(&b, cases[i][0], cases[i][1]);
		cr_expect_str_eq(b.data, cases[i][2], "case %zu: %s", i, b.data);
	}
}

static void expect_common(bool by_bytes, const char *const *paths, const char *want)
{
	struct os_path_common c = { 0 };
	int r = 0;

	for (; *paths != NULL && r == 0; paths++) {
		if (by_bytes)
			os_path_common_prefix(&c, *paths);
		else
			r = os_path_common_path(&c, *paths);
	}
	if (want != NULL)
		cr_expect_str_eq(strbuf_str(&c.text), want, "%s", strbuf_str(&c.text));
	cr_expect_eq(r, want != NULL ? 0 : -EINVAL);
	strbuf_release(&c.text);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

Test(os_path, common_path_is_by_names)
{
	expect_common(false, LIST("/usr/lib", "/usr/local"), "/usr");
	expect_common(false, LIST("/usr/lib", "/usr/lib/x", "/usr/./lib//y/"), "/usr/lib");
	expect_common(false, LIST("/a", "/b"), "/");
	expect_common(false, LIST("a/b", "a/c"), "a");
	expect_common(false, LIST("a", "b"), "");
	expect_common(false, LIST("a/./b/"), "a/b");
	expect_common(false, LIST("a/b", ""), "");
	expect_common(false, LIST("a/b", "a/b/c", "a/bc"), "a");
	expect_common(false, LIST("/a", "a"), NULL);
	expect_common(false, LIST("a", "/a"), NULL);
}

Test(os_path, common_prefix_is_by_bytes)
{
	expect_common(true, LIST("/usr/lib", "/usr/local"), "/usr/l");
	expect_common(true, LIST("a/b", "a/bc"), "a/b");
	expect_common(true, LIST("a", ""), "");
	expect_common(true, LIST("a", "/a"), "");
}

/* A and AB are set, E is empty. */
static const char *lookup(const char *name, size_t len, void *user)
{
	(void)user;
	if (len == 1 && name[0] == 'A')
		return "$A";
	if (len == 1 && name[0] == 'E')
		return "";
	return len == 2 && memcmp(name, "AB", 2) == 0 ? "two" : NULL;
}

static const char *const expansions[][2] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "$A", "$A" },
	{ "$AB${AB}x", "twotwox" },
	{ "$A.$E.", "$A.." },
	{ "$ABC$1$", "$ABC$1$" },
	{ "$$AB", "$two" },
	{ "${A", "${A" },
	{ "${}", "${}" },
	{ "${${AB}", "${${AB}" },
	{ "${x $AB", "${x two" },
	{ "${x\n}$AB", "${x\n}two" },
	{ "\xff$AB\xff", "\xfftwo\xff" },
	{ "a$", "a$" },
};

Test(os_path, variables)
{
	const struct os_path_vars vars = { .lookup = lookup };

	for (size_t i = 0; i < ARRAY_LEN(expansions); i++) {
		const char *text = expansions[i][0];
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		cr_expect_eq(os_path_add_expanded(&b, text, strlen(text), &vars), strlen(text));
		cr_expect_str_eq(strbuf_str(&b), expansions[i][1], "%s: %s", text, strbuf_str(&b));
	}
}

/* In two pieces, cut anywhere, the result is the same. */
Test(os_path, variables_in_pieces)
{
	struct os_path_vars vars = { .lookup = lookup };

	for (size_t i = 0; i < ARRAY_LEN(expansions); i++) {
		const char *text = expansions[i][0];
		const size_t len = strlen(text);

		for (size_t cut = 0; cut <= len; cut++) {
			AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
			size_t used;

			vars.more_follows = true;
			used = os_path_add_expanded(&b, text, cut, &vars);
			cr_assert(used <= cut);
			vars.more_follows = false;
			cr_expect_eq(os_path_add_expanded(&b, text + used, len - used, &vars),
			             len - used);
			cr_expect_str_eq(strbuf_str(&b), expansions[i][1], "%s at %zu: %s", text,
			                 cut, strbuf_str(&b));
		}
	}
}

Test(os_path, a_name_that_is_too_long_is_text)
{
	const struct os_path_vars more = { .lookup = lookup, .more_follows = true };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	size_t used;

	strbuf_add_str(&text, "${");
	strbuf_add_fill(&text, 'x', OS_PATH_NAME_MAX);
	cr_expect_eq(os_path_add_expanded(&b, text.data, text.len, &more), 0, "may still end");
	strbuf_add_str(&text, "x$AB.");
	used = os_path_add_expanded(&b, text.data, text.len, &more);
	cr_expect_eq(used, text.len);
	cr_expect_eq(b.len, text.len, "what is in the long name is looked at: $AB is two");
	cr_expect_str_eq(b.data + b.len - 4, "two.");
}
