/* SPDX-License-Identifier: MIT */
/* pgrep: what matches, mostly among the children of the test. */
#include "support/expect.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include "private_mounts.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(pgrep, .init = sandbox_enter, .fini = sandbox_leave);

static const char *own_pid(void)
{
	static char text[16];

	(void)snprintf(text, sizeof(text), "%d", (int)getpid());
	return text;
}

/* pgrep -P TEST and these words. */
static struct run look(const char *const *words)
{
	const char *all[16] = { "pgrep", "-P", own_pid() };

	for (size_t i = 0; words[i] != NULL; i++)
		all[i + 3] = words[i];
	return run_words(all);
}
#define LOOK(...) look(WORDS(__VA_ARGS__))

static const char *line_of(const struct process *p)
{
	static char text[24];

	(void)snprintf(text, sizeof(text), "%s\n", p->text);
	return text;
}

static struct process start_named(const char *name)
{
	return process_start(&(struct process_request){ .name = name });
}

Test(pgrep, names_may_hold_anything)
{
	static const struct {
		const char *name, *pattern, *shown;
	} cases[] = {
		{ "a) R 1 (b", "a\\) R 1 \\(b", "a) R 1 (b" },
		{ "(x) (y)", "\\(x\\) \\(y\\)", "(x) (y)" },
		{ "two\nlines", "two.lines", "two\\nlines" },
		{ " blank ", " blank ", " blank " },
		{ "caf\xc3\xa9", "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "0123456789abc\xc3\xa9", "0123456789abc.*", NULL }, /* cut within a character */
		{ "esc\x1b[31m", "esc.*", "esc\\033[31m" },
		{ "\xff\xfe", "\xff\xfe", "\xff\xfe" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct process p = start_named(cases[i].name);
		struct run r = LOOK("-x", cases[i].pattern);
		char expected[64];

		EXPECT_RUN(r, 0, line_of(&p), "");
		r = LOOK("-l", "-x", cases[i].pattern);
		if (cases[i].shown != NULL) {
			(void)snprintf(expected, sizeof(expected), "%s %s\n", p.text,
			               cases[i].shown);
			EXPECT_OUT(r, expected);
		}
		r = run_argv(&(struct run_request){
			.words = WORDS("pgrep", "-P", own_pid(), "-lx", cases[i].pattern),
			.out_to = RUN_TO_TERMINAL });
		EXPECT_STATUS(r, 0);
		EXPECT_OUT_LACKS(r, "\x1b");
		EXPECT_OUT_LACKS(r, "\xff");
		r = LOOK("--json", "-x", cases[i].pattern);
		cr_expect_eq(JSON_LINES(r).len, 1);
		(void)process_end(&p);
	}
}

/* 15, 16 and 40 bytes; the kernel keeps 15. */
Test(pgrep, finds_names_in_full)
{
	static const char *const names[] = { "exactly15_bytes", "and_these_are_16",
		                             "a_program_with_a_very_long_name_of_40_b" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = process_shell_copy(names[i]);
		struct process p = process_start(&(struct process_request){ .program = path });
		char cut[16];
		char expected[80];
		struct run r = LOOK("-x", names[i]);

		EXPECT_RUN(r, 0, line_of(&p), "");
		r = LOOK("-l", names[i]);
		(void)snprintf(expected, sizeof(expected), "%s %s\n", p.text, names[i]);
		EXPECT_OUT(r, expected);
		/* Who knows only what ps shows finds it, too. */
		(void)snprintf(cut, sizeof(cut), "%s", names[i]);
		r = LOOK("-x", cut);
		EXPECT_RUN(r, 0, line_of(&p), "");
		(void)process_end(&p);
		/* The title is another one: then the executable tells, though it is deleted. */
		p = process_start(&(struct process_request){ .program = path, .argv0 = "title" });
		cr_assert_eq(unlink(path), 0);
		r = LOOK("-x", names[i]);
		EXPECT_RUN(r, 0, line_of(&p), "");
		r = LOOK("--exe", path);
		EXPECT_RUN(r, 0, line_of(&p), "");
		r = LOOK("--exe", "/a?n?d?exactly|very_long|and_these");
		EXPECT_STATUS(r, 1);
		r = LOOK("--exe", "exactly|very_long|and_these");
		EXPECT_RUN(r, 0, line_of(&p), "");
		(void)process_end(&p);
	}
}

Test(pgrep, finds_scripts_and_titles)
{
	struct process p;
	struct run r;
	const char *path = "./a_script_with_a_long_name.sh";

	tree_script("a_script_with_a_long_name.sh", "#!/bin/sh\necho\nread x\n");
	p = process_start(&(struct process_request){ .program = path });
	r = LOOK("-x", "a_script_with_a_long_name.sh");
	EXPECT_RUN(r, 0, line_of(&p), "");
	(void)process_end(&p);
	p = process_start(&(struct process_request){ .program = "/bin/sh",
	                                             .argv0 = "nginx: worker process" });
	r = LOOK("-f", "^nginx: worker process");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("nginx");
	EXPECT_RUN(r, 1, "", "");
	(void)process_end(&p);
}

Test(pgrep, one_line_a_process_whatever_the_arguments)
{
	static char big[100 << 10];
	const char *words[20] = { "new\nline", "", "esc\x1b[2J", "it's", "\xff" };
	struct process p;
	struct run r;

	memset(big, 'x', sizeof(big) - 1);
	for (size_t i = 5; i < 19; i++)
		words[i] = big;
	p = process_start(
		&(struct process_request){ .program = "/bin/sh", .argv0 = "sh", .words = words });
	static const char *const options[] = { "-a", "-l", "-Q", "-af" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		r = LOOK(options[i], "sh");
		EXPECT_STATUS(r, 0);
		cr_expect_eq(strchr(r.out, '\n'), r.out + r.out_len - 1, "%s", options[i]);
		EXPECT_OUT_LACKS(r, "\x1b[2J\x1b");
	}
	r = LOOK("-Q", "sh");
	EXPECT_OUT_HAS(r, " '' ");
	EXPECT_OUT_HAS(r, "\"it's\"");
	r = LOOK("-f", "x{200}$");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--json", "sh");
	struct json_lines lines = JSON_LINES(r);

	cr_assert_eq(lines.len, 1);
	cr_expect_str_eq(json_string(lines.items[0], "argv.3"), "new\nline");
	cr_expect_str_eq(json_string(lines.items[0], "argv.4"), "");
	cr_expect_eq(strlen(json_string(lines.items[0], "argv.10")), sizeof(big) - 1);
	(void)process_end(&p);
}

Test(pgrep, a_zombie_is_listed)
{
	struct process p = start_named("deadname");
	struct run r;

	process_make_zombie(&p);
	r = LOOK("-x", "deadname");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("-xf", "\\[deadname\\]");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("-r", "Z");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--json", "-r", "Z");
	struct json_lines lines = JSON_LINES(r);

	cr_assert_eq(lines.len, 1);
	cr_expect_str_eq(json_string(lines.items[0], "state"), "Z");
	(void)process_reap(&p);
}

Test(pgrep, a_pid_is_no_name)
{
	struct process p = start_named("name");
	struct run r = LOOK(p.text);

	EXPECT_RUN(r, 1, "", "");
	(void)process_end(&p);
}

Test(pgrep, lists_the_shell_that_holds_the_pattern)
{
	char script[256];
	char lists[64];
	struct run r;

	(void)snprintf(lists, sizeof(lists), "uniq-%d-text", (int)getpid());
	(void)snprintf(script, sizeof(script), "echo $$; %s pgrep -f %s; echo $?", run_binary(),
	               lists);
	r = RUN_PEER("sh", "-c", script);
	EXPECT_STATUS(r, 0);
	/* The pid of the shell, once by itself and once by pgrep, and 0. */
	char *line = strchr(r.out, '\n');

	cr_assert_not_null(line);
	cr_expect_eq(strncmp(r.out, line + 1, (size_t)(line + 1 - r.out)), 0, "%s", r.out);
	EXPECT_OUT_HAS(r, "\n0\n");
	(void)snprintf(script, sizeof(script), "%s pgrep -Af %s; echo $?", run_binary(), lists);
	r = RUN_PEER("sh", "-c", script);
	EXPECT_OUT(r, "1\n");
	/* At a terminal it is said. */
	(void)snprintf(script, sizeof(script), "%s pgrep -f %s; :", run_binary(), lists);
	r = run_argv(&(struct run_request){
		.program = "sh", .words = WORDS("-c", script), .err_to = RUN_TO_TERMINAL });
	EXPECT_OUT_HAS(r, "use -A");
}

Test(pgrep, wrong_usage_is_2)
{
	static const char *const cases[][6] = {
		{ NULL },
		{ "a", "b" },
		{ "(" },
		{ "-u", "no such user", "x" },
		{ "-u", "", "x" },
		{ "-n", "-o", "x" },
		{ "-n", "-v", "x" },
		{ "-g", "1,,2", "x" },
		{ "-P", ",", "x" },
		{ "-P", "1,", "x" },
		{ "-P", "-1", "x" },
		{ "-P", "99999999999", "x" },
		{ "-O", "x", "x" },
		{ "--younger=", "x" },
		{ "--rss", "+x" },
		{ "--rss", "" },
		{ "--cpu-time", "+" },
		{ "--port", "0" },
		{ "--port", "http" },
		{ "--exe", "(" },
		{ "--descendants", "x" },
		{ "--ns", "x" },
		{ "--nslist", "pid" },
		{ "--ns", "1", "--nslist", "pid,x" },
		{ "-r", "Q" },
		{ "-L", "x" },
		{ "-w", "--id", "x" },
		{ "--appear=x", "x" },
		{ "--signal", "nosig", "-H", "x" },
		{ "-p", "x" },
		{ "--no-such" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *words[8] = { "pgrep" };
		struct run r;

		for (size_t n = 0; n < 6 && cases[i][n] != NULL; n++)
			words[n + 1] = cases[i][n];
		r = run_words(words);
		cr_expect_eq(r.status, 2, "case %zu, %s: %d", i,
		             cases[i][0] != NULL ? cases[i][0] : "", r.status);
		EXPECT_OUT(r, "");
		cr_expect(r.err_len > 0);
	}
}

Test(pgrep, nothing_is_1_and_counted_0)
{
	struct run r = RUN("pgrep", "-c", "-x", "no process has such a name at all");

	EXPECT_RUN(r, 1, "0\n", "");
	r = RUN("pgrep", "--quiet", "-c", "-x", "no process has such a name at all");
	EXPECT_RUN(r, 1, "", "");
	r = RUN("pgrep", "--json", "-x", "no process has such a name at all");
	EXPECT_RUN(r, 1, "", "");
	r = RUN("pgrep", "--quiet", "-p", own_pid());
	EXPECT_RUN(r, 0, "", "");
}

Test(pgrep, users_and_groups_in_all_spellings)
{
	struct process p = start_named("owned");
	char id[32];
	char list[64];
	struct run r;

	(void)snprintf(id, sizeof(id), "#%u", geteuid());
	r = LOOK("-u", id, "owned");
	EXPECT_RUN(r, 0, line_of(&p), "");
	(void)snprintf(list, sizeof(list), "54399,%s,65000", id + 1);
	r = LOOK("-U", list, "owned");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("-u", "54399", "owned");
	EXPECT_RUN(r, 1, "", "");
	(void)snprintf(id, sizeof(id), "#%u", getgid());
	r = LOOK("-G", id, "owned");
	EXPECT_RUN(r, 0, line_of(&p), "");
	(void)process_end(&p);
	need_root();
	p = process_start(&(struct process_request){ .name = "owned", .uid = RUN_NOBODY });
	r = LOOK("-u", "65534", "owned");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("-u", "0", "owned");
	EXPECT_RUN(r, 1, "", "");
	(void)process_end(&p);
}

Test(pgrep, the_last_and_the_first_of_one_clock_tick)
{
	struct process all[8];
	struct run r;

	for (size_t i = 0; i < 8; i++)
		all[i] = start_named("ticktick");
	r = LOOK("-n", "ticktick");
	EXPECT_RUN(r, 0, line_of(&all[7]), "");
	r = LOOK("-o", "ticktick");
	EXPECT_RUN(r, 0, line_of(&all[0]), "");
	for (size_t i = 0; i < 8; i++)
		(void)process_end(&all[i]);
}

Test(pgrep, pid_files)
{
	struct process p = start_named("filed");
	struct timespec old = { .tv_sec = 1000000000 };
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char id[64];
	struct run r;
	int fd;

	tree_text("file", line_of(&p));
	r = LOOK("-F", "file");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("-F", "file", "-x", "other");
	EXPECT_STATUS(r, 1);
	r = run_argv(
		&(struct run_request){ .words = WORDS("pgrep", "-F", "-"), .input = line_of(&p) });
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = run_argv(&(struct run_request){ .words = WORDS("pgrep", "-F", "-"), .input = "" });
	EXPECT_STATUS(r, 1);
	r = LOOK("-LF", "file");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "nobody holds a lock");
	fd = open("file", O_RDWR | O_CLOEXEC);
	cr_assert(fd >= 0);
	cr_assert_eq(fcntl(fd, F_SETLK, &lock), 0);
	r = LOOK("-LF", "file");
	EXPECT_RUN(r, 0, line_of(&p), "");
	(void)close(fd);
	/* Written long before the process was started: it is about another one. */
	tree_time("file", old);
	r = LOOK("-F", "file");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "");
	/* An id says it exactly. */
	(void)snprintf(id, sizeof(id), "%s@1\n", p.text);
	tree_text("file", id);
	r = LOOK("-F", "file");
	EXPECT_STATUS(r, 1);
	r = LOOK("-F", "missing");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "missing");
	(void)process_end(&p);
	tree_text("file", line_of(&p));
	r = RUN("pgrep", "-F", "file");
	EXPECT_RUN(r, 1, "", "");
}

Test(pgrep, by_directory_file_environment_and_descent)
{
	static const char *const env[] = { "COLOR=red", "EMPTY=", NULL };
	struct process p;
	struct run r;

	tree("d place", "f place/held 3");
	p = process_start(&(struct process_request){ .program = "/bin/sh",
	                                             .cwd = "place",
	                                             .env = env,
	                                             .script = "exec 7<held; echo; read x" });
	r = LOOK("--cwd", "place");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--file", "place/held");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--cwd", ".");
	EXPECT_STATUS(r, 1);
	r = LOOK("--cwd", "missing");
	EXPECT_STATUS(r, 3);
	r = LOOK("--env", "COLOR=red");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--env", "NONE,COLOR");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--env", "EMPTY=");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--env", "COLOR=re");
	EXPECT_STATUS(r, 1);
	r = LOOK("--env", "COLO");
	EXPECT_STATUS(r, 1);
	r = RUN("pgrep", "--descendants", own_pid(), "-x", "sh");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = RUN("pgrep", "--descendants", p.text);
	EXPECT_RUN(r, 1, "", "");
	r = LOOK("--same-ns", "-x", "sh");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--ns", p.text, "-x", "sh");
	EXPECT_RUN(r, 0, line_of(&p), "");
	(void)process_end(&p);
}

Test(pgrep, by_port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
		                        .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char expected[24];
	char port[24];
	struct run r;

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		skip("no IPv6 here");
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	(void)snprintf(expected, sizeof(expected), "%s\n", own_pid());
	(void)snprintf(port, sizeof(port), "udp:%u", ntohs(address.sin6_port));
	r = RUN("pgrep", "--port", port, "-p", own_pid());
	EXPECT_RUN(r, 0, expected, "");
	r = RUN("pgrep", "--port", port + 4, "-p", own_pid());
	EXPECT_RUN(r, 0, expected, "");
	(void)snprintf(port, sizeof(port), "tcp:%u", ntohs(address.sin6_port));
	r = RUN("pgrep", "--port", port, "-p", own_pid());
	EXPECT_RUN(r, 1, "", "");
	/* :N is a port to pkill; its own ancestors are spared. */
	r = RUN("pkill", "-0", "-e", "-p", own_pid(), port + 3);
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "skipped");
	(void)close(fd);
}

Test(pgrep, by_age_memory_and_time)
{
	struct process p = start_named("measured");
	struct run r = LOOK("--younger", "1h", "-O", "0", "measured");

	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("-O", "1h", "measured");
	EXPECT_STATUS(r, 1);
	r = LOOK("--younger", "0", "measured");
	EXPECT_STATUS(r, 1);
	r = LOOK("--rss", "+1", "measured");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--rss", "+1P", "measured");
	EXPECT_STATUS(r, 1);
	r = LOOK("--rss", "-1P", "--cpu-time", "-1h", "measured");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--cpu-time", "+1h", "measured");
	EXPECT_STATUS(r, 1);
	(void)process_end(&p);
	p = process_start(&(struct process_request){ .name = "measured", .handled = SIGHUP });
	r = LOOK("-H", "--signal", "HUP", "measured");
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("-H", "--signal", "USR1", "measured");
	EXPECT_STATUS(r, 1);
	(void)process_end(&p);
}

Test(pgrep, records_say_all)
{
	struct process p = process_start(&(struct process_request){
		.program = "/bin/sh", .argv0 = "recorded", .leads_session = true });
	struct run r = LOOK("--json", "sh");
	struct json_lines lines = JSON_LINES(r);
	const struct json *line = lines.items[0];
	char id[32];

	EXPECT_STATUS(r, 0);
	cr_assert_eq(lines.len, 1);
	cr_expect_str_eq(json_string(line, "record"), "entry");
	cr_expect_eq(json_int(line, "pid", 0), p.pid);
	cr_expect_eq(json_int(line, "ppid", 0), getpid());
	cr_expect_eq(json_int(line, "pgid", 0), p.pid);
	cr_expect_eq(json_int(line, "sid", 0), p.pid);
	cr_expect_str_eq(json_string(line, "name"), "sh");
	cr_expect_str_eq(json_string(line, "argv.0"), "recorded");
	cr_expect_eq(json_int(line, "uid", -1), geteuid());
	cr_expect(strchr("SR", json_string(line, "state")[0]) != NULL);
	cr_expect(json_is_null(line, "tty"));
	cr_expect(json_int(line, "rss", 0) > 4096);
	cr_expect_eq(json_int(line, "threads", 0), 1);
	cr_expect(json_is_false(line, "ancestor"));
	cr_expect_not_null(json_number(line, "started"));
	cr_expect_not_null(json_number(line, "age_s"));
	cr_expect_not_null(json_string(line, "exe"));
	(void)snprintf(id, sizeof(id), "%s:", p.text);
	if (strchr(json_string(line, "id"), '@') == NULL)
		cr_expect_eq(strncmp(json_string(line, "id"), id, strlen(id)), 0);
	(void)process_end(&p);
}

Test(pgrep, separators)
{
	struct process a = start_named("sep-a");
	struct process b = start_named("sep-b");
	char expected[64];
	struct run r = LOOK("-d", ", ", "sep-");

	(void)snprintf(expected, sizeof(expected), "%s, %s\n", a.text, b.text);
	EXPECT_OUT(r, expected);
	r = LOOK("-0", "sep-");
	(void)snprintf(expected, sizeof(expected), "%s%c%s", a.text, '\0', b.text);
	EXPECT_OUT_BYTES(r, expected, strlen(a.text) + strlen(b.text) + 2);
	r = LOOK("-d", "", "sep-");
	(void)snprintf(expected, sizeof(expected), "%s%s\n", a.text, b.text);
	EXPECT_OUT(r, expected);
	(void)process_end(&a);
	(void)process_end(&b);
}

Test(pgrep, draws_a_tree)
{
	struct process p = process_start(&(struct process_request){
		.program = "/bin/sh", .script = "sh -c 'sh -c \"echo; read x\"; :'; :" });
	struct run r = LOOK("-T", "sh");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80 ");
	EXPECT_OUT_HAS(r, "\n    \xe2\x94\x94\xe2\x94\x80\xe2\x94\x80 ");
	cr_expect_eq(strncmp(r.out, p.text, strlen(p.text)), 0);
	(void)process_end(&p);
}

Test(pgrep, waits_for_one_to_appear)
{
	const char *const words[] = {
		"pgrep", "-P", own_pid(), "--appear", "-x", "appeared", NULL
	};
	const struct run_request request = { .words = words };
	struct run_child child;
	struct process p;
	struct run r = LOOK("--appear=0.05", "-x", "appeared");

	EXPECT_RUN(r, 1, "", "");
	run_start(&request, &child);
	p = start_named("appeared");
	r = run_finish(&child);
	EXPECT_RUN(r, 0, line_of(&p), "");
	r = LOOK("--appear=0", "-x", "appeared");
	EXPECT_RUN(r, 0, line_of(&p), "");
	(void)process_end(&p);
}

/* Processes come and go while it looks. */
Test(pgrep, is_silent_about_who_vanishes)
{
	struct process p = process_start(&(struct process_request){
		.program = "/bin/sh", .script = "echo; while :; do (:); (:); (:); done" });
	char text[40];
	const char *const options[][3] = {
		{ "-f", text }, { "-u", "54399" }, { "--env", "NO_SUCH" }, { "-c", text }
	};

	/* Whatever else runs here: nobody has it. */
	(void)snprintf(text, sizeof(text), "dutybox-%d-vanish", (int)getpid());
	for (int i = 0; i < 40; i++) {
		const char *const *o = options[i % 4];
		struct run r = RUN("pgrep", o[0], o[1]);

		cr_expect_eq(r.status, 1, "%s", r.out);
		EXPECT_ERR(r, "");
	}
	(void)process_end(&p);
}

Test(pgrep, a_result_that_cannot_be_written_is_an_error)
{
	struct run r = run_argv(&(struct run_request){ .words = WORDS("pgrep", "-p", own_pid()),
	                                               .out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "No space left");
	r = run_argv(&(struct run_request){ .words = WORDS("pgrep", "-p", own_pid()),
	                                    .out_to = RUN_TO_NOBODY });
	EXPECT_STATUS(r, 128 + SIGPIPE);
	EXPECT_ERR(r, "");
	r = run_argv(&(struct run_request){ .words = WORDS("pgrep", "-p", own_pid()),
	                                    .out_to = RUN_TO_NOTHING });
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "write error");
}

Test(pgrep, without_procfs_it_says_so)
{
	struct run r;

	/* Sanitizers read /proc themselves. */
	need_no_sanitizer();
	enter_private_mounts();
	mount_tmpfs("/proc", "size=4k");
	r = RUN("pgrep", "x");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "/proc");
	EXPECT_OUT(r, "");
	r = RUN("pkill", "-0", "x");
	EXPECT_STATUS(r, 3);
	r = RUN("pidwait", "x");
	EXPECT_STATUS(r, 3);
}

/* What others run is out of sight, and nobody complains. */
Test(pgrep, hidden_processes)
{
	static const char *const options[] = { "hidepid=1", "hidepid=2", "subset=pid" };

	const char *path = process_shell_copy("concealed");

	enter_private_mounts();
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct process p = start_named("concealed");
		/* Only what is executed as that user is that user's to see. */
		struct process own = process_start(
			&(struct process_request){ .program = path, .uid = RUN_NOBODY });
		struct run r;

		if (mount("proc", "/proc", "proc", 0, options[i]) < 0)
			skip("no such mounts here");
		r = run_argv(&(struct run_request){ .words = WORDS("pgrep", "-x", "concealed"),
		                                    .uid = RUN_NOBODY });
		if (i < 2)
			EXPECT_RUN(r, 0, line_of(&own), "");
		else
			EXPECT_STATUS(r, 0);
		r = run_argv(&(struct run_request){ .words = WORDS("pgrep", "-f", "concealed"),
		                                    .uid = RUN_NOBODY });
		EXPECT_ERR(r, "");
		r = LOOK("-x", "concealed");
		EXPECT_STATUS(r, 0);
		EXPECT_OUT_HAS(r, line_of(&p));
		r = LOOK("--port=1");
		EXPECT_STATUS(r, 1);
		(void)umount2("/proc", MNT_DETACH);
		(void)process_end(&p);
		(void)process_end(&own);
	}
}

Test(pgrep, in_a_pid_namespace_numbers_are_its_own)
{
	static const char script[] = "sleep 100 & \"$0\" pgrep --appear -x sleep\n"
				     "\"$0\" pkill -e -x sleep\n"
				     "\"$0\" pkill -e -x sh; echo $?\n";
	struct run r;

	need_root();
	(void)need_program("unshare");
	r = RUN_PEER("unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", script,
	             run_binary());
	if (r.status != 0)
		skip("no pid namespaces here: %s", r.err);
	EXPECT_OUT_HAS(r, "2\nsleep killed (pid 2)\n");
	/* The shell is the first of all, and started the command. */
	EXPECT_OUT_HAS(r, "sh skipped (pid 1)");
	EXPECT_OUT_HAS(r, "\n1\n");
}
