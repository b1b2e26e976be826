/* SPDX-License-Identifier: MIT */
#include "fs/replace.h"

#include "base/fdio.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#undef chdir

static char directory[] = "/tmp/replace-test.XXXXXX";

static void enter(void)
{
	cr_assert_not_null(mkdtemp(directory));
	cr_assert_eq(chdir(directory), 0);
	umask(022);
}

static size_t count_names(void)
{
	DIR *d = opendir(".");
	size_t n = 0;

	for (struct dirent *e; (e = readdir(d)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n;
}

static void leave(void)
{
	DIR *d = opendir(".");

	for (struct dirent *e; (e = readdir(d)) != NULL;)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	cr_assert_eq(chdir("/"), 0);
	cr_assert_eq(rmdir(directory), 0);
}

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	cr_assert_eq(fdio_write_all(fd, text, strlen(text)), 0);
	cr_assert_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void expect_content(const char *name, const char *text)
{
	struct strbuf got = { 0 };

	cr_assert_eq(fdio_read_file(AT_FDCWD, name, 1000, &got), 0, "%s", name);
	cr_expect_str_eq(strbuf_str(&got), text);
	strbuf_release(&got);
}

TestSuite(replace, .init = enter, .fini = leave);

Test(replace, the_old_file_stays_until_the_commit)
{
	struct replace r;
	struct stat st;

	put("f", "old", 0640);
	cr_assert_eq(replace_begin("f", &r), 0);
	cr_assert_eq(fdio_write_all(r.fd, "new", 3), 0);
	expect_content("f", "old");
	cr_assert_eq(replace_commit(&r), 0);
	expect_content("f", "new");
	cr_assert_eq(stat("f", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0640);
	cr_expect_eq(count_names(), 1);
}

Test(replace, a_new_file_gets_the_usual_mode)
{
	struct replace r;
	struct stat st;

	cr_assert_eq(replace_begin("./f", &r), 0);
	cr_assert_eq(fstat(r.fd, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(replace_commit(&r), 0);
	cr_assert_eq(stat("f", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0644);
}

Test(replace, an_abort_leaves_no_trace)
{
	struct replace r;

	put("f", "old", 0644);
	cr_assert_eq(replace_begin("f", &r), 0);
	replace_abort(&r);
	expect_content("f", "old");
	cr_expect_eq(count_names(), 1);
}

Test(replace, a_link_is_followed_from_its_own_directory)
{
	struct replace r;
	struct stat st;

	cr_assert_eq(mkdir("d", 0755), 0);
	cr_assert_eq(symlink("d/inner", "link"), 0);
	cr_assert_eq(symlink("../f", "d/inner"), 0);
	put("f", "old", 0644);
	cr_assert_eq(replace_begin("link", &r), 0);
	cr_assert_eq(fdio_write_all(r.fd, "new", 3), 0);
	cr_assert_eq(replace_commit(&r), 0);
	expect_content("f", "new");
	cr_assert_eq(lstat("link", &st), 0);
	cr_expect(S_ISLNK(st.st_mode));
	cr_assert_eq(unlink("d/inner"), 0);
	cr_assert_eq(rmdir("d"), 0);
}

Test(replace, what_is_no_regular_file_is_written_to)
{
	struct replace r;
	struct stat st;

	cr_assert_eq(replace_begin("/dev/null", &r), 0);
	cr_expect_null(r.temporary);
	cr_assert_eq(fdio_write_all(r.fd, "x", 1), 0);
	cr_assert_eq(replace_commit(&r), 0);
	cr_assert_eq(stat("/dev/null", &st), 0);
	cr_expect(S_ISCHR(st.st_mode));
}

Test(replace, directories_loops_and_missing_places_are_refused)
{
	struct replace r;

	cr_assert_eq(symlink("loop", "loop"), 0);
	cr_expect_eq(replace_begin("loop", &r), -ELOOP);
	cr_expect_eq(replace_begin(".", &r), -EISDIR);
	cr_expect_eq(replace_begin("x/", &r), -EISDIR);
	cr_expect_eq(replace_begin("", &r), -ENOENT);
	cr_expect_eq(replace_begin("none/f", &r), -ENOENT);
}

Test(replace, a_name_too_long_is_refused)
{
	struct replace r;
	char name[257];

	memset(name, 'n', 256);
	name[256] = '\0';
	cr_expect_eq(replace_begin(name, &r), -ENAMETOOLONG);
	cr_assert_eq(symlink(name, "link"), 0);
	cr_expect_eq(replace_begin("link", &r), -ENAMETOOLONG);
	cr_expect_eq(count_names(), 1);
}

/* The target was checked when it began; what took its place meanwhile is not replaced. */
Test(replace, a_target_that_became_something_else_stays)
{
	struct replace r;
	struct stat st;

	cr_assert_eq(replace_begin("f", &r), 0);
	cr_assert_eq(symlink("elsewhere", "f"), 0);
	cr_expect_eq(replace_commit(&r), -EEXIST);
	cr_assert_eq(lstat("f", &st), 0);
	cr_expect(S_ISLNK(st.st_mode));
	cr_expect_eq(count_names(), 1, "no temporary file is left");
}

Test(replace, a_directory_that_may_not_be_written_is_left_alone)
{
	bool is_root = geteuid() == 0;
	struct replace r;

	cr_assert_eq(chmod(".", 0555), 0);
	if (is_root)
		cr_assert_eq(setresuid(65534, 65534, 0), 0);
	cr_expect_eq(replace_begin("f", &r), -EACCES);
	cr_assert(!is_root || seteuid(0) == 0);
	cr_assert_eq(chmod(".", 0755), 0);
	cr_expect_eq(count_names(), 0);
}

Test(replace, a_name_of_full_length_works)
{
	struct replace r;
	char name[256];

	memset(name, 'n', 255);
	name[255] = '\0';
	cr_assert_eq(replace_begin(name, &r), 0);
	cr_assert_eq(replace_commit(&r), 0);
	cr_expect_eq(access(name, F_OK), 0);
}

Test(replace, a_mode_that_is_asked_for_is_given_to_old_and_new)
{
	struct replace r;
	struct stat st;

	(void)umask(077);
	put("old", "old", 0600);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(replace_begin(i == 0 ? "old" : "new", &r), 0);
		r.mode = 0644;
		cr_assert_eq(replace_commit(&r), 0);
		cr_assert_eq(stat(i == 0 ? "old" : "new", &st), 0);
		cr_expect_eq(st.st_mode & 07777, 0644);
	}
}
