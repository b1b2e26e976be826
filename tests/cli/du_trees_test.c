/* SPDX-License-Identifier: MIT */
/* du beside GNU du 9.1 on trees of the installed system, which nobody made for a test. */
#include "support/expect.h"
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

TestSuite(peer_du_trees, .init = sandbox_enter, .fini = sandbox_leave);

enum { WORDS_MAX = 10 };

/* %T is the tree, %A and %B two directories in it. */
static const char *const calls[] = {
	"-sh %T",
	"-sk %T",
	"-sb %T",
	"-sm %A %B %T",
	"-hd1 %T",
	"-ah --max-depth=1 %T",
	"-xk -d1 %T",
	"-sch %A %B",
	"-0 -d1 %T",
	"--apparent-size -sh %T",
	"-a --time %T",
	"-S %T",
	"-h --threshold=1M %T",
	"--exclude=*.h -s %T",
	"-X patterns %T",
	"--files0-from=-",
	"--inodes -s %T",
	"-l -s %T",
	"-D -s link",
	"-L -s %T",
	"%T",
	"-a %T",
	"-lS %T",
	"-B1 -a %T",
	"-BM -d2 %T",
	"--si -d1 %T",
	"-t -100K -a %T",
	"-c %A %T %B",
	"-b -a -S %T",
	"--time=ctime --time-style=full-iso -d1 %T",
};

static void compare(const char *call, const char *const names[3], const char *input)
{
	char copy[200];
	const char *words[WORDS_MAX + 2] = { "du" };
	size_t n = 1;
	struct run_request request = { .words = words, .input = input };
	struct run ours, theirs;

	(void)snprintf(copy, sizeof(copy), "%s", call);
	for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
		cr_assert(n < WORDS_MAX);
		if (word[0] == '%')
			words[n++] = names[word[1] == 'T' ? 0 : word[1] == 'A' ? 1 : 2];
		else
			words[n++] = word;
	}
	ours = run_argv(&request);
	request.program = "du";
	request.words = words + 1;
	request.may_complain = true;
	theirs = run_argv(&request);
	cr_expect_eq(ours.status, theirs.status, "du %s %s: ours %d, GNU %d", call, names[0],
	             ours.status, theirs.status);
	cr_expect(ours.out_len == theirs.out_len && memcmp(ours.out, theirs.out, ours.out_len) == 0,
	          "du %s differs in %s", call, names[0]);
}

static void compare_all(const char *tree, const char *a, const char *b)
{
	const char *const names[3] = { tree, a, b };
	struct run r;

	need_program("du");
	r = RUN_PEER("du", "--version");
	if (strstr(r.out, "coreutils) 9.1\n") == NULL)
		skip("the installed du is not GNU du 9.1");
	if (access(a, R_OK) != 0 || access(b, R_OK) != 0)
		skip("%s or %s is not there", a, b);
	tree_symlink("link", tree);
	tree_text("patterns", "*.h\nlinux\nx86*\n");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		compare(calls[i], names, tree);
}

Test(peer_du_trees, headers)
{
	compare_all("/usr/include", "/usr/include/linux", "/usr/include/x86_64-linux-gnu");
}

Test(peer_du_trees, configuration)
{
	compare_all("/etc", "/etc/ssl", "/etc/alternatives");
}

Test(peer_du_trees, package_data)
{
	compare_all("/usr/share/doc", "/usr/share/doc/base-files", "/usr/share/doc/libc6");
}
