/* SPDX-License-Identifier: MIT */
/*
 * A fresh directory for each test, and the working directory while it runs:
 * TestSuite(which, .init = sandbox_enter, .fini = sandbox_leave). It lies below a
 * scratch root that everybody may search (so that a child may drop to another
 * user), and that CTest removes in the end, also after a crash.
 */
#pragma once

void sandbox_enter(void);
/* Removes the directory, whatever modes the test has left in it. */
void sandbox_leave(void);
/*
 * From here on the test, which has a process of its own, is an ordinary user's whom permissions
 * stop, and the sandbox is that user's. sandbox_leave() is root again. Does nothing for a user.
 */
void sandbox_drop_root(void);
/* Absolute path of the sandbox. */
const char *sandbox_path(void);
