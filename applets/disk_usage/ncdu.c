/* SPDX-License-Identifier: MIT */
/* Exports in ncdu's format: written with -o, shown with -f. */
#include "disk_usage.h"

#include "base/clock.h"
#include "base/sig.h"
#include "fs/archive.h"
#include "fs/ncdu.h"
#include "fs/replace.h"

#include <errno.h>
#include <fcntl.h>

/* A scan on its way into a file: the writer's sink, and messages for people. */
struct export
{
	const struct du_run *run;
	const struct usage_sink *writer;
	struct usage_sink sink;
};

static bool export_enter(const struct usage_entry *dir, void *user)
{
	const struct export *x = user;

	return !sig_stopped() && x->writer->enter(dir, x->writer->user);
}

static bool export_item(const struct usage_entry *item, void *user)
{
	const struct export *x = user;

	return !sig_stopped() && x->writer->item(item, x->writer->user);
}

static bool export_leave(const struct usage_entry *dir, const struct usage_totals *totals,
                         void *user)
{
	const struct export *x = user;

	return x->writer->leave(dir, totals, x->writer->user);
}

static bool export_error(const struct usage_trouble *trouble, void *user)
{
	const struct export *x = user;

	du_report_trouble(x->run, trouble);
	return x->writer->error(trouble, x->writer->user);
}

/* Scans the operand into `fd`. 0, or the status of what was reported. */
static int export_to(const struct du_run *run, int fd, const char *shown)
{
	struct diag *diag = run->ctx->diag;
	const char *operand = run->operands[0];
	char *real = realpath(operand, NULL); /* else the operand stands in for it */
	const struct ncdu_header header = {
		.program = "dutybox",
		.version = DUTYBOX_VERSION,
		.timestamp = clock_wall().tv_sec,
		.root = real,
		.extended = true,
	};
	AUTO_FREE(ncdu_writer) struct ncdu_writer *writer = ncdu_writer_new(fd, &header);
	struct export x = { .run = run, .writer = ncdu_writer_sink(writer) };
	int real_err = real == NULL ? errno : 0;
	int r;

	x.sink = (struct usage_sink){
		.enter = export_enter,
		.item = export_item,
		.leave = export_leave,
		.error = export_error,
		.user = &x,
	};
	ignore(du_scan(run, &x.sink, false));
	r = ncdu_writer_finish(writer);
	free(real);
	/* Most of what can be wrong with it the scan has told. */
	if (real_err != 0 && r == 0 && diag_count(diag) == 0)
		(void)diag_partial(diag, real_err, "find the path of", operand);
	if (sig_stopped())
		return EXIT_FAIL;
	if (r == -ENODATA)
		return diag_count(diag) > 0
		               ? diag_status(diag, EXIT_FAIL)
		               : diag_fail_text(diag, operand,
		                                "not a directory; an export needs one");
	return r < 0 ? diag_fail(diag, -r, "write", shown) : EXIT_YES;
}

int disk_usage_export(const struct du_run *run)
{
	struct diag *diag = run->ctx->diag;
	const char *path = run->opts->output;
	struct replace file;
	int status = du_check_single(run, "an export holds one directory");
	int r;

	if (status != 0)
		return status;
	if (strcmp(path, "-") == 0) {
		status = export_to(run, STDOUT_FILENO, "standard output");
		return diag_status(diag, status);
	}
	/* Until the end: a stop while the file is published must not leave half of that. */
	sig_install();
	r = replace_begin(path, &file);
	if (r < 0)
		return diag_fail(diag, -r, "create", path);
	status = export_to(run, file.fd, path);
	if (status != EXIT_YES || sig_stopped()) {
		replace_abort(&file);
		return diag_status(diag, status);
	}
	r = replace_commit(&file);
	if (r < 0)
		return diag_fail(diag, -r, "write", path);
	return diag_status(diag, EXIT_YES);
}

static ssize_t read_packed(void *user, void *buffer, size_t size)
{
	return packed_reader_read(user, buffer, size);
}

/* What the file says could not be read is old news, told as such. */
struct import {
	const struct du_run *run;
	const struct usage_sink *shown;
	struct usage_sink sink;
};

static bool import_enter(const struct usage_entry *dir, void *user)
{
	const struct import *in = user;

	return in->shown->enter == NULL || in->shown->enter(dir, in->shown->user);
}

static bool import_item(const struct usage_entry *item, void *user)
{
	const struct import *in = user;

	return in->shown->item == NULL || in->shown->item(item, in->shown->user);
}

static bool import_leave(const struct usage_entry *dir, const struct usage_totals *totals,
                         void *user)
{
	const struct import *in = user;

	return in->shown->leave == NULL || in->shown->leave(dir, totals, in->shown->user);
}

static bool import_error(const struct usage_trouble *trouble, void *user)
{
	const struct import *in = user;

	(void)diag_partial_text(in->run->ctx->diag, trouble->path,
	                        "could not be read when the export was made");
	return true;
}

static int import_from(const struct import *in, struct packed_reader *packed, const char *shown)
{
	const struct du_opts *o = in->run->opts;
	struct diag *diag = in->run->ctx->diag;
	const struct usage_opts opts = {
		.count_links = o->count_links,
		.all_sizes = o->gnu,
		.reclaim = o->reclaim,
	};
	const struct ncdu_source source = { read_packed, packed, &opts };
	struct ncdu_error error = { 0 };
	int r = ncdu_read(&source, &in->sink, &error);

	if (r == 0 || r == -ECANCELED)
		return EXIT_YES;
	if (r == -EBADMSG)
		return diag_fail_text(diag, shown, "damaged: %s", packed_reader_error(packed));
	if (error.reason == NULL)
		return diag_fail(diag, -r, "read", shown);
	return diag_fail_text(diag, shown, "at byte %llu: %s", (unsigned long long)error.offset,
	                      error.reason);
}

int du_import(const struct du_run *run, const char *path, const struct usage_sink *sink)
{
	struct diag *diag = run->ctx->diag;
	bool is_stdin = strcmp(path, "-") == 0;
	const char *shown = is_stdin ? "standard input" : path;
	AUTO_CLOSE int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                             : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	AUTO_FREE(packed_reader) struct packed_reader *packed = NULL;
	struct import in = { .run = run, .shown = sink };
	int r;

	if (fd < 0)
		return diag_fail(diag, errno, "open", shown);
	r = packed_reader_open(fd, &packed);
	if (r == -EBADMSG)
		return diag_fail_text(diag, shown, "damaged: %s", packed_reader_error(packed));
	if (r < 0)
		return diag_fail(diag, -r, "read", shown);
	in.sink = (struct usage_sink){
		.enter = import_enter,
		.item = import_item,
		.leave = import_leave,
		.error = import_error,
		.user = &in,
	};
	return import_from(&in, packed, shown);
}

int disk_usage_import(const struct du_run *run)
{
	AUTO_FREE(du_show) struct du_show *show = du_show_new(run);
	int status = du_import(run, run->opts->input, du_show_sink(show));

	/* Half a file shows half the truth: nothing then. */
	if (status == EXIT_YES)
		du_show_finish(show);
	return diag_status(run->ctx->diag, status);
}
