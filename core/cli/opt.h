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
	OPT_KIND_WORDS,    /* struct strv: a command: all words up to ";" alone, or the end */
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

struct opt_choice {
	const char *name; /* NULL ends the list */
	int value;        /* several names may share one; the first is the canonical one */
};

struct opt_table;

struct opt {
	enum opt_kind kind;
	char letter;      /* 0: no short form */
	const char *name; /* long form, without dashes; NULL: no long form */
	const char *arg;  /* placeholder for the value; NULL: takes none */
	const char *help; /* one phrase, no full stop */
	size_t offset;    /* of the field in the option struct */
	int value;
	int64_t min, max;
	const struct opt_choice *choices;
	const char *const *expand; /* ends with NULL */
	const char *when_missing;  /* the value is optional (--name[=arg]); this stands in */
	const struct opt_table *shared;
};

struct opt_table {
	const struct opt *opts;
	size_t len;
	/*
	 * A shortened name that fits a row elsewhere never means a row of this table: what a
	 * program of the same name does not have must not make its abbreviations ambiguous.
	 */
	bool yields;
};

#define OPT_TABLE(array)                                 \
	{                                                \
		.opts = (array), .len = ARRAY_LEN(array) \
	}
#define OPT_TABLE_YIELDING(array)                                        \
	{                                                                \
		.opts = (array), .len = ARRAY_LEN(array), .yields = true \
	}

/* clang-format off */

/* The field's offset; refuses to compile when the field is not a T. */
#define OPT_FIELD(S, field, T) _Generic(&((S *)0)->field, T *: offsetof(S, field))

#define OPT_BOOL(l, n, S, field, h) \
	{ .kind = OPT_KIND_BOOL, .letter = (l), .name = (n), .help = (h), \
	  .offset = OPT_FIELD(S, field, bool) }
#define OPT_SET(l, n, S, field, v, h) \
	{ .kind = OPT_KIND_SET, .letter = (l), .name = (n), .help = (h), .value = (v), \
	  .offset = OPT_FIELD(S, field, int) }
#define OPT_STR(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_STR, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .offset = OPT_FIELD(S, field, const char *) }
/* --name or --name=value; without a value the field becomes `missing`. */
#define OPT_STR_OPTIONAL(l, n, a, S, field, missing, h) \
	{ .kind = OPT_KIND_STR, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .when_missing = (missing), .offset = OPT_FIELD(S, field, const char *) }
#define OPT_LIST(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_LIST, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .offset = OPT_FIELD(S, field, struct strv) }
/* A command: -x CMD ARG... \; */
#define OPT_WORDS(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_WORDS, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .offset = OPT_FIELD(S, field, struct strv) }
#define OPT_TAGGED(l, n, a, S, field, tag, h) \
	{ .kind = OPT_KIND_TAGGED, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .value = (tag), .offset = OPT_FIELD(S, field, struct tagged_strv) }
/* For options that act on each other in the order they are given. */
#define OPT_MARK(l, n, S, field, tag, h) \
	{ .kind = OPT_KIND_MARK, .letter = (l), .name = (n), .help = (h), .value = (tag), \
	  .offset = OPT_FIELD(S, field, struct tagged_strv) }
#define OPT_MARK_CHOICE(l, n, a, S, field, tag, list, missing, h) \
	{ .kind = OPT_KIND_MARK, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .value = (tag), .choices = (list), .when_missing = (missing), \
	  .offset = OPT_FIELD(S, field, struct tagged_strv) }
#define OPT_INT(l, n, a, S, field, lo, hi, h) \
	{ .kind = OPT_KIND_INT, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .min = (lo), .max = (hi), .offset = OPT_FIELD(S, field, int64_t) }
#define OPT_SIZE(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_SIZE, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .offset = OPT_FIELD(S, field, uint64_t) }
#define OPT_DURATION(l, n, a, S, field, h) \
	{ .kind = OPT_KIND_DURATION, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .offset = OPT_FIELD(S, field, int64_t) }
#define OPT_CHOICE(l, n, a, S, field, list, h) \
	{ .kind = OPT_KIND_CHOICE, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .choices = (list), .offset = OPT_FIELD(S, field, int) }
#define OPT_CHOICE_OPTIONAL(l, n, a, S, field, list, missing, h) \
	{ .kind = OPT_KIND_CHOICE, .letter = (l), .name = (n), .arg = (a), .help = (h), \
	  .choices = (list), .when_missing = (missing), .offset = OPT_FIELD(S, field, int) }
#define OPT_SIGNAL(l, n, S, field, accepted, h) \
	{ .kind = OPT_KIND_SIGNAL, .letter = (l), .name = (n), .arg = "SIG", .help = (h), \
	  .value = (accepted), .offset = OPT_FIELD(S, field, int) }
#define OPT_EXPAND(l, n, h, ...) \
	{ .kind = OPT_KIND_EXPAND, .letter = (l), .name = (n), .help = (h), \
	  .expand = (const char *const[]){ __VA_ARGS__, NULL } }
#define OPT_ALIAS(n, target) \
	{ .kind = OPT_KIND_ALIAS, .name = (n), .expand = (const char *const[]){ (target), NULL } }
#define OPT_HEADING(h) { .kind = OPT_KIND_HEADING, .help = (h) }
#define OPT_SHARED(table, S, field) \
	{ .kind = OPT_KIND_SHARED, .shared = &(table), .offset = offsetof(S, field) }

/* clang-format on */

/*
 * Calls `visit` for every row but SHARED ones, whose rows are visited in their
 * place; `base` is added to a row's offset to reach its field. Stops when visit
 * returns false, and returns false then.
 */
typedef bool opt_visit(const struct opt *opt, size_t base, void *user);
bool opt_walk(const struct opt_table *table, opt_visit *visit, void *user);
/* Only the rows that are, or are not, in a table that yields. */
bool opt_walk_yielding(const struct opt_table *table, bool yields, opt_visit *visit, void *user);

/* A row and where its struct starts; `opt` is NULL when there is none. */
struct opt_hit {
	const struct opt *opt;
	size_t base;
};

/* By long name (exactly, `len` bytes) or letter; an alias gives the row it stands for. */
struct opt_hit opt_find_long(const struct opt_table *table, const char *name, size_t len);
struct opt_hit opt_find_letter(const struct opt_table *table, char letter);
/* True when the row reads a value. */
static inline bool opt_takes_value(const struct opt *opt)
{
	return opt->arg != NULL;
}

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
