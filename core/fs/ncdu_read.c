/* SPDX-License-Identifier: MIT */
#include "fs/ncdu.h"

#include "base/vec.h"
#include "fs/inode_set.h"
#include "fs/usage_feed.h"

#include <dirent.h>
#include <errno.h>

struct ncdu_reader {
	const struct ncdu_source *source;
	struct json_reader *json;
	struct json_token token;
	struct ncdu_error error;
	struct usage_feed feed;
	struct inode_set *seen; /* NULL: names count, not inodes */
	struct strbuf names;    /* of the open directories, each with its NUL */
	struct {
		VEC_FIELDS(size_t); /* where each begins */
	} name_at;
};

/* What an object says about one name. */
struct ncdu_object {
	struct usage_entry entry; /* `name` is in ncdu_reader.names, behind the open ones */
	size_t name_at;
	bool has_name, has_dev, has_ino, linked, not_regular, unread, excluded, has_mode;
	uint64_t offset;
};

static int fail_at(struct ncdu_reader *r, uint64_t offset, const char *reason)
{
	r->error = (struct ncdu_error){ reason, offset };
	return -EINVAL;
}

static int json_failed(struct ncdu_reader *r, int err)
{
	struct json_error error = json_reader_error(r->json);

	if (err != -EBADMSG && err != -E2BIG)
		return err;
	return fail_at(r, error.offset, error.reason);
}

static int next(struct ncdu_reader *r)
{
	int err = json_reader_next(r->json, &r->token);

	return err == 0 ? 0 : json_failed(r, err);
}

static int expect(struct ncdu_reader *r, enum json_event event, const char *reason)
{
	int err = next(r);

	if (err == 0 && r->token.event != event)
		err = fail_at(r, r->token.offset, reason);
	return err;
}

static int read_size(struct ncdu_reader *r, uint64_t *ret)
{
	int err = expect(r, JSON_NUMBER, "a number is expected here");

	if (err < 0)
		return err;
	if (!r->token.is_u64)
		return fail_at(r, r->token.offset,
		               r->token.text[0] == '-' ? "a negative number where none can be"
		                                       : "not a whole number of 64 bits");
	*ret = r->token.u64;
	return 0;
}

static int read_u32(struct ncdu_reader *r, uint32_t *ret)
{
	uint64_t value;
	int err = read_size(r, &value);

	if (err < 0)
		return err;
	if (value > UINT32_MAX)
		return fail_at(r, r->token.offset, "a number beyond 32 bits");
	*ret = (uint32_t)value;
	return 0;
}

static int read_flag(struct ncdu_reader *r, bool *ret)
{
	int err = next(r);

	if (err < 0)
		return err;
	if (r->token.event != JSON_TRUE && r->token.event != JSON_FALSE)
		return fail_at(r, r->token.offset, "true or false is expected here");
	*ret = r->token.event == JSON_TRUE;
	return 0;
}

/* Some programs write a fraction: whole seconds are enough. */
static int read_mtime(struct ncdu_reader *r, struct timespec *ret)
{
	int err = expect(r, JSON_NUMBER, "a time is expected here");
	int64_t seconds = 0;

	if (err < 0)
		return err;
	if (r->token.is_i64) {
		ret->tv_sec = r->token.i64;
		return 0;
	}
	for (size_t i = 0; i < r->token.len && r->token.text[i] != '.'; i++) {
		char c = r->token.text[i];

		if (c < '0' || c > '9' || seconds > INT64_MAX / 10 - 1)
			return fail_at(r, r->token.offset, "not a time in seconds");
		seconds = seconds * 10 + (c - '0');
	}
	ret->tv_sec = seconds;
	return 0;
}

static int read_name(struct ncdu_reader *r, struct ncdu_object *o)
{
	int err = expect(r, JSON_STRING, "a name is expected here");
	bool is_root = r->feed.open.len == 0;
	const struct json_token *t = &r->token;

	if (err < 0)
		return err;
	if (t->len == 0)
		return fail_at(r, t->offset, "an empty name");
	if (memchr(t->text, '\0', t->len) != NULL)
		return fail_at(r, t->offset, "a name with a NUL in it");
	if (!is_root && memchr(t->text, '/', t->len) != NULL)
		return fail_at(r, t->offset, "a name with a slash in it");
	if (!is_root && (strcmp(t->text, ".") == 0 || strcmp(t->text, "..") == 0))
		return fail_at(r, t->offset, "a name that is no name of a file");
	strbuf_truncate(&r->names, o->name_at);
	strbuf_add(&r->names, t->text, t->len + 1);
	o->entry.name_len = t->len;
	o->has_name = true;
	return 0;
}

static int skip_value(struct ncdu_reader *r)
{
	int err = json_reader_skip(r->json);

	return err == 0 ? 0 : json_failed(r, err);
}

static int read_excluded(struct ncdu_reader *r, struct ncdu_object *o)
{
	o->excluded = true;
	return skip_value(r);
}

enum ncdu_key {
	KEY_NAME,
	KEY_ASIZE,
	KEY_DSIZE,
	KEY_DEV,
	KEY_INO,
	KEY_HLNKC,
	KEY_NLINK,
	KEY_NOTREG,
	KEY_READ_ERROR,
	KEY_EXCLUDED,
	KEY_MTIME,
	KEY_UID,
	KEY_GID,
	KEY_MODE,
	KEY_OTHER,
};

static enum ncdu_key key_of(const struct json_token *t)
{
	static const char *const names[] = {
		[KEY_NAME] = "name",
		[KEY_ASIZE] = "asize",
		[KEY_DSIZE] = "dsize",
		[KEY_DEV] = "dev",
		[KEY_INO] = "ino",
		[KEY_HLNKC] = "hlnkc",
		[KEY_NLINK] = "nlink",
		[KEY_NOTREG] = "notreg",
		[KEY_READ_ERROR] = "read_error",
		[KEY_EXCLUDED] = "excluded",
		[KEY_MTIME] = "mtime",
		[KEY_UID] = "uid",
		[KEY_GID] = "gid",
		[KEY_MODE] = "mode",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strlen(names[i]) == t->len && memcmp(names[i], t->text, t->len) == 0)
			return (enum ncdu_key)i;
	}
	return KEY_OTHER;
}

static int read_member(struct ncdu_reader *r, struct ncdu_object *o)
{
	struct usage_entry *e = &o->entry;

	switch (key_of(&r->token)) {
	case KEY_NAME:
		return read_name(r, o);
	case KEY_ASIZE:
		return read_size(r, &e->apparent);
	case KEY_DSIZE:
		return read_size(r, &e->disk);
	case KEY_DEV:
		o->has_dev = true;
		return read_size(r, &e->dev);
	case KEY_INO:
		o->has_ino = true;
		return read_size(r, &e->ino);
	case KEY_NLINK:
		return read_size(r, &e->nlink);
	case KEY_HLNKC:
		return read_flag(r, &o->linked);
	case KEY_NOTREG:
		return read_flag(r, &o->not_regular);
	case KEY_READ_ERROR:
		return read_flag(r, &o->unread);
	case KEY_EXCLUDED:
		return read_excluded(r, o);
	case KEY_MTIME:
		return read_mtime(r, &e->mtime);
	case KEY_UID:
		return read_u32(r, &e->uid);
	case KEY_GID:
		return read_u32(r, &e->gid);
	case KEY_MODE:
		o->has_mode = true;
		return read_u32(r, &e->mode);
	case KEY_OTHER:
		break;
	}
	return skip_value(r);
}

static void complete(struct ncdu_reader *r, struct ncdu_object *o, bool is_dir)
{
	struct usage_entry *e = &o->entry;

	e->name = r->names.data + o->name_at;
	e->depth = (unsigned)r->feed.open.len;
	if (!o->has_dev && e->depth > 0)
		e->dev = r->feed.open.items[e->depth - 1].entry.dev;
	if (is_dir)
		e->type = DT_DIR;
	else if (!o->not_regular)
		e->type = DT_REG;
	else
		e->type = o->has_mode ? (unsigned char)IFTODT(e->mode) : DT_UNKNOWN;
	/* Old exports tell that there are more links, but not how many. */
	if (o->linked && e->nlink < 2)
		e->nlink = UINT64_MAX;
	else if (e->nlink == 0)
		e->nlink = 1;
	e->time = e->mtime;
	e->counted = true;
	if (!is_dir && e->nlink > 1 && o->has_ino && r->seen != NULL)
		e->counted = inode_set_add(r->seen, e->dev, e->ino);
	/* Of what is no regular file, only links have contents; others are written without a size.
	 */
	if (is_dir && !r->source->opts->all_sizes)
		e->apparent = 0;
	usage_feed_place(&r->feed, e);
}

/* The object whose beginning was just read. */
static int read_object(struct ncdu_reader *r, struct ncdu_object *o, bool is_dir)
{
	*o = (struct ncdu_object){ .name_at = r->names.len, .offset = r->token.offset };
	for (;;) {
		int err = next(r);

		if (err == 0 && r->token.event == JSON_OBJECT_END)
			break;
		if (err == 0)
			err = read_member(r, o);
		if (err < 0)
			return err;
	}
	if (!o->has_name)
		return fail_at(r, o->offset, "an entry without a name");
	complete(r, o, is_dir);
	return 0;
}

static bool feed_unread(struct ncdu_reader *r, const struct usage_entry *e, const char *verb)
{
	struct usage_trouble trouble = { .verb = verb, .err = EIO };

	return usage_feed_error(&r->feed, e, &trouble);
}

static int read_dir(struct ncdu_reader *r)
{
	struct ncdu_object o = { 0 };
	int err = expect(r, JSON_OBJECT_BEGIN, "a directory must begin with its own object");

	if (err == 0 && r->feed.open.len >= NCDU_DEPTH_MAX)
		err = fail_at(r, r->token.offset, "too many directories in each other");
	if (err == 0)
		err = read_object(r, &o, true);
	if (err < 0)
		return err;
	vec_push(&r->name_at, o.name_at);
	if (!usage_feed_enter(&r->feed, &o.entry))
		return -ECANCELED;
	if (o.unread && !feed_unread(r, &o.entry, "read directory"))
		return -ECANCELED;
	return 0;
}

static int read_item(struct ncdu_reader *r)
{
	struct ncdu_object o = { 0 };
	bool more = true;
	int err = read_object(r, &o, false);

	if (err < 0)
		return err;
	if (o.unread && !o.excluded)
		more = feed_unread(r, &o.entry, "access");
	else if (!o.excluded)
		more = usage_feed_item(&r->feed, &o.entry);
	strbuf_truncate(&r->names, o.name_at);
	return more ? 0 : -ECANCELED;
}

static int leave_dir(struct ncdu_reader *r)
{
	size_t name_at = vec_pop(&r->name_at);
	bool more = usage_feed_leave(&r->feed, r->names.data + name_at);

	strbuf_truncate(&r->names, name_at);
	return more ? 0 : -ECANCELED;
}

static int read_tree(struct ncdu_reader *r)
{
	int err = expect(r, JSON_ARRAY_BEGIN, "the root directory is expected here");

	if (err == 0)
		err = read_dir(r);
	while (err == 0 && r->feed.open.len > 0) {
		err = next(r);
		if (err < 0)
			break;
		if (r->token.event == JSON_ARRAY_BEGIN)
			err = read_dir(r);
		else if (r->token.event == JSON_OBJECT_BEGIN)
			err = read_item(r);
		else if (r->token.event == JSON_ARRAY_END)
			err = leave_dir(r);
		else
			err = fail_at(r, r->token.offset, "an entry must be an object or an array");
	}
	return err;
}

static int read_file(struct ncdu_reader *r)
{
	int err = expect(r, JSON_ARRAY_BEGIN, "not an ncdu export: it does not begin with [");

	if (err == 0)
		err = expect(r, JSON_NUMBER, "not an ncdu export: no version");
	if (err == 0 && (!r->token.is_u64 || r->token.u64 != 1))
		err = fail_at(r, r->token.offset, "an export of another major version than 1");
	if (err == 0)
		err = expect(r, JSON_NUMBER, "not an ncdu export: no minor version");
	if (err == 0)
		err = expect(r, JSON_OBJECT_BEGIN, "not an ncdu export: no header");
	if (err == 0) {
		err = json_reader_leave(r->json);
		if (err < 0)
			err = json_failed(r, err);
	}
	if (err == 0)
		err = read_tree(r);
	if (err == 0) {
		/* Later minor versions may put more behind the root. */
		err = json_reader_leave(r->json);
		if (err < 0)
			err = json_failed(r, err);
	}
	return err == 0 ? expect(r, JSON_END, "something stands behind the export") : err;
}

int ncdu_read(const struct ncdu_source *source, const struct usage_sink *sink,
              struct ncdu_error *reterr)
{
	struct json_source json = {
		.read = source->read,
		.user = source->user,
		.depth_max = NCDU_DEPTH_MAX + 8,
		.string_max = NCDU_NAME_MAX,
	};
	struct ncdu_reader r = { .source = source, .json = json_reader_new(&json) };
	int err;

	usage_feed_init(&r.feed, sink, source->opts->reclaim);
	if (!source->opts->count_links)
		r.seen = inode_set_new(false);
	err = read_file(&r);
	if (err < 0)
		*reterr = r.error;
	inode_set_free(r.seen);
	usage_feed_release(&r.feed);
	json_reader_free(r.json);
	strbuf_release(&r.names);
	vec_release(&r.name_at);
	return err;
}
