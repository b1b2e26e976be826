/* SPDX-License-Identifier: MIT */
#include "sys/users.h"

#include "base/fdio.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>

enum {
	DATABASE_MAX = 32 << 20, /* bytes of /etc/passwd that are read */
	RECORD_START = 1024,     /* bytes for one record of a name service, at first */
	RECORD_MAX = 16 << 20,   /* groups with very many members */
	SLOTS_START = 16,        /* a power of two */
};

/* One answer; `name` NULL means that there is none. */
struct slot {
	bool used;
	uint32_t id;
	char *name;
};

/* Open addressing, at most half full. */
struct names {
	struct slot *slots;
	size_t cap;
	size_t len;
#ifdef DUTYBOX_STATIC
	struct strbuf text; /* the database, read at first use */
	bool loaded;
#endif
};

struct users {
	struct names users;
	struct names groups;
};

/* NAME and NUMBER of one line. */
struct row {
	const char *name;
	size_t name_len;
	uint32_t id;
	const char *rest; /* behind the number, with the colon */
	const char *end;
};

static const char *find_byte(const char *from, const char *end, char byte)
{
	const char *found = memchr(from, byte, (size_t)(end - from));

	return found != NULL ? found : end;
}

static bool parse_id(const char *at, const char *end, uint32_t *ret)
{
	uint64_t value = 0;

	if (at == end)
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		value = value * 10 + (uint64_t)(*at - '0');
		if (value > UINT32_MAX)
			return false;
	}
	*ret = (uint32_t)value;
	return true;
}

static bool parse_row(const char *line, const char *end, struct row *ret)
{
	const char *name_end = find_byte(line, end, ':');

	if (name_end == end || name_end == line || *line == '+' || *line == '-' ||
	    memchr(line, '\0', (size_t)(name_end - line)) != NULL)
		return false;

	const char *password_end = find_byte(name_end + 1, end, ':');

	if (password_end == end)
		return false;
	ret->name = line;
	ret->name_len = (size_t)(name_end - line);
	ret->rest = find_byte(password_end + 1, end, ':');
	ret->end = end;
	return parse_id(password_end + 1, ret->rest, &ret->id);
}

/* The next good row at or behind *at, which moves behind it. */
static bool next_row(const char **at, const char *end, struct row *ret)
{
	while (*at < end) {
		const char *line = *at;
		const char *line_end = find_byte(line, end, '\n');

		*at = line_end < end ? line_end + 1 : end;
		if (parse_row(line, line_end, ret))
			return true;
	}
	return false;
}

const char *users_text_name(const char *text, size_t len, uint32_t id, size_t *ret_len)
{
	struct row row;

	for (const char *at = text; next_row(&at, text + len, &row);) {
		if (row.id == id) {
			*ret_len = row.name_len;
			return row.name;
		}
	}
	return NULL;
}

int users_text_id(const char *text, size_t len, const char *name, uint32_t *ret)
{
	size_t name_len = strlen(name);
	struct row row;

	for (const char *at = text; next_row(&at, text + len, &row);) {
		if (row.name_len == name_len && memcmp(row.name, name, name_len) == 0) {
			*ret = row.id;
			return 0;
		}
	}
	return -ENOENT;
}

/* NAME:PASSWORD:UID:GID:GECOS:HOME:SHELL */
static const char *home_of_row(const struct row *row, size_t *ret_len)
{
	enum { FIELDS_BEFORE_HOME = 2 }; /* behind the number */
	const char *at = row->rest;

	for (int i = 0; i < FIELDS_BEFORE_HOME && at < row->end; i++)
		at = find_byte(at + 1, row->end, ':');
	if (at == row->end)
		return NULL;
	*ret_len = (size_t)(find_byte(at + 1, row->end, ':') - at - 1);
	return at + 1;
}

const char *users_text_home(const char *text, size_t len, const char *name, uint32_t id,
                            size_t *ret_len)
{
	struct row row;

	for (const char *at = text; next_row(&at, text + len, &row);) {
		if (name == NULL ? row.id == id
		                 : strlen(name) == row.name_len &&
		                           memcmp(row.name, name, row.name_len) == 0)
			return home_of_row(&row, ret_len);
	}
	return NULL;
}

struct users *users_new(void)
{
	return mem_alloc_zeroed(sizeof(struct users));
}

static void names_release(struct names *n)
{
	for (size_t i = 0; i < n->cap; i++)
		free(n->slots[i].name);
	free(n->slots);
#ifdef DUTYBOX_STATIC
	strbuf_release(&n->text);
#endif
}

struct users *users_free(struct users *u)
{
	if (u == NULL)
		return NULL;
	names_release(&u->users);
	names_release(&u->groups);
	free(u);
	return NULL;
}

static struct slot *find_slot(const struct names *n, uint32_t id)
{
	/* Knuth's multiplicative hash; neighbouring numbers spread out. */
	size_t i = (size_t)(id * UINT32_C(2654435761)) & (n->cap - 1);

	while (n->slots[i].used && n->slots[i].id != id)
		i = (i + 1) & (n->cap - 1);
	return &n->slots[i];
}

static void grow(struct names *n)
{
	struct names bigger = { .cap = n->cap != 0 ? 2 * n->cap : SLOTS_START };

	bigger.slots = mem_alloc_zeroed(bigger.cap * sizeof(struct slot));
	for (size_t i = 0; i < n->cap; i++)
		if (n->slots[i].used)
			*find_slot(&bigger, n->slots[i].id) = n->slots[i];
	free(n->slots);
	n->slots = bigger.slots;
	n->cap = bigger.cap;
}

#ifdef DUTYBOX_STATIC

static const char passwd_file[] = "/etc/passwd";
static const char group_file[] = "/etc/group";

/* 0 or -errno; a missing database is an empty one. */
static int load(struct names *n, const char *file)
{
	int r;

	if (n->loaded)
		return 0;
	r = fdio_read_file(AT_FDCWD, file, DATABASE_MAX, &n->text);
	if (r < 0 && r != -EFBIG && r != -ENOENT)
		return r;
	n->loaded = true;
	return 0;
}

static char *ask_name(struct names *n, const char *file, uint32_t id)
{
	size_t len;
	const char *name;

	if (load(n, file) < 0)
		return NULL;
	name = users_text_name(strbuf_str(&n->text), n->text.len, id, &len);
	return name != NULL ? mem_strndup(name, len) : NULL;
}

static int ask_id(struct names *n, const char *file, const char *name, uint32_t *ret)
{
	int r = load(n, file);

	return r < 0 ? r : users_text_id(strbuf_str(&n->text), n->text.len, name, ret);
}

static char *ask_user_name(struct names *n, uint32_t id)
{
	return ask_name(n, passwd_file, id);
}

int users_home(struct users *u, const char *name, uid_t uid, struct strbuf *ret)
{
	struct names *n = &u->users;
	const char *home;
	size_t len;
	int r = load(n, passwd_file);

	if (r < 0)
		return r;
	home = users_text_home(strbuf_str(&n->text), n->text.len, name, uid, &len);
	if (home == NULL)
		return -ENOENT;
	strbuf_add(ret, home, len);
	return 0;
}

static char *ask_group_name(struct names *n, uint32_t id)
{
	return ask_name(n, group_file, id);
}

int users_uid(struct users *u, const char *name, uid_t *ret)
{
	return ask_id(&u->users, passwd_file, name, ret);
}

int users_gid(struct users *u, const char *name, gid_t *ret)
{
	return ask_id(&u->groups, group_file, name, ret);
}

#else

/* What one of the C library's four questions gave. */
struct service_answer {
	char *buffer; /* owned; holds the record's strings */
	const char *name;
	const char *home; /* of a user */
	uint32_t id;
};

/* One of the questions: by `name`, or by `id` when name is NULL. 0, -ENOENT or an errno value. */
typedef int service_question(const char *name, uint32_t id, size_t size, struct service_answer *a);

static int ask_user(const char *name, uint32_t id, size_t size, struct service_answer *a)
{
	struct passwd record;
	struct passwd *found = NULL;
	int err = name != NULL ? getpwnam_r(name, &record, a->buffer, size, &found)
	                       : getpwuid_r(id, &record, a->buffer, size, &found);

	if (found == NULL)
		return err;
	a->name = record.pw_name;
	a->home = record.pw_dir;
	a->id = record.pw_uid;
	return 0;
}

static int ask_group(const char *name, uint32_t id, size_t size, struct service_answer *a)
{
	struct group record;
	struct group *found = NULL;
	int err = name != NULL ? getgrnam_r(name, &record, a->buffer, size, &found)
	                       : getgrgid_r(id, &record, a->buffer, size, &found);

	if (found == NULL)
		return err;
	a->name = record.gr_name;
	a->id = record.gr_gid;
	return 0;
}

/* 0 with a->name set, -ENOENT, or -errno. The caller frees a->buffer. */
static int ask_service(service_question *question, const char *name, uint32_t id,
                       struct service_answer *a)
{
	size_t size = RECORD_START;
	int err;

	for (;;) {
		a->buffer = mem_resize(a->buffer, size);
		err = question(name, id, size, a);
		if (err == ERANGE && size < RECORD_MAX)
			size *= 2;
		else if (err != EINTR)
			break;
	}
	if (a->name != NULL)
		return 0;
	/* getpwnam_r(3) lists the many ways in which services say "not found". */
	if (err == 0 || err == ENOENT || err == ESRCH || err == EBADF || err == EPERM)
		return -ENOENT;
	return -err;
}

static char *ask_name(service_question *question, uint32_t id)
{
	struct service_answer a = { 0 };
	char *name = ask_service(question, NULL, id, &a) == 0 ? mem_strdup(a.name) : NULL;

	free(a.buffer);
	return name;
}

static int ask_id(service_question *question, const char *name, uint32_t *ret)
{
	struct service_answer a = { 0 };
	int r = ask_service(question, name, 0, &a);

	if (r == 0)
		*ret = a.id;
	free(a.buffer);
	return r;
}

static char *ask_user_name(struct names *n, uint32_t id)
{
	(void)n;
	return ask_name(ask_user, id);
}

static char *ask_group_name(struct names *n, uint32_t id)
{
	(void)n;
	return ask_name(ask_group, id);
}

int users_home(struct users *u, const char *name, uid_t uid, struct strbuf *ret)
{
	struct service_answer a = { 0 };
	int r = ask_service(ask_user, name, uid, &a);

	(void)u;
	if (r == 0)
		strbuf_add_str(ret, a.home);
	free(a.buffer);
	return r;
}

int users_uid(struct users *u, const char *name, uid_t *ret)
{
	(void)u;
	return ask_id(ask_user, name, ret);
}

int users_gid(struct users *u, const char *name, gid_t *ret)
{
	(void)u;
	return ask_id(ask_group, name, ret);
}

#endif

typedef char *ask_for_name(struct names *n, uint32_t id);

/* That a number has no name is remembered too. */
static const char *cached_name(struct names *n, uint32_t id, ask_for_name *ask)
{
	struct slot *slot;

	if (2 * (n->len + 1) > n->cap)
		grow(n);
	slot = find_slot(n, id);
	if (!slot->used) {
		slot->used = true;
		slot->id = id;
		slot->name = ask(n, id);
		n->len++;
	}
	return slot->name;
}

const char *users_name(struct users *u, uid_t uid)
{
	return cached_name(&u->users, uid, ask_user_name);
}

const char *users_group_name(struct users *u, gid_t gid)
{
	return cached_name(&u->groups, gid, ask_group_name);
}
