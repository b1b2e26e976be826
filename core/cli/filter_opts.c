/* SPDX-License-Identifier: MIT */
#include "cli/filter_opts.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/num.h"
#include "base/quote.h"
#include "cli/file_type.h"
#include "fs/gitignore.h"
#include "sys/users.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>

#define S struct filter_cli_opts

/* clang-format off */
static const struct opt filter_opts[] = {
	OPT_HEADING("Filter"),
	OPT_TAGGED(0, "include", "PATTERN", S, rules, FILTER_INCLUDE,
	           "include what matches; the first rule that matches decides"),
	OPT_TAGGED(0, "exclude", "PATTERN", S, rules, FILTER_EXCLUDE,
	           "exclude what matches, and do not enter such directories"),
	OPT_TAGGED(0, "include-from", "FILE", S, rules, FILTER_INCLUDE_FROM,
	           "include what the lines of FILE match (- is standard input)"),
	OPT_TAGGED(0, "exclude-from", "FILE", S, rules, FILTER_EXCLUDE_FROM,
	           "exclude what the lines of FILE match (- is standard input)"),
	OPT_TAGGED(0, "ignore", "PATTERN", S, rules, FILTER_IGNORE,
	           "exclude this base name at any depth"),
	OPT_LIST(0, "type", "TYPES", S, types,
	         "only these types: f d l p s c b, or file,symlink,..."),
	OPT_STR(0, "min-size", "SIZE", S, min_size, "only files of this size or larger"),
	OPT_STR(0, "max-size", "SIZE", S, max_size, "only files of this size or smaller"),
	OPT_STR(0, "newer", "TIME", S, newer,
	        "only files modified then or later: 2h, 2026-01-31, a FILE"),
	OPT_STR(0, "older", "TIME", S, older, "only files modified then or earlier"),
	OPT_STR(0, "owner", "USER[:GROUP]", S, owner,
	        "only files of these, names or numbers; !: of all others"),
	OPT_BOOL(0, "gitignore", S, gitignore,
	         "exclude what .gitignore, .ignore and .git/info/exclude say"),
	OPT_BOOL(0, "exclude-caches", S, exclude_caches,
	         "leave directories with a CACHEDIR.TAG unread"),
	OPT_LIST(0, "exclude-if-present", "FILE", S, exclude_if_present,
	         "leave directories that hold FILE unread"),
};
/* clang-format on */

#undef S

const struct opt_table filter_opt_table = OPT_TABLE(filter_opts);

/* One item between commas: a word, or letters. 0 when it is neither. */
static unsigned types_of(const char *item, size_t len)
{
	unsigned char type = file_type_of_word(item, len);
	unsigned types = 0;

	if (type != DT_UNKNOWN)
		return 1U << type;
	for (size_t at = 0; at < len; at++) {
		type = file_type_of_letter(item[at]);
		if (type == DT_UNKNOWN)
			return 0;
		types |= 1U << type;
	}
	return types;
}

int filter_cli_parse_types(const char *text, unsigned *types, struct text_error *reterr)
{
	static const char expected[] = "expected letters of fdlpscb, or file, dir, symlink, fifo, "
				       "socket, chardev, blockdev";
	unsigned all = 0;
	const char *item = text;

	for (;;) {
		size_t len = strcspn(item, ",");
		unsigned some = types_of(item, len);

		if (!some) {
			*reterr = (struct text_error){ expected, (size_t)(item - text), len };
			return -EINVAL;
		}
		all |= some;
		if (!item[len])
			break;
		item += len + 1;
	}
	*types |= all;
	return 0;
}

static int complain(struct diag *d, const struct filter_error *error)
{
	AUTO_RELEASE_STRBUF struct strbuf what = { 0 };

	if (error->err)
		return diag_fail(d, error->err, "read", error->file);
	if (error->file) {
		quote_shell(&what, error->file, strlen(error->file));
		strbuf_add_format(&what, ":%zu", error->line);
	} else {
		strbuf_add_str(&what, error->option);
	}
	return diag_caret(d, strbuf_str(&what), error->text, &error->where);
}

static int read_types(struct diag *d, const struct strv *types, unsigned *ret)
{
	for (size_t i = 0; i < types->len; i++) {
		struct text_error error;

		if (filter_cli_parse_types(types->items[i], ret, &error))
			return diag_caret(d, "--type", types->items[i], &error);
	}
	return 0;
}

static int read_sizes(struct diag *d, const struct filter_cli_opts *opts, struct filter_opts *ret)
{
	struct text_error error;

	if (opts->min_size && human_parse_size(opts->min_size, &ret->min_size, &error))
		return diag_caret(d, "--min-size", opts->min_size, &error);
	if (opts->max_size && human_parse_size(opts->max_size, &ret->max_size, &error))
		return diag_caret(d, "--max-size", opts->max_size, &error);
	ret->has_max_size = opts->max_size != NULL;
	return 0;
}

/* A time, or else the file whose modification it is. */
static int read_time(struct diag *d, const char *option, const char *text, struct timespec *ret)
{
	struct text_error error;
	struct stat st;

	if (!clock_parse(text, clock_wall(), ret, &error))
		return 0;
	if (stat(text, &st)) {
		/* What does not look like a time was perhaps to be a file. */
		if (strchr("0123456789@", text[0]) == NULL)
			error = (struct text_error){
				"expected an age (2h, 7d), a time (2026-01-31, "
				"@EPOCH), or a file that exists",
				0, strlen(text)
			};
		return diag_caret(d, option, text, &error);
	}
	*ret = st.st_mtim;
	return 0;
}

static int read_times(struct diag *d, const struct filter_cli_opts *opts, struct filter_opts *ret)
{
	int status = 0;

	if (opts->newer)
		status = read_time(d, "--newer", opts->newer, &ret->newer);
	if (!status && opts->older)
		status = read_time(d, "--older", opts->older, &ret->older);
	ret->has_newer = opts->newer != NULL;
	ret->has_older = opts->older != NULL;
	return status;
}

/* A part of --owner: `len` bytes at `at` in `text`. */
struct owner_part {
	const char *text;
	size_t at, len;
	const char *missing, *too_large;
	int (*look_up)(struct users *u, const char *name, uint32_t *ret);
};

/* A number is a number, also when a user has it as a name. */
static int read_id(struct diag *d, struct owner_part part, bool *ret_negated, uint32_t *ret)
{
	AUTO_FREE(users) struct users *users = NULL;
	AUTO_FREE_STR char *name = NULL;
	struct text_error error;
	uint64_t number;
	int r;

	*ret_negated = part.text[part.at] == '!';
	part.at += *ret_negated;
	part.len -= *ret_negated;
	error = (struct text_error){ part.missing, part.at, part.len };
	name = mem_strndup(part.text + part.at, part.len);
	r = num_parse_u64(name, &number);
	if (!r && number < UINT32_MAX) {
		*ret = (uint32_t)number;
		return 0;
	}
	if (!r || r == -ERANGE) {
		error.reason = part.too_large;
		return diag_caret(d, "--owner", part.text, &error);
	}
	users = users_new();
	r = part.look_up(users, name, ret);
	if (r == -ENOENT)
		return diag_caret(d, "--owner", part.text, &error);
	return r ? diag_fail(d, -r, "look up", name) : 0;
}

/* [!]USER, [!]USER:[!]GROUP or :[!]GROUP. */
static int read_owner(struct diag *d, const char *owner, struct filter_opts *ret)
{
	const char *colon = strchr(owner, ':');
	size_t len = colon ? (size_t)(colon - owner) : strlen(owner);
	struct owner_part part = {
		owner, 0, len, "no such user", "too large for a user's number", users_uid
	};
	int status = 0;

	if (len > 0 || !colon) {
		ret->has_owner = true;
		status = read_id(d, part, &ret->not_owner, &ret->owner);
	}
	if (!status && colon && (colon[1] || len == 0)) {
		part = (struct owner_part){ owner,
			                    len + 1,
			                    strlen(colon + 1),
			                    "no such group",
			                    "too large for a group's number",
			                    users_gid };
		ret->has_group = true;
		status = read_id(d, part, &ret->not_group, &ret->group);
	}
	return status;
}

int filter_cli_read(struct diag *d, const struct filter_cli_opts *opts, struct filter_opts *ret)
{
	int status;

	*ret = (struct filter_opts){ .rules = opts->rules,
		                     .gnu_exclude = opts->gnu_exclude,
		                     .gitignore = opts->gitignore,
		                     .exclude_caches = opts->exclude_caches,
		                     .exclude_if_present = opts->exclude_if_present };
	status = read_types(d, &opts->types, &ret->types);
	if (!status)
		status = read_sizes(d, opts, ret);
	if (!status)
		status = read_times(d, opts, ret);
	if (!status && opts->owner)
		status = read_owner(d, opts->owner, ret);
	return status;
}

int filter_cli_build(struct diag *d, const struct filter_opts *opts, struct filter **ret)
{
	struct filter_error error = { 0 };
	int status = filter_compile(opts, ret, &error) ? complain(d, &error) : 0;

	filter_error_release(&error);
	return status;
}

int filter_cli_compile(struct diag *d, const struct filter_cli_opts *opts, struct filter **ret)
{
	struct filter_opts plain;
	int status = filter_cli_read(d, opts, &plain);

	return status ? status : filter_cli_build(d, &plain, ret);
}

void filter_cli_finish(struct diag *d, const struct filter *f)
{
	uint64_t n = filter_unusable_files(f);

	if (n > 0)
		diag_partial_text(d, NULL,
		                  "%" PRIu64 " ignore files were left out: unreadable, or larger "
		                  "than %d bytes",
		                  n, (int)GITIGNORE_SIZE_MAX);
}
