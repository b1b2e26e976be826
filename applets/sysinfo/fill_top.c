/* SPDX-License-Identifier: MIT */
/* top: which processes use most of something, one by one or summed up. */
#include "sysinfo.h"

#include "base/map.h"
#include "base/num.h"
#include "sys/process_facts.h"

#include <assert.h>
#include <errno.h>

enum {
	TOP_RANK,
	TOP_PID,
	TOP_NAME,
	TOP_USER,
	TOP_CGROUP,
	TOP_COUNT,
	TOP_KEY,
	TOP_VALUE,
	TOP_SHARE,
	TOP_MEASURE,
	TOP_COLS
};

static const struct column top_columns[] = {
	[TOP_RANK] = { "rank", COLUMN_COUNT, "1 uses most" },
	[TOP_PID] = { "pid", COLUMN_COUNT, "null for a group" },
	[TOP_NAME] = { "name", COLUMN_NAME, "of the process; with --group=name, of all in it" },
	[TOP_USER] = { "user", COLUMN_NAME, "or the number of one without a name" },
	[TOP_CGROUP] = { "cgroup", COLUMN_NAME, "with --group=cgroup" },
	[TOP_COUNT] = { "processes", COLUMN_COUNT, "in the group" },
	[TOP_KEY] = { "by", COLUMN_TEXT, "rss, pss, swap, cpu, threads or fds" },
	[TOP_VALUE] = { "value", COLUMN_FIXED, "bytes, seconds (cpu), or a count" },
	[TOP_SHARE] = { "share_pct", COLUMN_FIXED, "of memory, swap, or of all processes' sum" },
	[TOP_MEASURE] = { "measure", COLUMN_TEXT,
	                  "what was measured: rss where pss is not readable; mixed" },
};

const struct column_table top_table = { top_columns, TOP_COLS };

/* A process, or several, and what they use. */
struct user {
	const struct process_use *first;
	const char *label; /* of a group; borrowed from the map */
	uint64_t value;
	size_t members;
	bool has_pss, has_rss; /* what the value is made of */
};

struct users_of {
	VEC_FIELDS(struct user);
};

static const char keys[][8] = {
	[TOP_RSS] = "rss", [TOP_PSS] = "pss",         [TOP_SWAP] = "swap",
	[TOP_CPU] = "cpu", [TOP_THREADS] = "threads", [TOP_FDS] = "fds",
};

/* False: not known of this process. */
static bool measure(const struct snapshot *s, const struct process_use *use, struct user *ret)
{
	uint64_t rss = num_mul_sat(use->stat.rss_pages, s->system.page_size, NULL);

	ret->has_rss = true;
	switch (s->opts->by) {
	case TOP_PSS:
		ret->value = use->pss_known ? use->pss_bytes : rss;
		ret->has_pss = use->pss_known;
		ret->has_rss = !use->pss_known;
		return true;
	case TOP_SWAP:
		ret->value = use->swap_bytes;
		return use->swap_known;
	case TOP_CPU:
		ret->value = use->stat.user_ticks + use->stat.system_ticks;
		return true;
	case TOP_THREADS:
		ret->value = use->stat.threads;
		return true;
	case TOP_FDS:
		ret->value = use->fds;
		return use->fds_known;
	default:
		ret->value = rss;
		return true;
	}
}

/* What a process belongs to under --group. */
static void add_label(struct snapshot *s, const struct process_use *use, struct strbuf *ret)
{
	const char *name;

	strbuf_clear(ret);
	if (s->opts->group == TOP_BY_NAME) {
		strbuf_add_str(ret, use->stat.comm);
	} else if (s->opts->group == TOP_BY_CGROUP) {
		strbuf_add(ret, strbuf_str(&use->cgroup), use->cgroup.len);
	} else if (use->uid_known) {
		name = account_user(s, use->uid);
		strbuf_add_str(ret, name);
		if (name[0] == '\0')
			strbuf_add_u64(ret, use->uid);
	}
}

static void add_to_group(struct snapshot *s, struct map *groups, struct users_of *all,
                         const struct user *one)
{
	AUTO_RELEASE_STRBUF struct strbuf label = { 0 };
	struct map_entry *entry;
	struct user *group;
	bool is_new;

	add_label(s, one->first, &label);
	entry = map_add(groups, strbuf_str(&label), label.len, &is_new);
	if (is_new) {
		entry->value = all->len;
		vec_push(all, (struct user){ .first = one->first, .label = entry->key });
	}
	assert(all->items != NULL);
	group = &all->items[entry->value];
	group->value = num_add_sat(group->value, one->value, NULL);
	group->members++;
	group->has_pss = group->has_pss || one->has_pss;
	group->has_rss = group->has_rss || one->has_rss;
}

static int by_value(const void *a, const void *b)
{
	const struct user *x = a;
	const struct user *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return x->first->stat.pid < y->first->stat.pid ? -1 : 1;
}

/* What 100 % is; 0: there is nothing to compare with. */
static uint64_t whole(const struct snapshot *s, const struct users_of *all)
{
	uint64_t sum = 0;

	if ((s->opts->by == TOP_RSS || s->opts->by == TOP_PSS) && s->memory.known[MEMORY_TOTAL])
		return s->memory.bytes[MEMORY_TOTAL];
	if (s->opts->by == TOP_SWAP && s->memory.known[MEMORY_SWAP_TOTAL])
		return s->memory.bytes[MEMORY_SWAP_TOTAL];
	for (size_t i = 0; i < all->len; i++)
		sum = num_add_sat(sum, all->items[i].value, NULL);
	return sum;
}

static void set_who(struct snapshot *s, struct record *row, const struct user *user)
{
	const struct process_use *use = user->first;
	const int group = s->opts->group;

	if (group == TOP_SINGLE) {
		record_u64(row, TOP_PID, (uint64_t)use->stat.pid);
		row_text(s, row, TOP_NAME, use->stat.comm);
		if (use->uid_known) {
			AUTO_RELEASE_STRBUF struct strbuf number = { 0 };
			const char *name = account_user(s, use->uid);

			strbuf_add_u64(&number, use->uid);
			row_text(s, row, TOP_USER, name[0] != '\0' ? name : strbuf_str(&number));
		}
	} else if (user->label[0] != '\0') {
		row_text(s, row,
		         group == TOP_BY_NAME   ? TOP_NAME
		         : group == TOP_BY_USER ? TOP_USER
		                                : TOP_CGROUP,
		         user->label);
	}
}

static void add_row(struct snapshot *s, const struct user *user, size_t rank, uint64_t all)
{
	const uint64_t ticks = s->machine.is_live ? (uint64_t)sysconf(_SC_CLK_TCK) : 100;
	const bool is_pss = s->opts->by == TOP_PSS;
	struct record row;

	record_begin(&row, "item", &top_table);
	record_u64(&row, TOP_RANK, rank);
	set_who(s, &row, user);
	record_u64(&row, TOP_COUNT, user->members);
	row_text(s, &row, TOP_KEY, keys[s->opts->by]);
	if (s->opts->by == TOP_CPU)
		record_fixed(&row, TOP_VALUE, (int64_t)(user->value * 100 / ticks), 2);
	else
		record_u64(&row, TOP_VALUE, user->value);
	if (all != 0 && user->value <= UINT64_MAX / 10000)
		record_fixed(&row, TOP_SHARE, (int64_t)(user->value * 10000 / all), 2);
	row_text(s, &row, TOP_MEASURE,
	         is_pss && user->has_pss && user->has_rss ? "mixed"
	         : is_pss && user->has_rss                ? "rss"
	                                                  : keys[s->opts->by]);
	list_push(&s->lists[SECTION_TOP], &row);
}

static unsigned wanted_facts(const struct sysinfo_opts *opts)
{
	static const uint8_t by[] = {
		[TOP_RSS] = 0,
		[TOP_PSS] = PROCESS_WANT_PSS,
		[TOP_SWAP] = PROCESS_WANT_SWAP,
		[TOP_CPU] = 0,
		[TOP_THREADS] = 0,
		[TOP_FDS] = PROCESS_WANT_FDS,
	};
	static const uint8_t group[] = {
		[TOP_SINGLE] = PROCESS_WANT_UID,
		[TOP_BY_NAME] = 0,
		[TOP_BY_USER] = PROCESS_WANT_UID,
		[TOP_BY_CGROUP] = PROCESS_WANT_CGROUP,
	};

	return by[opts->by] | (unsigned)group[opts->group];
}

static void rank(struct snapshot *s, const struct process_uses *uses)
{
	AUTO_FREE(map) struct map *groups = map_new();
	struct users_of all = { 0 };
	size_t unknown = 0;
	uint64_t sum;

	for (size_t i = 0; i < uses->len; i++) {
		struct user one = { .first = &uses->items[i], .members = 1 };

		if (!measure(s, one.first, &one))
			unknown++;
		else if (s->opts->group == TOP_SINGLE)
			vec_push(&all, one);
		else
			add_to_group(s, groups, &all, &one);
	}
	if (all.len > 1)
		qsort(all.items, all.len, sizeof(*all.items), by_value);
	sum = whole(s, &all);
	for (size_t i = 0; i < all.len && i < (size_t)s->opts->number; i++)
		add_row(s, &all.items[i], i + 1, sum);
	/* Kernel threads have no swap; what others have open is not everybody's business. */
	if (unknown != 0 && s->opts->by == TOP_FDS)
		machine_note(&s->machine, "top", "/proc/*/fd", EACCES);
	vec_release(&all);
}

void fill_top(struct snapshot *s)
{
	struct process_uses uses = { 0 };
	int r;

	if (!snapshot_wants(s, PART_TOP))
		return;
	r = process_uses_read(&s->machine, wanted_facts(s->opts), &uses);
	if (r < 0)
		machine_note(&s->machine, "top", "/proc", -r);
	rank(s, &uses);
	process_uses_release(&uses);
}
