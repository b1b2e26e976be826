/* SPDX-License-Identifier: MIT */
/* Memory, load, kinds of hosts, libraries, processes: the modules of facts with one parser each. */
#include "sys/host_kind.h"
#include "sys/load_info.h"
#include "sys/machine.h"
#include "sys/memory_info.h"
#include "sys/process_facts.h"
#include "sys/runtimes.h"
#include "sys/system_id.h"

#include "support/machine_tree.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>

TestSuite(machine_facts, .init = sandbox_enter, .fini = sandbox_leave);

Test(machine_facts, memory)
{
	static const struct {
		const char *text;
		bool known, derived, overflowed;
		uint64_t available;
	} cases[] = {
		{ "MemTotal: 100 kB\nMemAvailable: 50 kB\n", true, false, false, 51200 },
		/* Before 3.14. */
		{ "MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 20 kB\nShmem: 8 kB\n"
		  "SReclaimable: 3 kB\n",
		  true, true, false, 30 * 1024 },
		/* More than there is cannot be true. */
		{ "MemTotal: 100 kB\nMemAvailable: 200 kB\nMemFree: 10 kB\n", true, true, false,
		  10240 },
		{ "MemTotal: 100 kB\nMemFree: 10 kB\nShmem: 90 kB\n", true, true, false, 0 },
		{ "MemTotal: 100 kB\n", false, false, false, 0 },
		{ "MemAvailable: 9007199254740993 kB\n", true, false, false,
		  UINT64_C(9007199254740993) * 1024 },
		{ "MemAvailable: 18014398509481984 kB\n", false, false, true, 0 },
		{ "MemAvailable: 99999999999999999999 kB\n", false, false, true, 0 },
		{ "MemAvailable: -1 kB\n", false, false, false, 0 },
		{ "MemAvailable:\nMemAvailable: 1 kB\n", true, false, false, 1024 },
		{ "Hugepagesize: 2048 kB\nZswap: 1 kB\nMemAvailable:1", true, false, false, 1024 },
		{ "", false, false, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct memory_info info;

		memory_info_parse(cases[i].text, strlen(cases[i].text), &info);
		cr_expect_eq(info.known[MEMORY_AVAILABLE], cases[i].known, "case %zu", i);
		cr_expect_eq(info.available_is_derived, cases[i].derived, "case %zu", i);
		cr_expect_eq(info.overflowed, cases[i].overflowed, "case %zu", i);
		if (cases[i].known)
			cr_expect_eq(info.bytes[MEMORY_AVAILABLE], cases[i].available, "case %zu",
			             i);
	}
}

Test(machine_facts, load_and_uptime)
{
	static const char *const bad[] = { "",
		                           "0.1 0.2",
		                           "0.1 0.2 0.3 1",
		                           "a b c d",
		                           "0.1 0.2 0.3 1/",
		                           "0.1 0.2 0.3 /2",
		                           "99999999999999999999 1 1 1/1" };
	struct load_average load = { .tasks = 7 };
	int64_t ns = 7;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect_eq(load_average_parse(bad[i], strlen(bad[i]), &load), -EBADMSG,
		             "case %zu", i);
	cr_expect_eq(load.tasks, 7);
	cr_assert_eq(load_average_parse("0.20 12.05 100 3/4 5\n", 21, &load), 0);
	cr_expect_eq(load.centi[0], 20);
	cr_expect_eq(load.centi[1], 1205);
	cr_expect_eq(load.centi[2], 10000);
	cr_expect_eq(load.runnable, 3);
	cr_expect_eq(load.tasks, 4);
	cr_expect_eq(uptime_parse("", 0, &ns), -EBADMSG);
	cr_expect_eq(uptime_parse("-1.0 2", 6, &ns), -EBADMSG);
	cr_expect_eq(uptime_parse("9999999999999 2", 15, &ns), -EBADMSG);
	cr_expect_eq(ns, 7);
	cr_assert_eq(uptime_parse("12.34 5", 7, &ns), 0);
	cr_expect_eq(ns, INT64_C(12340000000));
}

Test(machine_facts, pressure)
{
	static const char text[] = "some avg10=1.25 avg60=100.00 avg300=0.00 total=1\n"
				   "full avg10=0.50 avg60=x avg300=0.00 total=1\n";
	struct pressure p = { 0 };

	cr_assert_eq(pressure_parse(text, sizeof(text) - 1, "some", &p), 0);
	cr_expect_eq(p.avg10, 125);
	cr_expect_eq(p.avg60, 10000);
	cr_expect_eq(pressure_parse(text, sizeof(text) - 1, "full", &p), -ENOENT);
	cr_expect_eq(pressure_parse("", 0, "some", &p), -ENOENT);
	cr_expect_eq(p.avg10, 125);
}

/* What container managers and hypervisors leave behind. */
Test(machine_facts, kinds_of_hosts)
{
	static const char kernel[] = "== proc/sys/kernel/osrelease\n6.1.0\n";
	static const struct {
		const char *tree;
		const char *cgroup;
		enum cpu_guest guest;
		const char *container, *virt;
	} cases[] = {
		{ "", "/", CPU_GUEST_NO, "none", "none" },
		{ "== .dockerenv\n", "/", CPU_GUEST_NO, "docker", "none" },
		{ "== run/.containerenv\nengine=\"podman\"\nrootless=1\n", "/", CPU_GUEST_NO,
		  "podman", "none" },
		{ "", "/user.slice/libpod-0123.scope", CPU_GUEST_NO, "podman", "none" },
		{ "== run/systemd/container\nsystemd-nspawn\n", "/", CPU_GUEST_NO, "systemd-nspawn",
		  "none" },
		/* Not a word of a manager: nobody's word. */
		{ "== run/systemd/container\nmade-up\n", "/", CPU_GUEST_NO, "none", "none" },
		{ "== proc/1/environ !nul\nA=b\ncontainer=lxc\n", "/", CPU_GUEST_NO, "lxc",
		  "none" },
		{ "== proc/1/environ !nul\nA=b\ncontainer=evil\n", "/", CPU_GUEST_NO, "none",
		  "none" },
		{ "", "/kubepods/besteffort/pod1/abc", CPU_GUEST_YES, "kubernetes", "vm-other" },
		{ "== proc/version\nLinux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n", "/",
		  CPU_GUEST_UNKNOWN, "gvisor", "" },
		{ "== proc/vz/veinfo\n", "/", CPU_GUEST_NO, "openvz", "none" },
		{ "== sys/class/dmi/id/sys_vendor\nMicrosoft Corporation\n"
		  "== sys/class/dmi/id/product_name\nVirtual Machine\n",
		  "/", CPU_GUEST_YES, "none", "microsoft" },
		{ "== sys/class/dmi/id/sys_vendor\nMicrosoft Corporation\n"
		  "== sys/class/dmi/id/product_name\nSurface Pro\n",
		  "/", CPU_GUEST_NO, "none", "none" },
		{ "== sys/class/dmi/id/sys_vendor\ninnotek GmbH\n", "/", CPU_GUEST_YES, "none",
		  "oracle" },
		{ "== sys/hypervisor/type\nxen\n", "/", CPU_GUEST_UNKNOWN, "none", "xen" },
		{ "== proc/device-tree/hypervisor/compatible\nlinux,kvm\n", "/", CPU_GUEST_UNKNOWN,
		  "none", "kvm" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct host_kind kind = { 0 };
		struct machine m;
		char text[512];
		char dir[16];

		(void)snprintf(text, sizeof(text), "%s%s", kernel, cases[i].tree);
		(void)snprintf(dir, sizeof(dir), "m%zu", i);
		machine_tree_text(text, dir);
		cr_assert_eq(machine_open(dir, &m), 0);
		host_kind_read(&m, cases[i].cgroup, cases[i].guest, &kind);
		cr_expect_str_eq(kind.container, cases[i].container, "case %zu", i);
		cr_expect_str_eq(kind.virt, cases[i].virt, "case %zu", i);
		machine_close(&m);
	}
}

Test(machine_facts, both_versions_of_wsl)
{
	static const char *const releases[] = { "4.4.0-19041-Microsoft",
		                                "5.15.90.1-microsoft-standard-WSL2" };
	static const char *const virts[] = { "none", "microsoft" };

	for (size_t i = 0; i < 2; i++) {
		struct host_kind kind = { 0 };
		struct machine m;
		char text[128];
		char dir[16];

		(void)snprintf(text, sizeof(text), "== proc/sys/kernel/osrelease\n%s\n",
		               releases[i]);
		(void)snprintf(dir, sizeof(dir), "m%zu", i);
		machine_tree_text(text, dir);
		cr_assert_eq(machine_open(dir, &m), 0);
		host_kind_read(&m, "/", CPU_GUEST_UNKNOWN, &kind);
		cr_expect_str_eq(kind.container, "wsl");
		cr_expect_str_eq(kind.virt, virts[i]);
		machine_close(&m);
	}
}

Test(machine_facts, programs_that_are_no_elf_or_cut_off)
{
	static const char header[] = "\177ELF\2\1\1";
	struct elf_header elf = { .bits = 7 };
	int fd;

	tree_text("script", "#!/bin/sh\n");
	tree_file("short", header, sizeof(header));
	tree("f empty");
	fd = open("script", O_RDONLY | O_CLOEXEC);
	cr_expect_eq(elf_header_read(fd, &elf), -ENOEXEC);
	(void)close(fd);
	fd = open("short", O_RDONLY | O_CLOEXEC);
	cr_expect_eq(elf_header_read(fd, &elf), -ENOEXEC);
	(void)close(fd);
	fd = open("empty", O_RDONLY | O_CLOEXEC);
	cr_expect_eq(elf_header_read(fd, &elf), -ENOEXEC);
	(void)close(fd);
	cr_expect_eq(elf.bits, 7);
}

Test(machine_facts, libraries_by_their_loader)
{
	cr_expect_str_eq(libc_of_loader("/lib64/ld-linux-x86-64.so.2"), "glibc");
	cr_expect_str_eq(libc_of_loader("/lib/ld64.so.1"), "glibc");
	cr_expect_str_eq(libc_of_loader("/lib/ld-musl-aarch64.so.1"), "musl");
	cr_expect_str_eq(libc_of_loader("/system/bin/linker64"), "bionic");
	cr_expect_str_eq(libc_of_loader("/lib/ld-uClibc.so.0"), "uclibc");
	cr_expect_null(libc_of_loader(""));
	cr_expect_null(libc_of_loader("/lib/other.so"));
}

Test(machine_facts, versions_in_names)
{
	cr_expect_str_eq(version_in_name("python3.11"), "3.11");
	cr_expect_str_eq(version_in_name("gcc-12"), "12");
	cr_expect_str_eq(version_in_name("bash"), "");
	cr_expect_str_eq(version_in_name(""), "");
	cr_expect_str_eq(version_in_name("x."), "");
}

Test(machine_facts, limits_of_processes)
{
	static const char text[] =
		"Limit                     Soft Limit           Hard Limit           Units     \n"
		"Max cpu time              unlimited            unlimited            seconds   \n"
		"nonsense\n"
		"Max broken                \n"
		"Max open files            1024                 524288               files     \n"
		"Max nice priority         0                    0                    \n"
		"Max a name that is much too long for any limit there is  1  2  x\n";
	const char *at = text;
	struct process_limit limit;

	cr_assert(process_limit_next(&at, text + sizeof(text) - 1, &limit));
	cr_expect_str_eq(limit.name, "cpu time");
	cr_expect_eq(limit.soft, UINT64_MAX);
	cr_assert(process_limit_next(&at, text + sizeof(text) - 1, &limit));
	cr_expect_str_eq(limit.name, "open files");
	cr_expect_eq(limit.soft, 1024);
	cr_expect_eq(limit.hard, 524288);
	cr_expect_str_eq(limit.unit, "files");
	cr_assert(process_limit_next(&at, text + sizeof(text) - 1, &limit));
	cr_expect_str_eq(limit.unit, "");
	cr_expect(!process_limit_next(&at, text + sizeof(text) - 1, &limit));
}

Test(machine_facts, status_of_processes)
{
	static const char text[] = "Name:\tx\nUid:\t1\t2\t3\t4\nSigBlk:\t00000000fffffffe\n"
				   "CapEff:\tzz\nSeccomp:\t\n";
	struct strbuf status = { 0 };
	uint64_t value = 9;

	strbuf_add_str(&status, text);
	cr_expect(process_status_number(&status, "Uid", 1, &value));
	cr_expect_eq(value, 2);
	cr_expect(!process_status_number(&status, "Uid", 4, &value));
	cr_expect(!process_status_number(&status, "Seccomp", 0, &value));
	cr_expect(!process_status_number(&status, "U", 0, &value));
	cr_expect(process_status_mask(&status, "SigBlk", &value));
	cr_expect_eq(value, 0xfffffffe);
	cr_expect(!process_status_mask(&status, "CapEff", &value));
	cr_expect_str_eq(capability_name(0), "cap_chown");
	cr_expect_str_eq(capability_name(40), "cap_checkpoint_restore");
	cr_expect_null(capability_name(41));
	strbuf_release(&status);
}
