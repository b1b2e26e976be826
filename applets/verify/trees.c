/* SPDX-License-Identifier: MIT */
/* A B: two directory trees. */
#include "trees.h"

#include "base/sig.h"
#include "cli/file_type.h"

#include <dirent.h>
#include <errno.h>
#include <sys/sysmacros.h>

struct tree_task {
	const struct tree_node *a, *b; /* one may be NULL */
	enum verify_status status;
	int err; /* -errno */
	bool err_in_b;
	bool is_unread; /* --sample leaves the content */
	bool has_offset;
	uint64_t offset;
	struct strbuf expected, actual;
};

/* ---- one name, on any thread ---- */

static void fail(struct tree_task *task, int err, bool in_b)
{
	task->err = err;
	task->err_in_b = in_b;
	task->status = err == -ESTALE ? VERIFY_CHANGED : VERIFY_UNREADABLE;
}

static int read_target(const struct tree *tree, const struct tree_node *node, struct strbuf *ret)
{
	AUTO_CLOSE int fd = verify_open_name(&tree->place, node->path);
	char target[4097];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0)
		return -errno;
	strbuf_add(ret, target, (size_t)n);
	return 0;
}

static void compare_links(const struct trees *t, struct tree_task *task)
{
	int r = read_target(&t->a, task->a, &task->expected);

	if (r < 0) {
		fail(task, r, false);
		return;
	}
	r = read_target(&t->b, task->b, &task->actual);
	if (r < 0) {
		fail(task, r, true);
		return;
	}
	if (strcmp(strbuf_str(&task->expected), strbuf_str(&task->actual)) != 0) {
		task->status = VERIFY_DIFFER;
		return;
	}
	strbuf_clear(&task->expected);
	strbuf_clear(&task->actual);
}

static void add_bytes(struct strbuf *b, uint64_t n)
{
	strbuf_add_format(b, "%ju %s", (uintmax_t)n, n == 1 ? "byte" : "bytes");
}

static void compare_contents(struct trees *t, struct tree_task *task)
{
	const struct read_opts opts = verify_read_opts(t->run);
	AUTO_CLOSE int a = -1;
	AUTO_CLOSE int b = -1;
	int r;

	a = verify_open(&t->a.place, task->a->path);
	if (a < 0) {
		fail(task, a, false);
		return;
	}
	b = verify_open(&t->b.place, task->b->path);
	if (b < 0) {
		fail(task, b, true);
		return;
	}
	r = compare_fds(a, b, &opts, &task->offset);
	if (r < 0) {
		fail(task, r, false);
	} else if (r > 0) {
		task->status = VERIFY_DIFFER;
		task->has_offset = true;
	}
}

static void compare_files(struct trees *t, struct tree_task *task)
{
	if (task->a->size != task->b->size) {
		task->status = VERIFY_DIFFER;
		add_bytes(&task->expected, task->a->size);
		add_bytes(&task->actual, task->b->size);
		return;
	}
	/* Two names of one file. */
	if (task->a->dev == task->b->dev && task->a->ino == task->b->ino)
		task->is_unread = false;
	else if (!task->is_unread)
		compare_contents(t, task);
}

static void add_device(struct strbuf *b, uint64_t rdev)
{
	strbuf_add_format(b, "device %u:%u", major(rdev), minor(rdev));
}

static void compare_pair(struct trees *t, struct tree_task *task)
{
	const uint32_t type = task->a->mode & S_IFMT;
	int r;

	if (type != (task->b->mode & S_IFMT)) {
		task->status = VERIFY_TYPE;
		strbuf_add_str(&task->expected,
		               file_type_word((unsigned char)IFTODT(task->a->mode)));
		strbuf_add_str(&task->actual, file_type_word((unsigned char)IFTODT(task->b->mode)));
		return;
	}
	if (type == S_IFREG)
		compare_files(t, task);
	else if (type == S_IFLNK)
		compare_links(t, task);
	else if ((type == S_IFCHR || type == S_IFBLK) && task->a->rdev != task->b->rdev) {
		task->status = VERIFY_DIFFER;
		add_device(&task->expected, task->a->rdev);
		add_device(&task->actual, task->b->rdev);
	}
	if (task->status != VERIFY_SAME)
		return;
	r = meta_compare(t, task->a, task->b, &task->expected, &task->actual);
	if (r < 0)
		fail(task, r, false);
	else if (task->expected.len > 0)
		task->status = VERIFY_META;
}

static void work(void *item, void *user)
{
	struct tree_task *task = item;

	if (task->a != NULL && task->b != NULL) {
		if (sig_stopped())
			task->err = -ECANCELED;
		else
			compare_pair(user, task);
	} else {
		task->status = task->a != NULL ? VERIFY_MISSING : VERIFY_EXTRA;
	}
}

/* ---- what is shown ---- */

/* Adds what a person wants to know beside the name: "byte 12", "mode 0644 became mode 0600". */
static void add_detail(struct trees *t, const struct verify_item *item, bool escapes,
                       struct strbuf *line)
{
	if (item->has_offset)
		strbuf_add_format(line, ": byte %ju", (uintmax_t)item->offset + 1);
	if (item->expected == NULL)
		return;
	strbuf_add_str(line, ": ");
	verify_add_name(t->run, line, item->expected, escapes);
	strbuf_add_str(line, " became ");
	verify_add_name(t->run, line, item->actual, escapes);
}

void trees_report(struct trees *t, const struct verify_item *item)
{
	const struct verify_opts *opts = t->run->opts;
	const char *const names[] = { item->path, item->other, item->expected, item->actual };
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	bool escapes = false;

	verify_report(t->run, item);
	if (opts->out.json || opts->status || (item->status == VERIFY_SAME && !opts->verbose))
		return;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		escapes = escapes || (names[i] != NULL && verify_escapes(t->run, names[i]));
	if (escapes)
		strbuf_add_char(&line, '\\');
	strbuf_add_str(&line, verify_status_word(item->status));
	strbuf_add_str(&line, ": ");
	verify_add_name(t->run, &line, item->path, escapes);
	if (item->other != NULL) {
		strbuf_add_str(&line, " -> ");
		verify_add_name(t->run, &line, item->other, escapes);
	}
	add_detail(t, item, escapes, &line);
	out_line(t->run->ctx->out, &line);
}

static void tell_trouble(struct trees *t, const struct tree_task *task, const char *name)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	strbuf_add_str(&path, task->err_in_b ? t->b.root : t->a.root);
	if (path.data[path.len - 1] != '/')
		strbuf_add_char(&path, '/');
	strbuf_add_str(&path, name);
	(void)diag_partial_text(t->run->ctx->diag, path.data, "%s", verify_why(-task->err));
}

static void show(void *item, void *user)
{
	struct tree_task *task = item;
	struct trees *t = user;
	const struct tree_node *node = task->a != NULL ? task->a : task->b;
	const struct tree *other = task->a != NULL ? &t->b : &t->a;
	struct verify_item answer = { .status = task->status,
		                      .path = node->path,
		                      .has_offset = task->has_offset,
		                      .offset = task->offset };

	if (task->err == -ECANCELED)
		return;
	if (task->err < 0)
		tell_trouble(t, task, node->path);
	if (task->is_unread && task->status == VERIFY_SAME) {
		t->run->unread++;
		return;
	}
	if (task->a == NULL || task->b == NULL) {
		if (tree_hides(other, node->path))
			return; /* told with the directory that could not be read */
		if (t->run->opts->moved) {
			struct tree_lone *list = task->a != NULL ? &t->missing : &t->extra;

			vec_push(list, node);
			return;
		}
	}
	if (task->expected.len > 0 || task->actual.len > 0) {
		answer.expected = strbuf_str(&task->expected);
		answer.actual = strbuf_str(&task->actual);
	}
	trees_report(t, &answer);
	strbuf_release(&task->expected);
	strbuf_release(&task->actual);
}

/* ---- both trees ---- */

static void compare_all(struct trees *t)
{
	const struct window_calls calls = { sizeof(struct tree_task), work, show, t };
	struct window *window = window_new(t->run, &calls);
	size_t i = 0;
	size_t j = 0;

	while ((i < t->a.nodes.len || j < t->b.nodes.len) && !sig_stopped() &&
	       !out_failed(t->run->ctx->out)) {
		const struct tree_node *a = i < t->a.nodes.len ? &t->a.nodes.items[i] : NULL;
		const struct tree_node *b = j < t->b.nodes.len ? &t->b.nodes.items[j] : NULL;
		int order = a == NULL ? 1 : b == NULL ? -1 : strcmp(a->path, b->path);
		struct tree_task *task = window_add(window);

		task->a = order <= 0 ? a : NULL;
		task->b = order >= 0 ? b : NULL;
		task->is_unread = order == 0 && S_ISREG(a->mode) && S_ISREG(b->mode) &&
		                  sample_leaves_unread(&t->run->sample);
		i += order <= 0 ? 1 : 0;
		j += order >= 0 ? 1 : 0;
	}
	(void)window_free(window);
}

int verify_trees(struct verify_run *run, const char *a, const char *b)
{
	struct trees t = { .run = run, .a.place.dirfd = -1, .b.place.dirfd = -1 };
	int status = tree_collect(run, a, &t.a);

	if (status == 0)
		status = tree_collect(run, b, &t.b);
	if (status == 0) {
		if (!sig_stopped())
			compare_all(&t);
		if (run->opts->moved && !sig_stopped())
			trees_tell_moved(&t);
		run->extra_is_error = true;
		status = verify_finish(run);
	}
	vec_release(&t.missing);
	vec_release(&t.extra);
	tree_release(&t.a);
	tree_release(&t.b);
	return status;
}
