/* SPDX-License-Identifier: MIT */
/* Trying again: which ends are worth it, and after how long. The lock is held all the time. */
#include "run.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/num.h"

#include <sys/random.h>

enum { MILLION = 1000000, NS_PER_S = 1000000000 };

/* A,B,C: each before one attempt, the last before all others. */
static int parse_delays(struct run *r)
{
	const char *text = r->opts->delay;
	size_t at = 0;

	if (text == NULL) {
		vec_push(&r->delays, (int64_t)NS_PER_S);
		return 0;
	}
	for (;;) {
		size_t len = strcspn(text + at, ",");
		AUTO_FREE_STR char *word = mem_strndup(text + at, len);
		struct text_error where = { 0 };
		int64_t delay = 0;

		if (human_parse_duration(word, &delay, &where) < 0) {
			where.offset += at;
			return diag_caret(r->ctx->diag, "bad value for --delay", text, &where);
		}
		vec_push(&r->delays, delay);
		if (text[at + len] == '\0')
			return 0;
		at += len + 1;
	}
}

/* 0.3 or 30% */
static int parse_jitter(struct run *r)
{
	const char *text = r->opts->jitter;
	double value = 0;
	size_t len = 0;

	if (text == NULL)
		return 0;
	if (num_scan_real(text, &value, &len) < 0)
		len = 0;
	if (len > 0 && strcmp(text + len, "%") == 0)
		value /= 100;
	else if (text[len] != '\0')
		len = 0;
	if (len == 0 || !(value >= 0 && value <= 1))
		return diag_usage(r->ctx->diag, "invalid --jitter: a part from 0 to 1, or 30%%");
	r->jitter = (uint64_t)(value * MILLION);
	return 0;
}

int retry_prepare(struct run *r)
{
	int status = parse_delays(r);

	if (status == 0 && r->delays.len > 1 && r->opts->backoff != BACKOFF_DEFAULT)
		return diag_usage(r->ctx->diag, "--backoff is for a single --delay");
	return status == 0 ? parse_jitter(r) : status;
}

/* Of the delay before attempt `next` (2 is the first repetition). */
static int64_t delay_before(const struct run *r, uint64_t next)
{
	const struct run_opts *opts = r->opts;
	int64_t delay = r->delays.items[0];

	if (r->delays.len > 1)
		return r->delays.items[next - 2 < r->delays.len ? next - 2 : r->delays.len - 1];
	for (uint64_t i = 2; i < next && opts->backoff != BACKOFF_NONE; i++) {
		int64_t more = opts->backoff == BACKOFF_LINEAR ? r->delays.items[0] : delay;

		if (__builtin_add_overflow(delay, more, &delay))
			delay = INT64_MAX;
		if (delay >= opts->max_delay || more == 0)
			break;
	}
	return delay;
}

static int64_t limited(const struct run *r, int64_t delay)
{
	return delay < r->opts->max_delay ? delay : r->opts->max_delay;
}

/* So that many that failed together do not come back together. */
static int64_t shaken(const struct run *r, int64_t delay)
{
	int64_t part = delay / MILLION * (int64_t)r->jitter +
	               delay % MILLION * (int64_t)r->jitter / MILLION;
	uint64_t any = 0;

	if (part == 0 || getrandom(&any, sizeof(any), 0) != (ssize_t)sizeof(any))
		return delay;
	delay -= part;
	any %= (uint64_t)part + 1;
	/* Twice, so that the sum of no two numbers is too large. */
	for (int i = 0; i < 2; i++)
		delay = delay > INT64_MAX - (int64_t)any ? INT64_MAX : delay + (int64_t)any;
	return delay;
}

static bool is_worth_it(const struct run *r)
{
	const struct outcome *o = &r->outcome;

	if (r->stop_signal != 0 || r->abandoned || o->total_over ||
	    r->attempts > (uint64_t)r->opts->retries)
		return false;
	if (r->opts->no_retry_on != NULL && code_set_has(&r->no_retry_on, o))
		return false;
	if (r->opts->retry_on != NULL)
		return code_set_has(&r->retry_on, o);
	return o->code != 0;
}

static int wait_before_next(struct run *r)
{
	int64_t now = clock_now();
	int64_t delay = limited(r, shaken(r, limited(r, delay_before(r, r->attempts + 1))));
	int64_t until = delay < INT64_MAX - now ? now + delay : INT64_MAX;

	if (r->opts->verbose)
		diag_warn(r->ctx->diag, NULL, "attempt %llu of %llu: status %d, again in %lld ms",
		          (unsigned long long)r->attempts, (unsigned long long)r->opts->retries + 1,
		          r->outcome.code, (long long)(delay / 1000000));
	/* Over before the next could begin: it is over now. */
	if (r->total_at != 0 && until >= r->total_at) {
		r->outcome.total_over = true;
		r->outcome.timed_out = true;
		r->outcome.code = CODE_TIMED_OUT;
		until = r->total_at;
	}
	return keep_sleep(r, until);
}

int run_attempts(struct run *r)
{
	for (;;) {
		int err;

		r->attempts++;
		launch_set_attempt(r);
		err = keep_attempt(r);
		if (err < 0)
			return err;
		if (!is_worth_it(r))
			return 0;
		err = wait_before_next(r);
		if (err < 0 || !is_worth_it(r))
			return err;
	}
}
