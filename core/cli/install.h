/* SPDX-License-Identifier: MIT */
/*
 * Links named after applets. An existing name is never replaced and no command
 * on PATH is shadowed unless forced; what was left out is said. A replaced name is
 * exchanged by rename, so that it exists at every moment; a directory never is.
 */
#pragma once

#include "cli/dispatch.h"

enum install_kind { INSTALL_DEFAULT, INSTALL_SYMBOLIC, INSTALL_HARD };

struct install_request {
	const struct applet_list *list;
	struct diag *diag;
	struct out *out;
	int kind; /* enum install_kind */
	bool force;
	const char *directory;
	char *const *names; /* ends with NULL; none: all that are not only made when asked for */
};

/* EXIT_YES, EXIT_NO when a name was left out, EXIT_USAGE or EXIT_FAIL; it was reported. */
MUST_USE int install_links(const struct install_request *request);
