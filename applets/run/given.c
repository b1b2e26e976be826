/* SPDX-License-Identifier: MIT */
/* More of what the command gets: a user, a place in the queues, standard input, memory. */
#include "run.h"

#include "base/env_file.h"
#include "base/fdio.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { ENV_FILE_MAX = 1 << 20, COPY_SIZE = 64 * 1024 };

static void take_variable(const char *variable, void *user)
{
	launch_set_variable(user, variable);
}

/* Line and column, for people. */
static int say_bad_line(struct run *r, const char *path, const struct strbuf *text,
                        const struct text_error *where)
{
	size_t line = 1;

	for (size_t i = 0; i < where->offset; i++)
		line += text->data[i] == '\n';
	return diag_fail_text(r->ctx->diag, path, "line %zu: %s", line, where->reason);
}

int given_env_files(struct run *r)
{
	for (size_t i = 0; i < r->opts->env_files.len; i++) {
		const char *path = r->opts->env_files.items[i];
		AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
		struct text_error where;
		int err = fdio_read_file(AT_FDCWD, path, ENV_FILE_MAX, &text);

		if (err < 0)
			return diag_fail(r->ctx->diag, -err, "read", path);
		if (env_file_parse(strbuf_str(&text), text.len, take_variable, r, &where) < 0)
			return say_bad_line(r, path, &text, &where);
	}
	return 0;
}

static void set_login_variable(struct run *r, const char *name, const char *value)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	if (value == NULL)
		return;
	strbuf_add_format(&text, "%s=%s", name, value);
	launch_set_variable(r, strbuf_str(&text));
}

/* U[:G] */
int given_user(struct run *r)
{
	const char *text = r->opts->user;
	struct login *login = &r->launch.login;
	const char *colon = text != NULL ? strchr(text, ':') : NULL;
	AUTO_FREE_STR char *user = NULL;
	int err;

	if (text == NULL)
		return 0;
	user = mem_strndup(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	err = login_find(user, colon != NULL ? colon + 1 : NULL, login);
	if (err == -ENOENT)
		return diag_usage(r->ctx->diag, "invalid --user: no such user");
	if (err == -ESRCH)
		return diag_usage(r->ctx->diag, "invalid --user: no such group");
	if (err == -EINVAL)
		return diag_usage(r->ctx->diag, "invalid --user: a number without an entry needs a "
		                                "group: UID:GID");
	if (err < 0)
		return diag_fail_text(r->ctx->diag, NULL, "cannot look the user up: %s",
		                      strerrordesc_np(-err));
	r->launch.user = (struct spawn_user){ .uid = login->uid,
		                              .gid = login->gid,
		                              .groups = login->groups,
		                              .groups_len = login->groups_len };
	r->launch.setup.user = &r->launch.user;
	set_login_variable(r, "HOME", login->home);
	set_login_variable(r, "SHELL", login->shell);
	set_login_variable(r, "USER", login->name);
	set_login_variable(r, "LOGNAME", login->name);
	return 0;
}

/* idle, best-effort[:N], realtime[:N]; as ioprio_set(2) numbers them. */
int given_io_priority(struct run *r)
{
	static const struct {
		char name[16];
		int class;
	} classes[] = { { "realtime", 1 }, { "best-effort", 2 }, { "idle", 3 } };
	enum { CLASS_SHIFT = 13, LEVEL_DEFAULT = 4, LEVEL_MAX = 7, CLASS_IDLE = 3 };
	const char *text = r->opts->ionice;
	size_t len = text != NULL ? strcspn(text, ":") : 0;
	uint64_t level = LEVEL_DEFAULT;

	if (text == NULL)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		int class = classes[i].class;

		if (strlen(classes[i].name) != len || memcmp(classes[i].name, text, len) != 0)
			continue;
		if (text[len] == ':' &&
		    (class == CLASS_IDLE || num_parse_u64(text + len + 1, &level) < 0 ||
		     level > LEVEL_MAX))
			break;
		r->launch.setup.sets_io_priority = true;
		r->launch.setup.io_priority =
			class << CLASS_SHIFT | (class == CLASS_IDLE ? 0 : (int)level);
		return 0;
	}
	return diag_usage(r->ctx->diag, "invalid --ionice: idle, best-effort[:N] or realtime[:N], "
	                                "N from 0 to 7");
}

/* As a shell's <<<: with a newline in the end. */
static int open_text(const struct run *r, const char *text, int *ret)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	int err = fd < 0 ? -errno : fdio_write_all(fd, text, strlen(text));

	if (err >= 0)
		err = fdio_write_all(fd, "\n", 1);
	if (err < 0)
		return diag_fail_text(r->ctx->diag, NULL, "cannot keep the input: %s",
		                      strerrordesc_np(-err));
	*ret = fd;
	return 0;
}

static int copy_all(int from, int to)
{
	char *buffer = mem_alloc(COPY_SIZE);
	ssize_t n;
	int err = 0;

	do {
		n = read(from, buffer, COPY_SIZE);
		if (n > 0)
			err = fdio_write_all(to, buffer, (size_t)n);
	} while (err == 0 && (n > 0 || (n < 0 && errno == EINTR)));
	if (n < 0)
		err = -errno;
	free(buffer);
	return err;
}

/* Standard input from where it is now on, for each attempt anew. */
static int keep_stdin(struct run *r)
{
	off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
	struct stat st;
	int err;

	if (at >= 0 && fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
		r->launch.fds[0] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		r->launch.stdin_at = at;
		err = r->launch.fds[0] < 0 ? -errno : 0;
	} else {
		r->launch.fds[0] = spool_new();
		err = r->launch.fds[0] < 0 ? r->launch.fds[0]
		                           : copy_all(STDIN_FILENO, r->launch.fds[0]);
	}
	if (err < 0)
		return diag_fail_text(r->ctx->diag, NULL, "cannot keep standard input: %s",
		                      strerrordesc_np(-err));
	return 0;
}

int given_stdin(struct run *r)
{
	if (r->opts->input_text != NULL)
		return open_text(r, r->opts->input_text, &r->launch.fds[0]);
	return r->opts->replay_stdin ? keep_stdin(r) : 0;
}

/* For all of it where there is a control group with that controller, else for each process. */
void given_memory(struct run *r)
{
	struct spawn_setup *setup = &r->launch.setup;
	char text[32];

	if (r->opts->memory == 0 || r->memory != MEMORY_FREE)
		return;
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)r->opts->memory);
	if (r->tree.cgroup.dir >= 0 && cgroup_limit(&r->tree.cgroup, "memory", text) == 0) {
		r->memory = MEMORY_GROUP;
		return;
	}
	r->memory = MEMORY_PROCESS;
	r->launch.limits[setup->limits_len++] =
		(struct spawn_limit){ RLIMIT_DATA, { r->opts->memory, r->opts->memory } };
	setup->limits = r->launch.limits;
}

bool given_memory_was_short(const struct run *r)
{
	uint64_t kills = 0;

	return r->memory == MEMORY_GROUP &&
	       cgroup_get_key(&r->tree.cgroup, "memory.events", "oom_kill", &kills) == 0 &&
	       kills > 0;
}
