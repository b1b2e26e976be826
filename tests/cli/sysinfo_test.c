/* SPDX-License-Identifier: MIT */
/* sysinfo as a user runs it: what is asked for is printed, what makes no sense is refused. */
#include "support/expect.h"
#include "support/machine_tree.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(sysinfo, .init = sandbox_enter, .fini = sandbox_leave);

Test(sysinfo, whole_machine_for_people)
{
	struct run r = run_words(WORDS("sysinfo"));

	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	EXPECT_OUT_HAS(r, "Processors\n");
	EXPECT_OUT_HAS(r, "  Usable:               ");
	EXPECT_OUT_HAS(r, "Memory\n");
	EXPECT_OUT_HARMLESS(r);
}

Test(sysinfo, fields_are_bare_values_in_the_order_of_the_operands)
{
	struct run r;

	machine_tree("docker-v2", "m");
	r = RUN("sysinfo", "-s", "m", "memory.limit_bytes", "cpu.usable", "ids.groups", "os.id");
	EXPECT_RUN(r, 0, "536870912\n2\nroot\nbin\ndaemon\nalpine\n", "");
	r = RUN("sysinfo", "--sysroot=m", "-0", "ids.groups", "cpu.quota");
	EXPECT_STATUS(r, 0);
	cr_assert_eq(r.out_len, 22);
	cr_expect_arr_eq(r.out,
	                 "root\0bin\0daemon\0"
	                 "1.500",
	                 22);
}

Test(sysinfo, sizes_are_bytes_unless_asked)
{
	struct run r;

	machine_tree("docker-v2", "m");
	r = RUN("sysinfo", "-s", "m", "-h", "memory.limit_bytes", "memory.total_bytes");
	EXPECT_RUN(r, 0, "512.00 MiB\n31.28 GiB\n", "");
	r = RUN("sysinfo", "-s", "m", "--si", "memory.limit_bytes", "memory.total_bytes");
	EXPECT_RUN(r, 0, "536.87 MB\n33.58 GB\n", "");
	r = RUN("sysinfo", "-s", "m", "-hb", "memory.limit_bytes");
	EXPECT_RUN(r, 0, "536870912\n", "");
	r = RUN("sysinfo", "-s", "m", "--bytes", "memory");
	EXPECT_OUT_HAS(r, "Total:                33582682112\n");
	r = RUN("sysinfo", "-s", "m", "memory");
	EXPECT_OUT_HAS(r, "Total:                31.28 GiB\n");
}

Test(sysinfo, a_section_and_a_field_may_be_mixed)
{
	struct run r;

	machine_tree("docker-v2", "m");
	r = RUN("sysinfo", "-s", "m", "cpu.usable", "libc", "os.id");
	EXPECT_RUN(r, 0,
	           "2\nC library\n  Family:               musl\n  Version:              1.2.4\n"
	           "  Source:               /lib/apk/db/installed\nalpine\n",
	           "");
}

Test(sysinfo, an_unknown_value_is_exit_1_with_the_reason)
{
	struct run r;

	machine_tree("riscv64-board", "m");
	r = RUN("sysinfo", "-s", "m", "cpu.usable", "cpu.cores", "os.id");
	EXPECT_RUN(r, 1, "4\nubuntu\n",
	           "sysinfo: cpu.cores is unknown: /sys/devices/system/cpu/cpu*/topology: "
	           "No such file or directory\n");
	/* No limit is no trouble: there is no reason to tell. */
	r = RUN("sysinfo", "-s", "m", "memory.limit_bytes");
	EXPECT_RUN(r, 1, "", "");
	r = RUN("sysinfo", "-s", "m", "--json", "memory.limit_bytes");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT_HAS(r, "\"memory\":{\"limit_bytes\":null}");
}

Test(sysinfo, words_that_mean_nothing_are_refused_before_anything_is_printed)
{
	static const struct {
		const char *words[6];
		const char *err;
	} cases[] = {
		{ { "cpu.usable", "cpu.modle" },
		  "unknown field 'cpu.modle' (did you mean cpu.model?)" },
		{ { "memroy" }, "unknown field 'memroy' (did you mean memory?)" },
		{ { "cpu." }, "unknown field 'cpu.'" },
		{ { "qqqqqqqqqqqqqqq" }, "unknown field 'qqqqqqqqqqqqqqq'; --list shows all" },
		{ { "" }, "unknown field ''" },
		{ { ".usable" }, "unknown field '.usable'" },
		{ { "mounts.mount" }, "unknown field 'mounts.mount'" },
		{ { "123" }, "unknown field '123'" },
		{ { "process", "0" }, "unknown field '0'" },
		{ { "process", "1", "2" }, "only one process at a time" },
		{ { "process", "99999999999" }, "unknown field '99999999999'" },
		{ { "--watch=0" }, "--watch needs a time above 0" },
		{ { "--timeout=0" }, "--timeout needs a time above 0" },
		{ { "--count=2" }, "--count needs --watch" },
		{ { "--ignore=cpu" }, "--ignore needs --diff" },
		{ { "--pretty" }, "--pretty needs --json" },
		{ { "--shell", "--json" }, "--json excludes --shell" },
		{ { "--shell", "--platform" }, "exclude each other" },
		{ { "--platform", "cpu" }, "take no field" },
		{ { "--list", "cpu" }, "--list takes no field" },
		{ { "--by=pss" }, "need the section top" },
		{ { "-n", "3", "cpu" }, "need the section top" },
		{ { "top", "-n", "0" }, "for '-n'" },
		{ { "top", "--by=size" }, "--by" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *words[8] = { "sysinfo" };
		struct run r;

		for (size_t k = 0; k < 6; k++)
			words[k + 1] = cases[i].words[k];
		r = run_words(words);
		cr_expect_eq(r.status, 2, "case %zu: status %d", i, r.status);
		/* With --json there is a record for the message. */
		cr_expect(r.out_len == 0 || strstr(r.out, "{\"record\":\"error\"") == r.out,
		          "case %zu", i);
		cr_expect_not_null(strstr(r.err, cases[i].err), "case %zu: %s", i, r.err);
	}
}

Test(sysinfo, files_that_cannot_be_read)
{
	struct run r = RUN("sysinfo", "--root=/nowhere");

	EXPECT_RUN(r, 3, "", "sysinfo: cannot open '/nowhere': No such file or directory\n");
	r = RUN("sysinfo", "--diff=/nowhere", "libc");
	EXPECT_RUN(r, 3, "", "sysinfo: cannot read '/nowhere': No such file or directory\n");
}

Test(sysinfo, other_words_for_sections)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "-s", "m", "platform.node", "user.user");
	EXPECT_RUN(r, 0, "thinkpad\nalice\n", "");
	r = RUN("sysinfo", "-s", "m", "disk");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "/boot/efi\n");
}

/* The schema is exact: these keys, always, in this order. */
Test(sysinfo, json_has_every_documented_key)
{
	static const char *const sections[] = { "record",    "schema", "collected_at", "system",
		                                "os",        "libc",   "cpu",          "memory",
		                                "swap",      "load",   "uptime",       "mounts",
		                                "container", "ids",    "tool",         "errors" };
	static const char *const cpu[] = {
		"model",
		"vendor",
		"online",
		"present",
		"possible",
		"offline",
		"affinity",
		"quota",
		"quota_source",
		"usable",
		"sockets",
		"cores",
		"threads_per_core",
		"numa_nodes",
		"mhz",
		"mhz_min",
		"mhz_max",
		"caches",
		"flags",
	};
	static const char *const roots[] = { "/", "m" };

	machine_tree("nothing", "m");
	for (size_t k = 0; k < 2; k++) {
		struct run r = RUN("sysinfo", "--json", "--root", roots[k]);
		struct json_lines lines = JSON_LINES(r);
		const struct json *section;

		EXPECT_STATUS(r, 0);
		cr_assert_eq(lines.len, 1);
		cr_assert_eq(lines.items[0]->len, sizeof(sections) / sizeof(sections[0]));
		for (size_t i = 0; i < lines.items[0]->len; i++)
			cr_expect_str_eq(lines.items[0]->keys[i], sections[i]);
		section = json_get(lines.items[0], "cpu");
		cr_assert_eq(section->len, sizeof(cpu) / sizeof(cpu[0]));
		for (size_t i = 0; i < section->len; i++)
			cr_expect_str_eq(section->keys[i], cpu[i]);
		cr_expect_eq(json_int(lines.items[0], "schema", 0), 1);
		cr_expect_str_eq(json_string(lines.items[0], "record"), "entry");
	}
}

Test(sysinfo, json_is_restricted_to_what_was_asked_for)
{
	struct run r;
	struct json_lines lines;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "-s", "m", "--json", "cpu.usable", "swap", "cpu.flags");
	lines = JSON_LINES(r);
	EXPECT_STATUS(r, 0);
	cr_expect_eq(lines.items[0]->len, 6); /* record, schema, time, cpu, swap, errors */
	cr_expect_eq(json_get(lines.items[0], "cpu")->len, 2);
	cr_expect_eq(json_int(lines.items[0], "cpu.usable", 0), 3);
	cr_expect_str_eq(json_string(lines.items[0], "cpu.flags.0"), "fpu");
	cr_expect_eq(json_get(lines.items[0], "swap")->len, 3);
}

Test(sysinfo, pretty_is_the_same_over_many_lines)
{
	struct run r;
	size_t at;
	const char *why;
	const struct json *value;

	machine_tree("docker-v2", "m");
	r = RUN("sysinfo", "-s", "m", "--json", "--pretty", "swap", "os.id_like");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "\n  \"os\": {\n    \"id_like\": []\n  },\n");
	value = json_parse(r.out, r.out_len - 1, &why, &at);
	cr_assert_not_null(value, "%s", why);
	cr_expect_eq(json_int(value, "swap.limit_bytes", -1), 0);
}

Test(sysinfo, all_adds_what_is_left_out)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "-s", "m", "--json");
	EXPECT_OUT_HAS(r, "\"flags\":null");
	EXPECT_OUT_HAS(r, "\"release\":null");
	EXPECT_OUT_HAS(r, "\"processes\":null");
	EXPECT_OUT_LACKS(r, "\"mount\":\"/proc\"");
	r = RUN("sysinfo", "-s", "m", "--json", "--all");
	EXPECT_OUT_HAS(r, "\"flags\":[\"fpu\",");
	EXPECT_OUT_HAS(r, "\"release\":[\"PRETTY_NAME=Debian GNU/Linux 12 (bookworm)\",");
	EXPECT_OUT_HAS(r, "\"processes\":2");
	EXPECT_OUT_HAS(r, "\"mount\":\"/proc\"");
	r = RUN("sysinfo", "-s", "m");
	EXPECT_OUT_HAS(r, "(3 more are without space of their own; --all shows them)\n");
}

Test(sysinfo, list_names_every_field)
{
	struct run r = RUN("sysinfo", "--list");
	struct run json = RUN("sysinfo", "--list", "--json");
	struct json_lines lines = JSON_LINES(json);

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "cpu.usable ");
	EXPECT_OUT_HAS(r, "mounts ");
	EXPECT_OUT_HAS(r, "memory.effective_available_bytes  bytes ");
	cr_assert(lines.len > 100);
	/* And each of them is one. */
	machine_tree("nothing", "m");
	for (size_t i = 0; i < lines.len; i += 7) {
		const char *name = json_string(lines.items[i], "name");
		struct run one = RUN("sysinfo", "-s", "m", name);

		cr_expect(one.status == 0 || one.status == 1, "%s: %d", name, one.status);
	}
}

Test(sysinfo, platform_is_one_line)
{
	struct run r;

	machine_tree("docker-v2", "m");
	r = RUN("sysinfo", "-s", "m", "--platform");
	EXPECT_RUN(r, 0, "Linux-6.6.12-linuxkit-x86_64-with-musl1.2.4\n", "");
	r = RUN("sysinfo", "-s", "m", "--short");
	EXPECT_RUN(r, 0, "Linux-6.6.12-linuxkit\n", "");
	machine_tree("nothing", "n");
	r = RUN("sysinfo", "-s", "n", "--platform");
	EXPECT_RUN(r, 1, "", "");
}

Test(sysinfo, diff_of_the_same_is_silent)
{
	struct run r = RUN("sysinfo", "--json");

	tree_file("old.json", r.out, r.out_len);
	r = RUN("sysinfo", "--diff=old.json");
	EXPECT_RUN(r, 0, "", "");
}

Test(sysinfo, diff_tells_what_changed)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "-s", "m", "--json");
	tree_file("old.json", r.out, r.out_len);
	tree_text("m/sys/devices/system/cpu/online", "0-1\n");
	tree_text("m/proc/meminfo", "MemTotal: 16116792 kB\nMemFree: 1 kB\nMemAvailable: 5 kB\n"
	                            "Buffers: 401232 kB\nCached: 7654320 kB\nShmem: 1 kB\n"
	                            "SwapTotal: 999420 kB\nSwapFree: 1 kB\n");
	tree_text(
		"m/proc/self/mountinfo",
		"30 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 ro\n"
		"32 30 0:28 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n"
		"61 30 259:1 / /boot/efi rw,relatime shared:32 - vfat /dev/nvme0n1p1 rw,fmask=0077\n"
		"99 30 8:1 / /new rw - xfs /dev/sda1 rw\n");
	r = RUN("sysinfo", "-s", "m", "--diff=old.json");
	EXPECT_RUN(r, 1,
	           "cpu.offline: 3 -> 2,3\ncpu.online: 3 -> 2\ncpu.threads_per_core: 2 -> 1\n"
	           "cpu.usable: 3 -> 2\n"
	           "mounts[/].options: rw,relatime,errors=remount-ro -> rw,relatime,ro\n"
	           "mounts[/].readonly: false -> true\n"
	           "mounts[/mnt/with space\\and?newline]: removed\n"
	           "mounts[/new]: added\n",
	           "");
	r = RUN("sysinfo", "-s", "m", "--diff=old.json", "--ignore=mounts,cpu.offline",
	        "--ignore=cpu.online,cpu.threads_per_core");
	EXPECT_RUN(r, 1, "cpu.usable: 3 -> 2\n", "");
	r = RUN("sysinfo", "-s", "m", "--diff=old.json", "--ignore=mounts,cpu");
	EXPECT_RUN(r, 0, "", "");
	r = RUN("sysinfo", "-s", "m", "--diff=old.json", "--json", "cpu.usable");
	EXPECT_RUN(r, 1,
	           "{\"record\":\"item\",\"field\":\"cpu.usable\",\"change\":\"changed\","
	           "\"old\":\"3\",\"new\":\"2\"}\n",
	           "");
}

Test(sysinfo, diff_refuses_what_is_no_snapshot_of_its_version)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"schema\":\"1\"}",
		"{\"record\":\"entry\",\"schema\":2}",
		"{\"schema\":1}{\"schema\":1}",
		"{\"schema\":1,\"cpu\":{\"online\":",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct run r;

		tree_text("old.json", texts[i]);
		r = RUN("sysinfo", "--diff=old.json", "libc");
		cr_expect_eq(r.status, 2, "case %zu", i);
		cr_expect_str_eq(r.out, "", "case %zu", i);
		cr_expect_str_neq(r.err, "", "case %zu", i);
	}
}

Test(sysinfo, watch_prints_a_line_a_sample)
{
	struct run r = RUN("sysinfo", "--watch=1ms", "--count=3", "load.one");
	struct json_lines lines = JSON_LINES(r);

	EXPECT_STATUS(r, 0);
	cr_assert_eq(lines.len, 3);
	cr_expect_not_null(json_number(lines.items[2], "load.one"));
}

Test(sysinfo, watch_ends_by_the_signal_between_two_lines)
{
	const struct run_request request = { .words = WORDS("sysinfo", "--watch=1h", "cpu.usable"),
		                             .out_to = RUN_TO_PIPE };
	struct run_child child;
	struct run r;

	run_start(&request, &child);
	run_wait_for(&child, "\n");
	cr_assert_eq(kill(child.pid, SIGTERM), 0);
	r = run_finish(&child);
	EXPECT_STATUS(r, 128 + SIGTERM);
	cr_expect_eq(JSON_LINES(r).len, 1);
}

Test(sysinfo, a_process_that_does_not_exist)
{
	struct run r = RUN("sysinfo", "process", "2147483646");

	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "there is no process 2147483646");
}

Test(sysinfo, process_is_the_caller)
{
	char pid[32];
	struct run r = RUN("sysinfo", "process.pid");

	(void)snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	EXPECT_RUN(r, 0, pid, "");
}

Test(sysinfo, hostile_names_reach_no_terminal)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	tree_text("m/proc/sys/kernel/hostname", "evil\033[31m\342\200\256\n");
	tree_text("m/proc/self/mountinfo", "30 1 259:2 / / rw - ext4 /dev/\033[2Ja rw\n"
	                                   "31 30 8:1 / /a\\012b\033]0;x\007 rw - ext4 s rw\n");
	r = run_argv(&(const struct run_request){ .words = WORDS("sysinfo", "-s", "m"),
	                                          .out_to = RUN_TO_TERMINAL });
	cr_expect_null(strchr(r.out, '\033'));
	cr_expect_null(strchr(r.out, '\007'));
	r = run_argv(&(const struct run_request){
		.words = WORDS("sysinfo", "-s", "m", "system.node", "os.release"),
		.out_to = RUN_TO_TERMINAL });
	cr_expect_null(strchr(r.out, '\033'));
	/* A pipe gets the bytes. */
	r = RUN("sysinfo", "-s", "m", "system.node");
	EXPECT_OUT(r, "evil\033[31m\342\200\256\n");
	r = RUN("sysinfo", "-s", "m", "--json");
	EXPECT_OUT_LACKS(r, "\033");
	(void)JSON_LINES(r);
}

Test(sysinfo, output_that_cannot_be_written_is_an_error)
{
	struct run r = run_argv(
		&(const struct run_request){ .words = WORDS("sysinfo"), .out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "No space left on device");
	r = run_argv(&(const struct run_request){ .words = WORDS("sysinfo", "cpu.usable"),
	                                          .out_to = RUN_TO_NOTHING });
	EXPECT_STATUS(r, 3);
}

Test(sysinfo, starts_no_process_and_opens_no_socket)
{
	struct run r;

	need_no_sanitizer();
	need_program("strace");
	r = RUN_PEER("strace", "-f", "-qq", "-e",
	             "trace=socket,connect,fork,vfork,clone,clone3,execve", "-o", "calls",
	             run_binary(), "sysinfo", "system", "os", "libc", "cpu", "memory", "swap",
	             "load", "uptime", "container", "ids", "tool", "process", "top", "runtimes",
	             "capabilities");
	if (r.status != 0)
		skip("strace does not work here");
	/* The one execve is strace's own; clone3(NULL, 0) is a question of `capabilities`. */
	r = RUN_PEER("sh", "-c", "grep -v 'clone3(NULL, 0)' calls | wc -l");
	EXPECT_OUT(r, "1\n");
}
