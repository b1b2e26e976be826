/* SPDX-License-Identifier: MIT */
/* run: one at a time, and who it is. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(run_lock, .init = sandbox_enter, .fini = sandbox_leave);

/* A run that holds the lock until it is ended; it has said so. */
static const struct run_request holding = { .words = WORDS("run", "-k1s", "-l", "lock", "-c",
	                                                   "echo ready; setsid sleep 1000 & sleep "
	                                                   "1000") };

static bool is_free(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool is_free = flock(fd, LOCK_EX | LOCK_NB) == 0;

	(void)close(fd);
	return is_free;
}

Test(run_lock, refuses_what_makes_no_sense)
{
	static const char *const cases[][6] = {
		{ "run", "--lock-inherit", "true" },
		{ "run", "--if-locked=wait", "true" },
		{ "run", "-l", "lock", "--if-locked=never", "true" },
		{ "run", "-l", "lock", "--if-locked=", "true" },
		{ "run", "-l", "lock", "--if-locked=wait:", "true" },
		{ "run", "-l", "lock", "--if-locked=wait:x", "true" },
		{ "run", "-l", "lock", "--if-locked=skip:1s", "true" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 125, "case %zu: %d", i, r.status);
		EXPECT_ERR_HARMLESS(r);
	}
	expect_no_file("lock");
}

Test(run_lock, names_its_holder)
{
	struct run_child child;
	struct run r;
	char pid[32];

	run_start(&holding, &child);
	run_wait_for(&child, "ready");
	(void)snprintf(pid, sizeof(pid), "process %d since 20", (int)child.pid);
	r = RUN("run", "-l", "lock", "true");
	EXPECT_STATUS(r, 75);
	EXPECT_ERR_HAS(r, pid);
	EXPECT_ERR_HAS(r, "'echo ready; setsid sleep 1000 & sleep 1000'");
	r = RUN("run", "-l", "lock", "--if-locked=wait:50ms", "true");
	EXPECT_STATUS(r, 75);
	cr_assert_eq(kill(child.pid, SIGKILL), 0);
	r = run_finish(&child);
	/* Killed without a word, and yet the lock is not free before its processes are gone. */
	r = RUN("run", "-l", "lock", "--if-locked=wait", "true");
	EXPECT_STATUS(r, 0);
}

Test(run_lock, replaces_its_holder)
{
	struct run_child child;
	struct run r;

	run_start(&holding, &child);
	run_wait_for(&child, "ready");
	r = RUN("run", "-l", "lock", "--if-locked=kill", "echo", "mine");
	EXPECT_RUN(r, 0, "mine\n", "");
	r = run_finish(&child);
	EXPECT_STATUS(r, 143);
	cr_expect(is_free("lock"));
	/* Nobody holds it. */
	r = RUN("run", "-l", "lock", "--if-locked=kill", "echo", "mine");
	EXPECT_RUN(r, 0, "mine\n", "");
}

Test(run_lock, kills_a_holder_that_does_not_listen)
{
	struct run_child child;
	struct run r;

	run_start(&holding, &child);
	run_wait_for(&child, "ready");
	cr_assert_eq(kill(child.pid, SIGSTOP), 0);
	r = RUN("run", "-l", "lock", "--if-locked=kill", "--kill-after=50ms", "echo", "mine");
	EXPECT_RUN(r, 0, "mine\n", "");
	r = run_finish(&child);
	EXPECT_STATUS(r, 137);
}

Test(run_lock, does_not_end_itself)
{
	struct run r = RUN("run", "-l", "lock", run_binary(), "run", "-l", "lock",
	                   "--if-locked=kill", "true");

	EXPECT_STATUS(r, 75);
	EXPECT_ERR_HAS(r, "this run is its own");
}

/* Whatever the file says: only who wrote it is ended, and that is known. */
Test(run_lock, believes_no_note)
{
	static const char *const notes[] = {
		"",
		"x",
		"{}",
		"{\"id\":\"%d@1\"}",
		"{\"id\":\"%d@\"}",
		"{\"id\":\"%d\"}",
		"{\"id\":\"-1@1\"}",
		"{\"id\":\"0@0\"}",
		"{\"id\":\"99999999999@1\"}",
		"{\"id\":%d}",
		"{\"id\":{\"pid\":%d}}",
		"[{\"id\":\"%d@1\"}]",
		"%d\n",
		"{\"id\":\"%d@18446744073709551616\"}",
		"{\"id\":\"%d@1\",\"argv\":[[1]]}",
		"{\"id\":\"%d@1\",\"argv\":[\"\\u001b[2J\xff\"],\"started\":1e999}",
		"{\"id\":\"%d@1\",\"started\":99999999999999999999999}",
	};
	pid_t innocent = fork();
	int fd;

	cr_assert(innocent >= 0);
	if (innocent == 0) {
		for (;;)
			(void)pause();
	}
	tree_text("lock", "");
	fd = open("lock", O_RDWR | O_CLOEXEC);
	cr_assert_eq(flock(fd, LOCK_EX), 0);
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		char number[16];
		char text[256] = "";
		const char *at = strstr(notes[i], "%d");
		struct run r;

		(void)snprintf(number, sizeof(number), "%d", (int)innocent);
		(void)snprintf(text, sizeof(text), "%.*s%s%s",
		               at != NULL ? (int)(at - notes[i]) : (int)strlen(notes[i]), notes[i],
		               at != NULL ? number : "", at != NULL ? at + 2 : "");
		cr_assert_eq(ftruncate(fd, 0), 0);
		cr_assert_eq(pwrite(fd, text, strlen(text), 0), (ssize_t)strlen(text));
		r = RUN("run", "-l", "lock", "--if-locked=kill", "true");
		cr_expect_eq(r.status, 75, "note %zu: %d", i, r.status);
		EXPECT_ERR_HARMLESS(r);
		cr_expect_eq(waitpid(innocent, NULL, WNOHANG), 0, "note %zu", i);
	}
	(void)close(fd);
	(void)kill(innocent, SIGKILL);
	(void)waitpid(innocent, NULL, 0);
}

Test(run_lock, is_held_between_attempts)
{
	const struct run_request request = { .words = WORDS("run", "-v", "-l", "lock", "-r1",
		                                            "--delay=1h", "false") };
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	run_wait_for(&child, "again in");
	cr_expect(!is_free("lock"));
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 143);
	cr_expect(is_free("lock"));
}

Test(run_lock, can_be_left_to_the_command)
{
	struct run r;

	tree("p go");
	r = RUN("run", "-l", "lock", "--lock-inherit", "-c", "{ read x <go; } & exit 0");
	EXPECT_STATUS(r, 0);
	cr_expect(!is_free("lock"));
	r = RUN("run", "-l", "lock", "true");
	EXPECT_STATUS(r, 75);
	r = RUN_PEER("sh", "-c", "echo >go");
	r = RUN("run", "-l", "lock", "--if-locked=wait", "true");
	EXPECT_STATUS(r, 0);
}

Test(run_lock, waits_for_the_file_of_that_name)
{
	const struct run_request request = { .words = WORDS("run", "-l", "lock", "--if-locked=wait",
		                                            "-c", "cat lock | wc -l") };
	struct run_child child;
	struct run r;
	int fd;

	tree_text("lock", "");
	fd = open("lock", O_RDWR | O_CLOEXEC);
	cr_assert_eq(flock(fd, LOCK_EX), 0);
	run_start(&request, &child);
	/* Removed while it is held, or waited for: what is locked in the end has the name. */
	cr_assert_eq(unlink("lock"), 0);
	(void)close(fd);
	r = run_finish(&child);
	EXPECT_RUN(r, 0, "1\n", "");
}

Test(run_lock, works_where_flock_is_refused)
{
	struct run r;

	(void)need_program("strace");
	need_no_sanitizer();
	r = RUN_PEER("strace", "-qq", "-o/dev/null", "-e", "inject=flock:error=EOPNOTSUPP",
	             run_binary(), "run", "-l", "lock", "echo", "locked");
	if (r.status != 0 && strstr(r.err, "ptrace") != NULL)
		skip("no tracing here");
	EXPECT_RUN(r, 0, "locked\n", "");
	r = RUN_PEER("strace", "-qq", "-f", "-o/dev/null", "-e", "inject=flock:error=EOPNOTSUPP",
	             run_binary(), "run", "-l", "lock", run_binary(), "run", "-l", "lock", "true");
	EXPECT_STATUS(r, 75);
}
