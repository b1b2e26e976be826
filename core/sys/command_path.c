/* SPDX-License-Identifier: MIT */
#include "sys/command_path.h"

#include "base/map.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/statvfs.h>

enum {
	/* From this many names on, opening a directory costs less than naming it each time. */
	NAMES_WORTH_OPENING = 4,

	/* Values of command_dir.fd that are no descriptor. */
	FD_UNTRIED = -1, /* not opened yet */
	FD_NONE = -2,    /* is named in each call */
	FD_MISSING = -3, /* there is no such directory */
};

struct command_dir {
	const char *text;
	size_t len;
	int fd;
	bool skipped;
};

struct command_path {
	char *list; /* owned; colons became NULs */
	struct command_dir_list {
		VEC_FIELDS(struct command_dir);
	} dirs;
	int access;
	struct strbuf path; /* the candidate at hand */
	int trouble;        /* of the last search; an errno value */
	size_t trouble_dir;
};

/* What the *at() calls get for one candidate. */
struct place {
	int fd;
	const char *name;
};

char *command_path_default(void)
{
	size_t size = confstr(_CS_PATH, NULL, 0);
	char *list = mem_alloc_zeroed(size + 1);

	(void)confstr(_CS_PATH, list, size);
	return list;
}

struct command_path *command_path_new(const char *list, int access, size_t names)
{
	struct command_path *p = mem_alloc_zeroed(sizeof(*p));
	int fd = names >= NAMES_WORTH_OPENING ? FD_UNTRIED : FD_NONE;
	char *at;
	char *colon;

	p->list = mem_strdup(list);
	p->access = access;
	for (at = p->list;; at = colon + 1) {
		struct command_dir dir = { .text = at, .fd = fd };

		colon = strchrnul(at, ':');
		dir.len = (size_t)(colon - at);
		if (dir.len == 0)
			dir.fd = AT_FDCWD;
		vec_push(&p->dirs, dir);
		if (*colon == '\0')
			return p;
		*colon = '\0';
	}
}

struct command_path *command_path_free(struct command_path *p)
{
	if (p == NULL)
		return NULL;
	for (size_t i = 0; i < p->dirs.len; i++)
		if (p->dirs.items[i].fd >= 0)
			(void)close(p->dirs.items[i].fd);
	vec_release(&p->dirs);
	strbuf_release(&p->path);
	free(p->list);
	free(p);
	return NULL;
}

size_t command_path_len(const struct command_path *p)
{
	return p->dirs.len;
}

const char *command_path_dir(const struct command_path *p, size_t index)
{
	return p->dirs.items[index].text;
}

void command_path_skip(struct command_path *p, size_t index)
{
	p->dirs.items[index].skipped = true;
}

static void add_candidate(const struct command_dir *dir, const char *name, size_t len,
                          struct strbuf *ret)
{
	if (dir->len == 0)
		strbuf_add_char(ret, '.');
	strbuf_add(ret, dir->text, dir->len);
	if (dir->len == 0 || dir->text[dir->len - 1] != '/')
		strbuf_add_char(ret, '/');
	strbuf_add(ret, name, len);
}

void command_path_add(const struct command_path *p, size_t index, const char *name,
                      struct strbuf *ret)
{
	add_candidate(&p->dirs.items[index], name, strlen(name), ret);
}

/* Opens the directory the first time; it stays without a descriptor when there are none left. */
static void dir_open(struct command_dir *dir)
{
	int fd = open(dir->text, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		dir->fd = fd;
	else
		dir->fd = errno == ENOENT || errno == ENOTDIR ? FD_MISSING : FD_NONE;
}

/* 0, or -errno when the candidate cannot exist. */
static int find_place(struct command_path *p, struct command_dir *dir, const char *name, size_t len,
                      struct place *ret)
{
	if (dir->len + 1 + len >= PATH_MAX)
		return -ENAMETOOLONG;
	if (dir->fd == FD_UNTRIED)
		dir_open(dir);
	if (dir->fd == FD_MISSING)
		return -ENOENT;
	*ret = (struct place){ .fd = dir->fd, .name = name };
	if (dir->fd == FD_NONE) {
		strbuf_truncate(&p->path, 0);
		add_candidate(dir, name, len, &p->path);
		*ret = (struct place){ .fd = AT_FDCWD, .name = strbuf_str(&p->path) };
	}
	return 0;
}

/* Access first: nearly all candidates do not exist, and one call tells. */
static int test_place(const struct command_path *p, struct place place, struct stat *ret)
{
	struct stat st;

	if (faccessat(place.fd, place.name, p->access, AT_EACCESS) < 0 ||
	    fstatat(place.fd, place.name, &st, 0) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if ((p->access & X_OK) != 0 && !S_ISREG(st.st_mode))
		return -EACCES;
	*ret = st;
	return 0;
}

/* Is the candidate the command? Notes what went wrong if nobody can tell. */
static bool try_place(struct command_path *p, struct place place, struct command_match *match)
{
	int r = test_place(p, place, &match->st);

	switch (r) {
	case 0:
		return true;
	case -ENOENT:
	case -ENOTDIR:
	case -EISDIR:
	case -EACCES:
	case -EROFS: /* asked for W_OK */
	case -ETXTBSY:
	case -ELOOP:
	case -ENAMETOOLONG:
		return false;
	default:
		break;
	}
	if (p->trouble == 0) {
		p->trouble = -r;
		p->trouble_dir = match->dir;
	}
	return false;
}

int command_path_trouble(const struct command_path *p, size_t *ret_dir)
{
	if (p->trouble != 0)
		*ret_dir = p->trouble_dir;
	return p->trouble;
}

void command_path_find(struct command_path *p, const char *name, const struct command_dirs *only,
                       bool all, struct command_matches *ret)
{
	struct command_match match = { .dir = (size_t)COMMAND_NO_DIR };
	size_t len = strlen(name);
	size_t n = only != NULL ? only->len : p->dirs.len;
	struct place place;

	p->trouble = 0;
	if (memchr(name, '/', len) != NULL) {
		if (try_place(p, (struct place){ AT_FDCWD, name }, &match))
			vec_push(ret, match);
		return;
	}
	for (size_t i = 0; i < n && len > 0; i++) {
		struct command_dir *dir;

		match.dir = only != NULL ? only->items[i] : i;
		dir = &p->dirs.items[match.dir];
		if (dir->skipped || find_place(p, dir, name, len, &place) < 0 ||
		    !try_place(p, place, &match))
			continue;
		vec_push(ret, match);
		if (!all)
			return;
	}
}

/* The candidate exists but does not serve. */
static enum command_verdict explain_file(const struct command_path *p, struct place place,
                                         const struct stat *st)
{
	AUTO_CLOSE int fd = -1;
	struct statvfs fs;

	if (S_ISDIR(st->st_mode))
		return COMMAND_IS_DIR;
	if ((p->access & X_OK) == 0)
		return COMMAND_DENIED;
	if (!S_ISREG(st->st_mode))
		return COMMAND_NOT_REGULAR;
	if ((st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		return COMMAND_DENIED;
	fd = openat(place.fd, place.name, O_PATH | O_CLOEXEC);
	if (fd >= 0 && fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_NOEXEC) != 0)
		return COMMAND_NO_EXEC_MOUNT;
	return COMMAND_DENIED;
}

/* The candidate cannot be reached; `dir` is the directory it would be in. */
static enum command_verdict explain_absence(struct place place, const char *dir, int err)
{
	struct stat st;
	bool is_there = fstatat(place.fd, place.name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (err == ENAMETOOLONG)
		return COMMAND_TOO_LONG;
	if (err == ELOOP)
		return COMMAND_LINK_LOOP;
	if (is_there)
		return err == EACCES ? COMMAND_DENIED : COMMAND_DANGLING;
	if (err == EACCES)
		return COMMAND_DIR_DENIED;
	if (err != ENOENT && err != ENOTDIR)
		return COMMAND_TROUBLE;
	if (stat(dir, &st) < 0)
		return errno == ENOTDIR ? COMMAND_DIR_NO_DIR : COMMAND_DIR_MISSING;
	return S_ISDIR(st.st_mode) ? COMMAND_MISSING : COMMAND_DIR_NO_DIR;
}

static struct command_reason explain_place(const struct command_path *p, struct place place,
                                           const char *dir)
{
	struct command_reason reason = { .verdict = COMMAND_FOUND };
	int r = test_place(p, place, &reason.st);
	struct stat st;

	if (r == 0)
		return reason;
	reason.err = -r;
	if (fstatat(place.fd, place.name, &st, 0) == 0)
		reason.verdict = explain_file(p, place, &st);
	else
		reason.verdict = explain_absence(place, dir, errno);
	return reason;
}

/* A name with a slash: its directory is all before the last one. */
static struct command_reason explain_direct(struct command_path *p, const char *name)
{
	const char *slash = strrchr(name, '/');

	strbuf_clear(&p->path);
	strbuf_add(&p->path, name, slash == name ? 1 : (size_t)(slash - name));
	return explain_place(p, (struct place){ AT_FDCWD, name }, strbuf_str(&p->path));
}

struct command_reason command_path_explain(struct command_path *p, size_t index, const char *name)
{
	struct command_reason reason = { .verdict = COMMAND_SKIPPED };
	struct command_dir *dir;
	struct place place;

	if (index == (size_t)COMMAND_NO_DIR)
		return explain_direct(p, name);
	dir = &p->dirs.items[index];
	if (dir->skipped)
		return reason;
	if (dir->len + 1 + strlen(name) >= PATH_MAX) {
		reason =
			(struct command_reason){ .verdict = COMMAND_TOO_LONG, .err = ENAMETOOLONG };
		return reason;
	}
	strbuf_clear(&p->path);
	add_candidate(dir, name, strlen(name), &p->path);
	place = (struct place){ AT_FDCWD, strbuf_str(&p->path) };
	reason = explain_place(p, place, dir->len != 0 ? dir->text : ".");
	/* DIR/ is there, but the empty name is nobody's. */
	if (name[0] == '\0' && reason.verdict == COMMAND_IS_DIR)
		reason = (struct command_reason){ .verdict = COMMAND_MISSING, .err = ENOENT };
	return reason;
}

/* One file in one directory, linked to the same name in the next one that has it. */
struct sighting {
	size_t dir;
	size_t next; /* index + 1; 0 ends */
};

struct sightings {
	VEC_FIELDS(struct sighting);
};

/* Takes over `fd`. The newest sighting of a name is at the head of its chain: the map's value. */
static void read_names(int fd, size_t index, struct map *names, struct sightings *sightings)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *d;

	if (dir == NULL) {
		(void)close(fd);
		return;
	}
	while ((d = readdir(dir)) != NULL) {
		struct map_entry *e;

		if (d->d_type == DT_DIR || strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0)
			continue;
		e = map_add(names, d->d_name, strlen(d->d_name), NULL);
		vec_push(sightings, (struct sighting){ .dir = index, .next = e->value });
		e->value = sightings->len;
	}
	(void)closedir(dir);
}

/* The directory, open for reading, unless it cannot be read or was seen before. */
static int open_new_dir(const struct command_dir *dir, struct map *seen)
{
	int fd;
	struct stat st;
	bool is_new = false;

	if (dir->skipped)
		return -1;
	fd = open(dir->len != 0 ? dir->text : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0) {
		const uint64_t id[2] = { st.st_dev, st.st_ino };

		(void)map_add(seen, id, sizeof(id), &is_new);
	}
	if (fd >= 0 && !is_new) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct command_name *)a)->name,
	              ((const struct command_name *)b)->name);
}

void command_path_names(struct command_path *p, struct command_names *ret)
{
	AUTO_FREE(map) struct map *seen = map_new();
	struct sightings sightings = { 0 };
	size_t filled = 0;

	*ret = (struct command_names){ .keys = map_new() };
	for (size_t i = 0; i < p->dirs.len; i++) {
		int fd = open_new_dir(&p->dirs.items[i], seen);

		if (fd >= 0)
			read_names(fd, i, ret->keys, &sightings);
	}
	if (sightings.len == 0)
		return;
	ret->pool = mem_alloc_array(sightings.len, sizeof(*ret->pool));
	for (size_t i = 0; i < map_len(ret->keys); i++) {
		const struct map_entry *e = map_at(ret->keys, i);
		struct command_name name = { .name = e->key };
		size_t len = 0;

		for (size_t at = e->value; at != 0; at = sightings.items[at - 1].next)
			len++;
		if (len < 2)
			continue;
		/* The chain runs from the last directory to the first. */
		filled += len;
		for (size_t at = e->value, to = filled; at != 0; at = sightings.items[at - 1].next)
			ret->pool[--to] = sightings.items[at - 1].dir;
		name.dirs = (struct command_dirs){ .items = ret->pool + filled - len, .len = len };
		vec_push(ret, name);
	}
	vec_release(&sightings);
	if (ret->len != 0)
		qsort(ret->items, ret->len, sizeof(*ret->items), compare_names);
}

void command_names_release(struct command_names *names)
{
	names->keys = map_free(names->keys);
	free(names->pool);
	names->pool = NULL;
	vec_release(names);
}

void command_path_add_absolute(struct strbuf *ret, const char *cwd, const char *path)
{
	size_t kept = strlen(cwd);

	if (path[0] == '/') {
		strbuf_add_str(ret, path);
		return;
	}
	while (kept > 1 && cwd[kept - 1] == '/')
		kept--;
	for (;;) {
		size_t dots = strspn(path, ".");

		if (dots > 2 || dots == 0 || path[dots] != '/')
			break;
		path += dots;
		path += strspn(path, "/");
		while (dots == 2 && kept > 1 && cwd[--kept] != '/')
			;
	}
	if (kept == 0)
		kept = 1;
	strbuf_add(ret, cwd, kept);
	if (cwd[kept - 1] != '/')
		strbuf_add_char(ret, '/');
	strbuf_add_str(ret, path);
}
