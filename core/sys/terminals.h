/* SPDX-License-Identifier: MIT */
/* Controlling terminals by name (pts/0, tty1: without /dev/) and as the kernel numbers them. */
#pragma once

#include "base/strbuf.h"

/*
 * The device number of a terminal as struct proc_stat has it. 0; -ENOENT: no such device, or
 * it is no character device. What is not in /dev is known by its name: pts/N, ttyN, ttySN.
 */
MUST_USE int terminal_device(const char *name, uint64_t *ret);
/* Adds the name; MAJOR:MINOR for a kind that is not known. */
void terminal_add_name(struct strbuf *b, uint64_t device);
