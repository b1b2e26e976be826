/* SPDX-License-Identifier: MIT */
/* sysinfo beside lscpu, free, df, nproc, uname and id, in what does not change between two looks.
 */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(peer_sysinfo, .init = sandbox_enter, .fini = sandbox_leave);

Test(peer_sysinfo, uname)
{
	static const char *const pairs[][2] = {
		{ "-s", "system.kernel_name" },    { "-n", "system.node" },
		{ "-r", "system.kernel_release" }, { "-v", "system.kernel_version" },
		{ "-m", "system.machine" },
	};

	need_program("uname");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct run peer = RUN_PEER("uname", pairs[i][0]);
		struct run r = RUN("sysinfo", pairs[i][1]);

		EXPECT_RUN(r, 0, peer.out, "");
	}
}

Test(peer_sysinfo, nproc)
{
	struct run r = RUN("sysinfo", "cpu.affinity");
	struct run peer;

	need_program("nproc");
	peer = run_peer("nproc", WORDS(NULL));
	EXPECT_RUN(r, 0, peer.out, "");
	peer = RUN_PEER("nproc", "--all");
	r = RUN("sysinfo", "cpu.possible", "cpu.present");
	EXPECT_STATUS(r, 0);
	cr_expect_not_null(strstr(r.out, peer.out));
}

/* The value of FIELD in `lscpu -J`, or NULL. */
static const char *lscpu_value(const struct json *list, const char *field)
{
	for (size_t i = 0; i < list->len; i++) {
		const char *name = json_string(list->items[i], "field");
		const char *value;

		if (name != NULL && strcmp(name, field) == 0)
			return json_string(list->items[i], "data");
		if (json_get(list->items[i], "children") == NULL)
			continue;
		value = lscpu_value(json_get(list->items[i], "children"), field);
		if (value != NULL)
			return value;
	}
	return NULL;
}

Test(peer_sysinfo, lscpu)
{
	static const char *const pairs[][2] = {
		{ "CPU(s):", "cpu.present" },
		{ "Model name:", "cpu.model" },
		{ "Vendor ID:", "cpu.vendor" },
		{ "Socket(s):", "cpu.sockets" },
		{ "Thread(s) per core:", "cpu.threads_per_core" },
		{ "NUMA node(s):", "cpu.numa_nodes" },
	};
	struct run peer;
	const char *why;
	const struct json *all;
	size_t at;

	need_program("lscpu");
	peer = RUN_PEER("lscpu", "-J");
	if (peer.status != 0)
		skip("lscpu -J does not work here");
	all = json_parse(peer.out, strlen(peer.out) - 1, &why, &at);
	if (all == NULL)
		skip("lscpu -J prints no JSON");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *value = lscpu_value(json_get(all, "lscpu"), pairs[i][0]);
		struct run r = RUN("sysinfo", pairs[i][1]);

		if (value == NULL || strcmp(value, "-") == 0)
			continue;
		cr_expect_eq(r.status, 0, "%s", pairs[i][1]);
		cr_expect_eq(strncmp(r.out, value, strlen(value)), 0, "%s: %s, lscpu: %s",
		             pairs[i][1], r.out, value);
	}
}

/* Total memory and swap, which do not change while nobody plugs anything. */
Test(peer_sysinfo, free)
{
	struct run r = RUN("sysinfo", "memory.total_bytes", "swap.total_bytes");
	struct run peer;

	need_program("free");
	need_program("awk");
	peer = RUN_PEER("sh", "-c", "free -b | awk 'NR > 1 { print $2 }'");
	EXPECT_RUN(r, 0, peer.out, "");
}

/* The sizes of file systems, by mount point. */
Test(peer_sysinfo, df)
{
	struct run r = RUN("sysinfo", "--json", "mounts");
	struct json_lines lines = JSON_LINES(r);
	const struct json *mounts = json_get(lines.items[0], "mounts");
	size_t compared = 0;

	need_program("df");
	need_program("awk");
	for (size_t i = 0; i < mounts->len; i++) {
		const char *mount = json_string(mounts->items[i], "mount");
		const char *number = json_number(mounts->items[i], "total_bytes");
		char script[4096];
		struct run peer;

		if (mount == NULL || number == NULL || strpbrk(mount, " '\"\\\n") != NULL)
			continue;
		(void)snprintf(script, sizeof(script),
		               "df -B1 --output=size,fstype '%s' | awk 'NR > 1 { print $1, $2 }'",
		               mount);
		peer = RUN_PEER("sh", "-c", script);
		(void)snprintf(script, sizeof(script), "%s %s\n", number,
		               json_string(mounts->items[i], "fstype"));
		cr_expect_str_eq(peer.out, script, "%s", mount);
		compared++;
	}
	cr_expect(compared > 0);
}

Test(peer_sysinfo, id)
{
	struct run r = RUN("sysinfo", "ids.euid", "ids.egid", "ids.uid", "ids.gid");
	struct run peer;

	need_program("id");
	peer = RUN_PEER("sh", "-c", "id -u; id -g; id -ru; id -rg");
	EXPECT_RUN(r, 0, peer.out, "");
}

Test(peer_sysinfo, getconf)
{
	struct run r = RUN("sysinfo", "system.page_size", "system.bits");
	struct run peer;

	need_program("getconf");
	peer = RUN_PEER("sh", "-c", "getconf PAGE_SIZE; getconf LONG_BIT");
	EXPECT_RUN(r, 0, peer.out, "");
}
