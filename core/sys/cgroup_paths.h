/* SPDX-License-Identifier: MIT */
/*
 * Where a process's control groups are: its lines in PROC/cgroup and the cgroup file systems in
 * PROC/mountinfo (cgroups(7)). Version 1 has a hierarchy for each controller, version 2 one for
 * all; a hybrid machine has both. Pure.
 */
#pragma once

#include "base/strbuf.h"

enum cgroup_version { CGROUP_NO_VERSION, CGROUP_V1, CGROUP_V2, CGROUP_HYBRID };

/* A hierarchy: where its file system is mounted, and the group in it. */
struct cgroup_place {
	bool mounted;
	struct strbuf point; /* mount point, without a slash in front: "sys/fs/cgroup" */
	struct strbuf below; /* the group's directory below that: "" or "a/b" */
	bool is_clipped;     /* the group is not below what is mounted: the mount itself stands for
	                        it, as far as can be seen from here */
};

enum cgroup_controller { CGROUP_CPU, CGROUP_MEMORY, CGROUP_PIDS, CGROUP_UNIFIED, CGROUP_PLACES };

struct cgroup_paths {
	enum cgroup_version version;
	struct strbuf path; /* the group in version 2; else the longest one of version 1 */
	/* CGROUP_CPU and so on: where version 1 has that controller. */
	struct cgroup_place places[CGROUP_PLACES];
};

void cgroup_paths_release(struct cgroup_paths *paths);
/* `cgroup` and `mountinfo` are the texts of these files. A zeroed struct is filled. */
void cgroup_paths_parse(const struct strbuf *cgroup, const struct strbuf *mountinfo,
                        struct cgroup_paths *ret);
