/* SPDX-License-Identifier: MIT */
/*
 * From argv to an exit status: finds the applet by the name the program was
 * called by or by its first operand, parses, runs, and checks that all output
 * arrived.
 */
#pragma once

#include "cli/applet.h"

struct applet_list {
	const struct applet *const *applets;
	size_t len;
};

/* The whole program. `ret` is the process's exit status. */
int dispatch_main(int argc, char **argv, const struct applet_list *list);
/* Runs one applet on the words behind argv[0]. */
int dispatch_run(const struct applet *applet, const char *invocation, int argc, char **argv);

/* The name a program was called by: without directories and a login shell's dash. */
const char *applet_name_of(const char *argv0);
/* The applet with this name, or NULL. */
const struct applet *applet_find(const struct applet_list *list, const char *name);
/* The nearest applet name that `typed` may have meant, or NULL. */
const char *applet_nearest(const struct applet_list *list, const char *typed);
