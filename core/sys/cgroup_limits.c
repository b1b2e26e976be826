/* SPDX-License-Identifier: MIT */
#include "sys/cgroup_limits.h"

#include "base/num.h"

#include <errno.h>

enum { MOUNTINFO_MAX = 64 << 20 };

/* One hierarchy while its directories are visited from the group upwards. */
struct climb {
	struct machine *m;
	struct cgroup_limits *ret;
	char dir[MACHINE_PATH_MAX * 8];
	size_t len;
};

void cgroup_limits_release(struct cgroup_limits *limits)
{
	cgroup_paths_release(&limits->paths);
	strbuf_release(&limits->quota.source);
	strbuf_release(&limits->memory.source);
	strbuf_release(&limits->swap.source);
	strbuf_release(&limits->pids.source);
}

/* quota / period in thousandths. */
static int divide(uint64_t quota, uint64_t period, uint64_t *ret_milli)
{
	if (period == 0 || quota == 0 || __builtin_mul_overflow(quota, 1000, &quota))
		return -EBADMSG;
	*ret_milli = quota / period;
	return 0;
}

int cgroup_parse_cpu_max(const char *text, uint64_t *ret_milli)
{
	const size_t len = strlen(text);
	uint64_t quota;
	uint64_t period;
	size_t used;
	size_t more;

	if (strncmp(text, "max", 3) == 0 && (text[3] == ' ' || text[3] == '\0'))
		return -ENOENT;
	if (text_scan_u64(text, len, &quota, &used) < 0 || text[used] != ' ' ||
	    text_scan_u64(text + used, len - used, &period, &more) < 0 || used + more != len)
		return -EBADMSG;
	return divide(quota, period, ret_milli);
}

int cgroup_parse_limit(const char *text, uint64_t *ret)
{
	/* PAGE_COUNTER_MAX in bytes, whatever the size of a page: 0x7ffffffffffff000. */
	const uint64_t unlimited = UINT64_C(0x7fffffffff000000);
	uint64_t value;

	if (strcmp(text, "max") == 0 || strcmp(text, "-1") == 0)
		return -ENOENT;
	if (num_parse_u64(text, &value) < 0)
		return -EBADMSG;
	if (value >= unlimited)
		return -ENOENT;
	*ret = value;
	return 0;
}

/* The path of a file in the directory at hand; NULL when it is too long. */
static const char *path_of(struct climb *c, const char *file)
{
	size_t len = strlen(file);

	if (c->len + 1 + len >= sizeof(c->dir))
		return NULL;
	c->dir[c->len] = '/';
	memcpy(c->dir + c->len + 1, file, len + 1);
	return c->dir;
}

static int read_text(struct climb *c, const char *file, struct strbuf *ret)
{
	const char *path = path_of(c, file);

	return path != NULL ? machine_read_line(c->m, path, ret) : -ENAMETOOLONG;
}

static int read_limit(struct climb *c, const char *file, uint64_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	int r = read_text(c, file, &line);

	return r < 0 ? r : cgroup_parse_limit(strbuf_str(&line), ret);
}

/* Keeps the lesser. True when it is the new one. */
static bool lower(struct climb *c, struct cgroup_limit *limit, uint64_t value, const char *file)
{
	if (limit->known && limit->value <= value)
		return false;
	limit->known = true;
	limit->value = value;
	strbuf_clear(&limit->source);
	strbuf_add_char(&limit->source, '/');
	strbuf_add_str(&limit->source, path_of(c, file));
	return true;
}

/* A group at the root of a hierarchy has no such file; anything else is worth a note. */
static void note(struct climb *c, const char *field, const char *file, int r)
{
	AUTO_RELEASE_STRBUF struct strbuf source = { 0 };

	if (r >= 0 || r == -ENOENT)
		return;
	strbuf_add_char(&source, '/');
	strbuf_add_str(&source, r == -ENAMETOOLONG ? c->dir : path_of(c, file));
	machine_note(c->m, field, strbuf_str(&source), -r);
}

static void visit_cpu_v2(struct climb *c)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	uint64_t milli;
	int r = read_text(c, "cpu.max", &line);

	if (r == 0)
		r = cgroup_parse_cpu_max(strbuf_str(&line), &milli);
	if (r == 0)
		(void)lower(c, &c->ret->quota, milli, "cpu.max");
	note(c, "cpu.quota", "cpu.max", r);
}

static void visit_cpu_v1(struct climb *c)
{
	uint64_t quota;
	uint64_t period;
	uint64_t milli;
	int r = read_limit(c, "cpu.cfs_quota_us", &quota);

	if (r == 0) {
		r = read_limit(c, "cpu.cfs_period_us", &period);
		if (r == 0)
			r = divide(quota, period, &milli);
		if (r == 0)
			(void)lower(c, &c->ret->quota, milli, "cpu.cfs_quota_us");
	}
	note(c, "cpu.quota", "cpu.cfs_quota_us", r);
}

/* "inactive_file N" of memory.stat (version 1: total_inactive_file), or 0. */
static uint64_t cold_pages(struct climb *c, const char *key)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	const char *path = path_of(c, "memory.stat");
	const size_t key_len = strlen(key);
	const char *at;
	const char *end;
	const char *line;
	size_t len;

	if (path == NULL || machine_read(c->m, path, MACHINE_FILE_MAX, &text) < 0)
		return 0;
	at = strbuf_str(&text);
	end = at + text.len;
	while ((line = text_line(&at, end, &len)) != NULL) {
		uint64_t value;

		if (len > key_len && memcmp(line, key, key_len) == 0 && line[key_len] == ' ' &&
		    text_scan_u64(line + key_len, len - key_len, &value, NULL) == 0)
			return value;
	}
	return 0;
}

/* Names of the files with one meaning. */
struct memory_files {
	char max[24];
	char high[16]; /* "": there is none */
	char swap[28];
	char usage[24];
	char cold[24];
	bool swap_has_memory; /* the limit is for both together */
};

static void visit_memory(struct climb *c, const struct memory_files *files)
{
	struct cgroup_limits *ret = c->ret;
	uint64_t limit = UINT64_MAX;
	uint64_t usage;
	uint64_t value;
	int r = read_limit(c, files->max, &value);

	if (r == 0) {
		limit = value;
		(void)lower(c, &ret->memory, value, files->max);
	}
	note(c, "memory.limit_bytes", files->max, r);
	if (files->high[0] != '\0' && read_limit(c, files->high, &value) == 0) {
		limit = value < limit ? value : limit;
		(void)lower(c, &ret->memory, value, files->high);
	}
	if (read_limit(c, files->swap, &value) == 0) {
		if (!files->swap_has_memory)
			(void)lower(c, &ret->swap, value, files->swap);
		else if (limit != UINT64_MAX && value >= limit)
			(void)lower(c, &ret->swap, value - limit, files->swap);
	}
	if ((ret->usage_known && limit == UINT64_MAX) || read_limit(c, files->usage, &usage) < 0)
		return;
	if (!ret->usage_known) {
		ret->usage_known = true;
		ret->usage_bytes = usage;
	}
	if (limit == UINT64_MAX)
		return;
	value = cold_pages(c, files->cold);
	usage -= value < usage ? value : usage;
	value = limit > usage ? limit - usage : 0;
	if (!ret->left_known || value < ret->left_bytes)
		ret->left_bytes = value;
	ret->left_known = true;
}

static void visit_pids(struct climb *c)
{
	uint64_t value;
	int r = read_limit(c, "pids.max", &value);

	if (r == 0 && lower(c, &c->ret->pids, value, "pids.max"))
		c->ret->tasks_known = read_limit(c, "pids.current", &c->ret->tasks) == 0;
	note(c, "load.pids_limit", "pids.max", r);
}

static const struct memory_files memory_v1 = {
	.max = "memory.limit_in_bytes",
	.swap = "memory.memsw.limit_in_bytes",
	.usage = "memory.usage_in_bytes",
	.cold = "total_inactive_file",
	.swap_has_memory = true,
};
static const struct memory_files memory_v2 = {
	.max = "memory.max",
	.high = "memory.high",
	.swap = "memory.swap.max",
	.usage = "memory.current",
	.cold = "inactive_file",
};

static void visit(struct climb *c, enum cgroup_controller place, unsigned wanted)
{
	const bool all = place == CGROUP_UNIFIED;

	if (place == CGROUP_CPU)
		visit_cpu_v1(c);
	if (place == CGROUP_MEMORY)
		visit_memory(c, &memory_v1);
	if (all && (wanted & CGROUP_WANT_CPU) != 0)
		visit_cpu_v2(c);
	if (all && (wanted & CGROUP_WANT_MEMORY) != 0)
		visit_memory(c, &memory_v2);
	if (place == CGROUP_PIDS || (all && (wanted & CGROUP_WANT_PIDS) != 0))
		visit_pids(c);
}

/* From the group's own directory up to the mount point. */
static void climb_up(struct machine *m, enum cgroup_controller which, unsigned wanted,
                     struct cgroup_limits *ret)
{
	const struct cgroup_place *place = &ret->paths.places[which];
	struct climb c = { .m = m, .ret = ret };
	const size_t least = place->point.len;

	if (place->point.len + 1 + place->below.len >= sizeof(c.dir) - 64) {
		machine_note(m, "container.cgroup_path", "/proc/self/cgroup", ENAMETOOLONG);
		return;
	}
	(void)snprintf(c.dir, sizeof(c.dir), "%s%s%s", strbuf_str(&place->point),
	               place->below.len != 0 ? "/" : "", strbuf_str(&place->below));
	c.len = strlen(c.dir);
	for (;;) {
		visit(&c, which, wanted);
		if (c.len <= least)
			return;
		while (c.len > least && c.dir[c.len - 1] != '/')
			c.len--;
		while (c.len > least && c.dir[c.len - 1] == '/')
			c.len--;
	}
}

static const struct {
	uint8_t place;
	uint8_t want;
	char field[20];
} kinds[] = {
	{ CGROUP_CPU, CGROUP_WANT_CPU, "cpu.quota" },
	{ CGROUP_MEMORY, CGROUP_WANT_MEMORY, "memory.limit_bytes" },
	{ CGROUP_PIDS, CGROUP_WANT_PIDS, "load.pids_limit" },
};

static void note_all(struct machine *m, unsigned wanted, const char *source, int err)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if ((wanted & kinds[i].want) != 0)
			machine_note(m, kinds[i].field, source, err);
}

void cgroup_limits_read(struct machine *m, unsigned wanted, struct cgroup_limits *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf cgroup = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf mountinfo = { 0 };
	bool unified;
	int r = machine_read(m, "proc/self/cgroup", MACHINE_FILE_MAX, &cgroup);

	/* No such file: a kernel without control groups limits nothing, but so looks no /proc. */
	if (r < 0) {
		machine_note(m, "container.cgroup_version", "/proc/self/cgroup", -r);
		note_all(m, wanted, "/proc/self/cgroup", -r);
		return;
	}
	r = machine_read(m, "proc/self/mountinfo", MOUNTINFO_MAX, &mountinfo);
	if (r < 0)
		note_all(m, wanted, "/proc/self/mountinfo", -r);
	cgroup_paths_parse(&cgroup, &mountinfo, &ret->paths);
	unified = ret->paths.places[CGROUP_UNIFIED].mounted;
	for (size_t i = 0; i < ARRAY_LEN(kinds) && r == 0; i++) {
		if ((wanted & kinds[i].want) == 0)
			continue;
		if (ret->paths.places[kinds[i].place].mounted)
			climb_up(m, (enum cgroup_controller)kinds[i].place, wanted, ret);
		else if (!unified && ret->paths.version != CGROUP_NO_VERSION)
			machine_note(m, kinds[i].field, "/proc/self/mountinfo", ENOENT);
	}
	if (unified && wanted != 0)
		climb_up(m, CGROUP_UNIFIED, wanted, ret);
}
