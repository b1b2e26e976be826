/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"

static const struct opt builtin_rows[] = {
	{ .kind = OPT_KIND_BOOL, OPT_TEXT("help", "", "print this help and exit") },
	{ .kind = OPT_KIND_BOOL, OPT_TEXT("version", "", "print the version and exit") },
};

const struct opt_table opt_builtin_table = OPT_TABLE(builtin_rows);

/* Shared tables may nest, but not deeper than this: a table that splices itself in is a bug. */
enum { OPT_NESTING_MAX = 8 };

static const char *behind(const char *text)
{
	return text + strlen(text) + 1;
}

const char *opt_arg(const struct opt *opt)
{
	return behind(opt->text);
}

const char *opt_help(const struct opt *opt)
{
	return behind(behind(opt->text));
}

const char *opt_more(const struct opt *opt)
{
	return behind(behind(behind(opt->text)));
}

static const struct opt_link *find_link(const struct opt_table *table, const struct opt *opt)
{
	const bool is_shared = opt->kind == OPT_KIND_SHARED;

	for (size_t i = 0; i < table->n_links; i++) {
		const struct opt_link *link = &table->links[i];

		if (link->offset == opt->offset && link->tag == opt->value &&
		    is_shared == (link->shared != NULL))
			return link;
	}
	return NULL;
}

const struct opt_choice *opt_choices(const struct opt_hit *row)
{
	const struct opt_link *link;

	if (row->opt->takes == OPT_TAKES_NOTHING ||
	    (row->opt->kind != OPT_KIND_CHOICE && row->opt->kind != OPT_KIND_MARK))
		return NULL;
	link = find_link(row->table, row->opt);
	return link != NULL ? link->choices : NULL;
}

enum rank { RANK_ANY, RANK_FIRST, RANK_YIELDING };

struct walker {
	enum rank rank; /* of the rows to visit */
	opt_visit *visit;
	void *user;
};

static bool walk_rows(const struct walker *w, const struct opt_table *table, size_t base, int depth,
                      bool yields)
{
	if (depth == OPT_NESTING_MAX)
		return true;
	yields = yields || table->yields;
	for (size_t i = 0; i < table->len; i++) {
		const struct opt_hit row = { &table->opts[i], base, table };

		if (row.opt->kind == OPT_KIND_SHARED) {
			const struct opt_link *link = find_link(table, row.opt);

			if (link != NULL &&
			    !walk_rows(w, link->shared, base + row.opt->offset, depth + 1, yields))
				return false;
		} else if ((w->rank == RANK_ANY || yields == (w->rank == RANK_YIELDING)) &&
		           !w->visit(&row, w->user)) {
			return false;
		}
	}
	return true;
}

bool opt_walk(const struct opt_table *table, opt_visit *visit, void *user)
{
	return walk_rows(&(struct walker){ RANK_ANY, visit, user }, table, 0, 0, false);
}

bool opt_walk_yielding(const struct opt_table *table, bool yields, opt_visit *visit, void *user)
{
	const struct walker w = { yields ? RANK_YIELDING : RANK_FIRST, visit, user };

	return walk_rows(&w, table, 0, 0, false);
}

struct finder {
	const char *name;
	size_t len;
	char letter;
	struct opt_hit hit;
};

static bool match_long(const struct opt_hit *row, void *user)
{
	struct finder *f = user;
	const char *name = opt_name(row->opt);

	if (name[0] == '\0' || strncmp(name, f->name, f->len) != 0 || name[f->len] != '\0')
		return true;
	f->hit = *row;
	return false;
}

struct opt_hit opt_find_long(const struct opt_table *table, const char *name, size_t len)
{
	struct finder f = { .name = name, .len = len };

	opt_walk(table, match_long, &f);
	if (f.hit.opt != NULL && f.hit.opt->kind == OPT_KIND_ALIAS)
		return opt_find_long(table, opt_more(f.hit.opt), strlen(opt_more(f.hit.opt)));
	return f.hit;
}

static bool match_letter(const struct opt_hit *row, void *user)
{
	struct finder *f = user;

	if (row->opt->letter != f->letter)
		return true;
	f->hit = *row;
	return false;
}

struct opt_hit opt_find_letter(const struct opt_table *table, char letter)
{
	struct finder f = { .letter = letter };

	if (letter != '\0')
		opt_walk(table, match_letter, &f);
	return f.hit;
}

static bool release_row(const struct opt_hit *row, void *user)
{
	const struct opt *opt = row->opt;
	char *field = (char *)user + row->base + opt->offset;

	if (opt->kind == OPT_KIND_LIST || opt->kind == OPT_KIND_PAIR ||
	    opt->kind == OPT_KIND_WORDS) {
		struct strv *list = (void *)field;

		vec_release(list);
	} else if (opt->kind == OPT_KIND_TAGGED || opt->kind == OPT_KIND_MARK) {
		struct tagged_strv *list = (void *)field;

		vec_release(list);
	}
	return true;
}

void opt_release(const struct opt_table *table, void *fields)
{
	opt_walk(table, release_row, fields);
}
