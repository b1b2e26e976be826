/* SPDX-License-Identifier: MIT */
/* From what a scan or an import finds to what is printed. */
#include "disk_usage.h"

#include "base/num.h"

#include <dirent.h>

struct du_show {
	const struct du_run *run;
	struct usage_sink sink;
	struct strbuf line;
	struct du_row total;
	bool keeps; /* rows wait for the end */
	struct du_rows rows;
	struct du_tree *tree; /* with --tree */
};

static void report_max(const struct du_run *run, const struct du_row *root)
{
	const uint64_t value = du_row_value(run, root);
	struct strbuf shown = { 0 }, limit = { 0 };

	du_add_value(run, &shown, value);
	du_add_value(run, &limit, run->max);
	if (value > run->max)
		(void)diag_partial_text(run->ctx->diag, root->path,
		                        "%s (%llu) is more than the limit of %s (%llu)",
		                        strbuf_str(&shown), (unsigned long long)value,
		                        strbuf_str(&limit), (unsigned long long)run->max);
	else if (root->sum.errors > 0)
		(void)diag_partial_text(run->ctx->diag, root->path,
		                        "%llu of its entries could not be read, so it may be more "
		                        "than the limit of %s (%llu)",
		                        (unsigned long long)root->sum.errors, strbuf_str(&limit),
		                        (unsigned long long)run->max);
	strbuf_release(&shown);
	strbuf_release(&limit);
}

/* A root is done: it belongs to the total, and a limit applies to it. */
static void close_root(struct du_show *show, const struct du_row *root, const struct usage_sum *all)
{
	struct du_row *total = &show->total;

	usage_sum_add(&total->sum, all);
	total->own_disk = num_add_sat(total->own_disk, root->own_disk, NULL);
	total->reclaim = num_add_sat(total->reclaim, root->reclaim, NULL);
	if (all->saturated && !show->run->opts->gnu)
		diag_warn(show->run->ctx->diag, root->path,
		          "warning: a sum went beyond 2^64-1 and stays there");
	if (show->run->has_max)
		report_max(show->run, root);
}

static bool is_wanted(const struct du_run *run, const struct du_row *row)
{
	const uint64_t value = du_row_value(run, row);

	return run->threshold_is_high ? value <= run->threshold : value >= run->threshold;
}

static bool show_row(struct du_show *show, const struct du_row *row)
{
	const struct du_run *run = show->run;
	const bool wanted = is_wanted(run, row);

	if (show->tree != NULL)
		du_tree_add(show->tree, row, wanted);
	else if (wanted && show->keeps)
		du_rows_add(&show->rows, run, row);
	else if (wanted)
		du_print_row(run, row, &show->line);
	return !out_failed(run->ctx->out);
}

static void row_of(const struct usage_entry *entry, struct du_row *ret)
{
	*ret = (struct du_row){
		.depth = entry->depth,
		.type = entry->type,
		.mount = entry->mount,
		.mode = entry->mode,
		.has_many_links = entry->nlink > 1,
	};
	ret->path = usage_path(entry, &ret->path_len);
}

void du_row_of_item(const struct usage_entry *item, struct du_row *ret)
{
	row_of(item, ret);
	usage_sum_init(&ret->sum);
	usage_entry_own(item, &ret->sum);
	ret->own_disk = item->disk;
	ret->reclaim = item->nlink <= 1 ? item->disk : 0;
}

void du_row_of_dir(const struct du_run *run, const struct usage_entry *dir,
                   const struct usage_totals *totals, struct du_row *ret)
{
	row_of(dir, ret);
	usage_totals_sum(totals, run->opts->separate_dirs, &ret->sum);
	ret->own_disk = num_add_sat(totals->own.disk, totals->files.disk, NULL);
	ret->reclaim = totals->reclaim;
}

static bool on_item(const struct usage_entry *item, void *user)
{
	struct du_show *show = user;
	const struct du_run *run = show->run;
	struct du_row row;

	if (!item->counted || item->depth > run->max_depth || (item->depth > 0 && !run->opts->all))
		return true;
	du_row_of_item(item, &row);
	if (item->depth == 0)
		close_root(show, &row, &row.sum);
	return show_row(show, &row);
}

static bool on_leave(const struct usage_entry *dir, const struct usage_totals *totals, void *user)
{
	struct du_show *show = user;
	struct du_row row;
	struct usage_sum all;

	if (dir->depth > show->run->max_depth)
		return true;
	du_row_of_dir(show->run, dir, totals, &row);
	if (dir->depth == 0) {
		usage_totals_sum(totals, false, &all);
		close_root(show, &row, &all);
	}
	return show_row(show, &row);
}

void du_report_trouble(const struct du_run *run, const struct usage_trouble *trouble)
{
	struct diag *diag = run->ctx->diag;

	if (trouble->depth == 0 && !trouble->current_dir)
		(void)diag_fail(diag, trouble->err, trouble->verb, trouble->path);
	else
		(void)diag_partial(diag, trouble->err, trouble->verb, trouble->path);
}

static bool on_error(const struct usage_trouble *trouble, void *user)
{
	const struct du_show *show = user;

	du_report_trouble(show->run, trouble);
	return true;
}

struct du_show *du_show_new(const struct du_run *run)
{
	struct du_show *show = mem_alloc_zeroed(sizeof(*show));

	show->run = run;
	usage_sum_init(&show->total.sum);
	/* GNU's total is never older than the epoch. */
	if (run->opts->gnu)
		show->total.sum.newest = (struct timespec){ 0 };
	show->total.type = DT_UNKNOWN;
	if (run->opts->tree)
		show->tree = du_tree_new(run);
	show->keeps =
		run->opts->top > 0 || run->sort != DU_SORT_NONE || run->opts->reverse || run->bars;
	show->sink = (struct usage_sink){
		.item = on_item,
		.leave = on_leave,
		.error = on_error,
		.user = show,
	};
	return show;
}

struct du_show *du_show_free(struct du_show *show)
{
	if (show == NULL)
		return NULL;
	du_rows_release(&show->rows);
	du_tree_free(show->tree);
	strbuf_release(&show->line);
	free(show);
	return NULL;
}

const struct usage_sink *du_show_sink(struct du_show *show)
{
	return &show->sink;
}

void du_show_finish(struct du_show *show)
{
	const struct du_run *run = show->run;

	if (show->tree != NULL) {
		du_tree_print(show->tree, &show->total);
		return;
	}
	du_rows_sort(&show->rows, run);
	if (run->bars) {
		du_print_aligned(run, &show->rows, &show->total);
		return;
	}
	for (size_t i = 0; i < show->rows.len; i++)
		du_print_row(run, &show->rows.items[i], &show->line);
	if (run->total)
		du_print_total(run, &show->total, &show->line);
}
