/* SPDX-License-Identifier: MIT */
/*
 * Called by the name sync, as coreutils' program of that name: it flushes what the kernel holds to
 * the disks, all or of some files. With an option of the tree synchronization it is that one;
 * two operands alone are never guessed at.
 */
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct caches_opts {
	struct sync_opts tree;
	bool data;
	bool file_system;
};

#define S struct caches_opts
static const struct opt caches_options[] = {
	OPT_HEADING("As sync of coreutils"),
	OPT_BOOL('d', "data", S, data, "flush only the data of each FILE, not its attributes"),
	OPT_BOOL('f', "file-system", S, file_system, "flush the file systems that hold each FILE"),
	OPT_SHARED(S, tree),
};

static const struct opt_link links[] = {
	OPT_SPLICE(S, tree, sync_opt_table),
};
#undef S

static const struct caches_opts caches_defaults = { .tree = SYNC_DEFAULTS };

static int flush_fd(int fd, const struct caches_opts *o)
{
	if (o->data)
		return fdatasync(fd);
	return o->file_system ? syncfs(fd) : fsync(fd);
}

/* A FIFO is opened without waiting for its other end; a file that may only be written as well. */
static int open_any(const char *path)
{
	const int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, O_RDONLY | flags);
	int err = errno;

	if (fd < 0)
		fd = open(path, O_WRONLY | flags);
	if (fd < 0)
		errno = err;
	return fd;
}

/* coreutils' codes: 1 for anything that failed. */
static int flush_files(struct ctx *ctx, const struct caches_opts *o, char **operands)
{
	for (size_t i = 0; operands[i] != NULL; i++) {
		AUTO_CLOSE int fd = open_any(operands[i]);

		if (fd < 0)
			(void)diag_partial(ctx->diag, errno, "open", operands[i]);
		else if (flush_fd(fd, o) != 0)
			(void)diag_partial(ctx->diag, errno, "flush", operands[i]);
	}
	return diag_status(ctx->diag, EXIT_YES);
}

static size_t count(char **operands)
{
	size_t n = 0;

	while (operands[n] != NULL)
		n++;
	return n;
}

/* Was any option of the trees given? Each of them sets a field; all else was copied whole. */
static bool is_about_trees(const struct sync_opts *o)
{
	const unsigned char *now = (const void *)o;
	const unsigned char *before = (const void *)&sync_defaults;

	for (size_t i = 0; i < sizeof(*o); i++)
		if (now[i] != before[i])
			return true;
	return false;
}

static int run_caches(struct ctx *ctx, const void *options, char **operands)
{
	const struct caches_opts *o = options;
	bool flushes = o->data || o->file_system;
	size_t n = count(operands);

	if (flushes && is_about_trees(&o->tree))
		return diag_usage(ctx->diag,
		                  "-d and -f flush caches, the other options copy trees");
	if (is_about_trees(&o->tree))
		return sync_trees(ctx, &o->tree, operands);
	if (o->data && o->file_system)
		return diag_usage(ctx->diag, "-d and -f exclude each other");
	if (n == 2 && !flushes)
		return diag_usage(ctx->diag,
		                  "two operands can mean two things: 'sync -a A B' makes the tree "
		                  "B equal to A, 'sync A; sync B' flushes both to the disk; "
		                  "nothing was done");
	if (n == 0 && o->data)
		return diag_usage(ctx->diag, "-d wants files");
	if (n == 0) {
		sync();
		return EXIT_YES;
	}
	return flush_files(ctx, o, operands);
}

const struct applet sync_by_name_applet = {
	.name = "sync",
	.group = "Files",
	.summary = "flush caches to the disks; with options of trees make DST equal to SRC",
	.operands = "[FILE]... | OPTION... SRC DST",
	.says_no_when = "a file could not be flushed; with trees: some entries are doubtful",
	.options = OPT_TABLE_LINKED(caches_options, links),
	.defaults = &caches_defaults,
	.options_size = sizeof(struct caches_opts),
	.schemas = sync_schemas,
	.run = run_caches,
};
