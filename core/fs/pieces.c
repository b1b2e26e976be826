/* SPDX-License-Identifier: MIT */
#include "fs/pieces.h"

#include "base/mem.h"

#include <errno.h>

struct slot {
	struct crew_work work;
	struct pieces *all;
	struct piece piece;
	uint8_t *in;
	size_t result;
};

/* A ring: those from `first` on are under way, the one behind them is being filled. */
struct pieces {
	struct pieces_opts opts;
	unsigned n, first, pending;
	struct slot *slots;
};

static void run(struct crew_work *work, unsigned worker)
{
	struct slot *s = (struct slot *)(void *)work;

	s->result = s->all->opts.work(&s->piece, worker, s->all->opts.user);
}

struct pieces *pieces_new(const struct pieces_opts *opts)
{
	struct pieces *p = mem_alloc_zeroed(sizeof(*p));
	const unsigned threads = crew_threads(opts->crew);

	p->opts = *opts;
	/* One is filled while the others are worked on, and as many wait. */
	p->n = threads > 1 ? 2 * threads + 1 : 1;
	p->slots = mem_alloc_zeroed(p->n * sizeof(*p->slots));
	for (unsigned i = 0; i < p->n; i++) {
		p->slots[i].all = p;
		p->slots[i].work.run = run;
	}
	return p;
}

static int put_first(struct pieces *p)
{
	struct slot *s = &p->slots[p->first];
	int r;

	crew_wait(p->opts.crew, &s->work);
	p->first = (p->first + 1) % p->n;
	p->pending--;
	r = s->result == 0 ? -EIO : p->opts.put(&s->piece, s->result, p->opts.user);
	s->piece.in_len = 0;
	return r;
}

static struct slot *current(struct pieces *p)
{
	struct slot *s = &p->slots[(p->first + p->pending) % p->n];

	if (s->in == NULL) {
		s->in = mem_alloc(p->opts.size);
		s->piece = (struct piece){ .in = s->in,
			                   .out = mem_alloc(p->opts.room),
			                   .room = p->opts.room };
	}
	return s;
}

static int send(struct pieces *p, bool is_last)
{
	struct slot *s = current(p);

	s->piece.is_last = is_last;
	crew_add(p->opts.crew, &s->work);
	p->pending++;
	/* There has to be one left to be filled. */
	return p->pending == p->n ? put_first(p) : 0;
}

int pieces_write(struct pieces *p, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len > 0) {
		struct slot *s = current(p);
		size_t n = p->opts.size - s->piece.in_len;

		/* A full one waits for what follows: the last one may be made in another way. */
		if (n == 0) {
			int r = send(p, false);

			if (r < 0)
				return r;
			continue;
		}
		n = n < len ? n : len;
		memcpy(s->in + s->piece.in_len, at, n);
		s->piece.in_len += n;
		at += n;
		len -= n;
	}
	return 0;
}

int pieces_end(struct pieces *p)
{
	int r = send(p, true);

	while (p->pending > 0) {
		int r2 = put_first(p);

		if (r == 0)
			r = r2;
	}
	return r;
}

struct pieces *pieces_free(struct pieces *p)
{
	if (p == NULL)
		return NULL;
	for (; p->pending > 0; p->pending--) {
		crew_wait(p->opts.crew, &p->slots[p->first].work);
		p->first = (p->first + 1) % p->n;
	}
	for (unsigned i = 0; i < p->n; i++) {
		free(p->slots[i].in);
		free(p->slots[i].piece.out);
	}
	free(p->slots);
	free(p);
	return NULL;
}
