/* SPDX-License-Identifier: MIT */
/* What the parts of path share. */
#pragma once

#include "base/os_path.h"
#include "cli/applet.h"
#include "cli/template.h"

enum path_verb {
	VERB_SPLIT,
	VERB_SPLITEXT,
	VERB_DIR,
	VERB_BASE,
	VERB_JOIN,
	VERB_ABS,
	VERB_REAL,
	VERB_REL,
	VERB_COMMON,
	VERB_SEP,
	VERB_LIST,
	VERB_NAME,
	VERB_STEM,
	VERB_SUFFIX,
	VERB_SUFFIXES,
	VERB_PARENT,
	VERB_PARENTS,
	VERB_WITH_SUFFIX,
	VERB_WITH_NAME,
	VERB_WITH_STEM,
	VERB_EXPAND,
	VERB_HOME,
	VERB_CWD,
	VERB_TEMPDIR,
	VERB_TEST,
	VERB_TYPE,
	VERB_STAT,
	VERB_READ,
	PATH_VERBS
};

enum path_missing { MISSING_DEFAULT, MISSING_OK, MISSING_STRICT };
enum path_follow { FOLLOW_DEFAULT, FOLLOW_YES, FOLLOW_NO };
enum path_encode { ENCODE_NONE, ENCODE_TEXT, ENCODE_BASE64, ENCODE_HEX };
enum path_cwd_form { CWD_PHYSICAL, CWD_LOGICAL };
enum { LEVELS_DEFAULT = -1 };

struct path_opts {
	struct out_opts out;
	bool lines; /* operands are the lines of standard input */
	int missing, follow, encode, cwd;
	const char *from, *format;
	bool chars, list, alt;
	int64_t levels;
	struct tagged_strv tests; /* the tags are letters of test(1), and TEST_ABSOLUTE */
};

enum { TEST_ABSOLUTE = 'A' };

/* One run. */
struct path_run {
	struct ctx *ctx;
	const struct path_opts *opts;
	enum path_verb verb;
	const char *word; /* what with-suffix and the like put in */
	char **operands;  /* what is left of them */
	char *cwd;        /* the working directory, once it was asked for; owned */
	struct users *users;
	struct template *format;
	struct strbuf line, result;   /* used again for each operand */
	struct os_path_common common; /* of the operands so far */
	size_t seen;                  /* how many there were */
	bool said_no;
};

/* Its verbs are in the order of enum path_verb. */
extern const struct applet path_applet;

extern const struct applet_schema path_result_schemas[];
extern const struct applet_schema path_split_schemas[];
extern const struct applet_schema path_ext_schemas[];
extern const struct applet_schema path_many_schemas[];
extern const struct applet_schema path_answer_schemas[];
extern const struct applet_schema path_stat_schemas[];
extern const struct applet_schema path_content_schemas[];

/* What is done with each operand; trouble is reported where it is found. */
typedef void path_act(struct path_run *run, const char *operand);
/* For all operands, or for what is on standard input. 0, or the exit status. */
MUST_USE int path_for_each(struct path_run *run, path_act *act);

/* ---- results ---- */

/* The text belongs to `operand`, which may be NULL. */
void path_print(struct path_run *run, const char *operand, const char *text, size_t len);
/* Both parts of a path, a line each. */
void path_print_pair(struct path_run *run, const char *operand, const char *head, size_t len,
                     const char *tail);
/* One of several results for one operand: in text at once, in JSON with path_end_items(). */
void path_print_item(struct path_run *run, struct strbuf *items, const char *text, size_t len);
void path_end_items(struct path_run *run, const char *operand, const struct strbuf *items);
void path_print_answer(struct path_run *run, const char *operand, bool yes);
void path_print_stat(struct path_run *run, const struct template_entry *entry);
void path_print_content(struct path_run *run, const char *operand, const struct strbuf *content);

/* ---- verbs ---- */

path_act path_text_act; /* split to with-stem, one operand at a time */
path_act path_real_act, path_test_act, path_type_act, path_stat_act, path_read_act;
path_act path_expand_act, path_list_act, path_home_act;
/* Those about all operands together, or none. The exit status. */
int path_join(struct path_run *run);
int path_common(struct path_run *run);
int path_sep(struct path_run *run);
int path_cwd(struct path_run *run);
int path_tempdir(struct path_run *run);
/* Without operands: $PATH, and the user's own home. */
int path_list_default(struct path_run *run);
int path_home_default(struct path_run *run);

/* The working directory, borrowed; NULL after a report that there is none. */
const char *path_working_directory(struct path_run *run);
/* Adds `path` as absolute and normal text. False after a report. */
bool path_add_absolute(struct path_run *run, const char *path, struct strbuf *ret);
