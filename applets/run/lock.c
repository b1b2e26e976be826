/* SPDX-License-Identifier: MIT */
/*
 * The lock: flock(2) on a file that is never removed, so that it cannot be stale. The command
 * does not get the descriptor: what it leaves behind holds nothing. The file says who
 * holds it, for messages and for --if-locked=kill.
 */
#include "lock.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/quote.h"
#include "sys/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { POLL_NS = 20 * 1000 * 1000 };

/* A new holder may not have said yet who it is. */
static const int64_t note_limit_ns = INT64_C(1000000000);
/* After KILL: the holder's own processes are being ended. */
static const int64_t end_limit_ns = INT64_C(10000000000);

/* Links are not followed: the directory may be everybody's. */
static int open_lock(const char *path)
{
	int fd =
		open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return -EINVAL;
	}
	return fd;
}

static int say_held(const struct run *r)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct lock_holder holder;

	if (lock_note_read(r->lock, &holder) < 0) {
		diag_warn(r->ctx->diag, r->opts->lock, "locked");
		return (int)r->opts->lock_exit;
	}
	clock_add_time(&text, holder.started, "+%Y-%m-%d %H:%M:%S");
	strbuf_add_str(&text, ": ");
	for (size_t i = 0; i < holder.words.len; i += strlen(holder.words.data + i) + 1) {
		strbuf_add_str(&text, i > 0 ? " " : "");
		quote_shell(&text, holder.words.data + i, strlen(holder.words.data + i));
	}
	diag_warn(r->ctx->diag, r->opts->lock, "locked by process %d since %s", (int)holder.pid,
	          strbuf_str(&text));
	strbuf_release(&holder.words);
	return (int)r->opts->lock_exit;
}

/* Where flock() is refused, as some network file systems do, fcntl(2) locks that belong to the
 * open file do the same. */
static int lock_by_record(const struct run *r, bool waits)
{
	struct flock lock = { .l_type = r->opts->shared ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(r->lock, waits ? F_OFD_SETLKW : F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EACCES || errno == EAGAIN ? -EWOULDBLOCK : -errno;
}

static int try_lock(const struct run *r, bool waits)
{
	int how = r->opts->shared ? LOCK_SH : LOCK_EX;
	int err;

	do {
		err = flock(r->lock, waits ? how : how | LOCK_NB) < 0 ? -errno : 0;
		if (err == -EOPNOTSUPP || err == -ENOSYS || err == -EINVAL || err == -ENOLCK)
			err = lock_by_record(r, waits);
	} while (err == -EINTR);
	return err;
}

static int try_until(const struct run *r, int64_t until)
{
	static const struct timespec pause = { .tv_nsec = POLL_NS };
	int err = try_lock(r, false);

	while (err == -EWOULDBLOCK && clock_now() < until) {
		(void)nanosleep(&pause, NULL);
		err = try_lock(r, false);
	}
	return err;
}

/* Is it one of those we would die with? */
static bool is_above_us(int proc, pid_t pid)
{
	struct process_ref ref = { .parent = getppid() };

	while (ref.parent > 1) {
		if (ref.parent == pid)
			return true;
		if (process_look(proc, ref.parent, &ref) < 0)
			break;
	}
	return false;
}

/*
 * The holder that the file names, when that process is there and is the one that wrote it: a
 * number alone may be another's by now. 0, -ESRCH, or -EDEADLK: we are its own.
 */
static int find_holder(const struct run *r, int proc, struct process_ref *ret)
{
	struct lock_holder holder;
	int err = lock_note_read(r->lock, &holder);

	if (err < 0)
		return -ESRCH;
	strbuf_release(&holder.words);
	if (process_look(proc, holder.pid, ret) < 0 || ret->start != holder.start)
		return -ESRCH;
	return is_above_us(proc, holder.pid) ? -EDEADLK : 0;
}

/* TERM, and KILL when that was not enough. */
static int end_holder(const struct run *r, int proc)
{
	int64_t until = clock_now() + note_limit_ns;
	struct process_ref ref = { 0 };
	int err = find_holder(r, proc, &ref);

	while (err == -ESRCH && clock_now() < until) {
		err = try_until(r, clock_now() + POLL_NS);
		if (err != -EWOULDBLOCK)
			return err;
		err = find_holder(r, proc, &ref);
	}
	if (err < 0)
		return err == -ESRCH ? -EWOULDBLOCK : err;
	err = process_signal(proc, &ref, SIGTERM);
	if (err < 0 && err != -ESRCH)
		return err;
	err = try_until(r, r->kill_after > 0 ? clock_now() + r->kill_after : INT64_MAX);
	if (err != -EWOULDBLOCK)
		return err;
	ignore(process_signal(proc, &ref, SIGKILL));
	return try_until(r, clock_now() + end_limit_ns);
}

static int replace_holder(const struct run *r)
{
	int err = try_lock(r, false);
	AUTO_CLOSE int proc = -1;

	if (err != -EWOULDBLOCK)
		return err;
	proc = procfs_open();
	return proc < 0 ? proc : end_holder(r, proc);
}

/* Tries until it is free or the time is over; a wait without end is left to the kernel. */
static int take_lock(const struct run *r)
{
	if (r->if_locked == LOCKED_KILL)
		return replace_holder(r);
	if (r->if_locked != LOCKED_WAIT)
		return try_lock(r, false);
	if (r->lock_wait == 0)
		return try_lock(r, true);
	return try_until(r, r->lock_wait < INT64_MAX - clock_now() ? clock_now() + r->lock_wait
	                                                           : INT64_MAX);
}

/* fail, skip, wait[:DURATION], kill */
int run_lock_prepare(struct run *r)
{
	static const char *const words[] = { [LOCKED_FAIL] = "fail",
		                             [LOCKED_SKIP] = "skip",
		                             [LOCKED_WAIT] = "wait",
		                             [LOCKED_KILL] = "kill" };
	const char *text = r->opts->if_locked != NULL ? r->opts->if_locked : "fail";
	struct text_error where = { 0 };

	r->lock_wait = r->opts->lock_wait;
	if (strncmp(text, "wait:", 5) == 0) {
		r->if_locked = LOCKED_WAIT;
		if (human_parse_duration(text + 5, &r->lock_wait, &where) == 0)
			return 0;
		where.offset += 5;
		return diag_caret(r->ctx->diag, "bad value for --if-locked", text, &where);
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i], text) == 0) {
			r->if_locked = (enum if_locked)i;
			return 0;
		}
	}
	return diag_usage(r->ctx->diag,
	                  "invalid --if-locked: fail, skip, wait, wait:DURATION or kill");
}

/* Somebody may have removed it while it was waited for: then another run would lock another. */
static bool has_name(const struct run *r)
{
	struct stat open_file, named;

	return fstat(r->lock, &open_file) == 0 &&
	       fstatat(AT_FDCWD, r->opts->lock, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

/* 0 or -errno; r->lock stays open in either case, or is the -errno. */
static int open_and_take(struct run *r)
{
	for (;;) {
		int err;

		r->lock = open_lock(r->opts->lock);
		if (r->lock < 0)
			return r->lock;
		err = take_lock(r);
		if (err < 0 || has_name(r))
			return err;
		(void)close(r->lock);
	}
}

int run_lock(struct run *r, bool *ret_skip, char **words)
{
	int err;

	*ret_skip = false;
	r->lock_words = words;
	if (r->opts->lock == NULL)
		return 0;
	err = open_and_take(r);
	if (r->lock == -EINVAL)
		return diag_fail_text(r->ctx->diag, r->opts->lock, "not a regular file");
	if (r->lock < 0)
		return diag_fail(r->ctx->diag, -r->lock, "open", r->opts->lock);
	if (err == 0) {
		run_lock_note(r);
		return 0;
	}
	if (err == -EPERM || err == -EDEADLK)
		diag_warn(r->ctx->diag, r->opts->lock, "its holder cannot be ended: %s",
		          err == -EPERM ? strerrordesc_np(EPERM) : "this run is its own");
	else if (err != -EWOULDBLOCK)
		return diag_fail(r->ctx->diag, -err, "lock", r->opts->lock);
	if (r->if_locked == LOCKED_SKIP) {
		*ret_skip = true;
		return 0;
	}
	return say_held(r);
}
