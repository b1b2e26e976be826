/* SPDX-License-Identifier: MIT */
/* --run: a command that finds what was made, and after which it is gone. */
#include "mktemp.h"

#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>

struct words {
	VEC_FIELDS(char *);
};

/* "{}" in the words of the command is the path. */
static char *fill_word(const char *word, const char *path)
{
	struct strbuf filled = { 0 };

	for (const char *at = word; *at != '\0';) {
		if (at[0] == '{' && at[1] == '}') {
			strbuf_add_str(&filled, path);
			at += 2;
		} else {
			strbuf_add_char(&filled, *at++);
		}
	}
	return strbuf_detach(&filled);
}

int reserve_fd(const struct mktemp_run *m)
{
	int wanted = (int)m->opts->fd;
	int fd, r;

	if (wanted == FD_NONE || fcntl(wanted, F_GETFD) >= 0)
		return 0;
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd == wanted)
		return 0;
	r = fd < 0 ? -errno : dup3(fd, wanted, O_CLOEXEC);
	if (r < 0)
		r = -errno;
	if (fd >= 0)
		(void)close(fd);
	return r >= 0 ? 0
	              : diag_fail_text(m->ctx->diag, NULL, "--fd %d: %s", wanted,
	                               strerrordesc_np(-r));
}

static int pass_fd(const struct mktemp_run *m)
{
	/* Without close-on-exec, as every copy. */
	if (m->opts->fd != FD_NONE && dup2(m->made.fd, (int)m->opts->fd) < 0)
		return diag_fail_text(m->ctx->diag, NULL, "--fd %d: %s", (int)m->opts->fd,
		                      strerrordesc_np(errno));
	return 0;
}

/* Wherever the command goes, the path is to be of use. */
static void add_absolute(const char *path, struct strbuf *ret)
{
	AUTO_FREE_STR char *cwd = path[0] == '/' ? NULL : get_current_dir_name();

	if (cwd != NULL)
		strbuf_add_format(ret, "%s/", cwd);
	strbuf_add_str(ret, path);
}

int run_with(const struct mktemp_run *m, char **operands)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf tmpdir = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf ours = { 0 };
	struct words words = { 0 };
	struct strv env = { 0 };
	struct command command = { .env = &env,
		                   .fds = { SPAWN_INHERIT, SPAWN_INHERIT, SPAWN_INHERIT },
		                   .keeps_descriptors = true };
	int status = pass_fd(m);

	add_absolute(strbuf_str(&m->made.path), &path);
	strbuf_add_format(&tmpdir, "TMPDIR=%s", strbuf_str(&path));
	strbuf_add_format(&ours, "DUTYBOX_TMP=%s", strbuf_str(&path));
	vec_push(&env, strbuf_str(&ours));
	if (m->made.is_dir)
		vec_push(&env, strbuf_str(&tmpdir));
	for (char **word = operands; *word != NULL; word++)
		vec_push(&words, fill_word(*word, strbuf_str(&path)));
	vec_push(&words, NULL);
	command.words = words.items;
	if (status == 0)
		status = command_run(m->ctx->diag, &command);
	if (status == 0 || !m->opts->keep_on_failure)
		(void)remove_made(m);
	else
		diag_warn(m->ctx->diag, strbuf_str(&m->made.path), "kept, as the command failed");
	for (size_t i = 0; i < words.len; i++)
		free(words.items[i]);
	vec_release(&words);
	vec_release(&env);
	/* The command's code, even when something could not be removed. */
	diag_raise(m->ctx->diag, status);
	return status;
}
