/* SPDX-License-Identifier: MIT */
/* The known word that somebody may have meant. Pure functions. */
#pragma once

#include "cli/opt.h"

/*
 * Distance between two words: insertions, deletions, substitutions and swapped
 * neighbours count one each (Damerau 1964, in the restricted form).
 */
unsigned typo_distance(const char *a, const char *b);
/* True when `distance` is near enough to `typed` to be worth suggesting. */
bool typo_is_near(const char *typed, unsigned distance);
/* The nearest long name in the table and the built-in one, or NULL. */
const char *typo_nearest_option(const struct opt_table *table, const char *typed);
