/* SPDX-License-Identifier: MIT */
#include "fs/mtree_words.h"

#include "base/hex.h"
#include "base/mem.h"
#include "base/num.h"

#include <dirent.h>
#include <errno.h>

/* ---- names ---- */

/* vis(3) with VIS_CSTYLE; a letter and what it stands for. */
static const char letters[] = "n\nr\rt\tb\ba\av\vf\fs E\033\\\\##";

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Up to three octal digits; how many bytes of `text` they are. */
static size_t decode_octal(const char *text, size_t len, unsigned *ret)
{
	size_t n = 0;

	*ret = 0;
	while (n < len && n < 3 && is_octal(text[n]))
		*ret = *ret * 8 + (unsigned)(text[n++] - '0');
	return n;
}

/* ^c, M-c and M^c: a control byte, and one with the high bit. */
static size_t decode_control(const char *text, size_t len, unsigned *ret)
{
	const unsigned meta = text[0] == 'M' ? 0x80 : 0;
	size_t at = meta != 0 ? 1 : 0;
	bool is_control;

	if (at >= len || (text[at] != '^' && (text[at] != '-' || meta == 0)))
		return 0;
	is_control = text[at] == '^';
	if (++at >= len)
		return 0;
	*ret = (unsigned char)text[at];
	if (is_control)
		*ret = *ret == '?' ? 0x7F : *ret & 0x1F;
	*ret |= meta;
	return at + 1;
}

/* What stands behind a backslash; how many bytes it was, 0: it is nothing. */
static size_t decode_escape(const char *text, size_t len, unsigned *ret)
{
	if (len == 0)
		return 0;
	if (is_octal(text[0]))
		return decode_octal(text, len, ret);
	if (text[0] == '^' || text[0] == 'M')
		return decode_control(text, len, ret);
	if (text[0] == 'x' && len >= 3 && hex_count(text + 1, 2) == 2) {
		unsigned char byte;

		hex_read(text + 1, 1, &byte);
		*ret = byte;
		return 3;
	}
	for (size_t i = 0; i < sizeof(letters) - 1; i += 2) {
		if (letters[i] == text[0]) {
			*ret = (unsigned char)letters[i + 1];
			return 1;
		}
	}
	return 0;
}

bool mtree_decode(const char *text, size_t len, struct strbuf *ret)
{
	for (size_t at = 0; at < len;) {
		unsigned value = (unsigned char)text[at];
		size_t n = 1;

		if (text[at] == '\\') {
			n = decode_escape(text + at + 1, len - at - 1, &value);
			if (n == 0)
				return false;
			n++;
		}
		if (value == 0 || value > 0xFF)
			return false;
		strbuf_add_char(ret, (char)value);
		at += n;
	}
	return true;
}

void mtree_encode(struct strbuf *b, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)name[i];

		/* NetBSD takes names with * ? [ for patterns. */
		if (c > ' ' && c < 0x7F && strchr("\\#*?[=", c) == NULL)
			strbuf_add_char(b, (char)c);
		else
			strbuf_add_format(b, "\\%03o", c);
	}
}

/* ---- words ---- */

static const struct {
	char name[16];
	uint16_t key; /* MTREE_...; 0: known, and passed over */
	uint8_t algo; /* of MTREE_DIGEST: enum hash_algo */
} keywords[] = {
	{ "type", MTREE_TYPE, 0 },
	{ "mode", MTREE_MODE, 0 },
	{ "uid", MTREE_UID, 0 },
	{ "gid", MTREE_GID, 0 },
	{ "uname", MTREE_UNAME, 0 },
	{ "gname", MTREE_GNAME, 0 },
	{ "size", MTREE_SIZE, 0 },
	{ "time", MTREE_TIME, 0 },
	{ "link", MTREE_LINK, 0 },
	{ "optional", MTREE_OPTIONAL, 0 },
	{ "nochange", MTREE_NOCHANGE, 0 },
	{ "ignore", MTREE_IGNORE, 0 },
	{ "sha512", MTREE_DIGEST, HASH_SHA512 },
	{ "sha512digest", MTREE_DIGEST, HASH_SHA512 },
	{ "sha256", MTREE_DIGEST, HASH_SHA256 },
	{ "sha256digest", MTREE_DIGEST, HASH_SHA256 },
	{ "sha1", MTREE_DIGEST, HASH_SHA1 },
	{ "sha1digest", MTREE_DIGEST, HASH_SHA1 },
	{ "md5", MTREE_DIGEST, HASH_MD5 },
	{ "md5digest", MTREE_DIGEST, HASH_MD5 },
	{ "cksum", 0, 0 },
	{ "contents", 0, 0 },
	{ "device", 0, 0 },
	{ "flags", 0, 0 },
	{ "inode", 0, 0 },
	{ "nlink", 0, 0 },
	{ "resdevice", 0, 0 },
	{ "ripemd160digest", 0, 0 },
	{ "rmd160", 0, 0 },
	{ "rmd160digest", 0, 0 },
	{ "sha384", 0, 0 },
	{ "sha384digest", 0, 0 },
	{ "tags", 0, 0 },
};

static const struct {
	char name[8];
	unsigned char type;
} types[] = {
	{ "file", DT_REG }, { "dir", DT_DIR },   { "link", DT_LNK },    { "fifo", DT_FIFO },
	{ "char", DT_CHR }, { "block", DT_BLK }, { "socket", DT_SOCK },
};

/* Index into `keywords`, or their number. */
static size_t find_keyword(const char *key, size_t len)
{
	size_t i = 0;

	while (i < ARRAY_LEN(keywords) &&
	       (strlen(keywords[i].name) != len || memcmp(keywords[i].name, key, len) != 0))
		i++;
	return i;
}

bool mtree_is_keyword(const char *key, size_t len)
{
	return len > 0 && find_keyword(key, len) < ARRAY_LEN(keywords);
}

unsigned mtree_key_of(const char *word, size_t len)
{
	size_t i = find_keyword(word, len);

	return i < ARRAY_LEN(keywords) ? keywords[i].key : 0;
}

bool mtree_has_algo(enum hash_algo algo)
{
	return algo == HASH_SHA512 || algo == HASH_SHA256 || algo == HASH_SHA1 || algo == HASH_MD5;
}

static bool take_type(struct mtree_entry *e, const char *value)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(value, types[i].name) == 0) {
			e->type = types[i].type;
			return true;
		}
	}
	return false;
}

static bool take_id(const char *value, uint32_t *ret)
{
	uint64_t number;

	if (num_parse_u64(value, &number) != 0 || number >= UINT32_MAX)
		return false;
	*ret = (uint32_t)number;
	return true;
}

/*
 * SECONDS or SECONDS.NANOSECONDS. What is behind the point is a number of nanoseconds, not
 * digits of a fraction: bsdtar writes five of them as .5, mtree as .000000005.
 */
static bool take_time(struct mtree_entry *e, char *value)
{
	char *point = strchr(value, '.');
	uint64_t nanoseconds = 0;
	int64_t seconds;

	if (point != NULL) {
		*point = '\0';
		if (num_parse_u64(point + 1, &nanoseconds) != 0 || nanoseconds > 999999999)
			return false;
	}
	if (num_parse_i64(value, &seconds) != 0)
		return false;
	e->time = (struct timespec){ .tv_sec = seconds, .tv_nsec = (long)nanoseconds };
	return true;
}

static bool take_mode(struct mtree_entry *e, const char *value)
{
	uint64_t mode;

	if (num_parse_octal(value, &mode) != 0 || mode > 07777)
		return false;
	e->mode = (uint32_t)mode;
	return true;
}

static bool take_text(struct strbuf *text, const char *value)
{
	strbuf_clear(text);
	return mtree_decode(value, strlen(value), text) && text->len > 0;
}

/* How much a digest is worth beside others. */
static unsigned strength(enum hash_algo algo)
{
	return (unsigned)hash_size(algo);
}

static bool take_digest(struct mtree_entry *e, enum hash_algo algo, const char *value)
{
	const size_t size = hash_size(algo);

	if (strlen(value) != 2 * size || hex_count(value, 2 * size) != 2 * size)
		return false;
	if ((e->has & MTREE_DIGEST) != 0 && strength(e->algo) > strength(algo))
		return true;
	e->algo = algo;
	hex_read(value, size, e->digest);
	return true;
}

static bool take_value(struct mtree_entry *e, unsigned key, char *value)
{
	switch (key) {
	case MTREE_TYPE:
		return take_type(e, value);
	case MTREE_MODE:
		return take_mode(e, value);
	case MTREE_UID:
		return take_id(value, &e->uid);
	case MTREE_GID:
		return take_id(value, &e->gid);
	case MTREE_UNAME:
		return take_text(&e->uname, value);
	case MTREE_GNAME:
		return take_text(&e->gname, value);
	case MTREE_SIZE:
		return num_parse_u64(value, &e->size) == 0;
	case MTREE_TIME:
		return take_time(e, value);
	case MTREE_LINK:
		return take_text(&e->link, value);
	default:
		return false;
	}
}

bool mtree_take_word(struct mtree_entry *e, const char *word, size_t len,
                     const enum hash_algo *only)
{
	const char *equals = memchr(word, '=', len);
	const size_t key_len = equals != NULL ? (size_t)(equals - word) : len;
	const size_t i = key_len > 0 ? find_keyword(word, key_len) : ARRAY_LEN(keywords);
	const unsigned alone = MTREE_OPTIONAL | MTREE_NOCHANGE | MTREE_IGNORE;
	AUTO_FREE_STR char *value = NULL;
	bool is_good;

	if (i == ARRAY_LEN(keywords)) {
		e->has_unknown = true;
		return true;
	}
	if (keywords[i].key == 0)
		return true;
	if ((keywords[i].key & alone) != 0) {
		e->has |= keywords[i].key;
		return equals == NULL;
	}
	if (equals == NULL)
		return false;
	value = mem_strndup(equals + 1, len - key_len - 1);
	if (keywords[i].key != MTREE_DIGEST)
		is_good = take_value(e, keywords[i].key, value);
	else if (only != NULL && *only != keywords[i].algo)
		return true;
	else
		is_good = take_digest(e, (enum hash_algo)keywords[i].algo, value);
	/* A bad value may have overwritten what /set had said before. */
	if (is_good)
		e->has |= keywords[i].key;
	else
		e->has &= ~(unsigned)keywords[i].key;
	return is_good;
}
