/* SPDX-License-Identifier: MIT */
/*
 * --pty: the command sits at a terminal of its own. Keys from ours go there as they are, what
 * it shows is output like any other, and the size follows ours.
 */
#include "dialogue.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>

static void on_keys(const char *bytes, size_t len, void *user)
{
	struct output *o = user;

	outlet_add(o->typed, bytes, len);
	if (outlet_is_full(o->typed))
		pump_pause(o->keys, true);
}

static void on_typed(void *user)
{
	struct output *o = user;

	if (o->keys != NULL)
		pump_pause(o->keys, false);
}

static void open_typed(struct run *r)
{
	struct output *o = r->output;
	struct outlet_request typed = {
		.loop = r->loop, .room = on_typed, .user = o, .nonblocking = true
	};

	typed.fd = o->pty.master;
	o->typed = outlet_new(&typed);
}

/* From now on until the end of the run our terminal is a wire. */
static int connect_keys(struct run *r)
{
	struct output *o = r->output;
	struct pump_request keys = { .loop = r->loop, .deliver = on_keys, .user = o };
	struct termios before;

	keys.fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (keys.fd < 0)
		return -errno;
	/* What it was is known since before the fork. */
	ignore(terminal_make_raw(STDIN_FILENO, &before));
	return pump_new(&keys, &o->keys);
}

int output_begin_pty(struct run *r, struct spawn_request *request)
{
	struct output *o = r->output;
	struct pump_request screen = { .loop = r->loop,
		                       .deliver = output_take,
		                       .user = &o->streams[0] };
	int err = pty_open(r->has_terminal_modes ? STDIN_FILENO : -1, &o->pty);

	if (err < 0)
		return err;
	/* The outlet for the keys waits for the same terminal: each needs a number of its own. */
	screen.fd = fcntl(o->pty.master, F_DUPFD_CLOEXEC, 3);
	if (screen.fd < 0)
		return -errno;
	err = pump_new(&screen, &o->streams[0].pump);
	if (err == 0 && (r->has_terminal_modes || r->dialogue != NULL) &&
	    request->fds[0] == SPAWN_INHERIT) {
		open_typed(r);
		if (r->has_terminal_modes)
			err = connect_keys(r);
		request->fds[0] = o->pty.slave;
	}
	request->fds[1] = o->pty.slave;
	request->fds[2] = o->pty.slave;
	if (err == 0)
		dialogue_begin(r);
	return err;
}

void output_end_pty(struct run *r)
{
	struct output *o = r->output;

	o->keys = pump_free(o->keys);
	o->typed = outlet_free(o->typed);
	pty_close(&o->pty);
	terminal_give_back(r);
}

void output_resize(struct run *r)
{
	if (r->output != NULL && r->has_terminal_modes)
		pty_resize(&r->output->pty, STDIN_FILENO);
}

void terminal_look(struct run *r)
{
	r->has_terminal_modes = r->opts->pty && tcgetattr(STDIN_FILENO, &r->terminal_modes) == 0;
}

void terminal_give_back(const struct run *r)
{
	if (r->has_terminal_modes)
		terminal_restore(STDIN_FILENO, &r->terminal_modes);
}
