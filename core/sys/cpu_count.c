/* SPDX-License-Identifier: MIT */
#include "sys/cpu_count.h"

#include "sys/cpu_model.h"

#include <errno.h>
#include <sched.h>

#define CPU_DIR "sys/devices/system/cpu/"

void cpu_counts_release(struct cpu_counts *counts)
{
	cpu_set_release(&counts->online);
	cpu_set_release(&counts->present);
}

uint64_t cpu_quota_ceil(uint64_t quota_milli)
{
	return quota_milli / 1000 + (quota_milli % 1000 != 0);
}

/* 0 or -errno; an empty list is no answer. */
static int read_list(const struct machine *m, const char *path, struct cpu_set *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct cpu_set set = { 0 };
	int r = machine_read_line(m, path, &line);

	if (r == 0)
		r = cpu_set_parse(strbuf_str(&line), line.len, &set);
	if (r == 0 && cpu_set_count(&set) == 0)
		r = -EBADMSG;
	if (r == 0)
		*ret = set;
	else
		cpu_set_release(&set);
	return r;
}

/* Where sysfs is missing or masked, /proc/stat has a line for each processor that is online. */
static int read_stat(const struct machine *m, struct cpu_set *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = machine_read(m, "proc/stat", MACHINE_FILE_MAX, &text);
	const char *at = strbuf_str(&text);
	const char *end = at + text.len;
	const char *line;
	size_t len;

	if (r < 0 && r != -EFBIG)
		return r;
	while ((line = text_line(&at, end, &len)) != NULL) {
		uint64_t cpu;

		if (len > 3 && memcmp(line, "cpu", 3) == 0 && line[3] != ' ' &&
		    text_scan_u64(line + 3, len - 3, &cpu, NULL) == 0 && cpu <= CPU_NUMBER_MAX)
			cpu_set_add(ret, (unsigned)cpu);
	}
	return cpu_set_count(ret) != 0 ? 0 : -EBADMSG;
}

static size_t count_cpuinfo(const struct machine *m)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct cpu_model model = { 0 };
	size_t n;

	if (machine_read(m, "proc/cpuinfo", MACHINE_FILE_MAX * (size_t)16, &text) < 0)
		return 0;
	cpu_model_parse(strbuf_str(&text), text.len, &model);
	n = model.processors;
	cpu_model_release(&model);
	return n;
}

static void count_online(struct machine *m, struct cpu_counts *ret)
{
	int r = read_list(m, CPU_DIR "online", &ret->online);

	if (r < 0 && read_stat(m, &ret->online) < 0)
		cpu_set_release(&ret->online);
	ret->online_count = cpu_set_count(&ret->online);
	if (ret->online_count == 0)
		ret->online_count = count_cpuinfo(m);
	if (ret->online_count == 0)
		machine_note(m, "cpu.online", "/" CPU_DIR "online", -r);
}

static void count_possible(struct machine *m, struct cpu_counts *ret)
{
	struct cpu_set possible = { 0 };
	int r = read_list(m, CPU_DIR "possible", &possible);

	if (r < 0)
		machine_note(m, "cpu.possible", "/" CPU_DIR "possible", -r);
	ret->possible = cpu_set_count(&possible);
	cpu_set_release(&possible);
}

/* sched_getaffinity() of as many processors as there may be. 0 or -errno. */
static int ask_affinity(size_t *ret)
{
	for (size_t cpus = 1024; cpus <= (size_t)CPU_NUMBER_MAX + 1; cpus *= 4) {
		size_t size = CPU_ALLOC_SIZE(cpus);
		cpu_set_t *set = mem_alloc_zeroed(size);
		int r = sched_getaffinity(0, size, set) < 0 ? -errno : 0;
		size_t n = r == 0 ? (size_t)CPU_COUNT_S(size, set) : 0;

		free(set);
		if (r == 0)
			*ret = n;
		if (r != -EINVAL)
			return r;
	}
	return -EINVAL;
}

/* In a recorded tree: of the process that recorded it. */
static int read_affinity(const struct machine *m, size_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = machine_read(m, "proc/self/status", MACHINE_FILE_MAX, &text);
	const char *at = strbuf_str(&text);
	const char *end = at + text.len;
	const char *line;
	size_t len;

	if (r < 0)
		return r;
	while ((line = text_line(&at, end, &len)) != NULL) {
		struct cpu_set set = { 0 };
		const char *value;
		size_t value_len;

		if (!text_key(line, len, "Cpus_allowed_list", &value, &value_len))
			continue;
		r = cpu_set_parse(value, value_len, &set);
		*ret = r == 0 ? cpu_set_count(&set) : 0;
		cpu_set_release(&set);
		return r;
	}
	return -EBADMSG;
}

static void count_affinity(struct machine *m, struct cpu_counts *ret)
{
	int r = m->is_live ? ask_affinity(&ret->affinity) : read_affinity(m, &ret->affinity);

	if (r < 0)
		machine_note(m, "cpu.affinity",
		             m->is_live ? "sched_getaffinity" : "/proc/self/status", -r);
}

void cpu_count(struct machine *m, struct cpu_counts *ret)
{
	int r;

	count_online(m, ret);
	r = read_list(m, CPU_DIR "present", &ret->present);
	if (r < 0)
		machine_note(m, "cpu.present", "/" CPU_DIR "present", -r);
	count_possible(m, ret);
	count_affinity(m, ret);
}
