/* SPDX-License-Identifier: MIT */
/* archive extract and list on archives whose author means harm. */
#include "support/expect_call.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tar_bytes.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(archive_hostile, .init = sandbox_enter, .fini = sandbox_leave);

#define REG  '0'
#define HARD '1'
#define SYM  '2'
#define DIR  '5'

/* Each is extracted into "in", beside which is "out" with a secret. */
static const struct attack {
	const char *what;
	int status;
	const char *problem; /* that list --problems names */
	struct tar_entry entries[4];
} attacks[] = {
	{ "absolute name", 1, "absolute", { { "/tmp/dutybox-pwned", REG, NULL, "x", 0 } } },
	{ "..", 1, "dotdot", { { "../out/new", REG, NULL, "x", 0 } } },
	{ "a/../../b", 1, "dotdot", { { "a/../../out/new", REG, NULL, "x", 0 } } },
	{ "./..", 1, "dotdot", { { "./../out/new", REG, NULL, "x", 0 } } },
	{ "link out, then a file in it",
	  1,
	  "escapes",
	  { { "l", SYM, "../out", NULL, 0 }, { "l/new", REG, NULL, "x", 0 } } },
	{ "link inside, then a file in it",
	  1,
	  "through-link",
	  { { "d", DIR, NULL, NULL, 0 },
	    { "l", SYM, "d", NULL, 0 },
	    { "l/new", REG, NULL, "x", 0 } } },
	{ "link to a file, then its data",
	  1,
	  "escapes",
	  { { "l", SYM, "../out/secret", NULL, 0 }, { "l", REG, NULL, "evil", 0 } } },
	{ "link to link to the parent",
	  1,
	  "escapes",
	  { { "x", SYM, ".", NULL, 0 },
	    { "y", SYM, "x/..", NULL, 0 },
	    { "y/out/new", REG, NULL, "x", 0 } } },
	{ "hard link out",
	  1,
	  "escapes",
	  { { "h", HARD, "../out/secret", NULL, 0 }, { "h", REG, NULL, "evil", 0 } } },
	{ "hard link to what was there before, then data",
	  1,
	  "hardlink-forward",
	  { { "h", HARD, "there", NULL, 0 }, { "h", REG, NULL, "evil", 0 } } },
	{ "hard link to a link out",
	  1,
	  "escapes",
	  { { "l", SYM, "../out/secret", NULL, 0 }, { "h", HARD, "l", NULL, 0 } } },
	{ "directory becomes a link",
	  1,
	  "escapes",
	  { { "d", DIR, NULL, NULL, 0 },
	    { "d", SYM, "../out", NULL, 0 },
	    { "d/new", REG, NULL, "x", 0 } } },
	{ "link becomes a directory",
	  1,
	  "escapes",
	  { { "d", SYM, "../out", NULL, 0 },
	    { "d", DIR, NULL, NULL, 0 },
	    { "d/new", REG, NULL, "x", 0 } } },
	{ ". as a link",
	  1,
	  "escapes",
	  { { ".", DIR, NULL, NULL, 0777 },
	    { ".", SYM, "../out", NULL, 0 },
	    { "new", REG, NULL, "x", 0 } } },
	{ "absolute link", 1, "escapes", { { "l", SYM, "/etc", NULL, 0 } } },
	{ "link with a slash at its end",
	  1,
	  "escapes",
	  { { "l/", SYM, "../out/", NULL, 0 }, { "l/new", REG, NULL, "x", 0 } } },
	{ "device", 1, "device", { { "dev", '3', NULL, NULL, 0 } } },
	{ "set-user-id", 0, "setuid", { { "s", REG, NULL, "x", 06777 } } },
	{ "twice, as other types",
	  1,
	  "duplicate",
	  { { "d", REG, NULL, "x", 0 },
	    { "d/new", REG, NULL, "x", 0 },
	    { "d", DIR, NULL, NULL, 0 } } },
	{ "names that differ in case",
	  0,
	  "case",
	  { { "a", REG, NULL, "x", 0 }, { "A", REG, NULL, "x", 0 } } },
	{ "control characters", 0, "control", { { "a\033]0;x\a", REG, NULL, "x", 0 } } },
};

static void set_up(void)
{
	tree("d in", "d out");
	tree_text("out/secret", "secret");
	tree_text("in/there", "old");
}

static void expect_unharmed(const char *what)
{
	cr_expect(check_content("out/secret", "secret", SIZE_MAX), "%s: %s", what, check_why());
	cr_expect(check_names("out", (const char *const[]){ "secret", NULL }), "%s: %s", what,
	          check_why());
	cr_expect(check_links("out/secret", 1), "%s: %s", what, check_why());
	cr_expect(check_content("in/there", "old", SIZE_MAX), "%s: %s", what, check_why());
	cr_expect(access("/tmp/dutybox-pwned", F_OK) != 0, "%s", what);
}

Test(archive_hostile, nothing_is_written_outside)
{
	static const char *const policies[] = { "--policy=safe", "--policy=tar",
		                                "--policy=trusted" };

	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct tar_bytes t = tar_of(attacks[i].entries);

		for (size_t p = 0; p < 3; p++) {
			struct run r;

			/* The name itself may be wanted by those who trust the archive. */
			if (p > 0 && strcmp(attacks[i].what, "absolute name") == 0)
				continue;
			set_up();
			tar_save(&t, "a.tar");
			r = RUN("archive", "extract", "-C", "in", policies[p], "a.tar");
			expect_unharmed(attacks[i].what);
			if (p == 0)
				cr_expect_eq(r.status, attacks[i].status, "%s: status %d, %s",
				             attacks[i].what, r.status, r.err);
			cr_expect(check_harmless(&r, true), "%s: %s", attacks[i].what, check_why());
			RUN_PEER("rm", "-rf", "in", "out", "a.tar");
		}
	}
}

Test(archive_hostile, no_stage_is_left)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct tar_bytes t = tar_of(attacks[i].entries);
		struct run r;

		tree("d in");
		tar_save(&t, "a.tar");
		RUN("archive", "extract", "-C", "in", "a.tar");
		r = RUN_PEER("find", ".", "-name", ".dutybox*");
		cr_expect_str_eq(r.out, "", "%s: %s", attacks[i].what, r.out);
		RUN_PEER("rm", "-rf", "in", "a.tar");
	}
}

Test(archive_hostile, problems_are_named_without_extracting)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct tar_bytes t = tar_of(attacks[i].entries);
		struct run r;

		tar_save(&t, "a.tar");
		r = RUN("archive", "list", "--problems", "a.tar");
		cr_expect_eq(r.status, 1, "%s: %d", attacks[i].what, r.status);
		cr_expect(strstr(r.out, attacks[i].problem) != NULL, "%s: %s", attacks[i].what,
		          r.out);
		unlink("a.tar");
	}
}

Test(archive_hostile, modes_are_tamed)
{
	const struct tar_bytes t = tar_of((const struct tar_entry[]){
		{ "s", REG, NULL, "x", 06777 },
		{ "d", DIR, NULL, NULL, 01777 },
		{ "closed", DIR, NULL, NULL, 01 },
		{ "closed/f", REG, NULL, "y", 0600 },
		{ NULL, 0, NULL, NULL, 0 },
	});

	tar_save(&t, "a.tar");
	CALL_RUN(RUN("archive", "extract", "-C", "x", "a.tar"), 0, "", "");
	expect_mode("x/s", 0755);
	expect_mode("x/d", 0755);
	expect_mode("x/closed", 0701);
	expect_file("x/closed/f", "y");
}

Test(archive_hostile, trusted_archives_keep_their_bits)
{
	const struct tar_bytes t = tar_of((const struct tar_entry[]){
		{ "s", REG, NULL, "x", 06755 },
		{ NULL, 0, NULL, NULL, 0 },
	});

	tar_save(&t, "a.tar");
	CALL_RUN(RUN("archive", "extract", "--policy=trusted", "-C", "x", "a.tar"), 0, "", "");
	expect_mode("x/s", 06755);
}

Test(archive_hostile, a_hard_link_may_come_before_its_file)
{
	const struct tar_bytes t = tar_of((const struct tar_entry[]){
		{ "h", HARD, "late", NULL, 0 },
		{ "late", REG, NULL, "data", 0 },
		{ NULL, 0, NULL, NULL, 0 },
	});

	tar_save(&t, "a.tar");
	CALL_RUN(RUN("archive", "extract", "-C", "x", "a.tar"), 0, "", "");
	expect_same_file("x/h", "x/late");
	expect_file("x/h", "data");
}

/* Links that were there before are not followed, and not replaced. */
Test(archive_hostile, existing_links_stay)
{
	const struct tar_bytes t = tar_of((const struct tar_entry[]){
		{ "d/new", REG, NULL, "x", 0 },
		{ "f", REG, NULL, "x", 0 },
		{ NULL, 0, NULL, NULL, 0 },
	});
	struct run r;

	set_up();
	tree("l in/d -> ../out", "l in/f -> ../out/secret");
	tar_save(&t, "a.tar");
	r = RUN("archive", "extract", "-C", "in", "a.tar");
	EXPECT_STATUS(r, 1);
	expect_unharmed("existing links");
	expect_link("in/d", "../out");
	expect_link("in/f", "../out/secret");
	r = RUN("archive", "extract", "-C", "in", "--existing=overwrite", "a.tar");
	EXPECT_STATUS(r, 1);
	expect_unharmed("existing links, overwritten");
	expect_link("in/d", "../out");
	expect_file("in/f", "x");
}

static void add_pax_path(struct tar_bytes *t, const char *path, size_t len)
{
	char text[8192];
	size_t total = len + 7;

	/* The length counts its own digits. */
	total += total + 4 >= 1000 ? 4 : 3;
	(void)snprintf(text, sizeof(text), "%zu path=", total);
	memcpy(text + strlen(text), path, len);
	text[total - 1] = '\n';
	tar_add_pax(t, text, total);
	tar_add(t, &(struct tar_entry){ "short", REG, NULL, "x", 0 });
}

Test(archive_hostile, names_that_no_file_can_have)
{
	static char path[5000];
	static char name[301];
	struct tar_bytes t = { NULL, 0 };
	struct run r;

	for (size_t i = 0; i + 1 < sizeof(path); i++)
		path[i] = i % 100 == 99 ? '/' : 'p';
	memset(name, 'n', sizeof(name) - 1);
	add_pax_path(&t, path, strlen(path));
	add_pax_path(&t, name, strlen(name));
	tar_add(&t, &(struct tar_entry){ "fine", REG, NULL, "ok", 0 });
	tar_end(&t);
	tar_save(&t, "a.tar");
	r = RUN("archive", "extract", "-C", "x", "a.tar");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "too long");
	expect_names("x", "fine");
}

Test(archive_hostile, limits_leave_nothing)
{
	const struct tar_bytes t = tar_of((const struct tar_entry[]){
		{ "a/b/c/d", REG, NULL, "12345", 0 },
		{ "b", REG, NULL, "12345", 0 },
		{ NULL, 0, NULL, NULL, 0 },
	});
	static const char *const limits[] = { "--limit-size=8", "--limit-entries=1",
		                              "--limit-depth=3" };
	struct run r;

	tar_save(&t, "a.tar");
	for (size_t i = 0; i < 3; i++) {
		r = RUN("archive", "extract", "-C", "x", limits[i], "a.tar");
		cr_expect_eq(r.status, 4, "%s: %d", limits[i], r.status);
		cr_expect(strstr(r.err, "guard 'limits'") != NULL, "%s: %s", limits[i], r.err);
		expect_no_file("x");
	}
	expect_names(".", "a.tar");
	CALL_RUN(RUN("archive", "extract", "-C", "x", "--no-limits", "a.tar"), 0, "", "");
}

Test(archive_hostile, the_ratio_is_bounded_by_default)
{
	struct run r;

	need_program("truncate");
	need_no_sanitizer();
	RUN_PEER("truncate", "-s", "1200M", "zeroes");
	CALL_STATUS(RUN("archive", "create", "--no-sparse", "--no-fsync", "z.tar.zst", "zeroes"),
	            0);
	unlink("zeroes");
	r = RUN("archive", "test", "z.tar.zst");
	EXPECT_STATUS(r, 4);
	EXPECT_ERR_HAS(r, "--limit-ratio");
	CALL_STATUS(RUN("archive", "test", "--no-limits", "z.tar.zst"), 0);
}

/* Everything is done by descriptors: a directory that becomes a link meanwhile leads nowhere. */
Test(archive_hostile, an_ordinary_user_is_as_safe)
{
	need_root();
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct tar_bytes t = tar_of(attacks[i].entries);
		struct run_request request = {
			.words = WORDS("archive", "extract", "-C", "in", "a.tar"), .uid = RUN_NOBODY
		};

		set_up();
		tar_save(&t, "a.tar");
		cr_assert_eq(chown("in", RUN_NOBODY, RUN_NOBODY), 0);
		(void)run_argv(&request);
		expect_unharmed(attacks[i].what);
		RUN_PEER("rm", "-rf", "in", "out", "a.tar");
	}
}
