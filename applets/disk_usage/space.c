/* SPDX-License-Identifier: MIT */
/* disk-usage --fs: the file systems, how full they are, and whether that is too full. */
#include "space.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>

enum { TIMEOUT_DEFAULT_S = 2 };

static const int64_t second = 1000000000;

/* --min-free. */
struct limit {
	bool given;
	bool is_pct;
	uint64_t value; /* bytes (inodes with --inodes), or a percentage */
};

static int parse_limit(const struct du_run *run, struct limit *ret)
{
	const char *text = run->opts->min_free;
	size_t len;
	struct text_error where;

	if (text == NULL)
		return 0;
	len = strlen(text);
	ret->given = true;
	ret->is_pct = len > 0 && text[len - 1] == '%';
	if (!ret->is_pct) {
		if (human_parse_size(text, &ret->value, &where) == 0)
			return 0;
		return diag_caret(run->ctx->diag, "invalid limit", text, &where);
	}

	char *digits = mem_strndup(text, len - 1);
	int r = num_parse_u64(digits, &ret->value);

	free(digits);
	if (r == 0 && ret->value <= 100)
		return 0;
	where = (struct text_error){ "a percentage is a whole number from 0 to 100", 0, len };
	return diag_caret(run->ctx->diag, "invalid limit", text, &where);
}

static bool contains(const struct strv *list, const char *word)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcmp(list->items[i], word) == 0)
			return true;
	return false;
}

/* What --type, --exclude-type and --local say. */
static bool passes_options(const struct du_opts *o, const struct mount *mount)
{
	return (o->filter.types.len == 0 || contains(&o->filter.types, mount->fstype)) &&
	       !contains(&o->exclude_types, mount->fstype) && !(o->local && mount->remote);
}

/* Does the answer come from this very mount, and not from what covers it? */
static bool is_about(const struct space *space, const struct mount *mount)
{
	return space->mount_id != 0 ? space->mount_id == mount->id
	                            : space->device == mount->device;
}

static int64_t time_limit(const struct du_run *run)
{
	return run->opts->timeout > 0 ? run->opts->timeout : TIMEOUT_DEFAULT_S * second;
}

static void report_timeout(const struct du_run *run, const char *path)
{
	AUTO_RELEASE_STRBUF struct strbuf limit = { 0 };

	human_add_duration(&limit, time_limit(run));
	if (time_limit(run) % second != 0)
		diag_partial_text(run->ctx->diag, path, "no answer in time");
	else
		diag_partial_text(run->ctx->diag, path, "no answer within %s", strbuf_str(&limit));
}

/* Asks about all rows at once. 0, or the status to leave with. */
static int ask(const struct du_run *run, const struct fs_rows *rows, struct space_answer *answers)
{
	const char **paths = mem_alloc_array(rows->len, sizeof(char *));
	int r;

	for (size_t i = 0; i < rows->len; i++)
		paths[i] = rows->items[i].path;
	r = space_ask(paths, rows->len, time_limit(run), answers);
	free(paths);
	return r < 0 ? diag_fail_text(run->ctx->diag, NULL, "cannot start a process: %s",
	                              strerrordesc_np(-r))
	             : 0;
}

/*
 * A block device stands for the file system on it, if that is mounted: its mount point is
 * asked about instead. 0, or the status to leave with.
 */
static int ask_behind_devices(const struct du_run *run, const struct mounts *m,
                              struct fs_rows *rows, struct space_answer *answers)
{
	bool again = false;

	for (size_t i = 0; i < rows->len; i++) {
		const uint64_t device = answers[i].space.block_device;
		const struct mount *on_it;

		if (answers[i].outcome != SPACE_KNOWN || device == 0)
			continue;
		on_it = mounts_find_device(m, device);
		if (on_it == NULL)
			continue;
		rows->items[i].path = on_it->point;
		again = true;
	}
	return again ? ask(run, rows, answers) : 0;
}

/* The mount behind an operand that never answered: from its text, without touching it. */
static const struct mount *mount_by_text(const struct mounts *m, const char *path)
{
	return path[0] == '/' ? mounts_find_path(m, path) : NULL;
}

/* What an operand's own file system answered. False: there is no line for it. */
static bool place_operand(const struct du_run *run, const struct mounts *m, struct fs_row *row,
                          const struct space_answer *answer)
{
	if (answer->outcome == SPACE_FAILED) {
		diag_fail(run->ctx->diag, answer->err, "access", row->path);
		return false;
	}
	if (answer->outcome == SPACE_TIMED_OUT) {
		report_timeout(run, row->path);
		row->timed_out = true;
		row->mount = mount_by_text(m, row->path);
		return row->mount != NULL;
	}
	row->space = answer->space;
	row->known = true;
	row->mount = mounts_find_id(m, answer->space.mount_id);
	if (row->mount == NULL)
		row->mount = mounts_find_device(m, answer->space.device);
	if (row->mount == NULL)
		diag_fail_text(run->ctx->diag, row->path, "not on any mount that can be seen");
	return row->mount != NULL;
}

static int collect_operands(const struct du_run *run, const struct mounts *m, struct fs_rows *ret)
{
	struct fs_rows asked = { 0 };
	struct space_answer *answers;
	int status;

	for (char **operand = run->operands; *operand != NULL; operand++)
		vec_push(&asked, (struct fs_row){ .path = *operand, .named = true });
	answers = mem_alloc_array(asked.len, sizeof(*answers));
	status = ask(run, &asked, answers);
	if (status == 0)
		status = ask_behind_devices(run, m, &asked, answers);
	for (size_t i = 0; status == 0 && i < asked.len; i++) {
		struct fs_row *row = &asked.items[i];

		if (place_operand(run, m, row, &answers[i]) && passes_options(run->opts, row->mount))
			vec_push(ret, *row);
	}
	free(answers);
	vec_release(&asked);
	return status;
}

/* What a mount of the table answered. False: there is no line for it. */
static bool place_mount(const struct du_run *run, struct fs_row *row,
                        const struct space_answer *answer)
{
	const bool all = run->opts->all;

	switch (answer->outcome) {
	case SPACE_TIMED_OUT:
		report_timeout(run, row->path);
		row->timed_out = true;
		return true;
	case SPACE_FAILED:
		/* Other people's private mounts, and what went away: no trouble, as for df. */
		if (answer->err == EACCES || answer->err == EPERM || answer->err == ENOENT)
			return all;
		diag_partial(run->ctx->diag, answer->err, "access", row->path);
		return all;
	case SPACE_KNOWN:
		break;
	}
	if (!is_about(&answer->space, row->mount))
		return all;
	row->space = answer->space;
	row->known = true;
	return all || row->space.total_bytes > 0;
}

static int collect_mounts(const struct du_run *run, const struct mounts *m, struct fs_rows *ret)
{
	struct fs_rows asked = { 0 };
	struct space_answer *answers;
	int status;

	for (size_t i = 0; i < m->len; i++) {
		const struct mount *mount = &m->items[i];

		if (passes_options(run->opts, mount) && (run->opts->all || !mount_is_folded(mount)))
			vec_push(&asked, (struct fs_row){ .mount = mount, .path = mount->point });
	}
	answers = mem_alloc_array(asked.len, sizeof(*answers));
	status = ask(run, &asked, answers);
	for (size_t i = 0; status == 0 && i < asked.len; i++)
		if (place_mount(run, &asked.items[i], &answers[i]))
			vec_push(ret, asked.items[i]);
	free(answers);
	vec_release(&asked);
	return status;
}

/* Is less left than --min-free? Percentages are of used + avail, as in the Use% column. */
static bool is_below(const struct du_run *run, const struct limit *limit, const struct space *space,
                     int *ret_left_pct)
{
	const bool inodes = run->opts->inodes;
	const uint64_t used = inodes ? space->inodes_used : space->used_bytes;
	const uint64_t left = inodes ? space->inodes_free : space->avail_bytes;
	/* Used is rounded up, so what is left is rounded down: below a whole N when it truly is. */
	const int used_pct = space_percent(used, left);

	if (used_pct == SPACE_PCT_NONE)
		return false;
	*ret_left_pct = 100 - used_pct;
	if (!limit->is_pct)
		return left < limit->value;
	return (uint64_t)(100 - used_pct) < limit->value;
}

/*
 * One message for each file system that is too full. What is read-only cannot be filled or
 * emptied (images are always full), so it counts only when it was named.
 */
static void check_limit(const struct du_run *run, const struct limit *limit,
                        const struct fs_rows *rows)
{
	for (size_t i = 0; limit->given && i < rows->len; i++) {
		const struct fs_row *row = &rows->items[i];
		AUTO_RELEASE_STRBUF struct strbuf left = { 0 };
		int left_pct;

		if (!row->known || (row->mount->readonly && !row->named) ||
		    !is_below(run, limit, &row->space, &left_pct))
			continue;
		if (run->opts->inodes)
			strbuf_add_u64(&left, row->space.inodes_free);
		else
			human_add_bytes(&left, row->space.avail_bytes);
		diag_partial_text(run->ctx->diag, row->mount->point,
		                  "%s (%d%%) %s, less than --min-free=%s", strbuf_str(&left), left_pct,
		                  run->opts->inodes ? "inodes left" : "available",
		                  run->opts->min_free);
	}
}

static struct fs_row add_up(const struct fs_rows *rows)
{
	struct fs_row total = { .path = "total", .known = true };
	struct space *sum = &total.space;

	for (size_t i = 0; i < rows->len; i++) {
		const struct space *space = &rows->items[i].space;

		if (!rows->items[i].known)
			continue;
		sum->total_bytes = num_add_sat(sum->total_bytes, space->total_bytes, NULL);
		sum->used_bytes = num_add_sat(sum->used_bytes, space->used_bytes, NULL);
		sum->free_bytes = num_add_sat(sum->free_bytes, space->free_bytes, NULL);
		sum->avail_bytes = num_add_sat(sum->avail_bytes, space->avail_bytes, NULL);
		sum->inodes_total = num_add_sat(sum->inodes_total, space->inodes_total, NULL);
		sum->inodes_used = num_add_sat(sum->inodes_used, space->inodes_used, NULL);
		sum->inodes_free = num_add_sat(sum->inodes_free, space->inodes_free, NULL);
	}
	sum->used_pct = space_percent(sum->used_bytes, sum->avail_bytes);
	sum->inodes_pct = space_percent(sum->inodes_used, sum->inodes_free);
	return total;
}

static int show(const struct du_run *run, const struct mounts *m, const struct limit *limit)
{
	struct fs_rows rows = { 0 };
	struct fs_row total;
	int status = run->operands[0] != NULL ? collect_operands(run, m, &rows)
	                                      : collect_mounts(run, m, &rows);

	if (status == 0 && rows.len == 0 && diag_count(run->ctx->diag) == 0)
		diag_partial_text(run->ctx->diag, NULL, "no file system fits the options");
	if (rows.len > 0) {
		total = add_up(&rows);
		fs_print(run, &rows, run->opts->total == 1 ? &total : NULL);
		check_limit(run, limit, &rows);
	}
	vec_release(&rows);
	return diag_status(run->ctx->diag, EXIT_YES);
}

int disk_usage_fs(const struct du_run *run)
{
	AUTO_FREE(mounts) struct mounts *m = NULL;
	struct limit limit = { 0 };
	int status = parse_limit(run, &limit);
	int r;

	if (status != 0)
		return status;
	r = mounts_load(AT_FDCWD, &m);
	if (r < 0)
		return diag_fail(run->ctx->diag, -r, "read", "/proc/self/mountinfo");
	return show(run, m, &limit);
}
