/* SPDX-License-Identifier: MIT */
/* Sections of a manual page in mdoc(7), made from an applet's constant. */
#pragma once

#include "cli/applet.h"

/* Text a page adds to one option: `@NOTE --name@` or `@NOTE -x@` up to `@END@`. */
struct note {
	char *option; /* as written, with its dashes; owned */
	struct strbuf text;
	bool used;
};

struct notes {
	VEC_FIELDS(struct note);
};

/* Each adds its whole section without the .Sh line. */
void mdoc_add_synopsis(struct strbuf *ret, const struct applet *applet);
/* Marks the notes it placed as used. */
void mdoc_add_options(struct strbuf *ret, const struct applet *applet, struct notes *notes);
void mdoc_add_exit_status(struct strbuf *ret, const struct applet *applet);
void mdoc_add_schema(struct strbuf *ret, const struct applet *applet);
