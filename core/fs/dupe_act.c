/* SPDX-License-Identifier: MIT */
#include "fs/dupe_act.h"

#include "base/mem.h"
#include "fs/dupe_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

int dupe_actor_new(struct file_list *list, const struct dupe_opts *opts, struct dupe_actor **ret)
{
	struct dupe_actor *a;
	int fd = -1;

	if (opts->action == DUPE_MOVE) {
		fd = open(opts->move_to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
	}
	a = mem_alloc_zeroed(sizeof(*a));
	a->list = list;
	a->opts = *opts;
	a->move_fd = fd;
	a->opener = file_opener_new(list);
	a->touched = inode_set_new(false);
	*ret = a;
	return 0;
}

struct dupe_actor *dupe_actor_free(struct dupe_actor *a)
{
	if (a == NULL)
		return NULL;
	if (a->move_fd >= 0)
		(void)close(a->move_fd);
	file_opener_free(a->opener);
	inode_set_free(a->touched);
	free(a);
	return NULL;
}

static void release(struct dupe_file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	if (f->dirfd >= 0)
		(void)close(f->dirfd);
}

/* Opens the directory, then the name in it, and sees that it is the inode that was found. */
static bool open_file(struct dupe_turn *t, struct dupe_file *f)
{
	struct dupe_actor *a = t->actor;
	const struct file_record *r = file_list_at(a->list, f->number);

	f->dirfd = file_opener_open_dir(a->opener, f->number, &f->name);
	if (f->dirfd < 0)
		return dupe_fail(t, "open", -f->dirfd);
	f->fd = openat(f->dirfd, f->name,
	               O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (f->fd < 0)
		return dupe_fail(t, "open", errno);
	if (fstat(f->fd, &f->st) != 0)
		return dupe_fail(t, "stat", errno);
	if (!S_ISREG(f->st.st_mode) || f->st.st_ino != r->ino ||
	    f->st.st_dev != file_list_device(a->list, f->number) ||
	    (uint64_t)f->st.st_size != r->size)
		return dupe_changed(t, f == &t->kept ? "the file that stays has changed"
		                                     : "it has changed");
	return true;
}

/* A name beside the victim that nobody can guess; shortened to what a name may have. */
static bool make_temporary(struct dupe_turn *t)
{
	enum { TAIL = 24 };
	uint64_t random;
	size_t len = strlen(t->victim.name);

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return dupe_fail(t, "name a temporary file for", errno);
	if (len > NAME_MAX - TAIL - 1)
		len = NAME_MAX - TAIL - 1;
	(void)snprintf(t->temporary, sizeof(t->temporary), ".%.*s.dupes.%016llx~", (int)len,
	               t->victim.name, (unsigned long long)random);
	return true;
}

static bool act(struct dupe_turn *t, enum dupe_action action)
{
	switch (action) {
	case DUPE_DELETE:
		return dupe_delete(t);
	case DUPE_HARDLINK:
		return dupe_hardlink(t);
	case DUPE_SYMLINK:
		return dupe_symlink(t);
	case DUPE_REFLINK:
		return dupe_reflink(t);
	case DUPE_MOVE:
		return dupe_move(t);
	case DUPE_NONE:
		break;
	}
	return dupe_skip(t, "nothing was asked for");
}

static bool take_turn(struct dupe_turn *t, enum dupe_action action)
{
	return open_file(t, &t->kept) && open_file(t, &t->victim) && dupe_is_allowed(t) &&
	       (action == DUPE_REFLINK || dupe_is_equal(t)) && make_temporary(t) && act(t, action);
}

static struct dupe_turn turn(struct dupe_actor *a, uint32_t kept, uint32_t victim)
{
	return (struct dupe_turn){
		.actor = a,
		.kept = { .number = kept, .dirfd = -1, .fd = -1 },
		.victim = { .number = victim, .dirfd = -1, .fd = -1 },
		.outcome = { .result = DUPE_DONE },
	};
}

struct dupe_outcome dupe_act(struct dupe_actor *a, uint32_t kept, uint32_t victim)
{
	struct dupe_turn t = turn(a, kept, victim);

	(void)take_turn(&t, a->opts.action);
	if (t.kept.fd >= 0)
		(void)inode_set_add(a->touched, t.kept.st.st_dev, t.kept.st.st_ino);
	if (t.victim.fd >= 0)
		(void)inode_set_add(a->touched, t.victim.st.st_dev, t.victim.st.st_ino);
	release(&t.kept);
	release(&t.victim);
	return t.outcome;
}

/*
 * Nothing has happened to it since its bytes were read in this run, but by us: with --by=name a
 * file's names may be in several groups.
 */
static bool is_as_found(struct dupe_turn *t, const struct dupe_file *f)
{
	if (t->actor->opts.unread || inode_set_has(t->actor->touched, f->st.st_dev, f->st.st_ino) ||
	    file_list_is_same(t->actor->list, f->number, &f->st))
		return true;
	return dupe_changed(t,
	                    f == &t->kept ? "the file that stays has changed" : "it has changed");
}

static bool check(struct dupe_turn *t)
{
	return open_file(t, &t->kept) && open_file(t, &t->victim) && is_as_found(t, &t->kept) &&
	       is_as_found(t, &t->victim) && dupe_is_allowed(t) &&
	       (!t->actor->opts.compare_first || dupe_is_equal(t));
}

struct dupe_outcome dupe_check(struct dupe_actor *a, uint32_t kept, uint32_t victim)
{
	struct dupe_turn t = turn(a, kept, victim);

	t.outcome.result = DUPE_PLANNED;
	(void)check(&t);
	release(&t.kept);
	release(&t.victim);
	return t.outcome;
}

/* Another name of the kept inode is unlinked at once; a file of its own like one that is deleted.
 */
static bool clean(struct dupe_turn *t)
{
	if (!open_file(t, &t->kept) || !open_file(t, &t->victim))
		return false;
	if (t->kept.st.st_ino != t->victim.st.st_ino || t->kept.st.st_dev != t->victim.st.st_dev)
		return dupe_is_allowed(t) && dupe_is_equal(t) && make_temporary(t) &&
		       dupe_delete(t);
	if (!dupe_kept_stands(t))
		return false;
	if (unlinkat(t->victim.dirfd, t->victim.name, 0) != 0)
		return dupe_fail(t, "remove", errno);
	return true;
}

struct dupe_outcome dupe_clean(struct dupe_actor *a, uint32_t kept, uint32_t leftover)
{
	struct dupe_turn t = turn(a, kept, leftover);

	(void)clean(&t);
	release(&t.kept);
	release(&t.victim);
	return t.outcome;
}
