/* SPDX-License-Identifier: MIT */
/* What the option tables promise, for every applet at once; and that all else agrees with them. */
#include "cli/applet.h"

#include "base/fdio.h"
#include "cli/box_applet.h"
#include "cli/completion.h"
#include "cli/dispatch.h"
#include "cli/help.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>

enum { HELP_MAX = 62, SUMMARY_MAX = 72, FILE_MAX = 1 << 20 };

/* All applets, each with its verbs behind it; and the box itself as one more applet. */
static struct {
	VEC_FIELDS(const struct applet *);
} all;

static void collect_applets(void)
{
	for (size_t i = 0; i < applet_table_len; i++) {
		const struct applet *const *v = applet_table[i]->verbs;

		vec_push(&all, applet_table[i]);
		for (; v != NULL && *v != NULL; v++)
			vec_push(&all, *v);
	}
	vec_push(&all, &box_applet);
}

static const struct applet *nth(size_t i)
{
	return all.items[i];
}

TestSuite(applet_table, .init = collect_applets);

static bool read_source(struct strbuf *ret, const char *directory, const char *name,
                        const char *suffix)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	strbuf_add_format(&path, "%s/%s/%s%s", DUTYBOX_SOURCE, directory, name, suffix);
	return fdio_read_file(AT_FDCWD, path.data, FILE_MAX, ret) == 0;
}

/* A phrase for a list: says something, small first letter, no full stop. */
static void check_phrase(const char *applet, const char *what, const char *phrase, size_t max)
{
	cr_assert(phrase != NULL && phrase[0] != '\0', "%s: %s: empty", applet, what);
	size_t len = strlen(phrase);
	cr_expect(phrase[len - 1] != '.' || (len > 3 && strcmp(phrase + len - 3, "...") == 0),
	          "%s: %s ends with a full stop: %s", applet, what, phrase);
	cr_expect(phrase[len - 1] != ' ', "%s: %s ends with a blank", applet, what);
	cr_expect(len <= max, "%s: %s has %zu characters: %s", applet, what, len, phrase);
}

Test(applet_table, names_are_sorted_and_unique)
{
	cr_assert(applet_table_len > 0);
	for (size_t i = 1; i < applet_table_len; i++)
		cr_expect(strcmp(applet_table[i - 1]->name, applet_table[i]->name) < 0,
		          "%s stands before %s", applet_table[i - 1]->name, applet_table[i]->name);
}

Test(applet_table, verbs_are_one_level_down)
{
	for (size_t i = 0; i < applet_table_len; i++) {
		const struct applet *a = applet_table[i];
		const size_t len = strlen(a->name);

		for (const struct applet *const *v = a->verbs; v != NULL && *v != NULL; v++) {
			cr_expect(strncmp((*v)->name, a->name, len) == 0 &&
			                  (*v)->name[len] == ' ' &&
			                  strchr((*v)->name + len + 1, ' ') == NULL,
			          "%s of %s", (*v)->name, a->name);
			cr_expect_null((*v)->verbs, "%s has verbs", (*v)->name);
			cr_expect_eq(applet_find_verb(a, applet_verb(*v)), *v, "%s twice",
			             (*v)->name);
		}
	}
}

Test(applet_table, constants_are_whole)
{
	for (size_t i = 0; i < all.len; i++) {
		const struct applet *a = nth(i);

		check_phrase(a->name, "summary", a->summary, SUMMARY_MAX);
		cr_expect_not_null(a->operands, "%s", a->name);
		cr_expect(a->group != NULL && a->group[0] != '\0', "%s: no group", a->name);
		cr_expect(a->run != NULL || a->verbs != NULL || a == &box_applet, "%s: no run",
		          a->name);
		cr_expect(a->options.len == 0 || a->options_size > 0, "%s: no options_size",
		          a->name);
		if (a->says_no_when != NULL)
			check_phrase(a->name, "says_no_when", a->says_no_when, SUMMARY_MAX);
		for (const struct applet_schema *s = a->schemas; s != NULL && s->table != NULL;
		     s++) {
			cr_expect(s->when != NULL && s->when[0] != '\0', "%s: schema", a->name);
			cr_expect(s->table->len <= RECORD_COLUMNS_MAX, "%s: too wide", a->name);
			for (size_t c = 0; c < s->table->len; c++)
				check_phrase(a->name, s->table->columns[c].name,
				             s->table->columns[c].help, SUMMARY_MAX);
		}
	}
}

/* All rows of one applet, its own and the built-in ones. */
struct rows {
	const struct applet *applet;
	VEC_FIELDS(struct opt_hit);
};

static bool collect(const struct opt_hit *row, void *user)
{
	struct rows *rows = user;

	vec_push(rows, *row);
	return true;
}

static struct rows rows_of(const struct applet *applet)
{
	struct rows rows = { .applet = applet };

	opt_walk(&applet->options, collect, &rows);
	opt_walk(&opt_builtin_table, collect, &rows);
	return rows;
}

static void check_row(const char *applet, const struct opt_hit *row)
{
	const struct opt *opt = row->opt;
	const char letter[] = { opt->letter, '\0' };
	const char *name = opt_name(opt)[0] != '\0' ? opt_name(opt) : letter;

	if (opt->kind == OPT_KIND_HEADING) {
		check_phrase(applet, "heading", opt_help(opt), HELP_MAX);
		return;
	}
	cr_expect(name[0] != '\0', "%s: a row without a name", applet);
	if (opt->kind == OPT_KIND_ALIAS || opt->kind == OPT_KIND_EXPAND)
		cr_expect(opt_more(opt)[0] != '\0', "%s: %s stands for nothing", applet, name);
	if (opt->kind == OPT_KIND_ALIAS)
		return;
	check_phrase(applet, name, opt_help(opt), HELP_MAX);
	cr_expect(opt->kind != OPT_KIND_CHOICE || opt_choices(row) != NULL, "%s: %s", applet, name);
	cr_expect(opt->kind != OPT_KIND_MARK || opt->takes == OPT_TAKES_NOTHING ||
	                  opt_choices(row) != NULL,
	          "%s: %s", applet, name);
	cr_expect(opt->kind != OPT_KIND_INT || opt->min <= opt->max, "%s: %s", applet, name);
	cr_expect(opt->text[OPT_TEXT_MAX - 2] == '\0', "%s: %s: no empty text ends it", applet,
	          name);
	cr_expect((opt->takes == OPT_TAKES_NOTHING) == (opt_arg(opt)[0] == '\0'), "%s: %s", applet,
	          name);
	cr_expect(name[0] != '-' && strpbrk(name, " =_") == NULL, "%s: %s", applet, name);
}

/* Each row that is spliced in has its table, and each link a row it is for. */
static void check_links(const char *applet, const struct opt_table *table)
{
	for (size_t i = 0; i < table->n_links; i++) {
		const struct opt_link *link = &table->links[i];
		size_t uses = 0;

		cr_expect((link->choices == NULL) != (link->shared == NULL), "%s: link %zu", applet,
		          i);
		for (size_t k = 0; k < table->len; k++) {
			const struct opt *o = &table->opts[k];

			uses += (o->kind == OPT_KIND_SHARED) == (link->shared != NULL) &&
			        o->offset == link->offset && o->value == link->tag;
		}
		cr_expect(uses > 0, "%s: link %zu is for no row", applet, i);
		if (link->shared != NULL)
			check_links(applet, link->shared);
	}
	for (size_t k = 0; k < table->len; k++) {
		const struct opt *o = &table->opts[k];
		size_t links = 0;

		for (size_t i = 0; i < table->n_links; i++)
			links += table->links[i].shared != NULL &&
			         table->links[i].offset == o->offset &&
			         table->links[i].tag == o->value;
		cr_expect(o->kind != OPT_KIND_SHARED || links == 1, "%s: row %zu: %zu links",
		          applet, k, links);
	}
}

Test(applet_table, links_and_rows_belong_together)
{
	for (size_t i = 0; i < all.len; i++)
		check_links(nth(i)->name, &nth(i)->options);
}

/* Words in `expand`, and what an alias stands for, must be options of the same applet. */
static bool has_option(const struct applet *applet, const char *name, size_t len)
{
	return opt_find_long(&applet->options, name, len).opt != NULL ||
	       opt_find_long(&opt_builtin_table, name, len).opt != NULL;
}

static void check_target(const struct applet *applet, const struct opt *opt)
{
	if (opt->kind != OPT_KIND_ALIAS && opt->kind != OPT_KIND_EXPAND)
		return;
	for (const char *word = opt_more(opt); *word != '\0'; word += strlen(word) + 1) {
		const char *name = word;

		if (opt->kind == OPT_KIND_EXPAND) {
			if (strncmp(name, "--", 2) != 0)
				continue;
			name += 2;
		}
		cr_expect(has_option(applet, name, strcspn(name, "=")), "%s: %s", applet->name,
		          word);
	}
}

Test(applet_table, rows_are_whole_and_their_names_unique)
{
	for (size_t i = 0; i < all.len; i++) {
		struct rows rows = rows_of(nth(i));

		for (size_t k = 0; k < rows.len; k++) {
			const struct opt *a = rows.items[k].opt;

			check_row(rows.applet->name, &rows.items[k]);
			check_target(rows.applet, a);
			for (size_t j = 0; j < k; j++) {
				const struct opt *b = rows.items[j].opt;

				cr_expect(a->letter == '\0' || a->letter != b->letter,
				          "%s: -%c twice", rows.applet->name, a->letter);
				cr_expect(opt_name(a)[0] == '\0' ||
				                  strcmp(opt_name(a), opt_name(b)) != 0,
				          "%s: --%s twice", rows.applet->name, opt_name(a));
			}
		}
		vec_release(&rows);
	}
}

/* A CLI test that runs the applet names it in quotes. */
static bool has_test(const char *name)
{
	AUTO_RELEASE_STRBUF struct strbuf word = { 0 };
	AUTO_CLOSE int fd = open(DUTYBOX_SOURCE "/tests/cli", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fdopendir(dup(fd));
	bool found = false;

	cr_assert_not_null(dir);
	strbuf_add_format(&word, "\"%s\"", name);
	for (struct dirent *e = readdir(dir); e != NULL && !found; e = readdir(dir)) {
		AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

		if (strstr(e->d_name, "_test.c") == NULL)
			continue;
		cr_assert_eq(fdio_read_file(fd, e->d_name, FILE_MAX, &text), 0, "%s", e->d_name);
		found = strstr(strbuf_str(&text), word.data) != NULL;
	}
	(void)closedir(dir);
	return found;
}

Test(applet_table, every_applet_has_a_page_and_a_test)
{
	for (size_t i = 0; i < applet_table_len; i++) {
		AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
		const char *name = applet_table[i]->name;

		cr_expect(read_source(&text, "man", name, ".1.in"), "no man/%s.1.in", name);
		cr_expect(has_test(name), "no program in tests/cli runs \"%s\"", name);
	}
}

Test(applet_table, help_is_as_recorded)
{
	for (size_t i = 0; nth(i) != &box_applet; i++) {
		AUTO_RELEASE_STRBUF struct strbuf golden = { 0 };
		AUTO_RELEASE_STRBUF struct strbuf help = { 0 };
		AUTO_RELEASE_STRBUF struct strbuf invocation = { 0 };
		AUTO_FREE_STR char *file = mem_strdup(nth(i)->name);
		char *blank = strchr(file, ' ');

		if (blank != NULL)
			*blank = '-';
		strbuf_add_format(&invocation, "dutybox %s", nth(i)->name);
		help_add(&help, nth(i), invocation.data);
		if (!read_source(&golden, "tests/golden", file, ".help")) {
			cr_expect_fail("no tests/golden/%s.help; run scripts/update-golden", file);
			continue;
		}
		cr_expect_str_eq(strbuf_str(&help), strbuf_str(&golden),
		                 "%s: help changed; look at it, then run scripts/update-golden",
		                 nth(i)->name);
	}
}

/* Help names every long option; each shell's completion all but the aliases. */
Test(applet_table, help_and_completions_name_every_option)
{
	static const char *const shells[] = { "bash", "zsh", "fish" };
	const struct applet_list list = { applet_table, applet_table_len };
	struct strbuf scripts[ARRAY_LEN(shells)] = { 0 };
	char *no_links[] = { NULL };

	for (size_t s = 0; s < ARRAY_LEN(shells); s++)
		cr_assert(completion_add(&scripts[s], shells[s], &list, no_links), "%s", shells[s]);
	for (size_t i = 0; nth(i) != &box_applet; i++) {
		AUTO_RELEASE_STRBUF struct strbuf help = { 0 };
		struct rows rows = rows_of(nth(i));

		help_add(&help, rows.applet, rows.applet->name);
		for (size_t k = 0; k < rows.len; k++) {
			const char *name = opt_name(rows.items[k].opt);

			if (name[0] == '\0')
				continue;
			cr_expect(strstr(strbuf_str(&help), name) != NULL, "%s: help lacks --%s",
			          rows.applet->name, name);
			if (rows.items[k].opt->kind == OPT_KIND_ALIAS)
				continue;
			for (size_t s = 0; s < ARRAY_LEN(shells); s++)
				cr_expect(strstr(strbuf_str(&scripts[s]), name) != NULL,
				          "%s: %s completion lacks --%s", rows.applet->name,
				          shells[s], name);
		}
		vec_release(&rows);
	}
	for (size_t s = 0; s < ARRAY_LEN(shells); s++)
		strbuf_release(&scripts[s]);
}
