/* SPDX-License-Identifier: MIT */
/* One process as a record for programs. */
#include "pgrep.h"

#include "sys/terminals.h"

enum { NS_PER_S = 1000000000, AGE_DECIMALS = 2, NS_PER_AGE_UNIT = 10000000 };

static const struct column entry_columns[] = { PROCESS_COLUMNS };
const struct column_table pgrep_entry_table = { entry_columns, ARRAY_LEN(entry_columns) };

void process_texts_release(struct process_texts *t)
{
	strbuf_release(&t->id);
	strbuf_release(&t->exe);
	strbuf_release(&t->terminal);
	strbuf_release(&t->cgroup);
}

static void record_stat(struct pgrep *p, struct record *r, struct process_texts *texts)
{
	const struct candidate *c = &p->candidate;
	const struct proc_stat *s = &c->stat;
	struct timespec now = { 0 };
	int64_t age = candidate_age(p, c);
	int64_t started;

	texts->state[0] = s->state;
	record_u64(r, COL_PARENT, (uint64_t)s->parent);
	record_u64(r, COL_GROUP, (uint64_t)s->group);
	record_u64(r, COL_SESSION, (uint64_t)s->session);
	record_name(r, COL_STATE, texts->state);
	record_u64(r, COL_RSS, s->rss_pages * (uint64_t)sysconf(_SC_PAGESIZE));
	record_u64(r, COL_THREADS, s->threads);
	record_fixed(r, COL_AGE, age / NS_PER_AGE_UNIT, AGE_DECIMALS);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	/* Both clocks are only so good: hundredths are what the kernel counts in. */
	started = (now.tv_sec * INT64_C(1000000000) + now.tv_nsec - age) / NS_PER_AGE_UNIT;
	record_time(r, COL_STARTED,
	            (struct timespec){ .tv_sec = started / 100,
	                               .tv_nsec = started % 100 * NS_PER_AGE_UNIT });
	if (s->terminal != 0) {
		terminal_add_name(&texts->terminal, s->terminal);
		record_name(r, COL_TERMINAL, strbuf_str(&texts->terminal));
	}
}

static void record_cgroup(struct pgrep *p, struct record *r, struct process_texts *texts)
{
	struct proc_text text;

	if (proc_read(&p->reader, p->candidate.pid, 0, "cgroup", &text) < 0)
		return;
	for (const char *line = text.data; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		if (strncmp(line, "0::", 3) == 0) {
			strbuf_add(&texts->cgroup, line + 3, len - 3);
			record_bytes(r, COL_CGROUP, strbuf_str(&texts->cgroup), texts->cgroup.len);
		}
		line += len + (line[len] == '\n');
	}
}

void pgrep_record(struct pgrep *p, struct record *r, const struct proc_ref *ref,
                  struct process_texts *texts)
{
	struct candidate *c = &p->candidate;
	struct proc_text exe;
	uid_t euid;

	record_u64(r, COL_PID, (uint64_t)(c->tid != 0 ? c->tid : c->pid));
	if (ref != NULL) {
		proc_id_add(&texts->id, ref);
		record_name(r, COL_ID, strbuf_str(&texts->id));
	}
	if (candidate_stat(p, c))
		record_stat(p, r, texts);
	if (candidate_name(p, c))
		record_bytes(r, COL_NAME, strbuf_str(&c->name), c->name.len);
	if (candidate_argv(p, c))
		record_names(r, COL_ARGV, strbuf_str(&c->argv), c->argv.len);
	if (proc_read_link(&p->reader, c->pid, "exe", &exe) == 0) {
		strbuf_add(&texts->exe, exe.data, exe.len);
		record_bytes(r, COL_EXE, strbuf_str(&texts->exe), texts->exe.len);
	}
	if (proc_read_euid(&p->reader, c->pid, &euid) == 0) {
		const char *user = users_name(p->users, euid);

		record_u64(r, COL_UID, euid);
		if (user != NULL)
			record_name(r, COL_USER, user);
	}
	record_cgroup(p, r, texts);
	record_bool(r, COL_ANCESTOR, pgrep_is_ancestor(p, c->pid));
}
