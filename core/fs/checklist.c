/* SPDX-License-Identifier: MIT */
#include "fs/checklist.h"

#include "base/hex.h"

#include <strings.h>

/* Begins the comment of checklist_add_covers(). */
static const char covers_mark[] = "# dutybox verify: all of ";

/* The first name of an algorithm is the one that is written. */
static const struct {
	char name[12];
	enum hash_algo algo;
} tags[] = {
	{ "SHA256", HASH_SHA256 },
	{ "SHA512", HASH_SHA512 },
	{ "MD5", HASH_MD5 },
	{ "SHA1", HASH_SHA1 },
	{ "BLAKE2b", HASH_BLAKE2B },
	{ "BLAKE2b-512", HASH_BLAKE2B },
	{ "BLAKE2B512", HASH_BLAKE2B },
	{ "SHA2-256", HASH_SHA256 },
	{ "SHA2-512", HASH_SHA512 },
	{ "CRC32", HASH_CRC32 },
	{ "XXH128", HASH_XXH128 },
};

static const char *tag_of(enum hash_algo algo)
{
	size_t i = 0;

	while (tags[i].algo != algo)
		i++;
	return tags[i].name;
}

void checklist_prefer(struct checklist *list, const char *file_name)
{
	const char *slash = strrchr(file_name, '/');
	const char *base = slash != NULL ? slash + 1 : file_name;

	list->prefers_blake2b = strcasestr(base, "b2sum") != NULL ||
	                        strcasestr(base, "blake2") != NULL ||
	                        strcasestr(base, ".b2") != NULL;
	list->prefers_xxh128 = strcasestr(base, "xxh") != NULL;
}

/* `digits` of them: an even number, no more than fit. */
static void read_hex(const char *text, size_t digits, struct checklist_entry *ret)
{
	ret->digest_size = digits / 2;
	hex_read(text, ret->digest_size, ret->digest);
}

/* Which algorithm makes so many digits? False: none, or not the one that is asked for. */
static bool algo_of_digits(const struct checklist *list, size_t digits, enum hash_algo *ret)
{
	if (list->has_algo) {
		*ret = list->algo;
		return digits == 2 * hash_size(list->algo);
	}
	switch (digits) {
	case 8:
		*ret = HASH_CRC32;
		return true;
	case 32:
		*ret = list->prefers_xxh128 ? HASH_XXH128 : HASH_MD5;
		return true;
	case 40:
		*ret = HASH_SHA1;
		return true;
	case 64:
		*ret = HASH_SHA256;
		return true;
	case 128:
		*ret = list->prefers_blake2b ? HASH_BLAKE2B : HASH_SHA512;
		return true;
	default:
		return false;
	}
}

static char unescaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case '\\':
		return '\\';
	default:
		return '\0';
	}
}

static bool read_name(const char *text, size_t len, bool escaped, struct strbuf *ret)
{
	strbuf_clear(ret);
	if (len == 0 || memchr(text, '\0', len) != NULL)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (escaped && c == '\\') {
			c = i + 1 < len ? unescaped(text[i + 1]) : '\0';
			if (c == '\0')
				return false;
			i++;
		}
		strbuf_add_char(ret, c);
	}
	return true;
}

static size_t skip_blanks(const char *text, size_t at, size_t len)
{
	while (at < len && (text[at] == ' ' || text[at] == '\t'))
		at++;
	return at;
}

/* The tag a line begins with, and the parenthesis behind it; false: there is none. */
static bool read_tag(const char *line, size_t len, enum hash_algo *ret, size_t *ret_name_at)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		size_t at = strlen(tags[i].name);

		if (len <= at || strncmp(line, tags[i].name, at) != 0)
			continue;
		/* openssl has no space here. */
		at += line[at] == ' ' ? 1 : 0;
		if (at < len && line[at] == '(') {
			*ret = tags[i].algo;
			*ret_name_at = at + 1;
			return true;
		}
	}
	return false;
}

/* "name) = HEX" */
static enum checklist_kind read_tagged(const char *rest, size_t len, bool escaped,
                                       struct checklist_entry *ret)
{
	const char *close = memrchr(rest, ')', len);
	size_t at;
	size_t name_len;

	if (close == NULL)
		return CHECKLIST_BAD;
	name_len = (size_t)(close - rest);
	at = skip_blanks(rest, name_len + 1, len);
	if (at >= len || rest[at] != '=')
		return CHECKLIST_BAD;
	at = skip_blanks(rest, at + 1, len);
	if (len - at != 2 * hash_size(ret->algo) || hex_count(rest + at, len - at) != len - at)
		return CHECKLIST_BAD;
	read_hex(rest + at, len - at, ret);
	return read_name(rest, name_len, escaped, &ret->name) ? CHECKLIST_ENTRY : CHECKLIST_BAD;
}

/*
 * "HEX  name": one space and then a space or a star; or just one space, if the first entry
 * of the list has it so.
 */
static enum checklist_kind read_plain(struct checklist *list, const char *line, size_t len,
                                      bool escaped, struct checklist_entry *ret)
{
	size_t digits = hex_count(line, len);
	size_t at = digits;

	if (!algo_of_digits(list, digits, &ret->algo) || at >= len ||
	    (line[at] != ' ' && line[at] != '\t'))
		return CHECKLIST_BAD;
	at++;
	if (at + 1 >= len || (line[at] != ' ' && line[at] != '*')) {
		if (list->spacing == SPACING_TWO)
			return CHECKLIST_BAD;
		list->spacing = SPACING_ONE;
	} else if (list->spacing != SPACING_ONE) {
		list->spacing = SPACING_TWO;
		at++;
	}
	read_hex(line, digits, ret);
	return read_name(line + at, len - at, escaped, &ret->name) ? CHECKLIST_ENTRY
	                                                           : CHECKLIST_BAD;
}

/* A name of a manifest: line ends and % are written as %0A, %0D and %25; any other % is one. */
bool checklist_read_bag_name(const char *text, size_t len, struct strbuf *ret)
{
	strbuf_clear(ret);
	if (len == 0 || memchr(text, '\0', len) != NULL)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%' && i + 2 < len) {
			int value = hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]);

			if (value == '\n' || value == '\r' || value == '%') {
				c = (char)value;
				i += 2;
			}
		}
		strbuf_add_char(ret, c);
	}
	return true;
}

static enum checklist_kind read_bag_line(const struct checklist *list, const char *line, size_t len,
                                         struct checklist_entry *ret)
{
	size_t digits = hex_count(line, len);
	size_t at = skip_blanks(line, digits, len);

	if (!algo_of_digits(list, digits, &ret->algo) || at == digits)
		return CHECKLIST_BAD;
	/* md5sum's sign for binary files, which makers of bags have left in. */
	at += at < len && line[at] == '*' ? 1 : 0;
	read_hex(line, digits, ret);
	return checklist_read_bag_name(line + at, len - at, &ret->name) ? CHECKLIST_ENTRY
	                                                                : CHECKLIST_BAD;
}

static enum checklist_kind read_comment(const struct checklist *list, const char *line, size_t len,
                                        struct checklist_entry *ret)
{
	const size_t mark = sizeof(covers_mark) - 1;

	if (len > mark && memcmp(line, covers_mark, mark) == 0 &&
	    read_name(line + mark, len - mark, !list->raw, &ret->name))
		return CHECKLIST_COVERS;
	return CHECKLIST_COMMENT;
}

enum checklist_kind checklist_parse(struct checklist *list, const char *line, size_t len,
                                    struct checklist_entry *ret)
{
	enum hash_algo algo;
	bool escaped = false;
	size_t name_at;
	size_t at;

	if (!list->raw && len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0)
		return CHECKLIST_COMMENT;
	if (list->bagit)
		return len > CHECKLIST_LINE_MAX ? CHECKLIST_BAD
		                                : read_bag_line(list, line, len, ret);
	if (line[0] == '#')
		return read_comment(list, line, len, ret);
	if (len > CHECKLIST_LINE_MAX)
		return CHECKLIST_BAD;
	at = skip_blanks(line, 0, len);
	if (at < len && line[at] == '\\' && !list->raw) {
		escaped = true;
		at++;
	}
	line += at;
	len -= at;
	if (!read_tag(line, len, &algo, &name_at))
		return read_plain(list, line, len, escaped, ret);
	if (list->has_algo && list->algo != algo)
		return CHECKLIST_BAD;
	ret->algo = algo;
	return read_tagged(line + name_at, len - name_at, escaped, ret);
}

bool checklist_is_outside(const char *name)
{
	if (name[0] == '/')
		return true;
	for (const char *at = name; at != NULL; at = strchr(at, '/')) {
		at += *at == '/' ? 1 : 0;
		if (at[0] == '.' && at[1] == '.' && (at[2] == '/' || at[2] == '\0'))
			return true;
	}
	return false;
}

bool checklist_add_escaped(struct strbuf *b, const char *name, size_t len)
{
	bool escaped = false;

	for (size_t i = 0; i < len; i++) {
		const char *shown = NULL;

		if (name[i] == '\n')
			shown = "\\n";
		else if (name[i] == '\r')
			shown = "\\r";
		else if (name[i] == '\\')
			shown = "\\\\";
		if (shown != NULL)
			strbuf_add_str(b, shown);
		else
			strbuf_add_char(b, name[i]);
		escaped = escaped || shown != NULL;
	}
	return escaped;
}

/* As RFC 8493 wants it: these three, and no others. */
static void add_bag_name(struct strbuf *b, const struct strbuf *name)
{
	for (size_t i = 0; i < name->len; i++) {
		const char c = name->data[i];

		if (c == '\n' || c == '\r' || c == '%')
			strbuf_add_format(b, "%%%02X", (unsigned)c);
		else
			strbuf_add_char(b, c);
	}
}

void checklist_add_line(struct strbuf *b, const struct checklist_entry *entry,
                        enum checklist_style style, bool raw)
{
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

	if (style == CHECKLIST_BAG)
		add_bag_name(&name, &entry->name);
	else if (raw)
		strbuf_add(&name, entry->name.data, entry->name.len);
	else if (checklist_add_escaped(&name, strbuf_str(&entry->name), entry->name.len))
		strbuf_add_char(b, '\\');
	if (style == CHECKLIST_TAG) {
		strbuf_add_str(b, tag_of(entry->algo));
		strbuf_add_str(b, " (");
		strbuf_add(b, name.data, name.len);
		strbuf_add_str(b, ") = ");
	}
	hex_add(b, entry->digest, entry->digest_size);
	if (style != CHECKLIST_TAG) {
		strbuf_add_str(b, style == CHECKLIST_BINARY ? " *" : "  ");
		strbuf_add(b, name.data, name.len);
	}
	strbuf_add_char(b, raw ? '\0' : '\n');
}

void checklist_add_covers(struct strbuf *b, const char *dir, bool raw)
{
	strbuf_add_str(b, covers_mark);
	if (raw)
		strbuf_add_str(b, dir);
	else
		(void)checklist_add_escaped(b, dir, strlen(dir));
	strbuf_add_char(b, raw ? '\0' : '\n');
}
