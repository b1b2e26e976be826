/* SPDX-License-Identifier: MIT */
/* dupes for cron: metrics, the log of records, the system's log, and quiet. */
#include "private_mounts.h"

#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

TestSuite(dupes_job, .init = sandbox_enter, .fini = sandbox_leave);

static struct run text_of(const char *path)
{
	struct run r = RUN_PEER("cat", path);

	cr_assert_eq(r.status, 0, "%s", path);
	return r;
}

Test(dupes_job, metrics_are_those_of_the_run)
{
	struct run r;

	tree("t d/a same", "t d/b same", "t d/c same", "t d/e other");
	tree_mode("d/c", 0600);
	r = RUN("dupes", "--hardlink", "--yes", "--metrics-file=m.prom", "d");
	EXPECT_STATUS(r, 1);
	expect_mode("m.prom", 0644);
	expect_names(".", "d", "m.prom");
	r = text_of("m.prom");
	EXPECT_OUT_HAS(r, "# TYPE dutybox_dupes_done gauge\ndutybox_dupes_done{path=\"d\"} 1\n");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_skipped{path=\"d\"} 1\n");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_failed{path=\"d\"} 0\n");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_files{path=\"d\"} 4\n");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_groups{path=\"d\"} 1\n");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_errors{path=\"d\"} 1\n");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_last_exit_code{path=\"d\"} 1\n");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_duration_seconds{path=\"d\"} 0.");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_last_run_timestamp_seconds{path=\"d\"} 1");
	EXPECT_OUT_LACKS(r, "last_success_timestamp_seconds");
	r = RUN("dupes", "--delete", "--yes", "--metrics-file=m.prom", "d");
	EXPECT_STATUS(r, 0);
	r = text_of("m.prom");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_last_exit_code{path=\"d\"} 0\n");
	EXPECT_OUT_HAS(r, "\ndutybox_dupes_last_success_timestamp_seconds{path=\"d\"} 1");
	r = RUN("dupes", "--metrics-file=none/m.prom", "d");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "cannot write 'none/m.prom'");
}

Test(dupes_job, the_log_is_what_json_prints)
{
	struct run text;
	struct run json;
	struct run log;
	size_t first;

	tree("t d/a same", "t d/b same", "t d/c else");
	json = RUN("dupes", "--delete", "-n", "--json", "d", "missing");
	text = RUN("dupes", "--delete", "-n", "--log-json=log", "d", "missing");
	EXPECT_RUN(text, 3, "keep      d/a\ndelete    d/b\n", json.err);
	log = text_of("log");
	/* After the line of the start; read_bytes and all are the same. */
	first = strcspn(log.out, "\n") + 1;
	cr_expect_str_eq(log.out + first, json.out);
	struct json_lines lines = JSON_LINES(log);
	cr_expect_str_eq(json_string(lines.items[0], "event"), "start");
	cr_expect_str_eq(json_string(lines.items[lines.len - 1], "record"), "summary");
	cr_expect_eq(json_count(&lines, "error"), 1);
	/* The next run is added. */
	text = RUN("dupes", "--check", "--log-json=log", "d");
	EXPECT_STATUS(text, 1);
	log = text_of("log");
	lines = JSON_LINES(log);
	cr_expect_eq(json_count(&lines, "event"), 2);
	cr_expect_eq(json_count(&lines, "summary"), 2);
	text = RUN("dupes", "--unique", "--log-json=log", "d");
	EXPECT_STATUS(text, 0);
	log = text_of("log");
	lines = JSON_LINES(log);
	cr_expect_eq(json_count(&lines, "entry"), 1);
}

Test(dupes_job, a_log_that_cannot_be_opened_stops_it_before_it_acts)
{
	struct run r;

	tree("t d/a same", "t d/b same");
	r = RUN("dupes", "--delete", "--yes", "--log-json=none/log", "d");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "cannot open 'none/log'");
	r = RUN("dupes", "--delete", "--yes", "--syslog=nonsense", "d");
	EXPECT_STATUS(r, 2);
	r = RUN("dupes", "--compare", "--log-json=log", "d/a", "d/b");
	EXPECT_STATUS(r, 2);
	expect_names("d", "a", "b");
	expect_no_file("log");
	r = RUN("dupes", "--delete", "--yes", "--log-json=/dev/full", "d");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "cannot write '/dev/full'");
	expect_names("d", "a");
}

/* A summary also when a report is of no use, or a walk came to nothing. */
Test(dupes_job, every_way_out_has_a_summary)
{
	struct run r;
	struct json_lines lines;

	tree_text("report", "nonsense\n");
	r = RUN("dupes", "--delete", "--from=report", "--json");
	EXPECT_STATUS(r, 2);
	lines = JSON_LINES(r);
	cr_assert_eq(json_count(&lines, "summary"), 1);
	cr_expect_eq(json_int(json_record(&lines, "summary", 0), "groups", -1), 0);
	r = RUN("dupes", "--json", "--files0-from=/dev/null");
	EXPECT_STATUS(r, 0);
	lines = JSON_LINES(r);
	cr_expect_eq(json_count(&lines, "summary"), 1);
}

Test(dupes_job, cron_hears_nothing_of_a_run_without_trouble)
{
	struct run r;

	tree("t d/a same", "t d/b same");
	r = run_argv(&(struct run_request){
		.words = WORDS("dupes", "--delete", "--yes", "--quiet", "-x", "d"),
		.env = WORDS("PATH", "HOME", "TERM"),
	});
	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	expect_names("d", "a");
}

/* In mounts of the test's own, /dev has a log that the test reads. */
Test(dupes_job, start_trouble_and_end_go_to_the_systems_log)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	char line[4096];
	static const char *const want[] = { "<30>", "<27>", "<28>" };
	static const char *const texts[] = { "]: starts", "cannot access 'missing'",
		                             "]: ends with status 3 after " };
	int fd;
	struct run r;

	tree("t d/a same", "t d/b same");
	enter_private_mounts();
	mount_tmpfs("/dev", NULL);
	if (mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3)) != 0)
		skip("no devices can be made here");
	r = RUN("dupes", "--syslog", "d");
	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "cannot reach the system's log at '/dev/log'");
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	r = RUN("dupes", "--delete", "--yes", "--syslog=daemon", "d", "missing");
	EXPECT_STATUS(r, 3);
	for (size_t i = 0; i < 3; i++) {
		ssize_t n = recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT);

		cr_assert(n > 0, "line %zu", i);
		line[n] = '\0';
		cr_expect_eq(strncmp(line, want[i], 4), 0, "%s", line);
		cr_expect_not_null(strstr(line, " dupes["), "%s", line);
		cr_expect_not_null(strstr(line, texts[i]), "%s", line);
	}
	cr_expect_not_null(strstr(line, " done=1 "), "%s", line);
	cr_expect_not_null(strstr(line, " errors=1"), "%s", line);
	cr_expect(recv(fd, line, sizeof(line), MSG_DONTWAIT) < 0);
	(void)close(fd);
	(void)umount("/dev");
}
