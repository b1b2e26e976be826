/* SPDX-License-Identifier: MIT */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/tree.h"

TestSuite(ls, .init = sandbox_enter, .fini = sandbox_leave);

Test(ls, lists)
{
	tree("f a", "f b");
	EXPECT_RUN(RUN("ls"), 0, "a\nb\n", "");
}
