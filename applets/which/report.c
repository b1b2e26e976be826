/* SPDX-License-Identifier: MIT */
/* which: the matches of a name, as text and as records. */
#include "which.h"

#include "cli/file_type.h"

#include <dirent.h>

enum {
	ENTRY_NAME,
	ENTRY_FOUND,
	ENTRY_PATH,
	ENTRY_INDEX,
	ENTRY_DIR,
	ENTRY_DIR_INDEX,
	ENTRY_REAL_PATH,
	ENTRY_TYPE,
	ENTRY_MODE,
	ENTRY_UID,
	ENTRY_GID,
	ENTRY_SIZE,
	ENTRY_INO,
	ENTRY_DEV,
	ENTRY_SHADOWED_BY,
	ENTRY_DUTYBOX,
};

static const struct column entry_columns[] = {
	[ENTRY_NAME] = { "name", COLUMN_NAME, "the name that was looked up" },
	[ENTRY_FOUND] = { "found", COLUMN_BOOL, "false: there is no match, all below is null" },
	[ENTRY_PATH] = { "path", COLUMN_NAME, "the match, as the text output prints it" },
	[ENTRY_INDEX] = { "index", COLUMN_COUNT, "its place among the matches, from 0" },
	[ENTRY_DIR] = { "dir", COLUMN_NAME, "the element of PATH; null for a name with a slash" },
	[ENTRY_DIR_INDEX] = { "dir_index", COLUMN_COUNT, "the element's place in PATH, from 0" },
	[ENTRY_REAL_PATH] = { "real_path", COLUMN_NAME, "the file behind all links" },
	[ENTRY_TYPE] = { "type", COLUMN_TEXT, "file; without x in --mode also other kinds" },
	[ENTRY_MODE] = { "mode", COLUMN_TEXT, "permission bits in octal" },
	[ENTRY_UID] = { "uid", COLUMN_COUNT, "owner" },
	[ENTRY_GID] = { "gid", COLUMN_COUNT, "group" },
	[ENTRY_SIZE] = { "size", COLUMN_SIZE, "length in bytes" },
	[ENTRY_INO] = { "ino", COLUMN_COUNT, "inode number" },
	[ENTRY_DEV] = { "dev", COLUMN_COUNT, "device number" },
	[ENTRY_SHADOWED_BY] = { "shadowed_by", COLUMN_NAME, "the first match, when another file" },
	[ENTRY_DUTYBOX] = { "dutybox", COLUMN_BOOL, "the file is this very program" },
};

const struct column_table which_entry_table = { entry_columns, ARRAY_LEN(entry_columns) };

/* What is behind "DIR/" in the path, or NULL. */
static const char *below(const char *path, const char *dir)
{
	size_t len = dir != NULL ? strlen(dir) : 0;

	while (len > 0 && dir[len - 1] == '/')
		len--;
	if (dir == NULL || strncmp(path, dir, len) != 0 || path[len] != '/')
		return NULL;
	return path + len + 1;
}

void which_add_raw(const struct search *s, size_t dir, const char *name, struct strbuf *ret)
{
	if (dir == (size_t)COMMAND_NO_DIR)
		strbuf_add_str(ret, name);
	else
		command_path_add(s->path, dir, name, ret);
}

/* ./REST or ~/REST for --show-dot and --show-tilde; false when neither fits. */
static bool add_short_form(const struct search *s, bool is_relative, const char *absolute,
                           struct strbuf *ret)
{
	const char *rest = s->show_dot && is_relative ? below(absolute, s->cwd) : NULL;
	const char *prefix = "./";

	if (rest == NULL && s->show_tilde) {
		rest = below(absolute, s->home);
		prefix = "~/";
	}
	if (rest == NULL)
		return false;
	strbuf_add_str(ret, prefix);
	strbuf_add_str(ret, rest);
	return true;
}

void which_add_shown(const struct search *s, size_t dir, const char *name, struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf absolute = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf raw = { 0 };
	AUTO_FREE_STR char *real = NULL;

	if (!s->opts->resolve && s->cwd == NULL) {
		which_add_raw(s, dir, name, ret);
		return;
	}
	which_add_raw(s, dir, name, &raw);
	if (s->opts->resolve) {
		real = realpath(strbuf_str(&raw), NULL);
		strbuf_add_str(ret, real != NULL ? real : strbuf_str(&raw));
		return;
	}
	command_path_add_absolute(&absolute, s->cwd, strbuf_str(&raw));
	if (!add_short_form(s, strbuf_str(&raw)[0] != '/', strbuf_str(&absolute), ret))
		strbuf_add_str(ret, strbuf_str(s->opts->absolute ? &absolute : &raw));
}

bool which_is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static void drop_repeats(struct command_matches *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->len; i++) {
		bool seen = false;

		for (size_t j = 0; j < kept && !seen; j++)
			seen = which_is_same_file(&m->items[i].st, &m->items[j].st);
		if (!seen)
			m->items[kept++] = m->items[i];
	}
	m->len = kept;
}

/* Fills s->matches; `only` and `all` as for command_path_find(). */
static void find_in(struct search *s, const char *name, const struct command_dirs *only, bool all)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	size_t dir;
	int err;

	vec_clear(&s->matches);
	command_path_find(s->path, name, only, all, &s->matches);
	err = command_path_trouble(s->path, &dir);
	if (err == 0)
		return;
	which_add_raw(s, dir, name, &path);
	(void)diag_partial(s->ctx->diag, err, "access", strbuf_str(&path));
}

void which_find(struct search *s, const char *name)
{
	find_in(s, name, NULL, s->opts->all);
	if (s->opts->unique)
		drop_repeats(&s->matches);
}

/* One line for the i-th of s->matches. */
static void emit_match(struct search *s, const char *name, size_t i)
{
	const struct command_match *m = &s->matches.items[i];
	AUTO_RELEASE_STRBUF struct strbuf raw = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf shown = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf first = { 0 };
	AUTO_FREE_STR char *real = NULL;
	char mode[8];
	struct record r;
	struct stat self;

	which_add_raw(s, m->dir, name, &raw);
	which_add_shown(s, m->dir, name, &shown);
	real = realpath(strbuf_str(&raw), NULL);
	(void)snprintf(mode, sizeof(mode), "%04o", (unsigned)m->st.st_mode & 07777U);

	record_begin(&r, "entry", &which_entry_table);
	record_name(&r, ENTRY_NAME, name);
	record_bool(&r, ENTRY_FOUND, true);
	record_name(&r, ENTRY_PATH, strbuf_str(&shown));
	record_u64(&r, ENTRY_INDEX, i);
	if (m->dir != (size_t)COMMAND_NO_DIR) {
		record_name(&r, ENTRY_DIR, command_path_dir(s->path, m->dir));
		record_u64(&r, ENTRY_DIR_INDEX, m->dir);
	}
	if (real != NULL)
		record_name(&r, ENTRY_REAL_PATH, real);
	record_name(&r, ENTRY_TYPE, file_type_word((unsigned char)IFTODT(m->st.st_mode)));
	record_name(&r, ENTRY_MODE, mode);
	record_u64(&r, ENTRY_UID, m->st.st_uid);
	record_u64(&r, ENTRY_GID, m->st.st_gid);
	record_u64(&r, ENTRY_SIZE, (uint64_t)m->st.st_size);
	record_u64(&r, ENTRY_INO, m->st.st_ino);
	record_u64(&r, ENTRY_DEV, m->st.st_dev);
	if (!which_is_same_file(&m->st, &s->matches.items[0].st)) {
		which_add_shown(s, s->matches.items[0].dir, name, &first);
		record_name(&r, ENTRY_SHADOWED_BY, strbuf_str(&first));
	}
	if (stat("/proc/self/exe", &self) == 0)
		record_bool(&r, ENTRY_DUTYBOX, which_is_same_file(&m->st, &self));
	out_emit(s->ctx->out, &r);
}

static void emit_missing(struct search *s, const char *name)
{
	struct record r;

	record_begin(&r, "entry", &which_entry_table);
	record_name(&r, ENTRY_NAME, name);
	record_bool(&r, ENTRY_FOUND, false);
	out_emit(s->ctx->out, &r);
}

static void print_match(struct search *s, const struct command_match *m, const char *name,
                        const char *indent)
{
	AUTO_RELEASE_STRBUF struct strbuf shown = { 0 };

	which_add_shown(s, m->dir, name, &shown);
	strbuf_add_str(&s->line, indent);
	out_add_name(s->ctx->out, &s->line, strbuf_str(&shown), shown.len);
	out_line(s->ctx->out, &s->line);
}

bool which_report(struct search *s, const char *name, const char *indent)
{
	bool is_json = out_format(s->ctx->out) == OUT_JSON;

	which_find(s, name);
	if (s->opts->quiet)
		return s->matches.len > 0;
	if (s->matches.len == 0 && is_json)
		emit_missing(s, name);
	for (size_t i = 0; i < s->matches.len; i++) {
		if (is_json)
			emit_match(s, name, i);
		else
			print_match(s, &s->matches.items[i], name, indent);
	}
	return s->matches.len > 0;
}

/* "PATH is shadowed by PATH"; under -0 the first path alone. */
static void print_shadowed(struct search *s, const struct command_match *m, const char *name)
{
	AUTO_RELEASE_STRBUF struct strbuf shown = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf first = { 0 };
	struct out *out = s->ctx->out;

	which_add_shown(s, m->dir, name, &shown);
	out_add_name(out, &s->line, strbuf_str(&shown), shown.len);
	if (out_format(out) == OUT_TEXT) {
		which_add_shown(s, s->matches.items[0].dir, name, &first);
		strbuf_add_str(&s->line, " is shadowed by ");
		out_add_name(out, &s->line, strbuf_str(&first), first.len);
	}
	out_line(out, &s->line);
}

static bool report_shadowed_in(struct search *s, const char *name, const struct command_dirs *only)
{
	find_in(s, name, only, true);
	drop_repeats(&s->matches);
	for (size_t i = 1; i < s->matches.len && !s->opts->quiet; i++) {
		if (out_format(s->ctx->out) == OUT_JSON)
			emit_match(s, name, i);
		else
			print_shadowed(s, &s->matches.items[i], name);
	}
	return s->matches.len > 1;
}

bool which_report_shadowed(struct search *s, const char *name)
{
	return report_shadowed_in(s, name, NULL);
}

bool which_report_all_shadowed(struct search *s)
{
	struct command_names names;
	bool any = false;

	command_path_names(s->path, &names);
	for (size_t i = 0; i < names.len && !out_failed(s->ctx->out); i++)
		if (report_shadowed_in(s, names.items[i].name, &names.items[i].dirs))
			any = true;
	command_names_release(&names);
	return any;
}
