/* SPDX-License-Identifier: MIT */
/* --help and --version, made from an applet's constant. */
#pragma once

#include "cli/applet.h"

/* `invocation` is how the user called it: "du" or "dutybox du". */
void help_add(struct strbuf *ret, const struct applet *applet, const char *invocation);
/* A line for each verb, or none. */
void help_add_verbs(struct strbuf *ret, const struct applet *applet);
/* One option's synopsis: "-B, --block-size=SIZE"; without a letter the name stays aligned. */
void help_add_synopsis(struct strbuf *ret, const struct opt *opt);
/* Other long names for the row, "--null, --print0"; nothing when there are none. */
void help_add_aliases(struct strbuf *ret, const struct opt_table *table, const struct opt *opt);
void help_add_version(struct strbuf *ret, const char *program);
