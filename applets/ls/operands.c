/* SPDX-License-Identifier: MIT */
/* What is named on the command line: files first, then the content of the directories. */
#include "ls.h"

#include <fcntl.h>

static void learn_operands(struct ls_run *run, struct ls_list *list, char **operands)
{
	for (size_t i = 0; operands[i] != NULL; i++) {
		struct ls_file *file = ls_list_add(list, operands[i], strlen(operands[i]));

		file->flags |= LS_IS_OPERAND;
		file->type = DT_UNKNOWN;
		if (!ls_learn(run, list, file))
			ls_list_drop_last(list);
	}
}

/* Moves the directories that are to be opened to `dirs`. */
static void take_dirs(struct ls_list *list, struct ls_list *dirs)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->len; i++) {
		if ((((const struct ls_file *)list->items[i].item)->flags & LS_IS_OPENED) != 0)
			vec_push(dirs, list->items[i]);
		else
			list->items[kept++] = list->items[i];
	}
	list->len = kept;
}

static bool follows_operands(const struct ls_run *run)
{
	return run->follow != LS_FOLLOW_NEVER;
}

void ls_operands(struct ls_run *run, char **operands)
{
	struct ls_list list = { .dirfd = AT_FDCWD };
	struct ls_list dirs = { .dirfd = AT_FDCWD };
	size_t count = 0;

	while (operands[count] != NULL)
		count++;
	if (run->opts->total_size)
		run->totals = ls_totals_new(run, operands);
	learn_operands(run, &list, operands);
	ls_sort(run, &list);
	if (run->opts->tree) {
		ls_print_tree(run, &list);
		ls_list_release(&list);
		return;
	}
	take_dirs(&list, &dirs);
	list.aside = &dirs;
	if (list.len > 0)
		ls_print(run, &list);
	run->prints_dir_name = run->opts->recursive || count > 1 || list.len > 0;
	run->printed_any = list.len > 0;
	for (size_t i = 0; i < dirs.len && !out_failed(run->ctx->out); i++) {
		const struct ls_file *file = dirs.items[i].item;
		/* A link with a slash behind it is opened as what it leads to anyway. */
		struct dir_node *node =
			dir_node_new(NULL, file->name, file->len, follows_operands(run));

		ls_list_dir(run, node, file->name);
	}
	vec_release(&dirs);
	ls_list_release(&list);
}
