/* SPDX-License-Identifier: MIT */
#include "sys/cpu_topology.h"

#include "base/num.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#define CPU_DIR "sys/devices/system/cpu"

enum { CACHE_INDEX_MAX = 16 };

void cpu_topology_release(struct cpu_topology *topology)
{
	vec_release(&topology->caches);
}

int cpu_cache_parse_size(const char *text, uint64_t *ret)
{
	size_t len = strlen(text);
	uint64_t unit = 1;
	uint64_t value;
	size_t used;

	if (text_scan_u64(text, len, &value, &used) < 0)
		return -EBADMSG;
	if (text[used] == 'K')
		unit = 1024;
	else if (text[used] == 'M')
		unit = UINT64_C(1) << 20;
	else if (text[used] == 'G')
		unit = UINT64_C(1) << 30;
	if (text[used + (unit != 1)] != '\0' || __builtin_mul_overflow(value, unit, &value))
		return -EBADMSG;
	*ret = value;
	return 0;
}

/* A list of processors in which `cpu` must be, or it is about something else. */
static int read_group(const struct machine *m, const char *path, unsigned cpu, struct cpu_set *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	int r = machine_read_line(m, path, &line);

	if (r == 0)
		r = cpu_set_parse(strbuf_str(&line), line.len, ret);
	if (r == 0 && !cpu_set_has(ret, cpu))
		r = -EBADMSG;
	if (r < 0)
		cpu_set_release(ret);
	return r;
}

/*
 * How many groups the lists `name` (or, on older kernels, `old_name`) divide the processors
 * into, and how many online ones are in the largest. 0 or the first -errno.
 */
static int count_groups(const struct machine *m, const struct cpu_set *online, const char *name,
                        const char *old_name, size_t *ret_groups, size_t *ret_largest)
{
	struct cpu_set covered = { 0 };
	size_t groups = 0;
	size_t largest = 0;
	int r = 0;

	for (int cpu = cpu_set_next(online, 0); cpu >= 0;
	     cpu = cpu_set_next(online, (unsigned)cpu + 1)) {
		struct cpu_set group = { 0 };
		char path[MACHINE_PATH_MAX];
		size_t members = 0;

		if (cpu_set_has(&covered, (unsigned)cpu))
			continue;
		(void)snprintf(path, sizeof(path), CPU_DIR "/cpu%d/topology/%s", cpu, name);
		r = read_group(m, path, (unsigned)cpu, &group);
		if (r < 0) {
			(void)snprintf(path, sizeof(path), CPU_DIR "/cpu%d/topology/%s", cpu,
			               old_name);
			r = read_group(m, path, (unsigned)cpu, &group);
		}
		if (r < 0)
			break;
		for (int other = cpu_set_next(&group, 0); other >= 0;
		     other = cpu_set_next(&group, (unsigned)other + 1))
			members += cpu_set_has(online, (unsigned)other);
		cpu_set_merge(&covered, &group);
		cpu_set_release(&group);
		groups++;
		largest = members > largest ? members : largest;
	}
	cpu_set_release(&covered);
	if (r < 0)
		return r;
	*ret_groups = groups;
	*ret_largest = largest;
	return 0;
}

static void add_cache(struct cpu_topology *t, const struct cpu_cache *cache)
{
	for (size_t i = 0; i < t->caches.len; i++) {
		struct cpu_cache *known = &t->caches.items[i];

		if (known->level == cache->level && known->size_bytes == cache->size_bytes &&
		    strcmp(known->type, cache->type) == 0) {
			known->instances++;
			return;
		}
	}
	vec_push(&t->caches, *cache);
}

/* One cache of one processor. 0 or -errno. */
static int read_cache(const struct machine *m, unsigned cpu, unsigned index,
                      struct cpu_set *covered, struct cpu_topology *t)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct cpu_cache cache = { .instances = 1 };
	struct cpu_set shared = { 0 };
	char path[MACHINE_PATH_MAX];
	int len = snprintf(path, sizeof(path), CPU_DIR "/cpu%u/cache/index%u/", cpu, index);
	char *name = path + len;
	const size_t room = sizeof(path) - (size_t)len;
	uint64_t level;
	int r;

	(void)snprintf(name, room, "level");
	r = machine_read_u64(m, path, &level);
	if (r < 0)
		return r;
	(void)snprintf(name, room, "size");
	/* Some firmware tells of a cache but not how large it is. */
	if (machine_read_line(m, path, &line) < 0 ||
	    cpu_cache_parse_size(strbuf_str(&line), &cache.size_bytes) < 0)
		cache.size_bytes = 0;
	(void)snprintf(name, room, "type");
	r = machine_read_line(m, path, &line);
	if (r < 0 || level > 9 || line.len >= sizeof(cache.type))
		return r < 0 ? r : -EBADMSG;
	cache.level = (unsigned)level;
	(void)snprintf(cache.type, sizeof(cache.type), "%s", strbuf_str(&line));
	(void)snprintf(name, room, "shared_cpu_list");
	if (read_group(m, path, cpu, &shared) == 0)
		cpu_set_merge(covered, &shared);
	cpu_set_release(&shared);
	add_cache(t, &cache);
	return 0;
}

static int by_level(const void *a, const void *b)
{
	const struct cpu_cache *x = a;
	const struct cpu_cache *y = b;
	int order = x->level < y->level ? -1 : x->level > y->level;

	if (order == 0)
		order = strcmp(x->type, y->type);
	return order != 0 ? order
	                  : (x->size_bytes < y->size_bytes ? -1 : x->size_bytes > y->size_bytes);
}

static int read_caches(const struct machine *m, const struct cpu_set *online,
                       struct cpu_topology *t)
{
	int first = 0;

	for (unsigned index = 0; index < CACHE_INDEX_MAX; index++) {
		struct cpu_set covered = { 0 };
		size_t before = t->caches.len;

		for (int cpu = cpu_set_next(online, 0); cpu >= 0;
		     cpu = cpu_set_next(online, (unsigned)cpu + 1)) {
			int r;

			if (cpu_set_has(&covered, (unsigned)cpu))
				continue;
			r = read_cache(m, (unsigned)cpu, index, &covered, t);
			if (r < 0 && first == 0 && index == 0)
				first = r;
			/* The others will hardly have what the first one has not. */
			if (r < 0 && t->caches.len == before)
				break;
		}
		cpu_set_release(&covered);
		if (t->caches.len == before)
			break;
	}
	if (t->caches.len > 1)
		qsort(t->caches.items, t->caches.len, sizeof(*t->caches.items), by_level);
	return t->caches.len != 0 ? 0 : first;
}

static void read_nodes(struct machine *m, struct cpu_topology *t)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct cpu_set nodes = { 0 };
	int r = machine_read_line(m, "sys/devices/system/node/online", &line);

	if (r == 0)
		r = cpu_set_parse(strbuf_str(&line), line.len, &nodes);
	if (r == 0)
		t->numa_nodes = cpu_set_count(&nodes);
	else
		machine_note(m, "cpu.numa_nodes", "/sys/devices/system/node/online", -r);
	cpu_set_release(&nodes);
}

/* The rates of one policy, which stands for processors of one kind. */
static void read_policy(const struct machine *m, const char *dir, struct cpu_topology *t)
{
	char path[MACHINE_PATH_MAX];
	uint64_t khz;

	(void)snprintf(path, sizeof(path), "%s/cpuinfo_min_freq", dir);
	if (machine_read_u64(m, path, &khz) == 0 && (t->khz_min == 0 || khz < t->khz_min))
		t->khz_min = khz;
	(void)snprintf(path, sizeof(path), "%s/cpuinfo_max_freq", dir);
	if (machine_read_u64(m, path, &khz) == 0 && khz > t->khz_max)
		t->khz_max = khz;
	(void)snprintf(path, sizeof(path), "%s/scaling_cur_freq", dir);
	if (t->khz == 0 && machine_read_u64(m, path, &khz) == 0)
		t->khz = khz;
}

static void read_clock(const struct machine *m, struct cpu_topology *t)
{
	int fd = machine_openat(m, CPU_DIR "/cpufreq", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		read_policy(m, CPU_DIR "/cpu0/cpufreq", t);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char path[MACHINE_PATH_MAX];

		if (strncmp(entry->d_name, "policy", 6) != 0)
			continue;
		(void)snprintf(path, sizeof(path), CPU_DIR "/cpufreq/%s", entry->d_name);
		read_policy(m, path, t);
	}
	(void)closedir(dir);
}

void cpu_topology_read(struct machine *m, const struct cpu_set *online, struct cpu_topology *ret)
{
	size_t largest;
	int r = count_groups(m, online, "package_cpus_list", "core_siblings_list", &ret->sockets,
	                     &largest);

	if (r < 0)
		machine_note(m, "cpu.sockets", "/" CPU_DIR "/cpu*/topology", -r);
	r = count_groups(m, online, "core_cpus_list", "thread_siblings_list", &ret->cores,
	                 &ret->threads_per_core);
	if (r < 0)
		machine_note(m, "cpu.cores", "/" CPU_DIR "/cpu*/topology", -r);
	r = read_caches(m, online, ret);
	if (r < 0)
		machine_note(m, "cpu.caches", "/" CPU_DIR "/cpu*/cache", -r);
	read_nodes(m, ret);
	read_clock(m, ret);
}
