/* SPDX-License-Identifier: MIT */
#include "base/pure_path.h"

#include <errno.h>

void pure_path_read(struct pure_path *p, const char *text)
{
	size_t slashes = strspn(text, "/");

	strbuf_clear(&p->text);
	p->root = slashes > 2 ? 1 : slashes;
	strbuf_add_fill(&p->text, '/', p->root);
	for (const char *at = text + slashes; *at != '\0'; at += strspn(at, "/")) {
		size_t len = strcspn(at, "/");

		if (len != 1 || at[0] != '.') {
			if (p->text.len > p->root)
				strbuf_add_char(&p->text, '/');
			strbuf_add(&p->text, at, len);
		}
		at += len;
	}
}

const char *pure_path_str(const struct pure_path *p)
{
	return p->text.len > 0 ? p->text.data : ".";
}

const char *pure_path_name(const struct pure_path *p)
{
	const char *text = strbuf_str(&p->text);
	const char *slash = strrchr(text, '/');

	return slash != NULL ? slash + 1 : text;
}

const char *pure_path_suffix(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && dot != name && dot[1] != '\0' ? dot : name + strlen(name);
}

const char *pure_path_suffixes(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || name[len - 1] == '.')
		return name + len;
	name += strspn(name, ".");
	return strchrnul(name, '.');
}

bool pure_path_to_parent(struct pure_path *p)
{
	size_t at = (size_t)(pure_path_name(p) - strbuf_str(&p->text));

	if (p->text.len == p->root)
		return false;
	strbuf_truncate(&p->text, at > p->root ? at - 1 : at);
	return true;
}

static bool is_name(const char *name)
{
	return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0;
}

/* The last component becomes the `len` bytes at `head` and `tail`, which may be in p. */
static int replace_name(struct pure_path *p, const char *head, size_t len, const char *tail,
                        bool any)
{
	AUTO_RELEASE_STRBUF struct strbuf name = { 0 };

	if (pure_path_name(p)[0] == '\0')
		return -ENOENT;
	strbuf_add(&name, head, len);
	strbuf_add_str(&name, tail);
	if (!any && !is_name(strbuf_str(&name)))
		return -EINVAL;
	strbuf_truncate(&p->text, (size_t)(pure_path_name(p) - p->text.data));
	strbuf_add(&p->text, strbuf_str(&name), name.len);
	return 0;
}

int pure_path_set_name(struct pure_path *p, const char *name)
{
	return replace_name(p, name, strlen(name), "", false);
}

int pure_path_set_stem(struct pure_path *p, const char *stem)
{
	return replace_name(p, stem, strlen(stem), pure_path_suffix(pure_path_name(p)), false);
}

int pure_path_set_suffix(struct pure_path *p, const char *suffix)
{
	const char *name = pure_path_name(p);

	if (strchr(suffix, '/') != NULL || strcmp(suffix, ".") == 0 ||
	    (suffix[0] != '\0' && suffix[0] != '.'))
		return -EINVAL;
	/* "..x" without its suffix is ".", in Python too. */
	return replace_name(p, name, (size_t)(pure_path_suffix(name) - name), suffix, true);
}
