/* SPDX-License-Identifier: MIT */
#include "fs/same_keep.h"

#include "base/mem.h"
#include "base/path.h"

#include <sys/stat.h>

/* What the comparisons need. */
struct arranging {
	const struct file_list *list;
	struct same_result *result;
	const struct same_keep_opts *opts;
	struct file_opener *opener;
};

enum { ORDINAL_SHIFT = 8 }; /* in flags, above enum same_flags: which inode of the group it is */

bool same_is_leftover(const char *name)
{
	static const char mark[] = ".dupes.";
	enum { DIGITS = 16 };
	size_t len = strlen(name);
	size_t tail = sizeof(mark) - 1 + DIGITS + 1;
	const char *at = name + len - tail;

	return len > tail + 1 && name[0] == '.' && name[len - 1] == '~' &&
	       memcmp(at, mark, sizeof(mark) - 1) == 0 &&
	       strspn(at + sizeof(mark) - 1, "0123456789abcdef") == DIGITS;
}

/* Of an operand too the name alone. */
static const char *base_name(const struct arranging *a, uint32_t file)
{
	return path_base_name(file_list_name(a->list, file));
}

static int compare_times(struct timespec a, struct timespec b)
{
	if (a.tv_sec != b.tv_sec)
		return a.tv_sec < b.tv_sec ? -1 : 1;
	return a.tv_nsec < b.tv_nsec ? -1 : a.tv_nsec > b.tv_nsec;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static uint64_t path_len(const struct arranging *a, uint32_t file)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	file_list_add_path(a->list, file, &path);
	return path.len;
}

static bool matches(const struct arranging *a, uint32_t file)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	file_list_add_path(a->list, file, &path);
	return glob_matches(a->opts->pattern, strbuf_str(&path), path.len);
}

static unsigned slashes(const struct arranging *a, uint32_t file)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	unsigned n = 0;

	file_list_add_path(a->list, file, &path);
	for (const char *at = strbuf_str(&path); (at = strchr(at, '/')) != NULL; at++)
		n++;
	return n;
}

/* Negative: x rather stays than y, by the rule alone. */
static int compare_by_rule(const struct arranging *a, const struct same_member *x,
                           const struct same_member *y)
{
	switch (a->opts->keep) {
	case SAME_KEEP_FIRST:
		return compare_numbers(file_list_root(a->list, x->file),
		                       file_list_root(a->list, y->file));
	case SAME_KEEP_OLDEST:
		return compare_times(x->mtime, y->mtime);
	case SAME_KEEP_NEWEST:
		return compare_times(y->mtime, x->mtime);
	case SAME_KEEP_SHORTEST_PATH:
		return compare_numbers(path_len(a, x->file), path_len(a, y->file));
	case SAME_KEEP_LONGEST_PATH:
		return compare_numbers(path_len(a, y->file), path_len(a, x->file));
	case SAME_KEEP_SHALLOWEST:
		return compare_numbers(slashes(a, x->file), slashes(a, y->file));
	case SAME_KEEP_DEEPEST:
		return compare_numbers(slashes(a, y->file), slashes(a, x->file));
	case SAME_KEEP_MOST_LINKS:
		return compare_numbers(y->nlink, x->nlink);
	case SAME_KEEP_PATTERN:
		return matches(a, y->file) - matches(a, x->file);
	}
	return 0;
}

/* Negative: x rather stays than y. What an interrupted run left never does when there is a choice.
 */
static int compare_for_keeping(const struct arranging *a, const struct same_member *x,
                               const struct same_member *y)
{
	int order =
		same_is_leftover(base_name(a, x->file)) - same_is_leftover(base_name(a, y->file));

	if (order == 0)
		order = compare_by_rule(a, x, y);
	if (order == 0 && a->opts->keep != SAME_KEEP_FIRST)
		order = compare_numbers(file_list_root(a->list, x->file),
		                        file_list_root(a->list, y->file));
	if (order == 0)
		order = compare_times(x->mtime, y->mtime);
	return order != 0 ? order : file_list_compare(a->list, x->file, y->file);
}

static uint32_t ordinal(const struct same_member *m)
{
	return m->flags >> ORDINAL_SHIFT;
}

static bool is_ref(const struct arranging *a, const struct same_member *m)
{
	return file_list_root(a->list, m->file) >= a->opts->first_ref;
}

static int compare_names(const void *x, const void *y, void *user)
{
	const struct arranging *a = user;
	const struct same_member *mx = x;
	const struct same_member *my = y;
	int order = strcmp(base_name(a, mx->file), base_name(a, my->file));

	/* A reference goes before another way to the same entry. */
	if (order == 0)
		order = is_ref(a, my) - is_ref(a, mx);
	return order != 0 ? order : file_list_compare(a->list, mx->file, my->file);
}

/* The directory that holds it, for telling whether two names are one entry. */
static bool directory_of(const struct arranging *a, uint32_t file, struct stat *ret,
                         const char **name)
{
	AUTO_CLOSE int fd = file_opener_open_dir(a->opener, file, name);

	return fd >= 0 && fstat(fd, ret) == 0;
}

static bool is_same_entry(const struct arranging *a, uint32_t x, uint32_t y)
{
	struct stat sx;
	struct stat sy;
	const char *name_x;
	const char *name_y;

	return directory_of(a, x, &sx, &name_x) && directory_of(a, y, &sy, &name_y) &&
	       sx.st_dev == sy.st_dev && sx.st_ino == sy.st_ino && strcmp(name_x, name_y) == 0;
}

/* Names of one inode, sorted: is `m` an entry that one of `kept` with its name leads to? */
static bool is_known(const struct arranging *a, const struct same_member *kept, size_t n,
                     const struct same_member *m)
{
	const char *name = base_name(a, m->file);

	while (n-- > 0) {
		if (strcmp(base_name(a, kept[n].file), name) != 0)
			return false;
		if (is_same_entry(a, kept[n].file, m->file))
			return true;
	}
	return false;
}

/* Names of one inode: takes those out that lead to the same entry as one before; how many stay. */
static size_t unite_names(const struct arranging *a, struct same_member *m, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort_r(m, n, sizeof(*m), compare_names, (void *)(uintptr_t)a);
	for (size_t i = 0; i < n; i++)
		if (!is_known(a, m, kept, &m[i]))
			m[kept++] = m[i];
	return kept;
}

/* Numbers the inodes, whose names adjoin, and takes names out that lead to one entry. */
static void number_inodes(const struct arranging *a, struct same_group *g)
{
	struct same_member *m = a->result->members.items + g->first;
	size_t kept = 0;
	uint32_t inode = 0;

	for (size_t i = 0, end; i < g->len; i = end, inode++) {
		const struct file_record *r = file_list_at(a->list, m[i].file);
		size_t n;

		for (end = i + 1; end < g->len; end++) {
			const struct file_record *other = file_list_at(a->list, m[end].file);

			if (other->ino != r->ino || other->device != r->device)
				break;
		}
		n = unite_names(a, m + i, end - i);
		for (size_t k = 0; k < n; k++) {
			m[kept] = m[i + k];
			m[kept++].flags = inode << ORDINAL_SHIFT;
		}
	}
	g->len = kept;
}

/* Which inodes stay: those below reference directories, or one. */
static void choose(const struct arranging *a, struct same_group *g, bool *stays)
{
	struct same_member *m = a->result->members.items + g->first;
	const struct same_member *best = &m[0];
	bool some_ref = false;

	for (size_t i = 0; i < g->len; i++) {
		if (is_ref(a, &m[i])) {
			m[i].flags |= SAME_REF;
			stays[ordinal(&m[i])] = true;
			some_ref = true;
		}
		if (compare_for_keeping(a, &m[i], best) < 0)
			best = &m[i];
	}
	if (!some_ref)
		stays[ordinal(best)] = true;
}

static int compare_members(const void *x, const void *y, void *user)
{
	const struct arranging *a = user;
	const struct same_member *mx = x;
	const struct same_member *my = y;
	int order = (int)(my->flags & SAME_KEEP) - (int)(mx->flags & SAME_KEEP);

	/* Of the names that stay the best comes first: what is linked to. */
	if (order == 0 && (mx->flags & SAME_KEEP) != 0)
		return compare_for_keeping(a, mx, my);
	return order != 0 ? order : file_list_compare(a->list, mx->file, my->file);
}

/* After the order is made: further names of an inode, and what was left behind. */
static void mark_links(const struct arranging *a, struct same_group *g, bool *seen)
{
	struct same_member *m = a->result->members.items + g->first;

	for (size_t i = 0; i < g->len; i++) {
		bool *known = &seen[ordinal(&m[i])];

		if (*known)
			m[i].flags |= SAME_LINK;
		if (*known && same_is_leftover(base_name(a, m[i].file)))
			m[i].flags |= SAME_LEFTOVER;
		*known = true;
	}
}

/* Of what lies below the operand of the one that stays, nothing is its duplicate. */
static void isolate(const struct arranging *a, struct same_group *g)
{
	struct same_member *m = a->result->members.items + g->first;
	uint32_t root = file_list_root(a->list, m[0].file);
	size_t kept = 0;

	for (size_t i = 0; i < g->len; i++)
		if ((m[i].flags & SAME_KEEP) != 0 || file_list_root(a->list, m[i].file) != root)
			m[kept++] = m[i];
	g->len = kept;
}

static size_t count_inodes(const struct arranging *a, const struct same_group *g)
{
	const struct same_member *m = a->result->members.items + g->first;
	size_t n = 0;

	for (size_t i = 0; i < g->len; i++)
		n += (m[i].flags & SAME_LINK) == 0;
	return n;
}

/* False: it is no group any more. */
static bool arrange_group(const struct arranging *a, struct same_group *g)
{
	struct same_member *m = a->result->members.items + g->first;
	size_t before = g->inodes;
	bool *flags;
	bool has_ref = false;

	number_inodes(a, g);
	if (g->len < 2)
		return false;
	flags = mem_alloc_zeroed(2 * before * sizeof(*flags));
	choose(a, g, flags);
	for (size_t i = 0; i < g->len; i++) {
		m[i].flags |= flags[ordinal(&m[i])] ? SAME_KEEP : 0;
		has_ref = has_ref || (m[i].flags & SAME_REF) != 0;
	}
	qsort_r(m, g->len, sizeof(*m), compare_members, (void *)(uintptr_t)a);
	mark_links(a, g, flags + before);
	free(flags);
	if (a->opts->isolate)
		isolate(a, g);
	g->inodes = count_inodes(a, g);
	return g->len > 1 && (g->inodes > 1 || before == 1) && (has_ref || !a->opts->ref_only);
}

/* A member by its inode. */
struct numbered {
	uint64_t ino;
	uint32_t device;
	uint32_t at; /* in the group */
};

static int compare_inodes(const void *x, const void *y)
{
	const struct numbered *a = x;
	const struct numbered *b = y;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

void same_tell_links(const struct file_list *list, struct same_result *result,
                     struct same_group *group)
{
	struct same_member *m = result->members.items + group->first;
	struct numbered *sorted = mem_alloc_array(group->len, sizeof(*sorted));
	uint32_t inode = 0;

	for (size_t i = 0; i < group->len; i++) {
		const struct file_record *r = file_list_at(list, m[i].file);

		sorted[i] = (struct numbered){ r->ino, r->device, (uint32_t)i };
	}
	if (group->len > 1)
		qsort(sorted, group->len, sizeof(*sorted), compare_inodes);
	for (size_t i = 0; i < group->len; i++) {
		bool again = i != 0 && sorted[i].ino == sorted[i - 1].ino &&
		             sorted[i].device == sorted[i - 1].device;

		inode += i != 0 && !again;
		m[sorted[i].at].flags |= inode << ORDINAL_SHIFT | (again ? SAME_LINK : 0U);
	}
	group->inodes = group->len != 0 ? inode + 1 : 0;
	free(sorted);
}

uint64_t same_reclaim(const struct file_list *list, const struct same_result *result,
                      const struct same_group *group)
{
	const struct same_member *m = result->members.items + group->first;
	uint64_t sum = 0;

	if (group->has_reclaim)
		return group->reclaim;
	/* Names of an inode are counted down from its first one; they need not adjoin. */
	for (size_t i = 0; i < group->len; i++) {
		uint32_t names = 1;

		if ((m[i].flags & (SAME_KEEP | SAME_LINK)) != 0)
			continue;
		for (size_t k = i + 1; k < group->len && names < m[i].nlink; k++)
			names += ordinal(&m[k]) == ordinal(&m[i]);
		if (names >= m[i].nlink)
			sum += m[i].disk;
	}
	(void)list;
	return sum;
}

static int compare_groups(const void *x, const void *y, void *user)
{
	const struct arranging *a = user;
	const struct same_group *gx = x;
	const struct same_group *gy = y;
	int order = 0;

	switch (a->opts->sort) {
	case SAME_SORT_SIZE:
		order = compare_numbers(gy->size, gx->size);
		break;
	case SAME_SORT_WASTE:
		order = compare_numbers(same_reclaim(a->list, a->result, gy),
		                        same_reclaim(a->list, a->result, gx));
		break;
	case SAME_SORT_COUNT:
		order = compare_numbers(gy->len, gx->len);
		break;
	case SAME_SORT_PATH:
	case SAME_SORT_NONE:
		break;
	}
	if (order == 0)
		order = file_list_compare(a->list, a->result->members.items[gx->first].file,
		                          a->result->members.items[gy->first].file);
	return a->opts->reverse ? -order : order;
}

void same_sort(const struct file_list *list, struct same_result *result,
               const struct same_keep_opts *opts)
{
	struct arranging a = { .list = list, .result = result, .opts = opts };

	if (opts->sort != SAME_SORT_NONE && result->groups.len > 1)
		qsort_r(result->groups.items, result->groups.len, sizeof(*result->groups.items),
		        compare_groups, &a);
}

void same_arrange(const struct file_list *list, struct same_result *result,
                  const struct same_keep_opts *opts)
{
	struct arranging a = { .list = list, .result = result, .opts = opts };
	size_t kept = 0;

	a.opener = file_opener_new(list);
	for (size_t i = 0; i < result->groups.len; i++)
		if (arrange_group(&a, &result->groups.items[i]))
			result->groups.items[kept++] = result->groups.items[i];
	result->groups.len = kept;
	file_opener_free(a.opener);
	same_sort(list, result, opts);
}
