/* SPDX-License-Identifier: MIT */
/* verify --create=LIST --update: lists that are added to, and long runs that are taken up again. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

TestSuite(verify_update, .init = sandbox_enter, .fini = sandbox_leave);

/* Of "hi\n". */
#define HI "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"
#define NOTHING_NEW                                                                      \
	"{\"record\":\"summary\",\"same\":0,\"differ\":0,\"missing\":0,\"extra\":0,"     \
	"\"moved\":0,\"type\":0,\"meta\":0,\"unreadable\":0,\"changed\":0,\"unread\":0," \
	"\"improper_lines\":0,\"read_bytes\":0,\"interrupted\":false}\n"

/* Starts on a file that takes seconds, and stops it by a signal. */
static struct run interrupt(const char *const *words)
{
	struct run_request request = { .words = words };
	struct run_child child;

	run_start(&request, &child);
	run_wait_for(&child, "/s\n");
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	return run_finish(&child);
}

/* Ends as soon as a file `name` comes into the working directory. */
static void wait_for_file(int watch, const char *name)
{
	_Alignas(struct inotify_event) char events[4096];

	for (;;) {
		const ssize_t n = read(watch, events, sizeof(events));

		cr_assert(n > 0);
		for (const char *at = events; at < events + n;) {
			const struct inotify_event *e = (const void *)at;

			if (e->len > 0 && strcmp(e->name, name) == 0)
				return;
			at += sizeof(*e) + e->len;
		}
	}
}

Test(verify_update, an_update_adds_what_is_not_listed)
{
	static const char old[] = HI "  ./d/a\n# by hand\n" HI "  gone";
	struct run r;

	tree("d d", "d d/e");
	tree_text("d/a", "no longer hi");
	tree_text("d/e/b", "hi\n");
	tree_text("LIST", old);
	r = RUN("verify", "--create=LIST", "--update", "d");
	EXPECT_RUN(r, 0, "", "");
	expect_file("LIST", HI "  ./d/a\n# by hand\n" HI "  gone\n"
	                       "# dutybox verify: all of d\n" HI "  d/e/b\n");
	/* What is listed is not looked at, and nothing is told twice. */
	r = RUN("verify", "--create=LIST", "--update", "--json", "d");
	EXPECT_RUN(r, 0, NOTHING_NEW, "");
	expect_file("LIST", HI "  ./d/a\n# by hand\n" HI "  gone\n"
	                       "# dutybox verify: all of d\n" HI "  d/e/b\n");
}

Test(verify_update, an_update_of_each_format_is_one_list)
{
	static const char *const formats[] = {
		"--tag", "--binary", "--zero", "--format=mtree", "--algo=blake2b", "--algo=xxh128"
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const bool is_raw = strcmp(formats[i], "--zero") == 0;
		const bool is_algo = strncmp(formats[i], "--algo", 6) == 0;
		const char dir[] = { (char)('0' + i), '\0' };
		struct run r;

		tree_dir(dir);
		cr_assert_eq(chdir(dir), 0);
		tree("t d/b hi");
		r = RUN("verify", "--create=LIST", formats[i], "--update", "d");
		EXPECT_RUN(r, 0, "", "");
		tree("t d/a new", "t d/c/x new");
		r = RUN("verify", "--create=LIST", formats[i], "--update", "d");
		EXPECT_RUN(r, 0, "", "");
		r = RUN("verify", "--check", is_raw ? "-z" : "-w",
		        is_algo ? formats[i] : "--strict", "--extra=error", "LIST");
		EXPECT_STATUS(r, 0);
		cr_assert_eq(chdir(".."), 0);
	}
}

Test(verify_update, what_cannot_be_updated_is_left_alone)
{
	static const struct {
		const char *words[6];
		const char *old;
		int status;
		const char *says;
	} cases[] = {
		{ { "--create=LIST", "d" }, "no list\n", 3, "line 1 is none of a list of sha256" },
		{ { "--create=LIST", "--algo=md5", "d" },
		  HI "  a\n",
		  3,
		  "line 1 is none of a list of md5" },
		{ { "--create=LIST", "--format=mtree", "d" },
		  "#mtree\nd/a type=file\n",
		  3,
		  "line 2" },
		{ { "--create=d", "d" }, HI "  a\n", 3, "is not a regular file" },
		{ { "--create", "d" }, HI "  a\n", 2, "--update is for a list in a file" },
		{ { "--create=LIST", "--format=bagit", "d" },
		  HI "  a\n",
		  2,
		  "--update is for a list" },
		{ { "--check", "LIST" }, HI "  a\n", 2, "--update goes with --create" },
	};

	tree("d d");
	tree_text("d/a", "hi\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *words[10] = { "verify", "--update" };
		struct run r;

		for (size_t n = 0; n < 6 && cases[i].words[n] != NULL; n++)
			words[n + 2] = cases[i].words[n];
		tree_text("LIST", cases[i].old);
		r = run_argv(&(struct run_request){ .words = words });
		EXPECT_STATUS(r, cases[i].status);
		EXPECT_ERR_HAS(r, cases[i].says);
		expect_file("LIST", cases[i].old);
		expect_names(".", "LIST", "d");
	}
}

Test(verify_update, a_stopped_update_is_taken_up_again)
{
	struct run r;

	tree("d d");
	tree_text("d/a", "hi\n");
	tree_sparse("d/big", UINT64_C(20) << 30);
	r = interrupt(WORDS("verify", "--create=LIST", "--update", "--progress=always", "d"));
	EXPECT_STATUS(r, 128 + SIGTERM);
	expect_file("LIST", "# dutybox verify: all of d\n" HI "  d/a\n");
	/* It tells that it is not all. */
	r = RUN("verify", "--check", "--extra=error", "LIST");
	EXPECT_STATUS(r, 6);
	cr_assert_eq(truncate("d/big", 0), 0);
	r = RUN("verify", "--create=LIST", "--update", "d");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("verify", "--check", "--extra=error", "LIST");
	EXPECT_STATUS(r, 0);
	expect_names(".", "LIST", "d");
}

Test(verify_update, an_update_that_is_killed_has_kept_what_was_long)
{
	struct run_request request = { .words = WORDS("verify", "--create=LIST", "--update",
		                                      "--algo=xxh128", "d") };
	struct run_child child;
	int watch = inotify_init1(IN_CLOEXEC);
	struct run r;

	cr_assert(watch >= 0 && inotify_add_watch(watch, ".", IN_CREATE | IN_MOVED_TO) >= 0);
	tree("d d");
	tree_sparse("d/a", (UINT64_C(1) << 30) + 1);
	/* Never hashed to its end. */
	tree_sparse("d/b", UINT64_C(8) << 40);
	run_start(&request, &child);
	wait_for_file(watch, "LIST");
	cr_assert_eq(kill(child.pid, SIGKILL), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 128 + SIGKILL);
	cr_assert_eq(truncate("d/b", 0), 0);
	r = RUN("verify", "--create=LIST", "--update", "--algo=xxh128", "--json", "d/a");
	EXPECT_RUN(r, 0, NOTHING_NEW, "");
	(void)close(watch);
}
