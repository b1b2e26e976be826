/* SPDX-License-Identifier: MIT */
/* disk-usage: trees that change while they are read, and directories that hold their names back. */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <unistd.h>

TestSuite(disk_usage_change, .init = sandbox_enter, .fini = sandbox_leave);

/* Makes and removes the same tree again and again; now and then a file becomes a directory. */
static const char disturbance[] =
	"i=0; while [ $i -lt 40 ]; do i=$((i + 1));"
	" for d in a b c d; do mkdir -p t/$d/1/x t/$d/2/y; : >t/$d/1/f; : >t/$d/1/x/g; : >t/$d/2/y/h;"
	" rm -f t/$d/1/f; mkdir t/$d/1/f; done; rm -rf t/a t/b t/c t/d; done";

Test(disk_usage_change, what_vanishes_or_changes_is_no_trouble)
{
	static const char *const forms[][4] = {
		{ "disk-usage", "-s" },
		{ "disk-usage", "-a", "-d9" },
		{ "du", "-a" },
		{ "disk-usage", "--reclaim" },
		{ "disk-usage", "--json" },
		{ "disk-usage", "--tree" },
	};
	struct run_request disturb = { .program = "sh", .words = WORDS("-c", disturbance) };
	struct run_child child;
	struct run done;

	tree("d t");
	run_start(&disturb, &child);
	for (int round = 0; round < 60; round++) {
		const char *words[6] = { 0 };
		struct run r;
		size_t n = 0;

		for (const char *const *word = forms[round % 6]; n < 4 && word[n] != NULL; n++)
			words[n] = word[n];
		words[n] = "t";
		r = run_words(words);
		cr_expect_eq(r.status, 0, "%s %s: %d", words[0], words[1], r.status);
		cr_expect_str_eq(r.err, "", "%s %s: %s", words[0], words[1], r.err);
	}
	done = run_finish(&child);
	EXPECT_STATUS(done, 0);
}

Test(disk_usage_change, an_unsearchable_directory_names_what_is_in_it)
{
	struct run_request request = { .words = WORDS("disk-usage", "-b", "--no-total", "t"),
		                       .uid = RUN_NOBODY };
	struct run r;

	need_root();
	tree("f t/closed/a 100", "f t/open/b 50");
	tree_mode("t/closed", 0644);
	r = run_argv(&request);
	EXPECT_RUN(r, 1, "50\tt\n50\tt/open\n0\tt/closed\n",
	           "disk-usage: cannot access 't/closed/a': Permission denied\n");
	request.words = WORDS("disk-usage", "-bs", "--no-total", "t");
	r = run_argv(&request);
	EXPECT_RUN(r, 1, "50\tt\n", "disk-usage: cannot access 't/closed/a': Permission denied\n");
}
