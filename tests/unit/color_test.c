/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "cli/color.h"
#include "cli/term.h"

#include "support/skip.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

TestSuite(color);
TestSuite(peer_color);

Test(color, who_decides)
{
	static const struct {
		enum color_when when;
		struct term_env env;
		bool is_tty, answer;
	} cases[] = {
		{ COLOR_AUTO, { .term = "xterm" }, true, true },
		{ COLOR_AUTO, { .term = "xterm" }, false, false },
		{ COLOR_AUTO, { .term = "dumb" }, true, false },
		{ COLOR_AUTO, { .term = "" }, true, false },
		{ COLOR_AUTO, { 0 }, true, false },
		{ COLOR_ALWAYS, { .no_color = "1" }, false, true },
		{ COLOR_NEVER, { .term = "xterm", .clicolor_force = "1" }, true, false },
		{ COLOR_AUTO, { .term = "xterm", .no_color = "1" }, true, false },
		{ COLOR_AUTO, { .term = "xterm", .no_color = "" }, true, true },
		{ COLOR_AUTO, { .no_color = "1", .clicolor_force = "1" }, true, false },
		{ COLOR_AUTO, { .clicolor_force = "1" }, false, true },
		{ COLOR_AUTO, { .force_color = "3" }, false, true },
		{ COLOR_AUTO, { .clicolor_force = "0", .term = "xterm" }, false, false },
		{ COLOR_AUTO, { .force_color = "0", .term = "xterm" }, true, true },
		{ COLOR_AUTO, { .clicolor = "0", .term = "xterm" }, true, false },
		{ COLOR_AUTO, { .clicolor = "0", .force_color = "1" }, false, true },
		{ COLOR_AUTO, { .clicolor = "1", .term = "xterm" }, true, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(color_decide(cases[i].when, &cases[i].env, cases[i].is_tty),
		             cases[i].answer, "case %zu", i);
}

Test(color, the_world_decides_too)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(unsetenv("NO_COLOR") + unsetenv("CLICOLOR_FORCE") + unsetenv("FORCE_COLOR"),
	             0);
	cr_expect_not(color_enabled(COLOR_AUTO, ends[1]));
	cr_expect(color_enabled(COLOR_ALWAYS, ends[1]));
	cr_assert_eq(setenv("CLICOLOR_FORCE", "1", 1), 0);
	cr_expect(color_enabled(COLOR_AUTO, ends[1]));
}

static struct ls_colors *parse(const char *text)
{
	struct ls_colors *c = NULL;
	struct text_error error = { .reason = "" };

	cr_assert_eq(ls_colors_new(text, &c, &error), 0, "%s: %s", text, error.reason);
	return c;
}

#define FILE_OF(n, m) .name = (n), .len = sizeof(n) - 1, .mode = (m)

Test(color, classes_of_files)
{
	static const struct {
		const char *ls_colors;
		struct ls_color_file file;
		const char *color; /* NULL: none */
	} cases[] = {
		{ NULL, { FILE_OF("f", S_IFREG | 0644) }, NULL },
		{ NULL, { FILE_OF("f", S_IFREG | 0755) }, "01;32" },
		{ NULL, { FILE_OF("f", S_IFREG | 04755) }, "37;41" },
		{ NULL, { FILE_OF("f", S_IFREG | 02755) }, "30;43" },
		{ NULL, { FILE_OF("d", S_IFDIR | 0755) }, "01;34" },
		{ NULL, { FILE_OF("d", S_IFDIR) }, "01;34" },
		{ NULL, { FILE_OF("d", S_IFDIR | 01777) }, "30;42" },
		{ NULL, { FILE_OF("d", S_IFDIR | 0777) }, "34;42" },
		{ NULL, { FILE_OF("d", S_IFDIR | 01755) }, "37;44" },
		{ NULL, { FILE_OF("l", S_IFLNK | 0777) }, "01;36" },
		{ NULL, { FILE_OF("l", S_IFLNK | 0777), .is_dangling = true }, "01;36" },
		{ NULL, { FILE_OF("p", S_IFIFO) }, "33" },
		{ NULL, { FILE_OF("s", S_IFSOCK) }, "01;35" },
		{ NULL, { FILE_OF("b", S_IFBLK) }, "01;33" },
		{ NULL, { FILE_OF("c", S_IFCHR) }, "01;33" },
		{ NULL, { FILE_OF("?", 0) }, NULL },
		{ "", { FILE_OF("d", S_IFDIR) }, "01;34" },
		{ "or=1", { FILE_OF("l", S_IFLNK), .is_dangling = true }, "1" },
		{ "or=1", { FILE_OF("?", 0) }, "1" },
		{ "or=0", { FILE_OF("l", S_IFLNK), .is_dangling = true }, "01;36" },
		{ "mi=9", { FILE_OF("t", 0), .is_missing = true }, "9" },
		{ "or=8", { FILE_OF("t", 0), .is_missing = true }, "8" },
		{ "mi=00:or=8", { FILE_OF("t", 0), .is_missing = true }, "8" },
		{ "ln=target", { FILE_OF("l", S_IFLNK), .target_mode = S_IFDIR | 0755 }, "01;34" },
		{ "ln=target", { FILE_OF("l", S_IFLNK), .target_mode = S_IFREG | 0755 }, "01;32" },
		{ "ln=target:*.c=5",
		  { FILE_OF("l.c", S_IFLNK), .target_mode = S_IFREG | 0644 },
		  "5" },
		{ "ln=target:or=7", { FILE_OF("l", S_IFLNK), .is_dangling = true }, "7" },
		{ "ln=target", { FILE_OF("l", S_IFLNK), .is_dangling = true }, NULL },
		{ "tw=0:ow=1", { FILE_OF("d", S_IFDIR | 01777) }, "1" },
		{ "tw=0:ow=0", { FILE_OF("d", S_IFDIR | 01777) }, "37;44" },
		{ "tw=0:ow=0:st=0", { FILE_OF("d", S_IFDIR | 01777) }, "01;34" },
		{ "su=", { FILE_OF("f", S_IFREG | 04755) }, "01;32" },
		{ "ca=3", { FILE_OF("f", S_IFREG | 0755), .has_capability = true }, "3" },
		{ NULL, { FILE_OF("f", S_IFREG | 0755), .has_capability = true }, "01;32" },
		{ "mh=4", { FILE_OF("f", S_IFREG | 0644), .has_many_links = true }, "4" },
		{ "mh=4:*.c=5", { FILE_OF("f.c", S_IFREG), .has_many_links = true }, "4" },
		{ "*.c=5", { FILE_OF("f.c", S_IFREG | 0755) }, "01;32" },
		{ "fi=6", { FILE_OF("f", S_IFREG) }, "6" },
		{ "fi=6:*.c=5", { FILE_OF("f.c", S_IFREG) }, "5" },
		{ "*.c=0", { FILE_OF("f.c", S_IFREG) }, "0" },
		{ "*.c=5", { FILE_OF("d.c", S_IFDIR) }, "01;34" },
		{ "*.c=5", { FILE_OF(".c", S_IFREG) }, "5" },
		{ "*.c=5", { FILE_OF("c", S_IFREG) }, NULL },
		{ "*README=5", { FILE_OF("a.README", S_IFREG) }, "5" },
		{ "*=5", { FILE_OF("anything", S_IFREG) }, "5" },
		{ "*.c=5:*.c=6", { FILE_OF("f.c", S_IFREG) }, "6" },
		{ "*.gz=5:*.tar.gz=6", { FILE_OF("f.tar.gz", S_IFREG) }, "6" },
		{ "*.tar.gz=6:*.gz=5", { FILE_OF("f.tar.gz", S_IFREG) }, "5" },
		{ "*.c=5", { FILE_OF("f.C", S_IFREG) }, "5" },
		{ "*.C=5", { FILE_OF("f.c", S_IFREG) }, "5" },
		{ "*.c=5:*.C=6", { FILE_OF("f.c", S_IFREG) }, "5" },
		{ "*.c=5:*.C=6", { FILE_OF("f.C", S_IFREG) }, "6" },
		{ "*.cc=5:*.CC=6", { FILE_OF("f.Cc", S_IFREG) }, NULL },
		{ "*.cc=5:*.CC=5", { FILE_OF("f.Cc", S_IFREG) }, "5" },
		{ "di=\\e\\_\\x41\\101\\\\^A^?\\z",
		  { FILE_OF("d", S_IFDIR) },
		  "\x1b AA\\\x01\x7Fz" },
		{ "di=38;2;1;2;3:", { FILE_OF("d", S_IFDIR) }, "38;2;1;2;3" },
		{ "::di=1::", { FILE_OF("d", S_IFDIR) }, "1" },
		{ "di=1=2", { FILE_OF("d", S_IFDIR) }, "1=2" },
		{ "*\\056c=5", { FILE_OF("f.c", S_IFREG) }, "5" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE(ls_colors) struct ls_colors *c = parse(cases[i].ls_colors);
		const struct ls_color *color = ls_colors_for(c, &cases[i].file);

		cr_expect_eq(color != NULL, cases[i].color != NULL, "case %zu: %s", i,
		             cases[i].ls_colors);
		if (color == NULL || cases[i].color == NULL)
			continue;
		cr_expect_eq(color->len, strlen(cases[i].color), "case %zu: %s", i,
		             cases[i].ls_colors);
		cr_expect_eq(memcmp(color->bytes, cases[i].color, color->len), 0, "case %zu: %s", i,
		             cases[i].ls_colors);
	}
}

static const struct {
	const char *text;
	size_t offset;
} unparsable[] = {
	{ "zz=1", 0 },     { "di=1:zz=1", 5 }, { "d", 0 },      { "di", 0 },    { "di:", 0 },
	{ "*.c", 3 },      { "*.c:di=1", 3 },  { "di=1:=", 5 }, { "di=\\", 4 }, { "di=^", 4 },
	{ "di=^\x7F", 4 }, { "*\\", 2 },       { "*.c=^1", 5 }, { "DI=1", 0 },
};

Test(color, what_does_not_parse)
{
	for (size_t i = 0; i < ARRAY_LEN(unparsable); i++) {
		struct ls_colors *c = NULL;
		struct text_error error = { 0 };

		cr_expect_eq(ls_colors_new(unparsable[i].text, &c, &error), -EINVAL, "%s",
		             unparsable[i].text);
		cr_expect_null(c);
		cr_expect_not_null(error.reason, "%s", unparsable[i].text);
		cr_expect_eq(error.offset, unparsable[i].offset, "%s: %zu", unparsable[i].text,
		             error.offset);
	}
}

Test(color, bytes_around_a_name)
{
	static const char *const cases[][4] = {
		{ NULL, "\033[01;34m", "\033[0m", "" },
		{ "rs=", "\033[01;34m", "\033[m", "" },
		{ "ec=E", "\033[01;34m", "E", "" },
		{ "ec=", "\033[01;34m", "", "" },
		{ "lc=<:rc=>", "<01;34>", "<0>", "" },
		{ "no=31", "\033[m\033[01;34m", "\033[0m", "\033[31m" },
		{ "no=00", "\033[01;34m", "\033[0m", "" },
	};
	const struct ls_color_file file = { FILE_OF("d", S_IFDIR) };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE(ls_colors) struct ls_colors *c = parse(cases[i][0]);
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		ls_colors_add_begin(c, ls_colors_for(c, &file), &b);
		cr_expect_str_eq(strbuf_str(&b), cases[i][1], "case %zu", i);
		strbuf_clear(&b);
		ls_colors_add_end(c, &b);
		cr_expect_str_eq(strbuf_str(&b), cases[i][2], "case %zu", i);
		strbuf_clear(&b);
		ls_colors_add_normal(c, &b);
		cr_expect_str_eq(strbuf_str(&b), cases[i][3], "case %zu", i);
	}
}

Test(color, bytes_at_the_ends_of_lines)
{
	AUTO_FREE(ls_colors) struct ls_colors *usual = parse(NULL);
	AUTO_FREE(ls_colors) struct ls_colors *other = parse("lc=<:rc=>:cl=C");
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

	ls_colors_add_clear_line(usual, &b);
	ls_colors_add_farewell(usual, &b);
	cr_expect_str_eq(strbuf_str(&b), "\033[K");
	strbuf_clear(&b);
	ls_colors_add_clear_line(other, &b);
	ls_colors_add_farewell(other, &b);
	cr_expect_str_eq(strbuf_str(&b), "C<>");
}

Test(color, what_a_listing_must_find_out)
{
	AUTO_FREE(ls_colors) struct ls_colors *plain = parse(NULL);
	AUTO_FREE(ls_colors) struct ls_colors *all = parse("ca=1:or=1");
	AUTO_FREE(ls_colors) struct ls_colors *none = parse("ex=0:su=0:sg=0:st=0:ow=0:tw=0");
	AUTO_FREE(ls_colors) struct ls_colors *target = parse("ln=target");

	cr_expect_not(ls_colors_wants_capability(plain));
	cr_expect(ls_colors_wants_capability(all));
	cr_expect(ls_colors_wants_stat(plain));
	cr_expect_not(ls_colors_wants_stat(none));
	cr_expect_not(ls_colors_wants_target(plain));
	cr_expect(ls_colors_wants_target(all));
	cr_expect(ls_colors_wants_target(target));
}

Test(color, hyperlinks)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

	hyperlink_add_begin(&b, "host.example", "/a b/\xFF%;\033\\~x");
	hyperlink_add_end(&b);
	cr_expect_str_eq(strbuf_str(&b), "\033]8;;file://host.example/a%20b/%ff%25%3b%1b%5c~x\033\\"
	                                 "\033]8;;\033\\");
	strbuf_clear(&b);
	hyperlink_add_begin(&b, "a/b", "");
	cr_expect_str_eq(strbuf_str(&b), "\033]8;;file://a%2fb/\033\\");
}

/* The lines of `ls --color` for a tree of all classes under this LS_COLORS; "" on a warning. */
static void gnu_ls(const char *dir, const char *colors, struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf command = { 0 };
	char chunk[4096];
	size_t n;
	FILE *pipe;

	cr_assert_eq(setenv("LS_COLORS", colors, 1), 0);
	strbuf_add_format(&command, "cd %s && TERM=xterm LC_ALL=C ls -1A --color=always 2>&1", dir);
	pipe = popen(strbuf_str(&command), "r");
	cr_assert_not_null(pipe);
	while ((n = fread(chunk, 1, sizeof(chunk), pipe)) > 0)
		strbuf_add(ret, chunk, n);
	cr_assert_eq(pclose(pipe), 0);
}

static const struct {
	const char *name;
	mode_t mode;
	const char *target;
} tree[] = {
	{ "exec", S_IFREG | 0755, NULL },     { "fifo", S_IFIFO | 0644, NULL },
	{ "gone", S_IFLNK, "nowhere" },       { "link.c", S_IFLNK, "plain.c" },
	{ "linkdir", S_IFLNK, "sticky" },     { "other", S_IFDIR | 0777, NULL },
	{ "plain", S_IFREG | 0644, NULL },    { "plain.c", S_IFREG | 0644, NULL },
	{ "plain.gz", S_IFREG | 0644, NULL }, { "setgid", S_IFREG | 02755, NULL },
	{ "setuid", S_IFREG | 04755, NULL },  { "sticky", S_IFDIR | 01755, NULL },
	{ "tmp", S_IFDIR | 01777, NULL },
};

static void build_tree(int dir)
{
	for (size_t i = 0; i < ARRAY_LEN(tree); i++) {
		if (S_ISLNK(tree[i].mode)) {
			cr_assert_eq(symlinkat(tree[i].target, dir, tree[i].name), 0);
			continue;
		}
		if (S_ISDIR(tree[i].mode))
			cr_assert_eq(mkdirat(dir, tree[i].name, 0700), 0);
		else
			cr_assert_eq(mknodat(dir, tree[i].name, tree[i].mode & (S_IFMT | 0700), 0),
			             0);
		cr_assert_eq(fchmodat(dir, tree[i].name, tree[i].mode & 07777, 0), 0);
	}
}

/* What GNU prints, made by us: a reset before the first colour, then line by line. */
static void our_ls(int dir, const struct ls_colors *c, struct strbuf *b)
{
	bool begun = false;

	for (size_t i = 0; i < ARRAY_LEN(tree); i++) {
		struct stat st, target = { 0 };
		struct ls_color_file file = { .name = tree[i].name, .len = strlen(tree[i].name) };
		const struct ls_color *color;

		cr_assert_eq(fstatat(dir, tree[i].name, &st, AT_SYMLINK_NOFOLLOW), 0);
		file.mode = st.st_mode;
		file.has_many_links = st.st_nlink > 1;
		if (S_ISLNK(st.st_mode)) {
			file.is_dangling = fstatat(dir, tree[i].name, &target, 0) != 0;
			file.target_mode = target.st_mode;
		}
		color = ls_colors_for(c, &file);
		if (color != NULL && !begun)
			ls_colors_add_end(c, b);
		begun = begun || color != NULL;
		if (color != NULL)
			ls_colors_add_begin(c, color, b);
		strbuf_add_str(b, tree[i].name);
		if (color != NULL)
			ls_colors_add_end(c, b);
		strbuf_add_char(b, '\n');
	}
	if (begun)
		ls_colors_add_farewell(c, b);
}

Test(peer_color, colours_are_those_of_gnu_ls)
{
	static const char *const values[] = {
		"",         "di=1",           "ln=target",     "ln=target:or=7", "or=1:mi=2",
		"tw=0",     "tw=0:ow=0:st=0", "su=0:sg=0",     "ex=0",           "*.c=5:*.gz=6",
		"*.C=5",    "*.c=1:*.c=2",    "*=3",           "fi=4:*.c=5",     "fi=0",
		"rs=",      "ec=X",           "lc=<:rc=>",     "di=\\e[1\\_^A",  "pi=0:di=",
		"*plain=9", "*.c=0",          "*in.c=1:*.c=2",
	};
	char name[] = "/tmp/color_peer_XXXXXX";
	AUTO_RELEASE_STRBUF struct strbuf command = { 0 };
	AUTO_CLOSE int dir = -1;

	if (system("ls --version 2>/dev/null | grep -q GNU") != 0)
		skip("GNU ls is not installed");
	cr_assert_not_null(mkdtemp(name));
	dir = open(name, O_RDONLY | O_DIRECTORY);
	build_tree(dir);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		AUTO_FREE(ls_colors) struct ls_colors *c = parse(values[i]);
		AUTO_RELEASE_STRBUF struct strbuf ours = { 0 };
		AUTO_RELEASE_STRBUF struct strbuf theirs = { 0 };

		gnu_ls(name, values[i], &theirs);
		our_ls(dir, c, &ours);
		cr_expect_str_eq(strbuf_str(&ours), strbuf_str(&theirs), "LS_COLORS=%s", values[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(unparsable); i++) {
		AUTO_RELEASE_STRBUF struct strbuf theirs = { 0 };

		gnu_ls(name, unparsable[i].text, &theirs);
		cr_expect_not_null(strstr(strbuf_str(&theirs), LS_COLORS_UNPARSABLE),
		                   "LS_COLORS=%s", unparsable[i].text);
	}
	strbuf_add_format(&command, "rm -r %s", name);
	cr_assert_eq(system(strbuf_str(&command)), 0);
}
