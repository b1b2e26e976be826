/* SPDX-License-Identifier: MIT */
#include "sys/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

enum { ROWS = 24, COLUMNS = 80 };

static int copy_above_2(int fd)
{
	int copy;

	if (fd < 0 || fd > 2)
		return fd;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	(void)close(fd);
	return copy;
}

/* /dev/pts/N may be another's in another mount namespace: the kernel opens the right one. */
static int open_slave(int master)
{
	int fd, zero = 0;

	if (ioctl(master, TIOCSPTLCK, &zero) < 0)
		return -errno;
	fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == EINVAL) {
		char name[64];

		/* Before 4.13. */
		if (ptsname_r(master, name, sizeof(name)) != 0)
			return -errno;
		fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

static void shape(const struct pty *pty, int like)
{
	struct winsize size = { .ws_row = ROWS, .ws_col = COLUMNS };
	struct termios modes;

	if (like >= 0 && tcgetattr(like, &modes) == 0)
		(void)tcsetattr(pty->slave, TCSANOW, &modes);
	if (like >= 0)
		(void)ioctl(like, TIOCGWINSZ, &size);
	(void)ioctl(pty->slave, TIOCSWINSZ, &size);
}

int pty_open(int like, struct pty *ret)
{
	struct pty pty = { .slave = -1 };
	int r = 0;

	pty.master = copy_above_2(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
	if (pty.master < 0)
		return -errno;
	pty.slave = open_slave(pty.master);
	if (pty.slave < 0)
		r = pty.slave;
	else
		pty.slave = copy_above_2(pty.slave);
	if (r == 0 && pty.slave < 0)
		r = -errno;
	if (r < 0) {
		pty_close(&pty);
		return r;
	}
	shape(&pty, like);
	*ret = pty;
	return 0;
}

void pty_close(struct pty *pty)
{
	if (pty->master >= 0)
		(void)close(pty->master);
	if (pty->slave >= 0)
		(void)close(pty->slave);
	*pty = (struct pty){ .master = -1, .slave = -1 };
}

void pty_resize(const struct pty *pty, int like)
{
	struct winsize size;

	if (pty->master >= 0 && ioctl(like, TIOCGWINSZ, &size) == 0)
		(void)ioctl(pty->master, TIOCSWINSZ, &size);
}

int terminal_make_raw(int fd, struct termios *ret_before)
{
	struct termios raw;

	if (tcgetattr(fd, &raw) < 0)
		return -errno;
	*ret_before = raw;
	cfmakeraw(&raw);
	return tcsetattr(fd, TCSADRAIN, &raw) < 0 ? -errno : 0;
}

void terminal_restore(int fd, const struct termios *before)
{
	(void)tcsetattr(fd, TCSADRAIN, before);
}
