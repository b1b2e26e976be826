/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include "cli/term.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/quote.h"
#include "base/sig.h"
#include "base/strbuf.h"
#include "base/utf8.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define NS_PER_MS     INT64_C(1000000)
#define NS_PER_S      INT64_C(1000000000)
#define INTERVAL      (200 * NS_PER_MS)
#define LINE_INTERVAL NS_PER_S
#define PATIENCE      NS_PER_S

enum { NAME_COLUMNS_MIN = 8, PERCENT_UNKNOWN = -1 };

struct progress {
	struct progress_opts opts;
	bool is_terminal;
	bool knows_osc; /* the Linux console shows it as rubbish */
	const char *columns_text;
	int64_t start;
	_Atomic int64_t due; /* when to draw next; the thread that moves it draws */

	pthread_mutex_t lock; /* for all below, and for the order of writes */
	int64_t last_time;
	uint64_t last_done;
	uint64_t rate; /* in 1000 seconds, smoothed */
	bool has_rate;
	bool is_drawn;
	bool told_taskbar;
	int told_percent;
	struct strbuf line;
};

static int64_t now(const struct progress *p)
{
	return p->opts.now != NULL ? p->opts.now(p->opts.user) : clock_now();
}

static int64_t first_due(const struct progress *p)
{
	switch (p->opts.when) {
	case PROGRESS_ALWAYS:
		return p->start;
	case PROGRESS_AUTO:
		return p->is_terminal ? p->start + PATIENCE : INT64_MAX;
	case PROGRESS_NEVER:
		break;
	}
	return INT64_MAX;
}

struct progress *progress_new(const struct progress_opts *opts)
{
	struct progress *p = mem_alloc_zeroed(sizeof(*p));
	struct term_env env = term_env();
	bool is_dumb = env.term == NULL || env.term[0] == '\0' || strcmp(env.term, "dumb") == 0;

	p->opts = *opts;
	p->is_terminal = !is_dumb && term_is_tty(opts->fd);
	p->knows_osc = !is_dumb && strcmp(env.term, "linux") != 0;
	p->columns_text = env.columns;
	p->start = now(p);
	p->last_time = p->start;
	p->told_percent = PERCENT_UNKNOWN;
	atomic_init(&p->due, first_due(p));
	(void)pthread_mutex_init(&p->lock, NULL);
	return p;
}

static void write_line(struct progress *p)
{
	int saved = errno;

	/* A terminal that takes only half of it gets the rest the next time. */
	if (write(p->opts.fd, strbuf_str(&p->line), p->line.len) < 0)
		errno = saved;
	strbuf_clear(&p->line);
}

static void add_taskbar(struct progress *p, int percent)
{
	if (!p->knows_osc || (p->told_taskbar && percent == p->told_percent))
		return;
	if (percent == PERCENT_UNKNOWN)
		strbuf_add_str(&p->line, "\033]9;4;3;0\033\\");
	else
		strbuf_add_format(&p->line, "\033]9;4;1;%d\033\\", percent);
	p->told_taskbar = true;
	p->told_percent = percent;
}

static void add_erase(struct progress *p)
{
	if (p->is_drawn)
		strbuf_add_str(&p->line, "\r\033[K");
	p->is_drawn = false;
}

struct progress *progress_free(struct progress *p)
{
	if (p == NULL)
		return NULL;
	add_erase(p);
	if (p->told_taskbar)
		strbuf_add_str(&p->line, "\033]9;4;0;0\033\\");
	if (p->line.len != 0)
		write_line(p);
	strbuf_release(&p->line);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
	return NULL;
}

void progress_clear(struct progress *p)
{
	(void)pthread_mutex_lock(&p->lock);
	add_erase(p);
	if (p->line.len != 0)
		write_line(p);
	(void)pthread_mutex_unlock(&p->lock);
}

static void add_amount(struct strbuf *b, const struct progress *p, uint64_t amount)
{
	if (p->opts.unit == NULL)
		human_add_bytes(b, amount);
	else
		strbuf_add_u64(b, amount);
}

/* Four parts of what was, one of what is: steady, and right again after a few seconds. */
static void update_rate(struct progress *p, uint64_t done, int64_t time)
{
	uint64_t ms = (uint64_t)((time - p->last_time) / NS_PER_MS);
	uint64_t step = done > p->last_done ? done - p->last_done : 0;
	uint64_t current;

	if (ms == 0)
		return;
	current = num_mul_sat(step, 1000000, NULL) / ms;
	p->rate = p->has_rate ? p->rate - p->rate / 5 + current / 5 : current;
	p->has_rate = true;
	p->last_time = time;
	p->last_done = done;
}

static int percent_of(uint64_t done, uint64_t total)
{
	if (total == 0)
		return PERCENT_UNKNOWN;
	if (done >= total)
		return 100;
	return (int)(done <= UINT64_MAX / 100 ? done * 100 / total : done / (total / 100));
}

static void add_time_left(struct progress *p, uint64_t done, uint64_t total)
{
	uint64_t seconds;

	if (p->rate == 0 || done >= total)
		return;
	seconds = num_mul_sat(total - done, 1000, NULL) / p->rate;
	if (seconds > (uint64_t)(INT64_MAX / NS_PER_S))
		return;
	strbuf_add_str(&p->line, ", ");
	human_add_duration(&p->line, (int64_t)seconds * NS_PER_S);
	strbuf_add_str(&p->line, " left");
}

/* "45%, 1.2G of 2.7G, 120M/s, 13s left" */
static void add_numbers(struct progress *p, uint64_t done, uint64_t total, int percent)
{
	if (percent != PERCENT_UNKNOWN)
		strbuf_add_format(&p->line, "%d%%, ", percent);
	add_amount(&p->line, p, done);
	if (total != 0) {
		strbuf_add_str(&p->line, " of ");
		add_amount(&p->line, p, total);
	}
	if (p->opts.unit != NULL) {
		strbuf_add_char(&p->line, ' ');
		strbuf_add_str(&p->line, p->opts.unit);
	}
	if (p->has_rate) {
		strbuf_add_str(&p->line, ", ");
		add_amount(&p->line, p, p->rate / 1000);
		strbuf_add_str(&p->line, "/s");
	}
	if (total != 0)
		add_time_left(p, done, total);
}

/* The end of the name, which says most, in what is left of the line. */
static void add_name(struct progress *p, const char *name, size_t room)
{
	AUTO_RELEASE_STRBUF struct strbuf quoted = { 0 };
	const char *text;
	size_t len, columns;

	quote_shell(&quoted, name, strlen(name));
	text = strbuf_str(&quoted);
	len = quoted.len;
	columns = utf8_columns(text, len);
	if (room < NAME_COLUMNS_MIN)
		return;
	strbuf_add_str(&p->line, "  ");
	room -= 2;
	if (columns > room) {
		strbuf_add_str(&p->line, "...");
		room -= 3;
	}
	while (columns > room) {
		size_t n;
		int32_t cp = utf8_decode(text, len, &n);

		columns -= cp < 0 ? 1 : (size_t)utf8_width(cp);
		text += n;
		len -= n;
	}
	strbuf_add(&p->line, text, len);
}

/* Another job may own the terminal: a stopped or background one keeps silent. */
static bool is_in_background(const struct progress *p)
{
	int saved = errno;
	pid_t group = tcgetpgrp(p->opts.fd);

	errno = saved;
	return group > 0 && group != getpgrp();
}

static void draw_status(struct progress *p, uint64_t done, uint64_t total, const char *name)
{
	/* The last column stays free: a full line would wrap. */
	size_t room = term_columns(p->opts.fd, p->columns_text) - 1;
	int percent = percent_of(done, total);
	size_t start, columns;

	if (is_in_background(p))
		return;
	add_taskbar(p, percent);
	strbuf_add_char(&p->line, '\r');
	start = p->line.len;
	add_numbers(p, done, total, percent);
	columns = utf8_columns(p->line.data + start, p->line.len - start);
	if (columns > room)
		strbuf_truncate(&p->line, start + room);
	else if (name != NULL)
		add_name(p, name, room - columns);
	strbuf_add_str(&p->line, "\033[K");
	p->is_drawn = true;
	write_line(p);
}

/* A line that stays, with the program's name. */
static void print_line(struct progress *p, uint64_t done, uint64_t total, const char *name)
{
	add_erase(p);
	strbuf_add_str(&p->line, p->opts.program);
	strbuf_add_str(&p->line, ": ");
	add_numbers(p, done, total, percent_of(done, total));
	if (name != NULL) {
		strbuf_add_str(&p->line, "  ");
		quote_shell(&p->line, name, strlen(name));
	}
	strbuf_add_char(&p->line, '\n');
	write_line(p);
}

void progress_tick(struct progress *p, uint64_t done, uint64_t total, const char *name)
{
	bool is_asked = sig_take_report();
	int64_t due = atomic_load_explicit(&p->due, memory_order_relaxed);
	int64_t time;
	bool is_due;

	if (due == INT64_MAX && !is_asked)
		return;
	time = now(p);
	is_due = time >= due &&
	         atomic_compare_exchange_strong(&p->due, &due,
	                                        time + (p->is_terminal ? INTERVAL : LINE_INTERVAL));
	if (!is_due && !is_asked)
		return;
	(void)pthread_mutex_lock(&p->lock);
	update_rate(p, done, time);
	if (is_asked)
		print_line(p, done, total, name);
	if (is_due && p->is_terminal)
		draw_status(p, done, total, name);
	else if (is_due && !is_asked)
		print_line(p, done, total, name);
	(void)pthread_mutex_unlock(&p->lock);
}
