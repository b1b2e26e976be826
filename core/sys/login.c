/* SPDX-License-Identifier: MIT */
#include "sys/login.h"

#include "base/mem.h"
#include "base/num.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

enum { RECORD_START = 1024, RECORD_MAX = 1 << 24, GROUPS_START = 32, GROUPS_MAX = 1 << 16 };

static void fill(const struct passwd *entry, struct login *ret)
{
	*ret = (struct login){ .uid = entry->pw_uid,
		               .gid = entry->pw_gid,
		               .name = mem_strdup(entry->pw_name),
		               .home = mem_strdup(entry->pw_dir),
		               .shell = mem_strdup(entry->pw_shell) };
}

static void add_group(struct login *login, gid_t gid)
{
	for (size_t i = 0; i < login->groups_len; i++) {
		if (login->groups[i] == gid)
			return;
	}
	login->groups =
		mem_resize_array(login->groups, login->groups_len + 1, sizeof(*login->groups));
	login->groups[login->groups_len++] = gid;
}

#ifdef DUTYBOX_STATIC

static int find_user(const char *name, uid_t uid, struct login *ret)
{
	char buffer[RECORD_START * 4];
	struct passwd entry, *found = NULL;
	FILE *file = fopen("/etc/passwd", "re");
	int r = -ENOENT;

	if (file == NULL)
		return -errno;
	while (r == -ENOENT && fgetpwent_r(file, &entry, buffer, sizeof(buffer), &found) == 0) {
		if (name != NULL ? strcmp(entry.pw_name, name) == 0 : entry.pw_uid == uid) {
			fill(&entry, ret);
			r = 0;
		}
	}
	(void)fclose(file);
	return r;
}

/* Calls for each group until it says that it has found what it looks for. */
static int each_group(bool (*look)(const struct group *entry, void *user), void *user)
{
	size_t size = RECORD_START;
	char *buffer = mem_alloc(size);
	struct group entry, *found = NULL;
	FILE *file = fopen("/etc/group", "re");
	bool is_found = false;
	int err = 0;

	while (file != NULL && !is_found && err != ENOENT && size <= RECORD_MAX) {
		long at = ftell(file);

		err = fgetgrent_r(file, &entry, buffer, size, &found);
		if (err == ERANGE) {
			size *= 2;
			buffer = mem_resize(buffer, size);
			(void)fseek(file, at, SEEK_SET);
		} else if (err == 0) {
			is_found = look(&entry, user);
		} else {
			break;
		}
	}
	if (file != NULL)
		(void)fclose(file);
	free(buffer);
	return is_found ? 0 : -ENOENT;
}

struct wanted_group {
	const char *name;
	gid_t gid;
};

static bool has_name(const struct group *entry, void *user)
{
	struct wanted_group *wanted = user;

	wanted->gid = entry->gr_gid;
	return strcmp(entry->gr_name, wanted->name) == 0;
}

static int find_group(const char *name, gid_t *ret)
{
	struct wanted_group wanted = { .name = name };
	int r = each_group(has_name, &wanted);

	if (r == 0)
		*ret = wanted.gid;
	return r;
}

static bool add_if_member(const struct group *entry, void *user)
{
	struct login *login = user;

	for (char **at = entry->gr_mem; *at != NULL; at++) {
		if (strcmp(*at, login->name) == 0)
			add_group(login, entry->gr_gid);
	}
	return false;
}

static void add_memberships(struct login *login)
{
	ignore(each_group(add_if_member, login));
}

#else

static int find_user(const char *name, uid_t uid, struct login *ret)
{
	for (size_t size = RECORD_START; size <= RECORD_MAX; size *= 4) {
		char *buffer = mem_alloc(size);
		struct passwd entry, *found = NULL;
		int err = name != NULL ? getpwnam_r(name, &entry, buffer, size, &found)
		                       : getpwuid_r(uid, &entry, buffer, size, &found);

		if (found != NULL)
			fill(&entry, ret);
		free(buffer);
		if (found != NULL)
			return 0;
		if (err != ERANGE)
			return err == 0 ? -ENOENT : -err;
	}
	return -ERANGE;
}

static int find_group(const char *name, gid_t *ret)
{
	for (size_t size = RECORD_START; size <= RECORD_MAX; size *= 4) {
		char *buffer = mem_alloc(size);
		struct group entry, *found = NULL;
		int err = getgrnam_r(name, &entry, buffer, size, &found);

		if (found != NULL)
			*ret = entry.gr_gid;
		free(buffer);
		if (found != NULL)
			return 0;
		if (err != ERANGE)
			return err == 0 ? -ENOENT : -err;
	}
	return -ERANGE;
}

static void add_memberships(struct login *login)
{
	for (int n = GROUPS_START; n <= GROUPS_MAX; n *= 2) {
		gid_t *groups = mem_alloc_array((size_t)n, sizeof(*groups));
		int len = n;
		bool fits = getgrouplist(login->name, login->gid, groups, &len) >= 0;

		for (int i = 0; fits && i < len; i++)
			add_group(login, groups[i]);
		free(groups);
		if (fits)
			return;
	}
}

#endif

static bool is_number(const char *text, uint32_t *ret)
{
	uint64_t value;

	/* The last number stands for none (chown(2)). */
	if (num_parse_u64(text, &value) < 0 || value >= UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static int set_group(struct login *login, const char *group)
{
	int r = find_group(group, &login->gid);

	if (r < 0 && is_number(group, &login->gid))
		return 0;
	return r == -ENOENT ? -ESRCH : r;
}

int login_find(const char *user, const char *group, struct login *ret)
{
	struct login login = { .uid = 0 };
	uint32_t uid = 0;
	int r = find_user(user, 0, &login);

	/* A name of digits is a name first, as POSIX has it for chown. */
	if (r < 0 && is_number(user, &uid)) {
		r = find_user(NULL, uid, &login);
		if (r == -ENOENT && group != NULL) {
			login.uid = uid;
			r = 0;
		} else if (r == -ENOENT) {
			r = -EINVAL;
		}
	}
	if (r == 0 && group != NULL)
		r = set_group(&login, group);
	if (r < 0) {
		login_release(&login);
		return r;
	}
	add_group(&login, login.gid);
	if (group == NULL)
		add_memberships(&login);
	*ret = login;
	return 0;
}

void login_release(struct login *login)
{
	free(login->groups);
	free(login->name);
	free(login->home);
	free(login->shell);
	*login = (struct login){ .uid = 0 };
}
