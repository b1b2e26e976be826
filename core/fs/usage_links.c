/* SPDX-License-Identifier: MIT */
#include "fs/usage_links.h"

#include "base/mem.h"
#include "base/vec.h"

struct link_node {
	uint64_t dev, ino;
	uint64_t names; /* met so far; 0: a free slot */
	uint64_t last;  /* clock of the name met last */
	int64_t holder; /* depth of the directory that holds all of them, -1: none does */
};

struct usage_links {
	struct link_node *slots; /* a power of two of them, probed linearly */
	size_t mask, used;
	uint64_t clock; /* counts names and directories */
	struct {
		VEC_FIELDS(uint64_t); /* by depth: clock when the open directory was entered */
	} open;
};

enum { SLOTS_AT_FIRST = 1024 };

struct usage_links *usage_links_new(void)
{
	struct usage_links *links = mem_alloc_zeroed(sizeof(*links));

	links->mask = SLOTS_AT_FIRST - 1;
	links->slots = mem_alloc_zeroed(SLOTS_AT_FIRST * sizeof(*links->slots));
	return links;
}

struct usage_links *usage_links_free(struct usage_links *links)
{
	if (links == NULL)
		return NULL;
	vec_release(&links->open);
	free(links->slots);
	free(links);
	return NULL;
}

void usage_links_enter(struct usage_links *links, unsigned depth)
{
	if (links->open.len > depth)
		links->open.len = depth;
	links->clock++;
	vec_push(&links->open, links->clock);
}

static struct link_node *slot_for(struct link_node *slots, size_t mask, uint64_t dev, uint64_t ino)
{
	uint64_t hash = (ino ^ (dev << 32 | dev >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(hash >> 20) & mask;

	while (slots[at].names != 0 && (slots[at].ino != ino || slots[at].dev != dev))
		at = (at + 1) & mask;
	return &slots[at];
}

static void grow(struct usage_links *links)
{
	const size_t mask = links->mask * 2 + 1;
	struct link_node *slots = mem_alloc_array(mask + 1, sizeof(*slots));

	memset(slots, 0, (mask + 1) * sizeof(*slots));
	for (size_t i = 0; i <= links->mask; i++)
		if (links->slots[i].names != 0)
			*slot_for(slots, mask, links->slots[i].dev, links->slots[i].ino) =
				links->slots[i];
	free(links->slots);
	links->slots = slots;
	links->mask = mask;
}

/* The depth of the deepest open directory that was entered before `when`, or -1. */
static int64_t open_since(const struct usage_links *links, unsigned depth, uint64_t when)
{
	size_t low = 0, high = (size_t)depth + 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (links->open.items[middle] <= when)
			low = middle + 1;
		else
			high = middle;
	}
	return (int64_t)low - 1;
}

int64_t usage_links_add(struct usage_links *links, unsigned depth, uint64_t dev, uint64_t ino,
                        uint64_t nlink)
{
	if ((links->used + 1) * 4 > (links->mask + 1) * 3)
		grow(links);

	struct link_node *node = slot_for(links->slots, links->mask, dev, ino);

	if (node->names == 0) {
		*node = (struct link_node){ .dev = dev, .ino = ino, .holder = depth };
		links->used++;
	} else {
		int64_t both = open_since(links, depth, node->last);

		if (both < node->holder)
			node->holder = both;
	}
	node->names++;
	node->last = ++links->clock;
	return node->names == nlink ? node->holder : -1;
}
