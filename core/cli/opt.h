/* SPDX-License-Identifier: MIT */
/*
 * Option tables: one static array per applet says everything about its
 * options. The parser, --help, the manual's OPTIONS section and the shell
 * completions all read that array; nothing else describes an option.
 *
 * The grammar is GNU's: -abc, -ovalue, -o value, --name=value, --name value,
 * unambiguous long prefixes, operands and options mixed (unless POSIXLY_CORRECT
 * is set or the applet stops at its first operand), -- ends options.
 */
#pragma once

#include "base/base.h"
#include "base/strbuf.h"
#include "base/strv.h"
#include "base/text.h"

enum opt_kind {
	OPT_KIND_BOOL,     /* bool: true when given */
	OPT_KIND_SET,      /* int: becomes `value`; the last one given wins */
	OPT_KIND_STR,      /* const char *: borrowed from argv */
	OPT_KIND_LIST,     /* struct strv: every value given, in order */
	OPT_KIND_PAIR,     /* struct strv: two words each time it is given */
	OPT_KIND_WORDS,    /* struct strv: a command: all words up to ";" alone, or the end */
	OPT_KIND_LAST,     /* as STR, and every word behind it is an operand */
	OPT_KIND_TAGGED,   /* struct tagged_strv: value with `value` as its tag, in order */
	OPT_KIND_MARK,     /* struct tagged_strv: `value`, plus the choice's, as a tag, in order */
	OPT_KIND_INT,      /* int64_t within [min, max] */
	OPT_KIND_SIZE,     /* uint64_t bytes: 512, 4K, 1.5GiB */
	OPT_KIND_DURATION, /* int64_t nanoseconds: 90s, 2h, 7d */
	OPT_KIND_CHOICE,   /* int: the value of one of `choices`; prefixes do */
	OPT_KIND_SIGNAL,   /* int: a signal, by name or number (sys/signal_names.h) */
	OPT_KIND_EXPAND,   /* stands for the words in `expand` */
	OPT_KIND_ALIAS,    /* another long name for the option `expand[0]` */
	OPT_KIND_HEADING,  /* starts a titled group in --help and the manual */
	OPT_KIND_SHARED,   /* splices in another table, its struct at `offset` */
};

/* What OPT_KIND_SIGNAL rows take besides --name=SIG; at most one row of an applet has them. */
enum opt_signal {
	OPT_SIGNAL_WORDS = 1 << 0,  /* -TERM, -9: a word with one dash that is a signal */
	OPT_SIGNAL_GROUPS = 1 << 1, /* once there is a signal, -123 is an operand */
};

/*
 * What tables are made of holds no pointers, so that it lies in read-only pages which all
 * processes share: a pointer must be relocated at each start, in a page copied for it.
 */
struct opt_choice {
	char name[24]; /* "" ends the list */
	int value;     /* several names may share one; the first is the canonical one */
};

enum opt_takes { OPT_TAKES_NOTHING, OPT_TAKES_VALUE, OPT_MAY_TAKE_VALUE };

enum { OPT_TEXT_MAX = 120 };

struct opt {
	uint8_t kind;    /* enum opt_kind */
	uint8_t takes;   /* enum opt_takes */
	char letter;     /* 0: no short form */
	uint32_t offset; /* of the field in the option struct */
	int value;
	int64_t min, max;
	/*
	 * Strings one behind the other, the last one empty. First the long form without
	 * dashes, the placeholder for the value and the help, one phrase without a full stop;
	 * each may be empty. Behind them what stands in for a value that is missing; the name
	 * an ALIAS stands for; the words of an EXPAND.
	 */
	char text[OPT_TEXT_MAX];
};

struct opt_table;

/* What a row of `offset` and `tag` (its value) means by more than a number. */
struct opt_link {
	size_t offset;
	int tag;
	const struct opt_choice *choices; /* of a CHOICE or MARK */
	const struct opt_table *shared;   /* of a SHARED */
};

struct opt_table {
	const struct opt *opts;
	size_t len;
	const struct opt_link *links;
	size_t n_links;
	/*
	 * A shortened name that fits a row elsewhere never means a row of this table: what a
	 * program of the same name does not have must not make its abbreviations ambiguous.
	 */
	bool yields;
};

/* clang-format off */

#define OPT_TABLE(array) { .opts = (array), .len = ARRAY_LEN(array) }
#define OPT_TABLE_YIELDING(array) { .opts = (array), .len = ARRAY_LEN(array), .yields = true }
/* For tables with rows of kinds CHOICE, MARK with choices, and SHARED. */
#define OPT_TABLE_LINKED(array, list) \
	{ .opts = (array), .len = ARRAY_LEN(array), .links = (list), .n_links = ARRAY_LEN(list) }
#define OPT_TABLE_LINKED_YIELDING(array, list) \
	{ .opts = (array), .len = ARRAY_LEN(array), .links = (list), .n_links = ARRAY_LEN(list), \
	  .yields = true }

/* The field's offset; refuses to compile when the field is not a T. */
#define OPT_FIELD(S, field, T) _Generic(&((S *)0)->field, T *: offsetof(S, field))

/* Texts are literals; a row that has no letter says 0, one that has no long form says "". */
#define OPT_TEXT(n, a, h) .text = n "\0" a "\0" h "\0"
#define OPT_TEXT_WITH(n, a, h, more) .text = n "\0" a "\0" h "\0" more "\0"

#define OPT_BOOL(l, n, S, field, h) \
	{ .kind = OPT_KIND_BOOL, .letter = (l), .offset = OPT_FIELD(S, field, bool), \
	  OPT_TEXT(n, "", h) }
#define OPT_SET(l, n, S, field, v, h) \
	{ .kind = OPT_KIND_SET, .letter = (l), .offset = OPT_FIELD(S, field, int), .value = (v), \
	  OPT_TEXT(n, "", h) }
#define OPT_STR(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_STR, .takes = OPT_TAKES_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, const char *), OPT_TEXT(n, a, h) }
/* --name or --name=value; without a value the field becomes `missing`. */
#define OPT_STR_OPTIONAL(l, n, a, S, field, missing, h) \
	{ .kind = OPT_KIND_STR, .takes = OPT_MAY_TAKE_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, const char *), OPT_TEXT_WITH(n, a, h, missing) }
#define OPT_LIST(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_LIST, .takes = OPT_TAKES_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, struct strv), OPT_TEXT(n, a, h) }
/* --name A B: the value and the word behind it. */
#define OPT_PAIR(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_PAIR, .takes = OPT_TAKES_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, struct strv), OPT_TEXT(n, a, h) }
/* A command: -x CMD ARG... \; */
#define OPT_WORDS(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_WORDS, .takes = OPT_TAKES_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, struct strv), OPT_TEXT(n, a, h) }
/* Ends the options: what is in the value decides how the words behind it are read. */
#define OPT_LAST(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_LAST, .takes = OPT_TAKES_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, const char *), OPT_TEXT(n, a, h) }
#define OPT_TAGGED(l, n, a, S, field, tag, h) \
	{ .kind = OPT_KIND_TAGGED, .takes = OPT_TAKES_VALUE, .letter = (l), .value = (tag), \
	  .offset = OPT_FIELD(S, field, struct tagged_strv), OPT_TEXT(n, a, h) }
/* --name or --name=value; without a value `missing` is added. */
#define OPT_TAGGED_OPTIONAL(l, n, a, S, field, tag, missing, h) \
	{ .kind = OPT_KIND_TAGGED, .takes = OPT_MAY_TAKE_VALUE, .letter = (l), .value = (tag), \
	  .offset = OPT_FIELD(S, field, struct tagged_strv), OPT_TEXT_WITH(n, a, h, missing) }
/* For options that act on each other in the order they are given. */
#define OPT_MARK(l, n, S, field, tag, h) \
	{ .kind = OPT_KIND_MARK, .letter = (l), .value = (tag), \
	  .offset = OPT_FIELD(S, field, struct tagged_strv), OPT_TEXT(n, "", h) }
/* The choices are those that OPT_MARK_CHOICES() links to `tag`. */
#define OPT_MARK_CHOICE(l, n, a, S, field, tag, h) \
	{ .kind = OPT_KIND_MARK, .takes = OPT_TAKES_VALUE, .letter = (l), .value = (tag), \
	  .offset = OPT_FIELD(S, field, struct tagged_strv), OPT_TEXT(n, a, h) }
#define OPT_MARK_CHOICE_OPTIONAL(l, n, a, S, field, tag, missing, h) \
	{ .kind = OPT_KIND_MARK, .takes = OPT_MAY_TAKE_VALUE, .letter = (l), .value = (tag), \
	  .offset = OPT_FIELD(S, field, struct tagged_strv), OPT_TEXT_WITH(n, a, h, missing) }
#define OPT_INT(l, n, a, S, field, lo, hi, h) \
	{ .kind = OPT_KIND_INT, .takes = OPT_TAKES_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, int64_t), .min = (lo), .max = (hi), OPT_TEXT(n, a, h) }
#define OPT_SIZE(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_SIZE, .takes = OPT_TAKES_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, uint64_t), OPT_TEXT(n, a, h) }
#define OPT_DURATION(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_DURATION, .takes = OPT_TAKES_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, int64_t), OPT_TEXT(n, a, h) }
/* The choices are those that OPT_CHOICES() links to the field. */
#define OPT_CHOICE(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_CHOICE, .takes = OPT_TAKES_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, int), OPT_TEXT(n, a, h) }
#define OPT_CHOICE_OPTIONAL(l, n, a, S, field, missing, h) \
	{ .kind = OPT_KIND_CHOICE, .takes = OPT_MAY_TAKE_VALUE, .letter = (l), \
	  .offset = OPT_FIELD(S, field, int), OPT_TEXT_WITH(n, a, h, missing) }
#define OPT_SIGNAL(l, n, S, field, accepted, h) \
	{ .kind = OPT_KIND_SIGNAL, .takes = OPT_TAKES_VALUE, .letter = (l), .value = (accepted), \
	  .offset = OPT_FIELD(S, field, int), OPT_TEXT(n, "SIG", h) }
/* `words` is one literal, "\0" between the words. */
#define OPT_EXPAND(l, n, h, words) \
	{ .kind = OPT_KIND_EXPAND, .letter = (l), OPT_TEXT_WITH(n, "", h, words) }
#define OPT_ALIAS(n, target) { .kind = OPT_KIND_ALIAS, OPT_TEXT_WITH(n, "", "", target) }
#define OPT_HEADING(h) { .kind = OPT_KIND_HEADING, OPT_TEXT("", "", h) }
/* The table is the one that OPT_SPLICE() links to the field. */
#define OPT_SHARED(S, field) { .kind = OPT_KIND_SHARED, .offset = offsetof(S, field) }
/* A part of this applet's own table; OPT_SPLICE_PART() links it by its number. */
#define OPT_PART(number) { .kind = OPT_KIND_SHARED, .value = (number) }

#define OPT_CHOICES(S, field, list) { .offset = OPT_FIELD(S, field, int), .choices = (list) }
#define OPT_MARK_CHOICES(S, field, t, list) \
	{ .offset = OPT_FIELD(S, field, struct tagged_strv), .tag = (t), .choices = (list) }
#define OPT_SPLICE(S, field, table) { .offset = offsetof(S, field), .shared = &(table) }
#define OPT_SPLICE_PART(number, table) { .tag = (number), .shared = &(table) }

/* clang-format on */

/* A row, where its struct starts, and the table it is in; `opt` is NULL when there is none. */
struct opt_hit {
	const struct opt *opt;
	size_t base;
	const struct opt_table *table;
};

/*
 * Calls `visit` for every row but SHARED ones, whose rows are visited in their place.
 * Stops when visit returns false, and returns false then.
 */
typedef bool opt_visit(const struct opt_hit *row, void *user);
bool opt_walk(const struct opt_table *table, opt_visit *visit, void *user);
/* Only the rows that are, or are not, in a table that yields. */
bool opt_walk_yielding(const struct opt_table *table, bool yields, opt_visit *visit, void *user);

/* By long name (exactly, `len` bytes) or letter; an alias gives the row it stands for. */
struct opt_hit opt_find_long(const struct opt_table *table, const char *name, size_t len);
struct opt_hit opt_find_letter(const struct opt_table *table, char letter);

/* The texts of a row; "" when it has none. */
static inline const char *opt_name(const struct opt *opt)
{
	return opt->text;
}
const char *opt_arg(const struct opt *opt);
const char *opt_help(const struct opt *opt);
/*
 * What stands in for a missing value, what an alias stands for, or the first of the words
 * of an expansion: each ends with NUL, an empty one ends them.
 */
const char *opt_more(const struct opt *opt);
/* What a CHOICE or MARK may be, NULL for other rows. */
const struct opt_choice *opt_choices(const struct opt_hit *row);

/* The built-in rows every applet has: --help, --version. */
extern const struct opt_table opt_builtin_table;

struct opt_request {
	const struct opt_table *table;
	void *fields;         /* the applet's option struct, already holding the defaults */
	bool stop_at_operand; /* everything from the first operand on is operands */
};

enum opt_outcome { OPT_PARSED, OPT_WANTS_HELP, OPT_WANTS_VERSION, OPT_WRONG };

/* What was wrong: a sentence without the program's name, and the text to underline. */
struct opt_error {
	struct strbuf message; /* to be released by the caller */
	const char *text;      /* the value the user typed, borrowed; NULL: nothing to underline */
	struct text_error where;
};

/*
 * Parses argv[1..argc). Operands are moved to *ret_operands, a NULL-terminated
 * array the caller frees (its strings are borrowed from argv).
 */
MUST_USE enum opt_outcome opt_parse(const struct opt_request *request, int argc, char **argv,
                                    char ***ret_operands, struct opt_error *reterr);

/* Releases the LIST, TAGGED and MARK fields of an option struct. */
void opt_release(const struct opt_table *table, void *fields);
