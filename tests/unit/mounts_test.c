/* SPDX-License-Identifier: MIT */
#include "fs/mounts.h"

#include "base/fdio.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

TestSuite(mounts);

static struct mounts *fixture(const char *name)
{
	struct strbuf text = { 0 };
	char path[4096];
	struct mounts *m;

	(void)snprintf(path, sizeof(path), DUTYBOX_SOURCE "/tests/fixtures/mountinfo/%s", name);
	cr_assert_eq(fdio_read_file(AT_FDCWD, path, 1 << 20, &text), 0, "cannot read %s", path);
	m = mounts_parse(strbuf_str(&text), text.len);
	strbuf_release(&text);
	return m;
}

/* The row with this id, which must be there. */
static const struct mount *row(const struct mounts *m, uint64_t id)
{
	const struct mount *mount = mounts_find_id(m, id);

	cr_assert_not_null(mount, "no mount %lu", (unsigned long)id);
	return mount;
}

/* Exactly these rows are shown: their mount points, in the table's order, each with a newline. */
static void expect_shown(const struct mounts *m, const char *points)
{
	struct strbuf shown = { 0 };

	for (size_t i = 0; i < m->len; i++) {
		if (mount_is_folded(&m->items[i]))
			continue;
		strbuf_add_str(&shown, m->items[i].point);
		strbuf_add_char(&shown, '\n');
	}
	cr_expect_str_eq(strbuf_str(&shown), points);
	strbuf_release(&shown);
}

Test(mounts, reads_every_field)
{
	AUTO_FREE(mounts) struct mounts *m = fixture("laptop");
	const struct mount *boot = row(m, 83);

	cr_expect_eq(m->len, 19);
	cr_expect_eq(m->malformed, 0);
	cr_expect_eq(boot->parent, 22);
	cr_expect_eq(boot->device, makedev(259, 1));
	cr_expect_str_eq(boot->root, "/");
	cr_expect_str_eq(boot->point, "/boot/efi");
	cr_expect_str_eq(boot->fstype, "vfat");
	cr_expect_str_eq(boot->source, "/dev/nvme0n1p1");
	cr_expect_str_eq(boot->options, "rw,relatime");
	cr_expect_str_eq(boot->super_options, "rw,fmask=0077,dmask=0077,codepage=437");
	cr_expect(!boot->readonly && !boot->remote && !boot->pseudo && !boot->hidden);
	cr_expect(row(m, 90)->readonly);
	cr_expect_str_eq(row(m, 130)->point, "/home/me/far away");
}

Test(mounts, tells_remote_pseudo_and_kernel_types_apart)
{
	static const struct {
		const char *fstype, *source;
		bool remote, pseudo, kernel;
	} cases[] = {
		{ "ext4", "/dev/sda1", false, false, false },
		{ "tmpfs", "a:b", false, false, false },
		{ "nfs", "s:/e", true, false, false },
		{ "nfs4", "s:/e", true, false, false },
		{ "cifs", "//s/e", true, false, false },
		{ "smb3", "//s/e", true, false, false },
		{ "ceph", "1.2.3.4:/", true, false, false },
		{ "9p", "tag", true, false, false },
		{ "glusterfs", "s:v", true, false, false },
		{ "afs", "AFS", true, false, false },
		{ "fuse.sshfs", "u@h:", true, false, false },
		{ "fuse.unheard-of", "host:path", true, false, false },
		{ "fuse.unheard-of", "/dev/disk/by-path/a:b", false, false, false },
		{ "fuseblk", "/dev/sdb1", false, false, false },
		{ "unheard-of", "//server/share", true, false, false },
		{ "proc", "proc", false, true, true },
		{ "cgroup2", "cgroup2", false, true, true },
		{ "devpts", "devpts", false, true, true },
		{ "autofs", "systemd-1", false, true, false },
		{ "fuse.portal", "portal", false, true, false },
		{ "devtmpfs", "udev", false, false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char line[256];
		int len = snprintf(line, sizeof(line), "9 1 0:9 / /m rw - %s %s rw\n",
		                   cases[i].fstype, cases[i].source);
		AUTO_FREE(mounts) struct mounts *m = mounts_parse(line, (size_t)len);

		cr_assert_eq(m->len, 1);
		cr_expect_eq(m->items[0].remote, cases[i].remote, "case %zu: remote", i);
		cr_expect_eq(m->items[0].pseudo, cases[i].pseudo, "case %zu: pseudo", i);
		cr_expect_eq(m->items[0].kernel, cases[i].kernel, "case %zu: kernel", i);
		cr_expect_eq(mounts_is_kernel_device(m, makedev(0, 9)), cases[i].kernel, "case %zu",
		             i);
		cr_expect(!mounts_is_kernel_device(m, makedev(0, 8)));
	}
}

Test(mounts, folds_what_repeats)
{
	AUTO_FREE(mounts) struct mounts *laptop = fixture("laptop");
	AUTO_FREE(mounts) struct mounts *docker = fixture("docker");
	AUTO_FREE(mounts) struct mounts *container = fixture("container");
	AUTO_FREE(mounts) struct mounts *microvm = fixture("microvm");

	expect_shown(laptop, "/\n/dev\n/run\n/boot/efi\n/snap/core22/1122\n/run/user/1000\n"
	                     "/home/me/far away\n/mnt/share\n/mnt/nfs\n");
	expect_shown(docker, "/\n/data\n");
	cr_expect(row(docker, 41)->repeats, "a bind mount");
	cr_expect(row(docker, 60)->repeats, "an overlay on a file system in sight");
	cr_expect(row(docker, 70)->overlay_lower);
	cr_expect(row(docker, 71)->repeats);
	cr_expect(row(docker, 80)->deleted);
	expect_shown(container, "/\n/dev\n/etc/hostname\n");
	expect_shown(microvm, "/dev\n/\n/mnt/sandboxing/model_tools_env/v1/python\n/dev/shm\n"
	                      "/sys/fs/cgroup\n");
	cr_expect(row(microvm, 25)->hidden, "/dev/shm is mounted over");
	cr_expect(row(microvm, 26)->hidden, "so is /dev/pts");
	cr_expect(!row(microvm, 30)->hidden);
}

Test(mounts, an_automount_point_is_hidden_by_what_it_mounted)
{
	AUTO_FREE(mounts) struct mounts *m = fixture("laptop");

	cr_expect(row(m, 30)->hidden);
	cr_expect(!row(m, 31)->hidden);
}

Test(mounts, decodes_octal_and_survives_bad_lines)
{
	AUTO_FREE(mounts) struct mounts *m = fixture("hostile");

	cr_expect_str_eq(row(m, 30)->point, "/a b\tc\nd\\e");
	cr_expect(!row(m, 30)->remote, "a colon in a device's name");
	cr_expect_str_eq(row(m, 31)->source, "ext4", "an empty type");
	cr_expect_str_eq(row(m, 31)->fstype, "");
	cr_expect(row(m, 31)->readonly, "decoded: ro,x");
	cr_expect_str_eq(row(m, 32)->source, "");
	cr_expect_str_eq(row(m, 32)->super_options, "rw");
	cr_expect_str_eq(row(m, 33)->point, "/no\\000nul\\400big\\9x");
	cr_expect(row(m, 34)->readonly);
	cr_expect_null(mounts_find_id(m, 35));
	cr_expect_null(mounts_find_id(m, 36));
	cr_expect_null(mounts_find_id(m, 37));
	cr_expect_null(mounts_find_id(m, 38));
	cr_expect_null(mounts_find_id(m, 66));
	cr_expect_eq(m->malformed, 8);
	for (size_t i = 0; i < m->len; i++)
		cr_expect_str_neq(m->items[i].point, "/bad");
}

Test(mounts, a_stacked_mount_hides_the_tree_below_it)
{
	AUTO_FREE(mounts) struct mounts *m = fixture("hostile");

	cr_expect(row(m, 1)->hidden, "rootfs below the root");
	cr_expect(!row(m, 27)->hidden);
	cr_expect(row(m, 60)->hidden);
	cr_expect(row(m, 61)->hidden);
	cr_expect(row(m, 62)->hidden);
	cr_expect(!row(m, 63)->hidden);
	cr_expect(!row(m, 64)->hidden);
	cr_expect(!row(m, 65)->hidden, "/topology is not below /top");
}

Test(mounts, a_mount_above_hides_what_is_below)
{
	static const char text[] = "1 0 8:1 / / rw - ext4 a rw\n"
				   "2 1 8:2 / /srv/www rw - ext4 b rw\n"
				   "3 2 8:3 / /srv/www/x rw - ext4 c rw\n"
				   "4 1 8:4 / /srv rw - ext4 d rw\n"
				   "5 4 8:5 / /srv/www rw - ext4 e rw\n";
	AUTO_FREE(mounts) struct mounts *m = mounts_parse(text, sizeof(text) - 1);

	cr_expect(!row(m, 1)->hidden);
	cr_expect(row(m, 2)->hidden);
	cr_expect(row(m, 3)->hidden);
	cr_expect(!row(m, 4)->hidden);
	cr_expect(!row(m, 5)->hidden);
	cr_expect_eq(mounts_find_path(m, "/srv/www/x/y")->id, 5);
}

Test(mounts, finds_the_mount_of_a_path)
{
	AUTO_FREE(mounts) struct mounts *m = fixture("laptop");
	static const struct {
		const char *path;
		uint64_t id;
	} cases[] = {
		{ "/", 22 },          { "/etc/passwd", 22 },
		{ "/home", 80 },      { "/home/", 80 },
		{ "/home/me/x", 80 }, { "/homework", 22 },
		{ "/proc/1", 23 },    { "/mnt/nfs/a//b", 132 },
		{ "/mnt", 22 },       { "/home/me/far away", 130 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(mounts_find_path(m, cases[i].path)->id, cases[i].id, "case %zu", i);
	cr_expect_null(mounts_find_path(m, "relative"));
	cr_expect_null(mounts_find_path(m, ""));
	cr_expect_eq(mounts_find_device(m, makedev(0, 20))->id, 22, "the root, not /home");
	cr_expect_null(mounts_find_device(m, makedev(99, 99)));
}

Test(mounts, lists_mounts_below_a_directory)
{
	AUTO_FREE(mounts) struct mounts *m = fixture("laptop");
	static const uint64_t below_run[] = { 120, 121, 122 };
	const struct mount *at = NULL;
	size_t n = 0;

	for (; (at = mounts_next_below(m, "/run/", at)) != NULL; n++) {
		cr_assert(n < ARRAY_LEN(below_run));
		cr_expect_eq(at->id, below_run[n]);
	}
	cr_expect_eq(n, 3);
	n = 0;
	for (at = NULL; (at = mounts_next_below(m, "/", at)) != NULL; n++)
		cr_expect_str_neq(at->point, "/");
	cr_expect_eq(n, 17, "all but the root and the hidden automount point");
	cr_expect_null(mounts_next_below(m, "/boot/efi", NULL));
}

Test(mounts, finds_options)
{
	static const struct {
		const char *options, *name, *value;
	} cases[] = {
		{ "rw,relatime", "rw", "" },
		{ "rw,relatime", "relatime", "" },
		{ "rw,relatime", "rel", NULL },
		{ "a=1,b=2", "b", "2" },
		{ "a=1,b=", "b", "" },
		{ "lower=/a\\,b:/c,x", "lower", "/a\\,b:/c" },
		{ "", "x", NULL },
		{ "errors=remount-ro", "ro", NULL },
		{ "a,,b", "b", "" },
		{ "a\\", "a\\", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len = 99;
		const char *found = mount_option(cases[i].options, cases[i].name, &len);

		if (cases[i].value == NULL) {
			cr_expect_null(found, "case %zu", i);
			continue;
		}
		cr_assert_not_null(found, "case %zu", i);
		cr_expect_eq(len, strlen(cases[i].value), "case %zu", i);
		cr_expect_eq(memcmp(found, cases[i].value, len), 0, "case %zu", i);
	}
}

Test(mounts, an_empty_table_answers)
{
	AUTO_FREE(mounts) struct mounts *m = mounts_parse("", 0);

	cr_expect_eq(m->len, 0);
	cr_expect_null(mounts_find_path(m, "/"));
	cr_expect_null(mounts_find_device(m, 0));
	cr_expect_null(mounts_next_below(m, "/", NULL));
	cr_expect(!mounts_is_kernel_device(m, 0));
}

Test(mounts, loads_the_running_table)
{
	struct mounts *m = NULL;
	struct stat st;

	cr_assert_eq(mounts_load(AT_FDCWD, &m), 0);
	cr_expect_eq(m->malformed, 0);
	cr_expect_eq(stat("/proc", &st), 0);
	cr_expect(mounts_is_kernel_device(m, st.st_dev));
	cr_expect_str_eq(mounts_find_path(m, "/proc/self")->fstype, "proc");
	m = mounts_free(m);
	cr_expect_eq(mounts_load(-1, &m), -EBADF);
	cr_expect_null(m);
}
