/* SPDX-License-Identifier: MIT */
/*
 * What jobs write. Grouped, the default: each writes to files of its slot, which are shown when it
 * is over, at once or, in order, when those before it are over; then what waits lies in one more
 * file. In lines: what comes through the pipes of a slot is shown up to the last newline.
 */
#include "parallel.h"

#include "base/clock.h"
#include "base/fdio.h"

#include <errno.h>

enum { COPY_SIZE = 64 * 1024, LINE_MAX_LEN = 1024 * 1024 };

int display_begin(struct parallel *p)
{
	struct run *r = p->r;
	struct progress_opts opts = { .when = (enum progress_when)p->opts->progress,
		                      .fd = STDERR_FILENO,
		                      .program = "run",
		                      .unit = "jobs" };

	if (p->opts->tag != NULL)
		p->tag = job_template_new(&p->opts->tag, 1, JOB_TEMPLATE_AS_IT_IS);
	/* Records have standard output for themselves. */
	if (r->launch.fds[1] >= 0)
		p->out_fd = r->launch.fds[1];
	else if (r->opts->out.json)
		p->out_fd = STDERR_FILENO;
	if (r->launch.fds[2] >= 0)
		p->err_fd = r->launch.fds[2];
	/* What jobs write as they like would stand in the middle of it. */
	if (p->output == JOB_OUTPUT_RAW && opts.when == PROGRESS_AUTO)
		opts.when = PROGRESS_NEVER;
	p->progress = progress_new(&opts);
	if (!p->opts->keep_order)
		return 0;
	p->order.fd = spool_new();
	return p->order.fd < 0 ? p->order.fd : 0;
}

void display_end(struct parallel *p)
{
	if (p->order.fd >= 0)
		(void)close(p->order.fd);
	p->order.fd = -1;
	for (size_t i = 0; i < p->held.len; i++)
		job_release(&p->held.items[i].job);
	vec_release(&p->held);
	p->tag = job_template_free(p->tag);
}

static void show(struct parallel *p, int stream, const char *bytes, size_t len)
{
	int fd = stream == 0 ? p->out_fd : p->err_fd;
	int err;

	if (fd < 0) {
		out_text(p->r->ctx->out, bytes, len);
		return;
	}
	err = fdio_write_all(fd, bytes, len);
	/* Nobody is told when standard error cannot be written. */
	if (err < 0 && fd != STDERR_FILENO)
		parallel_fail(p, err, "write",
		              stream == 0 ? p->r->opts->out_file : p->r->opts->err_file);
}

/* `tag` before each line; *begun: the last piece ended within one. */
static void show_tagged(struct parallel *p, int stream, const struct strbuf *tag, bool *begun,
                        const char *bytes, size_t len)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t n = newline != NULL ? (size_t)(newline - bytes) + 1 : len;

		if (!*begun)
			strbuf_add(&text, tag->data, tag->len);
		strbuf_add(&text, bytes, n);
		*begun = newline == NULL;
		bytes += n;
		len -= n;
	}
	show(p, stream, text.data, text.len);
}

/* A stretch of a file, to `stream`. */
static void show_stretch(struct parallel *p, int stream, const struct stretch *s,
                         const struct strbuf *tag)
{
	char *buffer;
	uint64_t at = 0;
	bool begun = false;

	if (s->len == 0)
		return;
	buffer = mem_alloc(COPY_SIZE);
	while (at < s->len) {
		size_t want = s->len - at < COPY_SIZE ? (size_t)(s->len - at) : COPY_SIZE;
		ssize_t n = pread(s->fd, buffer, want, (off_t)(s->at + at));

		if (n <= 0) {
			parallel_fail(p, n < 0 ? -errno : -EIO, "read the output of a job", NULL);
			break;
		}
		if (tag->len > 0)
			show_tagged(p, stream, tag, &begun, buffer, (size_t)n);
		else
			show(p, stream, buffer, (size_t)n);
		at += (uint64_t)n;
	}
	/* The next tag must not stand inside of this line. */
	if (begun)
		show(p, stream, "\n", 1);
	free(buffer);
}

static void show_job(struct parallel *p, const struct finished *job, const struct strbuf *tag)
{
	bool is_quiet = p->r->opts->capture || (p->r->opts->quiet && job->result.outcome.code == 0);

	if (p->progress != NULL)
		progress_clear(p->progress);
	for (int i = 0; i < 2 && !is_quiet; i++)
		show_stretch(p, i, &job->out[i], tag);
	report_job(p, job);
	out_flush(p->r->ctx->out);
}

/* Is every job before it over, and shown? */
static bool is_its_turn(const struct parallel *p, uint64_t seq)
{
	for (size_t i = 0; i < p->n_slots; i++) {
		if (p->slots[i].busy && p->slots[i].job.seq < seq)
			return false;
	}
	return true;
}

static int copy_stretch(const struct stretch *from, struct stretch *order, struct stretch *ret)
{
	char *buffer = mem_alloc(COPY_SIZE);
	struct stretch to = { .fd = order->fd, .at = order->len };
	int err = 0;

	while (to.len < from->len && err == 0) {
		size_t want =
			from->len - to.len < COPY_SIZE ? (size_t)(from->len - to.len) : COPY_SIZE;
		ssize_t n = pread(from->fd, buffer, want, (off_t)(from->at + to.len));

		if (n <= 0)
			err = n < 0 ? -errno : -EIO;
		else
			err = fdio_write_all(order->fd, buffer, (size_t)n);
		to.len += n > 0 ? (uint64_t)n : 0;
	}
	order->len += to.len;
	free(buffer);
	*ret = to;
	return err;
}

/* Keeps it until its turn, by ascending number. The slot's files are free again. */
static void hold(struct parallel *p, struct finished *job)
{
	size_t at = p->held.len;

	for (int i = 0; i < 2; i++) {
		int err = 0;

		if (job->out[i].len > 0)
			err = copy_stretch(&job->out[i], &p->order, &job->out[i]);
		if (err < 0)
			parallel_fail(p, err, "keep the output of a job", NULL);
	}
	vec_push(&p->held, *job);
	for (; at > 0 && p->held.items[at - 1].job.seq > job->job.seq; at--)
		p->held.items[at] = p->held.items[at - 1];
	p->held.items[at] = *job;
}

void display_held(struct parallel *p)
{
	size_t n = 0;

	while (n < p->held.len && is_its_turn(p, p->held.items[n].job.seq)) {
		struct finished *job = &p->held.items[n++];

		show_job(p, job, &job->tag);
		job_release(&job->job);
		strbuf_release(&job->tag);
	}
	if (n == 0)
		return;
	memmove(p->held.items, p->held.items + n, (p->held.len - n) * sizeof(*p->held.items));
	p->held.len -= n;
	if (p->held.len == 0 && p->order.fd >= 0 && ftruncate(p->order.fd, 0) == 0)
		p->order.len = 0;
}

static void measure(struct slot *slot, struct finished *ret)
{
	for (int i = 0; i < 2; i++) {
		off_t end = slot->p->output == JOB_OUTPUT_GROUPED && slot->out[i] >= 0
		                    ? lseek(slot->out[i], 0, SEEK_END)
		                    : 0;

		ret->out[i] =
			(struct stretch){ .fd = slot->out[i], .len = end > 0 ? (uint64_t)end : 0 };
	}
}

void display_job(struct slot *slot, const struct job_result *result)
{
	struct parallel *p = slot->p;
	struct finished job = { .job = slot->job, .result = *result };

	slot->job = (struct job){ 0 };
	if (p->output == JOB_OUTPUT_LINES)
		display_last_lines(slot);
	measure(slot, &job);
	logs_add(p, &job);
	results_add(p, &job);
	if (p->opts->keep_order && !is_its_turn(p, job.job.seq)) {
		strbuf_add(&job.tag, slot->tag.data, slot->tag.len);
		hold(p, &job);
	} else {
		show_job(p, &job, &slot->tag);
		job_release(&job.job);
	}
	for (int i = 0; i < 2; i++) {
		if (p->output == JOB_OUTPUT_GROUPED && slot->out[i] >= 0)
			ignore(ftruncate(slot->out[i], 0));
	}
	if (p->held.len > 0)
		display_held(p);
}

static void show_line(struct slot *slot, int stream)
{
	struct line *line = &slot->lines[stream];

	strbuf_add_char(&line->text, '\n');
	show(slot->p, stream, line->text.data, line->text.len);
	strbuf_clear(&line->text);
}

/* Whole lines at once; what was begun is kept, and cut when it becomes too long. */
static void add_lines(struct slot *slot, int stream, const char *bytes, size_t len)
{
	struct line *line = &slot->lines[stream];

	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t n = newline != NULL ? (size_t)(newline - bytes) : len;

		if (line->text.len == 0)
			strbuf_add(&line->text, slot->tag.data, slot->tag.len);
		strbuf_add(&line->text, bytes, n);
		if (newline != NULL || line->text.len > LINE_MAX_LEN)
			show_line(slot, stream);
		n += newline != NULL ? 1 : 0;
		bytes += n;
		len -= n;
	}
}

void display_lines(struct slot *slot, int stream)
{
	struct parallel *p = slot->p;
	char *buffer = mem_alloc(COPY_SIZE);
	ssize_t n;

	if (p->progress != NULL)
		progress_clear(p->progress);
	while ((n = read(slot->out[stream], buffer, COPY_SIZE)) > 0) {
		add_lines(slot, stream, buffer, (size_t)n);
		if (n < COPY_SIZE)
			break;
	}
	free(buffer);
	out_flush(p->r->ctx->out);
}

void display_last_lines(struct slot *slot)
{
	for (int i = 0; i < 2; i++) {
		if (slot->out[i] < 0)
			continue;
		display_lines(slot, i);
		if (slot->lines[i].text.len > 0)
			show_line(slot, i);
	}
	out_flush(slot->p->r->ctx->out);
}
