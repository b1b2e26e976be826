/* SPDX-License-Identifier: MIT */
/*
 * Recorded machines: each file in tests/fixtures/machines holds the parts of /proc, /sys and /etc
 * that a test needs, one behind the other, and is unpacked where the test wants it.
 *
 *     # words about where the formats are from
 *     == proc/uptime
 *     12.34 56.78
 *     == etc/os-release -> ../usr/lib/os-release
 *     == bin/sh !hex
 *     7f454c46
 *     == proc/1/environ !nul
 *     container=lxc
 */
#pragma once

/* Unpacks the machine `name` into the directory `dir`, which is made. */
void machine_tree(const char *name, const char *dir);
/* The same from a text of the test's own. */
void machine_tree_text(const char *text, const char *dir);
