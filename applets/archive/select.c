/* SPDX-License-Identifier: MIT */
/* Which members are meant: those that were named, with all below them, unless a filter says no. */
#include "archive.h"

#include <dirent.h>

void selection_begin(struct selection *s, struct archive_run *run, char **names)
{
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	*s = (struct selection){ .run = run,
		                 .names = names,
		                 .found = mem_alloc_zeroed(n + 1),
		                 .no_filter = filter_is_trivial(run->filter) };
}

/* The filter is asked as in a walk: each directory on the way, then the name. */
static bool passes_filter(const struct selection *s, unsigned char type)
{
	const struct filter *f = s->run->filter;
	const char *at = strbuf_str(&s->clean);
	struct filter_dir *dir;
	bool wanted = filter_enter(f, NULL, ".", -1, &dir);

	while (wanted) {
		const size_t len = strcspn(at, "/");
		const bool last = at[len] == '\0';
		struct filter_dir *next;
		char *name;

		wanted = filter_wants(f, dir, at, len, last ? type : DT_DIR);
		if (last || !wanted)
			break;
		name = mem_strndup(at, len);
		wanted = filter_enter(f, dir, name, -1, &next);
		free(name);
		(void)filter_dir_free(dir);
		dir = next;
		at += len + 1;
	}
	(void)filter_dir_free(dir);
	return wanted;
}

static bool passes_stat(const struct selection *s, const struct member *m)
{
	const struct stat st = { .st_mode = m->mode,
		                 .st_size = (off_t)m->size,
		                 .st_uid = (uid_t)m->uid,
		                 .st_gid = (gid_t)m->gid,
		                 .st_mtim = m->mtime };

	return filter_passes_stat(s->run->filter, m->type, &st);
}

bool selection_wants(struct selection *s, const struct member *m)
{
	bool named = s->names[0] == NULL;

	member_name_clean(&s->clean, m->path, m->path_len, 0);
	for (size_t i = 0; s->names[i] != NULL; i++) {
		member_name_clean(&s->other, s->names[i], strlen(s->names[i]), 0);
		if (s->clean.len < s->other.len ||
		    memcmp(strbuf_str(&s->clean), strbuf_str(&s->other), s->other.len) != 0)
			continue;
		if (s->clean.len == s->other.len || s->other.len == 0 ||
		    s->clean.data[s->other.len] == '/') {
			s->found[i] = true;
			named = true;
		}
	}
	if (!named || s->no_filter)
		return named;
	return s->clean.len == 0 || (passes_filter(s, m->type) && passes_stat(s, m));
}

void selection_end(struct selection *s, bool all_seen)
{
	for (size_t i = 0; all_seen && s->names[i] != NULL; i++)
		if (!s->found[i])
			(void)diag_partial_text(s->run->ctx->diag, s->names[i],
			                        "is not in the archive");
	free(s->found);
	strbuf_release(&s->clean);
	strbuf_release(&s->other);
}
