/* SPDX-License-Identifier: MIT */
/* What is printed for a path: itself, a line of metadata, a template's text, a record. */
#include "glob.h"

#include "base/clock.h"
#include "cli/explain.h"
#include "cli/file_type.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

enum {
	COL_PATH,
	COL_PATTERN,
	COL_DEPTH,
	COL_TYPE,
	COL_SIZE,
	COL_MODE,
	COL_MTIME,
	COL_UID,
	COL_GID,
	COL_INO,
	COL_DEV,
	COL_NLINK,
	COL_TARGET,
};

static const struct column columns[] = {
	[COL_PATH] = { "path", COLUMN_NAME, "as the pattern spells it" },
	[COL_PATTERN] = { "pattern", COLUMN_NAME, "the first pattern that matches it" },
	[COL_DEPTH] = { "depth", COLUMN_COUNT, "names in the path, without . and .. ones" },
	[COL_TYPE] = { "type", COLUMN_TEXT, "file, dir, symlink, ..." },
	[COL_SIZE] = { "size", COLUMN_SIZE,
	               "bytes of contents; null with --no-stat, as all below" },
	[COL_MODE] = { "mode", COLUMN_TEXT, "permissions in octal, four digits" },
	[COL_MTIME] = { "mtime", COLUMN_TIME, "last modification" },
	[COL_UID] = { "uid", COLUMN_COUNT, "number of the owner" },
	[COL_GID] = { "gid", COLUMN_COUNT, "number of the group" },
	[COL_INO] = { "ino", COLUMN_COUNT, "inode number" },
	[COL_DEV] = { "dev", COLUMN_COUNT, "number of the file system's device" },
	[COL_NLINK] = { "nlink", COLUMN_COUNT, "names of the inode" },
	[COL_TARGET] = { "target", COLUMN_NAME, "of a symbolic link" },
};

static const struct column_table table = { columns, ARRAY_LEN(columns) };

static const struct column group_columns[] = {
	{ "name", COLUMN_NAME, "the base name" },
	{ "count", COLUMN_COUNT, "paths with it; their entries follow" },
};

const struct column_table glob_group_table = { group_columns, ARRAY_LEN(group_columns) };

const struct applet_schema glob_schemas[] = {
	{ "each path", &table },
	{ "each name, with --by-name", &glob_group_table },
	{ "--explain=PATH (record \"verdict\")", &explain_table },
	{ 0 },
};

/* ---- deciding what to print ---- */

void glob_print_wants(struct glob_run *run)
{
	const struct glob_opts *opts = run->opts;
	const bool records = opts->out.json && !opts->no_stat;
	unsigned needs = run->format != NULL ? template_needs(run->format) : 0;

	if (run->exec != NULL)
		needs |= exec_needs(run->exec);
	run->wants_meta = records || opts->long_lines || (needs & TEMPLATE_NEEDS_STAT) != 0 ||
	                  (run->colors != NULL && ls_colors_wants_stat(run->colors));
	run->wants_target = records || opts->long_lines || (needs & TEMPLATE_NEEDS_TARGET) != 0;
}

static int init_colors(struct glob_run *run)
{
	struct text_error where;

	if (!color_enabled((enum color_when)run->opts->color, STDOUT_FILENO))
		return 0;
	if (ls_colors_new(getenv("LS_COLORS"), &run->colors, &where) < 0)
		diag_warn(run->ctx->diag, NULL, "%s", LS_COLORS_UNPARSABLE);
	return 0;
}

static void init_hyperlinks(struct glob_run *run)
{
	enum { HOST_MAX = 256 };

	run->hyperlinks = run->opts->hyperlink == COLOR_ALWAYS ||
	                  (run->opts->hyperlink == COLOR_AUTO && isatty(STDOUT_FILENO) == 1);
	if (!run->hyperlinks)
		return;
	run->host = mem_alloc_zeroed(HOST_MAX);
	if (gethostname(run->host, HOST_MAX - 1) != 0)
		run->host[0] = '\0';
}

int glob_print_init(struct glob_run *run)
{
	const struct glob_opts *opts = run->opts;
	struct text_error where;

	if (opts->format != NULL && template_compile(opts->format, 0, &run->format, &where) < 0)
		return diag_caret(run->ctx->diag, "--format", opts->format, &where);
	if (opts->out.json || opts->out.zero || opts->format != NULL)
		return 0;
	init_hyperlinks(run);
	return init_colors(run);
}

/* ---- text ---- */

static void add_end(const struct glob_run *run, struct strbuf *lines)
{
	strbuf_add_char(lines, run->opts->out.zero ? '\0' : '\n');
}

static void add_colored(const struct glob_run *run, const struct ls_color_file *file,
                        const char *text, size_t len, struct strbuf *lines)
{
	const struct ls_color *color = ls_colors_for(run->colors, file);

	if (color != NULL)
		ls_colors_add_begin(run->colors, color, lines);
	out_add_name(run->ctx->out, lines, text, len);
	if (color != NULL)
		ls_colors_add_end(run->colors, lines);
}

/* The directories in their colour, then the name in its own. */
static void add_in_color(const struct glob_run *run, const struct glob_item *item,
                         struct strbuf *lines)
{
	struct ls_color_file dir = { .mode = S_IFDIR };
	struct ls_color_file file = { .mode = (mode_t)DTTOIF(item->type) };
	size_t start = item->len;

	while (start > 0 && item->path[start - 1] == '/')
		start--;
	while (start > 0 && item->path[start - 1] != '/')
		start--;
	file.name = item->path + start;
	file.len = item->len - start;
	if (item->meta != NULL) {
		file.mode = item->meta->mode;
		file.has_many_links = item->meta->nlink > 1 && item->type != DT_DIR;
	}
	if (start > 0) {
		dir.name = item->path;
		dir.len = start;
		add_colored(run, &dir, item->path, start, lines);
	}
	add_colored(run, &file, item->path + start, item->len - start, lines);
}

/* Terminals open absolute paths only. */
static void add_link_begin(const struct glob_run *run, const struct glob_item *item,
                           struct strbuf *lines)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	if (item->path[0] != '/') {
		AUTO_FREE_STR char *here = getcwd(NULL, 0);

		if (here == NULL)
			return;
		strbuf_add_str(&path, here);
		strbuf_add_char(&path, '/');
	}
	strbuf_add(&path, item->path, item->len);
	hyperlink_add_begin(lines, run->host, strbuf_str(&path));
}

static void add_path(const struct glob_run *run, const struct glob_item *item, struct strbuf *lines)
{
	if (run->hyperlinks)
		add_link_begin(run, item, lines);
	if (run->colors != NULL)
		add_in_color(run, item, lines);
	else
		out_add_name(run->ctx->out, lines, item->path, item->len);
	if (run->hyperlinks)
		hyperlink_add_end(lines);
}

static void add_owner(struct strbuf *lines, const char *name, uint32_t number)
{
	if (name != NULL)
		strbuf_add_format(lines, " %-8s", name);
	else
		strbuf_add_format(lines, " %-8u", number);
}

/* As ls -ld prints it, with times that need no locale. */
static void add_long(struct glob_run *run, const struct glob_item *item, struct strbuf *lines)
{
	const struct glob_meta *meta = item->meta;

	if (meta == NULL) {
		strbuf_add_format(lines, "?????????? ? %-8s %-8s %8s %16s ", "?", "?", "?", "?");
		add_path(run, item, lines);
		return;
	}
	file_mode_add(lines, meta->mode);
	strbuf_add_format(lines, " %2lld", (long long)meta->nlink);
	add_owner(lines, users_name(run->users, meta->uid), meta->uid);
	add_owner(lines, users_group_name(run->users, meta->gid), meta->gid);
	if (S_ISCHR(meta->mode) || S_ISBLK(meta->mode))
		strbuf_add_format(lines, " %4u, %3u ", major(meta->rdev), minor(meta->rdev));
	else
		strbuf_add_format(lines, " %9llu ", (unsigned long long)meta->size);
	clock_add_time(lines, meta->mtime, "long-iso");
	strbuf_add_char(lines, ' ');
	add_path(run, item, lines);
	if (item->target != NULL) {
		strbuf_add_str(lines, " -> ");
		out_add_name(run->ctx->out, lines, item->target, strlen(item->target));
	}
}

/* ---- templates and records ---- */

struct template_entry glob_template_entry(struct glob_run *run, const struct glob_item *item,
                                          struct stat *st)
{
	struct template_entry entry = { .path = item->path,
		                        .target = item->target,
		                        .users = run->users };

	if (item->meta != NULL) {
		const struct glob_meta *meta = item->meta;

		*st = (struct stat){ .st_size = (off_t)meta->size,
			             .st_ino = meta->ino,
			             .st_dev = meta->dev,
			             .st_nlink = (nlink_t)meta->nlink,
			             .st_mtim = meta->mtime,
			             .st_ctim = meta->ctime,
			             .st_mode = meta->mode,
			             .st_uid = meta->uid,
			             .st_gid = meta->gid,
			             .st_rdev = meta->rdev };
		entry.st = st;
	}
	return entry;
}

static void add_template(struct glob_run *run, const struct glob_item *item, struct strbuf *lines)
{
	struct stat st;
	struct template_entry entry = glob_template_entry(run, item, &st);

	template_expand(run->format, &entry, lines);
}

static void emit(struct glob_run *run, const struct glob_item *item)
{
	char mode[8]; /* stays until the record is out */
	struct record r;

	(void)snprintf(mode, sizeof(mode), "%04o", item->meta ? item->meta->mode & 07777U : 0);
	record_begin(&r, "entry", &table);
	record_bytes(&r, COL_PATH, item->path, item->len);
	record_name(&r, COL_PATTERN, run->patterns.items[item->pattern]);
	record_u64(&r, COL_DEPTH, item->depth);
	record_name(&r, COL_TYPE, file_type_word(item->type));
	if (item->meta != NULL && !run->opts->no_stat) {
		record_u64(&r, COL_SIZE, item->meta->size);
		record_name(&r, COL_MODE, mode);
		record_time(&r, COL_MTIME, item->meta->mtime);
		record_u64(&r, COL_UID, item->meta->uid);
		record_u64(&r, COL_GID, item->meta->gid);
		record_u64(&r, COL_INO, item->meta->ino);
		record_u64(&r, COL_DEV, item->meta->dev);
		record_u64(&r, COL_NLINK, (uint64_t)item->meta->nlink);
	}
	if (item->target != NULL)
		record_name(&r, COL_TARGET, item->target);
	out_emit(run->ctx->out, &r);
}

void glob_print(struct glob_run *run, const struct glob_item *item, struct strbuf *lines)
{
	if (run->opts->out.json) {
		emit(run, item);
		return;
	}
	if (run->format != NULL)
		add_template(run, item, lines);
	else if (run->opts->long_lines)
		add_long(run, item, lines);
	else
		add_path(run, item, lines);
	add_end(run, lines);
}
