/* SPDX-License-Identifier: MIT */
#include "cli/template.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(template);

static void expand_into(struct strbuf *b, const char *text, unsigned flags,
                        const struct template_entry *entry)
{
	AUTO_FREE(template) struct template *t = NULL;
	struct text_error error = { 0 };
	int r = template_compile(text, flags, &t, &error);

	strbuf_clear(b);
	if (r < 0)
		strbuf_add_format(b, "error at %zu, %zu", error.offset, error.len);
	else
		template_expand(t, entry, b);
}

Test(template, the_parts_of_a_path)
{
	static const struct {
		const char *path, *base, *parent, *stem, *base_stem;
	} cases[] = {
		{ "foo.txt", "foo.txt", ".", "foo", "foo" },
		{ "dir/foo.txt", "foo.txt", "dir", "dir/foo", "foo" },
		{ "/dir/foo.txt", "foo.txt", "/dir", "/dir/foo", "foo" },
		{ "/foo", "foo", "/", "/foo", "foo" },
		{ "a.tar.gz", "a.tar.gz", ".", "a.tar", "a.tar" },
		{ ".foo", ".foo", ".", ".foo", ".foo" },
		{ "d/.foo.c", ".foo.c", "d", "d/.foo", ".foo" },
		{ "d.x/foo", "foo", "d.x", "d.x/foo", "foo" },
		{ "foo.", "foo.", ".", "foo", "foo" },
		{ "a//b.c", "b.c", "a", "a//b", "b" },
		{ "d.x/", "d.x", ".", "d", "d" },
		{ "a/d.x//", "d.x", "a", "a/d", "d" },
		{ "/", "/", "/", "/", "/" },
		{ "//", "/", "/", "//", "/" },
		{ "..", "..", ".", "..", ".." },
		{ ".", ".", ".", ".", "." },
		{ "a/..", "..", "a", "a/..", ".." },
		{ "..x", "..x", ".", ".", "." },
		{ "\xff.\n/\033.\xfe", "\033.\xfe", "\xff.\n", "\xff.\n/\033", "\033" },
		{ "💖/é.ü", "é.ü", "💖", "💖/é", "é" },
		{ "", "", ".", "", "" },
	};
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf want = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct template_entry entry = { .path = cases[i].path };

		strbuf_clear(&want);
		strbuf_add_format(&want, "%s|%s|%s|%s|%s", cases[i].path, cases[i].base,
		                  cases[i].parent, cases[i].stem, cases[i].base_stem);
		expand_into(&got, "{}|{/}|{//}|{.}|{/.}", 0, &entry);
		cr_expect_str_eq(strbuf_str(&got), strbuf_str(&want));
	}
}

Test(template, braces)
{
	static const struct {
		const char *text, *format, *command;
	} cases[] = {
		{ "", "", "" },
		{ "plain", "plain", "plain" },
		{ "{{}}", "{}", "{}" },
		{ "{{}", "{}", "{}" },
		{ "{{{}}}", "{p.q}", "{p.q}" },
		{ "{}}", "p.q}", "p.q}" },
		{ "{", "{", "{" },
		{ "}", "}", "}" },
		{ "}}", "}", "}" },
		{ "a{b", "a{b", "a{b" },
		{ "{a,b}", "{a,b}", "{a,b}" },
		{ "{ print }", "{ print }", "{ print }" },
		{ "{\"p\":\"{}\"}", "{\"p\":\"p.q\"}", "{\"p\":\"p.q\"}" },
		{ "{print}", "error at 0, 7", "{print}" },
		{ "x{///}", "error at 1, 5", "x{///}" },
		{ "{}{Size}", "error at 2, 6", "p.q{Size}" },
		{ "{..}", "error at 0, 4", "{..}" },
		{ "{{size}}", "{size}", "{size}" },
		{ "\\n\\t\\0", "\\n\\t\\0", "\\n\\t\\0" },
		{ "{/}{.}{}", "p.qpp.q", "p.qpp.q" },
	};
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
	struct template_entry entry = { .path = "p.q" };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		expand_into(&got, cases[i].text, 0, &entry);
		cr_expect_str_eq(strbuf_str(&got), cases[i].format, "format %s: %s", cases[i].text,
		                 strbuf_str(&got));
		expand_into(&got, cases[i].text, TEMPLATE_COMMAND, &entry);
		cr_expect_str_eq(strbuf_str(&got), cases[i].command, "command %s: %s",
		                 cases[i].text, strbuf_str(&got));
	}
}

Test(template, metadata)
{
	struct stat st = { .st_size = INT64_C(5) << 40,
		           .st_mode = S_IFREG | 0644,
		           .st_ino = UINT64_MAX,
		           .st_nlink = 3,
		           .st_uid = 0,
		           .st_gid = UINT32_MAX - 1,
		           .st_mtim = { 1700000000, 120000000 } };
	AUTO_FREE(users) struct users *users = users_new();
	struct template_entry entry = { .path = "p", .st = &st, .target = "t/\xff" };
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	expand_into(&got, "{size} {mtime} {mode} {type} {inode} {nlink} {uid} {gid}", 0, &entry);
	cr_expect_str_eq(strbuf_str(&got), "5497558138880 1700000000.12 0644 file "
	                                   "18446744073709551615 3 0 4294967294");
	expand_into(&got, "{user}:{group}>{target}", 0, &entry);
	cr_expect_str_eq(strbuf_str(&got), "0:4294967294>t/\xff");
	entry.users = users;
	entry.target = NULL;
	expand_into(&got, "{user}:{group}>{target}", 0, &entry);
	cr_expect_str_eq(strbuf_str(&got), "root:4294967294>");
	st.st_mode = S_IFDIR | 01777;
	st.st_mtim = (struct timespec){ -2, 750000000 };
	expand_into(&got, "{mode}{type}{mtime}", 0, &entry);
	cr_expect_str_eq(strbuf_str(&got), "1777dir-1.25");
	st.st_mode = S_IFLNK | 04000;
	expand_into(&got, "{mode}{type}", 0, &entry);
	cr_expect_str_eq(strbuf_str(&got), "4000symlink");
	entry.st = NULL;
	expand_into(&got, "{size}{user} {}", 0, &entry);
	cr_expect_str_eq(strbuf_str(&got), "?? p");
}

Test(template, what_it_needs)
{
	static const struct {
		const char *text;
		unsigned needs;
		bool placeholder;
	} cases[] = {
		{ "", 0, false },
		{ "x {{}}", 0, false },
		{ "{}", 0, true },
		{ "x{//}", 0, true },
		{ "{size}", TEMPLATE_NEEDS_STAT, true },
		{ "{target}", TEMPLATE_NEEDS_TARGET, true },
		{ "{group}{}{target}",
		  TEMPLATE_NEEDS_STAT | TEMPLATE_NEEDS_USERS | TEMPLATE_NEEDS_TARGET, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE(template) struct template *t = NULL;
		struct text_error error;

		cr_assert_eq(template_compile(cases[i].text, 0, &t, &error), 0);
		cr_expect_eq(template_needs(t), cases[i].needs, "%s", cases[i].text);
		cr_expect_eq(template_has_placeholder(t), cases[i].placeholder, "%s",
		             cases[i].text);
	}
}

Test(template, no_name_becomes_an_option)
{
	static const struct {
		const char *text, *path, *want;
	} cases[] = {
		{ "{}", "-rf", "./-rf" },
		{ "{}", "a/-rf", "a/-rf" },
		{ "{/}", "a/-rf", "./-rf" },
		{ "{/.}", "a/-r.f", "./-r" },
		{ "{.}", "-r.f", "./-r" },
		{ "{//}", "-d/x", "./-d" },
		{ "--file={}", "-rf", "--file=-rf" },
		{ "x{}", "-rf", "x-rf" },
		{ "{target}{}", "-rf", "./-rf" },
		{ "{}{}", "-", "./--" },
	};
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct template_entry entry = { .path = cases[i].path };

		expand_into(&got, cases[i].text, TEMPLATE_COMMAND, &entry);
		cr_expect_str_eq(strbuf_str(&got), cases[i].want, "%s of %s: %s", cases[i].text,
		                 cases[i].path, strbuf_str(&got));
	}
	expand_into(&got, "{}", 0, &(struct template_entry){ .path = "-rf" });
	cr_expect_str_eq(strbuf_str(&got), "-rf", "in a format it is the name");
}

Test(template, the_error_says_what_and_keeps_the_result)
{
	struct template *untouched = NULL;
	struct text_error error = { 0 };

	cr_assert_eq(template_compile("a {nothing} b", 0, &untouched, &error), -EINVAL);
	cr_expect(untouched == NULL);
	cr_expect_str_eq(error.reason, "unknown placeholder; {{ stands for a brace");
	cr_expect_eq(error.offset, 2);
	cr_expect_eq(error.len, 9);
}
