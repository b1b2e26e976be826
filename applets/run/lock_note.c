/* SPDX-License-Identifier: MIT */
/* The line in a lock file: {"record":"item","pid":1,"id":"1@2","started":3.5,"argv":["a"]}. */
#include "lock.h"

#include "base/clock.h"
#include "base/json_reader.h"
#include "base/num.h"
#include "sys/proc_ref.h"
#include "sys/procfs.h"

#include <errno.h>
#include <fcntl.h>

enum { NOTE_MAX = 128 * 1024, ID_MAX = 64, DEPTH_MAX = 8, DECIMAL_DIGITS_MAX = 20 };

enum { NOTE_PID, NOTE_ID, NOTE_STARTED, NOTE_ARGV };

static const struct column note_columns[] = {
	[NOTE_PID] = { "pid", COLUMN_COUNT, "the process that holds the lock" },
	[NOTE_ID] = { "id", COLUMN_TEXT, "that process and no other of the number: PID@START" },
	[NOTE_STARTED] = { "started", COLUMN_TIME, "when it took the lock" },
	[NOTE_ARGV] = { "argv", COLUMN_NAMES, "the words of the command" },
};

const struct column_table run_lock_table = { note_columns, ARRAY_LEN(note_columns) };

static bool write_note(const struct run *r, const struct record *note)
{
	int copy = fcntl(r->lock, F_DUPFD_CLOEXEC, 3);
	struct out *out;
	bool fits;

	if (copy < 0)
		return false;
	out = out_new(copy);
	out_begin(out, &(struct out_opts){ .json = true });
	out_emit(out, note);
	fits = out_finish(out) == 0;
	out_free(out);
	return fits;
}

/* A note that cannot be written is missed by nobody who gets the lock. */
void run_lock_note(const struct run *r)
{
	AUTO_RELEASE_STRBUF struct strbuf words = { 0 };
	AUTO_CLOSE int proc = procfs_open();
	struct process_ref self = { 0 };
	struct record note;
	char id[ID_MAX];

	if (r->opts->shared || r->lock < 0)
		return;
	if (proc < 0 || process_look(proc, getpid(), &self) < 0)
		self.start = 0;
	(void)snprintf(id, sizeof(id), "%d@%llu", (int)getpid(), (unsigned long long)self.start);
	for (char **at = r->lock_words; *at != NULL; at++)
		strbuf_add(&words, *at, strlen(*at) + 1);
	record_begin(&note, "item", &run_lock_table);
	record_u64(&note, NOTE_PID, (uint64_t)getpid());
	record_name(&note, NOTE_ID, id);
	record_time(&note, NOTE_STARTED, clock_wall());
	record_names(&note, NOTE_ARGV, words.data, words.len);
	if (ftruncate(r->lock, 0) < 0 || lseek(r->lock, 0, SEEK_SET) < 0 || !write_note(r, &note))
		ignore(ftruncate(r->lock, 0));
}

struct file_reader {
	int fd;
	off_t at;
};

static ssize_t read_note(void *user, void *buffer, size_t size)
{
	struct file_reader *f = user;
	ssize_t n = pread(f->fd, buffer, size, f->at);

	if (n < 0)
		return -errno;
	f->at += n;
	return f->at > NOTE_MAX ? -EFBIG : n;
}

/* PID@START */
static bool parse_id(const char *text, struct lock_holder *ret)
{
	struct proc_id id;

	if (proc_id_parse(text, &id) < 0 || !id.has_start)
		return false;
	ret->pid = id.pid;
	ret->start = id.start_ticks;
	return true;
}

/* Whole seconds are enough for people. */
static void parse_time(const struct json_token *token, struct lock_holder *ret)
{
	size_t len = 0;
	char digits[DECIMAL_DIGITS_MAX + 1];
	uint64_t seconds;

	while (len < token->len && len < DECIMAL_DIGITS_MAX && token->text[len] >= '0' &&
	       token->text[len] <= '9') {
		digits[len] = token->text[len];
		len++;
	}
	digits[len] = '\0';
	if (num_parse_u64(digits, &seconds) == 0 && seconds <= INT64_MAX)
		ret->started.tv_sec = (time_t)seconds;
}

/* The value of a key that is known; another is passed over. */
static int read_value(struct json_reader *reader, int column, struct lock_holder *ret, bool *ret_id)
{
	struct json_token token;
	int err = json_reader_next(reader, &token);

	if (err < 0)
		return err;
	if (column == NOTE_ID && token.event == JSON_STRING)
		*ret_id = parse_id(token.text, ret);
	else if (column == NOTE_STARTED && token.event == JSON_NUMBER)
		parse_time(&token, ret);
	else if (column == NOTE_ARGV && token.event == JSON_ARRAY_BEGIN)
		while ((err = json_reader_next(reader, &token)) == 0 && token.event == JSON_STRING)
			strbuf_add(&ret->words, token.text, strlen(token.text) + 1);
	else
		return -EINVAL;
	return err;
}

static int find_column(const struct json_token *key)
{
	for (int i = 0; i < (int)ARRAY_LEN(note_columns); i++) {
		if (strcmp(note_columns[i].name, key->text) == 0)
			return i;
	}
	return -1;
}

static int read_object(struct json_reader *reader, struct lock_holder *ret)
{
	struct json_token token;
	bool has_id = false;
	int err = json_reader_next(reader, &token);

	if (err < 0 || token.event != JSON_OBJECT_BEGIN)
		return -EINVAL;
	while ((err = json_reader_next(reader, &token)) == 0 && token.event == JSON_KEY) {
		int column = find_column(&token);

		err = column == NOTE_ID || column == NOTE_STARTED || column == NOTE_ARGV
		              ? read_value(reader, column, ret, &has_id)
		              : json_reader_skip(reader);
		if (err < 0)
			return err;
	}
	return err == 0 && has_id ? 0 : -EINVAL;
}

int lock_note_read(int fd, struct lock_holder *ret)
{
	struct file_reader file = { .fd = fd };
	const struct json_source source = {
		.read = read_note, .user = &file, .depth_max = DEPTH_MAX, .string_max = NOTE_MAX
	};
	AUTO_FREE(json_reader) struct json_reader *reader = json_reader_new(&source);
	struct lock_holder holder = { .pid = 0 };

	if (read_object(reader, &holder) < 0) {
		strbuf_release(&holder.words);
		return -EINVAL;
	}
	*ret = holder;
	return 0;
}
