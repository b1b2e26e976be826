/* SPDX-License-Identifier: MIT */
#include "fs/extents.h"

#include "base/vec.h"

#include <errno.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

enum { EXTENTS_A_CALL = 128 };

/* The header and room for the extents that the kernel writes behind it. */
union fiemap_request {
	struct fiemap map;
	/* cppcheck-suppress unusedStructMember */
	unsigned char room[sizeof(struct fiemap) + EXTENTS_A_CALL * sizeof(struct fiemap_extent)];
};

static const struct {
	uint32_t theirs;
	unsigned ours;
} flag_names[] = {
	{ FIEMAP_EXTENT_SHARED, EXTENT_SHARED },
	{ FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC, EXTENT_UNKNOWN },
	{ FIEMAP_EXTENT_DATA_INLINE | FIEMAP_EXTENT_DATA_TAIL, EXTENT_INLINE },
	{ FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_DATA_ENCRYPTED, EXTENT_ENCODED },
	{ FIEMAP_EXTENT_UNWRITTEN, EXTENT_UNWRITTEN },
};

static unsigned translate_flags(uint32_t theirs)
{
	unsigned ours = 0;

	for (size_t i = 0; i < ARRAY_LEN(flag_names); i++)
		if ((theirs & flag_names[i].theirs) != 0)
			ours |= flag_names[i].ours;
	return ours;
}

/* One answer of the kernel. *done when it was the last; *from moves behind it. */
static int visit_all(const union fiemap_request *request, extent_visit *visit, void *user,
                     uint64_t *from, bool *done)
{
	for (uint32_t i = 0; i < request->map.fm_mapped_extents && i < EXTENTS_A_CALL; i++) {
		const struct fiemap_extent *theirs = &request->map.fm_extents[i];
		struct extent extent = {
			.logical = theirs->fe_logical,
			.physical = theirs->fe_physical,
			.length = theirs->fe_length,
			.flags = translate_flags(theirs->fe_flags),
		};
		uint64_t end;

		if (__builtin_add_overflow(extent.logical, extent.length, &end))
			end = UINT64_MAX;
		if (extent.length != 0) {
			int r = visit(&extent, user);

			if (r != 0)
				return r;
		}
		if ((theirs->fe_flags & FIEMAP_EXTENT_LAST) != 0 || end == UINT64_MAX)
			*done = true;
		if (end > *from)
			*from = end;
	}
	return 0;
}

int extents_read(int fd, extent_visit *visit, void *user)
{
	union fiemap_request request;
	uint64_t from = 0;
	bool done = false;

	while (!done) {
		uint64_t before = from;
		int r;

		memset(&request.map, 0, sizeof(request.map));
		request.map.fm_start = from;
		request.map.fm_length = FIEMAP_MAX_OFFSET - from;
		request.map.fm_extent_count = EXTENTS_A_CALL;
		if (ioctl(fd, FS_IOC_FIEMAP, &request) < 0)
			return errno == EINTR ? -EAGAIN : -errno;
		r = visit_all(&request, visit, user, &from, &done);
		if (r != 0)
			return r;
		/* Nothing left, or a file system that does not move on. */
		if (from == before)
			break;
	}
	return 0;
}

/*
 * The set: for each device a sorted sequence of pieces that neither overlap nor touch,
 * cut into chunks of bounded size, so that an insertion moves a few KiB at most.
 */
enum { CHUNK_PIECES = 256 };

struct piece {
	uint64_t start;
	uint64_t end; /* behind the last byte */
};

struct chunk {
	size_t len; /* never 0 */
	struct piece pieces[CHUNK_PIECES];
};

struct device_pieces {
	uint64_t device;
	VEC_FIELDS(struct chunk *);
};

struct extent_set {
	VEC_FIELDS(struct device_pieces);
};

struct extent_set *extent_set_new(void)
{
	return mem_alloc_zeroed(sizeof(struct extent_set));
}

struct extent_set *extent_set_free(struct extent_set *set)
{
	if (set == NULL)
		return NULL;
	for (size_t i = 0; i < set->len; i++) {
		for (size_t k = 0; k < set->items[i].len; k++)
			free(set->items[i].items[k]);
		vec_release(&set->items[i]);
	}
	vec_release(set);
	free(set);
	return NULL;
}

/* Files of one device come in runs, and there are few devices. */
static struct device_pieces *pieces_of(struct extent_set *set, uint64_t device)
{
	for (size_t i = set->len; i-- > 0;)
		if (set->items[i].device == device)
			return &set->items[i];
	vec_push(set, (struct device_pieces){ .device = device });
	return &vec_last(set);
}

/* The first chunk whose last piece ends at `start` or behind it; d->len when there is none. */
static size_t find_chunk(const struct device_pieces *d, uint64_t start)
{
	size_t low = 0;
	size_t high = d->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct chunk *chunk = d->items[middle];

		if (chunk->pieces[chunk->len - 1].end < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first piece in the chunk that ends at `start` or behind it. */
static size_t find_piece(const struct chunk *chunk, uint64_t start)
{
	size_t low = 0;
	size_t high = chunk->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (chunk->pieces[middle].end < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert_chunk(struct device_pieces *d, size_t at, struct chunk *chunk)
{
	vec_push(d, chunk);
	memmove(&d->items[at + 1], &d->items[at], (d->len - 1 - at) * sizeof(d->items[0]));
	d->items[at] = chunk;
}

static void remove_chunk(struct device_pieces *d, size_t at)
{
	free(d->items[at]);
	d->len--;
	memmove(&d->items[at], &d->items[at + 1], (d->len - at) * sizeof(d->items[0]));
}

static void remove_pieces(struct chunk *chunk, size_t at, size_t n)
{
	chunk->len -= n;
	memmove(&chunk->pieces[at], &chunk->pieces[at + n],
	        (chunk->len - at) * sizeof(struct piece));
}

/* Swallows the pieces that `wanted` meets, from chunk `c` on. Returns the bytes they had in common.
 */
static uint64_t swallow(struct device_pieces *d, size_t c, struct piece *wanted)
{
	const struct piece given = *wanted;
	uint64_t common = 0;

	while (c < d->len) {
		struct chunk *chunk = d->items[c];
		size_t first = find_piece(chunk, given.start);
		size_t last = first;

		for (; last < chunk->len && chunk->pieces[last].start <= given.end; last++) {
			const struct piece *met = &chunk->pieces[last];
			uint64_t start = met->start > given.start ? met->start : given.start;
			uint64_t end = met->end < given.end ? met->end : given.end;

			common += end - start;
			if (met->start < wanted->start)
				wanted->start = met->start;
			if (met->end > wanted->end)
				wanted->end = met->end;
		}

		bool to_the_end = last == chunk->len;

		remove_pieces(chunk, first, last - first);
		if (chunk->len == 0)
			remove_chunk(d, c);
		else
			c++;
		if (!to_the_end)
			break;
	}
	return common;
}

/* Puts a piece that touches no other where it belongs; `c` is at or before the chunk. */
static void insert_piece(struct device_pieces *d, struct piece piece)
{
	size_t c = find_chunk(d, piece.start);
	struct chunk *chunk;

	/* Behind everything: fill up the last chunk, so that ascending input packs densely. */
	if (c == d->len && c > 0 && d->items[c - 1]->len < CHUNK_PIECES)
		c--;
	if (c == d->len) {
		chunk = mem_alloc(sizeof(*chunk));
		chunk->len = 0;
		insert_chunk(d, c, chunk);
	}
	chunk = d->items[c];

	size_t at = find_piece(chunk, piece.start);

	if (chunk->len == CHUNK_PIECES) {
		struct chunk *upper = mem_alloc(sizeof(*upper));
		size_t half = CHUNK_PIECES / 2;

		upper->len = CHUNK_PIECES - half;
		memcpy(upper->pieces, &chunk->pieces[half], upper->len * sizeof(struct piece));
		chunk->len = half;
		insert_chunk(d, c + 1, upper);
		if (at > half) {
			chunk = upper;
			at -= half;
		}
	}
	memmove(&chunk->pieces[at + 1], &chunk->pieces[at],
	        (chunk->len - at) * sizeof(struct piece));
	chunk->pieces[at] = piece;
	chunk->len++;
}

uint64_t extent_set_add(struct extent_set *set, uint64_t device, uint64_t start, uint64_t length)
{
	struct piece piece = { .start = start };
	struct device_pieces *d;
	size_t c;

	if (__builtin_add_overflow(start, length, &piece.end))
		piece.end = UINT64_MAX;
	length = piece.end - start;
	if (length == 0)
		return 0;
	d = pieces_of(set, device);
	c = find_chunk(d, start);
	if (c < d->len) {
		struct chunk *chunk = d->items[c];
		const struct piece *met = &chunk->pieces[find_piece(chunk, start)];

		/* Seen before as a whole: the usual case for shared files. */
		if (met->start <= start && met->end >= piece.end)
			return 0;
		length -= swallow(d, c, &piece);
	}
	insert_piece(d, piece);
	return length;
}

size_t extent_set_pieces(const struct extent_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->len; i++)
		for (size_t k = 0; k < set->items[i].len; k++)
			n += set->items[i].items[k]->len;
	return n;
}
