/* SPDX-License-Identifier: MIT */
/*
 * What kind of disk a file system is on, as sysfs tells it (Documentation/ABI/stable/sysfs-block
 * of the kernel: queue/rotational), and where on it a file begins.
 */
#pragma once

#include "base/base.h"

/*
 * Seeks on this device take time. `sys` is where sysfs is: "/sys", or a recorded tree. A
 * partition is asked for by its disk. False for what is not known there, as the devices of
 * btrfs, overlay or a network are: nothing is gained by an order that means nothing.
 */
bool disk_rotates(const char *sys, uint64_t device);

/*
 * Where the first bytes of the file behind `fd` are, in bytes from the start of its device (see
 * fs/extents.h). UINT64_MAX when that cannot be told: no blocks, or none with an address yet.
 */
uint64_t disk_first_byte(int fd);
