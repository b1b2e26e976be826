/* SPDX-License-Identifier: MIT */
/* [...] in patterns: reading one and asking it. */
#include "fs/case_fold.h"
#include "fs/glob_private.h"

static const struct char_class {
	const char *name;
	struct glob_range ranges[4];
	unsigned n;
} char_classes[] = {
	{ "alnum", { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' } }, 3 },
	{ "alpha", { { 'A', 'Z' }, { 'a', 'z' } }, 2 },
	{ "blank", { { ' ', ' ' }, { '\t', '\t' } }, 2 },
	{ "cntrl", { { 0, 31 }, { 127, 127 } }, 2 },
	{ "digit", { { '0', '9' } }, 1 },
	{ "graph", { { '!', '~' } }, 1 },
	{ "lower", { { 'a', 'z' } }, 1 },
	{ "print", { { ' ', '~' } }, 1 },
	{ "punct", { { '!', '/' }, { ':', '@' }, { '[', '`' }, { '{', '~' } }, 4 },
	{ "space", { { ' ', ' ' }, { '\t', '\r' } }, 2 },
	{ "upper", { { 'A', 'Z' } }, 1 },
	{ "xdigit", { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' } }, 3 },
};

static const struct char_class *find_class(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(char_classes); i++) {
		if (strlen(char_classes[i].name) == len && !memcmp(char_classes[i].name, name, len))
			return &char_classes[i];
	}
	return NULL;
}

static bool in_ranges(const struct glob *g, const struct glob_set *set, uint32_t c)
{
	for (uint32_t i = 0; i < set->n_ranges; i++) {
		const struct glob_range *r = &g->ranges.items[set->first_range + i];

		if (c >= r->first && c <= r->last)
			return true;
	}
	return false;
}

static bool is_member(const struct glob *g, const struct glob_set *set, uint32_t c)
{
	bool found = in_ranges(g, set, c);

	if (!found && glob_folds(g->flags, c))
		found = in_ranges(g, set, case_fold_lower(c)) ||
		        in_ranges(g, set, case_fold_upper(c));
	return found != set->negated;
}

bool glob_set_has(const struct glob *g, const struct glob_set *set, uint32_t c)
{
	if (c < 256)
		return set->low[c / 64] >> (c % 64) & 1;
	return is_member(g, set, c);
}

/* Where reading has got to inside a set. */
struct set_reader {
	struct glob *g; /* NULL: only looking for the end */
	const char *pattern;
	size_t len;
	size_t pos;
	unsigned flags;
	uint32_t n_ranges;
	bool has_previous; /* `previous` is a character that may start a range */
	uint32_t previous;
};

static void add_range(struct set_reader *r, uint32_t first, uint32_t last)
{
	if (r->g)
		vec_push(&r->g->ranges, (struct glob_range){ first, last });
	r->n_ranges++;
}

/* A member, perhaps escaped. False at the end of the pattern. */
static bool read_char(struct set_reader *r, uint32_t *ret)
{
	size_t n;

	if (r->pos < r->len && r->pattern[r->pos] == '\\')
		r->pos++;
	if (r->pos >= r->len)
		return false;
	*ret = glob_char_at(r->pattern + r->pos, r->len - r->pos, r->flags, &n);
	r->pos += n;
	return true;
}

/* At "[:". True when a class was there, known or (with *ret_bad) not. */
static bool read_class(struct set_reader *r, bool *ret_bad)
{
	const char *name = r->pattern + r->pos + 2;
	size_t left = r->len - r->pos - 2;
	const char *close = left > 0 ? memchr(name, ']', left) : NULL;
	const struct char_class *class;

	if (!close || close == name || close[-1] != ':')
		return false;
	class = find_class(name, (size_t)(close - name) - 1);
	if (!class && !(r->flags & GLOB_LENIENT)) {
		*ret_bad = true;
		return true;
	}
	for (unsigned i = 0; class && i < class->n; i++)
		add_range(r, class->ranges[i].first, class->ranges[i].last);
	r->pos = (size_t)(close - r->pattern) + 1;
	r->has_previous = false;
	return true;
}

/* The last character becomes a range up to `last`. In git a start behind the end stays a member. */
static void extend_range(struct set_reader *r, uint32_t last)
{
	if (r->flags & GLOB_BYTES)
		add_range(r, r->previous, last);
	else if (r->g)
		vec_last(&r->g->ranges).last = last;
}

/* One character, or the end of a range. False at the end of the pattern. */
static bool read_member(struct set_reader *r)
{
	const char *at = r->pattern + r->pos;
	uint32_t c;

	if (r->has_previous && *at == '-' && r->len - r->pos > 1 && at[1] != ']') {
		r->pos++;
		if (!read_char(r, &c))
			return false;
		extend_range(r, c);
		r->has_previous = false;
		return true;
	}
	if (!read_char(r, &c))
		return false;
	add_range(r, c, c);
	r->previous = c;
	r->has_previous = true;
	return true;
}

static void finish_set(struct set_reader *r, bool negated)
{
	struct glob *g = r->g;
	struct glob_set set = { .first_range = (uint32_t)g->ranges.len - r->n_ranges,
		                .n_ranges = r->n_ranges,
		                .negated = negated };

	for (uint32_t c = 0; c < 256; c++) {
		if (is_member(g, &set, c))
			set.low[c / 64] |= UINT64_C(1) << (c % 64);
	}
	vec_push(&g->sets, set);
}

enum glob_set_outcome glob_set_parse(struct glob *g, const char *pattern, size_t len, size_t at,
                                     unsigned flags, size_t *ret_end)
{
	struct set_reader r = {
		.g = g, .pattern = pattern, .len = len, .pos = at + 1, .flags = flags
	};
	bool negated = r.pos < len && (pattern[r.pos] == '!' || pattern[r.pos] == '^');
	size_t first = r.pos += negated;
	size_t ranges_before = g ? g->ranges.len : 0;
	bool bad = false;

	while (r.pos < len) {
		if (pattern[r.pos] == ']' && r.pos > first) {
			if (g)
				finish_set(&r, negated);
			*ret_end = r.pos + 1;
			return GLOB_SET_PARSED;
		}
		if (pattern[r.pos] == '[' && len - r.pos > 1 && pattern[r.pos + 1] == ':' &&
		    read_class(&r, &bad)) {
			if (!bad)
				continue;
			*ret_end = r.pos;
			return GLOB_SET_BAD_CLASS;
		}
		if (!read_member(&r))
			break;
	}
	if (g)
		g->ranges.len = ranges_before;
	return GLOB_SET_UNCLOSED;
}

static bool has_empty_range(const char *pattern, size_t len, size_t at, size_t *ret_end)
{
	struct glob g = { .flags = GLOB_LENIENT };
	bool found = false;

	if (glob_set_parse(&g, pattern, len, at, g.flags, ret_end) != GLOB_SET_PARSED)
		*ret_end = at + 1;
	for (size_t i = 0; i < g.ranges.len; i++)
		found = found || g.ranges.items[i].first > g.ranges.items[i].last;
	vec_release(&g.sets);
	vec_release(&g.ranges);
	return found;
}

bool glob_find_empty_range(const char *pattern, struct text_error *ret)
{
	size_t len = strlen(pattern);
	size_t end;

	for (size_t at = 0; at < len; at = end) {
		end = pattern[at] == '\\' ? at + 2 : at + 1;
		if (pattern[at] == '[' && has_empty_range(pattern, len, at, &end)) {
			*ret = (struct text_error){ "this range holds nothing", at, end - at };
			return true;
		}
	}
	return false;
}
