/* SPDX-License-Identifier: MIT */
#include "base/excerpt.h"

void excerpt_begin(struct excerpt *e, uint64_t limit)
{
	*e = (struct excerpt){ .head_left = limit == 0 ? UINT64_MAX : (limit + 1) / 2,
		               .tail_max = (size_t)(limit / 2) };
}

/* Only the last `len` bytes of what was kept are of use. */
static void forget(struct excerpt *e, size_t len)
{
	size_t less = e->tail.len - len;

	memmove(e->tail.data, e->tail.data + less, len);
	strbuf_truncate(&e->tail, len);
	e->dropped += less;
}

size_t excerpt_add(struct excerpt *e, const char *bytes, size_t len)
{
	size_t passes = len < e->head_left ? len : (size_t)e->head_left;

	if (e->head_left != UINT64_MAX)
		e->head_left -= passes;
	if (passes > 0)
		e->inside_line = bytes[passes - 1] != '\n';
	bytes += passes;
	len -= passes;
	if (len > e->tail_max) {
		e->dropped += len - e->tail_max;
		bytes += len - e->tail_max;
		len = e->tail_max;
	}
	/* Moved once for each time the tail was filled anew, and never longer than the limit. */
	if (e->tail.len > e->tail_max && e->tail.len + len > 2 * e->tail_max)
		forget(e, e->tail_max);
	strbuf_add(&e->tail, bytes, len);
	return passes;
}

bool excerpt_end(struct excerpt *e, struct strbuf *ret)
{
	const char *newline;
	bool cut;

	if (e->tail.len > e->tail_max)
		forget(e, e->tail_max);
	cut = e->dropped > 0;
	/* The rest of a line says less than nothing. */
	newline = cut && e->tail.len > 0 ? memchr(e->tail.data, '\n', e->tail.len - 1) : NULL;
	if (newline != NULL)
		forget(e, e->tail.len - (size_t)(newline - e->tail.data) - 1);
	if (cut)
		strbuf_add_format(ret, "%s[... %llu bytes left out ...]\n",
		                  e->inside_line ? "\n" : "", (unsigned long long)e->dropped);
	strbuf_add(ret, e->tail.data, e->tail.len);
	strbuf_release(&e->tail);
	return cut;
}
