/* SPDX-License-Identifier: MIT */
#include "remove.h"

#include "base/path.h"
#include "base/sig.h"
#include "fs/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

static int stop(struct removal *r, enum guard guard, const char *path)
{
	return guard_stop(r->ctx->diag, r->ctx->out, guard, path);
}

/* "." and "..", however many slashes are behind. */
static bool is_dots(const char *path)
{
	size_t len = path_trimmed_len(path);
	size_t start = len;

	while (start > 0 && path[start - 1] != '/')
		start--;
	return (len - start == 1 && path[start] == '.') ||
	       (len - start == 2 && path[start] == '.' && path[start + 1] == '.');
}

/* The root directory has no name in another. */
static bool is_root(const char *path)
{
	return path[strspn(path, "/")] == '\0';
}

/* Where it is. 0; 1: it is not there, which is fine; else the exit status. */
static int find(struct removal *r, const char *path, struct victim *v)
{
	AUTO_FREE_STR char *plain = mem_strndup(path, path_trimmed_len(path));
	bool slash = plain[0] != '\0' && path[strlen(plain)] == '/';
	struct stat st;
	int err;

	v->path = path;
	/* The link itself was asked for, or its directory? R34: not to be guessed. */
	if (slash && lstat(plain, &st) == 0 && S_ISLNK(st.st_mode) &&
	    (r->allowed & GUARD_LINK_SLASH) == 0)
		return stop(r, GUARD_LINK_SLASH, path);
	err = final_name_find(plain, slash ? FINAL_FOLLOW : 0, &v->at);
	if (err == 0 && !v->at.exists) {
		final_name_release(&v->at);
		err = -ENOENT;
	}
	if (err == -ENOENT && r->opts->force)
		return 1;
	if (err == 0 && slash && !S_ISDIR(v->at.st.st_mode)) {
		final_name_release(&v->at);
		err = -ENOTDIR;
	}
	if (err < 0) {
		trouble(r, path, "remove", -err);
		return 1;
	}
	v->type = (unsigned char)IFTODT(v->at.st.st_mode);
	return 0;
}

/* Is anything mounted below? By the table alone: no server is asked. */
static bool holds_mounts(const struct victim *v)
{
	AUTO_FREE(mounts) struct mounts *table = NULL;
	AUTO_CLOSE int fd = openat(v->at.dirfd, v->at.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char shown[32];
	char found[PATH_MAX];
	ssize_t len;

	(void)snprintf(shown, sizeof(shown), "/proc/self/fd/%d", fd);
	len = fd < 0 ? -1 : readlink(shown, found, sizeof(found) - 1);
	if (len < 0 || mounts_load(AT_FDCWD, &table) < 0)
		return false;
	found[len] = '\0';
	return mounts_next_below(table, found, NULL) != NULL;
}

static int check_directory(struct removal *r, const struct victim *v)
{
	const unsigned asked = (GUARD_ROOT | GUARD_HOME | GUARD_CWD) & ~r->allowed;
	unsigned found = guard_of_directory(&v->at.st, asked);

	if ((found & GUARD_ROOT) != 0)
		return stop(r, GUARD_ROOT, v->path);
	if ((found & GUARD_HOME) != 0)
		return stop(r, GUARD_HOME, v->path);
	if ((found & GUARD_CWD) != 0)
		return stop(r, GUARD_CWD, v->path);
	if ((r->allowed & GUARD_MOUNT) == 0 && !r->opts->one_file_system && holds_mounts(v))
		return stop(r, GUARD_MOUNT, v->path);
	return 0;
}

/* Without -r and -f together there is a limit. */
static int check_many(struct removal *r)
{
	const struct remove_opts *opts = r->opts;
	uint64_t max = opts->max != MAX_NOT_GIVEN ? (uint64_t)opts->max : MAX_DEFAULT;
	uint64_t n = 0;

	if ((r->allowed & GUARD_MANY) != 0 || opts->dry_run ||
	    (opts->max == MAX_NOT_GIVEN && opts->recursive && opts->force))
		return 0;
	for (size_t i = 0; i < r->victims.len && n <= max; i++) {
		const struct victim *v = &r->victims.items[i];

		/* What goes to the trash comes back in one piece. */
		n += v->type == DT_DIR && opts->recursive && !opts->trash
		             ? count_tree(r, v, max - n)
		             : 1;
		if (n > max)
			return stop(r, GUARD_MANY, v->path);
	}
	return 0;
}

static int check_operands(struct removal *r, char **operands)
{
	if (operands[0] == NULL && !r->opts->force)
		return diag_usage(r->ctx->diag, "expected a path");
	for (; *operands != NULL; operands++) {
		if (**operands == '\0')
			return diag_usage(r->ctx->diag, "an empty path is no path");
		if (is_root(*operands))
			return stop(r, GUARD_ROOT, *operands);
		if (is_dots(*operands))
			return diag_usage(r->ctx->diag, "'.' and '..' are not removed: name the "
			                                "directory");
	}
	return 0;
}

int plan(struct removal *r, char **operands)
{
	int status = check_operands(r, operands);

	for (; status == 0 && *operands != NULL; operands++) {
		struct victim v = { 0 };
		int found = find(r, *operands, &v);

		if (found > 1)
			status = found;
		if (found != 0)
			continue;
		vec_push(&r->victims, v);
		if (v.type == DT_DIR && !r->opts->empty_dir)
			status = check_directory(r, &v);
	}
	return status == 0 ? check_many(r) : status;
}

void plan_release(struct removal *r)
{
	for (size_t i = 0; i < r->victims.len; i++)
		final_name_release(&r->victims.items[i].at);
	vec_release(&r->victims);
}
