/* SPDX-License-Identifier: MIT */
#include "cli/exec.h"

#include "base/fdio.h"
#include "base/mem.h"
#include "base/sig.h"
#include "sys/spawn.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static int captured[2]; /* what goes to 1 and to 2 */
static struct diag *diag;
static struct out *out;

static void enter(void)
{
	for (int i = 0; i < 2; i++) {
		captured[i] = memfd_create("captured", MFD_CLOEXEC);
		cr_assert(captured[i] > 2);
		cr_assert_eq(fcntl(captured[i], F_SETFL, O_APPEND), 0);
		cr_assert_eq(dup2(captured[i], i + 1), i + 1);
	}
	diag = diag_new("test", "test", (struct exit_codes){ 0 });
	out = out_new(STDOUT_FILENO);
	out_begin(out, &(struct out_opts){ 0 });
}

static void leave(void)
{
	cr_expect_eq(out_finish(out), 0);
	out = out_free(out);
	diag = diag_free(diag);
}

TestSuite(exec, .init = enter, .fini = leave);

/* Everything that was written to 1 or 2 since the last look; freed by the process's end. */
static const char *taken(int which)
{
	struct strbuf b = { 0 };
	int fd = captured[which - 1];

	out_flush(out);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	cr_assert_eq(fdio_read_all(fd, SIZE_MAX / 2, &b), 0);
	cr_assert_eq(ftruncate(fd, 0), 0);
	return strbuf_detach(&b);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct exec_request request_for(enum exec_mode mode, const char *const *words)
{
	return (struct exec_request){ .option = "--exec",
		                      .words = words,
		                      .word_count = exec_word_count(words),
		                      .mode = mode,
		                      .null_stdin = true,
		                      .dir = SPAWN_INHERIT,
		                      .diag = diag,
		                      .out = out };
}

/* The status after these files. */
static int run_request(const struct exec_request *request, const char *const *paths)
{
	AUTO_FREE(exec) struct exec *e = NULL;

	cr_assert_eq(exec_new(request, &e), 0);
	for (size_t i = 0; paths[i] != NULL; i++) {
		if (exec_add(e, &(struct template_entry){ .path = paths[i] }) < 0)
			break;
	}
	return exec_finish(e);
}

static int run_each(const char *const *words, const char *const *paths)
{
	struct exec_request request = request_for(EXEC_EACH, words);

	return run_request(&request, paths);
}

static int run_batch(const char *const *words, const char *const *paths)
{
	struct exec_request request = request_for(EXEC_BATCH, words);

	return run_request(&request, paths);
}

Test(exec, words_end_at_a_semicolon)
{
	cr_expect_eq(exec_word_count(WORDS("a", "b", ";", "c")), 2);
	cr_expect_eq(exec_word_count(WORDS("a;", "b")), 2);
	cr_expect_eq(exec_word_count(WORDS(";")), 0);
	cr_expect_eq(exec_word_count(WORDS(NULL)), 0);
}

Test(exec, bad_commands_are_usage_errors)
{
	static const struct {
		const char *words[4];
		enum exec_mode mode;
		const char *message;
	} cases[] = {
		{ { NULL }, EXEC_EACH, "--exec: the command is missing" },
		{ { "" }, EXEC_EACH, "--exec: the command is missing" },
		{ { ";" }, EXEC_BATCH, "--exec: the command is missing" },
		{ { "{}" }, EXEC_EACH, "--exec: the command itself cannot be a placeholder" },
		{ { "./{/}", "x" }, EXEC_BATCH, "the command itself cannot be a placeholder" },
		{ { "mv", "{}", "{.}" }, EXEC_BATCH, "only one argument of a batch" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct exec_request request = request_for(cases[i].mode, cases[i].words);
		struct exec *e = NULL;
		const char *message;

		cr_expect_eq(exec_new(&request, &e), EXIT_USAGE, "case %zu", i);
		cr_expect(e == NULL);
		message = taken(2);
		cr_expect(strstr(message, cases[i].message) != NULL, "case %zu: %s", i, message);
	}
}

Test(exec, each_file_has_its_command)
{
	cr_expect_eq(run_each(WORDS("printf", "[%s]"), WORDS("a", "b c", "-n", "d/-n")), 0);
	cr_expect_str_eq(taken(1), "[a][b c][./-n][d/-n]");
	cr_expect_eq(run_each(WORDS("printf", "<%s>", "{/}", "{{}", "{x}", "p={.}"),
	                      WORDS("d/a.b", "\xff\n.\033")),
	             0);
	cr_expect_str_eq(taken(1), "<a.b><{}><{x}><p=d/a><\xff\n.\033><{}><{x}><p=\xff\n>");
	cr_expect_eq(run_each(WORDS("echo", "{size}"), WORDS("a")), 0);
	cr_expect_str_eq(taken(1), "?\n", "nothing is appended to a placeholder of any kind");
	cr_expect_str_eq(taken(2), "");
}

Test(exec, without_files_nothing_is_run)
{
	cr_expect_eq(run_each(WORDS("no-such-command"), WORDS(NULL)), 0);
	cr_expect_eq(run_batch(WORDS("no-such-command"), WORDS(NULL)), 0);
	cr_expect_str_eq(taken(2), "");
}

Test(exec, own_output_comes_before_that_of_the_command)
{
	AUTO_FREE(exec) struct exec *e = NULL;
	struct exec_request request = request_for(EXEC_EACH, WORDS("echo"));

	cr_assert_eq(exec_new(&request, &e), 0);
	out_text(out, "first\n", 6);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = "second" }), 0);
	out_text(out, "third\n", 6);
	cr_expect_eq(exec_finish(e), 0);
	cr_expect_str_eq(taken(1), "first\nsecond\nthird\n");
}

Test(exec, a_failure_is_counted_and_the_rest_is_run)
{
	struct exec_request request =
		request_for(EXEC_EACH, WORDS("sh", "-c", "echo $0; test $0 != b || exit 9"));
	AUTO_FREE(exec) struct exec *e = NULL;

	cr_expect_eq(run_request(&request, WORDS("a", "b", "c")), 1);
	cr_expect_str_eq(taken(1), "a\nb\nc\n");
	cr_expect_str_eq(taken(2), "");
	request.fail_fast = true;
	cr_assert_eq(exec_new(&request, &e), 0);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = "a" }), 0);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = "b" }), -ECANCELED);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = "c" }), -ECANCELED);
	cr_expect_eq(exec_finish(e), 1);
	cr_expect_str_eq(taken(1), "a\nb\n");
	cr_expect_eq(exec_totals(e).started, 2);
	cr_expect_eq(exec_totals(e).failed, 1);
}

Test(exec, a_command_that_cannot_be_run_ends_it)
{
	char script[] = "/tmp/exec_test.XXXXXX";
	int fd;

	cr_expect_eq(run_each(WORDS("no-such-command"), WORDS("a", "b")), 127);
	cr_expect_str_eq(taken(2),
	                 "test: cannot run 'no-such-command': No such file or directory\n");
	cr_expect_eq(run_batch(WORDS("/"), WORDS("a", "b")), 126);
	cr_expect_str_eq(taken(2), "test: cannot run '/': Permission denied\n");
	fd = mkstemp(script);
	cr_assert(fd >= 0);
	cr_assert_eq(fdio_write_all(fd, "#!/no/shell\n", 12), 0);
	cr_assert_eq(fchmod(fd, 0755), 0);
	cr_assert_eq(close(fd), 0);
	cr_expect_eq(run_each(WORDS(script), WORDS("a")), 126);
	cr_expect(strstr(taken(2), "interpreter or loader is missing") != NULL);
	cr_assert_eq(unlink(script), 0);
	cr_expect_eq(run_each(WORDS("sh", "-c", "exit 127"), WORDS("a")), 1,
	             "the command's own codes do not count as ours");
	cr_expect_eq(diag_count(diag), 3);
}

Test(exec, a_signal_is_reported)
{
	cr_expect_eq(run_each(WORDS("sh", "-c", "kill -9 $$"), WORDS("a b")), 1);
	cr_expect_str_eq(taken(2), "test: 'a b': sh was killed by signal 9 (KILL)\n");
	cr_expect_eq(run_batch(WORDS("sh", "-c", "kill -TERM $$"), WORDS("a", "b")), 1);
	cr_expect_str_eq(taken(2), "test: sh was killed by signal 15 (TERM)\n");
}

Test(exec, a_batch_is_one_command)
{
	cr_expect_eq(run_batch(WORDS("printf", "[%s]"), WORDS("a", "-b", "c d")), 0);
	cr_expect_str_eq(taken(1), "[a][./-b][c d]");
	cr_expect_eq(run_batch(WORDS("printf", "<%s>", "x{/}", "last"), WORDS("d/a", "d/b")), 0);
	cr_expect_str_eq(taken(1), "<xa><xb><last>");
}

/* Runs `count` files with long names through a batch; returns the words printed by each command. */
static uint64_t add_many(struct exec *e, size_t count)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	for (size_t i = 0; i < count; i++) {
		strbuf_truncate(&path, 0);
		strbuf_add_format(&path, "some/directory/with/a/name/%zu", i);
		cr_assert_eq(exec_add(e, &(struct template_entry){ .path = path.data }), 0);
	}
	cr_expect_eq(exec_finish(e), 0);
	return exec_totals(e).started;
}

/* The sum of the numbers in a text of lines. */
static uint64_t sum_lines(const char *text, uint64_t *ret_lines)
{
	uint64_t sum = 0;

	for (*ret_lines = 0; *text != '\0'; (*ret_lines)++) {
		char *end;

		sum += strtoull(text, &end, 10);
		cr_assert_eq(*end, '\n');
		text = end + 1;
	}
	return sum;
}

Test(exec, many_files_take_several_batches)
{
	enum { COUNT = 300000 };
	AUTO_FREE(exec) struct exec *e = NULL;
	struct exec_request request =
		request_for(EXEC_BATCH, WORDS("sh", "-c", "test $0 = zero && echo $#", "zero"));
	uint64_t started, lines;

	cr_assert_eq(exec_new(&request, &e), 0);
	started = add_many(e, COUNT);
	cr_expect_eq(sum_lines(taken(1), &lines), COUNT);
	cr_expect_eq(lines, started);
	cr_expect(started >= 3 && started < 1000, "%ju", (uintmax_t)started);
}

/* The limit that was asked for at the start does not hold any more: the kernel refuses. */
Test(exec, a_refused_batch_is_divided)
{
	enum { COUNT = 30000 };
	AUTO_FREE(exec) struct exec *e = NULL;
	struct exec_request request = request_for(EXEC_BATCH, WORDS("sh", "-c", "echo $#", "zero"));
	struct rlimit limit;
	uint64_t started, lines;

	cr_assert_eq(exec_new(&request, &e), 0);
	cr_assert_eq(getrlimit(RLIMIT_STACK, &limit), 0);
	limit.rlim_cur = 1024 * 1024;
	cr_assert_eq(setrlimit(RLIMIT_STACK, &limit), 0);
	started = add_many(e, COUNT);
	cr_expect_eq(sum_lines(taken(1), &lines), COUNT);
	cr_expect_eq(lines, started);
	cr_expect(started >= 4, "%ju", (uintmax_t)started);
	cr_expect_str_eq(taken(2), "");
}

Test(exec, a_path_that_no_command_can_take_is_left_out)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };

	strbuf_add_fill(&path, 'x', 200 * 1024);
	cr_expect_eq(run_batch(WORDS("echo"), WORDS("a", path.data, "b")), 1);
	cr_expect_str_eq(taken(1), "a b\n");
	cr_expect(strstr(taken(2), "too long as an argument of echo") != NULL);
	cr_expect_eq(run_each(WORDS("echo", "{}", "{/}"), WORDS("a", path.data, "b")), 1);
	cr_expect_str_eq(taken(1), "a a\nb b\n");
}

Test(exec, the_worst_batch_counts)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	const char *paths[65];

	strbuf_add_fill(&path, 'x', 100 * 1024);
	for (size_t i = 0; i < 64; i++)
		paths[i] = i == 3 ? "bad" : path.data;
	paths[64] = NULL;
	cr_expect_eq(run_batch(WORDS("sh", "-c",
	                             "for i; do test \"$i\" != bad || { echo bad; exit 5; }; "
	                             "done; echo good",
	                             "sh"),
	                       paths),
	             1);
	cr_expect_eq(strncmp(taken(1), "bad\ngood\n", 9), 0);
}

/*
 * Each command waits until the other has begun, so that they do run at once; their outputs come
 * in one piece each all the same.
 */
Test(exec, parallel_outputs_do_not_mix)
{
	char dir[] = "/tmp/exec_test.XXXXXX";
	AUTO_RELEASE_STRBUF struct strbuf a = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	struct exec_request request = request_for(
		EXEC_EACH, WORDS("sh", "-c",
	                         "echo $0 1; : >${1%/*}/$0; until test -e $1; do sleep 0.01; done; "
	                         "echo $0 2; echo $0 err >&2; cat",
	                         "{/}", "{//}/{target}"));
	AUTO_FREE(exec) struct exec *e = NULL;
	const char *text;

	cr_assert(mkdtemp(dir) != NULL);
	strbuf_add_format(&a, "%s/a", dir);
	strbuf_add_format(&b, "%s/b", dir);
	request.jobs = 2;
	request.null_stdin = false;
	cr_assert_eq(exec_new(&request, &e), 0);
	cr_expect_eq(exec_needs(e), TEMPLATE_NEEDS_TARGET);
	out_text(out, "own\n", 4);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = a.data, .target = "b" }), 0);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = b.data, .target = "a" }), 0);
	cr_expect_eq(exec_finish(e), 0);
	text = taken(1);
	cr_expect(strcmp(text, "own\na 1\na 2\nb 1\nb 2\n") == 0 ||
	                  strcmp(text, "own\nb 1\nb 2\na 1\na 2\n") == 0,
	          "%s", text);
	text = taken(2);
	cr_expect(strcmp(text, "a err\nb err\n") == 0 || strcmp(text, "b err\na err\n") == 0, "%s",
	          text);
	cr_expect_eq(unlink(a.data), 0);
	cr_expect_eq(unlink(b.data), 0);
	cr_expect_eq(rmdir(dir), 0);
}

Test(exec, many_parallel_jobs_are_all_counted)
{
	struct exec_request request =
		request_for(EXEC_EACH, WORDS("sh", "-c", "echo $0; exit ${0#x}"));
	AUTO_FREE(exec) struct exec *e = NULL;
	const char *text;
	size_t lines = 0;

	request.jobs = 5;
	cr_assert_eq(exec_new(&request, &e), 0);
	for (size_t i = 0; i < 60; i++)
		cr_expect_eq(
			exec_add(e, &(struct template_entry){ .path = i % 3 == 0 ? "x1" : "x0" }),
			0);
	cr_expect_eq(exec_finish(e), 1);
	for (text = taken(1); *text != '\0'; text += 3, lines++)
		cr_expect(strncmp(text, "x0\n", 3) == 0 || strncmp(text, "x1\n", 3) == 0);
	cr_expect_eq(lines, 60);
	cr_expect_eq(exec_totals(e).started, 60);
	cr_expect_eq(exec_totals(e).failed, 20);
}

/* Without a directory for unnamed files, memory serves; without descriptors, patience does. */
Test(exec, parallel_jobs_without_means)
{
	struct exec_request request = request_for(EXEC_EACH, WORDS("echo"));
	struct rlimit limit;
	int lowest;

	cr_assert_eq(setenv("TMPDIR", "/nonexistent", 1), 0);
	request.jobs = 8;
	cr_expect_eq(run_request(&request, WORDS("a", "a", "a")), 0);
	cr_expect_str_eq(taken(1), "a\na\na\n");

	lowest = dup(STDIN_FILENO);
	cr_assert(lowest >= 0);
	cr_assert_eq(close(lowest), 0);
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)lowest + 4;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cr_expect_eq(run_request(&request, WORDS("a", "a", "a", "a")), 0);
	cr_expect_str_eq(taken(1), "a\na\na\na\n");
	cr_expect_str_eq(taken(2), "");
}

Test(exec, a_stop_starts_nothing_more)
{
	AUTO_FREE(exec) struct exec *e = NULL;
	struct exec_request request = request_for(EXEC_EACH, WORDS("echo"));

	sig_install();
	cr_assert_eq(exec_new(&request, &e), 0);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = "a" }), 0);
	(void)raise(SIGINT);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = "b" }), -ECANCELED);
	cr_expect_eq(exec_finish(e), 0);
	cr_expect_str_eq(taken(1), "a\n");
	sig_restore();
}

/* The command stops the box and waits for ever: it is told, and ends the wait. */
Test(exec, a_termination_is_passed_on)
{
	static const unsigned jobs[] = { 1, 3 };

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		struct exec_request request = request_for(
			EXEC_EACH, WORDS("sh", "-c",
		                         "trap 'echo told; exit 0' TERM; kill -TERM $PPID; "
		                         "while :; do sleep 0.01; done"));

		request.jobs = jobs[i];
		sig_install();
		cr_expect_eq(run_request(&request, WORDS("a")), 0);
		cr_expect_eq(sig_number(), SIGTERM);
		cr_expect_str_eq(taken(1), "told\n");
		sig_restore();
	}
	cr_expect_str_eq(taken(2), "");
}

Test(exec, a_reader_that_went_away_ends_it_quietly)
{
	int ends[2];
	struct exec_request request = request_for(EXEC_EACH, WORDS("echo"));
	AUTO_FREE(exec) struct exec *e = NULL;

	(void)signal(SIGPIPE, SIG_DFL);
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert_eq(close(ends[0]), 0);
	cr_assert_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	sig_install();
	request.words = WORDS("sh", "-c", "kill -PIPE $$");
	request.word_count = 3;
	cr_assert_eq(exec_new(&request, &e), 0);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = "a" }), -ECANCELED);
	cr_expect_eq(sig_number(), SIGPIPE);
	cr_expect_eq(exec_finish(e), 1);
	cr_expect_str_eq(taken(2), "");
	sig_restore();
	cr_assert_eq(dup2(captured[0], STDOUT_FILENO), STDOUT_FILENO);
}

Test(exec, the_directory_of_the_commands)
{
	struct exec_request request = request_for(EXEC_EACH, WORDS("pwd", "-P", "{{}"));

	request.words = WORDS("sh", "-c", "pwd -P");
	request.word_count = 3;
	request.dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(request.dir >= 0);
	cr_expect_eq(run_request(&request, WORDS("a")), 0);
	cr_expect_str_eq(taken(1), "/\n");
}

Test(exec, a_command_that_moved_in_path_is_found_again)
{
	char dir[] = "/tmp/exec_test.XXXXXX";
	AUTO_RELEASE_STRBUF struct strbuf list = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf link = { 0 };
	struct exec_request request = request_for(EXEC_EACH, WORDS("echo"));
	AUTO_FREE(exec) struct exec *e = NULL;

	cr_assert(mkdtemp(dir) != NULL);
	strbuf_add_format(&link, "%s/echo", dir);
	cr_assert_eq(symlink("/bin/echo", link.data), 0);
	strbuf_add_format(&list, "%s:%s", dir, getenv("PATH"));
	cr_assert_eq(setenv("PATH", list.data, 1), 0);
	cr_assert_eq(exec_new(&request, &e), 0);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = "a" }), 0);
	cr_assert_eq(unlink(link.data), 0);
	cr_expect_eq(exec_add(e, &(struct template_entry){ .path = "b" }), 0);
	cr_expect_eq(exec_finish(e), 0);
	cr_expect_str_eq(taken(1), "a\nb\n");
	cr_expect_eq(rmdir(dir), 0);
}
