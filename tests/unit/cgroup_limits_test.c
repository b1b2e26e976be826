/* SPDX-License-Identifier: MIT */
#include "sys/cgroup_limits.h"

#include "support/machine_tree.h"
#include "support/sandbox.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(cgroup_limits, .init = sandbox_enter, .fini = sandbox_leave);

Test(cgroup_limits, reads_quotas)
{
	static const struct {
		const char *text;
		int r;
		uint64_t milli;
	} cases[] = {
		{ "max 100000", -ENOENT, 0 }, { "max", -ENOENT, 0 },
		{ "50000 100000", 0, 500 },   { "399000 100000", 0, 3990 },
		{ "1 1000000", 0, 0 },        { "0 100000", -EBADMSG, 0 },
		{ "1 0", -EBADMSG, 0 },       { "", -EBADMSG, 0 },
		{ "100000", -EBADMSG, 0 },    { "-1 100000", -EBADMSG, 0 },
		{ "1 2 3", -EBADMSG, 0 },     { "99999999999999999999 1", -EBADMSG, 0 },
		{ "maximum 1", -EBADMSG, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t milli = 42;

		cr_expect_eq(cgroup_parse_cpu_max(cases[i].text, &milli), cases[i].r, "case %zu",
		             i);
		cr_expect_eq(milli, cases[i].r == 0 ? cases[i].milli : 42, "case %zu", i);
	}
}

Test(cgroup_limits, reads_limits)
{
	static const struct {
		const char *text;
		int r;
		uint64_t value;
	} cases[] = {
		{ "max", -ENOENT, 0 },
		{ "-1", -ENOENT, 0 },
		{ "0", 0, 0 },
		{ "536870912", 0, 536870912 },
		{ "9223372036854771712", -ENOENT, 0 }, /* pages of 4 KiB */
		{ "9223372036854710272", -ENOENT, 0 }, /* of 64 KiB */
		{ "18446744073709551615", -ENOENT, 0 },
		{ "18446744073709551616", -EBADMSG, 0 },
		{ "1 2", -EBADMSG, 0 },
		{ "", -EBADMSG, 0 },
		{ "1k", -EBADMSG, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t value = 42;

		cr_expect_eq(cgroup_parse_limit(cases[i].text, &value), cases[i].r, "case %zu", i);
		cr_expect_eq(value, cases[i].r == 0 ? cases[i].value : 42, "case %zu", i);
	}
}

struct where {
	const char *cgroup, *mountinfo;
	enum cgroup_version version;
	enum cgroup_controller place;
	const char *point, *below; /* NULL: not mounted */
	bool is_clipped;
};

static void expect_where(const struct where *w, size_t i)
{
	struct strbuf cgroup = { 0 };
	struct strbuf mountinfo = { 0 };
	struct cgroup_paths paths = { 0 };
	const struct cgroup_place *place = &paths.places[w->place];

	strbuf_add_str(&cgroup, w->cgroup);
	strbuf_add_str(&mountinfo, w->mountinfo);
	cgroup_paths_parse(&cgroup, &mountinfo, &paths);
	cr_expect_eq(paths.version, w->version, "case %zu", i);
	cr_expect_eq(place->mounted, w->point != NULL, "case %zu", i);
	if (w->point != NULL) {
		cr_expect_str_eq(strbuf_str(&place->point), w->point, "case %zu", i);
		cr_expect_str_eq(strbuf_str(&place->below), w->below, "case %zu", i);
		cr_expect_eq(place->is_clipped, w->is_clipped, "case %zu", i);
	}
	cgroup_paths_release(&paths);
	strbuf_release(&cgroup);
	strbuf_release(&mountinfo);
}

Test(cgroup_limits, finds_where_the_group_is)
{
	static const struct where cases[] = {
		{ "0::/a/b\n", "1 2 0:3 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", CGROUP_V2,
		  CGROUP_UNIFIED, "sys/fs/cgroup", "a/b", false },
		/* Mounted elsewhere, with optional fields and an escaped name. */
		{ "0::/a\n", "1 2 0:3 / /my\\040groups rw shared:1 master:2 - cgroup2 x rw\n",
		  CGROUP_V2, CGROUP_UNIFIED, "my groups", "a", false },
		/* Only the container's part of the tree is mounted. */
		{ "0::/docker/x/y\n", "1 2 0:3 /docker/x /sys/fs/cgroup rw - cgroup2 c rw\n",
		  CGROUP_V2, CGROUP_UNIFIED, "sys/fs/cgroup", "y", false },
		/* What is mounted is another part: a beginning in common is not enough. */
		{ "0::/docker/xyz\n", "1 2 0:3 /docker/x /sys/fs/cgroup rw - cgroup2 c rw\n",
		  CGROUP_V2, CGROUP_UNIFIED, "sys/fs/cgroup", "", true },
		/* The group is outside of the namespace. */
		{ "0::/../other\n", "1 2 0:3 / /sys/fs/cgroup rw - cgroup2 c rw\n", CGROUP_V2,
		  CGROUP_UNIFIED, "sys/fs/cgroup", "", true },
		{ "0::/\n", "", CGROUP_V2, CGROUP_UNIFIED, NULL, NULL, false },
		{ "4:memory:/m\n1:cpu,cpuacct:/c\n",
		  "1 2 0:3 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n", CGROUP_V1, CGROUP_CPU,
		  "cg/cpu", "c", false },
		{ "4:memory:/m\n1:cpuacct:/c\n", "1 2 0:3 / /cg rw - cgroup cgroup rw,cpuacct\n",
		  CGROUP_V1, CGROUP_CPU, NULL, NULL, false },
		/* A name alone limits nothing. */
		{ "1:name=systemd:/x\n0::/y\n", "1 2 0:3 / /cg rw - cgroup2 cgroup2 rw\n",
		  CGROUP_V2, CGROUP_UNIFIED, "cg", "y", false },
		{ "2:memory:/m\n0::/y\n", "1 2 0:3 / /cg rw - cgroup2 cgroup2 rw\n", CGROUP_HYBRID,
		  CGROUP_UNIFIED, "cg", "y", false },
		{ "", "1 2 0:3 / /cg rw - cgroup2 cgroup2 rw\n", CGROUP_NO_VERSION, CGROUP_UNIFIED,
		  NULL, NULL, false },
		{ "nonsense\n0:\n0::\n:::\n", "x\n- - -\n\n", CGROUP_NO_VERSION, CGROUP_UNIFIED,
		  NULL, NULL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		expect_where(&cases[i], i);
}

/* The limit of a grandparent counts, wherever the group itself is. */
Test(cgroup_limits, looks_at_every_group_above)
{
	struct cgroup_limits l = { 0 };
	struct machine m;

	machine_tree("kubernetes", "m");
	cr_assert_eq(machine_open("m", &m), 0);
	cgroup_limits_read(&m, CGROUP_WANT_CPU | CGROUP_WANT_MEMORY | CGROUP_WANT_PIDS, &l);
	cr_expect_eq(m.troubles.len, 0);
	cr_expect(l.quota.known);
	cr_expect_eq(l.quota.value, 2500);
	cr_expect_eq(l.memory.value, 1073741824);
	cr_expect(!l.pids.known);
	cr_expect(l.left_known);
	cr_expect_eq(l.left_bytes, 1000000000);
	cgroup_limits_release(&l);
	machine_close(&m);
}

Test(cgroup_limits, values_that_make_no_sense_are_noted)
{
	struct cgroup_limits l = { 0 };
	struct machine m;

	machine_tree_text("== proc/self/cgroup\n0::/\n"
	                  "== proc/self/mountinfo\n1 2 0:3 / /cg rw - cgroup2 c rw\n"
	                  "== cg/cpu.max\nlots\n"
	                  "== cg/memory.max\n\n",
	                  "m");
	cr_assert_eq(machine_open("m", &m), 0);
	cgroup_limits_read(&m, CGROUP_WANT_CPU | CGROUP_WANT_MEMORY, &l);
	cr_expect(!l.quota.known);
	cr_expect(!l.memory.known);
	cr_assert_eq(m.troubles.len, 2);
	cr_expect_str_eq(m.troubles.items[0].field, "cpu.quota");
	cr_expect_str_eq(m.troubles.items[0].source, "/cg/cpu.max");
	cr_expect_eq(m.troubles.items[0].err, EBADMSG);
	cr_expect_str_eq(m.troubles.items[1].field, "memory.limit_bytes");
	cgroup_limits_release(&l);
	machine_close(&m);
}

Test(cgroup_limits, groups_that_cannot_be_seen_are_noted)
{
	struct cgroup_limits l = { 0 };
	struct machine m;

	machine_tree_text("== proc/self/cgroup\n0::/x\n== proc/self/mountinfo\n"
	                  "1 2 8:1 / / rw - ext4 a rw\n",
	                  "m");
	cr_assert_eq(machine_open("m", &m), 0);
	cgroup_limits_read(&m, CGROUP_WANT_CPU, &l);
	cr_assert_eq(m.troubles.len, 1);
	cr_expect_str_eq(m.troubles.items[0].field, "cpu.quota");
	cr_expect_eq(m.troubles.items[0].err, ENOENT);
	cgroup_limits_release(&l);
	machine_close(&m);
}
