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

/* Whether it is a manifest of the payload that was understood. */
static bool check_manifest(struct check *c, const char *name)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	struct checklist hints = { .bagit = true, .has_algo = true };
	char algo[32] = "";
	bool is_payload = is_manifest(name, "manifest-", algo, sizeof(algo));

	if (!is_payload)
		(void)is_manifest(name, "tagmanifest-", algo, sizeof(algo));
	path_add_join(&path, c->dir, name);
	if (!hash_by_name(algo, &hints.algo)) {
		(void)diag_partial_text(c->run->ctx->diag, path.data,
		                        "its algorithm is not known here; not checked");
		return false;
	}
	check_list(c, path.data, &hints);
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
	int r = fdio_read_file(c->place.dirfd, "bag-info.txt", TAG_FILE_MAX, &text);

	if (r < 0 && r != -ENOENT)
		(void)diag_partial(c->run->ctx->diag, -r, "read", "bag-info.txt");
	oxum = r == 0 && text.len > 0 ? find_oxum(text.data) : NULL;
	if (oxum == NULL)
		return;
	path_add_join(&data, c->dir, "data");
	r = walk((char *const[]){ data.data, NULL }, &opts, count_file, &payload, NULL);
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

static int check_declaration(struct check *c)
{
	static const char label[] = "BagIt-Version: ";
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = fdio_read_file(c->place.dirfd, "bagit.txt", TAG_FILE_MAX, &text);

	if (r == 0 && strncmp(strbuf_str(&text), label, sizeof(label) - 1) == 0)
		return 0;
	return diag_fail_text(c->run->ctx->diag, c->dir,
	                      "is a directory, but no bag: its bagit.txt %s",
	                      r == 0 ? "has no version" : "cannot be read");
}

int check_bag(struct check *c)
{
	struct diag *d = c->run->ctx->diag;
	struct manifests manifests = { 0 };
	bool has_payload = false;
	int status = check_declaration(c);

	if (status == 0)
		status = find_manifests(c, &manifests);
	for (size_t i = 0; i < manifests.len && status == 0 && !sig_stopped(); i++)
		has_payload = check_manifest(c, manifests.items[i]) || has_payload;
	if (status == 0 && !has_payload && !sig_stopped()) {
		diag_warn(d, c->dir, "no manifest of the payload that could be checked");
		diag_raise(d, EXIT_USAGE);
	}
	if (status == 0 && !sig_stopped()) {
		check_oxum(c);
		if (c->run->counts[VERIFY_MISSING] > 0 &&
		    faccessat(c->place.dirfd, "fetch.txt", F_OK, 0) == 0)
			diag_warn(d, c->dir,
			          "its fetch.txt names files that are still to be fetched");
		/* Whatever is in data/ must be in a manifest. */
		vec_push(&c->covers, mem_strdup("data"));
	}
	for (size_t i = 0; i < manifests.len; i++)
		free(manifests.items[i]);
	vec_release(&manifests);
	return status;
}
