/* SPDX-License-Identifier: MIT */
/* Aligned columns under a line of headings: what the modes that answer in tables print. */
#pragma once

#include "cli/out.h"
#include "base/vec.h"

struct text_column {
	size_t least; /* never narrower, in columns of a terminal */
	bool right;   /* numbers */
};

/* Cells in reading order; `columns` of them are a line. Zero but for the first two members. */
struct text_table {
	const struct text_column *layout;
	size_t columns;
	VEC_FIELDS(struct strbuf);
};

/* The next cell, empty; borrowed until the next call. */
struct strbuf *text_table_cell(struct text_table *t);
/* The next cell, with this text. */
void text_table_add(struct text_table *t, const char *text);
/*
 * Adds a name to a cell. Quoted on a terminal. Elsewhere as it is, but a control character
 * would break the line: it becomes a question mark, as in df. Records have the exact bytes.
 */
void text_table_add_name(const struct out *o, struct strbuf *cell, const char *name);
/* Prints all lines and releases the cells. */
void text_table_print(struct text_table *t, struct out *o);
