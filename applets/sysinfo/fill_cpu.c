/* SPDX-License-Identifier: MIT */
/* cpu: the processors there are, those this process may use, and how they are made. */
#include "sysinfo.h"

#include "sys/cpu_topology.h"

#include <errno.h>

enum {
	CPU_COL_MODEL,
	CPU_COL_VENDOR,
	CPU_COL_ONLINE,
	CPU_COL_PRESENT,
	CPU_COL_POSSIBLE,
	CPU_COL_OFFLINE,
	CPU_COL_AFFINITY,
	CPU_COL_QUOTA,
	CPU_COL_QUOTA_SOURCE,
	CPU_COL_USABLE,
	CPU_COL_SOCKETS,
	CPU_COL_CORES,
	CPU_COL_THREADS,
	CPU_COL_NODES,
	CPU_COL_MHZ,
	CPU_COL_MHZ_MIN,
	CPU_COL_MHZ_MAX,
	CPU_COL_CACHES,
	CPU_COL_FLAGS,
	CPU_COLS
};

static const struct column cpu_columns[] = {
	[CPU_COL_MODEL] = { "model", COLUMN_NAME, "its name; of several kinds, all" },
	[CPU_COL_VENDOR] = { "vendor", COLUMN_NAME, "who made it" },
	[CPU_COL_ONLINE] = { "online", COLUMN_COUNT, "logical processors at work" },
	[CPU_COL_PRESENT] = { "present", COLUMN_COUNT, "those that are there" },
	[CPU_COL_POSSIBLE] = { "possible", COLUMN_COUNT, "those the kernel has room for" },
	[CPU_COL_OFFLINE] = { "offline", COLUMN_COUNTS, "numbers of present ones not online" },
	[CPU_COL_AFFINITY] = { "affinity", COLUMN_COUNT,
	                       "those the scheduler allows this process" },
	[CPU_COL_QUOTA] = { "quota", COLUMN_FIXED, "of all groups, the least; null: none" },
	[CPU_COL_QUOTA_SOURCE] = { "quota_source", COLUMN_NAME, "the file that sets it" },
	[CPU_COL_USABLE] = { "usable", COLUMN_COUNT,
	                     "the least of online, affinity and quota, rounded up; 1 at least" },
	[CPU_COL_SOCKETS] = { "sockets", COLUMN_COUNT, "packages with online processors" },
	[CPU_COL_CORES] = { "cores", COLUMN_COUNT, "physical cores, of all sockets" },
	[CPU_COL_THREADS] = { "threads_per_core", COLUMN_COUNT, "of the core that has most" },
	[CPU_COL_NODES] = { "numa_nodes", COLUMN_COUNT, "nodes of memory" },
	[CPU_COL_MHZ] = { "mhz", COLUMN_FIXED, "clock rate of the first one now" },
	[CPU_COL_MHZ_MIN] = { "mhz_min", COLUMN_FIXED, "the least of all" },
	[CPU_COL_MHZ_MAX] = { "mhz_max", COLUMN_FIXED, "the greatest of all" },
	[CPU_COL_CACHES] = { "caches", COLUMN_ITEMS, "by level and type" },
	[CPU_COL_FLAGS] = { "flags", COLUMN_NAMES, "features, as /proc/cpuinfo has them" },
};

const struct column_table cpu_table = { cpu_columns, CPU_COLS };

#define USABLE (PART_CPU_COUNT | PART_CPU_QUOTA)

const struct field cpu_fields[] = {
	[CPU_COL_MODEL] = { PART_CPU_MODEL, 0, "Model" },
	[CPU_COL_VENDOR] = { PART_CPU_MODEL, FIELD_QUIET, "Vendor" },
	[CPU_COL_ONLINE] = { PART_CPU_COUNT, 0, "Online" },
	[CPU_COL_PRESENT] = { PART_CPU_COUNT, FIELD_QUIET, "Present" },
	[CPU_COL_POSSIBLE] = { PART_CPU_COUNT, FIELD_QUIET, "Possible" },
	[CPU_COL_OFFLINE] = { PART_CPU_COUNT, 0, "Offline" },
	[CPU_COL_AFFINITY] = { PART_CPU_COUNT, FIELD_QUIET, "Affinity" },
	[CPU_COL_QUOTA] = { PART_CPU_QUOTA, 0, "Quota" },
	[CPU_COL_QUOTA_SOURCE] = { PART_CPU_QUOTA, FIELD_QUIET, "Quota from" },
	[CPU_COL_USABLE] = { USABLE, 0, "Usable" },
	[CPU_COL_SOCKETS] = { PART_CPU_COUNT | PART_CPU_TOPOLOGY, 0, "Sockets" },
	[CPU_COL_CORES] = { PART_CPU_COUNT | PART_CPU_TOPOLOGY, 0, "Cores" },
	[CPU_COL_THREADS] = { PART_CPU_COUNT | PART_CPU_TOPOLOGY, 0, "Threads per core" },
	[CPU_COL_NODES] = { PART_CPU_COUNT | PART_CPU_TOPOLOGY, FIELD_QUIET, "NUMA nodes" },
	[CPU_COL_MHZ] = { PART_CPU_MODEL | PART_CPU_TOPOLOGY, FIELD_VOLATILE | FIELD_CLOCK,
	                  "Clock" },
	[CPU_COL_MHZ_MIN] = { PART_CPU_TOPOLOGY, FIELD_QUIET | FIELD_CLOCK, "Slowest clock" },
	[CPU_COL_MHZ_MAX] = { PART_CPU_TOPOLOGY, FIELD_CLOCK, "Fastest clock" },
	[CPU_COL_CACHES] = { PART_CPU_COUNT | PART_CPU_TOPOLOGY, 0, "Caches" },
	[CPU_COL_FLAGS] = { PART_CPU_MODEL, FIELD_RAW, "Flags" },
};

enum { CACHE_LEVEL, CACHE_TYPE, CACHE_SIZE, CACHE_INSTANCES, CACHE_COLS };

static const struct column cache_columns[] = {
	[CACHE_LEVEL] = { "level", COLUMN_COUNT, "1 is the nearest" },
	[CACHE_TYPE] = { "type", COLUMN_NAME, "Data, Instruction or Unified" },
	[CACHE_SIZE] = { "size_bytes", COLUMN_SIZE, "of each" },
	[CACHE_INSTANCES] = { "instances", COLUMN_COUNT, "how many" },
};

const struct column_table cache_table = { cache_columns, CACHE_COLS };

uint64_t snapshot_usable_cpus(const struct snapshot *s)
{
	const struct cgroup_limit *quota = &s->limits_of_group.quota;
	uint64_t usable = s->counts.online_count;

	if (s->counts.affinity != 0 && (usable == 0 || s->counts.affinity < usable))
		usable = s->counts.affinity;
	if (quota->known && usable != 0 && cpu_quota_ceil(quota->value) < usable)
		/* A quota below a thousandth is still something. */
		usable = quota->value != 0 ? cpu_quota_ceil(quota->value) : 1;
	return usable;
}

static void fill_model(struct snapshot *s)
{
	set_text_or_null(s, SECTION_CPU, CPU_COL_MODEL, &s->model.model);
	set_text_or_null(s, SECTION_CPU, CPU_COL_VENDOR, &s->model.vendor);
	if (s->model.has_mhz)
		set_fixed(s, SECTION_CPU, CPU_COL_MHZ, s->model.milli_mhz, 3);
	if ((s->shown[SECTION_CPU] >> CPU_COL_FLAGS & 1) != 0 && s->model.flags.len != 0)
		set_names(s, SECTION_CPU, CPU_COL_FLAGS, &s->model.flags);
}

static void fill_counts(struct snapshot *s)
{
	const struct cpu_counts *c = &s->counts;
	AUTO_RELEASE_STRBUF struct strbuf offline = { 0 };
	const char *text;
	size_t len;

	set_count(s, SECTION_CPU, CPU_COL_ONLINE, c->online_count);
	set_count(s, SECTION_CPU, CPU_COL_PRESENT, cpu_set_count(&c->present));
	set_count(s, SECTION_CPU, CPU_COL_POSSIBLE, c->possible);
	set_count(s, SECTION_CPU, CPU_COL_AFFINITY, c->affinity);
	if (cpu_set_count(&c->present) == 0 || cpu_set_count(&c->online) == 0)
		return;
	for (int cpu = cpu_set_next(&c->present, 0); cpu >= 0;
	     cpu = cpu_set_next(&c->present, (unsigned)cpu + 1)) {
		if (cpu_set_has(&c->online, (unsigned)cpu))
			continue;
		if (offline.len != 0)
			strbuf_add_char(&offline, ',');
		strbuf_add_u64(&offline, (uint64_t)cpu);
	}
	text = keep_text(s, strbuf_str(&offline), offline.len, &len);
	s->records[SECTION_CPU].values[CPU_COL_OFFLINE] =
		(struct record_value){ .kind = VALUE_ITEMS, .bytes = text, .len = len };
}

static void fill_limits(struct snapshot *s)
{
	const struct cgroup_limit *quota = &s->limits_of_group.quota;

	if (quota->known) {
		set_fixed(s, SECTION_CPU, CPU_COL_QUOTA, quota->value, 3);
		set_text_or_null(s, SECTION_CPU, CPU_COL_QUOTA_SOURCE, &quota->source);
	}
	if (snapshot_wants(s, PART_CPU_COUNT))
		set_count(s, SECTION_CPU, CPU_COL_USABLE, snapshot_usable_cpus(s));
}

static void fill_topology(struct snapshot *s)
{
	struct cpu_topology t = { 0 };
	struct record_value *mhz = &s->records[SECTION_CPU].values[CPU_COL_MHZ];

	cpu_topology_read(&s->machine, &s->counts.online, &t);
	set_count(s, SECTION_CPU, CPU_COL_SOCKETS, t.sockets);
	set_count(s, SECTION_CPU, CPU_COL_CORES, t.cores);
	set_count(s, SECTION_CPU, CPU_COL_THREADS, t.threads_per_core);
	set_count(s, SECTION_CPU, CPU_COL_NODES, t.numa_nodes);
	if (t.khz != 0 && mhz->kind == VALUE_NULL)
		set_fixed(s, SECTION_CPU, CPU_COL_MHZ, t.khz, 3);
	if (t.khz_min != 0)
		set_fixed(s, SECTION_CPU, CPU_COL_MHZ_MIN, t.khz_min, 3);
	if (t.khz_max != 0)
		set_fixed(s, SECTION_CPU, CPU_COL_MHZ_MAX, t.khz_max, 3);
	for (size_t i = 0; i < t.caches.len; i++) {
		const struct cpu_cache *cache = &t.caches.items[i];
		struct record row;

		record_begin(&row, "item", &cache_table);
		record_u64(&row, CACHE_LEVEL, cache->level);
		row_text(s, &row, CACHE_TYPE, cache->type);
		if (cache->size_bytes != 0)
			record_u64(&row, CACHE_SIZE, cache->size_bytes);
		record_u64(&row, CACHE_INSTANCES, cache->instances);
		list_push(&s->caches, &row);
	}
	if (t.caches.len != 0)
		s->records[SECTION_CPU].values[CPU_COL_CACHES].kind = VALUE_ITEMS;
	cpu_topology_release(&t);
}

void fill_cpu(struct snapshot *s)
{
	if (snapshot_wants(s, PART_CPU_MODEL))
		fill_model(s);
	if (snapshot_wants(s, PART_CPU_COUNT))
		fill_counts(s);
	if (snapshot_wants(s, PART_CPU_QUOTA))
		fill_limits(s);
	if (snapshot_wants(s, PART_CPU_TOPOLOGY))
		fill_topology(s);
}
