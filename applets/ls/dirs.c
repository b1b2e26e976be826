/* SPDX-License-Identifier: MIT */
/* The content of directories, one after the other, each with what is below it before the next. */
#include "ls.h"

#include <errno.h>

/* A directory that is still to be listed. */
struct pending {
	struct dir_node *node; /* owned */
	char *path;            /* owned */
	bool is_operand;
};

struct pendings {
	VEC_FIELDS(struct pending);
};

static bool is_dot(const struct ls_file *file)
{
	return file->name[0] == '.' && (file->len == 1 || (file->len == 2 && file->name[1] == '.'));
}

static void push(struct ls_run *run, struct pendings *pendings, const struct ls_list *list,
                 struct dir_node *node, const struct ls_file *file)
{
	struct strbuf path = { 0 };
	const bool follow = run->follow == LS_FOLLOW_ALWAYS;

	ls_add_path(list, file->name, &path);
	vec_push(pendings,
	         (struct pending){ .node = dir_node_new(node, file->name, file->len, follow),
	                           .path = strbuf_detach(&path) });
}

/* Adds the subdirectories, the first one last. */
static void push_dirs(struct ls_run *run, struct pendings *pendings, const struct ls_list *list,
                      struct dir_node *node)
{
	const int64_t level = run->opts->level;

	if (!run->opts->recursive || (level != 0 && dir_node_depth(node) + 1 >= level))
		return;
	for (size_t i = list->len; i > 0; i--) {
		const struct ls_file *file = list->items[i - 1].file;

		if (ls_is_dir(file) && !is_dot(file) && ls_rules_enters(run, list, file))
			push(run, pendings, list, node, file);
	}
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

static void list_one(struct ls_run *run, struct pendings *pendings, const struct pending *p)
{
	struct ls_list list = { .path = p->path };
	struct ls_list later = { .path = p->path };

	if (ls_open_dir(run, p->node, p->path, p->is_operand, &list.dirfd) < 0)
		return;
	add_header(run, p->path);
	if (run->streams) {
		list.dir = later.dir = p->node;
		ls_rules_enter(run, p->node, p->path, list.dirfd);
		ls_stream_dir(run, &list, stream_file, &later);
		push_dirs(run, pendings, &later, p->node);
	} else {
		ls_read_dir(run, &list, p->node, p->path);
		push_dirs(run, pendings, &list, p->node);
		drop_passed(&list);
		ls_print_total(run, &list);
		ls_print(run, &list);
	}
	ls_flush_some(run);
	ls_list_release(&later);
	ls_list_release(&list);
}

void ls_list_dir(struct ls_run *run, struct dir_node *node, const char *path)
{
	struct pendings pendings = { 0 };

	vec_push(&pendings,
	         (struct pending){ .node = node, .path = mem_strdup(path), .is_operand = true });
	while (pendings.len > 0) {
		struct pending p = vec_pop(&pendings);

		if (!out_failed(run->ctx->out))
			list_one(run, &pendings, &p);
		dir_node_free(p.node);
		free(p.path);
	}
	vec_release(&pendings);
}
