/* SPDX-License-Identifier: MIT */
/*
 * ls beside GNU ls 9.1, byte for byte, in the C locale: every option alone on every operand of a
 * tree of odd names, types and times, and combinations drawn by a fixed generator; to a file and
 * to a terminal.
 */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

TestSuite(peer_ls, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 32, GROUPS = 4, DRAWN = 400 };

/* One of each group, or none, makes a call. Blanks separate words, _ is a blank in a word. */
static const char *const layouts[] = {
	"-l",
	"-1",
	"-C",
	"-x",
	"-m",
	"-n",
	"-g",
	"-o",
	"-lG",
	"-s",
	"-i",
	"-is",
	"-lis",
	"-Cis",
	"-xs",
	"-mi",
	"-C -w 40",
	"-x -w 30",
	"-C -w0",
	"-m -w 20",
	"-C -T0",
	"-C -T4",
	"--zero",
	"-l --zero",
	"--zero -C",
	"--full-time",
	"-lZ",
	"-Z",
	"-CZ",
	"-l1",
	"-1l",
	"-C -1",
	"-lC",
	"--author -l",
	"-w 1 -C",
	"-w 2 -x",
	"-w 79 -C",
	"-w 133 -C",
	"-la",
	"-lA",
	"-ltr",
	"-lhSr",
	"-1A",
	"-lR",
	"-sk",
	"--format=commas",
	"--format=across",
	"--format=verbose",
	NULL,
};
static const char *const orders[] = {
	"-a",
	"-A",
	"-U",
	"-r",
	"-t",
	"-S",
	"-X",
	"-v",
	"-tr",
	"-Sr",
	"-Xr",
	"-vr",
	"-Ur",
	"-c",
	"-u",
	"-tu",
	"-tc",
	"--time=birth",
	"--sort=width",
	"--sort=none",
	"--sort=version",
	"--sort=time --time=atime",
	"--sort=extension",
	"--sort=size -r",
	NULL,
};
static const char *const namings[] = {
	"-F",
	"-p",
	"--file-type",
	"--indicator-style=slash",
	"-b",
	"-Q",
	"-N",
	"-q",
	"--show-control-chars",
	"--quoting-style=shell",
	"--quoting-style=shell-escape",
	"--quoting-style=shell-always",
	"--quoting-style=shell-escape-always",
	"--quoting-style=locale",
	"--quoting-style=clocale",
	"--quoting-style=c",
	"-bF",
	"-QF",
	"--quoting-style=shell-escape -F",
	"--quoting-style=shell -p",
	"--quoting-style=escape --file-type",
	"--classify=never",
	NULL,
};
static const char *const others[] = {
	"-h",
	"--si",
	"-k",
	"--block-size=1",
	"--block-size=K",
	"--block-size=MB",
	"--block-size=512",
	"--time-style=+%s",
	"--time-style=long-iso",
	"--time-style=iso",
	"--time-style=full-iso",
	"--time-style=locale",
	"--color=always",
	"--color=always -F",
	"-B",
	"-I *.c",
	"--hide=*.c",
	"--hide=a* -I f*",
	"--group-directories-first",
	"--group-directories-first -r",
	"-R",
	"-d",
	"-L",
	"-H",
	"-LR",
	"-RF",
	"-s",
	"--time-style=+%Y%n%d",
	"--dereference-command-line-symlink-to-dir",
	NULL,
};
static const char *const operands[] = {
	"",        ".",     "sub a dirlnk",      "sub sub2 empty", "nope a sub",
	"dirlnk/", "empty", "lnk dangling hard", "-d .",           NULL,
};

static const char *const *const groups[GROUPS] = { layouts, orders, namings, others };

static const char colors[] = "LS_COLORS=no=00;37:di=01;34:ln=target:or=40;31;01:mi=05;37:*.gz=31:"
			     "*.c=32:ex=1;32:tw=33:st=34:su=35:mh=44";

/* An access list with one more user: the + of -l. File systems without them stay without. */
static void add_acl(const char *path)
{
	static const unsigned char list[] = {
		2, 0, 0,   0,   1,   0,   6,  0, 255, 255, 255, 255, 2,   0,   4,
		0, 1, 0,   0,   0,   4,   0,  4, 0,   255, 255, 255, 255, 16,  0,
		4, 0, 255, 255, 255, 255, 32, 0, 4,   0,   255, 255, 255, 255,
	};

	(void)setxattr(path, "system.posix_acl_access", list, sizeof(list), 0);
}

static void build(void)
{
	static const char *const names[] = {
		"a1",          "a2",     "a10",     "a01",    "file.c", "file.h",  "file~",
		".dot",        ".dot~",  "--",      "-dash",  "it's",   "q\"uote", "back\\slash",
		"tab\tx",      "st*r",   "eq=",     "at@",    "pi|pe",  "gt>",     "co:lon",
		"#hash",       "~tilde", "h#ash",   "{",      "}",      "{a}",     "a b",
		"esc\033[31m", "bell\a", "del\177", "quest?", "[br",    "dollar$", "both'\"",
		" lead",       "trail ",
	};
	static const struct {
		const char *name;
		time_t seconds;
	} times[] = { { "old", -315619200 }, { "new", 2177452800 }, { "far", 10000000000 },
		      { "x", 1800000000 },   { "y", 1800000000 },   { "half", 0 } };

	tree("d sub", "d sub/deep", "d .hid", "d empty", "d sub2", "t a hello", "f b.txt",
	     "f c.tar.gz 5000", "f big 123456", "s sparse 5368709120", "l lnk -> a",
	     "l dangling -> nowhere", "l dirlnk -> sub", "l loop -> loop", "l loop2 -> loop1",
	     "l loop1 -> loop2", "l sub/up -> ../", "h hard -> a", "p fifo", "f sub/deep/1");
	(void)mknod("socket", S_IFSOCK | 0640, 0);
	tree_dir("sp ace");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tree_text(names[i], "");
	tree("m a1 4755", "m a2 2755", "m sub2 1777", "m file.c 755", "m file.h 0", "m file~ 6777",
	     "m a10 1666", "m a01 2644");
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "sub/%s", times[i].name);
		tree_text(path, "");
		tree_time(path, (struct timespec){ .tv_sec = times[i].seconds,
		                                   .tv_nsec = (long)i * 250 });
	}
	add_acl("big");
	if (geteuid() == 0) {
		cr_assert_eq(chown("b.txt", 12345, 54321), 0);
		(void)mknod("null", S_IFCHR | 0644, 259);
		(void)mknod("blk", S_IFBLK | 0644, 2051);
	}
	/* What reading does to times of access happens now and not between two runs. */
	(void)RUN_PEER("ls", "-laR");
	(void)RUN_PEER("ls", "-laLR");
}

static void add_words(char *copy, const char **words, size_t *n)
{
	char *rest = copy;

	while (*rest != '\0') {
		size_t len = strcspn(rest, " ");

		cr_assert(*n < WORDS_MAX);
		words[(*n)++] = rest;
		rest += len;
		if (*rest == ' ')
			*rest++ = '\0';
	}
}

static size_t differences;

/* `call` is the options of the call. */
static void compare(const char *call, const char *operand, enum run_to to)
{
	char options[256], ends[64];
	const char *words[WORDS_MAX + 2] = { "ls", "--color=never" };
	size_t n = 2;
	struct run_request request = { .words = words,
		                       .out_to = to,
		                       .columns = 100,
		                       .env = WORDS("LC_ALL=C", "TERM=xterm", colors) };
	struct run ours, theirs;

	(void)snprintf(options, sizeof(options), "%s", call);
	(void)snprintf(ends, sizeof(ends), "%s", operand);
	add_words(options, words, &n);
	add_words(ends, words, &n);
	words[n] = NULL;
	ours = run_argv(&request);
	request.program = "ls";
	request.words = words + 1;
	request.may_complain = true;
	theirs = run_argv(&request);
	if (ours.status == theirs.status && ours.out_len == theirs.out_len &&
	    memcmp(ours.out, theirs.out, ours.out_len) == 0)
		return;
	if (differences++ < 5)
		cr_expect(false, "ls %s %s: status %d, GNU %d; output:\n%s\nGNU:\n%s", call,
		          operand, ours.status, theirs.status, ours.out, theirs.out);
}

static void need_gnu_ls(void)
{
	struct run r;

	need_program("ls");
	r = RUN_PEER("ls", "--version");
	if (strstr(r.out, "coreutils) 9.1\n") == NULL)
		skip("the installed ls is not GNU ls 9.1");
}

static void compare_group(size_t group)
{
	need_gnu_ls();
	build();
	differences = 0;
	for (const char *const *option = groups[group]; *option != NULL; option++)
		for (const char *const *operand = operands; *operand != NULL; operand++)
			compare(*option, *operand, RUN_TO_MEMORY);
	cr_expect_eq(differences, 0, "%zu calls differ", differences);
}

Test(peer_ls, layouts)
{
	compare_group(0);
}

Test(peer_ls, orders)
{
	compare_group(1);
}

Test(peer_ls, names)
{
	compare_group(2);
}

Test(peer_ls, other_options)
{
	compare_group(3);
}

static unsigned draw(unsigned *state, size_t below)
{
	*state = *state * 1103515245U + 12345U;
	return (unsigned)((*state >> 16) % below);
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list[n] != NULL)
		n++;
	return n;
}

static void compare_drawn(unsigned state, enum run_to to)
{
	need_gnu_ls();
	build();
	differences = 0;
	for (int i = 0; i < DRAWN; i++) {
		char call[256] = "";
		size_t len = 0;

		for (size_t g = 0; g < GROUPS; g++) {
			if (draw(&state, 10) < 3)
				continue;
			len += (size_t)snprintf(call + len, sizeof(call) - len, "%s%s",
			                        len > 0 ? " " : "",
			                        groups[g][draw(&state, count(groups[g]))]);
		}
		compare(call, operands[draw(&state, count(operands))], to);
	}
	cr_expect_eq(differences, 0, "%zu calls differ", differences);
}

Test(peer_ls, drawn_calls)
{
	compare_drawn(1, RUN_TO_MEMORY);
}

Test(peer_ls, drawn_calls_again)
{
	compare_drawn(77, RUN_TO_MEMORY);
}

Test(peer_ls, drawn_calls_to_a_terminal)
{
	compare_drawn(4711, RUN_TO_TERMINAL);
}

Test(peer_ls, zones_and_variables)
{
	static const char *const env[][3] = {
		{ "TZ=Asia/Kathmandu", NULL },
		{ "TZ=", NULL },
		{ "TZ=garbage", NULL },
		{ "TZ=America/St_Johns", NULL },
		{ "BLOCK_SIZE=1", NULL },
		{ "LS_BLOCK_SIZE=K", NULL },
		{ "BLOCKSIZE=512", NULL },
		{ "POSIXLY_CORRECT=1", NULL },
		{ "COLUMNS=33", NULL },
		{ "COLUMNS=0", NULL },
		{ "QUOTING_STYLE=c", NULL },
		{ "TIME_STYLE=long-iso", NULL },
		{ "TIME_STYLE=+%j", NULL },
		{ "TABSIZE=3", NULL },
		{ "BLOCK_SIZE=human-readable", NULL },
		{ "BLOCK_SIZE=si", NULL },
		{ "BLOCK_SIZE='1", NULL },
		{ "BLOCK_SIZE=3K", NULL },
		{ "COLUMNS=1", NULL },
		{ "COLUMNS=500", NULL },
		{ "QUOTING_STYLE=shell-always", NULL },
		{ "QUOTING_STYLE=shell-escape", NULL },
		{ "QUOTING_STYLE=escape", NULL },
		{ "QUOTING_STYLE=locale", NULL },
		{ "TIME_STYLE=full-iso", NULL },
		{ "TIME_STYLE=iso", NULL },
		{ "TIME_STYLE=posix-long-iso", NULL },
		{ "TIME_STYLE=+old\nnew", NULL },
		{ "TABSIZE=0", NULL },
		{ "TABSIZE=20", NULL },
		{ "TZ=Pacific/Apia", NULL },
	};
	static const char *const calls[] = { "-lA", "-C", "-ls", "-xs" };

	need_gnu_ls();
	build();
	for (size_t i = 0; i < sizeof(env) / sizeof(env[0]); i++) {
		for (size_t k = 0; k < sizeof(calls) / sizeof(calls[0]); k++) {
			struct run_request request = { .words = WORDS("ls", calls[k], "sub", "."),
				                       .env = WORDS("LC_ALL=C", env[i][0]) };
			struct run ours = run_argv(&request);
			struct run theirs;

			request.program = "ls";
			request.words = WORDS(calls[k], "sub", ".");
			theirs = run_argv(&request);
			cr_expect_eq(ours.status, theirs.status);
			cr_expect_str_eq(ours.out, theirs.out, "%s ls %s:\n%s\nGNU:\n%s", env[i][0],
			                 calls[k], ours.out, theirs.out);
		}
	}
}

/* Bytes that are no text, wide and combining characters, newlines, in a UTF-8 locale. */
Test(peer_ls, names_of_any_bytes)
{
	static const char *const calls[] = {
		"-l",
		"-C",
		"-x",
		"-m",
		"-Cw30",
		"-xw40",
		"-CT0",
		"-Cw1",
		"-CF",
		"-Cs",
		"-lRF",
		"-XC",
		"-vx",
		"--sort=width -C",
		/* newest GNU ls masks newlines as we do, 9.1 does not: from here on one is there */
		"-Q",
		"-CQ",
		"-Cb",
		"-Cq",
		"-b",
		"-q",
		"-N",
		"--zero",
		"--zero -l",
		"-mQ",
		"-XN",
		"-vN",
		"-rQ",
		"--sort=width -Q",
		"-lQ",
		"-lb",
		"-lRq",
		"-Cqw25",
		"--show-control-chars",
		"-C --quoting-style=shell-escape",
		"-x --quoting-style=shell-escape",
		"-C --quoting-style=shell-always -w50",
		"-1 --quoting-style=c --color=always",
		"-I *\n* -C",
		"--hide=p* -Q",
	};
	static const char *const names[] = {
		"\xff\xfe",    "bad\xc3",  "\xe6\xbc\xa2\xe5\xad\x97",
		"e\xcc\x81",   "\xc3\xa9", "over\xc0\xaf",
		"nel\xc2\x85", "plain",    "sp ace",
		"-rf",         "'\"",
	};

	need_gnu_ls();
	tree("d odd", "d odd/sub");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[300];

		(void)snprintf(path, sizeof(path), "odd/%s", names[i]);
		tree_text(path, "");
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		char options[128];
		const char *words[WORDS_MAX] = { "ls", "--color=never" };
		size_t n = 2;
		struct run_request request = { .words = words,
			                       .env = WORDS("LC_ALL=C.UTF-8", colors) };
		struct run ours, theirs;

		if (strcmp(calls[i], "-Q") == 0)
			tree_text("odd/new\nline", "");
		(void)snprintf(options, sizeof(options), "%s", calls[i]);
		add_words(options, words, &n);
		words[n++] = "odd";
		words[n] = NULL;
		ours = run_argv(&request);
		request.program = "ls";
		request.words = words + 1;
		request.may_complain = true;
		theirs = run_argv(&request);
		cr_expect_eq(ours.status, theirs.status);
		cr_expect(ours.out_len == theirs.out_len &&
		                  memcmp(ours.out, theirs.out, ours.out_len) == 0,
		          "ls %s:\n%s\nGNU:\n%s", calls[i], ours.out, theirs.out);
	}
}

/* Every colour there is a name for, each alone and all together. */
Test(peer_ls, color_tables)
{
	static const char *const tables[] = {
		"LS_COLORS",
		"LS_COLORS=",
		"LS_COLORS=fi=01:ex=32:so=33:pi=34:bd=35:cd=36:do=31",
		"LS_COLORS=su=37;41:sg=30;43:ca=30;41:tw=30;42:ow=34;42:st=37;44",
		"LS_COLORS=mi=01;05;37;41:or=40;31;01:ln=36",
		"LS_COLORS=rs=0:lc=<:rc=>:ec=!:no=7:fi=8:di=9",
		"LS_COLORS=lc=\\e{:rc=}:di=1;2:*.gz=38;2;10;20;30:*.c=38;5;208",
		"LS_COLORS=mh=44:*~=90:*a1=91",
		"LS_COLORS=ln=target:di=1:fi=2:or=3",
		"LS_COLORS=cl=^[K:di=48;5;3",
		"LS_COLORS=*.C=31:*.c=32:*.GZ=33",
		"LS_COLORS=broken",
		"LS_COLORS=di=1:zz=3",
	};
	static const char *const calls[] = { "-l", "-C", "-1F", "-lL", "-R", "-xA" };

	need_gnu_ls();
	build();
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (size_t k = 0; k < sizeof(calls) / sizeof(calls[0]); k++) {
			struct run_request request = {
				.words = WORDS("ls", "--color=always", "-w80", calls[k], "."),
				.env = WORDS("LC_ALL=C", "TERM=xterm", tables[i])
			};
			struct run ours = run_argv(&request);
			struct run theirs;

			request.program = "ls";
			request.words = WORDS("--color=always", "-w80", calls[k], ".");
			request.may_complain = true;
			theirs = run_argv(&request);
			cr_expect_eq(ours.status, theirs.status);
			cr_expect_str_eq(ours.out, theirs.out, "%s ls %s:\n%s\nGNU:\n%s", tables[i],
			                 calls[k], ours.out, theirs.out);
		}
	}
}
