/* SPDX-License-Identifier: MIT */
/* Steps of the automaton over names; see glob_paths.h. */
#include "fs/glob_paths.h"

/* Sets are short and nearly come in order. */
static void live_add(struct glob_live *live, uint32_t part)
{
	size_t at = live->len;

	while (at > 0 && live->items[at - 1] > part)
		at--;
	if (at > 0 && live->items[at - 1] == part)
		return;
	vec_push(live, part);
	memmove(live->items + at + 1, live->items + at,
	        (live->len - 1 - at) * sizeof(live->items[0]));
	live->items[at] = part;
}

/* A part, and what a ** that matches no directory leads to. */
static void live_add_closed(const struct glob_paths *p, struct glob_live *live, uint32_t part)
{
	live_add(live, part);
	if (p->parts.items[part].kind == GLOB_PART_DEEP && !p->parts.items[part].is_last)
		live_add(live, part + 1);
}

void glob_live_start(const struct glob_paths *p, uint32_t anchor, struct glob_live *ret)
{
	const struct glob_anchor *a = &p->anchors.items[anchor];

	for (size_t i = 0; i < a->starts.len; i++)
		live_add_closed(p, ret, a->starts.items[i]);
}

static bool part_matches(const struct glob_paths *p, const struct glob_part *part, const char *name,
                         size_t len)
{
	switch (part->kind) {
	case GLOB_PART_NAME:
		return glob_matches(part->glob, name, len);
	case GLOB_PART_DEEP:
		return p->hidden || name[0] != '.';
	case GLOB_PART_DOT:
		break;
	}
	return false;
}

/* Does this part lead on into the directory? */
static bool leads_on(const struct glob_paths *p, const struct glob_part *part,
                     const struct glob_down *down)
{
	bool deep = part->kind == GLOB_PART_DEEP;

	if (deep ? down->how == GLOB_STEP_LINKED : part->is_last)
		return false;
	return part_matches(p, part, down->name, down->len);
}

void glob_live_step(const struct glob_paths *p, const uint32_t *live, size_t n,
                    const struct glob_down *down, struct glob_live *ret)
{
	for (size_t i = 0; i < n; i++) {
		const struct glob_part *part = &p->parts.items[live[i]];

		if (leads_on(p, part, down))
			live_add_closed(p, ret,
			                part->kind == GLOB_PART_DEEP ? live[i] : live[i] + 1);
	}
}

bool glob_live_enters(const struct glob_paths *p, const uint32_t *live, size_t n,
                      const struct glob_down *down)
{
	for (size_t i = 0; i < n; i++) {
		const struct glob_part *part = &p->parts.items[live[i]];

		if (!part->negated && leads_on(p, part, down))
			return true;
	}
	return false;
}

bool glob_live_is_literal(const struct glob_paths *p, const uint32_t *live, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct glob_part *part = &p->parts.items[live[i]];

		if (!part->negated && part->tail == NULL)
			return false;
	}
	return true;
}

/* Which pattern has it, while they are asked in their order. */
struct winner {
	uint32_t pattern;
	uint32_t also; /* not asked yet */
	bool directories;
};

static void offer(struct winner *w, uint32_t pattern, bool directories, bool negated)
{
	if (negated) {
		w->pattern = GLOB_NO_PATTERN;
	} else if (w->pattern == GLOB_NO_PATTERN) {
		w->pattern = pattern;
		w->directories = directories;
	}
}

/* The pattern that is known to match takes its turn before `pattern`. */
static void offer_also(struct winner *w, uint32_t pattern)
{
	if (w->also <= pattern && w->also != GLOB_NO_PATTERN) {
		offer(w, w->also, false, false);
		w->also = GLOB_NO_PATTERN;
	}
}

uint32_t glob_live_match(const struct glob_paths *p, const uint32_t *live, size_t n,
                         const struct glob_name *name, bool *ret_directories)
{
	struct winner w = { GLOB_NO_PATTERN, name->also, false };

	for (size_t i = 0; i < n; i++) {
		const struct glob_part *part = &p->parts.items[live[i]];

		if (!part->is_last || (w.pattern != GLOB_NO_PATTERN && !p->has_negated) ||
		    (part->directories && !name->is_directory))
			continue;
		offer_also(&w, part->pattern);
		if (part_matches(p, part, name->name, name->len))
			offer(&w, part->pattern, part->directories, part->negated);
	}
	offer_also(&w, GLOB_NO_PATTERN - 1);
	if (ret_directories != NULL)
		*ret_directories = w.directories;
	return w.pattern;
}

uint32_t glob_live_match_path(const struct glob_paths *p, const uint32_t *live, size_t n,
                              const struct glob_name *path)
{
	struct glob_live here = { 0 };
	struct glob_name last = *path;
	const char *slash;
	uint32_t ret;

	for (size_t i = 0; i < n; i++)
		vec_push(&here, live[i]);
	while ((slash = memchr(last.name, '/', last.len)) != NULL) {
		struct glob_down down = { last.name, (size_t)(slash - last.name), GLOB_STEP_PLAIN };
		struct glob_live next = { 0 };

		glob_live_step(p, here.items, here.len, &down, &next);
		vec_release(&here);
		here = next;
		last.name += down.len + 1;
		last.len -= down.len + 1;
	}
	ret = glob_live_match(p, here.items, here.len, &last, NULL);
	vec_release(&here);
	return ret;
}

/* The number of the anchor that `path` begins with, the longest; or that of none: -1. */
static int anchor_of(const struct glob_paths *p, const char *path)
{
	int best = -1;
	size_t best_len = 0;

	for (size_t i = 0; i < p->anchors.len; i++) {
		const char *text = p->anchors.items[i].text;
		size_t len = strlen(text);

		if (strncmp(path, text, len) == 0 && (best < 0 || len > best_len)) {
			best = (int)i;
			best_len = len;
		}
	}
	return best;
}

uint32_t glob_paths_match(const struct glob_paths *p, const char *path, size_t len,
                          bool is_directory, uint32_t also)
{
	const bool slash = len > 1 && path[len - 1] == '/';
	int anchor = anchor_of(p, path);
	struct glob_live live = { 0 };
	struct glob_name name = { .is_directory = is_directory || slash, .also = also };
	size_t skip;

	len -= slash;
	for (size_t i = 0; i < p->literals.len && also == GLOB_NO_PATTERN; i++) {
		const struct glob_literal_path *l = &p->literals.items[i];

		if (l->len == len && memcmp(l->path, path, len) == 0 &&
		    (name.is_directory || !l->directory))
			name.also = l->pattern < name.also ? l->pattern : name.also;
	}
	if (anchor < 0)
		return name.also;
	skip = strlen(p->anchors.items[anchor].text);
	if (skip > len)
		return name.also;
	name.name = path + skip;
	name.len = len - skip;
	glob_live_start(p, (uint32_t)anchor, &live);
	also = glob_live_match_path(p, live.items, live.len, &name);
	vec_release(&live);
	return also;
}
