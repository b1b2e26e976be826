/* SPDX-License-Identifier: MIT */
/*
 * The words of env -S from any text. Trouble points into the text; and words, each quoted and put
 * together again, give the same words.
 */
#include "base/env_split.h"
#include "base/strbuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *lookup(const char *name, void *user)
{
	(void)user;
	/* What is asked for is a name. */
	for (const char *p = name; *p != '\0'; p++) {
		if (strchr("${}'\" \\", *p) != NULL)
			abort();
	}
	return strlen(name) % 2 == 0 ? "a \"b'" : NULL;
}

static void add_quoted(struct strbuf *b, const char *word)
{
	strbuf_add_str(b, " '");
	for (; *word != '\0'; word++) {
		if (*word == '\'' || *word == '\\')
			strbuf_add_char(b, '\\');
		strbuf_add_char(b, *word);
	}
	strbuf_add_char(b, '\'');
}

static void check_again(const struct env_words *words)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct env_words again = { 0 };
	struct env_split_error err;

	for (size_t i = 0; i < words->len; i++)
		add_quoted(&text, words->items[i]);
	if (env_split(strbuf_str(&text), lookup, NULL, &again, &err) < 0 || again.len != words->len)
		abort();
	for (size_t i = 0; i < words->len; i++) {
		if (strcmp(words->items[i], again.items[i]) != 0)
			abort();
	}
	env_words_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE_STR char *text = mem_strndup((const char *)data, size);
	struct env_words words = { 0 };
	struct env_split_error err = { .at = NULL };

	if (env_split(text, lookup, NULL, &words, &err) == 0)
		check_again(&words);
	else if (err.at < text || err.at > text + strlen(text))
		abort();
	env_words_release(&words);
	return 0;
}
