/* SPDX-License-Identifier: MIT */
/* The long format. */
#include "ls.h"

#include "cells.h"

#include "cli/file_type.h"

#include "base/utf8.h"

#include <dirent.h>
#include <sys/sysmacros.h>

enum { MODE_LETTERS = 10, FAR_AHEAD = 16, NEAR_AHEAD = 8 };

static void widen(size_t *width, size_t at_least)
{
	if (*width < at_least)
		*width = at_least;
}

static const char *owner_name(const struct ls_run *run, uint32_t uid)
{
	return run->numeric ? NULL : users_name(run->users, uid);
}

static const char *group_name(const struct ls_run *run, uint32_t gid)
{
	return run->numeric ? NULL : users_group_name(run->users, gid);
}

static size_t id_width(const char *name, uint32_t id)
{
	return name != NULL ? utf8_columns(name, strlen(name)) : cell_digits(id);
}

static bool is_device(const struct ls_meta *meta)
{
	return S_ISCHR(meta->mode) || S_ISBLK(meta->mode);
}

/* Adds a size as it is shown; numbers without a unit, the usual case, at once. */
static void add_size(const struct ls_run *run, struct strbuf *b, uint64_t size)
{
	const struct human_format *f = &run->size_format;

	if (f->block_size == 1 && !f->autoscale && !f->suffix)
		strbuf_add_u64(b, size);
	else
		human_add_size(b, size, f);
}

static uint64_t shown_size(const struct ls_run *run, const struct ls_file *file)
{
	const struct ls_extra *extra = ls_extra(run, file);

	return extra != NULL && extra->has_total ? extra->total_size : file->meta->size;
}

static size_t size_width(const struct ls_run *run, struct ls_widths *w, const struct ls_file *file)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	if (is_device(file->meta)) {
		widen(&w->major, cell_digits(major(file->meta->size)));
		widen(&w->minor, cell_digits(minor(file->meta->size)));
		return w->major + 2 + w->minor;
	}
	if (run->size_format.block_size == 1 && !run->size_format.autoscale)
		return cell_digits(shown_size(run, file));
	add_size(run, &text, shown_size(run, file));
	return text.len;
}

/* Sorting has scattered the files; each would be waited for otherwise. */
static void fetch_ahead(const struct ls_list *list, size_t i)
{
	if (i + FAR_AHEAD < list->len)
		__builtin_prefetch(list->items[i + FAR_AHEAD].item);
	if (i + NEAR_AHEAD < list->len)
		__builtin_prefetch(
			((const struct ls_file *)list->items[i + NEAR_AHEAD].item)->meta);
}

static void measure_long(struct ls_run *run, const struct ls_list *list, struct ls_widths *ret)
{
	uint32_t uid = 0, gid = 0;
	bool first = true;

	if (list->aside != NULL)
		measure_long(run, list->aside, ret);
	ls_measure_frills(run, list, ret);
	for (size_t i = 0; i < list->len; i++) {
		const struct ls_file *file = list->items[i].item;
		const struct ls_meta *meta = file->meta;

		fetch_ahead(list, i);
		if (meta == NULL)
			continue;
		widen(&ret->nlink, cell_digits(meta->nlink));
		widen(&ret->size, size_width(run, ret, file));
		if (first || meta->uid != uid)
			widen(&ret->owner, id_width(owner_name(run, meta->uid), meta->uid));
		if (first || meta->gid != gid)
			widen(&ret->group, id_width(group_name(run, meta->gid), meta->gid));
		uid = meta->uid;
		gid = meta->gid;
		first = false;
	}
	ret->author = ret->owner;
}

static void add_left(struct strbuf *b, const char *text, size_t width)
{
	size_t columns = utf8_columns(text, strlen(text));

	strbuf_add_str(b, text);
	strbuf_add_fill(b, ' ', (columns < width ? width - columns : 0) + 1);
}

static void add_id(struct strbuf *b, const struct ls_meta *meta, const char *name, uint32_t id,
                   size_t width)
{
	if (meta == NULL) {
		add_left(b, "?", width);
	} else if (name != NULL) {
		add_left(b, name, width);
	} else {
		cell_add_number(b, id, width);
	}
}

/* Owner, group and author; neighbours mostly have the same. */
static void add_ids(struct ls_run *run, const struct ls_meta *meta, const struct ls_widths *w)
{
	const uint32_t uid = meta != NULL ? meta->uid : 0;
	const uint32_t gid = meta != NULL ? meta->gid : 0;
	struct ls_ids *last = &run->ids;
	struct strbuf *b = &run->out;
	size_t begin = b->len;

	if (meta != NULL && last->text.len > 0 && last->uid == uid && last->gid == gid &&
	    last->owner == w->owner && last->group == w->group) {
		strbuf_add(b, last->text.data, last->text.len);
		return;
	}
	if (run->shows_owner)
		add_id(b, meta, owner_name(run, uid), uid, w->owner);
	if (run->shows_group)
		add_id(b, meta, group_name(run, gid), gid, w->group);
	if (run->opts->author)
		add_id(b, meta, owner_name(run, uid), uid, w->author);
	strbuf_clear(&last->text);
	if (meta == NULL)
		return;
	last->uid = uid;
	last->gid = gid;
	last->owner = w->owner;
	last->group = w->group;
	strbuf_add(&last->text, b->data + begin, b->len - begin);
}

/* The letters of a mode; neighbours mostly have the same. */
static void add_letters(struct ls_run *run, uint32_t mode)
{
	struct ls_letters *last = &run->letters;
	char *at;

	if (last->text.len == 0 || last->mode != mode) {
		strbuf_clear(&last->text);
		file_mode_add(&last->text, mode);
		last->mode = mode;
	}
	at = cell_begin(&run->out, MODE_LETTERS);
	memcpy(at, last->text.data, MODE_LETTERS);
	cell_end(&run->out, at + MODE_LETTERS);
}

static char mark_of(const struct ls_file *file)
{
	if (file->meta == NULL)
		return '?';
	if ((file->flags & LS_HAS_ACL) != 0)
		return '+';
	return (file->flags & LS_HAS_CONTEXT) != 0 ? '.' : ' ';
}

static void add_octal(struct strbuf *b, const struct ls_meta *meta)
{
	if (meta == NULL) {
		strbuf_add_str(b, "   ? ");
		return;
	}
	for (int shift = 9; shift >= 0; shift -= 3)
		strbuf_add_char(b, (char)('0' + (meta->mode >> shift & 7)));
	strbuf_add_char(b, ' ');
}

static void add_mode(struct ls_run *run, const struct ls_list *list, const struct ls_file *file)
{
	struct strbuf *b = &run->out;

	if (file->meta != NULL) {
		add_letters(run, file->meta->mode);
	} else {
		strbuf_add_char(b, file_mode_letter((mode_t)DTTOIF(file->type)));
		strbuf_add_fill(b, '?', MODE_LETTERS - 1);
	}
	if (list->has_acl)
		strbuf_add_char(b, mark_of(file));
	cell_add_char(b, ' ');
	if (run->opts->octal)
		add_octal(b, file->meta);
}

static void add_size_column(struct ls_run *run, const struct ls_file *file,
                            const struct ls_widths *w)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct strbuf *b = &run->out;
	const struct human_format *f = &run->size_format;

	if (file->meta != NULL && is_device(file->meta)) {
		size_t own = w->major + 2 + w->minor;

		cell_add_number(b, major(file->meta->size),
		                w->major + (own < w->size ? w->size - own : 0));
		b->data[b->len - 1] = ',';
		cell_add_char(b, ' ');
		cell_add_number(b, minor(file->meta->size), w->minor);
		return;
	}
	if (file->meta != NULL && f->block_size == 1 && !f->autoscale && !f->suffix) {
		cell_add_number(b, shown_size(run, file), w->size);
		return;
	}
	if (file->meta == NULL)
		strbuf_add_char(&text, '?');
	else
		add_size(run, &text, shown_size(run, file));
	strbuf_add_fill(b, ' ', text.len < w->size ? w->size - text.len : 0);
	strbuf_add(b, text.data, text.len);
	strbuf_add_char(b, ' ');
}

static void add_long(struct ls_run *run, const struct ls_list *list, const struct ls_file *file,
                     const struct ls_widths *widths)
{
	struct strbuf *b = &run->out;

	if (run->opts->inode)
		ls_add_inode(run, file, widths->inode);
	if (run->opts->blocks)
		ls_add_blocks(run, file, widths->blocks);
	add_mode(run, list, file);
	if (file->meta != NULL) {
		cell_add_number(b, file->meta->nlink, widths->nlink);
	} else {
		strbuf_add_fill(b, ' ', widths->nlink > 1 ? widths->nlink - 1 : 0);
		strbuf_add_str(b, "? ");
	}
	add_ids(run, file->meta, widths);
	if (run->opts->context)
		add_left(b, file->context != NULL ? file->context : "?", widths->context);
	add_size_column(run, file, widths);
	ls_add_when(run, file);
	cell_add_char(b, ' ');
}

static void add_title(struct strbuf *b, const char *title, size_t width, bool left)
{
	size_t len = strlen(title);
	size_t fill = len < width ? width - len : 0;

	strbuf_add_fill(b, ' ', left ? 0 : fill);
	strbuf_add_str(b, title);
	strbuf_add_fill(b, ' ', (left ? fill : 0) + 1);
}

/* Columns become as wide as their titles. */
static void widen_for_titles(struct ls_widths *w)
{
	widen(&w->inode, 5);
	widen(&w->blocks, 6);
	widen(&w->nlink, 5);
	widen(&w->owner, 5);
	widen(&w->group, 5);
	widen(&w->author, 6);
	widen(&w->context, 7);
	widen(&w->size, 4);
}

static void print_header(struct ls_run *run, const struct ls_widths *widths, bool has_acl)
{
	const struct ls_opts *o = run->opts;
	struct strbuf *b = &run->out;

	if (o->inode)
		add_title(b, "inode", widths->inode, false);
	if (o->blocks)
		add_title(b, "blocks", widths->blocks, false);
	add_title(b, "mode", has_acl ? 11 : 10, true);
	if (o->octal)
		add_title(b, "bits", 4, true);
	add_title(b, "links", widths->nlink, false);
	if (run->shows_owner)
		add_title(b, "owner", widths->owner, true);
	if (run->shows_group)
		add_title(b, "group", widths->group, true);
	if (o->author)
		add_title(b, "author", widths->author, true);
	if (o->context)
		add_title(b, "context", widths->context, true);
	add_title(b, "size", widths->size, false);
	add_title(b, "time", ls_when_width(run), true);
	strbuf_add_str(b, "name");
	strbuf_add_char(b, run->end);
}

void ls_add_long_file(struct ls_run *run, const struct ls_list *list, const struct ls_file *file,
                      const struct ls_widths *widths, const struct strbuf *prefix)
{
	size_t before;

	ls_add_normal(run);
	before = run->out.len; /* colours take no columns */
	add_long(run, list, file, widths);
	if (prefix->len > 0)
		strbuf_add(&run->out, prefix->data, prefix->len);
	ls_add_name(run, list, file, run->out.len - before);
	if (file->type == DT_LNK) {
		ls_add_target(run, list, file);
	} else {
		char indicator = ls_indicator(run, file);

		if (indicator != '\0')
			strbuf_add_char(&run->out, indicator);
	}
	cell_add_char(&run->out, run->end);
	ls_flush_some(run);
}

void ls_begin_long(struct ls_run *run, const struct ls_list *list, struct ls_widths *ret)
{
	measure_long(run, list, ret);
	if (!run->opts->header)
		return;
	widen_for_titles(ret);
	if (list->len > 0)
		print_header(run, ret, list->has_acl);
}

void ls_print_long(struct ls_run *run, struct ls_list *list)
{
	static const struct strbuf nothing = { 0 };
	struct ls_widths widths = { 0 };

	ls_begin_long(run, list, &widths);
	for (size_t i = 0; i < list->len; i++) {
		fetch_ahead(list, i);
		ls_add_long_file(run, list, list->items[i].item, &widths, &nothing);
	}
}
