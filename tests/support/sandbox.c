/* SPDX-License-Identifier: MIT */
#include "sandbox.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef DUTYBOX_SCRATCH
#define DUTYBOX_SCRATCH "/tmp/dutybox-tests.by-hand"
#endif

enum { NOBODY = 65534 };

/* Around the sandbox, so that nobody else changes what is in "..". */
static char outer[PATH_MAX];
static char sandbox[PATH_MAX];

/* A directory of our own that others may search but not write. */
static void make_root(const char *root)
{
	struct stat st;

	if (mkdir(root, 0755) < 0)
		cr_assert(errno == EEXIST, "cannot make %s: %s", root, strerror(errno));
	cr_assert(lstat(root, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid(),
	          "%s is not a directory of this user", root);
}

void sandbox_enter(void)
{
	const char *root = getenv("DUTYBOX_SCRATCH");

	if (root == NULL)
		root = DUTYBOX_SCRATCH;
	umask(022);
	make_root(root);
	int len = snprintf(outer, sizeof(outer), "%s/XXXXXX", root);
	cr_assert(len > 0 && (size_t)len < sizeof(outer), "scratch root is too long");
	cr_assert(mkdtemp(outer) != NULL, "cannot make %s: %s", outer, strerror(errno));
	len = snprintf(sandbox, sizeof(sandbox), "%s/s", outer);
	cr_assert(len > 0 && (size_t)len < sizeof(sandbox), "scratch root is too long");
	cr_assert(chmod(outer, 0755) == 0 && mkdir(sandbox, 0755) == 0 && chdir(sandbox) == 0,
	          "cannot enter %s: %s", sandbox, strerror(errno));
}

static int open_up(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)where;
	if (type == FTW_D || type == FTW_DNR)
		(void)chmod(path, 0700);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	(void)remove(path);
	return 0;
}

void sandbox_drop_root(void)
{
	if (geteuid() != 0)
		return;
	cr_assert_eq(chown(sandbox, NOBODY, NOBODY), 0);
	/* The saved ids stay root's, for the way back. */
	cr_assert(setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, 0) == 0 &&
	                  setresuid(NOBODY, NOBODY, 0) == 0,
	          "cannot become another user: %s", strerror(errno));
}

static void become_root_again(void)
{
	uid_t real;
	uid_t effective;
	uid_t saved;

	if (getresuid(&real, &effective, &saved) == 0 && effective != 0 && saved == 0)
		(void)(setresuid(0, 0, 0) == 0 && setresgid(0, 0, 0) == 0);
}

void sandbox_leave(void)
{
	become_root_again();
	if (outer[0] == '\0' || chdir("/") < 0)
		return;
	/* A directory without permissions is opened for the pass after the one that met it. */
	for (int pass = 0; pass < 16 && access(outer, F_OK) == 0; pass++) {
		if (geteuid() != 0)
			(void)nftw(outer, open_up, 32, FTW_PHYS | FTW_MOUNT);
		(void)nftw(outer, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	}
	outer[0] = sandbox[0] = '\0';
}

const char *sandbox_path(void)
{
	return sandbox;
}
