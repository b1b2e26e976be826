/* SPDX-License-Identifier: MIT */
/* What a bag's manifests have to say together, and of the files of its fetch.txt. */
#include "check.h"

#include "base/path.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>

/* From version 1.0 on every manifest of the payload names all of it. */
static void compare_manifests(struct check *c)
{
	unsigned all = 0;

	for (size_t i = 0; i < c->listed.len; i++)
		all |= c->listed.items[i].manifests;
	for (size_t i = 0; i < map_len(c->names); i++) {
		const struct map_entry *e = map_at(c->names, i);
		const unsigned has = c->listed.items[e->value].manifests;

		if (has == 0 || has == all)
			continue;
		for (unsigned algo = 0; algo < HASH_ALGOS; algo++) {
			AUTO_RELEASE_STRBUF struct strbuf manifest = { 0 };

			if ((all & ~has & 1U << algo) == 0)
				continue;
			strbuf_add_format(&manifest, "manifest-%s.txt",
			                  hash_name((enum hash_algo)algo));
			check_tell_bag(c, manifest.data, "does not name", e->key);
		}
	}
}

/* ---- fetch.txt ---- */

struct fetched {
	bool is_missing;  /* a file that is still to be fetched */
	bool is_improper; /* a line that is none */
};

/* Where the word at `text` ends, and where the next one begins. */
static size_t skip_word(const char *text, size_t len, size_t *ret_next)
{
	size_t end = 0;

	while (end < len && text[end] != ' ' && text[end] != '\t')
		end++;
	*ret_next = end;
	while (*ret_next < len && (text[*ret_next] == ' ' || text[*ret_next] == '\t'))
		++*ret_next;
	return end;
}

/* "URL LENGTH NAME"; the length is a number or "-". */
static bool read_line(const char *line, size_t len, struct strbuf *ret_name)
{
	size_t next;
	size_t word;

	if (skip_word(line, len, &next) == 0)
		return false;
	line += next;
	len -= next;
	word = skip_word(line, len, &next);
	if (word == 0 || (strspn(line, "0123456789") < word && (word != 1 || line[0] != '-')))
		return false;
	return checklist_read_bag_name(line + next, len - next, ret_name);
}

static void take_line(struct check *c, const char *line, size_t len, struct fetched *f)
{
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf normal = { 0 };
	const struct map_entry *e;

	len -= len > 0 && line[len - 1] == '\r' ? 1 : 0;
	if (len == 0)
		return;
	if (!read_line(line, len, &name)) {
		f->is_improper = true;
		return;
	}
	path_add_normal(&normal, name.data);
	e = map_find(c->names, normal.data, normal.len);
	if (e == NULL || c->listed.items[e->value].manifests == 0)
		check_tell_bag(c, "fetch.txt", "no manifest of the payload names its", name.data);
	else if (faccessat(c->place.dirfd, normal.data, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		f->is_missing = true;
}

static void read_fetch(struct check *c)
{
	struct diag *d = c->run->ctx->diag;
	struct lines lines = { .fd = verify_open(&c->place, "fetch.txt"), .end = '\n' };
	struct fetched f = { 0 };
	const char *line;
	size_t len;
	int r;

	if (lines.fd < 0) {
		if (lines.fd != -ENOENT)
			(void)diag_partial_text(d, "fetch.txt", "%s", verify_why(-lines.fd));
		return;
	}
	while ((r = lines_next(&lines, &line, &len)) > 0 && !sig_stopped())
		take_line(c, line, len, &f);
	lines_release(&lines);
	if (r < 0)
		(void)diag_partial(d, -r, "read", "fetch.txt");
	if (f.is_improper)
		check_tell_bag(c, "fetch.txt", "has lines that are improperly formatted", NULL);
	if (f.is_missing)
		diag_warn(d, c->dir, "its fetch.txt names files that are still to be fetched");
}

void check_bag_lists(struct check *c, bool is_strict)
{
	if (is_strict)
		compare_manifests(c);
	read_fetch(c);
}
