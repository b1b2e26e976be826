/* SPDX-License-Identifier: MIT */
#include "process_columns.h"

#include "sysinfo.h"

_Static_assert((int)PROC_COLS <= (int)RECORD_COLUMNS_MAX,
               "a record has no room for so many columns");

static const struct column process_columns[] = {
	[PROC_PID] = { "pid", COLUMN_COUNT, "the caller's, or PID" },
	[PROC_PPID] = { "ppid", COLUMN_COUNT, "its parent" },
	[PROC_PGID] = { "pgid", COLUMN_COUNT, "its process group" },
	[PROC_SID] = { "sid", COLUMN_COUNT, "its session" },
	[PROC_NAME] = { "name", COLUMN_NAME, "as it calls itself" },
	[PROC_STATE] = { "state", COLUMN_TEXT, "R S D T Z ... as in ps" },
	[PROC_COMMAND] = { "command", COLUMN_NAMES, "its arguments" },
	[PROC_EXE] = { "exe", COLUMN_NAME, "the program's file" },
	[PROC_CWD] = { "cwd", COLUMN_NAME, "its working directory" },
	[PROC_TTY] = { "tty", COLUMN_NAME, "its terminal; null: none" },
	[PROC_UID] = { "uid", COLUMN_COUNT, "real user" },
	[PROC_EUID] = { "euid", COLUMN_COUNT, "effective user" },
	[PROC_GID] = { "gid", COLUMN_COUNT, "real group" },
	[PROC_EGID] = { "egid", COLUMN_COUNT, "effective group" },
	[PROC_USER] = { "user", COLUMN_NAME, "name of euid" },
	[PROC_GROUP] = { "group", COLUMN_NAME, "name of egid" },
	[PROC_STARTED] = { "started", COLUMN_TIME, "when" },
	[PROC_CPU] = { "cpu_s", COLUMN_FIXED, "processor time so far" },
	[PROC_NICE] = { "nice", COLUMN_INT, "-20 to 19" },
	[PROC_THREADS] = { "threads", COLUMN_COUNT, "of the process" },
	[PROC_FDS] = { "fds", COLUMN_COUNT, "open descriptors" },
	[PROC_RSS] = { "rss_bytes", COLUMN_SIZE, "memory, shared pages too" },
	[PROC_PSS] = { "pss_bytes", COLUMN_SIZE, "memory, its part of shared pages" },
	[PROC_SWAP] = { "swap_bytes", COLUMN_SIZE, "swapped out" },
	[PROC_CGROUP] = { "cgroup", COLUMN_NAME, "its control group" },
	[PROC_OOM] = { "oom_score", COLUMN_INT, "the highest is killed first" },
	[PROC_OOM_ADJ] = { "oom_score_adj", COLUMN_INT, "-1000: never, 1000: first" },
	[PROC_NO_NEW_PRIVS] = { "no_new_privs", COLUMN_BOOL, "it can gain no rights" },
	[PROC_SECCOMP] = { "seccomp", COLUMN_COUNT, "0 off, 1 strict, 2 filtered" },
	[PROC_CAPS] = { "capabilities", COLUMN_NAMES, "effective ones" },
	[PROC_CAPS_PERMITTED] = { "capabilities_permitted", COLUMN_NAMES, "it may take" },
	[PROC_SIG_BLOCKED] = { "signals_blocked", COLUMN_NAMES, "of its first thread" },
	[PROC_SIG_IGNORED] = { "signals_ignored", COLUMN_NAMES, "by the process" },
	[PROC_SIG_CAUGHT] = { "signals_caught", COLUMN_NAMES, "it has a handler for" },
	[PROC_SIG_PENDING] = { "signals_pending", COLUMN_NAMES, "sent, but blocked" },
	[PROC_LIMITS] = { "limits", COLUMN_ITEMS, "resource limits" },
	[PROC_NAMESPACES] = { "namespaces", COLUMN_ITEMS, "it is in" },
};

const struct column_table process_table = { process_columns, PROC_COLS };

#define ROW(l)                                                \
	{                                                     \
		PART_PROCESS, FIELD_NAMED | FIELD_VOLATILE, l \
	}

const struct field process_fields[] = {
	[PROC_PID] = ROW("Process"),
	[PROC_PPID] = ROW("Parent"),
	[PROC_PGID] = ROW("Process group"),
	[PROC_SID] = ROW("Session"),
	[PROC_NAME] = ROW("Name"),
	[PROC_STATE] = ROW("State"),
	[PROC_COMMAND] = ROW("Command"),
	[PROC_EXE] = ROW("Program"),
	[PROC_CWD] = ROW("Directory"),
	[PROC_TTY] = ROW("Terminal"),
	[PROC_UID] = ROW("Real user"),
	[PROC_EUID] = ROW("Effective user"),
	[PROC_GID] = ROW("Real group"),
	[PROC_EGID] = ROW("Effective group"),
	[PROC_USER] = ROW("User"),
	[PROC_GROUP] = ROW("Group"),
	[PROC_STARTED] = ROW("Started"),
	[PROC_CPU] = { PART_PROCESS, FIELD_NAMED | FIELD_VOLATILE | FIELD_DURATION, "CPU time" },
	[PROC_NICE] = ROW("Nice"),
	[PROC_THREADS] = ROW("Threads"),
	[PROC_FDS] = ROW("Descriptors"),
	[PROC_RSS] = ROW("Memory (RSS)"),
	[PROC_PSS] = ROW("Memory (PSS)"),
	[PROC_SWAP] = ROW("Swapped out"),
	[PROC_CGROUP] = ROW("Control group"),
	[PROC_OOM] = ROW("OOM score"),
	[PROC_OOM_ADJ] = ROW("OOM adjustment"),
	[PROC_NO_NEW_PRIVS] = ROW("No new privileges"),
	[PROC_SECCOMP] = ROW("Seccomp"),
	[PROC_CAPS] = ROW("Capabilities"),
	[PROC_CAPS_PERMITTED] = ROW("Permitted"),
	[PROC_SIG_BLOCKED] = ROW("Signals blocked"),
	[PROC_SIG_IGNORED] = ROW("Signals ignored"),
	[PROC_SIG_CAUGHT] = ROW("Signals caught"),
	[PROC_SIG_PENDING] = ROW("Signals pending"),
	[PROC_LIMITS] = ROW("Limits"),
	[PROC_NAMESPACES] = ROW("Namespaces"),
};

static const struct column limit_columns[] = {
	[LIM_NAME] = { "name", COLUMN_NAME, "as /proc/PID/limits calls it" },
	[LIM_SOFT] = { "soft", COLUMN_COUNT, "what counts; null: none" },
	[LIM_HARD] = { "hard", COLUMN_COUNT, "it may be raised to; null: none" },
	[LIM_UNIT] = { "unit", COLUMN_NAME, "bytes, files, us ...; null: none" },
};

const struct column_table limit_table = { limit_columns, LIM_COLS };

static const struct column namespace_columns[] = {
	[NS_TYPE] = { "type", COLUMN_TEXT, "mnt, net, pid ..." },
	[NS_ID] = { "id", COLUMN_COUNT, "inode: the same for all in it" },
};

const struct column_table namespace_table = { namespace_columns, NS_COLS };
