/* SPDX-License-Identifier: MIT */
/* Sets of exit statuses: 1,101-103,SIGSEGV,timeout. */
#include "run.h"

#include "base/num.h"

#include <errno.h>
#include <sys/wait.h>

enum { WORD_MAX = 32, CODE_MAX = 255 };

static int refuse(struct text_error *reterr, size_t at, size_t len)
{
	*reterr = (struct text_error){
		.reason = "expected a status from 0 to 255, a range, a signal or timeout",
		.offset = at,
		.len = len
	};
	return -EINVAL;
}

static bool add_range(struct code_set *set, char *word)
{
	char *dash = strchr(word, '-');
	uint64_t low, high;

	if (dash != NULL)
		*dash = '\0';
	if (num_parse_u64(word, &low) < 0)
		return false;
	high = low;
	if (dash != NULL && num_parse_u64(dash + 1, &high) < 0)
		return false;
	if (low > high || high > CODE_MAX)
		return false;
	for (uint64_t i = low; i <= high; i++)
		set->codes[i] = true;
	return true;
}

static bool add_word(struct code_set *set, char *word)
{
	int signo;

	if (strcmp(word, "timeout") == 0) {
		set->timeout = true;
		return true;
	}
	if (*word >= '0' && *word <= '9')
		return add_range(set, word);
	if (signal_parse(word, &signo) < 0 || signo == 0)
		return false;
	set->signals[signo] = true;
	return true;
}

int code_set_parse(const char *text, struct code_set *ret, struct text_error *reterr)
{
	struct code_set set = { 0 };
	size_t at = 0;

	for (;;) {
		size_t len = strcspn(text + at, ",");
		char word[WORD_MAX];

		if (len == 0 || len >= sizeof(word))
			return refuse(reterr, at, len);
		memcpy(word, text + at, len);
		word[len] = '\0';
		if (!add_word(&set, word))
			return refuse(reterr, at, len);
		if (text[at + len] == '\0')
			break;
		at += len + 1;
	}
	*ret = set;
	return 0;
}

bool code_set_has(const struct code_set *set, const struct outcome *outcome)
{
	if (outcome->timed_out)
		return set->timeout;
	if (outcome->started && WIFSIGNALED(outcome->wait_status))
		return set->signals[WTERMSIG(outcome->wait_status)] || set->codes[outcome->code];
	return set->codes[outcome->code];
}
