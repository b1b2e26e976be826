/* SPDX-License-Identifier: MIT */
/*
 * A dialogue with a command at a terminal of its own: steps that wait until what it has shown
 * matches, and steps that type a line, in the order they were given.
 */
#include "dialogue.h"

#include "output.h"

#include "base/clock.h"
#include "base/ere.h"
#include "base/human.h"

#include <errno.h>

/* How much of what was shown and not yet matched is looked at. */
enum { SEEN_MAX = 64 * 1024, DEFAULT_WAIT_S = 10, NS_PER_S = 1000000000 };

struct step {
	const char *text;     /* what was given */
	struct ere *expected; /* NULL: the text is typed */
};

struct dialogue {
	struct run *r;
	struct steps {
		VEC_FIELDS(struct step);
	} steps;
	size_t at; /* the step that is waited for */
	struct strbuf seen;
	int64_t wait; /* nanoseconds; 0: for ever */
	struct event_timer timer;
	bool is_late;
};

static void on_late(void *user)
{
	struct dialogue *d = user;

	d->is_late = true;
}

static int add_step(struct dialogue *d, const struct tagged_str *given)
{
	AUTO_RELEASE_STRBUF struct strbuf reason = { 0 };
	struct step step = { .text = given->text };

	if (given->tag == DIALOGUE_EXPECT && ere_new(given->text, 0, &step.expected, &reason) < 0)
		return diag_usage(d->r->ctx->diag, "invalid argument for --expect: %s",
		                  strbuf_str(&reason));
	vec_push(&d->steps, step);
	return 0;
}

static int parse_wait(struct dialogue *d)
{
	const char *text = d->r->opts->expect_timeout;
	struct text_error where;

	d->wait = (int64_t)DEFAULT_WAIT_S * NS_PER_S;
	if (text == NULL)
		return 0;
	if (strcmp(text, "infinity") == 0 || strcmp(text, "inf") == 0)
		d->wait = 0;
	else if (human_parse_duration(text, &d->wait, &where) < 0)
		return diag_caret(d->r->ctx->diag, "bad value for --expect-timeout", text, &where);
	return 0;
}

int dialogue_prepare(struct run *r)
{
	const struct tagged_strv *given = &r->opts->dialogue;
	struct dialogue *d;
	int status;

	if (given->len == 0)
		return r->opts->expect_timeout == NULL
		               ? 0
		               : diag_usage(r->ctx->diag, "--expect-timeout needs --expect");
	d = mem_alloc_zeroed(sizeof(*d));
	r->dialogue = d;
	d->r = r;
	d->timer = (struct event_timer){ .expire = on_late, .user = d };
	status = parse_wait(d);
	for (size_t i = 0; i < given->len && status == 0; i++)
		status = add_step(d, &given->items[i]);
	return status;
}

struct dialogue *dialogue_free(struct dialogue *d)
{
	if (d == NULL)
		return NULL;
	for (size_t i = 0; i < d->steps.len; i++)
		(void)ere_free(d->steps.items[i].expected);
	vec_release(&d->steps);
	strbuf_release(&d->seen);
	free(d);
	return NULL;
}

static bool matches(const struct dialogue *d, size_t len)
{
	AUTO_FREE_STR char *text = mem_strndup(strbuf_str(&d->seen), len);

	return ere_matches(d->steps.items[d->at].expected, text, len);
}

/* Takes what was shown up to the end of the first match away. False: there is none. */
static bool take_match(struct dialogue *d)
{
	size_t low = 0, high = d->seen.len;
	size_t rest;

	if (!matches(d, high))
		return false;
	/* What begins with a match matches: the shortest of that. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (matches(d, middle))
			high = middle;
		else
			low = middle + 1;
	}
	rest = d->seen.len - high;
	if (rest > 0)
		memmove(d->seen.data, d->seen.data + high, rest);
	strbuf_truncate(&d->seen, rest);
	return true;
}

/* As far as it goes now. */
static void advance(struct dialogue *d)
{
	struct run *r = d->r;
	bool moved = false;

	for (; d->at < d->steps.len; d->at++) {
		const struct step *step = &d->steps.items[d->at];

		if (step->expected == NULL) {
			outlet_add(r->output->typed, step->text, strlen(step->text));
			outlet_add(r->output->typed, "\r", 1);
		} else if (!take_match(d)) {
			break;
		}
		moved = true;
	}
	if (d->at == d->steps.len)
		event_loop_disarm(r->loop, &d->timer);
	else if (moved && d->wait > 0)
		event_loop_arm(r->loop, &d->timer, clock_now() + d->wait);
}

void dialogue_begin(struct run *r)
{
	struct dialogue *d = r->dialogue;

	if (d == NULL)
		return;
	d->at = 0;
	d->is_late = false;
	strbuf_clear(&d->seen);
	if (d->wait > 0)
		event_loop_arm(r->loop, &d->timer, clock_now() + d->wait);
	advance(d);
}

void dialogue_see(struct run *r, const char *bytes, size_t len)
{
	struct dialogue *d = r->dialogue;
	size_t over;

	if (d == NULL || d->at == d->steps.len)
		return;
	/* A NUL would end the text that is looked at. */
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != '\0')
			strbuf_add_char(&d->seen, bytes[i]);
	}
	advance(d);
	over = d->seen.len > SEEN_MAX ? d->seen.len - SEEN_MAX : 0;
	if (over > 0) {
		memmove(d->seen.data, d->seen.data + over, SEEN_MAX);
		strbuf_truncate(&d->seen, SEEN_MAX);
	}
}

bool dialogue_is_late(const struct run *r)
{
	return r->dialogue != NULL && r->dialogue->is_late;
}

bool dialogue_end(struct run *r)
{
	struct dialogue *d = r->dialogue;

	if (d == NULL)
		return true;
	event_loop_disarm(r->loop, &d->timer);
	if (d->at == d->steps.len)
		return true;
	diag_warn(r->ctx->diag, d->steps.items[d->at].text, "%s",
	          d->is_late ? "was not seen in time" : "was not seen before the command ended");
	return false;
}
