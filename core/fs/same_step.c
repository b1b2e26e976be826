/* SPDX-License-Identifier: MIT */
/*
 * Files read in step. They start as one class; after each piece a class is split into those
 * that equal its first member and the rest, which is split likewise. A class of one is left.
 */
#include "base/mem.h"
#include "fs/same_private.h"

#include <errno.h>
#include <fcntl.h>

enum {
	ADVISE_FROM =
		4 * SAME_PIECE_MAX,     /* bytes; smaller files are read ahead as a whole anyway */
	ENDS_FROM = 4 * SAME_PIECE_MIN, /* bytes; of bigger ones both ends are read first */
	AHEAD = 16 << 20, /* bytes that are asked for at once of all files on disks that rotate */
};

/* One of the files. */
struct strand {
	struct same_node *node;
	unsigned char *piece;
	int fd; /* -1: not in any more */
	bool sparse;
};

struct steps {
	struct same_worker *w;
	uint64_t size;
	size_t piece_size;
	bool rotates;    /* one of them is on a disk that does */
	uint64_t ahead;  /* up to here the disk was asked */
	bool first_only; /* only the class of the first strand is followed */
	struct strand strands[SAME_STEP_MAX];
	size_t n;
	/* Classes as runs of strands: each ends before the next begins. */
	unsigned char ends[SAME_STEP_MAX];
	size_t classes;
};

static void leave(struct strand *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}

static void begin(struct steps *steps, struct same_node **nodes, size_t n)
{
	size_t share = SAME_ROOM / n / SAME_PIECE_MIN * SAME_PIECE_MIN;
	unsigned char *room = same_room(steps->w);

	steps->piece_size = share < SAME_PIECE_MAX ? share : SAME_PIECE_MAX;
	for (size_t i = 0; i < n; i++) {
		struct strand *s = &steps->strands[steps->n];
		bool sparse = false;

		*s = (struct strand){ .node = nodes[i],
			              .fd = same_open(steps->w, nodes[i], &sparse) };
		if (s->fd < 0)
			continue;
		s->sparse = sparse;
		steps->rotates = steps->rotates ||
		                 same_on_rotating(steps->w->search, same_file(steps->w, nodes[i]));
		s->piece = room + steps->n * steps->piece_size;
		if (steps->size > ADVISE_FROM)
			(void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
		steps->n++;
	}
	steps->ends[0] = (unsigned char)steps->n;
	steps->classes = steps->n > 0;
}

static void swap(struct strand *a, struct strand *b)
{
	struct strand other = *a;

	*a = *b;
	*b = other;
}

/* Moves those of [from, to) that equal the first one to the front; returns where they end. */
static size_t gather(struct steps *steps, size_t from, size_t to, size_t len)
{
	size_t end = from + 1;

	for (size_t i = end; i < to; i++)
		if (memcmp(steps->strands[from].piece, steps->strands[i].piece, len) == 0)
			swap(&steps->strands[end++], &steps->strands[i]);
	return end;
}

/* Reads the piece of each strand of [from, to); those that fail go to the end. Returns it. */
static size_t read_pieces(struct steps *steps, size_t from, size_t to, uint64_t at, size_t len)
{
	for (size_t i = from; i < to;) {
		struct strand *s = &steps->strands[i];

		if (same_read_at(steps->w, s->node, s->fd, s->piece, len, at)) {
			i++;
			continue;
		}
		leave(s);
		s->node = NULL;
		swap(s, &steps->strands[--to]);
	}
	return to;
}

static void drop(struct steps *steps, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		leave(&steps->strands[i]);
}

/* Splits one class by its next piece; adds what comes of it to the list of classes. */
static void split(struct steps *steps, size_t from, size_t to, size_t len)
{
	while (from < to) {
		size_t end = gather(steps, from, to, len);

		/* One alone has no equal; its place stays, as a class that is never read. */
		if (end - from == 1)
			drop(steps, from, end);
		steps->ends[steps->classes++] = (unsigned char)end;
		if (steps->first_only && from == 0) {
			drop(steps, end, to);
			if (end < to)
				steps->ends[steps->classes++] = (unsigned char)to;
			return;
		}
		from = end;
	}
}

static bool is_open(const struct steps *steps, size_t from)
{
	return steps->strands[from].fd >= 0;
}

/* One piece of all. False: nothing is left to compare, or it is over. */
static bool step(struct steps *steps, uint64_t at, size_t len)
{
	unsigned char before[SAME_STEP_MAX];
	size_t classes = steps->classes;
	size_t from = 0;
	size_t read = 0;
	bool some = false;

	memcpy(before, steps->ends, sizeof(before));
	steps->classes = 0;
	for (size_t c = 0; c < classes; c++) {
		size_t to = before[c];

		if (to - from < 2 || !is_open(steps, from)) {
			drop(steps, from, to);
			steps->ends[steps->classes++] = (unsigned char)to;
		} else {
			size_t end = read_pieces(steps, from, to, at, len);

			read += end - from;
			split(steps, from, end, len);
			if (end < to)
				steps->ends[steps->classes++] = (unsigned char)to;
		}
		from = to;
	}
	from = 0;
	for (size_t c = 0; c < steps->classes; c++) {
		some = some || (steps->ends[c] - from > 1 && is_open(steps, from));
		from = steps->ends[c];
	}
	return same_goes_on(steps->w, (uint64_t)read * len) && some;
}

/* Where the holes of all that are still in it end, when they are all in one at `at`; else `at`. */
static uint64_t past_holes(const struct steps *steps, uint64_t at)
{
	uint64_t to = steps->size;

	for (size_t i = 0; i < steps->n; i++) {
		const struct strand *s = &steps->strands[i];
		off_t data;

		if (s->fd < 0)
			continue;
		if (!s->sparse)
			return at;
		data = lseek(s->fd, (off_t)at, SEEK_DATA);
		if (data < 0 && errno != ENXIO)
			return at;
		if (data >= 0 && (uint64_t)data < to)
			to = (uint64_t)data;
	}
	return to;
}

/* A long stretch of one file after the other, instead of a piece of each in turn. */
static void ask_ahead(struct steps *steps, uint64_t at)
{
	uint64_t share = AHEAD / steps->n;

	if (!steps->rotates || at < steps->ahead)
		return;
	steps->ahead = at + share;
	for (size_t i = 0; i < steps->n; i++) {
		const struct strand *s = &steps->strands[i];

		if (s->fd >= 0 && !same_is_cached(s->fd, at))
			(void)posix_fadvise(s->fd, (off_t)at, (off_t)share, POSIX_FADV_WILLNEED);
	}
}

/* Both ends first, where files of one size that differ mostly do so; then all between. */
static void run(struct steps *steps)
{
	uint64_t at = 0;
	uint64_t end = steps->size;
	size_t tip = SAME_PIECE_MIN;

	if (steps->size > ENDS_FROM) {
		if (!step(steps, 0, tip) || !step(steps, steps->size - tip, tip))
			return;
		at = tip;
		end -= tip;
	}
	while (at < end) {
		uint64_t to = past_holes(steps, at);
		size_t len;

		if (to > at) {
			at = to;
			continue;
		}
		ask_ahead(steps, at);
		len = end - at < steps->piece_size ? (size_t)(end - at) : steps->piece_size;
		if (!step(steps, at, len))
			return;
		at += len;
	}
}

/* Of the class [from, to) those that stood still, at the front; how many. */
static size_t stood_still(struct steps *steps, size_t from, size_t to)
{
	size_t end = from;

	for (size_t i = from; i < to; i++) {
		struct strand *s = &steps->strands[i];

		if (s->fd < 0)
			continue;
		if (same_still(steps->w, s->node, s->fd))
			swap(&steps->strands[end++], s);
		else
			s->node = NULL;
	}
	return end - from;
}

void same_in_step(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size)
{
	struct steps steps = { .w = w, .size = size };
	size_t from = 0;

	begin(&steps, nodes, n);
	run(&steps);
	for (size_t c = 0; c < steps.classes; c++) {
		size_t to = steps.ends[c];
		size_t equal = 0;

		if (to - from > 1 && is_open(&steps, from) && !atomic_load(&w->search->stopped))
			equal = stood_still(&steps, from, to);
		for (size_t i = 0; i < equal; i++)
			nodes[i] = steps.strands[from + i].node;
		if (equal > 1)
			same_emit(w, nodes, equal, size, NULL);
		from = to;
	}
	drop(&steps, 0, steps.n);
}

/* Is this node still to be considered, by what became of its strand? */
static bool was_dropped(const struct steps *steps, const struct same_node *node)
{
	for (size_t i = 0; i < steps->n; i++)
		if (steps->strands[i].node == node)
			return false;
	return true;
}

size_t same_with_first(struct same_worker *w, struct same_node **nodes, size_t n, uint64_t size)
{
	struct steps steps = { .w = w, .size = size, .first_only = true };
	struct same_node *first = nodes[0];
	size_t equal = 0;
	size_t end = 0;

	begin(&steps, nodes, n);
	if (steps.n != 0 && steps.strands[0].node == first)
		run(&steps);
	if (steps.n != 0 && steps.strands[0].node == first && steps.ends[0] > 1 &&
	    is_open(&steps, 0) && !atomic_load(&w->search->stopped))
		equal = stood_still(&steps, 0, steps.ends[0]);
	/* The first may be the one that did not stand still. */
	if (equal != 0 && steps.strands[0].node != first)
		equal = 0;
	for (size_t i = 0; i < n; i++)
		if (was_dropped(&steps, nodes[i]))
			nodes[i] = NULL;
	for (size_t i = 0; i < equal; i++) {
		for (size_t k = end; k < n; k++) {
			if (nodes[k] == steps.strands[i].node) {
				nodes[k] = nodes[end];
				nodes[end++] = steps.strands[i].node;
				break;
			}
		}
	}
	drop(&steps, 0, steps.n);
	return equal;
}
