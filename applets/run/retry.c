/* SPDX-License-Identifier: MIT */
/* Trying again: which ends are worth it, and after how long. The lock is held all the time. */
#include "run.h"

#include "base/clock.h"

/* Of the delay before attempt `next` (2 is the first repetition). */
static int64_t delay_before(const struct run_opts *opts, uint64_t next)
{
	int64_t delay = opts->delay;

	for (uint64_t i = 2; i < next && opts->backoff != BACKOFF_NONE; i++) {
		int64_t more = opts->backoff == BACKOFF_EXP ? delay : opts->delay;

		if (__builtin_add_overflow(delay, more, &delay))
			delay = INT64_MAX;
		if (delay >= opts->max_delay)
			break;
	}
	return delay < opts->max_delay ? delay : opts->max_delay;
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
	int64_t delay = delay_before(r->opts, r->attempts + 1);
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
