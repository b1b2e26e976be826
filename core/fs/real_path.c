/* SPDX-License-Identifier: MIT */
#include "fs/real_path.h"

#include "base/map.h"
#include "base/os_path.h"
#include "base/vec.h"
#include "fs/link_target.h"
#include "fs/long_path.h"

#include <errno.h>

/* A link that is being followed: what is left of its target. */
struct target {
	char *text;  /* owned */
	size_t at;   /* where the next name begins */
	size_t link; /* its index in the map */
};

/* Where a link leads. */
struct answer {
	char *path; /* owned; NULL while it is being followed */
};

struct resolver {
	struct strbuf path; /* resolved so far; "/" or without a slash at its end */
	bool strict;
	struct map *links; /* path of a link to an index */
	struct {
		VEC_FIELDS(struct answer);
	} answers;
	struct {
		VEC_FIELDS(struct target);
	} targets; /* the first one is the path that was asked for */
};

static void push(struct resolver *r, struct target target)
{
	if (target.text[0] == '/') {
		strbuf_clear(&r->path);
		strbuf_add_char(&r->path, '/');
	}
	vec_push(&r->targets, target);
}

/* Is the path so far a link? 1 with its target, 0, or -errno. */
static int read_link(const struct resolver *r, struct strbuf *ret)
{
	AUTO_CLOSE int dirfd = -1;
	const char *name;
	int err = long_path_open(r->path.data, &dirfd, &name);

	if (err == 0)
		err = link_target(dirfd, name, ret);
	if (err == -EINVAL)
		return 0;
	if (err < 0)
		return r->strict ? err : 0;
	return 1;
}

/* 0; 1: it leads back to itself; -errno. */
static int follow(struct resolver *r, struct strbuf *target, size_t parent_len)
{
	bool added;
	struct map_entry *link = map_add(r->links, r->path.data, r->path.len, &added);

	if (!added) {
		const char *known = r->answers.items[link->value].path;
		if (known == NULL)
			return r->strict ? -ELOOP : 1;
		strbuf_clear(&r->path);
		strbuf_add_str(&r->path, known);
		return 0;
	}
	link->value = r->answers.len;
	vec_push(&r->answers, (struct answer){ 0 });
	strbuf_truncate(&r->path, parent_len);
	push(r, (struct target){ .text = strbuf_detach(target), .link = link->value });
	return 0;
}

/* One name more; results as those of follow(). */
static int enter(struct resolver *r, const char *name, size_t len)
{
	AUTO_RELEASE_STRBUF struct strbuf target = { 0 };
	const size_t parent_len = r->path.len;
	int err;

	if (len == 2 && memcmp(name, "..", 2) == 0) {
		const size_t head = os_path_head(r->path.data).len;

		strbuf_truncate(&r->path, head);
		return 0;
	}
	if (r->path.data[r->path.len - 1] != '/')
		strbuf_add_char(&r->path, '/');
	strbuf_add(&r->path, name, len);
	err = read_link(r, &target);
	return err == 1 ? follow(r, &target, parent_len) : err;
}

static void finish_target(struct resolver *r)
{
	struct target done = vec_pop(&r->targets);

	free(done.text);
	/* The last one is the path that was asked for, which is no link. */
	if (r->targets.len > 0)
		r->answers.items[done.link].path = mem_strdup(r->path.data);
}

static int resolve(struct resolver *r)
{
	int err = 0;

	while (r->targets.len > 0 && err == 0) {
		struct target *t = &vec_last(&r->targets);
		const char *name = t->text + t->at + strspn(t->text + t->at, "/");
		size_t len = strcspn(name, "/");

		t->at = (size_t)(name - t->text) + len;
		if (len == 0)
			finish_target(r);
		else if (len != 1 || name[0] != '.')
			err = enter(r, name, len);
	}
	return err;
}

/* Behind a loop, what is left to follow is text. */
static void add_rest(struct resolver *r)
{
	while (r->targets.len > 0) {
		struct target done = vec_pop(&r->targets);

		strbuf_add_char(&r->path, '/');
		strbuf_add_str(&r->path, done.text + done.at);
		free(done.text);
	}
}

static void release(struct resolver *r)
{
	for (size_t i = 0; i < r->answers.len; i++)
		free(r->answers.items[i].path);
	for (size_t i = 0; i < r->targets.len; i++)
		free(r->targets.items[i].text);
	vec_release(&r->answers);
	vec_release(&r->targets);
	(void)map_free(r->links);
	strbuf_release(&r->path);
}

int real_path(struct strbuf *ret, const char *path, const char *cwd, bool strict)
{
	struct resolver r = { .strict = strict, .links = map_new() };
	int err;

	strbuf_add_str(&r.path, cwd);
	push(&r, (struct target){ .text = mem_strdup(path) });
	err = resolve(&r);
	if (err >= 0) {
		add_rest(&r);
		os_path_add_norm(ret, r.path.data);
		err = 0;
	}
	release(&r);
	return err;
}
