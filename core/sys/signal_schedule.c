/* SPDX-License-Identifier: MIT */
#include "sys/signal_schedule.h"

#include "base/human.h"
#include "sys/signal_names.h"

#include <errno.h>
#include <signal.h>

enum { PART_MAX = 64 };

static int refuse(struct text_error *reterr, int err, const char *reason, size_t offset, size_t len)
{
	*reterr = (struct text_error){ .reason = reason, .offset = offset, .len = len };
	return err;
}

/* The text up to the next slash; its length, or 0 when it is empty or longer than any part. */
static size_t copy_part(const char *text, char part[PART_MAX])
{
	size_t len = strcspn(text, "/");

	if (len >= PART_MAX)
		return 0;
	memcpy(part, text, len);
	part[len] = '\0';
	return len;
}

/* One signal and, when there is one, the time behind it; the offset moves on. */
static int parse_step(const char *text, size_t *at, struct signal_step *ret,
                      struct text_error *reterr)
{
	char part[PART_MAX];
	size_t len = copy_part(text + *at, part);
	int r;

	*ret = (struct signal_step){ 0 };
	if (len == 0 || signal_parse(part, &ret->signo) < 0 || ret->signo == 0)
		return refuse(reterr, -EINVAL, "expected a signal", *at, strcspn(text + *at, "/"));
	*at += len;
	if (text[*at] == '\0')
		return 0;
	++*at;
	len = copy_part(text + *at, part);
	if (len == 0)
		return refuse(reterr, -EINVAL, "expected a duration", *at,
		              strcspn(text + *at, "/"));
	if (strcmp(part, "infinity") == 0 || strcmp(part, "forever") == 0) {
		ret->wait_ns = SIGNAL_WAIT_FOREVER;
		r = 0;
	} else {
		r = human_parse_duration(part, &ret->wait_ns, reterr);
	}
	if (r < 0) {
		reterr->offset += *at;
		return r;
	}
	*at += len;
	if (text[*at] == '/')
		++*at;
	else
		return 0;
	if (text[*at] == '\0')
		return refuse(reterr, -EINVAL, "expected a signal", *at, 0);
	return 0;
}

int signal_schedule_parse(const char *text, struct signal_schedule *ret, struct text_error *reterr)
{
	struct signal_schedule schedule = { 0 };
	size_t at = 0;

	do {
		int r;

		if (schedule.len == SIGNAL_STEPS_MAX)
			return refuse(reterr, -ERANGE, "too many steps", at, strlen(text + at));
		r = parse_step(text, &at, &schedule.steps[schedule.len++], reterr);
		if (r < 0)
			return r;
	} while (text[at] != '\0');
	*ret = schedule;
	return 0;
}

void signal_schedule_set(struct signal_schedule *ret, int signo, int64_t kill_after_ns)
{
	*ret = (struct signal_schedule){ .len = 1, .steps = { { signo, kill_after_ns } } };
	if (kill_after_ns > 0)
		ret->steps[ret->len++] = (struct signal_step){ SIGKILL, 0 };
}
