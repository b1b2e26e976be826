/* SPDX-License-Identifier: MIT */
/* Prints a list in the format that was asked for. */
#include "ls.h"

enum { FLUSH_AT = 48 * 1024, BLOCK = 512 };

void ls_flush_some(struct ls_run *run)
{
	if (run->out.len < FLUSH_AT)
		return;
	out_text(run->ctx->out, run->out.data, run->out.len);
	strbuf_clear(&run->out);
}

void ls_print_total(struct ls_run *run, const struct ls_list *list)
{
	if (run->opts->json || (run->format != LS_LONG && !run->opts->blocks))
		return;
	strbuf_add_str(&run->out, "total ");
	human_add_size(&run->out,
	               list->blocks > UINT64_MAX / BLOCK ? UINT64_MAX : list->blocks * BLOCK,
	               &run->block_format);
	strbuf_add_char(&run->out, run->end);
}

void ls_print(struct ls_run *run, struct ls_list *list)
{
	run->listed += list->len;
	if (run->opts->json) {
		for (size_t i = 0; i < list->len && !out_failed(run->ctx->out); i++)
			ls_print_record(run, list, list->items[i].item);
		return;
	}
	ls_find_quoted(run, list);
	if (run->format == LS_LONG)
		ls_print_long(run, list);
	else
		ls_print_columns(run, list);
}
