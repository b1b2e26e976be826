/* SPDX-License-Identifier: MIT */
/* Archives: every member, its content, its problems, up to the limits that hold by default. */
#include "fs/deflate_join.h"
#include "fs/member_limits.h"
#include "fs/member_name.h"
#include "fs/members.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A bomb is not what this is about. */
enum { BYTES_MAX = 4 << 20, MEMBERS_MAX = 1000 };

static void ignore_attribute(const char *name, const void *value, size_t len, void *user)
{
	(void)name;
	(void)value;
	(void)len;
	(void)user;
}

static bool read_content(struct members *m, uint64_t *bytes)
{
	const void *piece;
	size_t len;
	uint64_t offset;
	int r;

	while ((r = members_data(m, &piece, &len, &offset)) > 0) {
		*bytes += len;
		if (*bytes > BYTES_MAX)
			return false;
	}
	return r == 0 || members_goes_on(m);
}

static void read_members(int fd)
{
	const struct members_opts opts = { .threads = 1, .spool_dir = "/tmp" };
	struct members *m = NULL;
	struct member_audit *audit = member_audit_new();
	struct members_end end;
	struct member member;
	uint64_t bytes = 0;
	int r = members_open(fd, &opts, &m, NULL);

	for (unsigned n = 0; r == 0 && n < MEMBERS_MAX; n++) {
		r = members_next(m, &member);
		if (r <= 0)
			break;
		(void)member_audit_next(audit, &member);
		members_attributes(m, ignore_attribute, NULL);
		r = read_content(m, &bytes) ? 0 : -1;
	}
	if (m != NULL && r == 0)
		r = members_finish(m, &end);
	(void)members_free(m);
	(void)member_audit_free(audit);
}

static void join(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + DEFLATE_JOIN_ROOM);

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	if (deflate_open_end(copy, size) > size + DEFLATE_JOIN_ROOM)
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	read_members(fd);
	(void)close(fd);
	if (size > 0)
		join(data, size);
	return 0;
}
