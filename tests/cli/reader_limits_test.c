/* SPDX-License-Identifier: MIT */
/* du and disk-usage with next to no descriptors, and on file systems that tell little. */
#include "support/run.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(reader_limits, .init = sandbox_enter, .fini = sandbox_leave);

static const char *const *const runs[] = {
	WORDS("du", "-s", "t"),
	WORDS("du", "-a", "t"),
	WORDS("du", "-s", "t/bb", "t"),
	WORDS("disk-usage", "-s", "t"),
	WORDS("disk-usage", "--json", "-d9", "t"),
};

enum { RUNS = sizeof(runs) / sizeof(runs[0]) };

/* Names of two bytes: each of a directory's records is 24 bytes long. */
static void make_tree(void)
{
	tree("d t/aa", "f t/aa/ff 10", "d t/bb", "d t/bb/dd", "f t/bb/dd/ff 9000", "f t/ff 5000",
	     "h t/gg -> t/ff", "l t/ll -> ff");
}

Test(reader_limits, few_descriptors_change_nothing)
{
	need_no_sanitizer();
	make_tree();
	for (size_t i = 0; i < RUNS; i++) {
		struct run whole = run_words(runs[i]);

		cr_assert_eq(whole.status, 0, "run %zu: %s", i, whole.err);
		for (rlim_t n = 7; n <= 17; n++) {
			struct run_request request = { .words = runs[i],
				                       .limits = { { RLIMIT_NOFILE, n } } };
			struct run r = run_argv(&request);

			cr_expect_eq(r.status, 0, "run %zu with %d: %s", i, (int)n, r.err);
			cr_expect_str_eq(r.out, whole.out, "run %zu with %d", i, (int)n);
		}
	}
}

/* strace puts DT_UNKNOWN, which is 0, behind what the kernel has written. */
static void check_untyped(size_t i, const char *directory, const char *records)
{
	char inject[1024];
	struct run whole = run_words(runs[i]);
	struct run r;

	(void)snprintf(inject, sizeof(inject), "inject=getdents64:poke_exit=@arg2=%s:when=1",
	               records);
	struct run_request request = { .program = "strace" };
	const char *words[24] = { "-f", "-qq",     "-o",        "log",
		                  "-P", directory, "-e",        "trace=getdents64",
		                  "-e", inject,    run_binary() };
	size_t n = 11;

	for (const char *const *word = runs[i]; *word != NULL; word++)
		words[n++] = *word;
	request.words = words;
	r = run_argv(&request);
	cr_expect_eq(r.status, 0, "run %zu in %s: %s", i, directory, r.err);
	cr_expect_str_eq(r.out, whole.out, "run %zu in %s", i, directory);
}

/* One struct linux_dirent64 in hexadecimal: number, offset, length, type unknown, name. */
static void add_record(char *records, const char *name)
{
	char *end = records + strlen(records);

	(void)sprintf(end,
	              "0100000000000000"
	              "0100000000000000"
	              "1800"
	              "00"
	              "%02x%02x000000",
	              (unsigned char)name[0], (unsigned char)name[1]);
}

Test(reader_limits, entries_without_a_type_are_asked_for_it)
{
	char all[1024] = "";
	char below[1024] = "";

	(void)need_program("strace");
	need_no_sanitizer();
	make_tree();
	add_record(all, ".");
	add_record(all, "..");
	add_record(below, ".");
	add_record(below, "..");
	add_record(below, "dd");
	/* As many bytes as the kernel returns, whatever its order was. */
	add_record(all, "ll");
	add_record(all, "gg");
	add_record(all, "bb");
	add_record(all, "ff");
	add_record(all, "aa");
	for (size_t i = 0; i < RUNS; i++) {
		if (strcmp(runs[i][1], "-a") == 0)
			continue; /* prints in the order of the directory */
		check_untyped(i, "t", all);
		check_untyped(i, "t/bb", below);
	}
}

Test(reader_limits, a_directory_that_breaks_off_is_told)
{
	static const char *const errors[] = { "EIO", "ENOMEM", "EACCES" };

	(void)need_program("strace");
	need_no_sanitizer();
	make_tree();
	for (size_t i = 0; i < RUNS; i++) {
		for (size_t k = 0; k < sizeof(errors) / sizeof(errors[0]); k++) {
			/* The second call, when all was listed: the entries count, the error too.
			 */
			for (unsigned when = 1; when <= 2; when++) {
				char inject[64];
				const char *words[24] = {
					"-f", "-qq",  "-o",        "log",
					"-P", "t/bb", "-e",        "trace=getdents64",
					"-e", inject, run_binary()
				};
				struct run_request request = { .program = "strace",
					                       .words = words };
				size_t n = 11;
				struct run r;

				(void)snprintf(inject, sizeof(inject),
				               "inject=getdents64:error=%s:when=%u", errors[k],
				               when);
				for (const char *const *word = runs[i]; *word != NULL; word++)
					words[n++] = *word;
				r = run_argv(&request);
				cr_expect_eq(r.status, 1, "run %zu, %s %u: %d", i, errors[k], when,
				             r.status);
				cr_expect(strstr(r.err, "read directory 't/bb'") != NULL,
				          "run %zu, %s: %s", i, errors[k], r.err);
				cr_expect(strstr(r.out, "t") != NULL, "what could be read");
			}
		}
	}
}
