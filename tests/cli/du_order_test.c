/* SPDX-License-Identifier: MIT */
/* Beside GNU du: the order of directories beyond what fts reads and sorts at one time. */
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(du_order, .init = sandbox_enter, .fini = sandbox_leave, .timeout = 120);

enum { FTS_READS = 100000 };

static void fill(const char *directory, unsigned n)
{
	int fd;
	char name[32];

	tree_dir(directory);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(fd >= 0);
	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "%u", i);
		cr_assert_eq(mknodat(fd, name, S_IFREG | 0644, 0), 0, "%s", name);
	}
	(void)close(fd);
}

static void compare(const char *directory)
{
	struct run ours = RUN("du", "-a", directory);
	struct run theirs = RUN_PEER("du", "-a", directory);
	size_t at = 0;

	cr_assert_eq(theirs.status, 0);
	cr_assert_eq(ours.status, 0, "%s", ours.err);
	cr_assert_eq(ours.out_len, theirs.out_len);
	while (at < ours.out_len && ours.out[at] == theirs.out[at])
		at++;
	cr_expect_eq(at, ours.out_len, "%s: differs at byte %zu", directory, at);
}

Test(du_order, one_entry_more_than_fts_reads_at_a_time)
{
	struct run version;

	(void)need_program("du");
	version = RUN_PEER("du", "--version");
	if (strstr(version.out, "GNU coreutils") == NULL)
		skip("du is not GNU's");
	fill("many", FTS_READS + 1);
	tree("d many/0dir", "f many/0dir/file 10");
	compare("many");
}
