/* SPDX-License-Identifier: MIT */
/*
 * A set of processor numbers, as the kernel writes them in lists: "0-3,8,10-11" (Linux,
 * Documentation/admin-guide/cputopology.rst). A zeroed struct is the empty set.
 */
#pragma once

#include "base/base.h"

enum { CPU_NUMBER_MAX = (1 << 20) - 1 }; /* far beyond any kernel's NR_CPUS */

struct cpu_set {
	uint64_t *words; /* owned */
	size_t len;
};

void cpu_set_release(struct cpu_set *set);
void cpu_set_add(struct cpu_set *set, unsigned cpu);
bool cpu_set_has(const struct cpu_set *set, unsigned cpu);
size_t cpu_set_count(const struct cpu_set *set);
/* Adds all of `other`. */
void cpu_set_merge(struct cpu_set *set, const struct cpu_set *other);
/* The least number from `from` on that is in it; -1: none. */
int cpu_set_next(const struct cpu_set *set, unsigned from);
/*
 * Adds the numbers of a list; the empty list is fine, a stride ("0-31:1/4") is understood. 0, or
 * -EBADMSG when it makes no sense: what was understood before that is in the set.
 */
MUST_USE int cpu_set_parse(const char *text, size_t len, struct cpu_set *ret);

#define AUTO_RELEASE_CPU_SET __attribute__((cleanup(cpu_set_release)))
