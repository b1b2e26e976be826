/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include "base/quote.h"
#include "base/sig.h"
#include "sys/command_path.h"
#include "sys/spawn_setup.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>

struct environment {
	VEC_FIELDS(char *);
};

static bool is_replaced(const struct strv *env, const char *variable)
{
	size_t len = strcspn(variable, "=") + 1;

	for (size_t i = 0; env != NULL && i < env->len; i++) {
		if (strncmp(env->items[i], variable, len) == 0)
			return true;
	}
	return false;
}

/* Strings are borrowed; execve(2) does not write to them. */
static void build_environment(const struct strv *env, struct environment *ret)
{
	for (char **at = environ; *at != NULL; at++) {
		if (!is_replaced(env, *at))
			vec_push(ret, *at);
	}
	for (size_t i = 0; env != NULL && i < env->len; i++) {
		char *text;

		memcpy(&text, &env->items[i], sizeof(text));
		vec_push(ret, text);
	}
	vec_push(ret, NULL);
}

static int start(const struct command *c, char *const *envp, struct spawn_child *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf file = { 0 };
	AUTO_FREE_STR char *standard = NULL;
	const char *list = getenv("PATH");
	struct spawn_request request = { .argv = c->words, .envp = envp, .dir = SPAWN_INHERIT };
	struct spawn_setup setup = { .group = SPAWN_SAME_GROUP,
		                     .terminal = -1,
		                     .cgroup = -1,
		                     .keeps_descriptors = c->keeps_descriptors };
	enum spawn_step step;
	int r;

	if (list == NULL) {
		standard = command_path_default();
		list = standard;
	}
	r = spawn_find(list, c->words[0], &file);
	if (r < 0)
		return r;
	request.file = strbuf_str(&file);
	memcpy(request.fds, c->fds, sizeof(request.fds));
	return spawn_start_with(&request, &setup, ret, &step);
}

/* What the box was told to do before or meanwhile, the command is told, once. */
static void pass_on(const struct spawn_child *child, bool *told)
{
	if (!sig_stopped() || *told)
		return;
	*told = true;
	if (sig_number() != SIGINT)
		ignore(spawn_signal(child, sig_number()));
}

/*
 * Until it has ended. Between a look at what has arrived and the wait nothing can arrive unseen:
 * the signals are only let in while it waits. Without a pidfd there is such a moment.
 */
static void wait_for_end(const struct spawn_child *child)
{
	struct pollfd end = { .fd = child->pidfd, .events = POLLIN };
	bool told = false;
	sigset_t stops;
	sigset_t before;

	(void)sigemptyset(&stops);
	(void)sigaddset(&stops, SIGINT);
	(void)sigaddset(&stops, SIGTERM);
	(void)sigaddset(&stops, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &stops, &before);
	do {
		pass_on(child, &told);
	} while (ppoll(&end, 1, NULL, &before) < 0 && errno == EINTR);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int wait_for(struct spawn_child *child)
{
	bool told = false;
	int status, r;

	if (child->pidfd >= 0) {
		wait_for_end(child);
		told = true;
	}
	do {
		pass_on(child, &told);
		r = spawn_wait(child, &status);
	} while (r == -EINTR);
	return r == 0 ? spawn_status_code(status) : SPAWN_CODE_FAILED;
}

static int report(struct diag *d, const char *name, int err)
{
	AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };

	quote_shell_always(&quoted, name, strlen(name));
	diag_warn(d, NULL, "cannot run %s: %s", strbuf_str(&quoted), strerrordesc_np(-err));
	return spawn_failure_code(err);
}

int command_start(struct diag *d, const struct command *c, struct command_child *ret)
{
	struct environment env = { 0 };
	int r;

	build_environment(c->env, &env);
	spawn_collect_begin(&ret->collect);
	r = start(c, env.items, &ret->process);
	vec_release(&env);
	if (r == 0)
		return 0;
	spawn_collect_end(&ret->collect);
	return report(d, c->words[0], r);
}

int command_wait(struct command_child *child)
{
	int status = wait_for(&child->process);

	spawn_collect_end(&child->collect);
	return status;
}

int command_run(struct diag *d, const struct command *c)
{
	struct command_child child;
	int status = command_start(d, c, &child);

	return status == 0 ? command_wait(&child) : status;
}
