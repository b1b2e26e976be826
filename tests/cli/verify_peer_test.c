/* SPDX-License-Identifier: MIT */
/* verify beside coreutils: each reads what the other writes. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Of "hi\n". */
#define HI "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"

TestSuite(peer_verify, .init = sandbox_enter, .fini = sandbox_leave);

static const struct {
	const char *program, *option;
} peers[] = {
	{ "sha256sum", "--algo=sha256" }, { "sha512sum", "--algo=sha512" },
	{ "sha1sum", "--algo=sha1" },     { "md5sum", "--algo=md5" },
	{ "b2sum", "--algo=blake2b" },
};

enum { PEERS = sizeof(peers) / sizeof(peers[0]) };

/* Names that come before any with a slash, so that a shell's order is ours. */
static void hostile_files(const char *dir)
{
	char path[4096];

	tree_dir(dir);
	for (size_t i = 0; hostile_names[i] != NULL; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, hostile_names[i]);
		tree_text(path, hostile_names[i]);
	}
	(void)snprintf(path, sizeof(path), "%s/large", dir);
	tree_size(path, 1000003);
	(void)snprintf(path, sizeof(path), "%s/empty", dir);
	tree_size(path, 0);
}

/* All files of `dir`, listed by the peer: sorted, in its own words. */
static struct run peer_list(const char *program, const char *options, const char *dir)
{
	char script[512];

	(void)snprintf(script, sizeof(script),
	               "find %s -type f -print0 | LC_ALL=C sort -z | xargs -0 %s %s --", dir,
	               program, options);
	return run_argv(&(struct run_request){ .program = "sh", .words = WORDS("-c", script) });
}

/* Behind the comments that say what is covered. */
static const char *without_comments(const char *text)
{
	while (text[0] == '#')
		text = strchr(text, '\n') + 1;
	return text;
}

Test(peer_verify, lists_are_the_same_byte_by_byte)
{
	static const char *const ways[] = { "-t", "-b", "--tag" };

	hostile_files("d");
	for (size_t i = 0; i < PEERS; i++) {
		need_program(peers[i].program);
		for (size_t k = 0; k < 3; k++) {
			struct run theirs = peer_list(peers[i].program, ways[k], "d");
			struct run ours = RUN("verify", "--create", peers[i].option, ways[k], "d");

			EXPECT_STATUS(theirs, 0);
			EXPECT_STATUS(ours, 0);
			cr_expect_str_eq(without_comments(ours.out), theirs.out, "%s %s",
			                 peers[i].program, ways[k]);
		}
	}
}

Test(peer_verify, each_checks_what_the_other_wrote)
{
	static const char *const ways[] = { "-t", "-b", "--tag" };

	hostile_files("d");
	for (size_t i = 0; i < PEERS; i++) {
		need_program(peers[i].program);
		for (size_t k = 0; k < 3; k++) {
			struct run r =
				RUN("verify", "--create=OURS", peers[i].option, ways[k], "d");

			EXPECT_RUN(r, 0, "", "");
			r = run_peer(peers[i].program, WORDS("-c", "--strict", "--quiet", "OURS"));
			EXPECT_RUN(r, 0, "", "");
			r = peer_list(peers[i].program, ways[k], "d");
			tree_file("THEIRS", r.out, r.out_len);
			r = RUN("verify", "-c", "--strict", "-q", peers[i].option, "THEIRS");
			EXPECT_RUN(r, 0, "", "");
		}
	}
}

/* Lists with every kind of trouble: the same lines on standard output, the same counts. */
Test(peer_verify, answers_are_the_same)
{
	static const char *const lines[] = {
		HI "  hi\n",      HI " *hi\r\n",      HI "  yo\n",   HI "  gone\n",
		HI "  d\n",       "0" HI "  hi\n",    HI "x hi\n",   "\n",
		"# note\n",       " " HI "  hi\n",    HI " hi\n",    HI " \n",
		"\\" HI "  hi\n", "\\" HI "  h\\x\n", HI "  a\nb\n",
	};
	static const char *const warnings[] = { "improperly formatted", "could not be read",
		                                "did NOT match" };

	need_program("sha256sum");
	tree("d d");
	tree_text("hi", "hi\n");
	tree_text("yo", "yo\n");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[1024];
		struct run ours;
		struct run theirs;

		(void)snprintf(text, sizeof(text), "%s%s", HI "  hi\n", lines[i]);
		tree_text("LIST", text);
		ours = RUN("verify", "-c", "LIST");
		theirs = RUN_PEER("sha256sum", "-c", "LIST");
		cr_expect_str_eq(ours.out, theirs.out, "case %zu", i);
		cr_expect_eq(ours.status == 0, theirs.status == 0, "case %zu", i);
		for (size_t k = 0; k < 3; k++) {
			const char *a = strstr(ours.err, warnings[k]);
			const char *b = strstr(theirs.err, warnings[k]);

			cr_expect_eq(a == NULL, b == NULL, "case %zu: %s%s", i, ours.err,
			             theirs.err);
		}
	}
}

Test(peer_verify, the_first_difference_is_that_of_cmp)
{
	need_program("cmp");
	tree_size("a", 300000);
	for (size_t at = 0; at < 300000; at += 77777) {
		struct run ours;
		struct run theirs;
		FILE *f;

		tree_size("b", 300000);
		f = fopen("b", "r+");
		cr_assert(f != NULL && fseek(f, (long)at, SEEK_SET) == 0);
		cr_assert(fputc(255, f) == 255 && fclose(f) == 0);
		ours = RUN("verify", "a", "b");
		/* In the C locale it speaks of a char. */
		theirs = run_argv(&(struct run_request){
			.program = "cmp",
			.words = WORDS("a", "b"),
			.env = (const char *const[]){ "LC_ALL=C.UTF-8", NULL } });
		cr_expect_str_eq(ours.out, theirs.out);
		cr_expect_eq(ours.status, theirs.status == 0 ? 0 : 6);
	}
}
