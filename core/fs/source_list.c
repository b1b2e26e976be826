/* SPDX-License-Identifier: MIT */
#include "fs/source_list.h"

#include "base/map.h"
#include "base/mem.h"
#include "fs/member_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct lister {
	const struct source_list_opts *opts;
	struct source_list *list;
	struct map *files; /* (device, inode) of those with several names; index + 1 */
	size_t root_len;   /* bytes of the root's path, as the walk writes it */
	struct strbuf path;
};

/* (device, inode) */
struct file_key {
	uint64_t dev, ino;
};

char *source_prefix(const char *operand, bool *ret_cut)
{
	AUTO_RELEASE_STRBUF struct strbuf clean = { 0 };
	const char *path;
	size_t from = 0;

	member_name_clean(&clean, operand, strlen(operand), 0);
	path = strbuf_str(&clean);
	for (size_t i = 0; i + 1 < clean.len; i++) {
		const bool begins = i == 0 || path[i - 1] == '/';
		const bool ends = i + 2 == clean.len || path[i + 2] == '/';

		if (begins && ends && path[i] == '.' && path[i + 1] == '.')
			from = i + 2 < clean.len ? i + 3 : i + 2;
	}
	*ret_cut = from > 0 || operand[0] == '/';
	return mem_strdup(path + from);
}

static size_t add_name(struct source_list *l, const char *name, size_t len)
{
	const size_t at = l->names.len;

	strbuf_add(&l->names, name, len);
	strbuf_add_char(&l->names, '\0');
	return at;
}

static bool is_skipped(const struct source_list_opts *o, const struct stat *st)
{
	for (size_t i = 0; i < ARRAY_LEN(o->skip_ino); i++)
		if (o->skip_ino[i] != 0 && o->skip_ino[i] == st->st_ino &&
		    o->skip_dev[i] == st->st_dev)
			return true;
	return false;
}

static void note_links(struct lister *l, struct source_entry *e, const struct stat *st)
{
	const struct file_key key = { st->st_dev, st->st_ino };
	struct map_entry *known;
	bool added;

	e->st.is_linked = e->type == DT_REG && st->st_nlink > 1;
	if (!e->st.is_linked || !l->opts->hard_links)
		return;
	known = map_add(l->files, &key, sizeof(key), &added);
	if (added)
		known->value = l->list->entries.len + 1;
	else
		e->link = known->value;
}

/* What is below the root, in the path the walk writes. */
static const char *below_root(const struct lister *l)
{
	const char *path = strbuf_str(&l->path) + l->root_len;

	while (*path == '/')
		path++;
	return path;
}

static void add_entry(struct lister *l, const struct walk_entry *w)
{
	const struct stat *st = w->st;
	struct source_list *list = l->list;
	struct source_entry e = { .dir = SOURCE_NO_DIR, .root = w->root, .type = w->type };

	e.st.dev = st->st_dev;
	e.st.ino = st->st_ino;
	e.st.size = (uint64_t)st->st_size;
	e.st.mtime = st->st_mtim;
	e.st.mode = st->st_mode & 07777;
	e.st.uid = st->st_uid;
	e.st.gid = st->st_gid;
	e.st.rdev = st->st_rdev;
	e.name = add_name(list, w->name, w->name_len);
	if (w->parent != NULL)
		memcpy(&e.dir, walk_dir_data(w->parent), sizeof(e.dir));
	if (w->type == DT_DIR) {
		strbuf_clear(&l->path);
		walk_add_path(w, &l->path);
		if (w->depth == 0)
			l->root_len = l->path.len;
		e.own = (uint32_t)list->dirs.len;
		vec_push(&list->dirs,
		         (struct source_dir){
				 w->root, add_name(list, below_root(l), strlen(below_root(l))) });
		if (w->dir != NULL)
			memcpy(walk_dir_data(w->dir), &e.own, sizeof(e.own));
	}
	note_links(l, &e, st);
	if (w->type == DT_REG && e.link == 0)
		list->bytes += e.st.size;
	vec_push(&list->entries, e);
}

static enum walk_action visit(const struct walk_entry *w, void *user)
{
	struct lister *l = user;
	const struct source_list_opts *o = l->opts;

	if (o->stopped(o->user))
		return WALK_STOP;
	if (w->event == WALK_ERROR || w->event == WALK_LOOP) {
		strbuf_clear(&l->path);
		walk_add_path(w, &l->path);
		o->trouble(strbuf_str(&l->path), w->event == WALK_LOOP ? "enter again" : w->verb,
		           w->event == WALK_LOOP ? ELOOP : w->err, o->user);
		return WALK_CONTINUE;
	}
	if (w->event != WALK_ENTER || w->st == NULL || is_skipped(o, w->st))
		return WALK_CONTINUE;
	/* A directory that is left out is still the way to what is below it. */
	if (w->type != DT_DIR && !filter_passes_stat(o->filter, w->type, w->st))
		return WALK_CONTINUE;
	add_entry(l, w);
	return WALK_CONTINUE;
}

/* The directory that all below it is opened from. */
static int open_roots(struct source_list *l, const struct source_list_opts *opts)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (opts->follow ? 0 : O_NOFOLLOW);

	for (size_t i = 0; i < l->entries.len; i++) {
		const struct source_entry *e = &l->entries.items[i];
		struct source_root *root = &l->roots.items[e->root];

		if (e->dir != SOURCE_NO_DIR || e->type != DT_DIR || root->fd >= 0)
			continue;
		root->fd = open(root->operand, flags);
		/* A slash at the end of an operand follows a link. */
		if (root->fd < 0)
			opts->trouble(root->operand, "open", errno, opts->user);
	}
	return 0;
}

int source_list_read(char *const *operands, const struct source_list_opts *opts,
                     struct source_list *ret)
{
	struct walk_select select = filter_select(opts->filter);
	const struct walk_opts how = {
		.order = WALK_SORTED,
		.follow = opts->follow ? WALK_FOLLOW_ALWAYS : WALK_FOLLOW_NEVER,
		.one_file_system = opts->one_file_system,
		.stat = true,
		.max_depth = WALK_DEPTH_ANY,
		.dir_data_size = sizeof(uint32_t),
		.select = &select,
	};
	struct lister l = { .opts = opts, .list = ret, .files = map_new() };
	struct walk_result result = { 0 };
	int r;

	for (size_t i = 0; operands[i] != NULL; i++) {
		bool cut;

		vec_push(&ret->roots,
		         (struct source_root){
				 .operand = operands[i],
				 .prefix = source_prefix(operands[i] + strlen(opts->base), &cut),
				 .omit = opts->omit_roots,
				 .fd = -1 });
	}
	r = walk(operands, &how, visit, &l, &result);
	ret->vanished = result.vanished;
	if (r == 0)
		r = open_roots(ret, opts);
	(void)map_free(l.files);
	strbuf_release(&l.path);
	return r;
}

static void add_part(struct strbuf *b, const char *part)
{
	if (b->len > 0 && part[0] != '\0')
		strbuf_add_char(b, '/');
	strbuf_add_str(b, part);
}

void source_list_add_member(const struct source_list *l, const struct source_entry *e,
                            struct strbuf *ret)
{
	const struct source_root *root = &l->roots.items[e->root];
	const bool is_root = e->dir == SOURCE_NO_DIR;

	if (!root->omit || (is_root && e->type != DT_DIR))
		add_part(ret, root->prefix);
	if (is_root)
		return;
	add_part(ret, l->names.data + l->dirs.items[e->dir].path);
	add_part(ret, l->names.data + e->name);
}

void source_list_add_path(const struct source_list *l, const struct source_entry *e,
                          struct strbuf *ret)
{
	strbuf_add_str(ret, l->roots.items[e->root].operand);
	if (e->dir == SOURCE_NO_DIR)
		return;
	while (ret->len > 1 && ret->data[ret->len - 1] == '/')
		strbuf_truncate(ret, ret->len - 1);
	add_part(ret, l->names.data + l->dirs.items[e->dir].path);
	add_part(ret, l->names.data + e->name);
}

void source_list_release(struct source_list *l)
{
	for (size_t i = 0; i < l->roots.len; i++) {
		free(l->roots.items[i].prefix);
		if (l->roots.items[i].fd >= 0)
			(void)close(l->roots.items[i].fd);
	}
	vec_release(&l->roots);
	vec_release(&l->dirs);
	vec_release(&l->entries);
	strbuf_release(&l->names);
}
