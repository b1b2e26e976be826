/* SPDX-License-Identifier: MIT */
#include "fs/space.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/num.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

enum {
	ASKERS_MAX = 8,              /* children at work at once */
	STALL_NS = 20 * 1000 * 1000, /* quiet for so long: somebody else does what comes next */
};

/* What a child writes for each path, in one write below PIPE_BUF. */
struct reply {
	uint64_t index;
	int64_t err;
	struct space space;
};

_Static_assert(sizeof(struct reply) <= PIPE_BUF, "a reply must be written in one piece");

/* A child that answers for the paths [next, end), in order. */
struct asker {
	int fd;      /* reads its replies */
	size_t next; /* the one it is asking for */
	size_t end;
	int64_t since; /* when it began with `next` */
};

struct askers {
	/* cppcheck-suppress unusedStructMember */
	VEC_FIELDS(struct asker);
};

struct asking {
	const char *const *paths;
	struct space_answer *answers;
	int64_t limit_ns;
	struct asker askers[ASKERS_MAX];
	size_t len;
	/* Ranges nobody asks for yet: first come, first served. */
	struct askers waiting;
};

int space_percent(uint64_t used, uint64_t rest)
{
	uint64_t whole;

	/* Beyond what 100 * used can hold, the low bits do not change a percent. */
	while (used > UINT64_MAX / 200 || rest > UINT64_MAX / 200) {
		used >>= 8;
		rest >>= 8;
	}
	whole = used + rest;
	if (whole == 0)
		return SPACE_PCT_NONE;
	return (int)((used * 100 + whole - 1) / whole);
}

static void fill(struct space *space, const struct statfs *fs)
{
	/* f_frsize is what the counts are in; old file systems leave it 0. */
	uint64_t block = (uint64_t)(fs->f_frsize > 0 ? fs->f_frsize : fs->f_bsize);
	uint64_t total = fs->f_blocks;
	uint64_t unused = fs->f_bfree < total ? fs->f_bfree : total;
	uint64_t avail = fs->f_bavail < unused ? fs->f_bavail : unused;
	uint64_t inodes_free = fs->f_ffree < fs->f_files ? fs->f_ffree : fs->f_files;

	space->total_bytes = num_mul_sat(total, block, NULL);
	space->free_bytes = num_mul_sat(unused, block, NULL);
	space->avail_bytes = num_mul_sat(avail, block, NULL);
	space->used_bytes = num_mul_sat(total - unused, block, NULL);
	space->used_pct = space_percent(total - unused, avail);
	space->inodes_total = fs->f_files;
	space->inodes_free = inodes_free;
	space->inodes_used = fs->f_files - inodes_free;
	space->inodes_pct = space_percent(space->inodes_used, inodes_free);
	space->fs_type = (uint64_t)fs->f_type;
}

/* O_PATH, so that nothing is opened and no automount starts. 0 or an errno value. */
static int ask_one(const char *path, struct space *ret)
{
	struct statfs fs = { 0 };
	struct statx st = { 0 };
	int fd = open(path, O_PATH | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	/* What a server says about times is not asked for: no need to wait for it. */
	if (fstatfs(fd, &fs) < 0 ||
	    statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MNT_ID, &st) < 0)
		err = errno;
	(void)close(fd);
	if (err != 0)
		return err;
	fill(ret, &fs);
	ret->device = makedev(st.stx_dev_major, st.stx_dev_minor);
	if (S_ISBLK(st.stx_mode))
		ret->block_device = makedev(st.stx_rdev_major, st.stx_rdev_minor);
	ret->mount_id = (st.stx_mask & STATX_MNT_ID) != 0 ? st.stx_mnt_id : 0;
	return 0;
}

int space_ask_here(const char *path, struct space *ret)
{
	struct space space = { 0 };
	int err = ask_one(path, &space);

	if (err == 0)
		*ret = space;
	return -err;
}

/*
 * The child keeps its end of the pipe as descriptor 0 and nothing else: were it to hold
 * the caller's standard output while it is stuck, the reader of that pipe would wait too.
 */
static void drop_descriptors(int fd)
{
	enum { WITHOUT_CLOSE_RANGE = 4096 };

	if (fd != 0)
		(void)dup2(fd, 0);
	if (syscall(SYS_close_range, 1U, ~0U, 0U) < 0)
		for (int other = 1; other < WITHOUT_CLOSE_RANGE; other++)
			(void)close(other);
}

/* Ends the child should it be stuck in a place where signals do reach. */
static void end_after(int64_t limit_ns)
{
	const int64_t second = 1000000000;
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGALRM, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)alarm((unsigned)(limit_ns / second % INT_MAX) + 2);
}

/* Everything from here on is safe after fork() in a program with threads. */
NO_RETURN static void serve(const struct asking *a, const struct asker *part, int fd)
{
	drop_descriptors(fd);
	for (size_t i = part->next; i < part->end; i++) {
		struct reply reply = { .index = i };

		end_after(a->limit_ns);
		reply.err = ask_one(a->paths[i], &reply.space);
		if (write(0, &reply, sizeof(reply)) != (ssize_t)sizeof(reply))
			break;
	}
	_exit(0);
}

/*
 * The child's child does the asking, so that it belongs to init: nobody here has to wait
 * for it. 0 or -errno.
 */
static int start(struct asking *a, struct asker part)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			serve(a, &part, ends[1]);
		_exit(pid < 0 ? errno : 0);
	}

	int err = pid < 0 ? errno : 0;
	int status = 0;

	(void)close(ends[1]);
	if (pid > 0) {
		pid_t got;

		do {
			got = waitpid(pid, &status, 0);
		} while (got < 0 && errno == EINTR);
		/* With SIGCHLD ignored the status is lost; a missing child shows as an end of file.
		 */
		if (got == pid && WIFEXITED(status))
			err = WEXITSTATUS(status);
	}
	if (err != 0) {
		(void)close(ends[0]);
		return -err;
	}
	part.fd = ends[0];
	part.since = clock_now();
	a->askers[a->len++] = part;
	return 0;
}

static void remove_asker(struct asking *a, size_t i)
{
	(void)close(a->askers[i].fd);
	a->askers[i] = a->askers[--a->len];
}

/* What is left of a range goes back to the list. */
static void hand_over(struct asking *a, size_t next, size_t end)
{
	if (next < end)
		vec_push(&a->waiting, (struct asker){ .fd = -1, .next = next, .end = end });
}

/* Takes one reply. False when this child has nothing more to say. */
static bool take_reply(struct asking *a, struct asker *asker)
{
	struct reply reply;
	ssize_t got = fdio_read_full(asker->fd, &reply, sizeof(reply));

	if (got != (ssize_t)sizeof(reply) || reply.index != asker->next) {
		/* It died: the path it was at must not kill the next one as well. */
		a->answers[asker->next] =
			(struct space_answer){ .outcome = SPACE_FAILED, .err = EIO };
		hand_over(a, asker->next + 1, asker->end);
		return false;
	}

	struct space_answer *answer = &a->answers[asker->next];

	answer->outcome = reply.err == 0 ? SPACE_KNOWN : SPACE_FAILED;
	answer->err = (int)reply.err;
	answer->space = reply.space;
	asker->next++;
	asker->since = clock_now();
	return asker->next < asker->end;
}

/* Gives up what is late and takes work from those that are slow. */
static void look_after(struct asking *a, int64_t now)
{
	for (size_t i = 0; i < a->len;) {
		struct asker *asker = &a->askers[i];
		int64_t waited = now - asker->since;

		if (waited >= STALL_NS && asker->next + 1 < asker->end && a->len < ASKERS_MAX) {
			hand_over(a, asker->next + 1, asker->end);
			asker->end = asker->next + 1;
		}
		if (waited >= a->limit_ns) {
			a->answers[asker->next].outcome = SPACE_TIMED_OUT;
			hand_over(a, asker->next + 1, asker->end);
			remove_asker(a, i);
			continue;
		}
		i++;
	}
}

/* Milliseconds until look_after() has something to do. */
static int until_next(const struct asking *a, int64_t now)
{
	const int64_t ms = 1000000;
	int64_t soonest = INT64_MAX;

	for (size_t i = 0; i < a->len; i++) {
		const struct asker *asker = &a->askers[i];
		bool may_split = asker->next + 1 < asker->end && a->len < ASKERS_MAX;
		int64_t wait = may_split && STALL_NS < a->limit_ns ? STALL_NS : a->limit_ns;
		int64_t left = wait - (now - asker->since);

		if (left < soonest)
			soonest = left;
	}
	if (soonest <= 0)
		return 0;
	return soonest / ms >= INT_MAX ? INT_MAX : (int)(soonest / ms) + 1;
}

static int start_waiting(struct asking *a)
{
	while (a->len < ASKERS_MAX && a->waiting.len > 0) {
		struct asker part = vec_pop(&a->waiting);
		int r = start(a, part);

		if (r == 0)
			continue;
		vec_push(&a->waiting, part);
		/* Without a second child the first one goes on alone. */
		return a->len > 0 ? 0 : r;
	}
	return 0;
}

static void wait_for_replies(struct asking *a)
{
	struct pollfd fds[ASKERS_MAX];
	size_t len = a->len;

	for (size_t i = 0; i < len; i++)
		fds[i] = (struct pollfd){ .fd = a->askers[i].fd, .events = POLLIN };
	if (poll(fds, (nfds_t)len, until_next(a, clock_now())) > 0) {
		/* From the end, for the last one takes the place of a removed one. */
		for (size_t i = len; i-- > 0;)
			if (fds[i].revents != 0 && !take_reply(a, &a->askers[i]))
				remove_asker(a, i);
	}
	look_after(a, clock_now());
}

int space_ask(const char *const *paths, size_t n, int64_t limit_ns, struct space_answer *ret)
{
	struct asking a = { .paths = paths, .answers = ret, .limit_ns = limit_ns };
	int r = 0;

	for (size_t i = 0; i < n; i++)
		ret[i] = (struct space_answer){ .outcome = SPACE_FAILED, .err = EAGAIN };
	hand_over(&a, 0, n);
	while (r == 0 && (a.waiting.len > 0 || a.len > 0)) {
		r = start_waiting(&a);
		if (r == 0)
			wait_for_replies(&a);
	}
	while (a.len > 0)
		remove_asker(&a, 0);
	vec_release(&a.waiting);
	return r;
}
