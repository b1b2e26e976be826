/* SPDX-License-Identifier: MIT */
/*
 * disk-usage --explain: why a file system is fuller than a walk of it says. The used bytes
 * are split into what has a name, what was deleted but is open, what lies hidden under mount
 * points, and the rest.
 */
#include "explain.h"

#include "base/num.h"
#include "sys/open_files.h"
#include "sys/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

static const int64_t ask_limit_ns = 2000000000;

static struct holder *holder_of(struct explanation *e, const struct open_file *file)
{
	/* The files of one process come one behind the other. */
	if (e->holders.len == 0 || vec_last(&e->holders).pid != file->pid)
		vec_push(&e->holders, (struct holder){ .pid = (int)file->pid,
		                                       .comm = mem_strdup(file->comm) });
	return &vec_last(&e->holders);
}

static bool add_deleted(const struct open_file *file, void *user)
{
	struct explanation *e = user;
	struct holder *holder;

	if (file->again || !fs_devices_have(&e->devices, file->device))
		return true;
	holder = holder_of(e, file);
	holder->share.disk_bytes = num_add_sat(holder->share.disk_bytes, file->disk_bytes, NULL);
	holder->share.count++;
	e->deleted.disk_bytes = num_add_sat(e->deleted.disk_bytes, file->disk_bytes, NULL);
	e->deleted.count++;
	return true;
}

static int bigger_holder_first(const void *a, const void *b)
{
	const struct holder *x = a;
	const struct holder *y = b;

	if (x->share.disk_bytes != y->share.disk_bytes)
		return x->share.disk_bytes > y->share.disk_bytes ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void find_deleted(const struct du_run *run, struct explanation *e)
{
	struct open_files_result result = { 0 };
	AUTO_CLOSE int proc = procfs_open();
	int r = proc < 0 ? proc : open_files_deleted(proc, add_deleted, e, &result);

	if (r < 0)
		diag_partial(run->ctx->diag, -r, "read", "/proc");
	e->processes_denied = result.denied;
	e->deleted.examined = r == 0 && result.denied == 0;
	if (e->holders.len > 1)
		qsort(e->holders.items, e->holders.len, sizeof(e->holders.items[0]),
		      bigger_holder_first);
}

/* 0, or the status after a message. */
static int ask_space(const struct du_run *run, const char *path, struct space *ret)
{
	struct space_answer answer;
	int r = space_ask(&path, 1, ask_limit_ns, &answer);

	if (r < 0)
		return diag_fail_text(run->ctx->diag, path, "cannot start a process: %s",
		                      strerrordesc_np(-r));
	if (answer.outcome == SPACE_TIMED_OUT)
		return diag_fail_text(run->ctx->diag, path, "no answer in time");
	if (answer.outcome == SPACE_FAILED)
		return diag_fail(run->ctx->diag, answer.err, "access", path);
	*ret = answer.space;
	return 0;
}

/* The mount that shows most of the file system that `path` is on. */
static const struct mount *find_mount(const struct mounts *m, const struct space *space)
{
	const struct mount *own = mounts_find_id(m, space->mount_id);
	const struct mount *widest = mounts_find_device(m, own != NULL ? own->device
	                                                               : space->device);

	return widest != NULL ? widest : own;
}

/* One message for all that could not be looked at. */
static void report_gaps(const struct du_run *run, const struct explanation *e)
{
	AUTO_RELEASE_STRBUF struct strbuf gaps = { 0 };
	const char *between = "";

	if (e->unreadable_count > 0) {
		strbuf_add_format(&gaps, "%" PRIu64 " unreadable %s", e->unreadable_count,
		                  e->unreadable_count == 1 ? "entry" : "entries");
		between = ", ";
	}
	if (e->processes_denied > 0) {
		strbuf_add_format(&gaps, "%sthe descriptors of %" PRIu64 " %s", between,
		                  e->processes_denied,
		                  e->processes_denied == 1 ? "process" : "processes");
		between = ", ";
	}
	if (!e->hidden.examined)
		strbuf_add_format(&gaps, "%swhat is under %zu mount %s", between, e->covered.len,
		                  e->covered.len == 1 ? "point" : "points");
	if (gaps.len > 0)
		diag_partial_text(run->ctx->diag, e->mount->point, "not examined: %s",
		                  strbuf_str(&gaps));
}

static void release(struct explanation *e)
{
	for (size_t i = 0; i < e->holders.len; i++)
		free(e->holders.items[i].comm);
	for (size_t i = 0; i < e->unreadable.len; i++)
		free(e->unreadable.items[i]);
	vec_release(&e->holders);
	vec_release(&e->unreadable);
	vec_release(&e->covered);
	vec_release(&e->devices);
}

static void explain(const struct du_run *run, const struct mounts *m, const char *path)
{
	struct explanation e = { 0 };
	int r;

	if (ask_space(run, path, &e.space) != 0)
		return;
	e.mount = find_mount(m, &e.space);
	if (e.mount == NULL || e.space.total_bytes == 0) {
		diag_fail_text(run->ctx->diag, path, "not on a file system that has blocks");
		return;
	}
	e.used_before = e.space.used_bytes;
	e.whole = strcmp(e.mount->root, "/") == 0;
	fs_devices_add(&e.devices, e.mount->device);
	fs_devices_add(&e.devices, e.space.device);
	r = explain_walk(&e, m, (unsigned)run->opts->jobs);
	if (r < 0) {
		diag_fail(run->ctx->diag, -r, "walk", e.mount->point);
	} else {
		fs_devices_add_overlays(&e.devices, m);
		find_deleted(run, &e);
		/* As it is now: files that went meanwhile are in neither sum. */
		if (ask_space(run, e.mount->point, &e.space) == 0) {
			explain_print(run, &e);
			report_gaps(run, &e);
		}
	}
	release(&e);
}

int disk_usage_explain(const struct du_run *run)
{
	AUTO_FREE(mounts) struct mounts *m = NULL;
	int r = mounts_load(AT_FDCWD, &m);

	if (r < 0)
		return diag_fail(run->ctx->diag, -r, "read", "/proc/self/mountinfo");
	if (run->operands[0] == NULL)
		explain(run, m, "/");
	for (char **operand = run->operands; *operand != NULL; operand++)
		explain(run, m, *operand);
	return diag_status(run->ctx->diag, EXIT_YES);
}
