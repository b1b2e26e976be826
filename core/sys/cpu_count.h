/* SPDX-License-Identifier: MIT */
/*
 * How many processors: as the kernel counts them, as this process may use them, and how they are
 * put together. Masked, cut off and contradicting sources are the rule in containers, so
 * each number has its own source and stands for itself.
 */
#pragma once

#include "sys/cpu_set.h"
#include "sys/machine.h"

struct cpu_counts {
	struct cpu_set online, present; /* empty: unknown */
	size_t online_count;            /* also when the numbers are unknown; 0: unknown */
	size_t possible;                /* 0: unknown */
	size_t affinity;                /* what the scheduler lets this process use; 0: unknown */
};

/* Notes troubles as "cpu.online", "cpu.present", "cpu.possible", "cpu.affinity". */
void cpu_count(struct machine *m, struct cpu_counts *ret);
void cpu_counts_release(struct cpu_counts *counts);

/* A number of processors a quota stands for, in thousandths: rounded up. */
uint64_t cpu_quota_ceil(uint64_t quota_milli);
