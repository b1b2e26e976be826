/* SPDX-License-Identifier: MIT */
/* --create: a list of checksums of files, and of all files below directories. */
#include "create.h"

#include "base/fdio.h"
#include "base/path.h"
#include "base/sig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

enum { WRITE_FROM = 64 << 10 };

static bool is_own(const struct create *c, const struct stat *st)
{
	return c->has_own && st->st_dev == c->own_dev && st->st_ino == c->own_ino;
}

static void find_own(struct create *c)
{
	const char *list = c->run->opts->create;
	struct stat st;

	if ((strcmp(list, "-") == 0 ? fstat(STDOUT_FILENO, &st) : stat(list, &st)) != 0 ||
	    !S_ISREG(st.st_mode))
		return;
	c->has_own = true;
	c->own_dev = st.st_dev;
	c->own_ino = st.st_ino;
}

const char *create_listed_name(const char *path)
{
	while (path[0] == '.' && path[1] == '/') {
		const char *rest = path + 1 + strspn(path + 1, "/");

		if (*rest == '\0')
			return ".";
		path = rest;
	}
	return path;
}

/* Names of every type are listed, not only regular files. */
static bool takes_all(const struct create *c)
{
	return c->run->opts->format == FORMAT_MTREE;
}

static enum walk_action visit(const struct walk_entry *e, void *user)
{
	struct create *c = user;
	enum walk_action action;

	if (sig_stopped())
		return WALK_STOP;
	strbuf_clear(&c->path);
	if (e->event == WALK_ERROR || e->event == WALK_LOOP) {
		walk_add_path(e, &c->path);
		c->lacks_some = true;
		(void)diag_partial(c->run->ctx->diag, e->event == WALK_LOOP ? ELOOP : e->err,
		                   e->event == WALK_LOOP ? "enter" : e->verb, c->path.data);
		return WALK_CONTINUE;
	}
	if (e->event != WALK_ENTER)
		return WALK_CONTINUE;
	walk_add_path(e, &c->path);
	if (c->run->opts->format == FORMAT_BAG && create_bag_skips(c, e, &action))
		return action;
	if (e->type == DT_DIR && !takes_all(c))
		return WALK_CONTINUE;
	if (e->type != DT_REG && !takes_all(c)) {
		/* Those in a directory are no files; one that was asked for is not left out
		 * silently. */
		if (e->depth == 0)
			(void)diag_partial_text(c->run->ctx->diag, c->path.data, "%s",
			                        verify_why(ENXIO));
		return WALK_CONTINUE;
	}
	if (e->st != NULL &&
	    (is_own(c, e->st) || !filter_passes_stat(c->run->filter, e->type, e->st)))
		return WALK_CONTINUE;
	vec_push(&c->names, mem_strdup(create_listed_name(c->path.data)));
	return WALK_CONTINUE;
}

/* Bytewise, but that mtree wants the top to come first. */
static int compare_names(const void *a, const void *b)
{
	const char *x = *(char *const *)a;
	const char *y = *(char *const *)b;
	const bool x_is_top = strcmp(x, ".") == 0;
	const bool y_is_top = strcmp(y, ".") == 0;

	return x_is_top || y_is_top ? (int)y_is_top - (int)x_is_top : strcmp(x, y);
}

int create_collect(struct create *c, char **operands)
{
	const struct walk_select select = filter_select(c->run->filter);
	const struct walk_opts opts = { .order = WALK_SORTED,
		                        .follow = WALK_FOLLOW_ROOTS,
		                        .one_file_system = c->run->opts->one_file_system,
		                        .stat = c->has_own || filter_needs_stat(c->run->filter),
		                        .max_depth = WALK_DEPTH_ANY,
		                        .threads = (unsigned)c->run->opts->jobs,
		                        .select = &select };
	size_t kept = 0;
	int r = walk(operands, &opts, visit, c, NULL);

	if (r < 0)
		return diag_fail(c->run->ctx->diag, -r, "search", operands[0]);
	if (c->names.len > 1)
		qsort(c->names.items, c->names.len, sizeof(c->names.items[0]), compare_names);
	for (size_t i = 0; i < c->names.len; i++) {
		if (kept > 0 && strcmp(c->names.items[i], c->names.items[kept - 1]) == 0)
			free(c->names.items[i]);
		else
			c->names.items[kept++] = c->names.items[i];
	}
	c->names.len = kept;
	return 0;
}

static void drop_listed(struct create *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->names.len; i++) {
		if (create_is_listed(c, c->names.items[i]))
			free(c->names.items[i]);
		else
			c->names.items[kept++] = c->names.items[i];
	}
	c->names.len = kept;
}

void create_flush(struct create *c)
{
	if (c->fd < 0)
		out_text(c->run->ctx->out, c->text.data, c->text.len);
	else if (c->err == 0)
		c->err = fdio_write_all(c->fd, strbuf_str(&c->text), c->text.len);
	strbuf_clear(&c->text);
}

void create_flush_some(struct create *c)
{
	if (c->text.len >= WRITE_FROM)
		create_flush(c);
}

void create_hash(struct create *c, struct create_task *task)
{
	const struct verify_place place = { .dirfd = AT_FDCWD, .outside = true };
	AUTO_CLOSE int fd = -1;

	task->err = -ECANCELED;
	if (sig_stopped() || c->err < 0)
		return;
	fd = verify_open(&place, task->name);
	if (fd < 0) {
		task->err = fd;
		return;
	}
	task->err = verify_hash(c->run, fd, c->algo, &task->result);
}

static void hash_one(void *item, void *user)
{
	create_hash(user, item);
}

void create_tell_trouble(struct create *c, const struct create_task *task)
{
	if (task->err == -ECANCELED)
		return;
	c->lacks_some = true;
	c->run->counts[task->err == -ESTALE ? VERIFY_CHANGED : VERIFY_UNREADABLE]++;
	(void)diag_partial_text(c->run->ctx->diag, task->name, "%s", verify_why(-task->err));
}

static void show_one(void *item, void *user)
{
	static const enum checklist_style styles[] = { [FORMAT_GNU] = CHECKLIST_GNU,
		                                       [FORMAT_BINARY] = CHECKLIST_BINARY,
		                                       [FORMAT_TAG] = CHECKLIST_TAG };
	const struct create_task *task = item;
	struct create *c = user;
	const struct verify_opts *opts = c->run->opts;
	struct checklist_entry entry = { .algo = c->algo };

	if (task->err < 0) {
		create_tell_trouble(c, task);
		return;
	}
	strbuf_add_str(&entry.name, task->name);
	entry.digest_size = task->result.digest_size;
	memcpy(entry.digest, task->result.digest, entry.digest_size);
	c->run->counts[VERIFY_SAME]++;
	if (opts->out.json)
		verify_report_entry(c->run, &entry, DT_REG, task->result.length);
	if (!opts->out.json || c->fd >= 0)
		checklist_add_line(&c->text, &entry, styles[opts->format], opts->out.zero);
	create_flush_some(c);
	create_checkpoint(c, task->result.length);
	strbuf_release(&entry.name);
}

/* Which directories the list holds all files of: unless a filter left some out. */
static void add_covers(struct create *c, char **operands)
{
	struct stat st;

	if (c->run->opts->out.json && c->fd < 0)
		return;
	if (!filter_is_trivial(c->run->filter) || c->run->opts->one_file_system)
		return;
	for (; *operands != NULL; operands++) {
		AUTO_RELEASE_STRBUF struct strbuf dir = { 0 };

		if (stat(*operands, &st) != 0 || !S_ISDIR(st.st_mode))
			continue;
		path_add_normal(&dir, *operands);
		if (!create_is_covered(c, strbuf_str(&dir)))
			checklist_add_covers(&c->text, strbuf_str(&dir), c->run->opts->out.zero);
	}
}

static void write_list(struct create *c, char **operands)
{
	static window_step *const steps[][2] = {
		[FORMAT_GNU] = { hash_one, show_one },
		[FORMAT_BINARY] = { hash_one, show_one },
		[FORMAT_TAG] = { hash_one, show_one },
		[FORMAT_MTREE] = { create_work_mtree, create_show_mtree },
		[FORMAT_BAG] = { hash_one, create_show_bag },
	};
	const struct verify_opts *opts = c->run->opts;
	const struct window_calls calls = { sizeof(struct create_task), steps[opts->format][0],
		                            steps[opts->format][1], c };
	struct window *window = window_new(c->run, &calls);

	if (opts->format == FORMAT_MTREE && !c->has_old && (!opts->out.json || c->fd >= 0))
		create_begin_mtree(c);
	if (opts->format != FORMAT_BAG)
		add_covers(c, operands);
	for (size_t i = 0;
	     i < c->names.len && !sig_stopped() && c->err == 0 && !out_failed(c->run->ctx->out);
	     i++)
		((struct create_task *)window_add(window))->name = c->names.items[i];
	(void)window_free(window);
	create_flush(c);
}

/* Is what was written worth having under the list's name? */
static bool is_good(const struct create *c)
{
	if (c->err != 0 || !c->is_begun)
		return false;
	if (sig_stopped() && c->listed == NULL)
		return false;
	return !c->lacks_some || c->run->opts->format != FORMAT_BAG;
}

bool create_replace(struct create *c, const char *path, char **operands)
{
	struct diag *d = c->run->ctx->diag;
	int r = replace_begin(path, &c->replace);
	bool has_new = false;

	if (r < 0) {
		(void)diag_fail(d, -r, "write", path);
		return false;
	}
	c->is_begun = true;
	c->fd = c->replace.fd;
	if (c->has_old)
		c->err = create_copy_old(c);
	if (c->err == 0)
		write_list(c, operands);
	if (is_good(c)) {
		c->err = replace_commit(&c->replace);
		has_new = c->err == 0;
	} else if (c->is_begun) {
		replace_abort(&c->replace);
	}
	c->is_begun = false;
	c->fd = -1;
	if (c->err < 0)
		(void)diag_fail(d, -c->err, "write", path);
	return has_new;
}

void create_release(struct create *c)
{
	for (size_t i = 0; i < c->names.len; i++)
		free(c->names.items[i]);
	vec_release(&c->names);
	for (size_t i = 0; i < c->covered.len; i++)
		free(c->covered.items[i]);
	vec_release(&c->covered);
	c->listed = map_free(c->listed);
	strbuf_release(&c->path);
	strbuf_release(&c->text);
}

/* 0, or the status of options and operands that do not go with the format. */
static int check_format(const struct create *c, char **operands)
{
	const struct verify_opts *opts = c->run->opts;
	struct diag *d = c->run->ctx->diag;

	if (operands[0] == NULL)
		return diag_usage(d, "--create needs a FILE or a DIR");
	if (opts->update && (opts->format == FORMAT_BAG || strcmp(opts->create, "-") == 0))
		return diag_usage(d, "--update is for a list in a file: --create=LIST");
	if (opts->format != FORMAT_MTREE && opts->format != FORMAT_BAG)
		return 0;
	if (opts->out.zero)
		return diag_usage(d, "--zero is for lists of checksums");
	if (!mtree_has_algo(c->algo))
		return diag_usage(
			d, "such a list has no %s: --algo may be sha256, sha512, sha1 or md5",
			hash_name(c->algo));
	return opts->format == FORMAT_MTREE ? create_check_mtree(c, operands) : 0;
}

static int create_list(struct create *c, char **operands)
{
	int status;

	find_own(c);
	status = c->run->opts->update ? create_read_old(c) : 0;
	if (status == 0)
		status = create_collect(c, operands);
	if (status != 0 || sig_stopped())
		return status;
	drop_listed(c);
	if (strcmp(c->run->opts->create, "-") == 0)
		write_list(c, operands);
	else
		(void)create_replace(c, c->run->opts->create, operands);
	return verify_finish(c->run);
}

int verify_create(struct verify_run *run, char **operands)
{
	const struct verify_opts *opts = run->opts;
	struct create c = { .run = run,
		            .algo = opts->algo == VERIFY_ALGO_AUTO ? HASH_SHA256
		                                                   : (enum hash_algo)opts->algo,
		            .fd = -1 };
	int status = check_format(&c, operands);

	if (status == 0)
		status = opts->format == FORMAT_BAG ? create_bag(&c, operands)
		                                    : create_list(&c, operands);
	create_release(&c);
	return status;
}
