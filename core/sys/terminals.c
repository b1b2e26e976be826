/* SPDX-License-Identifier: MIT */
#include "sys/terminals.h"

#include "base/num.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	/* Documentation/admin-guide/devices.txt of the kernel. */
	TTY_MAJOR = 4,
	TTY_SERIAL_MINOR = 64, /* the first serial line; those below are virtual consoles */
	ALTERNATE_MAJOR = 5,
	CONSOLE_MINOR = 1,
	PTS_MAJOR = 136, /* the first of several, each with 256 minors where minors are short */
	PTS_MAJOR_LAST = 143,
	PTS_PER_MAJOR = 256,
	NAME_MAX_BYTES = 200,
};

/* As the kernel's new_encode_dev(): 12 bits of the major between those of the minor. */
static uint64_t encode(unsigned major_number, unsigned minor_number)
{
	return (minor_number & 0xff) | (uint64_t)major_number << 8 |
	       (uint64_t)(minor_number & ~0xffU) << 12;
}

static unsigned major_of(uint64_t device)
{
	return (unsigned)(device >> 8) & 0xfff;
}

static unsigned minor_of(uint64_t device)
{
	return (unsigned)((device & 0xff) | (device >> 12 & ~0xffU));
}

/* The number behind `prefix`, when that is how the name begins. */
static bool number_behind(const char *name, const char *prefix, uint64_t *ret)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 && num_parse_u64(name + len, ret) == 0 &&
	       *ret < 1U << 20;
}

int terminal_device(const char *name, uint64_t *ret)
{
	char path[NAME_MAX_BYTES];
	struct stat st;
	uint64_t number;
	int len = snprintf(path, sizeof(path), "/dev/%s", name);

	if (len > 0 && (size_t)len < sizeof(path) && stat(path, &st) == 0) {
		if (!S_ISCHR(st.st_mode))
			return -ENOENT;
		*ret = encode(major(st.st_rdev), minor(st.st_rdev));
		return 0;
	}
	if (number_behind(name, "pts/", &number))
		*ret = encode(PTS_MAJOR, (unsigned)number);
	else if (number_behind(name, "ttyS", &number))
		*ret = encode(TTY_MAJOR, TTY_SERIAL_MINOR + (unsigned)number);
	else if (number_behind(name, "tty", &number) && number < TTY_SERIAL_MINOR)
		*ret = encode(TTY_MAJOR, (unsigned)number);
	else
		return -ENOENT;
	return 0;
}

void terminal_add_name(struct strbuf *b, uint64_t device)
{
	unsigned major_number = major_of(device);
	unsigned minor_number = minor_of(device);

	if (major_number >= PTS_MAJOR && major_number <= PTS_MAJOR_LAST)
		strbuf_add_format(b, "pts/%u",
		                  (major_number - PTS_MAJOR) * PTS_PER_MAJOR + minor_number);
	else if (major_number == TTY_MAJOR && minor_number < TTY_SERIAL_MINOR)
		strbuf_add_format(b, "tty%u", minor_number);
	else if (major_number == TTY_MAJOR)
		strbuf_add_format(b, "ttyS%u", minor_number - TTY_SERIAL_MINOR);
	else if (major_number == ALTERNATE_MAJOR && minor_number == CONSOLE_MINOR)
		strbuf_add_str(b, "console");
	else
		strbuf_add_format(b, "%u:%u", major_number, minor_number);
}
