/* SPDX-License-Identifier: MIT */
/*
 * Eight bytes looked at in one 64-bit word. Each question sets the high bit of the bytes
 * that answer yes; behind the first of them others may be set wrongly (the subtraction
 * borrows), so only swar_first() and "any at all" mean something. Pure functions; the
 * method is the one of Mycroft and of Hacker's Delight, chapter 6.
 */
#pragma once

#include "base/base.h"

#include <endian.h>

#define SWAR_ONES  UINT64_C(0x0101010101010101)
#define SWAR_HIGHS UINT64_C(0x8080808080808080)

enum { SWAR_BYTES = 8 };

/* The 8 bytes at `s`, the first one lowest. */
static inline uint64_t swar_load(const char *s)
{
	uint64_t word;

	memcpy(&word, s, sizeof(word));
	return le64toh(word);
}

/* Bytes below `limit` <= 0x80. */
static inline uint64_t swar_below(uint64_t word, unsigned char limit)
{
	return (word - SWAR_ONES * limit) & ~word & SWAR_HIGHS;
}

static inline uint64_t swar_equal(uint64_t word, char c)
{
	return swar_below(word ^ SWAR_ONES * (unsigned char)c, 1);
}

/* Bytes from 0x80 on; exact for every byte. */
static inline uint64_t swar_high(uint64_t word)
{
	return word & SWAR_HIGHS;
}

/* Offset of the first byte that answered yes; `answer` is not 0. */
static inline size_t swar_first(uint64_t answer)
{
	return (size_t)__builtin_ctzll(answer) / 8;
}
