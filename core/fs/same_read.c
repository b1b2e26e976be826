/* SPDX-License-Identifier: MIT */
#include "base/mem.h"
#include "fs/hash_file.h"
#include "fs/same_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

void same_trouble(struct same_worker *w, const struct same_node *node, const char *verb, int err)
{
	const struct same_opts *opts = w->search->opts;
	const struct same_trouble trouble = { same_file(w, node), verb, err };

	if (err == ENOENT)
		atomic_fetch_add(&w->search->vanished, 1);
	else if (err != ECANCELED && opts->trouble != NULL)
		opts->trouble(&trouble, opts->user);
}

bool same_goes_on(struct same_worker *w, uint64_t bytes)
{
	const struct same_opts *opts = w->search->opts;

	w->read_bytes += bytes;
	if (opts->tick != NULL && !opts->tick(bytes, opts->user))
		atomic_store(&w->search->stopped, true);
	return !atomic_load_explicit(&w->search->stopped, memory_order_relaxed);
}

unsigned char *same_room(struct same_worker *w)
{
	if (w->room == NULL) {
		/* A byte more is read of each small file, to see that it ends. */
		w->room = aligned_alloc(SAME_PIECE_MIN, SAME_ROOM + SAME_PIECE_MIN);
		if (w->room == NULL)
			mem_exhausted();
	}
	return w->room;
}

/* What is known of the node from now on. */
static void take_over(struct same_worker *w, struct same_node *node, const struct stat *st)
{
	for (uint32_t i = 0; i < node->names; i++)
		file_list_update(w->search->list, w->search->order[node->first + i], st);
	node->nlink = (uint32_t)st->st_nlink;
	node->disk = (uint64_t)st->st_blocks * 512;
	node->mtime = st->st_mtim;
}

/* The same file of the same size: what else has changed may have done so before it is read. */
static bool is_usable(const struct same_worker *w, const struct same_node *node,
                      const struct stat *st)
{
	uint32_t file = same_file(w, node);
	const struct file_record *r = file_list_at(w->search->list, file);

	return S_ISREG(st->st_mode) && st->st_ino == r->ino &&
	       st->st_dev == file_list_device(w->search->list, file) &&
	       (uint64_t)st->st_size == r->size;
}

int same_open(struct same_worker *w, struct same_node *node, bool *ret_sparse)
{
	struct stat st;
	int fd = file_opener_open(w->opener, same_file(w, node));

	if (fd < 0) {
		same_trouble(w, node, "open", -fd);
		return -1;
	}
	if (fstat(fd, &st) != 0) {
		same_trouble(w, node, "stat", errno);
	} else if (!is_usable(w, node, &st)) {
		same_trouble(w, node, "read", ESTALE);
	} else {
		take_over(w, node, &st);
		if (ret_sparse != NULL)
			*ret_sparse = (uint64_t)st.st_blocks * 512 < (uint64_t)st.st_size;
		return fd;
	}
	(void)close(fd);
	return -1;
}

bool same_still(struct same_worker *w, struct same_node *node, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		same_trouble(w, node, "stat", errno);
		return false;
	}
	if (file_list_is_same(w->search->list, same_file(w, node), &st))
		return true;
	same_trouble(w, node, "read", ESTALE);
	return false;
}

/* Bytes that were there, at most `len`; or -errno. */
static ssize_t read_at(int fd, unsigned char *buffer, size_t len, uint64_t at)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = pread(fd, buffer + have, len - have, (off_t)(at + have));

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			have += (size_t)n;
	}
	return (ssize_t)have;
}

bool same_read_at(struct same_worker *w, const struct same_node *node, int fd, void *buffer,
                  size_t len, uint64_t at)
{
	ssize_t n = read_at(fd, buffer, len, at);

	if (n >= 0 && (size_t)n == len)
		return true;
	same_trouble(w, node, "read", n < 0 ? (int)-n : ESTALE);
	return false;
}

enum outcome { READ_DONE, READ_FAILED, READ_AGAIN };

/* Reads a small file and only then looks whether it is still what was found. */
static enum outcome read_small(struct same_worker *w, struct same_node *node, unsigned char *to,
                               size_t size, bool again)
{
	struct stat st;
	AUTO_CLOSE int fd = file_opener_open(w->opener, same_file(w, node));
	ssize_t n;

	if (fd < 0) {
		same_trouble(w, node, "open", -fd);
		return READ_FAILED;
	}
	/* A first read that is short or empty is the whole file: no need to ask again for its end.
	 */
	do {
		n = pread(fd, to, size + 1, 0);
	} while (n < 0 && errno == EINTR);
	if (n > 0 && (size_t)n < size)
		n = read_at(fd, to, size + 1, 0);
	if (n < 0) {
		same_trouble(w, node, "read", errno);
		return READ_FAILED;
	}
	if (fstat(fd, &st) != 0) {
		same_trouble(w, node, "stat", errno);
		return READ_FAILED;
	}
	if ((size_t)n == size && file_list_is_same(w->search->list, same_file(w, node), &st)) {
		take_over(w, node, &st);
		return READ_DONE;
	}
	if (again && (size_t)n == size && is_usable(w, node, &st)) {
		take_over(w, node, &st);
		return READ_AGAIN;
	}
	same_trouble(w, node, "read", ESTALE);
	return READ_FAILED;
}

/* All of a small file; its permissions may have changed since it was found, but not while it is
 * read. */
static bool read_whole(struct same_worker *w, struct same_node *node, unsigned char *to,
                       size_t size)
{
	enum outcome outcome = read_small(w, node, to, size, true);

	if (outcome == READ_AGAIN)
		outcome = read_small(w, node, to, size, false);
	return outcome == READ_DONE;
}

/* A node whose bytes are in memory. */
struct held {
	struct same_node *node;
	const unsigned char *bytes;
};

static int compare_held(const void *a, const void *b, void *size)
{
	const struct held *x = a;
	const struct held *y = b;

	return memcmp(x->bytes, y->bytes, *(const size_t *)size);
}

/* Emits each run of equal ones. */
static void emit_runs(struct same_worker *w, const struct held *held, size_t n, size_t size,
                      struct same_node **scratch)
{
	size_t begin = 0;

	for (size_t i = 0; i < n; i++)
		scratch[i] = held[i].node;
	for (size_t i = 1; i <= n; i++) {
		if (i < n && memcmp(held[begin].bytes, held[i].bytes, size) == 0)
			continue;
		if (i - begin > 1)
			same_emit(w, scratch + begin, i - begin, size, NULL);
		begin = i;
	}
}

void same_in_memory(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size)
{
	size_t len = (size_t)size;
	struct held *held = mem_alloc_array(n, sizeof(*held));
	unsigned char *at = same_room(w);
	size_t have = 0;

	for (size_t i = 0; i < n && same_goes_on(w, size); i++) {
		if (!read_whole(w, nodes[i], at, len))
			continue;
		held[have++] = (struct held){ nodes[i], at };
		at += len;
	}
	if (have > 1) {
		qsort_r(held, have, sizeof(*held), compare_held, &len);
		emit_runs(w, held, have, len, nodes);
	}
	free(held);
}

static bool hash_ends(struct same_worker *w, struct same_node *node, uint64_t size)
{
	unsigned char *room = same_room(w);
	AUTO_CLOSE int fd = same_open(w, node, NULL);
	size_t end = SAME_PIECE_MIN;

	if (fd < 0 || !same_read_at(w, node, fd, room, end, 0) ||
	    !same_read_at(w, node, fd, room + end, end, size - end))
		return false;
	hash_update(w->fast, room, 2 * end);
	return same_goes_on(w, 2 * end);
}

bool same_fingerprint(struct same_worker *w, struct same_node *node, uint64_t size,
                      unsigned char *ret)
{
	unsigned char digest[HASH_SIZE_MAX];

	if (w->fast == NULL)
		w->fast = hash_new(HASH_XXH128);
	hash_reset(w->fast);
	if (size > SAME_SMALL) {
		if (!hash_ends(w, node, size))
			return false;
	} else {
		if (!read_whole(w, node, same_room(w), (size_t)size))
			return false;
		hash_update(w->fast, same_room(w), (size_t)size);
		if (!same_goes_on(w, size))
			return false;
	}
	(void)hash_finish(w->fast, digest);
	memcpy(ret, digest, SAME_DIGEST);
	return true;
}

static bool count(uint64_t bytes, void *user)
{
	return same_goes_on(user, bytes);
}

bool same_fast_hash(struct same_worker *w, struct same_node *node, unsigned char *ret)
{
	const struct read_opts opts = { .progress = count, .user = w };
	struct hash_file_result result;
	AUTO_CLOSE int fd = same_open(w, node, NULL);
	int r;

	if (fd < 0)
		return false;
	if (w->fast == NULL)
		w->fast = hash_new(HASH_XXH128);
	r = hash_fd(fd, w->fast, &opts, &result);
	if (r < 0) {
		same_trouble(w, node, "read", -r);
		return false;
	}
	memcpy(ret, result.digest, SAME_DIGEST);
	return true;
}
