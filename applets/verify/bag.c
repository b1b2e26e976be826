/* SPDX-License-Identifier: MIT */
/* --check of a bag (BagIt, RFC 8493): a directory with its payload in data/ and its manifests. */
#include "check.h"

#include "base/fdio.h"
#include "base/num.h"
#include "base/path.h"
#include "base/sig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>

enum { TAG_FILE_MAX = 1 << 20 };

struct manifests {
	VEC_FIELDS(char *); /* owned names */
};

/* A bag comes from elsewhere: its files may be links and FIFOs. 0 or -errno. */
static int read_tag_file(const struct check *c, const char *name, struct strbuf *ret)
{
	AUTO_CLOSE int fd = verify_open(&c->place, name);

	return fd < 0 ? fd : fdio_read_all(fd, TAG_FILE_MAX, ret);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The algorithm of "manifest-sha256.txt" behind `prefix`; false: it is no such name. */
static bool is_manifest(const char *name, const char *prefix, char *ret_algo, size_t room)
{
	size_t skip = strlen(prefix);
	size_t len = strlen(name);

	if (strncmp(name, prefix, skip) != 0 || len <= skip + 4 ||
	    strcmp(name + len - 4, ".txt") != 0 || len - skip - 4 >= room)
		return false;
	memcpy(ret_algo, name + skip, len - skip - 4);
	ret_algo[len - skip - 4] = '\0';
	return true;
}

static int find_manifests(struct check *c, struct manifests *ret)
{
	int fd = openat(c->place.dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	char algo[32];

	if (dir == NULL) {
		int err = errno;

		if (fd >= 0)
			(void)close(fd);
		return diag_fail(c->run->ctx->diag, err, "read directory", c->dir);
	}
	while ((e = readdir(dir)) != NULL) {
		if (is_manifest(e->d_name, "manifest-", algo, sizeof(algo)) ||
		    is_manifest(e->d_name, "tagmanifest-", algo, sizeof(algo)))
			vec_push(ret, mem_strdup(e->d_name));
	}
	(void)closedir(dir);
	if (ret->len > 1)
		qsort(ret->items, ret->len, sizeof(ret->items[0]), compare_names);
	return 0;
}

void check_tell_bag(struct check *c, const char *path, const char *words, const char *other)
{
	const struct verify_item item = { .status = VERIFY_DIFFER, .path = path, .other = other };
	AUTO_RELEASE_STRBUF struct strbuf failed = { 0 };

	strbuf_add_format(&failed, "FAILED, %s", words);
	check_print(c, path, failed.data, other);
	verify_report(c->run, &item);
}

/* Whether it is a manifest of the payload that was understood. */
static bool check_manifest(struct check *c, const char *name)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct checklist hints = { .bagit = true, .has_algo = true };
	const uint64_t improper = c->run->improper;
	char algo[32] = "";
	bool is_payload = is_manifest(name, "manifest-", algo, sizeof(algo));

	if (!is_payload)
		(void)is_manifest(name, "tagmanifest-", algo, sizeof(algo));
	path_add_join(&path, c->dir, name);
	c->part = is_payload ? PART_PAYLOAD : PART_TAGS;
	if (!hash_by_name(algo, &hints.algo)) {
		(void)diag_partial_text(c->run->ctx->diag, path.data,
		                        "its algorithm is not known here; not checked");
		return false;
	}
	c->manifest = is_payload ? 1U << hints.algo : 0;
	check_list(c, path.data, &hints);
	c->manifest = 0;
	/* A bag is whole or it is not: there is no line to be passed over. */
	if (c->run->improper > improper)
		check_tell_bag(c, name, "has lines that are improperly formatted", NULL);
	return is_payload;
}

/* ---- Payload-Oxum: the number of bytes and files ---- */

struct payload {
	uint64_t bytes, files;
};

static enum walk_action count_file(const struct walk_entry *e, void *user)
{
	struct payload *payload = user;

	if (sig_stopped())
		return WALK_STOP;
	if (e->event != WALK_ENTER || e->type != DT_REG || e->st == NULL)
		return WALK_CONTINUE;
	payload->files++;
	payload->bytes = num_add_sat(payload->bytes, (uint64_t)e->st->st_size, NULL);
	return WALK_CONTINUE;
}

/* The value of Payload-Oxum, which ends with the line; NULL. Cuts `text`. */
static const char *find_oxum(char *text)
{
	static const char label[] = "Payload-Oxum:";
	char *end;

	for (char *line = text; line != NULL; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		if (strncasecmp(line, label, sizeof(label) - 1) != 0)
			continue;
		line += sizeof(label) - 1;
		line += strspn(line, " \t");
		line[strcspn(line, " \t\r")] = '\0';
		return line;
	}
	return NULL;
}

static void check_oxum(struct check *c)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf data = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf actual = { 0 };
	const struct walk_opts opts = { .stat = true,
		                        .order = WALK_SORTED,
		                        .max_depth = WALK_DEPTH_ANY };
	struct payload payload = { 0 };
	struct verify_item item = { .status = VERIFY_DIFFER, .path = "bag-info.txt" };
	const char *oxum;
	int r = read_tag_file(c, "bag-info.txt", &text);

	if (r < 0 && r != -ENOENT)
		(void)diag_partial_text(c->run->ctx->diag, "bag-info.txt", "%s", verify_why(-r));
	oxum = r == 0 && text.len > 0 ? find_oxum(text.data) : NULL;
	if (oxum == NULL)
		return;
	path_add_join(&data, c->dir, "data");
	r = c->is_without_data
	            ? 0
	            : walk((char *const[]){ data.data, NULL }, &opts, count_file, &payload, NULL);
	if (r < 0)
		(void)diag_partial(c->run->ctx->diag, -r, "search", data.data);
	strbuf_add_format(&actual, "%ju.%ju", (uintmax_t)payload.bytes, (uintmax_t)payload.files);
	if (sig_stopped() || strcmp(actual.data, oxum) == 0)
		return;
	item.expected = oxum;
	item.actual = actual.data;
	check_print(c, item.path, "FAILED Payload-Oxum, is", item.actual);
	verify_report(c->run, &item);
}

/* ---- the bag ---- */

/* "M.N", as the version of a bag is. */
static bool is_version(const char *text, size_t len)
{
	size_t point = strspn(text, "0123456789");
	size_t end = point + 1;

	if (point == 0 || point >= len || text[point] != '.')
		return false;
	end += strspn(text + end, "0123456789");
	return end > point + 1 && end == len;
}

/* The value behind the label in the line at *text, which moves on; its length, 0: there is none. */
static size_t read_label(const char **text, const char *label, const char **ret)
{
	const size_t skip = strlen(label);
	const char *line = *text;
	size_t len = strcspn(line, "\r\n");

	*text += len;
	*text += **text == '\r' ? 1 : 0;
	*text += **text == '\n' ? 1 : 0;
	if (len <= skip || strncmp(line, label, skip) != 0)
		return 0;
	line += skip + strspn(line + skip, " \t");
	*ret = line;
	return (size_t)(line - *ret) + strcspn(line, " \t\r\n");
}

/* 0 with whether each manifest has to be complete (from version 1.0 on), or the exit status. */
static int check_declaration(struct check *c, bool *ret_strict)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct diag *d = c->run->ctx->diag;
	int r = read_tag_file(c, "bagit.txt", &text);
	const char *at = strbuf_str(&text);
	const char *value = "";
	size_t len = r == 0 ? read_label(&at, "BagIt-Version:", &value) : 0;

	if (!is_version(value, len))
		return diag_fail_text(d, c->dir, "is a directory, but no bag: its bagit.txt %s",
		                      r == 0 ? "has no version" : "cannot be read");
	*ret_strict = value[0] != '0' || value[1] != '.';
	len = read_label(&at, "Tag-File-Character-Encoding:", &value);
	if (len != 5 || strncasecmp(value, "UTF-8", 5) != 0)
		return diag_fail_text(d, c->dir,
		                      "its bagit.txt does not say that the bag is written in "
		                      "UTF-8; no other encoding is known here");
	return 0;
}

static void check_data(struct check *c)
{
	const struct verify_item item = { .status = VERIFY_MISSING, .path = "data" };
	struct stat st;

	if (fstatat(c->place.dirfd, "data", &st, 0) == 0 && S_ISDIR(st.st_mode)) {
		/* Whatever is in it must be in a manifest. */
		vec_push(&c->covers, mem_strdup("data"));
		return;
	}
	c->is_without_data = true;
	check_print(c, "data", "FAILED, a bag has this directory", NULL);
	verify_report(c->run, &item);
}

int check_bag(struct check *c)
{
	struct diag *d = c->run->ctx->diag;
	struct manifests manifests = { 0 };
	bool has_payload = false;
	bool is_strict = false;
	int status = check_declaration(c, &is_strict);

	if (status == 0 && c->run->opts->algo != VERIFY_ALGO_AUTO)
		status = diag_usage(d, "a bag says itself what --algo could say");
	if (status == 0)
		status = find_manifests(c, &manifests);
	for (size_t i = 0; i < manifests.len && status == 0 && !sig_stopped(); i++)
		has_payload = check_manifest(c, manifests.items[i]) || has_payload;
	if (status == 0 && !has_payload && !sig_stopped()) {
		diag_warn(d, c->dir, "no manifest of the payload that could be checked");
		diag_raise(d, EXIT_USAGE);
	}
	if (status == 0 && !sig_stopped()) {
		check_data(c);
		check_oxum(c);
		check_bag_lists(c, is_strict);
	}
	for (size_t i = 0; i < manifests.len; i++)
		free(manifests.items[i]);
	vec_release(&manifests);
	return status;
}
