/* SPDX-License-Identifier: MIT */
/* ids: whose process this is. Names come from files: a name service may need the network. */
#include "sysinfo.h"

#include "sys/process_facts.h"
#include "sys/users.h"

#include <errno.h>
#include <grp.h>

enum {
	IDS_PID,
	IDS_PPID,
	IDS_UID,
	IDS_EUID,
	IDS_GID,
	IDS_EGID,
	IDS_USER,
	IDS_GROUP,
	IDS_GROUPS,
	IDS_HOME,
	IDS_SHELL,
	IDS_COLS
};

static const struct column ids_columns[] = {
	[IDS_PID] = { "pid", COLUMN_COUNT, "this process" },
	[IDS_PPID] = { "ppid", COLUMN_COUNT, "the caller; 0: outside of this pid namespace" },
	[IDS_UID] = { "uid", COLUMN_COUNT, "the real user" },
	[IDS_EUID] = { "euid", COLUMN_COUNT, "the effective user" },
	[IDS_GID] = { "gid", COLUMN_COUNT, "the real group" },
	[IDS_EGID] = { "egid", COLUMN_COUNT, "the effective group" },
	[IDS_USER] = { "user", COLUMN_NAME, "name of euid in /etc/passwd" },
	[IDS_GROUP] = { "group", COLUMN_NAME, "name of egid in /etc/group" },
	[IDS_GROUPS] = { "groups", COLUMN_NAMES, "all groups; a number where there is no name" },
	[IDS_HOME] = { "home", COLUMN_NAME, "of euid in /etc/passwd" },
	[IDS_SHELL] = { "shell", COLUMN_NAME, "of euid in /etc/passwd" },
};

const struct column_table ids_table = { ids_columns, IDS_COLS };

const struct field ids_fields[] = {
	[IDS_PID] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Process" },
	[IDS_PPID] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Parent" },
	[IDS_UID] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Real user" },
	[IDS_EUID] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Effective user" },
	[IDS_GID] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Real group" },
	[IDS_EGID] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Effective group" },
	[IDS_USER] = { PART_IDS, FIELD_VOLATILE, "User" },
	[IDS_GROUP] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Group" },
	[IDS_GROUPS] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Groups" },
	[IDS_HOME] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Home" },
	[IDS_SHELL] = { PART_IDS, FIELD_QUIET | FIELD_VOLATILE, "Shell" },
};

enum { ACCOUNTS_MAX = 32 << 20 };

/* A database of names, read when the first one is wanted. */
struct database {
	bool is_read;
	int err;
	struct strbuf text;
};

struct accounts {
	struct database users, groups;
	struct strbuf name; /* what was returned last */
};

struct accounts *accounts_free(struct accounts *a)
{
	if (a == NULL)
		return NULL;
	strbuf_release(&a->users.text);
	strbuf_release(&a->groups.text);
	strbuf_release(&a->name);
	free(a);
	return NULL;
}

static struct accounts *accounts_of(struct snapshot *s)
{
	if (s->accounts == NULL)
		s->accounts = mem_alloc_zeroed(sizeof(*s->accounts));
	return s->accounts;
}

static void read_database(struct snapshot *s, struct database *d, const char *path)
{
	int r;

	if (d->is_read)
		return;
	d->is_read = true;
	r = machine_read(&s->machine, path, ACCOUNTS_MAX, &d->text);
	d->err = r < 0 && r != -EFBIG ? -r : 0;
}

static const char *find_name(struct snapshot *s, const struct database *d, uint64_t id)
{
	struct strbuf *name = &s->accounts->name;
	size_t len;
	const char *found = id <= UINT32_MAX ? users_text_name(strbuf_str(&d->text), d->text.len,
	                                                       (uint32_t)id, &len)
	                                     : NULL;

	strbuf_clear(name);
	if (found != NULL)
		strbuf_add(name, found, len);
	return strbuf_str(name);
}

const char *account_user(struct snapshot *s, uint64_t uid)
{
	struct accounts *a = accounts_of(s);
	const char *name;

	read_database(s, &a->users, "etc/passwd");
	name = find_name(s, &a->users, uid);
	redactor_learn(s->redactor, name, "user");
	return name;
}

const char *account_group(struct snapshot *s, uint64_t gid)
{
	struct accounts *a = accounts_of(s);
	const char *name;

	read_database(s, &a->groups, "etc/group");
	name = find_name(s, &a->groups, gid);
	/* A group of one's own is called as its user. */
	redactor_learn(s->redactor, name, "user");
	return name;
}

/* Who runs this, or recorded the tree; root when nobody can tell. */
static uint64_t running_user(const struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	uint64_t uid = 0;

	if (s->machine.is_live)
		return geteuid();
	if (machine_read(&s->machine, "proc/self/status", MACHINE_FILE_MAX, &text) == 0)
		(void)process_status_number(&text, "Uid", 1, &uid);
	return uid;
}

void learn_accounts(struct snapshot *s)
{
	enum { PEOPLE_MIN = 500 }; /* below are the system's own; distributions differ */
	struct strbuf *text;
	const char *at;
	const char *end;
	const char *line;
	size_t len;

	(void)account_user(s, running_user(s));
	text = &s->accounts->users.text;
	at = strbuf_str(text);
	end = at + text->len;
	while ((line = text_line(&at, end, &len)) != NULL) {
		const char *colon = memchr(line, ':', len);
		const char *number =
			colon != NULL ? memchr(colon + 1, ':', (size_t)(line + len - colon - 1))
				      : NULL;
		uint64_t uid;
		char *name;

		if (number == NULL ||
		    text_scan_u64(number + 1, (size_t)(line + len - number - 1), &uid, NULL) < 0 ||
		    (uid != 0 && uid < PEOPLE_MIN))
			continue;
		name = mem_strndup(line, (size_t)(colon - line));
		redactor_learn(s->redactor, name, "user");
		free(name);
	}
}

/* Field `number` (from 0) of the user's line in passwd(5); NULL: there is none. */
static const char *passwd_field(const struct strbuf *text, uint64_t uid, int number,
                                size_t *ret_len)
{
	size_t name_len;
	const char *at = uid <= UINT32_MAX ? users_text_name(strbuf_str(text), text->len,
	                                                     (uint32_t)uid, &name_len)
	                                   : NULL;

	for (int i = 0; at != NULL && i < number; i++) {
		at += strcspn(at, ":\n");
		at = *at == ':' ? at + 1 : NULL;
	}
	if (at != NULL)
		*ret_len = strcspn(at, ":\n");
	return at;
}

static void add_group(struct snapshot *s, uint64_t gid, struct strbuf *names)
{
	const char *name = account_group(s, gid);

	if (name[0] != '\0')
		strbuf_add_str(names, name);
	else
		strbuf_add_u64(names, gid);
	strbuf_add_char(names, '\0');
}

/* In a recorded tree: of the process that recorded it. */
static bool read_recorded(struct snapshot *s, struct strbuf *groups)
{
	static const struct {
		char key[8];
		uint8_t index, column;
	} keys[] = {
		{ "Pid", 0, IDS_PID },  { "PPid", 0, IDS_PPID }, { "Uid", 0, IDS_UID },
		{ "Uid", 1, IDS_EUID }, { "Gid", 0, IDS_GID },   { "Gid", 1, IDS_EGID },
	};
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	uint64_t value;
	int r = machine_read(&s->machine, "proc/self/status", MACHINE_FILE_MAX, &text);

	if (r < 0) {
		machine_note(&s->machine, "ids.pid", "/proc/self/status", -r);
		return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (process_status_number(&text, keys[i].key, keys[i].index, &value))
			set_u64(s, SECTION_IDS, keys[i].column, value);
	for (unsigned i = 0; process_status_number(&text, "Groups", i, &value); i++)
		add_group(s, value, groups);
	return true;
}

static void ask_groups(struct snapshot *s, struct strbuf *ret)
{
	int n = getgroups(0, NULL);
	gid_t *groups = mem_alloc_array((size_t)(n > 0 ? n : 0) + 1, sizeof(gid_t));

	n = n > 0 ? getgroups(n, groups) : n;
	if (n < 0)
		machine_note(&s->machine, "ids.groups", "getgroups", errno);
	for (int i = 0; i < n; i++)
		add_group(s, groups[i], ret);
	free(groups);
}

static void ask_kernel(struct snapshot *s, struct strbuf *groups)
{
	set_u64(s, SECTION_IDS, IDS_PID, (uint64_t)getpid());
	set_u64(s, SECTION_IDS, IDS_PPID, (uint64_t)getppid());
	set_u64(s, SECTION_IDS, IDS_UID, getuid());
	set_u64(s, SECTION_IDS, IDS_EUID, geteuid());
	set_u64(s, SECTION_IDS, IDS_GID, getgid());
	set_u64(s, SECTION_IDS, IDS_EGID, getegid());
	ask_groups(s, groups);
}

static void fill_names(struct snapshot *s, uint64_t uid, uint64_t gid)
{
	static const struct {
		uint8_t number, column;
	} fields[] = { { 5, IDS_HOME }, { 6, IDS_SHELL } };
	const char *name = account_user(s, uid);

	if (name[0] != '\0')
		set_text(s, SECTION_IDS, IDS_USER, name);
	else
		machine_note(&s->machine, "ids.user", "/etc/passwd",
		             s->accounts->users.err != 0 ? s->accounts->users.err : ENOENT);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		size_t len;
		const char *text =
			passwd_field(&s->accounts->users.text, uid, fields[i].number, &len);
		char *value = text != NULL && len > 0 ? mem_strndup(text, len) : NULL;

		if (value != NULL)
			set_text(s, SECTION_IDS, fields[i].column, value);
		free(value);
	}
	name = account_group(s, gid);
	if (name[0] != '\0')
		set_text(s, SECTION_IDS, IDS_GROUP, name);
	else
		machine_note(&s->machine, "ids.group", "/etc/group",
		             s->accounts->groups.err != 0 ? s->accounts->groups.err : ENOENT);
}

void fill_ids(struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf groups = { 0 };
	const struct record_value *values = s->records[SECTION_IDS].values;

	if (!snapshot_wants(s, PART_IDS))
		return;
	if (s->machine.is_live)
		ask_kernel(s, &groups);
	else if (!read_recorded(s, &groups))
		return;
	set_names(s, SECTION_IDS, IDS_GROUPS, &groups);
	if (values[IDS_EUID].kind == VALUE_U64 && values[IDS_EGID].kind == VALUE_U64)
		fill_names(s, values[IDS_EUID].u64, values[IDS_EGID].u64);
}
