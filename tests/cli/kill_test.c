/* SPDX-License-Identifier: MIT */
/* kill: signals only processes that the test itself has started. */
#include "support/expect.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/skip.h"

#include "private_mounts.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(kill, .init = sandbox_enter, .fini = sandbox_leave);

#define NOBODY_THERE "2147483647"

Test(kill, converts_names_and_numbers)
{
	static const char *const unknown[] = { "32", "33", "65", "-1", "nosig", "0x", "0xg", "" };
	struct run r = RUN("kill", "-l", "143", "0x4000", "TERM", "sigterm", "0", "RTMIN+3", "37");

	EXPECT_RUN(r, 0, "TERM\nTERM\n15\n15\nEXIT\n37\nRTMIN+3\n", "");
	r = RUN("kill", "-l", "0x4001");
	EXPECT_RUN(r, 0, "HUP\nTERM\n", "");
	r = RUN("kill", "--list=KILL");
	EXPECT_RUN(r, 0, "9\n", "");
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		r = RUN("kill", "-l", "--", unknown[i]);
		EXPECT_STATUS(r, 1);
		EXPECT_OUT(r, "");
		EXPECT_ERR_HAS(r, "there is no such signal");
	}
	r = RUN("kill", "-l", "TERM", "nosig", "HUP");
	EXPECT_RUN(r, 1, "15\n1\n", "kill: 'nosig': there is no such signal\n");
	r = RUN("kill", "-l");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "HUP INT QUIT");
	EXPECT_OUT_HAS(r, "RTMIN+1");
	r = RUN("kill", "-L");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, " 9 KILL");
	EXPECT_OUT_HAS(r, "64 RTMAX");
}

Test(kill, sends_what_is_asked_for)
{
	static const struct {
		const char *words[4];
		int signo;
	} cases[] = {
		{ { "-USR1" }, SIGUSR1 },       { { "-9" }, SIGKILL },
		{ { "-s", "HUP" }, SIGHUP },    { { "--signal", "sigint" }, SIGINT },
		{ { "--signal=12" }, SIGUSR2 }, { { "-SIGQUIT" }, SIGQUIT },
		{ { NULL }, SIGTERM },          { { "-sKILL" }, SIGKILL },
		{ { "-KILL", "--" }, SIGKILL }, { { "-s", "RTMIN" }, 34 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct process p = process_idle();
		const char *words[8] = { "kill" };
		size_t n = 1;
		struct run r;

		for (size_t k = 0; cases[i].words[k] != NULL; k++)
			words[n++] = cases[i].words[k];
		words[n] = p.text;
		r = run_words(words);
		EXPECT_RUN(r, 0, "", "");
		cr_expect_eq(WTERMSIG(process_finish(&p)), cases[i].signo, "case %zu", i);
	}
}

Test(kill, tells_some_from_none)
{
	struct process p = process_idle();
	struct run r = RUN("kill", NOBODY_THERE, p.text);

	EXPECT_RUN(r, 64, "", "kill: '" NOBODY_THERE "': no such process\n");
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGTERM);
	r = RUN("kill", NOBODY_THERE);
	EXPECT_RUN(r, 1, "", "kill: '" NOBODY_THERE "': no such process\n");
}

Test(kill, processes_of_others_are_denied)
{
	struct process theirs = process_idle();
	struct process own;
	struct run r;

	need_root();
	own = process_start(&(struct process_request){ .uid = RUN_NOBODY });
	r = run_argv(&(struct run_request){
		.words = WORDS("kill", "--json", theirs.text, NOBODY_THERE, own.text),
		.uid = RUN_NOBODY });
	EXPECT_STATUS(r, 64);
	EXPECT_ERR_HAS(r, "permission denied");
	struct json_lines lines = JSON_LINES(r);

	cr_expect_str_eq(json_string(json_find(&lines, "target", theirs.text), "result"), "denied");
	cr_expect_str_eq(json_string(json_find(&lines, "target", NOBODY_THERE), "result"), "gone");
	cr_expect_str_eq(json_string(json_find(&lines, "target", own.text), "result"), "sent");
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "sent", -1), 1);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "gone", -1), 1);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "denied", -1), 1);
	cr_expect(process_lives(&theirs));
	cr_expect_eq(WTERMSIG(process_finish(&own)), SIGTERM);
	r = run_argv(
		&(struct run_request){ .words = WORDS("kill", theirs.text), .uid = RUN_NOBODY });
	EXPECT_STATUS(r, 1);
	cr_expect(WIFEXITED(process_finish(&theirs)));
}

Test(kill, refuses_what_is_no_id)
{
	static const char *const bad[] = { "abc", "+5",     " 5",        "5 ",  "4294967297",
		                           "5x",  "-99999", "",          "1,2", "5:",
		                           "5@x", "nginx",  "2147483648" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run r = RUN("kill", bad[i]);

		cr_expect_eq(r.status, 2, "'%s': %d", bad[i], r.status);
		EXPECT_OUT(r, "");
	}
	{
		struct run x = RUN("kill", "nginx");
		EXPECT_ERR_HAS(x, "pkill");
	}
	{
		struct run x = run_words(WORDS("kill"));
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", "-TREM", NOBODY_THERE);

		EXPECT_STATUS(x, 2);
		EXPECT_ERR_HAS(x, "did you mean '-TERM'?");
	}
	{
		struct run x = RUN("kill", "-s", "nosig", NOBODY_THERE);
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", "-q", "x", NOBODY_THERE);
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", "--tree", "--group", NOBODY_THERE);
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", "--wait=x", NOBODY_THERE);
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", "--escalate=TERM/KILL", NOBODY_THERE);
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", "--escalate=TERM", "-9", NOBODY_THERE);
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", "--port=0", NOBODY_THERE);
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", "--timeout", "x", "KILL", NOBODY_THERE);
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", "--timeout", "10", "NOSIG", NOBODY_THERE);
		EXPECT_STATUS(x, 2);
	}
	{
		struct run x = RUN("kill", NOBODY_THERE, "--timeout", "10");
		EXPECT_STATUS(x, 2);
	}
	/* One bad operand, and nobody gets anything. */
	struct process p = process_idle();

	{
		struct run x = RUN("kill", p.text, "x");
		EXPECT_STATUS(x, 2);
	}
	cr_expect(WIFEXITED(process_finish(&p)));
}

Test(kill, leading_zeros_do_no_harm)
{
	struct process p = process_idle();
	char padded[24];

	(void)snprintf(padded, sizeof(padded), "000%s", p.text);
	{
		struct run x = RUN("kill", padded);
		EXPECT_RUN(x, 0, "", "");
	}
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGTERM);
}

static void *tell_tid(void *user)
{
	char tid[16];
	struct run r;

	(void)user;
	(void)snprintf(tid, sizeof(tid), "%d", (int)syscall(SYS_gettid));
	r = RUN("kill", "-0", tid);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "no such process");
	return NULL;
}

Test(kill, a_thread_is_no_process)
{
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, tell_tid, NULL), 0);
	cr_assert_eq(pthread_join(thread, NULL), 0);
}

Test(kill, ids_of_pgrep_are_taken_and_others_are_gone)
{
	struct process p = process_start(&(struct process_request){ .name = "idtest" });
	char parent[16];
	char id[64];
	struct run r;

	(void)snprintf(id, sizeof(id), "%s@1", p.text);
	{
		struct run x = RUN("kill", "-9", id);
		EXPECT_STATUS(x, 1);
	}
	(void)snprintf(id, sizeof(id), "%s:1", p.text);
	{
		struct run x = RUN("kill", "-9", id);
		EXPECT_STATUS(x, 1);
	}
	cr_expect(process_lives(&p));
	(void)snprintf(parent, sizeof(parent), "%d", (int)getpid());
	r = RUN("pgrep", "--id", "-P", parent, "-x", "idtest");
	EXPECT_STATUS(r, 0);
	r.out[strcspn(r.out, "\n")] = '\0';
	cr_expect(strpbrk(r.out, ":@") != NULL);
	{
		struct run x = RUN("kill", r.out);
		EXPECT_RUN(x, 0, "", "");
	}
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGTERM);
}

/* In a pid namespace, where the next number can be chosen. */
Test(kill, who_took_over_the_number_lives)
{
	static const char script[] = "sleep 100 & p=$!\n"
				     "id=$(\"$0\" pgrep --id -x sleep) || exit 9\n"
				     "kill -9 $p; wait $p 2>/dev/null\n"
				     "echo $((p - 1)) >/proc/sys/kernel/ns_last_pid || exit 8\n"
				     "sleep 200 & q=$!\n"
				     "[ $q = $p ] || exit 7\n"
				     "\"$0\" kill $id; echo $?\n"
				     "\"$0\" kill --wait=5 $id; echo $?\n"
				     "kill -0 $q && echo lives; kill -9 $q\n";
	struct run r;

	need_root();
	(void)need_program("unshare");
	r = RUN_PEER("unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", script,
	             run_binary());
	if (r.status != 0)
		skip("no pid namespace with a number of its own choice: %s", r.err);
	EXPECT_OUT(r, "1\n1\nlives\n");
	EXPECT_ERR_HAS(r, "no such process");
}

Test(kill, groups_and_the_own_group)
{
	struct process leader = process_start(&(struct process_request){ .leads_group = true });
	char group[24];
	struct run r;

	/* Without -- or a signal in front it is a signal, and there is none of that number. */
	(void)snprintf(group, sizeof(group), "-%s", leader.text);
	r = RUN("kill", group);
	EXPECT_STATUS(r, 2);
	cr_expect(process_lives(&leader));
	{
		struct run x = RUN("kill", "-9", "--", group);
		EXPECT_RUN(x, 0, "", "");
	}
	cr_expect_eq(WTERMSIG(process_finish(&leader)), SIGKILL);
	{
		struct run x = RUN("kill", "-9", group);
		EXPECT_STATUS(x, 1);
	}

	(void)need_program("setsid");
	r = RUN_PEER("setsid", "--wait", "sh", "-c",
	             "trap 'echo trapped' TERM; \"$0\" kill 0; echo after", run_binary());
	EXPECT_OUT_HAS(r, "trapped\n");
}

Test(kill, everybody_in_a_namespace)
{
	static const char script[] = "sleep 100 & sleep 100 &\n"
				     "trap 'echo trapped' TERM\n"
				     "\"$0\" kill --dry-run -- -1 | wc -l\n"
				     "\"$0\" kill -TERM -1; echo $?; wait; echo over\n";
	struct run r;

	need_root();
	(void)need_program("unshare");
	r = RUN_PEER("unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", script,
	             run_binary());
	if (strstr(r.err, "unshare") != NULL)
		skip("no pid namespace: %s", r.err);
	/* The shell is pid 1 there, and spared by the kernel; wc may be there or not yet. */
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "\n0\nover\n");
}

Test(kill, a_session_or_group_by_one_of_its_members)
{
	struct process p = process_start(&(struct process_request){
		.program = "/bin/sh",
		.script = "sh -c 'echo; read x'; :",
		.leads_session = true,
	});
	struct run r = RUN("kill", "--session", "--dry-run", "--json", p.text);
	struct json_lines lines = JSON_LINES(r);

	EXPECT_STATUS(r, 0);
	cr_expect_eq(json_count(&lines, "plan"), 2);
	r = RUN("kill", "--group", "-KILL", "-v", p.text);
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "sent KILL to ");
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGKILL);
}

Test(kill, a_zombie_is_already_dead)
{
	struct process p = process_idle();
	struct run r;

	process_make_zombie(&p);
	r = RUN("kill", "-9", p.text);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "already dead (zombie)");
	r = RUN("kill", "--json", "-0", p.text);
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "\"result\":\"gone\"");
	/* Its end is there: nothing to wait for. */
	r = RUN("kill", "--wait", p.text);
	EXPECT_STATUS(r, 0);
	(void)process_reap(&p);
}

Test(kill, waits_for_the_end_or_gives_up)
{
	struct process p = process_idle();
	struct process deaf = process_start(&(struct process_request){ .ignored = SIGTERM });
	struct run r = RUN("kill", "--wait", p.text);

	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGTERM);
	r = RUN("kill", "--wait=0.05", deaf.text);
	EXPECT_STATUS(r, 124);
	EXPECT_ERR_HAS(r, "1 still there");
	r = RUN("kill", "--json", "--wait=50ms", deaf.text);
	EXPECT_STATUS(r, 124);
	EXPECT_OUT_HAS(r, "\"left\":1");
	/* A stopped one does not hear TERM; with --wait alone it is not resumed. */
	process_stop(&deaf);
	r = RUN("kill", "-HUP", "--wait=0.05", deaf.text);
	EXPECT_STATUS(r, 124);
	{
		struct run x = RUN("kill", "-KILL", "--wait", deaf.text);
		EXPECT_RUN(x, 0, "", "");
	}
	cr_expect_eq(WTERMSIG(process_reap(&deaf)), SIGKILL);
}

Test(kill, escalates)
{
	struct process deaf = process_start(&(struct process_request){ .ignored = SIGTERM });
	struct process stopped = process_idle();
	struct run r = RUN("kill", "--escalate", "TERM/0.2/KILL/20", deaf.text);

	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(WTERMSIG(process_finish(&deaf)), SIGKILL);
	process_stop(&stopped);
	r = RUN("kill", "--escalate", "TERM/20/KILL/1", "--json", stopped.text);
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "\"left\":0");
	cr_expect_eq(WTERMSIG(process_finish(&stopped)), SIGTERM);
}

Test(kill, sends_more_signals_after_a_time)
{
	struct process deaf = process_start(&(struct process_request){ .ignored = SIGTERM });
	struct process meek = process_idle();
	struct run r = RUN("kill", "--timeout", "50", "TERM", "--timeout", "50", "KILL", "-s",
	                   "WINCH", "--wait", deaf.text);

	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(WTERMSIG(process_finish(&deaf)), SIGKILL);
	/* Who ends in time gets no more. */
	r = RUN("kill", "--timeout", "60000", "KILL", meek.text);
	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(WTERMSIG(process_finish(&meek)), SIGTERM);
}

Test(kill, a_tree_with_all_but_orphans)
{
	/* A child in its own session, and one whose parent has ended at once. */
	struct process p = process_start(&(struct process_request){
		.program = "/bin/sh",
		.script = "(sh -c 'echo $$ >orphan; exec sleep 1000' &)\n"
			  "while ! [ -s orphan ]; do :; done\n"
			  "setsid sh -c 'echo $$ >session; echo; read x; :'",
	});
	char orphan[24] = "";
	struct run r;
	FILE *file = fopen("orphan", "r");

	cr_assert_not_null(file);
	cr_assert_not_null(fgets(orphan, sizeof(orphan), file));
	(void)fclose(file);
	orphan[strcspn(orphan, "\n")] = '\0';
	r = RUN("kill", "--tree", "--wait=20", "--json", p.text);
	EXPECT_STATUS(r, 0);
	struct json_lines lines = JSON_LINES(r);

	cr_expect_eq(json_count(&lines, "item"), 2, "%s", r.out);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "left", -1), 0);
	cr_expect_eq(WTERMSIG(process_reap(&p)), SIGTERM);
	{
		struct run x = RUN("kill", "-KILL", orphan);
		EXPECT_RUN(x, 0, "", "");
	}
}

Test(kill, a_tree_that_keeps_forking)
{
	struct process p = process_start(&(struct process_request){
		.program = "/bin/sh",
		.script = "echo; while :; do sh -c 'sh -c : ; :'; done",
	});
	struct run r = RUN("kill", "--tree", "-KILL", "--wait=30", p.text);

	EXPECT_RUN(r, 0, "", "");
	cr_expect_eq(WTERMSIG(process_reap(&p)), SIGKILL);
}

Test(kill, a_tree_that_holds_us_is_refused)
{
	struct run r = RUN("kill", "--tree", "-0", "1");
	char own[16];

	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "nothing was signalled");
	(void)snprintf(own, sizeof(own), "%d", (int)getpid());
	r = RUN("kill", "--tree", "-0", own);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "holds this command itself");
}

Test(kill, a_dry_run_touches_nobody)
{
	struct process p = process_idle();
	char expected[64];

	(void)snprintf(expected, sizeof(expected), "%s would get KILL\n", p.text);
	{
		struct run x = RUN("kill", "--dry-run", "-KILL", p.text);
		EXPECT_RUN(x, 0, expected, "");
	}
	(void)snprintf(expected, sizeof(expected), "%s\n", p.text);
	{
		struct run x = RUN("kill", "-p", p.text);
		EXPECT_RUN(x, 0, expected, "");
	}
	{
		struct run x = RUN("kill", "--dry-run", "--json", p.text);
		EXPECT_OUT_HAS(x, "\"record\":\"plan\"");
	}
	{
		struct run x = RUN("kill", "--dry-run", "0");
		EXPECT_OUT_HAS(x, " would get TERM\n");
	}
	cr_expect(process_lives(&p));
	cr_expect(WIFEXITED(process_finish(&p)));
}

Test(kill, only_who_has_a_handler)
{
	struct process with = process_start(&(struct process_request){ .handled = SIGHUP });
	struct process without = process_idle();
	struct run r = RUN("kill", "-r", "-HUP", "-v", with.text, without.text);

	EXPECT_STATUS(r, 64);
	EXPECT_OUT_HAS(r, "sent HUP to ");
	EXPECT_OUT_HAS(r, "skipped: it has no handler");
	cr_expect(WIFEXITED(process_finish(&with)));
	cr_expect(WIFEXITED(process_finish(&without)));
}

Test(kill, decodes_what_a_process_does_with_signals)
{
	struct process p =
		process_start(&(struct process_request){ .handled = SIGUSR1, .ignored = SIGHUP });
	struct run r = RUN("kill", "-d", p.text);

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "Ignored: HUP");
	EXPECT_OUT_HAS(r, "Caught: USR1");
	(void)process_end(&p);
	{
		struct run x = RUN("kill", "-d", NOBODY_THERE);
		EXPECT_STATUS(x, 1);
	}
	{
		struct run x = RUN("kill", "-d", "x");
		EXPECT_STATUS(x, 2);
	}
}

Test(kill, a_value_arrives)
{
	char own[16];
	siginfo_t info;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	cr_assert_eq(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	(void)snprintf(own, sizeof(own), "%d", (int)getpid());
	{
		struct run x = RUN("kill", "-q", "-42", "-USR1", own);
		EXPECT_RUN(x, 0, "", "");
	}
	cr_assert_eq(sigwaitinfo(&set, &info), SIGUSR1);
	cr_expect_eq(info.si_value.sival_int, -42);
	cr_expect_eq(info.si_code, SI_QUEUE);
}

Test(kill, finds_who_holds_a_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char port[24];
	char expected[48];
	struct run r;

	cr_assert(fd >= 0);
	cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	cr_assert_eq(listen(fd, 1), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	(void)snprintf(port, sizeof(port), "tcp:%u", ntohs(address.sin_port));
	(void)snprintf(expected, sizeof(expected), "%d would get TERM\n", (int)getpid());
	r = RUN("kill", "--dry-run", "--port", port);
	EXPECT_RUN(r, 0, expected, "");
	(void)snprintf(port, sizeof(port), "udp:%u", ntohs(address.sin_port));
	r = RUN("kill", "--dry-run", "--port", port);
	EXPECT_STATUS(r, 1);
	(void)close(fd);
	(void)snprintf(port, sizeof(port), "tcp:%u", ntohs(address.sin_port));
	r = RUN("kill", "--port", port);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "no process that may be seen holds this port");
}

/* A new group with the process in it; skips where that cannot be. */
static const char *enter_group(struct process *p)
{
	static const char *const mounts[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };
	static char path[256];

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		char procs[300];
		FILE *file;

		(void)snprintf(path, sizeof(path), "%s/dutybox-kill-test-%d", mounts[i],
		               (int)getpid());
		(void)snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
		if (mkdir(path, 0755) < 0)
			continue;
		file = fopen(procs, "w");
		if (file != NULL && fprintf(file, "%s\n", p->text) > 0 && fclose(file) == 0)
			return path;
		(void)rmdir(path);
	}
	(void)process_end(p);
	skip("no control group (version 2) may be made here");
	return NULL;
}

Test(kill, a_control_group_as_a_whole)
{
	struct process p = process_start(&(struct process_request){
		.program = "/bin/sh", .script = "echo; read go; sh -c 'sh -c \"read x\"; :'; :" });
	const char *path = enter_group(&p);
	struct run r = RUN("kill", "--cgroup", path, "--dry-run", "--json");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, p.text);
	cr_assert_eq(write(p.input, "go\n", 3), 3);
	/* By its path from the mount on; who is started meanwhile is killed, too. */
	r = RUN("kill", "-KILL", "--wait=20", "--json", "--cgroup", strrchr(path, '/'));
	EXPECT_STATUS(r, 0);
	cr_expect_eq(WTERMSIG(process_reap(&p)), SIGKILL);
	/* Those who were not its own children are collected by init. */
	while (rmdir(path) < 0)
		cr_assert_eq(errno, EBUSY);
	r = RUN("kill", "--cgroup", path);
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "cannot open the control group");
}

Test(kill, a_control_group_that_is_none_or_holds_us)
{
	struct run r = RUN("kill", "--cgroup", ".");

	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "is no control group");
	r = RUN("kill", "--cgroup=/", "-0");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "");
}

Test(kill, without_procfs_a_plain_kill_still_works)
{
	struct process p = process_idle();
	struct run r;

	/* Sanitizers read /proc themselves. */
	need_no_sanitizer();
	enter_private_mounts();
	mount_tmpfs("/proc", "size=4k");
	{
		struct run x = RUN("kill", p.text);
		EXPECT_RUN(x, 0, "", "");
	}
	cr_expect_eq(WTERMSIG(process_finish(&p)), SIGTERM);
	r = RUN("kill", "--port=1");
	EXPECT_STATUS(r, 1);
	r = RUN("kill", "--tree", p.text);
	EXPECT_STATUS(r, 1);
}

Test(kill, a_result_that_cannot_be_written_is_an_error)
{
	struct process p = process_idle();
	struct run r = run_argv(&(struct run_request){ .words = WORDS("kill", "-0", "-v", p.text),
	                                               .out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "No space left");
	r = run_argv(&(struct run_request){ .words = WORDS("kill", "-0", p.text),
	                                    .out_to = RUN_TO_NOTHING });
	EXPECT_RUN(r, 0, "", "");
	(void)process_end(&p);
}
