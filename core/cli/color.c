/* SPDX-License-Identifier: MIT */
#include "cli/color.h"

#include "cli/term.h"

static bool is_set(const char *value)
{
	return value != NULL && value[0] != '\0';
}

static bool is_zero(const char *value)
{
	return strcmp(value, "0") == 0;
}

bool color_decide(enum color_when when, const struct term_env *env, bool is_tty)
{
	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	if (is_set(env->no_color))
		return false;
	if (is_set(env->clicolor_force) && !is_zero(env->clicolor_force))
		return true;
	if (is_set(env->force_color) && !is_zero(env->force_color))
		return true;
	if (is_set(env->clicolor) && is_zero(env->clicolor))
		return false;
	if (!is_set(env->term) || strcmp(env->term, "dumb") == 0)
		return false;
	return is_tty;
}

bool color_enabled(enum color_when when, int fd)
{
	struct term_env env = term_env();

	return color_decide(when, &env, term_is_tty(fd));
}

/* RFC 3986's unreserved characters, and the slash inside a path. */
static void add_percent_encoded(struct strbuf *b, const char *text, bool keeps_slash)
{
	static const char digits[] = "0123456789abcdef";

	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keeps_slash)) {
			strbuf_add_char(b, *p);
			continue;
		}
		strbuf_add_char(b, '%');
		strbuf_add_char(b, digits[c >> 4]);
		strbuf_add_char(b, digits[c & 15]);
	}
}

void hyperlink_add_begin(struct strbuf *b, const char *host, const char *path)
{
	strbuf_add_str(b, "\033]8;;file://");
	add_percent_encoded(b, host, false);
	if (path[0] != '/')
		strbuf_add_char(b, '/');
	add_percent_encoded(b, path, true);
	strbuf_add_str(b, "\033\\");
}

void hyperlink_add_end(struct strbuf *b)
{
	strbuf_add_str(b, "\033]8;;\033\\");
}
