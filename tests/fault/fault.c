/* SPDX-License-Identifier: MIT */
/*
 * Fails each kind of system call at its 1st, 2nd, ... occurrence under strace(1), for runs
 * of the applets that read, and looks at what is left:
 *
 *     no crash and no hang, but death by the signal when one is sent;
 *     exit status 0 only with everything that a run without a fault prints;
 *     any other status with a message on standard error;
 *     the file of -o is the old one or a whole new one, and nothing lies beside it.
 *
 * The same with little memory, few descriptors, and small files. Of many occurrences some are
 * taken; DUTYBOX_FAULT_ALL=1 in the environment takes all, with every error. Prints figures, and
 * each case that broke a rule. Usage: fault BINARY DIRECTORY.
 */
#include "fault/fault.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

enum { SKIPPED = 77, POINTS = 14, POINTS_AT_START = 8, POINTS_AT_END = 3, ERRORS_MAX = 6 };

/* What is failed, and how. `result` is what strace injects when it is not an error. */
static const struct fault {
	const char *calls;
	const char *errors[ERRORS_MAX];
	unsigned first; /* occurrence to begin with */
} faults[] = {
	{ "openat", { "EIO", "EACCES", "ENOMEM", "EMFILE", "EINTR", "ENFILE" }, 1 },
	{ "getdents64", { "EIO", "signal=INT", "EINTR", "ENOMEM", "EACCES" }, 1 },
	{ "newfstatat", { "EIO", "EACCES", "ENOMEM", "EINTR" }, 1 },
	{ "statx", { "EIO", "EACCES" }, 1 },
	{ "read", { "EIO", "EINTR", "ENOMEM" }, 1 },
	{ "pread64", { "EIO", "EINTR" }, 1 },
	{ "write", { "EIO", "ENOSPC", "EINTR" }, 1 },
	{ "close", { "EIO", "EINTR", "ENOSPC" }, 1 },
	/* Without the first one the dynamic linker crashes. */
	{ "mmap", { "ENOMEM" }, 2 },
	/* The first one asks where the break is; a failed one leaves it where it was. */
	{ "brk", { "retval=0" }, 2 },
	{ "clone3", { "EAGAIN", "ENOMEM" }, 1 },
	{ "clone", { "EAGAIN" }, 1 },
	{ "readlink", { "EIO", "EACCES", "EINVAL" }, 1 },
	{ "readlinkat", { "EIO", "EACCES" }, 1 },
	{ "statfs", { "EIO", "EACCES" }, 1 },
	{ "fstatfs", { "EIO", "EINTR" }, 1 },
	{ "faccessat2", { "EIO", "ENOMEM" }, 1 },
	{ "fsync", { "EIO", "signal=INT", "ENOSPC" }, 1 },
	{ "fchmod", { "EPERM", "EIO", "signal=INT" }, 1 },
	{ "fchown", { "EPERM" }, 1 },
	{ "linkat", { "EIO", "signal=INT", "ENOSPC", "EPERM" }, 1 },
	{ "renameat", { "EIO", "signal=INT", "ENOSPC" }, 1 },
	{ "getrandom", { "EINTR", "ENOSYS" }, 1 },
	{ "prlimit64", { "EPERM" }, 1 },
	{ "sched_getaffinity", { "EPERM" }, 1 },
};

static const struct scenario {
	const char *name;
	const char *words[8];
	bool exports; /* writes EXPORT/file */
	bool denied_is_no;
} scenarios[] = {
	{ "du -s", { "du", "-s", "tree" }, false, false },
	{ "du -a", { "du", "-a", "tree" }, false, false },
	{ "disk-usage --json", { "disk-usage", "--json", "-d9", "tree" }, false, false },
	{ "disk-usage -o", { "disk-usage", "-o", EXPORT "/file", "tree" }, true, false },
	{ "disk-usage -f", { "disk-usage", "-f", "import" }, false, false },
	{ "which -a", { "which", "-a", "sh", "tool" }, false, true },
};

struct figures {
	unsigned cases;
	unsigned survived; /* as if nothing had happened */
	unsigned told;
	unsigned broken;
};

/* Of names that are the same every time. */
static void make_tree(void)
{
	char name[64];

	make_dir("tree");
	for (int i = 0; i < 24; i++) {
		(void)snprintf(name, sizeof(name), "tree/d%02d", i);
		make_dir(name);
		(void)snprintf(name, sizeof(name), "tree/d%02d/file", i);
		make_file(name, "some bytes\n");
		(void)snprintf(name, sizeof(name), "tree/d%02d/below", i);
		make_dir(name);
	}
	make_file("tree/file", "more\n");
	if (link("tree/file", "tree/other") != 0 || symlink("file", "tree/link") != 0)
		give_up("make links");
	make_dir("path");
	make_file("path/tool", "#!/bin/sh\n");
	if (chmod("path/tool", 0755) != 0)
		give_up("chmod");
	make_dir(EXPORT);
}

/* The time of the export differs from run to run: its digits are made the same. */
static void blank_timestamp(struct bytes *text)
{
	static const char key[] = "\"timestamp\":";
	char *at = text->data != NULL ? strstr(text->data, key) : NULL;

	if (at == NULL)
		return;
	for (at += sizeof(key) - 1; *at >= '0' && *at <= '9'; at++)
		*at = '0';
}

/* What a run left: its output, and the export with it. */
static struct bytes take_output(const struct scenario *s)
{
	struct bytes out = read_file("out");

	if (s->exports) {
		free(out.data);
		out = read_file(EXPORT "/file");
		blank_timestamp(&out);
	}
	return out;
}

static bool same(const struct bytes *a, const struct bytes *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Entries of the export's directory beside the file. */
static unsigned count_beside(void)
{
	DIR *dir = opendir(EXPORT);
	unsigned n = 0;

	if (dir == NULL)
		give_up(EXPORT);
	for (const struct dirent *e; (e = readdir(dir)) != NULL;)
		n += e->d_name[0] != '.' || e->d_name[1] != '\0';
	(void)closedir(dir);
	return n - 2; /* ".." and "file" */
}

static const char old_export[] = "the old file\n";

/* NULL, or the rule that was broken. */
static const char *judge(const struct scenario *s, const struct bytes *whole,
                         const struct outcome *o, struct figures *figures)
{
	struct bytes out = take_output(s);
	struct bytes err = read_file("err");
	struct bytes old = { (char[]){ "the old file\n" }, sizeof(old_export) - 1 };
	const char *broken = NULL;

	if (o->hung)
		broken = "hangs";
	else if (o->status >= 128 && !o->stopped)
		broken = "crashes";
	else if (o->status == 0 && !same(&out, whole))
		broken = "exits 0 without all of it";
	else if (o->status != 0 && err.len == 0 && !o->stopped)
		broken = "fails without a word";
	else if (s->exports && !same(&out, whole) && !same(&out, &old))
		broken = "leaves a torn file";
	else if (s->exports && count_beside() != 0)
		broken = "leaves a file beside it";
	else if (o->status == 0)
		figures->survived++;
	else
		figures->told++;
	free(out.data);
	free(err.data);
	return broken;
}

/* A partial export is published with exit 1: it is whole in form. Its end tells. */
static bool is_whole_export(void)
{
	struct bytes text = read_file(EXPORT "/file");
	bool whole = text.len > 4 && memcmp(text.data, "[1,2", 4) == 0 &&
	             memcmp(text.data + text.len - 3, "]]\n", 3) == 0;

	free(text.data);
	return whole;
}

static void prepare(const struct scenario *s)
{
	char name[512];
	DIR *dir;

	if (!s->exports)
		return;
	dir = opendir(EXPORT);
	if (dir == NULL)
		give_up(EXPORT);
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		(void)snprintf(name, sizeof(name), EXPORT "/%s", e->d_name);
		(void)unlink(name);
	}
	(void)closedir(dir);
	make_file(EXPORT "/file", old_export);
}

static void try_one(const struct scenario *s, const struct injection *in, const struct bytes *whole,
                    struct figures *figures)
{
	struct outcome o;
	const char *broken;

	prepare(s);
	o = run_traced(s->words, in);
	if (!o.injected)
		return;
	figures->cases++;
	broken = judge(s, whole, &o, figures);
	if (broken != NULL && strcmp(broken, "leaves a torn file") == 0 && !o.stopped &&
	    is_whole_export()) {
		figures->told++;
		return;
	}
	if (broken == NULL)
		return;
	figures->broken++;
	if (in->limits)
		(void)printf("BROKEN: %s %s (status %d): limit %d is %lu\n", s->name, broken,
		             o.status, in->resource, in->limit);
	else
		(void)printf("BROKEN: %s %s (status %d): %s:%s, occurrence %u\n", s->name, broken,
		             o.status, in->calls, in->result, in->when);
}

/* Is the n-th of `count` occurrences looked at? */
static bool is_chosen(unsigned n, unsigned count, bool all)
{
	unsigned step = count / (POINTS - POINTS_AT_START - POINTS_AT_END) + 1;

	return all || n <= POINTS_AT_START || n + POINTS_AT_END > count || n % step == 0;
}

static void try_fault(const struct scenario *s, const struct fault *f, const struct bytes *whole,
                      bool all, struct figures *figures)
{
	unsigned count = count_calls(f->calls);
	unsigned n_errors = 0;

	while (n_errors < ERRORS_MAX && f->errors[n_errors] != NULL)
		n_errors++;
	for (unsigned n = f->first; n <= count; n++) {
		if (!is_chosen(n, count, all))
			continue;
		/* The first ones with two errors, in turn. */
		for (unsigned k = 0; k < (all ? n_errors : n_errors > 1 ? 2 : 1); k++) {
			struct injection in = { .calls = f->calls,
				                .result = f->errors[(n + k) % n_errors],
				                .when = n };

			/* For which, what may not be reached is not the command. */
			if (s->denied_is_no && strcmp(in.result, "EACCES") == 0)
				continue;
			try_one(s, &in, whole, figures);
		}
	}
}

/* Bytes of address space that the program itself takes. */
static unsigned long image_span(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long span = 0;
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	if (file == NULL || fread(&header, sizeof(header), 1, file) != 1 ||
	    fseek(file, (long)header.e_phoff, SEEK_SET) != 0)
		give_up(path);
	for (int i = 0; i < header.e_phnum && fread(&segment, sizeof(segment), 1, file) == 1; i++) {
		if (segment.p_type == PT_LOAD && segment.p_vaddr + segment.p_memsz > span)
			span = segment.p_vaddr + segment.p_memsz;
	}
	(void)fclose(file);
	return span;
}

/*
 * What there is little of, up to where it is enough in any case. Address space is counted from
 * where the kernel can load the program, its linker and a stack: with less, it kills it.
 */
static const struct scarcity {
	int resource;
	unsigned long first, last, step;
} scarcities[] = {
	{ RLIMIT_AS, 640 << 10, 3 << 20, 32 << 10 },
	{ RLIMIT_NOFILE, 3, 20, 1 },
	{ RLIMIT_FSIZE, 500, 6500, 500 },
	{ RLIMIT_STACK, 64 << 10, 256 << 10, 64 << 10 },
};

static void try_scarcity(const struct scenario *s, const struct scarcity *what,
                         const struct bytes *whole, bool all, struct figures *figures)
{
	unsigned long step = all && what->step >= 8 ? what->step / 8 : what->step;
	unsigned long more = what->resource == RLIMIT_AS ? image_span(under_test()) : 0;

	for (unsigned long n = what->first; n <= what->last; n += step) {
		struct injection in = { .resource = what->resource,
			                .limit = n + more,
			                .limits = true };

		try_one(s, &in, whole, figures);
	}
}

static void try_scenario(const struct scenario *s, bool all, struct figures *total)
{
	struct figures figures = { 0 };
	struct bytes whole;
	struct outcome o;

	prepare(s);
	o = run_traced(s->words, NULL);
	whole = take_output(s);
	if (o.status != 0 || o.hung || whole.len == 0)
		give_up(s->name);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		/* The list of calls is that of the run without a fault. */
		try_fault(s, &faults[i], &whole, all, &figures);
	}
	for (size_t i = 0; i < ARRAY_LEN(scarcities); i++)
		try_scarcity(s, &scarcities[i], &whole, all, &figures);
	free(whole.data);
	(void)printf("%-18s %5u cases, %5u survived, %5u told, %3u broken\n", s->name,
	             figures.cases, figures.survived, figures.told, figures.broken);
	total->cases += figures.cases;
	total->survived += figures.survived;
	total->told += figures.told;
	total->broken += figures.broken;
}

/* What -f reads. */
static void make_import(void)
{
	static const char *const words[] = { "disk-usage", "-o", "import", "tree", NULL };

	if (run_traced(words, NULL).status != 0)
		give_up("import");
}

int main(int argc, char **argv)
{
	struct figures total = { 0 };
	bool all = getenv("DUTYBOX_FAULT_ALL") != NULL;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: fault BINARY DIRECTORY\n");
		return 2;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (!begin(argv[1], argv[2])) {
		(void)printf("SKIPPED: strace is not installed, or may not trace here\n");
		return SKIPPED;
	}
	make_tree();
	make_import();
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
		try_scenario(&scenarios[i], all, &total);
	(void)printf("%-18s %5u cases, %5u survived, %5u told, %3u broken\n", "in all", total.cases,
	             total.survived, total.told, total.broken);
	end();
	return total.broken == 0 && total.cases > 0 ? 0 : 1;
}
