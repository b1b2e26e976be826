/* SPDX-License-Identifier: MIT */
/* What dupe_check() says before anything is done, and what counts as trouble. */
#include "fs/dupe_act.h"

#include "fs/file_scan.h"
#include "fs/same_keep.h"
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

TestSuite(dupe_act, .init = sandbox_enter, .fini = sandbox_leave);

static char here[] = ".";
static char *roots[] = { here, NULL };
static struct file_list *list;
static struct same_result result;
static struct dupe_actor *actor;

static void no_trouble(const struct file_scan_trouble *t, void *user)
{
	(void)user;
	cr_assert_fail("%s", t->path);
}

/* One group of equal files in the working directory, and somebody who would delete. */
static void find(const struct dupe_opts *opts)
{
	const struct file_scan_opts scan = { .max_depth = WALK_DEPTH_ANY, .trouble = no_trouble };
	struct file_scan_result found;

	cr_assert_eq(file_scan(roots, &scan, &found), 0);
	list = found.list;
	same_find(list, &(struct same_opts){ .by = SAME_BY_CONTENT }, &result);
	same_arrange(list, &result, &(struct same_keep_opts){ .first_ref = UINT32_MAX });
	cr_assert_eq(result.groups.len, 1);
	cr_assert_eq(dupe_actor_new(list, opts, &actor), 0);
}

static void forget(void)
{
	actor = dupe_actor_free(actor);
	same_result_release(&result);
	list = file_list_free(list);
}

static struct dupe_outcome check(void)
{
	const struct same_member *m = result.members.items + result.groups.items[0].first;

	return dupe_check(actor, m[0].file, m[1].file);
}

static const struct dupe_opts delete = { .action = DUPE_DELETE };

Test(dupe_act, a_pair_as_it_was_found_is_planned)
{
	struct dupe_outcome o;

	tree("t a same", "t b same");
	find(&delete);
	o = check();
	cr_expect_eq(o.result, DUPE_PLANNED);
	cr_expect(!o.trouble);
	expect_names(".", "a", "b");
	forget();
}

Test(dupe_act, another_change_time_is_trouble_whichever_of_the_two_has_it)
{
	static const char *const names[] = { "a", "b" };
	static const char *const reasons[] = { "the file that stays has changed",
		                               "it has changed" };

	for (size_t i = 0; i < 2; i++) {
		struct dupe_outcome o;

		tree("t a same", "t b same");
		tree_time("a", (struct timespec){ 1000, 0 });
		tree_mode("a", 0644);
		tree_mode("b", 0644);
		find(&delete);
		/* Back to what it was, but for the time of the change. */
		do
			tree_mode(names[i], 0600), tree_mode(names[i], 0644);
		while (check().result == DUPE_PLANNED);
		o = check();
		cr_expect_eq(o.result, DUPE_SKIPPED);
		cr_expect(o.trouble);
		cr_expect_str_eq(o.reason, reasons[i]);
		forget();
	}
}

Test(dupe_act, a_file_that_is_gone_is_trouble_and_one_by_kind_is_none)
{
	struct dupe_outcome o;

	tree("t a same", "t b same");
	tree_time("a", (struct timespec){ 1000, 0 });
	tree_mode("b", 0600);
	find(&(struct dupe_opts){ .action = DUPE_HARDLINK });
	o = check();
	cr_expect_eq(o.result, DUPE_SKIPPED);
	cr_expect(!o.trouble);
	cr_assert_eq(unlink("b"), 0);
	o = check();
	cr_expect_eq(o.result, DUPE_FAILED);
	cr_expect_eq(o.err, ENOENT);
	cr_expect(o.trouble);
	forget();
}

/* Of a list that came from elsewhere bytes are looked at, when that is asked for. */
Test(dupe_act, unread_lists_are_compared)
{
	struct dupe_opts opts = { .action = DUPE_DELETE, .unread = true };

	tree("t a same", "t b same");
	find(&opts);
	tree_text("b", "SAME");
	cr_expect_eq(check().result, DUPE_PLANNED);
	dupe_actor_free(actor);
	opts.compare_first = true;
	cr_assert_eq(dupe_actor_new(list, &opts, &actor), 0);
	cr_expect_str_eq(check().reason, "it is not equal any more");
	cr_expect(check().trouble);
	forget();
}
