/* SPDX-License-Identifier: MIT */
/* The filter as walk()'s hooks: a struct filter_dir is the state of each directory. */
#include "fs/filter_private.h"

static void *state_of(const struct walk_dir *dir)
{
	return dir ? walk_select_state(dir) : NULL;
}

static bool wanted(const struct walk_entry *e, void *user)
{
	struct filter_entry entry = { .dir = state_of(e->parent),
		                      .name = e->name,
		                      .name_len = e->name_len,
		                      .type = e->type,
		                      .dirfd = e->dirfd };

	return filter_decide(user, &entry).included;
}

static bool descend(const struct walk_entry *e, int fd, void **state, void *user)
{
	struct filter_dir *dir;
	bool read = filter_enter(user, state_of(e->parent), e->name, fd, &dir);

	*state = dir;
	return read;
}

static void forget(void *state, void *user)
{
	(void)user;
	(void)filter_dir_free(state);
}

struct walk_select filter_select(const struct filter *f)
{
	bool follows = filter_follows_directories(f);
	void *user;

	/* The hooks take it as constant again. */
	memcpy(&user, &f, sizeof(user));
	return (struct walk_select){ .wanted = wanted,
		                     .descend = follows ? descend : NULL,
		                     .forget = follows ? forget : NULL,
		                     .user = user };
}
