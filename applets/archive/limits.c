/* SPDX-License-Identifier: MIT */
/* How much an archive may unpack to. */
#include "archive.h"

#include "base/human.h"

#include <sys/statvfs.h>

void limits_read(const struct archive_run *run, int dirfd, struct member_limits *ret)
{
	const struct archive_opts *opts = &run->opts;
	struct statvfs fs;

	*ret = (struct member_limits){ UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	if (opts->no_limits)
		return;
	ret->entries = (uint64_t)opts->limit_entries;
	ret->ratio = (uint64_t)opts->limit_ratio;
	ret->depth = (uint64_t)opts->limit_depth;
	if (run->limit_size > 0)
		ret->size = run->limit_size;
	else if (dirfd >= 0 && fstatvfs(dirfd, &fs) == 0)
		ret->size = fs.f_bavail * fs.f_frsize / 10 * 9;
}

int limits_check(struct archive_run *run)
{
	struct text_error error;
	const char *text = run->opts.limit_size;

	if (text == NULL || human_parse_size(text, &run->limit_size, &error) == 0)
		return 0;
	return diag_caret(run->ctx->diag, "--limit-size", text, &error);
}

int limits_trouble(struct archive_run *run, enum limit_hit hit)
{
	static const char options[][16] = { "", "--limit-size", "--limit-entries", "--limit-ratio",
		                            "--limit-depth" };

	(void)diag_partial_text(run->ctx->diag, NULL,
	                        "guard 'limits': the archive unpacks to more than is allowed (%s)",
	                        options[hit]);
	diag_raise(run->ctx->diag, EXIT_GUARD);
	return EXIT_GUARD;
}
