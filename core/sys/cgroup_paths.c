/* SPDX-License-Identifier: MIT */
#include "sys/cgroup_paths.h"

#include "sys/machine.h"

struct text {
	const char *at;
	size_t len;
};

/* The groups of the process, as PROC/cgroup has them. */
struct groups {
	bool has_v1, has_v2;
	struct text of[CGROUP_PLACES];
	struct text longest; /* of version 1 */
};

void cgroup_paths_release(struct cgroup_paths *paths)
{
	strbuf_release(&paths->path);
	for (int i = 0; i < CGROUP_PLACES; i++) {
		strbuf_release(&paths->places[i].point);
		strbuf_release(&paths->places[i].below);
	}
}

static bool is_word(struct text t, const char *word)
{
	return t.len == strlen(word) && memcmp(t.at, word, t.len) == 0;
}

/* Is the controller in a list with commas? */
static bool has_controller(struct text list, const char *name)
{
	while (list.len > 0) {
		const char *comma = memchr(list.at, ',', list.len);
		struct text word = { list.at,
			             comma != NULL ? (size_t)(comma - list.at) : list.len };

		if (is_word(word, name))
			return true;
		list.at += word.len + (comma != NULL);
		list.len -= word.len + (comma != NULL);
	}
	return false;
}

static const char controllers[][8] = {
	[CGROUP_CPU] = "cpu", [CGROUP_MEMORY] = "memory", [CGROUP_PIDS] = "pids"
};

/* "4:memory:/docker/abc", or "0::/user.slice" for version 2. */
static void read_group(struct text line, struct groups *ret)
{
	const char *first = memchr(line.at, ':', line.len);
	const char *end = line.at + line.len;
	const char *second;
	struct text list;
	struct text path;

	if (first == NULL)
		return;
	second = memchr(first + 1, ':', (size_t)(end - first - 1));
	if (second == NULL || second + 1 == end || second[1] != '/')
		return;
	list = (struct text){ first + 1, (size_t)(second - first - 1) };
	path = (struct text){ second + 1, (size_t)(end - second - 1) };
	if (list.len == 0) {
		ret->has_v2 = true;
		ret->of[CGROUP_UNIFIED] = path;
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		if (has_controller(list, controllers[i]))
			ret->of[i] = path;
	/* A hierarchy with a name only keeps track of processes. */
	ret->has_v1 = ret->has_v1 || memchr(list.at, '=', list.len) == NULL;
	if (path.len > ret->longest.len)
		ret->longest = path;
}

/* mountinfo writes blanks, newlines and backslashes as \040 and so on. */
static void add_unescaped(struct strbuf *b, struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		const char *s = t.at + i;

		if (s[0] == '\\' && i + 3 < t.len && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' &&
		    s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			strbuf_add_char(
				b, (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0')));
			i += 3;
		} else if (s[0] != '\0') {
			strbuf_add_char(b, s[0]);
		}
	}
}

/* The next word of a line. */
static struct text next_word(struct text *line)
{
	const char *blank = memchr(line->at, ' ', line->len);
	struct text word = { line->at, blank != NULL ? (size_t)(blank - line->at) : line->len };

	line->at += word.len + (blank != NULL);
	line->len -= word.len + (blank != NULL);
	return word;
}

/*
 * The group below a mount whose root is the group `root`: within a control group namespace, or
 * where a container was given only its part of the tree, the two have a beginning in common.
 */
static void set_place(struct cgroup_place *place, struct text root, struct text point,
                      struct text group)
{
	if (place->mounted)
		return;
	place->mounted = true;
	if (point.len > 0 && point.at[0] == '/') {
		point.at++;
		point.len--;
	}
	add_unescaped(&place->point, point);
	if (root.len > 1 && group.len >= root.len && memcmp(root.at, group.at, root.len) == 0 &&
	    (group.len == root.len || group.at[root.len] == '/')) {
		group.at += root.len;
		group.len -= root.len;
	} else if (root.len > 1) {
		place->is_clipped = true;
		return;
	}
	/* "/../x": a group above the namespace's root. */
	if (group.len >= 3 && memcmp(group.at, "/..", 3) == 0) {
		place->is_clipped = true;
		return;
	}
	while (group.len > 0 && group.at[0] == '/') {
		group.at++;
		group.len--;
	}
	strbuf_add(&place->below, group.at, group.len);
}

static void read_mount(struct text line, const struct groups *groups, struct cgroup_paths *ret)
{
	struct text root = { 0 };
	struct text point = { 0 };
	struct text word = { 0 };
	struct text type;
	struct text options;

	for (int field = 0; field < 6; field++) {
		word = next_word(&line);
		if (field == 3)
			root = word;
		else if (field == 4)
			point = word;
	}
	while (line.len > 0 && !is_word(word, "-"))
		word = next_word(&line);
	type = next_word(&line);
	(void)next_word(&line); /* the source */
	options = line;
	if (is_word(type, "cgroup2")) {
		if (groups->of[CGROUP_UNIFIED].len != 0)
			set_place(&ret->places[CGROUP_UNIFIED], root, point,
			          groups->of[CGROUP_UNIFIED]);
		return;
	}
	if (!is_word(type, "cgroup"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		if (groups->of[i].len != 0 && has_controller(options, controllers[i]))
			set_place(&ret->places[i], root, point, groups->of[i]);
}

void cgroup_paths_parse(const struct strbuf *cgroup, const struct strbuf *mountinfo,
                        struct cgroup_paths *ret)
{
	struct groups groups = { 0 };
	const char *at = strbuf_str(cgroup);
	const char *end = at + cgroup->len;
	struct text line;
	struct text path;

	while ((line.at = text_line(&at, end, &line.len)) != NULL)
		read_group(line, &groups);
	at = strbuf_str(mountinfo);
	end = at + mountinfo->len;
	while ((line.at = text_line(&at, end, &line.len)) != NULL)
		read_mount(line, &groups, ret);
	if (groups.has_v1)
		ret->version = groups.has_v2 ? CGROUP_HYBRID : CGROUP_V1;
	else if (groups.has_v2)
		ret->version = CGROUP_V2;
	path = groups.of[CGROUP_UNIFIED];
	if (groups.longest.len > path.len)
		path = groups.longest;
	if (memchr(path.at != NULL ? path.at : "", '\0', path.len) == NULL && path.len != 0)
		strbuf_add(&ret->path, path.at, path.len);
}
