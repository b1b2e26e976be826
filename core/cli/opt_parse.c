/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"
#include "cli/opt_value.h"
#include "cli/typo.h"

#include "base/quote.h"
#include "sys/signal_names.h"

struct operand_list {
	VEC_FIELDS(char *);
};

struct parser {
	const struct opt_request *request;
	struct opt_error *err;
	struct operand_list operands;
	char **next; /* the words not looked at yet */
	char **end;
	bool options_over;
	bool has_signal; /* a SIGNAL row was given */
};

static enum opt_outcome parse_word(struct parser *p, const char *word);

static struct opt_hit find_letter(const struct parser *p, char letter)
{
	struct opt_hit hit = opt_find_letter(p->request->table, letter);

	/* -h is --help where it does not mean human-readable. */
	if (hit.opt == NULL && letter == 'h')
		hit = (struct opt_hit){ .opt = &opt_builtin_table.opts[0],
			                .table = &opt_builtin_table };
	return hit;
}

/* A command: `value` and the words behind it, up to a semicolon that is a word of its own. */
static enum opt_outcome store_words(struct parser *p, const struct opt_hit *hit, char letter,
                                    const char *value)
{
	const struct strv *given =
		(const void *)((const char *)p->request->fields + hit->base + hit->opt->offset);

	if (given->len > 0) {
		strbuf_add_format(&p->err->message, "option '--%s' is given twice",
		                  opt_name(hit->opt));
		return OPT_WRONG;
	}
	while (value != NULL && strcmp(value, ";") != 0) {
		if (!opt_store(hit, p->request->fields, letter, value, p->err))
			return OPT_WRONG;
		value = p->next < p->end ? *p->next++ : NULL;
	}
	if (given->len == 0) {
		strbuf_add_format(&p->err->message, "option '--%s' requires a command",
		                  opt_name(hit->opt));
		return OPT_WRONG;
	}
	return OPT_PARSED;
}

static enum opt_outcome store_pair(struct parser *p, const struct opt_hit *hit, char letter,
                                   const char *value)
{
	const char *second = p->next < p->end ? *p->next++ : NULL;

	if (second == NULL) {
		strbuf_add_format(&p->err->message, "option '--%s' requires two arguments: %s",
		                  opt_name(hit->opt), opt_arg(hit->opt));
		return OPT_WRONG;
	}
	return opt_store(hit, p->request->fields, letter, value, p->err) &&
	                       opt_store(hit, p->request->fields, letter, second, p->err)
	               ? OPT_PARSED
	               : OPT_WRONG;
}

/* `letter` is how it was spelled, 0: by its long name. */
static enum opt_outcome apply(struct parser *p, const struct opt_hit *hit, char letter,
                              const char *value)
{
	if (hit->opt == &opt_builtin_table.opts[0])
		return OPT_WANTS_HELP;
	if (hit->opt == &opt_builtin_table.opts[1])
		return OPT_WANTS_VERSION;
	if (hit->opt->kind == OPT_KIND_EXPAND) {
		for (const char *word = opt_more(hit->opt); *word != '\0';
		     word += strlen(word) + 1) {
			enum opt_outcome outcome = parse_word(p, word);

			if (outcome != OPT_PARSED)
				return outcome;
		}
		return OPT_PARSED;
	}
	p->has_signal = p->has_signal || hit->opt->kind == OPT_KIND_SIGNAL;
	if (hit->opt->kind == OPT_KIND_WORDS)
		return store_words(p, hit, letter, value);
	p->options_over |= hit->opt->kind == OPT_KIND_LAST;
	if (hit->opt->kind == OPT_KIND_PAIR)
		return store_pair(p, hit, letter, value);
	return opt_store(hit, p->request->fields, letter, value, p->err) ? OPT_PARSED : OPT_WRONG;
}

/* The value of an option that needs one: what follows it, or the next word. */
static const char *take_value(struct parser *p)
{
	if (p->next == p->end)
		return NULL;
	return *p->next++;
}

static bool match_signal_row(const struct opt_hit *row, void *user)
{
	struct opt_hit *hit = user;

	if (row->opt->kind == OPT_KIND_SIGNAL && row->opt->value != 0)
		*hit = *row;
	return hit->opt == NULL;
}

/* The row that takes signals as words; `opt` is NULL when there is none. */
static struct opt_hit find_signal_row(const struct parser *p)
{
	struct opt_hit hit = { 0 };

	opt_walk(p->request->table, match_signal_row, &hit);
	return hit;
}

/* A blank among letters: in a line #!PROGRAM -x y all that follows the program is one word. */
static void say_one_word(struct parser *p, char letter)
{
	const struct opt_table *table = p->request->table;

	for (size_t i = 0; i < table->len && (letter == ' ' || letter == '\t'); i++) {
		if (table->opts[i].kind == OPT_KIND_LAST)
			strbuf_add_format(&p->err->message,
			                  "; use -%c to pass options in shebang lines",
			                  table->opts[i].letter);
	}
}

static enum opt_outcome refuse_letter(struct parser *p, const char *word, const char *at)
{
	char nearest[SIGNAL_NAME_SIZE];

	strbuf_add_str(&p->err->message, "invalid option -- ");
	quote_shell_always(&p->err->message, at, 1);
	say_one_word(p, *at);
	/* -TREM */
	if (at == word + 1 && find_signal_row(p).opt != NULL && signal_nearest(at, nearest) != NULL)
		strbuf_add_format(&p->err->message, "; did you mean '-%s'?", nearest);
	return OPT_WRONG;
}

static enum opt_outcome parse_letters(struct parser *p, const char *word)
{
	for (const char *at = word + 1; *at != '\0'; at++) {
		struct opt_hit hit = find_letter(p, *at);
		const char *value = NULL;
		bool rest_is_value = false;
		enum opt_outcome outcome;

		if (hit.opt == NULL)
			return refuse_letter(p, word, at);
		if (hit.opt->takes != OPT_TAKES_NOTHING) {
			rest_is_value = at[1] != '\0';
			if (rest_is_value)
				value = at + 1;
			else if (hit.opt->takes == OPT_MAY_TAKE_VALUE)
				value = opt_more(hit.opt);
			else
				value = take_value(p);
			if (value == NULL) {
				strbuf_add_format(&p->err->message,
				                  "option requires an argument -- '%c'", *at);
				return OPT_WRONG;
			}
		}
		outcome = apply(p, &hit, *at, value);
		if (outcome != OPT_PARSED || rest_is_value)
			return outcome;
	}
	return OPT_PARSED;
}

/* Looks for the options a shortened long name may mean. */
struct prefix {
	const struct opt_table *table;
	const char *name;
	size_t len;
	struct opt_hit hit;
	struct strbuf names;
	bool ambiguous;
};

static bool match_prefix(const struct opt_hit *row, void *user)
{
	struct prefix *x = user;
	struct opt_hit hit = *row;
	const char *name = opt_name(row->opt);

	if (name[0] == '\0' || strncmp(name, x->name, x->len) != 0)
		return true;
	if (row->opt->kind == OPT_KIND_ALIAS)
		hit = opt_find_long(x->table, opt_more(row->opt), strlen(opt_more(row->opt)));
	if (x->hit.opt != NULL && x->hit.opt != hit.opt)
		x->ambiguous = true;
	x->hit = hit;
	strbuf_add_format(&x->names, " '--%s'", name);
	return true;
}

static void say_unknown(struct parser *p, const char *name, size_t len)
{
	AUTO_FREE_STR char *typed = mem_strndup(name, len);
	const char *nearest;

	strbuf_add_str(&p->err->message, "unrecognized option ");
	quote_shell_always(&p->err->message, name - 2, len + 2);
	nearest = typo_nearest_option(p->request->table, typed);
	if (nearest != NULL)
		strbuf_add_format(&p->err->message, "; did you mean '--%s'?", nearest);
}

/* The row for a long name, exact or shortened; without one the message is ready. */
static struct opt_hit find_long(struct parser *p, const char *name, size_t len)
{
	struct opt_hit hit = opt_find_long(p->request->table, name, len);

	if (hit.opt == NULL)
		hit = opt_find_long(&opt_builtin_table, name, len);
	if (hit.opt != NULL)
		return hit;

	struct prefix x = { .table = p->request->table, .name = name, .len = len };

	opt_walk_yielding(x.table, false, match_prefix, &x);
	opt_walk(&opt_builtin_table, match_prefix, &x);
	if (x.hit.opt == NULL)
		opt_walk_yielding(x.table, true, match_prefix, &x);
	if (x.ambiguous) {
		strbuf_add_str(&p->err->message, "option ");
		quote_shell_always(&p->err->message, name - 2, len + 2);
		strbuf_add_format(&p->err->message, " is ambiguous; possibilities:%s",
		                  strbuf_str(&x.names));
		x.hit.opt = NULL;
	} else if (x.hit.opt == NULL) {
		say_unknown(p, name, len);
	}
	strbuf_release(&x.names);
	return x.hit;
}

static enum opt_outcome parse_long(struct parser *p, const char *word)
{
	const char *name = word + 2;
	size_t len = (size_t)(strchrnul(name, '=') - name);
	const char *value = name[len] == '=' ? name + len + 1 : NULL;
	struct opt_hit hit = find_long(p, name, len);

	if (hit.opt == NULL)
		return OPT_WRONG;
	if (value != NULL && hit.opt->takes == OPT_TAKES_NOTHING) {
		strbuf_add_format(&p->err->message, "option '--%s' doesn't allow an argument",
		                  opt_name(hit.opt));
		return OPT_WRONG;
	}
	if (value == NULL && hit.opt->takes != OPT_TAKES_NOTHING) {
		value = hit.opt->takes == OPT_MAY_TAKE_VALUE ? opt_more(hit.opt) : take_value(p);
		if (value == NULL) {
			strbuf_add_format(&p->err->message, "option '--%s' requires an argument",
			                  opt_name(hit.opt));
			return OPT_WRONG;
		}
	}
	return apply(p, &hit, '\0', value);
}

/* -TERM, -9, and behind a signal -123. False: the word is options as usual. */
static bool parse_signal(struct parser *p, char *word, enum opt_outcome *ret)
{
	struct opt_hit hit = find_signal_row(p);
	bool is_number = word[1] >= '0' && word[1] <= '9';
	int signo;

	if (hit.opt == NULL)
		return false;
	if (is_number && p->has_signal && (hit.opt->value & OPT_SIGNAL_GROUPS) != 0) {
		vec_push(&p->operands, word);
		*ret = OPT_PARSED;
		return true;
	}
	if (!is_number && signal_parse(word + 1, &signo) < 0)
		return false;
	*ret = apply(p, &hit, '\0', word + 1);
	return true;
}

static enum opt_outcome parse_word(struct parser *p, const char *word)
{
	return word[1] == '-' ? parse_long(p, word) : parse_letters(p, word);
}

enum opt_outcome opt_parse(const struct opt_request *request, int argc, char **argv,
                           char ***ret_operands, struct opt_error *reterr)
{
	bool mixes = !request->stop_at_operand && getenv("POSIXLY_CORRECT") == NULL;
	struct parser p = { .request = request,
		            .err = reterr,
		            .next = argv + (argc > 0 ? 1 : 0),
		            .end = argv + argc };
	enum opt_outcome outcome = OPT_PARSED;

	while (p.next < p.end && outcome == OPT_PARSED) {
		char *word = *p.next++;

		if (p.options_over || word[0] != '-' || word[1] == '\0') {
			vec_push(&p.operands, word);
			p.options_over |= !mixes;
		} else if (strcmp(word, "--") == 0) {
			p.options_over = true;
		} else if (word[1] == '-' || !parse_signal(&p, word, &outcome)) {
			outcome = parse_word(&p, word);
		}
	}
	if (outcome != OPT_PARSED) {
		vec_release(&p.operands);
		return outcome;
	}
	vec_push(&p.operands, NULL);
	*ret_operands = p.operands.items;
	return OPT_PARSED;
}
