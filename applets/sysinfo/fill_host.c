/* SPDX-License-Identifier: MIT */
/* container, tool, runtimes and capabilities. */
#include "sysinfo.h"

#include "sys/host_kind.h"
#include "sys/kernel_features.h"
#include "sys/runtimes.h"

#include <gnu/libc-version.h>

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

enum { BOX_KIND, BOX_VIRT, BOX_VERSION, BOX_PATH, BOX_COLS };

static const struct column container_columns[] = {
	[BOX_KIND] = { "kind", COLUMN_TEXT, "docker, kubernetes, podman, lxc, wsl ...; none" },
	[BOX_VIRT] = { "virt", COLUMN_TEXT, "the machine below: kvm, vmware, xen ...; none" },
	[BOX_VERSION] = { "cgroup_version", COLUMN_TEXT, "1, 2 or hybrid" },
	[BOX_PATH] = { "cgroup_path", COLUMN_NAME, "this process's control group" },
};

const struct column_table container_table = { container_columns, BOX_COLS };

const struct field container_fields[] = {
	[BOX_KIND] = { PART_KIND | PART_CGROUP | PART_CPU_MODEL, 0, "Container" },
	[BOX_VIRT] = { PART_KIND | PART_CGROUP | PART_CPU_MODEL, 0, "Virtualisation" },
	[BOX_VERSION] = { PART_CGROUP, FIELD_QUIET, "Control groups" },
	[BOX_PATH] = { PART_CGROUP, FIELD_QUIET | FIELD_VOLATILE, "Control group" },
};

void fill_container(struct snapshot *s)
{
	static const char versions[][8] = {
		[CGROUP_V1] = "1", [CGROUP_V2] = "2", [CGROUP_HYBRID] = "hybrid"
	};
	const struct cgroup_paths *paths = &s->limits_of_group.paths;
	struct host_kind kind = { 0 };

	if (snapshot_wants(s, PART_CGROUP)) {
		if (paths->version != CGROUP_NO_VERSION)
			set_text(s, SECTION_CONTAINER, BOX_VERSION, versions[paths->version]);
		set_text_or_null(s, SECTION_CONTAINER, BOX_PATH, &paths->path);
	}
	if (!snapshot_wants(s, PART_KIND))
		return;
	host_kind_read(&s->machine, strbuf_str(&paths->path), s->model.guest, &kind);
	if (kind.container[0] != '\0')
		set_text(s, SECTION_CONTAINER, BOX_KIND, kind.container);
	if (kind.virt[0] != '\0')
		set_text(s, SECTION_CONTAINER, BOX_VIRT, kind.virt);
}

enum { TOOL_NAME, TOOL_VERSION, TOOL_COMPILER, TOOL_BUILT, TOOL_LIBC, TOOL_STATIC, TOOL_COLS };

static const struct column tool_columns[] = {
	[TOOL_NAME] = { "name", COLUMN_TEXT, "dutybox" },
	[TOOL_VERSION] = { "version", COLUMN_TEXT, "of this program" },
	[TOOL_COMPILER] = { "compiler", COLUMN_TEXT, "that built it" },
	[TOOL_BUILT] = { "built", COLUMN_TIME, "SOURCE_DATE_EPOCH of the build; null: not set" },
	[TOOL_LIBC] = { "libc", COLUMN_TEXT, "it was built with" },
	[TOOL_STATIC] = { "static", COLUMN_BOOL, "it needs no libraries" },
};

const struct column_table tool_table = { tool_columns, TOOL_COLS };

const struct field tool_fields[] = {
	[TOOL_NAME] = { PART_TOOL, FIELD_QUIET, "Program" },
	[TOOL_VERSION] = { PART_TOOL, FIELD_QUIET, "Version" },
	[TOOL_COMPILER] = { PART_TOOL, FIELD_QUIET, "Compiler" },
	[TOOL_BUILT] = { PART_TOOL, FIELD_QUIET, "Built" },
	[TOOL_LIBC] = { PART_TOOL, FIELD_QUIET, "C library" },
	[TOOL_STATIC] = { PART_TOOL, FIELD_QUIET, "Static" },
};

void fill_tool(struct snapshot *s)
{
	struct record *r = &s->records[SECTION_TOOL];
	char libc[32];

	if (!snapshot_wants(s, PART_TOOL))
		return;
	(void)snprintf(libc, sizeof(libc), "glibc %d.%d", __GLIBC__, __GLIBC_MINOR__);
	set_text(s, SECTION_TOOL, TOOL_NAME, "dutybox");
	set_text(s, SECTION_TOOL, TOOL_VERSION, DUTYBOX_VERSION);
	set_text(s, SECTION_TOOL, TOOL_COMPILER, COMPILER);
	set_text(s, SECTION_TOOL, TOOL_LIBC, libc);
#ifdef DUTYBOX_BUILT
	record_time(r, TOOL_BUILT, (struct timespec){ .tv_sec = DUTYBOX_BUILT });
#endif
#ifdef DUTYBOX_STATIC
	record_bool(r, TOOL_STATIC, true);
#else
	record_bool(r, TOOL_STATIC, false);
#endif
}

enum { RT_NAME, RT_PATH, RT_VERSION, RT_SOURCE, RT_COLS };

static const struct column runtime_columns[] = {
	[RT_NAME] = { "name", COLUMN_TEXT, "the command: python3, gcc, java ..." },
	[RT_PATH] = { "path", COLUMN_NAME, "the first one in PATH" },
	[RT_VERSION] = { "version", COLUMN_NAME, "null: not told by any file" },
	[RT_SOURCE] = { "source", COLUMN_NAME, "what tells the version; nothing is started" },
};

const struct column_table runtime_table = { runtime_columns, RT_COLS };

void fill_runtimes(struct snapshot *s)
{
	const char *path = s->machine.is_live ? getenv("PATH") : NULL;
	struct runtimes found = { 0 };

	if (!snapshot_wants(s, PART_RUNTIMES))
		return;
	if (path == NULL)
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	runtimes_find(&s->machine, path, &found);
	for (size_t i = 0; i < found.len; i++) {
		const struct runtime *runtime = &found.items[i];
		struct record row;

		record_begin(&row, "item", &runtime_table);
		row_text(s, &row, RT_NAME, runtime->name);
		row_text(s, &row, RT_PATH, strbuf_str(&runtime->path));
		if (runtime->version.len != 0) {
			row_text(s, &row, RT_VERSION, strbuf_str(&runtime->version));
			row_text(s, &row, RT_SOURCE, strbuf_str(&runtime->source));
		}
		list_push(&s->lists[SECTION_RUNTIMES], &row);
	}
	runtimes_release(&found);
}

#define FEATURE_ROW(n, h)         \
	{                         \
		n, COLUMN_BOOL, h \
	}

static const struct column capability_columns[KERNEL_FEATURES] = {
	[FEATURE_CHMOD] = FEATURE_ROW("chmod", "permissions of files"),
	[FEATURE_SYMLINK] = FEATURE_ROW("symlink", "symbolic links"),
	[FEATURE_HARD_LINK] = FEATURE_ROW("hard_link", "hard links"),
	[FEATURE_FIFO] = FEATURE_ROW("fifo", "named pipes"),
	[FEATURE_XATTR] = FEATURE_ROW("xattr", "extended attributes"),
	[FEATURE_STATX] = FEATURE_ROW("statx", "statx(2)"),
	[FEATURE_OPENAT2] = FEATURE_ROW("openat2", "openat2(2)"),
	[FEATURE_RENAME_EXCHANGE] = FEATURE_ROW("renameat2", "renameat2(2)"),
	[FEATURE_COPY_FILE_RANGE] = FEATURE_ROW("copy_file_range", "copy_file_range(2)"),
	[FEATURE_MEMFD] = FEATURE_ROW("memfd", "memfd_create(2)"),
	[FEATURE_INOTIFY] = FEATURE_ROW("inotify", "inotify(7)"),
	[FEATURE_FANOTIFY] = FEATURE_ROW("fanotify", "fanotify(7), mostly for root"),
	[FEATURE_PIDFD] = FEATURE_ROW("pidfd", "pidfd_open(2)"),
	[FEATURE_CLONE3] = FEATURE_ROW("clone3", "clone3(2)"),
	[FEATURE_CLOSE_RANGE] = FEATURE_ROW("close_range", "close_range(2)"),
	[FEATURE_IO_URING] = FEATURE_ROW("io_uring", "io_uring(7), and not switched off"),
	[FEATURE_SECCOMP] = FEATURE_ROW("seccomp", "filters of system calls"),
	[FEATURE_LANDLOCK] = FEATURE_ROW("landlock", "landlock(7), and switched on"),
	[FEATURE_USER_NAMESPACES] = FEATURE_ROW("user_namespaces", "for users, not root alone"),
	[FEATURE_CGROUP2] = FEATURE_ROW("cgroup2", "control groups, version 2"),
	[FEATURE_FUSE] = FEATURE_ROW("fuse", "file systems of users"),
	[FEATURE_OVERLAY] = FEATURE_ROW("overlay", "overlayfs, loaded"),
	[FEATURE_PRESSURE] = FEATURE_ROW("pressure", "/proc/pressure"),
};

const struct column_table capability_table = { capability_columns, KERNEL_FEATURES };

#define FEATURE_FIELD(l)                      \
	{                                     \
		PART_FEATURES, FIELD_NAMED, l \
	}

const struct field capability_fields[KERNEL_FEATURES] = {
	[FEATURE_CHMOD] = FEATURE_FIELD("chmod"),
	[FEATURE_SYMLINK] = FEATURE_FIELD("Symbolic links"),
	[FEATURE_HARD_LINK] = FEATURE_FIELD("Hard links"),
	[FEATURE_FIFO] = FEATURE_FIELD("Named pipes"),
	[FEATURE_XATTR] = FEATURE_FIELD("Extended attributes"),
	[FEATURE_STATX] = FEATURE_FIELD("statx"),
	[FEATURE_OPENAT2] = FEATURE_FIELD("openat2"),
	[FEATURE_RENAME_EXCHANGE] = FEATURE_FIELD("renameat2"),
	[FEATURE_COPY_FILE_RANGE] = FEATURE_FIELD("copy_file_range"),
	[FEATURE_MEMFD] = FEATURE_FIELD("memfd"),
	[FEATURE_INOTIFY] = FEATURE_FIELD("inotify"),
	[FEATURE_FANOTIFY] = FEATURE_FIELD("fanotify"),
	[FEATURE_PIDFD] = FEATURE_FIELD("pidfd"),
	[FEATURE_CLONE3] = FEATURE_FIELD("clone3"),
	[FEATURE_CLOSE_RANGE] = FEATURE_FIELD("close_range"),
	[FEATURE_IO_URING] = FEATURE_FIELD("io_uring"),
	[FEATURE_SECCOMP] = FEATURE_FIELD("seccomp"),
	[FEATURE_LANDLOCK] = FEATURE_FIELD("Landlock"),
	[FEATURE_USER_NAMESPACES] = FEATURE_FIELD("User namespaces"),
	[FEATURE_CGROUP2] = FEATURE_FIELD("cgroup v2"),
	[FEATURE_FUSE] = FEATURE_FIELD("FUSE"),
	[FEATURE_OVERLAY] = FEATURE_FIELD("overlayfs"),
	[FEATURE_PRESSURE] = FEATURE_FIELD("Pressure"),
};

void fill_capabilities(struct snapshot *s)
{
	enum feature_state states[KERNEL_FEATURES];

	if (!snapshot_wants(s, PART_FEATURES))
		return;
	kernel_features_read(&s->machine, states);
	for (int i = 0; i < KERNEL_FEATURES; i++)
		if (states[i] != FEATURE_UNKNOWN)
			record_bool(&s->records[SECTION_CAPABILITIES], i, states[i] == FEATURE_YES);
}
