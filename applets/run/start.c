/* SPDX-License-Identifier: MIT */
/* The start of one attempt: where its output goes, its group, the tree it is born into. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

/* What it writes goes to files without a name, appended in the order it is written. */
int start_spool(struct run *r)
{
	const char *dir = getenv("TMPDIR");
	int n = r->opts->stderr_fails || (!r->one_output && !r->opts->merge) ? 2 : 1;

	for (int i = 0; r->opts->quiet && i < n; i++) {
		if (r->spool[i] >= 0)
			(void)close(r->spool[i]);
		r->spool[i] = open(dir != NULL && *dir == '/' ? dir : "/tmp",
		                   O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
		if (r->spool[i] < 0)
			r->spool[i] = memfd_create("output", MFD_CLOEXEC);
		if (r->spool[i] < 0)
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

	memcpy(request.fds, r->launch.fds, sizeof(request.fds));
	set_outputs(r, &request);
	if (request.fds[0] >= 0)
		(void)lseek(request.fds[0], 0, SEEK_SET);
	setup.group = r->opts->isolate == TREE_SESSION || r->opts->as_cron ? SPAWN_OWN_SESSION
	                                                                   : SPAWN_OWN_GROUP;
	if (r->opts->isolate == TREE_LEADER)
		setup.group = SPAWN_SAME_GROUP;
	if (setup.group == SPAWN_OWN_GROUP)
		setup.terminal = r->terminal;
	setup.death_signal = SIGKILL;
	setup.cgroup = r->tree.cgroup.dir;
	return spawn_start_with(&request, &setup, ret, reterr);
}
