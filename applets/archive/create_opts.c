/* SPDX-License-Identifier: MIT */
/* What the options of archive create mean. */
#include "create.h"

#include "base/clock.h"
#include "base/num.h"
#include "fs/deflate_stream.h"

#include <errno.h>
#include <stdlib.h>

static const char *user_name(uid_t uid, void *user)
{
	return users_name(((struct creation *)user)->users, uid);
}

static const char *group_name(gid_t gid, void *user)
{
	return users_group_name(((struct creation *)user)->users, gid);
}

/* --format appends its suffix where another one or none is, as shutil does. */
static void set_path(struct creation *c, const char *path)
{
	AUTO_RELEASE_STRBUF struct strbuf full = { 0 };

	strbuf_add_str(&full, path);
	if (c->run->opts.format != NULL && strcmp(path, "-") != 0 &&
	    write_format_by_suffix(path) != c->format)
		strbuf_add_str(&full, c->format->suffix[0]);
	c->path = strbuf_detach(&full);
}

/* --format, or a compressing option, or the suffix. */
static int choose_format(struct creation *c, const char *path)
{
	const struct archive_opts *opts = &c->run->opts;
	struct diag *d = c->run->ctx->diag;

	if (opts->format != NULL)
		c->format = write_format_by_name(opts->format);
	else if (opts->packing != PACKING_NONE)
		c->format = write_format_of(MEMBER_TAR, (enum packing)opts->packing);
	else
		c->format = write_format_by_suffix(path);
	if (c->format == NULL && opts->format != NULL)
		return diag_usage(d, "--format: '%s' cannot be written; see 'archive formats'",
		                  opts->format);
	if (c->format == NULL && c->run->is_bundle)
		c->format = write_format_by_name("tar");
	if (c->format == NULL)
		return diag_usage(d, "'%s' does not tell the format: which --format?", path);
	set_path(c, path);
	return 0;
}

static int check_level(struct creation *c)
{
	int lowest = 0;
	int highest = DEFLATE_LEVEL_MAX;

	c->level = c->run->opts.level < 0 ? PACK_LEVEL_DEFAULT : (int)c->run->opts.level;
	if (c->level == PACK_LEVEL_DEFAULT)
		return 0;
	if (c->format->format != MEMBER_ZIP &&
	    !pack_levels((enum packing)c->format->packing, &lowest, &highest))
		return diag_usage(c->run->ctx->diag, "--level: %s has no levels", c->format->name);
	if (c->level < lowest || c->level > highest)
		return diag_usage(c->run->ctx->diag, "--level: %s has levels from %d to %d",
		                  c->format->name, lowest, highest);
	return 0;
}

/* NAME, NAME:NUMBER or NUMBER; a name alone has to be known here. */
static int read_owner(struct creation *c, const char *text, bool is_group, uint64_t *ret_id,
                      const char **ret_name)
{
	const char *colon = strchr(text, ':');
	char *name = mem_strndup(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	uid_t known = 0;
	int r;

	c->owner_names[is_group] = name;
	*ret_name = name;
	r = num_parse_u64(colon != NULL ? colon + 1 : text, ret_id);
	if (r == 0 && *ret_id >= UINT32_MAX)
		r = -ERANGE;
	if (r == 0 && colon == NULL)
		*ret_name = NULL;
	if (r < 0 && colon == NULL) {
		r = is_group ? users_gid(c->users, name, &known)
		             : users_uid(c->users, name, &known);
		*ret_id = known;
	}
	return r == 0 ? 0
	              : diag_usage(c->run->ctx->diag, "--as-%s: there is no '%s'",
	                           is_group ? "group" : "owner", text);
}

/* --mtime, and SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/). */
static int read_times(struct creation *c)
{
	const struct archive_opts *opts = &c->run->opts;
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	struct archive_make_opts *make = &c->make;
	struct text_error error;
	uint64_t seconds;

	make->clamp = opts->clamp_mtime;
	make->has_mtime = opts->mtime != NULL || epoch != NULL;
	if (opts->mtime != NULL)
		return clock_parse(opts->mtime, clock_wall(), &make->mtime, &error) == 0
		               ? 0
		               : diag_caret(c->run->ctx->diag, "--mtime", opts->mtime, &error);
	if (epoch == NULL)
		return opts->clamp_mtime
		               ? diag_usage(c->run->ctx->diag, "--clamp-mtime goes with --mtime")
		               : 0;
	if (num_parse_u64(epoch, &seconds) < 0 || seconds > INT64_MAX)
		return diag_usage(c->run->ctx->diag,
		                  "SOURCE_DATE_EPOCH: '%s' is no number of seconds", epoch);
	make->clamp = true;
	make->mtime = (struct timespec){ .tv_sec = (time_t)seconds };
	return 0;
}

static int read_owners(struct creation *c)
{
	const struct archive_opts *opts = &c->run->opts;
	struct archive_make_opts *make = &c->make;
	int status = 0;

	make->has_uid = opts->reproducible || opts->owner != NULL;
	make->has_gid = opts->reproducible || opts->group != NULL;
	if (opts->owner != NULL)
		status = read_owner(c, opts->owner, false, &make->uid, &make->uid_name);
	if (status == 0 && opts->group != NULL)
		status = read_owner(c, opts->group, true, &make->gid, &make->gid_name);
	if (!opts->numeric_owner) {
		make->user_name = user_name;
		make->group_name = group_name;
	}
	return status;
}

int creation_read_options(struct creation *c, const char *archive)
{
	const struct archive_opts *opts = &c->run->opts;
	struct archive_make_opts *make = &c->make;
	int status = choose_format(c, archive);
	bool is_tar;

	if (status == 0)
		status = check_level(c);
	if (status == 0)
		status = read_times(c);
	if (status == 0)
		status = read_owners(c);
	if (status != 0)
		return status;
	is_tar = c->format->format == MEMBER_TAR;
	make->plain_modes = opts->reproducible;
	make->hard_links = is_tar && !opts->hard_dereference;
	make->sparse = is_tar && !opts->no_sparse;
	make->xattrs = is_tar && !opts->no_xattrs && !opts->reproducible;
	make->retries = (unsigned)opts->retries;
	return 0;
}
