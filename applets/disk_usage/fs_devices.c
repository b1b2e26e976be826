/* SPDX-License-Identifier: MIT */
#include "fs_devices.h"

bool fs_devices_have(const struct fs_devices *devices, uint64_t device)
{
	for (size_t i = 0; i < devices->len; i++)
		if (devices->items[i] == device)
			return true;
	return false;
}

void fs_devices_add(struct fs_devices *devices, uint64_t device)
{
	if (!fs_devices_have(devices, device))
		vec_push(devices, device);
}

static bool is_on(const struct fs_devices *devices, const struct mounts *m,
                  const struct mount *overlay)
{
	size_t len;
	const char *upper = mount_option(overlay->super_options, "upperdir", &len);
	const struct mount *below;
	char *path;

	if (upper == NULL)
		return false;
	path = mem_strndup(upper, len);
	below = mounts_find_path(m, path);
	free(path);
	return below != NULL && below != overlay && fs_devices_have(devices, below->device);
}

void fs_devices_add_overlays(struct fs_devices *devices, const struct mounts *m)
{
	for (size_t i = 0; i < m->len; i++) {
		const struct mount *mount = &m->items[i];

		if (strcmp(mount->fstype, "overlay") == 0 && is_on(devices, m, mount))
			fs_devices_add(devices, mount->device);
	}
}
