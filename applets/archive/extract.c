/* SPDX-License-Identifier: MIT */
/* archive extract */
#include "archive.h"

#include "base/path.h"
#include "base/sig.h"
#include "sys/users.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MAX = 1000 };

enum {
	SUMMARY_ENTRIES,
	SUMMARY_BYTES,
	SUMMARY_REFUSED,
	SUMMARY_DUPLICATES,
	SUMMARY_SKIPPED,
	SUMMARY_DIRECTORY,
	SUMMARY_INTEGRITY,
	SUMMARY_END,
	SUMMARY_TRAILING,
	SUMMARY_STATUS,
	SUMMARY_INTERRUPTED,
};

static const struct column summary_columns[] = {
	{ "entries", COLUMN_COUNT, "members that were extracted" },
	{ "bytes", COLUMN_SIZE, "of their contents" },
	{ "refused", COLUMN_COUNT, "members, or parts of them, that were not" },
	{ "duplicates", COLUMN_COUNT, "names that occurred before; the last one counts" },
	{ "skipped", COLUMN_COUNT, "existing files that were left alone, as asked for" },
	{ "directory", COLUMN_NAME, "into which it was extracted" },
	{ "integrity", COLUMN_TEXT, "what proves the contents: none, crc32, xxh64, ..." },
	{ "eof_marker", COLUMN_BOOL, "the mark at the end was there" },
	{ "trailing_bytes", COLUMN_SIZE, "that follow the end" },
	{ "exit_code", COLUMN_COUNT, "the exit status" },
	{ "interrupted", COLUMN_BOOL, "a signal ended it before its time" },
};

const struct column_table extract_summary_table = { summary_columns, ARRAY_LEN(summary_columns) };

struct extraction {
	struct archive_run *run;
	struct source source;
	struct selection selection;
	struct extract *stage;
	struct users *users;
	int dirfd;       /* where the stage is */
	int target;      /* the directory to move things into, or -1 */
	char *new_name;  /* of a directory that the stage becomes; owned, or NULL */
	char *directory; /* for the summary; owned */
	struct extract_counts counts;
	struct members_end end;
	bool known_end;
	bool told_charset;
};

static void on_trouble(const char *path, const char *text, int err, void *user)
{
	struct extraction *e = user;

	if (err != 0)
		(void)diag_partial(e->run->ctx->diag, err, text, path);
	else
		(void)diag_partial_text(e->run->ctx->diag, path, "%s", text);
}

static bool on_bytes(uint64_t bytes, void *user)
{
	struct extraction *e = user;

	progress_tick(e->run->progress, bytes, 0, NULL);
	return !sig_stopped();
}

/* The directory that holds `path`, opened; what is left of it is the name. */
static int open_above(const char *path, char **ret_name)
{
	const size_t len = path_trimmed_len(path);
	const char *slash = memrchr(path, '/', len);
	char *above =
		slash == NULL ? mem_strdup(".") : mem_strndup(path, (size_t)(slash - path) + 1);
	int fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int err = errno;

	free(above);
	if (fd < 0)
		return -err;
	*ret_name = slash == NULL ? mem_strndup(path, len)
	                          : mem_strndup(slash + 1, len - (size_t)(slash + 1 - path));
	return fd;
}

/* Where it goes. 0 or the exit status. */
static int find_target(struct extraction *e)
{
	const struct archive_opts *opts = &e->run->opts;
	const char *dir = opts->directory;

	if (dir == NULL && (opts->here || e->run->is_bundle))
		dir = ".";
	e->target = open(dir != NULL ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	e->dirfd = e->target;
	if (e->target >= 0) {
		e->directory = mem_strdup(dir != NULL ? dir : ".");
		return 0;
	}
	if (dir == NULL || errno != ENOENT)
		return diag_fail(e->run->ctx->diag, errno, "open", dir != NULL ? dir : ".");
	e->dirfd = open_above(dir, &e->new_name);
	if (e->dirfd < 0)
		return diag_fail(e->run->ctx->diag, -e->dirfd, "open the directory above", dir);
	e->directory = mem_strdup(dir);
	return 0;
}

static int make_stage(struct extraction *e)
{
	const struct archive_opts *opts = &e->run->opts;
	const bool trusted = opts->policy == EXTRACT_TRUSTED;
	const mode_t mask = umask(0);
	struct extract_opts how = {
		.dirfd = e->dirfd,
		.policy = (enum extract_policy)opts->policy,
		.keep_modes = opts->keep_modes,
		.keep_owners = opts->same_owner || (trusted && geteuid() == 0),
		.no_mtime = opts->no_mtime,
		.no_xattrs = opts->no_xattrs,
		.strict = opts->strict || !members_is_stream(e->source.members),
		.umask = mask,
		.strip = (unsigned)opts->strip,
		.trouble = on_trouble,
		.go_on = on_bytes,
		.user = e,
	};
	int r;

	limits_read(e->run, e->dirfd, &how.limits);
	if (how.keep_owners && !opts->numeric_owner)
		e->users = users_new();
	r = extract_new(&how, &e->stage);
	return r < 0 ? diag_fail(e->run->ctx->diag, -r, "make a directory in", e->directory) : 0;
}

/* Names of owners count more than numbers, where this machine knows them. */
static void find_owner(struct extraction *e, struct member *m)
{
	uid_t uid;
	gid_t gid;

	if (e->users == NULL)
		return;
	if (m->user != NULL && m->user[0] != '\0' && users_uid(e->users, m->user, &uid) == 0)
		m->uid = uid;
	if (m->group != NULL && m->group[0] != '\0' && users_gid(e->users, m->group, &gid) == 0)
		m->gid = gid;
}

static void show(struct extraction *e, const struct member *m)
{
	struct out *out = e->run->ctx->out;

	if (out_wants_records(out))
		list_emit(e->run, m, 0);
	if (e->run->opts.verbose && out_format(out) != OUT_JSON) {
		AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

		out_add_name(out, &line, m->path, m->path_len);
		out_line(out, &line);
	}
}

/* 0: go on; or the exit status. */
static int one_failed(struct extraction *e, const struct member *m, int r)
{
	struct diag *d = e->run->ctx->diag;

	if (r == -E2BIG)
		return limits_trouble(e->run, extract_limit(e->stage));
	if (r == -ECANCELED)
		return EXIT_NO;
	if (extract_write_failed(e->stage))
		return diag_fail(d, -r, "write", m->path);
	if (r != -ENOKEY && r != -EKEYREJECTED && members_goes_on(e->source.members)) {
		(void)diag_partial_text(d, m->path, "%s; it is not extracted",
		                        members_error(e->source.members));
		return 0;
	}
	return source_member_trouble(e->run, &e->source, m->path, r);
}

static int to_stdout(struct extraction *e, struct member *m)
{
	static const char zeroes[4096];
	const void *bytes;
	size_t len;
	uint64_t offset;
	uint64_t at = 0;
	int r;

	if (m->type != DT_REG || m->hardlink != NULL)
		return 0;
	while ((r = members_data(e->source.members, &bytes, &len, &offset)) > 0) {
		while (at < offset) {
			const size_t n = offset - at < sizeof(zeroes) ? (size_t)(offset - at)
			                                              : sizeof(zeroes);

			out_text(e->run->ctx->out, zeroes, n);
			at += n;
		}
		out_text(e->run->ctx->out, bytes, len);
		at += len;
		e->counts.bytes += len;
		if (out_failed(e->run->ctx->out) || sig_stopped())
			return EXIT_NO;
	}
	e->counts.entries++;
	return r < 0 ? source_member_trouble(e->run, &e->source, m->path, r) : 0;
}

static int one(struct extraction *e, struct member *m)
{
	int r;

	if (!selection_wants(&e->selection, m))
		return 0;
	if (m->charset_guessed && !e->run->opts.quiet && !e->told_charset) {
		e->told_charset = true;
		diag_warn(e->run->ctx->diag, e->source.name,
		          "names are taken for code page 437 (--names-charset=raw keeps them)");
	}
	if (m->warning != NULL)
		(void)diag_partial_text(e->run->ctx->diag, m->path, "%s", m->warning);
	if (e->run->opts.to_stdout)
		return to_stdout(e, m);
	find_owner(e, m);
	r = extract_member(e->stage, e->source.members, m);
	if (r < 0)
		return one_failed(e, m, r);
	show(e, m);
	return 0;
}

static int all_members(struct extraction *e)
{
	struct member m;
	int status = 0;
	int r = 0;

	while (status == 0 && !sig_stopped() && (r = members_next(e->source.members, &m)) > 0)
		status = one(e, &m);
	if (status != 0 || sig_stopped())
		return status != 0 ? status : EXIT_NO;
	if (r < 0)
		return source_trouble(e->run, &e->source, r);
	r = members_finish(e->source.members, &e->end);
	if (r < 0)
		return source_trouble(e->run, &e->source, r);
	e->known_end = true;
	source_tell_end(e->run, &e->source, &e->end);
	return 0;
}

/* The stage becomes a directory named after the archive, with a number when that is taken. */
static int become_new(struct extraction *e)
{
	char *name = extract_name(e->source.name);
	AUTO_RELEASE_STRBUF struct strbuf other = { 0 };
	int r = extract_become(e->stage, name);

	strbuf_add_str(&other, name);
	for (unsigned i = 1; r == -EEXIST && i <= NAMES_MAX; i++) {
		strbuf_clear(&other);
		strbuf_add_format(&other, "%s.%u", name, i);
		r = extract_become(e->stage, strbuf_str(&other));
	}
	if (r < 0)
		r = diag_fail(e->run->ctx->diag, -r, "make the directory", strbuf_str(&other));
	else if (!e->run->opts.quiet)
		diag_warn(e->run->ctx->diag, strbuf_str(&other), "extracted into this directory");
	free(name);
	free(e->directory);
	e->directory = strbuf_detach(&other);
	return r;
}

/* Out of the stage. 0 or the exit status. */
static int put_in_place(struct extraction *e)
{
	const struct archive_opts *opts = &e->run->opts;
	struct diag *d = e->run->ctx->diag;
	char *only = NULL;
	size_t n = 0;
	int r;

	if (!opts->no_fsync) {
		r = extract_sync(e->stage);
		if (r < 0)
			return diag_fail(d, -r, "write to disk in", e->directory);
	}
	if (e->new_name != NULL) {
		r = extract_become(e->stage, e->new_name);
		return r < 0 ? diag_fail(d, -r, "make the directory", e->directory) : 0;
	}
	r = extract_top(e->stage, &n, &only);
	free(only);
	if (r < 0)
		return diag_fail(d, -r, "read", e->directory);
	if (n > 1 && opts->directory == NULL && !opts->here && !e->run->is_bundle)
		return become_new(e);
	r = extract_move(e->stage, e->target, (enum extract_existing)opts->existing);
	return r < 0 ? diag_fail(d, -r, "move files into", e->directory) : 0;
}

static int run_extraction(struct extraction *e)
{
	int status = find_target(e);

	if (status == 0 && !e->run->opts.to_stdout)
		status = make_stage(e);
	if (status == 0)
		status = all_members(e);
	if (status != 0 || e->run->opts.to_stdout)
		return status;
	ignore(extract_finish(e->stage));
	return sig_stopped() ? EXIT_NO : put_in_place(e);
}

static void summarize(struct extraction *e, int status)
{
	struct job *job = e->run->job;
	struct record r;

	record_begin(&r, "summary", &extract_summary_table);
	record_u64(&r, SUMMARY_ENTRIES, e->counts.entries);
	record_u64(&r, SUMMARY_BYTES, e->counts.bytes);
	record_u64(&r, SUMMARY_REFUSED, e->counts.refused);
	record_u64(&r, SUMMARY_DUPLICATES, e->counts.duplicates);
	record_u64(&r, SUMMARY_SKIPPED, e->counts.skipped);
	if (e->directory != NULL && !e->run->opts.to_stdout)
		record_name(&r, SUMMARY_DIRECTORY, e->directory);
	if (e->known_end) {
		record_name(&r, SUMMARY_INTEGRITY, proof_name(e->end.proof));
		record_bool(&r, SUMMARY_END, e->end.has_end);
		record_u64(&r, SUMMARY_TRAILING, e->end.trailing);
	}
	record_u64(&r, SUMMARY_STATUS, (uint64_t)status);
	record_bool(&r, SUMMARY_INTERRUPTED, sig_stopped());
	out_emit(e->run->ctx->out, &r);
	job_gauge(job, "entries", "Members that were extracted.", e->counts.entries);
	job_gauge(job, "bytes", "Bytes of contents.", e->counts.bytes);
	job_gauge(job, "refused", "Members that were not extracted.", e->counts.refused);
}

int archive_extract(struct archive_run *run, char **operands)
{
	struct extraction e = { .run = run, .dirfd = -1, .target = -1 };
	int status;

	if (operands[0] == NULL)
		return diag_usage(run->ctx->diag, "extract: which archive?");
	if (run->opts.to_stdout && out_format(run->ctx->out) != OUT_TEXT)
		return diag_usage(run->ctx->diag, "--to-stdout and --json exclude each other");
	status = source_open(run, operands[0], &e.source);
	if (status == 0) {
		selection_begin(&e.selection, run, operands + 1);
		status = run_extraction(&e);
		selection_end(&e.selection, status == 0);
		if (e.stage != NULL)
			e.counts = extract_counts(e.stage);
		e.stage = extract_free(e.stage);
		source_close(&e.source);
	}
	status = diag_status(run->ctx->diag, status);
	if (status != EXIT_USAGE)
		summarize(&e, status);
	(void)users_free(e.users);
	if (e.dirfd >= 0)
		(void)close(e.dirfd);
	free(e.new_name);
	free(e.directory);
	return status;
}
