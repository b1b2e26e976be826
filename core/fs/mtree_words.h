/* SPDX-License-Identifier: MIT */
/* For mtree.c: names as vis(3) writes them, and the words behind a name. */
#pragma once

#include "fs/mtree.h"

/* Adds what the encoded bytes stand for. False: they stand for nothing, or for a NUL. */
MUST_USE bool mtree_decode(const char *text, size_t len, struct strbuf *ret);
/* Adds a name in bytes that any reader takes for the name. */
void mtree_encode(struct strbuf *b, const char *name, size_t len);

/*
 * Takes the word "key" or "key=value" over into *e. `only`: the algorithm of digests that
 * count, NULL for all. False: the value is none for that key.
 */
MUST_USE bool mtree_take_word(struct mtree_entry *e, const char *word, size_t len,
                              const enum hash_algo *only);
/* Which MTREE_... the key is; 0: none that is kept. */
unsigned mtree_key_of(const char *word, size_t len);
/* A known keyword, whether it is kept or not. */
bool mtree_is_keyword(const char *key, size_t len);
