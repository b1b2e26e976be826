/* SPDX-License-Identifier: MIT */
/* Durations from any text: never negative; an error points into the text. */
#include "base/human.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE_STR char *text = mem_strndup((const char *)data, size);
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	struct text_error error = { 0 };
	int64_t ns = -4711;

	if (human_parse_duration(text, &ns, &error) < 0) {
		if (ns != -4711 || error.reason == NULL || error.offset > strlen(text) ||
		    error.len > strlen(text) - error.offset)
			abort();
		return 0;
	}
	if (ns < 0)
		abort();
	human_add_duration(&b, ns);
	if (b.len < 2 || b.len > 20)
		abort();
	return 0;
}
