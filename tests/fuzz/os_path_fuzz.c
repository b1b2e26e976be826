/* SPDX-License-Identifier: MIT */
/*
 * Paths as text: parts are parts, what is normal stays so, the way from one path to another
 * leads there; and variables are the same in one piece and in two.
 */
#include "base/mem.h"
#include "base/os_path.h"
#include "base/pure_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *lookup(const char *name, size_t len, void *user)
{
	(void)name;
	(void)user;
	return len == 1 ? "" : len == 2 ? "$two" : NULL;
}

static void check_variables(const char *text, size_t len, size_t cut)
{
	struct os_path_vars vars = { .lookup = lookup };
	AUTO_RELEASE_STRBUF struct strbuf whole = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf pieces = { 0 };
	size_t used;

	if (os_path_add_expanded(&whole, text, len, &vars) != len)
		abort();
	vars.more_follows = true;
	used = os_path_add_expanded(&pieces, text, cut, &vars);
	vars.more_follows = false;
	if (used > cut ||
	    os_path_add_expanded(&pieces, text + used, len - used, &vars) != len - used)
		abort();
	if (strcmp(strbuf_str(&whole), strbuf_str(&pieces)) != 0)
		abort();
}

static void check_normal(const char *path)
{
	AUTO_RELEASE_STRBUF struct strbuf once = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf twice = { 0 };

	os_path_add_norm(&once, path);
	os_path_add_norm(&twice, once.data);
	if (strcmp(once.data, twice.data) != 0)
		abort();
}

static void check_way(const char *path, const char *start)
{
	AUTO_RELEASE_STRBUF struct strbuf from = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf to = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf way = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf there = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	strbuf_add_format(&text, "/x%s", path);
	os_path_add_norm(&to, text.data);
	strbuf_clear(&text);
	strbuf_add_format(&text, "/x%s", start);
	os_path_add_norm(&from, text.data);
	os_path_add_rel(&way, to.data, from.data);
	os_path_join(&from, way.data);
	os_path_add_norm(&there, from.data);
	if (strcmp(there.data, to.data) != 0)
		abort();
}

static void check_pure(const char *path)
{
	struct pure_path p = { 0 };
	AUTO_FREE_STR char *first = NULL;

	pure_path_read(&p, path);
	first = mem_strdup(pure_path_str(&p));
	if (pure_path_suffixes(pure_path_name(&p)) > pure_path_suffix(pure_path_name(&p)) &&
	    pure_path_suffix(pure_path_name(&p))[0] != '\0' &&
	    pure_path_suffixes(pure_path_name(&p))[0] != '\0')
		abort();
	pure_path_read(&p, first);
	if (strcmp(first, pure_path_str(&p)) != 0)
		abort();
	while (pure_path_to_parent(&p)) {
		if (p.text.len > strlen(first))
			abort();
	}
	strbuf_release(&p.text);
}

/* The first byte says where the text is cut in two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE_STR char *text = NULL;
	AUTO_FREE_STR char *head = NULL;
	size_t len, cut;

	if (size == 0)
		return 0;
	text = mem_strndup((const char *)data + 1, size - 1);
	len = strlen(text);
	cut = len == 0 ? 0 : data[0] % (len + 1);
	head = mem_strndup(text, cut);
	check_variables(text, len, cut);
	check_normal(text);
	check_way(text, head);
	check_pure(text);
	if (strlen(os_path_tail(text)) > len || os_path_head(text).len > len ||
	    os_path_ext(text) < os_path_tail(text))
		abort();
	return 0;
}
