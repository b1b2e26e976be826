/* SPDX-License-Identifier: MIT */
#include "cli/system_log.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/quote.h"
#include "base/strbuf.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { MESSAGE_MAX = 4096, PATIENCE_S = 2, FACILITY_SHIFT = 3 };

static const struct {
	const char *name;
	int number;
} facilities[] = {
	{ "kern", 0 },      { "user", 1 },    { "mail", 2 },    { "daemon", 3 },  { "auth", 4 },
	{ "syslog", 5 },    { "lpr", 6 },     { "news", 7 },    { "uucp", 8 },    { "cron", 9 },
	{ "authpriv", 10 }, { "ftp", 11 },    { "local0", 16 }, { "local1", 17 }, { "local2", 18 },
	{ "local3", 19 },   { "local4", 20 }, { "local5", 21 }, { "local6", 22 }, { "local7", 23 },
};

struct system_log {
	struct sockaddr_un address;
	char *program;
	int facility;
	int type; /* SOCK_DGRAM, or SOCK_STREAM for the few daemons that want that */
	pthread_mutex_t lock;
	int fd;    /* -1 after the daemon went away */
	bool dead; /* it hangs */
};

static int facility_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(facilities); i++)
		if (strcmp(facilities[i].name, name) == 0)
			return facilities[i].number;
	return -EINVAL;
}

bool system_log_knows(const char *facility)
{
	return facility_number(facility) >= 0;
}

/* 0 or -errno; log->fd is the connection. */
static int connect_as(struct system_log *log, int type)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)(const void *)&log->address,
	            sizeof(log->address)) != 0) {
		int err = errno;

		(void)close(fd);
		return -err;
	}
	log->fd = fd;
	log->type = type;
	return 0;
}

static int reconnect(struct system_log *log)
{
	int r;

	if (log->fd >= 0)
		(void)close(log->fd);
	log->fd = -1;
	r = connect_as(log, SOCK_DGRAM);
	return r == -EPROTOTYPE ? connect_as(log, SOCK_STREAM) : r;
}

int system_log_open(const char *socket, const char *facility, const char *program,
                    struct system_log **ret)
{
	AUTO_FREE(system_log) struct system_log *log = mem_alloc_zeroed(sizeof(*log));
	size_t len = strlen(socket);
	int r;

	log->fd = -1;
	log->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	log->facility = facility_number(facility);
	if (log->facility < 0)
		return -EINVAL;
	if (len >= sizeof(log->address.sun_path))
		return -ENAMETOOLONG;
	log->address.sun_family = AF_UNIX;
	memcpy(log->address.sun_path, socket, len + 1);
	log->program = mem_strdup(program);
	r = reconnect(log);
	if (r < 0)
		return r;
	*ret = take(&log);
	return 0;
}

struct system_log *system_log_free(struct system_log *log)
{
	if (log == NULL)
		return NULL;
	if (log->fd >= 0)
		(void)close(log->fd);
	free(log->program);
	free(log);
	return NULL;
}

/* All of the line, or an error: the records of a stream end with a NUL. */
static int send_line(const struct system_log *log, const struct strbuf *line)
{
	size_t len = line->len + (log->type == SOCK_STREAM);
	ssize_t n;

	do
		n = send(log->fd, line->data, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	return (size_t)n == len ? 0 : -EAGAIN;
}

int system_log_send(struct system_log *log, enum system_log_level level, const char *message)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	size_t len = strlen(message);
	int r = -EAGAIN;

	strbuf_add_format(&line, "<%d>", log->facility << FACILITY_SHIFT | (int)level);
	clock_add_time(&line, clock_wall(), "+%b %e %H:%M:%S");
	strbuf_add_format(&line, " %s[%d]: ", log->program, (int)getpid());
	quote_add_masked(&line, message, len < MESSAGE_MAX ? len : MESSAGE_MAX);
	(void)pthread_mutex_lock(&log->lock);
	if (!log->dead) {
		r = log->fd >= 0 ? send_line(log, &line) : -ENOTCONN;
		/* A daemon that was started anew has a new socket. */
		if (r < 0 && r != -EAGAIN && r != -EMSGSIZE) {
			r = reconnect(log);
			if (r == 0)
				r = send_line(log, &line);
		}
		log->dead = r == -EAGAIN;
	}
	(void)pthread_mutex_unlock(&log->lock);
	return r;
}
