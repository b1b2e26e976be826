/* SPDX-License-Identifier: MIT */
/*
 * --create --format=bagit: a directory that holds data/ becomes a bag (BagIt, RFC 8493). The
 * payload is left where it is; only the files that describe it are written, the manifest of
 * the payload first and that of the tag files last.
 */
#include "create.h"

#include "base/fdio.h"
#include "base/path.h"
#include "base/sig.h"
#include "base/utf8.h"
#include "fs/replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>

enum { INFO_MAX = 1 << 20 };

struct bag {
	struct create *c;
	char *dir; /* owned: the operand without slashes at its end */
	int dirfd;
};

bool create_bag_skips(struct create *c, const struct walk_entry *e, enum walk_action *ret)
{
	*ret = WALK_CONTINUE;
	if (e->type == DT_DIR) {
		if (c->part == BAG_TAGS && e->depth == 1 && strcmp(e->name, "data") == 0)
			*ret = WALK_PRUNE;
		return true;
	}
	if (c->part == BAG_TAGS)
		return e->type != DT_REG ||
		       (e->depth == 1 && strncmp(e->name, "tagmanifest-", 12) == 0);
	if (e->type == DT_REG)
		return false;
	c->lacks_some = true;
	(void)diag_partial_text(c->run->ctx->diag, c->path.data,
	                        "is not a regular file; a bag cannot hold it");
	return true;
}

void create_show_bag(void *item, void *user)
{
	const struct create_task *task = item;
	struct create *c = user;
	struct checklist_entry entry = { .algo = c->algo };

	if (task->err < 0) {
		create_tell_trouble(c, task);
		return;
	}
	strbuf_add_str(&entry.name, task->name + c->skip);
	entry.digest_size = task->result.digest_size;
	memcpy(entry.digest, task->result.digest, entry.digest_size);
	c->run->counts[VERIFY_SAME]++;
	c->bytes += task->result.length;
	c->files++;
	if (c->run->opts->out.json)
		verify_report_entry(c->run, &entry, DT_REG, task->result.length);
	if (!utf8_is_valid(entry.name.data, entry.name.len))
		diag_warn(c->run->ctx->diag, task->name,
		          "is not UTF-8; other programs may not understand the bag");
	checklist_add_line(&c->text, &entry, CHECKLIST_BAG, false);
	create_flush_some(c);
	strbuf_release(&entry.name);
}

/* ---- what must not be there ---- */

/* A list with another algorithm would have to be written anew, too. */
static int check_manifests(const struct bag *bag, const char *own)
{
	int fd = openat(bag->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct diag *d = bag->c->run->ctx->diag;
	struct dirent *e;
	int status = 0;

	if (dir == NULL) {
		status = diag_fail(d, errno, "read directory", bag->dir);
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	while ((e = readdir(dir)) != NULL && status == 0) {
		const char *name = strncmp(e->d_name, "tag", 3) == 0 ? e->d_name + 3 : e->d_name;

		if (strncmp(name, "manifest-", 9) == 0 && strcmp(name, own) != 0)
			status = diag_fail_text(d, bag->dir,
			                        "already has a '%s'; remove it, or say --algo",
			                        e->d_name);
	}
	(void)closedir(dir);
	return status;
}

/* 0, or the exit status. */
static int open_bag(struct bag *bag, const char *own)
{
	struct diag *d = bag->c->run->ctx->diag;
	struct stat st;

	bag->dirfd = open(bag->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (bag->dirfd < 0)
		return diag_fail(d, errno, "enter", bag->dir);
	if (fstatat(bag->dirfd, "data", &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode))
		return diag_fail_text(d, bag->dir,
		                      "has no directory 'data': move what the bag is to hold "
		                      "there");
	if (faccessat(bag->dirfd, "fetch.txt", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return diag_fail_text(d, bag->dir,
		                      "its 'fetch.txt' names files that may not be here: fetch "
		                      "them, and remove it");
	return check_manifests(bag, own);
}

/* ---- the files ---- */

static char *path_in(const struct bag *bag, const char *name)
{
	struct strbuf path = { 0 };

	path_add_join(&path, bag->dir, name);
	return strbuf_detach(&path);
}

/* Lists what is below `root` in the file `name`. */
static bool write_manifest(struct bag *bag, char *root, const char *name)
{
	struct create *c = bag->c;
	char *operands[] = { root, NULL };
	AUTO_FREE_STR char *path = path_in(bag, name);

	for (size_t i = 0; i < c->names.len; i++)
		free(c->names.items[i]);
	vec_clear(&c->names);
	if (create_collect(c, operands) != 0 || sig_stopped())
		return false;
	return create_replace(c, path, operands);
}

static bool write_text(const struct bag *bag, const char *name, const struct strbuf *text)
{
	AUTO_FREE_STR char *path = path_in(bag, name);
	struct replace replace;
	int r = replace_begin(path, &replace);

	if (r == 0) {
		r = fdio_write_all(replace.fd, strbuf_str(text), text->len);
		if (r == 0)
			r = replace_commit(&replace);
		else
			replace_abort(&replace);
	}
	if (r < 0)
		(void)diag_fail(bag->c->run->ctx->diag, -r, "write", path);
	return r == 0;
}

/* What somebody wrote there stays, but for the Payload-Oxum. */
static void add_info(struct strbuf *to, const char *from)
{
	static const char label[] = "Payload-Oxum:";
	bool is_dropped = false;

	while (*from != '\0') {
		const size_t len = strcspn(from, "\n");

		/* A blank at its beginning: it belongs to the line before. */
		if (*from != ' ' && *from != '\t')
			is_dropped = strncasecmp(from, label, sizeof(label) - 1) == 0;
		if (!is_dropped) {
			strbuf_add(to, from, len);
			strbuf_add_char(to, '\n');
		}
		from += len + (from[len] == '\n' ? 1 : 0);
	}
}

static bool write_info(const struct bag *bag)
{
	AUTO_RELEASE_STRBUF struct strbuf old = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = fdio_read_file(bag->dirfd, "bag-info.txt", INFO_MAX, &old);

	if (r < 0 && r != -ENOENT) {
		(void)diag_fail(bag->c->run->ctx->diag, -r, "read", "bag-info.txt");
		return false;
	}
	add_info(&text, strbuf_str(&old));
	strbuf_add_format(&text, "Payload-Oxum: %ju.%ju\n", (uintmax_t)bag->c->bytes,
	                  (uintmax_t)bag->c->files);
	return write_text(bag, "bag-info.txt", &text);
}

static bool write_declaration(const struct bag *bag)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	strbuf_add_str(&text, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
	return write_text(bag, "bagit.txt", &text);
}

/* How many bytes of the paths below `root` come before the name in the bag. */
static size_t skip_of(const char *root, const char *name)
{
	return strlen(create_listed_name(root)) - strlen(name);
}

static void write_bag(struct bag *bag, const char *manifest, const char *tagmanifest)
{
	struct create *c = bag->c;
	AUTO_FREE_STR char *data = path_in(bag, "data");
	AUTO_FREE_STR char *any = path_in(bag, "x");

	c->part = BAG_PAYLOAD;
	c->skip = skip_of(data, "data");
	if (!write_manifest(bag, data, manifest)) {
		if (c->lacks_some && !sig_stopped())
			diag_warn(c->run->ctx->diag, bag->dir,
			          "not all of the payload could be listed: no bag was made");
		return;
	}
	if (!write_info(bag) || !write_declaration(bag))
		return;
	c->part = BAG_TAGS;
	c->skip = skip_of(any, "x");
	(void)write_manifest(bag, bag->dir, tagmanifest);
}

int create_bag(struct create *c, char **operands)
{
	struct diag *d = c->run->ctx->diag;
	struct bag bag = { .c = c, .dirfd = -1 };
	char tagmanifest[32];
	const char *manifest = tagmanifest + 3;
	int status;

	if (operands[1] != NULL)
		return diag_usage(d, "--format=bagit makes a bag of one directory");
	if (strcmp(c->run->opts->create, "-") != 0)
		return diag_usage(d, "the files of a bag have names of their own: say --create "
		                     "without a LIST");
	if (!filter_is_trivial(c->run->filter) || c->run->opts->one_file_system)
		return diag_usage(d, "all of data/ belongs to a bag: --format=bagit goes with no "
		                     "filter");
	(void)snprintf(tagmanifest, sizeof(tagmanifest), "tagmanifest-%s.txt", hash_name(c->algo));
	bag.dir = mem_strndup(operands[0], path_trimmed_len(operands[0]));
	status = open_bag(&bag, manifest);
	if (status == 0) {
		write_bag(&bag, manifest, tagmanifest);
		status = verify_finish(c->run);
	}
	if (bag.dirfd >= 0)
		(void)close(bag.dirfd);
	free(bag.dir);
	return status;
}
