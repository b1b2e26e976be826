/* SPDX-License-Identifier: MIT */
/*
 * On disks that rotate: asks the kernel for what will be read first, in the order in which it
 * lies on the disk, before the search reads it in the order of its own. What is in memory already
 * is left alone, so that a second run does nothing of this.
 */
#include "base/mem.h"
#include "fs/disk_kind.h"
#include "fs/same_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>

/* A file of a job. */
struct place {
	uint64_t at; /* first its inode, then its first byte on the disk */
	uint32_t file;
};

bool same_is_cached(int fd, uint64_t at)
{
	char byte;
	struct iovec one = { &byte, 1 };

	/* A file system that cannot tell is not helped. */
	return preadv2(fd, &one, 1, (off_t)at, RWF_NOWAIT) >= 0 || errno != EAGAIN;
}

bool same_on_rotating(const struct same_search *s, uint32_t file)
{
	return s->rotates != NULL && s->rotates[file_list_at(s->list, file)->device];
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a;
	const struct place *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* The first, the one in the middle, and the last tell for all. */
static bool are_cached(struct same_worker *w, const struct place *places, size_t n)
{
	const size_t samples[] = { 0, n / 2, n - 1 };

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		AUTO_CLOSE int fd = file_opener_open(w->opener, places[samples[i]].file);

		if (fd >= 0 && !same_is_cached(fd, 0))
			return false;
	}
	return true;
}

static void find_places(struct same_worker *w, struct place *places, size_t n)
{
	for (size_t i = 0; i < n && same_goes_on(w, 0); i++) {
		AUTO_CLOSE int fd = file_opener_open(w->opener, places[i].file);

		places[i].at = fd >= 0 ? disk_first_byte(fd) : UINT64_MAX;
	}
	qsort(places, n, sizeof(*places), compare_places);
}

/* What is read first of a file: all of a small one, both ends of others. */
static void ask_for(struct same_worker *w, uint32_t file)
{
	uint64_t size = file_list_at(w->search->list, file)->size;
	AUTO_CLOSE int fd = file_opener_open(w->opener, file);

	if (fd < 0)
		return;
	if (size <= SAME_SMALL) {
		(void)posix_fadvise(fd, 0, (off_t)size, POSIX_FADV_WILLNEED);
	} else {
		(void)posix_fadvise(fd, 0, SAME_PIECE_MIN, POSIX_FADV_WILLNEED);
		(void)posix_fadvise(fd, (off_t)(size - SAME_PIECE_MIN), SAME_PIECE_MIN,
		                    POSIX_FADV_WILLNEED);
	}
	w->read_ahead++;
}

void same_read_ahead(struct same_worker *w, const uint32_t *files, size_t n)
{
	struct place *places = mem_alloc_array(n, sizeof(*places));
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		if (same_on_rotating(w->search, files[i]))
			places[len++] =
				(struct place){ file_list_at(w->search->list, files[i])->ino,
				                files[i] };
	if (len > 1) {
		/* By inode, which is the order in which what tells the places lies there. */
		qsort(places, len, sizeof(*places), compare_places);
		if (!are_cached(w, places, len)) {
			find_places(w, places, len);
			for (size_t i = 0; i < len && same_goes_on(w, 0); i++)
				ask_for(w, places[i].file);
		}
	}
	free(places);
}
