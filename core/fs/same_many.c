/* SPDX-License-Identifier: MIT */
/* Any number of files of one size: told apart by hashes, then proved equal. */
#include "base/mem.h"
#include "fs/hash_file.h"
#include "fs/same_cache.h"
#include "fs/same_private.h"

/*
 * Nodes, and what tells each from others: rows of a digest and a pointer behind it, as long as
 * they must be, for there may be a million of them.
 */
struct prints {
	unsigned char *rows; /* owned */
	size_t len;
	size_t digest; /* bytes */
};

static size_t stride(const struct prints *p)
{
	return p->digest + sizeof(struct same_node *);
}

static unsigned char *row(const struct prints *p, size_t i)
{
	return p->rows + i * stride(p);
}

static struct prints prints_new(size_t n, size_t digest)
{
	struct prints p = { .digest = digest };

	p.rows = mem_alloc_array(n, stride(&p));
	return p;
}

/* Keeps the row whose digest was just written. */
static void keep(struct prints *p, const struct same_node *node)
{
	memcpy(row(p, p->len++) + p->digest, &node, sizeof(node));
}

static int compare_rows(const void *a, const void *b, void *len)
{
	return memcmp(a, b, *(const size_t *)len);
}

typedef void on_cluster(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size,
                        const unsigned char *digest);

/*
 * Sorts by digest and calls for each that several nodes share. Frees the prints; `nodes`, those
 * they were made of, are put in the same order.
 */
static void each_cluster(struct same_worker *w, struct prints *p, struct same_node **nodes,
                         uint64_t size, on_cluster *call)
{
	size_t begin = 0;

	if (p->len > 1)
		qsort_r(p->rows, p->len, stride(p), compare_rows, &p->digest);
	for (size_t i = 0; i < p->len; i++)
		memcpy(&nodes[i], row(p, i) + p->digest, sizeof(nodes[i]));
	for (size_t i = 1; i <= p->len; i++) {
		if (i < p->len && memcmp(row(p, begin), row(p, i), p->digest) == 0)
			continue;
		if (i - begin > 1 && !atomic_load(&w->search->stopped))
			call(w, nodes + begin, i - begin, size, row(p, begin));
		begin = i;
	}
	free(p->rows);
}

/* Takes the nodes that could not be read out; returns how many are left. */
static size_t squeeze(struct same_node **nodes, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (nodes[i] != NULL)
			nodes[kept++] = nodes[i];
	return kept;
}

static void swap(struct same_node **a, struct same_node **b)
{
	struct same_node *other = *a;

	*a = *b;
	*b = other;
}

/*
 * Compares all with the first, in batches that the first is read with each time: those that equal
 * it come to the front. Returns how many they are, itself included. What cannot be read becomes
 * NULL.
 */
static size_t with_first(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size)
{
	size_t room = w->search->step - 1;
	struct same_node *batch[SAME_STEP_MAX];
	size_t equal = 1;

	for (size_t at = 1; at < n && !atomic_load(&w->search->stopped); at += room) {
		size_t len = n - at < room ? n - at : room;
		size_t same;

		batch[0] = nodes[0];
		for (size_t i = 0; i < len; i++)
			batch[i + 1] = nodes[at + i];
		same = same_with_first(w, batch, len + 1, size);
		for (size_t i = 0; i < len; i++)
			nodes[at + i] = batch[i + 1];
		/* The first cannot be read any more: what was equal to it so far is still equal. */
		if (batch[0] == NULL)
			break;
		for (size_t i = 1; i < same; i++)
			swap(&nodes[equal++], &nodes[at + i - 1]);
	}
	return equal;
}

static void compare_many(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size,
                         bool is_hashed);

static void compare_cluster(struct same_worker *w, struct same_node **nodes, size_t n,
                            uint64_t size, const unsigned char *digest)
{
	(void)digest;
	compare_many(w, nodes, n, size, true);
}

/* Many that are not the first's equals, but alike at both ends: their whole contents tell. */
static void split_by_hash(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size)
{
	struct prints p = prints_new(n, SAME_DIGEST);

	for (size_t i = 0; i < n && !atomic_load(&w->search->stopped); i++)
		if (same_fast_hash(w, nodes[i], row(&p, p.len)))
			keep(&p, nodes[i]);
	each_cluster(w, &p, nodes, size, compare_cluster);
}

static void compare_many(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size,
                         bool is_hashed)
{
	while (n > w->search->step && !atomic_load(&w->search->stopped)) {
		size_t equal = with_first(w, nodes, n, size);

		if (atomic_load(&w->search->stopped))
			return;
		if (equal > 1)
			same_emit(w, nodes, equal, size, NULL);
		n = squeeze(nodes + equal, n - equal);
		nodes += equal;
		if (n > w->search->step && !is_hashed) {
			split_by_hash(w, nodes, n, size);
			return;
		}
	}
	if (n > 1 && !atomic_load(&w->search->stopped))
		same_in_step(w, nodes, n, size);
}

static void compare_alike(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size,
                          const unsigned char *digest)
{
	(void)digest;
	compare_many(w, nodes, n, size, size <= SAME_SMALL);
}

/* By the hash of the whole of small files, of both ends of others. */
static void each_alike(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size,
                       on_cluster *call)
{
	struct prints p = prints_new(n, SAME_DIGEST);

	for (size_t i = 0; i < n && !atomic_load(&w->search->stopped); i++)
		if (same_fingerprint(w, nodes[i], size, row(&p, p.len)))
			keep(&p, nodes[i]);
	each_cluster(w, &p, nodes, size, call);
}

void same_compare(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size)
{
	if (size <= SAME_SMALL && n * (size + 1) <= SAME_ROOM)
		same_in_memory(w, nodes, n, size);
	else if (n <= w->search->step)
		same_in_step(w, nodes, n, size);
	else
		each_alike(w, nodes, n, size, compare_alike);
}

static bool count(uint64_t bytes, void *user)
{
	return same_goes_on(user, bytes);
}

/* The hash that was asked for, of all of it; from the cache when that knows it. */
static bool strong_hash(struct same_worker *w, struct same_node *node, unsigned char *ret)
{
	const struct same_opts *opts = w->search->opts;
	const struct read_opts read_opts = { .progress = count, .user = w };
	struct hash_file_result result = { 0 };
	struct file_state state;
	AUTO_CLOSE int fd = same_open(w, node, NULL);
	int r;

	if (fd < 0)
		return false;
	r = file_state_read(fd, &state);
	if (r == 0 && opts->cache != NULL && same_cache_find(opts->cache, &state, ret))
		return true;
	if (w->strong == NULL)
		w->strong = hash_new(opts->algo);
	if (r == 0)
		r = hash_fd(fd, w->strong, &read_opts, &result);
	if (r < 0) {
		same_trouble(w, node, "read", -r);
		return false;
	}
	memcpy(ret, result.digest, result.digest_size);
	if (opts->cache != NULL)
		same_cache_add(opts->cache, &result.state, ret);
	return true;
}

static void emit_hashed(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size,
                        const unsigned char *digest)
{
	if (hash_is_cryptographic(w->search->opts->algo))
		same_emit(w, nodes, n, size, digest);
	else
		same_compare(w, nodes, n, size);
}

static void hash_alike(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size,
                       const unsigned char *digest)
{
	struct prints p = prints_new(n, hash_size(w->search->opts->algo));

	(void)digest;
	for (size_t i = 0; i < n && !atomic_load(&w->search->stopped); i++)
		if (strong_hash(w, nodes[i], row(&p, p.len)))
			keep(&p, nodes[i]);
	each_cluster(w, &p, nodes, size, emit_hashed);
}

void same_hash(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size)
{
	/* What the cache knows needs no look at the ends either. */
	if (size <= SAME_SMALL || w->search->opts->cache != NULL)
		hash_alike(w, nodes, n, size, NULL);
	else
		each_alike(w, nodes, n, size, hash_alike);
}
