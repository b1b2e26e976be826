/* SPDX-License-Identifier: MIT */
#include "fs/mtree_words.h"

#include "base/hex.h"
#include "base/path.h"
#include "base/vec.h"

#include <dirent.h>

struct mtree {
	bool has_only;
	enum hash_algo only;         /* the digests that count */
	struct mtree_entry defaults; /* of /set */
	struct strbuf dir;           /* where relative names are; empty: at the top */
	struct {
		VEC_FIELDS(size_t);
	} ends;                /* how long `dir` was when each of its directories began */
	size_t lost;           /* directories below `dir` whose names are not known */
	struct strbuf pending; /* a line that goes on */
};

struct mtree *mtree_new(void)
{
	return mem_alloc_zeroed(sizeof(struct mtree));
}

struct mtree *mtree_free(struct mtree *m)
{
	if (m == NULL)
		return NULL;
	mtree_entry_release(&m->defaults);
	strbuf_release(&m->dir);
	strbuf_release(&m->pending);
	vec_release(&m->ends);
	free(m);
	return NULL;
}

void mtree_demand(struct mtree *m, enum hash_algo algo)
{
	m->has_only = true;
	m->only = algo;
}

void mtree_entry_release(struct mtree_entry *e)
{
	strbuf_release(&e->name);
	strbuf_release(&e->uname);
	strbuf_release(&e->gname);
	strbuf_release(&e->link);
}

/* ---- words of a line ---- */

struct words {
	const char *at, *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next word; false at the end, or where a comment begins. */
static bool next_word(struct words *w, const char **ret, size_t *ret_len)
{
	while (w->at < w->end && is_blank(*w->at))
		w->at++;
	*ret = w->at;
	while (w->at < w->end && !is_blank(*w->at))
		w->at++;
	*ret_len = (size_t)(w->at - *ret);
	return *ret_len > 0 && **ret != '#';
}

static bool is_word(const char *word, size_t len, const char *expected)
{
	return len == strlen(expected) && memcmp(word, expected, len) == 0;
}

bool mtree_is_first_line(const char *line, size_t len)
{
	static const char mark[] = "#mtree";
	struct words w = { line, line + len };
	const char *word;
	size_t word_len;
	const char *equals;

	if (len >= sizeof(mark) - 1 && memcmp(line, mark, sizeof(mark) - 1) == 0)
		return true;
	if (!next_word(&w, &word, &word_len))
		return false;
	if (is_word(word, word_len, "/set") || is_word(word, word_len, "/unset"))
		return true;
	if (!next_word(&w, &word, &word_len))
		return false;
	equals = memchr(word, '=', word_len);
	return equals != NULL && mtree_is_keyword(word, (size_t)(equals - word));
}

/* ---- /set and /unset ---- */

static enum mtree_kind set(struct mtree *m, struct words *w)
{
	const enum hash_algo *only = m->has_only ? &m->only : NULL;
	enum mtree_kind kind = MTREE_NOTHING;
	const char *word;
	size_t len;

	m->defaults.has_unknown = false;
	while (next_word(w, &word, &len)) {
		if (!mtree_take_word(&m->defaults, word, len, only))
			kind = MTREE_BAD;
	}
	return m->defaults.has_unknown ? MTREE_BAD : kind;
}

static enum mtree_kind unset(struct mtree *m, struct words *w)
{
	enum mtree_kind kind = MTREE_NOTHING;
	const char *word;
	size_t len;

	while (next_word(w, &word, &len)) {
		if (is_word(word, len, "all"))
			m->defaults.has = 0;
		else if (mtree_is_keyword(word, len))
			m->defaults.has &= ~mtree_key_of(word, len);
		else
			kind = MTREE_BAD;
	}
	return kind;
}

/* ---- names ---- */

static void copy_text(struct strbuf *to, const struct strbuf *from)
{
	strbuf_clear(to);
	strbuf_add(to, strbuf_str(from), from->len);
}

static void begin_entry(const struct mtree *m, struct mtree_entry *e)
{
	const struct mtree_entry *d = &m->defaults;

	strbuf_clear(&e->name);
	e->has = d->has;
	e->type = d->type;
	e->mode = d->mode;
	e->uid = d->uid;
	e->gid = d->gid;
	e->size = d->size;
	e->time = d->time;
	e->algo = d->algo;
	e->has_unknown = false;
	memcpy(e->digest, d->digest, sizeof(e->digest));
	if ((d->has & MTREE_UNAME) != 0)
		copy_text(&e->uname, &d->uname);
	if ((d->has & MTREE_GNAME) != 0)
		copy_text(&e->gname, &d->gname);
	if ((d->has & MTREE_LINK) != 0)
		copy_text(&e->link, &d->link);
}

/* A path from the top of the list; "./" in front of it is dropped. */
static bool read_full(const char *word, size_t len, struct strbuf *ret)
{
	size_t skip = 0;

	if (!mtree_decode(word, len, ret))
		return false;
	while (ret->data[skip] == '.' && ret->data[skip + 1] == '/')
		skip += 1 + strspn(ret->data + skip + 1, "/");
	if (skip == ret->len)
		skip = ret->len - 1; /* "./" is the top itself: its dot or slash stays */
	if (skip > 0) {
		memmove(ret->data, ret->data + skip, ret->len - skip);
		strbuf_truncate(ret, ret->len - skip);
	}
	if (is_word(ret->data, ret->len, "/") && skip > 0)
		ret->data[0] = '.';
	return true;
}

/* A name in the directory at hand. */
static bool read_relative(const struct mtree *m, const char *word, size_t len, struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

	if (m->lost > 0 || !mtree_decode(word, len, &name) ||
	    memchr(name.data, '/', name.len) != NULL || is_word(name.data, name.len, ".."))
		return false;
	if (is_word(name.data, name.len, "."))
		strbuf_add_str(ret, m->dir.len > 0 ? m->dir.data : ".");
	else
		path_add_join(ret, strbuf_str(&m->dir), name.data);
	return ret->len <= MTREE_LINE_MAX;
}

/* The lines that follow are about what is in this directory. */
static void enter(struct mtree *m, const struct mtree_entry *e, bool has_name)
{
	if (!has_name) {
		m->lost++;
		return;
	}
	vec_push(&m->ends, m->dir.len);
	if (!is_word(e->name.data, e->name.len, "."))
		copy_text(&m->dir, &e->name);
}

static enum mtree_kind leave(struct mtree *m)
{
	if (m->lost > 0) {
		m->lost--;
		return MTREE_NOTHING;
	}
	if (m->ends.len == 0)
		return MTREE_BAD;
	strbuf_truncate(&m->dir, vec_pop(&m->ends));
	return MTREE_NOTHING;
}

/* ---- lines ---- */

static bool is_complete(const struct mtree *m, const struct mtree_entry *e)
{
	const bool is_file = (e->has & MTREE_TYPE) != 0 && e->type == DT_REG;

	return !m->has_only || !is_file || (e->has & (MTREE_DIGEST | MTREE_NOCHANGE)) != 0;
}

static enum mtree_kind read_entry(struct mtree *m, const char *name, size_t name_len,
                                  struct words *w, struct mtree_entry *e)
{
	const enum hash_algo *only = m->has_only ? &m->only : NULL;
	const bool is_full = memchr(name, '/', name_len) != NULL;
	bool has_name;
	bool is_good = true;
	const char *word;
	size_t len;

	begin_entry(m, e);
	has_name = is_full ? read_full(name, name_len, &e->name)
	                   : read_relative(m, name, name_len, &e->name);
	while (next_word(w, &word, &len))
		is_good = mtree_take_word(e, word, len, only) && is_good;
	if (!is_full && (e->has & MTREE_TYPE) != 0 && e->type == DT_DIR)
		enter(m, e, has_name);
	return has_name && is_good && is_complete(m, e) ? MTREE_ENTRY : MTREE_BAD;
}

static enum mtree_kind read_whole(struct mtree *m, const char *line, size_t len,
                                  struct mtree_entry *ret)
{
	struct words w = { line, line + len };
	const char *word;
	size_t word_len;

	if (!next_word(&w, &word, &word_len))
		return MTREE_NOTHING;
	if (len > MTREE_LINE_MAX || memchr(line, '\0', len) != NULL)
		return MTREE_BAD;
	if (is_word(word, word_len, "/set"))
		return set(m, &w);
	if (is_word(word, word_len, "/unset"))
		return unset(m, &w);
	if (word[0] == '/')
		return MTREE_BAD;
	if (is_word(word, word_len, ".."))
		return leave(m);
	return read_entry(m, word, word_len, &w, ret);
}

/* A backslash ends it that is not itself behind a backslash. */
static bool goes_on(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && line[len - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/* Comments do not go on, whatever they end with. */
static bool is_comment(const char *line, size_t len)
{
	size_t at = 0;

	while (at < len && is_blank(line[at]))
		at++;
	return at < len && line[at] == '#';
}

enum mtree_kind mtree_parse(struct mtree *m, const char *line, size_t len, struct mtree_entry *ret)
{
	enum mtree_kind kind;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (m->pending.len == 0 && is_comment(line, len))
		return MTREE_NOTHING;
	if (goes_on(line, len)) {
		/* What is too long by now stays so, however long it becomes. */
		if (m->pending.len <= MTREE_LINE_MAX)
			strbuf_add(&m->pending, line, len - 1);
		return MTREE_NOTHING;
	}
	if (m->pending.len == 0)
		return read_whole(m, line, len, ret);
	strbuf_add(&m->pending, line, len);
	kind = read_whole(m, m->pending.data, m->pending.len, ret);
	strbuf_clear(&m->pending);
	return kind;
}

/* ---- writing ---- */

static void add_digest(struct strbuf *b, const struct mtree_entry *e)
{
	strbuf_add_format(b, " %sdigest=", hash_name(e->algo));
	hex_add(b, e->digest, hash_size(e->algo));
}

static const char *word_of(unsigned char type)
{
	switch (type) {
	case DT_DIR:
		return "dir";
	case DT_LNK:
		return "link";
	case DT_FIFO:
		return "fifo";
	case DT_CHR:
		return "char";
	case DT_BLK:
		return "block";
	case DT_SOCK:
		return "socket";
	default:
		return "file";
	}
}

void mtree_add_line(struct strbuf *b, const struct mtree_entry *e)
{
	if (!is_word(strbuf_str(&e->name), e->name.len, "."))
		strbuf_add_str(b, "./");
	mtree_encode(b, strbuf_str(&e->name), e->name.len);
	if ((e->has & MTREE_TYPE) != 0)
		strbuf_add_format(b, " type=%s", word_of(e->type));
	if ((e->has & MTREE_MODE) != 0)
		strbuf_add_format(b, " mode=%04o", e->mode);
	if ((e->has & MTREE_UID) != 0)
		strbuf_add_format(b, " uid=%u", e->uid);
	if ((e->has & MTREE_GID) != 0)
		strbuf_add_format(b, " gid=%u", e->gid);
	if ((e->has & MTREE_SIZE) != 0)
		strbuf_add_format(b, " size=%ju", (uintmax_t)e->size);
	if ((e->has & MTREE_TIME) != 0)
		strbuf_add_format(b, " time=%jd.%09ld", (intmax_t)e->time.tv_sec, e->time.tv_nsec);
	if ((e->has & MTREE_LINK) != 0) {
		strbuf_add_str(b, " link=");
		mtree_encode(b, strbuf_str(&e->link), e->link.len);
	}
	if ((e->has & MTREE_DIGEST) != 0)
		add_digest(b, e);
	strbuf_add_char(b, '\n');
}
