/* SPDX-License-Identifier: MIT */
/*
 * Whether this is a container, and of which kind, and what the machine below it is: real, or
 * virtual. By what the container managers leave behind in files; the environment, which
 * anybody can set, is not asked. Words are those of systemd-detect-virt(1) where it has one.
 */
#pragma once

#include "base/strbuf.h"
#include "sys/cpu_model.h"
#include "sys/machine.h"

struct host_kind {
	char container[20]; /* "docker", "kubernetes", "podman", "lxc", "none" ...; "": unknown */
	char virt[20];      /* "kvm", "vmware", "none" ...; "": unknown */
};

/*
 * `cgroup` is the path of the process's control group, "" when it is not known; `guest` what
 * the processor says. Notes troubles as "container.*". `ret` is zeroed.
 */
void host_kind_read(struct machine *m, const char *cgroup, enum cpu_guest guest,
                    struct host_kind *ret);

/* What the path of a control group says about who made it, NULL: nothing. Pure. */
const char *container_of_cgroup(const char *path);
/* What vendor and product strings of the firmware say, NULL: nothing. Pure. */
const char *virt_of_firmware(const char *text);
