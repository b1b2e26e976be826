/* SPDX-License-Identifier: MIT */
/* Shell completions, made from the option tables. */
#pragma once

#include "cli/dispatch.h"

/*
 * Adds a completion script for `shell` ("bash", "zsh", "fish"). It completes
 * `dutybox APPLET ...`, and the names in `links` (ending with NULL) as commands of
 * their own. False when the shell is not one of the three.
 */
MUST_USE bool completion_add(struct strbuf *ret, const char *shell, const struct applet_list *list,
                             char *const *links);
