/* SPDX-License-Identifier: MIT */
/* The functions of path that look at the disk: real, test, type, stat. */
#include "path.h"

#include "cli/file_type.h"
#include "fs/link_target.h"
#include "fs/long_path.h"
#include "fs/real_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

void path_real_act(struct path_run *run, const char *operand)
{
	const char *cwd = operand[0] == '/' ? "/" : path_working_directory(run);
	int r;

	if (cwd == NULL)
		return;
	strbuf_clear(&run->result);
	r = real_path(&run->result, operand, cwd, run->opts->missing == MISSING_STRICT);
	if (r < 0)
		(void)diag_fail(run->ctx->diag, -r, "resolve", operand);
	else
		path_print(run, operand, run->result.data, run->result.len);
}

static int look(const char *path, bool follow, struct stat *ret)
{
	AUTO_CLOSE int dirfd = -1;
	const char *name;
	int r = long_path_open(path, &dirfd, &name);

	if (r == 0 && fstatat(dirfd, name, ret, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
		r = -errno;
	return r;
}

/* What Python's exists() and the like call "no"; anything else is trouble. */
static bool is_absence(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -ELOOP || err == -ENAMETOOLONG;
}

/* Of the kind that a letter of test(1) stands for? */
static bool is_kind(char letter, mode_t mode)
{
	static const char letters[] = "fdLpSbc";
	static const mode_t kinds[] = { S_IFREG,  S_IFDIR, S_IFLNK, S_IFIFO,
		                        S_IFSOCK, S_IFBLK, S_IFCHR };

	return (mode & S_IFMT) == kinds[strchr(letters, letter) - letters];
}

/* 1: yes; 0: no; -errno: nobody can tell. */
static int may_access(const char *path, char letter)
{
	AUTO_CLOSE int dirfd = -1;
	const char *name;
	const int mode = letter == 'r' ? R_OK : letter == 'w' ? W_OK : X_OK;
	int r = long_path_open(path, &dirfd, &name);

	if (r < 0)
		return is_absence(r) ? 0 : r;
	if (faccessat(dirfd, name, mode, AT_EACCESS) == 0)
		return 1;
	return is_absence(-errno) || errno == EACCES || errno == EPERM || errno == EROFS ? 0
	                                                                                 : -errno;
}

static int test_one(const char *path, char letter)
{
	struct stat st = { 0 };
	int r;

	if (letter == TEST_ABSOLUTE)
		return path[0] == '/';
	if (letter == 'r' || letter == 'w' || letter == 'x')
		return may_access(path, letter);
	r = look(path, letter != 'L', &st);
	if (r < 0)
		return is_absence(r) ? 0 : r;
	if (letter == 'e')
		return 1;
	if (letter == 's')
		return st.st_size > 0;
	return is_kind(letter, st.st_mode);
}

void path_test_act(struct path_run *run, const char *operand)
{
	const struct tagged_strv *tests = &run->opts->tests;
	int yes = 1;

	for (size_t i = 0; i < tests->len && yes == 1; i++)
		yes = test_one(operand, (char)tests->items[i].tag);
	if (yes < 0) {
		(void)diag_fail(run->ctx->diag, -yes, "access", operand);
		return;
	}
	run->said_no |= yes == 0;
	path_print_answer(run, operand, yes == 1);
}

/* False after a report. */
static bool look_at_operand(struct path_run *run, const char *operand, enum path_follow usual,
                            struct stat *ret)
{
	const enum path_follow follow =
		run->opts->follow != FOLLOW_DEFAULT ? (enum path_follow)run->opts->follow : usual;
	int r = look(operand, follow == FOLLOW_YES, ret);

	if (r < 0)
		(void)diag_fail(run->ctx->diag, -r, "access", operand);
	return r == 0;
}

void path_type_act(struct path_run *run, const char *operand)
{
	struct stat st;
	const char *word;

	if (!look_at_operand(run, operand, FOLLOW_NO, &st))
		return;
	word = file_type_word((unsigned char)IFTODT(st.st_mode));
	path_print(run, operand, word, strlen(word));
}

static int read_target(const char *operand, struct strbuf *ret)
{
	AUTO_CLOSE int dirfd = -1;
	const char *name;
	int r = long_path_open(operand, &dirfd, &name);

	return r == 0 ? link_target(dirfd, name, ret) : r;
}

void path_stat_act(struct path_run *run, const char *operand)
{
	struct stat st;
	struct template_entry entry = { .path = operand, .st = &st };

	if (!look_at_operand(run, operand, FOLLOW_YES, &st))
		return;
	if (run->users == NULL)
		run->users = users_new();
	entry.users = run->users;
	strbuf_clear(&run->result);
	if (S_ISLNK(st.st_mode) && read_target(operand, &run->result) == 0)
		entry.target = strbuf_str(&run->result);
	path_print_stat(run, &entry);
}
