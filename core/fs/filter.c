/* SPDX-License-Identifier: MIT */
#include "fs/filter.h"

#include "fs/filter_private.h"

#include <dirent.h>
#include <fcntl.h>

enum { PATH_ROOM = 4096 }; /* longer paths are put together on the heap */

/* ---- what is restricted at all ---- */

static bool restricts_metadata(const struct filter *f)
{
	const struct filter_opts *o = &f->opts;

	return o->min_size > 0 || o->has_max_size || o->has_newer || o->has_older || o->has_owner ||
	       o->has_group;
}

bool filter_follows_directories(const struct filter *f)
{
	return f->compares_paths || f->opts.exclude_caches || f->opts.exclude_if_present.len > 0;
}

bool filter_is_trivial(const struct filter *f)
{
	return f->sources.len == 0 && f->opts.types == 0 && !filter_follows_directories(f) &&
	       !restricts_metadata(f);
}

bool filter_needs_stat(const struct filter *f)
{
	return restricts_metadata(f);
}

uint64_t filter_unusable_files(const struct filter *f)
{
	return atomic_load_explicit(f->unusable, memory_order_relaxed);
}

static bool passes_type(const struct filter *f, unsigned char type)
{
	return f->opts.types == 0 || f->opts.types >> type & 1;
}

static int compare_times(struct timespec a, struct timespec b)
{
	if (a.tv_sec != b.tv_sec)
		return a.tv_sec < b.tv_sec ? -1 : 1;
	return (a.tv_nsec > b.tv_nsec) - (a.tv_nsec < b.tv_nsec);
}

bool filter_owner_fits(const struct filter_opts *o, const struct stat *st)
{
	return (!o->has_owner || (st->st_uid == o->owner) != o->not_owner) &&
	       (!o->has_group || (st->st_gid == o->group) != o->not_group);
}

bool filter_passes_stat(const struct filter *f, unsigned char type, const struct stat *st)
{
	const struct filter_opts *o = &f->opts;

	if (!passes_type(f, type))
		return false;
	if (type == DT_DIR)
		return true;
	if (type == DT_REG && (uint64_t)st->st_size < o->min_size)
		return false;
	if (type == DT_REG && o->has_max_size && (uint64_t)st->st_size > o->max_size)
		return false;
	if (o->has_newer && compare_times(st->st_mtim, o->newer) < 0)
		return false;
	if (o->has_older && compare_times(st->st_mtim, o->older) > 0)
		return false;
	return filter_owner_fits(o, st);
}

/* ---- deciding on a name ---- */

/*
 * The path, then each part of it after a slash. Of several slashes in a row gnulib takes
 * only the last for a pattern with wildcards, but all for a plain one.
 */
static bool matches_as_gnu(const struct glob *glob, const char *path, size_t len)
{
	size_t unused;
	bool plain = glob_literal(glob, &unused) != NULL;

	if (glob_matches(glob, path, len))
		return true;
	for (size_t i = 0; i + 1 < len; i++) {
		if (path[i] == '/' && (plain || path[i + 1] != '/') &&
		    glob_matches(glob, path + i + 1, len - i - 1))
			return true;
	}
	return false;
}

static const struct ignore_rule *find_as_gnu(const struct ignore_rules *rules, const char *path,
                                             size_t len)
{
	for (size_t i = 0; i < rules->len; i++) {
		if (rules->items[i].glob && matches_as_gnu(rules->items[i].glob, path, len))
			return &rules->items[i];
	}
	return NULL;
}

/* An entry's path in full, and where the part below its root starts. */
struct subject {
	const struct filter_entry *entry;
	const char *path;
	size_t len;
	struct ignore_subject below_root;
};

static bool ask_sources(const struct filter *f, const struct subject *s, struct filter_verdict *ret)
{
	for (size_t i = 0; i < f->sources.len; i++) {
		const struct filter_source *source = &f->sources.items[i];
		bool says_include =
			source->tag == FILTER_INCLUDE || source->tag == FILTER_INCLUDE_FROM;
		const struct ignore_rule *rule =
			source->gnu         ? find_as_gnu(&source->rules, s->path, s->len)
			: s->entry->is_root ? NULL
					    : ignore_rules_find(&source->rules, &s->below_root);

		if (!rule)
			continue;
		*ret = (struct filter_verdict){ .included = says_include != rule->negated,
			                        .reason = FILTER_BY_SOURCE,
			                        .source = source,
			                        .rule = rule };
		return true;
	}
	return false;
}

/* Those above the root. */
static bool ask_outer(const struct subject *s, struct filter_verdict *ret)
{
	const struct filter_outer *outer = s->entry->dir ? s->entry->dir->outer : NULL;
	const struct ignore_rule *rule;

	if (!outer)
		return false;
	rule = filter_outer_find(outer, &s->below_root, &outer);
	if (!rule)
		return false;
	*ret = (struct filter_verdict){ .included = rule->negated,
		                        .reason = FILTER_BY_IGNORE_FILE,
		                        .outer = outer,
		                        .rule = rule };
	return true;
}

/* The ignore files, from the deepest directory up. */
static bool ask_ignore_files(const struct subject *s, struct filter_verdict *ret)
{
	const struct filter_dir *dir = s->entry->dir ? s->entry->dir->ignoring : NULL;

	for (; dir; dir = dir->parent ? dir->parent->ignoring : NULL) {
		struct ignore_subject below = s->below_root;
		const struct ignore_rule *rule;

		below.path = s->path + dir->below_len;
		below.path_len = s->len - dir->below_len;
		rule = gitignore_find(dir->ignore, &below);
		if (!rule)
			continue;
		*ret = (struct filter_verdict){ .included = rule->negated,
			                        .reason = FILTER_BY_IGNORE_FILE,
			                        .dir = dir,
			                        .rule = rule };
		return true;
	}
	return ask_outer(s, ret);
}

void filter_dir_path(const struct filter_dir *dir, char *ret)
{
	for (; dir; dir = dir->parent) {
		size_t start = dir->printed_len - dir->name_len;

		memcpy(ret + start, dir->name, dir->name_len);
		if (dir->parent && dir->parent->below_len > dir->parent->printed_len)
			ret[start - 1] = '/';
	}
}

/* The type, looked up when the listing did not tell and it matters. */
static unsigned char known_type(const struct filter *f, const struct filter_entry *entry)
{
	struct stat st;

	if (entry->type != DT_UNKNOWN || entry->dirfd < 0 ||
	    !(f->compares_types || f->opts.types != 0) ||
	    fstatat(entry->dirfd, entry->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return entry->type;
	return (unsigned char)IFTODT(st.st_mode);
}

static struct filter_verdict decide_on_path(const struct filter *f,
                                            const struct filter_entry *entry, const char *path,
                                            size_t len, size_t root_len)
{
	unsigned char type = known_type(f, entry);
	struct subject s = { .entry = entry, .path = path, .len = len };
	struct filter_verdict verdict;

	s.below_root = (struct ignore_subject){ path + root_len, len - root_len, entry->name,
		                                entry->name_len, type == DT_DIR };
	if (!ask_sources(f, &s, &verdict) && !ask_ignore_files(&s, &verdict))
		verdict = (struct filter_verdict){ .included = true };
	if (verdict.included && !entry->is_root && type != DT_DIR && type != DT_UNKNOWN &&
	    !passes_type(f, type))
		verdict = (struct filter_verdict){ .reason = FILTER_BY_TYPE };
	return verdict;
}

struct filter_verdict filter_decide(const struct filter *f, const struct filter_entry *entry)
{
	char room[PATH_ROOM];
	size_t before = entry->dir ? entry->dir->below_len : 0;
	size_t len = before + entry->name_len;
	AUTO_FREE_STR char *heap = NULL;
	char *path = room;

	if (before == 0 || !f->compares_paths)
		return decide_on_path(f, entry, entry->name, entry->name_len, 0);
	if (len > sizeof(room)) {
		heap = mem_alloc(len);
		path = heap;
	}
	filter_dir_path(entry->dir, path);
	if (before > entry->dir->printed_len)
		path[before - 1] = '/';
	memcpy(path + before, entry->name, entry->name_len);
	return decide_on_path(f, entry, path, len, entry->dir->root_len);
}

bool filter_wants(const struct filter *f, const struct filter_dir *dir, const char *name,
                  size_t len, unsigned char type)
{
	struct filter_entry entry = { dir, false, name, len, type, -1 };

	return filter_decide(f, &entry).included;
}

bool filter_wants_root(const struct filter *f, const char *root)
{
	struct filter_entry entry = { NULL, true, root, strlen(root), DT_UNKNOWN, -1 };

	return !f->has_gnu || filter_decide(f, &entry).included;
}

/* ---- directories ---- */

/* The tag of https://bford.info/cachedir/: a regular file that starts with this line. */
static bool has_cache_tag(int fd)
{
	static const char signature[] = "Signature: 8a477f597d28d172789f06886806bc55";
	char start[sizeof(signature) - 1];
	AUTO_CLOSE int tag = openat(fd, "CACHEDIR.TAG",
	                            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	return tag >= 0 && fstat(tag, &st) == 0 && S_ISREG(st.st_mode) &&
	       pread(tag, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
	       !memcmp(start, signature, sizeof(start));
}

const char *filter_unread_because(const struct filter *f, int fd, const char **ret_file)
{
	struct stat st;

	if (fd < 0)
		return NULL;
	for (size_t i = 0; i < f->opts.exclude_if_present.len; i++) {
		*ret_file = f->opts.exclude_if_present.items[i];
		if (fstatat(fd, *ret_file, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return "--exclude-if-present";
	}
	*ret_file = "CACHEDIR.TAG";
	return f->opts.exclude_caches && has_cache_tag(fd) ? "--exclude-caches" : NULL;
}

static struct filter_dir *new_dir(struct filter_dir *parent, const char *name)
{
	size_t len = strlen(name);
	struct filter_dir *dir = mem_alloc_zeroed(sizeof(*dir) + len + 1);

	atomic_init(&dir->users, 1);
	memcpy(dir->name, name, len);
	dir->name_len = len;
	dir->printed_len = len;
	if (parent) {
		atomic_fetch_add_explicit(&parent->users, 1, memory_order_relaxed);
		dir->parent = parent;
		dir->printed_len += parent->below_len;
		dir->ignoring = parent->ignoring;
		dir->outer = parent->outer;
		dir->root_len = parent->root_len;
	}
	dir->below_len = dir->printed_len + (len > 0 && name[len - 1] == '/' ? 0 : 1);
	if (!parent)
		dir->root_len = dir->below_len;
	return dir;
}

bool filter_enter(const struct filter *f, struct filter_dir *parent, const char *name, int fd,
                  struct filter_dir **ret)
{
	struct filter_dir *dir = new_dir(parent, name);
	const char *file;

	*ret = dir;
	if (filter_unread_because(f, fd, &file))
		return false;
	if (f->opts.gitignore && fd >= 0) {
		unsigned unusable = 0;

		dir->ignore = gitignore_read(fd, &unusable);
		if (dir->ignore)
			dir->ignoring = dir;
		if (!parent)
			dir->outer = filter_outer_read(fd, &unusable);
		if (unusable > 0)
			atomic_fetch_add_explicit(f->unusable, unusable, memory_order_relaxed);
	}
	return true;
}

struct filter_dir *filter_dir_free(struct filter_dir *dir)
{
	while (dir && atomic_fetch_sub_explicit(&dir->users, 1, memory_order_acq_rel) == 1) {
		struct filter_dir *parent = dir->parent;

		(void)gitignore_free(dir->ignore);
		if (!parent)
			(void)filter_outer_free(dir->outer);
		free(dir);
		dir = parent;
	}
	return NULL;
}
