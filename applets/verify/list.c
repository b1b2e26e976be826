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
	struct list_line at; /* where it is, as messages have it */
	struct checklist list;
	bool is_decided;     /* lines of checksums, or of mtree? */
	struct mtree *mtree; /* owned; NULL: of checksums */
	uint64_t proper;
};

bool check_remember(struct check *c, const char *name, const struct checklist_entry *digest,
                    uint64_t line)
{
	AUTO_RELEASE_STRBUF struct strbuf normal = { 0 };
	struct map_entry *known;
	struct listed *old;
	bool is_new;

	path_add_normal(&normal, name);
	known = map_add(c->names, normal.data, normal.len, &is_new);
	if (is_new) {
		struct listed new = { .has_digest = digest != NULL, .digest = c->digests.len };

		new.manifests = c->manifest;
		known->value = c->listed.len;
		if (digest != NULL) {
			new.algo = digest->algo;
			strbuf_add(&c->digests, digest->digest, digest->digest_size);
		}
		vec_push(&c->listed, new);
		return true;
	}
	old = &c->listed.items[known->value];
	old->manifests |= c->manifest;
	if (digest != NULL && old->has_digest && old->algo == digest->algo &&
	    memcmp(c->digests.data + old->digest, digest->digest, digest->digest_size) != 0)
		diag_warn(c->run->ctx->diag, name,
		          "line %ju gives it another checksum than a line before", line);
	return false;
}

bool check_refuses(struct check *c, const char *name)
{
	/* A list from elsewhere must not make us read private files. */
	struct verify_item item = { .status = VERIFY_UNREADABLE, .path = name };

	if (!checklist_is_outside(name) || c->run->opts->allow_outside)
		return false;
	window_flush(c->window);
	(void)diag_partial_text(c->run->ctx->diag, name,
	                        "is outside the directory; --allow-outside reads it");
	check_print(c, name, "FAILED open or read", NULL);
	c->read_failures++;
	verify_report(c->run, &item);
	return true;
}

bool check_excludes(const struct check *c, const char *name)
{
	AUTO_RELEASE_STRBUF struct strbuf normal = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf reason = { 0 };

	if (filter_is_trivial(c->run->filter) || checklist_is_outside(name))
		return false;
	path_add_normal(&normal, name);
	return !filter_explain(c->run->filter, c->dir != NULL ? c->dir : ".", normal.data, &reason);
}

/* A line that is none, in the words of coreutils. */
static void take_improper(const struct reading *r)
{
	struct verify_run *run = r->check->run;
	const int algo = run->opts->algo;
	AUTO_FREE_STR char *name = r->mtree != NULL ? mem_strdup("mtree")
	                           : algo != VERIFY_ALGO_AUTO
	                                   ? mem_strdup(hash_name((enum hash_algo)algo))
	                                   : NULL;

	run->improper++;
	if (!run->opts->warn)
		return;
	for (char *at = r->mtree == NULL ? name : NULL; at != NULL && *at != '\0'; at++)
		*at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
	diag_warn(run->ctx->diag, r->at.list, "%ju: improperly formatted %s%s%sline", r->at.line,
	          name != NULL ? name : "", name != NULL ? " " : "",
	          r->mtree == NULL ? "checksum " : "");
}

static bool is_in_payload(const char *name)
{
	AUTO_RELEASE_STRBUF struct strbuf normal = { 0 };

	path_add_normal(&normal, name);
	return strncmp(normal.data, "data/", 5) == 0;
}

static void take_entry(struct reading *r, const struct checklist_entry *entry)
{
	struct check *c = r->check;
	const char *name = strbuf_str(&entry->name);
	struct check_task *task;

	if (check_refuses(c, name))
		return;
	if (c->is_bag && is_in_payload(name) != (c->part == PART_PAYLOAD)) {
		take_improper(r);
		return;
	}
	(void)check_remember(c, name, entry, r->at.line);
	if (check_excludes(c, name))
		return;
	c->is_weak = c->is_weak || entry->algo == HASH_MD5 || entry->algo == HASH_SHA1;
	task = window_add(c->window);
	task->name = mem_strdup(name);
	task->algo = entry->algo;
	task->size = entry->digest_size;
	memcpy(task->expected, entry->digest, entry->digest_size);
	task->is_unread = sample_leaves_unread(&c->run->sample);
}

static void take_covers(struct check *c, const char *dir)
{
	if (checklist_is_outside(dir) && !c->run->opts->allow_outside)
		return;
	vec_push(&c->covers, mem_strdup(dir));
}

static void take_line(struct reading *r, const char *line, size_t len,
                      struct checklist_entry *entry)
{
	switch (checklist_parse(&r->list, line, len, entry)) {
	case CHECKLIST_ENTRY:
		r->proper++;
		take_entry(r, entry);
		break;
	case CHECKLIST_COVERS:
		take_covers(r->check, strbuf_str(&entry->name));
		break;
	case CHECKLIST_BAD:
		take_improper(r);
		break;
	case CHECKLIST_COMMENT:
	default:
		break;
	}
}

static void take_mtree_line(struct reading *r, const char *line, size_t len)
{
	struct mtree_entry entry = { 0 };

	switch (mtree_parse(r->mtree, line, len, &entry)) {
	case MTREE_ENTRY:
		r->proper++;
		if (entry.has_unknown)
			take_improper(r);
		check_take_mtree(r->check, &entry, &r->at);
		break;
	case MTREE_BAD:
		take_improper(r);
		break;
	case MTREE_NOTHING:
	default:
		break;
	}
	mtree_entry_release(&entry);
}

/* The first line that can only be of one kind tells which kind the list is. */
static void decide(struct reading *r, const char *line, size_t len)
{
	const struct verify_opts *opts = r->check->run->opts;
	struct checklist list = r->list;
	struct checklist_entry entry = { 0 };
	bool is_mtree = false;

	if (list.bagit || list.raw || checklist_parse(&list, line, len, &entry) == CHECKLIST_ENTRY)
		r->is_decided = true;
	else
		is_mtree = mtree_is_first_line(line, len);
	strbuf_release(&entry.name);
	if (!is_mtree)
		return;
	r->is_decided = true;
	r->mtree = mtree_new();
	if (opts->algo != VERIFY_ALGO_AUTO)
		mtree_demand(r->mtree, (enum hash_algo)opts->algo);
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
		r->at.line++;
		if (!r->is_decided)
			decide(r, line, len);
		/* Comments are ours, whatever the list is. */
		if (r->mtree == NULL || (len > 0 && line[0] == '#'))
			take_line(r, line, len, &entry);
		else
			take_mtree_line(r, line, len);
	}
	if (r->mtree != NULL && n == 0)
		take_mtree_line(r, "", 0);
	strbuf_release(&entry.name);
	window_flush(c->window);
	return n < 0 ? n : 0;
}

/* The list's file, open; in a bag it may be a FIFO, or lead outside. A descriptor or -errno. */
static int open_list(struct check *c, const char *path)
{
	int fd;
	struct stat st;

	if (c->is_bag)
		fd = verify_open(&c->place, path_base_name(path));
	else if (strcmp(path, "-") == 0)
		fd = STDIN_FILENO;
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return c->is_bag ? fd : -errno;
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
		             .at.list = strcmp(path, "-") == 0 ? "standard input" : path,
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
	r.mtree = mtree_free(r.mtree);
	if (err < 0) {
		(void)diag_fail(d, -err, "read", path);
	} else if (sig_stopped()) {
		return;
	} else if (r.proper == 0 && !c->is_bag) {
		diag_warn(d, r.at.list, "no properly formatted checksum lines found");
		diag_raise(d, EXIT_USAGE);
	} else if (opts->ignore_missing && c->verified == 0) {
		diag_warn(d, r.at.list, "no file was verified");
		diag_raise(d, EXIT_NO);
	}
	if (opts->strict && c->run->improper > improper)
		diag_raise(d, EXIT_NO);
}
