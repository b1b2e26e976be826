/* SPDX-License-Identifier: MIT */
/*
 * What the files of this applet share. verify.c holds the options and calls one mode: check.c
 * (lists; list.c, list_mtree.c and lines.c read them, bag.c knows bags, extra.c finds what no list
 * names), create.c (and update.c, create_mtree.c, create_bag.c), files.c (two files) or trees.c
 * (two directories; tree.c collects one, meta.c compares what is not content, moved.c finds files
 * under other names). report.c counts and shows; hashes.c hashes a file; sample.c draws those that
 * are read; window.c works on many threads and shows in order; open.c opens what may be opened.
 */
#pragma once

#include "cli/applet.h"
#include "cli/filter_opts.h"
#include "cli/progress.h"
#include "fs/checklist.h"
#include "fs/hash_file.h"
#include "fs/mtree.h"

#include <pthread.h>
#include <stdatomic.h>

enum verify_status {
	VERIFY_SAME,
	VERIFY_DIFFER,
	VERIFY_MISSING,
	VERIFY_EXTRA,
	VERIFY_MOVED,
	VERIFY_TYPE,
	VERIFY_META,
	VERIFY_UNREADABLE,
	VERIFY_CHANGED, /* while it was read */
};

enum { VERIFY_STATUSES = VERIFY_CHANGED + 1 };

enum verify_extra { EXTRA_AUTO, EXTRA_ERROR, EXTRA_WARN, EXTRA_IGNORE };
/* META_AUTO: nothing of two trees, and of a list of mtree whatever it says. */
enum verify_meta { META_AUTO, META_NONE, META_BASIC, META_ALL };
enum verify_format { FORMAT_GNU, FORMAT_BINARY, FORMAT_TAG, FORMAT_MTREE, FORMAT_BAG };

enum { VERIFY_ALGO_AUTO = -1 };

struct verify_opts {
	bool check;
	const char *create; /* NULL: no; "-": to standard output */

	bool update;
	int algo; /* enum hash_algo, or VERIFY_ALGO_AUTO */
	int format;
	bool quiet, status, strict, ignore_missing, warn;
	int extra;
	bool allow_outside;

	int meta;
	bool moved;
	bool verbose;
	const char *sample;  /* a percentage, or NULL */
	const char *explain; /* a path, or NULL */
	const char *files0_from;

	bool direct;
	int64_t jobs; /* 0: chosen */
	int progress; /* enum progress_when */
	bool one_file_system;
	struct filter_cli_opts filter;
	struct out_opts out;
};

/* One answer. */
struct verify_item {
	enum verify_status status;
	const char *path;
	const char *other; /* VERIFY_MOVED: where it is now; or NULL */
	bool has_offset;
	uint64_t offset;      /* of the first byte that differs */
	const char *expected; /* a checksum, a type, a link's target, metadata; or NULL */
	const char *actual;   /* the same, as it is */
};

/* hashes.c: those that no thread uses at the moment. */
struct hashes {
	pthread_mutex_t lock;
	struct {
		VEC_FIELDS(struct hash *);
	} idle; /* owned */
};
void hashes_init(struct hashes *h);
void hashes_release(struct hashes *h);

/* sample.c. Zeroed: every file is read. */
struct sample {
	uint64_t share; /* of the files, in millionths; 0: all */
	uint64_t state; /* of a generator of random numbers */
};
/* What --sample says, or NULL. 0, or the exit status after the trouble was reported. */
MUST_USE int sample_begin(struct diag *d, const char *text, struct sample *ret);
/* Is the content of the next file left unread? Each one is drawn; not on two threads at once. */
bool sample_leaves_unread(struct sample *s);

struct verify_run {
	struct ctx *ctx;
	const struct verify_opts *opts;
	struct filter *filter;
	struct progress *progress;
	struct hashes hashes;
	struct sample sample;
	uint64_t counts[VERIFY_STATUSES];
	uint64_t unread;   /* files that are as they should be but for the content, which --sample
	                      left */
	uint64_t improper; /* lines of lists that are none */
	atomic_uint_fast64_t bytes;
	bool extra_is_error;
};

/* report.c: counts it, and emits its record. Text is the mode's own. Not on two threads at once. */
void verify_report(struct verify_run *run, const struct verify_item *item);
/*
 * In lines that are not for a terminal, a name with a newline is shown as sha256sum does, with
 * \n, and a backslash in front of the line: nobody forges a line with a name.
 */
bool verify_escapes(const struct verify_run *run, const char *name);
void verify_add_name(const struct verify_run *run, struct strbuf *line, const char *name,
                     bool escapes);
/* The summary record, and the exit status of what was counted. */
int verify_finish(struct verify_run *run);
const char *verify_status_word(enum verify_status status);
extern const struct applet_schema verify_schemas[];
/* The record of a name that --create lists: of type DT_REG and so on, perhaps without a digest. */
void verify_report_entry(struct verify_run *run, const struct checklist_entry *entry,
                         unsigned char type, uint64_t size);

/* open.c */
struct verify_place {
	int dirfd;          /* names are relative to it */
	bool outside;       /* names and links may lead out of it */
	bool without_links; /* no symbolic link is followed at all */
};
/*
 * Opens the regular file `path` for reading; a FIFO or a device is never opened. A descriptor,
 * or -errno: -EISDIR a directory, -ENXIO no regular file, -EXDEV it leads outside.
 */
MUST_USE int verify_open(const struct verify_place *place, const char *path);
/* The reason for one of those numbers, or what the system says. */
const char *verify_why(int err);
/* hashes.c: hash_fd() of the whole file, as the options want it; on any thread. */
MUST_USE int verify_hash(struct verify_run *run, int fd, enum hash_algo algo,
                         struct hash_file_result *ret);
/* For compare_fds(): counts bytes, ends with -ECANCELED when a signal asks for it. */
struct read_opts verify_read_opts(struct verify_run *run);

/*
 * window.c: tasks are done on many threads, a limited number at a time, and shown one at a time
 * in the order in which they were added.
 */
struct window;
typedef void window_step(void *task, void *user);
struct window_calls {
	size_t task_size;  /* a task is so many zeroed bytes */
	window_step *work; /* on any thread */
	window_step *show; /* in order; also frees what the task holds */
	void *user;
};
struct window *window_new(const struct verify_run *run, const struct window_calls *calls);
/* Waits for the rest. */
struct window *window_free(struct window *w);
DEFINE_AUTO_FREE(window)
/* Room for the next task, to be filled at once. May do and show those before it. */
void *window_add(struct window *w);
/* Does and shows all that were added. */
void window_flush(struct window *w);

/* lines.c: reads a list line by line. */
struct lines {
	int fd;
	char end; /* of a line */
	struct strbuf buffer;
	size_t at;
	bool ended;
};
/* 1 with a line, borrowed until the next call; 0 at the end; -errno. Too long a line is "/",
 * which is a line of no list. */
MUST_USE int lines_next(struct lines *l, const char **ret, size_t *ret_len);
void lines_release(struct lines *l);

/* The modes; each returns the exit status. */
int verify_check(struct verify_run *run, char **operands);
int verify_create(struct verify_run *run, char **operands);
int verify_pair(struct verify_run *run, const char *a, const char *b);
int verify_trees(struct verify_run *run, const char *a, const char *b);
