/* SPDX-License-Identifier: MIT */
/* sync beside rsync on generated trees, where both mean the same; and where the peer fails. */
#include "sync_run.h"

#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(peer_sync, .init = sandbox_enter, .fini = sandbox_leave);

enum { ENTRIES = 60, SEEDS = 12 };

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 8;
}

/* One of few names, so that the same one is of another kind in the next tree. */
static void add_entry(const char *root, uint32_t *state)
{
	char path[64];
	char other[64];
	char text[16];
	uint32_t depth = next(state) % 3;
	int len = snprintf(path, sizeof(path), "%s", root);
	struct stat st;

	for (uint32_t i = 0; i <= depth; i++)
		len += snprintf(path + len, sizeof(path) - (size_t)len, "/%c",
		                (int)('a' + next(state) % 6));
	/* What is in the way stays what it is. */
	for (char *slash = strchr(path + strlen(root) + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (lstat(path, &st) == 0 && !S_ISDIR(st.st_mode))
			return;
		*slash = '/';
	}
	if (lstat(path, &st) == 0)
		return;
	/* Of the same size and time are only the same contents: neither looks further. */
	(void)snprintf(text, sizeof(text), "%.*s", (int)(1 + next(state) % 3), "333");
	(void)snprintf(other, sizeof(other), "%s/z", root);
	switch (next(state) % 8) {
	case 0:
		tree_dir(path);
		break;
	case 1:
		tree_dir(path);
		(void)rmdir(path);
		tree_symlink(path, text);
		break;
	case 2:
		tree_text(path, text);
		(void)unlink(path);
		tree_fifo(path);
		break;
	case 3:
		if (lstat(other, &st) != 0)
			tree_text(other, "z");
		tree_text(path, text);
		(void)unlink(path);
		tree_link(path, other);
		break;
	default:
		tree_text(path, text);
		tree_mode(path, next(state) % 2 == 0 ? 0644 : 0750);
		break;
	}
	/* Times of few values, none within a tick of now. */
	tree_time(path, (struct timespec){ 1000000000 + next(state) % 2, 0 });
}

static void make_pair(uint32_t seed)
{
	tree_dir("src");
	tree_dir("ours");
	for (int i = 0; i < ENTRIES; i++)
		add_entry("src", &seed);
	for (int i = 0; i < ENTRIES; i++)
		add_entry("ours", &seed);
}

Test(peer_sync, the_same_trees_come_out)
{
	const char *rsync = need_program("rsync");

	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		struct run r;

		make_pair(seed);
		r = RUN_PEER("cp", "-a", "ours", "theirs");
		cr_assert_eq(r.status, 0);
		r = RUN_PEER(rsync, "-aH", "--delete", "src/", "theirs/");
		cr_assert_eq(r.status, 0, "%s", r.err);
		r = RUN("sync", "--delete", "--allow=max-delete,reversed", "src", "ours");
		cr_expect_eq(r.status, 0, "seed %u: %s", seed, r.err);
		/* An independent judge: nothing is left to do from SRC to either, nor between them.
		 */
		r = RUN_PEER(rsync, "-anicH", "--delete", "src/", "ours/");
		cr_expect_str_eq(r.out, "", "seed %u: %s", seed, r.out);
		r = RUN_PEER(rsync, "-anicH", "--delete", "theirs/", "ours/");
		cr_expect_str_eq(r.out, "", "seed %u: %s", seed, r.out);
		r = RUN("sync", "-nicv", "--delete", "src", "ours");
		cr_expect_not_null(strstr(r.out, "unchanged; nothing was changed"), "%s", r.out);
		cr_expect(r.out[0] >= '1' && r.out[0] <= '9', "seed %u: %s", seed, r.out);
		r = RUN_PEER("rm", "-rf", "src", "ours", "theirs");
	}
}

Test(peer_sync, the_same_without_deleting_where_kinds_agree)
{
	const char *rsync = need_program("rsync");
	struct run r;

	tree("t src/a one", "t src/d/b two", "l src/l -> a", "t ours/mine x", "t ours/d/mine y",
	     "t ours/a old one");
	tree_time("src/a", (struct timespec){ 1000000000, 0 });
	tree_time("ours/a", (struct timespec){ 1000000000, 0 });
	EXPECT_SYNC(0, "src", "ours");
	r = RUN_PEER(rsync, "-anic", "src/", "ours/");
	EXPECT_OUT(r, "");
	expect_file("ours/mine", "x");
	expect_file("ours/d/mine", "y");
}

Test(peer_sync, the_letters_are_the_same)
{
	const char *rsync = need_program("rsync");
	struct run theirs;
	struct run ours;

	tree("t src/new x", "t src/longer xyz", "t dst/longer x", "t src/mode x", "t dst/mode x",
	     "m src/mode 600", "m dst/mode 644", "d src/dir", "l src/link -> to", "t src/time x",
	     "t dst/time x");
	tree_time("src/mode", (struct timespec){ 1000000000, 0 });
	tree_time("dst/mode", (struct timespec){ 1000000000, 0 });
	tree_time("src/time", (struct timespec){ 1000000000, 0 });
	tree_time("dst/time", (struct timespec){ 1000000002, 0 });
	tree_time("src/longer", (struct timespec){ 1000000000, 0 });
	tree_time("dst/longer", (struct timespec){ 1000000002, 0 });
	theirs = RUN_PEER(rsync, "-ani", "src/", "dst/");
	cr_assert_eq(theirs.status, 0);
	ours = RUN("sync", "-i", "src", "dst");
	EXPECT_STATUS(ours, 0);
	for (char *line = strtok(theirs.out, "\n"); line != NULL; line = strtok(NULL, "\n"))
		EXPECT_OUT_HAS(ours, line);
}

/* Both with nothing but the defaults for a mirror: what each makes of an empty source (R12). */
Test(peer_sync, an_empty_source_is_not_obeyed)
{
	const char *rsync = need_program("rsync");
	struct run r;

	tree("d src", "t ours/f x", "t theirs/f x");
	r = RUN_PEER(rsync, "-a", "--delete", "src/", "theirs/");
	EXPECT_STATUS(r, 0);
	expect_empty_dir("theirs");
	EXPECT_SYNC(4, "--delete", "src", "ours");
	expect_file("ours/f", "x");
}
