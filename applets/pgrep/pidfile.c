/* SPDX-License-Identifier: MIT */
/* -F: the process that a file names. */
#include "pgrep.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { PIDFILE_MAX = 4096 }; /* bytes that are read */

/* By flock(2) of anybody, or by fcntl(2) of another process. Nothing is left locked. */
static bool is_locked(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	(void)flock(fd, LOCK_UN);
	return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static int refuse(struct pgrep *p, const char *reason)
{
	return diag_partial_text(p->ctx->diag, p->opts->pidfile, "not a valid pid file: %s",
	                         reason);
}

/* The first word; blanks in front of it and whatever is behind it are passed over. */
static bool parse(const char *text, struct proc_id *ret)
{
	static const char blanks[] = " \t\r\n\v\f";
	const char *start = text + strspn(text, blanks);
	AUTO_FREE_STR char *word = mem_strndup(start, strcspn(start, blanks));

	return proc_id_parse(word, ret) == 0;
}

/* Reads the file; *ret_written is when, on the wall clock, 0 when that says nothing. */
static int read_file(struct pgrep *p, struct strbuf *ret, int64_t *ret_written)
{
	const char *path = p->opts->pidfile;
	bool is_input = strcmp(path, "-") == 0;
	AUTO_CLOSE int fd = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                             : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0)
		return diag_partial(p->ctx->diag, errno, "open", path);
	if (p->opts->need_lock && !is_locked(fd))
		return refuse(p, "nobody holds a lock on it");
	r = fdio_read_all(fd, PIDFILE_MAX, ret);
	if (r < 0 && r != -EFBIG)
		return diag_partial(p->ctx->diag, -r, "read", path);
	if (!is_input && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		*ret_written = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
	return 0;
}

int pgrep_read_pidfile(struct pgrep *p)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct proc_ref ref;
	struct proc_id id;
	int status = read_file(p, &text, &p->want.recorded_ns);

	if (status != 0)
		return status;
	if (!parse(strbuf_str(&text), &id))
		return refuse(p, "it does not begin with a process number");
	/* With -p as well, both have to name it. */
	if (p->want.pids.given) {
		bool is_listed = false;

		for (size_t i = 0; i < p->want.pids.len; i++)
			is_listed = is_listed || p->want.pids.items[i] == (uint64_t)id.pid;
		vec_clear(&p->want.pids);
		if (!is_listed)
			return 0;
	}
	p->want.pids.given = true;
	/* The process that an id was about is gone, whoever has its number now. */
	if ((id.inode != 0 || id.has_start) && proc_ref_open_id(&p->reader, &id, &ref) == 0)
		proc_ref_close(&ref);
	else if (id.inode != 0 || id.has_start)
		return 0;
	pgrep_add_id(p, &id);
	vec_push(&p->want.pids, (uint64_t)id.pid);
	return 0;
}
