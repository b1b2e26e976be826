/* SPDX-License-Identifier: MIT */
#include "base/ere.h"

#include "base/mem.h"

#include <errno.h>
#include <regex.h>

enum { REASON_MAX = 256 };

struct ere {
	unsigned flags;
	char *literal; /* owned; NULL: `compiled` is used */
	size_t literal_len;
	regex_t compiled;
};

/* Characters that mean more than themselves in an extended expression. */
static bool is_literal(const char *pattern)
{
	return pattern[strcspn(pattern, ".[]()*+?{}|^$\\")] == '\0';
}

/* ^(PATTERN)$, so that alternatives are all held to the ends. */
static int compile(const char *pattern, unsigned flags, regex_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf whole = { 0 };
	int cflags = REG_EXTENDED | REG_NOSUB;

	if ((flags & ERE_FOLD_CASE) != 0)
		cflags |= REG_ICASE;
	if ((flags & ERE_WHOLE) == 0)
		return regcomp(ret, pattern, cflags);
	strbuf_add_format(&whole, "^(%s)$", pattern);
	return regcomp(ret, strbuf_str(&whole), cflags);
}

int ere_new(const char *pattern, unsigned flags, struct ere **ret, struct strbuf *reterr)
{
	struct ere *e = mem_alloc_zeroed(sizeof(*e));
	int r;

	e->flags = flags;
	if (is_literal(pattern)) {
		e->literal_len = strlen(pattern);
		e->literal = mem_strndup(pattern, e->literal_len);
		*ret = e;
		return 0;
	}
	r = compile(pattern, flags, &e->compiled);
	if (r != 0) {
		char reason[REASON_MAX];

		(void)regerror(r, &e->compiled, reason, sizeof(reason));
		strbuf_add_str(reterr, reason);
		free(e);
		return -EINVAL;
	}
	*ret = e;
	return 0;
}

struct ere *ere_free(struct ere *e)
{
	if (e == NULL)
		return NULL;
	if (e->literal == NULL)
		regfree(&e->compiled);
	free(e->literal);
	free(e);
	return NULL;
}

bool ere_matches(const struct ere *e, const char *text, size_t len)
{
	bool folds = (e->flags & ERE_FOLD_CASE) != 0;

	if (e->literal == NULL)
		return regexec(&e->compiled, text, 0, NULL, 0) == 0;
	if ((e->flags & ERE_WHOLE) != 0)
		return len == e->literal_len &&
		       (folds ? strcasecmp(text, e->literal) : strcmp(text, e->literal)) == 0;
	if (folds)
		return strcasestr(text, e->literal) != NULL;
	return memmem(text, len, e->literal, e->literal_len) != NULL;
}

bool ere_is_literal(const struct ere *e)
{
	return e->literal != NULL;
}
