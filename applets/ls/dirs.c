/* SPDX-License-Identifier: MIT */
/* The content of directories, one after the other, each with what is below it before the next. */
#include "ls.h"

#include <errno.h>

/* The directories that are still to be listed, the next one last. */
struct pending {
	struct ls_ahead *ahead;
	VEC_FIELDS(struct ls_visit *);
};

static bool is_dot(const struct ls_file *file)
{
	return file->name[0] == '.' && (file->len == 1 || (file->len == 2 && file->name[1] == '.'));
}

static struct ls_visit *new_visit(struct dir_node *node, char *path, bool is_operand)
{
	struct ls_visit *visit = mem_alloc_zeroed(sizeof(*visit));

	visit->node = node;
	visit->path = path;
	visit->list.path = path;
	visit->is_operand = is_operand;
	return visit;
}

static void free_visit(struct ls_ahead *ahead, struct ls_visit *visit)
{
	ls_list_release(&visit->list);
	ls_ahead_lock(ahead);
	dir_node_free(visit->node);
	ls_ahead_unlock(ahead);
	free(visit->path);
	free(visit);
}

static void push(struct ls_run *run, struct pending *pending, const struct ls_list *list,
                 struct dir_node *node, const struct ls_file *file)
{
	struct strbuf path = { 0 };
	const bool follow = run->follow == LS_FOLLOW_ALWAYS;

	ls_add_path(list, file->name, &path);
	vec_push(pending, new_visit(dir_node_new(node, file->name, file->len, follow),
	                            strbuf_detach(&path), false));
}

/* Adds the subdirectories, the first one last. */
static void push_dirs(struct ls_run *run, struct pending *pending, const struct ls_list *list,
                      struct dir_node *node)
{
	const int64_t level = run->opts->level;
	const size_t before = pending->len;

	if (!run->opts->recursive || (level != 0 && dir_node_depth(node) + 1 >= level))
		return;
	ls_ahead_lock(pending->ahead);
	for (size_t i = list->len; i > 0; i--) {
		const struct ls_file *file = list->items[i - 1].file;

		if (ls_is_dir(file) && !is_dot(file) && ls_rules_enters(run, list, file))
			push(run, pending, list, node, file);
	}
	ls_ahead_unlock(pending->ahead);
	if (pending->len > before)
		ls_ahead_add(pending->ahead, pending->items + before, pending->len - before);
}

/* Without sorting and aligning nothing has to be kept but directories that come later. */
static void stream_file(struct ls_run *run, struct ls_list *list, void *user)
{
	struct ls_list *later = user;
	struct ls_file *file = list->items[0].file;

	if (run->opts->recursive && ls_is_dir(file)) {
		struct ls_file *copy = ls_list_add(later, file->name, file->len);

		copy->type = file->type;
	}
	if ((file->flags & LS_IS_PASSED) == 0) {
		run->listed++;
		if (run->opts->json)
			ls_print_record(run, list, file);
		else
			ls_print_single(run, list, file);
	}
	/* The first screen appears at once. */
	if (run->listed == 1) {
		out_text(run->ctx->out, strbuf_str(&run->out), run->out.len);
		strbuf_clear(&run->out);
		out_flush(run->ctx->out);
	}
}

/* Takes out what is entered but not listed. */
static void drop_passed(struct ls_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->len; i++) {
		const struct ls_file *file = list->items[i].file;

		if ((file->flags & LS_IS_PASSED) == 0)
			list->items[kept++] = list->items[i];
		else if (file->meta != NULL)
			list->blocks -= file->meta->blocks;
	}
	list->len = kept;
}

/* 0, or -1 after a message. */
int ls_open_dir(struct ls_run *run, struct dir_node *node, const char *path, bool is_operand,
                int *ret)
{
	int r = dir_node_open(node, ret);

	if (r == -ENOENT && !is_operand)
		return -1; /* it went away */
	if (r < 0) {
		if (is_operand)
			diag_fail(run->ctx->diag, -r, "open directory", path);
		else
			diag_partial(run->ctx->diag, -r, "open directory", path);
		return -1;
	}
	if (dir_node_is_loop(node)) {
		diag_fail_text(run->ctx->diag, path, "not listing already-listed directory");
		return -1;
	}
	return 0;
}

static void add_header(struct ls_run *run, const char *path)
{
	if (run->opts->json || !run->prints_dir_name)
		return;
	if (run->printed_any)
		strbuf_add_char(&run->out, '\n');
	run->printed_any = true;
	ls_add_dir_header(run, path, strlen(path));
}

/* Sorted or aligned. */
static void list_gathered(struct ls_run *run, struct pending *pending, struct ls_visit *visit,
                          bool is_read)
{
	struct ls_list *list = &visit->list;

	if (!is_read)
		ls_read_dir(run, list, visit->node, visit->path);
	push_dirs(run, pending, list, visit->node);
	drop_passed(list);
	ls_print_total(run, list);
	ls_print(run, list);
}

static void list_streamed(struct ls_run *run, struct pending *pending, struct ls_visit *visit)
{
	struct ls_list later = { .path = visit->path, .dir = visit->node };
	struct ls_list *list = &visit->list;

	list->dir = visit->node;
	ls_rules_enter(run, visit->node, visit->path, list->dirfd);
	ls_stream_dir(run, list, stream_file, &later);
	push_dirs(run, pending, &later, visit->node);
	ls_list_release(&later);
}

static void list_one(struct ls_run *run, struct pending *pending, struct ls_visit *visit)
{
	const bool is_read = ls_ahead_take(pending->ahead, visit);

	if (!is_read) {
		int r;

		ls_ahead_lock(pending->ahead);
		r = ls_open_dir(run, visit->node, visit->path, visit->is_operand,
		                &visit->list.dirfd);
		ls_ahead_unlock(pending->ahead);
		if (r < 0)
			return;
	}
	add_header(run, visit->path);
	if (run->streams)
		list_streamed(run, pending, visit);
	else
		list_gathered(run, pending, visit, is_read);
	ls_flush_some(run);
}

void ls_list_dir(struct ls_run *run, struct dir_node *node, const char *path)
{
	struct pending pending = { .ahead = ls_ahead_new(run) };

	vec_push(&pending, new_visit(node, mem_strdup(path), true));
	while (pending.len > 0 && !out_failed(run->ctx->out)) {
		struct ls_visit *visit = vec_pop(&pending);

		list_one(run, &pending, visit);
		free_visit(pending.ahead, visit);
	}
	pending.ahead = ls_ahead_free(pending.ahead);
	while (pending.len > 0)
		free_visit(NULL, vec_pop(&pending));
	vec_release(&pending);
}
