/* SPDX-License-Identifier: MIT */
#include "sys/spawn.h"

#include "base/mem.h"
#include "sys/command_path.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

/* The interpreter of files that the kernel cannot execute, as execvp() has it. */
static const char shell[] = "/bin/sh";

/* Is there a file of that name that is none to be executed? */
static bool is_in_the_way(struct command_path *path, const char *name)
{
	for (size_t i = 0; i < command_path_len(path); i++) {
		switch (command_path_explain(path, i, name).verdict) {
		case COMMAND_IS_DIR:
		case COMMAND_NOT_REGULAR:
		case COMMAND_DENIED:
		case COMMAND_NO_EXEC_MOUNT:
			return true;
		case COMMAND_FOUND:
		case COMMAND_DIR_DENIED:
		case COMMAND_DIR_MISSING:
		case COMMAND_DIR_NO_DIR:
		case COMMAND_MISSING:
		case COMMAND_DANGLING:
		case COMMAND_LINK_LOOP:
		case COMMAND_TOO_LONG:
		case COMMAND_SKIPPED:
		case COMMAND_TROUBLE:
		default:
			break;
		}
	}
	return false;
}

/* Relative elements of the list count from where the box is, wherever the program will start. */
static void add_found(const struct command_path *path, size_t dir, const char *name,
                      struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf found = { 0 };
	AUTO_FREE_STR char *cwd = NULL;

	command_path_add(path, dir, name, &found);
	if (found.data[0] != '/')
		cwd = get_current_dir_name();
	if (cwd != NULL && cwd[0] == '/')
		command_path_add_absolute(ret, cwd, found.data);
	else
		strbuf_add(ret, found.data, found.len);
}

int spawn_find(const char *list, const char *name, struct strbuf *ret)
{
	AUTO_FREE(command_path) struct command_path *path = NULL;
	struct command_matches matches = { 0 };
	int r = 0;

	if (strchr(name, '/') != NULL) {
		strbuf_add_str(ret, name);
		return 0;
	}
	if (*name == '\0')
		return -ENOENT;
	path = command_path_new(list, X_OK, 1);
	command_path_find(path, name, NULL, false, &matches);
	if (matches.len > 0)
		add_found(path, matches.items[0].dir, name, ret);
	else
		r = is_in_the_way(path, name) ? -EACCES : -ENOENT;
	vec_release(&matches);
	return r;
}

/* 0 or an errno value, as the functions of the family have it. */
static int prepare_descriptor(posix_spawn_file_actions_t *actions, int from, int to)
{
	if (from == SPAWN_INHERIT)
		return 0;
	if (from == SPAWN_NULL)
		return posix_spawn_file_actions_addopen(actions, to, "/dev/null", O_RDWR, 0);
	return posix_spawn_file_actions_adddup2(actions, from, to);
}

static int prepare_actions(const struct spawn_request *request, posix_spawn_file_actions_t *actions)
{
	int err = 0;

	if (request->dir != SPAWN_INHERIT)
		err = posix_spawn_file_actions_addfchdir_np(actions, request->dir);
	for (int i = 0; err == 0 && i < (int)ARRAY_LEN(request->fds); i++)
		err = prepare_descriptor(actions, request->fds[i], i);
	return err;
}

static int prepare_signals(const struct spawn_request *request, posix_spawnattr_t *attributes)
{
	short flags = 0;
	int err = 0;

	if (request->mask != NULL) {
		flags = POSIX_SPAWN_SETSIGMASK;
		err = posix_spawnattr_setsigmask(attributes, request->mask);
	}
	if (err == 0 && request->defaults != NULL) {
		flags = (short)(flags | POSIX_SPAWN_SETSIGDEF);
		err = posix_spawnattr_setsigdefault(attributes, request->defaults);
	}
	return err != 0 ? err : posix_spawnattr_setflags(attributes, flags);
}

/* How the child differs from its parent. */
struct preparation {
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
};

static int spawn_file(const struct spawn_request *request, const struct preparation *how,
                      const char *file, char *const *argv, pid_t *ret)
{
	return -posix_spawn(ret, file, &how->actions, &how->attributes, argv, request->envp);
}

static int spawn_script(const struct spawn_request *request, const struct preparation *how,
                        pid_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf file = { 0 };
	size_t n = 0;
	char **argv;
	int r;

	while (request->argv[n] != NULL)
		n++;
	/* The shell must not take it for an option. */
	if (request->file[0] == '-')
		strbuf_add_str(&file, "./");
	strbuf_add_str(&file, request->file);
	argv = mem_alloc_array(n + 2, sizeof(*argv));
	argv[0] = mem_strdup(shell);
	argv[1] = file.data;
	/* Behind argv[0], with the NULL. */
	memcpy(argv + 2, request->argv + 1, n * sizeof(*argv));
	r = spawn_file(request, how, shell, argv, ret);
	free(argv[0]);
	free(argv);
	return r;
}

static int spawn_prepared(const struct spawn_request *request, const struct preparation *how,
                          struct spawn_child *ret)
{
	struct spawn_child child = { .pidfd = -1 };
	int r = spawn_file(request, how, request->file, request->argv, &child.pid);

	if (r == -ENOEXEC)
		r = spawn_script(request, how, &child.pid);
	if (r < 0)
		return r;
	/* The number cannot belong to another process before the child was waited for. */
	child.pidfd = pidfd_open(child.pid, 0);
	*ret = child;
	return 0;
}

int spawn_start(const struct spawn_request *request, struct spawn_child *ret)
{
	struct preparation how;
	int err = posix_spawn_file_actions_init(&how.actions);

	if (err != 0)
		return -err;
	err = posix_spawnattr_init(&how.attributes);
	if (err == 0) {
		err = prepare_actions(request, &how.actions);
		if (err == 0)
			err = prepare_signals(request, &how.attributes);
		if (err == 0)
			err = -spawn_prepared(request, &how, ret);
		(void)posix_spawnattr_destroy(&how.attributes);
	}
	(void)posix_spawn_file_actions_destroy(&how.actions);
	return -err;
}

int spawn_failure_code(int err)
{
	switch (-err) {
	case ENOENT:
		return SPAWN_CODE_NOT_FOUND;
	case EAGAIN:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return SPAWN_CODE_FAILED;
	default:
		return SPAWN_CODE_NO_EXEC;
	}
}

int spawn_wait(struct spawn_child *child, int *ret_status)
{
	int status = 0;
	int r = waitpid(child->pid, &status, 0) < 0 ? -errno : 0;

	if (r == -EINTR)
		return r;
	if (child->pidfd >= 0)
		(void)close(child->pidfd);
	*child = (struct spawn_child){ .pidfd = -1 };
	if (r == 0)
		*ret_status = status;
	return r;
}

int spawn_signal(const struct spawn_child *child, int signo)
{
	return kill(child->pid, signo) < 0 ? -errno : 0;
}

int spawn_status_code(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

void spawn_collect_begin(struct spawn_collect *ret)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	*ret = (struct spawn_collect){ .changed = false };
	(void)sigaction(SIGCHLD, NULL, &ret->before);
	ret->changed =
		ret->before.sa_handler == SIG_IGN || (ret->before.sa_flags & SA_NOCLDWAIT) != 0;
	if (!ret->changed)
		return;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGCHLD, &action, NULL);
}

void spawn_collect_end(struct spawn_collect *collect)
{
	if (collect->changed)
		(void)sigaction(SIGCHLD, &collect->before, NULL);
	collect->changed = false;
}
