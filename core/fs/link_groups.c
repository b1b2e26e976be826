/* SPDX-License-Identifier: MIT */
#include "fs/link_groups.h"

#include "base/map.h"

#include <pthread.h>

struct inode_key {
	uint64_t dev, ino;
};

struct link_groups {
	pthread_mutex_t lock;
	struct map *by_inode; /* struct inode_key of the source: index in `groups` */
	struct map *taken;    /* of the target: index in `owners` */
	struct {
		VEC_FIELDS(struct link_group);
	} groups;
	struct {
		VEC_FIELDS(struct inode_key);
	} owners;
};

struct link_groups *link_groups_new(void)
{
	struct link_groups *g = mem_alloc_zeroed(sizeof(*g));

	(void)pthread_mutex_init(&g->lock, NULL);
	g->by_inode = map_new();
	g->taken = map_new();
	return g;
}

struct link_groups *link_groups_free(struct link_groups *g)
{
	if (g == NULL)
		return NULL;
	for (size_t i = 0; i < g->groups.len; i++) {
		struct link_group *group = &g->groups.items[i];

		for (size_t k = 0; k < group->members.len; k++)
			free(group->members.items[k]);
		vec_release(&group->members);
		free(group->leader);
	}
	vec_release(&g->groups);
	vec_release(&g->owners);
	(void)map_free(g->by_inode);
	(void)map_free(g->taken);
	(void)pthread_mutex_destroy(&g->lock);
	free(g);
	return NULL;
}

static struct inode_key key_of(const struct stat *st)
{
	return (struct inode_key){ st->st_dev, st->st_ino };
}

enum link_role link_groups_meet(struct link_groups *g, const struct stat *st, const char *path,
                                const struct stat *to_st, bool again)
{
	struct inode_key key = key_of(st);
	enum link_role role = LINK_MEMBER;
	struct map_entry *entry;
	struct link_group *group;
	bool added;

	(void)pthread_mutex_lock(&g->lock);
	entry = map_add(g->by_inode, &key, sizeof(key), &added);
	if (added) {
		entry->value = g->groups.len;
		vec_push(&g->groups, (struct link_group){ .leader = mem_strdup(path) });
		group = &vec_last(&g->groups);
		group->to_ino = to_st != NULL ? to_st->st_ino : 0;
		group->to_dev = to_st != NULL ? to_st->st_dev : 0;
		role = LINK_LEADER;
	} else {
		group = &g->groups.items[entry->value];
		if (strcmp(group->leader, path) == 0)
			role = LINK_LEADER;
		else if (!again)
			vec_push(&group->members, mem_strdup(path));
		if (role == LINK_MEMBER && (to_st == NULL || to_st->st_ino != group->to_ino ||
		                            to_st->st_dev != group->to_dev))
			group->dirty = true;
	}
	(void)pthread_mutex_unlock(&g->lock);
	return role;
}

/* The group of a source, if `path` leads it; with the lock held. */
static struct link_group *led_by(struct link_groups *g, const struct stat *st, const char *path)
{
	struct inode_key key = key_of(st);
	struct map_entry *entry = map_find(g->by_inode, &key, sizeof(key));
	struct link_group *group = entry != NULL ? &g->groups.items[entry->value] : NULL;

	return group != NULL && (path == NULL || strcmp(group->leader, path) == 0) ? group : NULL;
}

void link_groups_mark(struct link_groups *g, const struct stat *st, const char *path)
{
	struct link_group *group;

	(void)pthread_mutex_lock(&g->lock);
	group = led_by(g, st, path);
	if (group != NULL) {
		group->dirty = true;
		group->remade = true;
		group->to_ino = 0;
		group->to_dev = 0;
	}
	(void)pthread_mutex_unlock(&g->lock);
}

void link_groups_made(struct link_groups *g, const struct stat *st, const char *path,
                      const struct stat *to_st)
{
	struct link_group *group;

	(void)pthread_mutex_lock(&g->lock);
	group = led_by(g, st, path);
	if (group != NULL) {
		group->dirty = true;
		group->remade = true;
		group->failed = to_st == NULL;
		group->to_ino = to_st != NULL ? to_st->st_ino : 0;
		group->to_dev = to_st != NULL ? to_st->st_dev : 0;
	}
	(void)pthread_mutex_unlock(&g->lock);
}

void link_groups_mark_late(struct link_groups *g, const struct stat *st)
{
	struct link_group *group;

	(void)pthread_mutex_lock(&g->lock);
	group = led_by(g, st, NULL);
	if (group != NULL)
		group->late = true;
	(void)pthread_mutex_unlock(&g->lock);
}

bool link_groups_is_taken(struct link_groups *g, const struct stat *st, const struct stat *to_st)
{
	struct inode_key key = key_of(to_st);
	struct inode_key mine = key_of(st);
	struct inode_key owner;
	struct map_entry *entry;
	bool added;

	(void)pthread_mutex_lock(&g->lock);
	entry = map_add(g->taken, &key, sizeof(key), &added);
	if (added) {
		entry->value = g->owners.len;
		vec_push(&g->owners, mine);
	}
	owner = g->owners.items[entry->value];
	(void)pthread_mutex_unlock(&g->lock);
	return owner.dev != mine.dev || owner.ino != mine.ino;
}

size_t link_groups_len(const struct link_groups *g)
{
	return g->groups.len;
}

struct link_group *link_groups_at(struct link_groups *g, size_t n)
{
	return &g->groups.items[n];
}
