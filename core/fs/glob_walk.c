/* SPDX-License-Identifier: MIT */
#include "fs/glob_walk.h"

#include "base/map.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>

/* What is live in a directory; shared by those where the same is. */
struct state {
	atomic_uint users;
	bool is_literal;           /* its entries are looked up, not read */
	bool has_dots;             /* some part is looked up in any case */
	struct filter_dir *filter; /* NULL: not asked */
	size_t n;
	uint32_t live[];
};

struct search {
	const struct glob_walk_opts *opts;
	const struct glob_walk_hooks *hooks;
	const struct filter *filter;  /* NULL: lets everything through */
	struct state **roots;         /* owned: at each root; NULL: excluded */
	const uint32_t *root_numbers; /* of the walk's roots, in paths->roots */
	struct map *literals;         /* owned: paths that were looked up; NULL: none */
};

/* ---- states ---- */

static struct state *state_new(const struct glob_paths *p, const struct glob_live *live,
                               struct filter_dir *filter)
{
	struct state *s = mem_alloc(sizeof(*s) + live->len * sizeof(s->live[0]));

	atomic_init(&s->users, 1);
	s->filter = filter;
	s->n = live->len;
	if (live->len > 0)
		memcpy(s->live, live->items, live->len * sizeof(s->live[0]));
	/* Under a filter all directories on the way have to be seen by it. */
	s->is_literal = filter == NULL && glob_live_is_literal(p, s->live, s->n);
	s->has_dots = false;
	for (size_t i = 0; i < s->n; i++)
		s->has_dots = s->has_dots || p->parts.items[s->live[i]].kind == GLOB_PART_DOT;
	return s;
}

static struct state *state_share(struct state *s)
{
	atomic_fetch_add_explicit(&s->users, 1, memory_order_relaxed);
	return s;
}

static void state_unref(struct state *s)
{
	if (atomic_fetch_sub_explicit(&s->users, 1, memory_order_acq_rel) != 1)
		return;
	(void)filter_dir_free(s->filter);
	free(s);
}

static void forget(void *state, void *user)
{
	(void)user;
	state_unref(state);
}

/* ---- matches ---- */

static unsigned char type_at(int dirfd, const char *name, bool follow)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_NO_AUTOMOUNT | (follow ? 0 : AT_SYMLINK_NOFOLLOW)) != 0)
		return DT_UNKNOWN;
	return (unsigned char)IFTODT(st.st_mode);
}

/* The type to be told: that of what a link leads to when links are followed, if anything. */
static unsigned char told_type(const struct search *s, int dirfd, const char *name,
                               unsigned char type)
{
	unsigned char behind;

	if (!s->opts->follow || type != DT_LNK)
		return type;
	behind = type_at(dirfd, name, true);
	return behind != DT_UNKNOWN ? behind : type;
}

static bool is_directory(int dirfd, const char *name, unsigned char type)
{
	return type == DT_DIR || (type == DT_LNK && type_at(dirfd, name, true) == DT_DIR);
}

/* False: the walk is to end. */
static bool report(const struct search *s, struct glob_match *m)
{
	if (m->depth < s->opts->min_depth || m->depth > s->opts->max_depth)
		return true;
	m->type = told_type(s, m->dirfd, m->name, m->type);
	if (m->parent != NULL && s->literals != NULL) {
		AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

		glob_match_add_path(m, &path);
		if (map_find(s->literals, path.data, path.len) != NULL)
			return true;
	}
	return s->hooks->found(m, s->hooks->user);
}

/* A literal path with a . or .. in it that is not its start has no certain depth. */
static unsigned count_names(const char *path)
{
	unsigned n = 0;

	for (const char *at = path; *at != '\0';) {
		size_t len = strcspn(at, "/");

		n += len > 0 && (strspn(at, ".") < len || len > 2);
		at += len;
		at += strspn(at, "/");
	}
	return n;
}

static size_t root_skip(const struct search *s, unsigned root)
{
	const struct glob_root *r = &s->opts->paths->roots.items[s->root_numbers[root]];

	return r->path[0] == '\0' ? 2 : 0; /* the ./ of . */
}

static unsigned depth_at(const struct search *s, const struct walk_entry *e)
{
	return s->opts->paths->roots.items[s->root_numbers[e->root]].depth + e->depth;
}

/* ---- hooks of the walk ---- */

/*
 * The same decisions for an entry of a listing that is a directory, or a link that may lead to
 * one. A link is followed when a component names it; ** goes through it with `follow` only.
 */
static bool leads_on(const struct search *s, const struct walk_entry *e, const struct state *dir,
                     unsigned char type)
{
	struct glob_down down = { e->name, e->name_len, GLOB_STEP_PLAIN };

	if (type == DT_LNK && !s->opts->follow)
		down.how = GLOB_STEP_LINKED;
	return (type == DT_DIR || type == DT_LNK) && depth_at(s, e) < s->opts->max_depth &&
	       glob_live_enters(s->opts->paths, dir->live, dir->n, &down);
}

static void match_entry(const struct search *s, const struct walk_entry *e, const struct state *dir,
                        unsigned char type)
{
	const struct glob_paths *p = s->opts->paths;
	struct glob_name name = { e->name, e->name_len, type == DT_DIR, GLOB_NO_PATTERN };
	struct glob_match m = { .dirfd = e->dirfd,
		                .name = e->name,
		                .type = type,
		                .depth = depth_at(s, e),
		                .worker = e->worker,
		                .parent = e->parent,
		                .skip = root_skip(s, e->root) };

	m.pattern = glob_live_match(p, dir->live, dir->n, &name, &m.slash);
	if (type == DT_LNK && (m.pattern == GLOB_NO_PATTERN || p->has_negated)) {
		/* Perhaps a pattern for directories, which links to them are as well. */
		name.is_directory = true;
		if (glob_live_match(p, dir->live, dir->n, &name, NULL) != m.pattern &&
		    is_directory(e->dirfd, e->name, type))
			m.pattern = glob_live_match(p, dir->live, dir->n, &name, &m.slash);
	}
	if (m.pattern != GLOB_NO_PATTERN && !report(s, &m))
		walk_stop(e->walk);
}

static bool wanted(const struct walk_entry *e, void *user)
{
	const struct search *s = user;
	const struct state *dir = walk_select_state(e->parent);
	unsigned char type = e->type;

	if (type == DT_UNKNOWN)
		type = type_at(e->dirfd, e->name, false);
	if (type == DT_UNKNOWN || (s->filter != NULL && !filter_wants(s->filter, dir->filter,
	                                                              e->name, e->name_len, type)))
		return false;
	match_entry(s, e, dir, type);
	return leads_on(s, e, dir, type);
}

/* Looks up what is left of the patterns whose rest has no wildcard. */
static void look_up(const struct search *s, const struct walk_entry *e, int fd,
                    const struct state *dir, struct walk_dir *self)
{
	const struct glob_paths *p = s->opts->paths;

	for (size_t i = 0; i < dir->n; i++) {
		const struct glob_part *part = &p->parts.items[dir->live[i]];
		struct glob_match m = { .dirfd = fd,
			                .name = part->tail,
			                .pattern = part->pattern,
			                .worker = e->worker,
			                .parent = self,
			                .skip = root_skip(s, e->root) };
		struct glob_name name;

		if (part->tail == NULL || part->negated ||
		    !(dir->is_literal || part->kind == GLOB_PART_DOT))
			continue;
		m.type = type_at(fd, part->tail, false);
		if (m.type == DT_UNKNOWN)
			continue;
		name = (struct glob_name){ part->tail, strlen(part->tail),
			                   is_directory(fd, part->tail, m.type), GLOB_NO_PATTERN };
		if (part->kind != GLOB_PART_DOT &&
		    glob_live_match_path(p, dir->live, dir->n, &name) != part->pattern)
			continue; /* another has it, or a negated one took it */
		for (size_t j = dir->live[i];; j++) {
			m.slash = p->parts.items[j].directories;
			if (p->parts.items[j].is_last)
				break;
		}
		if (m.slash && !name.is_directory)
			continue;
		m.depth = depth_at(s, e) + count_names(part->tail);
		if (!report(s, &m))
			walk_stop(e->walk);
	}
}

/* The state of a directory that is no root. */
static struct state *state_below(const struct search *s, const struct walk_entry *e,
                                 struct filter_dir *filter)
{
	const struct glob_paths *p = s->opts->paths;
	struct state *up = walk_select_state(e->parent);
	struct glob_live live = { 0 };
	bool linked = s->opts->follow ? walk_dir_is_looped(e->dir) : walk_dir_is_linked(e->dir);
	struct glob_down down = { e->name, e->name_len,
		                  linked ? GLOB_STEP_LINKED : GLOB_STEP_PLAIN };
	struct state *ret;

	glob_live_step(p, up->live, up->n, &down, &live);
	if (filter == NULL && live.len == up->n && live.len > 0 &&
	    memcmp(live.items, up->live, live.len * sizeof(live.items[0])) == 0)
		ret = state_share(up);
	else
		ret = state_new(p, &live, filter);
	vec_release(&live);
	return ret;
}

static bool descend(const struct walk_entry *e, int fd, void **state, void *user)
{
	struct search *s = user;
	struct filter_dir *filter = NULL;
	struct state *here;
	bool reads = true;

	if (e->parent == NULL) {
		here = state_share(s->roots[e->root]);
	} else {
		const struct state *up = walk_select_state(e->parent);

		if (s->filter != NULL)
			reads = filter_enter(s->filter, up->filter, e->name, fd, &filter);
		here = state_below(s, e, filter);
	}
	*state = here;
	if (reads && (here->is_literal || here->has_dots))
		look_up(s, e, fd, here, e->dir);
	return reads && !here->is_literal;
}

/*
 * Names go through the links they match, also when these lead back up: there are only so many.
 * ** goes through links with `follow` only, and without links nothing leads up for ever.
 */
static bool enter_loop(const struct walk_entry *e, void *user)
{
	const struct search *s = user;
	const struct state *up = walk_select_state(e->parent);
	struct glob_down down = { e->name, e->name_len, GLOB_STEP_LINKED };

	return !s->opts->follow || glob_live_enters(s->opts->paths, up->live, up->n, &down);
}

/* There is no such path, which is no trouble. */
static bool is_nothing(int err)
{
	return err == ENOENT || err == ENOTDIR || err == ELOOP;
}

static enum walk_action visit(const struct walk_entry *e, void *user)
{
	const struct search *s = user;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	if (e->event != WALK_ERROR)
		return WALK_CONTINUE;
	/* A link that leads nowhere, or a literal start that does not exist, has nothing in it. */
	if (e->type == DT_LNK || (is_nothing(e->err) && e->depth == 0))
		return WALK_CONTINUE;
	walk_add_path(e, &path);
	s->hooks->failed(e->verb, strbuf_str(&path) + (e->depth > 0 ? root_skip(s, e->root) : 0),
	                 e->err, s->hooks->user);
	return WALK_CONTINUE;
}

/* ---- what comes before the first wildcard ---- */

/* The filter's view of the directory `path` below `base`; false: excluded. */
static bool filter_way(const struct search *s, const char *base, const char *path,
                       struct filter_dir **ret)
{
	AUTO_CLOSE int fd = open(base, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	AUTO_FREE(filter_dir) struct filter_dir *dir = NULL;
	bool reads = filter_enter(s->filter, NULL, base, fd, &dir);

	while (reads && *path != '\0') {
		size_t len = strcspn(path, "/");
		AUTO_FREE_STR char *name = mem_strndup(path, len);
		struct filter_dir *below = NULL;
		int inner;

		if (!filter_wants(s->filter, dir, name, len, DT_DIR))
			return false;
		inner = fd < 0 ? -1
		               : openat(fd, name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
		reads = filter_enter(s->filter, dir, name, inner, &below);
		(void)filter_dir_free(dir);
		dir = below;
		if (fd >= 0)
			(void)close(fd);
		fd = inner;
		path += len + (path[len] == '/');
	}
	if (reads)
		*ret = take(&dir);
	return reads;
}

static const char *base_of(const char *anchor)
{
	return anchor[0] == '\0' ? "." : anchor;
}

static struct state *root_state(const struct search *s, const struct glob_root *root)
{
	const struct glob_paths *p = s->opts->paths;
	const char *anchor = p->anchors.items[root->anchor].text;
	const char *below = root->path + strlen(anchor);
	struct filter_dir *filter = NULL;
	struct glob_live live = { 0 };
	struct state *ret;

	if (s->filter != NULL && !filter_way(s, base_of(anchor), below, &filter))
		return NULL;
	glob_live_start(p, root->anchor, &live);
	while (*below != '\0') {
		struct glob_down down = { below, strcspn(below, "/"), GLOB_STEP_PLAIN };
		struct glob_live next = { 0 };

		glob_live_step(p, live.items, live.len, &down, &next);
		vec_release(&live);
		live = next;
		below += down.len + 1;
	}
	ret = state_new(p, &live, filter);
	vec_release(&live);
	return ret;
}

/* The filter's view of where the last literal was, for the next one. */
struct way {
	char *dir; /* owned; NULL: none yet */
	struct filter_dir *filter;
	bool reads;
};

static bool literal_wanted(const struct search *s, const struct glob_literal_path *l,
                           unsigned char type, struct way *way)
{
	const char *slash = strrchr(l->path, '/');
	size_t dir_len = slash != NULL ? (size_t)(slash - l->path) + 1 : 0;
	const char *name = l->path + dir_len;
	size_t base_len = strspn(l->path, "/");

	if (s->filter == NULL || *name == '\0')
		return true;
	/* Leading ./ and ../ are where the filter starts. */
	while (strncmp(l->path + base_len, "./", 2) == 0 ||
	       strncmp(l->path + base_len, "../", 3) == 0)
		base_len += strcspn(l->path + base_len, "/") + 1;
	if (way->dir == NULL || strlen(way->dir) != dir_len ||
	    memcmp(way->dir, l->path, dir_len) != 0) {
		AUTO_FREE_STR char *base = mem_strndup(l->path, base_len);

		free(way->dir);
		way->filter = filter_dir_free(way->filter);
		way->dir = mem_strndup(l->path, dir_len);
		way->reads = filter_way(s, base_of(base), way->dir + base_len, &way->filter);
	}
	return way->reads && filter_wants(s->filter, way->filter, name, strlen(name), type);
}

/* False: the search is to end. */
static bool look_up_literal(struct search *s, const struct glob_literal_path *l, struct way *way)
{
	struct glob_match m = { .dirfd = AT_FDCWD, .name = l->path, .slash = l->directory };
	struct stat st;
	bool is_dir;
	bool added = true;

	if (fstatat(AT_FDCWD, l->path, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
		if (!is_nothing(errno))
			s->hooks->failed("access", l->path, errno, s->hooks->user);
		return true;
	}
	m.type = (unsigned char)IFTODT(st.st_mode);
	is_dir = (l->directory || s->opts->paths->parts.len > 0) &&
	         is_directory(AT_FDCWD, l->path, m.type);
	if (l->directory && !is_dir)
		return true;
	if (s->literals != NULL)
		(void)map_add(s->literals, l->path, l->len, &added);
	m.pattern = glob_paths_match(s->opts->paths, l->path, l->len, is_dir, l->pattern);
	if (!added || m.pattern == GLOB_NO_PATTERN || !literal_wanted(s, l, m.type, way))
		return true;
	m.depth = count_names(l->path);
	return report(s, &m);
}

static bool look_up_literals(struct search *s)
{
	const struct glob_paths *p = s->opts->paths;
	struct way way = { 0 };
	bool goes_on = true;

	if (p->literals.len > 1 || (p->literals.len > 0 && p->roots.len > 0))
		s->literals = map_new();
	for (size_t i = 0; i < p->literals.len && goes_on; i++)
		goes_on = look_up_literal(s, &p->literals.items[i], &way);
	free(way.dir);
	(void)filter_dir_free(way.filter);
	return goes_on;
}

/* ---- all of it ---- */

static struct walk_opts walk_opts_of(const struct glob_walk_opts *opts)
{
	return (struct walk_opts){ .order = WALK_UNORDERED,
		                   .follow = WALK_FOLLOW_ALWAYS,
		                   .one_file_system = opts->one_file_system,
		                   .max_depth = WALK_DEPTH_ANY,
		                   .threads = opts->threads,
		                   .workers = opts->workers };
}

unsigned glob_walk_workers(const struct glob_walk_opts *opts)
{
	struct walk_opts plain = walk_opts_of(opts);

	return walk_workers_max(&plain);
}

static int walk_all(struct search *s, size_t n_roots)
{
	const struct glob_paths *p = s->opts->paths;
	struct walk_select select = { .wanted = wanted,
		                      .descend = descend,
		                      .forget = forget,
		                      .enter_loop = enter_loop,
		                      .user = s };
	struct walk_opts opts = walk_opts_of(s->opts);
	char **roots = mem_alloc_array(n_roots + 1, sizeof(*roots));
	uint32_t *numbers = mem_alloc_array(n_roots + 1, sizeof(*numbers));
	AUTO_FREE_STR char *here = mem_strdup(".");
	size_t n = 0;
	int r = 0;

	s->roots = mem_alloc_array(n_roots + 1, sizeof(struct state *));
	for (size_t i = 0; i < n_roots; i++) {
		struct glob_root *root = &p->roots.items[i];
		struct state *state = root_state(s, root);

		if (state == NULL)
			continue;
		s->roots[n] = state;
		numbers[n] = (uint32_t)i;
		roots[n++] = root->path[0] != '\0' ? root->path : here;
	}
	roots[n] = NULL;
	s->root_numbers = numbers;
	opts.select = &select;
	if (n > 0)
		r = walk(roots, &opts, visit, s, NULL);
	for (size_t i = 0; i < n; i++)
		state_unref(s->roots[i]);
	free(s->roots);
	free(roots);
	free(numbers);
	return r;
}

int glob_walk(const struct glob_walk_opts *opts, const struct glob_walk_hooks *hooks)
{
	struct search s = { .opts = opts,
		            .hooks = hooks,
		            .filter = opts->filter != NULL && !filter_is_trivial(opts->filter)
		                              ? opts->filter
		                              : NULL };
	int r = 0;

	if (look_up_literals(&s))
		r = walk_all(&s, opts->paths->roots.len);
	s.literals = map_free(s.literals);
	return r;
}

void glob_match_add_path(const struct glob_match *match, struct strbuf *ret)
{
	if (match->parent != NULL) {
		size_t before = ret->len;

		walk_add_dir_path(match->parent, ret);
		if (ret->data[ret->len - 1] != '/')
			strbuf_add_char(ret, '/');
		if (match->skip > 0) {
			memmove(ret->data + before, ret->data + before + match->skip,
			        ret->len - before - match->skip + 1);
			ret->len -= match->skip;
		}
	}
	strbuf_add_str(ret, match->name);
	if (match->slash && ret->data[ret->len - 1] != '/')
		strbuf_add_char(ret, '/');
}
