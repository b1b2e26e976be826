/* SPDX-License-Identifier: MIT */
#include "formats.h"

#include <strings.h>

static const struct write_format formats[] = {
	{ "tar", { ".tar", "" }, MEMBER_TAR, PACKING_NONE },
	{ "gztar", { ".tar.gz", ".tgz" }, MEMBER_TAR, PACKING_GZIP },
	{ "bztar", { ".tar.bz2", ".tbz2" }, MEMBER_TAR, PACKING_BZIP2 },
	{ "xztar", { ".tar.xz", ".txz" }, MEMBER_TAR, PACKING_XZ },
	{ "zstdtar", { ".tar.zst", ".tzst" }, MEMBER_TAR, PACKING_ZSTD },
	{ "lz4tar", { ".tar.lz4", ".tlz4" }, MEMBER_TAR, PACKING_LZ4 },
	{ "zip", { ".zip", "" }, MEMBER_ZIP, PACKING_NONE },
	{ "cpio", { ".cpio", "" }, MEMBER_CPIO, PACKING_NONE },
};

const struct write_format *write_format_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

const struct write_format *write_format_by_suffix(const char *path)
{
	const size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		for (size_t k = 0; k < 2; k++) {
			const size_t n = strlen(formats[i].suffix[k]);

			if (n > 0 && len > n &&
			    strcasecmp(path + len - n, formats[i].suffix[k]) == 0)
				return &formats[i];
		}
	}
	return NULL;
}

const struct write_format *write_format_of(enum member_format format, enum packing packing)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (formats[i].format == format && formats[i].packing == packing)
			return &formats[i];
	return NULL;
}
