/* SPDX-License-Identifier: MIT */
/* --check: files beside what lists of checksums say of them. */
#include "check.h"

#include "base/hex.h"
#include "base/sig.h"
#include "sys/users.h"

#include <errno.h>
#include <fcntl.h>

/* ---- results ---- */

void check_print(struct check *c, const char *name, const char *word, const char *other)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct verify_run *run = c->run;
	bool escapes = verify_escapes(run, name) || (other != NULL && verify_escapes(run, other));

	if (run->opts->out.json || run->opts->status)
		return;
	if (escapes)
		strbuf_add_char(&line, '\\');
	verify_add_name(run, &line, name, escapes);
	strbuf_add_str(&line, ": ");
	strbuf_add_str(&line, word);
	if (other != NULL) {
		strbuf_add_char(&line, ' ');
		verify_add_name(run, &line, other, escapes);
	}
	out_line(run->ctx->out, &line);
}

static void hash_one(void *item, void *user)
{
	struct check_task *task = item;
	struct check *c = user;
	AUTO_CLOSE int fd = -1;
	struct hash_file_result result;

	if (sig_stopped()) {
		task->err = -ECANCELED;
		return;
	}
	if (task->wants != NULL) {
		check_work_mtree(c, task);
		return;
	}
	/* As in coreutils, a list speaks of standard input with this name. */
	fd = strcmp(task->name, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                                  : verify_open(&c->place, task->name);
	if (fd < 0) {
		task->err = fd;
		return;
	}
	if (task->is_unread)
		return;
	task->err = verify_hash(c->run, fd, task->algo, &result);
	if (task->err == 0)
		memcpy(task->actual, result.digest, result.digest_size);
}

static bool is_absent(int err)
{
	return err == -ENOENT || err == -ENOTDIR;
}

static bool may_be_absent(const struct check *c, const struct check_task *task)
{
	return c->run->opts->ignore_missing ||
	       (task->wants != NULL && (task->wants->has & MTREE_OPTIONAL) != 0);
}

/* Could not be read. False: it is not to be mentioned (now). */
static bool tell_trouble(struct check *c, struct check_task *task, struct verify_item *item)
{
	struct diag *d = c->run->ctx->diag;

	item->status = VERIFY_UNREADABLE;
	if (is_absent(task->err)) {
		if (may_be_absent(c, task))
			return false;
		item->status = VERIFY_MISSING;
		if (c->run->opts->moved && task->size > 0) {
			struct missing m = { .name = mem_strdup(task->name), .algo = task->algo };

			memcpy(m.digest, task->expected, task->size);
			vec_push(&c->missing, m);
			return false;
		}
		diag_warn(d, task->name, "%s", verify_why(-task->err));
	} else {
		if (task->err == -ESTALE)
			item->status = VERIFY_CHANGED;
		(void)diag_partial_text(d, task->name, "%s", verify_why(-task->err));
	}
	c->read_failures++;
	check_print(c, task->name,
	            item->status == VERIFY_CHANGED ? "CHANGED while it was read"
	                                           : "FAILED open or read",
	            NULL);
	return true;
}

/* What is not as a list of mtree says, in a few words. */
static void tell_unlike(struct check *c, const struct check_task *task)
{
	AUTO_RELEASE_STRBUF struct strbuf detail = { 0 };

	if (task->status == VERIFY_TYPE)
		strbuf_add_str(&detail, "type ");
	strbuf_add_format(&detail, "%s became %s", strbuf_str(&task->want),
	                  strbuf_str(&task->have));
	check_print(c, task->name, "FAILED", detail.data);
	c->unlike++;
}

/* It could be looked at. False: there is nothing to tell. */
static bool tell_result(struct check *c, struct check_task *task, struct verify_item *item)
{
	item->status = task->status;
	if (task->want.len > 0 || task->have.len > 0) {
		item->expected = strbuf_str(&task->want);
		item->actual = strbuf_str(&task->have);
		tell_unlike(c, task);
		return true;
	}
	if (task->is_unread) {
		c->run->unread++;
		return false;
	}
	if (task->size > 0 && memcmp(task->actual, task->expected, task->size) != 0) {
		item->status = VERIFY_DIFFER;
		c->mismatches++;
	}
	if (item->status == VERIFY_DIFFER || !c->run->opts->quiet)
		check_print(c, task->name, item->status == VERIFY_SAME ? "OK" : "FAILED", NULL);
	return true;
}

static void show_one(void *item, void *user)
{
	struct check_task *task = item;
	struct check *c = user;
	AUTO_RELEASE_STRBUF struct strbuf expected = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf actual = { 0 };
	struct verify_item answer = { .path = task->name };
	bool is_told = task->err != -ECANCELED;

	if (task->size > 0) {
		hex_add(&expected, task->expected, task->size);
		answer.expected = expected.data;
	}
	if (is_told && task->err != 0) {
		c->verified += is_absent(task->err) && may_be_absent(c, task) ? 0 : 1;
		is_told = tell_trouble(c, task, &answer);
	} else if (is_told) {
		if (task->size > 0 && !task->is_unread) {
			hex_add(&actual, task->actual, task->size);
			answer.actual = actual.data;
		}
		c->verified++;
		is_told = tell_result(c, task, &answer);
	}
	if (is_told)
		verify_report(c->run, &answer);
	free(task->name);
	if (task->wants != NULL)
		mtree_entry_release(task->wants);
	free(task->wants);
	strbuf_release(&task->want);
	strbuf_release(&task->have);
}

/* ---- the run ---- */

/* The warnings at the end, in the words of coreutils. */
static void tell_numbers(struct check *c)
{
	struct diag *d = c->run->ctx->diag;

	if (c->run->opts->status || sig_stopped())
		return;
	if (c->run->improper > 0)
		diag_warn(d, NULL, "WARNING: %ju %s improperly formatted", c->run->improper,
		          c->run->improper == 1 ? "line is" : "lines are");
	if (c->read_failures > 0)
		diag_warn(d, NULL, "WARNING: %ju listed %s could not be read", c->read_failures,
		          c->read_failures == 1 ? "file" : "files");
	if (c->mismatches > 0)
		diag_warn(d, NULL, "WARNING: %ju computed %s did NOT match", c->mismatches,
		          c->mismatches == 1 ? "checksum" : "checksums");
	if (c->unlike > 0)
		diag_warn(d, NULL, "WARNING: %ju %s not as listed", c->unlike,
		          c->unlike == 1 ? "file is" : "files are");
	if (c->without_sum > 0)
		diag_warn(d, NULL,
		          "WARNING: the contents of %ju %s were not compared: the list has no "
		          "checksum of them",
		          c->without_sum, c->without_sum == 1 ? "file" : "files");
	if (c->is_weak && !c->run->opts->quiet)
		diag_warn(d, NULL,
		          "note: MD5 and SHA-1 find accidents, but no change that was made "
		          "on purpose");
}

/* 0, or the status. */
static int enter(struct check *c, char *dir)
{
	c->dir = dir;
	c->place.dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return c->place.dirfd < 0 ? diag_fail(c->run->ctx->diag, errno, "enter", dir) : 0;
}

/* The last of several operands may be the directory; a single one is a bag. 0, or the status. */
static int find_dir(struct check *c, char **operands)
{
	size_t n = 0;
	struct stat st;
	char *last;

	while (operands[n] != NULL)
		n++;
	c->place =
		(struct verify_place){ .dirfd = AT_FDCWD, .outside = c->run->opts->allow_outside };
	if (n == 0 || stat(operands[n - 1], &st) != 0 || !S_ISDIR(st.st_mode))
		return 0;
	last = operands[n - 1];
	operands[n - 1] = NULL;
	c->is_bag = n == 1;
	return enter(c, last);
}

static int check_lists(struct check *c, char *const *lists)
{
	const struct verify_opts *opts = c->run->opts;
	struct checklist hints = { .raw = opts->out.zero };

	if (opts->algo != VERIFY_ALGO_AUTO) {
		hints.has_algo = true;
		hints.algo = (enum hash_algo)opts->algo;
	}
	while (*lists != NULL && !sig_stopped())
		check_list(c, *lists++, &hints);
	if (opts->meta != META_AUTO && !c->knows_types && c->listed.len > 0 && !sig_stopped())
		diag_warn(c->run->ctx->diag, NULL,
		          "--meta changes nothing here: only lists of mtree hold metadata");
	return 0;
}

static void release(struct check *c)
{
	(void)map_free(c->names);
	(void)map_free(c->ignored);
	(void)users_free(c->users);
	vec_release(&c->listed);
	strbuf_release(&c->digests);
	for (size_t i = 0; i < c->covers.len; i++)
		free(c->covers.items[i]);
	vec_release(&c->covers);
	vec_release(&c->lists);
	for (size_t i = 0; i < c->missing.len; i++)
		free(c->missing.items[i].name);
	vec_release(&c->missing);
	if (c->place.dirfd >= 0)
		(void)close(c->place.dirfd);
}

int verify_check(struct verify_run *run, char **operands)
{
	char *const standard_input[] = { (char[]){ "-" }, NULL };
	struct check c = {
		.run = run, .names = map_new(), .ignored = map_new(), .place = { .dirfd = -1 }
	};
	int status = find_dir(&c, operands);

	if (status == 0) {
		c.window = window_new(run, &(struct window_calls){ sizeof(struct check_task),
		                                                   hash_one, show_one, &c });
		if (c.is_bag)
			status = check_bag(&c);
		else
			status = check_lists(&c, operands[0] != NULL ? operands : standard_input);
		if (status == 0 && !sig_stopped())
			check_extra(&c);
		c.window = window_free(c.window);
	}
	if (status == 0) {
		tell_numbers(&c);
		status = verify_finish(run);
	}
	release(&c);
	return status;
}
