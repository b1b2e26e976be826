/* SPDX-License-Identifier: MIT */
/* --check with lists of mtree: names of every type, and all that is said of them. */
#include "check.h"
#include "trees.h"

#include "base/path.h"
#include "cli/file_type.h"
#include "sys/users.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

/* ---- one entry of a list ---- */

/* The number of a user or group that only has a name. */
static void look_up(struct check *c, struct mtree_entry *e, bool is_group,
                    const struct list_line *where)
{
	const char *name = strbuf_str(is_group ? &e->gname : &e->uname);
	int r;

	if (c->users == NULL)
		c->users = users_new();
	r = is_group ? users_gid(c->users, name, &e->gid) : users_uid(c->users, name, &e->uid);
	if (r == 0)
		e->has |= is_group ? MTREE_GID : MTREE_UID;
	else if (r == -ENOENT)
		(void)diag_partial_text(c->run->ctx->diag, name,
		                        "line %ju: no such %s; not compared", where->line,
		                        is_group ? "group" : "user");
	else
		(void)diag_partial(c->run->ctx->diag, -r, "look up", name);
}

/* Directories on the way to a name that is listed are no strangers. */
static void remember_parents(struct check *c, const char *name, uint64_t line)
{
	for (size_t len = strlen(name); len > 0; len--) {
		AUTO_FREE_STR char *dir = NULL;

		if (name[len] != '/')
			continue;
		dir = mem_strndup(name, len);
		if (!check_remember(c, dir, NULL, line))
			return;
	}
}

static void remember(struct check *c, const struct mtree_entry *e, uint64_t line)
{
	const char *name = e->name.data;
	struct checklist_entry digest = { .algo = e->algo };
	AUTO_RELEASE_STRBUF struct strbuf normal = { 0 };

	if ((e->has & MTREE_DIGEST) != 0) {
		digest.digest_size = hash_size(e->algo);
		memcpy(digest.digest, e->digest, digest.digest_size);
	}
	if (check_remember(c, name, digest.digest_size > 0 ? &digest : NULL, line))
		remember_parents(c, name, line);
	if ((e->has & MTREE_IGNORE) != 0) {
		path_add_normal(&normal, name);
		(void)map_add(c->ignored, normal.data, normal.len, NULL);
	}
}

/* What --meta leaves of it. */
static unsigned wanted_meta(enum verify_meta meta)
{
	const unsigned all =
		MTREE_MODE | MTREE_TIME | MTREE_UID | MTREE_GID | MTREE_UNAME | MTREE_GNAME;

	if (meta == META_NONE)
		return ~all;
	return meta == META_BASIC ? ~(all & ~(unsigned)(MTREE_MODE | MTREE_TIME)) : ~0U;
}

void check_take_mtree(struct check *c, struct mtree_entry *e, const struct list_line *where)
{
	const bool is_file = (e->has & MTREE_TYPE) != 0 && e->type == DT_REG;
	struct check_task *task;

	c->knows_types = true;
	if (check_refuses(c, e->name.data))
		return;
	e->has &= wanted_meta((enum verify_meta)c->run->opts->meta);
	if ((e->has & (MTREE_UNAME | MTREE_UID)) == MTREE_UNAME)
		look_up(c, e, false, where);
	if ((e->has & (MTREE_GNAME | MTREE_GID)) == MTREE_GNAME)
		look_up(c, e, true, where);
	/* Of what is no file, /set may give a checksum all the same. */
	if ((e->has & MTREE_TYPE) != 0 && !is_file)
		e->has &= ~(unsigned)(MTREE_DIGEST | MTREE_SIZE);
	if ((e->has & MTREE_TYPE) != 0 && e->type != DT_LNK)
		e->has &= ~(unsigned)MTREE_LINK;
	remember(c, e, where->line);
	if (check_excludes(c, e->name.data))
		return;
	c->without_sum += is_file && (e->has & (MTREE_DIGEST | MTREE_NOCHANGE)) == 0;
	task = window_add(c->window);
	task->name = mem_strdup(e->name.data);
	task->wants = mem_alloc(sizeof(*task->wants));
	*task->wants = *e;
	*e = (struct mtree_entry){ 0 };
	if ((task->wants->has & (MTREE_DIGEST | MTREE_NOCHANGE)) != MTREE_DIGEST)
		return;
	task->algo = task->wants->algo;
	task->size = hash_size(task->algo);
	memcpy(task->expected, task->wants->digest, task->size);
	task->is_unread = sample_leaves_unread(&c->run->sample);
	c->is_weak = c->is_weak || task->algo == HASH_MD5 || task->algo == HASH_SHA1;
}

/* ---- one name, on any thread ---- */

static bool compare_type(struct check_task *task, const struct stat *st)
{
	const unsigned char type = (unsigned char)IFTODT(st->st_mode);

	if ((task->wants->has & MTREE_TYPE) == 0 || task->wants->type == type)
		return true;
	task->status = VERIFY_TYPE;
	strbuf_add_str(&task->want, file_type_word(task->wants->type));
	strbuf_add_str(&task->have, file_type_word(type));
	return false;
}

static bool compare_size(struct check_task *task, const struct stat *st)
{
	const uint64_t size = (uint64_t)st->st_size;

	if ((task->wants->has & MTREE_SIZE) == 0 || !S_ISREG(st->st_mode) ||
	    task->wants->size == size)
		return true;
	task->status = VERIFY_DIFFER;
	strbuf_add_format(&task->want, "%ju %s", (uintmax_t)task->wants->size,
	                  task->wants->size == 1 ? "byte" : "bytes");
	strbuf_add_format(&task->have, "%ju %s", (uintmax_t)size, size == 1 ? "byte" : "bytes");
	return false;
}

static bool compare_target(struct check_task *task, int fd)
{
	char target[4097];
	ssize_t n;

	if ((task->wants->has & MTREE_LINK) == 0)
		return true;
	n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0) {
		task->err = -errno;
		return false;
	}
	if ((size_t)n == task->wants->link.len &&
	    memcmp(target, task->wants->link.data, (size_t)n) == 0)
		return true;
	task->status = VERIFY_DIFFER;
	strbuf_add_str(&task->want, task->wants->link.data);
	strbuf_add(&task->have, target, (size_t)n);
	return false;
}

/* Hashes the file that `st` is about. */
static bool hash_content(struct check *c, struct check_task *task, const struct stat *st)
{
	struct hash_file_result result;
	AUTO_CLOSE int fd = -1;

	if (task->size == 0 || task->is_unread)
		return true;
	fd = verify_open(&c->place, task->name);
	if (fd < 0)
		task->err = fd;
	else
		task->err = verify_hash(c->run, fd, task->algo, &result);
	if (task->err == 0 && (result.state.dev != st->st_dev || result.state.ino != st->st_ino))
		task->err = -ESTALE;
	if (task->err != 0)
		return false;
	memcpy(task->actual, result.digest, result.digest_size);
	return memcmp(task->actual, task->expected, task->size) == 0;
}

/* What the list does not say is as it is. */
static void compare_meta(struct check_task *task, const struct stat *st)
{
	const struct mtree_entry *wants = task->wants;
	const struct tree_node actual = {
		.mtime = st->st_mtim, .mode = st->st_mode, .uid = st->st_uid, .gid = st->st_gid
	};
	struct tree_node expected = actual;
	const struct meta_sides sides = { &task->want, &task->have };

	if ((wants->has & MTREE_MODE) != 0)
		expected.mode = (actual.mode & S_IFMT) | wants->mode;
	if ((wants->has & MTREE_UID) != 0)
		expected.uid = wants->uid;
	if ((wants->has & MTREE_GID) != 0)
		expected.gid = wants->gid;
	if ((wants->has & MTREE_TIME) != 0)
		expected.mtime = wants->time;
	meta_compare_stat(META_ALL, &expected, &actual, &sides);
	if (task->want.len > 0)
		task->status = VERIFY_META;
}

void check_work_mtree(struct check *c, struct check_task *task)
{
	AUTO_CLOSE int fd = verify_open_name(&c->place, task->name);
	struct stat st;

	if (fd < 0) {
		task->err = fd;
		return;
	}
	if (fstat(fd, &st) != 0) {
		task->err = -errno;
		return;
	}
	if ((task->wants->has & MTREE_NOCHANGE) != 0)
		return;
	if (compare_type(task, &st) && compare_size(task, &st) && compare_target(task, fd) &&
	    hash_content(c, task, &st))
		compare_meta(task, &st);
}
