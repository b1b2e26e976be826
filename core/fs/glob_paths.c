/* SPDX-License-Identifier: MIT */
/* From texts to parts; glob_live.c steps through them. */
#include "fs/glob_paths.h"

#include "fs/glob_private.h"

#include <errno.h>

struct span {
	size_t at, len;
};

/* The texts a pattern stands for, the next one last. */
struct texts {
	VEC_FIELDS(char *);
};

/* ---- braces with slashes ---- */

struct brace {
	size_t open, close;
	bool has_comma;
};

struct braces {
	VEC_FIELDS(struct brace);
};

struct open_braces {
	VEC_FIELDS(size_t);
};

/* Where what starts at `at` ends: a set, an escaped character, or one byte. */
static size_t unit_end(const char *text, size_t len, size_t at)
{
	size_t end = at;

	if (text[at] == '\\' && at + 1 < len)
		return at + 2;
	if (text[at] == '[' &&
	    glob_set_parse(NULL, text, len, at, GLOB_LENIENT, &end) == GLOB_SET_PARSED &&
	    memchr(text + at, '/', end - at) == NULL)
		return end; /* a slash ends a component within a set too, as in shells */
	return at + 1;
}

static void find_braces(const char *text, size_t len, struct braces *ret)
{
	struct open_braces open = { 0 };

	for (size_t at = 0; at < len; at = unit_end(text, len, at)) {
		if (text[at] == '{') {
			vec_push(&open, ret->len);
			vec_push(ret, (struct brace){ .open = at });
		} else if (text[at] == ',' && open.len > 0) {
			ret->items[vec_last(&open)].has_comma = true;
		} else if (text[at] == '}' && open.len > 0) {
			ret->items[vec_pop(&open)].close = at;
		}
	}
	vec_release(&open);
}

/* The end of the alternative that starts at `at`: its comma, or the brace's `close`. */
static size_t alternative_end(const char *text, size_t at, size_t close)
{
	unsigned depth = 0;

	while (at < close) {
		if (text[at] == ',' && depth == 0)
			break;
		if (text[at] == '{')
			depth++;
		else if (text[at] == '}')
			depth--;
		at = unit_end(text, close, at);
	}
	return at;
}

static bool is_dots(const char *text, size_t len)
{
	return (len == 1 && text[0] == '.') || (len == 2 && text[0] == '.' && text[1] == '.');
}

/* Does it hold what cannot be part of one component? */
static bool spans_components(const char *text, const struct brace *b)
{
	for (size_t at = b->open + 1; at < b->close; at = unit_end(text, b->close, at)) {
		if (text[at] == '/' || (text[at] == '\\' && text[at + 1] == '/') ||
		    (text[at] == '*' && text[at + 1] == '*'))
			return true;
	}
	for (size_t at = b->open + 1; at <= b->close;) {
		size_t end = alternative_end(text, at, b->close);

		if (is_dots(text + at, end - at))
			return true;
		at = end + 1;
	}
	return false;
}

/* The outermost brace to be multiplied out. False: there is none. */
static bool find_spanning(const char *text, size_t len, struct brace *ret)
{
	struct braces all = { 0 };
	bool found = false;

	if (memchr(text, '{', len) == NULL)
		return false;
	find_braces(text, len, &all);
	for (size_t i = 0; i < all.len && !found; i++) {
		*ret = all.items[i];
		found = ret->close > 0 && ret->has_comma && spans_components(text, ret);
	}
	vec_release(&all);
	return found;
}

/* Pushes one text for each alternative, the first last. Returns how many bytes they have. */
static size_t push_alternatives(struct texts *todo, const char *text, size_t len,
                                const struct brace *b)
{
	struct texts made = { 0 };
	size_t bytes = 0;

	for (size_t at = b->open + 1; at <= b->close;) {
		size_t end = alternative_end(text, at, b->close);
		struct strbuf one = { 0 };

		strbuf_add(&one, text, b->open);
		strbuf_add(&one, text + at, end - at);
		strbuf_add(&one, text + b->close + 1, len - b->close - 1);
		bytes += one.len;
		vec_push(&made, strbuf_detach(&one));
		at = end + 1;
	}
	while (made.len > 0)
		vec_push(todo, vec_pop(&made));
	vec_release(&made);
	return bytes;
}

/* ---- components ---- */

/* One text on its way into parts. */
struct builder {
	struct glob_paths *p;
	const char *text;
	unsigned flags;
	uint32_t number;
	bool negated;
	struct strbuf anchor;
	struct strbuf literal; /* the path while no wildcard was met */
	bool is_literal;
	uint32_t first;   /* part of this text */
	uint32_t n_names; /* literal components behind the anchor */
};

/* The next component at or behind *at, past its slashes. False at the end. */
static bool next_component(const char *text, size_t len, size_t *at, struct span *ret,
                           bool *ret_slash)
{
	size_t pos = *at;

	while (pos < len && (text[pos] == '/' || (text[pos] == '\\' && text[pos + 1] == '/')))
		pos += text[pos] == '/' ? 1 : 2;
	if (pos >= len)
		return false;
	ret->at = pos;
	while (pos < len && text[pos] != '/' && !(text[pos] == '\\' && text[pos + 1] == '/'))
		pos = unit_end(text, len, pos);
	ret->len = pos - ret->at;
	*ret_slash = pos < len;
	*at = pos;
	return true;
}

static bool is_deep(const char *text, size_t len)
{
	return len >= 2 && strspn(text, "*") >= len;
}

static struct glob_part *add_part(struct builder *b, enum glob_part_kind kind, struct glob *glob)
{
	struct glob_part part = {
		.kind = kind, .pattern = b->number, .negated = b->negated, .glob = glob
	};
	size_t unused;

	if (glob != NULL)
		part.literal = glob_literal(glob, &unused);
	vec_push(&b->p->parts, part);
	return &vec_last(&b->p->parts);
}

/* `.` and `..`: what was literal so far becomes the anchor. */
static void add_dots(struct builder *b, const char *text, size_t len)
{
	if (!b->is_literal) {
		add_part(b, GLOB_PART_DOT, NULL)->tail = mem_strndup(text, len);
		return;
	}
	strbuf_add(&b->anchor, b->literal.data, b->literal.len);
	strbuf_clear(&b->literal);
	strbuf_add(&b->anchor, text, len);
	strbuf_add_char(&b->anchor, '/');
	/* The parts of the literal names are in the anchor now. */
	while (b->p->parts.len > b->first)
		(void)glob_free(vec_pop(&b->p->parts).glob);
	b->n_names = 0;
}

static int add_component(struct builder *b, const struct span *c, struct text_error *reterr)
{
	const char *text = b->text + c->at;
	AUTO_FREE_STR char *one = NULL;
	struct glob_part *part;
	struct glob *glob;
	int r;

	if (is_dots(text, c->len)) {
		add_dots(b, text, c->len);
		return 0;
	}
	if (is_deep(text, c->len)) {
		/* Two in a row say what one says. */
		if (b->p->parts.len == b->first || vec_last(&b->p->parts).kind != GLOB_PART_DEEP)
			add_part(b, GLOB_PART_DEEP, NULL);
		b->is_literal = false;
		return 0;
	}
	one = mem_strndup(text, c->len);
	r = glob_compile(one, b->flags, &glob, reterr);
	if (r < 0) {
		reterr->offset += c->at;
		return r;
	}
	part = add_part(b, GLOB_PART_NAME, glob);
	b->is_literal = b->is_literal && part->literal != NULL;
	if (b->is_literal) {
		strbuf_add_str(&b->literal, part->literal);
		strbuf_add_char(&b->literal, '/');
		b->n_names++;
	}
	return 0;
}

/* Paths from each part to the end, as far as there is no wildcard on the way. */
static int add_tails(struct builder *b, struct text_error *reterr)
{
	struct strbuf tail = { 0 };

	for (size_t i = b->p->parts.len; i > b->first; i--) {
		struct glob_part *part = &b->p->parts.items[i - 1];
		const char *name = part->kind == GLOB_PART_DOT ? part->tail : part->literal;
		struct strbuf longer = { 0 };

		if (name == NULL)
			break;
		strbuf_add_str(&longer, name);
		if (tail.len > 0) {
			strbuf_add_char(&longer, '/');
			strbuf_add(&longer, tail.data, tail.len);
		}
		strbuf_release(&tail);
		tail = longer;
		free(part->tail);
		part->tail = mem_strdup(strbuf_str(&tail));
	}
	strbuf_release(&tail);
	for (size_t i = b->first; i + 1 < b->p->parts.len; i++) {
		const struct glob_part *part = &b->p->parts.items[i];

		if (part->kind == GLOB_PART_DOT && b->p->parts.items[i + 1].tail == NULL) {
			*reterr =
				(struct text_error){ "a wildcard follows . or .. behind a wildcard",
				                     0, strlen(b->text) };
			return -EINVAL;
		}
	}
	return 0;
}

static uint32_t find_anchor(struct glob_paths *p, const char *text)
{
	for (size_t i = 0; i < p->anchors.len; i++) {
		if (strcmp(p->anchors.items[i].text, text) == 0)
			return (uint32_t)i;
	}
	vec_push(&p->anchors, (struct glob_anchor){ .text = mem_strdup(text) });
	return (uint32_t)p->anchors.len - 1;
}

static void drop_parts(struct glob_paths *p, size_t first)
{
	while (p->parts.len > first) {
		struct glob_part part = vec_pop(&p->parts);

		(void)glob_free(part.glob);
		free(part.tail);
	}
}

/* A path to be looked up as it is: "src/main.c", "..", "/". */
static void add_literal(struct builder *b, bool slash)
{
	struct glob_literal_path literal = { .directory = slash, .pattern = b->number };
	struct strbuf path = { 0 };

	strbuf_add_str(&path, strbuf_str(&b->anchor));
	strbuf_add(&path, b->literal.data, b->literal.len);
	if (path.len > 1 && path.data[path.len - 1] == '/')
		strbuf_truncate(&path, path.len - 1);
	drop_parts(b->p, b->first);
	literal.len = path.len;
	literal.path = strbuf_detach(&path);
	vec_push(&b->p->literals, literal);
}

static void add_root(struct builder *b, uint32_t anchor)
{
	struct strbuf path = { 0 };

	strbuf_add_str(&path, strbuf_str(&b->anchor));
	strbuf_add(&path, b->literal.data, b->literal.len);
	vec_push(&b->p->roots, (struct glob_root){ anchor, strbuf_detach(&path), b->n_names });
}

static int add_text(struct builder *b, struct text_error *reterr)
{
	size_t len = strlen(b->text);
	struct span c;
	size_t at = 0;
	bool slash = false;
	uint32_t anchor;
	int r = 0;

	if (len > 0 && (b->text[0] == '/' || (b->text[0] == '\\' && b->text[1] == '/')))
		strbuf_add_char(&b->anchor, '/');
	while (r == 0 && next_component(b->text, len, &at, &c, &slash))
		r = add_component(b, &c, reterr);
	if (r == 0)
		r = add_tails(b, reterr);
	if (r < 0)
		return r;
	if (b->is_literal && (!b->negated || b->p->parts.len == b->first)) {
		if (!b->negated)
			add_literal(b, slash && (b->literal.len > 0 || b->anchor.len > 1));
		return 0;
	}
	vec_last(&b->p->parts).is_last = true;
	vec_last(&b->p->parts).directories = slash;
	anchor = find_anchor(b->p, strbuf_str(&b->anchor));
	vec_push(&b->p->anchors.items[anchor].starts, b->first);
	if (!b->negated)
		add_root(b, anchor);
	return 0;
}

int glob_paths_add(struct glob_paths *p, const char *pattern, unsigned flags, uint32_t number,
                   bool negated, struct glob_paths_error *reterr)
{
	struct texts todo = { 0 };
	size_t n = 0;
	size_t bytes = 0;
	int r = 0;

	p->hidden = !(flags & GLOB_HIDDEN_EXPLICIT);
	p->has_negated = p->has_negated || negated;
	vec_push(&todo, mem_strdup(pattern));
	while (todo.len > 0) {
		char *text = vec_pop(&todo);
		struct brace brace;
		struct text_error where = { 0 };

		if (r < 0) {
			free(text);
			continue;
		}
		if (find_spanning(text, strlen(text), &brace)) {
			bytes += push_alternatives(&todo, text, strlen(text), &brace);
			if (todo.len + n > GLOB_PATHS_MAX || bytes > GLOB_PATHS_BYTES_MAX) {
				where = (struct text_error){ "these braces make too many patterns",
					                     brace.open,
					                     brace.close - brace.open + 1 };
				r = -EINVAL;
			}
		} else {
			struct builder b = { .p = p,
				             .text = text,
				             .flags = flags,
				             .number = number,
				             .negated = negated,
				             .is_literal = true,
				             .first = (uint32_t)p->parts.len };

			r = add_text(&b, &where);
			if (r < 0)
				drop_parts(p, b.first);
			strbuf_release(&b.anchor);
			strbuf_release(&b.literal);
			n++;
		}
		if (r < 0)
			*reterr = (struct glob_paths_error){ text, where };
		else
			free(text);
	}
	vec_release(&todo);
	return r;
}

static int compare_roots(const void *a, const void *b)
{
	const struct glob_root *x = a;
	const struct glob_root *y = b;

	if (x->anchor != y->anchor)
		return x->anchor < y->anchor ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* Roots below another are found on the way down from that one. */
void glob_paths_finish(struct glob_paths *p)
{
	size_t kept = 0;

	if (p->roots.len > 1)
		qsort(p->roots.items, p->roots.len, sizeof(p->roots.items[0]), compare_roots);
	for (size_t i = 0; i < p->roots.len; i++) {
		struct glob_root *root = &p->roots.items[i];
		const struct glob_root *last = kept > 0 ? &p->roots.items[kept - 1] : NULL;

		/* A slash ends each, and sorting puts what is below right behind. */
		if (last != NULL && last->anchor == root->anchor &&
		    strncmp(root->path, last->path, strlen(last->path)) == 0)
			free(root->path);
		else
			p->roots.items[kept++] = *root;
	}
	p->roots.len = kept;
}

void glob_paths_release(struct glob_paths *p)
{
	drop_parts(p, 0);
	vec_release(&p->parts);
	for (size_t i = 0; i < p->literals.len; i++)
		free(p->literals.items[i].path);
	vec_release(&p->literals);
	for (size_t i = 0; i < p->anchors.len; i++) {
		free(p->anchors.items[i].text);
		vec_release(&p->anchors.items[i].starts);
	}
	vec_release(&p->anchors);
	for (size_t i = 0; i < p->roots.len; i++)
		free(p->roots.items[i].path);
	vec_release(&p->roots);
}

void glob_paths_error_release(struct glob_paths_error *e)
{
	free(e->text);
	e->text = NULL;
}
