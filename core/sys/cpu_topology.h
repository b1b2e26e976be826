/* SPDX-License-Identifier: MIT */
/*
 * Sockets, cores, nodes, caches and clock rates, from sysfs (Linux, Documentation/admin-guide/
 * cputopology.rst and ABI/testing/sysfs-devices-system-cpu). Virtual machines and sandboxes
 * often have only a part of it; what is missing is 0.
 */
#pragma once

#include "base/vec.h"
#include "sys/cpu_set.h"
#include "sys/machine.h"

struct cpu_cache {
	unsigned level;
	char type[12]; /* "Data", "Instruction", "Unified" */
	uint64_t size_bytes;
	size_t instances;
};

struct cpu_topology {
	size_t sockets, cores;
	size_t threads_per_core; /* of the core that has most */
	size_t numa_nodes;
	uint64_t khz, khz_min, khz_max; /* as the frequency driver has them */
	struct {
		VEC_FIELDS(struct cpu_cache);
	} caches; /* by level and type */
};

/*
 * Of the processors in `online`. Notes troubles as "cpu.sockets", "cpu.cores", "cpu.caches",
 * "cpu.numa_nodes"; clock rates are known on few machines and not noted.
 */
void cpu_topology_read(struct machine *m, const struct cpu_set *online, struct cpu_topology *ret);
void cpu_topology_release(struct cpu_topology *topology);
/* "32K", "1024K", "32M" in bytes, as sysfs writes sizes of caches. 0 or -EBADMSG. Pure. */
MUST_USE int cpu_cache_parse_size(const char *text, uint64_t *ret);
