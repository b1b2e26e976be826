/* SPDX-License-Identifier: MIT */
/* disk-usage --deleted: files without a name that processes still hold, as lsof +L1. */
#include "disk_usage.h"

#include "fs_devices.h"
#include "plain_name.h"
#include "cli/table.h"
#include "base/num.h"
#include "fs/space.h"
#include "sys/open_files.h"
#include "sys/procfs.h"

#include <fcntl.h>
#include <inttypes.h>

static const int64_t ask_limit_ns = 2000000000;

enum { COL_PID, COL_COMM, COL_UID, COL_FD, COL_DEV, COL_INO, COL_DISK, COL_APPARENT, COL_PATH };

static const struct column columns[] = {
	[COL_PID] = { "pid", COLUMN_COUNT, "the process that holds it" },
	[COL_COMM] = { "comm", COLUMN_NAME, "the name the process gave itself" },
	[COL_UID] = { "uid", COLUMN_COUNT, "the user of the process" },
	[COL_FD] = { "fd", COLUMN_COUNT, "its descriptor; null when it is only mapped" },
	[COL_DEV] = { "dev", COLUMN_COUNT, "st_dev" },
	[COL_INO] = { "ino", COLUMN_COUNT, "st_ino" },
	[COL_DISK] = { "disk_bytes", COLUMN_SIZE, "allocated bytes" },
	[COL_APPARENT] = { "apparent_bytes", COLUMN_SIZE, "bytes of contents" },
	[COL_PATH] = { "path", COLUMN_NAME, "the name it had, as the process sees it" },
};

const struct column_table du_deleted_table = { columns, ARRAY_LEN(columns) };

/* Its strings are owned. */
struct file {
	struct open_file open;
	char *comm;
	char *path;
};

struct files {
	VEC_FIELDS(struct file);
	struct fs_devices devices; /* empty: all */
};

static bool keep(const struct open_file *open, void *user)
{
	struct files *files = user;
	struct file file = { .open = *open };

	if (files->devices.len > 0 && !fs_devices_have(&files->devices, open->device))
		return true;
	file.comm = mem_strdup(open->comm);
	file.path = mem_strdup(open->path);
	vec_push(files, file);
	return true;
}

static int bigger_first(const void *a, const void *b)
{
	const struct open_file *x = &((const struct file *)a)->open;
	const struct open_file *y = &((const struct file *)b)->open;

	if (x->disk_bytes != y->disk_bytes)
		return x->disk_bytes > y->disk_bytes ? -1 : 1;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static void emit(const struct du_run *run, const struct file *file)
{
	const struct open_file *open = &file->open;
	struct record r;

	record_begin(&r, "entry", &du_deleted_table);
	record_u64(&r, COL_PID, (uint64_t)open->pid);
	record_name(&r, COL_COMM, file->comm);
	record_u64(&r, COL_UID, open->uid);
	if (open->fd != OPEN_FILE_MAPPED)
		record_u64(&r, COL_FD, (uint64_t)open->fd);
	record_u64(&r, COL_DEV, open->device);
	record_u64(&r, COL_INO, open->inode);
	record_u64(&r, COL_DISK, open->disk_bytes);
	record_u64(&r, COL_APPARENT, open->apparent_bytes);
	record_name(&r, COL_PATH, file->path);
	out_emit(run->ctx->out, &r);
}

static const struct table_column layout[] = {
	{ "Size", TABLE_RIGHT }, { "PID", TABLE_RIGHT }, { "Name", TABLE_LEFT },
	{ "FD", TABLE_RIGHT },   { "Path", TABLE_LEFT },
};

static void add_cell(struct table *table, struct strbuf *cell)
{
	table_add(table, strbuf_str(cell), cell->len);
	strbuf_clear(cell);
}

static void add_line(const struct du_run *run, const struct file *file, struct table *table)
{
	const struct open_file *open = &file->open;
	const struct out *out = run->ctx->out;
	AUTO_RELEASE_STRBUF struct strbuf cell = { 0 };

	human_add_size(&cell, run->opts->apparent ? open->apparent_bytes : open->disk_bytes,
	               &run->format);
	add_cell(table, &cell);
	table_add_u64(table, (uint64_t)open->pid);
	plain_name_add(out, &cell, file->comm);
	add_cell(table, &cell);
	if (open->fd == OPEN_FILE_MAPPED)
		table_add_str(table, "map");
	else
		table_add_u64(table, (uint64_t)open->fd);
	plain_name_add(out, &cell, file->path);
	add_cell(table, &cell);
}

/* Each inode once, however many descriptors lead to it. */
static void add_up(const struct files *files, uint64_t *ret_disk, uint64_t *ret_apparent)
{
	*ret_disk = *ret_apparent = 0;
	for (size_t i = 0; i < files->len; i++) {
		const struct open_file *open = &files->items[i].open;

		if (open->again)
			continue;
		*ret_disk = num_add_sat(*ret_disk, open->disk_bytes, NULL);
		*ret_apparent = num_add_sat(*ret_apparent, open->apparent_bytes, NULL);
	}
}

static void print_records(const struct du_run *run, const struct files *files)
{
	struct record r;
	uint64_t disk;
	uint64_t apparent;

	for (size_t i = 0; i < files->len; i++)
		emit(run, &files->items[i]);
	if (run->opts->total != 1)
		return;
	add_up(files, &disk, &apparent);
	record_begin(&r, "summary", &du_deleted_table);
	record_u64(&r, COL_DISK, disk);
	record_u64(&r, COL_APPARENT, apparent);
	out_emit(run->ctx->out, &r);
}

static void add_total(const struct du_run *run, const struct files *files, struct table *table)
{
	AUTO_RELEASE_STRBUF struct strbuf cell = { 0 };
	uint64_t disk;
	uint64_t apparent;

	add_up(files, &disk, &apparent);
	human_add_size(&cell, run->opts->apparent ? apparent : disk, &run->format);
	add_cell(table, &cell);
	table_add_str(table, "");
	table_add_str(table, "");
	table_add_str(table, "");
	table_add_str(table, "total");
}

static void print_table(const struct du_run *run, const struct files *files)
{
	AUTO_FREE(table) struct table *table = table_new(layout, ARRAY_LEN(layout));
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	for (size_t i = 0; i < files->len; i++)
		add_line(run, &files->items[i], table);
	if (run->opts->total == 1)
		add_total(run, files, table);
	if (table_rows(table) == 0)
		return;
	table_print(table, true, &text);
	out_text(run->ctx->out, text.data, text.len);
}

/* The devices of the operands' file systems; a dead server cannot hold us up. */
static void find_devices(const struct du_run *run, struct fs_devices *ret)
{
	AUTO_FREE(mounts) struct mounts *m = NULL;
	struct space_answer *answers;
	size_t n = 0;
	int r;

	while (run->operands[n] != NULL)
		n++;
	answers = mem_alloc_array(n, sizeof(*answers));
	r = space_ask((const char *const *)run->operands, n, ask_limit_ns, answers);
	for (size_t i = 0; i < n && r == 0; i++) {
		if (answers[i].outcome == SPACE_KNOWN)
			fs_devices_add(ret, answers[i].space.device);
		else if (answers[i].outcome == SPACE_TIMED_OUT)
			diag_partial_text(run->ctx->diag, run->operands[i], "no answer in time");
		else
			diag_fail(run->ctx->diag, answers[i].err, "access", run->operands[i]);
	}
	free(answers);
	if (r < 0)
		diag_fail_text(run->ctx->diag, NULL, "cannot start a process: %s",
		               strerrordesc_np(-r));
	else if (mounts_load(AT_FDCWD, &m) == 0)
		fs_devices_add_overlays(ret, m);
}

static void release(struct files *files)
{
	for (size_t i = 0; i < files->len; i++) {
		free(files->items[i].comm);
		free(files->items[i].path);
	}
	vec_release(&files->devices);
	vec_release(files);
}

static void search(const struct du_run *run, struct files *files)
{
	struct open_files_result result = { 0 };
	AUTO_CLOSE int proc = procfs_open();
	int r = proc < 0 ? proc : open_files_deleted(proc, keep, files, &result);

	if (r < 0)
		diag_fail(run->ctx->diag, -r, "read", "/proc");
	else if (result.denied > 0)
		diag_partial_text(run->ctx->diag, NULL,
		                  "the descriptors of %" PRIu64 " of %" PRIu64
		                  " processes may not be seen",
		                  result.denied, result.processes);
	if (files->len > 1 && run->sort != DU_SORT_NONE)
		qsort(files->items, files->len, sizeof(files->items[0]), bigger_first);
}

int disk_usage_deleted(const struct du_run *run)
{
	struct files files = { 0 };

	if (run->operands[0] != NULL)
		find_devices(run, &files.devices);
	/* Operands none of which could be reached are not the same as no operands. */
	if (run->operands[0] == NULL || files.devices.len > 0)
		search(run, &files);
	if (out_format(run->ctx->out) == OUT_JSON)
		print_records(run, &files);
	else
		print_table(run, &files);
	release(&files);
	return diag_status(run->ctx->diag, EXIT_YES);
}
