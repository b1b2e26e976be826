/* SPDX-License-Identifier: MIT */
#include "diff_facts.h"

#include "base/json_reader.h"
#include "base/strbuf.h"

#include <errno.h>

enum { DEPTH_MAX = 16, STRING_MAX = 1 << 20, KEY_MAX_LEN = 8192 };

void facts_release(struct facts *f)
{
	for (size_t i = 0; i < f->len; i++) {
		free(f->items[i].key);
		free(f->items[i].value);
	}
	vec_release(f);
}

struct text_source {
	const char *at;
	size_t left;
};

static ssize_t read_source(void *user, void *buffer, size_t size)
{
	struct text_source *source = user;
	size_t n = source->left < size ? source->left : size;

	memcpy(buffer, source->at, n);
	source->at += n;
	source->left -= n;
	return (ssize_t)n;
}

struct walk_json {
	struct json_reader *reader;
	struct facts *ret;
	struct strbuf key;
	size_t row;
};

static int next(struct walk_json *w, struct json_token *t)
{
	return json_reader_next(w->reader, t);
}

/* The text of a scalar; NULL for null. */
static char *scalar(const struct json_token *t)
{
	if (t->event == JSON_STRING || t->event == JSON_NUMBER)
		return mem_strndup(t->text, t->len);
	if (t->event == JSON_TRUE || t->event == JSON_FALSE)
		return mem_strdup(t->event == JSON_TRUE ? "true" : "false");
	return NULL;
}

/* Takes the value over. */
static void add_fact(struct walk_json *w, char *value)
{
	struct fact fact = { .key = mem_strdup(strbuf_str(&w->key)), .row = w->row };

	fact.value = value;
	vec_push(w->ret, fact);
}

static int walk_value(struct walk_json *w, const struct json_token *first);

static int walk_object(struct walk_json *w)
{
	const size_t len = w->key.len;
	struct json_token t;
	int r;

	while ((r = next(w, &t)) == 0 && t.event == JSON_KEY) {
		if (len != 0)
			strbuf_add_char(&w->key, '.');
		strbuf_add(&w->key, t.text, t.len);
		if (w->key.len > KEY_MAX_LEN)
			return -E2BIG;
		r = next(w, &t);
		if (r == 0)
			r = walk_value(w, &t);
		if (r < 0)
			return r;
		strbuf_truncate(&w->key, len);
	}
	return r;
}

/* A row of a list: its first member is its name. */
static int walk_row(struct walk_json *w)
{
	const size_t len = w->key.len;
	struct json_token t;
	int r = next(w, &t);

	if (r < 0 || t.event == JSON_OBJECT_END)
		return r;
	r = next(w, &t);
	if (r < 0)
		return r;
	strbuf_add_char(&w->key, '[');
	if (t.event == JSON_STRING || t.event == JSON_NUMBER)
		strbuf_add(&w->key, t.text, t.len);
	strbuf_add_char(&w->key, ']');
	if (t.event == JSON_OBJECT_BEGIN || t.event == JSON_ARRAY_BEGIN)
		r = json_reader_leave(w->reader);
	w->row = w->key.len;
	if (r == 0)
		r = walk_object(w);
	w->row = 0;
	strbuf_truncate(&w->key, len);
	return r;
}

static int walk_array(struct walk_json *w)
{
	struct strbuf joined = { 0 };
	bool has_rows = false;
	bool is_first = true;
	struct json_token t;
	int r;

	while ((r = next(w, &t)) == 0 && t.event != JSON_ARRAY_END) {
		char *value;

		if (t.event == JSON_OBJECT_BEGIN) {
			has_rows = true;
			r = walk_row(w);
			if (r < 0)
				break;
			continue;
		}
		value = scalar(&t);
		if (!is_first)
			strbuf_add_char(&joined, ',');
		strbuf_add_str(&joined, value != NULL ? value : "null");
		is_first = false;
		free(value);
	}
	if (r == 0 && !has_rows)
		add_fact(w, strbuf_detach(&joined));
	else
		strbuf_release(&joined);
	return r;
}

static int walk_value(struct walk_json *w, const struct json_token *first)
{
	if (first->event == JSON_OBJECT_BEGIN)
		return walk_object(w);
	if (first->event == JSON_ARRAY_BEGIN)
		return walk_array(w);
	if (strcmp(strbuf_str(&w->key), "schema") == 0 && first->event == JSON_NUMBER &&
	    first->is_u64) {
		w->ret->has_schema = true;
		w->ret->schema = first->u64;
	}
	add_fact(w, scalar(first));
	return 0;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct fact *)a)->key, ((const struct fact *)b)->key);
}

int facts_parse(const char *text, size_t len, struct facts *ret)
{
	struct text_source source = { text, len };
	const struct json_source reading = { .read = read_source,
		                             .user = &source,
		                             .depth_max = DEPTH_MAX,
		                             .string_max = STRING_MAX };
	struct walk_json w = { .reader = json_reader_new(&reading), .ret = ret };
	struct json_token t;
	int r = next(&w, &t);

	if (r == 0 && t.event != JSON_OBJECT_BEGIN)
		r = -EBADMSG;
	if (r == 0)
		r = walk_object(&w);
	if (r == 0)
		r = next(&w, &t);
	if (ret->len > 1)
		qsort(ret->items, ret->len, sizeof(*ret->items), by_key);
	json_reader_free(w.reader);
	strbuf_release(&w.key);
	return r;
}
