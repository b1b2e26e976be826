/* SPDX-License-Identifier: MIT */
#include "cli/template.h"

#include "base/json.h"
#include "base/path.h"
#include "base/vec.h"
#include "cli/file_type.h"

#include <dirent.h>
#include <errno.h>

enum piece_kind {
	PIECE_TEXT,
	PIECE_PATH,
	PIECE_BASE,
	PIECE_PARENT,
	PIECE_STEM,
	PIECE_BASE_STEM,
	PIECE_TARGET,
	PIECE_LAST_NAME = PIECE_TARGET, /* up to here the pieces are made of names */
	PIECE_SIZE,
	PIECE_MTIME,
	PIECE_MODE,
	PIECE_TYPE,
	PIECE_INODE,
	PIECE_NLINK,
	PIECE_UID,
	PIECE_GID,
	PIECE_USER,
	PIECE_GROUP,
};

static const struct placeholder {
	char word[8]; /* between the braces */
	enum piece_kind kind;
	unsigned needs;
} placeholders[] = {
	{ "", PIECE_PATH, 0 },
	{ "/", PIECE_BASE, 0 },
	{ "//", PIECE_PARENT, 0 },
	{ ".", PIECE_STEM, 0 },
	{ "/.", PIECE_BASE_STEM, 0 },
	{ "target", PIECE_TARGET, TEMPLATE_NEEDS_TARGET },
	{ "size", PIECE_SIZE, TEMPLATE_NEEDS_STAT },
	{ "mtime", PIECE_MTIME, TEMPLATE_NEEDS_STAT },
	{ "mode", PIECE_MODE, TEMPLATE_NEEDS_STAT },
	{ "type", PIECE_TYPE, TEMPLATE_NEEDS_STAT },
	{ "inode", PIECE_INODE, TEMPLATE_NEEDS_STAT },
	{ "nlink", PIECE_NLINK, TEMPLATE_NEEDS_STAT },
	{ "uid", PIECE_UID, TEMPLATE_NEEDS_STAT },
	{ "gid", PIECE_GID, TEMPLATE_NEEDS_STAT },
	{ "user", PIECE_USER, TEMPLATE_NEEDS_STAT | TEMPLATE_NEEDS_USERS },
	{ "group", PIECE_GROUP, TEMPLATE_NEEDS_STAT | TEMPLATE_NEEDS_USERS },
};

/* Text pieces are slices of `text`, which holds the literal bytes without the doubled braces. */
struct piece {
	enum piece_kind kind;
	size_t begin;
	size_t len;
};

struct template
{
	struct strbuf text;
	struct {
		VEC_FIELDS(struct piece);
	} pieces;
	unsigned flags;
	unsigned needs;
};

static void add_literal(struct template *t, const char *bytes, size_t len)
{
	if (t->pieces.len == 0 || vec_last(&t->pieces).kind != PIECE_TEXT)
		vec_push(&t->pieces, (struct piece){ .kind = PIECE_TEXT, .begin = t->text.len });
	strbuf_add(&t->text, bytes, len);
	vec_last(&t->pieces).len += len;
}

static const struct placeholder *find_placeholder(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(placeholders); i++) {
		const struct placeholder *p = &placeholders[i];

		if (strlen(p->word) == len && memcmp(p->word, word, len) == 0)
			return p;
	}
	return NULL;
}

/* Bytes of the word behind a brace; what may stand in one is what a user would mean as one. */
static size_t word_len(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./");
}

/*
 * `*at` is at a brace; goes behind what it begins: a doubled one, a placeholder, or itself.
 * False: an unknown placeholder, `*at` stays.
 */
static bool parse_brace(struct template *t, const char **at)
{
	const struct placeholder *p;
	size_t len;

	if ((*at)[1] == (*at)[0]) {
		add_literal(t, *at, 1);
		*at += 2;
		return true;
	}
	len = word_len(*at + 1);
	if (**at == '}' || (*at)[1 + len] != '}') {
		add_literal(t, *at, 1);
		*at += 1;
		return true;
	}
	p = find_placeholder(*at + 1, len);
	if (p != NULL) {
		vec_push(&t->pieces, (struct piece){ .kind = p->kind });
		t->needs |= p->needs;
	} else if ((t->flags & TEMPLATE_COMMAND) != 0) {
		add_literal(t, *at, len + 2);
	} else {
		return false;
	}
	*at += len + 2;
	return true;
}

int template_compile(const char *text, unsigned flags, struct template **ret,
                     struct text_error *reterr)
{
	AUTO_FREE(template) struct template *t = mem_alloc_zeroed(sizeof(*t));
	const char *at = text;

	t->flags = flags;
	while (*at != '\0') {
		size_t len = strcspn(at, "{}");

		if (len > 0)
			add_literal(t, at, len);
		at += len;
		if (*at != '\0' && !parse_brace(t, &at)) {
			*reterr = (struct text_error){
				.reason = "unknown placeholder; {{ stands for a brace",
				.offset = (size_t)(at - text),
				.len = word_len(at + 1) + 2,
			};
			return -EINVAL;
		}
	}
	*ret = take(&t);
	return 0;
}

struct template *template_free(struct template *t)
{
	if (t == NULL)
		return NULL;
	strbuf_release(&t->text);
	vec_release(&t->pieces);
	free(t);
	return NULL;
}

unsigned template_needs(const struct template *t)
{
	return t->needs;
}

bool template_has_placeholder(const struct template *t)
{
	return t->pieces.len > 1 || (t->pieces.len == 1 && t->pieces.items[0].kind != PIECE_TEXT);
}

/* Bytes of a base name before its extension. */
static size_t stem_len(const char *name, size_t len)
{
	const char *dot = len > 1 ? memrchr(name + 1, '.', len - 1) : NULL;

	if (dot == NULL || (len == 2 && name[0] == '.'))
		return len;
	return (size_t)(dot - name);
}

static void add_parent(struct strbuf *b, const char *path, const char *base)
{
	size_t len = (size_t)(base - path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len > 0)
		strbuf_add(b, path, len);
	else
		strbuf_add_char(b, *base == '/' ? '/' : '.');
}

static void add_name(struct strbuf *b, enum piece_kind kind, const struct template_entry *entry)
{
	const char *path = entry->path;
	const char *base = path_base_name(path);
	size_t len = path_trimmed_len(base);

	if (kind == PIECE_TARGET)
		strbuf_add_str(b, entry->target != NULL ? entry->target : "");
	else if (kind == PIECE_PATH)
		strbuf_add_str(b, path);
	else if (kind == PIECE_BASE)
		strbuf_add(b, base, len);
	else if (kind == PIECE_PARENT)
		add_parent(b, path, base);
	else if (kind == PIECE_BASE_STEM)
		strbuf_add(b, base, stem_len(base, len));
	else
		strbuf_add(b, path, (size_t)(base - path) + stem_len(base, len));
}

static void add_id(struct strbuf *b, const char *name, unsigned id)
{
	if (name != NULL)
		strbuf_add_str(b, name);
	else
		strbuf_add_u64(b, id);
}

static void add_fact(struct strbuf *b, enum piece_kind kind, const struct template_entry *entry)
{
	const struct stat *st = entry->st;
	struct users *users = entry->users;

	if (st == NULL)
		strbuf_add_char(b, '?');
	else if (kind == PIECE_SIZE)
		strbuf_add_u64(b, (uint64_t)st->st_size);
	else if (kind == PIECE_MTIME)
		json_add_time(b, st->st_mtim.tv_sec, (uint32_t)st->st_mtim.tv_nsec);
	else if (kind == PIECE_MODE)
		strbuf_add_format(b, "%04o", (unsigned)(st->st_mode & 07777));
	else if (kind == PIECE_TYPE)
		strbuf_add_str(b, file_type_word((unsigned char)IFTODT(st->st_mode)));
	else if (kind == PIECE_INODE)
		strbuf_add_u64(b, st->st_ino);
	else if (kind == PIECE_NLINK)
		strbuf_add_u64(b, st->st_nlink);
	else if (kind == PIECE_UID)
		strbuf_add_u64(b, st->st_uid);
	else if (kind == PIECE_GID)
		strbuf_add_u64(b, st->st_gid);
	else if (kind == PIECE_USER)
		add_id(b, users != NULL ? users_name(users, st->st_uid) : NULL, st->st_uid);
	else
		add_id(b, users != NULL ? users_group_name(users, st->st_gid) : NULL, st->st_gid);
}

void template_expand(const struct template *t, const struct template_entry *entry,
                     struct strbuf *ret)
{
	size_t start = ret->len;

	for (size_t i = 0; i < t->pieces.len; i++) {
		const struct piece *piece = &t->pieces.items[i];
		size_t before = ret->len;

		if (piece->kind == PIECE_TEXT) {
			strbuf_add(ret, t->text.data + piece->begin, piece->len);
			continue;
		}
		if (piece->kind > PIECE_LAST_NAME) {
			add_fact(ret, piece->kind, entry);
			continue;
		}
		add_name(ret, piece->kind, entry);
		if (before > start || (t->flags & TEMPLATE_COMMAND) == 0 || ret->len == before ||
		    ret->data[before] != '-')
			continue;
		/* Once more, behind the prefix that makes it no option. */
		strbuf_truncate(ret, before);
		strbuf_add_str(ret, "./");
		add_name(ret, piece->kind, entry);
	}
}
