/* SPDX-License-Identifier: MIT */
#include "fs/time_grain.h"

#include "fs/put_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

enum { SECOND = 1000000000, YEAR_2038 = 0x7fffffff };

/* An odd second, and nanoseconds that are no multiple of anything. */
static const struct timespec trial = { 1000000001, 123456789 };

static int64_t grain_of(struct timespec kept)
{
	int64_t ns = 1;

	if (kept.tv_sec != trial.tv_sec)
		return 2 * (int64_t)SECOND;
	if (kept.tv_nsec == 0)
		return SECOND;
	while (ns < SECOND / 10 && kept.tv_nsec % (ns * 10) == 0)
		ns *= 10;
	return ns;
}

/* What becomes of `t` as the time of the open file. */
static bool try_time(int fd, struct timespec t, struct timespec *ret)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, t };
	struct stat st;

	if (futimens(fd, times) != 0 || fstat(fd, &st) != 0)
		return false;
	*ret = st.st_mtim;
	return true;
}

static int open_unnamed(int dirfd)
{
	return openat(dirfd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
}

static bool try_named(int dirfd, struct timespec *ret)
{
	struct put_names names = { 0 };
	struct stat before;
	struct put put;
	bool tried;

	if (fstat(dirfd, &before) != 0 || put_regular(&names, dirfd, 0600, &put) < 0)
		return false;
	tried = try_time(put.fd, trial, ret);
	put_abort(&put);
	ignore(futimens(dirfd, (const struct timespec[2]){ before.st_atim, before.st_mtim }));
	return tried;
}

static int64_t grain_of_type(int dirfd)
{
	struct statfs fs;

	if (fstatfs(dirfd, &fs) == 0 && fs.f_type == MSDOS_SUPER_MAGIC)
		return 2 * (int64_t)SECOND;
	if (fstatfs(dirfd, &fs) == 0 && fs.f_type == EXFAT_SUPER_MAGIC)
		return SECOND / 100;
	return 1;
}

struct time_grain time_grain_find(int dirfd, bool may_write)
{
	struct time_grain grain = { .dirfd = dirfd, .ns = 1 };
	AUTO_CLOSE int fd = open_unnamed(dirfd);
	struct timespec kept;

	if ((fd >= 0 && try_time(fd, trial, &kept)) || (may_write && try_named(dirfd, &kept)))
		grain.ns = grain_of(kept);
	else
		grain.ns = grain_of_type(dirfd);
	return grain;
}

struct timespec time_grain_stored(const struct time_grain *grain, struct timespec t)
{
	struct timespec kept = t;

	if (t.tv_sec < 0 || t.tv_sec > YEAR_2038) {
		AUTO_CLOSE int fd = grain->dirfd >= 0 ? open_unnamed(grain->dirfd) : -1;

		if (fd >= 0 && try_time(fd, t, &kept))
			return kept;
	}
	if (grain->ns <= SECOND) {
		t.tv_nsec -= t.tv_nsec % grain->ns;
		return t;
	}
	t.tv_nsec = 0;
	t.tv_sec -= ((t.tv_sec % 2) + 2) % 2;
	return t;
}

int64_t time_difference(struct timespec a, struct timespec b)
{
	int64_t seconds;
	int64_t ns;

	if (__builtin_sub_overflow((int64_t)a.tv_sec, (int64_t)b.tv_sec, &seconds) ||
	    __builtin_mul_overflow(seconds, (int64_t)SECOND, &ns) ||
	    __builtin_add_overflow(ns, a.tv_nsec - b.tv_nsec, &ns))
		return a.tv_sec > b.tv_sec ? INT64_MAX : INT64_MIN;
	return ns;
}
