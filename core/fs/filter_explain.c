/* SPDX-License-Identifier: MIT */
/* Which rule decides on one path: the walk's decisions along it, told in words. */
#include "fs/filter_private.h"

#include "base/quote.h"

#include <dirent.h>
#include <fcntl.h>

static void add_quoted(struct strbuf *b, const char *text)
{
	quote_shell(b, text, strlen(text));
}

static void add_rule_place(struct strbuf *b, const struct ignore_rule *rule)
{
	strbuf_add_format(b, ":%zu: ", rule->line);
	add_quoted(b, rule->text);
}

static void add_source(struct strbuf *b, const struct filter_verdict *v)
{
	if (v->rule->line > 0) {
		add_quoted(b, v->source->text);
		add_rule_place(b, v->rule);
		return;
	}
	strbuf_add_str(b, filter_tag_name(v->source->tag));
	strbuf_add_char(b, '=');
	add_quoted(b, v->source->text);
}

static void add_ignore_file(struct strbuf *b, const struct filter_verdict *v)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	if (v->dir != NULL) {
		strbuf_add_fill(&path, '/', v->dir->below_len);
		filter_dir_path(v->dir, path.data);
	} else {
		strbuf_add_str(&path, v->outer->dir);
		if (path.len > 1)
			strbuf_add_char(&path, '/');
	}
	strbuf_add_str(&path, gitignore_file(v->rule));
	quote_shell(b, path.data, path.len);
	add_rule_place(b, v->rule);
}

static void add_verdict(struct strbuf *b, const struct filter_verdict *v)
{
	switch (v->reason) {
	case FILTER_BY_NOTHING:
		strbuf_add_str(b, "no rule matches");
		break;
	case FILTER_BY_SOURCE:
		add_source(b, v);
		break;
	case FILTER_BY_IGNORE_FILE:
		add_ignore_file(b, v);
		break;
	case FILTER_BY_TYPE:
		strbuf_add_str(b, "--type");
		break;
	}
}

/* An excluded directory on the way decides for what is below it. */
static void add_outcome(struct strbuf *b, bool included, const char *path, size_t len, bool whole)
{
	if (included || whole) {
		strbuf_add_str(b, included ? ": included" : ": excluded");
		return;
	}
	strbuf_add_str(b, ": excluded, as the directory ");
	quote_shell(b, path, len);
	strbuf_add_str(b, " is not entered");
}

/* What restricts the metadata, after the names let it through. */
static const char *restriction(const struct filter *f, unsigned char type, const struct stat *st)
{
	static const struct {
		const char *name;
		bool size, newer, older, owner;
	} parts[] = {
		{ "the size", true, false, false, false },
		{ "--newer", false, true, false, false },
		{ "--older", false, false, true, false },
		{ "--owner", false, false, false, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct filter one = *f;

		one.opts.types = 0;
		one.opts.min_size = parts[i].size ? f->opts.min_size : 0;
		one.opts.has_max_size = parts[i].size && f->opts.has_max_size;
		one.opts.has_newer = parts[i].newer && f->opts.has_newer;
		one.opts.has_older = parts[i].older && f->opts.has_older;
		one.opts.has_owner = parts[i].owner && f->opts.has_owner;
		one.opts.has_group = parts[i].owner && f->opts.has_group;
		if (!filter_passes_stat(&one, type, st))
			return parts[i].name;
	}
	return NULL;
}

/* Where explaining has got to. */
struct explained {
	const struct filter *f;
	const char *path;
	struct filter_dir *dir; /* that holds the next component */
	int fd;                 /* of it; -1 when it does not exist */
	struct strbuf *out;
};

/* The component of `n` bytes at `at`. False when it ends the question; *ret tells how. */
static bool explain_component(struct explained *x, const char *at, size_t n, bool *ret)
{
	AUTO_FREE_STR char *name = mem_strndup(at, n);
	struct filter_entry entry = { .dir = x->dir, .name = name, .name_len = n, .dirfd = x->fd };
	size_t len = (size_t)(at - x->path) + n;
	bool whole = at[n + strspn(at + n, "/")] == 0;
	struct filter_verdict verdict;
	const char *limit = NULL;
	struct stat st = { 0 };
	bool exists = x->fd >= 0 && fstatat(x->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	entry.type = at[n] == '/' ? DT_DIR
	             : exists     ? (unsigned char)IFTODT(st.st_mode)
	                          : DT_UNKNOWN;
	verdict = filter_decide(x->f, &entry);
	if (verdict.included && whole && exists)
		limit = restriction(x->f, entry.type, &st);
	*ret = verdict.included && !limit;
	if (*ret && !whole)
		return true;
	if (limit)
		strbuf_add_str(x->out, limit);
	else
		add_verdict(x->out, &verdict);
	add_outcome(x->out, *ret, x->path, len, whole);
	return false;
}

/* A root may be a link, as for a walk. -1 when it cannot be opened. */
static int open_next(const struct explained *x, const char *name)
{
	if (!x->dir)
		return open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->fd < 0)
		return -1;
	return openat(x->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Enters the directory `name`, the root when there is none yet. False when it is left unread. */
static bool enter(struct explained *x, const char *name, size_t path_len)
{
	int fd = open_next(x, name);
	struct filter_dir *dir;
	bool read = filter_enter(x->f, x->dir, name, fd, &dir);
	const char *file = NULL;

	if (!read) {
		strbuf_add_str(x->out, filter_unread_because(x->f, fd, &file));
		strbuf_add_str(x->out, " (");
		add_quoted(x->out, file);
		strbuf_add_char(x->out, ')');
		add_outcome(x->out, false, path_len ? x->path : name,
		            path_len ? path_len : strlen(name), false);
	}
	fd_auto_close(&x->fd);
	x->fd = fd;
	(void)filter_dir_free(x->dir);
	x->dir = dir;
	return read;
}

bool filter_explain(const struct filter *f, const char *root, const char *path, struct strbuf *ret)
{
	struct explained x = { .f = f, .path = path, .fd = -1, .out = ret };
	bool included = filter_wants_root(f, root);
	const char *at = path + strspn(path, "/");

	if (!included || !*at) {
		struct filter_entry entry = {
			.is_root = true, .name = root, .name_len = strlen(root), .dirfd = -1
		};
		struct filter_verdict verdict = filter_decide(f, &entry);

		add_verdict(ret, &verdict);
		add_outcome(ret, included, root, strlen(root), !*at);
		return included;
	}
	included = enter(&x, root, 0);
	while (included) {
		size_t n = strcspn(at, "/");
		AUTO_FREE_STR char *name = mem_strndup(at, n);

		if (!explain_component(&x, at, n, &included))
			break;
		included = enter(&x, name, (size_t)(at - path) + n);
		at += n + strspn(at + n, "/");
	}
	fd_auto_close(&x.fd);
	(void)filter_dir_free(x.dir);
	return included;
}
