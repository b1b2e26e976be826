/* SPDX-License-Identifier: MIT */
/* The start of one attempt: where its output goes, its group, the tree it is born into. */
#include "output.h"
#include "pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

int spool_new(void)
{
	const char *dir = getenv("TMPDIR");
	int fd = open(dir != NULL && *dir == '/' ? dir : "/tmp",
	              O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		fd = memfd_create("output", MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* What it writes goes to files without a name, appended in the order it is written. */
int start_spool(struct run *r)
{
	bool one = r->one_output || r->opts->merge || r->opts->pty;
	int n = r->opts->stderr_fails || !one ? 2 : 1;

	for (int i = 0; r->opts->quiet && i < n; i++) {
		if (r->spool[i] >= 0)
			(void)close(r->spool[i]);
		r->spool[i] = spool_new();
		if (r->spool[i] < 0)
			return r->spool[i];
	}
	/* What failed attempts wrote is nobody's result; the first finds them empty. */
	for (int i = 0; r->attempts > 1 && i < 2; i++) {
		if (r->attempt_out[i] >= 0 && ftruncate(r->attempt_out[i], 0) < 0)
			return -errno;
	}
	return 0;
}

static void set_outputs(const struct run *r, struct spawn_request *request)
{
	if (r->opts->quiet) {
		request->fds[1] = r->spool[0];
		request->fds[2] = r->spool[1] >= 0 ? r->spool[1] : r->spool[0];
	}
	/* Named files win. */
	if (r->launch.fds[1] >= 0)
		request->fds[1] = r->launch.fds[1];
	if (r->launch.fds[2] >= 0)
		request->fds[2] = r->launch.fds[2];
	if (r->opts->both_file != NULL)
		request->fds[2] = request->fds[1];
	if (r->opts->merge)
		request->fds[2] = request->fds[1] >= 0 ? request->fds[1] : r->out_copy;
	/* The record has standard output for itself. */
	if (r->opts->out.json && request->fds[1] < 0)
		request->fds[1] = r->err_copy;
}

int start_command(struct run *r, struct spawn_child *ret, enum spawn_step *reterr)
{
	struct spawn_request request = { .file = strbuf_str(&r->launch.file),
		                         .argv = r->launch.argv,
		                         .envp = r->launch.envp,
		                         .dir = r->launch.dir,
		                         .mask = &r->mask };
	struct spawn_setup setup = r->launch.setup;

	int err;

	*reterr = SPAWN_STEP_EXEC;
	if (r->launch.find_err < 0)
		return r->launch.find_err;
	memcpy(request.fds, r->launch.fds, sizeof(request.fds));
	set_outputs(r, &request);
	*reterr = SPAWN_STEP_DESCRIPTORS;
	err = output_begin(r, &request);
	if (err < 0)
		return err;
	if (request.fds[0] >= 0)
		(void)lseek(request.fds[0], r->launch.stdin_at, SEEK_SET);
	setup.group = r->opts->isolate == TREE_SESSION || r->opts->as_cron || r->opts->pty
	                      ? SPAWN_OWN_SESSION
	                      : SPAWN_OWN_GROUP;
	if (r->opts->isolate == TREE_LEADER || r->opts->foreground)
		setup.group = SPAWN_SAME_GROUP;
	if (r->opts->pty)
		setup.terminal = request.fds[1];
	else if (setup.group == SPAWN_OWN_GROUP)
		setup.terminal = r->terminal;
	setup.inherited = r->opts->lock_inherit ? r->lock : 0;
	setup.death_signal = SIGKILL;
	setup.cgroup = r->tree.cgroup.dir;
	if (r->pipeline != NULL)
		err = pipeline_start(r, &request, &setup, ret, reterr);
	else
		err = spawn_start_with(&request, &setup, ret, reterr);
	output_started(r, &request);
	return err;
}

int start_become(struct run *r)
{
	struct spawn_request request = { .file = strbuf_str(&r->launch.file),
		                         .argv = r->launch.argv,
		                         .envp = r->launch.envp,
		                         .dir = r->launch.dir };
	struct spawn_setup setup;
	enum spawn_step step = SPAWN_STEP_EXEC;
	int err = r->launch.find_err;

	r->attempts = 1;
	launch_set_attempt(r);
	given_memory(r);
	memcpy(request.fds, r->launch.fds, sizeof(request.fds));
	set_outputs(r, &request);
	if (request.fds[0] >= 0)
		(void)lseek(request.fds[0], r->launch.stdin_at, SEEK_SET);
	setup = r->launch.setup;
	setup.group = SPAWN_SAME_GROUP;
	/* Nobody else is left to hold it. */
	setup.inherited = r->lock >= 0 ? r->lock : 0;
	if (err == 0)
		err = spawn_become(&request, &setup, &step);
	return report_start_failure(r, err, step);
}
