/* SPDX-License-Identifier: MIT */
#include "fs/gitignore.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

struct gitignore {
	struct ignore_rules rules;
};

/* In the order of precedence, the highest last. */
static const char *const ignore_files[] = { ".git/info/exclude", ".gitignore", ".ignore" };

/* Not there, or not a thing to read: no reason to say that something is missing. */
static bool is_absent(int err)
{
	return err == ENOENT || err == ENOTDIR || err == ELOOP;
}

/* Never waits: not for a FIFO, nor for a device. */
static int open_regular(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return -ENOENT;
	}
	return fd;
}

static int open_directory(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_info_exclude(int dirfd)
{
	AUTO_CLOSE int git = open_directory(dirfd, ".git");
	AUTO_CLOSE int info = git < 0 ? git : open_directory(git, "info");

	return info < 0 ? info : open_regular(info, "exclude");
}

/* 0 or -errno; -ENOENT also for what is no regular file. */
static int add_file(struct ignore_rules *rules, int dirfd, unsigned source)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	AUTO_CLOSE int fd =
		source == 0 ? open_info_exclude(dirfd) : open_regular(dirfd, ignore_files[source]);
	struct ignore_error unused;
	int r;

	if (fd < 0)
		return fd;
	r = fdio_read_all(fd, GITIGNORE_SIZE_MAX, &text);
	if (r)
		return r;
	return ignore_rules_add_lines(rules, strbuf_str(&text), text.len, IGNORE_GIT, source,
	                              &unused);
}

struct gitignore *gitignore_read(int dirfd, unsigned *ret_unusable)
{
	struct ignore_rules rules = { 0 };
	struct gitignore *g;

	for (unsigned i = 0; i < ARRAY_LEN(ignore_files); i++) {
		int r = add_file(&rules, dirfd, i);

		if (r && !is_absent(-r))
			(*ret_unusable)++;
	}
	if (rules.len == 0)
		return NULL;
	g = mem_alloc(sizeof(*g));
	g->rules = rules;
	return g;
}

const struct ignore_rule *gitignore_find(const struct gitignore *g,
                                         const struct ignore_subject *subject)
{
	return ignore_rules_find(&g->rules, subject);
}

const char *gitignore_file(const struct ignore_rule *rule)
{
	return ignore_files[rule->source];
}

struct gitignore *gitignore_free(struct gitignore *g)
{
	if (g) {
		ignore_rules_release(&g->rules);
		free(g);
	}
	return NULL;
}
