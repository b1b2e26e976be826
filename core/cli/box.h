/* SPDX-License-Identifier: MIT */
/*
 * The program under its own name: `dutybox`, --list, --install, help,
 * completion. Each returns an exit status.
 */
#pragma once

#include "cli/dispatch.h"

int box_run(const struct applet_list *list, int argc, char **argv);
