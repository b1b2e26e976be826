/* SPDX-License-Identifier: MIT */
/* Any bytes as a mount table: parsed, marked and searched without a fault. */
#include "fs/mounts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

/* As the kernel writes paths: no slash at the end, no two in a row. */
static bool is_plain(const char *path)
{
	size_t len = strlen(path);

	return len == 1 || (path[len - 1] != '/' && strstr(path, "//") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE(mounts) struct mounts *m = mounts_parse((const char *)data, size);
	size_t below = 0;
	size_t visible = 0;

	for (size_t i = 0; i < m->len; i++) {
		const struct mount *mount = &m->items[i];
		size_t len;

		check(mount->point[0] == '/');
		check(mounts_find_id(m, mount->id)->id == mount->id);
		if (!mount->hidden) {
			visible++;
			check(mounts_find_device(m, mount->device) != NULL);
			if (is_plain(mount->point))
				check(strcmp(mounts_find_path(m, mount->point)->point, mount->point) == 0);
		}
		if (mount->kernel)
			check(mounts_is_kernel_device(m, mount->device));
		(void)mount_option(mount->super_options, "upperdir", &len);
		(void)mount_is_folded(mount);
	}
	for (const struct mount *at = NULL; (at = mounts_next_below(m, "/", at)) != NULL;)
		below++;
	check(below <= visible);
	return 0;
}
