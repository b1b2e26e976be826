/* SPDX-License-Identifier: MIT */
/* Which of the paths that match are wanted, by type and metadata. */
#include "glob.h"

#include "base/human.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

/* ---- reading ---- */

/* -t: what the filter does not know is taken out of the item: x, e and their words. */
static void read_own_types(struct glob_run *run, const char *item, struct strbuf *ret_rest)
{
	struct glob_select *s = &run->select;

	while (*item != '\0') {
		size_t len = strcspn(item, ",");
		size_t before = ret_rest->len;

		if (len == strlen("executable") && memcmp(item, "executable", len) == 0) {
			s->executable = true;
		} else if (len == strlen("empty") && memcmp(item, "empty", len) == 0) {
			s->empty = true;
		} else if (len > 0 && strspn(item, "fdlpscbxe") >= len) {
			for (size_t i = 0; i < len; i++) {
				s->executable = s->executable || item[i] == 'x';
				s->empty = s->empty || item[i] == 'e';
				if (item[i] != 'x' && item[i] != 'e')
					strbuf_add_char(ret_rest, item[i]);
			}
		} else {
			strbuf_add(ret_rest, item, len);
		}
		item += len;
		if (*item == ',' && ret_rest->len > before)
			strbuf_add_char(ret_rest, ',');
		item += *item == ',';
	}
	if (ret_rest->len > 0 && ret_rest->data[ret_rest->len - 1] == ',')
		strbuf_truncate(ret_rest, ret_rest->len - 1);
}

/* The values of the shared filter; x and e are ours. */
static int read_limits(struct glob_run *run)
{
	struct filter_cli_opts shared = run->opts->filter;
	struct strbuf rest = { 0 };
	struct strv types = { 0 };
	int status;

	for (size_t i = 0; i < shared.types.len; i++) {
		bool had_own = run->select.executable || run->select.empty;

		strbuf_clear(&rest);
		read_own_types(run, shared.types.items[i], &rest);
		/* An item that is empty or wrong is for the filter to complain about. */
		if (rest.len > 0 || !(had_own || run->select.executable || run->select.empty))
			vec_push(&types, mem_strdup(rest.len > 0 ? strbuf_str(&rest)
			                                         : shared.types.items[i]));
	}
	shared.types = types;
	status = filter_cli_read(run->ctx->diag, &shared, &run->select.limits);
	for (size_t i = 0; i < types.len; i++) {
		char *owned;

		memcpy(&owned, &types.items[i], sizeof(owned));
		free(owned);
	}
	vec_release(&types);
	strbuf_release(&rest);
	return status;
}

/* +SIZE: that or more; -SIZE: that or less; SIZE: exactly. All that are given hold. */
static int read_size(struct glob_run *run, const char *text)
{
	struct filter_opts *limits = &run->select.limits;
	size_t skip = text[0] == '+' || text[0] == '-';
	struct text_error where;
	uint64_t size;

	if (human_parse_size(text + skip, &size, &where) < 0) {
		where.offset += skip;
		return diag_caret(run->ctx->diag, "--size", text, &where);
	}
	if (text[0] != '-' && size > limits->min_size)
		limits->min_size = size;
	if (text[0] != '+' && (!limits->has_max_size || size < limits->max_size)) {
		limits->has_max_size = true;
		limits->max_size = size;
	}
	run->select.has_size = true;
	return 0;
}

/* The bits that a letter of a symbolic mode stands for, for all three classes. */
static mode_t bits_of(char letter)
{
	switch (letter) {
	case 'r':
		return 0444;
	case 'w':
		return 0222;
	case 'x':
		return 0111;
	case 's':
		return 06000;
	case 't':
		return 01000;
	default:
		return 0;
	}
}

/* One clause of a symbolic mode, u+rw or a=x, on top of *mode. Bytes read; 0: it is none. */
static size_t read_clause(const char *text, mode_t *mode)
{
	static const char classes[] = "ugoa";
	static const mode_t of_class[] = { 04700, 02070, 01007, 07777 };
	size_t n = strspn(text, classes);
	mode_t who = n == 0 ? 07777 : 0;
	mode_t bits = 0;
	char how = text[n];
	size_t letters;

	for (size_t i = 0; i < n; i++)
		who |= of_class[strchr(classes, text[i]) - classes];
	if (how != '+' && how != '=' && how != '-')
		return 0;
	letters = strspn(text + n + 1, "rwxst");
	for (size_t i = 0; i < letters; i++)
		bits |= bits_of(text[n + 1 + i]) & who;
	if (how == '=')
		*mode &= ~who;
	*mode = how == '-' ? *mode & ~bits : *mode | bits;
	return n + 1 + letters;
}

static bool read_mode(const char *text, mode_t *ret)
{
	size_t digits = strspn(text, "01234567");

	*ret = 0;
	if (digits > 0 && digits <= 5 && text[digits] == '\0') {
		for (; *text != '\0'; text++)
			*ret = *ret * 8 + (mode_t)(*text - '0');
		return *ret <= 07777;
	}
	for (;;) {
		size_t n = read_clause(text, ret);

		text += n;
		if (n == 0 || (*text != ',' && *text != '\0'))
			return false;
		if (*text == '\0')
			return true;
		text++;
	}
}

/* MODE exactly, -MODE all of the bits, /MODE any of them, as in find. */
static int read_perm(struct glob_run *run)
{
	struct glob_select *s = &run->select;
	const char *text = run->opts->perm;
	struct text_error where = { "expected MODE, -MODE or /MODE, as 644 or u+x", 0, 0 };

	if (text == NULL)
		return 0;
	s->all_perm = text[0] == '-';
	s->any_perm = text[0] == '/';
	s->same_perm = !s->all_perm && !s->any_perm;
	where.len = strlen(text);
	if (!read_mode(text + !s->same_perm, &s->perm))
		return diag_caret(run->ctx->diag, "--perm", text, &where);
	return 0;
}

int glob_select_read(struct glob_run *run)
{
	const struct glob_opts *opts = run->opts;
	struct glob_select *s = &run->select;
	struct filter_opts names;
	int status = read_limits(run);

	s->has_size = opts->filter.min_size != NULL || opts->filter.max_size != NULL;
	for (size_t i = 0; i < opts->sizes.len && status == 0; i++)
		status = read_size(run, opts->sizes.items[i]);
	if (status == 0)
		status = read_perm(run);
	if (status != 0)
		return status;
	if (s->limits.has_max_size && s->limits.min_size > s->limits.max_size)
		return diag_usage(run->ctx->diag, "the smallest size is above the largest");
	s->empty = s->empty || opts->empty;
	s->time = (enum glob_time)opts->time;
	s->needs_stat = s->has_size || s->limits.has_newer || s->limits.has_older ||
	                s->limits.has_owner || s->limits.has_group || s->empty ||
	                opts->perm != NULL;
	/* Types and metadata are asked here, of matches only; names by the filter. */
	names = (struct filter_opts){ .rules = opts->filter.rules,
		                      .gitignore = opts->filter.gitignore,
		                      .exclude_caches = opts->filter.exclude_caches,
		                      .exclude_if_present = opts->filter.exclude_if_present };
	return filter_cli_build(run->ctx->diag, &names, &run->filter);
}

/* ---- deciding ---- */

/* The time that --newer and --older are about. False: the file system does not keep it. */
static bool time_of(const struct glob_run *run, const struct glob_match *m, const struct stat *st,
                    struct timespec *ret)
{
	struct statx x;

	switch (run->select.time) {
	case GLOB_MTIME:
		*ret = st->st_mtim;
		return true;
	case GLOB_CTIME:
		*ret = st->st_ctim;
		return true;
	case GLOB_ATIME:
		*ret = st->st_atim;
		return true;
	case GLOB_BIRTH:
		break;
	}
	if (statx(m->dirfd, m->name,
	          AT_NO_AUTOMOUNT | (run->opts->follow ? 0 : AT_SYMLINK_NOFOLLOW), STATX_BTIME,
	          &x) != 0 ||
	    !(x.stx_mask & STATX_BTIME))
		return false;
	*ret = (struct timespec){ x.stx_btime.tv_sec, (long)x.stx_btime.tv_nsec };
	return true;
}

static bool is_before(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

static bool fits_times(const struct glob_run *run, const struct glob_match *m,
                       const struct stat *st)
{
	const struct filter_opts *limits = &run->select.limits;
	struct timespec t;

	if (!limits->has_newer && !limits->has_older)
		return true;
	return time_of(run, m, st, &t) && !(limits->has_newer && is_before(t, limits->newer)) &&
	       !(limits->has_older && is_before(limits->older, t));
}

static bool is_empty_directory(const struct glob_match *m)
{
	int fd = openat(m->dirfd, m->name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	unsigned n = 0;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while (n <= 2 && readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n <= 2;
}

static bool fits_metadata(const struct glob_run *run, const struct glob_match *m,
                          const struct stat *st)
{
	const struct glob_select *s = &run->select;
	const mode_t mode = st->st_mode & 07777;

	if (s->has_size && (!S_ISREG(st->st_mode) || (uint64_t)st->st_size < s->limits.min_size ||
	                    (s->limits.has_max_size && (uint64_t)st->st_size > s->limits.max_size)))
		return false;
	if (!filter_owner_fits(&s->limits, st) || !fits_times(run, m, st))
		return false;
	if ((s->same_perm && mode != s->perm) || (s->all_perm && (mode & s->perm) != s->perm) ||
	    (s->any_perm && s->perm != 0 && (mode & s->perm) == 0))
		return false;
	if (!s->empty)
		return true;
	return S_ISREG(st->st_mode) ? st->st_size == 0
	                            : S_ISDIR(st->st_mode) && is_empty_directory(m);
}

bool glob_select_wants(const struct glob_run *run, const struct glob_match *m, struct stat *ret_st,
                       bool *ret_known)
{
	const struct glob_select *s = &run->select;
	const int flags = AT_NO_AUTOMOUNT |
	                  (m->type != DT_LNK && run->opts->follow ? 0 : AT_SYMLINK_NOFOLLOW);

	*ret_known = false;
	if (s->limits.types != 0 && !(s->limits.types >> m->type & 1))
		return false;
	if (s->executable &&
	    (m->type != DT_REG || faccessat(m->dirfd, m->name, X_OK, AT_EACCESS) != 0))
		return false;
	if (!s->needs_stat && !run->wants_meta)
		return true;
	if (fstatat(m->dirfd, m->name, ret_st, flags) != 0)
		return !s->needs_stat && errno != ENOENT; /* it went away */
	*ret_known = true;
	return !s->needs_stat || fits_metadata(run, m, ret_st);
}
