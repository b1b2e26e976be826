/* SPDX-License-Identifier: MIT */
/* disk-usage --fs */
#include "private_mounts.h"
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <string.h>
#include <sys/statvfs.h>

TestSuite(disk_usage_fs, .init = sandbox_enter, .fini = sandbox_leave);

static const char *const keys[] = {
	"record",      "mount",        "source",      "fstype",      "total_bytes", "used_bytes",
	"free_bytes",  "avail_bytes",  "used_pct",    "inodes_total", "inodes_used", "inodes_free",
	"inodes_pct",  "readonly",     "remote",      "options",     "timed_out",
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

Test(disk_usage_fs, says_what_statvfs_says)
{
	struct run r = RUN("disk-usage", "--fs", "--json", ".");
	struct json_lines lines = JSON_LINES(r);
	const struct json *line;
	struct statvfs fs;

	EXPECT_STATUS(r, 0);
	EXPECT_ERR(r, "");
	cr_assert_eq(lines.len, 1);
	line = lines.items[0];
	cr_assert_eq(statvfs(".", &fs), 0);
	cr_assert_eq(line->len, KEYS);
	for (size_t i = 0; i < KEYS; i++)
		cr_expect_str_eq(line->keys[i], keys[i]);
	cr_expect_str_eq(json_string(line, "record"), "entry");
	cr_expect_eq(json_int(line, "total_bytes", -1), (int64_t)(fs.f_blocks * fs.f_frsize));
	cr_expect_eq(json_int(line, "total_bytes", -1) - json_int(line, "free_bytes", -1),
	             json_int(line, "used_bytes", -2));
	cr_expect_eq(json_int(line, "inodes_total", -1), (int64_t)fs.f_files);
	cr_expect(json_is_false(line, "timed_out"));
	cr_expect_eq(json_is_true(line, "readonly"), (fs.f_flag & ST_RDONLY) != 0);
	cr_expect_eq(json_string(line, "mount")[0], '/');
}

Test(disk_usage_fs, folds_what_says_nothing_new)
{
	struct run r = RUN("disk-usage", "--fs", "--json");
	struct run all = RUN("disk-usage", "--fs", "--json", "--all");
	struct json_lines lines = JSON_LINES(r);
	struct json_lines all_lines = JSON_LINES(all);

	EXPECT_STATUS(all, 0);
	cr_assert(all_lines.len > lines.len);
	cr_expect_null(json_find(&lines, "fstype", "proc"));
	cr_expect_not_null(json_find(&all_lines, "fstype", "proc"));
	for (size_t i = 0; i < lines.len; i++) {
		cr_expect(json_int(lines.items[i], "total_bytes", 0) > 0);
		cr_expect_not_null(
			json_find(&all_lines, "mount", json_string(lines.items[i], "mount")));
	}
	cr_expect_eq(json_count(&lines, "summary"), 0);
}

Test(disk_usage_fs, a_named_one_is_always_shown)
{
	struct run r = RUN("disk-usage", "--fs", "--json", "/proc/self", "/proc");
	struct json_lines lines = JSON_LINES(r);

	EXPECT_STATUS(r, 0);
	cr_assert_eq(lines.len, 2, "a line for each operand");
	cr_expect_str_eq(json_string(lines.items[0], "mount"), "/proc");
	cr_expect_eq(json_int(lines.items[1], "total_bytes", -1), 0);
	cr_expect(json_is_null(lines.items[1], "used_pct"), "0 of 0");
}

Test(disk_usage_fs, chooses_by_type)
{
	struct run only = RUN("disk-usage", "--fs", "--json", "--all", "--type=proc");
	struct run but = RUN("disk-usage", "--fs", "--json", "--all", "--exclude-type=proc");
	struct run none = RUN("disk-usage", "--fs", "--type=no-such-type");
	struct json_lines only_lines = JSON_LINES(only);
	struct json_lines but_lines = JSON_LINES(but);

	cr_assert(only_lines.len >= 1);
	for (size_t i = 0; i < only_lines.len; i++)
		cr_expect_str_eq(json_string(only_lines.items[i], "fstype"), "proc");
	cr_assert(but_lines.len >= 1);
	cr_expect_null(json_find(&but_lines, "fstype", "proc"));
	EXPECT_RUN(none, 1, "", "disk-usage: no file system fits the options\n");
}

Test(disk_usage_fs, goes_on_after_a_missing_operand)
{
	struct run r = RUN("disk-usage", "--fs", "nowhere", "/proc");
	struct run du = RUN("du", "--fs", "nowhere");

	EXPECT_STATUS(r, 3);
	EXPECT_ERR(r, "disk-usage: cannot access 'nowhere': No such file or directory\n");
	EXPECT_OUT_HAS(r, "/proc\n");
	EXPECT_STATUS(du, 1);
	EXPECT_OUT(du, "");
}

Test(disk_usage_fs, prints_df_s_headings)
{
	static const struct {
		const char *option, *heading;
	} cases[] = {
		{ "-h", "Filesystem      Size  Used Avail Use% Mounted on\n" },
		{ "-k", "Filesystem     1K-blocks  Used Available Use% Mounted on\n" },
		{ "-m", "Filesystem     1M-blocks  Used Available Use% Mounted on\n" },
		{ "-B512", "Filesystem     512B-blocks  Used Available Use% Mounted on\n" },
		{ "-B1MB", "Filesystem     1MB-blocks  Used Available Use% Mounted on\n" },
		{ "-B1500", "Filesystem     1.5kB-blocks  Used Available Use% Mounted on\n" },
		{ "--inodes", "Filesystem     Inodes IUsed IFree IUse% Mounted on\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = RUN("du", "--fs", cases[i].option, "/proc");

		EXPECT_STATUS(r, 0);
		EXPECT_OUT_HAS(r, cases[i].heading);
	}
}

Test(disk_usage_fs, posix_is_df_p)
{
	static const struct {
		const char *df, *ours;
	} options[] = {
		{ "-P", "--posix" }, { "-k", "-k" },     { "-h", "-h" },
		{ "-i", "--inodes" }, { "-B1M", "-B1M" }, { "--si", "--si" },
	};

	need_program("df");
	enter_private_mounts();
	mount_tmpfs("memory", "size=10000k,nr_inodes=1000");
	tree("f memory/a 1000000", "f memory/b 1");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct run df = RUN_PEER("df", "-P", options[i].df, "memory", "/proc");
		struct run r = RUN("disk-usage", "--fs", "--posix", options[i].ours, "memory", "/proc");

		EXPECT_STATUS(r, 0);
		EXPECT_OUT(r, df.out);
	}
}

Test(disk_usage_fs, du_s_own_layout_is_df_s)
{
	static const char *const options[] = { "-h", "-k", "-m", "-B512", "-B1MB", "-BkB", "--si" };

	need_program("df");
	enter_private_mounts();
	mount_tmpfs("memory", "size=10000k");
	tree("f memory/a 1234567");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct run df = RUN_PEER("df", options[i], "memory", "/proc");
		struct run r = RUN("disk-usage", "--fs", options[i], "memory", "/proc");

		EXPECT_STATUS(r, 0);
		EXPECT_OUT(r, df.out);
	}
}

Test(disk_usage_fs, adds_up_when_asked)
{
	struct run r = RUN("disk-usage", "--fs", "-c", "--json", "/", "/proc", "/");
	struct run text = RUN("disk-usage", "--fs", "-c", "/proc");
	struct json_lines lines = JSON_LINES(r);
	const struct json *total = json_record(&lines, "summary", 0);

	cr_assert_not_null(total);
	cr_expect_eq(lines.len, 4);
	cr_expect(json_is_null(total, "mount"));
	cr_expect_eq(json_int(total, "total_bytes", -1),
	             2 * json_int(lines.items[0], "total_bytes", -1));
	EXPECT_OUT_HAS(text, "\ntotal ");
}

Test(disk_usage_fs, a_limit_is_exact)
{
	struct run at_it, over_it, pct_at, pct_over, inodes;

	enter_private_mounts();
	mount_tmpfs("memory", "size=1m,nr_inodes=100");
	tree("f memory/half 524288");
	at_it = RUN("disk-usage", "--fs", "--min-free=524288", "memory");
	over_it = RUN("disk-usage", "--fs", "--min-free=524289", "memory");
	pct_at = RUN("disk-usage", "--fs", "--min-free=50%", "memory");
	pct_over = RUN("disk-usage", "--fs", "--min-free=51%", "memory");
	inodes = RUN("disk-usage", "--fs", "--inodes", "--min-free=99", "memory");
	EXPECT_STATUS(at_it, 0);
	EXPECT_ERR(at_it, "");
	EXPECT_STATUS(over_it, 1);
	EXPECT_ERR_HAS(over_it, "memory': 512K (50%) available, less than --min-free=524289\n");
	EXPECT_OUT_HAS(over_it, "memory\n");
	EXPECT_STATUS(pct_at, 0);
	EXPECT_STATUS(pct_over, 1);
	EXPECT_ERR_HAS(pct_over, "less than --min-free=51%\n");
	EXPECT_STATUS(inodes, 1);
	EXPECT_ERR_HAS(inodes, "98 (98%) inodes left, less than --min-free=99\n");
}

Test(disk_usage_fs, a_limit_that_makes_no_sense_prints_nothing)
{
	static const char *const bad[] = { "--min-free=x", "--min-free=101%", "--min-free=%",
		                           "--min-free=-1%", "--min-free=1.5%", "--min-free=" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run r = RUN("disk-usage", "--fs", bad[i]);

		EXPECT_STATUS(r, 2);
		EXPECT_OUT(r, "");
		EXPECT_ERR_HAS(r, "invalid limit");
	}
}

Test(disk_usage_fs, what_is_read_only_is_full_by_nature)
{
	struct run all, named;

	enter_private_mounts();
	mount_tmpfs("image", "size=64k,ro");
	all = RUN("disk-usage", "--fs", "--json", "--min-free=8E");
	named = RUN("disk-usage", "--fs", "--min-free=8E", "image");
	cr_expect_null(strstr(all.err, "image"));
	EXPECT_STATUS(named, 1);
	EXPECT_ERR_HAS(named, "image': 64K (100%) available");
}

Test(disk_usage_fs, a_dead_mount_is_said_and_delays_nobody)
{
	struct run r, named, table, local;
	struct json_lines lines;
	const struct json *dead;
	int server;

	enter_private_mounts();
	server = mount_dead("dead", "server:/export");
	r = RUN("disk-usage", "--fs", "--json", "--timeout=300ms");
	lines = JSON_LINES(r);
	dead = json_find(&lines, "source", "server:/export");
	EXPECT_STATUS(r, 1);
	EXPECT_ERR_HAS(r, "dead': no answer in time\n");
	cr_expect(dead != NULL && json_is_true(dead, "timed_out") && json_is_true(dead, "remote"));
	cr_expect(dead != NULL && json_is_null(dead, "total_bytes"));
	cr_expect(dead != NULL && json_is_null(dead, "inodes_pct"));
	cr_expect(lines.len >= 2, "the others answered");

	named = RUN("disk-usage", "--fs", "--json", "--timeout=1s", "dead/inside", "/proc");
	EXPECT_STATUS(named, 1);
	EXPECT_ERR_HAS(named, "'dead/inside': no answer within 1s\n");
	EXPECT_OUT_HAS(named, "\"/proc\"");

	table = RUN("disk-usage", "--fs", "--timeout=200ms");
	EXPECT_OUT_HAS(table, "server:/export");

	local = RUN("disk-usage", "--fs", "--local", "--timeout=20s");
	EXPECT_STATUS(local, 0);
	EXPECT_OUT_LACKS(local, "server:/export");
	(void)close(server);
}

Test(disk_usage_fs, mount_points_have_any_name)
{
	static const char name[] = "a b\nc\\d\033[31m\xff";
	struct run json, table;
	struct json_lines lines;
	size_t found = 0;

	enter_private_mounts();
	mount_tmpfs(name, "size=1m");
	json = RUN("disk-usage", "--fs", "--json");
	table = RUN("disk-usage", "--fs");
	lines = JSON_LINES(json);
	for (size_t i = 0; i < lines.len; i++) {
		const char *mount = json_string(lines.items[i], "mount");

		if (strstr(mount, "/a b\nc\\d\033[31m\xef\xbf\xbd") != NULL)
			found += json_string(lines.items[i], "mount_b64") != NULL;
	}
	cr_expect_eq(found, 1);
	EXPECT_OUT_HAS(table, "/a b?c\\d?[31m\xff\n");
}

Test(disk_usage_fs, bind_mounts_are_folded)
{
	struct run r, all;

	enter_private_mounts();
	mount_tmpfs("memory", "size=1m");
	tree("d memory/sub", "d bound");
	cr_assert_eq(mount("memory/sub", "bound", NULL, MS_BIND, NULL), 0);
	r = RUN("disk-usage", "--fs");
	all = RUN("disk-usage", "--fs", "--all");
	EXPECT_OUT_HAS(r, "/memory\n");
	EXPECT_OUT_LACKS(r, "/bound\n");
	EXPECT_OUT_HAS(all, "/bound\n");
}

Test(disk_usage_fs, a_failed_write_is_an_error)
{
	struct run r = run_argv(&(const struct run_request){
		.words = WORDS("disk-usage", "--fs", "/proc"), .out_to = RUN_TO_FULL });

	EXPECT_STATUS(r, 3);
	EXPECT_ERR_HAS(r, "No space left on device");
}

Test(disk_usage_fs, its_options_belong_to_it)
{
	static const char *const options[] = { "--local", "--posix", "--min-free=1",
		                               "--exclude-type=x", "--timeout=1s" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct run r = RUN("disk-usage", options[i]);

		EXPECT_STATUS(r, 2);
		EXPECT_OUT(r, "");
	}
}
