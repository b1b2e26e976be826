/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. A snapshot holds sections, a section holds fields, and a
 * field is a column of the section's record: all outputs (text, single fields, JSON, shell
 * variables, comparison) are made from that. gather.c calls the fill_ functions, which ask the
 * modules of facts in core/sys only for what was asked for.
 */
#pragma once

#include "cli/applet.h"
#include "sys/cgroup_limits.h"
#include "sys/cpu_count.h"
#include "sys/cpu_model.h"
#include "sys/machine.h"
#include "sys/memory_info.h"
#include "sys/system_id.h"

enum { SCHEMA_VERSION = 1 };

/* What must be found out for a field: each is done once. */
enum part {
	PART_UNAME = 1 << 0,
	PART_LIBC = 1 << 1,
	PART_OS = 1 << 2,
	PART_CPU_MODEL = 1 << 3,
	PART_CPU_COUNT = 1 << 4,
	PART_CPU_TOPOLOGY = 1 << 5,
	PART_CPU_QUOTA = 1 << 6,
	PART_MEMINFO = 1 << 7,
	PART_MEMORY_LIMIT = 1 << 8,
	PART_PIDS_LIMIT = 1 << 9,
	PART_CGROUP = 1 << 10, /* where it is, without limits */
	PART_LOAD = 1 << 11,
	PART_STATES = 1 << 12,
	PART_PRESSURE = 1 << 13,
	PART_UPTIME = 1 << 14,
	PART_MOUNTS = 1 << 15,
	PART_KIND = 1 << 16,
	PART_IDS = 1 << 17,
	PART_TOOL = 1 << 18,
	PART_PROCESS = 1 << 19,
	PART_TOP = 1 << 20,
	PART_RUNTIMES = 1 << 21,
	PART_FEATURES = 1 << 22,
};

enum field_flag {
	FIELD_VOLATILE = 1 << 0, /* --diff passes over it */
	FIELD_NAMED = 1 << 1,    /* only with its section by name, itself, or --all */
	FIELD_RAW = 1 << 2,      /* only by itself or with --all */
	FIELD_QUIET = 1 << 3,    /* not in the text of the whole machine */
	FIELD_DURATION = 1 << 4, /* seconds */
	FIELD_PERCENT = 1 << 5,
	FIELD_CLOCK = 1 << 6, /* MHz */
};

/* A field, beside what its column says. */
struct field {
	uint32_t parts;
	uint8_t flags;
	char label[23]; /* for people */
};

enum section_id {
	SECTION_SYSTEM,
	SECTION_OS,
	SECTION_LIBC,
	SECTION_CPU,
	SECTION_MEMORY,
	SECTION_SWAP,
	SECTION_LOAD,
	SECTION_UPTIME,
	SECTION_MOUNTS,
	SECTION_CONTAINER,
	SECTION_IDS,
	SECTION_TOOL,
	SECTION_PROCESS, /* from here on: only by name */
	SECTION_TOP,
	SECTION_RUNTIMES,
	SECTION_CAPABILITIES,
	SECTIONS,
	SECTIONS_DEFAULT = SECTION_PROCESS,
};

/* Rows with columns of their own. */
struct list {
	const struct column_table *table;
	VEC_FIELDS(struct record_value); /* table->len values a row */
};

/* A section is an object of fields, or a list. */
struct section {
	char name[13];
	char alias[10]; /* "" : none */
	char title[13];
	bool is_list;
	uint32_t parts; /* of a list */
	const struct column_table *table;
	const struct field *fields; /* as many as the table has columns; NULL for a list */
};

extern const struct section sections[SECTIONS];

struct sysinfo_opts {
	struct out_opts out;
	bool shell, pretty, all, redact, list, platform, terse;
	int units; /* enum units */
	int by;    /* enum top_key */
	int group; /* enum top_group */
	int64_t number;
	int64_t watch, timeout; /* ns; watch -1: not given */
	int64_t count;          /* 0: without end */
	const char *root;
	const char *diff;
	struct strv ignore;
};

enum units { UNITS_DEFAULT, UNITS_BYTES, UNITS_HUMAN, UNITS_SI };
enum top_key { TOP_RSS, TOP_PSS, TOP_SWAP, TOP_CPU, TOP_THREADS, TOP_FDS };
enum top_group { TOP_SINGLE, TOP_BY_NAME, TOP_BY_USER, TOP_BY_CGROUP };

/* What was asked for: a section, or one field of it. */
struct wish {
	enum section_id section;
	int column; /* -1: all of it */
};

struct wishes {
	VEC_FIELDS(struct wish); /* none: the whole machine */
	int64_t pid;             /* behind the word process; 0: the caller */
};

enum { COLUMN_BITS = 64 };

struct redactor;
struct accounts;

struct snapshot {
	struct ctx *ctx;
	const struct sysinfo_opts *opts;
	const struct wishes *wishes;
	struct machine machine;
	struct timespec collected;
	uint32_t parts;
	uint64_t shown[SECTIONS]; /* bit N: column N was asked for */
	struct record records[SECTIONS];
	struct list lists[SECTIONS]; /* of those that are lists */
	struct list caches, pressures, limits, namespaces;
	struct {
		VEC_FIELDS(char *);
	} texts;                   /* what the records borrow */
	struct redactor *redactor; /* the run's; NULL without --redact */
	struct accounts *accounts;
	/* Facts that several sections need. */
	struct system_id system;
	struct cpu_counts counts;
	struct cpu_model model;
	struct cgroup_limits limits_of_group;
	struct memory_info memory;
	bool has_memory;
	size_t folded_mounts; /* that are left out */
	bool boot_known;
	int64_t boot_ns; /* of the epoch */
};

/* gather.c */
/* Of `ret` these are set: ctx, opts, wishes, redactor, machine. */
void snapshot_take(struct snapshot *ret);
void snapshot_release(struct snapshot *s);
bool snapshot_wants(const struct snapshot *s, uint32_t parts);
/* Whether the processor count that limits everything is known; see cpu.usable. */
uint64_t snapshot_usable_cpus(const struct snapshot *s);

/* values.c: fields of a section, from hostile bytes; --redact is applied here. */
const char *keep_text(struct snapshot *s, const char *text, size_t len, size_t *ret_len);
void set_text(struct snapshot *s, enum section_id section, int column, const char *text);
void set_text_or_null(struct snapshot *s, enum section_id section, int column,
                      const struct strbuf *text);
void set_u64(struct snapshot *s, enum section_id section, int column, uint64_t value);
/* When it is not 0, which means unknown. */
void set_count(struct snapshot *s, enum section_id section, int column, uint64_t value);
void set_fixed(struct snapshot *s, enum section_id section, int column, uint64_t value,
               int decimals);
/* Each name ends with a NUL. */
void set_names(struct snapshot *s, enum section_id section, int column, const struct strbuf *names);
/* Text of a row that is not in a section yet. */
void row_text(struct snapshot *s, struct record *row, int column, const char *text);
void list_push(struct list *list, const struct record *row);
size_t list_rows(const struct list *list);
/* A row as a record, borrowed from the list. */
void list_row(const struct list *list, size_t row, struct record *ret);

/* fill_*.c */
void fill_system(struct snapshot *s);
void fill_os(struct snapshot *s);
void fill_cpu(struct snapshot *s);
void fill_memory(struct snapshot *s);
void fill_load(struct snapshot *s);
void fill_uptime(struct snapshot *s);
void fill_mounts(struct snapshot *s);
void fill_container(struct snapshot *s);
void fill_ids(struct snapshot *s);
void fill_tool(struct snapshot *s);
void fill_process(struct snapshot *s);
void fill_top(struct snapshot *s);
void fill_runtimes(struct snapshot *s);
void fill_capabilities(struct snapshot *s);
/* The names of users and groups, from the machine's /etc/passwd and /etc/group; "" unknown. */
const char *account_user(struct snapshot *s, uint64_t uid);
const char *account_group(struct snapshot *s, uint64_t gid);
/* For --redact: who runs this, and all people in /etc/passwd. */
void learn_accounts(struct snapshot *s);
struct accounts *accounts_free(struct accounts *a);
/* As Python's platform.platform(). */
void add_platform(const struct snapshot *s, bool terse, struct strbuf *ret);
/* The list that a field of type COLUMN_ITEMS shows. */
const struct list *field_list(const struct snapshot *s, enum section_id section, int column);

/* redact.c */
struct redactor *redactor_new(void);
struct redactor *redactor_free(struct redactor *r);
/* Further appearances of the word become PREFIX and a number. */
void redactor_learn(struct redactor *r, const char *word, const char *prefix);
void redactor_apply(struct redactor *r, const char *text, size_t len, struct strbuf *ret);

/* wishes.c: what the operands ask for. 0, or the status to leave with. */
int wishes_parse(struct ctx *ctx, char **operands, struct wishes *ret);
/* The field "cpu.usable"; false: there is none. */
bool field_find(const char *name, struct wish *ret);
/* The nearest name of a section or field, NULL: nothing is near. */
const char *field_nearest(const char *typed, char ret[64]);
int print_fields(struct ctx *ctx);

/* print_*.c: return the exit status when nothing went wrong. */
int print_text(struct snapshot *s);
int print_json(struct snapshot *s);
int print_shell(struct snapshot *s);
/* The snapshot as one JSON object with everything that was asked for. */
/* print_json.c */
void add_json(struct snapshot *s, struct strbuf *ret);
/* The value for scripts: the bytes, no unit unless asked for; a line an element. */
void add_plain(const struct snapshot *s, enum section_id section, int column, char separator,
               struct strbuf *ret);
/* The value for people. */
void add_human(const struct snapshot *s, enum section_id section, int column, struct strbuf *ret);
void add_cell(const struct record_value *v, const struct column *column, struct strbuf *ret);
/* --diff */
int print_diff(struct snapshot *s, const char *file);

extern const struct column_table system_table, os_table, libc_table, cpu_table, memory_table,
	swap_table, load_table, uptime_table, container_table, ids_table, tool_table, process_table,
	top_table, runtime_table, capability_table, cache_table, pressure_table, limit_table,
	namespace_table, error_table, change_table, field_table;
extern const struct field system_fields[], os_fields[], libc_fields[], cpu_fields[],
	memory_fields[], swap_fields[], load_fields[], uptime_fields[], container_fields[],
	ids_fields[], tool_fields[], process_fields[], capability_fields[];
