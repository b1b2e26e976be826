/* SPDX-License-Identifier: MIT */
/* Text: labels and values for people, single values for scripts. */
#include "sysinfo.h"

#include "base/quote.h"
#include "cli/fs_record.h"
#include "cli/table.h"

enum { LABEL_COLUMNS = 24, CELLS_MAX = 10 };

/* Bytes from outside on a terminal: what could steer it is masked. In pipes newlines are. */
static void add_shown(const struct snapshot *s, struct strbuf *line, const struct strbuf *value)
{
	const char *text = strbuf_str(value);

	if (out_quotes(s->ctx->out) || memchr(text, '\n', value->len) != NULL)
		quote_add_masked(line, text, value->len);
	else
		strbuf_add(line, text, value->len);
}

/* Is there a note that says why the field, or all of its section, is unknown? */
static bool has_trouble(const struct snapshot *s, const char *section, const char *column)
{
	const size_t len = strlen(section);

	for (size_t i = 0; i < s->machine.troubles.len; i++) {
		const char *field = s->machine.troubles.items[i].field;

		if (strncmp(field, section, len) == 0 && field[len] == '.' &&
		    strcmp(field + len + 1, column) == 0)
			return true;
	}
	return false;
}

static bool is_known(const struct snapshot *s, enum section_id id, int column)
{
	return s->records[id].values[column].kind != VALUE_NULL;
}

/* What the text of the whole machine leaves out. */
static bool is_shown(const struct snapshot *s, enum section_id id, int column, bool named)
{
	const struct record_value *v = &s->records[id].values[column];
	const uint8_t flags = sections[id].fields[column].flags;

	if ((s->shown[id] >> column & 1) == 0 ||
	    ((flags & FIELD_QUIET) != 0 && !named && !s->opts->all))
		return false;
	/* An empty list is a line only when somebody looks for it. */
	if ((v->kind == VALUE_NAMES || v->kind == VALUE_ITEMS) && v->len == 0 &&
	    sections[id].table->columns[column].type != COLUMN_ITEMS)
		return s->opts->all;
	return v->kind != VALUE_NULL || s->opts->all ||
	       has_trouble(s, sections[id].name, sections[id].table->columns[column].name);
}

/* A heading from a column's name: "total_bytes" is TOTAL, "share_pct" is SHARE%. */
static void add_title(struct strbuf *b, const char *name)
{
	const char *end = strrchr(name, '_');
	const bool is_pct = end != NULL && strcmp(end, "_pct") == 0;

	if (end == NULL || (!is_pct && strcmp(end, "_bytes") != 0))
		end = name + strlen(name);
	for (; name < end; name++)
		strbuf_add_char(b,
		                (char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name));
	if (is_pct)
		strbuf_add_char(b, '%');
}

static void add_list_cell(const struct snapshot *s, const struct list *list, size_t row,
                          size_t column, struct strbuf *ret)
{
	static const struct column size = { .type = COLUMN_SIZE };
	AUTO_RELEASE_STRBUF struct strbuf cell = { 0 };
	const struct column *c = &list->table->columns[column];
	const struct record_value *v = &list->items[row * list->table->len + column];
	/* The one column whose unit depends. */
	const bool is_size = list == &s->lists[SECTION_TOP] && strcmp(c->name, "value") == 0 &&
	                     s->opts->by <= TOP_SWAP && s->opts->units != UNITS_BYTES;
	const struct column plain = { .type = COLUMN_COUNT };

	if (s->opts->units == UNITS_BYTES && c->type == COLUMN_SIZE)
		c = &plain;
	add_cell(v, is_size ? &size : c, &cell);
	add_shown(s, ret, &cell);
}

static bool is_number(const struct column *column)
{
	return column->type == COLUMN_SIZE || column->type == COLUMN_COUNT ||
	       column->type == COLUMN_FIXED;
}

static void fill_table(const struct snapshot *s, const struct list *list, const uint8_t *columns,
                       size_t n, struct table *table)
{
	for (size_t i = 0; i < list_rows(list); i++) {
		for (size_t k = 0; k < n; k++) {
			struct strbuf cell = { 0 };

			add_list_cell(s, list, i, columns[k], &cell);
			table_add(table, strbuf_str(&cell), cell.len);
			strbuf_release(&cell);
		}
	}
}

static void print_table(const struct snapshot *s, const struct list *list, const uint8_t *columns,
                        size_t n)
{
	struct table_column layout[CELLS_MAX];
	struct strbuf titles[CELLS_MAX] = { 0 };
	AUTO_FREE(table) struct table *table = NULL;
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	for (size_t k = 0; k < n; k++) {
		const struct column *column = &list->table->columns[columns[k]];

		add_title(&titles[k], column->name);
		layout[k].title = strbuf_str(&titles[k]);
		layout[k].align = is_number(column) ? TABLE_RIGHT : TABLE_LEFT;
	}
	table = table_new(layout, n);
	fill_table(s, list, columns, n, table);
	strbuf_add_str(&line, "  ");
	table_print_titles(table, &line);
	out_line(s->ctx->out, &line);
	for (size_t i = 0; i < table_rows(table); i++) {
		strbuf_add_str(&line, "  ");
		table_print_row(table, i, &line);
		out_line(s->ctx->out, &line);
	}
	for (size_t k = 0; k < n; k++)
		strbuf_release(&titles[k]);
}

/* The columns that say most, by section. */
static void print_list(const struct snapshot *s, enum section_id id)
{
	static const uint8_t mounts[] = { FS_SOURCE, FS_FSTYPE,   FS_TOTAL, FS_USED,
		                          FS_AVAIL,  FS_USED_PCT, FS_MOUNT };
	static const uint8_t runtimes[] = { 0, 2, 1 };
	const struct list *list = &s->lists[id];
	uint8_t used[CELLS_MAX];
	size_t n = 0;

	if (list_rows(list) == 0)
		return;
	if (id == SECTION_MOUNTS) {
		print_table(s, list, mounts, ARRAY_LEN(mounts));
		return;
	}
	if (id == SECTION_RUNTIMES) {
		print_table(s, list, runtimes, ARRAY_LEN(runtimes));
		return;
	}
	/* Those with something in them. */
	for (size_t k = 0; k < list->table->len && n < CELLS_MAX; k++)
		for (size_t i = 0; i < list_rows(list); i++)
			if (list->items[i * list->table->len + k].kind != VALUE_NULL) {
				used[n++] = (uint8_t)k;
				break;
			}
	print_table(s, list, used, n);
}

static void print_field_rows(const struct snapshot *s, enum section_id id, int column)
{
	const struct list *list = field_list(s, id, column);
	uint8_t all[CELLS_MAX];
	size_t n = list->table != NULL ? list->table->len : 0;

	for (size_t k = 0; k < n && k < CELLS_MAX; k++)
		all[k] = (uint8_t)k;
	if (list_rows(list) > 0)
		print_table(s, list, all, n);
}

static void print_line(const struct snapshot *s, enum section_id id, int column)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf value = { 0 };
	const struct field *field = &sections[id].fields[column];
	const bool is_table =
		sections[id].table->columns[column].type == COLUMN_ITEMS && id != SECTION_CPU;
	size_t width;

	strbuf_add_format(&line, "  %s:", field->label);
	width = line.len;
	if (is_table && is_known(s, id, column)) {
		out_line(s->ctx->out, &line);
		print_field_rows(s, id, column);
		return;
	}
	strbuf_add_fill(&line, ' ', width < LABEL_COLUMNS ? LABEL_COLUMNS - width : 1);
	if (is_known(s, id, column))
		add_human(s, id, column, &value);
	else
		strbuf_add_str(&value, has_trouble(s, sections[id].name,
		                                   sections[id].table->columns[column].name)
		                               ? "unknown"
		                               : "-");
	add_shown(s, &line, &value);
	out_line(s->ctx->out, &line);
}

static void print_text_line(const struct snapshot *s, const char *text)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	strbuf_add_str(&line, text);
	out_line(s->ctx->out, &line);
}

static void print_folded(const struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	if (s->folded_mounts == 0)
		return;
	strbuf_add_format(&line, "  (%zu more are without space of their own; --all shows them)",
	                  s->folded_mounts);
	out_line(s->ctx->out, &line);
}

/* A section, if there is anything to say. */
static void print_section(const struct snapshot *s, enum section_id id, bool named)
{
	const struct section *section = &sections[id];
	bool begun = false;

	if (section->is_list) {
		if (list_rows(&s->lists[id]) == 0 && !named)
			return;
		print_text_line(s, section->title);
		print_list(s, id);
		if (id == SECTION_MOUNTS)
			print_folded(s);
		return;
	}
	for (size_t i = 0; i < section->table->len; i++) {
		if (!is_shown(s, id, (int)i, named))
			continue;
		if (!begun)
			print_text_line(s, section->title);
		begun = true;
		print_line(s, id, (int)i);
	}
}

/* Each element a line; what has none is an empty line. */
static bool print_value(const struct snapshot *s, const struct wish *wish)
{
	const char separator = out_format(s->ctx->out) == OUT_NUL ? '\0' : '\n';
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf value = { 0 };
	const struct record_value *v = &s->records[wish->section].values[wish->column];
	const bool is_list = v->kind == VALUE_NAMES || v->kind == VALUE_ITEMS;

	if (v->kind == VALUE_NULL)
		return false;
	add_plain(s, wish->section, wish->column, separator, &value);
	if (is_list && value.len == 0)
		return true;
	if (out_quotes(s->ctx->out) && !is_list)
		quote_add_masked(&line, strbuf_str(&value), value.len);
	else if (out_quotes(s->ctx->out))
		for (const char *at = strbuf_str(&value); at < value.data + value.len;) {
			size_t len = strcspn(at, "\n");

			quote_add_masked(&line, at, len);
			at += len;
			if (*at == '\n')
				strbuf_add_char(&line, *at++);
		}
	else
		strbuf_add(&line, strbuf_str(&value), value.len);
	out_line(s->ctx->out, &line);
	return true;
}

static void say_unknown(const struct snapshot *s, const struct wish *wish)
{
	const struct section *section = &sections[wish->section];
	const char *column = section->table->columns[wish->column].name;
	const size_t len = strlen(section->name);

	for (size_t i = 0; i < s->machine.troubles.len; i++) {
		const struct machine_trouble *t = &s->machine.troubles.items[i];

		if (strncmp(t->field, section->name, len) != 0 || t->field[len] != '.' ||
		    strcmp(t->field + len + 1, column) != 0)
			continue;
		diag_warn(s->ctx->diag, NULL, "%s.%s is unknown: %s: %s", section->name, column,
		          t->source, strerrordesc_np(t->err));
		return;
	}
}

int print_text(struct snapshot *s)
{
	const struct wishes *w = s->wishes;
	int status = EXIT_YES;

	for (int i = 0; w->len == 0 && i < SECTIONS_DEFAULT; i++)
		print_section(s, (enum section_id)i, false);
	for (size_t i = 0; i < w->len; i++) {
		if (w->items[i].column < 0) {
			print_section(s, w->items[i].section, true);
		} else if (!print_value(s, &w->items[i])) {
			say_unknown(s, &w->items[i]);
			status = EXIT_NO;
		}
	}
	return status;
}
