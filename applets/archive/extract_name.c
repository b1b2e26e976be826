/* SPDX-License-Identifier: MIT */
#include "archive.h"

#include "base/path.h"

char *extract_name(const char *archive)
{
	static const char suffixes[][10] = {
		".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lz4", ".tar.lzma", ".tar.lz",
		".tgz",    ".tbz2",    ".tbz",    ".txz",     ".tzst",    ".tlz4",     ".tar",
		".zip",    ".7z",      ".rar",    ".cpio",    ".iso",     ".cab",      ".lha",
		".lzh",    ".jar",     ".deb",    ".a",
	};
	const char *base = path_base_name(archive);
	const size_t len = strlen(base);

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		const size_t n = strlen(suffixes[i]);

		if (len > n && strcmp(base + len - n, suffixes[i]) == 0)
			return mem_strndup(base, len - n);
	}
	/* The archive itself has that name, perhaps here. */
	return len == 0 || strcmp(base, "-") == 0 ? mem_strdup("archive") : mem_strdup(base);
}
