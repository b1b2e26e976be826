/* SPDX-License-Identifier: MIT */
/* The compiled form of a pattern, shared by glob.c, glob_compile.c and glob_set.c only. */
#pragma once

#include "fs/glob.h"

#include "base/utf8.h"
#include "base/vec.h"

/*
 * Beside the caller's flags: the pattern had no slash but those of leading ** components,
 * so the last component decides; with GLOB_HIDDEN_EXPLICIT none before it may be hidden.
 */
enum { GLOB_ANY_DIRECTORY = 1 << 16 };

enum glob_op {
	GLOB_CHAR,    /* the character `arg` */
	GLOB_ANY,     /* ? */
	GLOB_SET,     /* [...]: sets[arg] */
	GLOB_STAR,    /* stays on any character but '/'; or goes on */
	GLOB_DEEP,    /* stays on any character; or goes on */
	GLOB_DIRS,    /* before a component of a ** followed by a slash; or goes on, 2 further */
	GLOB_DIRS_IN, /* always follows GLOB_DIRS: within such a component */
	GLOB_SPLIT,   /* goes on, or to `arg` */
	GLOB_JUMP,    /* to `arg` */
	GLOB_MATCH,
};

struct glob_inst {
	enum glob_op op;
	uint32_t arg;
};

struct glob_range {
	uint32_t first, last;
};

struct glob_set {
	uint32_t first_range, n_ranges;
	bool negated;
	uint64_t low[4]; /* characters below 256, `negated` and case folding applied */
};

struct glob_insts {
	VEC_FIELDS(struct glob_inst);
};

struct glob_sets {
	VEC_FIELDS(struct glob_set);
};

struct glob_ranges {
	VEC_FIELDS(struct glob_range);
};

enum glob_kind {
	GLOB_KIND_PROGRAM, /* and text is at the end of every match */
	GLOB_KIND_LITERAL, /* text */
	GLOB_KIND_PREFIX,  /* text, then one star */
	GLOB_KIND_SUFFIX,  /* one star, then text */
};

struct glob {
	enum glob_kind kind;
	unsigned flags;
	struct glob_insts program; /* empty for a literal */
	struct glob_sets sets;
	struct glob_ranges ranges;
	struct strbuf text;
};

/* Invalid bytes are characters of their own, above all of Unicode. */
enum { GLOB_INVALID_BYTE = 0x110000 };

/* The character at `s`, which has `len` > 0 bytes; its length goes to *ret_len. */
static inline uint32_t glob_char_at(const char *s, size_t len, unsigned flags, size_t *ret_len)
{
	unsigned char byte = (unsigned char)*s;
	int32_t cp;

	*ret_len = 1;
	if (byte < 0x80 || (flags & GLOB_BYTES))
		return byte;
	cp = utf8_decode(s, len, ret_len);
	return cp < 0 ? (uint32_t)GLOB_INVALID_BYTE + byte : (uint32_t)cp;
}

/* Does case matter for nothing at this character? Bytes above ASCII are no letters. */
static inline bool glob_folds(unsigned flags, uint32_t c)
{
	return (flags & GLOB_FOLD_CASE) && (c < 0x80 || !(flags & GLOB_BYTES));
}

enum glob_set_outcome { GLOB_SET_PARSED, GLOB_SET_UNCLOSED, GLOB_SET_BAD_CLASS };

/*
 * Reads the set whose [ is at `at`. *ret_end is behind its ], or the place of the bad
 * class. With `g` it is added to the sets.
 */
enum glob_set_outcome glob_set_parse(struct glob *g, const char *pattern, size_t len, size_t at,
                                     unsigned flags, size_t *ret_end);
bool glob_set_has(const struct glob *g, const struct glob_set *set, uint32_t c);
