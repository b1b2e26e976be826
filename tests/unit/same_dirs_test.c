/* SPDX-License-Identifier: MIT */
/* Equal directories of random trees, against a slow program that compares every pair. */
#include "fs/same_dirs.h"

#include "base/fdio.h"
#include "base/mem.h"
#include "fs/file_scan.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

TestSuite(same_dirs, .init = sandbox_enter, .fini = sandbox_leave);

static char top[] = "t";
static char *roots[] = { top, NULL };

static void no_trouble(const struct file_scan_trouble *t, void *user)
{
	(void)user;
	cr_assert_fail("%s", t->path);
}

static void met(const struct file_scan_other *other, void *user)
{
	same_dirs_met(other, user);
}

struct names {
	VEC_FIELDS(char *);
};

/* All directories below the top, parents first. */
static void list_dirs(const char *path, struct names *ret)
{
	DIR *d = opendir(path);

	cr_assert_not_null(d, "%s", path);
	vec_push(ret, mem_strdup(path));
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		struct strbuf below = { 0 };

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		strbuf_add_format(&below, "%s/%s", path, e->d_name);
		list_dirs(strbuf_str(&below), ret);
		strbuf_release(&below);
	}
	closedir(d);
}

/* A tree as text: its names in order, with the contents of files; equal texts, equal trees. */
static void describe(const char *path, struct strbuf *ret)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);

	cr_assert(n >= 2);
	for (int i = 0; i < n; i++) {
		struct strbuf below = { 0 };

		strbuf_add_format(&below, "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_type == DT_DIR && entries[i]->d_name[0] != '.') {
			strbuf_add_format(ret, "%s{", entries[i]->d_name);
			describe(strbuf_str(&below), ret);
			strbuf_add_char(ret, '}');
		} else if (entries[i]->d_type == DT_REG) {
			strbuf_add_format(ret, "%s=", entries[i]->d_name);
			cr_assert_eq(fdio_read_file(AT_FDCWD, strbuf_str(&below), 100, ret), 0);
			strbuf_add_char(ret, ';');
		}
		strbuf_release(&below);
		free(entries[i]);
	}
	free(entries);
}

/* Few names and few contents, so that much is equal. */
static void grow(const char *path, int depth)
{
	for (int i = 0; i < 3; i++) {
		char below[300];

		(void)snprintf(below, sizeof(below), "%s/%c", path, 'a' + i);
		if (rand() % 3 == 0)
			continue;
		if (depth > 0 && rand() % 2 == 0) {
			tree_dir(below);
			grow(below, depth - 1);
		} else {
			tree_text(below, rand() % 2 == 0 ? "one" : "two");
		}
	}
}

/* Is this one told, or below a copy that is? */
static bool is_covered(const struct names *copies, const char *path)
{
	for (size_t i = 0; i < copies->len; i++) {
		size_t len = strlen(copies->items[i]);

		if (strncmp(path, copies->items[i], len) == 0 &&
		    (path[len] == '\0' || path[len] == '/'))
			return true;
	}
	return false;
}

static void forget(struct names *names)
{
	for (size_t i = 0; i < names->len; i++)
		free(names->items[i]);
	vec_release(names);
}

/* Members of a group are equal; the copies of all groups go into `copies`. */
static void check_groups(const struct file_list *list, const struct same_result *result,
                         struct names *copies)
{
	for (size_t i = 0; i < result->groups.len; i++) {
		const struct same_group *g = &result->groups.items[i];
		struct strbuf first = { 0 };

		for (size_t k = 0; k < g->len; k++) {
			const struct same_member *m = &result->members.items[g->first + k];
			struct strbuf path = { 0 };
			struct strbuf text = { 0 };

			file_list_add_path(list, m->file, &path);
			describe(strbuf_str(&path), &text);
			if (k == 0)
				strbuf_add_str(&first, strbuf_str(&text));
			cr_expect_str_eq(strbuf_str(&text), strbuf_str(&first), "%s",
			                 strbuf_str(&path));
			cr_expect_eq((m->flags & SAME_KEEP) != 0, k == 0);
			if (k != 0)
				vec_push(copies, mem_strdup(strbuf_str(&path)));
			strbuf_release(&path);
			strbuf_release(&text);
		}
		strbuf_release(&first);
	}
}

/* When all copies are gone no two directories are equal, but those without a byte. */
static void check_rest(const struct names *dirs, const struct names *copies)
{
	for (size_t i = 0; i < dirs->len; i++) {
		struct strbuf x = { 0 };

		if (is_covered(copies, dirs->items[i]))
			continue;
		describe(dirs->items[i], &x);
		for (size_t k = i + 1; k < dirs->len; k++) {
			struct strbuf y = { 0 };

			if (is_covered(copies, dirs->items[k]))
				continue;
			describe(dirs->items[k], &y);
			cr_expect(strcmp(strbuf_str(&x), strbuf_str(&y)) != 0 ||
			                  strchr(strbuf_str(&x), '=') == NULL,
			          "%s and %s", dirs->items[i], dirs->items[k]);
			strbuf_release(&y);
		}
		strbuf_release(&x);
	}
}

static void search(void)
{
	AUTO_FREE(same_dirs) struct same_dirs *d = same_dirs_new();
	const struct file_scan_opts scan = {
		.max_depth = WALK_DEPTH_ANY, .trouble = no_trouble, .other = met, .user = d
	};
	const struct same_dirs_opts opts = {
		.search = &(struct same_opts){ .by = SAME_BY_CONTENT },
		.keep = &(struct same_keep_opts){ .first_ref = UINT32_MAX },
		.min_size = 1,
		.max_size = UINT64_MAX,
	};
	struct file_scan_result found;
	struct same_result result;
	struct names copies = { 0 };
	struct names dirs = { 0 };

	cr_assert_eq(file_scan(roots, &scan, &found), 0);
	same_dirs_find(d, found.list, &opts, &result);
	check_groups(found.list, &result, &copies);
	list_dirs(top, &dirs);
	check_rest(&dirs, &copies);
	/* A copy is told once, and not below another one. */
	for (size_t i = 0; i < copies.len; i++)
		for (size_t k = 0; k < copies.len; k++)
			cr_expect(i == k || !is_covered(&(struct names){ .items = &copies.items[i],
			                                                 .len = 1 },
			                                copies.items[k]),
			          "%s and %s", copies.items[i], copies.items[k]);
	forget(&copies);
	forget(&dirs);
	same_result_release(&result);
	file_list_free(found.list);
}

Test(same_dirs, equals_a_slow_program_on_random_trees)
{
	for (unsigned seed = 1; seed <= 40; seed++) {

		srand(seed);
		tree_dir(top);
		grow(top, 4);
		search();
		cr_assert_eq(system("rm -rf t"), 0);
	}
}

static void count_trouble(const struct same_trouble *t, void *user)
{
	(void)t;
	++*(int *)user;
}

/* Between the scan and the search one file grew, and one went. */
Test(same_dirs, what_changes_meanwhile_is_equal_to_none)
{
	AUTO_FREE(same_dirs) struct same_dirs *d = same_dirs_new();
	const struct file_scan_opts scan = {
		.max_depth = WALK_DEPTH_ANY, .trouble = no_trouble, .other = met, .user = d
	};
	int trouble = 0;
	const struct same_opts by_bytes = { .by = SAME_BY_CONTENT,
		                            .trouble = count_trouble,
		                            .user = &trouble };
	const struct same_dirs_opts opts = {
		.search = &by_bytes,
		.keep = &(struct same_keep_opts){ .first_ref = UINT32_MAX },
		.min_size = 1,
		.max_size = UINT64_MAX,
	};
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct file_scan_result found;
	struct same_result result;

	tree("t t/a/f one", "t t/b/f one", "t t/c/f one", "t t/d/f one");
	cr_assert_eq(file_scan(roots, &scan, &found), 0);
	tree_text("t/b/f", "one more");
	cr_assert_eq(unlink("t/c/f"), 0);
	same_dirs_find(d, found.list, &opts, &result);
	cr_expect_eq(trouble, 1);
	cr_expect_eq(result.vanished, 1);
	cr_assert_eq(result.groups.len, 1);
	cr_assert_eq(result.groups.items[0].len, 2);
	file_list_add_path(found.list, result.members.items[result.groups.items[0].first].file,
	                   &path);
	cr_expect(strcmp(strbuf_str(&path), "t/a") == 0 || strcmp(strbuf_str(&path), "t/d") == 0);
	same_result_release(&result);
	file_list_free(found.list);
}
