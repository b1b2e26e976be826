/* SPDX-License-Identifier: MIT */
/*
 * What procfs tells about one process (proc(5)), for people who ask: how much it uses, and what it
 * may do. Everything is read anew and may have changed between two files.
 */
#pragma once

#include "base/strbuf.h"
#include "base/vec.h"
#include "sys/machine.h"
#include "sys/proc_stat.h"

/* What costs more than one small file. */
enum process_want {
	PROCESS_WANT_UID = 1 << 0,
	PROCESS_WANT_SWAP = 1 << 1,
	PROCESS_WANT_PSS = 1 << 2, /* smaps_rollup: own processes, or all for root */
	PROCESS_WANT_FDS = 1 << 3,
	PROCESS_WANT_CGROUP = 1 << 4,
};

struct process_use {
	struct proc_stat stat;
	bool uid_known;
	uint64_t uid; /* the effective one */
	bool pss_known, swap_known, fds_known;
	uint64_t pss_bytes, swap_bytes, fds;
	struct strbuf cgroup; /* of version 2, else the longest of version 1; "": unknown */
};

struct process_uses {
	VEC_FIELDS(struct process_use);
};

/* What is wanted of one process, but for its stat; what cannot be read stays unknown. */
void process_use_read(const struct machine *m, pid_t pid, unsigned wanted, struct process_use *ret);
/* All processes, by ascending pid; those that vanish meanwhile are left out. 0 or -errno. */
MUST_USE int process_uses_read(const struct machine *m, unsigned wanted, struct process_uses *ret);
void process_uses_release(struct process_uses *uses);

/* States of all processes: how many wait for a device, and how many are dead but not collected. */
struct process_states {
	uint64_t processes, blocked, zombies;
};
MUST_USE int process_states_read(const struct machine *m, struct process_states *ret);

/*
 * The value of a line "KEY:\tVALUE" in PID/status, the blanks around it dropped; NULL: there is
 * none. Pure.
 */
const char *process_status_value(const char *text, size_t len, const char *key, size_t *ret_len);
/* The same as a number: the first one (0 in `index`), or a later one. */
bool process_status_number(const struct strbuf *status, const char *key, unsigned index,
                           uint64_t *ret);
/* A mask in hexadecimal. */
bool process_status_mask(const struct strbuf *status, const char *key, uint64_t *ret);

/* A line of PID/limits; a limit that there is not is UINT64_MAX. */
struct process_limit {
	char name[32]; /* "open files" */
	uint64_t soft, hard;
	char unit[16]; /* "bytes"; "" */
};
/* Line by line: moves *at on, false at the end. Pure. */
bool process_limit_next(const char **at, const char *end, struct process_limit *ret);

/* "cap_chown", NULL: the kernel is newer than this table (capabilities(7)). Pure. */
const char *capability_name(unsigned number);
enum { CAPABILITY_NUMBER_MAX = 63 };
