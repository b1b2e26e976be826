/* SPDX-License-Identifier: MIT */
/*
 * Whether the machine has room for more, read below a procfs directory that is a parameter: the
 * load as loadavg has it, the memory as meminfo has it (proc(5)). Pure but for the reading.
 */
#pragma once

#include "base/base.h"

/*
 * In hundredths, what is greater: the load of the last minute, or the number of tasks that want a
 * processor right now, the caller left out: a load follows its causes too slowly to
 * hold back what is started at once. 0, -errno or -EINVAL.
 */
MUST_USE int machine_load(int proc, uint64_t *ret);
/* Bytes that programs may take without swapping. 0, -errno, or -EINVAL: an unknown form. */
MUST_USE int machine_available(int proc, uint64_t *ret);
