/* SPDX-License-Identifier: MIT */
#include "fs/glob.h"

#include "fs/case_fold.h"
#include "fs/glob_private.h"

enum { WORDS_MAX = GLOB_INSTRUCTIONS_MAX / 64 };

/* The automaton at one place of the path. */
struct run {
	const struct glob *g;
	uint64_t *live; /* bit i: instruction i waits for the next character */
	uint64_t *next; /* the same after it */
	uint32_t c;
	bool leading_dot; /* c is one, and only a dot in the pattern matches it */
	bool at_end;      /* there is no c */
};

static void set_bit(uint64_t *bits, uint32_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Is this one waiting for a character at all? */
static bool consumes(enum glob_op op)
{
	return op != GLOB_SPLIT && op != GLOB_JUMP && op != GLOB_MATCH;
}

/* Where instruction `pc` can go without a character: always forward, within `live`. */
static void move_on(const struct run *r, uint32_t pc)
{
	const struct glob_inst *inst = &r->g->program.items[pc];

	switch (inst->op) {
	case GLOB_STAR:
	case GLOB_DEEP:
		if (!r->leading_dot)
			set_bit(r->live, pc + 1);
		break;
	case GLOB_DIRS:
		set_bit(r->live, pc + 2);
		break;
	case GLOB_SPLIT:
		set_bit(r->live, pc + 1);
		set_bit(r->live, inst->arg);
		break;
	case GLOB_JUMP:
		set_bit(r->live, inst->arg);
		break;
	case GLOB_CHAR:
	case GLOB_ANY:
	case GLOB_SET:
	case GLOB_DIRS_IN:
	case GLOB_MATCH:
		break;
	}
}

/* Where instruction `pc` goes with the character r->c. */
static void consume(const struct run *r, uint32_t pc)
{
	const struct glob_inst *inst = &r->g->program.items[pc];
	bool wild = !r->leading_dot && (r->c != '/' || (r->g->flags & GLOB_CROSS_SLASH));

	switch (inst->op) {
	case GLOB_CHAR:
		if (r->c == inst->arg)
			set_bit(r->next, pc + 1);
		break;
	case GLOB_ANY:
		if (wild)
			set_bit(r->next, pc + 1);
		break;
	case GLOB_SET:
		if (wild && glob_set_has(r->g, &r->g->sets.items[inst->arg], r->c))
			set_bit(r->next, pc + 1);
		break;
	case GLOB_STAR:
		if (wild)
			set_bit(r->next, pc);
		break;
	case GLOB_DEEP:
		if (!r->leading_dot)
			set_bit(r->next, pc);
		break;
	case GLOB_DIRS:
		if (!r->leading_dot)
			set_bit(r->next, r->c == '/' ? pc : pc + 1);
		break;
	case GLOB_DIRS_IN:
		set_bit(r->next, r->c == '/' ? pc - 1 : pc);
		break;
	case GLOB_SPLIT:
	case GLOB_JUMP:
	case GLOB_MATCH:
		break;
	}
}

/*
 * One pass over the live instructions in ascending order, which sees those that the
 * pass itself adds. Returns whether any of them waits for a character.
 */
static bool step(const struct run *r)
{
	size_t n_words = r->g->program.len / 64 + 1;
	bool waiting = false;

	for (size_t w = 0; w < n_words; w++) {
		uint64_t done = 0;
		uint64_t left;

		while ((left = r->live[w] & ~done)) {
			uint32_t pc = (uint32_t)(w * 64 + (size_t)__builtin_ctzll(left));

			done |= left & -left;
			move_on(r, pc);
			waiting = waiting || consumes(r->g->program.items[pc].op);
			if (!r->at_end)
				consume(r, pc);
		}
	}
	return waiting;
}

/* Asks after the whole path: does it match? Or: could something below the directory? */
enum question { ASK_MATCH, ASK_BELOW };

static bool run(const struct glob *g, const char *path, size_t len, enum question question)
{
	uint64_t one[WORDS_MAX + 1];
	uint64_t other[WORDS_MAX + 1];
	size_t bytes = (g->program.len / 64 + 1) * sizeof(uint64_t);
	struct run r = { .g = g, .live = one, .next = other };
	uint32_t match = (uint32_t)g->program.len - 1;
	bool slash_is_due = question == ASK_BELOW && len > 0 && path[len - 1] != '/';
	bool waiting;
	uint32_t before = '/';

	memset(one, 0, bytes);
	memset(other, 0, bytes);
	set_bit(r.live, 0);
	for (size_t pos = 0, n = 0;; pos += n) {
		uint64_t *swap = r.live;

		r.at_end = pos >= len && !slash_is_due;
		if (pos < len) {
			r.c = glob_char_at(path + pos, len - pos, g->flags, &n);
			if (glob_folds(g->flags, r.c))
				r.c = case_fold_lower(r.c);
		} else {
			r.c = '/';
			n = 0;
			slash_is_due = false;
		}
		r.leading_dot = !r.at_end && r.c == '.' && before == '/' &&
		                (g->flags & GLOB_HIDDEN_EXPLICIT);
		before = r.c;
		memset(r.next, 0, bytes);
		waiting = step(&r);
		if (r.at_end)
			break;
		if (!waiting)
			return false;
		r.live = r.next;
		r.next = swap;
	}
	return question == ASK_MATCH ? r.live[match / 64] >> (match % 64) & 1 : waiting;
}

static bool has_slash(const char *s, size_t len)
{
	return memchr(s, '/', len) != NULL;
}

/* What a star stands for at the start or the end of the path. */
static bool star_takes(const struct glob *g, const char *s, size_t len)
{
	return (g->flags & GLOB_CROSS_SLASH) || !has_slash(s, len);
}

/* A star never takes a hidden component's dot, nor stands for nothing before it. */
static bool star_meets_dot(const struct glob *g, const char *path, size_t len, size_t at)
{
	return (g->flags & GLOB_HIDDEN_EXPLICIT) && at < len && path[at] == '.' &&
	       (at == 0 || path[at - 1] == '/');
}

static bool matches_all(const struct glob *g, const char *path, size_t len)
{
	const char *text = strbuf_str(&g->text);
	size_t n = g->text.len;

	if (len < n)
		return false;
	switch (g->kind) {
	case GLOB_KIND_PROGRAM:
		return !memcmp(path + len - n, text, n) && run(g, path, len, ASK_MATCH);
	case GLOB_KIND_PREFIX:
		return !memcmp(path, text, n) && star_takes(g, path + n, len - n) &&
		       !star_meets_dot(g, path, len, n);
	case GLOB_KIND_SUFFIX:
		return !memcmp(path + len - n, text, n) && star_takes(g, path, len - n) &&
		       !star_meets_dot(g, path, len, 0);
	case GLOB_KIND_LITERAL:
		break;
	}
	return len == n && !memcmp(path, text, n);
}

static bool has_hidden_component(const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (path[i] == '.' && (i == 0 || path[i - 1] == '/'))
			return true;
	}
	return false;
}

/* May a ** lead to this directory? */
static bool any_leads_to(const struct glob *g, const char *path, size_t len)
{
	return !(g->flags & GLOB_HIDDEN_EXPLICIT) || !has_hidden_component(path, len);
}

bool glob_matches(const struct glob *g, const char *path, size_t len)
{
	if (g->flags & (GLOB_BASENAME | GLOB_ANY_DIRECTORY)) {
		const char *slash = memrchr(path, '/', len);

		if (slash) {
			if ((g->flags & GLOB_ANY_DIRECTORY) &&
			    !any_leads_to(g, path, (size_t)(slash - path)))
				return false;
			len -= (size_t)(slash + 1 - path);
			path = slash + 1;
		}
	}
	return matches_all(g, path, len);
}

bool glob_may_match_below(const struct glob *g, const char *directory, size_t len)
{
	if (g->flags & GLOB_BASENAME)
		return true;
	if (g->flags & GLOB_ANY_DIRECTORY)
		return any_leads_to(g, directory, len);
	while (len > 1 && directory[len - 1] == '/' && directory[len - 2] == '/')
		len--;
	if (g->kind == GLOB_KIND_LITERAL) {
		bool slash = len > 0 && directory[len - 1] != '/';

		return g->text.len > len + slash && !memcmp(strbuf_str(&g->text), directory, len) &&
		       (!slash || g->text.data[len] == '/');
	}
	return run(g, directory, len, ASK_BELOW);
}

const char *glob_literal(const struct glob *g, size_t *ret_len)
{
	if (g->kind != GLOB_KIND_LITERAL || (g->flags & (GLOB_BASENAME | GLOB_ANY_DIRECTORY)))
		return NULL;
	*ret_len = g->text.len;
	return strbuf_str(&g->text);
}

void glob_add_escaped(struct strbuf *b, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (strchr("*?[{}\\", name[i]) && name[i])
			strbuf_add_char(b, '\\');
		strbuf_add_char(b, name[i]);
	}
}

struct glob *glob_free(struct glob *g)
{
	if (g) {
		vec_release(&g->program);
		vec_release(&g->sets);
		vec_release(&g->ranges);
		strbuf_release(&g->text);
		free(g);
	}
	return NULL;
}
