/* SPDX-License-Identifier: MIT */
#include "sys/spawn.h"

#include "base/fdio.h"
#include "sys/command_path.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char scratch[] = "/tmp/spawn_test.XXXXXX";
static int scratch_fd = -1;

static void enter(void)
{
	cr_assert(mkdtemp(scratch) != NULL);
	scratch_fd = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(scratch_fd >= 0);
}

static void leave(void)
{
	static const char *const names[] = { "script", "plain", "empty", "-odd", "lost", "bad" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlinkat(scratch_fd, names[i], 0);
	(void)unlinkat(scratch_fd, "a-dir", AT_REMOVEDIR);
	cr_expect_eq(rmdir(scratch), 0);
}

TestSuite(spawn, .init = enter, .fini = leave);

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = openat(scratch_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	cr_assert(fd >= 0);
	cr_assert_eq(fdio_write_all(fd, text, strlen(text)), 0);
	cr_assert_eq(fchmod(fd, mode), 0);
	cr_assert_eq(close(fd), 0);
}

/* Runs it with standard output in memory; the shell's code, or the -errno of the start. */
static int run(struct spawn_request request, struct strbuf *out)
{
	struct spawn_child child;
	int status = -1;
	int fd = memfd_create("out", MFD_CLOEXEC);
	int r;

	cr_assert(fd >= 0);
	request.fds[0] = SPAWN_NULL;
	request.fds[1] = fd;
	r = spawn_start(&request, &child);
	if (r == 0) {
		cr_assert_eq(spawn_wait(&child, &status), 0);
		cr_assert_eq(child.pidfd, -1);
		r = spawn_status_code(status);
		cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
		cr_assert_eq(fdio_read_all(fd, 1 << 20, out), 0);
	}
	cr_assert_eq(close(fd), 0);
	return r;
}

static struct spawn_request request_for(const char *file, char *const *argv)
{
	return (struct spawn_request){ .file = file,
		                       .argv = argv,
		                       .envp = environ,
		                       .dir = SPAWN_INHERIT,
		                       .fds = { SPAWN_INHERIT, SPAWN_INHERIT, SPAWN_INHERIT } };
}

static int run_shell(const char *script, struct strbuf *out)
{
	char *text = mem_strdup(script);
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, text, NULL };
	int r = run(request_for("/bin/sh", argv), out);

	free(text);
	return r;
}

Test(spawn, a_program_runs_and_its_code_comes_back)
{
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };

	cr_expect_eq(run_shell("echo hello; exit 7", &out), 7);
	cr_expect_str_eq(strbuf_str(&out), "hello\n");
	cr_expect_eq(run_shell("kill -KILL $$", &out), 128 + SIGKILL);
}

Test(spawn, arguments_and_environment_are_the_callers)
{
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };
	char *env[] = { (char[]){ "ONLY=this" }, NULL };
	char *argv[] = { (char[]){ "name" },
		         (char[]){ "-c" },
		         (char[]){ "printf '[%s]' \"$0\" \"$@\" \"$ONLY\" \"$HOME\"" },
		         (char[]){ "zero" },
		         (char[]){ "a b" },
		         (char[]){ "\n\xff\033" },
		         (char[]){ "" },
		         NULL };
	struct spawn_request request = request_for("/bin/sh", argv);

	request.envp = env;
	cr_expect_eq(run(request, &out), 0);
	cr_expect_str_eq(strbuf_str(&out), "[zero][a b][\n\xff\033][][this][]");
}

Test(spawn, what_cannot_be_executed_is_told_at_once)
{
	static const struct {
		const char *name;
		int err, code;
	} cases[] = {
		{ "missing", -ENOENT, SPAWN_CODE_NOT_FOUND },
		{ "a-dir", -EACCES, SPAWN_CODE_NO_EXEC },
		{ "plain", -EACCES, SPAWN_CODE_NO_EXEC },
		{ "plain/below", -ENOTDIR, SPAWN_CODE_NO_EXEC },
		{ "lost", -ENOENT, SPAWN_CODE_NOT_FOUND },
	};
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };

	cr_assert_eq(mkdirat(scratch_fd, "a-dir", 0755), 0);
	write_file("plain", "echo no\n", 0644);
	write_file("lost", "#!/nonexistent/interpreter\n", 0755);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
		char *argv[] = { (char[]){ "x" }, NULL };
		int r;

		strbuf_add_format(&path, "%s/%s", scratch, cases[i].name);
		r = run(request_for(path.data, argv), &out);
		cr_expect_eq(r, cases[i].err, "%s: %d", cases[i].name, r);
		cr_expect_eq(spawn_failure_code(r), cases[i].code, "%s", cases[i].name);
	}
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "no zombie stays");
	cr_expect_eq(errno, ECHILD);
	cr_expect_eq(spawn_failure_code(-EAGAIN), SPAWN_CODE_FAILED);
	cr_expect_eq(spawn_failure_code(-E2BIG), SPAWN_CODE_NO_EXEC);
}

Test(spawn, a_file_without_a_first_line_is_a_shell_script)
{
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	char *argv[] = { (char[]){ "x" }, (char[]){ "a b" }, (char[]){ "-c" }, NULL };
	char *alone[] = { (char[]){ "x" }, NULL };
	struct spawn_request request;

	write_file("script", "printf '%s|' \"$@\"; exit 3\n", 0755);
	strbuf_add_format(&path, "%s/script", scratch);
	cr_expect_eq(run(request_for(path.data, argv), &out), 3);
	cr_expect_str_eq(strbuf_str(&out), "a b|-c|");

	write_file("-odd", "echo odd\n", 0755);
	request = request_for("-odd", alone);
	request.dir = scratch_fd;
	strbuf_clear(&out);
	cr_expect_eq(run(request, &out), 0);
	cr_expect_str_eq(strbuf_str(&out), "odd\n");

	write_file("empty", "", 0755);
	request.file = "./empty";
	cr_expect_eq(run(request, &out), 0);
}

Test(spawn, the_directory_is_the_childs_alone)
{
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char[]){ "pwd -P" }, NULL };
	struct spawn_request request = request_for("/bin/sh", argv);
	struct stat before, after;

	cr_assert_eq(stat(".", &before), 0);
	request.dir = scratch_fd;
	cr_expect_eq(run(request, &out), 0);
	cr_assert(out.len > 0);
	strbuf_truncate(&out, out.len - 1);
	cr_expect_str_eq(strbuf_str(&out), scratch);
	cr_assert_eq(stat(".", &after), 0);
	cr_expect_eq(before.st_ino, after.st_ino);
}

Test(spawn, only_three_descriptors_arrive)
{
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" },
		         (char[]){ "for i in 3 4 5 6 7 8 9; do "
		                   "(: >&$i) 2>/dev/null && echo $i; done; "
		                   "test -e /dev/fd/$0 && echo leak; read -r x || echo null; "
		                   "echo both >&2" },
		         (char[12]){ 0 }, NULL };
	struct spawn_request request = request_for("/bin/sh", argv);
	int own = memfd_create("own", MFD_CLOEXEC);
	int both = memfd_create("both", MFD_CLOEXEC);
	struct spawn_child child;
	int status;

	/* What the test runner left open is not ours to judge. */
	for (int fd = 3; fd < 64; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	cr_assert(own > 2 && both > 2);
	(void)snprintf(argv[3], 12, "%d", own);
	request.fds[0] = SPAWN_NULL;
	request.fds[1] = request.fds[2] = both;
	cr_assert_eq(spawn_start(&request, &child), 0);
	cr_assert_eq(spawn_wait(&child, &status), 0);
	cr_expect_eq(spawn_status_code(status), 0);
	cr_assert_eq(lseek(both, 0, SEEK_SET), 0);
	cr_assert_eq(fdio_read_all(both, 4096, &out), 0);
	cr_expect_str_eq(strbuf_str(&out), "null\nboth\n");
}

static uint64_t signal_set(const struct strbuf *status, const char *key)
{
	const char *at = strstr(strbuf_str(status), key);

	cr_assert(at != NULL);
	return strtoull(at + strlen(key), NULL, 16);
}

static void on_signal(int signo)
{
	(void)signo;
}

Test(spawn, signals_are_as_the_program_expects)
{
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };
	char *argv[] = { (char[]){ "cat" }, (char[]){ "/proc/self/status" }, NULL };
	struct spawn_request request = request_for("/bin/cat", argv);
	struct sigaction caught = { .sa_handler = on_signal };
	sigset_t mask, defaults;

	cr_assert_eq(sigaction(SIGTERM, &caught, NULL), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGUSR2);
	cr_assert_eq(sigprocmask(SIG_BLOCK, &mask, NULL), 0);

	cr_expect_eq(run(request, &out), 0);
	cr_expect_eq(signal_set(&out, "SigBlk:"), UINT64_C(1) << (SIGUSR2 - 1));
	cr_expect_eq(signal_set(&out, "SigCgt:"), 0);
	cr_expect(signal_set(&out, "SigIgn:") & (UINT64_C(1) << (SIGPIPE - 1)));
	cr_expect(signal_set(&out, "SigIgn:") & (UINT64_C(1) << (SIGHUP - 1)));

	(void)sigemptyset(&mask);
	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGPIPE);
	request.mask = &mask;
	request.defaults = &defaults;
	strbuf_clear(&out);
	cr_expect_eq(run(request, &out), 0);
	cr_expect_eq(signal_set(&out, "SigBlk:"), 0);
	cr_expect_not(signal_set(&out, "SigIgn:") & (UINT64_C(1) << (SIGPIPE - 1)));
	cr_expect(signal_set(&out, "SigIgn:") & (UINT64_C(1) << (SIGHUP - 1)));
}

Test(spawn, the_pidfd_becomes_readable_and_a_signal_arrives)
{
	char *argv[] = { (char[]){ "sleep" }, (char[]){ "1000" }, NULL };
	AUTO_RELEASE_STRBUF struct strbuf file = { 0 };
	struct spawn_request request = request_for(NULL, argv);
	struct spawn_child child;
	struct pollfd fd = { .events = POLLIN };
	int status;

	cr_assert_eq(spawn_find(getenv("PATH"), "sleep", &file), 0);
	request.file = file.data;
	cr_assert_eq(spawn_start(&request, &child), 0);
	fd.fd = child.pidfd;
	if (fd.fd >= 0)
		cr_expect_eq(poll(&fd, 1, 0), 0);
	cr_expect_eq(spawn_signal(&child, SIGTERM), 0);
	if (fd.fd >= 0)
		cr_expect_eq(poll(&fd, 1, -1), 1);
	cr_assert_eq(spawn_wait(&child, &status), 0);
	cr_expect_eq(spawn_status_code(status), 128 + SIGTERM);
}

Test(spawn, ends_can_be_collected_though_sigchld_is_ignored)
{
	AUTO_RELEASE_STRBUF struct strbuf out = { 0 };
	struct spawn_collect collect;
	struct sigaction now;

	(void)signal(SIGCHLD, SIG_IGN);
	spawn_collect_begin(&collect);
	cr_expect_eq(run_shell("exit 9", &out), 9);
	spawn_collect_end(&collect);
	cr_assert_eq(sigaction(SIGCHLD, NULL, &now), 0);
	cr_expect(now.sa_handler == SIG_IGN);
}

Test(spawn, the_search_is_that_of_execvp)
{
	AUTO_RELEASE_STRBUF struct strbuf list = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf want = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	write_file("script", "", 0755);
	write_file("plain", "", 0644);
	cr_assert_eq(mkdirat(scratch_fd, "a-dir", 0755), 0);
	strbuf_add_format(&list, "/nonexistent:%s:/bin", scratch);
	strbuf_add_format(&want, "%s/script", scratch);
	cr_expect_eq(spawn_find(list.data, "script", &got), 0);
	cr_expect_str_eq(strbuf_str(&got), strbuf_str(&want));
	strbuf_clear(&got);
	cr_expect_eq(spawn_find(list.data, "sh", &got), 0);
	cr_expect_str_eq(strbuf_str(&got), "/bin/sh");
	strbuf_clear(&got);
	cr_expect_eq(spawn_find(list.data, "plain", &got), -EACCES);
	cr_expect_eq(spawn_find(list.data, "a-dir", &got), -EACCES);
	cr_expect_eq(spawn_find(list.data, "no-such-command", &got), -ENOENT);
	cr_expect_eq(spawn_find(list.data, "", &got), -ENOENT);
	cr_expect_eq(got.len, 0);
	cr_expect_eq(spawn_find(list.data, "a/b", &got), 0);
	cr_expect_str_eq(strbuf_str(&got), "a/b");
}

/* Permission to look is not what a missing command is missing. */
Test(spawn, a_directory_that_may_not_be_searched_has_nothing)
{
	AUTO_RELEASE_STRBUF struct strbuf list = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	if (geteuid() == 0)
		cr_assert_eq(setresuid((uid_t)-1, 65534, (uid_t)-1), 0);
	strbuf_add_str(&list, "/proc/1/map_files:/proc/1/fd");
	cr_expect_eq(spawn_find(list.data, "no-such-command", &got), -ENOENT);
	if (getuid() == 0)
		cr_assert_eq(setresuid((uid_t)-1, 0, (uid_t)-1), 0);
}

Test(spawn, a_relative_element_gives_an_absolute_path)
{
	AUTO_RELEASE_STRBUF struct strbuf want = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf got = { 0 };

	write_file("script", "", 0755);
	cr_assert_eq(fchdir(scratch_fd), 0);
	strbuf_add_format(&want, "%s/script", scratch);
	cr_expect_eq(spawn_find(".", "script", &got), 0);
	cr_expect_str_eq(strbuf_str(&got), strbuf_str(&want));
	strbuf_clear(&got);
	cr_expect_eq(spawn_find("", "script", &got), 0);
	cr_expect_str_eq(strbuf_str(&got), strbuf_str(&want));
}
