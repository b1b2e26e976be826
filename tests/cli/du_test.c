/* SPDX-License-Identifier: MIT */
/* du: GNU du 9.1's behaviour; the suite peer_du compares with the installed one byte for byte. */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(du, .init = sandbox_enter, .fini = sandbox_leave);
TestSuite(peer_du, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 12 };

/* A tree with everything an accountant can stumble over. */
static void rich_tree(void)
{
	char name[32];

	tree("d t/a/b/c", "d t/empty", "f t/a/f1 5000", "f t/a/b/f2 100000",
	     "h t/a/b/c/hl -> t/a/b/f2", "h t/d/hl2 -> t/a/b/f2", "l t/d/link -> ../a",
	     "s t/d/sparse 5368709120", "p t/d/fifo", "f t/d/s1023 1023", "f t/d/s10240 10240",
	     "t t/d/-dash x", "t t/x.o object");
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "t/a/n%d", i);
		tree_text(name, name);
	}
	for (const char *const *hostile = hostile_names; *hostile != NULL; hostile++) {
		char path[300];

		(void)snprintf(path, sizeof(path), "t/d/%s", *hostile);
		tree_text(path, "x");
	}
	tree_time("t/a/f1", (struct timespec){ -1000000, 5 });
	tree_time("t/a/b/f2", (struct timespec){ 2000000000, 123456789 });
}

/* Splits at single blanks; a word may be in quotes. */
static void words_of(char *line, const char *ret[WORDS_MAX])
{
	size_t n = 0;

	while (*line != '\0') {
		char stop = *line == '\'' ? '\'' : ' ';

		line += stop == '\'';
		cr_assert(n < WORDS_MAX - 1);
		ret[n++] = line;
		line += strcspn(line, stop == '\'' ? "'" : " ");
		while (*line == stop || *line == ' ')
			*line++ = '\0';
	}
	ret[n] = NULL;
}

struct comparison {
	const char *input;
	const char *const *env;
	bool skip_messages; /* words of ours, or one of GNU du's slips */
	unsigned uid;
};

/* GNU's messages use quotes of the locale; ours those of the C locale. */
static void compare(const char *line, const struct comparison *how)
{
	char copy[512];
	const char *words[WORDS_MAX + 1] = { "du" };
	const char *const no_env[] = { NULL };
	struct run_request request = {
		.words = words,
		.input = how->input,
		.env = how->env != NULL ? how->env : no_env,
		.uid = how->uid,
	};
	struct run ours, theirs;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	words_of(copy, words + 1);
	ours = run_argv(&request);
	request.program = "du";
	request.words = words + 1;
	request.may_complain = true;
	theirs = run_argv(&request);
	cr_expect_eq(ours.status, theirs.status, "du %s: ours %d, GNU %d", line, ours.status,
	             theirs.status);
	cr_expect(ours.out_len == theirs.out_len && memcmp(ours.out, theirs.out, ours.out_len) == 0,
	          "du %s:\nours:\n%s\nGNU:\n%s", line, ours.out, theirs.out);
	if (!how->skip_messages)
		cr_expect_str_eq(ours.err, theirs.err, "du %s:\nours: %s\nGNU: %s", line, ours.err,
		                 theirs.err);
}

static void need_gnu_du(void)
{
	struct run r;

	need_program("du");
	r = RUN_PEER("du", "--version");
	if (strstr(r.out, "coreutils) 9.1\n") == NULL)
		skip("the installed du is not GNU du 9.1");
}

static const char *const calls[] = {
	/* What must work unchanged (disk-usage.md). */
	"-sh t",
	"-sk t",
	"-sb t",
	"-sm t t/a t/d t/x.o",
	"-hd1 t",
	"-ah --max-depth=1 t",
	"-xk -d1 t",
	"-sch t/a t/d",
	"-0 -d1 t",
	"--apparent-size -sh t",
	"-a --time t",
	"-S t",
	"-h --threshold=1M t",
	"--exclude=*.o -s t",
	"-X patterns t",
	"--inodes -s t",
	"-l -s t",
	"-D -s t/d/link",
	"--max=1 t",
	/* Options one by one. */
	"t",
	"",
	"-a t",
	"-c t",
	"-l t",
	"-L t",
	"-D t",
	"-H t/d/link",
	"-P t",
	"-b t",
	"-k t",
	"-m t",
	"--si t",
	"-x t",
	"-d0 t",
	"-B1 t",
	"-BM t",
	"-B '1KB' t",
	"-B'1 t",
	"-B'1K t",
	"-BK t",
	"-BkB t",
	"-B MiB t",
	"-B 3 t",
	"-t 5K t",
	"-t -5K t",
	"-ab -t 0x400 t",
	"-ab -t 02000 t",
	"-ab -t -0x400 t",
	"-ab -t K t",
	"-aS t",
	"-Ss t",
	"-Sc t",
	"-Sab t",
	"-s -S -c t t/a",
	"-aD t/d/link t/d/link/",
	"--time=atime -a t",
	"--time=use -c t",
	"--time=ctime --time-style=full-iso t",
	"--time --time-style=iso -a t",
	"--time --time-style=+%s.%N -a t",
	"--time -S t",
	"--time --time-style=i t",
	"--time --time-style=l t",
	"--time --time-style=full t",
	"--inodes -a t",
	"--inodes -S t",
	"--inodes -s -t 3 t",
	"--inodes -h t",
	"--inodes -k t",
	"--inodes -BK t",
	"--inodes -BKiB t",
	"--inodes -BkB t",
	"--inodes -aBMB t",
	"-a -0 t",
	"-b -h t",
	"-h -b t",
	"-h --si t",
	"--block-size=human-readable -a t",
	"--bytes -a -t 1000 t",
	"--exclude=*b* t",
	"--exclude=t t",
	"--exclude=f1 -a t",
	"--exclude=a/* t",
	"--exclude=?/b t",
	/* Operands. */
	"t t",
	"t/a t",
	"t t/a",
	"-s t t/a",
	"-s t/a t",
	"-sc t/a/b/f2 t/d/hl2",
	"-scl t/a/b/f2 t/d/hl2",
	"t/d t/a/f1 t/a",
	"-s t/a/f1 t/a",
	"-aL t/d t/a",
	"t//",
	"t///a//",
	"-s t/d/sparse",
	"-sb t/d/sparse",
	"t/missing t/d",
	"-s t/missing",
	"-c t/missing",
	"-c --time t/missing",
	"-- t",
	".",
	"-s -d0 t",
	NULL,
};

Test(peer_du, prints_the_same_bytes)
{
	need_gnu_du();
	rich_tree();
	tree_text("patterns", "b\nf1\n*.o\n");
	for (size_t i = 0; calls[i] != NULL; i++)
		compare(calls[i], &(struct comparison){ 0 });
}

Test(peer_du, reads_names_from_a_file)
{
	need_gnu_du();
	rich_tree();
	tree_file("names", "t/a\0t/d\0t/a", 11);
	tree_file("bad", "t/a\0\0t/missing\0t/d", 19);
	compare("--files0-from=names -s", &(struct comparison){ 0 });
	compare("--files0-from=bad -sc", &(struct comparison){ 0 });
	compare("--files0-from=- -s", &(struct comparison){ .input = "t" });
	compare("--files0-from=- -s", &(struct comparison){ .input = "-" });
	compare("--files0-from=- -c", &(struct comparison){ .input = "" });
	compare("--files0-from=missing", &(struct comparison){ .skip_messages = true });
	compare("--files0-from=names t", &(struct comparison){ .skip_messages = true });
}

Test(peer_du, refuses_the_same_calls)
{
	static const char *const bad[] = {
		"-B x t",       "-d x t",       "-d -1 t",         "-t x t",
		"-t -0 t",      "-B 0 t",       "--time=never t",  "--time --time-style=x t",
		"-s -a t",      "-s -d1 t",     "--block-size= t", "--no-such-option t",
		"-X missing t", "--inodes=1 t", "--max-depth= t",
	};

	need_gnu_du();
	rich_tree();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		compare(bad[i], &(struct comparison){ .skip_messages = true });
}

Test(peer_du, obeys_the_same_variables)
{
	static const char *const envs[][4] = {
		{ "DU_BLOCK_SIZE=1", NULL },
		{ "BLOCK_SIZE=M", NULL },
		{ "BLOCKSIZE=512", NULL },
		{ "DU_BLOCK_SIZE=x", "BLOCK_SIZE=M", NULL },
		{ "DU_BLOCK_SIZE=", "BLOCK_SIZE=M", NULL },
		{ "BLOCK_SIZE=0", "BLOCKSIZE=1", NULL },
		{ "DU_BLOCK_SIZE=human-readable", NULL },
		{ "DU_BLOCK_SIZE=si", "POSIXLY_CORRECT=1", NULL },
		{ "POSIXLY_CORRECT=1", NULL },
		{ "TIME_STYLE=iso", NULL },
		{ "TIME_STYLE=locale", NULL },
		{ "TIME_STYLE=posix-full-iso", NULL },
		{ "TIME_STYLE=+%Y\nrest", NULL },
		{ "TIME_STYLE=l", NULL },
		{ "TIME_STYLE=posix-f", NULL },
		/* Numbers before a unit that is none hold, and are never too big. */
		{ "DU_BLOCK_SIZE=5x", NULL },
		{ "BLOCK_SIZE=3b", "POSIXLY_CORRECT=1", NULL },
		{ "BLOCKSIZE=0x10w", NULL },
		{ "DU_BLOCK_SIZE= 5", NULL },
		{ "DU_BLOCK_SIZE=+5K", NULL },
		{ "DU_BLOCK_SIZE=1Y", NULL },
		{ "DU_BLOCK_SIZE=99999999999999999999", NULL },
		{ "DU_BLOCK_SIZE=0x", NULL },
		{ "DU_BLOCK_SIZE=-5", NULL },
		{ "DU_BLOCK_SIZE=0K", NULL },
	};

	need_gnu_du();
	rich_tree();
	for (size_t i = 0; i < sizeof(envs) / sizeof(envs[0]); i++) {
		compare("t", &(struct comparison){ .env = envs[i] });
		compare("--time -h t", &(struct comparison){ .env = envs[i] });
		compare("-b --time t", &(struct comparison){ .env = envs[i] });
	}
	compare("--time t", &(struct comparison){ .env = (const char *[]){ "TIME_STYLE=x", NULL },
	                                          .skip_messages = true });
}

Test(peer_du, rounds_the_same_way)
{
	static const unsigned sizes[] = { 0,     1,     1023,  1024,    1025,    10239,
		                          10240, 10241, 99999, 1048575, 1048576, 10485761 };
	char name[32];

	need_gnu_du();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		(void)snprintf(name, sizeof(name), "r/s%u", sizes[i]);
		tree_sparse(name, sizes[i]);
	}
	tree_sparse("r/huge", UINT64_C(1) << 43);
	compare("-ah --apparent-size r", &(struct comparison){ 0 });
	compare("-a --si --apparent-size r", &(struct comparison){ 0 });
	compare("-a -k --apparent-size r", &(struct comparison){ 0 });
	compare("-a -BM --apparent-size r", &(struct comparison){ 0 });
	compare("-a -B '1KB' --apparent-size r", &(struct comparison){ 0 });
	compare("-a -B7 --apparent-size r", &(struct comparison){ 0 });
	compare("-ab r", &(struct comparison){ 0 });
}

Test(peer_du, meets_the_same_trouble)
{
	need_gnu_du();
	need_root();
	tree("d t/a/b/c", "f t/a/f1 5000", "f t/a/b/f2 100000", "f t/d/f 10", "d t/d/e",
	     "t t/d/it's x", "t t/d/two words x");
	tree_mode("t/a/b", 0);
	tree_mode("t/d", 0444);
	compare("t", &(struct comparison){ .uid = RUN_NOBODY });
	compare("-s t", &(struct comparison){ .uid = RUN_NOBODY, .skip_messages = true });
	compare("-a t", &(struct comparison){ .uid = RUN_NOBODY });
	compare("-s t/a/b", &(struct comparison){ .uid = RUN_NOBODY });
	compare("-s t/a/b/f2 t/a",
	        &(struct comparison){ .uid = RUN_NOBODY, .skip_messages = true });
}

Test(peer_du, follows_links_the_same_way)
{
	need_gnu_du();
	tree("d t/a", "f t/a/x 9000", "l t/a/loop -> ..", "l t/a/self -> self2",
	     "l t/dang -> nowhere", "l t/b -> a", "l t/f -> a/x");
	/* GNU du 9.1 leaves out why a dangling link is no use. */
	compare("-aL t", &(struct comparison){ .skip_messages = true });
	compare("-aLl t", &(struct comparison){ .skip_messages = true });
	compare("-sL t t/a", &(struct comparison){ .skip_messages = true });
	compare("-aD t/b t/f t/dang", &(struct comparison){ .skip_messages = true });
	compare("-a t/b t/f t/dang", &(struct comparison){ 0 });
	compare("-LP -a t", &(struct comparison){ 0 });
}

Test(peer_du, stays_on_one_file_system)
{
	need_gnu_du();
	need_root();
	tree("d t/mnt", "f t/a 5000");
	if (mount("none", "t/mnt", "tmpfs", 0, "size=1m") < 0)
		skip("cannot mount a tmpfs here");
	tree("f t/mnt/big 100000");
	compare("-ax t", &(struct comparison){ 0 });
	compare("-a t", &(struct comparison){ 0 });
	compare("-x t t/mnt", &(struct comparison){ 0 });
	compare("-sx t", &(struct comparison){ 0 });
	cr_assert_eq(umount("t/mnt"), 0);
}

Test(peer_du, keeps_the_order_of_a_big_directory)
{
	char name[64];

	need_gnu_du();
	for (int i = 0; i < 12000; i++) {
		(void)snprintf(name, sizeof(name), "t/%d-%d", (i * 7919) % 12007, i);
		tree_text(name, "");
	}
	compare("-a t", &(struct comparison){ 0 });
}

Test(du, the_same_operand_counts_once)
{
	struct run r;

	tree("d a/b", "f a/b/f 10000");
	r = RUN("du", "-s", "a", "a/b");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "\ta\n");
	EXPECT_OUT_LACKS(r, "\ta/b\n");
	r = RUN("du", "-sl", "a", "a/b");
	EXPECT_OUT_HAS(r, "\ta/b\n");
}

Test(du, two_links_are_one_file)
{
	struct run r;

	tree("f one 8192", "h two -> one");
	r = RUN("du", "-sc", "one", "two");
	EXPECT_RUN(r, 0, "8\tone\n8\ttotal\n", "");
	r = RUN("du", "-scl", "one", "two");
	EXPECT_RUN(r, 0, "8\tone\n8\ttwo\n16\ttotal\n", "");
}

Test(du, never_uses_another_status_than_1)
{
	struct run r;

	tree("f a 1");
	r = RUN("du", "missing");
	EXPECT_STATUS(r, 1);
	r = RUN("du", "-B", "x");
	EXPECT_STATUS(r, 1);
	r = RUN("du", "--bogus");
	EXPECT_STATUS(r, 1);
	r = RUN("du", "-s", "--limit=1", "a", ".");
	EXPECT_STATUS(r, 1);
}

Test(du, a_leading_dash_stays_as_it_is)
{
	struct run r;

	tree_text("-x", "");
	r = RUN("du", "-0", "--", "-x");
	EXPECT_OUT_BYTES(r, "0\t-x", 5);
}

Test(du, the_limit_counts_bytes)
{
	struct run r;

	tree_sparse("f", 1000);
	r = RUN("du", "-b", "--limit=1000", "f");
	EXPECT_RUN(r, 0, "1000\tf\n", "");
	r = RUN("du", "-b", "--limit=999", "f");
	EXPECT_RUN(r, 1, "1000\tf\n", "du: 'f': 1000 (1000) is more than the limit of 999 (999)\n");
}

Test(du, order_and_trees_are_there_when_asked_for)
{
	struct run r;

	tree("d t/small", "d t/big", "f t/big/f 50000", "f t/small/f 1");
	r = RUN("du", "--sort=size", "-d1", "t");
	cr_expect(strstr(r.out, "t/big") < strstr(r.out, "t/small"), "%s", r.out);
	r = RUN("du", "--sort=size", "-r", "-d1", "t");
	cr_expect(strstr(r.out, "t/small") < strstr(r.out, "t/big"), "%s", r.out);
	r = RUN("du", "--tree", "t");
	EXPECT_OUT_HAS(r, "\u251c\u2500\u2500 ");
}

Test(peer_du, shortened_names_mean_the_same)
{
	static const char *const short_calls[] = {
		"--to t", "--no t", "--i t",  "--o t",  "--c t",       "--su t",    "--al t",
		"--ap t", "--by t", "--se t", "--nu t", "--th=9000 t", "--m=1 t",   "--max=1 t",
		"--b t",  "--t t",  "--h t",  "--de t", "--si t",      "--human t", "--ti t",
	};
	const struct comparison how = { .skip_messages = true };

	need_gnu_du();
	rich_tree();
	for (size_t i = 0; i < sizeof(short_calls) / sizeof(short_calls[0]); i++)
		compare(short_calls[i], &how);
}
