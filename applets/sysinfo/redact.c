/* SPDX-License-Identifier: MIT */
/*
 * --redact: names of hosts and users, addresses and identifiers become placeholders, the same
 * one for the same word within a run. By words that are known, and by the shape of others.
 */
#include "sysinfo.h"

#include "base/map.h"

enum { PREFIX_MAX = 8, WORD_MIN = 1 };

struct kind {
	char prefix[PREFIX_MAX];
	size_t used;
};

struct redactor {
	struct map *words; /* the value is a placeholder's index */
	struct {
		VEC_FIELDS(char *);
	} placeholders;
	struct kind kinds[8];
};

struct redactor *redactor_new(void)
{
	struct redactor *r = mem_alloc_zeroed(sizeof(*r));

	r->words = map_new();
	return r;
}

struct redactor *redactor_free(struct redactor *r)
{
	if (r == NULL)
		return NULL;
	for (size_t i = 0; i < r->placeholders.len; i++)
		free(r->placeholders.items[i]);
	vec_release(&r->placeholders);
	map_free(r->words);
	free(r);
	return NULL;
}

static struct kind *kind_of(struct redactor *r, const char *prefix)
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(r->kinds) && r->kinds[i].prefix[0] != '\0' &&
	       strcmp(r->kinds[i].prefix, prefix) != 0)
		i++;
	if (r->kinds[i].prefix[0] == '\0')
		(void)snprintf(r->kinds[i].prefix, PREFIX_MAX, "%s", prefix);
	return &r->kinds[i];
}

/* The placeholder of a word, a new one when it was not met before. */
static const char *placeholder(struct redactor *r, const char *word, size_t len, const char *prefix)
{
	struct strbuf text = { 0 };
	struct kind *kind;
	bool is_new;
	struct map_entry *entry = map_add(r->words, word, len, &is_new);

	if (!is_new)
		return r->placeholders.items[entry->value];
	kind = kind_of(r, prefix);
	kind->used++;
	strbuf_add_format(&text, "<%s%zu>", kind->prefix, kind->used);
	entry->value = r->placeholders.len;
	vec_push(&r->placeholders, strbuf_detach(&text));
	return r->placeholders.items[entry->value];
}

void redactor_learn(struct redactor *r, const char *word, const char *prefix)
{
	size_t len;

	if (r == NULL || word[0] == '\0')
		return;
	(void)placeholder(r, word, strlen(word), prefix);
	/* The host's own name is in its full name too. */
	len = strcspn(word, ".");
	if (strcmp(prefix, "host") == 0 && len > 0 && word[len] == '.')
		(void)placeholder(r, word, len, prefix);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static size_t run_of(const char *s, size_t len, bool (*is)(char))
{
	size_t n = 0;

	while (n < len && is(s[n]))
		n++;
	return n;
}

/* Four numbers with points: an address. */
static size_t match_ipv4(const char *s, size_t len)
{
	size_t at = 0;

	for (int i = 0; i < 4; i++) {
		size_t n = run_of(s + at, len - at, is_digit);

		if (n == 0 || n > 3)
			return 0;
		at += n;
		if (i == 3)
			break;
		if (at == len || s[at] != '.')
			return 0;
		at++;
	}
	return at < len && s[at] == '.' && at + 1 < len && is_digit(s[at + 1]) ? 0 : at;
}

/* Hexadecimal groups with colons: six pairs are a hardware address, more or :: is IPv6. */
static size_t match_colons(const char *s, size_t len)
{
	size_t at = 0;
	size_t groups = 0;
	size_t pairs = 0;
	bool is_short = false;

	while (at < len) {
		size_t n = run_of(s + at, len - at, is_hex);

		if (n > 4)
			return 0;
		groups += n != 0;
		pairs += n == 2;
		at += n;
		if (at + 1 >= len || s[at] != ':' || !(is_hex(s[at + 1]) || s[at + 1] == ':'))
			break;
		at++;
		if (s[at] == ':') {
			is_short = true;
			at++;
		}
	}
	if ((groups == 6 && pairs == 6) || groups == 8 || (is_short && groups >= 2))
		return at;
	return 0;
}

/* A UUID, or 12 and more hexadecimal digits in a row: machine-id, container, serial number. */
static size_t match_id(const char *s, size_t len)
{
	static const uint8_t groups[] = { 8, 4, 4, 4, 12 };
	size_t n = run_of(s, len, is_hex);
	size_t at = 0;
	bool has_digit = false;

	for (size_t i = 0; i < n; i++)
		has_digit = has_digit || is_digit(s[i]);
	if (n >= 12 && has_digit && (n == len || !is_word(s[n])))
		return n;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (run_of(s + at, len - at, is_hex) != groups[i])
			return 0;
		at += groups[i];
		if (i + 1 == ARRAY_LEN(groups))
			return at;
		if (at == len || s[at] != '-')
			return 0;
		at++;
	}
	return 0;
}

/* The longest known word at the start. */
static size_t match_known(const struct redactor *r, const char *s, size_t len)
{
	size_t longest = 0;

	for (size_t i = 0; i < map_len(r->words); i++) {
		const struct map_entry *entry = map_at(r->words, i);

		if (entry->len > longest && entry->len <= len &&
		    memcmp(entry->key, s, entry->len) == 0 &&
		    (entry->len == len || !is_word(s[entry->len])))
			longest = entry->len;
	}
	return longest;
}

/* Behind /home/ stands a user, whoever it is. */
static size_t match_home(const char *text, size_t at, size_t len)
{
	static const char home[] = "/home/";
	const size_t n = sizeof(home) - 1;
	size_t end = at;

	if (at < n || memcmp(text + at - n, home, n) != 0)
		return 0;
	while (end < len && text[end] != '/' && text[end] != ',')
		end++;
	return end - at;
}

struct match {
	size_t len;
	const char *prefix;
};

static struct match find_match(const struct redactor *r, const char *text, size_t at, size_t len)
{
	struct match m = { match_known(r, text + at, len - at), "name" };

	if (m.len == 0)
		m = (struct match){ match_home(text, at, len), "user" };
	if (m.len == 0)
		m = (struct match){ match_ipv4(text + at, len - at), "ip" };
	if (m.len == 0)
		m = (struct match){ match_colons(text + at, len - at), "mac" };
	if (m.len == 0)
		m = (struct match){ match_id(text + at, len - at), "id" };
	return m;
}

void redactor_apply(struct redactor *r, const char *text, size_t len, struct strbuf *ret)
{
	size_t at = 0;

	while (at < len) {
		struct match m = { 0 };

		/* Only whole words are replaced. */
		if (at == 0 || !is_word(text[at - 1]))
			m = find_match(r, text, at, len);
		if (m.len == 0) {
			strbuf_add_char(ret, text[at++]);
			continue;
		}
		strbuf_add_str(ret, placeholder(r, text + at, m.len, m.prefix));
		at += m.len;
	}
}
