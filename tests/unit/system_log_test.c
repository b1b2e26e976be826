/* SPDX-License-Identifier: MIT */
#include "cli/system_log.h"

#include "base/mem.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

TestSuite(system_log, .init = sandbox_enter, .fini = sandbox_leave);

/* A daemon's socket, by the name "log". */
static int listen_as(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "log" };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	cr_assert(fd >= 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		cr_assert_eq(listen(fd, 4), 0);
	return fd;
}

/* What arrived; NUL-terminated. */
static const char *receive(int fd)
{
	static char text[8192];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	cr_assert(n > 0);
	text[n] = '\0';
	return text;
}

Test(system_log, a_line_is_as_syslogd_knows_it)
{
	AUTO_FREE(system_log) struct system_log *log = NULL;
	int daemon = listen_as(SOCK_DGRAM);
	char month[4];
	char tail[200];
	const char *got;
	int priority;
	int day;
	int clock[3];

	cr_assert_eq(system_log_open("log", "cron", "sync", &log), 0);
	cr_assert_eq(system_log_send(log, SYSTEM_LOG_ERROR, "cannot open 'x'"), 0);
	got = receive(daemon);
	cr_assert_eq(sscanf(got, "<%d>%3s %d %d:%d:%d %199[^\n]", &priority, month, &day, &clock[0],
	                    &clock[1], &clock[2], tail),
	             7, "%s", got);
	cr_expect_eq(priority, 9 * 8 + 3);
	cr_expect(day >= 1 && day <= 31);
	char want[200];
	(void)snprintf(want, sizeof(want), "sync[%d]: cannot open 'x'", (int)getpid());
	cr_expect_str_eq(tail, want);
	(void)close(daemon);
}

Test(system_log, hostile_bytes_and_long_lines_are_tamed)
{
	AUTO_FREE(system_log) struct system_log *log = NULL;
	int daemon = listen_as(SOCK_DGRAM);
	char *much = mem_alloc(100001);
	const char *got;

	cr_assert_eq(system_log_open("log", "user", "x", &log), 0);
	cr_assert_eq(system_log_send(log, SYSTEM_LOG_INFO, "a\n<0>b\033[2J\xff \xc3\xa9"), 0);
	got = receive(daemon);
	cr_expect_not_null(strstr(got, ": a?<0>b?[2J? \xc3\xa9"), "%s", got);
	memset(much, 'y', 100000);
	much[100000] = '\0';
	cr_assert_eq(system_log_send(log, SYSTEM_LOG_INFO, much), 0);
	cr_expect(strlen(receive(daemon)) <= 4096 + 100);
	free(much);
	(void)close(daemon);
}

Test(system_log, nobody_there_is_told)
{
	struct system_log *log = NULL;

	cr_expect_eq(system_log_open("log", "user", "x", &log), -ENOENT);
	cr_expect_eq(system_log_open("log", "nonsense", "x", &log), -EINVAL);
	(void)close(listen_as(SOCK_DGRAM));
	cr_expect_eq(system_log_open("log", "user", "x", &log), -ECONNREFUSED);
	cr_expect_null(log);
	cr_expect(system_log_knows("local7"));
	cr_expect(!system_log_knows("Local7"));
}

Test(system_log, a_daemon_started_anew_is_found)
{
	AUTO_FREE(system_log) struct system_log *log = NULL;
	int daemon = listen_as(SOCK_DGRAM);

	cr_assert_eq(system_log_open("log", "user", "x", &log), 0);
	(void)close(daemon);
	cr_expect(system_log_send(log, SYSTEM_LOG_INFO, "lost") < 0);
	cr_assert_eq(unlink("log"), 0);
	daemon = listen_as(SOCK_DGRAM);
	cr_expect_eq(system_log_send(log, SYSTEM_LOG_INFO, "found"), 0);
	cr_expect_not_null(strstr(receive(daemon), ": found"));
	(void)close(daemon);
}

Test(system_log, streams_get_records_that_end_with_a_nul)
{
	AUTO_FREE(system_log) struct system_log *log = NULL;
	int daemon = listen_as(SOCK_STREAM);
	int peer;
	char text[200];
	ssize_t n;

	cr_assert_eq(system_log_open("log", "user", "x", &log), 0);
	peer = accept(daemon, NULL, NULL);
	cr_assert(peer >= 0);
	cr_assert_eq(system_log_send(log, SYSTEM_LOG_INFO, "one"), 0);
	n = recv(peer, text, sizeof(text), 0);
	cr_assert(n > 4);
	cr_expect_eq(memcmp(text + n - 4, "one", 4), 0);
	(void)close(peer);
	(void)close(daemon);
}

/* Nobody reads: the queue fills, one line waits in vain, and no other does. */
Test(system_log, a_daemon_that_hangs_does_not_hang_us)
{
	AUTO_FREE(system_log) struct system_log *log = NULL;
	int daemon = listen_as(SOCK_DGRAM);
	int r = 0;

	cr_assert_eq(system_log_open("log", "user", "x", &log), 0);
	for (int i = 0; i < 100000 && r == 0; i++)
		r = system_log_send(log, SYSTEM_LOG_INFO, "line");
	cr_assert_eq(r, -EAGAIN);
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(system_log_send(log, SYSTEM_LOG_INFO, "line"), -EAGAIN);
	(void)close(daemon);
}
