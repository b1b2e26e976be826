/* SPDX-License-Identifier: MIT */
/*
 * The file: a magic word with the version, the algorithm's number, the count, then entries in
 * this machine's byte order sorted by device and inode, then the XXH3 checksum of all before.
 */
#include "fs/same_cache.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/mem.h"
#include "base/vec.h"
#include "fs/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

enum { CACHE_MAX = 1 << 30, CHECK_SIZE = 16, SETTLED_SECONDS = 3 };

struct entry {
	struct file_state state;
	unsigned char digest[HASH_SIZE_MAX];
};

struct entries {
	VEC_FIELDS(struct entry);
};

struct same_cache {
	char *path;
	enum hash_algo algo;
	struct entries known; /* sorted by device and inode */
	pthread_mutex_t lock; /* of `added` */
	struct entries added;
};

struct header {
	char magic[16];
	uint32_t algo;
	uint32_t entry_size;
	uint64_t count;
};

static const char magic[16] = "dutybox-dupes-1";

static int compare_files(const void *a, const void *b)
{
	const struct file_state *x = &((const struct entry *)a)->state;
	const struct file_state *y = &((const struct entry *)b)->state;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static void checksum(const void *data, size_t len, unsigned char *ret)
{
	AUTO_FREE(hash) struct hash *h = hash_new(HASH_XXH128);
	unsigned char digest[HASH_SIZE_MAX];

	hash_update(h, data, len);
	(void)hash_finish(h, digest);
	memcpy(ret, digest, CHECK_SIZE);
}

/* Takes the entries out of the file's bytes. NULL, or what is wrong. */
static const char *parse(struct same_cache *cache, const struct strbuf *text)
{
	struct header header;
	unsigned char check[CHECK_SIZE];
	size_t body;

	if (text->len < sizeof(header) + CHECK_SIZE)
		return "it is not a cache of this program";
	memcpy(&header, text->data, sizeof(header));
	if (memcmp(header.magic, magic, sizeof(magic)) != 0 ||
	    header.entry_size != sizeof(struct entry))
		return "it is not a cache of this version";
	if (header.algo != cache->algo)
		return "it is for another checksum";
	body = text->len - sizeof(header) - CHECK_SIZE;
	if (body % sizeof(struct entry) != 0 || body / sizeof(struct entry) != header.count)
		return "it is damaged";
	checksum(text->data, text->len - CHECK_SIZE, check);
	if (memcmp(check, text->data + text->len - CHECK_SIZE, CHECK_SIZE) != 0)
		return "it is damaged";
	cache->known.items = mem_alloc_array(header.count, sizeof(struct entry));
	cache->known.len = cache->known.cap = header.count;
	memcpy(cache->known.items, text->data + sizeof(header), body);
	return NULL;
}

int same_cache_open(const char *path, enum hash_algo algo, struct same_cache **ret,
                    const char **ret_reason)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = fdio_read_file(AT_FDCWD, path, CACHE_MAX, &text);
	struct same_cache *cache;

	if (r < 0 && r != -ENOENT && r != -EFBIG)
		return r;
	cache = mem_alloc_zeroed(sizeof(*cache));
	cache->path = mem_strdup(path);
	cache->algo = algo;
	(void)pthread_mutex_init(&cache->lock, NULL);
	*ret_reason = NULL;
	if (r == -EFBIG)
		*ret_reason = "it is too big";
	else if (r == 0 && text.len != 0)
		*ret_reason = parse(cache, &text);
	*ret = cache;
	return 0;
}

struct same_cache *same_cache_free(struct same_cache *cache)
{
	if (cache == NULL)
		return NULL;
	vec_release(&cache->known);
	vec_release(&cache->added);
	(void)pthread_mutex_destroy(&cache->lock);
	free(cache->path);
	free(cache);
	return NULL;
}

bool same_cache_find(struct same_cache *cache, const struct file_state *state, unsigned char *ret)
{
	const struct entry key = { .state = *state };
	const struct entry *found;

	if (cache->known.len == 0)
		return false;
	found = bsearch(&key, cache->known.items, cache->known.len, sizeof(key), compare_files);
	if (found == NULL || !file_state_equal(&found->state, state))
		return false;
	memcpy(ret, found->digest, hash_size(cache->algo));
	return true;
}

/* Long enough ago that a change from now on shows in the times. */
static bool is_settled(struct timespec then, struct timespec now)
{
	return then.tv_sec < now.tv_sec - SETTLED_SECONDS;
}

void same_cache_add(struct same_cache *cache, const struct file_state *state,
                    const unsigned char *digest)
{
	struct timespec now = clock_wall();
	struct entry entry;

	if (!is_settled(state->ctime, now) || !is_settled(state->mtime, now))
		return;
	/* Padding too: the entries are written as they are. */
	memset(&entry, 0, sizeof(entry));
	entry.state = *state;
	memcpy(entry.digest, digest, hash_size(cache->algo));
	(void)pthread_mutex_lock(&cache->lock);
	vec_push(&cache->added, entry);
	(void)pthread_mutex_unlock(&cache->lock);
}

/* The added ones, and the known ones that none of them replaces, by device and inode. */
static void merge(struct same_cache *cache, struct strbuf *ret)
{
	struct entries *added = &cache->added;
	const struct entries *known = &cache->known;
	size_t i = 0;
	size_t k = 0;

	qsort(added->items, added->len, sizeof(struct entry), compare_files);
	while (i < added->len || k < known->len) {
		int order;

		if (i + 1 < added->len &&
		    compare_files(&added->items[i], &added->items[i + 1]) == 0) {
			i++;
			continue;
		}
		order = i == added->len   ? 1
		        : k == known->len ? -1
		                          : compare_files(&added->items[i], &known->items[k]);
		strbuf_add(ret, order <= 0 ? &added->items[i] : &known->items[k],
		           sizeof(struct entry));
		i += order <= 0;
		k += order >= 0;
	}
}

static int write_file(const char *path, const struct strbuf *text)
{
	struct replace file;
	int r = replace_begin(path, &file);

	if (r < 0)
		return r;
	r = fdio_write_all(file.fd, text->data, text->len);
	if (r < 0) {
		replace_abort(&file);
		return r;
	}
	return replace_commit(&file);
}

int same_cache_save(struct same_cache *cache)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct header header = { .algo = cache->algo, .entry_size = sizeof(struct entry) };
	unsigned char check[CHECK_SIZE];

	if (cache->added.len == 0)
		return 0;
	memcpy(header.magic, magic, sizeof(magic));
	strbuf_add(&text, &header, sizeof(header));
	merge(cache, &text);
	header.count = (text.len - sizeof(header)) / sizeof(struct entry);
	memcpy(text.data, &header, sizeof(header));
	checksum(text.data, text.len, check);
	strbuf_add(&text, check, sizeof(check));
	return write_file(cache->path, &text);
}
