/* SPDX-License-Identifier: MIT */
/* What is kept of finished jobs: GNU parallel's job log, and its files below a directory. */
#include "parallel.h"

#include "base/fdio.h"
#include "base/joblog.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { LOG_MAX = 1 << 30, NAME_LEN_MAX = 200, COPY_SIZE = 64 * 1024 };

struct logged {
	uint64_t seq;
	size_t line;
	bool failed;
};

struct all_logged {
	VEC_FIELDS(struct logged);
};

static int compare(const void *a, const void *b)
{
	const struct logged *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Of several lines about a job the last one counts. */
static void keep_done(struct parallel *p, struct all_logged *all)
{
	if (all->len > 0)
		qsort(all->items, all->len, sizeof(*all->items), compare);
	for (size_t i = 0; i < all->len; i++) {
		const struct logged *job = &all->items[i];
		bool is_last = i + 1 == all->len || all->items[i + 1].seq != job->seq;

		if (is_last && !(job->failed && p->opts->resume_failed))
			vec_push(&p->before, job->seq);
	}
}

static void read_lines(struct parallel *p, const char *text, size_t len)
{
	struct all_logged all = { 0 };
	size_t line = 0;

	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = (size_t)(end - text);
		struct joblog_entry entry;

		if (joblog_parse(text, n, &entry) == 0)
			vec_push(&all,
			         (struct logged){ .seq = entry.seq,
			                          .line = line,
			                          .failed = entry.exit != 0 || entry.signal != 0 });
		text += n + 1;
		len -= n + 1;
		line++;
	}
	keep_done(p, &all);
	vec_release(&all);
}

/* What was done before. The rest of a line that a killed run left is taken away. */
static int read_log(struct parallel *p)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int err = fdio_read_all(p->joblog, LOG_MAX, &text);
	size_t whole = joblog_whole_len(strbuf_str(&text), text.len);

	if (err < 0)
		return err;
	read_lines(p, strbuf_str(&text), whole);
	return ftruncate(p->joblog, (off_t)whole) < 0 ? -errno : 0;
}

static bool is_regular(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static int prepare_log(struct parallel *p, bool resumes)
{
	struct stat st;
	int err = 0;

	if (!is_regular(p->joblog))
		return resumes ? -EINVAL : 0;
	/* Of two runs with one log, each would begin the other's jobs again. */
	if (flock(p->joblog, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -EBUSY;
	if (resumes)
		err = read_log(p);
	else if (ftruncate(p->joblog, 0) < 0)
		err = -errno;
	if (err == 0 && fstat(p->joblog, &st) < 0)
		err = -errno;
	if (err == 0 && st.st_size == 0)
		err = fdio_write_all(p->joblog, joblog_header, strlen(joblog_header));
	return err;
}

static int open_log(struct parallel *p)
{
	const char *path = p->opts->joblog;
	bool resumes = p->opts->resume || p->opts->resume_failed;
	int err;

	if (path == NULL || (p->opts->dry_run && !resumes))
		return 0;
	p->joblog =
		open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
	err = p->joblog < 0 ? -errno : prepare_log(p, resumes);
	if (err == 0)
		return 0;
	diag_warn(p->r->ctx->diag, path, "cannot use it as the job log: %s",
	          err == -EBUSY ? "another run does" : strerrordesc_np(-err));
	return CODE_PARALLEL_FAILED;
}

int logs_open(struct parallel *p)
{
	int status = open_log(p);

	if (status != 0 || p->opts->results == NULL || p->opts->dry_run)
		return status;
	if (mkdir(p->opts->results, 0777) < 0 && errno != EEXIST) {
		diag_warn(p->r->ctx->diag, p->opts->results, "cannot make the directory: %s",
		          strerrordesc_np(errno));
		return CODE_PARALLEL_FAILED;
	}
	p->results = open(p->opts->results, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p->results >= 0)
		return 0;
	diag_warn(p->r->ctx->diag, p->opts->results, "cannot open: %s", strerrordesc_np(errno));
	return CODE_PARALLEL_FAILED;
}

void logs_close(struct parallel *p)
{
	if (p->joblog >= 0)
		(void)close(p->joblog);
	if (p->results >= 0)
		(void)close(p->results);
	p->joblog = -1;
	p->results = -1;
	vec_release(&p->before);
}

bool logs_have(const struct parallel *p, uint64_t seq)
{
	size_t low = 0, high = p->before.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->before.items[middle] == seq)
			return true;
		if (p->before.items[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* What was ended for another reason than its own comes back with --resume. */
static bool is_worth_a_line(const struct parallel *p, const struct finished *job)
{
	return job->result.outcome.code == 0 || (p->r->stop_signal == 0 && !p->halted);
}

void logs_add(struct parallel *p, const struct finished *job)
{
	AUTO_RELEASE_STRBUF struct strbuf command = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	const struct outcome *o = &job->result.outcome;
	struct joblog_entry entry = { .seq = job->job.seq,
		                      .started = job->result.started,
		                      .wall_ns = job->result.wall_ns,
		                      .received = job->out[0].len,
		                      .exit = o->code };
	int err;

	if (p->joblog < 0 || !is_worth_a_line(p, job))
		return;
	/* As GNU parallel: 0 and the number for one that a signal ended; a time limit is -1 there.
	 */
	if (o->started && WIFSIGNALED(o->wait_status)) {
		entry.signal = WTERMSIG(o->wait_status);
		entry.exit = o->timed_out ? o->code : 0;
	}
	job_add_command(&job->job, &command);
	entry.command = strbuf_str(&command);
	entry.command_len = command.len;
	joblog_add(&line, &entry);
	err = fdio_write_all(p->joblog, line.data, line.len);
	if (err < 0)
		parallel_fail(p, err, "write", p->opts->joblog);
}

/* A value as the name of a directory: never one with a meaning, nor one that is too long. */
static void add_name(struct strbuf *ret, const char *value, uint64_t seq)
{
	size_t begin = ret->len;
	bool is_dots = strcmp(value, ".") == 0 || strcmp(value, "..") == 0;

	if (*value == '\0')
		strbuf_add_str(ret, "\\0");
	if (is_dots)
		strbuf_add_char(ret, '\\');
	for (; *value != '\0'; value++) {
		if (*value == '/')
			strbuf_add_str(ret, "\\_");
		else if (*value == '\\')
			strbuf_add_str(ret, "\\\\");
		else
			strbuf_add_char(ret, *value);
	}
	if (ret->len - begin <= NAME_LEN_MAX)
		return;
	strbuf_truncate(ret, begin + NAME_LEN_MAX);
	strbuf_add_format(ret, "\\+%llu", (unsigned long long)seq);
}

/* Makes `name` in `*dir` and goes there. 0 or -errno. */
static int enter(int *dir, const char *name)
{
	int next;

	if (mkdirat(*dir, name, 0777) < 0 && errno != EEXIST)
		return -errno;
	next = openat(*dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return -errno;
	(void)close(*dir);
	*dir = next;
	return 0;
}

/* 1/VALUE/2/VALUE... below the directory. The descriptor, or -errno. */
static int enter_values(struct parallel *p, const struct job *job)
{
	const char *value = strbuf_str(&job->values);
	int dir = fcntl(p->results, F_DUPFD_CLOEXEC, 3);
	int err = dir < 0 ? -errno : 0;

	for (size_t i = 0; i < job->n_values && err == 0; i++, value += strlen(value) + 1) {
		AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

		strbuf_add_u64(&name, i + 1);
		err = enter(&dir, strbuf_str(&name));
		strbuf_clear(&name);
		add_name(&name, value, job->seq);
		if (err == 0)
			err = enter(&dir, strbuf_str(&name));
	}
	if (err < 0 && dir >= 0)
		(void)close(dir);
	return err < 0 ? err : dir;
}

static int copy_to(const struct stretch *from, int to)
{
	char *buffer = mem_alloc(COPY_SIZE);
	uint64_t at = 0;
	int err = 0;

	while (at < from->len && err == 0) {
		ssize_t n = pread(from->fd, buffer, COPY_SIZE, (off_t)(from->at + at));

		if (n <= 0)
			err = n < 0 ? -errno : -EIO;
		else
			err = fdio_write_all(to, buffer, (size_t)n);
		at += n > 0 ? (uint64_t)n : 0;
	}
	free(buffer);
	return err;
}

static int write_result(int dir, const char *name, const struct stretch *from)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	int err = fd < 0 ? -errno : copy_to(from, fd);

	if (fd >= 0 && close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}

static int write_seq(int dir, uint64_t seq)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int fd = openat(dir, "seq", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	int err;

	if (fd < 0)
		return -errno;
	strbuf_add_u64(&text, seq);
	err = fdio_write_all(fd, text.data, text.len);
	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}

void results_add(struct parallel *p, const struct finished *job)
{
	int dir, err;

	if (p->results < 0)
		return;
	dir = enter_values(p, &job->job);
	err = dir < 0 ? dir : write_result(dir, "stdout", &job->out[0]);
	if (err == 0)
		err = write_result(dir, "stderr", &job->out[1]);
	if (err == 0)
		err = write_seq(dir, job->job.seq);
	if (dir >= 0)
		(void)close(dir);
	if (err < 0)
		parallel_fail(p, err, "write below", p->opts->results);
}
