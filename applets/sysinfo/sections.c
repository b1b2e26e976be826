/* SPDX-License-Identifier: MIT */
/* The sections, and what words mean: the names of sections and fields. */
#include "sysinfo.h"

#include "base/num.h"
#include "cli/fs_record.h"
#include "cli/table.h"
#include "cli/typo.h"

enum { NAME_MAX_LEN = 64 };

#define OBJECT(n, a, t, what)                                                                      \
	{                                                                                          \
		.name = n, .alias = a, .title = t, .table = &what##_table, .fields = what##_fields \
	}
#define LIST(n, a, t, what, p)                                                                     \
	{                                                                                          \
		.name = n, .alias = a, .title = t, .table = &(what), .is_list = true, .parts = (p) \
	}

const struct section sections[SECTIONS] = {
	[SECTION_SYSTEM] = OBJECT("system", "platform", "System", system),
	[SECTION_OS] = OBJECT("os", "", "Distribution", os),
	[SECTION_LIBC] = OBJECT("libc", "", "C library", libc),
	[SECTION_CPU] = OBJECT("cpu", "", "Processors", cpu),
	[SECTION_MEMORY] = OBJECT("memory", "", "Memory", memory),
	[SECTION_SWAP] = OBJECT("swap", "", "Swap", swap),
	[SECTION_LOAD] = OBJECT("load", "", "Load", load),
	[SECTION_UPTIME] = OBJECT("uptime", "", "Uptime", uptime),
	[SECTION_MOUNTS] = LIST("mounts", "disk", "Mounts", fs_record_table, PART_MOUNTS),
	[SECTION_CONTAINER] = OBJECT("container", "", "Container", container),
	[SECTION_IDS] = OBJECT("ids", "user", "User", ids),
	[SECTION_TOOL] = OBJECT("tool", "", "This program", tool),
	[SECTION_PROCESS] = OBJECT("process", "", "Process", process),
	[SECTION_TOP] = LIST("top", "", "Top", top_table, PART_TOP | PART_UNAME | PART_MEMINFO),
	[SECTION_RUNTIMES] = LIST("runtimes", "", "Runtimes", runtime_table, PART_RUNTIMES),
	[SECTION_CAPABILITIES] = OBJECT("capabilities", "", "Capabilities", capability),
};

static bool find_section(const char *name, size_t len, enum section_id *ret)
{
	for (int i = 0; i < SECTIONS; i++) {
		const struct section *section = &sections[i];

		if ((strncmp(section->name, name, len) == 0 && section->name[len] == '\0') ||
		    (len > 0 && strncmp(section->alias, name, len) == 0 &&
		     section->alias[len] == '\0')) {
			*ret = (enum section_id)i;
			return true;
		}
	}
	return false;
}

bool field_find(const char *name, struct wish *ret)
{
	size_t len = strcspn(name, ".");
	const struct section *section;

	if (!find_section(name, len, &ret->section))
		return false;
	ret->column = -1;
	if (name[len] == '\0')
		return true;
	section = &sections[ret->section];
	for (size_t i = 0; !section->is_list && i < section->table->len; i++) {
		if (strcmp(section->table->columns[i].name, name + len + 1) == 0) {
			ret->column = (int)i;
			return true;
		}
	}
	return false;
}

/* "cpu.usable" */
static void name_field(const struct section *section, const char *column,
                       char ret[static NAME_MAX_LEN])
{
	(void)snprintf(ret, NAME_MAX_LEN, "%.31s.%.31s", section->name, column);
}

static void consider(const char *typed, const char *name, unsigned *least, char ret[NAME_MAX_LEN])
{
	unsigned distance = typo_distance(typed, name);

	if (distance < *least) {
		*least = distance;
		(void)snprintf(ret, NAME_MAX_LEN, "%.*s", NAME_MAX_LEN - 1, name);
	}
}

const char *field_nearest(const char *typed, char ret[NAME_MAX_LEN])
{
	unsigned least = UINT32_MAX;

	for (int i = 0; i < SECTIONS; i++) {
		const struct section *section = &sections[i];

		consider(typed, section->name, &least, ret);
		for (size_t k = 0; !section->is_list && k < section->table->len; k++) {
			char name[NAME_MAX_LEN];

			name_field(section, section->table->columns[k].name, name);
			consider(typed, name, &least, ret);
		}
	}
	return typo_is_near(typed, least) ? ret : NULL;
}

int wishes_parse(struct ctx *ctx, char **operands, struct wishes *ret)
{
	for (size_t i = 0; operands[i] != NULL; i++) {
		const bool follows_process =
			ret->len > 0 && ret->items[ret->len - 1].section == SECTION_PROCESS;
		char nearest[NAME_MAX_LEN];
		struct wish wish;
		uint64_t pid;

		if (field_find(operands[i], &wish)) {
			vec_push(ret, wish);
			continue;
		}
		if (follows_process && num_parse_u64(operands[i], &pid) == 0 && pid > 0 &&
		    pid <= INT32_MAX) {
			if (ret->pid != 0)
				return diag_usage(ctx->diag, "only one process at a time");
			ret->pid = (int64_t)pid;
			continue;
		}
		if (field_nearest(operands[i], nearest) != NULL)
			return diag_usage(ctx->diag, "unknown field '%s' (did you mean %s?)",
			                  operands[i], nearest);
		return diag_usage(ctx->diag, "unknown field '%s'; --list shows all", operands[i]);
	}
	return 0;
}

enum { FIELD_COL_NAME, FIELD_COL_TYPE, FIELD_COL_HELP, FIELD_COLS };

static const struct column list_columns[] = {
	[FIELD_COL_NAME] = { "name", COLUMN_TEXT, "as it is given as an operand" },
	[FIELD_COL_TYPE] = { "type", COLUMN_TEXT, "of its value" },
	[FIELD_COL_HELP] = { "meaning", COLUMN_TEXT, "what it says" },
};

const struct column_table field_table = { list_columns, FIELD_COLS };

static const char *type_word(enum column_type type)
{
	static const char words[][10] = {
		[COLUMN_NAME] = "text",      [COLUMN_TEXT] = "word",     [COLUMN_SIZE] = "bytes",
		[COLUMN_COUNT] = "number",   [COLUMN_INT] = "number",    [COLUMN_TIME] = "time",
		[COLUMN_FIXED] = "decimal",  [COLUMN_BOOL] = "boolean",  [COLUMN_NAMES] = "texts",
		[COLUMN_COUNTS] = "numbers", [COLUMN_OBJECT] = "object", [COLUMN_ITEMS] = "objects",
	};

	return words[type];
}

static void list_field(struct ctx *ctx, struct table *table, const char *name, const char *type,
                       const char *help)
{
	struct record r;

	if (out_format(ctx->out) == OUT_JSON) {
		record_begin(&r, "item", &field_table);
		record_name(&r, FIELD_COL_NAME, name);
		record_name(&r, FIELD_COL_TYPE, type);
		record_name(&r, FIELD_COL_HELP, help);
		out_emit(ctx->out, &r);
		return;
	}
	table_add_str(table, name);
	table_add_str(table, type);
	table_add_str(table, help);
}

int print_fields(struct ctx *ctx)
{
	static const struct table_column layout[] = { { NULL, TABLE_LEFT },
		                                      { NULL, TABLE_LEFT },
		                                      { NULL, TABLE_LEFT } };
	AUTO_FREE(table) struct table *table = table_new(layout, ARRAY_LEN(layout));
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	for (int i = 0; i < SECTIONS; i++) {
		const struct section *section = &sections[i];

		if (section->is_list)
			list_field(ctx, table, section->name, "objects", section->title);
		for (size_t k = 0; !section->is_list && k < section->table->len; k++) {
			const struct column *column = &section->table->columns[k];
			char name[NAME_MAX_LEN];

			name_field(section, column->name, name);
			list_field(ctx, table, name, type_word((enum column_type)column->type),
			           column->help);
		}
	}
	for (size_t i = 0; out_format(ctx->out) != OUT_JSON && i < table_rows(table); i++) {
		table_print_row(table, i, &line);
		out_line(ctx->out, &line);
	}
	return EXIT_YES;
}
