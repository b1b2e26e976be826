/* SPDX-License-Identifier: MIT */
/* The options of all verbs, in parts, and the tables made of them. */
#include "archive.h"

#include "cli/shared_opts.h"

#define S struct archive_opts

enum { THREADS_MAX = 256, STRIP_MAX = 4096, LEVEL_MAX = 19, RETRIES_MAX = 1000 };

static const struct opt_choice existing_choices[] = {
	{ "fail", EXTRACT_FAIL },     { "skip", EXTRACT_SKIP },
	{ "newer", EXTRACT_NEWER },   { "overwrite", EXTRACT_OVERWRITE },
	{ "rename", EXTRACT_RENAME }, { "", 0 },
};

static const struct opt_choice policy_choices[] = {
	{ "safe", EXTRACT_SAFE },
	{ "tar", EXTRACT_TAR },
	{ "trusted", EXTRACT_TRUSTED },
	{ "", 0 },
};

static const struct opt_choice charset_choices[] = {
	{ "auto", CHARSET_AUTO },
	{ "raw", CHARSET_RAW },
	{ "", 0 },
};

/* clang-format off */

static const struct opt threads_rows[] = {
	OPT_INT('T', "threads", "N", S, threads, 1, THREADS_MAX, "use N threads, else one for each CPU"),
	OPT_ALIAS("jobs", "threads"),
};
static const struct opt_table threads_table = OPT_TABLE(threads_rows);

static const struct opt common_rows[] = {
	OPT_BOOL('q', "quiet", S, quiet, "say only what is wrong"),
	OPT_CHOICE_OPTIONAL(0, "progress", "WHEN", S, progress, "always", "show how far it is"),
	OPT_SHARED(S, out),
	OPT_SHARED(S, job),
};
static const struct opt_link common_links[] = {
	OPT_CHOICES(S, progress, progress_choices),
	OPT_SPLICE(S, out, out_opt_table),
	OPT_SPLICE(S, job, job_opt_table),
};
static const struct opt_table common_table = OPT_TABLE_LINKED(common_rows, common_links);

static const struct opt filter_rows[] = {
	OPT_SHARED(S, filter),
};
static const struct opt_link filter_links[] = {
	OPT_SPLICE(S, filter, filter_opt_table),
};
static const struct opt_table filter_table = OPT_TABLE_LINKED(filter_rows, filter_links);

static const struct opt reading_rows[] = {
	OPT_CHOICE(0, "names-charset", "WHAT", S, charset,
	           "names of old zips: auto (UTF-8, else CP437) or raw"),
	OPT_STR(0, "passphrase-file", "FILE", S, passphrase_file,
	        "the passphrase of a zip is the first line of FILE"),
};
static const struct opt_link reading_links[] = {
	OPT_CHOICES(S, charset, charset_choices),
};
static const struct opt_table reading_table = OPT_TABLE_LINKED(reading_rows, reading_links);

static const struct opt limit_rows[] = {
	OPT_HEADING("Limits"),
	OPT_STR(0, "limit-size", "SIZE", S, limit_size, "bytes of contents, else 90% of the free space"),
	OPT_INT(0, "limit-entries", "N", S, limit_entries, 1, INT64_MAX, "members, else 10 million"),
	OPT_INT(0, "limit-ratio", "N", S, limit_ratio, 1, INT64_MAX,
	        "bytes unpacked to packed after the first GiB, else 200"),
	OPT_INT(0, "limit-depth", "N", S, limit_depth, 1, INT64_MAX, "parts of a name, else 256"),
	OPT_BOOL(0, "no-limits", S, no_limits, "no limits"),
};
static const struct opt_table limit_table = OPT_TABLE(limit_rows);

static const struct opt extract_rows[] = {
	OPT_CHOICE(0, "existing", "WHAT", S, existing,
	           "existing files: fail, skip, newer, overwrite, rename"),
	OPT_SET('k', "keep-old-files", S, existing, EXTRACT_FAIL, "the same as --existing=fail"),
	OPT_SET(0, "skip-old-files", S, existing, EXTRACT_SKIP, "the same as --existing=skip"),
	OPT_SET(0, "keep-newer-files", S, existing, EXTRACT_NEWER, "the same as --existing=newer"),
	OPT_CHOICE(0, "policy", "WHAT", S, policy,
	           "what the archive may do: safe, tar, or trusted"),
	OPT_BOOL('p', "preserve-permissions", S, keep_modes, "do not apply the umask"),
	OPT_BOOL(0, "same-owner", S, same_owner, "set owners, which --policy=trusted does for root"),
	OPT_BOOL('m', "touch", S, no_mtime, "do not set modification times"),
	OPT_INT(0, "strip-components", "N", S, strip, 0, STRIP_MAX, "leave out N parts of names"),
	OPT_BOOL('O', "to-stdout", S, to_stdout, "write contents to standard output"),
	OPT_BOOL(0, "strict", S, strict, "refuse names that occur twice"),
};
static const struct opt_link extract_links[] = {
	OPT_CHOICES(S, existing, existing_choices),
	OPT_CHOICES(S, policy, policy_choices),
};
static const struct opt_table extract_table = OPT_TABLE_LINKED(extract_rows, extract_links);

static const struct opt create_rows[] = {
	OPT_STR(0, "format", "NAME", S, format,
	        "tar gztar bztar xztar zstdtar lz4tar zip cpio; else by suffix"),
	OPT_SET('z', "gzip", S, packing, PACKING_GZIP, "compress the tar by gzip"),
	OPT_SET('j', "bzip2", S, packing, PACKING_BZIP2, "compress the tar by bzip2"),
	OPT_SET('J', "xz", S, packing, PACKING_XZ, "compress the tar by xz"),
	OPT_SET(0, "zstd", S, packing, PACKING_ZSTD, "compress the tar by zstd"),
	OPT_SET(0, "lz4", S, packing, PACKING_LZ4, "compress the tar by lz4"),
	OPT_INT(0, "level", "N", S, level, 0, LEVEL_MAX, "how hard to compress; the format's usual one"),
	OPT_BOOL(0, "overwrite", S, overwrite, "replace an existing file"),
	OPT_BOOL(0, "verify", S, verify, "read the archive back before it gets its name"),
	OPT_BOOL(0, "contents", S, contents, "store what is in directories, not their names"),
	OPT_BOOL(0, "dereference", S, dereference, "store what symbolic links lead to"),
	OPT_BOOL(0, "hard-dereference", S, hard_dereference, "store hard links as files of their own"),
	OPT_STR(0, "mtime", "DATE", S, mtime, "modification time of all members"),
	OPT_BOOL(0, "clamp-mtime", S, clamp_mtime, "only of members that are newer"),
	OPT_STR(0, "as-owner", "NAME[:UID]", S, owner, "owner of all members"),
	OPT_STR(0, "as-group", "NAME[:GID]", S, group, "group of all members"),
	OPT_BOOL(0, "reproducible", S, reproducible,
	         "owner 0, no names and attributes, modes 0644 and 0755"),
	OPT_BOOL(0, "no-sparse", S, no_sparse, "store holes as zeroes"),
	OPT_INT(0, "retry-on-change", "N", S, retries, 0, RETRIES_MAX,
	        "read a file again that changed meanwhile, else 3 times"),
};
static const struct opt_table create_table = OPT_TABLE(create_rows);

/* What create and extract have in common. */
static const struct opt both_rows[] = {
	OPT_BOOL(0, "numeric-owner", S, numeric_owner, "go by the numbers of owners, not by names"),
	OPT_BOOL(0, "no-xattrs", S, no_xattrs, "leave out extended attributes"),
	OPT_BOOL(0, "no-fsync", S, no_fsync, "do not wait until all is on disk"),
};
static const struct opt_table both_table = OPT_TABLE(both_rows);

enum { PART_CREATE, PART_BOTH, PART_THREADS, PART_COMMON, PART_FILTER, PART_READING, PART_LIMITS, PART_EXTRACT };


static const struct opt create_verb_rows[] = {
	OPT_PART(PART_CREATE),
	OPT_STR('C', "directory", "DIR", S, directory, "operands are below DIR"),
	OPT_ALIAS("root", "directory"),
	OPT_BOOL('x', "one-file-system", S, one_file_system, "stay on one file system"),
	OPT_PART(PART_BOTH),
	OPT_BOOL('v', "verbose", S, verbose, "print the names of members"),
	OPT_PART(PART_THREADS),
	OPT_PART(PART_COMMON),
	OPT_PART(PART_FILTER),
};
static const struct opt_link create_verb_links[] = {
	OPT_SPLICE_PART(PART_CREATE, create_table),
	OPT_SPLICE_PART(PART_BOTH, both_table),
	OPT_SPLICE_PART(PART_THREADS, threads_table),
	OPT_SPLICE_PART(PART_COMMON, common_table),
	OPT_SPLICE_PART(PART_FILTER, filter_table),
};

static const struct opt extract_verb_rows[] = {
	OPT_STR('C', "directory", "DIR", S, directory, "extract into DIR, which may be new"),
	OPT_BOOL(0, "here", S, here, "extract into the working directory"),
	OPT_BOOL('v', "verbose", S, verbose, "print the names of members"),
	OPT_PART(PART_EXTRACT),
	OPT_PART(PART_BOTH),
	OPT_PART(PART_LIMITS),
	OPT_HEADING("General"),
	OPT_PART(PART_READING),
	OPT_PART(PART_THREADS),
	OPT_PART(PART_COMMON),
	OPT_PART(PART_FILTER),
};
static const struct opt_link extract_verb_links[] = {
	OPT_SPLICE_PART(PART_EXTRACT, extract_table),
	OPT_SPLICE_PART(PART_BOTH, both_table),
	OPT_SPLICE_PART(PART_LIMITS, limit_table),
	OPT_SPLICE_PART(PART_READING, reading_table),
	OPT_SPLICE_PART(PART_THREADS, threads_table),
	OPT_SPLICE_PART(PART_COMMON, common_table),
	OPT_SPLICE_PART(PART_FILTER, filter_table),
};

static const struct opt list_verb_rows[] = {
	OPT_BOOL('v', "verbose", S, verbose, "as tar -tv does"),
	OPT_EXPAND('l', "long", "the same as --verbose", "--verbose"),
	OPT_BOOL(0, "problems", S, problems, "only members that are doubtful, and why"),
	OPT_PART(PART_READING),
	OPT_PART(PART_THREADS),
	OPT_PART(PART_COMMON),
	OPT_PART(PART_FILTER),
};
static const struct opt_link list_verb_links[] = {
	OPT_SPLICE_PART(PART_READING, reading_table),
	OPT_SPLICE_PART(PART_THREADS, threads_table),
	OPT_SPLICE_PART(PART_COMMON, common_table),
	OPT_SPLICE_PART(PART_FILTER, filter_table),
};

static const struct opt test_verb_rows[] = {
	OPT_PART(PART_READING),
	OPT_PART(PART_THREADS),
	OPT_PART(PART_COMMON),
	OPT_PART(PART_LIMITS),
};
static const struct opt_link test_verb_links[] = {
	OPT_SPLICE_PART(PART_READING, reading_table),
	OPT_SPLICE_PART(PART_THREADS, threads_table),
	OPT_SPLICE_PART(PART_COMMON, common_table),
	OPT_SPLICE_PART(PART_LIMITS, limit_table),
};

static const struct opt info_verb_rows[] = {
	OPT_PART(PART_READING),
	OPT_PART(PART_COMMON),
};
static const struct opt_link info_verb_links[] = {
	OPT_SPLICE_PART(PART_READING, reading_table),
	OPT_SPLICE_PART(PART_COMMON, common_table),
};

static const struct opt formats_verb_rows[] = {
	OPT_SHARED(S, out),
};
static const struct opt_link formats_links[] = {
	OPT_SPLICE(S, out, out_opt_table),
};

static const struct opt bundle_rows[] = {
	OPT_SET('c', "create", S, bundle, VERB_CREATE, "the same as the verb create"),
	OPT_SET('x', "extract", S, bundle, VERB_EXTRACT, "the same as the verb extract"),
	OPT_SET('t', "list", S, bundle, VERB_LIST, "the same as the verb list"),
	OPT_STR('f', "file", "ARCHIVE", S, file, "the archive, else standard input or output"),
	OPT_STR('C', "directory", "DIR", S, directory, "work in DIR"),
	OPT_BOOL('v', "verbose", S, verbose, "print names; with -t as ls -l does"),
	OPT_BOOL(0, "problems", S, problems, "list only members that are doubtful, and why"),
	OPT_INT(0, "threads", "N", S, threads, 1, THREADS_MAX, "use N threads, else one for each CPU"),
	OPT_PART(PART_CREATE),
	OPT_BOOL(0, "one-file-system", S, one_file_system, "stay on one file system"),
	OPT_PART(PART_EXTRACT),
	OPT_PART(PART_BOTH),
	OPT_PART(PART_READING),
	OPT_PART(PART_COMMON),
	OPT_PART(PART_FILTER),
	OPT_PART(PART_LIMITS),
};
static const struct opt_link bundle_links[] = {
	OPT_SPLICE_PART(PART_CREATE, create_table),
	OPT_SPLICE_PART(PART_EXTRACT, extract_table),
	OPT_SPLICE_PART(PART_BOTH, both_table),
	OPT_SPLICE_PART(PART_READING, reading_table),
	OPT_SPLICE_PART(PART_COMMON, common_table),
	OPT_SPLICE_PART(PART_FILTER, filter_table),
	OPT_SPLICE_PART(PART_LIMITS, limit_table),
};
/* clang-format on */

#undef S

static const struct archive_opts defaults = { .limit_entries = LIMIT_ENTRIES,
	                                      .limit_ratio = LIMIT_RATIO,
	                                      .limit_depth = LIMIT_DEPTH,
	                                      .level = -1,
	                                      .retries = RETRIES_DEFAULT };

static const struct applet_schema create_schemas[] = {
	{ "each member", &list_entry_table },
	{ "at the end", &create_summary_table },
	{ 0 },
};

static const struct applet_schema extract_schemas[] = {
	{ "each member", &list_entry_table },
	{ "at the end", &extract_summary_table },
	{ 0 },
};

static const struct applet_schema list_schemas[] = {
	{ "each member", &list_entry_table },
	{ "at the end", &list_summary_table },
	{ 0 },
};

static const struct applet_schema test_schemas[] = {
	{ "each archive", &test_verdict_table },
	{ "at the end", &test_summary_table },
	{ 0 },
};

static const struct applet_schema info_schemas[] = {
	{ "each archive", &info_table },
	{ 0 },
};

static const struct applet_schema formats_schemas[] = {
	{ "each format", &formats_table },
	{ 0 },
};

#define VERB(word, phrase, words, table, links)                                                 \
	.name = "archive " word, .group = "Files", .summary = phrase, .operands = words,        \
	.options = OPT_TABLE_LINKED(table, links), .options_size = sizeof(struct archive_opts), \
	.defaults = &defaults

static const struct applet create_verb = {
	VERB("create", "make an archive of files and trees", "ARCHIVE PATH...", create_verb_rows,
	     create_verb_links),
	.says_no_when = "a file could not be read, or changed while it was; the archive is made",
	.schemas = create_schemas,
	.run = archive_run_create,
};

static const struct applet extract_verb = {
	VERB("extract", "extract members of an archive", "ARCHIVE [MEMBER...]", extract_verb_rows,
	     extract_verb_links),
	.says_no_when = "some members were not extracted, or the archive is doubtful",
	.schemas = extract_schemas,
	.run = archive_run_extract,
};

static const struct applet list_verb = {
	VERB("list", "list members of an archive", "ARCHIVE [MEMBER...]", list_verb_rows,
	     list_verb_links),
	.says_no_when = "a member is missing, the archive is doubtful, or --problems found some",
	.schemas = list_schemas,
	.run = archive_run_list,
};

static const struct applet test_verb = {
	VERB("test", "verify archives, and say how strong the proof is", "ARCHIVE...",
	     test_verb_rows, test_verb_links),
	.says_no_when = "an archive can be read, but is doubtful",
	.schemas = test_schemas,
	.run = archive_run_test,
};

static const struct applet info_verb = {
	VERB("info", "tell which format an archive has", "ARCHIVE...", info_verb_rows,
	     info_verb_links),
	.schemas = info_schemas,
	.run = archive_run_info,
};

static const struct applet formats_verb = {
	VERB("formats", "list the formats that can be read and written", "", formats_verb_rows,
	     formats_links),
	.schemas = formats_schemas,
	.run = archive_run_formats,
};

static const struct applet *const verbs[] = {
	&create_verb, &extract_verb, &list_verb, &test_verb, &info_verb, &formats_verb, NULL,
};

const struct applet archive_applet = {
	.name = "archive",
	.group = "Files",
	.summary = "create, list, test and extract archives",
	.operands = "[-]LETTERS [VALUE...] [PATH...]",
	.options = OPT_TABLE_LINKED(bundle_rows, bundle_links),
	.options_size = sizeof(struct archive_opts),
	.defaults = &defaults,
	.says_no_when = "some members are missing or doubtful",
	.run = archive_run_bundle,
	.verbs = verbs,
};
