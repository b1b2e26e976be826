/* SPDX-License-Identifier: MIT */
/*
 * Sizes and block sizes from any text: an error points into the text and leaves the
 * result alone; a block size prints every amount rounded up.
 */
#include "base/human.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct text_error *error, const char *text)
{
	if (error->reason == NULL || error->offset > strlen(text) ||
	    error->len > strlen(text) - error->offset)
		abort();
}

static void check_print(const struct human_format *format, uint64_t amount)
{
	AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
	struct text_error error;
	uint64_t shown;

	human_add_size(&b, amount, format);
	if (b.len == 0 || b.len > 30)
		abort();
	if (format->autoscale || format->suffix)
		return;
	/* Whole blocks, as few as hold it. */
	if (human_parse_size(strbuf_str(&b), &shown, &error) < 0)
		abort();
	if (shown != amount / format->block_size + (amount % format->block_size != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE_STR char *text = mem_strndup((const char *)data, size);
	struct text_error error = { 0 };
	struct human_format format = { .block_size = 4711 };
	uint64_t bytes = 4711;

	if (human_parse_size(text, &bytes, &error) < 0) {
		check_error(&error, text);
		if (bytes != 4711)
			abort();
		bytes = size;
	}
	error = (struct text_error){ 0 };
	if (human_parse_block_size(text, &format, &error) < 0) {
		check_error(&error, text);
		if (format.block_size != 4711)
			abort();
		return 0;
	}
	if (format.block_size == 0)
		abort();
	check_print(&format, bytes);
	check_print(&format, 0);
	check_print(&format, UINT64_MAX);
	check_print(&format, format.block_size);
	return 0;
}
