/* SPDX-License-Identifier: MIT */
#include "fs/inode_set.h"

#include "base/vec.h"

#include <pthread.h>

/*
 * Per shard and device a table of bare inode numbers, open addressing with
 * linear probing, zero meaning empty. Tables grow by half when they are 4/5
 * full, so an inode costs 10 to 15 bytes.
 */
enum { INODE_SHARDS = 16, INODE_FIRST = 48 };

struct inode_table {
	uint64_t device;
	uint64_t *slots;
	size_t size;
	size_t used;
	bool has_zero; /* inode 0, which no slot can hold */
};

struct inode_shard {
	_Alignas(64) pthread_mutex_t lock; /* a cache line of its own */
	struct {
		VEC_FIELDS(struct inode_table);
	} tables; /* ascending by device */
};

struct inode_set {
	bool shared;
	unsigned shards;
	struct inode_shard shard[];
};

/* The finalizer of MurmurHash3 (Appleby, public domain): every bit of x reaches every bit. */
static uint64_t inode_mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdU;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53U;
	x ^= x >> 33;
	return x;
}

struct inode_set *inode_set_new(bool shared)
{
	unsigned shards = shared ? INODE_SHARDS : 1;
	size_t size = sizeof(struct inode_set) + shards * sizeof(struct inode_shard);
	struct inode_set *set;

	size = (size + 63) / 64 * 64;
	set = aligned_alloc(64, size);
	if (set == NULL)
		mem_exhausted();
	memset(set, 0, size);
	set->shared = shared;
	set->shards = shards;
	for (unsigned i = 0; i < shards; i++)
		(void)pthread_mutex_init(&set->shard[i].lock, NULL);
	return set;
}

struct inode_set *inode_set_free(struct inode_set *set)
{
	if (set == NULL)
		return NULL;
	for (unsigned i = 0; i < set->shards; i++) {
		struct inode_shard *shard = &set->shard[i];

		for (size_t k = 0; k < shard->tables.len; k++)
			free(shard->tables.items[k].slots);
		vec_release(&shard->tables);
		(void)pthread_mutex_destroy(&shard->lock);
	}
	free(set);
	return NULL;
}

/* Where `inode` is or would go. The table has at least one empty slot. */
static size_t inode_slot(const struct inode_table *table, uint64_t inode)
{
	/* The high half of hash * size is below size, for any size (Lemire's range reduction). */
	__extension__ typedef unsigned __int128 wide;
	size_t i = (size_t)(((wide)inode_mix(inode) * table->size) >> 64);

	while (table->slots[i] != 0 && table->slots[i] != inode)
		i = i + 1 < table->size ? i + 1 : 0;
	return i;
}

static void inode_table_grow(struct inode_table *table)
{
	struct inode_table old = *table;

	if (__builtin_mul_overflow(old.size, (size_t)3, &table->size))
		mem_exhausted();
	table->size = table->size / 2 > INODE_FIRST ? table->size / 2 : INODE_FIRST;
	table->slots = mem_alloc_array(table->size, sizeof(table->slots[0]));
	memset(table->slots, 0, table->size * sizeof(table->slots[0]));
	for (size_t i = 0; i < old.size; i++) {
		if (old.slots[i] != 0)
			table->slots[inode_slot(table, old.slots[i])] = old.slots[i];
	}
	free(old.slots);
}

static bool inode_table_add(struct inode_table *table, uint64_t inode)
{
	size_t i;

	if (inode == 0) {
		bool added = !table->has_zero;

		table->has_zero = true;
		return added;
	}
	if (table->used >= table->size / 5 * 4)
		inode_table_grow(table);
	i = inode_slot(table, inode);
	if (table->slots[i] == inode)
		return false;
	table->slots[i] = inode;
	table->used++;
	return true;
}

/* The first table whose device is not below this one. */
static size_t inode_table_at(const struct inode_shard *shard, uint64_t device)
{
	size_t low = 0;
	size_t high = shard->tables.len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (shard->tables.items[mid].device < device)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct inode_table *inode_table_for(struct inode_shard *shard, uint64_t device)
{
	size_t at = inode_table_at(shard, device);
	struct inode_table *items;

	if (at == shard->tables.len || shard->tables.items[at].device != device) {
		vec_push(&shard->tables, (struct inode_table){ 0 });
		items = shard->tables.items;
		memmove(&items[at + 1], &items[at],
		        (shard->tables.len - 1 - at) * sizeof(items[0]));
		items[at] = (struct inode_table){ .device = device };
	}
	return &shard->tables.items[at];
}

static size_t inode_shard_of(const struct inode_set *set, uint64_t inode)
{
	/* The low bits: the slot is chosen by the high ones. */
	return set->shards > 1 ? (size_t)(inode_mix(inode) % set->shards) : 0;
}

bool inode_set_add(struct inode_set *set, uint64_t device, uint64_t inode)
{
	struct inode_shard *shard = &set->shard[inode_shard_of(set, inode)];
	bool added;

	if (!set->shared)
		return inode_table_add(inode_table_for(shard, device), inode);
	(void)pthread_mutex_lock(&shard->lock);
	added = inode_table_add(inode_table_for(shard, device), inode);
	(void)pthread_mutex_unlock(&shard->lock);
	return added;
}

bool inode_set_has(const struct inode_set *set, uint64_t device, uint64_t inode)
{
	const struct inode_shard *shard = &set->shard[inode_shard_of(set, inode)];
	size_t at = inode_table_at(shard, device);
	const struct inode_table *table;

	if (at == shard->tables.len || shard->tables.items[at].device != device)
		return false;
	table = &shard->tables.items[at];
	if (inode == 0)
		return table->has_zero;
	return table->used != 0 && table->slots[inode_slot(table, inode)] == inode;
}
