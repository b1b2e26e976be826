/* SPDX-License-Identifier: MIT */
#include "sys/cpu_set.h"

#include "base/mem.h"
#include "sys/machine.h"

#include <errno.h>

enum { WORD_BITS = 64 };

void cpu_set_release(struct cpu_set *set)
{
	free(set->words);
	*set = (struct cpu_set){ 0 };
}

static void make_room(struct cpu_set *set, size_t words)
{
	if (words <= set->len)
		return;
	set->words = mem_resize_array(set->words, words, sizeof(*set->words));
	memset(set->words + set->len, 0, (words - set->len) * sizeof(*set->words));
	set->len = words;
}

void cpu_set_add(struct cpu_set *set, unsigned cpu)
{
	if (cpu > CPU_NUMBER_MAX)
		return;
	make_room(set, cpu / WORD_BITS + 1);
	set->words[cpu / WORD_BITS] |= UINT64_C(1) << (cpu % WORD_BITS);
}

bool cpu_set_has(const struct cpu_set *set, unsigned cpu)
{
	return cpu / WORD_BITS < set->len &&
	       (set->words[cpu / WORD_BITS] >> (cpu % WORD_BITS) & 1) != 0;
}

size_t cpu_set_count(const struct cpu_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->len; i++)
		n += (size_t)__builtin_popcountll(set->words[i]);
	return n;
}

void cpu_set_merge(struct cpu_set *set, const struct cpu_set *other)
{
	make_room(set, other->len);
	for (size_t i = 0; i < other->len; i++)
		set->words[i] |= other->words[i];
}

int cpu_set_next(const struct cpu_set *set, unsigned from)
{
	for (size_t i = from / WORD_BITS; i < set->len; i++) {
		uint64_t word = set->words[i];

		if (i == from / WORD_BITS)
			word &= ~UINT64_C(0) << (from % WORD_BITS);
		if (word != 0)
			return (int)(i * WORD_BITS) + __builtin_ctzll(word);
	}
	return -1;
}

/* One number of a range, after `*at`. */
static bool take_number(const char *text, size_t len, size_t *at, uint64_t *ret)
{
	size_t used;

	if (text_scan_u64(text + *at, len - *at, ret, &used) < 0 || *ret > CPU_NUMBER_MAX)
		return false;
	*at += used;
	return true;
}

static bool is_at(const char *text, size_t len, size_t at, char c)
{
	return at < len && text[at] == c;
}

/* "A", "A-B" or "A-B:USED/GROUP". */
static bool take_range(const char *text, size_t len, size_t *at, struct cpu_set *set)
{
	uint64_t first;
	uint64_t last;
	uint64_t used = 1;
	uint64_t group = 1;

	if (!take_number(text, len, at, &first))
		return false;
	last = first;
	if (is_at(text, len, *at, '-')) {
		(*at)++;
		if (!take_number(text, len, at, &last) || last < first)
			return false;
	}
	if (is_at(text, len, *at, ':')) {
		(*at)++;
		if (!take_number(text, len, at, &used) || !is_at(text, len, *at, '/'))
			return false;
		(*at)++;
		if (!take_number(text, len, at, &group) || group == 0 || used == 0 || used > group)
			return false;
	}
	for (uint64_t cpu = first; cpu <= last; cpu++)
		if ((cpu - first) % group < used)
			cpu_set_add(set, (unsigned)cpu);
	return true;
}

int cpu_set_parse(const char *text, size_t len, struct cpu_set *ret)
{
	size_t at = 0;

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	while (at < len) {
		if (!take_range(text, len, &at, ret))
			return -EBADMSG;
		if (at < len && text[at++] != ',')
			return -EBADMSG;
		if (at == len && text[at - 1] == ',')
			return -EBADMSG;
	}
	return 0;
}
