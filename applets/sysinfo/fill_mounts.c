/* SPDX-License-Identifier: MIT */
/* mounts: the file systems and how full they are, without ever waiting for a dead server. */
#include "sysinfo.h"

#include "cli/fs_record.h"

#include <errno.h>

/*
 * File systems whose statfs(2) never waits for anybody: those of the kernel itself, on local
 * disks or in memory. All others, FUSE's and unknown ones among them, are asked by a child.
 */
static bool answers_at_once(const struct mount *mount)
{
	static const char types[][12] = {
		"ext2", "ext3",  "ext4",     "xfs",   "btrfs",   "tmpfs",     "ramfs",  "devtmpfs",
		"vfat", "exfat", "squashfs", "erofs", "iso9660", "udf",       "f2fs",   "bcachefs",
		"zfs",  "jfs",   "reiserfs", "ntfs3", "nilfs2",  "hugetlbfs", "rootfs", "overlay",
	};

	if (mount->remote)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(mount->fstype, types[i]) == 0)
			return true;
	return mount->kernel;
}

/* Nothing on the way to it can hang either. */
static bool is_safe(const struct mounts *m, const struct mount *mount)
{
	enum { DEPTH_MAX = 64 };

	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		const struct mount *parent;

		if (!answers_at_once(mount))
			return false;
		/* The root's parent is not in the table, or the root itself. */
		parent = mounts_find_id(m, mount->parent);
		if (parent == NULL || parent == mount)
			return true;
		mount = parent;
	}
	return false;
}

struct asked {
	size_t *rows; /* which of the shown mounts */
	const char **paths;
	size_t len;
};

struct shown {
	const struct mount *const *mounts;
	struct space_answer *answers;
	size_t len;
};

/* Does the answer come from this very mount, and not from one that covers it? */
static void keep(struct space_answer *answer, const struct mount *mount)
{
	const struct space *space = &answer->space;

	if (answer->outcome == SPACE_KNOWN &&
	    (space->mount_id != 0 ? space->mount_id != mount->id : space->device != mount->device))
		*answer = (struct space_answer){ .outcome = SPACE_FAILED, .err = ESTALE };
}

static void ask_others(struct snapshot *s, struct shown *shown, const struct asked *asked)
{
	struct space_answer *answers = mem_alloc_array(asked->len, sizeof(*answers));
	int r = space_ask(asked->paths, asked->len, s->opts->timeout, answers);

	if (r < 0)
		machine_note(&s->machine, "mounts", "fork", -r);
	for (size_t i = 0; i < asked->len; i++)
		shown->answers[asked->rows[i]] = answers[i];
	free(answers);
}

static void ask_all(struct snapshot *s, const struct mounts *m, struct shown *shown)
{
	struct asked asked = { .rows = mem_alloc_array(shown->len + 1, sizeof(size_t)),
		               .paths = mem_alloc_array(shown->len + 1, sizeof(char *)) };

	for (size_t i = 0; i < shown->len; i++) {
		struct space_answer *answer = &shown->answers[i];
		int r;

		if (shown->mounts[i]->hidden) {
			answer->outcome = SPACE_FAILED;
			continue;
		}
		if (!is_safe(m, shown->mounts[i])) {
			asked.rows[asked.len] = i;
			asked.paths[asked.len++] = shown->mounts[i]->point;
			continue;
		}
		r = space_ask_here(shown->mounts[i]->point, &answer->space);
		answer->outcome = r == 0 ? SPACE_KNOWN : SPACE_FAILED;
		answer->err = -r;
	}
	if (asked.len > 0)
		ask_others(s, shown, &asked);
	for (size_t i = 0; i < shown->len; i++)
		keep(&shown->answers[i], shown->mounts[i]);
	free(asked.rows);
	free(asked.paths);
}

static void note_failure(struct snapshot *s, const struct mount *mount,
                         const struct space_answer *answer)
{
	int err = answer->outcome == SPACE_TIMED_OUT ? ETIMEDOUT : answer->err;

	/* One that is covered cannot be asked, and nobody can see it. */
	if (answer->outcome != SPACE_KNOWN && !mount->hidden)
		machine_note(&s->machine, "mounts", mount->point, err);
}

static void add_row(struct snapshot *s, const struct mount *mount,
                    const struct space_answer *answer)
{
	AUTO_RELEASE_STRBUF struct strbuf options = { 0 };
	struct record row;

	record_begin(&row, "item", &fs_record_table);
	fs_add_options(&options, mount);
	row_text(s, &row, FS_MOUNT, mount->point);
	row_text(s, &row, FS_SOURCE, mount->source);
	row_text(s, &row, FS_FSTYPE, mount->fstype);
	row_text(s, &row, FS_OPTIONS, strbuf_str(&options));
	record_bool(&row, FS_READONLY, mount->readonly);
	record_bool(&row, FS_REMOTE, mount->remote);
	if (answer != NULL) {
		record_bool(&row, FS_TIMED_OUT, answer->outcome == SPACE_TIMED_OUT);
		if (answer->outcome == SPACE_KNOWN)
			fs_record_space(&row, &answer->space);
		note_failure(s, mount, answer);
	}
	list_push(&s->lists[SECTION_MOUNTS], &row);
}

/* A host in "server:/export" or "//server/share" is nobody's business under --redact. */
static void learn_server(struct snapshot *s, const struct mount *mount)
{
	const char *host = mount->source;
	size_t len;
	char *name;

	if (!mount->remote)
		return;
	while (*host == '/')
		host++;
	len = strcspn(host, ":/");
	name = mem_strndup(host, len);
	redactor_learn(s->redactor, name, "host");
	free(name);
}

void fill_mounts(struct snapshot *s)
{
	AUTO_FREE(mounts) struct mounts *m = NULL;
	const struct mount **wanted;
	struct shown shown = { 0 };
	int r;

	if (!snapshot_wants(s, PART_MOUNTS))
		return;
	r = mounts_load(s->machine.root, &m);
	if (r < 0) {
		machine_note(&s->machine, "mounts", "/proc/self/mountinfo", -r);
		return;
	}
	wanted = mem_alloc_array(m->len + 1, sizeof(struct mount *));
	for (size_t i = 0; i < m->len; i++)
		if (s->opts->all || !mount_is_folded(&m->items[i]))
			wanted[shown.len++] = &m->items[i];
	shown.mounts = wanted;
	s->folded_mounts = m->len - shown.len;
	shown.answers = mem_alloc_zeroed((shown.len + 1) * sizeof(*shown.answers));
	if (s->redactor != NULL)
		for (size_t i = 0; i < shown.len; i++)
			learn_server(s, wanted[i]);
	if (s->machine.is_live)
		ask_all(s, m, &shown);
	else
		machine_note(&s->machine, "mounts", "statfs", EOPNOTSUPP);
	for (size_t i = 0; i < shown.len; i++)
		add_row(s, wanted[i], s->machine.is_live ? &shown.answers[i] : NULL);
	if (m->malformed != 0)
		machine_note(&s->machine, "mounts", "/proc/self/mountinfo", EBADMSG);
	free(shown.answers);
	free(wanted);
}
