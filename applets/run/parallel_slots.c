/* SPDX-License-Identifier: MIT */
/* Slots: a worker process each, made when the slot is first used. */
#include "parallel.h"

#include "base/clock.h"
#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { TRIES = 6, PAUSE_NS = 20 * 1000 * 1000 };

int slots_begin(struct parallel *p)
{
	p->slots = mem_alloc_array(p->n_slots, sizeof(*p->slots));
	for (size_t i = 0; i < p->n_slots; i++)
		p->slots[i] = (struct slot){
			.p = p, .number = i + 1, .socket = -1, .out = { -1, -1 }, .give = { -1, -1 }
		};
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int open_files(struct slot *slot)
{
	bool merge = slot->p->r->opts->merge;

	for (int i = 0; i < (merge ? 1 : 2); i++) {
		slot->out[i] = spool_new();
		if (slot->out[i] < 0)
			return slot->out[i];
		slot->give[i] = slot->out[i];
	}
	if (merge)
		slot->give[1] = slot->out[0];
	return 0;
}

static void on_lines(uint32_t events, void *user)
{
	struct slot *slot = user;

	(void)events;
	for (int i = 0; i < 2; i++) {
		if (slot->out[i] >= 0)
			display_lines(slot, i);
	}
}

static int open_pipes(struct slot *slot)
{
	bool merge = slot->p->r->opts->merge;

	for (int i = 0; i < (merge ? 1 : 2); i++) {
		int ends[2], err;

		if (pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		slot->out[i] = ends[0];
		slot->give[i] = ends[1];
		/* What jobs write to is theirs alone; only our end must not wait. */
		(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
		err = event_loop_add(slot->p->r->loop, ends[0], EPOLLIN, on_lines, slot);
		if (err < 0)
			return err;
	}
	if (merge)
		slot->give[1] = slot->give[0];
	return 0;
}

static void close_output(struct slot *slot)
{
	for (int i = 0; i < 2; i++) {
		if (slot->out[i] >= 0 && slot->p->output == JOB_OUTPUT_LINES)
			event_loop_remove(slot->p->r->loop, slot->out[i]);
		close_fd(&slot->out[i]);
		slot->give[i] = -1;
	}
}

/* Its end is noticed by the descriptor; who it was is collected by number. */
static void forget_worker(struct slot *slot)
{
	vec_push(&slot->p->retired, slot->worker);
	slot->worker = 0;
	event_loop_remove(slot->p->r->loop, slot->socket);
	/* Workers that were made later have copies of it. */
	(void)shutdown(slot->socket, SHUT_RDWR);
	close_fd(&slot->socket);
	close_output(slot);
}

/* The worker went away with a job: killed, or told to end before it had read of it. */
static void lose_job(struct slot *slot)
{
	struct parallel *p = slot->p;
	int signo = p->r->stop_signal != 0 ? p->r->stop_signal : SIGTERM;
	struct job_result result = { .started = clock_wall() };

	if (p->r->stop_signal == 0 && !p->halted) {
		signo = SIGKILL;
		diag_warn(p->r->ctx->diag, NULL, "job %llu: the process that kept it was killed",
		          (unsigned long long)slot->job.seq);
		orphans_kill(p);
	}
	result.outcome = (struct outcome){ .started = true,
		                           .wait_status = signo,
		                           .code = CODE_SIGNAL + signo };
	parallel_job_ended(slot, &result);
}

static void on_worker(uint32_t events, void *user)
{
	struct slot *slot = user;
	struct job_result result;
	ssize_t n = fdio_read_full(slot->socket, &result, sizeof(result));

	(void)events;
	if (n == (ssize_t)sizeof(result) && slot->busy) {
		parallel_job_ended(slot, &result);
		if (result.is_last)
			forget_worker(slot);
		return;
	}
	if (slot->busy) {
		(void)waitpid(slot->worker, NULL, 0);
		lose_job(slot);
	}
	forget_worker(slot);
}

static int open_output(struct slot *slot)
{
	if (slot->p->output == JOB_OUTPUT_GROUPED)
		return open_files(slot);
	return slot->p->output == JOB_OUTPUT_LINES ? open_pipes(slot) : 0;
}

static int start_worker(struct slot *slot)
{
	int ends[2] = { -1, -1 };
	int err = open_output(slot);

	if (err == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		err = -errno;
	if (err < 0) {
		close_output(slot);
		return err;
	}
	slot->worker = fork();
	if (slot->worker == 0) {
		(void)close(ends[0]);
		slot->socket = ends[1];
		worker_live(slot);
	}
	err = slot->worker < 0 ? -errno : 0;
	(void)close(ends[1]);
	for (int i = 0; i < 2 && slot->p->output == JOB_OUTPUT_LINES; i++) {
		if (slot->give[i] >= 0 && (i == 0 || slot->give[1] != slot->give[0]))
			(void)close(slot->give[i]);
	}
	slot->socket = ends[0];
	if (err == 0)
		err = event_loop_add(slot->p->r->loop, slot->socket, EPOLLIN, on_worker, slot);
	if (err < 0) {
		/* Should it live, the end of its socket ends it. */
		if (slot->worker > 0)
			vec_push(&slot->p->retired, slot->worker);
		slot->worker = 0;
		close_fd(&slot->socket);
		close_output(slot);
	}
	return err;
}

/* When there is no process or descriptor to be had and nobody runs who will give one back. */
static int start_worker_patiently(struct slot *slot)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };
	int err = start_worker(slot);

	for (int i = 0; err < 0 && slot->p->running == 0 && i < TRIES; i++) {
		(void)nanosleep(&pause, NULL);
		pause.tv_nsec *= 2;
		err = start_worker(slot);
	}
	return err;
}

int slots_find(struct parallel *p, struct slot **ret)
{
	for (size_t i = 0; i < p->n_slots; i++) {
		struct slot *slot = &p->slots[i];
		int err = 0;

		if (slot->busy)
			continue;
		if (slot->worker == 0)
			err = start_worker_patiently(slot);
		if (err == 0)
			*ret = slot;
		return err;
	}
	return -EAGAIN;
}

/* As write(2) to all of it, but without SIGPIPE. */
static int send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int slot_start(struct slot *slot, struct job *job)
{
	AUTO_RELEASE_STRBUF struct strbuf message = { 0 };
	uint64_t head[2] = { job->n_words, job->words.len };
	int err;

	strbuf_add(&message, head, sizeof(head));
	strbuf_add(&message, job->words.data, job->words.len);
	err = send_all(slot->socket, message.data, message.len);
	/* It was killed while it had nothing to do: another one. */
	if (err < 0) {
		forget_worker(slot);
		err = start_worker(slot);
		if (err == 0)
			err = send_all(slot->socket, message.data, message.len);
	}
	if (err < 0)
		return err;
	slot->job = *job;
	*job = (struct job){ 0 };
	slot->busy = true;
	slot->p->running++;
	return 0;
}

void slots_signal(struct parallel *p, int signo)
{
	for (size_t i = 0; i < p->n_slots; i++) {
		if (p->slots[i].worker > 0)
			(void)kill(p->slots[i].worker, signo);
	}
}

bool slots_have_worker(const struct parallel *p, pid_t pid)
{
	for (size_t i = 0; i < p->n_slots; i++) {
		if (p->slots[i].worker == pid)
			return true;
	}
	for (size_t i = 0; i < p->retired.len; i++) {
		if (p->retired.items[i] == pid)
			return true;
	}
	return false;
}

/*
 * Workers that were told to end, and whoever they left. One that still has a slot is left to
 * on_worker(), which may have an answer of its to read.
 */
void slots_collect(struct parallel *p)
{
	siginfo_t info = { 0 };
	bool any = false;

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
		pid_t pid = info.si_pid;
		bool has_slot = false;

		for (size_t i = 0; i < p->n_slots; i++)
			has_slot = has_slot || p->slots[i].worker == pid;
		if (has_slot)
			break;
		any = true;
		(void)waitpid(pid, NULL, 0);
		for (size_t i = 0; i < p->retired.len; i++) {
			if (p->retired.items[i] == pid) {
				p->retired.items[i] = vec_last(&p->retired);
				p->retired.len--;
				break;
			}
		}
		info.si_pid = 0;
	}
	if (any)
		orphans_leave(p);
}

void slots_end(struct parallel *p)
{
	for (size_t i = 0; p->slots != NULL && i < p->n_slots; i++) {
		struct slot *slot = &p->slots[i];

		if (slot->worker > 0)
			forget_worker(slot);
		job_release(&slot->job);
		strbuf_release(&slot->tag);
		strbuf_release(&slot->lines[0].text);
		strbuf_release(&slot->lines[1].text);
	}
	for (size_t i = 0; i < p->retired.len; i++)
		(void)waitpid(p->retired.items[i], NULL, 0);
	vec_release(&p->retired);
	vec_release(&p->left);
	free(p->slots);
	p->slots = NULL;
}
