/* SPDX-License-Identifier: MIT */
#include "fs/mtree.h"

#include "base/hex.h"
#include "base/mem.h"

#include <criterion/criterion.h>
#include <dirent.h>

TestSuite(mtree);

#define MD5    "764efa883dda1e11db47671c4a3bbd9e"
#define SHA1   "55ca6286e3e4f4fba5d0448333fa99fc5a404a73"
#define SHA256 "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"

static struct mtree_entry entry;

static enum mtree_kind parse(struct mtree *m, const char *line)
{
	return mtree_parse(m, line, strlen(line), &entry);
}

static enum mtree_kind parse_alone(const char *line)
{
	struct mtree *m = mtree_new();
	enum mtree_kind kind = parse(m, line);

	(void)mtree_free(m);
	return kind;
}

/* Names of all entries of a list, with a space behind each; "!" is a bad line. */
static const char *names_of(const char *text)
{
	static struct strbuf names;
	struct mtree *m = mtree_new();
	const char *end;

	strbuf_clear(&names);
	for (const char *at = text; *at != '\0'; at = end + 1) {
		enum mtree_kind kind;

		end = strchr(at, '\n');
		kind = mtree_parse(m, at, (size_t)(end - at), &entry);
		if (kind == MTREE_ENTRY)
			strbuf_add(&names, entry.name.data, entry.name.len);
		else if (kind == MTREE_BAD)
			strbuf_add_char(&names, '!');
		if (kind != MTREE_NOTHING)
			strbuf_add_char(&names, ' ');
	}
	(void)mtree_free(m);
	return strbuf_str(&names);
}

Test(mtree, every_word)
{
	struct strbuf hex = { 0 };

	cr_assert_eq(parse_alone("./f type=file mode=4755 uid=1 gid=4294967294 uname=a\\040b "
	                         "gname=g size=18446744073709551615 time=-5.000000007 link=x\\012y "
	                         "optional nochange ignore sha256digest=" SHA256),
	             MTREE_ENTRY);
	cr_expect_eq(entry.has, (1U << 13) - 1);
	cr_expect_str_eq(entry.name.data, "f");
	cr_expect_eq(entry.type, DT_REG);
	cr_expect_eq(entry.mode, 04755);
	cr_expect_eq(entry.uid, 1);
	cr_expect_eq(entry.gid, UINT32_MAX - 1);
	cr_expect_str_eq(entry.uname.data, "a b");
	cr_expect_str_eq(entry.gname.data, "g");
	cr_expect_eq(entry.size, UINT64_MAX);
	cr_expect_eq(entry.time.tv_sec, -5);
	cr_expect_eq(entry.time.tv_nsec, 7);
	cr_expect_str_eq(entry.link.data, "x\ny");
	cr_expect_eq(entry.algo, HASH_SHA256);
	hex_add(&hex, entry.digest, 32);
	cr_expect_str_eq(hex.data, SHA256);
	strbuf_release(&hex);
	cr_expect_not(entry.has_unknown);
	cr_assert_eq(parse_alone("f"), MTREE_ENTRY);
	cr_expect_eq(entry.has, 0);
}

Test(mtree, types)
{
	static const struct {
		const char *line;
		int type;
	} cases[] = {
		{ "a type=file", DT_REG },    { "a type=dir", DT_DIR },  { "a type=link", DT_LNK },
		{ "a type=fifo", DT_FIFO },   { "a type=char", DT_CHR }, { "a type=block", DT_BLK },
		{ "a type=socket", DT_SOCK },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cr_expect_eq(parse_alone(cases[i].line), MTREE_ENTRY, "%s", cases[i].line);
		cr_expect_eq(entry.type, cases[i].type, "%s", cases[i].line);
	}
}

Test(mtree, the_strongest_digest_that_is_known)
{
	cr_assert_eq(parse_alone("f md5=" MD5 " sha256=" SHA256 " sha1digest=" SHA1
	                         " sha384=12 rmd160digest=34 cksum=5"),
	             MTREE_ENTRY);
	cr_expect_eq(entry.algo, HASH_SHA256);
	cr_assert_eq(parse_alone("f sha1=" SHA1 " md5digest=" MD5), MTREE_ENTRY);
	cr_expect_eq(entry.algo, HASH_SHA1);
	cr_assert_eq(parse_alone("f sha512digest=" SHA256 SHA256 " sha256=" SHA256), MTREE_ENTRY);
	cr_expect_eq(entry.algo, HASH_SHA512);
	cr_assert_eq(parse_alone("f sha384=12"), MTREE_ENTRY);
	cr_expect_eq(entry.has & MTREE_DIGEST, 0);
}

Test(mtree, one_algorithm_may_be_demanded)
{
	struct mtree *m = mtree_new();

	mtree_demand(m, HASH_MD5);
	cr_expect_eq(parse(m, "f type=file sha256=" SHA256 " md5=" MD5), MTREE_ENTRY);
	cr_expect_eq(entry.algo, HASH_MD5);
	cr_expect_eq(parse(m, "f type=file sha256=" SHA256), MTREE_BAD);
	cr_expect_eq(parse(m, "f type=file nochange"), MTREE_ENTRY);
	cr_expect_eq(parse(m, "l type=link link=x"), MTREE_ENTRY);
	(void)mtree_free(m);
}

Test(mtree, values_that_are_none)
{
	static const char *const bad[] = {
		"f type",
		"f type=",
		"f type=door",
		"f type=files",
		"f mode=8",
		"f mode=10000",
		"f mode=u+x",
		"f mode=",
		"f uid=-1",
		"f uid=4294967295",
		"f gid=1x",
		"f size=18446744073709551616",
		"f size=1.0",
		"f time=1.1000000000",
		"f time=1.",
		"f time=.5",
		"f time=1.-5",
		"f time=",
		"f link=",
		"f link=\\000",
		"f link=\\M",
		"f uname=\\q",
		"f md5=12",
		"f sha256=" MD5,
		"f sha1=" MD5 "0000000g",
		"f optional=1",
		"f ignore=",
		"/etc type=dir",
		"/setx type=file",
		"/set type=door",
		"/set what=1",
		"/unset what",
		"..",
		"\\000 type=file",
		"\\400 type=file",
		"\\q type=file",
		"a\\057b type=file",
		"\\056\\056 type=dir",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect_eq(parse_alone(bad[i]), MTREE_BAD, "%s", bad[i]);
}

Test(mtree, bytes_of_nul)
{
	struct mtree *m = mtree_new();

	cr_expect_eq(mtree_parse(m,
	                         "f size=5\0"
	                         "6",
	                         10, &entry),
	             MTREE_BAD);
	cr_expect_eq(mtree_parse(m, "f\0g size=5", 10, &entry), MTREE_BAD);
	cr_expect_eq(mtree_parse(m, "# \0", 3, &entry), MTREE_NOTHING);
	(void)mtree_free(m);
}

Test(mtree, words_that_are_no_keywords_are_told)
{
	cr_expect_eq(parse_alone("f type=file what=1"), MTREE_ENTRY);
	cr_expect(entry.has_unknown);
	cr_expect_eq(parse_alone("f what size=1"), MTREE_ENTRY);
	cr_expect(entry.has_unknown);
	cr_expect_eq(entry.size, 1);
	cr_expect_eq(parse_alone("f =1"), MTREE_ENTRY);
	cr_expect(entry.has_unknown);
	cr_expect_eq(parse_alone("f flags=none nlink=1 cksum inode=3 tags=x contents=/etc/shadow"),
	             MTREE_ENTRY);
	cr_expect_not(entry.has_unknown);
	cr_expect_eq(parse_alone("f size=1 # comment what"), MTREE_ENTRY);
	cr_expect_not(entry.has_unknown);
}

Test(mtree, names_are_decoded)
{
	static const struct {
		const char *line, *name;
	} cases[] = {
		{ "a\\040b\\043\\134", "a b#\\" },
		{ "a\\sb\\#\\\\\\n\\t", "a b#\\\n\t" },
		{ "\\r\\b\\a\\v\\f\\E", "\r\b\a\v\f\033" },
		{ "\\^A\\^?\\M-a\\M^A", "\001\177\341\201" },
		{ "\\x41\\xfF", "A\377" },
		{ "\\1x\\12y", "\001x\ny" },
		{ "./\\056./x", "../x" },
		{ "./-x", "-x" },
		{ "././/x/y", "x/y" },
		{ "./", "." },
		{ ".", "." },
		{ "./.", "." },
		{ "x/y", "x/y" },
		{ "\\057a/b", "/a/b" },
		{ " \t./x\t", "x" },
		{ "./x\r", "x" },
		{ "./a=b", "a=b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cr_expect_eq(parse_alone(cases[i].line), MTREE_ENTRY, "%s", cases[i].line);
		cr_expect_str_eq(strbuf_str(&entry.name), cases[i].name, "%s", cases[i].line);
	}
}

Test(mtree, directories_hold_what_follows)
{
	cr_expect_str_eq(
		names_of("#mtree\n/set type=file\n. type=dir\n  a\n  d type=dir\n    b\n"
	                 "    e type=dir\n c\n ..\n  f\n..\n  ./x/y type=dir\n  g\n..\n..\n"),
		". a d d/b d/e d/e/c d/f x/y g ! ");
	cr_expect_str_eq(names_of("/set type=dir\nd\n.\nx\n..\n..\n..\ny\n"), "d d d/x y ");
	cr_expect_str_eq(
		names_of("d type=dir\n..\nd type=dir optional\na type=link\nb\n..\n.. x\n"),
		"d d d/a d/b ! ");
}

Test(mtree, below_a_name_that_is_none_nothing_is_guessed)
{
	cr_expect_str_eq(names_of("d type=dir\n\\q type=dir\na\nb type=dir\nc\n..\n./full\n..\n"
	                          "e\n..\nf\n"),
	                 "d ! ! ! ! full d/e f ");
	/* A bad word does not make another directory of it. */
	cr_expect_str_eq(names_of("d type=dir mode=9\na\n..\nb\n"), "! d/a b ");
}

Test(mtree, what_set_says_holds_until_it_is_unset)
{
	struct mtree *m = mtree_new();

	cr_expect_eq(parse(m, "/set type=file uid=5 mode=644 uname=u gname=g link=l"),
	             MTREE_NOTHING);
	cr_expect_eq(parse(m, "a uid=6"), MTREE_ENTRY);
	cr_expect(entry.uid == 6 && entry.mode == 0644 && entry.type == DT_REG);
	cr_expect_str_eq(entry.uname.data, "u");
	cr_expect_str_eq(entry.gname.data, "g");
	cr_expect_str_eq(entry.link.data, "l");
	cr_expect_eq(parse(m, "/unset uid flags mode"), MTREE_NOTHING);
	cr_expect_eq(parse(m, "b"), MTREE_ENTRY);
	cr_expect_eq(entry.has, MTREE_TYPE | MTREE_UNAME | MTREE_GNAME | MTREE_LINK);
	cr_expect_eq(parse(m, "/set mode=600"), MTREE_NOTHING);
	cr_expect_eq(parse(m, "c"), MTREE_ENTRY);
	cr_expect(entry.mode == 0600 && (entry.has & MTREE_TYPE) != 0);
	cr_expect_eq(parse(m, "/unset all"), MTREE_NOTHING);
	cr_expect_eq(parse(m, "d"), MTREE_ENTRY);
	cr_expect_eq(entry.has, 0);
	(void)mtree_free(m);
}

Test(mtree, a_bad_value_in_set_says_nothing)
{
	static const struct {
		const char *good, *bad;
		unsigned key;
	} words[] = {
		{ "/set link=l", "/set link=\\e", MTREE_LINK },
		{ "/set uname=u", "/set uname=\\e", MTREE_UNAME },
		{ "/set mode=644", "/set mode=8", MTREE_MODE },
		{ "/set uid=0", "/set uid=root", MTREE_UID },
		{ "/set type=file", "/set type=door", MTREE_TYPE },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct mtree *m = mtree_new();

		cr_assert_eq(parse(m, words[i].good), MTREE_NOTHING);
		cr_assert_eq(parse(m, "a nlink=1"), MTREE_ENTRY);
		cr_expect_eq(entry.has, words[i].key, "%s", words[i].good);
		cr_assert_eq(parse(m, words[i].bad), MTREE_BAD);
		cr_assert_eq(parse(m, "a nlink=1"), MTREE_ENTRY);
		cr_expect_eq(entry.has, 0, "%s", words[i].bad);
		(void)mtree_free(m);
	}
}

Test(mtree, lines_that_go_on)
{
	struct mtree *m = mtree_new();

	cr_expect_eq(parse(m, "a type=file \\"), MTREE_NOTHING);
	cr_expect_eq(parse(m, "   size=5 ti\\\r"), MTREE_NOTHING);
	cr_expect_eq(parse(m, "me=7.0"), MTREE_ENTRY);
	cr_expect_eq(entry.has, MTREE_TYPE | MTREE_SIZE | MTREE_TIME);
	cr_expect_eq(entry.time.tv_sec, 7);
	/* A backslash of the name is no sign of that. */
	cr_expect_eq(parse(m, "b\\\\"), MTREE_ENTRY);
	cr_expect_str_eq(entry.name.data, "b\\");
	cr_expect_eq(parse(m, "# a comment \\"), MTREE_NOTHING);
	cr_expect_eq(parse(m, "c size=1 \\"), MTREE_NOTHING);
	cr_expect_eq(parse(m, ""), MTREE_ENTRY);
	cr_expect_str_eq(entry.name.data, "c");
	cr_expect_eq(parse(m, ""), MTREE_NOTHING);
	(void)mtree_free(m);
}

Test(mtree, lines_and_paths_of_any_length)
{
	const size_t size = MTREE_LINE_MAX / 4;
	struct mtree *m = mtree_new();
	char *line = mem_alloc(size + 100);

	memset(line, 'n', size);
	memcpy(line + size, " type=dir", 10);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(parse(m, line), MTREE_ENTRY);
	cr_expect_eq(parse(m, line), MTREE_BAD);
	cr_expect_eq(parse(m, "below"), MTREE_BAD);
	cr_expect_eq(parse(m, ".."), MTREE_NOTHING);
	cr_expect_eq(parse(m, "beside"), MTREE_ENTRY);
	cr_expect_eq(entry.name.len, 3 * size + 9);
	line[size] = '\\';
	for (int i = 0; i < 20; i++)
		cr_expect_eq(mtree_parse(m, line, size + 1, &entry), MTREE_NOTHING);
	cr_expect_eq(parse(m, "end"), MTREE_BAD);
	cr_expect_eq(parse(m, "next"), MTREE_ENTRY);
	free(line);
	(void)mtree_free(m);
}

Test(mtree, lists_are_told_by_their_first_line)
{
	static const struct {
		const char *line;
		bool is_one;
	} cases[] = {
		{ "#mtree", true },
		{ "#mtree v2.0", true },
		{ "# mtree", false },
		{ "/set type=file", true },
		{ "/unset uid", true },
		{ ". type=dir", true },
		{ "  ./a\tsha256=1", true },
		{ "a what=1", false },
		{ "a", false },
		{ "", false },
		{ "/etc/passwd mode=1", true },
		{ SHA256 "  a=b", false },
		{ SHA256 "  type=b", true }, /* to be asked only of what is no other list's line */
		{ "a =1", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(mtree_is_first_line(cases[i].line, strlen(cases[i].line)),
		             cases[i].is_one, "%s", cases[i].line);
}

Test(mtree, what_is_written_is_read_the_same)
{
	struct strbuf line = { 0 };
	struct mtree_entry e = { .has = (MTREE_DIGEST << 1) - 1,
		                 .type = DT_LNK,
		                 .mode = 0640,
		                 .uid = 7,
		                 .gid = 8,
		                 .size = 9,
		                 .time = { -3, 4 },
		                 .algo = HASH_SHA1 };

	e.has &= ~(unsigned)(MTREE_UNAME | MTREE_GNAME);
	for (int c = 1; c < 256; c++)
		strbuf_add_char(&e.name, (char)c);
	strbuf_add_str(&e.link, "\\ #x=\n");
	hex_read(SHA1, 20, e.digest);
	mtree_add_line(&line, &e);
	cr_assert_eq(line.data[line.len - 1], '\n');
	cr_expect_eq(memchr(line.data, '\n', line.len - 1), NULL);
	line.data[line.len - 1] = '\0';
	cr_assert_eq(parse_alone(line.data), MTREE_ENTRY);
	cr_expect_eq(entry.has, e.has);
	/* There is a slash among all bytes, and so a path is read. */
	cr_expect_str_eq(entry.name.data, e.name.data);
	cr_expect_str_eq(entry.link.data, e.link.data);
	cr_expect(entry.type == DT_LNK && entry.mode == 0640 && entry.uid == 7 && entry.gid == 8);
	cr_expect(entry.size == 9 && entry.time.tv_sec == -3 && entry.time.tv_nsec == 4);
	cr_expect(entry.algo == HASH_SHA1 && memcmp(entry.digest, e.digest, 20) == 0);

	strbuf_clear(&line);
	strbuf_clear(&e.name);
	strbuf_add_str(&e.name, ".");
	e.has = MTREE_TYPE;
	e.type = DT_DIR;
	mtree_add_line(&line, &e);
	cr_expect_str_eq(line.data, ". type=dir\n");
	mtree_entry_release(&e);
	strbuf_release(&line);
}
