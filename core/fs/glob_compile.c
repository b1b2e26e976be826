/* SPDX-License-Identifier: MIT */
/* From a pattern to the automaton that glob.c runs. */
#include "fs/case_fold.h"
#include "fs/glob_private.h"

#include <errno.h>

/* A pair of braces, found before anything is compiled. */
struct group {
	size_t open, close; /* close is 0 while none was found */
	bool has_comma;
};

/* The alternatives being compiled, innermost first. */
struct frame {
	size_t close;
	struct frame *up;
	unsigned depth;
};

/* A jump of a ** that ends an alternative: to behind the slash at this place. */
struct slash_skip {
	uint32_t pc;
	size_t slash;
};

struct groups {
	VEC_FIELDS(struct group);
};

struct slash_skips {
	VEC_FIELDS(struct slash_skip);
};

struct jumps {
	VEC_FIELDS(uint32_t);
};

struct compiler {
	struct glob *g;
	const char *pattern;
	size_t len;
	size_t pos;
	unsigned flags;
	bool at_start; /* of a component, whatever was matched so far */
	struct frame *frame;
	struct groups groups; /* in the order of their { */
	size_t next_group;
	struct slash_skips skips;
	struct jumps exits; /* jumps to the end of the group being compiled */
	bool failed;
	struct text_error error;
};

static void fail(struct compiler *c, const char *reason, size_t offset, size_t len)
{
	if (!c->failed)
		c->error = (struct text_error){ reason, offset, len };
	c->failed = true;
}

static uint32_t here(const struct compiler *c)
{
	return (uint32_t)c->g->program.len;
}

static uint32_t emit(struct compiler *c, enum glob_op op, uint32_t arg)
{
	if (c->g->program.len >= GLOB_INSTRUCTIONS_MAX) {
		fail(c, "the pattern is too large", 0, c->len);
		return 0;
	}
	vec_push(&c->g->program, (struct glob_inst){ op, arg });
	return here(c) - 1;
}

static void patch(struct compiler *c, uint32_t pc, uint32_t target)
{
	if (!c->failed)
		c->g->program.items[pc].arg = target;
}

/* The [ at `at`: the place behind its ], or 0 when it stands for itself (or is wrong). */
static size_t set_end(struct compiler *c, struct glob *into, size_t at)
{
	size_t end = at;

	switch (glob_set_parse(into, c->pattern, c->len, at, c->flags, &end)) {
	case GLOB_SET_PARSED:
		return end;
	case GLOB_SET_BAD_CLASS:
		fail(c, "no such character class", end, 2);
		break;
	case GLOB_SET_UNCLOSED:
		if (!(c->flags & GLOB_LENIENT))
			fail(c, "no ] for this [", at, 1);
		break;
	}
	return 0;
}

/* Numbers of the groups that are open, innermost last. */
struct open_groups {
	VEC_FIELDS(size_t);
};

static void note_brace(struct compiler *c, struct open_groups *open, size_t at)
{
	char ch = c->pattern[at];

	if (ch == '{') {
		vec_push(open, c->groups.len);
		vec_push(&c->groups, (struct group){ .open = at });
	} else if (open->len > 0 && ch == ',') {
		c->groups.items[vec_last(open)].has_comma = true;
	} else if (open->len > 0) {
		c->groups.items[vec_pop(open)].close = at;
	}
}

/* Finds the braces that belong together; those in sets and escaped ones are ordinary. */
static void find_groups(struct compiler *c)
{
	struct open_groups open = { 0 };

	for (size_t i = 0; i < c->len && !c->failed; i++) {
		size_t end;

		switch (c->pattern[i]) {
		case '\\':
			i++;
			break;
		case '[':
			end = set_end(c, NULL, i);
			i = end ? end - 1 : i;
			break;
		case '{':
		case ',':
		case '}':
			note_brace(c, &open, i);
			break;
		default:
			break;
		}
	}
	if (open.len > 0 && !(c->flags & GLOB_LENIENT))
		fail(c, "no } for this {", c->groups.items[open.items[0]].open, 1);
	vec_release(&open);
}

/* One character at c->pos; `start` is where its spelling starts, a backslash perhaps. */
static void compile_char(struct compiler *c, size_t start)
{
	size_t n;
	uint32_t ch = glob_char_at(c->pattern + c->pos, c->len - c->pos, c->flags, &n);

	emit(c, GLOB_CHAR, glob_folds(c->flags, ch) ? case_fold_lower(ch) : ch);
	c->pos += n;
	c->at_start = ch == '/';
	while (c->skips.len > 0 && vec_last(&c->skips).slash == start) {
		patch(c, vec_last(&c->skips).pc, here(c));
		(void)vec_pop(&c->skips);
	}
}

static void compile_escape(struct compiler *c)
{
	size_t start = c->pos;

	if (c->pos + 1 < c->len)
		c->pos++;
	else if (!(c->flags & GLOB_LENIENT))
		fail(c, "nothing after this backslash", start, 1);
	compile_char(c, start);
}

static void compile_set(struct compiler *c)
{
	size_t end = set_end(c, c->g, c->pos);

	if (!end) {
		compile_char(c, c->pos);
		return;
	}
	emit(c, GLOB_SET, (uint32_t)c->g->sets.len - 1);
	c->pos = end;
	c->at_start = false;
}

/* What comes after c->pos when the alternatives that end there are left. */
static size_t next_place(const struct compiler *c)
{
	size_t pos = c->pos;

	for (const struct frame *f = c->frame; f; f = f->up) {
		if (pos != f->close && c->pattern[pos] != ',')
			break;
		pos = f->close + 1;
	}
	return pos;
}

/* Bytes of the slash at `pos`, plain or escaped; 0 when there is none. */
static size_t slash_len(const struct compiler *c, size_t pos)
{
	if (c->pattern[pos] == '/')
		return 1;
	return strncmp(c->pattern + pos, "\\/", 2) ? 0 : 2;
}

/* A ** that is a whole component. False when it is none. */
static bool compile_directories(struct compiler *c)
{
	size_t next = next_place(c);
	size_t slash = slash_len(c, next);

	if (next == c->len) {
		emit(c, GLOB_DEEP, 0);
		c->at_start = false;
		return true;
	}
	if (!slash)
		return false;
	emit(c, GLOB_DIRS, 0);
	emit(c, GLOB_DIRS_IN, 0);
	if (next == c->pos)
		c->pos += slash;
	else
		vec_push(&c->skips, (struct slash_skip){ emit(c, GLOB_JUMP, 0), next });
	c->at_start = true;
	return true;
}

static void compile_stars(struct compiler *c)
{
	size_t start = c->pos;
	bool cross = c->flags & GLOB_CROSS_SLASH;

	while (c->pos < c->len && c->pattern[c->pos] == '*')
		c->pos++;
	if (!cross && c->at_start && c->pos - start >= 2 && compile_directories(c))
		return;
	emit(c, cross ? GLOB_DEEP : GLOB_STAR, 0);
	c->at_start = false;
}

static void compile_sequence(struct compiler *c);

/* {a,b}: a branch before each alternative, and a jump behind the last after each but the last. */
static void compile_group(struct compiler *c, const struct group *group)
{
	struct frame frame = { group->close, c->frame, c->frame ? c->frame->depth + 1 : 1 };
	size_t first_exit = c->exits.len;
	bool start_before = c->at_start;
	bool start_after = true;

	if (frame.depth > GLOB_NESTING_MAX) {
		fail(c, "braces are nested too deeply", group->open, 1);
		return;
	}
	c->frame = &frame;
	do {
		uint32_t branch = emit(c, GLOB_SPLIT, 0);

		c->pos++; /* over { or , */
		c->at_start = start_before;
		compile_sequence(c);
		start_after = start_after && c->at_start;
		if (c->pos != frame.close)
			vec_push(&c->exits, emit(c, GLOB_JUMP, 0));
		patch(c, branch, c->pos != frame.close ? here(c) : branch + 1);
	} while (!c->failed && c->pos != frame.close);
	while (c->exits.len > first_exit)
		patch(c, vec_pop(&c->exits), here(c));
	c->frame = frame.up;
	c->at_start = start_after;
	c->pos = frame.close + 1;
}

static void compile_brace(struct compiler *c)
{
	const struct group *group = NULL;

	while (c->next_group < c->groups.len && c->groups.items[c->next_group].open <= c->pos)
		group = &c->groups.items[c->next_group++];
	if (group && group->open == c->pos && group->close > 0 && group->has_comma)
		compile_group(c, group);
	else
		compile_char(c, c->pos);
}

/* Up to the end of the pattern, or of the alternative. */
static void compile_sequence(struct compiler *c)
{
	while (c->pos < c->len && !c->failed) {
		char ch = c->pattern[c->pos];

		if (c->frame && (ch == ',' || c->pos == c->frame->close))
			return;
		switch (ch) {
		case '\\':
			compile_escape(c);
			break;
		case '?':
			emit(c, GLOB_ANY, 0);
			c->pos++;
			c->at_start = false;
			break;
		case '*':
			compile_stars(c);
			break;
		case '[':
			compile_set(c);
			break;
		case '{':
			compile_brace(c);
			break;
		default:
			compile_char(c, c->pos);
			break;
		}
	}
}

/* Adds the characters to g->text. False when one is more than itself, or an invalid byte. */
static bool text_of(struct glob *g, const struct glob_inst *insts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (insts[i].op != GLOB_CHAR || insts[i].arg >= GLOB_INVALID_BYTE)
			return false;
		if (insts[i].arg < 0x80 || (g->flags & GLOB_BYTES)) {
			strbuf_add_char(&g->text, (char)insts[i].arg);
		} else {
			char bytes[4];

			strbuf_add(&g->text, bytes, utf8_encode((int32_t)insts[i].arg, bytes));
		}
	}
	return true;
}

/* Where the characters start that every match has at its end. */
static size_t tail_start(const struct glob_inst *insts, size_t n)
{
	size_t start = n;
	size_t branches_end = 0;

	for (size_t i = 0; i < n; i++) {
		if ((insts[i].op == GLOB_SPLIT || insts[i].op == GLOB_JUMP) &&
		    insts[i].arg > branches_end)
			branches_end = insts[i].arg;
	}
	while (start > branches_end && insts[start - 1].op == GLOB_CHAR)
		start--;
	return start;
}

/* Notices literal*, and *literal, which need no automaton, and what others have at their end. */
static void find_shortcut(struct glob *g)
{
	const struct glob_inst *insts = g->program.items;
	size_t n = g->program.len - 1; /* but GLOB_MATCH */
	enum glob_op star = g->flags & GLOB_CROSS_SLASH ? GLOB_DEEP : GLOB_STAR;
	bool simple = !((g->flags & GLOB_CROSS_SLASH) && (g->flags & GLOB_HIDDEN_EXPLICIT));
	size_t tail;

	if (n < 1 || (g->flags & GLOB_FOLD_CASE))
		return;
	if (simple && insts[n - 1].op == star && text_of(g, insts, n - 1)) {
		g->kind = GLOB_KIND_PREFIX;
		return;
	}
	strbuf_clear(&g->text);
	tail = tail_start(insts, n);
	if (!text_of(g, insts + tail, n - tail))
		strbuf_clear(&g->text);
	else if (simple && insts[0].op == star && tail == 1)
		g->kind = GLOB_KIND_SUFFIX;
}

/* True when nothing in the pattern is special; its text goes to g->text. */
static bool read_literal(struct glob *g, const char *pattern, size_t len)
{
	const char *special = g->flags & GLOB_NO_BRACES ? "*?[" : "*?[{";

	if ((g->flags & GLOB_FOLD_CASE) || (len > 0 && pattern[len - 1] == '\\'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (pattern[i] == '\\') {
			i++;
		} else if (strchr(special, pattern[i])) {
			strbuf_clear(&g->text);
			return false;
		}
		strbuf_add_char(&g->text, pattern[i]);
	}
	g->kind = GLOB_KIND_LITERAL;
	return true;
}

/* How much of the pattern says no more than "in any directory". */
static size_t any_directory_len(const char *pattern, unsigned flags)
{
	size_t n = 0;

	if (flags & (GLOB_CROSS_SLASH | GLOB_BASENAME))
		return 0;
	while (!strncmp(pattern + n, "**/", 3))
		n += 3;
	return pattern[n] && !strchr(pattern + n, '/') ? n : 0;
}

int glob_compile(const char *pattern, unsigned flags, struct glob **ret, struct text_error *reterr)
{
	size_t skipped = any_directory_len(pattern, flags);
	AUTO_FREE(glob) struct glob *g = NULL;
	struct compiler c = { .pattern = pattern + skipped,
		              .len = strlen(pattern + skipped),
		              .flags = flags | (skipped ? GLOB_ANY_DIRECTORY : 0U),
		              .at_start = true };

	if (c.len > GLOB_PATTERN_MAX) {
		*reterr = (struct text_error){ "the pattern is too long", skipped, 1 };
		return -EINVAL;
	}
	c.g = g = mem_alloc_zeroed(sizeof(*g));
	g->flags = c.flags;
	if (!read_literal(g, c.pattern, c.len)) {
		if (!(flags & GLOB_NO_BRACES))
			find_groups(&c);
		compile_sequence(&c);
		emit(&c, GLOB_MATCH, 0);
		if (!c.failed)
			find_shortcut(g);
	}
	vec_release(&c.groups);
	vec_release(&c.skips);
	vec_release(&c.exits);
	if (c.failed) {
		*reterr = c.error;
		reterr->offset += skipped;
		return -EINVAL;
	}
	*ret = take(&g);
	return 0;
}
