/* SPDX-License-Identifier: MIT */
/* --tree: each directory with what is below it, drawn by lines. */
#include "ls.h"

#include <fcntl.h>

/* A directory on the way down. */
struct level {
	struct ls_list list;
	struct ls_widths widths;
	struct dir_node *node; /* owned */
	char *path;            /* owned */
	size_t next;           /* in the list */
	size_t prefix_len;     /* of the lines drawn for its entries' level */
};

struct tree {
	struct ls_run *run;
	struct strbuf prefix;
	struct {
		VEC_FIELDS(struct level);
	} levels;
};

static bool is_dot(const struct ls_file *file)
{
	return file->name[0] == '.' && (file->len == 1 || (file->len == 2 && file->name[1] == '.'));
}

static void print_file(struct tree *t, struct ls_list *list, struct ls_file *file,
                       const struct ls_widths *widths)
{
	struct ls_run *run = t->run;

	run->listed++;
	if (run->opts->json) {
		ls_print_record(run, list, file);
	} else if (run->format == LS_LONG) {
		ls_add_long_file(run, list, file, widths, &t->prefix);
	} else {
		strbuf_add(&run->out, strbuf_str(&t->prefix), t->prefix.len);
		ls_print_single(run, list, file);
	}
}

/* Reads the directory and makes it the deepest level. Takes over `node`. */
static void enter(struct tree *t, struct dir_node *node, const char *path, bool is_operand)
{
	struct ls_run *run = t->run;
	struct level level = { .node = node, .path = mem_strdup(path) };

	level.list.path = level.path;
	if (ls_open_dir(run, node, path, is_operand, &level.list.dirfd) < 0) {
		dir_node_free(node);
		free(level.path);
		return;
	}
	ls_read_dir(run, &level.list, node, path);
	if (!run->opts->json)
		ls_find_quoted(run, &level.list);
	if (run->format == LS_LONG && !run->opts->json)
		ls_begin_long(run, &level.list, &level.widths);
	level.prefix_len = t->prefix.len;
	vec_push(&t->levels, level);
}

static void leave(struct tree *t)
{
	struct level level = vec_pop(&t->levels);

	ls_list_release(&level.list);
	dir_node_free(level.node);
	free(level.path);
}

static bool goes_deeper(const struct tree *t, const struct ls_file *file)
{
	const int64_t level = t->run->opts->level;

	return ls_is_dir(file) && !is_dot(file) && (level == 0 || (int64_t)t->levels.len < level);
}

/* The next entry of the deepest level, and the level below it if there is one. */
static void step(struct tree *t)
{
	struct level *level = &vec_last(&t->levels);
	struct ls_file *file = level->list.items[level->next++].item;
	const bool last = level->next == level->list.len;

	strbuf_truncate(&t->prefix, level->prefix_len);
	strbuf_add_str(&t->prefix, last ? "└── " : "├── ");
	/* What it holds may have been reopened since. */
	if (dir_node_open(level->node, &level->list.dirfd) < 0)
		level->list.dirfd = -1;
	if ((file->flags & LS_IS_PASSED) == 0)
		print_file(t, &level->list, file, &level->widths);
	strbuf_truncate(&t->prefix, level->prefix_len);
	if (goes_deeper(t, file)) {
		AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
		const bool follow = t->run->follow == LS_FOLLOW_ALWAYS;

		ls_add_path(&level->list, file->name, &path);
		strbuf_add_str(&t->prefix, last ? "    " : "│   ");
		enter(t, dir_node_new(level->node, file->name, file->len, follow),
		      strbuf_str(&path), false);
	}
}

void ls_print_tree(struct ls_run *run, struct ls_list *operands)
{
	struct tree t = { .run = run };
	struct ls_widths widths = { 0 };

	if (!run->opts->json)
		ls_find_quoted(run, operands);
	if (run->format == LS_LONG && !run->opts->json)
		ls_begin_long(run, operands, &widths);
	for (size_t i = 0; i < operands->len; i++) {
		struct ls_file *file = operands->items[i].item;

		strbuf_clear(&t.prefix);
		print_file(&t, operands, file, &widths);
		run->listed--;
		if ((file->flags & LS_IS_OPENED) == 0)
			continue;
		enter(&t, dir_node_new(NULL, file->name, file->len, run->follow != LS_FOLLOW_NEVER),
		      file->name, true);
		while (t.levels.len > 0 && !out_failed(run->ctx->out)) {
			if (vec_last(&t.levels).next == vec_last(&t.levels).list.len)
				leave(&t);
			else
				step(&t);
		}
		while (t.levels.len > 0)
			leave(&t);
	}
	strbuf_release(&t.prefix);
	vec_release(&t.levels);
}
