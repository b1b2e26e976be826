/* SPDX-License-Identifier: MIT */
/* archive create */
#include "create.h"

#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum {
	SUMMARY_PATH,
	SUMMARY_FORMAT,
	SUMMARY_ENTRIES,
	SUMMARY_BYTES,
	SUMMARY_PACKED,
	SUMMARY_FAILED,
	SUMMARY_VANISHED,
	SUMMARY_GREW,
	SUMMARY_VERIFIED,
	SUMMARY_STATUS,
	SUMMARY_INTERRUPTED,
};

static const struct column summary_columns[] = {
	{ "path", COLUMN_NAME, "the archive" },
	{ "format", COLUMN_TEXT, "as --format names it" },
	{ "entries", COLUMN_COUNT, "members" },
	{ "bytes", COLUMN_SIZE, "of their contents" },
	{ "packed_bytes", COLUMN_SIZE, "of the archive" },
	{ "failed", COLUMN_COUNT, "files that are missing, or changed while they were read" },
	{ "vanished", COLUMN_COUNT, "files that were gone before they were read" },
	{ "grew", COLUMN_COUNT, "files that grew while they were read" },
	{ "verified", COLUMN_BOOL, "it was read back" },
	{ "exit_code", COLUMN_COUNT, "the exit status" },
	{ "interrupted", COLUMN_BOOL, "a signal ended it before its time" },
};

const struct column_table create_summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

static bool on_stopped(void *user)
{
	(void)user;
	return sig_stopped();
}

static void on_trouble(const char *path, const char *text, int err, void *user)
{
	const struct creation *c = user;

	if (err != 0)
		(void)diag_partial(c->run->ctx->diag, err, text, path);
	else
		(void)diag_partial_text(c->run->ctx->diag, path, "%s", text);
}

static void on_walk_trouble(const char *path, const char *verb, int err, void *user)
{
	struct creation *c = user;

	c->errors++;
	(void)diag_partial(c->run->ctx->diag, err, verb, path);
}

static void on_note(const char *path, const char *text, void *user)
{
	const struct creation *c = user;

	diag_warn(c->run->ctx->diag, path, "%s", text);
}

static bool on_progress(uint64_t bytes, const char *name, void *user)
{
	const struct creation *c = user;

	progress_tick(c->run->progress, bytes, c->list.bytes, name);
	return !sig_stopped();
}

static void on_member(const struct new_member *n, void *user)
{
	struct creation *c = user;
	struct out *out = c->run->ctx->out;

	if (out_wants_records(out)) {
		const struct member m = { .index = c->written,
			                  .path = n->path,
			                  .path_len = strlen(n->path),
			                  .type = n->type,
			                  .mode = n->mode,
			                  .uid = (int64_t)n->uid,
			                  .gid = (int64_t)n->gid,
			                  .user = n->user,
			                  .group = n->group,
			                  .has_size = true,
			                  .size = n->size,
			                  .has_mtime = true,
			                  .mtime = n->mtime,
			                  .link = n->link,
			                  .hardlink = n->hardlink,
			                  .sparse = n->extents != NULL };

		list_emit(c->run, &m, 0);
	}
	c->written++;
	if (c->run->opts.verbose && out_format(out) != OUT_JSON && !c->target.is_stdout) {
		out_add_name(out, &c->line, n->path, strlen(n->path));
		out_line(out, &c->line);
	}
}

/* Below --directory; an absolute operand is nobody's child. */
static void add_operands(struct creation *c, char **operands)
{
	const char *dir = c->run->opts.directory;
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	if (dir != NULL && dir[0] != '\0') {
		strbuf_add_str(&path, dir);
		if (path.data[path.len - 1] != '/')
			strbuf_add_char(&path, '/');
	}
	c->base = mem_strdup(strbuf_str(&path));
	for (size_t i = 0; operands[i] != NULL; i++) {
		strbuf_clear(&path);
		if (operands[i][0] != '/')
			strbuf_add_str(&path, c->base);
		strbuf_add_str(&path, operands[i]);
		vec_push(&c->operands, mem_strdup(strbuf_str(&path)));
	}
	vec_push(&c->operands, NULL);
}

static int list_sources(struct creation *c)
{
	struct source_list_opts opts = {
		.filter = c->run->filter,
		.follow = c->run->opts.dereference,
		.one_file_system = c->run->opts.one_file_system,
		.hard_links = c->make.hard_links,
		.omit_roots = c->run->opts.contents,
		.base = c->base,
		.trouble = on_walk_trouble,
		.stopped = on_stopped,
		.user = c,
	};
	struct stat st;
	int r;

	if (c->target.replaces) {
		opts.skip_dev[0] = c->target.old_dev;
		opts.skip_ino[0] = c->target.old_ino;
	}
	if (fstat(c->target.fd, &st) == 0 && S_ISREG(st.st_mode)) {
		opts.skip_dev[1] = st.st_dev;
		opts.skip_ino[1] = st.st_ino;
	}
	r = source_list_read(c->operands.items, &opts, &c->list);
	c->made.vanished = c->list.vanished;
	if (r < 0)
		return diag_fail(c->run->ctx->diag, -r, "walk", c->operands.items[0]);
	if (c->list.entries.len == 0 && c->errors > 0)
		return diag_fail_text(c->run->ctx->diag, c->path,
		                      "none of the files can be read: no archive is made");
	return sig_stopped() ? EXIT_NO : 0;
}

/* Members into the file. 0 or the exit status. */
static int write_archive(struct creation *c)
{
	const bool is_zip = c->format->format == MEMBER_ZIP;
	const struct pack_opts how = { .packing = (enum packing)c->format->packing,
		                       .level = is_zip ? PACK_LEVEL_DEFAULT : c->level,
		                       .fd = c->target.fd };
	struct diag *d = c->run->ctx->diag;
	const uint64_t vanished = c->made.vanished;
	struct pack *pack = NULL;
	int r = pack_new(&how, c->crew, &pack);

	if (r < 0)
		return diag_fail(d, -r, "begin", c->path);
	c->make.writer =
		member_writer_new((enum member_format)c->format->format, pack, c->crew, c->level);
	r = archive_make(&c->make, &c->made);
	c->made.vanished += vanished;
	if (r == 0)
		r = member_writer_finish(c->make.writer);
	if (r == 0)
		r = pack_end(pack);
	c->packed = pack_written(pack);
	c->make.writer = member_writer_free(c->make.writer);
	(void)pack_free(pack);
	if (r == -ECANCELED)
		return EXIT_NO;
	return r < 0 ? diag_fail(d, -r, "write", c->path) : 0;
}

/* Reads all of it back: every checksum, and as many members as were written. */
static int verify(struct creation *c)
{
	struct source s = { .name = c->path };
	uint64_t entries = 0;
	int status;

	s.fd = openat(c->target.dirfd, c->target.put.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (s.fd < 0)
		return diag_fail(c->run->ctx->diag, errno, "open", c->path);
	status = source_verify(c->run, &s, &entries);
	if (status == 0 && !sig_stopped() && entries != c->made.entries) {
		(void)diag_partial_text(
			c->run->ctx->diag, c->path, "it has %llu members, not %llu: it is not kept",
			(unsigned long long)entries, (unsigned long long)c->made.entries);
		diag_raise(c->run->ctx->diag, EXIT_DAMAGED);
		status = EXIT_DAMAGED;
	}
	c->verified = status == 0;
	return status;
}

static void summarize(struct creation *c, int status)
{
	struct job *job = c->run->job;
	struct record r;

	record_begin(&r, "summary", &create_summary_table);
	record_name(&r, SUMMARY_PATH, c->path);
	record_name(&r, SUMMARY_FORMAT, c->format->name);
	record_u64(&r, SUMMARY_ENTRIES, c->made.entries);
	record_u64(&r, SUMMARY_BYTES, c->made.bytes);
	record_u64(&r, SUMMARY_PACKED, c->packed);
	record_u64(&r, SUMMARY_FAILED, c->made.failed + c->errors);
	record_u64(&r, SUMMARY_VANISHED, c->made.vanished);
	record_u64(&r, SUMMARY_GREW, c->made.grew);
	record_bool(&r, SUMMARY_VERIFIED, c->verified);
	record_u64(&r, SUMMARY_STATUS, (uint64_t)status);
	record_bool(&r, SUMMARY_INTERRUPTED, sig_stopped());
	if (!c->target.is_stdout)
		out_emit(c->run->ctx->out, &r);
	job_gauge(job, "entries", "Members of the archive.", c->made.entries);
	job_gauge(job, "bytes", "Bytes of contents.", c->made.bytes);
	job_gauge(job, "packed_bytes", "Bytes of the archive.", c->packed);
	job_gauge(job, "failed", "Files that are missing or changed.", c->made.failed + c->errors);
}

static int make(struct creation *c, char **operands)
{
	int status = target_open(c->run, c->path, &c->target);

	if (status != 0)
		return status;
	add_operands(c, operands);
	c->make.list = &c->list;
	c->make.crew = c->crew;
	c->make.trouble = on_trouble;
	c->make.note = on_note;
	c->make.member = on_member;
	c->make.go_on = on_progress;
	c->make.user = c;
	status = list_sources(c);
	if (status == 0)
		status = write_archive(c);
	if (status == 0 && c->run->opts.verify && !c->target.is_stdout)
		status = verify(c);
	if (status == 0 && sig_stopped())
		status = EXIT_NO;
	return status == 0 ? target_commit(c->run, &c->target) : status;
}

/* The name that it got, where that is not the one that was given. */
static void tell_name(const struct creation *c, const char *given)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct out *out = c->run->ctx->out;

	if (strcmp(c->path, given) == 0 || c->run->opts.quiet || out_format(out) == OUT_JSON)
		return;
	out_add_name(out, &line, c->path, strlen(c->path));
	out_line(out, &line);
}

static void release(struct creation *c)
{
	source_list_release(&c->list);
	for (size_t i = 0; i < c->operands.len; i++)
		free(c->operands.items[i]);
	vec_release(&c->operands);
	strbuf_release(&c->line);
	(void)users_free(c->users);
	free(c->owner_names[0]);
	free(c->owner_names[1]);
	free(c->base);
	free(c->path);
}

int archive_create(struct archive_run *run, char **operands)
{
	struct creation c = { .run = run, .target = { .dirfd = -1, .fd = -1 } };
	struct diag *d = run->ctx->diag;
	int status;

	if (operands[0] == NULL || operands[1] == NULL)
		return diag_usage(d, "create: %s",
		                  operands[0] == NULL ? "which archive?" : "of which files?");
	if (strcmp(operands[0], "-") == 0 && out_format(run->ctx->out) != OUT_TEXT)
		return diag_usage(d, "standard output is the archive or the records, not both");
	c.users = users_new();
	status = creation_read_options(&c, operands[0]);
	if (status == 0) {
		c.crew = crew_new(archive_threads(run));
		status = make(&c, operands + 1);
		target_close(&c.target);
		c.crew = crew_free(c.crew);
		if (status == 0)
			tell_name(&c, operands[0]);
		status = diag_status(d, status);
		summarize(&c, status);
	}
	release(&c);
	return status;
}
