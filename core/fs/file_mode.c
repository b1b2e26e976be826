/* SPDX-License-Identifier: MIT */
#include "fs/file_mode.h"

#include "base/vec.h"

#include <errno.h>

enum {
	ALL_READ = S_IRUSR | S_IRGRP | S_IROTH,
	ALL_WRITE = S_IWUSR | S_IWGRP | S_IWOTH,
	ALL_EXEC = S_IXUSR | S_IXGRP | S_IXOTH,
	SET_ID = S_ISUID | S_ISGID,
	USER_BITS = S_ISUID | S_IRWXU,
	GROUP_BITS = S_ISGID | S_IRWXG,
	OTHER_BITS = S_ISVTX | S_IRWXO,
	DIGITS_RWX = 3,   /* so many say nothing about set-id and sticky bits, taken exactly */
	DIGITS_CHMOD = 4, /* with more, chmod's number decides about set-id bits of directories */
};

enum change_kind {
	CHANGE_BITS,
	CHANGE_BITS_X, /* and x, for directories and what somebody may execute */
	CHANGE_COPY,   /* what the class in `bits` has */
};

struct mode_change {
	char op; /* '=', '+' or '-' */
	enum change_kind kind;
	mode_t who; /* bits of the classes; 0: none was written */
	mode_t bits;
	mode_t named; /* of a number: what it decides about; 0: as the clause says */
	mode_t exact; /* the same when it is taken exactly */
};

struct file_mode {
	VEC_FIELDS(struct mode_change);
	bool octal;
};

struct mode_parser {
	const char *text;
	const char *at;
	struct file_mode *mode;
	struct text_error error;
};

static int fail(struct mode_parser *p, const char *reason)
{
	p->error = (struct text_error){ .reason = reason,
		                        .offset = (size_t)(p->at - p->text),
		                        .len = *p->at != '\0' };
	return -EINVAL;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Digits up to 7777; false when they are more. */
static bool scan_octal(struct mode_parser *p, mode_t *ret)
{
	mode_t value = 0;

	for (; is_octal(*p->at); p->at++) {
		value = value * 8 + (mode_t)(*p->at - '0');
		if (value > FILE_MODE_BITS)
			return false;
	}
	*ret = value;
	return true;
}

static mode_t scan_who(struct mode_parser *p)
{
	mode_t who = 0;

	for (;; p->at++) {
		switch (*p->at) {
		case 'u':
			who |= USER_BITS;
			break;
		case 'g':
			who |= GROUP_BITS;
			break;
		case 'o':
			who |= OTHER_BITS;
			break;
		case 'a':
			who |= FILE_MODE_BITS;
			break;
		default:
			return who;
		}
	}
}

static void scan_letters(struct mode_parser *p, struct mode_change *c)
{
	for (;; p->at++) {
		switch (*p->at) {
		case 'r':
			c->bits |= ALL_READ;
			break;
		case 'w':
			c->bits |= ALL_WRITE;
			break;
		case 'x':
			c->bits |= ALL_EXEC;
			break;
		case 'X':
			c->kind = CHANGE_BITS_X;
			break;
		case 's':
			c->bits |= SET_ID;
			break;
		case 't':
			c->bits |= S_ISVTX;
			break;
		default:
			return;
		}
	}
}

/* What follows = + or -. */
static int scan_perms(struct mode_parser *p, struct mode_change *c)
{
	switch (*p->at) {
	case 'u':
		c->bits = S_IRWXU;
		break;
	case 'g':
		c->bits = S_IRWXG;
		break;
	case 'o':
		c->bits = S_IRWXO;
		break;
	default:
		if (!is_octal(*p->at)) {
			scan_letters(p, c);
			return 0;
		}
		if (c->who != 0)
			return fail(p, "a number stands for all classes");
		if (!scan_octal(p, &c->bits))
			return fail(p, "more than 7777");
		c->who = FILE_MODE_BITS;
		c->named = FILE_MODE_BITS;
		return *p->at == '\0' || *p->at == ',' ? 0 : fail(p, "expected a comma");
	}
	c->kind = CHANGE_COPY;
	p->at++;
	return 0;
}

static bool is_operator(char c)
{
	return c == '=' || c == '+' || c == '-';
}

static int scan_clause(struct mode_parser *p)
{
	mode_t who = scan_who(p);

	if (!is_operator(*p->at))
		return fail(p, "expected =, + or -");
	while (is_operator(*p->at)) {
		struct mode_change c = { .op = *p->at++, .who = who };
		int r = scan_perms(p, &c);

		if (r < 0)
			return r;
		vec_push(p->mode, c);
	}
	return 0;
}

static int scan_number(struct mode_parser *p)
{
	struct mode_change c = { .op = '=', .who = FILE_MODE_BITS };

	if (!scan_octal(p, &c.bits))
		return fail(p, "more than 7777");
	if (*p->at != '\0')
		return fail(p, "no octal digit");
	c.exact = p->at - p->text > DIGITS_RWX ? FILE_MODE_BITS
	                                       : c.bits | S_IRWXU | S_IRWXG | S_IRWXO;
	c.named = p->at - p->text > DIGITS_CHMOD
	                  ? FILE_MODE_BITS
	                  : (c.bits & (SET_ID | S_ISVTX)) | S_IRWXU | S_IRWXG | S_IRWXO;
	p->mode->octal = true;
	vec_push(p->mode, c);
	return 0;
}

int file_mode_parse(const char *text, struct file_mode **ret, struct text_error *reterr)
{
	AUTO_FREE(file_mode) struct file_mode *mode = mem_alloc_zeroed(sizeof(*mode));
	struct mode_parser p = { .text = text, .at = text, .mode = mode };
	int r = is_octal(*text) ? scan_number(&p) : scan_clause(&p);

	while (r == 0 && *p.at == ',') {
		p.at++;
		r = scan_clause(&p);
	}
	if (r == 0 && *p.at != '\0')
		r = fail(&p, "no letter of a mode");
	if (r < 0) {
		*reterr = p.error;
		return r;
	}
	*ret = take(&mode);
	return 0;
}

struct file_mode *file_mode_free(struct file_mode *m)
{
	if (m != NULL)
		vec_release(m);
	free(m);
	return NULL;
}

bool file_mode_is_octal(const struct file_mode *m)
{
	return m->octal;
}

/* What the class in `bits` may do, for all classes. */
static mode_t spread(mode_t mode, mode_t bits)
{
	mode_t have = mode & bits;

	return ((have & ALL_READ) != 0 ? (mode_t)ALL_READ : 0) |
	       ((have & ALL_WRITE) != 0 ? (mode_t)ALL_WRITE : 0) |
	       ((have & ALL_EXEC) != 0 ? (mode_t)ALL_EXEC : 0);
}

static mode_t change_bits(const struct mode_change *c, mode_t mode, bool is_dir)
{
	if (c->kind == CHANGE_COPY)
		return spread(mode, c->bits);
	if (c->kind == CHANGE_BITS_X && (is_dir || (mode & ALL_EXEC) != 0))
		return c->bits | ALL_EXEC;
	return c->bits;
}

/* Bits that the change leaves alone, whatever it says of its classes. */
static mode_t omitted_bits(const struct mode_change *c, const struct file_mode_on *on)
{
	mode_t spelled = c->bits & (c->who != 0 ? c->who : FILE_MODE_BITS);

	if (on->exact && c->exact != 0)
		return FILE_MODE_BITS & ~c->exact;
	if (c->named != 0)
		spelled = c->named;
	/* Set-id bits of directories stay, but when a clause spells s. */
	return on->is_dir ? SET_ID & ~spelled : 0;
}

mode_t file_mode_apply(const struct file_mode *m, const struct file_mode_on *on, mode_t *ret_named)
{
	mode_t mode = on->old & FILE_MODE_BITS;
	mode_t named = 0;

	for (size_t i = 0; i < m->len; i++) {
		const struct mode_change *c = &m->items[i];
		mode_t omitted = omitted_bits(c, on);
		mode_t bits = change_bits(c, mode, on->is_dir);
		mode_t stays;

		bits &= (c->who != 0 ? c->who : ~on->mask) & ~omitted;
		switch (c->op) {
		case '=':
			stays = (c->who != 0 ? FILE_MODE_BITS & ~c->who : 0) | omitted;
			named |= FILE_MODE_BITS & ~stays;
			mode = (mode & stays) | bits;
			break;
		case '+':
			named |= bits;
			mode |= bits;
			break;
		default:
			named |= bits;
			mode &= ~bits;
			break;
		}
	}
	if (ret_named != NULL)
		*ret_named = named;
	return mode;
}
