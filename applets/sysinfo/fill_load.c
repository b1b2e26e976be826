/* SPDX-License-Identifier: MIT */
/* load and uptime: how busy it is, for each processor that may be used, and since when it runs. */
#include "sysinfo.h"

#include "base/clock.h"
#include "sys/load_info.h"
#include "sys/process_facts.h"

#include <errno.h>
#include <time.h>

enum { NS = 1000000000, NS_PER_CENTI = 10000000 };

enum {
	LOAD_ONE,
	LOAD_FIVE,
	LOAD_FIFTEEN,
	LOAD_RUNNABLE,
	LOAD_TASKS,
	LOAD_CPUS,
	LOAD_ONE_PER_CPU,
	LOAD_FIVE_PER_CPU,
	LOAD_FIFTEEN_PER_CPU,
	LOAD_VERDICT,
	LOAD_PROCESSES,
	LOAD_BLOCKED,
	LOAD_ZOMBIES,
	LOAD_PID_MAX,
	LOAD_PIDS_LIMIT,
	LOAD_PIDS_USED,
	LOAD_PRESSURE,
	LOAD_COLS
};

static const struct column load_columns[] = {
	[LOAD_ONE] = { "one", COLUMN_FIXED, "tasks running or blocked, over a minute" },
	[LOAD_FIVE] = { "five", COLUMN_FIXED, "over five minutes" },
	[LOAD_FIFTEEN] = { "fifteen", COLUMN_FIXED, "over fifteen minutes" },
	[LOAD_RUNNABLE] = { "runnable", COLUMN_COUNT, "tasks that run or could" },
	[LOAD_TASKS] = { "tasks", COLUMN_COUNT, "all, threads too" },
	[LOAD_CPUS] = { "cpus", COLUMN_COUNT, "what the next three are divided by: cpu.usable" },
	[LOAD_ONE_PER_CPU] = { "one_per_cpu", COLUMN_FIXED, "over a minute, for each of them" },
	[LOAD_FIVE_PER_CPU] = { "five_per_cpu", COLUMN_FIXED, "over five minutes" },
	[LOAD_FIFTEEN_PER_CPU] = { "fifteen_per_cpu", COLUMN_FIXED, "over fifteen minutes" },
	[LOAD_VERDICT] = { "verdict", COLUMN_TEXT,
	                   "by five_per_cpu: idle < 0.1, fine < 0.7, busy <= 1, overloaded" },
	[LOAD_PROCESSES] = { "processes", COLUMN_COUNT, "that can be seen" },
	[LOAD_BLOCKED] = { "blocked", COLUMN_COUNT, "processes that wait for a device (D)" },
	[LOAD_ZOMBIES] = { "zombies", COLUMN_COUNT, "ended, but not collected by their parent" },
	[LOAD_PID_MAX] = { "pid_max", COLUMN_COUNT, "tasks the kernel can number" },
	[LOAD_PIDS_LIMIT] = { "pids_limit", COLUMN_COUNT, "of all groups, the least; null: none" },
	[LOAD_PIDS_USED] = { "pids_used", COLUMN_COUNT, "tasks in the group with that limit" },
	[LOAD_PRESSURE] = { "pressure", COLUMN_ITEMS, "shares of time lost by waiting" },
};

const struct column_table load_table = { load_columns, LOAD_COLS };

#define PER_CPU (PART_LOAD | PART_CPU_COUNT | PART_CPU_QUOTA)
#define EXTRA   (FIELD_VOLATILE | FIELD_NAMED)

const struct field load_fields[] = {
	[LOAD_ONE] = { PART_LOAD, FIELD_VOLATILE, "1 minute" },
	[LOAD_FIVE] = { PART_LOAD, FIELD_VOLATILE, "5 minutes" },
	[LOAD_FIFTEEN] = { PART_LOAD, FIELD_VOLATILE, "15 minutes" },
	[LOAD_RUNNABLE] = { PART_LOAD, FIELD_VOLATILE | FIELD_QUIET, "Runnable tasks" },
	[LOAD_TASKS] = { PART_LOAD, FIELD_VOLATILE, "Tasks" },
	[LOAD_CPUS] = { PER_CPU, FIELD_VOLATILE | FIELD_QUIET, "Usable processors" },
	[LOAD_ONE_PER_CPU] = { PER_CPU, FIELD_VOLATILE | FIELD_QUIET, "1 minute each" },
	[LOAD_FIVE_PER_CPU] = { PER_CPU, FIELD_VOLATILE | FIELD_QUIET, "5 minutes each" },
	[LOAD_FIFTEEN_PER_CPU] = { PER_CPU, FIELD_VOLATILE | FIELD_QUIET, "15 minutes each" },
	[LOAD_VERDICT] = { PER_CPU, FIELD_VOLATILE, "Verdict" },
	[LOAD_PROCESSES] = { PART_STATES, EXTRA, "Processes" },
	[LOAD_BLOCKED] = { PART_STATES, EXTRA, "Blocked" },
	[LOAD_ZOMBIES] = { PART_STATES, EXTRA, "Zombies" },
	[LOAD_PID_MAX] = { PART_STATES, EXTRA, "Most tasks" },
	[LOAD_PIDS_LIMIT] = { PART_PIDS_LIMIT, EXTRA, "Limit of tasks" },
	[LOAD_PIDS_USED] = { PART_PIDS_LIMIT, EXTRA, "Used of the limit" },
	[LOAD_PRESSURE] = { PART_PRESSURE, EXTRA, "Pressure" },
};

enum { PSI_RESOURCE, PSI_KIND, PSI_AVG10, PSI_AVG60, PSI_AVG300, PSI_COLS };

static const struct column pressure_columns[] = {
	[PSI_RESOURCE] = { "resource", COLUMN_TEXT, "cpu, memory or io" },
	[PSI_KIND] = { "kind", COLUMN_TEXT, "some tasks waited, or full: all" },
	[PSI_AVG10] = { "avg10_pct", COLUMN_FIXED, "over ten seconds" },
	[PSI_AVG60] = { "avg60_pct", COLUMN_FIXED, "over a minute" },
	[PSI_AVG300] = { "avg300_pct", COLUMN_FIXED, "over five minutes" },
};

const struct column_table pressure_table = { pressure_columns, PSI_COLS };

enum { UP_SECONDS, UP_BOOT, UP_COLS };

static const struct column uptime_columns[] = {
	[UP_SECONDS] = { "seconds", COLUMN_FIXED, "since the start, suspended time too" },
	[UP_BOOT] = { "boot_time", COLUMN_TIME, "collected_at less that" },
};

const struct column_table uptime_table = { uptime_columns, UP_COLS };

const struct field uptime_fields[] = {
	[UP_SECONDS] = { PART_UPTIME, FIELD_VOLATILE | FIELD_DURATION, "Up" },
	[UP_BOOT] = { PART_UPTIME, FIELD_VOLATILE, "Since" },
};

static const char *verdict(uint64_t centi_per_cpu)
{
	if (centi_per_cpu < 10)
		return "idle";
	if (centi_per_cpu < 70)
		return "fine";
	return centi_per_cpu <= 100 ? "busy" : "overloaded";
}

static void fill_averages(struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct load_average load = { 0 };
	uint64_t cpus = snapshot_wants(s, PART_CPU_COUNT) ? snapshot_usable_cpus(s) : 0;
	int r = machine_read(&s->machine, "proc/loadavg", MACHINE_FILE_MAX, &text);

	if (r == 0)
		r = load_average_parse(strbuf_str(&text), text.len, &load);
	if (r < 0) {
		machine_note(&s->machine, "load.one", "/proc/loadavg", -r);
		return;
	}
	for (int i = 0; i < 3; i++) {
		set_fixed(s, SECTION_LOAD, LOAD_ONE + i, load.centi[i], 2);
		if (cpus != 0)
			set_fixed(s, SECTION_LOAD, LOAD_ONE_PER_CPU + i, load.centi[i] / cpus, 2);
	}
	set_u64(s, SECTION_LOAD, LOAD_RUNNABLE, load.runnable);
	set_u64(s, SECTION_LOAD, LOAD_TASKS, load.tasks);
	if (cpus != 0) {
		set_u64(s, SECTION_LOAD, LOAD_CPUS, cpus);
		set_text(s, SECTION_LOAD, LOAD_VERDICT, verdict(load.centi[1] / cpus));
	}
}

static void fill_states(struct snapshot *s)
{
	struct process_states states;
	uint64_t pid_max;
	int r = process_states_read(&s->machine, &states);

	/* There is always one: that which looks. */
	if (r == 0 && states.processes == 0)
		r = -ENOENT;
	if (r < 0) {
		machine_note(&s->machine, "load.processes", "/proc", -r);
	} else {
		set_u64(s, SECTION_LOAD, LOAD_PROCESSES, states.processes);
		set_u64(s, SECTION_LOAD, LOAD_BLOCKED, states.blocked);
		set_u64(s, SECTION_LOAD, LOAD_ZOMBIES, states.zombies);
	}
	r = machine_read_u64(&s->machine, "proc/sys/kernel/pid_max", &pid_max);
	if (r < 0)
		machine_note(&s->machine, "load.pid_max", "/proc/sys/kernel/pid_max", -r);
	else
		set_u64(s, SECTION_LOAD, LOAD_PID_MAX, pid_max);
}

static void add_pressure(struct snapshot *s, const char *resource, const char *kind,
                         const struct strbuf *text)
{
	struct pressure p;
	struct record row;

	if (pressure_parse(strbuf_str(text), text->len, kind, &p) < 0)
		return;
	record_begin(&row, "item", &pressure_table);
	row_text(s, &row, PSI_RESOURCE, resource);
	row_text(s, &row, PSI_KIND, kind);
	record_fixed(&row, PSI_AVG10, (int64_t)p.avg10, 2);
	record_fixed(&row, PSI_AVG60, (int64_t)p.avg60, 2);
	record_fixed(&row, PSI_AVG300, (int64_t)p.avg300, 2);
	list_push(&s->pressures, &row);
}

static void fill_pressure(struct snapshot *s)
{
	static const char resources[][8] = { "cpu", "memory", "io" };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(resources); i++) {
		char path[MACHINE_PATH_MAX];
		int r;

		(void)snprintf(path, sizeof(path), "/proc/pressure/%s", resources[i]);
		r = machine_read(&s->machine, path + 1, MACHINE_FILE_MAX, &text);
		if (r < 0) {
			machine_note(&s->machine, "load.pressure", path, -r);
			continue;
		}
		add_pressure(s, resources[i], "some", &text);
		add_pressure(s, resources[i], "full", &text);
		s->records[SECTION_LOAD].values[LOAD_PRESSURE].kind = VALUE_ITEMS;
	}
}

static void fill_pids(struct snapshot *s)
{
	const struct cgroup_limits *l = &s->limits_of_group;

	if (!l->pids.known)
		return;
	set_u64(s, SECTION_LOAD, LOAD_PIDS_LIMIT, l->pids.value);
	if (l->tasks_known)
		set_u64(s, SECTION_LOAD, LOAD_PIDS_USED, l->tasks);
}

void fill_load(struct snapshot *s)
{
	if (snapshot_wants(s, PART_LOAD))
		fill_averages(s);
	if (snapshot_wants(s, PART_STATES))
		fill_states(s);
	if (snapshot_wants(s, PART_PIDS_LIMIT))
		fill_pids(s);
	if (snapshot_wants(s, PART_PRESSURE))
		fill_pressure(s);
}

/* Nanoseconds since the start. 0 or -errno. */
static int read_uptime(const struct machine *m, int64_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct timespec boot;
	int r = machine_read(m, "proc/uptime", MACHINE_FILE_MAX, &text);

	if (r == 0)
		r = uptime_parse(strbuf_str(&text), text.len, ret);
	/* What /proc/uptime shows, without a /proc. */
	if (r < 0 && m->is_live && clock_gettime(CLOCK_BOOTTIME, &boot) == 0) {
		*ret = (int64_t)boot.tv_sec * NS + boot.tv_nsec;
		r = 0;
	}
	return r;
}

/* "btime 1700000000" in a recorded /proc/stat, whose clock is not ours. 0 or -errno. */
static int read_btime(const struct machine *m, int64_t *ret_ns)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = machine_read(m, "proc/stat", MACHINE_FILE_MAX, &text);
	const char *at = strbuf_str(&text);
	const char *end = at + text.len;
	const char *line;
	size_t len;

	if (r < 0)
		return r;
	while ((line = text_line(&at, end, &len)) != NULL) {
		uint64_t seconds;

		if (len > 6 && memcmp(line, "btime ", 6) == 0 &&
		    text_scan_u64(line + 6, len - 6, &seconds, NULL) == 0 &&
		    seconds < INT64_MAX / NS) {
			*ret_ns = (int64_t)seconds * NS;
			return 0;
		}
	}
	return -EBADMSG;
}

static void set_boot(struct snapshot *s, int64_t ns)
{
	struct timespec boot = { .tv_sec = ns / NS, .tv_nsec = ns % NS };

	/* A clock that was never set may say that it was before 1970. */
	if (boot.tv_nsec < 0) {
		boot.tv_sec--;
		boot.tv_nsec += NS;
	}
	/* No finer than the kernel tells. */
	boot.tv_nsec -= boot.tv_nsec % NS_PER_CENTI;
	record_time(&s->records[SECTION_UPTIME], UP_BOOT, boot);
	s->boot_known = true;
	s->boot_ns = ns;
}

void fill_uptime(struct snapshot *s)
{
	int64_t up = 0;
	int64_t boot = 0;
	int r;

	if (!snapshot_wants(s, PART_UPTIME))
		return;
	r = read_uptime(&s->machine, &up);
	if (r < 0)
		machine_note(&s->machine, "uptime.seconds", "/proc/uptime", -r);
	else
		set_fixed(s, SECTION_UPTIME, UP_SECONDS, (uint64_t)(up / NS_PER_CENTI), 2);
	if (s->machine.is_live && r == 0) {
		set_boot(s, (int64_t)s->collected.tv_sec * NS + s->collected.tv_nsec - up);
		return;
	}
	r = s->machine.is_live ? r : read_btime(&s->machine, &boot);
	if (r < 0)
		machine_note(&s->machine, "uptime.boot_time",
		             s->machine.is_live ? "/proc/uptime" : "/proc/stat", -r);
	else
		set_boot(s, boot);
}
