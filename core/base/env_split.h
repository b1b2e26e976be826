/* SPDX-License-Identifier: MIT */
/*
 * The words of env -S, the language that GNU's and FreeBSD's env share: blanks separate,
 * '...' and "..." quote, \ escapes, ${NAME} stands for a variable, # at the start of a word
 * ends the text. Pure but for what the caller's function does.
 */
#pragma once

#include "base/vec.h"

struct env_words {
	VEC_FIELDS(char *); /* owned */
};

/* The value of a variable, good until the next call, or NULL; `name` ends with NUL. */
typedef const char *env_split_lookup(const char *name, void *user);

enum env_split_trouble {
	ENV_SPLIT_LAST_BACKSLASH, /* the text ends with one */
	ENV_SPLIT_NO_QUOTE,       /* a quote is not closed */
	ENV_SPLIT_BAD_ESCAPE,     /* `at` is the character behind the backslash */
	ENV_SPLIT_QUOTED_END,     /* \c within "..." */
	ENV_SPLIT_BAD_VARIABLE,   /* `at` is a $ without {NAME} behind it */
};

struct env_split_error {
	enum env_split_trouble trouble;
	const char *at; /* in the text */
};

/* Adds the words. 0, or -EINVAL with *reterr; then some may have been added. */
MUST_USE int env_split(const char *text, env_split_lookup *lookup, void *user,
                       struct env_words *ret, struct env_split_error *reterr);
void env_words_release(struct env_words *words);
