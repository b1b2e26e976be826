/* SPDX-License-Identifier: MIT */
/*
 * The actions of dupes, killed at each system call that matters, and with each of them failing:
 *
 *     of each content a whole copy is left, and every name but those deleted or moved leads to
 *     its content (a name being deleted or moved may be a temporary one when killed);
 *     a failure is told, and no exit status is 0 unless all was done;
 *     the next run finishes the work and leaves no temporary name;
 *     interrupted, it leaves none itself, dies by the signal, and the last record says so;
 *     a kept file that may have no more names is a reason to skip the others, no more.
 *
 * Usage: dupes_fault BINARY DIRECTORY.
 */
#include "fault/fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

enum { SKIPPED = 77, BIG = 70000 };

static const struct action {
	const char *name;
	const char *words[10];
	bool removes; /* names go away when it is done */
} actions[] = {
	{ "--delete", { "dupes", "--delete", "--yes", "-j1", "d" }, true },
	{ "--hardlink", { "dupes", "--hardlink", "--yes", "-j1", "d" }, false },
	{ "--symlink", { "dupes", "--symlink", "--yes", "-j1", "d" }, false },
	{ "--move", { "dupes", "--move=to", "--yes", "-j1", "d" }, true },
};

static const struct {
	const char *call;
	const char *errors[3];
} faults[] = {
	{ "renameat2", { "EIO", "ENOSPC", "EPERM" } },
	{ "renameat", { "EIO" } },
	{ "linkat", { "EIO", "EMLINK", "ENOSPC" } },
	{ "unlinkat", { "EIO", "EPERM" } },
	{ "symlinkat", { "EIO", "ENOSPC" } },
	{ "mkdirat", { "EIO", "ENOSPC" } },
	{ "openat2", { "EIO", "EMFILE", "EACCES" } },
	{ "openat", { "EIO", "EMFILE" } },
	{ "pread64", { "EIO", "EINTR" } },
	{ "newfstatat", { "EIO" } },
	{ "fstat", { "EIO" } },
	{ "ioctl", { "EIO" } },
	{ "flistxattr", { "EIO" } },
	{ "readlink", { "EIO" } },
	{ "getrandom", { "EIO" } },
	{ "close", { "EIO" } },
	{ "write", { "EIO", "ENOSPC" } },
};

/* Names and which content they have. */
static const struct {
	const char *name;
	char content;
} files[] = {
	{ "d/1", 'a' }, { "d/2", 'a' },     { "d/sub/3", 'a' },
	{ "d/4", 'b' }, { "d/sub/5", 'b' }, { "d/6", 'c' },
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void make_content(const char *name, char content)
{
	static char bytes[BIG + 1];
	size_t len = content == 'b' ? BIG : 100;

	memset(bytes, content, len);
	bytes[len] = '\0';
	make_file(name, bytes);
}

static void make_tree(void)
{
	(void)nftw("d", remove_one, 16, FTW_DEPTH | FTW_PHYS);
	(void)nftw("to", remove_one, 16, FTW_DEPTH | FTW_PHYS);
	make_dir("d");
	make_dir("d/sub");
	make_dir("to");
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		make_content(files[i].name, files[i].content);
}

static bool has_content(const char *name, char content)
{
	size_t len = content == 'b' ? BIG : 100;
	struct bytes b = read_file(name);
	bool has = b.len == len;

	for (size_t i = 0; i < b.len && has; i++)
		has = b.data[i] == content;
	free(b.data);
	return has;
}

/* What a walk over both trees finds. */
static struct found {
	unsigned copies[3]; /* of a, b, c, under any name */
	unsigned temporary;
} found;

static int look(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	found.temporary += strstr(path, ".dupes.") != NULL;
	if (type == FTW_F && S_ISREG(st->st_mode))
		for (int i = 0; i < 3; i++)
			found.copies[i] += has_content(path, (char)('a' + i));
	return 0;
}

static void look_around(void)
{
	found = (struct found){ 0 };
	(void)nftw("d", look, 16, FTW_PHYS);
	(void)nftw("to", look, 16, FTW_PHYS);
}

static unsigned names_left(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		n += has_content(files[i].name, files[i].content);
	return n;
}

/* Everything was done: the first names stay, and nothing else of each content. */
static bool is_finished(const struct action *a)
{
	struct stat first;
	struct stat other;

	if (!has_content("d/1", 'a') || !has_content("d/4", 'b') || !has_content("d/6", 'c'))
		return false;
	if (a->removes)
		return names_left() == 3;
	return names_left() == ARRAY_LEN(files) && stat("d/1", &first) == 0 &&
	       stat("d/sub/3", &other) == 0 && first.st_ino == other.st_ino &&
	       stat("d/4", &first) == 0 && stat("d/sub/5", &other) == 0 &&
	       first.st_ino == other.st_ino;
}

/* NULL, or the rule that was broken. */
static const char *judge(const struct action *a, const struct outcome *o, bool killed)
{
	struct bytes err = read_file("err");
	bool mute = err.len == 0;

	free(err.data);
	look_around();
	if (o->hung)
		return "hangs";
	for (int i = 0; i < 3; i++)
		if (found.copies[i] == 0)
			return "loses a content";
	if (!a->removes && names_left() != ARRAY_LEN(files))
		return "loses a name";
	if (killed)
		return NULL;
	if (o->status >= 128)
		return "crashes";
	if (o->status == 0 && !is_finished(a))
		return "exits 0 without all of it";
	if (o->status != 0 && mute)
		return "fails without a word";
	return NULL;
}

static void tell_broken(const struct action *a, const struct injection *in, int status,
                        const char *why, unsigned *broken)
{
	++*broken;
	(void)printf("BROKEN: %s %s (status %d): %s:%s, occurrence %u\n", a->name, why, status,
	             in->calls, in->result, in->when);
}

/* NULL, or the rule that an interrupted run broke. */
static const char *judge_interrupted(const struct action *a, const struct outcome *o)
{
	struct bytes out = read_file("out");
	const char *last = out.data;
	const char *why = judge(a, o, true);

	for (const char *at = out.data;
	     at != NULL && (at = strchr(at, '\n')) != NULL && at[1] != '\0';)
		last = ++at;
	if (why == NULL && found.temporary != 0)
		why = "leaves a temporary name though only interrupted";
	if (why == NULL && !o->stopped && !is_finished(a))
		why = "does not die by the signal";
	/* Before it listens to signals there is nothing to tell. */
	if (why == NULL && o->stopped && out.len == 0 && names_left() == ARRAY_LEN(files)) {
		free(out.data);
		return NULL;
	}
	if (why == NULL && (last == NULL || strncmp(last, "{\"record\":\"summary\"", 19) != 0))
		why = "ends without a summary";
	if (why == NULL && strstr(last, "\"interrupted\":true") == NULL && !is_finished(a))
		why = "does not say that it was interrupted";
	free(out.data);
	return why;
}

static void try_interrupt(const struct action *a, const struct injection *in, unsigned *cases,
                          unsigned *broken)
{
	const char *words[ARRAY_LEN(a->words) + 1] = { 0 };
	struct outcome o;
	const char *why;
	size_t n = 0;

	for (; a->words[n] != NULL; n++)
		words[n] = a->words[n];
	words[n] = "--json";
	make_tree();
	o = run_traced(words, in);
	if (!o.injected)
		return;
	++*cases;
	why = judge_interrupted(a, &o);
	if (why != NULL)
		tell_broken(a, in, o.status, why, broken);
}

static void interrupt(const struct action *a, unsigned *cases, unsigned *broken)
{
	static const char *const calls[] = { "renameat2", "linkat",  "unlinkat",  "symlinkat",
		                             "openat2",   "pread64", "getdents64" };

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		unsigned count = count_calls(calls[i]);

		for (unsigned n = 1; n <= count; n++)
			try_interrupt(a,
			              &(struct injection){ .calls = calls[i],
			                                   .result = "signal=INT",
			                                   .when = n },
			              cases, broken);
	}
}

/* As where an inode may have few names, like ext4's 65,000. */
static void reach_link_limit(const struct action *a, unsigned *cases, unsigned *broken)
{
	unsigned count = count_calls("linkat");

	for (unsigned n = 1; n <= count; n++) {
		struct injection in = { .calls = "linkat", .result = "EMLINK", .when = n };
		const char *why = NULL;
		struct outcome o;
		struct bytes err;

		make_tree();
		o = run_traced(a->words, &in);
		if (!o.injected)
			continue;
		++*cases;
		err = read_file("err");
		look_around();
		if (o.status != 1)
			why = "is not status 1 at the limit of links";
		else if (strstr(err.data, "has as many names as it may have") == NULL)
			why = "does not name the limit of links";
		else if (names_left() != ARRAY_LEN(files) || found.temporary != 0)
			why = "leaves something behind at the limit of links";
		free(err.data);
		if (why != NULL)
			tell_broken(a, &in, o.status, why, broken);
	}
}

static void try_one(const struct action *a, const struct injection *in, unsigned *cases,
                    unsigned *broken)
{
	bool kill = strcmp(in->result, "signal=KILL") == 0;
	struct outcome o;
	const char *why;

	make_tree();
	o = run_traced(a->words, in);
	if (kill ? o.status != 128 + SIGKILL : !o.injected)
		return;
	++*cases;
	why = judge(a, &o, kill);
	if (why == NULL) {
		struct injection none = { .calls = "exit_group", .result = "retval=0", .when = 9 };

		/* A run that nothing happens to. */
		o = run_traced(a->words, &none);
		look_around();
		if (o.status != 0)
			why = "cannot be done again";
		else if (!is_finished(a))
			why = "is not finished by the next run";
		else if (found.temporary != 0)
			why = "leaves a temporary name behind the next run";
	}
	if (why != NULL)
		tell_broken(a, in, o.status, why, broken);
}

int main(int argc, char **argv)
{
	unsigned cases = 0;
	unsigned broken = 0;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: dupes_fault BINARY DIRECTORY\n");
		return 2;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (!begin(argv[1], argv[2])) {
		(void)printf("SKIPPED: strace is not installed, or may not trace here\n");
		return SKIPPED;
	}
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		make_tree();
		if (run_traced(actions[i].words, NULL).status != 0 || !is_finished(&actions[i]))
			give_up(actions[i].name);
		interrupt(&actions[i], &cases, &broken);
		reach_link_limit(&actions[i], &cases, &broken);
		for (size_t f = 0; f < ARRAY_LEN(faults); f++) {
			unsigned count = count_calls(faults[f].call);

			for (unsigned n = 1; n <= count; n++) {
				struct injection in = { .calls = faults[f].call,
					                .result = "signal=KILL",
					                .when = n };

				try_one(&actions[i], &in, &cases, &broken);
				in.result = faults[f].errors[n % 3];
				if (in.result == NULL)
					in.result = faults[f].errors[0];
				try_one(&actions[i], &in, &cases, &broken);
			}
		}
	}
	(void)printf("%u cases, %u broken\n", cases, broken);
	end();
	return broken == 0 && cases > 0 ? 0 : 1;
}
