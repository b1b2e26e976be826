/* SPDX-License-Identifier: MIT */
#include "sys/process_facts.h"

#include "sys/cgroup_paths.h"
#include "sys/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { STAT_MAX = 4096 };

const char *process_status_value(const char *text, size_t len, const char *key, size_t *ret_len)
{
	const char *at = text;
	const char *line;
	const char *value;
	size_t line_len;

	while ((line = text_line(&at, text + len, &line_len)) != NULL)
		if (text_key(line, line_len, key, &value, ret_len))
			return value;
	return NULL;
}

bool process_status_number(const struct strbuf *status, const char *key, unsigned index,
                           uint64_t *ret)
{
	size_t len;
	const char *value = process_status_value(strbuf_str(status), status->len, key, &len);

	for (unsigned i = 0; value != NULL; i++) {
		uint64_t number;
		size_t used;

		if (text_scan_u64(value, len, &number, &used) < 0)
			return false;
		if (i == index) {
			*ret = number;
			return true;
		}
		value += used;
		len -= used;
	}
	return false;
}

bool process_status_mask(const struct strbuf *status, const char *key, uint64_t *ret)
{
	size_t len;
	const char *value = process_status_value(strbuf_str(status), status->len, key, &len);
	uint64_t mask = 0;

	if (value == NULL || len == 0 || len > 16)
		return false;
	for (size_t i = 0; i < len; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = value[i] != '\0' ? strchr(digits, value[i]) : NULL;

		if (digit == NULL)
			return false;
		mask = mask << 4 | (uint64_t)(digit - digits);
	}
	*ret = mask;
	return true;
}

/* The next word, two blanks or more end the name of a limit. */
static bool scan_limit(const char **at, const char *end, uint64_t *ret)
{
	static const char unlimited[] = "unlimited";
	size_t used;

	while (*at < end && **at == ' ')
		(*at)++;
	if ((size_t)(end - *at) >= sizeof(unlimited) - 1 &&
	    memcmp(*at, unlimited, sizeof(unlimited) - 1) == 0) {
		*ret = UINT64_MAX;
		*at += sizeof(unlimited) - 1;
		return true;
	}
	if (text_scan_u64(*at, (size_t)(end - *at), ret, &used) < 0)
		return false;
	*at += used;
	return true;
}

bool process_limit_next(const char **at, const char *end, struct process_limit *ret)
{
	static const char start[] = "Max ";
	const char *line;
	size_t len;

	while ((line = text_line(at, end, &len)) != NULL) {
		struct process_limit limit = { 0 };
		const char *line_end = line + len;
		const char *gap = memmem(line, len, "  ", 2);
		size_t name_len;

		if (gap == NULL || len < sizeof(start) || memcmp(line, start, 4) != 0)
			continue;
		line += sizeof(start) - 1;
		name_len = (size_t)(gap - line);
		if (gap < line || name_len >= sizeof(limit.name) ||
		    memchr(line, '\0', name_len) != NULL)
			continue;
		memcpy(limit.name, line, name_len);
		if (!scan_limit(&gap, line_end, &limit.soft) ||
		    !scan_limit(&gap, line_end, &limit.hard))
			continue;
		while (gap < line_end && *gap == ' ')
			gap++;
		for (size_t i = 0; gap<line_end && * gap> ' ' && i + 1 < sizeof(limit.unit); i++)
			limit.unit[i] = *gap++;
		*ret = limit;
		return true;
	}
	return false;
}

static int read_of(const struct machine *m, pid_t pid, const char *name, size_t limit,
                   struct strbuf *ret)
{
	char path[MACHINE_PATH_MAX];

	(void)snprintf(path, sizeof(path), "proc/%d/%s", (int)pid, name);
	return machine_read(m, path, limit, ret);
}

static uint64_t count_entries(const struct machine *m, pid_t pid, bool *ret_known)
{
	char path[MACHINE_PATH_MAX];
	uint64_t n = 0;
	DIR *dir;
	int fd;

	(void)snprintf(path, sizeof(path), "proc/%d/fd", (int)pid);
	fd = machine_openat(m, path, O_RDONLY | O_DIRECTORY);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		n += entry->d_name[0] != '.';
	(void)closedir(dir);
	*ret_known = true;
	return n;
}

static bool read_kib(const struct strbuf *text, const char *key, uint64_t *ret)
{
	uint64_t kib;

	return process_status_number(text, key, 0, &kib) && !__builtin_mul_overflow(kib, 1024, ret);
}

static void read_wanted(const struct machine *m, pid_t pid, unsigned wanted, struct strbuf *text,
                        struct process_use *ret)
{
	if ((wanted & (PROCESS_WANT_UID | PROCESS_WANT_SWAP)) != 0 &&
	    read_of(m, pid, "status", MACHINE_FILE_MAX, text) == 0) {
		ret->uid_known = process_status_number(text, "Uid", 1, &ret->uid);
		/* Kernel threads have no such line, and no swap. */
		ret->swap_known = read_kib(text, "VmSwap", &ret->swap_bytes);
	}
	if ((wanted & PROCESS_WANT_PSS) != 0 &&
	    read_of(m, pid, "smaps_rollup", MACHINE_FILE_MAX, text) == 0)
		ret->pss_known = read_kib(text, "Pss", &ret->pss_bytes);
	if ((wanted & PROCESS_WANT_FDS) != 0)
		ret->fds = count_entries(m, pid, &ret->fds_known);
	if ((wanted & PROCESS_WANT_CGROUP) != 0 &&
	    read_of(m, pid, "cgroup", MACHINE_FILE_MAX, text) == 0) {
		const struct strbuf none = { 0 };
		struct cgroup_paths paths = { 0 };

		cgroup_paths_parse(text, &none, &paths);
		strbuf_add(&ret->cgroup, strbuf_str(&paths.path), paths.path.len);
		cgroup_paths_release(&paths);
	}
}

void process_use_read(const struct machine *m, pid_t pid, unsigned wanted, struct process_use *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	read_wanted(m, pid, wanted, &text, ret);
}

typedef void process_visit(pid_t pid, const struct proc_stat *stat, struct strbuf *text,
                           void *user);

static int visit_all(const struct machine *m, process_visit *visit, void *user)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int fd = machine_openat(m, "proc", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir == NULL) {
		int err = errno;

		if (fd < 0)
			return fd;
		(void)close(fd);
		return -err;
	}
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		struct proc_stat stat;
		pid_t pid;

		if (!procfs_is_pid(entry->d_name, &pid) ||
		    read_of(m, pid, "stat", STAT_MAX, &text) < 0 ||
		    proc_stat_parse(strbuf_str(&text), text.len, &stat) < 0)
			continue;
		visit(pid, &stat, &text, user);
	}
	(void)closedir(dir);
	return 0;
}

struct gather {
	const struct machine *m;
	unsigned wanted;
	struct process_uses *ret;
};

static void gather_use(pid_t pid, const struct proc_stat *stat, struct strbuf *text, void *user)
{
	const struct gather *g = user;
	struct process_use use = { .stat = *stat };

	read_wanted(g->m, pid, g->wanted, text, &use);
	vec_push(g->ret, use);
}

static int by_pid(const void *a, const void *b)
{
	const struct process_use *x = a;
	const struct process_use *y = b;

	return x->stat.pid < y->stat.pid ? -1 : x->stat.pid > y->stat.pid;
}

int process_uses_read(const struct machine *m, unsigned wanted, struct process_uses *ret)
{
	struct gather g = { m, wanted, ret };
	int r = visit_all(m, gather_use, &g);

	if (ret->len > 1)
		qsort(ret->items, ret->len, sizeof(*ret->items), by_pid);
	return r;
}

void process_uses_release(struct process_uses *uses)
{
	for (size_t i = 0; i < uses->len; i++)
		strbuf_release(&uses->items[i].cgroup);
	vec_release(uses);
}

static void count_state(pid_t pid, const struct proc_stat *stat, struct strbuf *text, void *user)
{
	struct process_states *states = user;

	(void)pid;
	(void)text;
	states->processes++;
	states->blocked += stat->state == 'D';
	states->zombies += stat->state == 'Z';
}

int process_states_read(const struct machine *m, struct process_states *ret)
{
	struct process_states states = { 0 };
	int r = visit_all(m, count_state, &states);

	if (r == 0)
		*ret = states;
	return r;
}

const char *capability_name(unsigned number)
{
	static const char names[][24] = {
		"cap_chown",
		"cap_dac_override",
		"cap_dac_read_search",
		"cap_fowner",
		"cap_fsetid",
		"cap_kill",
		"cap_setgid",
		"cap_setuid",
		"cap_setpcap",
		"cap_linux_immutable",
		"cap_net_bind_service",
		"cap_net_broadcast",
		"cap_net_admin",
		"cap_net_raw",
		"cap_ipc_lock",
		"cap_ipc_owner",
		"cap_sys_module",
		"cap_sys_rawio",
		"cap_sys_chroot",
		"cap_sys_ptrace",
		"cap_sys_pacct",
		"cap_sys_admin",
		"cap_sys_boot",
		"cap_sys_nice",
		"cap_sys_resource",
		"cap_sys_time",
		"cap_sys_tty_config",
		"cap_mknod",
		"cap_lease",
		"cap_audit_write",
		"cap_audit_control",
		"cap_setfcap",
		"cap_mac_override",
		"cap_mac_admin",
		"cap_syslog",
		"cap_wake_alarm",
		"cap_block_suspend",
		"cap_audit_read",
		"cap_perfmon",
		"cap_bpf",
		"cap_checkpoint_restore",
	};

	return number < ARRAY_LEN(names) ? names[number] : NULL;
}
