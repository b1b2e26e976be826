/* SPDX-License-Identifier: MIT */
#include "sys/log_writer.h"

#include "base/fdio.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { LOG_MODE = 0640, LOG_FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY };

struct log_writer {
	int dir; /* of the file */
	int fd;
	char *name;
	struct log_rotation rotation;
	bool inside_line;
};

static int open_dir(const char *path, size_t len)
{
	AUTO_FREE_STR char *dir = len > 0 ? mem_strndup(path, len) : mem_strdup(".");
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int log_writer_open(const char *path, const struct log_rotation *rotation, struct log_writer **ret)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	struct log_writer *w;
	int dir, fd;

	if (*name == '\0')
		return *path == '\0' ? -ENOENT : -EISDIR;
	/* With the slash, so that the root is a directory too. */
	dir = open_dir(path, (size_t)(name - path));
	if (dir < 0)
		return dir;
	fd = openat(dir, name, LOG_FLAGS, LOG_MODE);
	if (fd < 0) {
		int err = errno;

		(void)close(dir);
		return -err;
	}
	w = mem_alloc_zeroed(sizeof(*w));
	*w = (struct log_writer){
		.dir = dir, .fd = fd, .name = mem_strdup(name), .rotation = *rotation
	};
	*ret = w;
	return 0;
}

struct log_writer *log_writer_free(struct log_writer *w)
{
	if (w == NULL)
		return NULL;
	(void)close(w->fd);
	(void)close(w->dir);
	free(w->name);
	free(w);
	return NULL;
}

static char *old_name(const struct log_writer *w, unsigned number)
{
	struct strbuf name = { 0 };

	strbuf_add_str(&name, w->name);
	if (number > 0) {
		strbuf_add_char(&name, '.');
		strbuf_add_u64(&name, number);
	}
	return strbuf_detach(&name);
}

/* The oldest is lost, each of the others gets the next number. */
static int move_aside(const struct log_writer *w)
{
	for (unsigned i = w->rotation.keep; i > 0; i--) {
		AUTO_FREE_STR char *from = old_name(w, i - 1);
		AUTO_FREE_STR char *to = old_name(w, i);

		if (renameat(w->dir, from, w->dir, to) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* Is the open file still the one of that name? Another writer may have put it aside. */
static bool is_current(const struct log_writer *w)
{
	struct stat open_file, named;

	return fstat(w->fd, &open_file) == 0 &&
	       fstatat(w->dir, w->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(named.st_mode) && open_file.st_dev == named.st_dev &&
	       open_file.st_ino == named.st_ino;
}

static int reopen(struct log_writer *w)
{
	int fd = openat(w->dir, w->name, LOG_FLAGS, LOG_MODE);

	if (fd < 0)
		return -errno;
	/* Releases the lock as well. */
	(void)close(w->fd);
	w->fd = fd;
	return 0;
}

static bool is_too_long(const struct log_writer *w, size_t more)
{
	struct stat st;

	return fstat(w->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	       (uint64_t)st.st_size + more > w->rotation.bytes;
}

/* The current file, with room for `more` bytes; an empty one takes any number. */
static int rotate(struct log_writer *w, size_t more)
{
	int r = 0;

	/* Another writer's new file may be full as well. */
	while (r == 0 && w->rotation.bytes > 0 && !w->inside_line && is_too_long(w, more)) {
		struct stat named;

		if (fstatat(w->dir, w->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !S_ISREG(named.st_mode))
			break;
		/* One of the writers does it. */
		(void)flock(w->fd, LOCK_EX);
		if (is_current(w))
			r = move_aside(w);
		if (r == 0)
			r = reopen(w);
		if (r < 0)
			(void)flock(w->fd, LOCK_UN);
	}
	return r;
}

/* Up to its last newline; all of it when there is none. */
static size_t whole_lines(const char *bytes, size_t len)
{
	const char *last = memrchr(bytes, '\n', len);

	return last != NULL ? (size_t)(last - bytes) + 1 : len;
}

int log_writer_add(struct log_writer *w, const char *bytes, size_t len)
{
	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t n = whole_lines(bytes, len);
		int r;

		/* The rest of a line belongs where it began; lines that do not fit go one by one.
		 */
		if (newline != NULL &&
		    (w->inside_line || (w->rotation.bytes > 0 && n > w->rotation.bytes)))
			n = (size_t)(newline - bytes) + 1;
		r = rotate(w, n);
		if (r == 0)
			r = fdio_write_all(w->fd, bytes, n);
		if (r < 0)
			return r;
		w->inside_line = bytes[n - 1] != '\n';
		bytes += n;
		len -= n;
	}
	return 0;
}
