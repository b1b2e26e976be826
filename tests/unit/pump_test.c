/* SPDX-License-Identifier: MIT */
/* Bytes in and out of an event loop, and terminals: pump, outlet, pty. */
#include "sys/pump.h"

#include "base/strbuf.h"
#include "sys/outlet.h"
#include "sys/pty.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

static struct event_loop *loop;

static void enter(void)
{
	cr_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	cr_assert_eq(event_loop_new(&loop), 0);
}

static void leave(void)
{
	loop = event_loop_free(loop);
}

TestSuite(pump, .init = enter, .fini = leave);

static void add(const char *bytes, size_t len, void *user)
{
	strbuf_add(user, bytes, len);
}

static struct pump *new_pump(int fd, struct strbuf *to)
{
	const struct pump_request request = { .loop = loop, .fd = fd, .deliver = add, .user = to };
	struct pump *p = NULL;

	cr_assert_eq(pump_new(&request, &p), 0);
	return p;
}

Test(pump, takes_all_until_the_end)
{
	struct strbuf b = { 0 };
	struct pump *p;
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	p = new_pump(ends[0], &b);
	cr_assert_eq(write(ends[1], "one", 3), 3);
	cr_assert_eq(event_loop_step(loop), 0);
	cr_expect_str_eq(strbuf_str(&b), "one");
	cr_expect_not(pump_ended(p));
	cr_assert_eq(write(ends[1], "two", 3), 3);
	cr_expect(pump_drain(p, false));
	cr_expect_str_eq(strbuf_str(&b), "onetwo");
	/* Somebody still has it. */
	cr_expect_not(pump_ended(p));
	cr_assert_eq(close(ends[1]), 0);
	cr_assert_eq(event_loop_step(loop), 0);
	cr_expect(pump_ended(p));
	pump_free(p);
	/* The reader is gone as well. */
	cr_expect_eq(fcntl(ends[0], F_GETFD), -1);
	strbuf_release(&b);
}

Test(pump, takes_nothing_while_paused)
{
	struct strbuf b = { 0 };
	struct pump *p;
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	p = new_pump(ends[0], &b);
	pump_pause(p, true);
	cr_expect(pump_is_paused(p));
	cr_assert_eq(write(ends[1], "one", 3), 3);
	cr_expect_not(pump_drain(p, false));
	cr_expect_eq(b.len, 0);
	pump_pause(p, false);
	cr_assert_eq(event_loop_step(loop), 0);
	cr_expect_str_eq(strbuf_str(&b), "one");
	pump_free(p);
	(void)close(ends[1]);
	strbuf_release(&b);
}

static void count(void *user)
{
	(*(unsigned *)user)++;
}

enum { PIECE = 1000, PIECES = 4000, BUFFER = 1 << 16 };

/* Reads what has arrived without waiting for more. */
static void read_some(int reader, struct strbuf *got)
{
	static char buffer[BUFFER];
	struct pollfd fd = { .fd = reader, .events = POLLIN };

	while (poll(&fd, 1, 0) > 0) {
		ssize_t n = read(reader, buffer, sizeof(buffer));

		cr_assert(n > 0);
		strbuf_add(got, buffer, (size_t)n);
	}
}

/* More than any pipe holds arrives whole, in order, though nobody waits for its reader. */
static void expect_passes(int writer, int reader)
{
	unsigned rooms = 0;
	struct outlet_request request = {
		.loop = loop, .fd = writer, .room = count, .user = &rooms
	};
	struct outlet *o = outlet_new(&request);
	struct strbuf got = { 0 };
	char piece[PIECE];

	for (int i = 0; i < PIECES; i++) {
		memset(piece, 'a' + i % 26, sizeof(piece));
		outlet_add(o, piece, sizeof(piece));
	}
	cr_expect(outlet_is_full(o));
	while (!outlet_is_empty(o)) {
		read_some(reader, &got);
		cr_assert_eq(event_loop_step(loop), 0);
	}
	read_some(reader, &got);
	cr_expect_eq(outlet_error(o), 0);
	cr_expect(rooms > 0);
	cr_assert_eq(got.len, (size_t)PIECE * PIECES);
	for (size_t i = 0; i < got.len; i++)
		cr_assert_eq(got.data[i], 'a' + (int)(i / PIECE) % 26, "at %zu", i);
	outlet_free(o);
	/* Its flags are as they were. */
	cr_expect_eq(fcntl(writer, F_GETFL) & O_NONBLOCK, 0);
	strbuf_release(&got);
}

Test(pump, outlets_never_wait)
{
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	expect_passes(ends[1], ends[0]);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	expect_passes(ends[1], ends[0]);
}

Test(pump, outlets_keep_their_first_failure)
{
	unsigned rooms = 0;
	struct outlet_request request = { .loop = loop, .room = count, .user = &rooms };
	struct outlet *o;
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	request.fd = ends[1];
	o = outlet_new(&request);
	(void)close(ends[0]);
	outlet_add(o, "x", 1);
	cr_expect_eq(outlet_error(o), -EPIPE);
	cr_expect(outlet_is_empty(o));
	outlet_add(o, "x", 1);
	cr_expect_eq(outlet_error(o), -EPIPE);
	outlet_free(o);
	request.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	o = outlet_new(&request);
	outlet_add(o, "x", 1);
	cr_expect_eq(outlet_error(o), -ENOSPC);
	outlet_free(o);
	/* A right that the descriptor does not have is not made up. */
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	request.fd = ends[0];
	o = outlet_new(&request);
	outlet_add(o, "x", 1);
	cr_expect_eq(outlet_error(o), -EBADF);
	outlet_free(o);
}

Test(pump, outlets_see_a_reader_leave)
{
	unsigned rooms = 0;
	struct outlet_request request = { .loop = loop, .room = count, .user = &rooms };
	struct outlet *o;
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	request.fd = ends[1];
	o = outlet_new(&request);
	(void)close(ends[0]);
	cr_assert_eq(event_loop_step(loop), 0);
	cr_expect_eq(outlet_error(o), -EPIPE);
	cr_expect_eq(rooms, 1);
	outlet_free(o);
	(void)close(ends[1]);
}

Test(pump, outlets_write_files_where_they_are)
{
	struct outlet_request request = { .loop = loop, .room = count };
	struct outlet *o;
	char text[8] = "";

	request.fd = memfd_create("file", MFD_CLOEXEC);
	cr_assert_eq(write(request.fd, "ab", 2), 2);
	o = outlet_new(&request);
	outlet_add(o, "cd", 2);
	cr_expect(outlet_is_empty(o));
	outlet_free(o);
	cr_assert_eq(pread(request.fd, text, sizeof(text), 0), 4);
	cr_expect_str_eq(text, "abcd");
}

Test(pump, terminals_have_modes_and_sizes)
{
	struct winsize size = { .ws_row = 7, .ws_col = 33 };
	struct termios before, now;
	struct pty outer, inner;

	cr_assert_eq(pty_open(-1, &outer), 0);
	cr_assert(outer.master > 2 && outer.slave > 2);
	cr_expect_eq(isatty(outer.slave), 1);
	cr_assert_eq(ioctl(outer.slave, TIOCSWINSZ, &size), 0);
	cr_assert_eq(pty_open(outer.slave, &inner), 0);
	size = (struct winsize){ 0 };
	cr_assert_eq(ioctl(inner.slave, TIOCGWINSZ, &size), 0);
	cr_expect_eq(size.ws_col, 33);
	size.ws_col = 44;
	cr_assert_eq(ioctl(outer.slave, TIOCSWINSZ, &size), 0);
	pty_resize(&inner, outer.slave);
	cr_assert_eq(ioctl(inner.slave, TIOCGWINSZ, &size), 0);
	cr_expect_eq(size.ws_col, 44);
	cr_assert_eq(terminal_make_raw(outer.slave, &before), 0);
	cr_assert_eq(tcgetattr(outer.slave, &now), 0);
	cr_expect_eq(now.c_lflag & ICANON, 0);
	terminal_restore(outer.slave, &before);
	cr_assert_eq(tcgetattr(outer.slave, &now), 0);
	cr_expect_neq(now.c_lflag & ICANON, 0);
	pty_close(&inner);
	pty_close(&outer);
	cr_expect(terminal_make_raw(open("/dev/null", O_RDWR | O_CLOEXEC), &before) < 0);
}

Test(pump, terminals_pass_bytes)
{
	struct strbuf b = { 0 };
	struct pty pty;
	struct pump *p;

	cr_assert_eq(pty_open(-1, &pty), 0);
	p = new_pump(fcntl(pty.master, F_DUPFD_CLOEXEC, 3), &b);
	cr_assert_eq(write(pty.slave, "a\n", 2), 2);
	while (b.len < 3)
		cr_assert_eq(event_loop_step(loop), 0);
	cr_expect_str_eq(strbuf_str(&b), "a\r\n");
	cr_expect(pump_drain(p, true));
	cr_expect_not(pump_ended(p));
	(void)close(pty.slave);
	pty.slave = -1;
	while (!pump_ended(p))
		cr_assert_eq(event_loop_step(loop), 0);
	pump_free(p);
	pty_close(&pty);
	strbuf_release(&b);
}
