/* SPDX-License-Identifier: MIT */
#include "cli/install.h"

#include "base/mem.h"
#include "sys/command_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

struct installer {
	const struct install_request *request;
	int dirfd;
	const char *binary; /* this very file */
	struct command_path *commands;
	struct stat binary_st;
	bool left_out;
};

static bool is_this_binary(const struct installer *in, const struct stat *st)
{
	return st->st_dev == in->binary_st.st_dev && st->st_ino == in->binary_st.st_ino;
}

/* The command on PATH that a link called `name` could hide, in `ret`; false when there is none. */
static bool finds_other_command(const struct installer *in, const char *name, struct strbuf *ret)
{
	struct command_matches matches = { 0 };
	bool found = false;

	command_path_find(in->commands, name, NULL, true, &matches);
	for (size_t i = 0; i < matches.len && !found; i++) {
		found = !is_this_binary(in, &matches.items[i].st);
		if (found)
			command_path_add(in->commands, matches.items[i].dir, name, ret);
	}
	vec_release(&matches);
	return found;
}

/* Makes the link under a name of its own and renames it over `name`. */
static int replace_link(const struct installer *in, const char *name)
{
	char temporary[NAME_MAX + 1];
	uint64_t salt;
	int r;

	if (getrandom(&salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		return -errno;
	(void)snprintf(temporary, sizeof(temporary), ".%s.dutybox.%016llx~", name,
	               (unsigned long long)salt);
	if (in->request->kind == INSTALL_HARD)
		r = linkat(AT_FDCWD, in->binary, in->dirfd, temporary, 0);
	else
		r = symlinkat(in->binary, in->dirfd, temporary);
	if (r != 0)
		return -errno;
	if (renameat(in->dirfd, temporary, in->dirfd, name) != 0)
		r = -errno;
	/* Also when rename(2) did nothing because both were links to one file. */
	(void)unlinkat(in->dirfd, temporary, 0);
	return r;
}

static int new_link(const struct installer *in, const char *name)
{
	int r;

	if (in->request->kind == INSTALL_HARD)
		r = linkat(AT_FDCWD, in->binary, in->dirfd, name, 0);
	else
		r = symlinkat(in->binary, in->dirfd, name);
	return r == 0 ? 0 : -errno;
}

static void leave_out(struct installer *in, const char *name, const char *why, const char *what)
{
	(void)diag_partial_text(in->request->diag, name, "left out: %s%s (--force does it)", why,
	                        what);
	in->left_out = true;
}

/* Is the name in the directory the one this program was started by? A link there led to itself. */
static bool is_own_name(const struct installer *in, const char *name)
{
	const char *slash = strrchr(in->binary, '/');
	AUTO_FREE_STR char *dir = NULL;
	struct stat own, here;

	if (slash == NULL || strcmp(slash + 1, name) != 0)
		return false;
	dir = mem_strndup(in->binary, (size_t)(slash + 1 - in->binary));
	return stat(dir, &own) == 0 && fstat(in->dirfd, &here) == 0 && own.st_dev == here.st_dev &&
	       own.st_ino == here.st_ino;
}

static void install_one(struct installer *in, const char *name)
{
	AUTO_RELEASE_STRBUF struct strbuf other = { 0 };
	struct stat st;
	bool exists = fstatat(in->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	int r;

	if (exists) {
		struct stat target;

		if (fstatat(in->dirfd, name, &target, 0) == 0 && is_this_binary(in, &target) &&
		    S_ISLNK(st.st_mode) == (in->request->kind != INSTALL_HARD))
			return;
		if (is_own_name(in, name)) {
			(void)diag_partial_text(in->request->diag, name,
			                        "left out: it is this program itself");
			in->left_out = true;
			return;
		}
		if (!in->request->force) {
			leave_out(in, name, "the name exists in the directory", "");
			return;
		}
	} else if (!in->request->force && finds_other_command(in, name, &other)) {
		leave_out(in, name, "it would stand beside ", other.data);
		return;
	}
	r = exists ? replace_link(in, name) : new_link(in, name);
	if (r < 0) {
		(void)diag_fail(in->request->diag, -r, "make the link", name);
		in->left_out = true;
		return;
	}
	strbuf_clear(&other);
	out_add_name(in->request->out, &other, name, strlen(name));
	out_line(in->request->out, &other);
}

static void install_all(struct installer *in)
{
	const struct install_request *request = in->request;

	if (request->names[0] != NULL) {
		for (char *const *name = request->names; *name != NULL; name++)
			install_one(in, *name);
		return;
	}
	for (size_t i = 0; i < request->list->len; i++)
		install_one(in, request->list->applets[i]->name);
}

static int refuse_name(const struct install_request *request, const char *name)
{
	const char *nearest = applet_nearest(request->list, name);

	if (nearest != NULL)
		return diag_usage(request->diag, "no applet is called '%s'; did you mean '%s'?",
		                  name, nearest);
	return diag_usage(request->diag, "no applet is called '%s'", name);
}

int install_links(const struct install_request *request)
{
	struct installer in = { .request = request };
	char binary[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", binary, sizeof(binary) - 1);
	const char *path = getenv("PATH");
	AUTO_FREE_STR char *fallback = path == NULL ? command_path_default() : NULL;
	AUTO_CLOSE int dirfd = -1;

	if (len < 0)
		return diag_fail(request->diag, errno, "read", "/proc/self/exe");
	binary[len] = '\0';
	in.binary = binary;
	if (stat(binary, &in.binary_st) != 0)
		return diag_fail(request->diag, errno, "access", binary);
	for (char *const *name = request->names; *name != NULL; name++) {
		if (applet_find(request->list, *name) == NULL)
			return refuse_name(request, *name);
	}
	dirfd = open(request->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return diag_fail(request->diag, errno, "open directory", request->directory);
	in.dirfd = dirfd;
	in.commands = command_path_new(path != NULL ? path : fallback, X_OK, request->list->len);
	install_all(&in);
	command_path_free(in.commands);
	return diag_status(request->diag, in.left_out ? EXIT_NO : EXIT_YES);
}
