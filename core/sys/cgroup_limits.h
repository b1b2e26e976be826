/* SPDX-License-Identifier: MIT */
/*
 * What the control groups leave a process: the least of the limits of its own group and of all
 * those above it that can be seen. Files as in Linux, Documentation/admin-guide/cgroup-v2.rst
 * and cgroup-v1/memory.rst; scheduler/sched-bwc.rst for the quota of version 1.
 */
#pragma once

#include "sys/cgroup_paths.h"
#include "sys/machine.h"

struct cgroup_limit {
	bool known;           /* there is a limit */
	uint64_t value;       /* bytes, tasks; for processors thousandths, rounded down */
	struct strbuf source; /* the file that has it, with a slash in front */
};

struct cgroup_limits {
	struct cgroup_paths paths;
	struct cgroup_limit quota;
	struct cgroup_limit memory; /* the lesser of max and high */
	struct cgroup_limit swap;
	struct cgroup_limit pids;
	bool usage_known;
	uint64_t usage_bytes; /* of the process's own group */
	bool left_known;
	uint64_t left_bytes; /* the least that a limited group has left; its cold file pages, which
	                        the kernel drops first, count as left */
	bool tasks_known;
	uint64_t tasks; /* in the group that limits them */
};

enum {
	CGROUP_WANT_CPU = 1 << 0,
	CGROUP_WANT_MEMORY = 1 << 1,
	CGROUP_WANT_PIDS = 1 << 2,
};

/*
 * Of this process, or of that which recorded the tree. Notes troubles as "cpu.quota",
 * "memory.limit_bytes", "load.pids_limit" and "container.cgroup_version". A zeroed struct is
 * filled.
 */
void cgroup_limits_read(struct machine *m, unsigned wanted, struct cgroup_limits *ret);
void cgroup_limits_release(struct cgroup_limits *limits);

/*
 * "50000 100000" as in cpu.max: thousandths of a processor, rounded down. 0; -ENOENT for "max
 * 100000", no limit; -EBADMSG. Pure.
 */
MUST_USE int cgroup_parse_cpu_max(const char *text, uint64_t *ret_milli);
/* A number, or "max" and version 1's huge numbers, which are none: -ENOENT. -EBADMSG. Pure. */
MUST_USE int cgroup_parse_limit(const char *text, uint64_t *ret);
