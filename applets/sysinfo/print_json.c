/* SPDX-License-Identifier: MIT */
/* The snapshot as one JSON object, and as shell variables. */
#include "sysinfo.h"

#include "cli/json_indent.h"

enum { TOP_COLUMNS_MAX = SECTIONS + 3 };

enum { ERR_FIELD, ERR_SOURCE, ERR_ERRNO, ERR_CODE, ERR_MESSAGE, ERR_COLS };

static const struct column error_columns[] = {
	[ERR_FIELD] = { "field", COLUMN_TEXT, "what is unknown" },
	[ERR_SOURCE] = { "source", COLUMN_NAME, "the file or system call that would tell" },
	[ERR_ERRNO] = { "errno", COLUMN_TEXT, "the error's symbol" },
	[ERR_CODE] = { "code", COLUMN_COUNT, "its number" },
	[ERR_MESSAGE] = { "message", COLUMN_TEXT, "its description" },
};

const struct column_table error_table = { error_columns, ERR_COLS };

/* Objects while they are put together. */
struct parts {
	struct strbuf texts[TOP_COLUMNS_MAX];
	struct column columns[TOP_COLUMNS_MAX];
	struct column_table table;
	struct record record;
};

static struct column *add_column(struct parts *p, const char *name, enum column_type type)
{
	struct column *c = &p->columns[p->table.len++];

	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	c->type = (uint8_t)type;
	return c;
}

static void add_rows(const struct list *list, struct strbuf *ret)
{
	for (size_t i = 0; i < list_rows(list); i++) {
		struct record row;

		list_row(list, i, &row);
		record_add_item(ret, &row);
	}
}

/* The fields in `columns`, a bit for each, as one object. */
static void add_section(const struct snapshot *s, enum section_id id, uint64_t columns,
                        struct strbuf *ret)
{
	const struct section *section = &sections[id];
	struct column picked[RECORD_COLUMNS_MAX];
	struct column_table table = { picked, 0 };
	struct strbuf rows[RECORD_COLUMNS_MAX] = { 0 };
	struct record record;

	for (size_t i = 0; i < section->table->len; i++) {
		if ((columns >> i & 1) == 0)
			continue;
		picked[table.len] = section->table->columns[i];
		record.values[table.len] = s->records[id].values[i];
		if (picked[table.len].type == COLUMN_ITEMS &&
		    record.values[table.len].kind != VALUE_NULL) {
			add_rows(field_list(s, id, (int)i), &rows[table.len]);
			record_items(&record, (int)table.len, &rows[table.len]);
		}
		table.len++;
	}
	record.table = &table;
	record.kind = "item";
	record_add_item(ret, &record);
	for (size_t i = 0; i < table.len; i++)
		strbuf_release(&rows[i]);
}

/* The columns that the operands name, of one section; all for the section itself. */
static uint64_t named_columns(const struct snapshot *s, enum section_id id)
{
	const uint64_t all = (UINT64_C(1) << sections[id].table->len) - 1;
	uint64_t columns = 0;

	if (s->wishes->len == 0)
		return id < SECTIONS_DEFAULT ? all : 0;
	for (size_t i = 0; i < s->wishes->len; i++) {
		const struct wish *wish = &s->wishes->items[i];

		if (wish->section == id)
			columns |= wish->column < 0 ? all : UINT64_C(1) << wish->column;
	}
	return columns;
}

static void add_errors(struct snapshot *s, struct strbuf *ret)
{
	for (size_t i = 0; i < s->machine.troubles.len; i++) {
		const struct machine_trouble *t = &s->machine.troubles.items[i];
		const char *symbol = strerrorname_np(t->err);
		struct record row;

		record_begin(&row, "item", &error_table);
		record_name(&row, ERR_FIELD, t->field);
		row_text(s, &row, ERR_SOURCE, t->source);
		if (symbol != NULL)
			record_name(&row, ERR_ERRNO, symbol);
		record_u64(&row, ERR_CODE, (uint64_t)t->err);
		record_name(&row, ERR_MESSAGE, strerrordesc_np(t->err));
		record_add_item(ret, &row);
	}
}

void add_json(struct snapshot *s, struct strbuf *ret)
{
	struct parts p = { 0 };

	p.table.columns = p.columns;
	p.record.table = &p.table;
	p.record.kind = "entry";
	add_column(&p, "schema", COLUMN_COUNT);
	record_u64(&p.record, 0, SCHEMA_VERSION);
	add_column(&p, "collected_at", COLUMN_TIME);
	record_time(&p.record, 1, s->collected);
	for (int i = 0; i < SECTIONS; i++) {
		const enum section_id id = (enum section_id)i;
		const uint64_t columns = named_columns(s, id);
		const size_t at = p.table.len;

		if (columns == 0)
			continue;
		if (sections[i].is_list) {
			add_column(&p, sections[i].name, COLUMN_ITEMS);
			add_rows(&s->lists[i], &p.texts[at]);
			record_items(&p.record, (int)at, &p.texts[at]);
		} else {
			add_column(&p, sections[i].name, COLUMN_OBJECT);
			add_section(s, id, columns, &p.texts[at]);
			record_object(&p.record, (int)at, &p.texts[at]);
		}
	}
	add_errors(s, &p.texts[p.table.len]);
	add_column(&p, "errors", COLUMN_ITEMS);
	record_items(&p.record, (int)p.table.len - 1, &p.texts[p.table.len - 1]);
	out_add_record(ret, &p.record);
	for (size_t i = 0; i < p.table.len; i++)
		strbuf_release(&p.texts[i]);
}

/* Is each single field that was asked for known? */
static int known_status(const struct snapshot *s)
{
	for (size_t i = 0; i < s->wishes->len; i++) {
		const struct wish *wish = &s->wishes->items[i];

		if (wish->column >= 0 &&
		    s->records[wish->section].values[wish->column].kind == VALUE_NULL)
			return EXIT_NO;
	}
	return EXIT_YES;
}

int print_json(struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	add_json(s, &line);
	if (s->opts->pretty) {
		json_indent(strbuf_str(&line), line.len, &text);
		strbuf_add_char(&text, '\n');
	} else {
		strbuf_add(&text, strbuf_str(&line), line.len);
		strbuf_add_char(&text, '\n');
	}
	out_text(s->ctx->out, strbuf_str(&text), text.len);
	return known_status(s);
}

/* SYSINFO_CPU_USABLE */
static void add_variable(struct strbuf *b, const char *section, const char *column)
{
	strbuf_add_str(b, "SYSINFO_");
	for (const char *at = section; *at != '\0'; at++)
		strbuf_add_char(b, (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at));
	if (column[0] != '\0')
		strbuf_add_char(b, '_');
	for (const char *at = column; *at != '\0'; at++)
		strbuf_add_char(b, (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at));
}

/* In single quotes, where nothing is special but the quote itself. */
static void add_quoted(struct strbuf *b, const struct strbuf *value)
{
	strbuf_add_char(b, '\'');
	for (size_t i = 0; i < value->len; i++) {
		if (value->data[i] == '\'')
			strbuf_add_str(b, "'\\''");
		else if (value->data[i] != '\0')
			strbuf_add_char(b, value->data[i]);
	}
	strbuf_add_char(b, '\'');
}

static void print_variable(const struct snapshot *s, enum section_id id, int column)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf value = { 0 };

	add_variable(&line, sections[id].name, sections[id].table->columns[column].name);
	strbuf_add_char(&line, '=');
	add_plain(s, id, column, '\n', &value);
	add_quoted(&line, &value);
	out_line(s->ctx->out, &line);
}

/* SYSINFO_MOUNTS_COUNT='2', SYSINFO_MOUNTS_0_MOUNT='/' and so on. */
static void print_rows(const struct snapshot *s, enum section_id id)
{
	const struct list *list = &s->lists[id];
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	add_variable(&line, sections[id].name, "count");
	strbuf_add_format(&line, "='%zu'", list_rows(list));
	out_line(s->ctx->out, &line);
	for (size_t i = 0; i < list_rows(list); i++) {
		for (size_t k = 0; k < list->table->len; k++) {
			const struct record_value *v = &list->items[i * list->table->len + k];
			const struct column as_is = { .type = COLUMN_NAME };
			struct strbuf value = { 0 };
			char name[64];

			(void)snprintf(name, sizeof(name), "%zu_%s", i,
			               list->table->columns[k].name);
			add_variable(&line, sections[id].name, name);
			strbuf_add_char(&line, '=');
			if (v->kind != VALUE_NULL)
				add_cell(v, &as_is, &value);
			add_quoted(&line, &value);
			out_line(s->ctx->out, &line);
			strbuf_release(&value);
		}
	}
}

int print_shell(struct snapshot *s)
{
	for (int i = 0; i < SECTIONS; i++) {
		const uint64_t columns = named_columns(s, (enum section_id)i);

		if (sections[i].is_list && columns != 0) {
			print_rows(s, (enum section_id)i);
			continue;
		}
		for (size_t k = 0; k < sections[i].table->len; k++)
			if ((columns >> k & 1) != 0)
				print_variable(s, (enum section_id)i, (int)k);
	}
	return known_status(s);
}
