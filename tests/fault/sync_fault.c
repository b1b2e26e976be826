/* SPDX-License-Identifier: MIT */
/*
 * sync, killed at each system call that matters, with each of them failing, and interrupted there:
 *
 *     every file of the target is its old or its new version, whole, and the source is untouched;
 *     killed, nothing was removed before all was copied;
 *     a failure is told, and no exit status is 0 unless all was done;
 *     the next run finishes the work and leaves no temporary name;
 *     interrupted, it leaves none itself, dies by the signal, and the last record says so.
 *
 * Usage: sync_fault BINARY DIRECTORY.
 */
#include "fault/fault.h"

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

static const char *const plain[] = { "sync", "--delete", "--json", "-j1", "src", "dst", NULL };

static const struct {
	const char *call;
	const char *errors[3];
} faults[] = {
	{ "openat", { "EIO", "EMFILE", "EACCES" } },
	{ "openat2", { "EIO", "EMFILE" } },
	{ "newfstatat", { "EIO" } },
	{ "fstat", { "EIO" } },
	{ "getdents64", { "EIO" } },
	{ "lseek", { "EIO" } },
	{ "mkdirat", { "ENOSPC", "EACCES" } },
	{ "pread64", { "EIO" } },
	{ "pwrite64", { "EIO", "ENOSPC" } },
	{ "copy_file_range", { "EIO", "ENOSPC", "EXDEV" } },
	{ "ioctl", { "EIO" } },
	{ "flistxattr", { "EIO" } },
	{ "listxattr", { "EIO" } },
	{ "utimensat", { "EPERM", "EIO" } },
	{ "fchmod", { "EPERM" } },
	{ "fchmodat", { "EPERM" } },
	{ "fchownat", { "EPERM" } },
	{ "close", { "EIO" } },
	{ "renameat", { "EIO", "EPERM", "ENOSPC" } },
	{ "renameat2", { "EIO", "EPERM", "EINVAL" } },
	{ "linkat", { "EMLINK", "EIO", "EPERM" } },
	{ "symlinkat", { "EIO", "ENOSPC" } },
	{ "mknodat", { "EPERM", "ENOSPC" } },
	{ "unlinkat", { "EIO", "EPERM" } },
	{ "readlinkat", { "EIO" } },
	{ "fgetxattr", { "EIO" } },
	{ "fsetxattr", { "ENOSPC" } },
	{ "syncfs", { "EIO" } },
	{ "flock", { "EIO" } },
	{ "write", { "EIO", "ENOSPC" } },
	{ "getrandom", { "EIO" } },
};

/* What the files hold: 0 is none. */
static const struct {
	const char *name;
	char before, after;
} files[] = {
	{ "f", 'o', 'n' },   { "big", 0, 'b' },    { "sub/g", 'p', 'g' },
	{ "sub/h", 0, 'g' }, { "kind", 0, 'k' },   { "new/in", 0, 'i' },
	{ "extra", 'x', 0 }, { "gone/x", 'x', 0 }, { "kind/in", 'y', 0 },
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static size_t size_of(char content)
{
	return content == 'b' ? BIG : 100;
}

static void make_content(const char *side, const char *name, char content)
{
	static char bytes[BIG + 1];
	char path[64];

	if (content == 0)
		return;
	memset(bytes, content, size_of(content));
	bytes[size_of(content)] = '\0';
	(void)snprintf(path, sizeof(path), "%s/%s", side, name);
	make_file(path, bytes);
}

static void make_trees(void)
{
	(void)nftw("src", remove_one, 16, FTW_DEPTH | FTW_PHYS);
	(void)nftw("dst", remove_one, 16, FTW_DEPTH | FTW_PHYS);
	make_dir("src");
	make_dir("src/sub");
	make_dir("src/new");
	make_dir("dst");
	make_dir("dst/sub");
	make_dir("dst/gone");
	make_dir("dst/kind");
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (strcmp(files[i].name, "sub/h") != 0)
			make_content("src", files[i].name, files[i].after);
		make_content("dst", files[i].name, files[i].before);
	}
	if (link("src/sub/g", "src/sub/h") != 0 || symlink("f", "src/sub/l") != 0 ||
	    mkfifo("src/p", 0640) != 0 || chmod("src/f", 0600) != 0)
		give_up("src");
}

static bool has_content(const char *side, const char *name, char content)
{
	char path[64];
	struct stat st;
	struct bytes b;
	bool has;

	(void)snprintf(path, sizeof(path), "%s/%s", side, name);
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return content == 0;
	b = read_file(path);
	has = content != 0 && b.len == size_of(content);
	for (size_t i = 0; i < b.len && has; i++)
		has = b.data[i] == content;
	free(b.data);
	return has;
}

static bool source_is_whole(void)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (files[i].after != 0 && !has_content("src", files[i].name, files[i].after))
			return false;
	return true;
}

/* Of the target's files: all that are to come are there. */
static bool is_copied(void)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (files[i].after != 0 && strcmp(files[i].name, "kind") != 0 &&
		    !has_content("dst", files[i].name, files[i].after))
			return false;
	return true;
}

static bool is_finished(void)
{
	struct stat a;
	struct stat b;
	char text[8];

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (!has_content("dst", files[i].name, files[i].after))
			return false;
	if (lstat("dst/f", &a) != 0 || (a.st_mode & 07777) != 0600 || lstat("src/f", &b) != 0 ||
	    a.st_mtim.tv_sec != b.st_mtim.tv_sec || a.st_mtim.tv_nsec != b.st_mtim.tv_nsec)
		return false;
	if (lstat("dst/p", &a) != 0 || !S_ISFIFO(a.st_mode) || (a.st_mode & 07777) != 0640)
		return false;
	if (stat("dst/sub/g", &a) != 0 || stat("dst/sub/h", &b) != 0 || a.st_ino != b.st_ino)
		return false;
	return readlink("dst/sub/l", text, sizeof(text)) == 1 && text[0] == 'f' &&
	       lstat("dst/gone", &a) != 0;
}

static unsigned temporary;

static int look(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	temporary += strstr(path, ".dutybox.") != NULL;
	return 0;
}

static unsigned count_temporary(void)
{
	temporary = 0;
	(void)nftw("dst", look, 16, FTW_PHYS);
	return temporary;
}

static bool is_old_or_new(size_t i)
{
	const char *name = files[i].name;

	/* "kind" is a directory until it is a file. */
	return has_content("dst", name, files[i].before) ||
	       has_content("dst", name, files[i].after);
}

/* Something was removed for good. */
static bool has_removed(void)
{
	return !has_content("dst", "extra", 'x') || !has_content("dst", "gone/x", 'x');
}

/* NULL, or the rule that was broken. */
static const char *judge(const struct outcome *o, bool killed)
{
	struct bytes err = read_file("err");
	bool mute = err.len == 0;

	free(err.data);
	if (o->hung)
		return "hangs";
	if (!source_is_whole())
		return "changes the source";
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (!is_old_or_new(i))
			return files[i].name;
	if (killed)
		return has_removed() && !is_copied() ? "removes before all is copied" : NULL;
	if (o->status >= 128)
		return "crashes";
	if (o->status == 0 && !is_finished())
		return "exits 0 without all of it";
	if (o->status != 0 && mute)
		return "fails without a word";
	if (count_temporary() != 0 && o->status == 0)
		return "exits 0 with a temporary name left";
	return NULL;
}

static const char *judge_interrupted(const struct outcome *o)
{
	struct bytes out = read_file("out");
	const char *last = out.data;
	const char *why = judge(o, true);

	for (const char *at = out.data;
	     at != NULL && (at = strchr(at, '\n')) != NULL && at[1] != '\0';)
		last = ++at;
	if (why == NULL && count_temporary() != 0)
		why = "leaves a temporary name though only interrupted";
	if (why == NULL && !o->stopped && !is_finished())
		why = "does not die by the signal";
	/* Before it listens to signals there is nothing to tell. */
	if (why == NULL && o->stopped && out.len == 0 && !is_copied()) {
		free(out.data);
		return NULL;
	}
	if (why == NULL && (last == NULL || strncmp(last, "{\"record\":\"summary\"", 19) != 0))
		why = "ends without a summary";
	if (why == NULL && strstr(last, "\"interrupted\":true") == NULL && !is_finished())
		why = "does not say that it was interrupted";
	free(out.data);
	return why;
}

/* A run that nothing happens to. */
static const char *run_again(void)
{
	const struct injection none = { .calls = "exit_group", .result = "retval=0", .when = 9 };
	struct outcome o = run_traced(plain, &none);

	if (o.status != 0)
		return "cannot be done again";
	if (!is_finished())
		return "is not finished by the next run";
	return count_temporary() != 0 ? "leaves a temporary name behind the next run" : NULL;
}

static void try_one(const struct injection *in, unsigned *cases, unsigned *broken)
{
	bool kill = strcmp(in->result, "signal=KILL") == 0;
	bool interrupt = strcmp(in->result, "signal=INT") == 0;
	struct outcome o;
	const char *why;

	make_trees();
	o = run_traced(plain, in);
	if (kill ? o.status != 128 + SIGKILL : !o.injected)
		return;
	++*cases;
	why = interrupt ? judge_interrupted(&o) : judge(&o, kill);
	if (why == NULL)
		why = run_again();
	if (why == NULL)
		return;
	++*broken;
	(void)printf("BROKEN: %s (status %d): %s:%s, occurrence %u\n", why, o.status, in->calls,
	             in->result, in->when);
}

/* A disk that says yes and writes nothing: the old version stays, and that is told. */
static void lie_about_writing(unsigned *cases, unsigned *broken)
{
	static const char *const verify[] = { "sync", "--verify", "-j1", "src", "dst", NULL };
	const struct injection in = { .calls = "pwrite64", .result = "retval=100", .when = 1 };
	struct outcome o;
	const char *why;

	make_trees();
	o = run_traced(verify, &in);
	if (!o.injected)
		give_up("nothing is written");
	++*cases;
	why = judge(&o, false);
	if (why == NULL && o.status != 6)
		why = "does not notice what was not written";
	if (why == NULL)
		why = run_again();
	if (why == NULL)
		return;
	++*broken;
	(void)printf("BROKEN: %s (status %d): --verify\n", why, o.status);
}

int main(int argc, char **argv)
{
	unsigned cases = 0;
	unsigned broken = 0;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: sync_fault BINARY DIRECTORY\n");
		return 2;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (!begin(argv[1], argv[2])) {
		(void)printf("SKIPPED: strace is not installed, or may not trace here\n");
		return SKIPPED;
	}
	make_trees();
	if (run_traced(plain, NULL).status != 0 || !is_finished())
		give_up("sync");
	for (size_t f = 0; f < ARRAY_LEN(faults); f++) {
		unsigned count = count_calls(faults[f].call);

		for (unsigned n = 1; n <= count; n++) {
			struct injection in = { .calls = faults[f].call,
				                .result = "signal=KILL",
				                .when = n };

			try_one(&in, &cases, &broken);
			in.result = "signal=INT";
			try_one(&in, &cases, &broken);
			in.result = faults[f].errors[n % 3];
			if (in.result == NULL)
				in.result = faults[f].errors[0];
			try_one(&in, &cases, &broken);
		}
	}
	lie_about_writing(&cases, &broken);
	(void)printf("%u cases, %u broken\n", cases, broken);
	end();
	return broken == 0 && cases > 0 ? 0 : 1;
}
