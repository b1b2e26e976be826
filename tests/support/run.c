/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifndef DUTYBOX_BINARY
#error "DUTYBOX_BINARY is the path of the binary under test"
#endif

enum { SANITIZER_STATUS = 99, WORDS_MAX = 512, POLL_MS = 20, SECONDS_DEFAULT = 60 };

#define MUST(condition) cr_assert((condition), "run: %s: %s", #condition, strerror(errno))

/* Buffers are chained here so that leak checkers see them. */
struct kept {
	struct kept *next;
	char bytes[];
};

static struct kept *all_kept;

static char *keep(const char *bytes, size_t len)
{
	struct kept *k = malloc(sizeof(*k) + len + 1);

	MUST(k != NULL);
	k->next = all_kept;
	all_kept = k;
	if (len > 0)
		memcpy(k->bytes, bytes, len);
	k->bytes[len] = '\0';
	return k->bytes;
}

const char *run_binary(void)
{
	return DUTYBOX_BINARY;
}

bool run_is_sanitized(void)
{
#ifdef DUTYBOX_SANITIZED
	return true;
#else
	return false;
#endif
}

const char *run_find(const char *name)
{
	const char *path = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
	char file[PATH_MAX];

	if (strchr(name, '/') != NULL)
		return access(name, X_OK) == 0 ? keep(name, strlen(name)) : NULL;
	while (*path != '\0') {
		size_t len = strcspn(path, ":");
		int n = snprintf(file, sizeof(file), "%.*s/%s", (int)len, path, name);

		if (n > 0 && (size_t)n < sizeof(file) && access(file, X_OK) == 0)
			return keep(file, (size_t)n);
		path += len;
		path += *path == ':';
	}
	return NULL;
}

/* The child's environment: fixed, then sanitizer settings, then what the request says. */
static void set_environment(const struct run_request *q)
{
	static const char *const inherited[] = { "ASAN_OPTIONS",   "UBSAN_OPTIONS",
		                                 "TSAN_OPTIONS",   "LSAN_OPTIONS",
		                                 "GCOV_PREFIX",    "GCOV_PREFIX_STRIP",
		                                 "GCOV_ERROR_FILE" };
	char *values[sizeof(inherited) / sizeof(inherited[0])];
	char options[1024];

	for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++) {
		const char *value = getenv(inherited[i]);

		if (i >= 4)
			values[i] = value != NULL ? strdup(value) : NULL;
		else if (snprintf(options, sizeof(options), "%s:exitcode=%d",
		                  value != NULL ? value : "", SANITIZER_STATUS) > 0)
			values[i] = strdup(options);
	}
	(void)clearenv();
	for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
		if (values[i] != NULL && (i >= 4 || run_is_sanitized()))
			(void)setenv(inherited[i], values[i], 1);
	(void)setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", 1);
	(void)setenv("TZ", "UTC", 1);
	if (q->out_to == RUN_TO_TERMINAL || q->err_to == RUN_TO_TERMINAL)
		(void)setenv("TERM", "xterm", 1);
	for (size_t i = 0; q->env != NULL && q->env[i] != NULL; i++) {
		if (strchr(q->env[i], '=') != NULL)
			(void)putenv((char *)(uintptr_t)q->env[i]);
		else
			(void)unsetenv(q->env[i]);
	}
}

/* What the child gets as 0, 1 and 2; -1 closes. */
struct ends {
	int in, out, err;
};

static void set_descriptor(int fd, int as)
{
	if (fd < 0)
		(void)close(as);
	else if (dup2(fd, as) < 0)
		_exit(250);
}

static void become(uid_t uid)
{
	if (uid == 0 || geteuid() != 0)
		return;
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		_exit(251);
}

static void set_signals(const struct run_request *q)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	if (q->ignore_sigpipe)
		(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Does not return. The file was opened before the user changed, who may not be able to reach it. */
static void become_program(const struct run_request *q, const char *path, char **argv,
                           struct ends ends)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	/* Out of the way of 0 to 2 before those are set. */
	int high[] = { ends.in < 0 ? -1 : fcntl(ends.in, F_DUPFD_CLOEXEC, 10),
		       ends.out < 0 ? -1 : fcntl(ends.out, F_DUPFD_CLOEXEC, 10),
		       ends.err < 0 ? -1 : fcntl(ends.err, F_DUPFD_CLOEXEC, 10) };

	if (q->cwd != NULL && chdir(q->cwd) < 0)
		_exit(252);
	set_signals(q);
	if (!q->keeps_umask)
		umask(022);
	for (int i = 0; i < 3; i++)
		set_descriptor(high[i], i);
	if (q->out_to == RUN_TO_TERMINAL || q->err_to == RUN_TO_TERMINAL ||
	    q->from == RUN_FROM_TERMINAL) {
		int tty = q->out_to == RUN_TO_TERMINAL ? 1 : q->err_to == RUN_TO_TERMINAL ? 2 : 0;

		(void)setsid();
		(void)ioctl(tty, TIOCSCTTY, 0);
	}
	set_environment(q);
	bool through_fd = q->uid != 0 && geteuid() == 0;
	if (through_fd && dup2(file, 3) < 0)
		_exit(250);
	for (size_t i = 0; i < RUN_LIMITS_MAX && q->limits[i].value != 0; i++) {
		struct rlimit limit = { q->limits[i].value, q->limits[i].value };

		if (setrlimit((__rlimit_resource_t)q->limits[i].resource, &limit) < 0)
			_exit(253);
	}
	become(q->uid);
	(void)close_range(through_fd ? 4 : 3, ~0U, 0);
	if (through_fd) {
		(void)fcntl(3, F_SETFD, FD_CLOEXEC);
		(void)execveat(3, "", argv, environ, AT_EMPTY_PATH);
	} else {
		(void)execv(path, argv);
	}
	_exit(254);
}

static int open_terminal(const struct run_request *q, int *ret_slave)
{
	struct winsize size = { .ws_row = 24, .ws_col = q->columns != 0 ? q->columns : 80 };
	char name[64];
	struct termios modes;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	MUST(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	MUST(ptsname_r(master, name, sizeof(name)) == 0);
	*ret_slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	MUST(*ret_slave >= 0 && ioctl(*ret_slave, TIOCSWINSZ, &size) == 0);
	/* Bytes as they are: no \r\n, no echo. */
	MUST(tcgetattr(*ret_slave, &modes) == 0);
	modes.c_oflag &= ~(tcflag_t)OPOST;
	modes.c_lflag &= ~(tcflag_t)ECHO;
	MUST(tcsetattr(*ret_slave, TCSANOW, &modes) == 0);
	return master;
}

static size_t input_len(const struct run_request *q)
{
	return q->input == NULL ? 0 : q->input_len != 0 ? q->input_len : strlen(q->input);
}

static int open_input(const struct run_request *q, int slave, int *ret_writer)
{
	int ends[2];
	int fd = -1;

	switch (q->from) {
	case RUN_FROM_BYTES:
		fd = memfd_create("input", MFD_CLOEXEC);
		MUST(fd >= 0);
		MUST(write(fd, q->input, input_len(q)) == (ssize_t)input_len(q));
		MUST(lseek(fd, 0, SEEK_SET) == 0);
		break;
	case RUN_FROM_PIPE:
		MUST(pipe2(ends, O_CLOEXEC) == 0);
		*ret_writer = ends[1];
		fd = ends[0];
		break;
	case RUN_FROM_FILE:
		fd = open(q->input_file, O_RDONLY | O_CLOEXEC);
		MUST(fd >= 0);
		break;
	case RUN_FROM_TERMINAL:
		fd = fcntl(slave, F_DUPFD_CLOEXEC, 3);
		break;
	case RUN_FROM_NOTHING:
		break;
	}
	return fd;
}

/* The child's end; ours goes to *ret_reader when the stream is captured. */
static int open_output(enum run_to to, int slave, int *ret_reader)
{
	int ends[2];
	int fd = -1;

	switch (to) {
	case RUN_TO_MEMORY:
		fd = memfd_create("output", MFD_CLOEXEC);
		MUST(fd >= 0);
		*ret_reader = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		break;
	case RUN_TO_PIPE:
		MUST(pipe2(ends, O_CLOEXEC) == 0);
		*ret_reader = ends[0];
		fd = ends[1];
		break;
	case RUN_TO_TERMINAL:
		fd = fcntl(slave, F_DUPFD_CLOEXEC, 3);
		break;
	case RUN_TO_FULL:
		fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
		MUST(fd >= 0);
		break;
	case RUN_TO_NOBODY:
		MUST(pipe2(ends, O_CLOEXEC) == 0);
		(void)close(ends[0]);
		fd = ends[1];
		break;
	case RUN_TO_NOTHING:
		break;
	}
	return fd;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static const char *program_path(const struct run_request *q)
{
	if (q->program == NULL)
		return run_binary();
	const char *path = run_find(q->program);
	cr_assert(path != NULL, "run: no program %s", q->program);
	return path;
}

void run_start(const struct run_request *q, struct run_child *ret)
{
	const char *path = program_path(q);
	char *argv[WORDS_MAX] = { 0 };
	size_t n = 0;
	int slave = -1;

	*ret = (struct run_child){
		.request = q, .out = -1, .err = -1, .terminal = -1, .input = -1, .pidfd = -1
	};
	ret->result.out = keep(NULL, 0);
	ret->result.err = keep(NULL, 0);
	if (!q->no_argv)
		argv[n++] = (char *)(uintptr_t)(q->argv0     ? q->argv0
		                                : q->program ? q->program
		                                             : "dutybox");
	for (size_t i = 0; q->words != NULL && q->words[i] != NULL; i++) {
		cr_assert(n < WORDS_MAX - 1, "run: too many words");
		argv[n++] = (char *)(uintptr_t)q->words[i];
	}
	if (q->out_to == RUN_TO_TERMINAL || q->err_to == RUN_TO_TERMINAL ||
	    q->from == RUN_FROM_TERMINAL)
		ret->terminal = open_terminal(q, &slave);

	struct ends ends = { .in = open_input(q, slave, &ret->input),
		             .out = open_output(q->out_to, slave, &ret->out),
		             .err = open_output(q->err_to, slave, &ret->err) };

	ret->pid = fork();
	MUST(ret->pid >= 0);
	if (ret->pid == 0)
		become_program(q, path, argv, ends);
	ret->pidfd = pidfd_open(ret->pid, 0);
	(void)signal(SIGPIPE, SIG_IGN); /* a child that does not read its input is no accident */
	close_end(&ends.in);
	close_end(&ends.out);
	close_end(&ends.err);
	close_end(&slave);
	if (q->from == RUN_FROM_TERMINAL)
		MUST(write(ret->terminal, q->input, input_len(q)) == (ssize_t)input_len(q));
}

static void append(char **bytes, size_t *len, const char *more, size_t n)
{
	struct kept *k = (struct kept *)(void *)(*bytes - offsetof(struct kept, bytes));
	struct kept **link = &all_kept;

	while (*link != k)
		link = &(*link)->next;
	k = realloc(k, sizeof(*k) + *len + n + 1);
	MUST(k != NULL);
	*link = k;
	memcpy(k->bytes + *len, more, n);
	*len += n;
	k->bytes[*len] = '\0';
	*bytes = k->bytes;
}

/* Adds what can be read now; false at the end of the stream. */
static bool read_some(int fd, char **bytes, size_t *len, bool from_file)
{
	static char buffer[1 << 16];
	ssize_t n = from_file ? pread(fd, buffer, sizeof(buffer), (off_t)*len)
	                      : read(fd, buffer, sizeof(buffer));

	if (n > 0)
		append(bytes, len, buffer, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

static void feed(struct run_child *c)
{
	enum { PIECE = 977 }; /* never lines up with anything */
	size_t left = input_len(c->request) - c->fed;
	ssize_t n = 0;

	if (left > 0)
		n = write(c->input, (const char *)c->request->input + c->fed,
		          left < PIECE ? left : PIECE);
	if (n > 0)
		c->fed += (size_t)n;
	if (n <= 0 || c->fed == input_len(c->request))
		close_end(&c->input);
}

/* Moves bytes once, waiting up to POLL_MS for something to do. */
static void pump_once(struct run_child *c)
{
	struct run *r = &c->result;
	bool out_is_file = c->request->out_to == RUN_TO_MEMORY;
	bool err_is_file = c->request->err_to == RUN_TO_MEMORY;
	struct pollfd fds[] = { { .fd = out_is_file ? -1 : c->out, .events = POLLIN },
		                { .fd = err_is_file ? -1 : c->err, .events = POLLIN },
		                { .fd = c->terminal_ended ? -1 : c->terminal, .events = POLLIN },
		                { .fd = c->input, .events = POLLOUT },
		                { .fd = c->pidfd, .events = POLLIN } };

	(void)poll(fds, 5, POLL_MS);
	if (fds[0].revents != 0 && !read_some(c->out, &r->out, &r->out_len, false))
		close_end(&c->out);
	if (fds[1].revents != 0 && !read_some(c->err, &r->err, &r->err_len, false))
		close_end(&c->err);
	if (fds[2].revents != 0 && !read_some(c->terminal, &r->out, &r->out_len, false))
		c->terminal_ended =
			true; /* but open until the child is gone: closing hangs up on it */
	if (fds[3].revents != 0)
		feed(c);
	while (out_is_file && c->out >= 0 && read_some(c->out, &r->out, &r->out_len, true))
		;
	while (err_is_file && c->err >= 0 && read_some(c->err, &r->err, &r->err_len, true))
		;
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t deadline(const struct run_child *c)
{
	unsigned seconds = c->request->seconds != 0 ? c->request->seconds : SECONDS_DEFAULT;

	return now_ms() + (int64_t)seconds * 1000;
}

static bool has_ended(const struct run_child *c, int options)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT | options) == 0 &&
	       info.si_pid == c->pid;
}

void run_wait_for(struct run_child *c, const char *text)
{
	int64_t end = deadline(c);

	for (;;) {
		bool ended = has_ended(c, WNOHANG);

		pump_once(c);
		if (memmem(c->result.out, c->result.out_len, text, strlen(text)) != NULL ||
		    memmem(c->result.err, c->result.err_len, text, strlen(text)) != NULL)
			return;
		if (ended || now_ms() >= end) {
			(void)kill(c->pid, SIGKILL);
			cr_assert_fail("run: waited in vain for \"%s\"; out: %s err: %s", text,
			               c->result.out, c->result.err);
		}
	}
}

/* A report of a sanitizer is a failure whatever the test looks at. */
static void judge_sanitizer(const struct run_child *c)
{
	static const char *const signs[] = { "Sanitizer: ", "Sanitizer CHECK", "runtime error: " };
	const struct run *r = &c->result;
	bool bad = run_is_sanitized() && r->status == SANITIZER_STATUS;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		bad = bad || memmem(r->err, r->err_len, signs[i], strlen(signs[i])) != NULL;
	if (bad && !c->request->may_complain) {
		(void)fwrite(r->err, 1, r->err_len, stderr);
		cr_assert_fail("a sanitizer reported an error");
	}
}

struct run run_finish(struct run_child *c)
{
	int64_t end = deadline(c);
	int status = 0;
	size_t before;

	while (!has_ended(c, WNOHANG)) {
		pump_once(c);
		if (now_ms() >= end && !c->result.timed_out) {
			c->result.timed_out = true;
			(void)kill(c->pid, SIGKILL);
		}
	}
	close_end(&c->input);
	do { /* what is still in pipes; descendants may hold them open, so not until their end */
		before = c->result.out_len + c->result.err_len;
		pump_once(c);
	} while (c->result.out_len + c->result.err_len != before);
	MUST(waitpid(c->pid, &status, 0) == c->pid);
	close_end(&c->out);
	close_end(&c->err);
	close_end(&c->terminal);
	close_end(&c->pidfd);
	c->result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	cr_assert(c->result.status < 250 || c->result.status > 254 || c->request->program != NULL,
	          "run: the child could not be set up (%d)", c->result.status);
	if (c->request->program == NULL)
		judge_sanitizer(c);
	cr_expect(!c->result.timed_out, "run: killed at its time limit; out: %s err: %s",
	          c->result.out, c->result.err);
	return c->result;
}

struct run run_argv(const struct run_request *request)
{
	struct run_child child;

	run_start(request, &child);
	return run_finish(&child);
}

struct run run_words(const char *const *words)
{
	return run_argv(&(const struct run_request){ .words = words });
}

struct run run_peer(const char *name, const char *const *words)
{
	return run_argv(&(const struct run_request){ .program = name, .words = words });
}
