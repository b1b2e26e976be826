/* SPDX-License-Identifier: MIT */
/*
 * The machine that facts are read from: the running one, or a tree of files that was recorded
 * from one or is mounted somewhere, with proc, sys and etc in it. The modules of facts (cpu_info.h,
 * memory_info.h ...) read through it, so that recorded trees do as well as the running kernel.
 * What cannot be read is noted with its reason: a fact is known, or unknown with a trouble,
 * never made up. A machine belongs to one thread.
 */
#pragma once

#include "base/strbuf.h"
#include "base/vec.h"

struct machine_trouble {
	const char *field;  /* static: the dotted name of the fact that is unknown */
	const char *source; /* owned: the file, with a slash in front, or a system call */
	int err;            /* an errno value; EBADMSG: the contents make no sense */
};

struct machine_troubles {
	VEC_FIELDS(struct machine_trouble);
};

struct machine {
	int root;     /* descriptor of its root directory */
	bool is_live; /* it is the one this process runs on: system calls tell more */
	struct machine_troubles troubles;
};

enum {
	MACHINE_FILE_MAX = 1 << 20, /* more than any small file of procfs and sysfs holds */
	MACHINE_PATH_MAX = 512,     /* of a path that is put together */
};

/* `dir` NULL, or a path to the root directory: the running machine. 0 or -errno. */
MUST_USE int machine_open(const char *dir, struct machine *ret);
void machine_close(struct machine *m);

/* Notes why a fact is unknown; `err` is an errno value. The same twice is noted once. */
void machine_note(struct machine *m, const char *field, const char *source, int err);

/*
 * Opens a file or directory below the root; `path` has no slash in front. In a recorded tree no
 * link leads out of it. A descriptor or -errno.
 */
MUST_USE int machine_openat(const struct machine *m, const char *path, int flags);
/* Replaces `ret` with the file. 0, -errno, or -EFBIG with the first `limit` bytes. */
MUST_USE int machine_read(const struct machine *m, const char *path, size_t limit,
                          struct strbuf *ret);
/* The first line, without what blanks stand around it. 0, -errno; -EBADMSG for a NUL in it. */
MUST_USE int machine_read_line(const struct machine *m, const char *path, struct strbuf *ret);
/* A number that is all of the first line. 0, -errno; -EBADMSG when it is none. */
MUST_USE int machine_read_u64(const struct machine *m, const char *path, uint64_t *ret);
bool machine_has(const struct machine *m, const char *path);
/* Replaces `ret` with what a symbolic link says. 0 or -errno. */
MUST_USE int machine_read_link(const struct machine *m, const char *path, struct strbuf *ret);

/*
 * The lines of a text, one a call: *at moves on, the line (without its newline) is at the
 * return value, *ret_len bytes long. NULL at the end. Pure.
 */
const char *text_line(const char **at, const char *end, size_t *ret_len);
/*
 * The value of a line "KEY : value" or "KEY: value", without the blanks around it. False when
 * the line is about another key. Pure.
 */
bool text_key(const char *line, size_t len, const char *key, const char **ret, size_t *ret_len);
/* Digits at `s`, blanks before them passed over, whatever follows. 0, -EINVAL or -ERANGE. Pure. */
MUST_USE int text_scan_u64(const char *s, size_t len, uint64_t *ret, size_t *ret_used);
/* "12.34" as 1234 with `decimals` 2, further ones dropped. 0, -EINVAL or -ERANGE. Pure. */
MUST_USE int text_scan_fixed(const char *s, size_t len, int decimals, uint64_t *ret,
                             size_t *ret_used);
