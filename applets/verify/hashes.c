/* SPDX-License-Identifier: MIT */
/* Hashes that are used again: making one asks the processor what it can do, which takes longer
 * than to hash a small file. */
#include "verify.h"

void hashes_init(struct hashes *h)
{
	*h = (struct hashes){ 0 };
	(void)pthread_mutex_init(&h->lock, NULL);
}

void hashes_release(struct hashes *h)
{
	for (size_t i = 0; i < h->idle.len; i++)
		(void)hash_free(h->idle.items[i]);
	vec_release(&h->idle);
	(void)pthread_mutex_destroy(&h->lock);
}

static struct hash *take_idle(struct hashes *h, enum hash_algo algo)
{
	struct hash *found = NULL;

	(void)pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->idle.len && found == NULL; i++) {
		if (hash_algo(h->idle.items[i]) != algo)
			continue;
		found = h->idle.items[i];
		h->idle.items[i] = h->idle.items[--h->idle.len];
	}
	(void)pthread_mutex_unlock(&h->lock);
	return found != NULL ? found : hash_new(algo);
}

int verify_hash(struct verify_run *run, int fd, enum hash_algo algo, struct hash_file_result *ret)
{
	const struct read_opts opts = verify_read_opts(run);
	struct hash *hash = take_idle(&run->hashes, algo);
	int r = hash_fd(fd, hash, &opts, ret);

	(void)pthread_mutex_lock(&run->hashes.lock);
	vec_push(&run->hashes.idle, hash);
	(void)pthread_mutex_unlock(&run->hashes.lock);
	return r;
}
