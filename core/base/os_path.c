/* SPDX-License-Identifier: MIT */
#include "base/os_path.h"

#include <errno.h>

const char *os_path_tail(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

struct path_span os_path_head(const char *path)
{
	const size_t whole = (size_t)(os_path_tail(path) - path);
	size_t len = whole;

	while (len > 0 && path[len - 1] == '/')
		len--;
	return (struct path_span){ path, len > 0 ? len : whole };
}

const char *os_path_ext(const char *path)
{
	const char *tail = os_path_tail(path);
	const char *dot = strrchr(tail, '.');

	if (dot == NULL || strspn(tail, ".") >= (size_t)(dot - tail))
		return tail + strlen(tail);
	return dot;
}

void os_path_join(struct strbuf *b, const char *part)
{
	if (part[0] == '/')
		strbuf_clear(b);
	else if (b->len > 0 && b->data[b->len - 1] != '/')
		strbuf_add_char(b, '/');
	strbuf_add_str(b, part);
}

/* The next component that is not empty; len is 0 behind the last one. */
static struct path_span next_component(const char **at)
{
	struct path_span name;

	*at += strspn(*at, "/");
	name = (struct path_span){ *at, strcspn(*at, "/") };
	*at += name.len;
	return name;
}

static bool is_dots(const struct path_span *name, size_t n)
{
	return name->len == n && memcmp(name->at, "..", n) == 0;
}

/* Where the last component of b begins; not before `root`. */
static size_t last_begin(const struct strbuf *b, size_t root)
{
	size_t at = b->len;

	while (at > root && b->data[at - 1] != '/')
		at--;
	return at;
}

static size_t root_slashes(const char *path)
{
	size_t slashes = strspn(path, "/");

	return slashes > 2 ? 1 : slashes;
}

void os_path_add_norm(struct strbuf *b, const char *path)
{
	const size_t start = b->len;
	const size_t root = root_slashes(path);
	const char *at = path;

	strbuf_add_fill(b, '/', root);
	for (;;) {
		const struct path_span name = next_component(&at);
		const size_t last = last_begin(b, start + root);

		if (name.len == 0)
			break;
		if (is_dots(&name, 1))
			continue;
		if (is_dots(&name, 2)) {
			const bool is_start = b->len == start + root;

			if (is_start && root > 0)
				continue;
			if (!is_start && strcmp(b->data + last, "..") != 0) {
				strbuf_truncate(b, last > start + root ? last - 1 : last);
				continue;
			}
		}
		if (b->len > start + root)
			strbuf_add_char(b, '/');
		strbuf_add(b, name.at, name.len);
	}
	if (b->len == start)
		strbuf_add_char(b, '.');
}

static bool same_component(const struct path_span *a, const struct path_span *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static void add_step(struct strbuf *b, size_t start, const char *bytes, size_t len)
{
	if (b->len > start)
		strbuf_add_char(b, '/');
	strbuf_add(b, bytes, len);
}

void os_path_add_rel(struct strbuf *b, const char *path, const char *start)
{
	const size_t begin = b->len;
	struct path_span to = next_component(&path);
	struct path_span from = next_component(&start);

	while (to.len > 0 && same_component(&to, &from)) {
		to = next_component(&path);
		from = next_component(&start);
	}
	for (; from.len > 0; from = next_component(&start))
		add_step(b, begin, "..", 2);
	for (; to.len > 0; to = next_component(&path))
		add_step(b, begin, to.at, to.len);
	if (b->len == begin)
		strbuf_add_char(b, '.');
}

/* The next component that counts. */
static struct path_span next_counting(const char **at)
{
	struct path_span name;

	do {
		name = next_component(at);
	} while (is_dots(&name, 1));
	return name;
}

int os_path_common_path(struct os_path_common *c, const char *path)
{
	const size_t root = path[0] == '/' ? 1 : 0;
	const char *known = strbuf_str(&c->text);
	const char *at = path;
	struct path_span mine;
	size_t keep = root;

	if (c->begun && (known[0] == '/') != (root > 0))
		return -EINVAL;
	if (!c->begun) {
		c->begun = true;
		strbuf_add_fill(&c->text, '/', root);
		while ((mine = next_counting(&at)).len > 0)
			add_step(&c->text, root, mine.at, mine.len);
		return 0;
	}
	for (;;) {
		const struct path_span theirs = next_component(&known);

		mine = next_counting(&at);
		if (theirs.len == 0 || !same_component(&mine, &theirs))
			break;
		keep = (size_t)(known - strbuf_str(&c->text));
	}
	strbuf_truncate(&c->text, keep);
	return 0;
}

void os_path_common_prefix(struct os_path_common *c, const char *path)
{
	const char *known = strbuf_str(&c->text);
	size_t len = 0;

	if (!c->begun) {
		c->begun = true;
		strbuf_add_str(&c->text, path);
		return;
	}
	while (known[len] != '\0' && known[len] == path[len])
		len++;
	strbuf_truncate(&c->text, len);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* A walk over one text. */
struct expansion {
	struct strbuf *b;
	const char *text;
	size_t len;
	const struct os_path_vars *vars;
	size_t brace; /* where the next } is, as far as is known; len: there is none */
};

enum reference { REFERENCE_NONE, REFERENCE_WHOLE, REFERENCE_UNSURE };

/* Is there a reference at the dollar at `at`? Its name, and how long it is, in *ret and *ret_len.
 */
static enum reference scan_reference(struct expansion *e, size_t at, struct path_span *ret,
                                     size_t *ret_len)
{
	size_t begin = at + 1, end = begin;

	if (begin < e->len && e->text[begin] == '{') {
		const char *brace;

		begin++;
		if (e->brace < begin) {
			brace = memchr(e->text + begin, '}', e->len - begin);
			e->brace = brace != NULL ? (size_t)(brace - e->text) : e->len;
		}
		end = e->brace;
	} else {
		while (end < e->len && is_word(e->text[end]))
			end++;
		if (end < e->len && end == begin)
			return REFERENCE_NONE;
	}
	if (end - begin > OS_PATH_NAME_MAX)
		return REFERENCE_NONE;
	*ret = (struct path_span){ e->text + begin, end - begin };
	*ret_len = end - at;
	if (end == e->len && e->vars->more_follows)
		return REFERENCE_UNSURE;
	if (begin == at + 1)
		return end > begin ? REFERENCE_WHOLE : REFERENCE_NONE;
	++*ret_len;
	return end < e->len ? REFERENCE_WHOLE : REFERENCE_NONE;
}

size_t os_path_add_expanded(struct strbuf *b, const char *text, size_t len,
                            const struct os_path_vars *vars)
{
	struct expansion e = { .b = b, .text = text, .len = len, .vars = vars };
	size_t at = 0;

	while (at < len) {
		const char *dollar = memchr(text + at, '$', len - at);
		const size_t next = dollar != NULL ? (size_t)(dollar - text) : len;
		struct path_span name = { 0 };
		size_t reference_len = 1;
		const char *value = NULL;
		enum reference kind;

		strbuf_add(b, text + at, next - at);
		at = next;
		if (at == len)
			break;
		kind = scan_reference(&e, at, &name, &reference_len);
		if (kind == REFERENCE_UNSURE)
			break;
		if (kind == REFERENCE_NONE)
			reference_len = 1;
		else
			value = vars->lookup(name.at, name.len, vars->user);
		if (value != NULL)
			strbuf_add_str(b, value);
		else
			strbuf_add(b, text + at, reference_len);
		at += reference_len;
	}
	return at;
}
