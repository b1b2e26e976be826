/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"

static const struct opt builtin_rows[] = {
	{ .kind = OPT_KIND_BOOL, .name = "help", .help = "print this help and exit" },
	{ .kind = OPT_KIND_BOOL, .name = "version", .help = "print the version and exit" },
};

const struct opt_table opt_builtin_table = OPT_TABLE(builtin_rows);

/* Shared tables may nest, but not deeper than this: a table that splices itself in is a bug. */
enum { OPT_NESTING_MAX = 8 };

static bool walk_rows(const struct opt_table *table, size_t base, int depth, opt_visit *visit,
                      void *user)
{
	if (depth == OPT_NESTING_MAX)
		return true;
	for (size_t i = 0; i < table->len; i++) {
		const struct opt *opt = &table->opts[i];

		if (opt->kind == OPT_KIND_SHARED) {
			if (!walk_rows(opt->shared, base + opt->offset, depth + 1, visit, user))
				return false;
		} else if (!visit(opt, base, user)) {
			return false;
		}
	}
	return true;
}

bool opt_walk(const struct opt_table *table, opt_visit *visit, void *user)
{
	return walk_rows(table, 0, 0, visit, user);
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

	if (opt->kind == OPT_KIND_LIST) {
		struct strv *list = (void *)field;

		vec_release(list);
	} else if (opt->kind == OPT_KIND_TAGGED) {
		struct tagged_strv *list = (void *)field;

		vec_release(list);
	}
	return true;
}

void opt_release(const struct opt_table *table, void *fields)
{
	opt_walk(table, release_row, fields);
}
