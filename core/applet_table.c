/* SPDX-License-Identifier: MIT */
/* applets.def turned into a table, for main.c, the manual and the tests. */
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
