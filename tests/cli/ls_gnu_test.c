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
	tree_dir("sp ace");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tree_text(names[i], "");
	tree("m a1 4755", "m a2 2755", "m sub2 1777", "m file.c 755", "m file.h 0");
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
