/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of /proc, /sys or /etc: parsed without a fault, whatever they are. */
#include "sys/cgroup_limits.h"
#include "sys/cpu_model.h"
#include "sys/cpu_set.h"
#include "sys/cpu_topology.h"
#include "sys/host_kind.h"
#include "sys/load_info.h"
#include "sys/memory_info.h"
#include "sys/os_release.h"
#include "sys/process_facts.h"
#include "sys/runtimes.h"
#include "sys/system_id.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

static void try_cpus(const char *text, size_t len)
{
	struct cpu_model model = { 0 };
	struct cpu_set set = { 0 };
	uint64_t bytes;

	cpu_model_parse(text, len, &model);
	check(model.flags.len == 0 || model.flags.data[model.flags.len - 1] == '\0');
	cpu_model_release(&model);
	if (cpu_set_parse(text, len, &set) == 0) {
		size_t n = 0;

		for (int cpu = cpu_set_next(&set, 0); cpu >= 0;
		     cpu = cpu_set_next(&set, (unsigned)cpu + 1))
			n++;
		check(n == cpu_set_count(&set));
	}
	cpu_set_release(&set);
	ignore(cpu_cache_parse_size(text, &bytes));
}

static void try_limits(const char *text, size_t len)
{
	struct strbuf both = { 0 };
	struct cgroup_paths paths = { 0 };
	uint64_t value;

	strbuf_add(&both, text, len);
	cgroup_paths_parse(&both, &both, &paths);
	for (int i = 0; i < CGROUP_PLACES; i++)
		check(paths.places[i].mounted || paths.places[i].below.len == 0);
	cgroup_paths_release(&paths);
	strbuf_release(&both);
	if (cgroup_parse_limit(text, &value) == 0)
		check(value < INT64_MAX);
	ignore(cgroup_parse_cpu_max(text, &value));
	(void)container_of_cgroup(text);
	(void)virt_of_firmware(text);
}

static void try_numbers(const char *text, size_t len)
{
	struct memory_info memory;
	struct load_average load;
	struct pressure pressure;
	int64_t ns;

	memory_info_parse(text, len, &memory);
	if (memory.known[MEMORY_AVAILABLE] && memory.known[MEMORY_TOTAL])
		check(memory.bytes[MEMORY_AVAILABLE] <= memory.bytes[MEMORY_TOTAL]);
	ignore(load_average_parse(text, len, &load));
	if (uptime_parse(text, len, &ns) == 0)
		check(ns >= 0);
	ignore(pressure_parse(text, len, "some", &pressure));
}

static void try_names(const char *text, size_t len)
{
	struct os_release release = { 0 };
	struct strbuf field = { 0 };
	const char *version;

	os_release_parse(text, len, &release);
	check(release.pairs.len == 0 || release.pairs.data[release.pairs.len - 1] == '\0');
	(void)os_release_get(&release, "ID");
	os_release_release(&release);
	(void)package_field(text, len, "P:musl", "V", &field);
	strbuf_release(&field);
	if (glibc_banner_version(text, len, &version) > 0)
		check(version[0] >= '0' && version[0] <= '9');
	(void)version_in_name(text);
	(void)libc_of_loader(text);
}

static void try_process(const char *text, size_t len)
{
	struct strbuf status = { 0 };
	struct process_limit limit;
	const char *at = text;
	uint64_t value;

	strbuf_add(&status, text, len);
	(void)process_status_number(&status, "Uid", 1, &value);
	(void)process_status_mask(&status, "SigBlk", &value);
	strbuf_release(&status);
	while (process_limit_next(&at, text + len, &limit))
		check(strlen(limit.name) < sizeof(limit.name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup(size != 0 ? (const char *)data : "", size);

	/* Functions that take a string see it up to the first NUL. */
	try_cpus(text, size);
	try_limits(text, size);
	try_numbers(text, size);
	try_names(text, size);
	try_process(text, size);
	free(text);
	return 0;
}
