/* SPDX-License-Identifier: MIT */
/*
 * The entries of a directory: names first, then what has to be known about each, which takes
 * most of the time and is done on several threads in big directories.
 */
#include "ls.h"

#include <pthread.h>
#include <stdatomic.h>

enum { SLICE = 256 };

/* False when its name says that it is not listed. */
static bool add_name(struct ls_run *run, struct ls_list *list, const struct dirent64 *d)
{
	const size_t len = strlen(d->d_name);
	struct ls_file *file;

	if (!ls_rules_want_name(run, d->d_name, len))
		return false;
	file = ls_list_add(list, d->d_name, len);
	file->ino = d->d_ino;
	file->type = d->d_type;
	return true;
}

static void learn_one(struct ls_run *run, struct ls_list *list, struct ls_file *file)
{
	if (!ls_learn(run, list, file))
		file->flags |= LS_IS_GONE;
}

/* One of the threads that learn; with its own memory and its own view of the run. */
struct learner {
	pthread_t thread;
	bool started;
	struct ls_run run;
	struct ls_list part;
	const struct ls_list *list;
	_Atomic size_t *next; /* the first file nobody has taken yet */
};

static void *learn_slices(void *argument)
{
	struct learner *l = argument;
	size_t begin;

	while ((begin = atomic_fetch_add(l->next, (size_t)SLICE)) < l->list->len) {
		size_t end = begin + SLICE < l->list->len ? begin + SLICE : l->list->len;

		for (size_t i = begin; i < end; i++)
			learn_one(&l->run, &l->part, l->list->items[i].file);
	}
	return NULL;
}

static void learner_begin(struct learner *l, const struct ls_run *run, const struct ls_list *list,
                          _Atomic size_t *next)
{
	l->run = *run;
	l->run.attributes = NULL;
	l->run.defers = true;
	l->part = *list;
	l->part.items = NULL;
	l->part.memory = NULL;
	l->part.len = l->part.cap = 0;
	l->part.blocks = 0;
	l->list = list;
	l->next = next;
}

static void learner_end(struct learner *l, struct ls_run *run, struct ls_list *list)
{
	ls_list_take_memory(list, &l->part);
	list->blocks += l->part.blocks;
	list->has_acl = list->has_acl || l->part.has_acl;
	run->way = l->run.way;
	if (l->run.has_no_xattr_dev) {
		run->has_no_xattr_dev = true;
		run->no_xattr_dev = l->run.no_xattr_dev;
	}
	free(l->run.attributes);
}

/* What a thread had trouble with is done again here, where the messages are in order. */
static void learn_troubled(struct ls_run *run, struct ls_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		struct ls_file *file = list->items[i].file;

		if ((file->flags & LS_IS_TROUBLED) == 0)
			continue;
		file->flags &= (uint16_t) ~(LS_IS_TROUBLED | LS_IS_GONE);
		if (file->meta != NULL)
			list->blocks -= file->meta->blocks;
		file->meta = NULL;
		learn_one(run, list, file);
	}
}

static void learn_on_threads(struct ls_run *run, struct ls_list *list, unsigned threads)
{
	_Atomic size_t next = 0;
	struct learner *learners = mem_alloc_array(threads, sizeof(*learners));

	memset(learners, 0, threads * sizeof(*learners));
	for (unsigned i = 0; i < threads; i++)
		learner_begin(&learners[i], run, list, &next);
	/* A thread that does not start leaves its share to the others. */
	for (unsigned i = 1; i < threads; i++)
		learners[i].started =
			pthread_create(&learners[i].thread, NULL, learn_slices, &learners[i]) == 0;
	(void)learn_slices(&learners[0]);
	for (unsigned i = 0; i < threads; i++) {
		if (learners[i].started)
			(void)pthread_join(learners[i].thread, NULL);
		learner_end(&learners[i], run, list);
	}
	free(learners);
	learn_troubled(run, list);
}

/* Marks what the rules leave out; what is to be entered all the same is kept. */
static void judge(struct ls_run *run, const struct ls_list *list, struct ls_file *file)
{
	if ((file->flags & LS_IS_GONE) != 0 || ls_rules_want_file(run, list, file))
		return;
	if ((run->opts->recursive || run->opts->tree) && ls_is_dir(file) &&
	    ls_rules_enters(run, list, file))
		file->flags |= LS_IS_PASSED;
	else
		file->flags |= LS_IS_GONE;
}

static void drop_gone(struct ls_run *run, struct ls_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->len; i++) {
		struct ls_file *file = list->items[i].file;

		judge(run, list, file);
		if ((file->flags & LS_IS_GONE) == 0)
			list->items[kept++] = list->items[i];
		else if (file->meta != NULL)
			list->blocks -= file->meta->blocks;
	}
	list->len = kept;
}

static bool learns_any(const struct ls_run *run, const struct ls_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		if (ls_learns(run, list->items[i].file))
			return true;
	}
	return false;
}

static void learn_all(struct ls_run *run, struct ls_list *list)
{
	unsigned threads = 1;

	if (!learns_any(run, list))
		return;
	if (list->len >= LS_FILES_FOR_THREADS)
		threads = pool_cpus();
	if (threads > 1) {
		learn_on_threads(run, list, threads < LS_THREADS_MAX ? threads : LS_THREADS_MAX);
		return;
	}
	for (size_t i = 0; i < list->len; i++)
		learn_one(run, list, list->items[i].file);
}

void ls_read_dir(struct ls_run *run, struct ls_list *list, struct dir_node *node, const char *name)
{
	struct dir_reader reader;
	const struct dirent64 *d;

	list->dir = node;
	ls_rules_enter(run, node, name, list->dirfd);
	dir_reader_init(&reader, list->dirfd);
	while ((d = dir_reader_next(&reader)) != NULL && !out_failed(run->ctx->out))
		ignore(add_name(run, list, d));
	if (reader.err != 0)
		diag_partial(run->ctx->diag, reader.err, "read directory", list->path);
	dir_reader_release(&reader);
	learn_all(run, list);
	drop_gone(run, list);
	ls_sort(run, list);
}

bool ls_read_dir_ahead(struct ls_run *run, struct ls_list *list, struct dir_node *node,
                       const char *name)
{
	struct dir_reader reader;
	const struct dirent64 *d;
	bool troubled;

	list->dir = node;
	ls_rules_enter(run, node, name, list->dirfd);
	dir_reader_init(&reader, list->dirfd);
	while (list->len < LS_FILES_FOR_THREADS && (d = dir_reader_next(&reader)) != NULL)
		ignore(add_name(run, list, d));
	troubled = reader.err != 0 || list->len >= LS_FILES_FOR_THREADS;
	dir_reader_release(&reader);
	for (size_t i = 0; i < list->len && !troubled; i++) {
		struct ls_file *file = list->items[i].file;

		learn_one(run, list, file);
		troubled = (file->flags & LS_IS_TROUBLED) != 0;
	}
	if (troubled)
		return false;
	drop_gone(run, list);
	ls_sort(run, list);
	return true;
}

void ls_stream_dir(struct ls_run *run, struct ls_list *list,
                   void (*each)(struct ls_run *run, struct ls_list *list, void *user), void *user)
{
	struct dir_reader reader;
	const struct dirent64 *d;

	dir_reader_init(&reader, list->dirfd);
	while ((d = dir_reader_next(&reader)) != NULL && !out_failed(run->ctx->out)) {
		struct ls_file *file;

		if (!add_name(run, list, d))
			continue;
		file = list->items[0].file;
		if (!ls_learn(run, list, file))
			file->flags |= LS_IS_GONE;
		judge(run, list, file);
		if ((file->flags & LS_IS_GONE) == 0)
			each(run, list, user);
		ls_list_clear(list);
	}
	if (reader.err != 0)
		diag_partial(run->ctx->diag, reader.err, "read directory", list->path);
	dir_reader_release(&reader);
}
