/* SPDX-License-Identifier: MIT */
/* The only list of applets, turned into a table. Built with the applets, not with the floor. */
#include "cli/applet.h"

#define APPLET(symbol, file) extern const struct applet symbol##_applet;
#include "applets.def"
#undef APPLET

const struct applet *const applet_table[] = {
#define APPLET(symbol, file) &symbol##_applet,
#include "applets.def"
#undef APPLET
};

const size_t applet_table_len = ARRAY_LEN(applet_table);
