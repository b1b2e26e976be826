/* SPDX-License-Identifier: MIT */
/*
 * A control group (version 2) of our own, below the one this process is in: what is started in
 * it can be counted and ended as a whole, whatever it does (Linux, Documentation/admin-guide/
 * cgroup-v2.rst). Where none may be made, cgroup_new() says so; nothing else is asked.
 */
#pragma once

#include "base/strbuf.h"
#include "base/vec.h"

struct cgroup {
	int parent; /* descriptor of the directory above */
	int dir;    /* descriptor of its own; -1: there is none */
	char name[64];
};

struct pids {
	VEC_FIELDS(pid_t);
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

/* Removes the group NAME, of a process that was killed, when nothing is in it. 0 or -errno. */
MUST_USE int cgroup_remove(const char *name);

/* Adds the numbers of the processes in it, those of other pid namespaces left out. 0 or -errno. */
MUST_USE int cgroup_list(const struct cgroup *group, struct pids *ret);
/* Kills all that is in it and below at once (since 5.14). 0 or -errno. */
MUST_USE int cgroup_kill(const struct cgroup *group);
/* Sets one of its files: "memory.max". 0 or -errno; -ENOENT: no such controller here. */
MUST_USE int cgroup_set(const struct cgroup *group, const char *file, const char *value);
/* A number from one of its files: "memory.peak". 0 or -errno. */
MUST_USE int cgroup_get(const struct cgroup *group, const char *file, uint64_t *ret);
/* One of the lines NAME NUMBER in "memory.events" and the like. 0 or -errno. */
MUST_USE int cgroup_get_key(const struct cgroup *group, const char *file, const char *key,
                            uint64_t *ret);
