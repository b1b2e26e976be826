/* SPDX-License-Identifier: MIT */
/* --create --format=mtree: names of every type, with what stat says of them. */
#include "create.h"
#include "trees.h"

#include "base/path.h"
#include "base/sig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

int create_check_mtree(const struct create *c, char **operands)
{
	for (; *operands != NULL; operands++) {
		if (checklist_is_outside(*operands))
			return diag_usage(
				c->run->ctx->diag,
				"a list of mtree holds no absolute names and no \"..\": go to "
				"the directory, and name what is in it");
	}
	return 0;
}

void create_begin_mtree(struct create *c)
{
	strbuf_add_str(&c->text, "#mtree\n");
	/* mtree(8) knows no name below a directory that has not been listed. */
	if (c->names.len == 0 || strcmp(c->names.items[0], ".") != 0)
		strbuf_add_str(&c->text, ". type=dir\n");
}

static int read_target(int fd, struct strbuf *ret)
{
	char target[4097];
	ssize_t n = readlinkat(fd, "", target, sizeof(target));

	if (n < 0)
		return -errno;
	strbuf_add(ret, target, (size_t)n);
	return 0;
}

/*
 * Permissions of links mean nothing. The time of a directory changes with every name in it,
 * and with the list itself: it is only taken down when all is asked for.
 */
static unsigned keys_of(enum verify_meta meta, mode_t mode)
{
	unsigned keys = MTREE_TYPE;

	if (S_ISREG(mode))
		keys |= MTREE_SIZE | MTREE_DIGEST;
	if (S_ISLNK(mode))
		keys |= MTREE_LINK;
	if (meta == META_NONE)
		return keys;
	if (!S_ISLNK(mode))
		keys |= MTREE_MODE;
	if (meta == META_ALL || S_ISREG(mode) || (meta == META_AUTO && !S_ISDIR(mode)))
		keys |= MTREE_TIME;
	return meta == META_BASIC ? keys : keys | MTREE_UID | MTREE_GID;
}

static void fill(struct mtree_entry *e, const char *name, const struct stat *st)
{
	path_add_normal(&e->name, name);
	e->type = (unsigned char)IFTODT(st->st_mode);
	e->mode = st->st_mode & 07777;
	e->uid = st->st_uid;
	e->gid = st->st_gid;
	e->size = (uint64_t)st->st_size;
	e->time = st->st_mtim;
}

void create_work_mtree(void *item, void *user)
{
	const struct verify_place place = { .dirfd = AT_FDCWD, .outside = true };
	struct create_task *task = item;
	struct create *c = user;
	AUTO_CLOSE int fd = -1;
	struct mtree_entry *e;
	struct stat st;

	task->err = -ECANCELED;
	if (sig_stopped() || c->err < 0)
		return;
	fd = verify_open_name(&place, task->name);
	task->err = fd < 0 ? fd : 0;
	if (task->err == 0 && fstat(fd, &st) != 0)
		task->err = -errno;
	if (task->err != 0)
		return;
	e = task->entry = mem_alloc_zeroed(sizeof(*e));
	fill(e, task->name, &st);
	e->has = keys_of((enum verify_meta)c->run->opts->meta, st.st_mode);
	if (S_ISLNK(st.st_mode)) {
		task->err = read_target(fd, &e->link);
	} else if (S_ISREG(st.st_mode)) {
		const struct file_state state = file_state_of(&st);

		create_hash(c, task);
		if (task->err != 0)
			return;
		/* What stat said must be of the same moment. */
		if (!file_state_equal(&state, &task->result.state)) {
			task->err = -ESTALE;
			return;
		}
		e->algo = c->algo;
		memcpy(e->digest, task->result.digest, task->result.digest_size);
	}
}

static void report(struct create *c, const struct create_task *task)
{
	struct checklist_entry entry = { .algo = c->algo };

	strbuf_add_str(&entry.name, task->name);
	if ((task->entry->has & MTREE_DIGEST) != 0) {
		entry.digest_size = task->result.digest_size;
		memcpy(entry.digest, task->result.digest, entry.digest_size);
	}
	verify_report_entry(c->run, &entry, task->entry->type, task->result.length);
	strbuf_release(&entry.name);
}

void create_show_mtree(void *item, void *user)
{
	struct create_task *task = item;
	struct create *c = user;

	if (task->err < 0) {
		create_tell_trouble(c, task);
	} else {
		c->run->counts[VERIFY_SAME]++;
		if (c->run->opts->out.json)
			report(c, task);
		if (!c->run->opts->out.json || c->fd >= 0)
			mtree_add_line(&c->text, task->entry);
		create_flush_some(c);
		create_checkpoint(c, task->result.length);
	}
	if (task->entry != NULL)
		mtree_entry_release(task->entry);
	free(task->entry);
}
