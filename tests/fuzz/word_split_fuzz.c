/* SPDX-License-Identifier: MIT */
/* Command lines from any bytes: words are counted right, errors point into the line. */
#include "base/mem.h"
#include "base/word_split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_RELEASE_STRBUF struct strbuf words = { 0 };
	char *line = mem_alloc(size > 0 ? size : 1);
	struct text_error error = { 0 };
	size_t n = 4711, seen = 0;

	if (size > 0)
		memcpy(line, data, size);
	if (word_split(line, size, &words, &n, &error) < 0) {
		if (n != 4711 || error.reason == NULL || error.offset >= size ||
		    error.len > size - error.offset)
			abort();
	} else {
		for (size_t i = 0; i < words.len; i++)
			seen += words.data[i] == '\0' ? 1 : 0;
		if (seen != n || (n > 0 && words.data[words.len - 1] != '\0'))
			abort();
	}
	free(line);
	return 0;
}
