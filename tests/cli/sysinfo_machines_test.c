/* SPDX-License-Identifier: MIT */
/* sysinfo --root on the recorded machines in tests/fixtures/machines: what is known of each. */
#include "support/expect.h"
#include "support/machine_tree.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>

TestSuite(sysinfo_machines, .init = sandbox_enter, .fini = sandbox_leave);

#define LIMITED_GROUP                                             \
	"/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/" \
	"kubepods-burstable-pod11111111_2222_3333_4444_555555555555.slice/memory.high"

/* A field and its value as a script gets it; "" is unknown. */
struct truth {
	const char *field;
	const char *value;
};

/* All sections at once, as shell variables: SYSINFO_CPU_USABLE='2'. */
static struct run run_shell(const char *name)
{
	machine_tree(name, name);
	return RUN("sysinfo", "--shell", "--root", name, "system", "os", "libc", "cpu", "memory",
	           "swap", "load", "uptime", "container", "ids");
}

static void expect_truth(const char *name, const struct truth *truth)
{
	struct run r = run_shell(name);

	EXPECT_STATUS(r, 0);
	for (; truth->field != NULL; truth++) {
		char line[512];
		size_t at = 0;

		at += (size_t)snprintf(line, sizeof(line), "SYSINFO_");
		for (const char *c = truth->field; *c != '\0'; c++)
			line[at++] = (char)(*c == '.'                ? '_'
			                    : *c >= 'a' && *c <= 'z' ? *c - 32
			                                             : *c);
		(void)snprintf(line + at, sizeof(line) - at, "='%s'\n", truth->value);
		cr_expect_not_null(strstr(r.out, line), "%s: %s is not '%s'", name, truth->field,
		                   truth->value);
	}
}

Test(sysinfo_machines, x86_laptop)
{
	static const struct truth truth[] = {
		{ "system.node", "thinkpad" },
		{ "system.kernel_release", "6.1.0-18-amd64" },
		{ "system.machine", "x86_64" },
		{ "system.bits", "64" },
		{ "system.byteorder", "little" },
		{ "system.page_size", "4096" },
		{ "system.max_int", "9223372036854775807" },
		{ "system.platform", "Linux-6.1.0-18-amd64-x86_64-with-glibc2.36" },
		{ "os.id", "debian" },
		{ "os.version_codename", "bookworm" },
		{ "libc.source", "/lib/x86_64-linux-gnu/libc.so.6" },
		{ "cpu.model", "Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz" },
		{ "cpu.vendor", "GenuineIntel" },
		{ "cpu.online", "3" },
		{ "cpu.present", "4" },
		{ "cpu.possible", "8" },
		{ "cpu.offline", "3" },
		{ "cpu.affinity", "3" },
		{ "cpu.quota", "" },
		{ "cpu.usable", "3" },
		{ "cpu.sockets", "1" },
		{ "cpu.cores", "2" },
		{ "cpu.threads_per_core", "2" },
		{ "cpu.numa_nodes", "1" },
		{ "cpu.mhz", "1900.000" },
		{ "cpu.mhz_min", "400.000" },
		{ "cpu.mhz_max", "3600.000" },
		{ "memory.total_bytes", "16503595008" },
		{ "memory.available_bytes", "9339142144" },
		{ "memory.available_source", "kernel" },
		{ "memory.cached_bytes", "8350023680" },
		{ "memory.limit_bytes", "" },
		{ "memory.usage_bytes", "2147483648" },
		{ "memory.effective_total_bytes", "16503595008" },
		{ "swap.total_bytes", "1023406080" },
		{ "load.five", "1.25" },
		{ "load.five_per_cpu", "0.41" },
		{ "load.verdict", "fine" },
		{ "load.processes", "2" },
		{ "load.pids_limit", "39042" },
		{ "load.pids_used", "412" },
		{ "load.pid_max", "4194304" },
		{ "uptime.seconds", "350735.47" },
		{ "uptime.boot_time", "1706800000" },
		{ "container.kind", "none" },
		{ "container.virt", "none" },
		{ "container.cgroup_version", "2" },
		{ "container.cgroup_path", "/user.slice/user-1000.slice/session-2.scope" },
		{ "ids.pid", "4711" },
		{ "ids.ppid", "4700" },
		{ "ids.euid", "1000" },
		{ "ids.user", "alice" },
		{ "ids.groups", "sudo\nalice" },
		{ "ids.home", "/home/alice" },
		{ "ids.shell", "/bin/zsh" },
		{ 0 },
	};

	expect_truth("x86-laptop", truth);
}

Test(sysinfo_machines, caches_are_counted_by_who_shares_them)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "--root=m", "cpu.caches");
	EXPECT_RUN(r, 0,
	           "{\"level\":1,\"type\":\"Data\",\"size_bytes\":32768,\"instances\":2}\n"
	           "{\"level\":1,\"type\":\"Instruction\",\"size_bytes\":32768,\"instances\":2}\n"
	           "{\"level\":2,\"type\":\"Unified\",\"size_bytes\":262144,\"instances\":2}\n"
	           "{\"level\":3,\"type\":\"Unified\",\"size_bytes\":6291456,\"instances\":1}\n",
	           "");
}

Test(sysinfo_machines, arm64_board)
{
	static const struct truth truth[] = {
		{ "system.machine", "aarch64" },
		{ "system.processor", "Cortex-A72" },
		{ "os.id_like", "a\nb" },
		{ "os.pretty_name", "" },
		{ "libc.version", "2.31" },
		{ "cpu.model", "Cortex-A72" },
		{ "cpu.vendor", "ARM" },
		{ "cpu.usable", "4" },
		{ "cpu.cores", "4" },
		{ "cpu.numa_nodes", "" },
		{ "cpu.mhz", "1500.000" },
		{ "cpu.mhz_min", "600.000" },
		{ "cpu.caches", "" },
		{ "container.virt", "none" },
		{ "ids.ppid", "0" },
		{ "load.verdict", "idle" },
		{ 0 },
	};

	expect_truth("arm64-board", truth);
}

Test(sysinfo_machines, riscv64_board)
{
	static const struct truth truth[] = {
		{ "system.machine", "riscv64" },
		{ "system.page_size", "" },
		{ "cpu.model", "sifive,u74-mc" },
		{ "cpu.online", "4" },
		{ "cpu.sockets", "" },
		{ "cpu.cores", "" },
		{ "os.id_like", "debian" },
		{ "libc.version", "2.35" },
		{ "swap.total_bytes", "0" },
		{ "container.virt", "" },
		{ 0 },
	};
	struct run r;

	expect_truth("riscv64-board", truth);
	r = RUN("sysinfo", "--root=riscv64-board", "cpu.flags");
	EXPECT_RUN(r, 0, "rv64imafdc\n", "");
}

Test(sysinfo_machines, s390x_zvm)
{
	static const struct truth truth[] = {
		{ "system.machine", "s390x" },
		{ "system.byteorder", "big" },
		{ "system.page_size", "4096" },
		{ "system.platform", "Linux-5.14.0-284.11.1.el9_2.s390x-s390x-with-glibc2.34" },
		{ "cpu.model", "3906" },
		{ "cpu.vendor", "IBM/S390" },
		{ "cpu.online", "2" },
		{ "cpu.possible", "256" },
		{ "cpu.affinity", "1" },
		{ "cpu.usable", "1" },
		{ "cpu.mhz", "5208.000" },
		{ "container.virt", "zvm" },
		{ "load.verdict", "overloaded" },
		{ "ids.user", "" },
		{ "ids.groups", "0" },
		{ 0 },
	};

	expect_truth("s390x-zvm", truth);
}

Test(sysinfo_machines, docker_version_2)
{
	static const struct truth truth[] = {
		{ "system.platform", "Linux-6.6.12-linuxkit-x86_64-with-musl1.2.4" },
		{ "os.version_id", "3.19.1" },
		{ "libc.family", "musl" },
		{ "cpu.online", "8" },
		{ "cpu.quota", "1.500" },
		{ "cpu.quota_source", "/sys/fs/cgroup/cpu.max" },
		{ "cpu.usable", "2" },
		{ "cpu.numa_nodes", "2" },
		{ "memory.limit_bytes", "536870912" },
		{ "memory.limit_source", "/sys/fs/cgroup/memory.max" },
		{ "memory.usage_bytes", "104857600" },
		{ "memory.effective_total_bytes", "536870912" },
		{ "memory.effective_available_bytes", "436870912" },
		{ "swap.limit_bytes", "0" },
		{ "load.cpus", "2" },
		{ "load.one_per_cpu", "2.00" },
		{ "load.pids_limit", "100" },
		{ "load.pids_used", "3" },
		{ "container.kind", "docker" },
		{ "container.virt", "qemu" },
		{ "ids.groups", "root\nbin\ndaemon" },
		{ 0 },
	};

	expect_truth("docker-v2", truth);
}

Test(sysinfo_machines, docker_version_1)
{
	static const struct truth truth[] = {
		{ "cpu.quota", "3.990" },
		{ "cpu.usable", "4" },
		{ "memory.limit_bytes", "1073741824" },
		{ "memory.effective_available_bytes", "268435456" },
		{ "swap.limit_bytes", "1073741824" },
		{ "load.pids_limit", "" },
		{ "container.kind", "docker" },
		{ "container.virt", "vm-other" },
		{ "container.cgroup_version", "1" },
		{ "libc.version", "2.17" },
		{ "os.id_like", "rhel\nfedora" },
		{ 0 },
	};

	expect_truth("docker-v1", truth);
}

Test(sysinfo_machines, kubernetes)
{
	static const struct truth truth[] = {
		{ "os.version_id", "" },
		{ "os.build_id", "rolling" },
		{ "cpu.quota", "2.500" },
		{ "cpu.usable", "3" },
		{ "memory.limit_bytes", "1073741824" },
		{ "memory.limit_source", LIMITED_GROUP },
		{ "memory.usage_bytes", "1000000" },
		{ "memory.effective_available_bytes", "1000000000" },
		{ "container.kind", "kubernetes" },
		{ "container.virt", "amazon" },
		{ 0 },
	};

	expect_truth("kubernetes", truth);
}

Test(sysinfo_machines, lxc_with_both_versions_of_control_groups)
{
	static const struct truth truth[] = {
		{ "cpu.online", "8" },
		{ "cpu.present", "16" },
		{ "cpu.possible", "128" },
		{ "cpu.affinity", "2" },
		{ "cpu.offline", "8\n9\n10\n11\n12\n13\n14\n15" },
		{ "cpu.quota", "" },
		{ "cpu.usable", "2" },
		{ "memory.limit_bytes", "" },
		{ "memory.usage_bytes", "4096" },
		{ "container.kind", "lxc" },
		{ "container.cgroup_version", "hybrid" },
		{ "os.variant_id", "container" },
		{ 0 },
	};

	expect_truth("lxc-hybrid", truth);
}

Test(sysinfo_machines, old_kernel_with_32_bits)
{
	static const struct truth truth[] = {
		{ "system.machine", "i686" },
		{ "system.bits", "32" },
		{ "system.max_int", "2147483647" },
		{ "system.page_size", "" },
		{ "os.id", "" },
		{ "libc.version", "2.12" },
		{ "cpu.sockets", "1" },
		{ "cpu.cores", "2" },
		{ "memory.available_bytes", "798720000" },
		{ "memory.available_source", "derived" },
		{ "container.cgroup_version", "" },
		{ "container.virt", "vmware" },
		{ "uptime.seconds", "99999999.99" },
		{ "ids.home", "/home/bob" },
		{ 0 },
	};

	expect_truth("old-kernel", truth);
}

/* Every field is unknown and each source that is missing is in the list of errors. */
Test(sysinfo_machines, nothing_at_all)
{
	struct json_lines lines;
	const struct json *errors;
	struct run r;

	machine_tree("nothing", "m");
	r = RUN("sysinfo", "--root=m");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_LACKS(r, " 0");
	EXPECT_OUT_HAS(r, "unknown");
	r = RUN("sysinfo", "--root=m", "--json");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_assert_eq(lines.len, 1);
	cr_expect(json_is_null(lines.items[0], "cpu.usable"));
	cr_expect(json_is_null(lines.items[0], "memory.total_bytes"));
	cr_expect(json_is_null(lines.items[0], "uptime.seconds"));
	cr_expect(json_is_null(lines.items[0], "uptime.boot_time"));
	cr_expect(json_is_null(lines.items[0], "os.id"));
	cr_expect(json_is_null(lines.items[0], "libc.family"));
	cr_expect(json_is_null(lines.items[0], "container.kind"));
	errors = json_get(lines.items[0], "errors");
	cr_assert_not_null(errors);
	cr_expect(errors->len >= 15);
	for (size_t i = 0; i < errors->len; i++) {
		cr_expect_str_eq(json_string(errors->items[i], "errno"), "ENOENT");
		cr_expect_eq(json_int(errors->items[i], "code", 0), 2);
	}
}

Test(sysinfo_machines, a_process_of_a_recorded_tree)
{
	struct json_lines lines;
	const struct json *p;
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "--root=m", "--json", "process");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	p = json_get(lines.items[0], "process");
	cr_assert_not_null(p);
	cr_expect_eq(json_int(p, "pid", 0), 4711);
	cr_expect_eq(json_int(p, "pgid", 0), 4711);
	cr_expect_eq(json_int(p, "sid", 0), 4700);
	cr_expect_eq(json_int(p, "nice", 0), -5);
	cr_expect_str_eq(json_string(p, "name"), "my (odd) name");
	cr_expect_str_eq(json_string(p, "tty"), "pts/0");
	cr_expect_str_eq(json_string(p, "command.2"), "/proc/x");
	cr_expect_str_eq(json_string(p, "exe"), "/usr/bin/cat");
	cr_expect(json_is_null(p, "cwd"));
	cr_expect(json_is_null(p, "fds"));
	cr_expect_str_eq(json_number(p, "cpu_s"), "0.10");
	cr_expect_eq(json_int(p, "rss_bytes", 0), 500 * 4096);
	cr_expect_eq(json_int(p, "pss_bytes", 0), 700 * 1024);
	cr_expect_eq(json_int(p, "swap_bytes", 0), 128 * 1024);
	cr_expect_eq(json_int(p, "started", 0), 1706800010);
	cr_expect_eq(json_int(p, "oom_score_adj", 0), -17);
	cr_expect(json_is_true(p, "no_new_privs"));
	cr_expect_str_eq(json_string(p, "capabilities.0"), "cap_chown");
	cr_expect_str_eq(json_string(p, "capabilities.1"), "cap_41");
	cr_expect_str_eq(json_string(p, "capabilities_permitted.1"), "cap_setuid");
	cr_expect_str_eq(json_string(p, "signals_blocked.0"), "CHLD");
	cr_expect_str_eq(json_string(p, "signals_ignored.0"), "PIPE");
	cr_expect_str_eq(json_string(p, "signals_caught.0"), "INT");
	cr_expect_str_eq(json_string(p, "signals_pending.0"), "USR1");
	cr_expect_str_eq(json_string(p, "limits.1.name"), "open files");
	cr_expect_eq(json_int(p, "limits.1.hard", 0), 524288);
	cr_expect(json_is_null(p, "limits.0.soft"));
	cr_expect(json_is_null(p, "limits.2.unit"));
	cr_expect_eq(json_int(p, "namespaces.0.id", 0), 4026531836);
}

Test(sysinfo_machines, top_of_a_recorded_tree)
{
	struct json_lines lines;
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "--root=m", "--json", "top", "--by=pss");
	lines = JSON_LINES(r);
	/* PSS of the first one may not be read: it is RSS, and says so. */
	cr_expect_eq(json_int(lines.items[0], "top.0.pid", 0), 1);
	cr_expect_eq(json_int(lines.items[0], "top.0.value", 0), 3000 * 4096);
	cr_expect_str_eq(json_string(lines.items[0], "top.0.measure"), "rss");
	cr_expect_str_eq(json_string(lines.items[0], "top.1.measure"), "pss");
	cr_expect_eq(json_int(lines.items[0], "top.1.value", 0), 700 * 1024);

	r = RUN("sysinfo", "--root=m", "--json", "top", "--by=cpu", "-n", "1");
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_number(lines.items[0], "top.0.value"), "3.50");
	cr_expect_str_eq(json_number(lines.items[0], "top.0.share_pct"), "97.22");
	cr_expect_null(json_get(lines.items[0], "top.1"));

	r = RUN("sysinfo", "--root=m", "--json", "top", "--by=threads", "--group=cgroup");
	lines = JSON_LINES(r);
	cr_expect_str_eq(json_string(lines.items[0], "top.0.cgroup"), "/user.slice");
	cr_expect_eq(json_int(lines.items[0], "top.0.value", 0), 2);
	cr_expect(json_is_null(lines.items[0], "top.0.pid"));
	cr_expect_str_eq(json_string(lines.items[0], "top.1.cgroup"), "/init.scope");
}

Test(sysinfo_machines, links_do_not_lead_out_of_the_tree)
{
	struct run r;

	tree("f secret", "d m/etc");
	tree_text("secret", "ID=secret\n");
	tree_symlink("m/etc/os-release", "../../secret");
	r = RUN("sysinfo", "--root=m", "os.id");
	EXPECT_STATUS(r, 1);
	EXPECT_OUT(r, "");
	tree("d n/etc", "d n/usr/lib");
	tree_text("n/usr/lib/os-release", "ID=inside\n");
	tree_symlink("n/etc/os-release", "/usr/lib/os-release");
	r = RUN("sysinfo", "--root=n", "os.id");
	EXPECT_RUN(r, 0, "inside\n", "");
}
