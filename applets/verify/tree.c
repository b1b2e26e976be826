/* SPDX-License-Identifier: MIT */
/* One tree: its names and what stat says of them, sorted. */
#include "trees.h"

#include "base/path.h"
#include "base/sig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

struct collecting {
	struct verify_run *run;
	struct tree *tree;
	struct strbuf path;
	size_t skip; /* of it: the root and its slash */
};

static void spell(struct collecting *c, const struct walk_entry *e)
{
	strbuf_clear(&c->path);
	walk_add_path(e, &c->path);
}

static char *name_of(const struct collecting *c, const struct walk_entry *e)
{
	return mem_strdup(e->depth == 0 ? "." : c->path.data + c->skip);
}

static struct tree_node node_of(const struct stat *st)
{
	return (struct tree_node){ .size = (uint64_t)st->st_size,
		                   .dev = st->st_dev,
		                   .ino = st->st_ino,
		                   .rdev = st->st_rdev,
		                   .mtime = st->st_mtim,
		                   .mode = st->st_mode,
		                   .uid = st->st_uid,
		                   .gid = st->st_gid };
}

static enum walk_action visit(const struct walk_entry *e, void *user)
{
	struct collecting *c = user;
	struct tree_node node;

	if (sig_stopped())
		return WALK_STOP;
	if (e->event == WALK_LEAVE)
		return WALK_CONTINUE;
	spell(c, e);
	if (e->depth == 0) {
		c->skip = c->path.len;
		c->skip += c->path.len > 0 && c->path.data[c->path.len - 1] != '/' ? 1 : 0;
	}
	if (e->event == WALK_ERROR || e->event == WALK_LOOP) {
		int err = e->event == WALK_LOOP ? ELOOP : e->err;
		struct verify_item item = { .status = VERIFY_UNREADABLE };
		char *name = name_of(c, e);

		(void)diag_partial(c->run->ctx->diag, err,
		                   e->event == WALK_LOOP ? "enter" : e->verb, c->path.data);
		item.path = name;
		verify_report(c->run, &item);
		vec_push(&c->tree->unreadable, name);
		return WALK_CONTINUE;
	}
	if (e->st == NULL)
		return WALK_CONTINUE; /* its WALK_ERROR says so */
	if (!filter_passes_stat(c->run->filter, e->type, e->st))
		return WALK_CONTINUE;
	node = node_of(e->st);
	node.path = name_of(c, e);
	vec_push(&c->tree->nodes, node);
	return WALK_CONTINUE;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct tree_node *x = a;
	const struct tree_node *y = b;

	return strcmp(x->path, y->path);
}

int tree_collect(struct verify_run *run, const char *root, struct tree *ret)
{
	const struct walk_select select = filter_select(run->filter);
	const struct walk_opts opts = { .order = WALK_SORTED,
		                        .follow = WALK_FOLLOW_ROOTS,
		                        .one_file_system = run->opts->one_file_system,
		                        .stat = true,
		                        .max_depth = WALK_DEPTH_ANY,
		                        .threads = (unsigned)run->opts->jobs,
		                        .select = &select };
	AUTO_FREE_STR char *copy = mem_strdup(root);
	char *const roots[] = { copy, NULL };
	struct collecting c = { .run = run, .tree = ret };
	int r;

	ret->root = root;
	ret->place = (struct verify_place){ .dirfd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC),
		                            .without_links = true };
	if (ret->place.dirfd < 0)
		return diag_fail(run->ctx->diag, errno, "enter", root);
	r = walk(roots, &opts, visit, &c, NULL);
	strbuf_release(&c.path);
	if (r < 0)
		return diag_fail(run->ctx->diag, -r, "search", root);
	if (ret->nodes.len > 1)
		qsort(ret->nodes.items, ret->nodes.len, sizeof(ret->nodes.items[0]), compare_nodes);
	return 0;
}

void tree_release(struct tree *tree)
{
	for (size_t i = 0; i < tree->nodes.len; i++)
		free(tree->nodes.items[i].path);
	vec_release(&tree->nodes);
	for (size_t i = 0; i < tree->unreadable.len; i++)
		free(tree->unreadable.items[i]);
	vec_release(&tree->unreadable);
	if (tree->place.dirfd >= 0)
		(void)close(tree->place.dirfd);
}

bool tree_hides(const struct tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->unreadable.len; i++) {
		if (path_is_inside(path, tree->unreadable.items[i]))
			return true;
	}
	return false;
}
