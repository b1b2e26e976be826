/* SPDX-License-Identifier: MIT */
#include "fs/deflate_join.h"

#include "base/mem.h"

#include <endian.h>

enum {
	CODE_MAX = 15, /* bits of a Huffman code */
	TABLE_BITS =
		11, /* those of codes that are looked up at once: the table stays in the cache */
	TABLE_SIZE = 1 << TABLE_BITS,
	LITERALS = 288,
	DISTANCES = 32,
	LENGTH_CODES = 19,
	END_OF_BLOCK = 256,
	/* A table's entry: how many bits the code and what belongs to it take, and what it is. */
	ENTRY_BITS = 0x3f,
	ENTRY_LENGTH = 0x40, /* a distance follows */
	ENTRY_END = 0x80,
};

struct bits {
	const uint8_t *data;
	size_t len;
	size_t at; /* in bits */
};

/* A set of codes: short ones are looked up, of long ones there are few. */
struct codes {
	uint8_t entries[TABLE_SIZE]; /* 0: no such code, or a long one */
	unsigned count[CODE_MAX + 1];
	uint16_t symbols[LITERALS]; /* by length, then by number */
	uint8_t (*entry)(unsigned symbol);
};

struct tables {
	struct codes literal;
	struct codes distance;
};

/* The next bits, at least 32 of them; zeroes behind the end. */
static uint64_t peek(const struct bits *b)
{
	const size_t byte = b->at >> 3;
	uint64_t word = 0;

	if (byte + sizeof(word) <= b->len) {
		memcpy(&word, b->data + byte, sizeof(word));
		word = le64toh(word);
	} else {
		for (size_t i = 0; byte + i < b->len; i++)
			word |= (uint64_t)b->data[byte + i] << (8 * i);
	}
	return word >> (b->at & 7);
}

static unsigned take_bits(struct bits *b, unsigned n)
{
	const unsigned value = (unsigned)(peek(b) & ((1U << n) - 1));

	b->at += n;
	return value;
}

static unsigned reversed(unsigned code, unsigned len)
{
	unsigned r = 0;

	for (unsigned i = 0; i < len; i++)
		r |= (code >> i & 1) << (len - 1 - i);
	return r;
}

/* Canonical codes, RFC 1951 3.2.2: `entry` gives what goes into the table beside the length. */
static bool fill_table(struct codes *c, const uint8_t *lengths, unsigned n,
                       uint8_t (*entry)(unsigned symbol))
{
	unsigned next[CODE_MAX + 1] = { 0 };
	unsigned place[CODE_MAX + 1] = { 0 };
	unsigned code = 0;

	memset(c->entries, 0, sizeof(c->entries));
	memset(c->count, 0, sizeof(c->count));
	c->entry = entry;
	for (unsigned i = 0; i < n; i++)
		c->count[lengths[i]]++;
	c->count[0] = 0;
	for (unsigned len = 1; len <= CODE_MAX; len++) {
		code = (code + c->count[len - 1]) << 1;
		next[len] = code;
		place[len] = place[len - 1] + c->count[len - 1];
		if (code + c->count[len] > 1U << len)
			return false;
	}
	for (unsigned i = 0; i < n; i++) {
		const unsigned len = lengths[i];

		if (len == 0)
			continue;
		c->symbols[place[len]++] = (uint16_t)i;
		for (unsigned at = reversed(next[len]++, len); len <= TABLE_BITS && at < TABLE_SIZE;
		     at += 1U << len)
			c->entries[at] = (uint8_t)(entry(i) + len);
	}
	return true;
}

/* A long code, bit by bit: those of one length follow each other. 0: there is none such. */
static uint8_t long_code(const struct codes *c, uint64_t word)
{
	unsigned code = 0;
	unsigned first = 0;
	unsigned place = 0;

	for (unsigned len = 1; len <= CODE_MAX; len++, word >>= 1) {
		code |= (unsigned)(word & 1);
		if (code - first < c->count[len])
			return (uint8_t)(c->entry(c->symbols[place + code - first]) + len);
		place += c->count[len];
		first = (first + c->count[len]) << 1;
		code <<= 1;
	}
	return 0;
}

static uint8_t look_up(const struct codes *c, uint64_t word)
{
	const uint8_t e = c->entries[word & (TABLE_SIZE - 1)];

	return e != 0 ? e : long_code(c, word);
}

/* Extra bits by 3.2.5; beside them what kind of symbol it is. */
static uint8_t literal_entry(unsigned symbol)
{
	if (symbol < END_OF_BLOCK)
		return 0;
	if (symbol == END_OF_BLOCK)
		return ENTRY_END;
	if (symbol < 265 || symbol >= 285)
		return ENTRY_LENGTH;
	return (uint8_t)(ENTRY_LENGTH + (symbol - 261) / 4);
}

static uint8_t distance_entry(unsigned symbol)
{
	return symbol < 4 ? 0 : (uint8_t)((symbol - 2) / 2);
}

static uint8_t plain_entry(unsigned symbol)
{
	(void)symbol;
	return 0;
}

static void fixed_lengths(uint8_t *lengths)
{
	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 112);
	memset(lengths + 256, 7, 24);
	memset(lengths + 280, 8, 8);
	memset(lengths + LITERALS, 5, DISTANCES);
}

/* One run of lengths, 3.2.7. The new place, or 0. */
static unsigned add_lengths(struct bits *b, unsigned symbol, uint8_t *lengths, unsigned at,
                            unsigned total)
{
	uint8_t value = 0;
	unsigned n = 1;

	if (symbol < 16) {
		value = (uint8_t)symbol;
	} else if (symbol == 16) {
		if (at == 0)
			return 0;
		value = lengths[at - 1];
		n = 3 + take_bits(b, 2);
	} else {
		n = symbol == 17 ? 3 + take_bits(b, 3) : 11 + take_bits(b, 7);
	}
	if (n > total - at)
		return 0;
	memset(lengths + at, value, n);
	return at + n;
}

static bool read_lengths(struct bits *b, struct tables *t, uint8_t *ret, unsigned *ret_literals,
                         unsigned *ret_distances)
{
	static const uint8_t order[LENGTH_CODES] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
		                                     11, 4,  12, 3, 13, 2, 14, 1, 15 };
	const unsigned literals = 257 + take_bits(b, 5);
	const unsigned distances = 1 + take_bits(b, 5);
	const unsigned codes = 4 + take_bits(b, 4);
	uint8_t code_lengths[LENGTH_CODES] = { 0 };
	uint8_t symbols[128];
	unsigned at = 0;

	for (unsigned i = 0; i < codes; i++)
		code_lengths[order[i]] = (uint8_t)take_bits(b, 3);
	if (literals > LITERALS ||
	    !fill_table(&t->literal, code_lengths, LENGTH_CODES, plain_entry))
		return false;
	/* These codes have at most seven bits; which symbol has which is told by its place. */
	memset(symbols, 0xff, sizeof(symbols));
	for (unsigned len = 1, code = 0; len <= 7; len++, code <<= 1)
		for (unsigned s = 0; s < LENGTH_CODES; s++)
			if (code_lengths[s] == len)
				for (unsigned i = reversed(code++, len); i < 128; i += 1U << len)
					symbols[i] = (uint8_t)s;
	while (at < literals + distances) {
		const unsigned s = symbols[peek(b) & 127];

		if (s >= LENGTH_CODES || b->at >= 8 * b->len)
			return false;
		b->at += code_lengths[s];
		at = add_lengths(b, s, ret, at, literals + distances);
		if (at == 0)
			return false;
	}
	*ret_literals = literals;
	*ret_distances = distances;
	return true;
}

/* Past all symbols of a block. A word has room for a length with its distance behind a literal. */
static bool skip_symbols(struct bits *b, const struct tables *t)
{
	const size_t end = 8 * b->len;

	while (b->at < end) {
		uint64_t word = peek(b);
		uint8_t e = look_up(&t->literal, word);

		/* Most are literals with short codes: the next one is in the word, too. */
		if (e != 0 && e <= 8) {
			b->at += e;
			word >>= e;
			e = look_up(&t->literal, word);
		}
		if (e == 0)
			return false;
		b->at += e & ENTRY_BITS;
		if ((e & ENTRY_END) != 0)
			return b->at <= end;
		if ((e & ENTRY_LENGTH) == 0)
			continue;
		e = look_up(&t->distance, word >> (e & ENTRY_BITS));
		if (e == 0)
			return false;
		b->at += e;
	}
	return false;
}

static bool skip_stored(struct bits *b)
{
	size_t byte = (b->at + 7) >> 3;
	unsigned len;

	if (byte + 4 > b->len)
		return false;
	len = b->data[byte] + ((unsigned)b->data[byte + 1] << 8);
	b->at = 8 * (byte + 4 + len);
	return b->at <= 8 * b->len;
}

/* One block whose header was read. */
static bool skip_block(struct bits *b, unsigned type, struct tables *t)
{
	uint8_t lengths[LITERALS + DISTANCES + 1];
	unsigned literals = LITERALS;
	unsigned distances = DISTANCES;

	if (type == 0)
		return skip_stored(b);
	if (type == 1)
		fixed_lengths(lengths);
	else if (type != 2 || !read_lengths(b, t, lengths, &literals, &distances))
		return false;
	return fill_table(&t->literal, lengths, literals, literal_entry) &&
	       fill_table(&t->distance, lengths + literals, distances, distance_entry) &&
	       skip_symbols(b, t);
}

size_t deflate_open_end(uint8_t *data, size_t len)
{
	struct bits b = { data, len, 0 };
	struct tables *t = mem_alloc(sizeof(*t));
	size_t block;
	bool last;
	bool ok;

	do {
		unsigned type;

		block = b.at;
		last = take_bits(&b, 1) != 0;
		type = take_bits(&b, 2);
		ok = b.at <= 8 * len && skip_block(&b, type, t);
	} while (ok && !last);
	free(t);
	if (!ok)
		return 0;
	data[block >> 3] &= (uint8_t) ~(1U << (block & 7));
	/* The three bits of the empty block's header may fit into the last byte. */
	len = (b.at + 3 + 7) >> 3;
	if (len > (b.at + 7) >> 3)
		data[len - 1] = 0;
	memcpy(data + len, "\0\0\xff\xff", 4);
	return len + 4;
}
