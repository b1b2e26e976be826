/* SPDX-License-Identifier: MIT */
/*
 * Reports of any bytes: the groups that come of them lie within the members, have two or more,
 * begin with one that stays, and name files.
 */
#include "fs/dupe_report.h"

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_group(const struct file_list *list, const struct same_result *result,
                        const struct same_group *g)
{
	const struct same_member *m = result->members.items + g->first;
	bool may_stay = true;

	if (g->len < 2 || g->first > result->members.len ||
	    g->len > result->members.len - g->first || (m[0].flags & SAME_KEEP) == 0)
		abort();
	for (size_t i = 0; i < g->len; i++) {
		AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

		file_list_add_path(list, m[i].file, &path);
		if (path.len == 0 || strlen(path.data) != path.len ||
		    file_list_at(list, m[i].file)->size != g->size)
			abort();
		/* Those that stay are together at the front. */
		if ((m[i].flags & SAME_KEEP) == 0)
			may_stay = false;
		else if (!may_stay)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *no_roots[] = { NULL };
	AUTO_FREE(file_list) struct file_list *list = file_list_new(1, no_roots, true);
	struct dupe_report_error error = { 0 };
	struct same_result result = { 0 };
	int r = dupe_report_read((const char *)data, size, list, &result, &error);

	if (r != 0 && (error.line == 0 || error.reason == NULL))
		abort();
	for (size_t i = 0; i < result.groups.len; i++)
		check_group(list, &result, &result.groups.items[i]);
	same_result_release(&result);
	return 0;
}
