/* SPDX-License-Identifier: MIT */
/* --by-name: names that are there at several paths. */
#include "glob.h"

#include "base/utf8.h"
#include "fs/case_fold.h"

struct named {
	const struct glob_item *item;
	size_t at, len; /* the base name in its path */
	char *folded;   /* owned with --ignore-case: what is compared; else NULL */
	size_t folded_len;
};

static void find_base(struct named *n)
{
	size_t len = n->item->len;

	while (len > 1 && n->item->path[len - 1] == '/')
		len--;
	n->at = len;
	while (n->at > 0 && n->item->path[n->at - 1] != '/')
		n->at--;
	n->len = len - n->at;
}

static void fold(struct named *n)
{
	const char *name = n->item->path + n->at;
	struct strbuf b = { 0 };
	size_t len;

	for (size_t at = 0; at < n->len; at += len) {
		int32_t cp = utf8_decode(name + at, n->len - at, &len);

		if (cp < 0) {
			strbuf_add(&b, name + at, len);
		} else {
			char bytes[4];

			strbuf_add(&b, bytes,
			           utf8_encode((int32_t)case_fold_lower((uint32_t)cp), bytes));
		}
	}
	n->folded_len = b.len;
	n->folded = strbuf_detach(&b);
}

static int compare_keys(const struct named *a, const struct named *b)
{
	const char *x = a->folded != NULL ? a->folded : a->item->path + a->at;
	const char *y = b->folded != NULL ? b->folded : b->item->path + b->at;
	size_t x_len = a->folded != NULL ? a->folded_len : a->len;
	size_t y_len = b->folded != NULL ? b->folded_len : b->len;
	int c = memcmp(x, y, x_len < y_len ? x_len : y_len);

	return c != 0 ? c : (x_len > y_len) - (x_len < y_len);
}

static int compare_named(const void *a, const void *b)
{
	const struct named *x = a;
	const struct named *y = b;
	int c = compare_keys(x, y);

	return c != 0 ? c : strcmp(x->item->path, y->item->path);
}

static void begin_group(struct glob_run *run, const struct named *first, size_t count,
                        bool is_first)
{
	struct record r;

	if (run->opts->out.json) {
		record_begin(&r, "group", &glob_group_table);
		record_bytes(&r, 0, first->item->path + first->at, first->len);
		record_u64(&r, 1, count);
		out_emit(run->ctx->out, &r);
	} else if (!is_first && run->exec == NULL && !run->opts->quiet && !run->opts->count) {
		/* An empty record between groups, as dupes has it. */
		out_text(run->ctx->out, run->opts->out.zero ? "" : "\n", 1);
	}
}

static uint64_t print_groups(struct glob_run *run, const struct named *named, size_t n)
{
	AUTO_RELEASE_STRBUF struct strbuf lines = { 0 };
	uint64_t printed = 0;
	size_t end;

	for (size_t at = 0; at < n && !out_failed(run->ctx->out); at = end) {
		for (end = at + 1; end < n && compare_keys(&named[at], &named[end]) == 0;)
			end++;
		if (end - at < 2)
			continue;
		begin_group(run, &named[at], end - at, printed == 0);
		for (size_t i = at; i < end; i++) {
			if (!glob_give(run, named[i].item, &lines))
				return printed;
			printed++;
		}
		out_text(run->ctx->out, lines.data, lines.len);
		strbuf_clear(&lines);
	}
	return printed;
}

uint64_t glob_print_by_name(struct glob_run *run, struct glob_item *items, size_t n)
{
	struct named *named = mem_alloc_array(n + 1, sizeof(named[0]));
	uint64_t printed;

	for (size_t i = 0; i < n; i++) {
		named[i] = (struct named){ .item = &items[i] };
		find_base(&named[i]);
		if (run->opts->ignore_case)
			fold(&named[i]);
	}
	if (n > 1)
		qsort(named, n, sizeof(named[0]), compare_named);
	printed = print_groups(run, named, n);
	for (size_t i = 0; i < n; i++)
		free(named[i].folded);
	free(named);
	return printed;
}
