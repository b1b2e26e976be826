/* SPDX-License-Identifier: MIT */
/*
 * Aligned columns exactly as df prints them: one blank apart, each with a least width. Its
 * layout is what POSIX asks of df -P, which is why cli/table.h does not do.
 */
#pragma once

#include "cli/out.h"
#include "base/vec.h"

struct df_column {
	size_t least; /* never narrower, in columns of a terminal */
	bool right;   /* numbers */
};

/* Cells in reading order; `columns` of them are a line. Zero but for the first two members. */
struct df_table {
	const struct df_column *layout;
	size_t columns;
	VEC_FIELDS(struct strbuf);
};

/* The next cell, empty; borrowed until the next call. */
struct strbuf *df_table_cell(struct df_table *t);
/* The next cell, with this text. */
void df_table_add(struct df_table *t, const char *text);
/* Prints all lines and releases the cells. */
void df_table_print(struct df_table *t, struct out *o);
