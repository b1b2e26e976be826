/* SPDX-License-Identifier: MIT */
#include "sys/proc_ref.h"

#include "support/process.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(proc_ref, .init = sandbox_enter, .fini = sandbox_leave);

static struct proc_reader start_reader(const char *proc)
{
	struct proc_reader r;
	int fd = open(proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cr_assert(fd >= 0);
	proc_reader_init(&r, fd);
	return r;
}

static void end_reader(struct proc_reader *r)
{
	(void)close(r->proc);
	proc_reader_release(r);
}

/* PID/stat of a recorded tree. */
static void record_stat(pid_t pid, char state, unsigned start)
{
	char path[32];
	char text[160];

	(void)snprintf(path, sizeof(path), "%d/stat", (int)pid);
	(void)snprintf(text, sizeof(text),
	               "%d (x) %c 1 2 3 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 %u 100 200\n",
	               (int)pid, state, start);
	tree_text(path, text);
}

Test(proc_ref, signals_the_one_it_holds)
{
	struct proc_reader r = start_reader("/proc");
	struct process p = process_idle();
	struct proc_ref ref;

	cr_assert_eq(proc_ref_open(&r, p.pid, &ref), 0);
	cr_expect_eq(proc_ref_signal(&r, &ref, 0), 0);
	cr_expect_not(proc_ref_is_gone(&r, &ref));
	cr_expect_eq(proc_ref_signal(&r, &ref, SIGUSR2), 0);
	cr_expect_eq(WTERMSIG(process_reap(&p)), SIGUSR2);
	cr_expect(proc_ref_is_gone(&r, &ref));
	cr_expect_eq(proc_ref_signal(&r, &ref, SIGKILL), -ESRCH);
	cr_expect_eq(proc_ref_open(&r, p.pid, &ref), -ESRCH);
	proc_ref_close(&ref);
	end_reader(&r);
}

Test(proc_ref, a_zombie_is_gone_but_can_be_held)
{
	struct proc_reader r = start_reader("/proc");
	struct process p = process_idle();
	struct proc_ref ref;

	process_make_zombie(&p);
	cr_assert_eq(proc_ref_open(&r, p.pid, &ref), 0);
	cr_expect(proc_ref_is_gone(&r, &ref));
	cr_expect_eq(WTERMSIG(process_reap(&p)), SIGKILL);
	proc_ref_close(&ref);
	end_reader(&r);
}

Test(proc_ref, without_a_pidfd_the_start_time_decides)
{
	struct process p = process_idle();
	struct proc_ref ref = { .pid = p.pid, .pidfd = -1, .start_ticks = 500 };
	struct proc_reader r;

	/* The number now belongs to somebody else. */
	record_stat(p.pid, 'S', 501);
	r = start_reader(".");
	cr_expect_eq(proc_ref_signal(&r, &ref, SIGKILL), -ESRCH);
	cr_expect_eq(proc_ref_queue(&r, &ref, SIGKILL, 1), -ESRCH);
	cr_expect(proc_ref_is_gone(&r, &ref));
	cr_expect(process_lives(&p));
	record_stat(p.pid, 'Z', 500);
	cr_expect(proc_ref_is_gone(&r, &ref));
	record_stat(p.pid, 'S', 500);
	cr_expect_not(proc_ref_is_gone(&r, &ref));
	cr_expect_eq(proc_ref_signal(&r, &ref, SIGTERM), 0);
	cr_expect_eq(WTERMSIG(process_reap(&p)), SIGTERM);
	end_reader(&r);
}

Test(proc_ref, an_id_is_for_one_process_only)
{
	struct proc_reader r = start_reader("/proc");
	struct process p = process_idle();
	struct strbuf text = { 0 };
	struct proc_ref ref;
	struct proc_stat stat;
	struct proc_id id;

	cr_assert_eq(proc_ref_open(&r, p.pid, &ref), 0);
	proc_id_add(&text, &ref);
	proc_ref_close(&ref);
	cr_assert_eq(proc_id_parse(strbuf_str(&text), &id), 0);
	cr_expect_eq(id.pid, p.pid);
	cr_assert_eq(proc_ref_open_id(&r, &id, &ref), 0);
	proc_ref_close(&ref);
	id.inode += 1;
	if (!id.has_start)
		cr_expect_eq(proc_ref_open_id(&r, &id, &ref), -ESRCH);

	cr_assert_eq(proc_read_stat(&r, p.pid, 0, &stat), 0);
	id = (struct proc_id){ .pid = p.pid, .start_ticks = stat.start_ticks, .has_start = true };
	cr_assert_eq(proc_ref_open_id(&r, &id, &ref), 0);
	proc_ref_close(&ref);
	id.start_ticks--;
	cr_expect_eq(proc_ref_open_id(&r, &id, &ref), -ESRCH);
	(void)process_end(&p);
	strbuf_release(&text);
	end_reader(&r);
}

Test(proc_ref, ids_are_strict)
{
	static const struct {
		char text[40];
		int err;
	} cases[] = {
		{ "", -EINVAL },
		{ "0", -EINVAL },
		{ "-5", -EINVAL },
		{ "+5", -EINVAL },
		{ " 5", -EINVAL },
		{ "5 ", -EINVAL },
		{ "5x", -EINVAL },
		{ "5:", -EINVAL },
		{ "5@", -EINVAL },
		{ "5:0", -EINVAL },
		{ "5:x", -EINVAL },
		{ "5:1:2", -EINVAL },
		{ "5@1@2", -EINVAL },
		{ ":7", -EINVAL },
		{ "2147483648", -ERANGE },
		{ "4294967297", -ERANGE },
		{ "5:99999999999999999999", -ERANGE },
		{ "99999999999999999999999999999", -ERANGE },
		{ "5", 0 },
		{ "5:18446744073709551615", 0 },
		{ "5@0", 0 },
		{ "2147483647", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct proc_id id = { .pid = 99 };

		cr_expect_eq(proc_id_parse(cases[i].text, &id), cases[i].err, "'%s'",
		             cases[i].text);
		if (cases[i].err != 0)
			cr_expect_eq(id.pid, 99, "'%s'", cases[i].text);
	}
}

static void *tell_tid(void *user)
{
	struct proc_reader *r = user;
	struct proc_ref ref;
	pid_t tid = (pid_t)syscall(SYS_gettid);

	return proc_ref_open(r, tid, &ref) == -ESRCH ? NULL : user;
}

Test(proc_ref, a_thread_is_no_process)
{
	struct proc_reader r = start_reader("/proc");
	pthread_t thread;
	void *result;

	cr_assert_eq(pthread_create(&thread, NULL, tell_tid, &r), 0);
	cr_assert_eq(pthread_join(thread, &result), 0);
	cr_expect_null(result);
	end_reader(&r);
}

Test(proc_ref, a_value_arrives_with_the_signal)
{
	struct proc_reader r = start_reader("/proc");
	struct proc_ref ref;
	siginfo_t info;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	cr_assert_eq(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	cr_assert_eq(proc_ref_open(&r, getpid(), &ref), 0);
	cr_assert_eq(proc_ref_queue(&r, &ref, SIGUSR1, -42), 0);
	cr_assert_eq(sigwaitinfo(&set, &info), SIGUSR1);
	cr_expect_eq(info.si_code, SI_QUEUE);
	cr_expect_eq(info.si_value.sival_int, -42);
	proc_ref_close(&ref);
	end_reader(&r);
}

Test(proc_ref, tells_how_it_ended_where_the_kernel_does)
{
	struct proc_reader r = start_reader("/proc");
	struct process p = process_idle();
	struct proc_ref ref;
	int status = 0;
	int result;

	cr_assert_eq(proc_ref_open(&r, p.pid, &ref), 0);
	cr_expect_eq(proc_ref_exit_status(&ref, &status), -ENODATA);
	(void)process_end(&p);
	result = proc_ref_exit_status(&ref, &status);
	proc_ref_close(&ref);
	end_reader(&r);
	if (result == -ENODATA)
		skip("this kernel does not tell strangers how a process ended (before 6.15)");
	cr_assert_eq(result, 0);
	cr_expect_eq(WTERMSIG(status), SIGKILL);
}
