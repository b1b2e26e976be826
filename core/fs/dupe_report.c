/* SPDX-License-Identifier: MIT */
#include "fs/dupe_report.h"

#include "base/json_reader.h"
#include "base/mem.h"

#include <errno.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 8, STRING_MAX = 1 << 20 };

/* One line while it is read. */
struct line {
	const char *text;
	size_t len;
};

/* What a file in a group says of itself. */
struct file_fields {
	struct strbuf path;
	bool has_path, has_ino, has_dev, has_keep, keep, ref;
	uint64_t ino, dev;
};

struct report {
	struct file_list *list;
	struct same_result *result;
	struct json_reader *reader;
	struct line rest;
	/* Of the group in hand. */
	struct same_group group;
	bool has_files;
	bool has_size;
	bool by_content;
};

static ssize_t read_line(void *user, void *buffer, size_t size)
{
	struct line *line = user;
	size_t n = line->len < size ? line->len : size;

	memcpy(buffer, line->text, n);
	line->text += n;
	line->len -= n;
	return (ssize_t)n;
}

static bool key_is(const struct json_token *t, const char *key)
{
	return t->len == strlen(key) && memcmp(t->text, key, t->len) == 0;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* RFC 4648 with padding. False: it is none. */
static bool add_base64(struct strbuf *ret, const char *text, size_t len)
{
	uint32_t bits = 0;
	unsigned have = 0; /* bits that are not in a byte yet */

	if (len % 4 != 0)
		return false;
	while (len > 0 && text[len - 1] == '=')
		len--;
	for (size_t i = 0; i < len; i++) {
		int digit = base64_digit(text[i]);

		if (digit < 0)
			return false;
		bits = (bits << 6 | (uint32_t)digit) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			strbuf_add_char(ret, (char)(bits >> have));
		}
	}
	return true;
}

/* The value that follows a key. 0, or a negative errno as the reader's. */
static int read_value(struct report *r, const char *key, struct file_fields *f)
{
	struct json_token t;
	int err = json_reader_next(r->reader, &t);
	bool is_path = strcmp(key, "path") == 0;

	if (err < 0)
		return err;
	if (is_path || strcmp(key, "path_b64") == 0) {
		if (t.event != JSON_STRING)
			return -EBADMSG;
		/* The exact bytes come behind their readable form. */
		strbuf_clear(&f->path);
		if (is_path)
			strbuf_add(&f->path, t.text, t.len);
		else if (!add_base64(&f->path, t.text, t.len))
			return -EBADMSG;
		f->has_path = f->path.len != 0 && strlen(f->path.data) == f->path.len;
		return 0;
	}
	if (strcmp(key, "keep") == 0 || strcmp(key, "ref") == 0) {
		if (t.event != JSON_TRUE && t.event != JSON_FALSE)
			return -EBADMSG;
		if (key[0] == 'k') {
			f->has_keep = true;
			f->keep = t.event == JSON_TRUE;
		} else {
			f->ref = t.event == JSON_TRUE;
		}
		return 0;
	}
	if (t.event != JSON_NUMBER || !t.is_u64)
		return -EBADMSG;
	*(key[0] == 'i' ? &f->ino : &f->dev) = t.u64;
	*(key[0] == 'i' ? &f->has_ino : &f->has_dev) = true;
	return 0;
}

static int read_fields(struct report *r, struct file_fields *f)
{
	static const char *const keys[] = { "path", "path_b64", "keep", "ref", "ino", "dev" };
	struct json_token t;
	int err;

	while ((err = json_reader_next(r->reader, &t)) == 0 && t.event == JSON_KEY) {
		const char *key = NULL;

		for (size_t i = 0; i < ARRAY_LEN(keys); i++)
			if (key_is(&t, keys[i]))
				key = keys[i];
		err = key != NULL ? read_value(r, key, f) : json_reader_skip(r->reader);
		if (err < 0)
			return err;
	}
	if (err == 0 && !(f->has_path && f->has_ino && f->has_dev && f->has_keep))
		return -EBADMSG;
	return err;
}

/* The list holds it as an operand of its own. */
static void add_member(struct report *r, const struct file_fields *f)
{
	const struct file_list_name name = {
		.parent = FILE_LIST_NONE,
		.name = f->path.data,
		.len = f->path.len,
	};
	const struct stat st = { .st_ino = f->ino, .st_dev = f->dev };

	vec_push(&r->result->members,
	         (struct same_member){
			 .file = (uint32_t)file_list_len(r->list),
			 .flags = (f->keep ? SAME_KEEP : 0U) | (f->ref ? SAME_REF : 0U),
		 });
	file_list_add(r->list, &name, &st);
	r->group.len++;
}

static int read_files(struct report *r)
{
	struct json_token t;
	int err = json_reader_next(r->reader, &t);

	if (err < 0 || t.event != JSON_ARRAY_BEGIN || r->has_files)
		return err < 0 ? err : -EBADMSG;
	r->has_files = true;
	r->group.first = r->result->members.len;
	while ((err = json_reader_next(r->reader, &t)) == 0 && t.event == JSON_OBJECT_BEGIN) {
		struct file_fields f = { 0 };

		err = read_fields(r, &f);
		if (err == 0)
			add_member(r, &f);
		strbuf_release(&f.path);
		if (err < 0)
			return err;
	}
	return err < 0 || t.event == JSON_ARRAY_END ? err : -EBADMSG;
}

/* A key of the group, and its value. */
static int read_group_key(struct report *r, const struct json_token *key)
{
	bool is_by = key_is(key, "by");
	struct json_token t;
	int err;

	if (key_is(key, "files"))
		return read_files(r);
	if (!is_by && !key_is(key, "size"))
		return json_reader_skip(r->reader);
	err = json_reader_next(r->reader, &t);
	if (err < 0)
		return err;
	if (is_by) {
		r->by_content = t.event == JSON_STRING && strstr(t.text, "content") != NULL;
		return 0;
	}
	r->has_size = t.event == JSON_NUMBER && t.is_u64;
	r->group.size = t.u64;
	return 0;
}

/* Those that stay come first, for the rest to be compared with. */
static bool put_kept_first(struct report *r)
{
	struct same_member *m = r->result->members.items + r->group.first;
	size_t kept = 0;

	for (size_t i = 0; i < r->group.len; i++) {
		struct same_member other = m[i];

		file_list_at(r->list, other.file)->size = r->group.size;
		if ((other.flags & SAME_KEEP) != 0) {
			m[i] = m[kept];
			m[kept++] = other;
		}
	}
	return kept != 0;
}

/* NULL, or what is wrong with the line. */
static const char *read_object(struct report *r)
{
	struct json_token t;
	bool is_group = false;

	r->group = (struct same_group){ .digest = SIZE_MAX };
	r->has_files = r->has_size = r->by_content = false;
	if (json_reader_next(r->reader, &t) < 0 || t.event != JSON_OBJECT_BEGIN ||
	    json_reader_next(r->reader, &t) < 0 || t.event != JSON_KEY || !key_is(&t, "record") ||
	    json_reader_next(r->reader, &t) < 0 || t.event != JSON_STRING)
		return "is not a record";
	is_group = key_is(&t, "group");
	while (json_reader_next(r->reader, &t) == 0 && t.event == JSON_KEY)
		if ((is_group ? read_group_key(r, &t) : json_reader_skip(r->reader)) < 0)
			return "is malformed";
	if (t.event != JSON_OBJECT_END || json_reader_next(r->reader, &t) < 0 ||
	    t.event != JSON_END)
		return "is malformed";
	if (!is_group)
		return NULL;
	if (!r->has_size)
		return "is malformed";
	if (!r->by_content)
		return "is no group of files whose contents were compared";
	if (r->group.len != 0 && !put_kept_first(r))
		return "is a group of which no file stays";
	if (r->group.len > 1) {
		same_tell_links(r->list, r->result, &r->group);
		vec_push(&r->result->groups, r->group);
	}
	return NULL;
}

int dupe_report_read(const char *text, size_t len, struct file_list *list, struct same_result *ret,
                     struct dupe_report_error *reterr)
{
	struct report r = { .list = list, .result = ret };
	const struct json_source source = { read_line, &r.rest, DEPTH_MAX, STRING_MAX };
	const char *end = text + len;
	size_t number = 0;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline != NULL ? newline : end) - text);
		const char *wrong = NULL;

		number++;
		r.rest = (struct line){ text, n };
		if (n != 0) {
			r.reader = json_reader_new(&source);
			wrong = read_object(&r);
			r.reader = json_reader_free(r.reader);
		}
		if (wrong != NULL) {
			*reterr = (struct dupe_report_error){ number, wrong };
			return -EBADMSG;
		}
		text += n + (newline != NULL);
	}
	return 0;
}
