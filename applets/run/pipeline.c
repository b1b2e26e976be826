/* SPDX-License-Identifier: MIT */
/*
 * --pipe: several commands, each reading what the one before it writes, without a shell. A process
 * of ours leads them, in their group: it starts them, waits for all of them, and leaves as the
 * pipeline as a whole does. To the keeper it is the command; what became of each stage is told
 * through memory that both have.
 */
#include "pipeline.h"

#include "base/word_split.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { STAGES_MAX = 1000, CODE_UNKNOWN = -1 };

struct stage {
	struct strbuf words; /* NUL behind each */
	char **argv;         /* in `words` */
	struct strbuf file;
	int find_err;
	pid_t pid; /* in the leader; 0: it does not run */
};

struct pipeline {
	struct stage *stages;
	size_t n;
	int *codes; /* shared; CODE_UNKNOWN: it has not ended */
};

static int split(struct run *r, const char *text, struct stage *stage)
{
	struct text_error where = { .reason = "no command" };
	size_t n = 0;
	char *at;

	if (r->opts->shell) {
		strbuf_add(&stage->words, "sh\0-c", 6);
		strbuf_add(&stage->words, text, strlen(text) + 1);
		n = 3;
	} else if (word_split(text, strlen(text), &stage->words, &n, &where) < 0 || n == 0) {
		return diag_caret(r->ctx->diag, "bad stage of a pipeline", text, &where);
	}
	stage->argv = mem_alloc_array(n + 1, sizeof(*stage->argv));
	at = stage->words.data;
	for (size_t i = 0; i < n; i++, at += strlen(at) + 1)
		stage->argv[i] = at;
	stage->argv[n] = NULL;
	stage->find_err = launch_look(r, stage->argv[0], &stage->file);
	return 0;
}

int pipeline_prepare(struct run *r, char **words)
{
	struct pipeline *p = mem_alloc_zeroed(sizeof(*p));
	size_t n = 0;
	int status = 0;

	r->pipeline = p;
	while (words[n] != NULL)
		n++;
	if (n > STAGES_MAX)
		return diag_usage(r->ctx->diag, "a pipeline of more than 1000 stages");
	p->stages = mem_alloc_zeroed(n * sizeof(*p->stages));
	for (; p->n < n && status == 0; p->n++)
		status = split(r, words[p->n], &p->stages[p->n]);
	if (status != 0)
		return status;
	p->codes = mmap(NULL, n * sizeof(*p->codes), PROT_READ | PROT_WRITE,
	                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->codes == MAP_FAILED) {
		p->codes = NULL;
		return diag_fail_text(r->ctx->diag, NULL, "cannot share memory: %s",
		                      strerrordesc_np(errno));
	}
	return 0;
}

struct pipeline *pipeline_free(struct pipeline *p)
{
	if (p == NULL)
		return NULL;
	for (size_t i = 0; i < p->n; i++) {
		strbuf_release(&p->stages[i].words);
		strbuf_release(&p->stages[i].file);
		free(p->stages[i].argv);
	}
	if (p->codes != NULL)
		(void)munmap(p->codes, p->n * sizeof(*p->codes));
	free(p->stages);
	free(p);
	return NULL;
}

void pipeline_add_codes(const struct pipeline *p, struct strbuf *ret)
{
	for (size_t i = 0; i < p->n; i++) {
		if (i > 0)
			strbuf_add_char(ret, ',');
		if (p->codes[i] == CODE_UNKNOWN)
			strbuf_add_str(ret, "null");
		else
			strbuf_add_u64(ret, (uint64_t)p->codes[i]);
	}
}

/* What the leader has. */
struct lead {
	struct run *r;
	struct pipeline *p;
	struct spawn_request request; /* of the whole */
	struct spawn_setup setup;
	size_t left; /* stages that run */
	int *ends;   /* wait statuses */
};

static int start_stage(struct lead *l, struct stage *stage, const int fds[3])
{
	struct spawn_request request = l->request;
	struct spawn_child child = { .pidfd = -1 };
	enum spawn_step step = SPAWN_STEP_EXEC;
	int err = stage->find_err;

	memcpy(request.fds, fds, sizeof(request.fds));
	request.file = strbuf_str(&stage->file);
	request.argv = stage->argv;
	if (err == 0)
		err = spawn_start_with(&request, &l->setup, &child, &step);
	if (err < 0) {
		/* It is about this one. */
		l->r->launch.argv = stage->argv;
		return report_start_failure(l->r, err, step);
	}
	if (child.pidfd >= 0)
		(void)close(child.pidfd);
	stage->pid = child.pid;
	l->left++;
	return 0;
}

/* Each with the pipe to the next one. */
static void start_stages(struct lead *l)
{
	int in = l->request.fds[0];

	for (size_t i = 0; i < l->p->n; i++) {
		int ends[2] = { -1, -1 };
		int fds[3] = { in, l->request.fds[1], l->request.fds[2] };
		bool is_last = i + 1 == l->p->n;
		int code;

		if (!is_last && pipe2(ends, O_CLOEXEC) < 0)
			_exit(CODE_FAILED);
		if (!is_last)
			fds[1] = ends[1];
		code = start_stage(l, &l->p->stages[i], fds);
		if (code != 0)
			l->p->codes[i] = code;
		if (i > 0)
			(void)close(in);
		if (!is_last)
			(void)close(ends[1]);
		in = ends[0];
	}
	/* Of readers and writers only the stages are left: each sees the end of the other. */
	(void)close_range(3, ~0U, 0);
}

static void collect(struct lead *l)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
		for (size_t i = 0; i < l->p->n; i++) {
			if (l->p->stages[i].pid != pid)
				continue;
			l->p->stages[i].pid = 0;
			l->p->codes[i] = spawn_status_code(wait_status);
			l->ends[i] = wait_status;
			l->left--;
		}
	}
}

/*
 * What ends a run reaches the whole group anyway, or each process of the tree. Other signals come
 * to the leader alone, for the command: that is all stages.
 */
static void pass_on(const struct lead *l, const siginfo_t *info)
{
	int signo = info->si_signo;

	if (signo == SIGCHLD || signo == SIGTERM || signo == SIGINT || signo == SIGHUP ||
	    signo == SIGQUIT || info->si_code != SI_USER || info->si_pid != getppid())
		return;
	for (size_t i = 0; i < l->p->n; i++) {
		if (l->p->stages[i].pid > 0)
			(void)kill(l->p->stages[i].pid, signo);
	}
}

/* A stage whose reader went away has done what was wanted. */
static bool has_failed(const struct lead *l, size_t i)
{
	int code = l->p->codes[i];

	return code != 0 && (i + 1 == l->p->n || code != CODE_SIGNAL + SIGPIPE);
}

/* The last stage that failed decides, and its signal is the leader's. */
NO_RETURN static void leave(const struct lead *l)
{
	static const struct rlimit no_core = { 0, 0 };
	size_t i = l->p->n;
	sigset_t set;

	while (i > 0 && !has_failed(l, i - 1))
		i--;
	if (i == 0)
		_exit(0);
	if (WIFSIGNALED(l->ends[i - 1])) {
		int signo = WTERMSIG(l->ends[i - 1]);

		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(signo, SIG_DFL);
		(void)sigemptyset(&set);
		(void)sigaddset(&set, signo);
		(void)kill(getpid(), signo);
		(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	}
	_exit(l->p->codes[i - 1]);
}

NO_RETURN static void lead(struct run *r, const struct spawn_request *request,
                           const struct spawn_setup *setup)
{
	struct lead l = { .r = r,
		          .p = r->pipeline,
		          .request = *request,
		          .setup = *setup,
		          .ends = mem_alloc_zeroed(r->pipeline->n * sizeof(int)) };
	sigset_t signals = r->signals;

	(void)sigaddset(&signals, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	diag_mirror(r->ctx->diag, NULL);
	/* In the leader's group, on its terminal, and in its control group by birth. */
	l.setup.group = SPAWN_SAME_GROUP;
	l.setup.terminal = -1;
	l.setup.cgroup = -1;
	start_stages(&l);
	for (collect(&l); l.left > 0; collect(&l)) {
		siginfo_t info;

		if (sigwaitinfo(&signals, &info) > 0)
			pass_on(&l, &info);
	}
	leave(&l);
}

int pipeline_start(struct run *r, const struct spawn_request *request,
                   const struct spawn_setup *setup, struct spawn_child *ret,
                   enum spawn_step *reterr)
{
	int err;

	for (size_t i = 0; i < r->pipeline->n; i++)
		r->pipeline->codes[i] = CODE_UNKNOWN;
	err = spawn_fork_with(setup, ret, reterr);
	if (err == 0 && ret->pid == 0)
		lead(r, request, setup);
	return err;
}
