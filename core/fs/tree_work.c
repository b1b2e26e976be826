/* SPDX-License-Identifier: MIT */
#include "base/map.h"
#include "fs/tree_sync_private.h"

enum {
	WORK_MAX = 100000, /* entries, of about 100 bytes each */
	KEY_MAX = 16 + 256,
};

struct sync_work {
	pthread_mutex_t lock;
	struct map *entries; /* device and inode of the source's directory, then the name */
	bool overflows;      /* there are more: all may be meant */
};

struct sync_work *sync_work_new(void)
{
	struct sync_work *work = mem_alloc_zeroed(sizeof(*work));

	(void)pthread_mutex_init(&work->lock, NULL);
	work->entries = map_new();
	return work;
}

struct sync_work *sync_work_free(struct sync_work *work)
{
	if (work == NULL)
		return NULL;
	(void)map_free(work->entries);
	(void)pthread_mutex_destroy(&work->lock);
	free(work);
	return NULL;
}

/* 0: the name is longer than any that a key has room for. */
static size_t make_key(const struct stat *dir, const char *name, size_t len,
                       char ret[static KEY_MAX])
{
	const uint64_t numbers[2] = { dir->st_dev, dir->st_ino };

	if (len > KEY_MAX - sizeof(numbers))
		return 0;
	memcpy(ret, numbers, sizeof(numbers));
	memcpy(ret + sizeof(numbers), name, len);
	return sizeof(numbers) + len;
}

void sync_work_add(struct sync_work *work, const struct stat *dir, const char *name, size_t len)
{
	char key[KEY_MAX];
	size_t key_len = make_key(dir, name, len, key);

	(void)pthread_mutex_lock(&work->lock);
	if (key_len == 0 || map_len(work->entries) >= WORK_MAX)
		work->overflows = true;
	else
		(void)map_add(work->entries, key, key_len, NULL);
	(void)pthread_mutex_unlock(&work->lock);
}

void sync_work_add_all(struct sync_work *work)
{
	(void)pthread_mutex_lock(&work->lock);
	work->overflows = true;
	(void)pthread_mutex_unlock(&work->lock);
}

bool sync_work_has(const struct sync_work *work, const struct stat *dir, const char *name,
                   size_t len)
{
	char key[KEY_MAX];
	size_t key_len;

	if (work->overflows)
		return true;
	key_len = make_key(dir, name, len, key);
	return key_len == 0 || map_find(work->entries, key, key_len) != NULL;
}
