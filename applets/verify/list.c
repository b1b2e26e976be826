/* SPDX-License-Identifier: MIT */
/* One list of --check, line by line. */
#include "check.h"

#include "base/path.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* A list being read: what is needed for messages about it. */
struct reading {
	struct check *check;
	const char *name; /* as messages have it */
	struct checklist list;
	uint64_t line;
	uint64_t proper;
};

/* Says so when another line gave the same name another checksum. */
static void remember(struct reading *r, const struct checklist_entry *entry)
{
	struct check *c = r->check;
	AUTO_RELEASE_STRBUF struct strbuf normal = { 0 };
	struct map_entry *known;
	bool is_new;

	path_add_normal(&normal, strbuf_str(&entry->name));
	known = map_add(c->names, normal.data, normal.len, &is_new);
	if (is_new) {
		known->value = c->listed.len;
		vec_push(&c->listed, (struct listed){ entry->algo, c->digests.len });
		strbuf_add(&c->digests, entry->digest, entry->digest_size);
		return;
	}
	if (c->listed.items[known->value].algo == entry->algo &&
	    memcmp(c->digests.data + c->listed.items[known->value].digest, entry->digest,
	           entry->digest_size) != 0)
		diag_warn(c->run->ctx->diag, strbuf_str(&entry->name),
		          "line %ju gives it another checksum than a line before", r->line);
}

static void take_entry(struct reading *r, const struct checklist_entry *entry)
{
	struct check *c = r->check;
	const char *name = strbuf_str(&entry->name);
	struct check_task *task;

	if (checklist_is_outside(name) && !c->run->opts->allow_outside) {
		/* A list from elsewhere must not make us read private files. */
		struct verify_item item = { .status = VERIFY_UNREADABLE, .path = name };

		window_flush(c->window);
		(void)diag_partial_text(c->run->ctx->diag, name,
		                        "is outside the directory; --allow-outside reads it");
		check_print(c, name, "FAILED open or read", NULL);
		c->read_failures++;
		verify_report(c->run, &item);
		return;
	}
	remember(r, entry);
	c->is_weak = c->is_weak || entry->algo == HASH_MD5 || entry->algo == HASH_SHA1;
	task = window_add(c->window);
	task->name = mem_strdup(name);
	task->algo = entry->algo;
	task->size = entry->digest_size;
	memcpy(task->expected, entry->digest, entry->digest_size);
}

static void take_covers(struct check *c, const char *dir)
{
	if (checklist_is_outside(dir) && !c->run->opts->allow_outside)
		return;
	vec_push(&c->covers, mem_strdup(dir));
}

/* A line that is none, in the words of coreutils. */
static void tell_improper(const struct reading *r)
{
	const struct verify_opts *opts = r->check->run->opts;
	AUTO_FREE_STR char *name = opts->algo != VERIFY_ALGO_AUTO
	                                   ? mem_strdup(hash_name((enum hash_algo)opts->algo))
	                                   : NULL;

	for (char *at = name; at != NULL && *at != '\0'; at++)
		*at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
	diag_warn(r->check->run->ctx->diag, r->name, "%ju: improperly formatted %s%schecksum line",
	          r->line, name != NULL ? name : "", name != NULL ? " " : "");
}

static int read_lines(struct reading *r, struct lines *lines)
{
	struct check *c = r->check;
	struct checklist_entry entry = { 0 };
	const char *line;
	size_t len;
	int n;

	while ((n = lines_next(lines, &line, &len)) > 0 && !sig_stopped() &&
	       !out_failed(c->run->ctx->out)) {
		r->line++;
		switch (checklist_parse(&r->list, line, len, &entry)) {
		case CHECKLIST_ENTRY:
			r->proper++;
			take_entry(r, &entry);
			break;
		case CHECKLIST_COVERS:
			take_covers(c, strbuf_str(&entry.name));
			break;
		case CHECKLIST_BAD:
			c->run->improper++;
			if (c->run->opts->warn)
				tell_improper(r);
			break;
		case CHECKLIST_COMMENT:
		default:
			break;
		}
	}
	strbuf_release(&entry.name);
	window_flush(c->window);
	return n < 0 ? n : 0;
}

/* The list's file, open. A descriptor or -errno. */
static int open_list(struct check *c, const char *path)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0) {
		if (S_ISDIR(st.st_mode)) {
			(void)close(fd);
			return -EISDIR;
		}
		vec_push(&c->lists, (struct list_file){ st.st_dev, st.st_ino });
	}
	return fd;
}

void check_list(struct check *c, const char *path, const struct checklist *hints)
{
	const struct verify_opts *opts = c->run->opts;
	struct diag *d = c->run->ctx->diag;
	struct lines lines = { .fd = open_list(c, path), .end = hints->raw ? '\0' : '\n' };
	struct reading r = { .check = c,
		             .name = strcmp(path, "-") == 0 ? "standard input" : path,
		             .list = *hints };
	uint64_t improper = c->run->improper;
	int err;

	if (lines.fd < 0) {
		(void)diag_fail(d, -lines.fd, "open", path);
		return;
	}
	checklist_prefer(&r.list, path);
	c->verified = 0;
	err = read_lines(&r, &lines);
	lines_release(&lines);
	if (err < 0) {
		(void)diag_fail(d, -err, "read", path);
	} else if (sig_stopped()) {
		return;
	} else if (r.proper == 0 && !c->is_bag) {
		diag_warn(d, r.name, "no properly formatted checksum lines found");
		diag_raise(d, EXIT_USAGE);
	} else if (opts->ignore_missing && c->verified == 0) {
		diag_warn(d, r.name, "no file was verified");
		diag_raise(d, EXIT_NO);
	}
	if (opts->strict && c->run->improper > improper)
		diag_raise(d, EXIT_NO);
}
