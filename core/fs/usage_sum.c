/* SPDX-License-Identifier: MIT */
#include "fs/usage.h"

#include "base/num.h"

#include <dirent.h>

void usage_sum_init(struct usage_sum *sum)
{
	*sum = (struct usage_sum){ .newest = { .tv_sec = INT64_MIN, .tv_nsec = -1 } };
}

static bool is_later(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

void usage_sum_add(struct usage_sum *sum, const struct usage_sum *more)
{
	sum->saturated |= more->saturated;
	sum->disk = num_add_sat(sum->disk, more->disk, &sum->saturated);
	sum->apparent = num_add_sat(sum->apparent, more->apparent, &sum->saturated);
	sum->hardlink = num_add_sat(sum->hardlink, more->hardlink, &sum->saturated);
	sum->files += more->files;
	sum->dirs += more->dirs;
	sum->other += more->other;
	sum->errors += more->errors;
	if (is_later(more->newest, sum->newest))
		sum->newest = more->newest;
}

uint64_t usage_sum_inodes(const struct usage_sum *sum)
{
	return sum->files + sum->dirs + sum->other;
}

void usage_totals_sum(const struct usage_totals *totals, bool separate, struct usage_sum *ret)
{
	*ret = totals->own;
	usage_sum_add(ret, &totals->files);
	if (!separate)
		usage_sum_add(ret, &totals->below);
}

void usage_entry_own(const struct usage_entry *entry, struct usage_sum *ret)
{
	if (entry->passed_over)
		return;
	if (!entry->counted) {
		ret->hardlink = num_add_sat(ret->hardlink, entry->disk, &ret->saturated);
		return;
	}
	ret->disk = num_add_sat(ret->disk, entry->disk, &ret->saturated);
	ret->apparent = num_add_sat(ret->apparent, entry->apparent, &ret->saturated);
	ret->files += entry->type == DT_REG;
	ret->dirs += entry->type == DT_DIR;
	ret->other += entry->type != DT_REG && entry->type != DT_DIR;
	if (is_later(entry->time, ret->newest))
		ret->newest = entry->time;
}

const char *usage_path(const struct usage_entry *entry, size_t *ret_len)
{
	struct strbuf *path = entry->path;

	strbuf_truncate(path, entry->path_len);
	if (path->len > 0 && path->data[path->len - 1] != '/')
		strbuf_add_char(path, '/');
	strbuf_add(path, entry->name, entry->name_len);
	if (ret_len != NULL)
		*ret_len = path->len;
	return strbuf_str(path);
}
