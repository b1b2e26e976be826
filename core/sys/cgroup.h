/* SPDX-License-Identifier: MIT */
/*
 * Control groups (version 2; Linux, Documentation/admin-guide/cgroup-v2.rst): what is in one can
 * be counted and ended as a whole, whatever it does. One of our own, below the one this process
 * is in, or one that is there. Where none may be made, cgroup_new() says so; nothing else is asked.
 */
#pragma once

#include "sys/procfs.h"

struct cgroup {
	int parent; /* descriptor of the directory above */
	int dir;    /* descriptor of its own; -1: there is none */
	char name[64];
};

#define CGROUP_NONE                     \
	{                               \
		.parent = -1, .dir = -1 \
	}

/* Makes the group NAME. 0, or -errno: no such file system, read-only, not permitted. */
MUST_USE int cgroup_new(const char *name, struct cgroup *ret);
/*
 * Moves what is still in it to the group above, removes it and closes the descriptors. 0 or
 * -errno of the removal.
 */
int cgroup_free(struct cgroup *group);

/*
 * A group that is there: the path of its directory, or its path from the mount on, as
 * /proc/PID/cgroup shows it (/system.slice/nginx.service). 0; -ENOENT, -ENOTDIR, -EACCES;
 * -EMEDIUMTYPE: that directory is no group; or another -errno.
 */
MUST_USE int cgroup_open(const char *path, struct cgroup *ret);
/* What cgroup_open() took; the group stays. */
void cgroup_close(struct cgroup *group);

/* Removes the group NAME, of a process that was killed, when nothing is in it. 0 or -errno. */
MUST_USE int cgroup_remove(const char *name);

/* Adds the numbers of the processes in it, those of other pid namespaces left out. 0 or -errno. */
MUST_USE int cgroup_list(const struct cgroup *group, struct pid_list *ret);
/* The same with all groups below it. 0 or -errno; groups that vanish meanwhile are empty. */
MUST_USE int cgroup_list_all(const struct cgroup *group, struct pid_list *ret);
/* Kills all that is in it and below at once (since 5.14). 0 or -errno. */
MUST_USE int cgroup_kill(const struct cgroup *group);
/*
 * Sets CONTROLLER.max, after the group above was asked to hand the controller down. 0 or -errno:
 * -ENOENT, -EBUSY: it is not to be had here.
 */
MUST_USE int cgroup_limit(const struct cgroup *group, const char *controller, const char *value);
/* Sets one of its files: "memory.max". 0 or -errno; -ENOENT: no such controller here. */
MUST_USE int cgroup_set(const struct cgroup *group, const char *file, const char *value);
/* A number from one of its files: "memory.peak". 0 or -errno. */
MUST_USE int cgroup_get(const struct cgroup *group, const char *file, uint64_t *ret);
/* One of the lines NAME NUMBER in "memory.events" and the like. 0 or -errno. */
MUST_USE int cgroup_get_key(const struct cgroup *group, const char *file, const char *key,
                            uint64_t *ret);
