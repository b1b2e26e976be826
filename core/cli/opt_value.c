/* SPDX-License-Identifier: MIT */
#include "cli/opt_value.h"

#include "base/human.h"
#include "base/num.h"
#include "base/quote.h"
#include "sys/signal_names.h"

#include <errno.h>

/* A row's value on its way into its field. */
struct store {
	const struct opt_hit *row;
	const struct opt *opt;
	char letter;
	const char *value;
	struct opt_error *err;
};

static void say_invalid(const struct store *s)
{
	struct strbuf *message = &s->err->message;

	strbuf_add_str(message, "invalid argument ");
	quote_shell_always(message, s->value, strlen(s->value));
	if (s->letter != '\0')
		strbuf_add_format(message, " for '-%c'", s->letter);
	else
		strbuf_add_format(message, " for '--%s'", opt_name(s->opt));
}

/* The choices once each, canonical names only. */
static void say_choices(struct opt_error *err, const struct opt_choice *choices)
{
	const char *before = "; use ";

	for (const struct opt_choice *c = choices; c->name[0] != '\0'; c++) {
		if (c != choices && c->value == c[-1].value)
			continue;
		strbuf_add_format(&err->message, "%s%s", before, c->name);
		before = ", ";
	}
}

static bool store_choice(const struct store *s, int *field)
{
	const struct opt_choice *choices = opt_choices(s->row);
	const struct opt_choice *prefix_of = NULL;
	bool ambiguous = false;
	size_t len = strlen(s->value);

	for (const struct opt_choice *c = choices; c->name[0] != '\0'; c++) {
		if (strcmp(c->name, s->value) == 0) {
			*field = c->value;
			return true;
		}
		if (len == 0 || strncmp(c->name, s->value, len) != 0)
			continue;
		if (prefix_of != NULL && prefix_of->value != c->value)
			ambiguous = true;
		prefix_of = c;
	}
	if (prefix_of != NULL && !ambiguous) {
		*field = prefix_of->value;
		return true;
	}
	say_invalid(s);
	say_choices(s->err, choices);
	return false;
}

static bool store_mark(const struct store *s, struct tagged_strv *field)
{
	int choice = 0;

	if (s->opt->takes != OPT_TAKES_NOTHING && !store_choice(s, &choice))
		return false;
	vec_push(field, (struct tagged_str){ s->opt->value + choice, s->value });
	return true;
}

static bool store_int(const struct store *s, int64_t *field)
{
	const struct opt *opt = s->opt;
	int64_t number;
	int r = num_parse_i64(s->value, &number);

	if (r == 0 && number >= opt->min && number <= opt->max) {
		*field = number;
		return true;
	}
	say_invalid(s);
	if (r == -EINVAL)
		strbuf_add_str(&s->err->message, ": not a whole number");
	else if (opt->max == INT64_MAX)
		strbuf_add_format(&s->err->message, ": it must be %lld or more",
		                  (long long)opt->min);
	else
		strbuf_add_format(&s->err->message, ": it must be from %lld to %lld",
		                  (long long)opt->min, (long long)opt->max);
	return false;
}

static bool store_signal(const struct store *s, int *field)
{
	char nearest[SIGNAL_NAME_SIZE];

	if (signal_parse(s->value, field) == 0)
		return true;
	say_invalid(s);
	strbuf_add_str(&s->err->message, ": unknown signal");
	if (signal_nearest(s->value, nearest) != NULL)
		strbuf_add_format(&s->err->message, "; did you mean %s?", nearest);
	return false;
}

static bool say_where(const struct store *s)
{
	say_invalid(s);
	strbuf_add_format(&s->err->message, ": %s", s->err->where.reason);
	s->err->text = s->value;
	return false;
}

bool opt_store(const struct opt_hit *hit, void *fields, char letter, const char *value,
               struct opt_error *reterr)
{
	const struct opt *opt = hit->opt;
	const struct store s = { hit, opt, letter, value, reterr };
	void *field = (char *)fields + hit->base + opt->offset;

	switch ((enum opt_kind)opt->kind) {
	case OPT_KIND_BOOL:
		*(bool *)field = true;
		return true;
	case OPT_KIND_SET:
		*(int *)field = opt->value;
		return true;
	case OPT_KIND_STR:
	case OPT_KIND_LAST:
		*(const char **)field = value;
		return true;
	case OPT_KIND_LIST:
	case OPT_KIND_PAIR:
	case OPT_KIND_WORDS:
		vec_push((struct strv *)field, value);
		return true;
	case OPT_KIND_TAGGED:
		vec_push((struct tagged_strv *)field, (struct tagged_str){ opt->value, value });
		return true;
	case OPT_KIND_MARK:
		return store_mark(&s, field);
	case OPT_KIND_INT:
		return store_int(&s, field);
	case OPT_KIND_SIZE:
		return human_parse_size(value, field, &reterr->where) == 0 || say_where(&s);
	case OPT_KIND_DURATION:
		return human_parse_duration(value, field, &reterr->where) == 0 || say_where(&s);
	case OPT_KIND_CHOICE:
		return store_choice(&s, field);
	case OPT_KIND_SIGNAL:
		return store_signal(&s, field);
	case OPT_KIND_EXPAND:
	case OPT_KIND_ALIAS:
	case OPT_KIND_HEADING:
	case OPT_KIND_SHARED:
		break;
	}
	return true;
}
