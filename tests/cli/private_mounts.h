/* SPDX-License-Identifier: MIT */
/*
 * Mounts of a test's own: it leaves the machine's mount namespace for a copy, so that nothing
 * it mounts is seen outside or has to be unmounted. Skips where that is not possible.
 */
#pragma once

#include "support/run.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static inline void enter_private_mounts(void)
{
	need_root();
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		skip("no mount namespaces here");
}

/* Makes the directory and mounts a fresh tmpfs on it. */
static inline void mount_tmpfs(const char *point, const char *options)
{
	(void)mkdir(point, 0755);
	if (mount("memory", point, "tmpfs", 0, options) < 0)
		skip("cannot mount a tmpfs");
}

/*
 * Makes the directory and mounts a file system on it whose server never answers. Returns the
 * server's descriptor: close it before the test ends, or the sandbox cannot be removed.
 */
static inline int mount_dead(const char *point, const char *source)
{
	int server = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];

	if (server < 0)
		skip("no FUSE here");
	(void)mkdir(point, 0755);
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0",
	               server);
	if (mount(source, point, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		skip("cannot mount FUSE");
	return server;
}

/*
 * Makes a file system of this type in an image and mounts it on `point`; umount(2) lets the
 * loop device go too. Skips where that is not possible.
 */
static inline void mount_image(const char *type, const char *maker, const char *point)
{
	char script[200];

	need_root();
	need_program(maker);
	need_program("mount");
	tree_sparse("image", UINT64_C(512) << 20);
	tree_dir(point);
	(void)snprintf(script, sizeof(script), "%s -q image && mount -t %s -o loop image %s", maker,
	               type, point);
	if (RUN_PEER("sh", "-c", script).status != 0)
		skip("no such file system can be made and mounted here");
}
