/* SPDX-License-Identifier: MIT */
#include "fs/pour.h"

#include "base/fdio.h"
#include "base/mem.h"

#include <errno.h>

enum { PUMP_BUFFER = 256 * 1024 };

static ssize_t read_some(const struct pour *p, char *buffer)
{
	for (;;) {
		ssize_t n;

		if (p->stopped != NULL && p->stopped())
			return -ECANCELED;
		n = read(p->from, buffer, PUMP_BUFFER);
		if (n >= 0 || errno != EINTR)
			return n >= 0 ? n : -errno;
	}
}

static int write_both(const struct pour *p, const char *bytes, size_t len, enum pour_side *side)
{
	int r = 0;

	*side = POUR_TO;
	if (p->to >= 0)
		r = fdio_write_all(p->to, bytes, len);
	if (r < 0 || p->tee < 0)
		return r;
	*side = POUR_TEE;
	return fdio_write_all(p->tee, bytes, len);
}

int pour_run(const struct pour *p, uint64_t *ret, enum pour_side *reterr)
{
	AUTO_FREE_STR char *buffer = mem_alloc(PUMP_BUFFER);
	uint64_t total = 0;

	for (;;) {
		enum pour_side side = POUR_FROM;
		ssize_t n = read_some(p, buffer);
		int r = n < 0 ? (int)n : 0;

		if (n == 0) {
			*ret = total;
			return 0;
		}
		if (r == 0 && p->max != 0 && (uint64_t)n > p->max - total)
			r = -EFBIG;
		if (r == 0)
			r = write_both(p, buffer, (size_t)n, &side);
		if (r < 0) {
			*reterr = side;
			return r;
		}
		total += (uint64_t)n;
	}
}
