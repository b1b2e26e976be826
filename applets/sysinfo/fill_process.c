/* SPDX-License-Identifier: MIT */
/* process: one process, the caller unless a number is given. */
#include "process_columns.h"
#include "sysinfo.h"

#include "sys/process_facts.h"
#include "sys/signal_names.h"
#include "sys/terminals.h"

#include <errno.h>

/* One process while it is looked at. */
struct look {
	struct snapshot *s;
	char dir[32]; /* "proc/1234" */
	struct strbuf text;
};

static int read_file(struct look *l, const char *name)
{
	char path[MACHINE_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", l->dir, name);
	return machine_read(&l->s->machine, path, MACHINE_FILE_MAX, &l->text);
}

static void note(struct look *l, const char *field, const char *name, int r)
{
	char source[MACHINE_PATH_MAX];

	(void)snprintf(source, sizeof(source), "/%s/%s", l->dir, name);
	machine_note(&l->s->machine, field, source, -r);
}

static void set(struct look *l, int column, uint64_t value)
{
	set_u64(l->s, SECTION_PROCESS, column, value);
}

static int fill_stat(struct look *l)
{
	struct snapshot *s = l->s;
	struct record *r = &s->records[SECTION_PROCESS];
	const uint64_t ticks = s->machine.is_live ? (uint64_t)sysconf(_SC_CLK_TCK) : 100;
	AUTO_RELEASE_STRBUF struct strbuf tty = { 0 };
	struct proc_stat stat = { 0 };
	int err = read_file(l, "stat");

	if (err == 0)
		err = proc_stat_parse(strbuf_str(&l->text), l->text.len, &stat);
	if (err < 0)
		return err;
	set(l, PROC_PID, (uint64_t)stat.pid);
	set(l, PROC_PPID, (uint64_t)stat.parent);
	set(l, PROC_PGID, (uint64_t)stat.group);
	set(l, PROC_SID, (uint64_t)stat.session);
	set(l, PROC_THREADS, stat.threads);
	set_text(s, SECTION_PROCESS, PROC_NAME, stat.comm);
	set_text(s, SECTION_PROCESS, PROC_STATE, (const char[]){ stat.state, '\0' });
	record_i64(r, PROC_NICE, stat.nice);
	set_fixed(s, SECTION_PROCESS, PROC_CPU, (stat.user_ticks + stat.system_ticks) * 100 / ticks,
	          2);
	if (stat.terminal != 0)
		terminal_add_name(&tty, stat.terminal);
	set_text_or_null(s, SECTION_PROCESS, PROC_TTY, &tty);
	if (s->system.page_size != 0)
		set(l, PROC_RSS, stat.rss_pages * s->system.page_size);
	if (s->boot_known) {
		const int64_t second = 1000000000;
		int64_t at = s->boot_ns / second + (int64_t)(stat.start_ticks / ticks);

		record_time(r, PROC_STARTED, (struct timespec){ .tv_sec = at });
	}
	return 0;
}

static void fill_mask(struct look *l, const struct strbuf *status, const char *key, int column)
{
	AUTO_RELEASE_STRBUF struct strbuf names = { 0 };
	uint64_t mask;

	if (!process_status_mask(status, key, &mask))
		return;
	for (int signo = 1; signo <= SIGNAL_NUMBER_MAX; signo++) {
		char name[SIGNAL_NAME_SIZE];

		if ((mask >> (signo - 1) & 1) == 0)
			continue;
		strbuf_add_str(&names, signal_name(signo, name));
		strbuf_add_char(&names, '\0');
	}
	set_names(l->s, SECTION_PROCESS, column, &names);
}

static void fill_capability(struct look *l, const struct strbuf *status, const char *key,
                            int column)
{
	AUTO_RELEASE_STRBUF struct strbuf names = { 0 };
	uint64_t mask;

	if (!process_status_mask(status, key, &mask))
		return;
	for (unsigned i = 0; i <= CAPABILITY_NUMBER_MAX; i++) {
		const char *name = capability_name(i);

		if ((mask >> i & 1) == 0)
			continue;
		if (name != NULL)
			strbuf_add_str(&names, name);
		else
			strbuf_add_format(&names, "cap_%u", i);
		strbuf_add_char(&names, '\0');
	}
	set_names(l->s, SECTION_PROCESS, column, &names);
}

static void fill_accounts(struct look *l, const struct strbuf *status)
{
	static const struct {
		char key[8];
		uint8_t index, column;
	} keys[] = { { "Uid", 0, PROC_UID },
		     { "Uid", 1, PROC_EUID },
		     { "Gid", 0, PROC_GID },
		     { "Gid", 1, PROC_EGID },
		     { "Seccomp", 0, PROC_SECCOMP } };
	uint64_t value;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (process_status_number(status, keys[i].key, keys[i].index, &value))
			set(l, keys[i].column, value);
	if (process_status_number(status, "Uid", 1, &value) && account_user(l->s, value)[0] != '\0')
		set_text(l->s, SECTION_PROCESS, PROC_USER, account_user(l->s, value));
	if (process_status_number(status, "Gid", 1, &value) &&
	    account_group(l->s, value)[0] != '\0')
		set_text(l->s, SECTION_PROCESS, PROC_GROUP, account_group(l->s, value));
	if (process_status_number(status, "NoNewPrivs", 0, &value))
		record_bool(&l->s->records[SECTION_PROCESS], PROC_NO_NEW_PRIVS, value != 0);
}

static void fill_status(struct look *l)
{
	int r = read_file(l, "status");

	if (r < 0) {
		note(l, "process.uid", "status", r);
		return;
	}
	fill_accounts(l, &l->text);
	fill_mask(l, &l->text, "SigBlk", PROC_SIG_BLOCKED);
	fill_mask(l, &l->text, "SigIgn", PROC_SIG_IGNORED);
	fill_mask(l, &l->text, "SigCgt", PROC_SIG_CAUGHT);
	fill_mask(l, &l->text, "ShdPnd", PROC_SIG_PENDING);
	fill_capability(l, &l->text, "CapEff", PROC_CAPS);
	fill_capability(l, &l->text, "CapPrm", PROC_CAPS_PERMITTED);
}

/* What counts as in `top`. */
static void fill_use(struct look *l, pid_t pid)
{
	const unsigned wanted =
		PROCESS_WANT_SWAP | PROCESS_WANT_PSS | PROCESS_WANT_FDS | PROCESS_WANT_CGROUP;
	struct process_use use = { 0 };

	process_use_read(&l->s->machine, pid, wanted, &use);
	if (use.swap_known)
		set(l, PROC_SWAP, use.swap_bytes);
	if (use.pss_known)
		set(l, PROC_PSS, use.pss_bytes);
	if (use.fds_known)
		set(l, PROC_FDS, use.fds);
	else
		note(l, "process.fds", "fd", -EACCES);
	set_text_or_null(l->s, SECTION_PROCESS, PROC_CGROUP, &use.cgroup);
	strbuf_release(&use.cgroup);
}

static void fill_link(struct look *l, const char *name, const char *field, int column)
{
	AUTO_RELEASE_STRBUF struct strbuf target = { 0 };
	char path[MACHINE_PATH_MAX];
	int r;

	(void)snprintf(path, sizeof(path), "%s/%s", l->dir, name);
	r = machine_read_link(&l->s->machine, path, &target);
	if (r < 0)
		note(l, field, name, r);
	else
		set_text_or_null(l->s, SECTION_PROCESS, column, &target);
}

static void fill_number(struct look *l, const char *name, int column)
{
	const char *text;
	bool is_negative;
	uint64_t value;

	if (read_file(l, name) < 0)
		return;
	text = strbuf_str(&l->text);
	is_negative = text[0] == '-';
	if (text_scan_u64(text + is_negative, strlen(text + is_negative), &value, NULL) == 0 &&
	    value <= INT32_MAX)
		record_i64(&l->s->records[SECTION_PROCESS], column,
		           is_negative ? -(int64_t)value : (int64_t)value);
}

static void fill_limits(struct look *l)
{
	const char *at;
	const char *end;
	struct process_limit limit;
	int r = read_file(l, "limits");

	if (r < 0) {
		note(l, "process.limits", "limits", r);
		return;
	}
	at = strbuf_str(&l->text);
	end = at + l->text.len;
	while (process_limit_next(&at, end, &limit)) {
		struct record row;

		record_begin(&row, "item", &limit_table);
		row_text(l->s, &row, LIM_NAME, limit.name);
		if (limit.soft != UINT64_MAX)
			record_u64(&row, LIM_SOFT, limit.soft);
		if (limit.hard != UINT64_MAX)
			record_u64(&row, LIM_HARD, limit.hard);
		if (limit.unit[0] != '\0')
			row_text(l->s, &row, LIM_UNIT, limit.unit);
		list_push(&l->s->limits, &row);
	}
	l->s->records[SECTION_PROCESS].values[PROC_LIMITS].kind = VALUE_ITEMS;
}

static void fill_namespaces(struct look *l)
{
	static const char types[][8] = {
		"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"
	};
	AUTO_RELEASE_STRBUF struct strbuf target = { 0 };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		char path[MACHINE_PATH_MAX];
		struct record row;
		const char *digits;
		uint64_t id;

		(void)snprintf(path, sizeof(path), "%s/ns/%s", l->dir, types[i]);
		r = machine_read_link(&l->s->machine, path, &target);
		digits = strchr(strbuf_str(&target), '[');
		if (r < 0 || digits == NULL ||
		    text_scan_u64(digits + 1, strlen(digits + 1), &id, NULL) < 0)
			continue;
		record_begin(&row, "item", &namespace_table);
		row_text(l->s, &row, NS_TYPE, types[i]);
		record_u64(&row, NS_ID, id);
		list_push(&l->s->namespaces, &row);
	}
	if (list_rows(&l->s->namespaces) == 0)
		note(l, "process.namespaces", "ns", r < 0 ? r : -EBADMSG);
	else
		l->s->records[SECTION_PROCESS].values[PROC_NAMESPACES].kind = VALUE_ITEMS;
}

/* The process that was asked for; in a recorded tree that which recorded it, by default. */
static int64_t wanted_pid(struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	uint64_t pid;

	if (s->wishes->pid != 0)
		return s->wishes->pid;
	/* Without a parent that can be seen, it is this process that remains. */
	if (s->machine.is_live)
		return getppid() > 0 ? getppid() : getpid();
	if (machine_read(&s->machine, "proc/self/status", MACHINE_FILE_MAX, &text) == 0 &&
	    process_status_number(&text, "Pid", 0, &pid) && pid <= INT32_MAX)
		return (int64_t)pid;
	return 0;
}

void fill_process(struct snapshot *s)
{
	struct look look = { .s = s };
	int64_t pid;
	int r;

	if (!snapshot_wants(s, PART_PROCESS))
		return;
	pid = wanted_pid(s);
	(void)snprintf(look.dir, sizeof(look.dir), "proc/%lld", (long long)pid);
	r = fill_stat(&look);
	if (r < 0) {
		note(&look, "process.pid", "stat", r);
		if (s->wishes->pid != 0 && (r == -ENOENT || r == -ESRCH))
			diag_partial_text(s->ctx->diag, NULL, "there is no process %lld",
			                  (long long)pid);
		strbuf_release(&look.text);
		return;
	}
	fill_status(&look);
	fill_use(&look, (pid_t)pid);
	if (read_file(&look, "cmdline") == 0)
		set_names(s, SECTION_PROCESS, PROC_COMMAND, &look.text);
	fill_link(&look, "exe", "process.exe", PROC_EXE);
	fill_link(&look, "cwd", "process.cwd", PROC_CWD);
	fill_number(&look, "oom_score", PROC_OOM);
	fill_number(&look, "oom_score_adj", PROC_OOM_ADJ);
	fill_limits(&look);
	fill_namespaces(&look);
	strbuf_release(&look.text);
}
