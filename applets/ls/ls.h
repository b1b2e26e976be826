/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. ls.c holds the options and starts the run; setup.c turns
 * options and environment into a struct ls_run; operands.c and dirs.c find out what is listed
 * and in which order; files.c and learn.c know the files of one list; sort.c orders them;
 * view.c prints a list by columns.c, long.c, tree.c or records.c, and name.c the names.
 */
#pragma once

#include "base/clock.h"
#include "base/human.h"
#include "base/key_sort.h"
#include "base/pool.h"
#include "base/quote.h"
#include "cli/applet.h"
#include "cli/color.h"
#include "fs/dir_node.h"
#include "fs/xattr.h"
#include "sys/users.h"

#include <sys/stat.h>

/* Tags of struct ls_opts.marks: what it is about, plus one of the words below. */
enum {
	LS_MARK_FORMAT = 0x100,
	LS_MARK_SORT = 0x200,
	LS_MARK_TIME = 0x300,
	LS_MARK_QUOTE = 0x400,
	LS_MARK_INDICATOR = 0x500,
	LS_MARK_CLASSIFY = 0x600, /* --classify=WHEN */
	LS_MARK_COLOR = 0x700,
	LS_MARK_HYPERLINK = 0x800,
	LS_MARK_FOLLOW = 0x900,
	LS_MARK_SHOW = 0xa00,    /* enum ls_show */
	LS_MARK_CONTROL = 0xb00, /* -q, --show-control-chars */
	LS_MARK_OTHER = 0xc00,   /* enum ls_other: the text of some is a value */
	LS_MARK_KIND = 0xff00,
};

enum ls_format { LS_LONG, LS_ONE, LS_MANY, LS_ACROSS, LS_COMMAS };
enum ls_sort {
	LS_SORT_NAME,
	LS_SORT_TIME,
	LS_SORT_SIZE,
	LS_SORT_EXTENSION,
	LS_SORT_VERSION,
	LS_SORT_WIDTH,
	LS_SORT_NONE,
};
enum ls_time { LS_MTIME, LS_ATIME, LS_CTIME, LS_BTIME };
enum ls_indicator { LS_PLAIN, LS_SLASH, LS_FILE_TYPE, LS_CLASSIFY };
enum ls_follow { LS_FOLLOW_NEVER, LS_FOLLOW_DIR_ARGS, LS_FOLLOW_ARGS, LS_FOLLOW_ALWAYS };
enum ls_show { LS_SHOW_VISIBLE, LS_SHOW_ALMOST_ALL, LS_SHOW_ALL };
enum ls_when { LS_NEVER, LS_AUTO, LS_ALWAYS };
enum ls_other {
	LS_ONE_LINE,  /* -1: unless the format is long */
	LS_NUMERIC,   /* -n */
	LS_NO_OWNER,  /* -g */
	LS_NO_GROUP,  /* -o */
	LS_ZERO,      /* --zero */
	LS_NO_SORT,   /* -f */
	LS_FULL_TIME, /* --full-time */
	LS_HUMAN,     /* -h */
	LS_SI,
	LS_DIRED,
	LS_TEXT_BLOCK_SIZE, /* these have a text */
	LS_TEXT_STYLE,
	LS_TEXT_WIDTH,
	LS_TEXT_TAB,
};

struct ls_opts {
	struct tagged_strv marks; /* all options that act on each other, in order */
	bool no_group, author;
	bool reverse, directory, recursive, inode, blocks, kibibytes, context;
	bool ignore_backups;
	struct strv ignore, hide;
	int group_dirs; /* enum ls_group */

	bool tree, total_size, octal, header;
	bool only_dirs, only_files, gitignore;
	int64_t level; /* 0: no limit */
	const char *newer, *older, *min_size, *max_size;
	const char *files0_from;
	bool json;
};

enum ls_group { LS_GROUP_NONE, LS_GROUP_DIRS_FIRST, LS_GROUP_DIRS_LAST };

/* Of one file, as far as something is asked that depends on it. */
struct ls_meta {
	uint64_t size;   /* bytes; of devices their number */
	uint64_t blocks; /* of 512 bytes */
	int64_t seconds; /* of the time that is shown */
	uint32_t nanoseconds;
	uint32_t mode;
	uint32_t uid, gid;
	uint32_t nlink;
};

/* The rest, for records and totals: behind struct ls_meta when ls_run.wants_extra. */
struct ls_extra {
	uint64_t dev;
	uint64_t total_size;   /* --total-size: bytes of contents and blocks of all that is in it */
	uint64_t total_blocks; /* of 512 bytes */
	struct timespec mtime, atime, ctime, btime;
	bool has_btime, has_total;
};

/* Of a symbolic link. */
struct ls_link {
	uint32_t mode; /* of what it leads to; 0: unknown */
	bool is_ok;    /* what it leads to exists */
	bool was_read;
	char target[];
};

enum ls_flags {
	LS_IS_KNOWN = 1 << 0, /* meta is set */
	LS_IS_OPERAND = 1 << 1,
	LS_IS_OPENED = 1 << 2, /* an operand that is a directory whose content is listed */
	LS_HAS_ACL = 1 << 3,
	LS_HAS_CONTEXT = 1 << 4, /* a security context and no ACL */
	LS_HAS_CAPABILITY = 1 << 5,
	LS_HAS_NO_TIME = 1 << 8,  /* the file system keeps no time of birth */
	LS_IS_GONE = 1 << 9,      /* not to be listed after all */
	LS_IS_PASSED = 1 << 7,    /* a directory that is entered but not listed */
	LS_IS_TROUBLED = 1 << 10, /* ls_run.defers: there is a message about it */
	LS_IS_QUOTED = 1 << 6,    /* ls_run.aligns_quotes: the name is shown in quotes */
};

struct ls_file {
	struct ls_meta *meta; /* NULL: not asked for, or nothing could be found out */
	struct ls_link *link; /* NULL: no symbolic link, or not asked for */
	const char *context;  /* the security context; NULL: not asked for */
	uint64_t ino;
	uint32_t len;
	uint16_t flags; /* enum ls_flags */
	uint8_t type;   /* DT_*: of what is listed, behind the link where links are followed */
	char name[];
};

struct ls_chunk;

/* The files of one directory, or the operands. */
struct ls_list {
	VEC_FIELDS(struct key_slot); /* items are struct ls_file; sorting moves them */
	struct ls_chunk *memory;     /* owned: what the files are in */
	const struct ls_list *aside; /* more files that columns are measured by; or NULL */
	const struct dir_node *dir;  /* NULL: operands */
	int dirfd;                   /* AT_FDCWD for operands; -1 once the directory is closed */
	const char *path; /* as it is printed, without a slash at the end; NULL: operands */
	uint64_t blocks;  /* of 512 bytes, of all files */
	bool has_acl;     /* one of them has an ACL or a context */
	bool has_quoted;
};

/* The last ones that were printed, in case the next ones are the same: long.c */
struct ls_ids {
	uint32_t uid, gid;
	size_t owner, group; /* widths */
	struct strbuf text;  /* empty: none yet */
};
struct ls_letters {
	uint32_t mode;
	struct strbuf text;
};

struct ls_rules;
struct ls_totals;

/* One run: everything decided. */
struct ls_run {
	struct ctx *ctx;
	const struct ls_opts *opts;
	struct strbuf out; /* what was not handed to ctx->out yet */

	enum ls_format format;
	enum ls_sort sort;
	enum ls_time time;
	enum ls_indicator indicator;
	enum ls_follow follow;
	enum ls_show show;
	bool masks; /* ? for what is not printable */
	bool masks_newline;
	bool aligns_quotes;
	bool hyperlinks;
	bool numeric, shows_owner, shows_group;
	char end; /* of a line: \n or NUL */
	struct quote_form names;
	struct quote_form dir_names;
	struct human_format block_format; /* of -s */
	struct human_format size_format;  /* of -l */
	size_t width;                     /* of a line; 0: no limit */
	size_t tab;
	char *old_style, *recent_style; /* owned; formats of times, from setup.c */
	bool relative;                  /* --time-style=relative */
	bool default_style;             /* GNU's in the C locale: has a fast path */
	struct timespec now;
	struct clock_cache clock;
	struct ls_colors *colors; /* owned; NULL: none */
	bool used_color;
	bool has_normal_color; /* ordinary text has one */
	char *host;            /* owned; --hyperlink */

	bool wants_stat, wants_type, wants_extra, wants_link_mode, streams, filters;
	bool defers; /* a thread's own view of the run: messages are left to the first thread */
	bool prints_dir_name;
	bool printed_any; /* a blank line is due before the next directory */
	uint64_t listed;  /* entries that were printed */

	struct users *users; /* owned */
	struct ls_ids ids;
	struct ls_letters letters;
	struct xattr_way way;
	char *attributes;   /* owned: room for XATTR_NAMES_MAX */
	dev_t no_xattr_dev; /* the last file system without extended attributes */
	bool has_no_xattr_dev;
	struct ls_rules *rules;   /* owned: what is left out */
	struct ls_totals *totals; /* owned; --total-size */
};

/* options.c */
extern const struct opt_table ls_option_table;
/* The words of QUOTING_STYLE and of --quoting-style. */
extern const struct opt_choice ls_quoting_choices[];

/* setup.c: 0, or the status to leave with after a message. */
MUST_USE int ls_run_init(struct ls_run *ret, struct ctx *ctx, const struct ls_opts *opts);
void ls_run_release(struct ls_run *run);
/* units.c: sizes, times, widths: options that have a text, and their variables. */
MUST_USE int ls_set_texts(struct ls_run *run);

/* rules.c: which entries of directories are listed. */
MUST_USE int ls_rules_new(const struct ls_run *run, struct ls_rules **ret);
struct ls_rules *ls_rules_free(struct ls_rules *r);
/* By the name alone. */
bool ls_rules_want_name(const struct ls_run *run, const char *name, size_t len);
/* By type, time, size and ignore files. */
bool ls_rules_want_file(const struct ls_run *run, const struct ls_list *list,
                        const struct ls_file *file);
/* What is left out is entered all the same: everything but what ignore files exclude. */
bool ls_rules_enters(const struct ls_run *run, const struct ls_list *list,
                     const struct ls_file *file);
/* --gitignore: the rules of a directory that is open as `fd`. */
void ls_rules_enter(const struct ls_run *run, struct dir_node *node, const char *path, int fd);

/* operands.c: lists all of them. */
void ls_operands(struct ls_run *run, char **operands);

/* files.c: a list in the making. */
struct ls_file *ls_list_add(struct ls_list *list, const char *name, size_t len);
/* Memory that lives as long as the list. */
void *ls_list_alloc(struct ls_list *list, size_t size);
/* Takes the last one out again. */
void ls_list_drop_last(struct ls_list *list);
/* `part` has files' memory only, which becomes the list's. */
void ls_list_take_memory(struct ls_list *list, struct ls_list *part);
/* Takes all files out, the memory for them stays. */
void ls_list_clear(struct ls_list *list);
void ls_list_release(struct ls_list *list);
/* The path of a file of the list. */
void ls_add_path(const struct ls_list *list, const char *name, struct strbuf *ret);
/* The same for messages and links: in the working directory the name alone. */
void ls_add_short_path(const struct ls_list *list, const char *name, struct strbuf *ret);

/* learn.c: finds out what is needed about a file. False: it is not listed after all. */
bool ls_learn(struct ls_run *run, struct ls_list *list, struct ls_file *file);
/* False: ls_learn() would look at nothing. */
bool ls_learns(const struct ls_run *run, const struct ls_file *file);
/* A directory, or where links count as what they lead to a link to one. */
bool ls_is_dir(const struct ls_file *file);
struct ls_extra *ls_extra(const struct ls_run *run, const struct ls_file *file);

/* sort.c */
void ls_sort(const struct ls_run *run, struct ls_list *list);

/* view.c: prints a list: its total and its files. */
void ls_print(struct ls_run *run, struct ls_list *list);
void ls_print_total(struct ls_run *run, const struct ls_list *list);
/* Hands over what was put together when it is enough. */
void ls_flush_some(struct ls_run *run);

/* columns.c: all formats but the long one. */
void ls_print_columns(struct ls_run *run, struct ls_list *list);
/* One file alone, on its line. */
void ls_print_single(struct ls_run *run, struct ls_list *list, struct ls_file *file);
/* long.c */
void ls_print_long(struct ls_run *run, struct ls_list *list);
struct ls_widths {
	size_t inode, blocks, nlink, owner, group, author, context, size, major, minor;
};
/* What -i, -s and -Z print before a name need room in: columns.c */
void ls_measure_frills(const struct ls_run *run, const struct ls_list *list, struct ls_widths *ret);
void ls_add_inode(struct ls_run *run, const struct ls_file *file, size_t width);
void ls_add_blocks(struct ls_run *run, const struct ls_file *file, size_t width);
/* Measures the columns of a list in the long format and prints --header. */
void ls_begin_long(struct ls_run *run, const struct ls_list *list, struct ls_widths *ret);
/* One line of it; `prefix` stands before the name. */
void ls_add_long_file(struct ls_run *run, const struct ls_list *list, const struct ls_file *file,
                      const struct ls_widths *widths, const struct strbuf *prefix);
/* when.c: the time column. */
void ls_add_when(struct ls_run *run, const struct ls_file *file);
/* Columns of it. */
size_t ls_when_width(struct ls_run *run);

/* name.c */
/* Columns that the name takes, with its quotes and what stands before it to align it. */
size_t ls_name_width(const struct ls_run *run, const struct ls_list *list,
                     const struct ls_file *file);
/* Fills LS_IS_QUOTED and ls_list.has_quoted. */
void ls_find_quoted(const struct ls_run *run, struct ls_list *list);
/* The name with colour, link and indicator; it begins at column `at`. */
void ls_add_name(struct ls_run *run, const struct ls_list *list, const struct ls_file *file,
                 size_t at);
/* " -> target". */
void ls_add_target(struct ls_run *run, const struct ls_list *list, const struct ls_file *file);
/* The character of -F or -p; 0: none. */
char ls_indicator(const struct ls_run *run, const struct ls_file *file);
/* "path:" before the content of a directory. */
void ls_add_dir_header(struct ls_run *run, const char *path, size_t len);
/* Ordinary text begins: the colour of it, if it has one. */
void ls_add_normal(struct ls_run *run);

/* dirs.c: lists a directory, an operand, and with -R what is below it. Frees the node. */
void ls_list_dir(struct ls_run *run, struct dir_node *node, const char *path);
/* Opens a directory; 0, or -1 when it cannot be listed, which was reported. */
MUST_USE int ls_open_dir(struct ls_run *run, struct dir_node *node, const char *path,
                         bool is_operand, int *ret);

enum { LS_THREADS_MAX = 4, LS_FILES_FOR_THREADS = 2000 };

/* A directory that is still to be listed. */
struct ls_visit {
	struct pool_job job; /* ahead.c's, as are the next two */
	bool shared;         /* it was given to other threads */
	bool ready;          /* one of them is done with it */
	bool read;           /* the list is what ls_read_dir() would make of it */
	bool is_operand;
	struct dir_node *node; /* owned */
	char *path;            /* owned */
	struct ls_list list;
};

/*
 * ahead.c: directories that come next are read by other threads while this one prints. Whatever
 * needs a message is left unread, so that all of them come from one thread, in order. The nodes
 * may be touched between ls_ahead_lock() and ls_ahead_unlock() only. All take NULL for an
 * object that reads nothing ahead, which ls_ahead_new() makes where there is nothing to gain.
 */
struct ls_ahead;
struct ls_ahead *ls_ahead_new(struct ls_run *run);
struct ls_ahead *ls_ahead_free(struct ls_ahead *a);
void ls_ahead_lock(struct ls_ahead *a);
void ls_ahead_unlock(struct ls_ahead *a);
/* These may be read from now on; the last one comes first. */
void ls_ahead_add(struct ls_ahead *a, struct ls_visit **visits, size_t len);
/* Its turn has come; it is the caller's alone now. True: its list is there. */
bool ls_ahead_take(struct ls_ahead *a, struct ls_visit *visit);

/* gather.c: fills the list from a directory that is open as list->dirfd, and sorts it. */
void ls_read_dir(struct ls_run *run, struct ls_list *list, struct dir_node *node, const char *name);
/* The same on another thread. False: it has to be read again on the first one. */
bool ls_read_dir_ahead(struct ls_run *run, struct ls_list *list, struct dir_node *node,
                       const char *name);
/* Calls `each` for each entry as it comes, alone in the list. */
void ls_stream_dir(struct ls_run *run, struct ls_list *list,
                   void (*each)(struct ls_run *run, struct ls_list *list, void *user), void *user);

/* tree.c */
void ls_print_tree(struct ls_run *run, struct ls_list *operands);

/* records.c */
extern const struct applet_schema ls_schemas[];
void ls_print_record(struct ls_run *run, const struct ls_list *list, const struct ls_file *file);

/* totals.c */
struct ls_totals *ls_totals_new(struct ls_run *run, char **operands);
struct ls_totals *ls_totals_free(struct ls_totals *t);
/* Puts the total of a directory into its extra. */
void ls_totals_apply(const struct ls_totals *t, struct ls_file *file, struct ls_extra *extra);
