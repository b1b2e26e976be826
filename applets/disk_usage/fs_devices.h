/* SPDX-License-Identifier: MIT */
/* Which devices' files take space on a file system. */
#pragma once

#include "base/vec.h"
#include "fs/mounts.h"

struct fs_devices {
	VEC_FIELDS(uint64_t);
};

void fs_devices_add(struct fs_devices *devices, uint64_t device);
bool fs_devices_have(const struct fs_devices *devices, uint64_t device);
/*
 * Adds the overlays whose upper layer is on one of the devices: what a container writes has
 * the overlay's device number and takes space below it.
 */
void fs_devices_add_overlays(struct fs_devices *devices, const struct mounts *m);
