/* SPDX-License-Identifier: MIT */
/* The program's own option table, shaped as an applet for --help and the manual; it has no run().
 */
#pragma once

#include "cli/applet.h"

struct box_opts {
	bool list;
	bool install;
	bool force;
	bool verbose;
	int kind; /* enum install_kind */
};

extern const struct applet box_applet;
