/* SPDX-License-Identifier: MIT */
/*
 * The words of a command with places for the values of one job, as GNU parallel writes them:
 *
 *     {}    the value                     {#}  the job's number, from 1
 *     {.}   without its extension         {%}  the number of the slot it runs in, from 1
 *     {/}   its base name                 {2}  the value from the second list;
 *     {//}  its directory, or .                {2.} {2/} {2//} {2/.} likewise
 *     {/.}  its base name without extension
 *
 * With several lists {} stands for all values: a word that is nothing else becomes one word for
 * each, elsewhere there are blanks between them. A command without a place for a value gets
 * them behind it, one word each. What is in braces and no placeholder stands for itself. The
 * extension is what follows the last dot of the base name, unless that is its first byte;
 * slashes at the end count for {} only. Values are bytes, never options or patterns of ours.
 */
#pragma once

#include "base/strbuf.h"

enum job_template_flags {
	/* The first word is a line for a shell: values in it are quoted for that. */
	JOB_TEMPLATE_SHELL = 1 << 0,
	/* No value is added where there is no place for one. */
	JOB_TEMPLATE_AS_IT_IS = 1 << 1,
};

struct job_values {
	const char *const *items;
	size_t len;
	uint64_t seq, slot;
};

struct job_template;

/* Copies the `n` words. Never fails. */
struct job_template *job_template_new(const char *const *words, size_t n, unsigned flags);
struct job_template *job_template_free(struct job_template *t);
DEFINE_AUTO_FREE(job_template)

/* Adds the words for the values to `ret`, a NUL behind each, and returns how many. Pure. */
size_t job_template_expand(const struct job_template *t, const struct job_values *values,
                           struct strbuf *ret);
