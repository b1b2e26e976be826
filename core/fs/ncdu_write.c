/* SPDX-License-Identifier: MIT */
#include "fs/ncdu.h"

#include "base/fdio.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>

enum { NCDU_BUFFER = 64 * 1024 };

struct ncdu_writer {
	int fd;
	bool extended;
	const char *root;
	struct strbuf text; /* not written yet */
	bool head_is_open;  /* the last directory's own object still lacks its brace */
	bool any;
	int err;
	struct usage_sink sink;
	struct {
		VEC_FIELDS(uint64_t); /* device of each open directory */
	} devices;
};

static void add_name(struct strbuf *b, const char *name, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	strbuf_add_char(b, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c == '"' || c == '\\') {
			strbuf_add_char(b, '\\');
			strbuf_add_char(b, name[i]);
		} else if (c < 0x20 || c == 0x7f) {
			char escape[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

			strbuf_add(b, escape, sizeof(escape));
		} else {
			strbuf_add_char(b, name[i]);
		}
	}
	strbuf_add_char(b, '"');
}

static void add_number(struct strbuf *b, const char *key, uint64_t value)
{
	strbuf_add_format(b, ",\"%s\":%" PRIu64, key, value);
}

static bool push_out(struct ncdu_writer *w)
{
	if (w->err == 0)
		w->err = fdio_write_all(w->fd, w->text.data, w->text.len);
	strbuf_clear(&w->text);
	return w->err == 0;
}

/* Memory stays bounded whatever the tree consists of. False: writing has failed. */
static bool push_out_much(struct ncdu_writer *w)
{
	return w->text.len < NCDU_BUFFER ? w->err == 0 : push_out(w);
}

static void close_head(struct ncdu_writer *w)
{
	if (w->head_is_open)
		strbuf_add_char(&w->text, '}');
	w->head_is_open = false;
}

/* Everything of an object but its last brace. */
static void add_object(struct ncdu_writer *w, const struct usage_entry *e)
{
	struct strbuf *b = &w->text;
	uint64_t parent = e->depth > 0 ? w->devices.items[e->depth - 1] : e->dev + 1;

	strbuf_add_str(b, "{\"name\":");
	if (e->depth == 0 && w->root != NULL)
		add_name(b, w->root, strlen(w->root));
	else
		add_name(b, e->name, e->name_len);
	if (e->apparent != 0)
		add_number(b, "asize", e->apparent);
	if (e->disk != 0)
		add_number(b, "dsize", e->disk);
	if (e->dev != parent)
		add_number(b, "dev", e->dev);
	if (e->type != DT_DIR && e->nlink > 1) {
		add_number(b, "ino", e->ino);
		strbuf_add_str(b, ",\"hlnkc\":true");
		add_number(b, "nlink", e->nlink);
	}
	if (e->type != DT_DIR && e->type != DT_REG)
		strbuf_add_str(b, ",\"notreg\":true");
	if (!w->extended)
		return;
	add_number(b, "uid", e->uid);
	add_number(b, "gid", e->gid);
	add_number(b, "mode", e->mode);
	if (e->mtime.tv_sec >= 0)
		add_number(b, "mtime", (uint64_t)e->mtime.tv_sec);
}

static bool write_enter(const struct usage_entry *dir, void *user)
{
	struct ncdu_writer *w = user;

	close_head(w);
	strbuf_add_str(&w->text, ",\n[");
	add_object(w, dir);
	w->head_is_open = true;
	w->any = true;
	w->devices.len = dir->depth;
	vec_push(&w->devices, dir->dev);
	return push_out_much(w);
}

static bool write_item(const struct usage_entry *item, void *user)
{
	struct ncdu_writer *w = user;

	if (item->depth == 0)
		return true;
	close_head(w);
	strbuf_add_str(&w->text, ",\n");
	add_object(w, item);
	strbuf_add_char(&w->text, '}');
	return push_out_much(w);
}

static bool write_leave(const struct usage_entry *dir, const struct usage_totals *totals,
                        void *user)
{
	struct ncdu_writer *w = user;

	(void)dir;
	(void)totals;
	close_head(w);
	strbuf_add_char(&w->text, ']');
	return push_out_much(w);
}

static bool write_error(const struct usage_trouble *trouble, void *user)
{
	struct ncdu_writer *w = user;
	const char *slash = strrchr(trouble->path, '/');
	const char *name = slash != NULL ? slash + 1 : trouble->path;

	if (trouble->depth == 0 && !trouble->current_dir)
		return true;
	if (trouble->current_dir) {
		/* Too late when the reading broke off half-way: entries were written already. */
		if (w->head_is_open)
			strbuf_add_str(&w->text, ",\"read_error\":true");
		return true;
	}
	close_head(w);
	strbuf_add_str(&w->text, ",\n{\"name\":");
	add_name(&w->text, name, strlen(name));
	strbuf_add_str(&w->text, ",\"read_error\":true}");
	return push_out_much(w);
}

struct ncdu_writer *ncdu_writer_new(int fd, const struct ncdu_header *header)
{
	struct ncdu_writer *w = mem_alloc_zeroed(sizeof(*w));

	w->fd = fd;
	w->extended = header->extended;
	w->root = header->root;
	w->sink = (struct usage_sink){ .enter = write_enter,
		                       .item = write_item,
		                       .leave = write_leave,
		                       .error = write_error,
		                       .user = w };
	strbuf_add_str(&w->text, "[1,2,{\"progname\":");
	add_name(&w->text, header->program, strlen(header->program));
	strbuf_add_str(&w->text, ",\"progver\":");
	add_name(&w->text, header->version, strlen(header->version));
	strbuf_add_format(&w->text, ",\"timestamp\":%" PRId64 "}", header->timestamp);
	return w;
}

struct ncdu_writer *ncdu_writer_free(struct ncdu_writer *w)
{
	if (w == NULL)
		return NULL;
	strbuf_release(&w->text);
	vec_release(&w->devices);
	free(w);
	return NULL;
}

const struct usage_sink *ncdu_writer_sink(struct ncdu_writer *w)
{
	return &w->sink;
}

int ncdu_writer_finish(struct ncdu_writer *w)
{
	if (!w->any)
		return -ENODATA;
	strbuf_add_str(&w->text, "]\n");
	(void)push_out(w);
	return w->err;
}
