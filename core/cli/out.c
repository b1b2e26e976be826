/* SPDX-License-Identifier: MIT */
#include "cli/out.h"

#include "base/fdio.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/quote.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

enum { OUT_BUFFER = 64 * 1024 };

struct out {
	int fd;
	enum out_format format;
	bool terminal;
	bool knows_terminal; /* asked when output begins: a run without any need not pay for it */
	pthread_mutex_t lock;
	struct strbuf buffer; /* what was not written yet */
	atomic_int err;       /* the first failure, as -errno; any thread may ask for it */
	struct out *log;      /* where records go too, borrowed; or NULL */
};

struct out *out_new(int fd)
{
	struct out *o = mem_alloc_zeroed(sizeof(*o));

	o->fd = fd;
	o->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	return o;
}

struct out *out_free(struct out *o)
{
	if (o == NULL)
		return NULL;
	strbuf_release(&o->buffer);
	free(o);
	return NULL;
}

static void learn_terminal(struct out *o)
{
	if (o->knows_terminal)
		return;
	o->terminal = isatty(o->fd) == 1;
	o->knows_terminal = true;
}

void out_begin(struct out *o, const struct out_opts *opts)
{
	learn_terminal(o);
	if (opts->json)
		o->format = OUT_JSON;
	else
		o->format = opts->zero ? OUT_NUL : OUT_TEXT;
}

enum out_format out_format(const struct out *o)
{
	return o->format;
}

bool out_quotes(const struct out *o)
{
	return o->terminal && o->format == OUT_TEXT;
}

static void flush_locked(struct out *o)
{
	if (o->err == 0 && o->buffer.len > 0)
		o->err = fdio_write_all(o->fd, o->buffer.data, o->buffer.len);
	strbuf_clear(&o->buffer);
}

/* Takes whole units only, so that a terminal and a reader of NDJSON never see half a line. */
static void put(struct out *o, const void *bytes, size_t len)
{
	(void)pthread_mutex_lock(&o->lock);
	learn_terminal(o);
	if (o->err == 0) {
		if (o->buffer.len + len > OUT_BUFFER)
			flush_locked(o);
		strbuf_add(&o->buffer, bytes, len);
		if (o->terminal)
			flush_locked(o);
	}
	(void)pthread_mutex_unlock(&o->lock);
}

void out_text(struct out *o, const void *bytes, size_t len)
{
	put(o, bytes, len);
}

void out_add_name(const struct out *o, struct strbuf *line, const char *name, size_t len)
{
	if (out_quotes(o)) {
		quote_shell(line, name, len);
		return;
	}
	if (o->format == OUT_NUL && len > 0 && name[0] == '-')
		strbuf_add_str(line, "./");
	strbuf_add(line, name, len);
}

void out_line(struct out *o, struct strbuf *line)
{
	strbuf_add_char(line, o->format == OUT_NUL ? '\0' : '\n');
	put(o, line->data, line->len);
	strbuf_clear(line);
}

void out_flush(struct out *o)
{
	(void)pthread_mutex_lock(&o->lock);
	flush_locked(o);
	(void)pthread_mutex_unlock(&o->lock);
}

bool out_failed(const struct out *o)
{
	return atomic_load_explicit(&o->err, memory_order_relaxed) != 0;
}

int out_finish(struct out *o)
{
	int err;

	out_flush(o);
	err = o->err;
	/* NFS and quotas report a lost write only here. */
	if (close(o->fd) != 0 && err == 0)
		err = -errno;
	o->fd = -1;
	return err;
}

void record_begin(struct record *r, const char *kind, const struct column_table *table)
{
	r->kind = kind;
	r->table = table;
	for (size_t i = 0; i < table->len; i++)
		r->values[i].kind = VALUE_NULL;
}

void record_name(struct record *r, int column, const char *name)
{
	record_bytes(r, column, name, strlen(name));
}

void record_bytes(struct record *r, int column, const char *bytes, size_t len)
{
	r->values[column] =
		(struct record_value){ .kind = VALUE_BYTES, .bytes = bytes, .len = len };
}

void record_u64(struct record *r, int column, uint64_t value)
{
	r->values[column] = (struct record_value){ .kind = VALUE_U64, .u64 = value };
}

void record_i64(struct record *r, int column, int64_t value)
{
	r->values[column] = (struct record_value){ .kind = VALUE_I64, .i64 = value };
}

void record_bool(struct record *r, int column, bool value)
{
	r->values[column] = (struct record_value){ .kind = VALUE_BOOL, .boolean = value };
}

void record_time(struct record *r, int column, struct timespec value)
{
	r->values[column] = (struct record_value){ .kind = VALUE_TIME, .time = value };
}

void record_fixed(struct record *r, int column, int64_t scaled, int decimals)
{
	r->values[column] = (struct record_value){ .kind = VALUE_FIXED,
		                                   .scaled = scaled,
		                                   .decimals = decimals };
}

static void add_i64(struct strbuf *b, int64_t value)
{
	if (value < 0)
		strbuf_add_char(b, '-');
	strbuf_add_u64(b, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void add_key(struct strbuf *b, const char *key)
{
	json_add_string(b, key, strlen(key));
	strbuf_add_char(b, ':');
}

/* Calls add() for each name, with commas between. False when one of the calls was. */
static bool add_each(struct strbuf *b, const struct record_value *v,
                     bool (*add)(struct strbuf *b, const char *name, size_t len))
{
	const char *end = v->bytes + v->len;
	bool all = true;

	strbuf_add_char(b, '[');
	for (const char *name = v->bytes; name < end;) {
		size_t len = strnlen(name, (size_t)(end - name));

		if (name != v->bytes)
			strbuf_add_char(b, ',');
		all = add(b, name, len) && all;
		name += len + 1;
	}
	strbuf_add_char(b, ']');
	return all;
}

static bool add_base64(struct strbuf *b, const char *name, size_t len)
{
	strbuf_add_char(b, '"');
	json_add_base64(b, name, len);
	strbuf_add_char(b, '"');
	return true;
}

static void add_names(struct strbuf *b, const char *key, const struct record_value *v)
{
	if (add_each(b, v, json_add_string))
		return;
	strbuf_add_format(b, ",\"%s_b64\":", key);
	(void)add_each(b, v, add_base64);
}

static void add_value(struct strbuf *b, const char *key, const struct record_value *v)
{
	if (v->kind == VALUE_BYTES) {
		json_add_name(b, key, v->bytes, v->len);
		return;
	}
	add_key(b, key);
	switch (v->kind) {
	case VALUE_U64:
		strbuf_add_u64(b, v->u64);
		break;
	case VALUE_I64:
		add_i64(b, v->i64);
		break;
	case VALUE_TIME:
		json_add_time(b, v->time.tv_sec, (uint32_t)v->time.tv_nsec);
		break;
	case VALUE_FIXED:
		strbuf_add_fixed(b, v->scaled, v->decimals);
		break;
	case VALUE_BOOL:
		strbuf_add_str(b, v->boolean ? "true" : "false");
		break;
	case VALUE_NAMES:
		add_names(b, key, v);
		break;
	case VALUE_ITEMS:
		strbuf_add_char(b, '[');
		strbuf_add(b, v->bytes, v->len);
		strbuf_add_char(b, ']');
		break;
	case VALUE_OBJECT:
		strbuf_add(b, v->bytes, v->len);
		break;
	case VALUE_NULL:
	case VALUE_BYTES:
		strbuf_add_str(b, "null");
		break;
	}
}

void record_names(struct record *r, int column, const char *names, size_t len)
{
	r->values[column] =
		(struct record_value){ .kind = VALUE_NAMES, .bytes = names, .len = len };
}

void record_counts(struct record *r, int column, const struct strbuf *counts)
{
	record_items(r, column, counts);
}

void record_items(struct record *r, int column, const struct strbuf *items)
{
	r->values[column] = (struct record_value){
		.kind = VALUE_ITEMS,
		.bytes = items != NULL ? strbuf_str(items) : "",
		.len = items != NULL ? items->len : 0,
	};
}

void record_object(struct record *r, int column, const struct strbuf *object)
{
	r->values[column] = (struct record_value){ .kind = VALUE_OBJECT,
		                                   .bytes = strbuf_str(object),
		                                   .len = object->len };
}

void record_add_item(struct strbuf *items, const struct record *item)
{
	strbuf_add_str(items, items->len != 0 ? ",{" : "{");
	for (size_t i = 0; i < item->table->len; i++) {
		if (i != 0)
			strbuf_add_char(items, ',');
		add_value(items, item->table->columns[i].name, &item->values[i]);
	}
	strbuf_add_char(items, '}');
}

void out_tee(struct out *o, struct out *log)
{
	o->log = log;
}

bool out_wants_records(const struct out *o)
{
	return o->format == OUT_JSON || o->log != NULL;
}

void out_add_record(struct strbuf *b, const struct record *r)
{
	strbuf_add_str(b, "{\"record\":");
	json_add_string(b, r->kind, strlen(r->kind));
	for (size_t i = 0; i < r->table->len; i++) {
		strbuf_add_char(b, ',');
		add_value(b, r->table->columns[i].name, &r->values[i]);
	}
	strbuf_add_char(b, '}');
}

void out_emit(struct out *o, const struct record *r)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	if (!out_wants_records(o))
		return;
	out_add_record(&line, r);
	strbuf_add_char(&line, '\n');
	if (o->format == OUT_JSON)
		put(o, line.data, line.len);
	if (o->log != NULL) {
		put(o->log, line.data, line.len);
		out_flush(o->log);
	}
}
