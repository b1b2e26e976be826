/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"

static const struct opt builtin_rows[] = {
	{ .kind = OPT_KIND_BOOL, .name = "help", .help = "print this help and exit" },
	{ .kind = OPT_KIND_BOOL, .name = "version", .help = "print the version and exit" },
};

const struct opt_table opt_builtin_table = OPT_TABLE(builtin_rows);

/* Shared tables may nest, but not deeper than this: a table that splices itself in is a bug. */
enum { OPT_NESTING_MAX = 8 };

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
		const struct opt *opt = &table->opts[i];

		if (opt->kind == OPT_KIND_SHARED) {
			if (!walk_rows(w, opt->shared, base + opt->offset, depth + 1, yields))
				return false;
		} else if ((w->rank == RANK_ANY || yields == (w->rank == RANK_YIELDING)) &&
		           !w->visit(opt, base, w->user)) {
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

static bool match_long(const struct opt *opt, size_t base, void *user)
{
	struct finder *f = user;

	if (opt->name == NULL || strncmp(opt->name, f->name, f->len) != 0 ||
	    opt->name[f->len] != '\0')
		return true;
	f->hit = (struct opt_hit){ opt, base };
	return false;
}

struct opt_hit opt_find_long(const struct opt_table *table, const char *name, size_t len)
{
	struct finder f = { .name = name, .len = len };

	opt_walk(table, match_long, &f);
	if (f.hit.opt != NULL && f.hit.opt->kind == OPT_KIND_ALIAS)
		return opt_find_long(table, f.hit.opt->expand[0], strlen(f.hit.opt->expand[0]));
	return f.hit;
}

static bool match_letter(const struct opt *opt, size_t base, void *user)
{
	struct finder *f = user;

	if (opt->letter != f->letter)
		return true;
	f->hit = (struct opt_hit){ opt, base };
	return false;
}

struct opt_hit opt_find_letter(const struct opt_table *table, char letter)
{
	struct finder f = { .letter = letter };

	if (letter != '\0')
		opt_walk(table, match_letter, &f);
	return f.hit;
}

static bool release_row(const struct opt *opt, size_t base, void *user)
{
	char *field = (char *)user + base + opt->offset;

	if (opt->kind == OPT_KIND_LIST || opt->kind == OPT_KIND_WORDS) {
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
