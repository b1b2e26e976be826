/* SPDX-License-Identifier: MIT */
/* One snapshot: what was asked for, and only that, is found out. */
#include "sysinfo.h"

#include "base/clock.h"

#include <errno.h>

enum { CPUINFO_MAX = 64 << 10 }; /* the first processors are enough, and they may be thousands */

bool snapshot_wants(const struct snapshot *s, uint32_t parts)
{
	return (s->parts & parts) == parts;
}

static void want_column(struct snapshot *s, enum section_id id, size_t column)
{
	s->shown[id] |= UINT64_C(1) << column;
	s->parts |= sections[id].fields[column].parts;
}

/* All of a section, but for what must be asked for by `named` name or --all. */
static void want_section(struct snapshot *s, enum section_id id, bool named)
{
	const struct section *section = &sections[id];

	if (section->is_list) {
		s->shown[id] = 1;
		s->parts |= section->parts;
		return;
	}
	for (size_t i = 0; i < section->table->len; i++) {
		const uint8_t flags = section->fields[i].flags;

		if (s->opts->all ||
		    ((flags & FIELD_RAW) == 0 && (named || (flags & FIELD_NAMED) == 0)))
			want_column(s, id, i);
	}
}

static void want(struct snapshot *s)
{
	const struct wishes *w = s->wishes;

	for (int i = 0; w->len == 0 && i < SECTIONS_DEFAULT; i++)
		want_section(s, (enum section_id)i, false);
	for (size_t i = 0; i < w->len; i++) {
		const struct wish *wish = &w->items[i];

		if (wish->column < 0)
			want_section(s, wish->section, true);
		else
			want_column(s, wish->section, (size_t)wish->column);
	}
	if ((s->parts & PART_PROCESS) != 0)
		s->parts |= PART_UPTIME | PART_UNAME;
}

static void read_meminfo(struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = machine_read(&s->machine, "proc/meminfo", MACHINE_FILE_MAX, &text);

	if (r < 0) {
		machine_note(&s->machine, "memory.total_bytes", "/proc/meminfo", -r);
		return;
	}
	memory_info_parse(strbuf_str(&text), text.len, &s->memory);
	if (s->memory.overflowed)
		machine_note(&s->machine, "memory.total_bytes", "/proc/meminfo", ERANGE);
	else if (!s->memory.known[MEMORY_TOTAL])
		machine_note(&s->machine, "memory.total_bytes", "/proc/meminfo", EBADMSG);
}

static void read_cpuinfo(struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = machine_read(&s->machine, "proc/cpuinfo", CPUINFO_MAX, &text);

	if (r < 0 && r != -EFBIG) {
		machine_note(&s->machine, "cpu.model", "/proc/cpuinfo", -r);
		return;
	}
	cpu_model_parse(strbuf_str(&text), text.len, &s->model);
}

/* Facts that several sections use. */
static void read_shared(struct snapshot *s)
{
	unsigned limits = 0;

	if ((s->parts & (PART_UNAME | PART_LIBC)) != 0) {
		system_id_read(&s->machine, &s->system);
		redactor_learn(s->redactor, strbuf_str(&s->system.names[SYSTEM_NODE]), "host");
	}
	if ((s->parts & PART_CPU_MODEL) != 0)
		read_cpuinfo(s);
	if ((s->parts & PART_CPU_COUNT) != 0)
		cpu_count(&s->machine, &s->counts);
	if ((s->parts & PART_MEMINFO) != 0)
		read_meminfo(s);
	limits |= (s->parts & PART_CPU_QUOTA) != 0 ? CGROUP_WANT_CPU : 0;
	limits |= (s->parts & PART_MEMORY_LIMIT) != 0 ? CGROUP_WANT_MEMORY : 0;
	limits |= (s->parts & PART_PIDS_LIMIT) != 0 ? CGROUP_WANT_PIDS : 0;
	if (limits != 0 || (s->parts & PART_CGROUP) != 0)
		cgroup_limits_read(&s->machine, limits, &s->limits_of_group);
}

/* Names that --redact must know before the first text is kept, whatever is shown. */
static void learn_names(struct snapshot *s)
{
	struct system_id id = { 0 };

	if (s->redactor == NULL)
		return;
	system_id_read(&s->machine, &id);
	redactor_learn(s->redactor, strbuf_str(&id.names[SYSTEM_NODE]), "host");
	system_id_release(&id);
	learn_accounts(s);
}

void snapshot_take(struct snapshot *ret)
{
	ret->collected = clock_wall();
	for (int i = 0; i < SECTIONS; i++) {
		record_begin(&ret->records[i], "item", sections[i].table);
		ret->lists[i].table = sections[i].is_list ? sections[i].table : NULL;
	}
	want(ret);
	learn_names(ret);
	read_shared(ret);
	fill_system(ret);
	fill_os(ret);
	fill_cpu(ret);
	fill_memory(ret);
	fill_load(ret);
	fill_uptime(ret);
	fill_mounts(ret);
	fill_container(ret);
	fill_ids(ret);
	fill_tool(ret);
	fill_process(ret);
	fill_top(ret);
	fill_runtimes(ret);
	fill_capabilities(ret);
}

void snapshot_release(struct snapshot *s)
{
	for (size_t i = 0; i < s->texts.len; i++)
		free(s->texts.items[i]);
	vec_release(&s->texts);
	for (int i = 0; i < SECTIONS; i++)
		vec_release(&s->lists[i]);
	vec_release(&s->caches);
	vec_release(&s->pressures);
	vec_release(&s->limits);
	vec_release(&s->namespaces);
	s->accounts = accounts_free(s->accounts);
	system_id_release(&s->system);
	cpu_counts_release(&s->counts);
	cpu_model_release(&s->model);
	cgroup_limits_release(&s->limits_of_group);
}

const struct list *field_list(const struct snapshot *s, enum section_id section, int column)
{
	if (section == SECTION_CPU)
		return &s->caches;
	if (section == SECTION_LOAD)
		return &s->pressures;
	return strcmp(sections[section].table->columns[column].name, "limits") == 0
	               ? &s->limits
	               : &s->namespaces;
}
