/* SPDX-License-Identifier: MIT */
/* Pseudo terminals, pty(7), and the modes of the terminal one sits at. */
#pragma once

#include "base/base.h"

#include <termios.h>

struct pty {
	int master; /* non-blocking; -1: closed */
	int slave;  /* for the program; -1: closed */
};

/*
 * A new one, with the modes and the size of the terminal `like`, or the kernel's and 80 by 24
 * when that is negative. Both ends are above 2 and close-on-exec. 0 or -errno.
 */
MUST_USE int pty_open(int like, struct pty *ret);
void pty_close(struct pty *pty);
/* Gives it the size of the terminal `like`; its foreground is told by SIGWINCH. */
void pty_resize(const struct pty *pty, int like);

/* Every key arrives as it is and at once. 0 with the modes from before, or -errno. */
MUST_USE int terminal_make_raw(int fd, struct termios *ret_before);
/* Also from the background, when SIGTTOU is blocked. */
void terminal_restore(int fd, const struct termios *before);
