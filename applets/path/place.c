/* SPDX-License-Identifier: MIT */
/* The functions of path about the places a process knows: directories, lists, variables. */
#include "path.h"

#include "sys/command_path.h"

#include <errno.h>
#include <fcntl.h>

static void print_str(struct path_run *run, const char *operand, const char *text)
{
	path_print(run, operand, text, strlen(text));
}

/* ---- the working directory ---- */

const char *path_working_directory(struct path_run *run)
{
	if (run->cwd == NULL) {
		run->cwd = getcwd(NULL, 0);
		if (run->cwd == NULL)
			(void)diag_fail_text(run->ctx->diag, NULL,
			                     "cannot find the working directory: %s",
			                     strerrordesc_np(errno));
	}
	return run->cwd;
}

bool path_add_absolute(struct path_run *run, const char *path, struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf whole = { 0 };

	if (path[0] != '/') {
		const char *cwd = path_working_directory(run);

		if (cwd == NULL)
			return false;
		strbuf_add_str(&whole, cwd);
	}
	os_path_join(&whole, path);
	os_path_add_norm(ret, whole.data);
	return true;
}

/* $PWD, when it is a way to here without . and .. in it, as pwd(1) wants it; else NULL. */
static const char *logical_directory(void)
{
	const char *pwd = getenv("PWD");
	struct stat there, here;

	if (pwd == NULL || pwd[0] != '/')
		return NULL;
	for (const char *at = strchr(pwd, '/'); at != NULL; at = strchr(at + 1, '/')) {
		size_t len = strcspn(at + 1, "/");

		if ((len == 1 || len == 2) && strncmp(at + 1, "..", len) == 0)
			return NULL;
	}
	if (stat(pwd, &there) != 0 || stat(".", &here) != 0 || there.st_dev != here.st_dev ||
	    there.st_ino != here.st_ino)
		return NULL;
	return pwd;
}

int path_cwd(struct path_run *run)
{
	const char *cwd = NULL;

	if (run->opts->cwd == CWD_LOGICAL)
		cwd = logical_directory();
	if (cwd == NULL)
		cwd = path_working_directory(run);
	if (cwd != NULL)
		print_str(run, NULL, cwd);
	return 0;
}

/* ---- lists ---- */

int path_sep(struct path_run *run)
{
	if (run->opts->list && run->opts->alt)
		return diag_usage(run->ctx->diag, "--list and --alt exclude each other");
	run->said_no = run->opts->alt;
	if (run->opts->alt)
		path_print(run, NULL, NULL, 0);
	else
		print_str(run, NULL, run->opts->list ? ":" : "/");
	return 0;
}

static void print_elements(struct path_run *run, const char *operand, const char *list)
{
	for (;;) {
		size_t len = strcspn(list, ":");

		path_print(run, operand, list, len);
		if (list[len] == '\0')
			break;
		list += len + 1;
	}
}

void path_list_act(struct path_run *run, const char *operand)
{
	print_elements(run, operand, operand);
}

int path_list_default(struct path_run *run)
{
	const char *path = getenv("PATH");
	AUTO_FREE_STR char *standard = path == NULL ? command_path_default() : NULL;

	print_elements(run, NULL, path != NULL ? path : standard);
	return 0;
}

/* ---- home directories ---- */

/* Adds the home directory of a user, NULL: of ours. 0 or -errno. */
static int add_home(struct path_run *run, const char *user, struct strbuf *ret)
{
	const char *home = user == NULL ? getenv("HOME") : NULL;

	if (home != NULL) {
		strbuf_add_str(ret, home);
		return 0;
	}
	if (run->users == NULL)
		run->users = users_new();
	return users_home(run->users, user, getuid(), ret);
}

static void trim(struct strbuf *home)
{
	size_t len = home->len;

	while (len > 0 && home->data[len - 1] == '/')
		len--;
	strbuf_truncate(home, len);
}

static void print_home(struct path_run *run, const char *user)
{
	int r;

	strbuf_clear(&run->result);
	r = add_home(run, user, &run->result);
	if (r == -ENOENT) {
		(void)diag_fail_text(run->ctx->diag, user,
		                     user != NULL ? "no such user"
		                                  : "this user has no home directory");
		return;
	}
	if (r < 0) {
		(void)diag_fail_text(run->ctx->diag, user, "cannot find the home directory: %s",
		                     strerrordesc_np(-r));
		return;
	}
	trim(&run->result);
	print_str(run, user, run->result.len > 0 ? run->result.data : "/");
}

void path_home_act(struct path_run *run, const char *operand)
{
	print_home(run, operand);
}

int path_home_default(struct path_run *run)
{
	print_home(run, NULL);
	return 0;
}

/* ---- expansion ---- */

static const char *lookup(const char *name, size_t len, void *user)
{
	const char *value;
	char *copy;

	(void)user;
	/* Such a name would be found where it ends in the middle of an entry. */
	if (memchr(name, '=', len) != NULL)
		return NULL;
	copy = mem_strndup(name, len);
	value = getenv(copy);
	free(copy);
	return value;
}

/* As expanduser(): a user nobody knows leaves the text as it is. */
static void add_user_expanded(struct path_run *run, const char *text, struct strbuf *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf home = { 0 };
	AUTO_FREE_STR char *user = NULL;
	size_t len = strcspn(text, "/");

	if (text[0] == '~')
		user = mem_strndup(text + 1, len - 1);
	if (user == NULL || add_home(run, *user != '\0' ? user : NULL, &home) < 0) {
		strbuf_add_str(ret, text);
		return;
	}
	trim(&home);
	strbuf_add(ret, strbuf_str(&home), home.len);
	strbuf_add_str(ret, text + len);
	if (ret->len == 0)
		strbuf_add_char(ret, '/');
}

void path_expand_act(struct path_run *run, const char *operand)
{
	const struct os_path_vars vars = { .lookup = lookup };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	add_user_expanded(run, operand, &text);
	strbuf_clear(&run->result);
	(void)os_path_add_expanded(&run->result, strbuf_str(&text), text.len, &vars);
	path_print(run, operand, strbuf_str(&run->result), run->result.len);
}

/* ---- temporary files ---- */

/* Can a file be made there and written to? As Python's tempfile finds out. */
static bool takes_files(const char *dir)
{
	AUTO_CLOSE int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

		strbuf_add_format(&name, "%s/.dutybox.XXXXXX", dir);
		fd = mkostemp(name.data, O_CLOEXEC);
		if (fd >= 0)
			(void)unlink(name.data);
	}
	return fd >= 0 && write(fd, "blat", 4) == 4;
}

static bool print_if_usable(struct path_run *run, const char *dir)
{
	strbuf_clear(&run->result);
	if (dir == NULL || dir[0] == '\0' || !path_add_absolute(run, dir, &run->result) ||
	    !takes_files(run->result.data))
		return false;
	print_str(run, NULL, run->result.data);
	return true;
}

int path_tempdir(struct path_run *run)
{
	static const char variables[][8] = { "TMPDIR", "TEMP", "TMP" };
	static const char usual[][12] = { "/tmp", "/var/tmp", "/usr/tmp" };

	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		if (print_if_usable(run, getenv(variables[i])))
			return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		if (print_if_usable(run, usual[i]))
			return 0;
	}
	if (print_if_usable(run, path_working_directory(run)))
		return 0;
	return diag_fail_text(run->ctx->diag, NULL,
	                      "no directory takes temporary files: not $TMPDIR, $TEMP or $TMP, nor "
	                      "/tmp, /var/tmp, /usr/tmp or the working directory");
}
