/* SPDX-License-Identifier: MIT */
/* Single values: as scripts want them, and as people do. */
#include "sysinfo.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/json.h"
#include "base/num.h"

#include <inttypes.h>

static void add_each(struct strbuf *ret, const char *bytes, size_t len, char ends, char separator)
{
	const char *at = bytes;
	const char *end = bytes + len;

	while (at < end) {
		const char *next = memchr(at, ends, (size_t)(end - at));
		size_t n = (size_t)((next != NULL ? next : end) - at);

		if (at != bytes)
			strbuf_add_char(ret, separator);
		strbuf_add(ret, at, n);
		at += n + 1;
	}
}

static void add_rows(const struct list *list, char separator, struct strbuf *ret)
{
	for (size_t i = 0; i < list_rows(list); i++) {
		struct record row;
		struct strbuf object = { 0 };

		list_row(list, i, &row);
		record_add_item(&object, &row);
		if (i != 0)
			strbuf_add_char(ret, separator);
		strbuf_add(ret, strbuf_str(&object), object.len);
		strbuf_release(&object);
	}
}

/* A value that is not a list. */
static void add_scalar(const struct record_value *v, char separator, struct strbuf *ret)
{
	switch (v->kind) {
	case VALUE_BYTES:
		strbuf_add(ret, v->bytes, v->len);
		break;
	case VALUE_U64:
		strbuf_add_u64(ret, v->u64);
		break;
	case VALUE_I64:
		strbuf_add_fixed(ret, v->i64, 0);
		break;
	case VALUE_TIME:
		json_add_time(ret, v->time.tv_sec, (uint32_t)v->time.tv_nsec);
		break;
	case VALUE_FIXED:
		strbuf_add_fixed(ret, v->scaled, v->decimals);
		break;
	case VALUE_BOOL:
		strbuf_add_str(ret, v->boolean ? "true" : "false");
		break;
	case VALUE_NAMES:
		add_each(ret, v->bytes, v->len, '\0', separator);
		break;
	case VALUE_ITEMS:
		add_each(ret, v->bytes, v->len, ',', separator);
		break;
	case VALUE_NULL:
	case VALUE_OBJECT:
		break;
	}
}

/* With two decimals: 23.54 GiB, or 25.27 GB. */
static void add_size(struct strbuf *b, uint64_t bytes, int units)
{
	static const char letters[] = "KMGTPE";
	const uint64_t base = units == UNITS_SI ? 1000 : 1024;
	uint64_t unit = base;
	size_t i = 0;
	uint64_t centi;

	if (units == UNITS_BYTES || bytes < base) {
		strbuf_add_u64(b, bytes);
		if (units != UNITS_BYTES)
			strbuf_add_str(b, " B");
		return;
	}
	while (bytes / unit >= base && letters[i + 1] != '\0') {
		unit *= base;
		i++;
	}
	/* To the nearest. What is left is less than a unit, so nothing overflows. */
	centi = bytes / unit * 100 + (bytes % unit * 25 + unit / 8) / (unit / 4);
	strbuf_add_format(b, "%" PRIu64 ".%02" PRIu64 " %c%s", centi / 100, centi % 100, letters[i],
	                  units == UNITS_SI ? "B" : "iB");
}

void add_plain(const struct snapshot *s, enum section_id section, int column, char separator,
               struct strbuf *ret)
{
	const struct column *c = &sections[section].table->columns[column];
	const struct record_value *v = &s->records[section].values[column];

	if (c->type == COLUMN_ITEMS)
		add_rows(field_list(s, section, column), separator, ret);
	else if (c->type == COLUMN_SIZE && v->kind == VALUE_U64 &&
	         (s->opts->units == UNITS_HUMAN || s->opts->units == UNITS_SI))
		add_size(ret, v->u64, s->opts->units);
	else
		add_scalar(v, separator, ret);
}

static void add_caches(const struct list *list, int units, struct strbuf *ret)
{
	for (size_t i = 0; i < list_rows(list); i++) {
		struct record row;

		list_row(list, i, &row);
		if (i != 0)
			strbuf_add_str(ret, ", ");
		strbuf_add_format(ret, "L%" PRIu64, row.values[0].u64);
		/* L1d and L1i, as everybody calls them. */
		if (row.values[1].bytes[0] == 'D' || row.values[1].bytes[0] == 'I')
			strbuf_add_char(ret, row.values[1].bytes[0] == 'D' ? 'd' : 'i');
		strbuf_add_char(ret, ' ');
		if (row.values[2].kind == VALUE_U64)
			add_size(ret, row.values[2].u64, units);
		if (row.values[3].u64 > 1)
			strbuf_add_format(ret, " x %" PRIu64, row.values[3].u64);
	}
}

void add_human(const struct snapshot *s, enum section_id section, int column, struct strbuf *ret)
{
	const struct column *c = &sections[section].table->columns[column];
	const struct record_value *v = &s->records[section].values[column];
	const uint8_t flags = sections[section].fields[column].flags;
	const int units = s->opts->units == UNITS_DEFAULT ? UNITS_HUMAN : s->opts->units;

	if (c->type == COLUMN_SIZE && v->kind == VALUE_U64) {
		add_size(ret, v->u64, units);
	} else if (c->type == COLUMN_ITEMS && section == SECTION_CPU) {
		add_caches(&s->caches, units, ret);
	} else if (v->kind == VALUE_TIME) {
		clock_add_time(ret, v->time, "+%Y-%m-%d %H:%M:%S");
	} else if (v->kind == VALUE_FIXED && (flags & FIELD_DURATION) != 0) {
		if (v->scaled < 6000)
			strbuf_add_format(ret, "%" PRIi64 ".%02" PRIi64 "s", v->scaled / 100,
			                  v->scaled % 100);
		else
			human_add_duration(ret, v->scaled < INT64_MAX / 10000000
			                                ? v->scaled * 10000000
			                                : INT64_MAX);
	} else if (v->kind == VALUE_BOOL) {
		strbuf_add_str(ret, v->boolean ? "yes" : "no");
	} else {
		add_plain(s, section, column, ' ', ret);
		if (v->kind == VALUE_FIXED && (flags & FIELD_CLOCK) != 0)
			strbuf_add_str(ret, " MHz");
	}
}

/* A cell of a table for people. */
void add_cell(const struct record_value *v, const struct column *column, struct strbuf *ret)
{
	if (v->kind == VALUE_NULL) {
		strbuf_add_char(ret, '-');
		return;
	}
	if (column->type == COLUMN_SIZE && v->kind == VALUE_U64) {
		human_add_bytes(ret, v->u64);
		return;
	}
	add_scalar(v, ' ', ret);
	if (strlen(column->name) > 4 &&
	    strcmp(column->name + strlen(column->name) - 4, "_pct") == 0)
		strbuf_add_char(ret, '%');
}
