/* SPDX-License-Identifier: MIT */
/* run: output that is stamped, copied, cut, kept, logged, or comes from a terminal. */
#include "cli/private_mounts.h"
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

TestSuite(run_output, .init = sandbox_enter, .fini = sandbox_leave);

static bool matches(const char *text, const char *pattern)
{
	regex_t compiled;
	bool found;

	cr_assert_eq(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB), 0);
	found = regexec(&compiled, text, 0, NULL, 0) == 0;
	regfree(&compiled);
	return found;
}

static char *text_of(const char *path)
{
	char *text = calloc(1, 1 << 16);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert(fd >= 0, "%s", path);
	cr_assert(read(fd, text, (1 << 16) - 1) >= 0);
	(void)close(fd);
	return text;
}

Test(run_output, stamps_and_tags_each_line_once)
{
	static const struct {
		const char *option, *pattern;
	} cases[] = {
		{ "--stamp", "^2[0-9]{3}-[0-9-]{5}T[0-9:]{8}[+]00:00 ab\n2[^ ]+ c\n2[^ ]+ d$" },
		{ "--stamp=%H %.S", "^[0-9]{2} [0-9]{2}[.][0-9]{6} ab\n" },
		{ "--stamp=%.s", "^[0-9]{10}[.][0-9]{6} ab\n" },
		{ "--stamp=100%%.S", "^100%[.]S ab\n" },
		{ "--stamp=elapsed", "^00:00:0[0-9][.][0-9]{3} ab\n00:00:0" },
		{ "--stamp=delta", "^00:00:0[0-9][.][0-9]{3} ab\n00:00:0" },
		{ "--tag=[job]", "^\\[job] ab\n\\[job] c\n\\[job] d$" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = RUN("run", cases[i].option, "-c",
		                   "printf a; sleep 0.01; printf 'b\\nc\\nd'");

		EXPECT_STATUS(r, 0);
		cr_expect(matches(r.out, cases[i].pattern), "case %zu: %s", i, r.out);
		EXPECT_ERR(r, "");
	}
}

Test(run_output, refuses_what_makes_no_sense)
{
	static const char *const cases[][6] = {
		{ "run", "--stamp=", "true" },
		{ "run", "--output=x", "-o", "y", "true" },
		{ "run", "--log-rotate=1K", "true" },
		{ "run", "--log=x", "--log-rotate=0", "true" },
		{ "run", "--log=x", "--log-rotate=1K,0", "true" },
		{ "run", "--log=x", "--log-rotate=1K,", "true" },
		{ "run", "--log=x", "--log-rotate=big", "true" },
		{ "run", "--capture", "true" },
		{ "run", "--capture", "--json", "-q", "true" },
		{ "run", "--max-output=x", "true" },
		{ "run", "--idle-timeout=x", "true" },
		{ "run", "--pty", "-d", "true" },
		{ "run", "--pty", "--stderr=x", "true" },
		{ "run", "--pty", "--isolate=group", "true" },
		{ "run", "--syslog=nonsense", "true" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 125, "case %zu: %d", i, r.status);
		EXPECT_ERR_HARMLESS(r);
	}
	expect_no_file("y");
}

Test(run_output, copies)
{
	struct run r = RUN("run", "--tee=copy", "--tag=>", "-c", "echo 1; echo 2 >&2; exit 3");

	EXPECT_RUN(r, 3, "> 1\n", "> 2\n");
	cr_expect(matches(text_of("copy"), "^> 1\n> 2\n$|^> 2\n> 1\n$"));
	r = RUN("run", "--tee=copy", "--append", "echo", "3");
	EXPECT_RUN(r, 0, "3\n", "");
	expect_size("copy", 10);
	/* A copy that fails is no reason to stop the command, but no success either. */
	r = RUN("run", "--tee=/dev/full", "-c", "echo 1; sleep 0.01; echo 2");
	EXPECT_STATUS(r, 125);
	EXPECT_OUT(r, "1\n2\n");
	EXPECT_ERR_HAS(r, "'/dev/full': cannot write: No space left on device");
	r = RUN("run", "--tee=/dev/full", "-c", "echo 1; exit 3");
	EXPECT_STATUS(r, 3);
	r = RUN("run", "--tee=no/such", "-c", "echo x >ran");
	EXPECT_STATUS(r, 125);
	expect_no_file("ran");
	/* One file for both, in their order. */
	r = RUN("run", "--output=both", "--tag=>", "-c", "echo 1; echo 2 >&2; echo 3");
	EXPECT_RUN(r, 0, "", "");
	expect_file("both", "> 1\n> 2\n> 3\n");
}

Test(run_output, is_kept_in_the_record)
{
	struct run r = RUN("run", "--json", "--capture", "-c",
	                   "printf 'a\\0b\\377'; echo '{\"x\":1}' >&2; exit 3");
	const struct json *record = JSON_LINES(r).items[0];

	EXPECT_STATUS(r, 3);
	EXPECT_ERR(r, "");
	cr_expect_str_eq(json_string(record, "stdout_b64"), "YQBi/w==");
	cr_expect_str_eq(json_string(record, "stderr"), "{\"x\":1}\n");
	cr_expect_eq(json_int(record, "stdout_bytes", -1), 4);
	cr_expect(json_is_false(record, "truncated"));
	/* Of the last attempt alone. */
	r = RUN("run", "--json", "--capture", "-r1", "--delay=1ms", "-c",
	        "echo $RUN_ATTEMPT; exit 1");
	cr_expect_str_eq(json_string(JSON_LINES(r).items[0], "stdout"), "2\n");
	r = RUN("run", "--json", "--capture", "--merge", "-c", "echo 1; echo 2 >&2; echo 3");
	record = JSON_LINES(r).items[0];
	cr_expect_str_eq(json_string(record, "stdout"), "1\n2\n3\n");
	cr_expect(json_is_null(record, "stderr"));
	r = RUN("run", "--json", "--capture", "--max-output=20", "seq", "100");
	record = JSON_LINES(r).items[0];
	cr_expect_str_eq(json_string(record, "stdout"),
	                 "1\n2\n3\n4\n5\n[... 275 bytes left out ...]\n99\n100\n");
	cr_expect_eq(json_int(record, "stdout_bytes", -1), 292);
	cr_expect(json_is_true(record, "truncated"));
	/* Nothing is known of what does not come through us. */
	r = RUN("run", "--json", "true");
	cr_expect(json_is_null(JSON_LINES(r).items[0], "stdout_bytes"));
}

Test(run_output, keeps_both_ends_in_little_memory)
{
	static const char cut[] = "1\n2\n3\n4\n5\n[... 275 bytes left out ...]\n99\n100\n";
	struct run r = RUN("run", "--max-output=20", "seq", "100");

	EXPECT_RUN(r, 0, cut, "");
	r = RUN("run", "-q", "--max-output=20", "-c", "seq 100; exit 3");
	EXPECT_RUN(r, 3, cut, "");
	r = RUN("run", "-q", "--max-output=20", "seq", "100");
	EXPECT_RUN(r, 0, "", "");
	/* Half a GiB without a newline; a limit on memory that could never hold it. */
	if (run_is_sanitized())
		return;
	r = run_argv(
		&(const struct run_request){ .words = WORDS("run", "-q", "--max-output=1K", "-c",
	                                                    "head -c 536870912 /dev/zero; exit 3"),
	                                     .limits = { { RLIMIT_AS, 64 << 20 } } });
	EXPECT_STATUS(r, 3);
	cr_expect(r.out_len < 1100, "%zu", r.out_len);
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "--line-buffered", "--log=log", "--log-rotate=64K,1", "-c",
	                       "head -c 67108864 /dev/zero"),
		.out_to = RUN_TO_MEMORY,
		.limits = { { RLIMIT_AS, 64 << 20 } } });
	EXPECT_STATUS(r, 0);
	cr_expect_eq(r.out_len, 67108864);
}

Test(run_output, passes_whole_lines)
{
	struct run r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS(
			"-c",
			"exec \"$0\" run --line-buffered --stderr=err -o both sh -c 'printf a; "
			"sleep 0.01; printf b; echo; printf end'",
			run_binary()) });

	EXPECT_RUN(r, 0, "", "");
	expect_file("both", "ab\nend");
	expect_file("err", "");
}

Test(run_output, silence_is_a_limit)
{
	struct run r = RUN("run", "--json", "--idle-timeout=50ms", "-c", "echo 1; sleep 1000");

	EXPECT_STATUS(r, 124);
	EXPECT_ERR(r, "1\n");
	EXPECT_OUT_HAS(r, "\"idle_timed_out\":true,");
	EXPECT_OUT_HAS(r, "\"timed_out\":true,");
	/* Whoever speaks in time may take any time. */
	r = RUN("run", "--idle-timeout=1h", "-t1h", "-c", "echo 1; sleep 0.1; echo 2 >&2");
	EXPECT_RUN(r, 0, "1\n", "2\n");
	/* It waits for its reader, which is no silence. */
	r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS(
			"-c",
			"\"$0\" run --json --idle-timeout=200ms -c 'head -c 4000000 /dev/zero "
			">&2' 2>&1 >record | { sleep 1; wc -c; }; grep -c timed_out.:false record",
			run_binary()) });
	EXPECT_OUT(r, "4000000\n1\n");
}

/* The tree is ended in time, whoever does not read. */
Test(run_output, a_slow_reader_does_not_stop_the_clock)
{
	struct run r;

	tree("p held");
	r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS(
			"-c",
			"{ \"$0\" run -t 200ms --tag=x sh -c 'exec 9>held; exec yes'; echo $? "
			">status; } | { cat held; echo ended; cat >/dev/null; }",
			run_binary()) });
	EXPECT_RUN(r, 0, "ended\n", "");
	expect_file("status", "124\n");
}

Test(run_output, a_reader_that_leaves_ends_the_command)
{
	struct run r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c", "{ \"$0\" run --tag=x yes; echo $? >status; } | head -n 1",
	                       run_binary()) });

	EXPECT_RUN(r, 0, "x y\n", "");
	expect_file("status", "141\n");
	/* Unless somebody else listens. */
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "--tee=copy", "-c", "echo 1; sleep 0.01; echo 2"),
		.out_to = RUN_TO_NOBODY });
	EXPECT_STATUS(r, 0);
	expect_file("copy", "1\n2\n");
}

Test(run_output, does_not_wait_for_those_who_are_left)
{
	struct run r;

	tree("p go");
	r = RUN("run", "--json", "--capture", "-c",
	        "{ read x <go; echo late; } & echo soon; exit 4");
	EXPECT_STATUS(r, 4);
	EXPECT_OUT_HAS(r, "\"stdout\":\"soon\\n\"");
	EXPECT_OUT_HAS(r, "\"left_running\":1,");
	tree_text("line", "x\n");
	(void)RUN_PEER("sh", "-c", "cat line >go");
}

Test(run_output, logs_whole_lines_and_rotates)
{
	struct run r =
		RUN("run", "--log=log", "--log-rotate=1K,2", "-c",
	            "for i in $(seq 500); do printf 'line %s' $i; echo of $i; done; printf end");

	EXPECT_STATUS(r, 0);
	expect_names(".", "log", "log.1", "log.2");
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "log", "log.1", "log.2" };
		struct stat st;

		cr_assert_eq(stat(names[i], &st), 0);
		cr_expect(st.st_size <= 1024, "%s", names[i]);
		cr_expect(matches(text_of(names[i]), "^(line [0-9]+of [0-9]+\n)+(end\n)?$"), "%s",
		          names[i]);
	}
	/* What a run left without a newline gets one. */
	r = RUN("run", "-q", "--log=short", "--tag=t", "-c", "printf 1");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("run", "-q", "--log=short", "-c", "echo 2 >&2");
	EXPECT_RUN(r, 0, "", "");
	expect_file("short", "t 1\n2\n");
	r = RUN("run", "--log=/dev/full", "-c", "echo 1; echo 2");
	EXPECT_STATUS(r, 125);
	EXPECT_OUT(r, "1\n2\n");
	r = RUN("run", "--log=no/such", "-c", "echo x >ran");
	EXPECT_STATUS(r, 125);
	expect_no_file("ran");
}

Test(run_output, a_full_disk_under_the_kept_output_is_told)
{
	struct run r;

	enter_private_mounts();
	mount_tmpfs("small", "size=64k");
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "-q", "--tag=x", "-c",
	                       "head -c 200000 /dev/zero; echo; exit 3"),
		.env = WORDS("TMPDIR=small") });
	/* Not absolute: ignored. */
	EXPECT_STATUS(r, 3);
	r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c",
	                       "TMPDIR=$PWD/small exec \"$0\" run -q --tag=x sh -c 'head -c 200000 "
	                       "/dev/zero'",
	                       run_binary()) });
	EXPECT_STATUS(r, 125);
	EXPECT_ERR_HAS(r, "cannot write output: No space left on device");
	cr_assert_eq(umount2("small", MNT_DETACH), 0);
}

Test(run_output, writes_numbers_and_records_to_files)
{
	struct run r = RUN("run", "-q", "--metrics-file=m.prom", "--log-json=log", "-c", "exit 3");
	char *text;

	EXPECT_RUN(r, 3, "", "");
	cr_expect(matches(text_of("m.prom"), "dutybox_run_last_exit_code 3\n"));
	text = text_of("log");
	cr_expect(matches(text, "\"event\":\"start\""));
	cr_expect(matches(text, "\"argv\":\\[\"sh\",\"-c\",\"exit 3\"],.*\"status\":3,"));
	r = RUN("run", "--metrics-file=no/such", "-c", "exit 3");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "no/such");
	r = RUN("run", "--metrics-file=no/such", "true");
	EXPECT_STATUS(r, 1);
}

/* In mounts of the test's own, /dev has a log that the test reads. */
Test(run_output, lines_go_to_the_systems_log)
{
	static const char *const lines[] = {
		"<78>",   ": starts", "<78>",  ": one", "<78>",
		": tw?o", "<78>",     ": end", "<76>",  ": ends with status 3 after "
	};
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char line[4096];
	struct run r;

	enter_private_mounts();
	mount_tmpfs("/dev", NULL);
	if (mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3)) != 0)
		skip("no devices can be made here");
	r = RUN("run", "--syslog", "-c", "echo x >ran");
	EXPECT_STATUS(r, 125);
	expect_no_file("ran");
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	r = RUN("run", "--syslog=cron", "--stamp", "-q", "-c",
	        "echo one; printf 'tw\\033o\\nend'; exit 3");
	EXPECT_STATUS(r, 3);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i += 2) {
		ssize_t n = recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT);

		cr_assert(n > 0, "line %zu", i);
		line[n] = '\0';
		cr_expect_eq(strncmp(line, lines[i], 4), 0, "%s", line);
		cr_expect_not_null(strstr(line, " run["), "%s", line);
		cr_expect_not_null(strstr(line, lines[i + 1]), "%s", line);
	}
	cr_expect(recv(fd, line, sizeof(line), MSG_DONTWAIT) < 0);
	(void)close(fd);
	(void)umount("/dev");
}

Test(run_output, has_a_terminal_of_its_own)
{
	struct run r = RUN("run", "--pty", "-c", "test -t 1 && test -t 2 && echo terminal; exit 3");

	EXPECT_RUN(r, 3, "terminal\r\n", "");
	r = run_argv(
		&(const struct run_request){ .words = WORDS("run", "--pty", "--no-stdin", "-c",
	                                                    "cat; tput cols 2>/dev/null; :") });
	EXPECT_STATUS(r, 0);
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "--pty", "-c", "read x; echo got $x"), .input = "typed\n" });
	EXPECT_RUN(r, 0, "got typed\r\n", "");
	r = run_argv(&(const struct run_request){
		.words = WORDS("run", "--pty", "-c", "stty size; read x; echo got $x"),
		.from = RUN_FROM_TERMINAL,
		.input = "typed\r",
		.columns = 97,
		.out_to = RUN_TO_TERMINAL,
		.err_to = RUN_TO_TERMINAL });
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, " 97");
	EXPECT_OUT_HAS(r, "got typed");
	/* Its reader leaves: the terminal hangs up. */
	r = run_argv(&(const struct run_request){
		.program = "/bin/sh",
		.words = WORDS("-c", "{ \"$0\" run --pty yes; echo $? >status; } | head -n 1",
	                       run_binary()) });
	EXPECT_RUN(r, 0, "y\r\n", "");
	expect_file("status", "129\n");
}

static const struct run_request at_terminal = {
	.words = WORDS("run", "--pty", "-c",
	               "trap 'stty size' WINCH; echo $PPID >keeper; echo ready; while :; do sleep "
	               "0.05; done"),
	.from = RUN_FROM_TERMINAL,
	.out_to = RUN_TO_TERMINAL,
	.err_to = RUN_TO_TERMINAL,
};

Test(run_output, follows_the_size_and_passes_keys)
{
	struct winsize size = { .ws_row = 11, .ws_col = 77 };
	struct run_child child;
	struct run r;

	run_start(&at_terminal, &child);
	run_wait_for(&child, "ready");
	cr_assert_eq(ioctl(child.terminal, TIOCSWINSZ, &size), 0);
	run_wait_for(&child, "11 77");
	/* Ctrl-C is a key that its own terminal understands. */
	cr_assert_eq(write(child.terminal, "\003", 1), 1);
	r = run_finish(&child);
	EXPECT_STATUS(r, 130);
}

/* Whoever is killed, the terminal is what it was. */
Test(run_output, gives_the_terminal_back_as_it_was)
{
	for (int victim = 0; victim < 3; victim++) {
		struct termios now;
		struct run_child child;
		struct run r;
		int slave;

		run_start(&at_terminal, &child);
		slave = ioctl(child.terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
		cr_assert(slave >= 0);
		run_wait_for(&child, "ready");
		cr_assert_eq(tcgetattr(slave, &now), 0);
		cr_expect_eq(now.c_lflag & ICANON, 0);
		if (victim == 0)
			cr_assert_eq(kill(child.pid, SIGTERM), 0);
		else if (victim == 1)
			cr_assert_eq(kill((pid_t)strtol(text_of("keeper"), NULL, 10), SIGKILL), 0);
		else
			cr_assert_eq(kill(child.pid, SIGKILL), 0);
		/* The other process may be a moment behind. */
		for (int i = 0; i < 1000; i++) {
			cr_assert_eq(tcgetattr(slave, &now), 0);
			if ((now.c_lflag & ICANON) != 0)
				break;
			(void)usleep(10000);
		}
		cr_expect_neq(now.c_lflag & ICANON, 0);
		cr_expect_neq(now.c_lflag & ISIG, 0);
		(void)close(slave);
		r = run_finish(&child);
		cr_expect_eq(r.status, victim == 0 ? 143 : 137, "%d: %d", victim, r.status);
	}
}
