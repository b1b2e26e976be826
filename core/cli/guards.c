/* SPDX-License-Identifier: MIT */
#include "cli/guards.h"

#include "base/quote.h"
#include "fs/mounts.h"

#include <fcntl.h>

static const struct {
	char name[12];
	unsigned guard;
	char why[76];
} guards[] = {
	{ "root", GUARD_ROOT, "is the root directory, or a file system mounted in it" },
	{ "home", GUARD_HOME, "is your home directory, or holds it" },
	{ "cwd", GUARD_CWD, "is the working directory, or holds it" },
	{ "mount", GUARD_MOUNT, "has another file system mounted below" },
	{ "many", GUARD_MANY, "holds more entries than --max allows" },
	{ "link-slash", GUARD_LINK_SLASH,
	  "is a symbolic link: the slash behind it would mean the directory it leads to" },
	{ "hardlinks", GUARD_HARDLINKS, "has other names, which would see it too" },
	{ "suid", GUARD_SUID, "would let programs run as their owner or group" },
};

enum { GUARD_NAME, GUARD_PATH, GUARD_ALLOW };

static const struct column guard_columns[] = {
	[GUARD_NAME] = { "guard", COLUMN_TEXT, "its name, for --allow" },
	[GUARD_PATH] = { "path", COLUMN_NAME, "what it is about" },
	[GUARD_ALLOW] = { "reason", COLUMN_TEXT, "why nothing is done" },
};

const struct column_table guard_table = { guard_columns, ARRAY_LEN(guard_columns) };

static unsigned find(const char *name, size_t len, unsigned known)
{
	for (size_t i = 0; i < ARRAY_LEN(guards); i++) {
		if (strlen(guards[i].name) == len && strncmp(guards[i].name, name, len) == 0)
			return guards[i].guard & known;
	}
	return 0;
}

static int refuse(struct diag *d, const char *word, size_t len, unsigned known)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	strbuf_add_str(&text, "--allow: ");
	quote_shell_always(&text, word, len);
	strbuf_add_str(&text, " is none of");
	for (size_t i = 0; i < ARRAY_LEN(guards); i++) {
		if ((guards[i].guard & known) != 0)
			strbuf_add_format(&text, " %s", guards[i].name);
	}
	return diag_usage(d, "%s", strbuf_str(&text));
}

int guards_parse(struct diag *d, const struct strv *words, unsigned known, unsigned *ret)
{
	unsigned found = 0;

	for (size_t i = 0; i < words->len; i++) {
		for (const char *at = words->items[i];; at++) {
			size_t len = strcspn(at, ",");
			unsigned guard = find(at, len, known);

			if (guard == 0)
				return refuse(d, at, len, known);
			found |= guard;
			at += len;
			if (*at == '\0')
				break;
		}
	}
	*ret = found;
	return 0;
}

int guard_stop(struct diag *d, struct out *out, enum guard guard, const char *path)
{
	size_t i = 0;
	struct record r;

	while (i + 1 < ARRAY_LEN(guards) && guards[i].guard != guard)
		i++;
	diag_warn(d, path, "%s: nothing was changed (--allow=%s)", guards[i].why, guards[i].name);
	record_begin(&r, "guard", &guard_table);
	record_name(&r, GUARD_NAME, guards[i].name);
	record_name(&r, GUARD_PATH, path);
	record_name(&r, GUARD_ALLOW, guards[i].why);
	out_emit(out, &r);
	diag_raise(d, EXIT_GUARD);
	return EXIT_GUARD;
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Is `st` the directory `path`, or one above it? */
static bool holds(const struct stat *st, const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat here, before = { 0 };
	bool found = false;

	while (fd >= 0 && !found && fstat(fd, &here) == 0 && !same(&here, &before)) {
		int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		found = same(&here, st);
		before = here;
		(void)close(fd);
		fd = up;
	}
	if (fd >= 0)
		(void)close(fd);
	return found;
}

/* Is it where a file system is mounted directly in the root directory? */
static bool is_mounted_in_root(const struct stat *st)
{
	AUTO_FREE(mounts) struct mounts *table = NULL;
	struct stat point;

	if (mounts_load(AT_FDCWD, &table) < 0)
		return false;
	for (size_t i = 0; i < table->len; i++) {
		const struct mount *m = &table->items[i];

		/* Only what may be it is asked: a server that is gone would not answer. */
		if (m->point[0] == '/' && strchr(m->point + 1, '/') == NULL && !m->hidden &&
		    m->device == st->st_dev && stat(m->point, &point) == 0 && same(&point, st))
			return true;
	}
	return false;
}

unsigned guard_of_directory(const struct stat *st, unsigned asked)
{
	struct stat root;
	const char *home = getenv("HOME");
	unsigned found = 0;

	if ((asked & GUARD_ROOT) != 0 && stat("/", &root) == 0 &&
	    (same(&root, st) || is_mounted_in_root(st)))
		found |= GUARD_ROOT;
	if ((asked & GUARD_HOME) != 0 && home != NULL && *home == '/' && holds(st, home))
		found |= GUARD_HOME;
	if ((asked & GUARD_CWD) != 0 && holds(st, "."))
		found |= GUARD_CWD;
	return found;
}
