/* SPDX-License-Identifier: MIT */
/*
 * Where jobs come from: lists on the command line, files, standard input, of values for a command
 * or of commands. The first list is read as it is used; of several, the last varies fastest.
 */
#include "parallel.h"

#include "base/num.h"
#include "base/word_split.h"

#include <errno.h>
#include <fcntl.h>

enum { CHAR_ESCAPES = 6 };

/* One character, or an escape as xargs -d has it. */
static int parse_delimiter(const struct parallel *p, char *ret)
{
	static const struct {
		char letter, value;
	} escapes[CHAR_ESCAPES] = { { 'n', '\n' }, { 't', '\t' }, { '0', '\0' },
		                    { 'r', '\r' }, { 'f', '\f' }, { '\\', '\\' } };
	const char *text = p->opts->delimiter;

	*ret = p->opts->null ? '\0' : '\n';
	if (text == NULL)
		return 0;
	if (text[0] != '\0' && text[1] == '\0') {
		*ret = text[0];
		return 0;
	}
	for (size_t i = 0; text[0] == '\\' && text[1] != '\0' && i < CHAR_ESCAPES; i++) {
		if (text[1] == escapes[i].letter && text[2] == '\0') {
			*ret = escapes[i].value;
			return 0;
		}
	}
	return diag_usage(p->r->ctx->diag, "--delimiter needs one character, or \\n, \\t, \\0");
}

/* A descriptor above 2: standard input may be given away before the list is read. */
static int open_list(struct parallel *p, const char *path, int *ret)
{
	bool is_stdin = strcmp(path, "-") == 0;

	*ret = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*ret >= 0)
		return 0;
	diag_warn(p->r->ctx->diag, is_stdin ? "standard input" : path, "cannot open: %s",
	          strerrordesc_np(errno));
	return CODE_PARALLEL_FAILED;
}

void feed_say(struct parallel *p, int err)
{
	struct diag *diag = p->r->ctx->diag;

	if (err == -EILSEQ)
		diag_warn(diag, p->feed.name, "item %llu holds a NUL byte; are they for --null?",
		          (unsigned long long)p->feed.seq + 1);
	else if (err == -E2BIG)
		diag_warn(diag, p->feed.name, "item %llu is longer than 2 MiB",
		          (unsigned long long)p->feed.seq + 1);
	else
		diag_warn(diag, p->feed.name, "cannot read: %s", strerrordesc_np(-err));
}

/* Nothing but blanks, or a comment: no command. */
static bool is_no_command(const char *line)
{
	line += strspn(line, " \t\r");
	return *line == '\0' || *line == '#';
}

static int load_list(struct item_reader *reader, bool is_lines, struct strings *ret)
{
	for (;;) {
		const char *item;
		size_t len;
		int r = item_reader_next(reader, &item, &len);

		if (r == -EAGAIN)
			r = item_reader_fill(reader);
		else if (r == 1 && !(is_lines && is_no_command(item)))
			vec_push(ret, mem_strndup(item, len));
		else if (r == 0)
			return 0;
		if (r < 0)
			return r;
	}
}

int feed_load(struct feed *feed)
{
	struct strings list = { 0 };

	if (feed->reads) {
		int r = load_list(&feed->reader, feed->is_lines, &list);
		feed->reads = false;
		(void)close(feed->reader.fd);
		item_reader_release(&feed->reader);
		vec_push(&feed->lists, list);
		vec_push(&feed->at, 0);
		for (size_t i = feed->lists.len - 1; i > 0; i--) {
			struct strings other = feed->lists.items[i];

			feed->lists.items[i] = feed->lists.items[i - 1];
			feed->lists.items[i - 1] = other;
		}
		if (r < 0)
			return r;
	}
	feed->total = 1;
	for (size_t i = 0; i < feed->lists.len; i++)
		feed->total = num_mul_sat(feed->total, feed->lists.items[i].len, NULL);
	return 0;
}

/* The first list is left to be read later. */
static int add_file(struct parallel *p, const char *path, char delimiter)
{
	struct feed *feed = &p->feed;
	struct item_reader reader;
	struct strings list = { 0 };
	int fd, err, status = open_list(p, path, &fd);

	if (status != 0)
		return status;
	if (!feed->reads && feed->lists.len == 0) {
		item_reader_init(&feed->reader, fd, delimiter);
		feed->reads = true;
		feed->name = strcmp(path, "-") == 0 ? "standard input" : path;
		return 0;
	}
	item_reader_init(&reader, fd, delimiter);
	err = load_list(&reader, false, &list);
	item_reader_release(&reader);
	(void)close(fd);
	vec_push(&feed->lists, list);
	vec_push(&feed->at, 0);
	if (err == 0)
		return 0;
	feed->name = path;
	feed_say(p, err);
	return CODE_PARALLEL_FAILED;
}

/* Behind the command: ::: A B ::: C D */
static void add_lists(struct feed *feed, char **words)
{
	while (*words != NULL) {
		struct strings list = { 0 };

		for (words++; *words != NULL && strcmp(*words, ":::") != 0; words++)
			vec_push(&list, mem_strdup(*words));
		vec_push(&feed->lists, list);
		vec_push(&feed->at, 0);
	}
}

static int add_sources(struct parallel *p, char **lists)
{
	const struct strv *files = &p->opts->arg_files;
	char delimiter;
	int status = parse_delimiter(p, &delimiter);

	if (status == 0 && p->opts->jobs != NULL)
		return add_file(p, p->opts->jobs, delimiter);
	for (size_t i = 0; i < files->len && status == 0; i++)
		status = add_file(p, files->items[i], delimiter);
	if (status == 0 && files->len == 0 && *lists == NULL)
		status = add_file(p, "-", delimiter);
	add_lists(&p->feed, lists);
	return status;
}

int feed_open(struct parallel *p, char **words)
{
	const struct run_opts *opts = p->r->opts;
	size_t n = 0;
	int status;

	while (words[n] != NULL && strcmp(words[n], ":::") != 0)
		n++;
	p->feed.is_lines = p->opts->jobs != NULL;
	if (p->feed.is_lines && words[0] != NULL)
		return diag_usage(p->r->ctx->diag, "with --jobs the commands are in the file");
	if (!p->feed.is_lines && n == 0)
		return diag_usage(p->r->ctx->diag, "missing command");
	status = add_sources(p, words + n);
	if (status == 0 && !p->feed.is_lines) {
		const char **command = mem_alloc_array(n, sizeof(*command));

		for (size_t i = 0; i < n; i++)
			command[i] = words[i];
		p->feed.template =
			job_template_new(command, n, opts->shell ? JOB_TEMPLATE_SHELL : 0);
		free(command);
	}
	return status;
}

void feed_release(struct feed *feed)
{
	for (size_t i = 0; i < feed->lists.len; i++) {
		for (size_t k = 0; k < feed->lists.items[i].len; k++)
			free(feed->lists.items[i].items[k]);
		vec_release(&feed->lists.items[i]);
	}
	vec_release(&feed->lists);
	vec_release(&feed->at);
	if (feed->reads && feed->reader.fd >= 0)
		(void)close(feed->reader.fd);
	item_reader_release(&feed->reader);
	strbuf_release(&feed->first);
	feed->template = job_template_free(feed->template);
}

/* Of the lists in memory: false when all were at their end and are at their begin again. */
static bool advance(struct feed *feed)
{
	for (size_t i = feed->lists.len; i-- > 0;) {
		if (++feed->at.items[i] < feed->lists.items[i].len)
			return true;
		feed->at.items[i] = 0;
	}
	return false;
}

static bool has_empty_list(const struct feed *feed)
{
	for (size_t i = 0; i < feed->lists.len; i++) {
		if (feed->lists.items[i].len == 0)
			return true;
	}
	return false;
}

/* Makes the first value of the next job the current one. As feed_next(). */
static int read_first(struct feed *feed)
{
	const char *item;
	size_t len;
	int r;

	if (feed->has_first)
		return 1;
	do {
		r = item_reader_next(&feed->reader, &item, &len);
	} while (r == 1 && feed->is_lines && is_no_command(item));
	if (r == 1) {
		strbuf_clear(&feed->first);
		strbuf_add(&feed->first, item, len);
		feed->has_first = true;
	}
	return r;
}

static void step(struct feed *feed)
{
	bool more = advance(feed);

	if (feed->reads)
		feed->has_first = more;
	else
		feed->ended = !more;
}

/* A line of --jobs: for a shell, or split. */
static void set_line(struct parallel *p, const char *line, struct job *ret)
{
	struct text_error where;

	if (p->r->opts->shell) {
		strbuf_add(&ret->words, "sh\0-c", 6);
		strbuf_add(&ret->words, line, strlen(line) + 1);
		ret->n_words = 3;
		return;
	}
	if (word_split(line, strlen(line), &ret->words, &ret->n_words, &where) == 0)
		return;
	diag_warn(p->r->ctx->diag, p->feed.name, "job %llu: %s (character %zu): %s; see --command",
	          (unsigned long long)ret->seq, where.reason, where.offset + 1, line);
	/* For the log. */
	strbuf_clear(&ret->words);
	strbuf_add(&ret->words, line, strlen(line) + 1);
	ret->n_words = 1;
	ret->is_bad = true;
}

static void set_words(struct parallel *p, uint64_t slot, const char *const *items, size_t n,
                      struct job *ret)
{
	struct job_values values = { .items = items, .len = n, .seq = ret->seq, .slot = slot };

	for (size_t i = 0; i < n; i++)
		strbuf_add(&ret->values, items[i], strlen(items[i]) + 1);
	ret->n_values = n;
	if (p->feed.is_lines && n > 0) {
		set_line(p, items[0], ret);
		return;
	}
	if (p->r->opts->shell) {
		strbuf_add(&ret->words, "sh\0-c", 6);
		ret->n_words = 2;
	}
	ret->n_words += job_template_expand(p->feed.template, &values, &ret->words);
}

int feed_next(struct parallel *p, uint64_t slot, struct job *ret)
{
	struct feed *feed = &p->feed;
	struct strv items = { 0 };
	int r = 1;

	if (feed->ended || has_empty_list(feed))
		return 0;
	if (feed->reads)
		r = read_first(feed);
	if (r != 1)
		return r;
	if (feed->reads)
		vec_push(&items, strbuf_str(&feed->first));
	for (size_t i = 0; i < feed->lists.len; i++)
		vec_push(&items, feed->lists.items[i].items[feed->at.items[i]]);
	*ret = (struct job){ .seq = ++feed->seq };
	if (!logs_have(p, ret->seq))
		set_words(p, slot, items.items, items.len, ret);
	vec_release(&items);
	step(feed);
	return 1;
}

void job_release(struct job *job)
{
	strbuf_release(&job->words);
	strbuf_release(&job->values);
	*job = (struct job){ 0 };
}
