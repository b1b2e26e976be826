/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "cli/progress.h"

#include "base/sig.h"
#include "base/strbuf.h"

#include "support/skip.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

TestSuite(progress);

#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

/* Time that passes when the test says so, and what was written meanwhile. */
struct bench {
	int64_t time;
	int in, out; /* the ends: reading, writing */
	char seen[4096];
};

static int64_t bench_now(void *user)
{
	return ((struct bench *)user)->time;
}

static void set_environment(const char *term)
{
	cr_assert_eq(setenv("TERM", term, 1), 0);
	cr_assert_eq(unsetenv("COLUMNS"), 0);
}

static void bench_pipe(struct bench *b)
{
	int ends[2];

	set_environment("xterm");
	cr_assert_eq(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	*b = (struct bench){ .time = 5 * S, .in = ends[0], .out = ends[1] };
}

static void bench_terminal(struct bench *b, unsigned short columns)
{
	struct winsize size = { .ws_col = columns, .ws_row = 24 };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	struct termios mode;
	char name[64];

	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
	    ptsname_r(master, name, sizeof(name)) != 0)
		skip("no pseudo-terminals here");
	set_environment("xterm");
	*b = (struct bench){ .time = 5 * S, .in = master };
	b->out = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	cr_assert(b->out >= 0);
	cr_assert_eq(ioctl(master, TIOCSWINSZ, &size), 0);
	cr_assert_eq(tcgetattr(b->out, &mode), 0);
	cfmakeraw(&mode);
	cr_assert_eq(tcsetattr(b->out, TCSANOW, &mode), 0);
}

static struct progress *start(struct bench *b, enum progress_when when, const char *unit)
{
	struct progress_opts opts = {
		.when = when,
		.fd = b->out,
		.program = "du",
		.unit = unit,
		.now = bench_now,
		.user = b,
	};

	return progress_new(&opts);
}

/* What was written since the last time; the marker says where it ends. */
static const char *seen(struct bench *b)
{
	size_t len = 0;

	cr_assert_eq(write(b->out, "@", 1), 1);
	while (len == 0 || b->seen[len - 1] != '@') {
		ssize_t n = read(b->in, b->seen + len, sizeof(b->seen) - 1 - len);

		cr_assert(n > 0 || errno == EAGAIN);
		len += n > 0 ? (size_t)n : 0;
	}
	b->seen[len - 1] = '\0';
	return b->seen;
}

Test(progress, nothing_in_the_first_second)
{
	struct bench b;
	AUTO_FREE(progress) struct progress *p = NULL;

	bench_terminal(&b, 80);
	p = start(&b, PROGRESS_AUTO, NULL);
	for (; b.time < 6 * S; b.time += 10 * MS)
		progress_tick(p, 10, 100, "x");
	cr_expect_str_eq(seen(&b), "");
	p = progress_free(p);
	cr_expect_str_eq(seen(&b), "");
}

Test(progress, a_line_on_a_terminal)
{
	struct bench b;
	AUTO_FREE(progress) struct progress *p = NULL;

	bench_terminal(&b, 80);
	p = start(&b, PROGRESS_AUTO, NULL);
	b.time += S;
	progress_tick(p, 1024, 4096, "a b");
	cr_expect_str_eq(seen(&b),
	                 "\033]9;4;1;25\033\\\r25%, 1.0K of 4.0K, 1.0K/s, 3s left  'a b'\033[K");
	/* Within 200 ms of it, nothing. */
	b.time += 199 * MS;
	progress_tick(p, 1500, 4096, "c");
	cr_expect_str_eq(seen(&b), "");
	/* The same percentage is not told to the taskbar again. */
	b.time += MS;
	progress_tick(p, 1024, 4096, NULL);
	cr_expect_str_eq(seen(&b), "\r25%, 1.0K of 4.0K, 819/s, 3s left\033[K");
	progress_clear(p);
	cr_expect_str_eq(seen(&b), "\r\033[K");
	progress_clear(p);
	cr_expect_str_eq(seen(&b), "");
	b.time += 200 * MS;
	progress_tick(p, 4096, 4096, NULL);
	p = progress_free(p);
	cr_expect_str_eq(seen(&b), "\033]9;4;1;100\033\\\r100%, 4.0K of 4.0K, 3.7K/s\033[K"
	                           "\r\033[K\033]9;4;0;0\033\\");
}

Test(progress, an_unknown_total)
{
	struct bench b;
	AUTO_FREE(progress) struct progress *p = NULL;

	bench_terminal(&b, 80);
	p = start(&b, PROGRESS_AUTO, "files");
	b.time += 2 * S;
	progress_tick(p, 5000, 0, NULL);
	cr_expect_str_eq(seen(&b), "\033]9;4;3;0\033\\\r5000 files, 2500/s\033[K");
}

Test(progress, a_name_is_cut_at_its_front_and_never_wraps)
{
	struct bench b;
	AUTO_FREE(progress) struct progress *p = NULL;

	bench_terminal(&b, 40);
	p = start(&b, PROGRESS_AUTO, "files");
	b.time += S;
	progress_tick(p, 10, 0, "/a/very/long/path/that/does/not/fit/here.txt");
	cr_expect_str_eq(seen(&b),
	                 "\033]9;4;3;0\033\\\r10 files, 10/s  ...oes/not/fit/here.txt\033[K");
	b.time += S;
	progress_tick(p, 10, 0, "evil\033[2Jname");
	cr_assert_null(strstr(seen(&b), "\033[2J"));
	b.time += S;
	progress_tick(
		p, 10, 0,
		"/\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5\xE6\x9C\xAC");
	cr_expect(strlen(seen(&b)) < 90);
}

Test(progress, narrow_terminals)
{
	struct bench b;
	AUTO_FREE(progress) struct progress *p = NULL;

	bench_terminal(&b, 1);
	p = start(&b, PROGRESS_AUTO, NULL);
	b.time += S;
	progress_tick(p, 10, 0, "name");
	cr_expect_str_eq(seen(&b), "\033]9;4;3;0\033\\\r\033[K");
}

Test(progress, terminals_that_cannot)
{
	struct bench b;
	struct progress *p;

	bench_terminal(&b, 80);
	set_environment("dumb");
	p = start(&b, PROGRESS_AUTO, NULL);
	b.time += 2 * S;
	progress_tick(p, 10, 20, "x");
	p = progress_free(p);
	cr_expect_str_eq(seen(&b), "");
	set_environment("linux");
	p = start(&b, PROGRESS_AUTO, NULL);
	b.time += 2 * S;
	progress_tick(p, 10, 20, NULL);
	cr_expect_str_eq(seen(&b), "\r50%, 10 of 20, 5/s, 2s left\033[K");
	(void)progress_free(p);
}

Test(progress, not_a_terminal)
{
	struct bench b;
	struct progress *p;

	bench_pipe(&b);
	p = start(&b, PROGRESS_AUTO, NULL);
	b.time += 10 * S;
	progress_tick(p, 10, 20, "x");
	p = progress_free(p);
	cr_expect_str_eq(seen(&b), "");
	p = start(&b, PROGRESS_ALWAYS, "files");
	b.time += 500 * MS;
	progress_tick(p, 10, 20, "a\nb");
	cr_expect_str_eq(seen(&b), "du: 50%, 10 of 20 files, 20/s, 0s left  'a'$'\\n''b'\n");
	b.time += 999 * MS;
	progress_tick(p, 10, 20, NULL);
	cr_expect_str_eq(seen(&b), "");
	b.time += MS;
	progress_tick(p, 20, 20, NULL);
	cr_expect_str_eq(seen(&b), "du: 100%, 20 of 20 files, 18/s\n");
	p = progress_free(p);
	cr_expect_str_eq(seen(&b), "");
}

Test(progress, usr1_asks_for_a_line_everywhere)
{
	static const enum progress_when whens[] = { PROGRESS_AUTO, PROGRESS_ALWAYS,
		                                    PROGRESS_NEVER };

	for (size_t i = 0; i < ARRAY_LEN(whens); i++) {
		struct bench b;
		struct progress *p;

		bench_pipe(&b);
		p = start(&b, whens[i], NULL);
		progress_tick(p, 0, 20, NULL);
		(void)seen(&b);
		sig_install();
		b.time += 2 * S;
		cr_assert_eq(raise(SIGUSR1), 0);
		progress_tick(p, 10, 20, "x");
		cr_expect_str_eq(seen(&b), "du: 50%, 10 of 20, 5/s, 2s left  x\n", "when %zu", i);
		progress_tick(p, 10, 20, "x");
		cr_expect_str_eq(seen(&b), "", "when %zu", i);
		sig_restore();
		(void)progress_free(p);
	}
}

Test(progress, usr1_on_a_terminal_leaves_a_whole_line)
{
	struct bench b;
	AUTO_FREE(progress) struct progress *p = NULL;

	bench_terminal(&b, 80);
	p = start(&b, PROGRESS_AUTO, NULL);
	b.time += S;
	progress_tick(p, 5, 0, NULL);
	(void)seen(&b);
	sig_install();
	cr_assert_eq(raise(SIGUSR1), 0);
	progress_tick(p, 5, 0, NULL);
	cr_expect_str_eq(seen(&b), "\r\033[Kdu: 5, 5/s\n");
	sig_restore();
}

Test(progress, never_is_never)
{
	struct bench b;
	AUTO_FREE(progress) struct progress *p = NULL;

	bench_terminal(&b, 80);
	p = start(&b, PROGRESS_NEVER, NULL);
	b.time += 100 * S;
	progress_tick(p, 5, 10, "x");
	p = progress_free(p);
	cr_expect_str_eq(seen(&b), "");
}

Test(progress, numbers_at_the_limits)
{
	struct bench b;
	AUTO_FREE(progress) struct progress *p = NULL;

	bench_pipe(&b);
	p = start(&b, PROGRESS_ALWAYS, NULL);
	b.time += S;
	progress_tick(p, UINT64_MAX / 2, UINT64_MAX, NULL);
	cr_expect(strncmp(seen(&b), "du: 50%, 8.0E of 16E, ", 22) == 0, "%s", b.seen);
	b.time += S;
	/* Less than before, and more than the total. */
	progress_tick(p, 3, 2, NULL);
	cr_expect(strncmp(seen(&b), "du: 100%, 3 of 2, ", 18) == 0, "%s", b.seen);
}

Test(progress, a_broken_descriptor_changes_nothing)
{
	struct bench b;
	struct progress *p;

	bench_pipe(&b);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)close(b.in);
	p = start(&b, PROGRESS_ALWAYS, NULL);
	b.time += S;
	errno = EXDEV;
	progress_tick(p, 1, 2, NULL);
	cr_expect_eq(errno, EXDEV);
	(void)progress_free(p);
}

static void *tick_often(void *user)
{
	for (uint64_t i = 0; i < 20000; i++)
		progress_tick(user, i, 20000, "name");
	return NULL;
}

Test(progress, threads_may_tick_at_once)
{
	struct bench b;
	struct progress *p;
	pthread_t threads[4];
	const char *text;
	size_t lines = 0;

	bench_pipe(&b);
	p = start(&b, PROGRESS_ALWAYS, "files");
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, tick_often, p), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		cr_assert_eq(pthread_join(threads[i], NULL), 0);
	/* The clock stood still: exactly one of them drew. */
	for (text = seen(&b); *text != '\0'; text++)
		lines += *text == '\n';
	cr_expect_eq(lines, 1, "%s", b.seen);
	(void)progress_free(p);
}
