/* SPDX-License-Identifier: MIT */
/* Which entries of directories are listed. Operands always are. */
#include "ls.h"

#include "fs/filter.h"
#include "fs/glob.h"

struct globs {
	VEC_FIELDS(struct glob *);
};

struct ls_rules {
	struct globs ignore;
	struct globs hide;
	struct filter *filter; /* --gitignore; NULL: none */
	struct timespec newer, older;
	bool has_newer, has_older, has_min, has_max;
	uint64_t min_size, max_size;
};

static void release_globs(struct globs *globs)
{
	for (size_t i = 0; i < globs->len; i++)
		globs->items[i] = glob_free(globs->items[i]);
	vec_release(globs);
}

struct ls_rules *ls_rules_free(struct ls_rules *r)
{
	if (r == NULL)
		return NULL;
	release_globs(&r->ignore);
	release_globs(&r->hide);
	r->filter = filter_free(r->filter);
	free(r);
	return NULL;
}

/* The patterns of fnmatch() with FNM_PERIOD. */
static int add_pattern(struct diag *d, struct globs *globs, const char *pattern)
{
	const unsigned flags =
		GLOB_HIDDEN_EXPLICIT | GLOB_NO_BRACES | GLOB_CROSS_SLASH | GLOB_LENIENT;
	struct text_error where;
	struct glob *glob;

	if (glob_compile(pattern, flags, &glob, &where) < 0)
		return diag_caret(d, "invalid pattern", pattern, &where);
	vec_push(globs, glob);
	return 0;
}

static int add_patterns(struct diag *d, struct globs *globs, const struct strv *patterns)
{
	int status = 0;

	for (size_t i = 0; i < patterns->len && status == 0; i++)
		status = add_pattern(d, globs, patterns->items[i]);
	return status;
}

static int set_time(const struct ls_run *run, const char *text, bool *ret_has, struct timespec *ret)
{
	struct text_error where;

	if (text == NULL)
		return 0;
	if (clock_parse(text, run->now, ret, &where) < 0)
		return diag_caret(run->ctx->diag, "invalid time", text, &where);
	*ret_has = true;
	return 0;
}

static int set_size(const struct ls_run *run, const char *text, bool *ret_has, uint64_t *ret)
{
	struct text_error where;

	if (text == NULL)
		return 0;
	if (human_parse_size(text, ret, &where) < 0)
		return diag_caret(run->ctx->diag, "invalid size", text, &where);
	*ret_has = true;
	return 0;
}

static int set_filter(const struct ls_run *run, struct ls_rules *r)
{
	struct filter_error error;

	if (!run->opts->gitignore)
		return 0;
	if (filter_compile(&(struct filter_opts){ .gitignore = true }, &r->filter, &error) == 0)
		return 0;
	filter_error_release(&error);
	return diag_usage(run->ctx->diag, "ignore files cannot be used");
}

int ls_rules_new(const struct ls_run *run, struct ls_rules **ret)
{
	const struct ls_opts *o = run->opts;
	struct diag *d = run->ctx->diag;
	struct ls_rules *r = mem_alloc_zeroed(sizeof(*r));
	int status;

	*ret = r;
	status = add_patterns(d, &r->ignore, &o->ignore);
	if (status == 0)
		status = add_patterns(d, &r->hide, &o->hide);
	if (status == 0 && o->ignore_backups)
		status = add_pattern(d, &r->ignore, "*~");
	if (status == 0 && o->ignore_backups)
		status = add_pattern(d, &r->ignore, ".*~");
	if (status == 0)
		status = set_time(run, o->newer, &r->has_newer, &r->newer);
	if (status == 0)
		status = set_time(run, o->older, &r->has_older, &r->older);
	if (status == 0)
		status = set_size(run, o->min_size, &r->has_min, &r->min_size);
	if (status == 0)
		status = set_size(run, o->max_size, &r->has_max, &r->max_size);
	return status != 0 ? status : set_filter(run, r);
}

static bool matches(const struct globs *globs, const char *name, size_t len)
{
	for (size_t i = 0; i < globs->len; i++) {
		if (glob_matches(globs->items[i], name, len))
			return true;
	}
	return false;
}

static bool is_dot(const char *name, size_t len)
{
	return name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'));
}

bool ls_rules_want_name(const struct ls_run *run, const char *name, size_t len)
{
	const struct ls_rules *r = run->rules;

	if (name[0] == '.' && run->show != LS_SHOW_ALL &&
	    (run->show == LS_SHOW_VISIBLE || is_dot(name, len)))
		return false;
	/* Whether something is left is the answer then, and these are always there. */
	if (run->filters && is_dot(name, len))
		return false;
	if (run->show == LS_SHOW_VISIBLE && matches(&r->hide, name, len))
		return false;
	return !matches(&r->ignore, name, len);
}

static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

bool ls_rules_enters(const struct ls_run *run, const struct ls_list *list,
                     const struct ls_file *file)
{
	if (run->rules->filter == NULL || list->dir == NULL || is_dot(file->name, file->len))
		return true;
	return filter_wants(run->rules->filter, dir_node_data(list->dir), file->name, file->len,
	                    file->type);
}

bool ls_rules_want_file(const struct ls_run *run, const struct ls_list *list,
                        const struct ls_file *file)
{
	const struct ls_rules *r = run->rules;
	const struct ls_meta *meta = file->meta;

	if (run->opts->only_dirs && !ls_is_dir(file))
		return false;
	if (run->opts->only_files && ls_is_dir(file))
		return false;
	if (run->filters) {
		struct timespec t;

		if (meta == NULL)
			return false;
		t = (struct timespec){ .tv_sec = meta->seconds, .tv_nsec = meta->nanoseconds };
		if ((r->has_newer && is_before(&t, &r->newer)) ||
		    (r->has_older && is_before(&r->older, &t)))
			return false;
		if ((r->has_min || r->has_max) && !S_ISREG(meta->mode))
			return false;
		if ((r->has_min && meta->size < r->min_size) ||
		    (r->has_max && meta->size > r->max_size))
			return false;
	}
	return ls_rules_enters(run, list, file);
}

static void release_filter_dir(void *data)
{
	(void)filter_dir_free(data);
}

void ls_rules_enter(const struct ls_run *run, struct dir_node *node, const char *path, int fd)
{
	struct dir_node *parent = dir_node_parent(node);
	const char *slash = parent != NULL ? strrchr(path, '/') : NULL;
	struct filter_dir *dir;

	/* What was read ahead in vain is entered a second time. */
	if (run->rules->filter == NULL || dir_node_data(node) != NULL)
		return;
	ignore(filter_enter(run->rules->filter, parent != NULL ? dir_node_data(parent) : NULL,
	                    slash != NULL ? slash + 1 : path, fd, &dir));
	dir_node_attach(node, dir, release_filter_dir);
}
