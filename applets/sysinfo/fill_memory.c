/* SPDX-License-Identifier: MIT */
/* memory and swap, beside what the control groups leave of them. */
#include "sysinfo.h"

enum {
	MEM_TOTAL,
	MEM_AVAILABLE,
	MEM_AVAILABLE_SOURCE,
	MEM_FREE,
	MEM_BUFFERS,
	MEM_CACHED,
	MEM_SHARED,
	MEM_LIMIT,
	MEM_LIMIT_SOURCE,
	MEM_USAGE,
	MEM_EFFECTIVE_TOTAL,
	MEM_EFFECTIVE_AVAILABLE,
	MEM_COLS
};

static const struct column memory_columns[] = {
	[MEM_TOTAL] = { "total_bytes", COLUMN_SIZE, "what the kernel manages" },
	[MEM_AVAILABLE] = { "available_bytes", COLUMN_SIZE, "to be had without swapping" },
	[MEM_AVAILABLE_SOURCE] = { "available_source", COLUMN_TEXT,
	                           "kernel, or derived from the others" },
	[MEM_FREE] = { "free_bytes", COLUMN_SIZE, "used for nothing at all" },
	[MEM_BUFFERS] = { "buffers_bytes", COLUMN_SIZE, "of block devices" },
	[MEM_CACHED] = { "cached_bytes", COLUMN_SIZE, "page cache, slabs to be reclaimed" },
	[MEM_SHARED] = { "shared_bytes", COLUMN_SIZE, "tmpfs and shared memory" },
	[MEM_LIMIT] = { "limit_bytes", COLUMN_SIZE, "of all groups, the least; null: none" },
	[MEM_LIMIT_SOURCE] = { "limit_source", COLUMN_NAME, "the file that sets it" },
	[MEM_USAGE] = { "usage_bytes", COLUMN_SIZE, "of this process's control group" },
	[MEM_EFFECTIVE_TOTAL] = { "effective_total_bytes", COLUMN_SIZE,
	                          "the lesser of total and limit" },
	[MEM_EFFECTIVE_AVAILABLE] = { "effective_available_bytes", COLUMN_SIZE,
	                              "the lesser of available and what the groups have left" },
};

const struct column_table memory_table = { memory_columns, MEM_COLS };

#define LIMITED (PART_MEMINFO | PART_MEMORY_LIMIT)

const struct field memory_fields[] = {
	[MEM_TOTAL] = { PART_MEMINFO, 0, "Total" },
	[MEM_AVAILABLE] = { PART_MEMINFO, FIELD_VOLATILE, "Available" },
	[MEM_AVAILABLE_SOURCE] = { PART_MEMINFO, FIELD_QUIET, "Available from" },
	[MEM_FREE] = { PART_MEMINFO, FIELD_VOLATILE | FIELD_QUIET, "Free" },
	[MEM_BUFFERS] = { PART_MEMINFO, FIELD_VOLATILE | FIELD_QUIET, "Buffers" },
	[MEM_CACHED] = { PART_MEMINFO, FIELD_VOLATILE | FIELD_QUIET, "Cached" },
	[MEM_SHARED] = { PART_MEMINFO, FIELD_VOLATILE | FIELD_QUIET, "Shared" },
	[MEM_LIMIT] = { PART_MEMORY_LIMIT, 0, "Limit" },
	[MEM_LIMIT_SOURCE] = { PART_MEMORY_LIMIT, FIELD_QUIET, "Limit from" },
	[MEM_USAGE] = { PART_MEMORY_LIMIT, FIELD_VOLATILE | FIELD_QUIET, "Usage of the group" },
	[MEM_EFFECTIVE_TOTAL] = { LIMITED, FIELD_QUIET, "Effective total" },
	[MEM_EFFECTIVE_AVAILABLE] = { LIMITED, FIELD_VOLATILE | FIELD_QUIET,
	                              "Effective available" },
};

enum { SWAP_TOTAL, SWAP_FREE, SWAP_LIMIT, SWAP_COLS };

static const struct column swap_columns[] = {
	[SWAP_TOTAL] = { "total_bytes", COLUMN_SIZE, "of all swap devices" },
	[SWAP_FREE] = { "free_bytes", COLUMN_SIZE, "not in use" },
	[SWAP_LIMIT] = { "limit_bytes", COLUMN_SIZE, "of all groups, the least; null: none" },
};

const struct column_table swap_table = { swap_columns, SWAP_COLS };

const struct field swap_fields[] = {
	[SWAP_TOTAL] = { PART_MEMINFO, 0, "Total" },
	[SWAP_FREE] = { PART_MEMINFO, FIELD_VOLATILE, "Free" },
	[SWAP_LIMIT] = { PART_MEMORY_LIMIT, 0, "Limit" },
};

static void fill_total(struct snapshot *s)
{
	static const struct {
		uint8_t fact, section, column;
	} map[] = {
		{ MEMORY_TOTAL, SECTION_MEMORY, MEM_TOTAL },
		{ MEMORY_AVAILABLE, SECTION_MEMORY, MEM_AVAILABLE },
		{ MEMORY_FREE, SECTION_MEMORY, MEM_FREE },
		{ MEMORY_BUFFERS, SECTION_MEMORY, MEM_BUFFERS },
		{ MEMORY_CACHED, SECTION_MEMORY, MEM_CACHED },
		{ MEMORY_SHARED, SECTION_MEMORY, MEM_SHARED },
		{ MEMORY_SWAP_TOTAL, SECTION_SWAP, SWAP_TOTAL },
		{ MEMORY_SWAP_FREE, SECTION_SWAP, SWAP_FREE },
	};

	for (size_t i = 0; i < ARRAY_LEN(map); i++)
		if (s->memory.known[map[i].fact])
			set_u64(s, (enum section_id)map[i].section, map[i].column,
			        s->memory.bytes[map[i].fact]);
	if (s->memory.known[MEMORY_AVAILABLE])
		set_text(s, SECTION_MEMORY, MEM_AVAILABLE_SOURCE,
		         s->memory.available_is_derived ? "derived" : "kernel");
}

static void fill_limit(struct snapshot *s)
{
	const struct cgroup_limits *l = &s->limits_of_group;

	if (l->memory.known) {
		set_u64(s, SECTION_MEMORY, MEM_LIMIT, l->memory.value);
		set_text_or_null(s, SECTION_MEMORY, MEM_LIMIT_SOURCE, &l->memory.source);
	}
	if (l->usage_known)
		set_u64(s, SECTION_MEMORY, MEM_USAGE, l->usage_bytes);
	if (l->swap.known)
		set_u64(s, SECTION_SWAP, SWAP_LIMIT, l->swap.value);
}

static void fill_effective(struct snapshot *s)
{
	const struct cgroup_limits *l = &s->limits_of_group;
	uint64_t value = s->memory.bytes[MEMORY_TOTAL];

	if (s->memory.known[MEMORY_TOTAL])
		set_u64(s, SECTION_MEMORY, MEM_EFFECTIVE_TOTAL,
		        l->memory.known && l->memory.value < value ? l->memory.value : value);
	if (!s->memory.known[MEMORY_AVAILABLE])
		return;
	value = s->memory.bytes[MEMORY_AVAILABLE];
	if (l->left_known && l->left_bytes < value)
		value = l->left_bytes;
	else if (!l->left_known && l->memory.known && l->memory.value < value)
		value = l->memory.value;
	set_u64(s, SECTION_MEMORY, MEM_EFFECTIVE_AVAILABLE, value);
}

void fill_memory(struct snapshot *s)
{
	if (snapshot_wants(s, PART_MEMINFO))
		fill_total(s);
	if (snapshot_wants(s, PART_MEMORY_LIMIT))
		fill_limit(s);
	if (snapshot_wants(s, PART_MEMINFO) && snapshot_wants(s, PART_MEMORY_LIMIT))
		fill_effective(s);
}
