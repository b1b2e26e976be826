/* SPDX-License-Identifier: MIT */
/*
 * For the walker's tests: trees in a temporary directory of their own, and a
 * recorder that keeps every event as a line "E path", "L path", "X path verb errno" or
 * "O path" for the four kinds.
 */
#pragma once

#include "base/vec.h"
#include "fs/walk.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>

struct record {
	pthread_mutex_t lock;
	struct {
		VEC_FIELDS(char *);
	} lines; /* owned */
	uint64_t blocks;
	/* What to answer at the event whose line is this; NULL: nothing special. */
	const char *act_at;
	enum walk_action act;
	unsigned after_stop; /* events that began after WALK_STOP was said */
	bool said_stop;
	struct walk_result result;
};

static char trees_path[64];

static inline void trees_begin_in(const char *where)
{
	(void)snprintf(trees_path, sizeof(trees_path), "%s/dutybox-walk-test.XXXXXX", where);
	cr_assert_not_null(mkdtemp(trees_path));
	(void)umask(022);
	cr_assert_eq(chmod(trees_path, 0755), 0);
	cr_assert_eq((chdir)(trees_path), 0);
}

/* Makes a temporary directory and works in it: all names below are relative to it. */
static inline void trees_begin(void)
{
	trees_begin_in("/tmp");
}

/* Removes it, whatever it has become. */
static inline void trees_end(void)
{
	char rm[] = "rm";
	char flags[] = "-rf";
	char *argv[] = { rm, flags, trees_path, NULL };
	pid_t pid;
	int status = -1;

	cr_assert_eq((chdir)("/"), 0);
	cr_assert_eq(posix_spawnp(&pid, "rm", NULL, NULL, argv, environ), 0);
	(void)waitpid(pid, &status, 0);
	cr_assert_eq(status, 0);
}

static inline void make_dir(const char *name)
{
	cr_assert_eq(mkdir(name, 0755), 0, "%s", name);
}

static inline void make_file(const char *name, size_t size)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	cr_assert(fd >= 0, "%s", name);
	for (size_t i = 0; i < size; i++)
		cr_assert_eq(write(fd, "x", 1), 1);
	cr_assert_eq(close(fd), 0);
}

static inline void make_link(const char *target, const char *name)
{
	cr_assert_eq(symlink(target, name), 0, "%s", name);
}

/* `levels` directories named "d" in each other below `top`; beside each an "e<n>" if `comb`. */
static inline void make_chain(const char *top, unsigned levels, bool comb)
{
	char beside[16];
	int fd;

	make_dir(top);
	fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(fd >= 0);
	for (unsigned i = 0; i < levels; i++) {
		int next;

		cr_assert_eq(mkdirat(fd, "d", 0755), 0);
		/* Names that differ, so that d is neither always first nor always last. */
		(void)snprintf(beside, sizeof(beside), "e%u", i);
		if (comb)
			cr_assert_eq(mkdirat(fd, beside, 0755), 0);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		cr_assert(next >= 0);
		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
}

static inline unsigned count_entries(const char *name)
{
	DIR *dir = opendir(name);
	unsigned n = 0;

	cr_assert_not_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

static inline int open_fds(void)
{
	return (int)count_entries("/proc/self/fd");
}

/* The threads of this process. */
static inline unsigned tasks(void)
{
	return count_entries("/proc/self/task") - 2;
}

static inline char *record_line(const struct walk_entry *entry)
{
	static const char letters[] = {
		[WALK_ENTER] = 'E', [WALK_LEAVE] = 'L', [WALK_ERROR] = 'X', [WALK_LOOP] = 'O'
	};
	struct strbuf line = { 0 };

	strbuf_add_char(&line, letters[entry->event]);
	strbuf_add_char(&line, ' ');
	walk_add_path(entry, &line);
	if (entry->event == WALK_ERROR)
		strbuf_add_format(&line, " %s %d", entry->verb, entry->err);
	return strbuf_detach(&line);
}

static inline enum walk_action record_visit(const struct walk_entry *entry, void *user)
{
	struct record *record = user;
	char *line = record_line(entry);
	enum walk_action action = WALK_CONTINUE;

	(void)pthread_mutex_lock(&record->lock);
	record->after_stop += record->said_stop;
	if (entry->event == WALK_ENTER && entry->st != NULL)
		record->blocks += (uint64_t)entry->st->st_blocks;
	if (record->act_at != NULL && strcmp(record->act_at, line) == 0) {
		action = record->act;
		record->said_stop = action == WALK_STOP;
	}
	vec_push(&record->lines, line);
	(void)pthread_mutex_unlock(&record->lock);
	return action;
}

/* Walks `roots`, ending in NULL, and checks that no descriptor is lost. */
static inline void record_roots(struct record *record, char *const *roots,
                                const struct walk_opts *opts)
{
	int before = open_fds();

	(void)pthread_mutex_init(&record->lock, NULL);
	cr_assert_eq(walk(roots, opts, record_visit, record, &record->result), 0);
	(void)pthread_mutex_destroy(&record->lock);
	cr_assert_eq(open_fds(), before, "descriptors are lost");
}

static inline void record_walk(struct record *record, const char *root,
                               const struct walk_opts *opts)
{
	AUTO_FREE_STR char *copy = mem_strdup(root);
	char *roots[] = { copy, NULL };

	record_roots(record, roots, opts);
}

static inline int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline void record_sort(struct record *record)
{
	if (record->lines.len != 0)
		qsort(record->lines.items, record->lines.len, sizeof(char *), compare_lines);
}

static inline bool record_has(const struct record *record, const char *line)
{
	for (size_t i = 0; i < record->lines.len; i++) {
		if (strcmp(record->lines.items[i], line) == 0)
			return true;
	}
	return false;
}

/* How many lines begin with this. */
static inline unsigned record_count(const struct record *record, const char *prefix)
{
	unsigned n = 0;

	for (size_t i = 0; i < record->lines.len; i++)
		n += strncmp(record->lines.items[i], prefix, strlen(prefix)) == 0;
	return n;
}

/* The lines, each ended by a newline. */
static inline const char *record_text(const struct record *record, struct strbuf *ret)
{
	strbuf_clear(ret);
	for (size_t i = 0; i < record->lines.len; i++) {
		strbuf_add_str(ret, record->lines.items[i]);
		strbuf_add_char(ret, '\n');
	}
	return strbuf_str(ret);
}

static inline void record_release(struct record *record)
{
	for (size_t i = 0; i < record->lines.len; i++)
		free(record->lines.items[i]);
	vec_release(&record->lines);
	*record = (struct record){ 0 };
}
