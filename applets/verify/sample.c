/* SPDX-License-Identifier: MIT */
/* --sample=P%: of which files the content is read. */
#include "verify.h"

#include <sys/random.h>
#include <time.h>

enum { DECIMALS = 4, WHOLE = 1000000 /* 100 % */ };

/* 0.0001 to 100 with up to four decimals, and perhaps a percent sign. In parts of WHOLE; 0: none.
 */
static uint64_t read_share(const char *text)
{
	const size_t whole = strspn(text, "0123456789");
	const char *rest = text + whole;
	size_t decimals = 0;
	uint64_t share = 0;

	if (whole == 0 || whole > 3)
		return 0;
	if (*rest == '.') {
		decimals = strspn(++rest, "0123456789");
		if (decimals == 0 || decimals > DECIMALS)
			return 0;
		rest += decimals;
	}
	if (strcmp(rest, "%") != 0 && *rest != '\0')
		return 0;
	for (size_t i = 0; i < whole; i++)
		share = share * 10 + (uint64_t)(text[i] - '0');
	for (size_t i = 0; i < DECIMALS; i++)
		share = share * 10 + (i < decimals ? (uint64_t)(text[whole + 1 + i] - '0') : 0);
	return share <= WHOLE ? share : 0;
}

int sample_begin(struct diag *d, const char *text, struct sample *ret)
{
	struct timespec now;

	if (text == NULL)
		return 0;
	ret->share = read_share(text);
	if (ret->share == 0)
		return diag_caret(d, "--sample", text,
		                  &(struct text_error){ "expected a percentage: more than 0, at "
		                                        "most 100, with up to four decimals",
		                                        0, strlen(text) });
	if (getrandom(&ret->state, sizeof(ret->state), 0) != sizeof(ret->state)) {
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		ret->state = (uint64_t)now.tv_nsec;
	}
	return 0;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

bool sample_leaves_unread(struct sample *s)
{
	return s->share != 0 && draw(&s->state) % WHOLE >= s->share;
}
