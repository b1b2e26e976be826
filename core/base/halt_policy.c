/* SPDX-License-Identifier: MIT */
#include "base/halt_policy.h"

#include "base/num.h"

#include <errno.h>
#include <string.h>

enum { NUMBER_SIZE = 24, PERCENT_ALL = 100 };

static int refuse(struct text_error *reterr, size_t at, size_t len, const char *reason)
{
	*reterr = (struct text_error){ .reason = reason, .offset = at, .len = len };
	return -EINVAL;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncmp(text, word, len) == 0;
}

static bool parse_when(const char *text, size_t len, enum halt_when *ret)
{
	if (is_word(text, len, "now"))
		*ret = HALT_NOW;
	else if (is_word(text, len, "soon"))
		*ret = HALT_SOON;
	else
		return false;
	return true;
}

static bool parse_what(const char *text, size_t len, enum halt_what *ret)
{
	if (is_word(text, len, "fail"))
		*ret = HALT_FAIL;
	else if (is_word(text, len, "success"))
		*ret = HALT_SUCCESS;
	else if (is_word(text, len, "done"))
		*ret = HALT_DONE;
	else
		return false;
	return true;
}

static bool parse_number(const char *text, struct halt_policy *ret)
{
	char number[NUMBER_SIZE];
	size_t len = strlen(text);

	ret->is_percent = len > 0 && text[len - 1] == '%';
	len -= ret->is_percent ? 1 : 0;
	if (len == 0 || len >= sizeof(number))
		return false;
	memcpy(number, text, len);
	number[len] = '\0';
	if (num_parse_u64(number, &ret->n) < 0 || ret->n == 0)
		return false;
	return !ret->is_percent || ret->n <= PERCENT_ALL;
}

int halt_policy_parse(const char *text, struct halt_policy *ret, struct text_error *reterr)
{
	size_t when = strcspn(text, ","), what;
	struct halt_policy policy = { .when = HALT_NEVER, .n = 1 };

	if (strcmp(text, "never") == 0) {
		*ret = policy;
		return 0;
	}
	if (!parse_when(text, when, &policy.when))
		return refuse(reterr, 0, when, "expected never, now or soon");
	if (text[when] == '\0')
		return refuse(reterr, when, 0, "expected a comma and what it depends on");
	text += when + 1;
	what = strcspn(text, "=");
	if (!parse_what(text, what, &policy.what) || text[what] != '=')
		return refuse(reterr, when + 1, what, "expected fail=, success= or done=");
	if (!parse_number(text + what + 1, &policy))
		return refuse(reterr, when + what + 2, strlen(text + what + 1),
		              "expected a number from 1 on, or up to 100%");
	*ret = policy;
	return 0;
}

bool halt_policy_is_met(const struct halt_policy *policy, const struct halt_count *count)
{
	uint64_t n = count->failed;

	if (policy->when == HALT_NEVER)
		return false;
	if (policy->what == HALT_SUCCESS)
		n = count->succeeded;
	else if (policy->what == HALT_DONE)
		n = count->failed + count->succeeded;
	if (!policy->is_percent)
		return n >= policy->n;
	return count->total > 0 && n > 0 &&
	       num_mul_sat(n, PERCENT_ALL, NULL) >= num_mul_sat(count->total, policy->n, NULL);
}
