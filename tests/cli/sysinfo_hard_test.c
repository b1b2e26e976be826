/* SPDX-License-Identifier: MIT */
/* sysinfo where it is not easy: the cases of its page, by their numbers there. */
#include "private_mounts.h"
#include "support/expect.h"
#include "support/machine_tree.h"
#include "support/sandbox.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(sysinfo_hard, .init = sandbox_enter, .fini = sandbox_leave);

static void cover(const char *point, const char *type, const char *options)
{
	if (mount("none", point, type, 0, options) < 0)
		skip("cannot mount %s on %s", type, point);
}

/* What is known without /proc or /sys is right, and what is not is null with a reason. */
static void expect_honest(const char *unknown)
{
	struct run r = RUN("sysinfo", "--json");
	struct json_lines lines = JSON_LINES(r);
	const struct json *errors = json_get(lines.items[0], "errors");
	bool found = false;

	EXPECT_STATUS(r, 0);
	cr_expect_str_eq(json_string(lines.items[0], "system.kernel_name"), "Linux");
	cr_expect(json_int(lines.items[0], "cpu.affinity", 0) >= 1);
	cr_expect(json_int(lines.items[0], "cpu.usable", 0) >= 1);
	cr_expect(json_int(lines.items[0], "uptime.boot_time", 0) != 0 ||
	          json_number(lines.items[0], "uptime.boot_time") != NULL);
	for (size_t i = 0; i < errors->len; i++)
		found = found || strcmp(json_string(errors->items[i], "field"), unknown) == 0;
	cr_expect(found, "no error for %s: %s", unknown, r.out);
	r = RUN("sysinfo");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_LACKS(r, "1970");
}

Test(sysinfo_hard, case_1_no_proc)
{
	/* Sanitizers themselves cannot do without. */
	need_no_sanitizer();
	enter_private_mounts();
	cover("/proc", "tmpfs", NULL);
	expect_honest("memory.total_bytes");
}

Test(sysinfo_hard, case_1_no_sys)
{
	enter_private_mounts();
	cover("/sys", "tmpfs", NULL);
	expect_honest("cpu.present");
}

Test(sysinfo_hard, case_1_neither)
{
	need_no_sanitizer();
	enter_private_mounts();
	cover("/sys", "tmpfs", NULL);
	cover("/proc", "tmpfs", NULL);
	expect_honest("load.one");
}

Test(sysinfo_hard, case_1_hidepid)
{
	struct json_lines lines;
	struct run r;

	enter_private_mounts();
	cover("/proc", "proc", "hidepid=2");
	r = run_argv(&(const struct run_request){
		.words = WORDS("sysinfo", "--json", "load", "process", "1"), .uid = RUN_NOBODY });
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "there is no process 1");
	lines = JSON_LINES(r);
	cr_expect_eq(json_int(json_record(&lines, "entry", 0), "load.processes", 0), 1);
}

Test(sysinfo_hard, case_3_an_affinity_of_one)
{
	cpu_set_t one;
	struct run r;

	cr_assert_eq(sched_getaffinity(0, sizeof(one), &one), 0);
	for (int cpu = 0, kept = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &one) && kept++ > 0)
			CPU_CLR(cpu, &one);
	}
	cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	r = RUN("sysinfo", "cpu.affinity", "cpu.usable");
	EXPECT_RUN(r, 0, "1\n1\n", "");
}

Test(sysinfo_hard, case_3_odd_numbers_of_processors)
{
	static const struct {
		const char *online, *present, *allowed;
		const char *out; /* online, present, affinity, usable, offline */
	} cases[] = {
		{ "0-2047", "0-4095", "1024-2047", "2048\n4096\n1024\n1024\n" },
		{ "1-3", "0-3", "0-3", "3\n4\n4\n3\n" },
		{ "0,2-3,7", "0,2-3,7", "7", "4\n4\n1\n1\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		struct run r;

		(void)snprintf(text, sizeof(text),
		               "== sys/devices/system/cpu/online\n%s\n"
		               "== sys/devices/system/cpu/present\n%s\n"
		               "== proc/self/status\nCpus_allowed_list:\t%s\n",
		               cases[i].online, cases[i].present, cases[i].allowed);
		machine_tree_text(text, "m");
		r = RUN("sysinfo", "-s", "m", "cpu.online", "cpu.present", "cpu.affinity",
		        "cpu.usable");
		EXPECT_STATUS(r, 0);
		EXPECT_OUT(r, cases[i].out);
	}
}

Test(sysinfo_hard, case_3_what_makes_no_sense_is_not_believed)
{
	static const char *const bad[] = { "0-", "3-1",  "a",   "",   "0-99999999999999999999",
		                           "-1", "1,,2", "0 1", "1,", "99999999" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run r;

		tree("d m/sys/devices/system/cpu");
		tree_text("m/sys/devices/system/cpu/online", bad[i]);
		r = RUN("sysinfo", "-s", "m", "cpu.online");
		cr_expect_eq(r.status, 1, "case %zu", i);
		cr_expect_str_eq(r.out, "", "case %zu: %s", i, r.out);
		cr_expect_not_null(strstr(r.err, "Bad message"), "case %zu: %s", i, r.err);
	}
}

Test(sysinfo_hard, case_7_a_dead_mount_does_not_hang)
{
	struct run r;
	struct json_lines lines;
	const struct json *mounts;
	bool found = false;
	int server;

	enter_private_mounts();
	server = mount_dead("dead", "dead.example.org:/x");
	r = RUN("sysinfo", "--json", "--timeout=100ms", "mounts");
	(void)close(server);
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	mounts = json_get(lines.items[0], "mounts");
	for (size_t i = 0; i < mounts->len; i++) {
		const char *source = json_string(mounts->items[i], "source");

		if (source == NULL || strcmp(source, "dead.example.org:/x") != 0)
			continue;
		found = true;
		cr_expect(json_is_true(mounts->items[i], "timed_out"));
		cr_expect(json_is_null(mounts->items[i], "total_bytes"));
	}
	cr_expect(found);
	EXPECT_OUT_HAS(r, "\"errno\":\"ETIMEDOUT\"");
}

Test(sysinfo_hard, case_7_mounts_below_a_dead_one_are_not_waited_for)
{
	struct run r;
	int server;

	enter_private_mounts();
	mount_tmpfs("over", NULL);
	(void)mkdir("over/below", 0755);
	server = mount_dead("over/below", "dead.example.org:/x");
	r = RUN("sysinfo", "--json", "--timeout=50ms");
	(void)close(server);
	EXPECT_STATUS(r, 0);
}

Test(sysinfo_hard, case_7_ten_thousand_mounts_and_names)
{
	static char text[1 << 20];
	size_t at = 0;
	struct run r;

	at += (size_t)snprintf(text, sizeof(text), "== proc/self/mountinfo\n");
	for (int i = 0; i < 10000; i++)
		at += (size_t)snprintf(
			text + at, sizeof(text) - at,
			"%d 1 8:%d / /m\\040\\011\\012\\134%d rw - ext4 /dev/s%d rw\n", i + 10,
			i % 200, i, i);
	machine_tree_text(text, "m");
	r = RUN("sysinfo", "-s", "m", "--json", "--all", "mounts");
	EXPECT_STATUS(r, 0);
	cr_expect_eq(json_get(JSON_LINES(r).items[0], "mounts")->len, 10000);
	EXPECT_OUT_HAS(r, "\"mount\":\"/m \\t\\n\\\\9999\"");
	r = RUN("sysinfo", "-s", "m", "mounts");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HARMLESS(r);
}

Test(sysinfo_hard, case_7_no_root_in_the_table)
{
	struct run r;

	machine_tree_text("== proc/self/mountinfo\n5 4 0:9 / /proc rw - proc proc rw\nnonsense\n",
	                  "m");
	r = RUN("sysinfo", "-s", "m", "--json", "mounts");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "\"mounts\":[],");
	EXPECT_OUT_HAS(r, "\"errno\":\"EBADMSG\"");
}

Test(sysinfo_hard, case_8_the_environment_is_not_believed)
{
	struct run with = run_argv(&(const struct run_request){
		.words = WORDS("sysinfo", "container.kind"), .env = WORDS("container=rkt") });
	struct run without = RUN("sysinfo", "container.kind");

	cr_expect_str_eq(with.out, without.out);
	cr_expect_str_neq(with.out, "rkt\n");
}

Test(sysinfo_hard, case_9_host_names)
{
	static const struct {
		const char *name, *json;
	} cases[] = {
		{ "", "\"node\":\"\"" },
		{ "0123456789012345678901234567890123456789012345678901234567890123",
		  "\"node\":\"0123456789012345678901234567890123456789012345678901234567890123\"" },
		{ "bad\377name", "\"node\":\"bad\357\277\275name\",\"node_b64\":\"YmFk/25hbWU=\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r;

		tree("d m/proc/sys/kernel");
		tree_text("m/proc/sys/kernel/hostname", cases[i].name);
		r = RUN("sysinfo", "-s", "m", "system.node");
		EXPECT_STATUS(r, 0);
		cr_expect_eq(r.out_len, strlen(cases[i].name) + 1, "case %zu", i);
		r = RUN("sysinfo", "-s", "m", "--json", "system.node");
		EXPECT_OUT_HAS(r, cases[i].json);
	}
}

/* 32-bit programs on a 64-bit kernel: the two are told apart. */
Test(sysinfo_hard, case_9_a_32_bit_userland)
{
	struct run r;

	machine_tree("old-kernel", "m");
	tree("d m/proc/sys/kernel");
	tree_text("m/proc/sys/kernel/arch", "x86_64\n");
	r = RUN("sysinfo", "-s", "m", "system.machine", "system.bits");
	EXPECT_RUN(r, 0, "x86_64\n32\n", "");
}

/* Nothing that would tell who it is is left, in any output of any section. */
Test(sysinfo_hard, case_10_redacted)
{
	static const char *const secrets[] = { "thinkpad",
		                               "alice",
		                               "example",
		                               "192.0.2.7",
		                               "00:11:22:33:44:55",
		                               "fe80::1",
		                               "0f8fad5b-d9cb-469f-a165-70867728950e",
		                               "bob",
		                               "deadbeef0123" };
	static const char *const outputs[] = { "--json", "--shell", "-a", "--bytes" };

	machine_tree("x86-laptop", "m");
	tree_text("m/etc/hostname", "thinkpad\n");
	tree_text(
		"m/proc/self/mountinfo",
		"30 1 259:2 / / rw - ext4 /dev/disk/by-uuid/0f8fad5b-d9cb-469f-a165-70867728950e rw\n"
		"31 30 0:9 / /home/bob/x rw - nfs4 nas.example.org:/alice rw,addr=192.0.2.7\n"
		"33 30 0:8 / /media/alice/USB rw - vfat /dev/00:11:22:33:44:55 rw\n"
		"32 30 0:10 / /mnt/fe80::1 rw - cifs //thinkpad/share rw,username=alice\n");
	tree_text("m/proc/4711/cgroup", "0::/docker/deadbeef0123deadbeef0123\n");
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		struct run r = RUN("sysinfo", "-s", "m", "-z", outputs[i], "system", "os", "libc",
		                   "cpu", "memory", "swap", "load", "uptime", "mounts", "container",
		                   "ids", "tool", "process", "top", "runtimes", "capabilities");

		EXPECT_STATUS(r, 0);
		for (size_t k = 0; k < sizeof(secrets) / sizeof(secrets[0]); k++)
			cr_expect_null(strstr(r.out, secrets[k]), "%s in %s", secrets[k],
			               outputs[i]);
		cr_expect_not_null(strstr(r.out, "<host1>"), "%s", outputs[i]);
		cr_expect_not_null(strstr(r.out, "Debian GNU/Linux 12"), "%s", outputs[i]);
	}
}

Test(sysinfo_hard, case_10_the_same_word_is_the_same_placeholder)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "-s", "m", "-z", "ids.user", "system.node", "ids.group", "ids.home");
	cr_expect_str_eq(r.out, "<user1>\n<host1>\n<user1>\n/home/<user1>\n");
}

Test(sysinfo_hard, case_11_diff_of_another_schema)
{
	struct run r;

	tree_text("old.json", "{\"record\":\"entry\",\"schema\":99,\"cpu\":{\"online\":1}}\n");
	r = RUN("sysinfo", "--diff=old.json");
	EXPECT_STATUS(r, 2);
	EXPECT_ERR_HAS(r, "has schema version 99, this program has 1");
}

/* A shell gets exactly the bytes, and runs none of them. */
Test(sysinfo_hard, case_12_shell_variables)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	tree_text("m/etc/passwd", "it's $(touch oops) `touch oops`\\:x:1000:1000::/h\"x:/bin/sh\n");
	tree_text("m/usr/lib/os-release", "ID=\"a'b;touch oops\"\nID_LIKE=\"x y\"\n");
	r = RUN("sysinfo", "-s", "m", "--shell", "ids", "os", "cpu.usable");
	tree_file("vars", r.out, r.out_len);
	r = RUN_PEER("sh", "-eu", "-c",
	             ". ./vars; printf '%s|%s|%s|%s|%s' \"$SYSINFO_IDS_USER\" \"$SYSINFO_OS_ID\" "
	             "\"$SYSINFO_OS_ID_LIKE\" \"$SYSINFO_CPU_USABLE\" \"$SYSINFO_OS_VERSION\"");
	EXPECT_RUN(r, 0, "it's $(touch oops) `touch oops`\\|a'b;touch oops|x\ny|3|", "");
	expect_no_file("oops");
}

Test(sysinfo_hard, case_12_shell_pairs_end_with_nul)
{
	struct run r;

	machine_tree("docker-v2", "m");
	r = RUN("sysinfo", "-s", "m", "--shell", "-0", "os.id", "cpu.usable");
	cr_assert_eq(r.out_len, 46);
	cr_expect_arr_eq(r.out, "SYSINFO_OS_ID='alpine'\0SYSINFO_CPU_USABLE='2'", 45);
}

Test(sysinfo_hard, case_13_from_cron)
{
	struct run r = run_argv(
		&(const struct run_request){ .words = WORDS("sysinfo"),
	                                     .env = WORDS("PATH", "HOME", "TERM", "LANG", "TZ"),
	                                     .from = RUN_FROM_NOTHING });

	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	EXPECT_OUT_HAS(r, "Processors\n");
}

Test(sysinfo_hard, case_14_before_1970)
{
	struct run r;

	need_root();
	need_program("unshare");
	r = RUN_PEER("unshare", "-T", "--boottime", "2000000000", "true");
	if (r.status != 0)
		skip("no time namespaces here");
	r = RUN_PEER("unshare", "-T", "--boottime", "2000000000", run_binary(), "sysinfo", "--json",
	             "uptime");
	EXPECT_STATUS(r, 0);
	cr_expect_not_null(strstr(r.out, "\"boot_time\":-"), "%s", r.out);
	(void)JSON_LINES(r);
}
