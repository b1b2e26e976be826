/* SPDX-License-Identifier: MIT */
/* The rows of the seed's inventory that sysinfo answers, each a test of its name. */
#include "support/expect.h"
#include "support/machine_tree.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

TestSuite(seed, .init = sandbox_enter, .fini = sandbox_leave);

static struct json_lines snapshot(const char *section)
{
	struct run r = RUN("sysinfo", "--json", section);

	EXPECT_STATUS(r, 0);
	return JSON_LINES(r);
}

/* hasattr(os, "chmod") */
Test(seed, A1_15_platform_check)
{
	struct run r = RUN("sysinfo", "capabilities.chmod", "capabilities.symlink");

	EXPECT_RUN(r, 0, "true\ntrue\n", "");
}

/* Home directory fallback, SHELL, os.name. */
Test(seed, A3_7_home_shell_os_name)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "-s", "m", "user.home", "user.shell", "platform.os_name");
	EXPECT_RUN(r, 0, "/home/alice\n/bin/zsh\nposix\n", "");
}

/* The caller's pid, ppid, pgid, sid, tty, cgroup. */
Test(seed, A4_1_getpid_getppid)
{
	struct json_lines lines = snapshot("process");
	const struct json *p = json_get(lines.items[0], "process");

	cr_expect_eq(json_int(p, "pid", 0), getpid());
	cr_expect_eq(json_int(p, "ppid", 0), getppid());
	cr_expect_eq(json_int(p, "pgid", 0), getpgid(0));
	cr_expect_eq(json_int(p, "sid", 0), getsid(0));
	cr_expect_not_null(json_get(p, "tty"));
	cr_expect_not_null(json_get(p, "cgroup"));
}

Test(seed, A4_2_user_and_group_ids)
{
	struct json_lines lines = snapshot("user");
	const struct json *ids = json_get(lines.items[0], "ids");

	cr_expect_eq(json_int(ids, "uid", -1), (int64_t)getuid());
	cr_expect_eq(json_int(ids, "euid", -1), (int64_t)geteuid());
	cr_expect_eq(json_int(ids, "gid", -1), (int64_t)getgid());
	cr_expect_eq(json_int(ids, "egid", -1), (int64_t)getegid());
	cr_expect_eq(json_int(ids, "ppid", -1), (int64_t)getpid());
}

Test(seed, A7_1_platform_names)
{
	struct json_lines lines = snapshot("platform");
	const struct json *s = json_get(lines.items[0], "system");
	struct utsname u;

	cr_assert_eq(uname(&u), 0);
	cr_expect_str_eq(json_string(s, "kernel_name"), u.sysname);
	cr_expect_str_eq(json_string(s, "node"), u.nodename);
	cr_expect_str_eq(json_string(s, "kernel_release"), u.release);
	cr_expect_str_eq(json_string(s, "kernel_version"), u.version);
	cr_expect_str_eq(json_string(s, "machine"), u.machine);
	cr_expect_not_null(json_get(s, "processor"));
}

/* ("64bit", "ELF") */
Test(seed, A7_2_architecture)
{
	struct json_lines lines = snapshot("platform");

	cr_expect_eq(json_int(lines.items[0], "system.bits", 0), (int64_t)(sizeof(void *) * 8));
	cr_expect_str_eq(json_string(lines.items[0], "system.linkage"), "ELF");
}

Test(seed, A7_3_platform_string)
{
	struct run r = RUN("sysinfo", "--platform");
	struct run terse = RUN("sysinfo", "platform", "--string", "--terse");
	struct run word = RUN("sysinfo", "platform", "--string");
	struct run python;

	EXPECT_STATUS(r, 0);
	EXPECT_STATUS(terse, 0);
	EXPECT_RUN(word, 0, r.out, "");
	cr_expect_eq(strncmp(r.out, terse.out, terse.out_len - 1), 0);
	need_program("python3");
	python = RUN_PEER("python3", "-S", "-c", "import platform; print(platform.platform())");
	if (python.status != 0)
		skip("python3 does not run here");
	EXPECT_OUT(r, python.out);
}

/* Versions of interpreters and compilers, and of the toolbox itself. */
Test(seed, A7_4_runtimes_and_own_version)
{
	struct run r;

	tree("x m/usr/bin/python3.11", "x m/usr/bin/x86_64-linux-gnu-gcc-12",
	     "x m/opt/jdk/bin/java", "f m/usr/bin/perl", "d m/var/lib/dpkg");
	tree_symlink("m/usr/bin/python3", "python3.11");
	tree_symlink("m/usr/bin/gcc", "gcc-12");
	tree_symlink("m/usr/bin/gcc-12", "x86_64-linux-gnu-gcc-12");
	tree_symlink("m/usr/bin/java", "/opt/jdk/bin/java");
	tree_text("m/opt/jdk/release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.9\"\n");
	tree_text("m/var/lib/dpkg/status", "Package: gcc-12\nVersion: 9\n\nPackage: gcc\n"
	                                   "Status: install ok installed\nVersion: 4:12.2.0-3\n\n");
	r = RUN("sysinfo", "-s", "m", "runtimes");
	EXPECT_RUN(r, 0,
	           "Runtimes\n"
	           "  NAME     VERSION  PATH\n"
	           "  gcc      12.2.0   /usr/bin/gcc\n"
	           "  java     17.0.9   /usr/bin/java\n"
	           "  python3  3.11     /usr/bin/python3\n",
	           "");
	r = RUN("sysinfo", "tool.name", "tool.version", "tool.compiler");
	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "dutybox\n" DUTYBOX_VERSION "\n");
}

/* freedesktop_os_release(): all keys. */
Test(seed, A7_5_os_release)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "-s", "m", "os.release");
	EXPECT_RUN(r, 0,
	           "PRETTY_NAME=Debian GNU/Linux 12 (bookworm)\nNAME=Debian GNU/Linux\n"
	           "VERSION_ID=12\nVERSION=12 (bookworm)\nVERSION_CODENAME=bookworm\nID=debian\n"
	           "HOME_URL=https://www.debian.org/\n",
	           "");
}

/* No key of other systems is in the schema. */
Test(seed, A7_6_windows_and_macos)
{
	struct run r = RUN("sysinfo", "--json", "platform", "os");

	EXPECT_OUT_LACKS(r, "win32");
	EXPECT_OUT_LACKS(r, "mac_ver");
}

Test(seed, A7_7_java)
{
	struct run r;

	tree("x m/usr/lib/jvm/java-21/bin/java", "d m/usr/bin");
	tree_symlink("m/usr/bin/java", "/usr/lib/jvm/java-21/bin/java");
	tree_text("m/usr/lib/jvm/java-21/release", "JAVA_VERSION=\"21.0.2\"\n");
	r = RUN("sysinfo", "-s", "m", "--json", "runtimes");
	EXPECT_OUT_HAS(r, "{\"name\":\"java\",\"path\":\"/usr/bin/java\",\"version\":\"21.0.2\","
	                  "\"source\":\"/usr/lib/jvm/java-21/release\"}");
}

Test(seed, A7_8_libc)
{
	struct run r = RUN("sysinfo", "libc.family", "libc.version");
	struct run peer;
	char expected[128];

	EXPECT_STATUS(r, 0);
	need_program("getconf");
	peer = RUN_PEER("getconf", "GNU_LIBC_VERSION");
	if (peer.status != 0)
		skip("no GNU C library");
	(void)snprintf(expected, sizeof(expected), "%s", peer.out);
	*strchr(expected, ' ') = '\n';
	EXPECT_OUT(r, expected);
}

Test(seed, A7_9_word_size_and_byte_order)
{
	const uint16_t one = 1;
	struct json_lines lines = snapshot("platform");
	const struct json *s = json_get(lines.items[0], "system");

	cr_expect_str_eq(json_string(s, "os_name"), "posix");
	cr_expect_eq(json_int(s, "max_int", 0), (int64_t)SSIZE_MAX);
	cr_expect_str_eq(json_string(s, "byteorder"),
	                 *(const unsigned char *)&one == 1 ? "little" : "big");
}

Test(seed, A8_1_cpu)
{
	struct json_lines lines = snapshot("cpu");

	cr_expect(json_int(lines.items[0], "cpu.online", 0) >= 1);
	cr_expect_not_null(json_get(lines.items[0], "cpu.model"));
}

Test(seed, A8_2_memory)
{
	struct run r;

	machine_tree("x86-laptop", "m");
	r = RUN("sysinfo", "-s", "m", "memory");
	EXPECT_OUT_HAS(r, "  Total:                15.37 GiB\n  Available:            8.70 GiB\n");
	r = RUN("sysinfo", "-s", "m", "memory", "--bytes");
	EXPECT_OUT_HAS(r, "  Total:                16503595008\n");
}

Test(seed, A8_3_disks)
{
	struct run r = RUN("sysinfo", "disk");

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "SOURCE ");
	EXPECT_OUT_HAS(r, "TOTAL");
	EXPECT_OUT_HAS(r, "USED%  MOUNT\n");
	r = RUN("sysinfo", "--json", "disk");
	EXPECT_OUT_HAS(r, "\"mount\":\"/");
}

Test(seed, A8_4_each_as_keys_and_values)
{
	struct run r = RUN("sysinfo", "--json");
	struct json_lines lines = JSON_LINES(r);

	cr_expect_not_null(json_get(lines.items[0], "cpu.usable"));
	cr_expect_not_null(json_get(lines.items[0], "memory.total_bytes"));
	cr_expect_not_null(json_get(lines.items[0], "mounts"));
}

Test(seed, A8_5_load_and_top)
{
	struct run r = RUN("sysinfo", "load");
	struct json_lines lines;

	EXPECT_STATUS(r, 0);
	EXPECT_OUT_HAS(r, "1 minute:");
	EXPECT_OUT_HAS(r, "Verdict:");
	EXPECT_OUT_HAS(r, "Zombies:");
	r = RUN("sysinfo", "--json", "top", "-n", "1");
	lines = JSON_LINES(r);
	cr_expect_eq(json_get(lines.items[0], "top")->len, 1);
	cr_expect(json_int(lines.items[0], "top.0.value", 0) > 0);
}
