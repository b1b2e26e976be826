/* SPDX-License-Identifier: MIT */
/* Groups as lines: fdupes' format, pairs, CSV (RFC 4180), and a script for a POSIX shell. */
#include "dupes.h"

#include "base/human.h"

static bool is_shown(const struct dupes_run *run, const struct same_member *m)
{
	if ((m->flags & SAME_LINK) != 0 && !run->opts->count_links)
		return false;
	return !run->opts->omit_first || (m->flags & SAME_KEEP) == 0;
}

static void add_path(const struct dupes_run *run, uint32_t file, struct strbuf *line)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	file_list_add_path(run->list, file, &path);
	out_add_name(run->ctx->out, line, strbuf_str(&path), path.len);
}

static void fdupes_group(struct dupes_run *run, size_t index)
{
	const struct same_group *g = &run->result.groups.items[index];
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	if (index != 0)
		out_line(run->ctx->out, &line);
	if (run->opts->show_size && out_format(run->ctx->out) == OUT_TEXT &&
	    run->by != SAME_BY_NAME) {
		strbuf_add_format(&line, "%llu byte%s each:", (unsigned long long)g->size,
		                  g->size == 1 ? "" : "s");
		out_line(run->ctx->out, &line);
	}
	for (size_t i = 0; i < g->len; i++) {
		const struct same_member *m = &run->result.members.items[g->first + i];

		if (!is_shown(run, m))
			continue;
		add_path(run, m->file, &line);
		out_line(run->ctx->out, &line);
	}
}

/* The one that stays with each other one: a tab between them, or under -0 each with its NUL. */
static void pairs_group(struct dupes_run *run, size_t index)
{
	const struct same_group *g = &run->result.groups.items[index];
	const struct same_member *m = run->result.members.items + g->first;
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	for (size_t i = 1; i < g->len; i++) {
		if (!is_shown(run, &m[i]))
			continue;
		add_path(run, m[0].file, &line);
		strbuf_add_char(&line, out_format(run->ctx->out) == OUT_NUL ? '\0' : '\t');
		add_path(run, m[i].file, &line);
		out_line(run->ctx->out, &line);
	}
}

/* Every field that is text in quotes, quotes doubled. */
static void csv_group(struct dupes_run *run, size_t index)
{
	const struct same_group *g = &run->result.groups.items[index];
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	for (size_t i = 0; i < g->len; i++) {
		const struct same_member *m = &run->result.members.items[g->first + i];

		if (!is_shown(run, m))
			continue;
		strbuf_add_format(&line, "%zu,%llu,%zu,%llu,%s,%s,\"", index + 1,
		                  (unsigned long long)g->size, g->inodes,
		                  (unsigned long long)same_reclaim(run->list, &run->result, g),
		                  (m->flags & SAME_KEEP) != 0 ? "yes" : "no",
		                  (m->flags & SAME_REF) != 0 ? "yes" : "no");
		strbuf_clear(&path);
		file_list_add_path(run->list, m->file, &path);
		for (const char *at = strbuf_str(&path); *at != '\0'; at++) {
			if (*at == '"')
				strbuf_add_char(&line, '"');
			strbuf_add_char(&line, *at);
		}
		strbuf_add_str(&line, "\"\r\n");
		out_text(run->ctx->out, line.data, line.len);
		strbuf_clear(&line);
	}
}

/* A word for any shell: in single quotes, and none that begins with a dash. */
static void add_word(const struct dupes_run *run, uint32_t file, struct strbuf *line)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	file_list_add_path(run->list, file, &path);
	strbuf_add_str(line, strbuf_str(&path)[0] == '-' ? " './" : " '");
	for (const char *at = strbuf_str(&path); *at != '\0'; at++) {
		if (*at == '\'')
			strbuf_add_str(line, "'\\''");
		else
			strbuf_add_char(line, *at);
	}
	strbuf_add_char(line, '\'');
}

static void script_group(struct dupes_run *run, size_t index)
{
	const struct same_group *g = &run->result.groups.items[index];
	const struct same_member *m = run->result.members.items + g->first;
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	for (size_t i = 0; i < g->len; i++) {
		if ((m[i].flags & SAME_KEEP) != 0)
			continue;
		strbuf_add_str(&line, "duplicate");
		add_word(run, m[0].file, &line);
		add_word(run, m[i].file, &line);
		strbuf_add_char(&line, '\n');
	}
	out_text(run->ctx->out, line.data, line.len);
}

static const char *script_command(enum dupe_action action)
{
	switch (action) {
	case DUPE_DELETE:
		return "rm -- \"$2\"";
	case DUPE_HARDLINK:
		return "ln -f -- \"$1\" \"$2\"";
	case DUPE_SYMLINK:
	case DUPE_REFLINK:
	case DUPE_MOVE:
	case DUPE_NONE:
		break;
	}
	return "printf '%s\\n' \"$2\"";
}

void dupes_script_begin(struct dupes_run *run)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	if (run->opts->format == DUPES_CSV)
		strbuf_add_str(&text, "group,size,inodes,reclaim_bytes,keep,ref,path\r\n");
	else
		strbuf_add_format(
			&text,
			"#!/bin/sh\n"
			"# Each line names the file that stays, and a copy of it. Both are\n"
			"# compared again before anything is done.\n"
			"set -u\n"
			"duplicate() {\n"
			"\tcmp -s -- \"$1\" \"$2\" && %s\n"
			"}\n",
			script_command(run->action));
	out_text(run->ctx->out, text.data, text.len);
}

void dupes_text_group(struct dupes_run *run, size_t index)
{
	switch ((enum dupes_format)run->opts->format) {
	case DUPES_FDUPES:
		fdupes_group(run, index);
		break;
	case DUPES_CSV:
		csv_group(run, index);
		break;
	case DUPES_SH:
		script_group(run, index);
		break;
	case DUPES_PAIRS:
		pairs_group(run, index);
		break;
	case DUPES_FCLONES:
		dupes_fclones_group(run, index);
		break;
	}
}

void dupes_text_summary(struct dupes_run *run)
{
	const struct dupes_totals t = dupes_totals(run);
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	size_t sets = run->result.groups.len;

	strbuf_add_format(&line, "%llu duplicate ", (unsigned long long)t.redundant);
	if (run->opts->dirs)
		strbuf_add_str(&line, t.redundant == 1 ? "directory" : "directories");
	else
		strbuf_add_str(&line, t.redundant == 1 ? "file" : "files");
	strbuf_add_format(&line, " in %zu set%s, taking ", sets, sets == 1 ? "" : "s");
	human_add_bytes(&line, t.reclaim);
	out_line(run->ctx->out, &line);
}
