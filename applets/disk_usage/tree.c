/* SPDX-License-Identifier: MIT */
/*
 * --tree: rows come in post-order, so the children of a directory are complete
 * when it comes. They wait, one list a depth, and become its own then.
 */
#include "disk_usage.h"

struct node {
	struct du_row row;      /* its path is owned */
	size_t name_at;         /* where the last component starts in it */
	struct nodes *children; /* owned; NULL when there are none */
};

struct nodes {
	VEC_FIELDS(struct node);
};

struct du_tree {
	const struct du_run *run;
	struct {
		VEC_FIELDS(struct nodes); /* by depth: what waits for its directory */
	} waiting;
	struct du_layout layout;
	struct strbuf line, prefix;
};

struct du_tree *du_tree_new(const struct du_run *run)
{
	struct du_tree *tree = mem_alloc_zeroed(sizeof(*tree));

	tree->run = run;
	return tree;
}

/* Children are released by their level, so that a deep tree does not need a deep stack. */
static void nodes_release(const struct nodes *first)
{
	struct {
		VEC_FIELDS(struct nodes);
	} left = { 0 };

	vec_push(&left, *first);
	while (left.len > 0) {
		struct nodes nodes = vec_pop(&left);

		for (size_t i = 0; i < nodes.len; i++) {
			du_row_release(&nodes.items[i].row);
			if (nodes.items[i].children != NULL)
				vec_push(&left, *nodes.items[i].children);
			free(nodes.items[i].children);
		}
		vec_release(&nodes);
	}
	vec_release(&left);
}

struct du_tree *du_tree_free(struct du_tree *tree)
{
	if (tree == NULL)
		return NULL;
	for (size_t i = 0; i < tree->waiting.len; i++)
		nodes_release(&tree->waiting.items[i]);
	vec_release(&tree->waiting);
	strbuf_release(&tree->line);
	strbuf_release(&tree->prefix);
	free(tree);
	return NULL;
}

static int compare_nodes(const void *a, const void *b, void *run)
{
	const struct node *left = a, *right = b;

	return du_row_compare(&left->row, &right->row, run);
}

static void sort_nodes(struct nodes *nodes, const struct du_run *run)
{
	struct du_run order = *run;

	if (run->sort != DU_SORT_NONE && nodes->len > 1)
		qsort_r(nodes->items, nodes->len, sizeof(*nodes->items), compare_nodes, &order);
	if (!run->opts->reverse)
		return;
	for (size_t i = 0; i < nodes->len / 2; i++) {
		struct node kept = nodes->items[i];

		nodes->items[i] = nodes->items[nodes->len - 1 - i];
		nodes->items[nodes->len - 1 - i] = kept;
	}
}

static size_t name_start(const struct du_row *row)
{
	size_t at = row->path_len;

	if (row->depth == 0)
		return 0;
	while (at > 0 && row->path[at - 1] != '/')
		at--;
	return at;
}

void du_tree_add(struct du_tree *tree, const struct du_row *row, bool wanted)
{
	const struct du_run *run = tree->run;
	struct node node = { .row = *row, .name_at = name_start(row) };

	while (tree->waiting.len < (size_t)row->depth + 2)
		vec_push(&tree->waiting, (struct nodes){ 0 });

	struct nodes *below = &tree->waiting.items[row->depth + 1];

	if (below->len > 0) {
		sort_nodes(below, run);
		node.children = mem_alloc(sizeof(*node.children));
		*node.children = *below;
		*below = (struct nodes){ 0 };
	} else if (!wanted) {
		return;
	}
	node.row.path = mem_strndup(row->path, row->path_len);
	tree->layout.width = du_value_width(run, du_row_value(run, row), tree->layout.width);
	vec_push(&tree->waiting.items[row->depth], node);
}

static void print_node(struct du_tree *tree, const struct node *node, bool is_last)
{
	struct du_row shown = node->row;

	du_add_aligned(tree->run, &tree->line, &node->row, &tree->layout);
	if (node->row.depth > 0) {
		strbuf_add(&tree->line, strbuf_str(&tree->prefix), tree->prefix.len);
		strbuf_add_str(&tree->line,
		               is_last ? "\u2514\u2500\u2500 " : "\u251c\u2500\u2500 ");
	}
	shown.path += node->name_at;
	shown.path_len -= node->name_at;
	du_add_path(tree->run, &tree->line, &shown);
	out_line(tree->run->ctx->out, &tree->line);
}

/* A list of siblings that is being printed. */
struct cursor {
	const struct nodes *nodes;
	size_t next;
	size_t prefix_len; /* of the lines in front of these siblings */
};

static void print_nodes(struct du_tree *tree, const struct nodes *roots)
{
	struct {
		VEC_FIELDS(struct cursor);
	} stack = { 0 };

	vec_push(&stack, (struct cursor){ .nodes = roots });
	while (stack.len > 0) {
		struct cursor *at = &vec_last(&stack);

		if (at->next == at->nodes->len) {
			(void)vec_pop(&stack);
			continue;
		}

		const struct node *node = &at->nodes->items[at->next++];
		const bool is_last = at->next == at->nodes->len;

		strbuf_truncate(&tree->prefix, at->prefix_len);
		print_node(tree, node, is_last);
		if (node->children == NULL)
			continue;
		if (node->row.depth > 0)
			strbuf_add_str(&tree->prefix, is_last ? "    " : "\u2502   ");
		vec_push(&stack, (struct cursor){ node->children, 0, tree->prefix.len });
	}
	vec_release(&stack);
}

void du_tree_print(struct du_tree *tree, const struct du_row *total)
{
	const struct du_run *run = tree->run;

	tree->layout.whole = du_row_value(run, total);
	if (run->total)
		tree->layout.width = du_value_width(run, tree->layout.whole, tree->layout.width);
	if (tree->waiting.len > 0) {
		sort_nodes(&tree->waiting.items[0], run);
		print_nodes(tree, &tree->waiting.items[0]);
	}
	if (run->total) {
		du_add_aligned(run, &tree->line, total, &tree->layout);
		strbuf_add_str(&tree->line, "total");
		out_line(run->ctx->out, &tree->line);
	}
}
