/* SPDX-License-Identifier: MIT */
/* path beside Python's os.path and pathlib, on a matrix of paths and a tree of links. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdlib.h>
#include <string.h>

TestSuite(peer_path, .init = sandbox_enter, .fini = sandbox_leave, .timeout = 300);

/* Below 3.12, where pathlib learned a few things anew. */
static const char *need_python(void)
{
	const char *python = need_program("python3");
	struct run r = RUN_PEER(python, "-c",
	                        "import sys; print(sys.version_info[:2] < (3, 10), "
	                        "sys.version_info[:2] > (3, 11))");

	if (strcmp(r.out, "False False\n") != 0)
		skip("python3 is not 3.10 or 3.11");
	return python;
}

Test(peer_path, python_says_the_same)
{
	struct run r;

	tree_dir("in");
	r = run_argv(&(const struct run_request){ .program = need_python(),
	                                          .words = WORDS(PATH_PEERS, run_binary()),
	                                          .cwd = "in",
	                                          .seconds = 250 });
	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	EXPECT_OUT_HAS(r, " comparisons, 0 differ\n");
	cr_expect(strtoull(r.out, NULL, 10) > 100000, "%s", r.out);
}
