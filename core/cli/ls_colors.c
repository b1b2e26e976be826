/* SPDX-License-Identifier: MIT */
/*
 * LS_COLORS: the grammar and the order in which the classes of a file are tried are
 * those of GNU ls (coreutils 9.1; the rule for letter case is that of 9.4 and later).
 */
#include "cli/color.h"

#include "base/hex.h"
#include "base/vec.h"

#include <errno.h>
#include <sys/stat.h>

enum key {
	KEY_LEFT,
	KEY_RIGHT,
	KEY_END,
	KEY_RESET,
	KEY_NORMAL,
	KEY_FILE,
	KEY_DIR,
	KEY_LINK,
	KEY_FIFO,
	KEY_SOCKET,
	KEY_BLOCK,
	KEY_CHAR,
	KEY_MISSING,
	KEY_ORPHAN,
	KEY_EXEC,
	KEY_DOOR,
	KEY_SETUID,
	KEY_SETGID,
	KEY_STICKY,
	KEY_OTHER_WRITABLE,
	KEY_STICKY_OTHER_WRITABLE,
	KEY_CAPABILITY,
	KEY_MANY_LINKS,
	KEY_CLEAR_LINE,
	KEY_COUNT,
};

static const struct {
	char name[3];
	const char *sequence; /* NULL: none */
} defaults[KEY_COUNT] = {
	[KEY_LEFT] = { "lc", "\033[" },
	[KEY_RIGHT] = { "rc", "m" },
	[KEY_END] = { "ec", NULL },
	[KEY_RESET] = { "rs", "0" },
	[KEY_NORMAL] = { "no", NULL },
	[KEY_FILE] = { "fi", NULL },
	[KEY_DIR] = { "di", "01;34" },
	[KEY_LINK] = { "ln", "01;36" },
	[KEY_FIFO] = { "pi", "33" },
	[KEY_SOCKET] = { "so", "01;35" },
	[KEY_BLOCK] = { "bd", "01;33" },
	[KEY_CHAR] = { "cd", "01;33" },
	[KEY_MISSING] = { "mi", NULL },
	[KEY_ORPHAN] = { "or", NULL },
	[KEY_EXEC] = { "ex", "01;32" },
	[KEY_DOOR] = { "do", "01;35" },
	[KEY_SETUID] = { "su", "37;41" },
	[KEY_SETGID] = { "sg", "30;43" },
	[KEY_STICKY] = { "st", "37;44" },
	[KEY_OTHER_WRITABLE] = { "ow", "34;42" },
	[KEY_STICKY_OTHER_WRITABLE] = { "tw", "30;42" },
	[KEY_CAPABILITY] = { "ca", NULL },
	[KEY_MANY_LINKS] = { "mh", NULL },
	[KEY_CLEAR_LINE] = { "cl", "\033[K" },
};

struct suffix {
	struct ls_color text;
	struct ls_color color;
	bool is_exact; /* another suffix differs in case and colour */
	bool is_hidden;
};

struct ls_colors {
	struct ls_color keys[KEY_COUNT];
	bool links_as_targets; /* ln=target */
	struct suffixes {
		VEC_FIELDS(struct suffix);
	} suffixes;  /* in the order given; the last one that fits wins */
	char *store; /* owned; all that was given points into it */
};

struct ls_colors *ls_colors_free(struct ls_colors *c)
{
	if (c == NULL)
		return NULL;
	vec_release(&c->suffixes);
	free(c->store);
	free(c);
	return NULL;
}

/* Where the text is read and where its meaning is put, both moving on. */
struct reader {
	const char *text;
	const char *p;
	char *out;
};

/* Behind a backslash: a letter, octal digits, x and hexadecimal digits, or the byte itself. */
static bool read_backslash(struct reader *r)
{
	static const char letters[] = "a\ab\be\033f\fn\nr\rt\tv\v?\177_ ";
	unsigned value = 0;

	if (*r->p == '\0')
		return false;
	if (*r->p >= '0' && *r->p <= '7') {
		for (; *r->p >= '0' && *r->p <= '7'; r->p++)
			value = value * 8 + (unsigned)(*r->p - '0');
		*r->out++ = (char)(value & 0xFF);
		return true;
	}
	if (*r->p == 'x' || *r->p == 'X') {
		for (r->p++; hex_value(*r->p) >= 0; r->p++)
			value = value * 16 + (unsigned)hex_value(*r->p);
		*r->out++ = (char)(value & 0xFF);
		return true;
	}
	for (size_t i = 0; i < sizeof(letters) - 1; i += 2) {
		if (letters[i] == *r->p) {
			*r->out++ = letters[i + 1];
			r->p++;
			return true;
		}
	}
	*r->out++ = *r->p++;
	return true;
}

/* Up to a colon, the end or, where it ends the text, an equal sign. */
static bool read_text(struct reader *r, bool ends_at_equal, struct ls_color *ret)
{
	char *start = r->out;

	while (*r->p != '\0' && *r->p != ':' && !(ends_at_equal && *r->p == '=')) {
		if (*r->p == '\\') {
			r->p++;
			if (!read_backslash(r))
				return false;
		} else if (*r->p == '^') {
			r->p++;
			if (*r->p >= '@' && *r->p <= '~')
				*r->out++ = (char)(*r->p++ & 0x1F);
			else if (*r->p == '?')
				*r->out++ = (char)(r->p++, 0x7F);
			else
				return false;
		} else {
			*r->out++ = *r->p++;
		}
	}
	*ret = (struct ls_color){ .bytes = start, .len = (size_t)(r->out - start) };
	return true;
}

static int refuse(const struct reader *r, const char *reason, const char *from, size_t len,
                  struct text_error *reterr)
{
	*reterr = (struct text_error){
		.reason = reason,
		.offset = (size_t)(from - r->text),
		.len = len,
	};
	return -EINVAL;
}

static int read_suffix(struct ls_colors *c, struct reader *r, struct text_error *reterr)
{
	struct suffix s = { 0 };

	r->p++;
	if (!read_text(r, true, &s.text))
		return refuse(r, "not an escape", r->p, 0, reterr);
	if (*r->p != '=')
		return refuse(r, "a = is missing here", r->p, 0, reterr);
	r->p++;
	if (!read_text(r, false, &s.color))
		return refuse(r, "not an escape", r->p, 0, reterr);
	vec_push(&c->suffixes, s);
	return 0;
}

static int read_key(struct ls_colors *c, struct reader *r, struct text_error *reterr)
{
	const char *name = r->p;
	size_t key = 0;

	if (name[1] == '\0' || name[2] != '=')
		return refuse(r, "a name of two letters and a = are missing here", name, 0, reterr);
	while (key < KEY_COUNT && strncmp(defaults[key].name, name, 2) != 0)
		key++;
	if (key == KEY_COUNT)
		return refuse(r, "unrecognized prefix", name, 2, reterr);
	r->p += 3;
	if (!read_text(r, false, &c->keys[key]))
		return refuse(r, "not an escape", r->p, 0, reterr);
	return 0;
}

static int read_all(struct ls_colors *c, struct reader *r, struct text_error *reterr)
{
	while (*r->p != '\0') {
		int err = 0;

		if (*r->p == ':')
			r->p++;
		else if (*r->p == '*')
			err = read_suffix(c, r, reterr);
		else
			err = read_key(c, r, reterr);
		if (err < 0)
			return err;
	}
	return 0;
}

static bool same(const struct ls_color *a, const struct ls_color *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal_in_any_case(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (to_lower(a[i]) != to_lower(b[i]))
			return false;
	}
	return true;
}

/*
 * Suffixes match in any case, unless two that differ in case alone have different
 * colours. Later ones go before earlier ones.
 */
static void settle_case(struct suffixes *list)
{
	for (size_t i = list->len; i > 1; i--) {
		struct suffix *later = &list->items[i - 1];
		bool any_case = false;

		for (size_t k = i - 1; k > 0 && !later->is_hidden; k--) {
			struct suffix *earlier = &list->items[k - 1];

			if (earlier->is_hidden || earlier->text.len != later->text.len ||
			    !equal_in_any_case(earlier->text.bytes, later->text.bytes,
			                       later->text.len))
				continue;
			if (same(&earlier->text, &later->text) || any_case) {
				earlier->is_hidden = true;
			} else if (same(&earlier->color, &later->color)) {
				earlier->is_hidden = true;
				any_case = true;
			} else {
				earlier->is_exact = true;
				later->is_exact = true;
			}
		}
	}
}

int ls_colors_new(const char *text, struct ls_colors **ret, struct text_error *reterr)
{
	AUTO_FREE(ls_colors) struct ls_colors *c = mem_alloc_zeroed(sizeof(*c));
	struct reader r = { .text = text, .p = text };
	const struct ls_color target = { .bytes = "target", .len = 6 };

	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (defaults[i].sequence != NULL)
			c->keys[i] = (struct ls_color){ defaults[i].sequence,
				                        strlen(defaults[i].sequence) };
	}
	if (text != NULL && text[0] != '\0') {
		int err;

		/* What is meant is never longer than what is written. */
		c->store = mem_alloc(strlen(text));
		r.out = c->store;
		err = read_all(c, &r, reterr);
		if (err < 0)
			return err;
		settle_case(&c->suffixes);
		c->links_as_targets = same(&c->keys[KEY_LINK], &target);
	}
	*ret = take(&c);
	return 0;
}

/* Empty, 0 and 00 are no colour. */
static bool is_colored(const struct ls_colors *c, enum key key)
{
	const struct ls_color *color = &c->keys[key];

	return color->len != 0 && !(color->len <= 2 && memcmp(color->bytes, "00", color->len) == 0);
}

static enum key regular_key(const struct ls_colors *c, const struct ls_color_file *file,
                            mode_t mode)
{
	if ((mode & S_ISUID) != 0 && is_colored(c, KEY_SETUID))
		return KEY_SETUID;
	if ((mode & S_ISGID) != 0 && is_colored(c, KEY_SETGID))
		return KEY_SETGID;
	if (file->has_capability && is_colored(c, KEY_CAPABILITY))
		return KEY_CAPABILITY;
	if ((mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0 && is_colored(c, KEY_EXEC))
		return KEY_EXEC;
	if (file->has_many_links && is_colored(c, KEY_MANY_LINKS))
		return KEY_MANY_LINKS;
	return KEY_FILE;
}

static enum key directory_key(const struct ls_colors *c, mode_t mode)
{
	bool sticky = (mode & S_ISVTX) != 0;
	bool writable = (mode & S_IWOTH) != 0;

	if (sticky && writable && is_colored(c, KEY_STICKY_OTHER_WRITABLE))
		return KEY_STICKY_OTHER_WRITABLE;
	if (writable && is_colored(c, KEY_OTHER_WRITABLE))
		return KEY_OTHER_WRITABLE;
	return sticky && is_colored(c, KEY_STICKY) ? KEY_STICKY : KEY_DIR;
}

static enum key file_key(const struct ls_colors *c, const struct ls_color_file *file)
{
	bool as_target = c->links_as_targets && S_ISLNK(file->mode) && file->target_mode != 0;
	mode_t mode = as_target ? file->target_mode : file->mode;

	if (file->is_missing && is_colored(c, KEY_MISSING))
		return KEY_MISSING;
	switch (mode & S_IFMT) {
	case S_IFREG:
		return regular_key(c, file, mode);
	case S_IFDIR:
		return directory_key(c, mode);
	case S_IFLNK:
		if (file->is_dangling && (c->links_as_targets || is_colored(c, KEY_ORPHAN)))
			return KEY_ORPHAN;
		return KEY_LINK;
	case S_IFIFO:
		return KEY_FIFO;
	case S_IFSOCK:
		return KEY_SOCKET;
	case S_IFBLK:
		return KEY_BLOCK;
	case S_IFCHR:
		return KEY_CHAR;
	default:
		return KEY_ORPHAN;
	}
}

static bool suffix_fits(const struct suffix *s, const struct ls_color_file *file)
{
	const char *tail;
	size_t len = s->text.len;

	if (s->is_hidden || len > file->len)
		return false;
	tail = file->name + (file->len - len);
	if (s->is_exact)
		return memcmp(tail, s->text.bytes, len) == 0;
	return equal_in_any_case(tail, s->text.bytes, len);
}

const struct ls_color *ls_colors_for(const struct ls_colors *c, const struct ls_color_file *file)
{
	enum key key = file_key(c, file);
	const struct ls_color *color = &c->keys[key];

	for (size_t i = key == KEY_FILE ? c->suffixes.len : 0; i > 0; i--) {
		const struct suffix *s = &c->suffixes.items[i - 1];

		if (suffix_fits(s, file)) {
			color = &s->color;
			break;
		}
	}
	return color->bytes != NULL ? color : NULL;
}

bool ls_colors_wants_capability(const struct ls_colors *c)
{
	return is_colored(c, KEY_CAPABILITY);
}

bool ls_colors_wants_stat(const struct ls_colors *c)
{
	static const enum key keys[] = { KEY_EXEC,           KEY_SETUID,
		                         KEY_SETGID,         KEY_CAPABILITY,
		                         KEY_MANY_LINKS,     KEY_STICKY,
		                         KEY_OTHER_WRITABLE, KEY_STICKY_OTHER_WRITABLE };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (is_colored(c, keys[i]))
			return true;
	}
	return false;
}

bool ls_colors_wants_target(const struct ls_colors *c)
{
	return c->links_as_targets || is_colored(c, KEY_ORPHAN) || is_colored(c, KEY_MISSING);
}

static void add(struct strbuf *b, const struct ls_color *color)
{
	if (color->len != 0)
		strbuf_add(b, color->bytes, color->len);
}

static void add_sequence(const struct ls_colors *c, const struct ls_color *color, struct strbuf *b)
{
	add(b, &c->keys[KEY_LEFT]);
	add(b, color);
	add(b, &c->keys[KEY_RIGHT]);
}

void ls_colors_add_begin(const struct ls_colors *c, const struct ls_color *color, struct strbuf *b)
{
	if (is_colored(c, KEY_NORMAL))
		add_sequence(c, &(struct ls_color){ 0 }, b);
	add_sequence(c, color, b);
}

void ls_colors_add_end(const struct ls_colors *c, struct strbuf *b)
{
	if (c->keys[KEY_END].bytes != NULL)
		add(b, &c->keys[KEY_END]);
	else
		add_sequence(c, &c->keys[KEY_RESET], b);
}

void ls_colors_add_normal(const struct ls_colors *c, struct strbuf *b)
{
	if (is_colored(c, KEY_NORMAL))
		add_sequence(c, &c->keys[KEY_NORMAL], b);
}

void ls_colors_add_clear_line(const struct ls_colors *c, struct strbuf *b)
{
	add(b, &c->keys[KEY_CLEAR_LINE]);
}

void ls_colors_add_farewell(const struct ls_colors *c, struct strbuf *b)
{
	const struct ls_color left = { "\033[", 2 };
	const struct ls_color right = { "m", 1 };

	if (!same(&c->keys[KEY_LEFT], &left) || !same(&c->keys[KEY_RIGHT], &right))
		add_sequence(c, &(struct ls_color){ 0 }, b);
}
