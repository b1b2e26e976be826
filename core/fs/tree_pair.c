/* SPDX-License-Identifier: MIT */
#include "fs/tree_pair.h"

#include "fs/dir_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>

struct tree_pair {
	const struct tree_pair_opts *opts;
	const struct tree_pair_hooks *hooks;
	struct pool *pool;
};

static struct tree_pair_dir *new_dir(struct tree_pair *pair, struct tree_pair_dir *parent,
                                     struct held_dir *from, struct held_dir *to)
{
	struct tree_pair_dir *d = mem_alloc_zeroed(sizeof(*d));

	d->pair = pair;
	d->parent = parent;
	d->from = from;
	d->to = to;
	d->from_fd = -1;
	d->to_fd = -1;
	atomic_init(&d->pending, 1);
	atomic_init(&d->marks, 0);
	if (parent != NULL)
		atomic_fetch_add(&parent->pending, 1);
	return d;
}

static void free_dir(struct tree_pair_dir *d)
{
	(void)filter_dir_free(d->filter);
	(void)held_dir_free(d->from);
	(void)held_dir_free(d->to);
	free(d);
}

static void trouble(struct tree_pair_dir *d, enum tree_side side, const char *verb, int err)
{
	const struct tree_pair_hooks *hooks = d->pair->hooks;

	if (side == TREE_FROM) {
		d->from_failed = true;
		d->from_gone = err == -ENOENT || err == -ESTALE;
	} else {
		d->to_failed = true;
	}
	hooks->trouble(d, side, verb, -err, hooks->user);
}

static void add_child(struct tree_pair_dir *d, const struct tree_pair_entry *e,
                      struct pool_list *list)
{
	struct held_dir *to = NULL;
	struct tree_pair_dir *child;

	if (d->to != NULL)
		to = held_dir_child(d->to, e->name, e->len);
	child = new_dir(d->pair, d, held_dir_child(d->from, e->name, e->len), to);
	child->has_to = e->to_type == DT_DIR;
	pool_list_add(list, &child->job);
}

/* The type of an entry whose file system does not say. */
static unsigned char type_of(int dirfd, const struct dir_item *item)
{
	struct stat st;

	if (item->type != DT_UNKNOWN)
		return item->type;
	if (fstatat(dirfd, item->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return DT_UNKNOWN;
	return (unsigned char)IFTODT(st.st_mode);
}

/* `item` is the source's when it is there, else the target's; `to` NULL: not in the target. */
static struct tree_pair_entry merge_one(const struct tree_pair_dir *d, const struct dir_item *item,
                                        bool in_from, const struct dir_item *to)
{
	const struct filter *filter = d->pair->opts->filter;
	struct tree_pair_entry e = { .name = item->name,
		                     .len = item->len,
		                     .from_type = TREE_ABSENT,
		                     .to_type = TREE_ABSENT };

	if (in_from)
		e.from_type = type_of(d->from_fd, item);
	if (to != NULL)
		e.to_type = type_of(d->to_fd, to);
	if (filter != NULL)
		e.excluded = !filter_wants(filter, d->filter, e.name, e.len,
		                           in_from ? e.from_type : e.to_type);
	return e;
}

static void merge(struct tree_pair_dir *d, const struct dir_list *from, const struct dir_list *to,
                  unsigned worker)
{
	const struct tree_pair_hooks *hooks = d->pair->hooks;
	struct pool_list children = { 0 };
	size_t a = 0;
	size_t b = 0;

	while ((a < from->len || b < to->len) && !hooks->stopped(hooks->user)) {
		int order = a == from->len ? 1
		            : b == to->len ? -1
		                           : strcmp(from->items[a].name, to->items[b].name);
		const struct dir_item *other = order >= 0 ? &to->items[b] : NULL;
		struct tree_pair_entry e =
			merge_one(d, order <= 0 ? &from->items[a] : other, order <= 0, other);

		a += order <= 0;
		b += order >= 0;
		if (hooks->entry(d, &e, worker, hooks->user))
			add_child(d, &e, &children);
	}
	if (children.len > 0)
		pool_add(d->pair->pool, &children);
}

static void read_both(struct tree_pair_dir *d, unsigned worker)
{
	struct dir_list from = { 0 };
	struct dir_list to = { 0 };
	int r = dir_list_read(&from, d->from_fd);

	if (r < 0)
		trouble(d, TREE_FROM, "read directory", r);
	if (d->to_fd >= 0 && !d->to_is_empty) {
		r = dir_list_read(&to, d->to_fd);
		if (r < 0)
			trouble(d, TREE_TO, "read directory", r);
	}
	/* With half of the target's names, what is there would be taken for new. */
	if (!d->to_failed)
		merge(d, &from, &to, worker);
	dir_list_release(&from);
	dir_list_release(&to);
}

static bool enter_filter(struct tree_pair_dir *d)
{
	const struct filter *filter = d->pair->opts->filter;
	struct filter_dir *above = d->parent != NULL ? d->parent->filter : NULL;
	size_t len;

	return filter == NULL ||
	       filter_enter(filter, above, held_dir_name(d->from, &len), d->from_fd, &d->filter);
}

int tree_pair_open_to(struct tree_pair_dir *d)
{
	int r = held_dir_get(d->to, &d->to_fd);

	if (r == 0)
		d->has_to = true;
	return r;
}

static void look_at(struct tree_pair_dir *d, unsigned worker)
{
	const struct tree_pair_hooks *hooks = d->pair->hooks;
	bool wanted;
	int r = held_dir_get(d->from, &d->from_fd);

	if (r < 0) {
		trouble(d, TREE_FROM, "open directory", r);
		return;
	}
	if (d->has_to && d->to != NULL) {
		r = tree_pair_open_to(d);
		if (r < 0)
			trouble(d, TREE_TO, "open directory", r);
	}
	wanted = enter_filter(d);
	if (!d->to_failed && hooks->enter(d, held_dir_stat(d->from), worker, hooks->user) && wanted)
		read_both(d, worker);
	held_dir_put(d->from);
	d->from_fd = -1;
	if (d->to_fd >= 0)
		held_dir_put(d->to);
	d->to_fd = -1;
}

/* `d` is looked at: leaves it when nothing below is pending, then perhaps its parents. */
static void finish(struct tree_pair_dir *d, unsigned worker)
{
	const struct tree_pair_hooks *hooks = d->pair->hooks;

	while (d != NULL && atomic_fetch_sub(&d->pending, 1) == 1) {
		struct tree_pair_dir *parent = d->parent;
		int fd;

		if (hooks->leave != NULL) {
			hooks->leave(d, worker, hooks->user);
			/* Deep down this is the short way back. */
			if (parent != NULL && d->has_to && d->to != NULL &&
			    held_dir_get(d->to, &fd) == 0) {
				held_dir_open_parent(d->to);
				held_dir_put(d->to);
			}
		}
		free_dir(d);
		d = parent;
	}
}

static void run(struct pool_job *job, unsigned worker, void *user)
{
	struct tree_pair *pair = user;
	/* The job is its first member. */
	struct tree_pair_dir *d = (struct tree_pair_dir *)(void *)job;

	d->worker = worker;
	if (!pair->hooks->stopped(pair->hooks->user))
		look_at(d, worker);
	else
		d->from_failed = true;
	finish(d, worker);
}

void tree_pair_walk(const struct tree_pair_opts *opts)
{
	struct tree_pair pair = { .opts = opts, .hooks = &opts->hooks };
	struct pool_list list = { 0 };
	struct tree_pair_dir *root;

	pair.pool = pool_new(opts->threads, opts->threads, run, &pair);
	root = new_dir(&pair, NULL, held_dir_ref(opts->from),
	               opts->to != NULL ? held_dir_ref(opts->to) : NULL);
	root->has_to = opts->to != NULL;
	pool_list_add(&list, &root->job);
	pool_add(pair.pool, &list);
	pool_drain(pair.pool);
	(void)pool_free(pair.pool);
}

void tree_pair_add_path(const struct tree_pair_dir *dir, const char *name, struct strbuf *ret)
{
	struct {
		VEC_FIELDS(const struct tree_pair_dir *);
	} way = { 0 };
	size_t begin = ret->len;
	size_t len;

	for (; dir->parent != NULL; dir = dir->parent)
		vec_push(&way, dir);
	while (way.len > 0) {
		const char *part = held_dir_name(vec_pop(&way)->from, &len);

		if (ret->len > begin)
			strbuf_add_char(ret, '/');
		strbuf_add(ret, part, len);
	}
	vec_release(&way);
	if (name == NULL)
		return;
	if (ret->len > begin)
		strbuf_add_char(ret, '/');
	strbuf_add_str(ret, name);
}
