/* SPDX-License-Identifier: MIT */
/* Putting values into the records of a snapshot, which keeps what they borrow. */
#include "sysinfo.h"

const char *keep_text(struct snapshot *s, const char *text, size_t len, size_t *ret_len)
{
	char *copy;

	if (s->redactor != NULL) {
		struct strbuf hidden = { 0 };

		redactor_apply(s->redactor, text, len, &hidden);
		*ret_len = hidden.len;
		copy = strbuf_detach(&hidden);
	} else {
		*ret_len = len;
		copy = mem_strndup(text, len);
	}
	vec_push(&s->texts, copy);
	return copy;
}

void set_text(struct snapshot *s, enum section_id section, int column, const char *text)
{
	row_text(s, &s->records[section], column, text);
}

void set_text_or_null(struct snapshot *s, enum section_id section, int column,
                      const struct strbuf *text)
{
	if (text->len != 0)
		set_text(s, section, column, strbuf_str(text));
}

void set_u64(struct snapshot *s, enum section_id section, int column, uint64_t value)
{
	record_u64(&s->records[section], column, value);
}

void set_count(struct snapshot *s, enum section_id section, int column, uint64_t value)
{
	if (value != 0)
		set_u64(s, section, column, value);
}

void set_fixed(struct snapshot *s, enum section_id section, int column, uint64_t value,
               int decimals)
{
	if (value <= INT64_MAX)
		record_fixed(&s->records[section], column, (int64_t)value, decimals);
}

void set_names(struct snapshot *s, enum section_id section, int column, const struct strbuf *names)
{
	const char *at = strbuf_str(names);
	const char *end = at + names->len;
	struct strbuf all = { 0 };

	while (at < end) {
		size_t len = strnlen(at, (size_t)(end - at));

		if (s->redactor != NULL)
			redactor_apply(s->redactor, at, len, &all);
		else
			strbuf_add(&all, at, len);
		strbuf_add_char(&all, '\0');
		at += len + 1;
	}

	size_t len = all.len;
	char *kept = strbuf_detach(&all);

	vec_push(&s->texts, kept);
	record_names(&s->records[section], column, kept, len);
}

void row_text(struct snapshot *s, struct record *row, int column, const char *text)
{
	size_t len;
	const char *kept = keep_text(s, text, strlen(text), &len);

	record_bytes(row, column, kept, len);
}

void list_push(struct list *list, const struct record *row)
{
	list->table = row->table;
	for (size_t i = 0; i < row->table->len; i++)
		vec_push(list, row->values[i]);
}

size_t list_rows(const struct list *list)
{
	return list->table != NULL ? list->len / list->table->len : 0;
}

void list_row(const struct list *list, size_t row, struct record *ret)
{
	record_begin(ret, "item", list->table);
	memcpy(ret->values, list->items + row * list->table->len,
	       list->table->len * sizeof(*ret->values));
}
