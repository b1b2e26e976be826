/* SPDX-License-Identifier: MIT */
/* The options: GNU's first, then those that no program called ls had before. */
#include "ls.h"

enum { LEVEL_MAX = 1000000, OWN_PART = 0 };

static const struct opt_choice format_choices[] = {
	{ "long", LS_LONG },         { "verbose", LS_LONG },
	{ "single-column", LS_ONE }, { "vertical", LS_MANY },
	{ "across", LS_ACROSS },     { "horizontal", LS_ACROSS },
	{ "commas", LS_COMMAS },     { "", 0 },
};

/* n is none as in older programs, which had no name to sort by. */
static const struct opt_choice sort_choices[] = {
	{ "none", LS_SORT_NONE },
	{ "n", LS_SORT_NONE },
	{ "name", LS_SORT_NAME },
	{ "size", LS_SORT_SIZE },
	{ "time", LS_SORT_TIME },
	{ "version", LS_SORT_VERSION },
	{ "extension", LS_SORT_EXTENSION },
	{ "width", LS_SORT_WIDTH },
	{ "", 0 },
};

static const struct opt_choice time_choices[] = {
	{ "mtime", LS_MTIME },    { "modification", LS_MTIME },
	{ "atime", LS_ATIME },    { "access", LS_ATIME },
	{ "use", LS_ATIME },      { "ctime", LS_CTIME },
	{ "status", LS_CTIME },   { "birth", LS_BTIME },
	{ "creation", LS_BTIME }, { "", 0 },
};

const struct opt_choice ls_quoting_choices[] = {
	{ "literal", QUOTE_LITERAL },
	{ "shell", QUOTE_SHELL },
	{ "shell-always", QUOTE_SHELL_ALWAYS },
	{ "shell-escape", QUOTE_SHELL_ESCAPE },
	{ "shell-escape-always", QUOTE_SHELL_ESCAPE_ALWAYS },
	{ "c", QUOTE_C },
	{ "escape", QUOTE_ESCAPE },
	{ "locale", QUOTE_LOCALE },
	{ "clocale", QUOTE_CLOCALE },
	{ "", 0 },
};

static const struct opt_choice indicator_choices[] = {
	{ "none", LS_PLAIN },
	{ "slash", LS_SLASH },
	{ "file-type", LS_FILE_TYPE },
	{ "classify", LS_CLASSIFY },
	{ "", 0 },
};

static const struct opt_choice when_choices[] = {
	{ "always", LS_ALWAYS }, { "yes", LS_ALWAYS },
	{ "force", LS_ALWAYS },  { "never", LS_NEVER },
	{ "no", LS_NEVER },      { "none", LS_NEVER },
	{ "auto", LS_AUTO },     { "tty", LS_AUTO },
	{ "if-tty", LS_AUTO },   { "", 0 },
};

/* clang-format off */
#define S struct ls_opts
#define MARK(l, n, tag, h) OPT_MARK(l, n, S, marks, tag, h)
#define OTHER(l, n, tag, h) OPT_MARK(l, n, S, marks, LS_MARK_OTHER + (tag), h)
#define TEXT(l, n, a, tag, h) OPT_TAGGED(l, n, a, S, marks, LS_MARK_OTHER + (tag), h)
#define CHOICE(n, a, kind, h) OPT_MARK_CHOICE(0, n, a, S, marks, kind, h)
#define WHEN(n, kind, h) OPT_MARK_CHOICE_OPTIONAL(0, n, "WHEN", S, marks, kind, "always", h)
#define LINK(kind, list) OPT_MARK_CHOICES(S, marks, kind, list)

static const struct opt own_options[] = {
	OPT_HEADING("What GNU ls does not have"),
	OPT_BOOL(0, "tree", S, tree, "draw directories and what is below them as a tree"),
	OPT_INT(0, "level", "N", S, level, 1, LEVEL_MAX, "with --tree or -R: N levels at most"),
	OPT_BOOL(0, "total-size", S, total_size, "the size of a directory is that of all in it"),
	OPT_BOOL(0, "octal", S, octal, "with -l: the mode in octal too"),
	OPT_BOOL(0, "header", S, header, "with -l: name the columns"),
	OPT_BOOL(0, "only-dirs", S, only_dirs, "in directories, list only directories"),
	OPT_BOOL(0, "only-files", S, only_files, "in directories, list no directories"),
	OPT_STR(0, "newer", "TIME", S, newer, "list what was modified at TIME or later"),
	OPT_STR(0, "older", "TIME", S, older, "list what was modified at TIME or earlier"),
	OPT_STR(0, "min-size", "SIZE", S, min_size, "list files of SIZE or more"),
	OPT_STR(0, "max-size", "SIZE", S, max_size, "list files of SIZE or less"),
	OPT_BOOL(0, "gitignore", S, gitignore, "leave out what ignore files exclude"),
	OPT_ALIAS("git-ignore", "gitignore"),
	OPT_SET(0, "group-directories-last", S, group_dirs, LS_GROUP_DIRS_LAST,
	        "list directories after other files"),
	OPT_STR(0, "files0-from", "FILE", S, files0_from,
	        "take the operands from FILE, each ends with a NUL"),
	OPT_BOOL(0, "json", S, json, "print one JSON object a line"),
	OPT_ALIAS("null", "zero"),
	OPT_ALIAS("print0", "zero"),
};

static const struct opt_table own_table = OPT_TABLE_YIELDING(own_options);

static const struct opt options[] = {
	OPT_HEADING("What is listed"),
	MARK('a', "all", LS_MARK_SHOW + LS_SHOW_ALL, "names that begin with a dot too"),
	MARK('A', "almost-all", LS_MARK_SHOW + LS_SHOW_ALMOST_ALL, "as -a, but without . and .. themselves"),
	OPT_BOOL('B', "ignore-backups", S, ignore_backups, "no names that end with ~"),
	OPT_BOOL('d', "directory", S, directory, "directories themselves, not what is in them"),
	OPT_LIST('I', "ignore", "PATTERN", S, ignore, "no names that match PATTERN"),
	OPT_LIST(0, "hide", "PATTERN", S, hide, "the same, but not with -a or -A"),
	MARK('H', "dereference-command-line", LS_MARK_FOLLOW + LS_FOLLOW_ARGS,
	     "follow symbolic links that are operands"),
	MARK(0, "dereference-command-line-symlink-to-dir", LS_MARK_FOLLOW + LS_FOLLOW_DIR_ARGS,
	     "follow operands that are links to directories"),
	MARK('L', "dereference", LS_MARK_FOLLOW + LS_FOLLOW_ALWAYS, "follow all symbolic links"),
	OPT_BOOL('R', "recursive", S, recursive, "list subdirectories too"),

	OPT_HEADING("How it is laid out"),
	MARK('l', "", LS_MARK_FORMAT + LS_LONG, "one line a file, with mode, owner, size, time"),
	OTHER('1', "", LS_ONE_LINE, "one name a line"),
	MARK('C', "", LS_MARK_FORMAT + LS_MANY, "columns, sorted downwards"),
	MARK('x', "", LS_MARK_FORMAT + LS_ACROSS, "columns, sorted across"),
	MARK('m', "", LS_MARK_FORMAT + LS_COMMAS, "names between commas"),
	CHOICE("format", "WORD", LS_MARK_FORMAT, "the same by a word"),
	TEXT('w', "width", "N", LS_TEXT_WIDTH, "lines of N columns; 0: no limit"),
	TEXT('T', "tabsize", "N", LS_TEXT_TAB, "tab stops N columns apart; 0: no tabs"),
	OTHER('0', "zero", LS_ZERO, "end each line with NUL, print names as they are"),

	OPT_HEADING("Order"),
	MARK('t', "", LS_MARK_SORT + LS_SORT_TIME, "newest first"),
	MARK('S', "", LS_MARK_SORT + LS_SORT_SIZE, "biggest first"),
	MARK('X', "", LS_MARK_SORT + LS_SORT_EXTENSION, "by extension"),
	MARK('v', "", LS_MARK_SORT + LS_SORT_VERSION, "by the numbers in names"),
	MARK('U', "", LS_MARK_SORT + LS_SORT_NONE, "as the directory has them"),
	OTHER('f', "", LS_NO_SORT, "the same as -aU"),
	CHOICE("sort", "WORD", LS_MARK_SORT, "the same by a word"),
	OPT_BOOL('r', "reverse", S, reverse, "turn the order around"),
	OPT_SET(0, "group-directories-first", S, group_dirs, LS_GROUP_DIRS_FIRST,
	        "list directories before other files"),
	MARK('c', "", LS_MARK_TIME + LS_CTIME, "the time is that of the last change of status"),
	MARK('u', "", LS_MARK_TIME + LS_ATIME, "the time is that of the last access"),
	CHOICE("time", "WORD", LS_MARK_TIME, "which time"),

	OPT_HEADING("What is shown of a file"),
	OPT_BOOL('i', "inode", S, inode, "its inode number"),
	OPT_BOOL('s', "size", S, blocks, "its size in blocks"),
	OPT_BOOL('Z', "context", S, context, "its security context"),
	OTHER('n', "numeric-uid-gid", LS_NUMERIC, "as -l, with numbers for users and groups"),
	OTHER('g', "", LS_NO_OWNER, "as -l, without the owner"),
	OTHER('o', "", LS_NO_GROUP, "as -l, without the group"),
	OPT_BOOL('G', "no-group", S, no_group, "with -l: no group"),
	OPT_BOOL(0, "author", S, author, "with -l: its author, which is its owner"),
	TEXT(0, "time-style", "STYLE", LS_TEXT_STYLE,
	     "full-iso, long-iso, iso, locale, relative or +FORMAT"),
	OTHER(0, "full-time", LS_FULL_TIME, "as -l --time-style=full-iso"),
	OTHER('h', "human-readable", LS_HUMAN, "sizes in powers of 1024: 1.5K"),
	OTHER(0, "si", LS_SI, "sizes in powers of 1000: 1.5k"),
	OPT_BOOL('k', "kibibytes", S, kibibytes, "blocks of 1024 bytes"),
	TEXT(0, "block-size", "SIZE", LS_TEXT_BLOCK_SIZE, "sizes in blocks of SIZE, or a unit: K, MB"),
	MARK('F', "", LS_MARK_INDICATOR + LS_CLASSIFY, "a character for its type: one of */=>@|"),
	WHEN("classify", LS_MARK_CLASSIFY, "the same"),
	MARK(0, "file-type", LS_MARK_INDICATOR + LS_FILE_TYPE, "the same, but no *"),
	MARK('p', "", LS_MARK_INDICATOR + LS_SLASH, "a / behind directories"),
	CHOICE("indicator-style", "WORD", LS_MARK_INDICATOR,
	       "the same by a word"),

	OPT_HEADING("Names"),
	MARK('b', "escape", LS_MARK_QUOTE + QUOTE_ESCAPE, "backslashes for what is not printable"),
	MARK('Q', "quote-name", LS_MARK_QUOTE + QUOTE_C, "in double quotes"),
	MARK('N', "literal", LS_MARK_QUOTE + QUOTE_LITERAL, "as they are"),
	CHOICE("quoting-style", "WORD", LS_MARK_QUOTE, "how they are quoted"),
	MARK('q', "hide-control-chars", LS_MARK_CONTROL + 1, "? for what is not printable"),
	MARK(0, "show-control-chars", LS_MARK_CONTROL + 0, "what is not printable as it is"),
	WHEN("color", LS_MARK_COLOR, "colors as LS_COLORS says"),
	WHEN("hyperlink", LS_MARK_HYPERLINK,
	       "links that a terminal can open"),
	OTHER('D', "dired", LS_DIRED, "for Emacs: not offered, refused"),

	OPT_PART(OWN_PART),
};

static const struct opt_link links[] = {
	LINK(LS_MARK_FORMAT, format_choices),
	LINK(LS_MARK_SORT, sort_choices),
	LINK(LS_MARK_TIME, time_choices),
	LINK(LS_MARK_CLASSIFY, when_choices),
	LINK(LS_MARK_INDICATOR, indicator_choices),
	LINK(LS_MARK_QUOTE, ls_quoting_choices),
	LINK(LS_MARK_COLOR, when_choices),
	LINK(LS_MARK_HYPERLINK, when_choices),
	OPT_SPLICE_PART(OWN_PART, own_table),
};
/* clang-format on */

const struct opt_table ls_option_table = OPT_TABLE_LINKED(options, links);
