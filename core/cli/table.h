/* SPDX-License-Identifier: MIT */
/*
 * Aligned columns for people. Cells are added from left to right, row by row, and kept;
 * when all are there, each row is printed into a line. Columns stand two blanks apart,
 * as wide as their widest cell on a terminal (utf8.h); nothing is padded at the end of a
 * line. Names are quoted by the caller.
 */
#pragma once

#include "base/strbuf.h"

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table_column {
	const char *title; /* NULL: without */
	enum table_align align;
};

struct table;

/* `columns` is borrowed for as long as the table lives; `len` >= 1. */
struct table *table_new(const struct table_column *columns, size_t len);
struct table *table_free(struct table *t);
DEFINE_AUTO_FREE(table)

/* Copies the bytes; a cell that is not the last of its row must not contain a newline. */
void table_add(struct table *t, const char *bytes, size_t len);
void table_add_str(struct table *t, const char *s);
void table_add_u64(struct table *t, uint64_t value);
/* For bytes that are wider than they look: with colours or hyperlinks. */
void table_add_with_width(struct table *t, const char *bytes, size_t len, size_t columns);

/* Rows that were begun. */
size_t table_rows(const struct table *t);
/* Adds one row without a newline; missing cells are empty. `row` < table_rows(). */
void table_print_row(const struct table *t, size_t row, struct strbuf *b);
/* Adds the titles without a newline. */
void table_print_titles(const struct table *t, struct strbuf *b);
/* Adds the titles, if `with_titles`, and all rows, each with a newline. */
void table_print(const struct table *t, bool with_titles, struct strbuf *b);
