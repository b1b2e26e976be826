/* SPDX-License-Identifier: MIT */
/* The reader of exports: whatever comes in, directories are entered and left in pairs. */
#include "fs/ncdu.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at;
	size_t left;
};

static ssize_t read_input(void *user, void *buffer, size_t size)
{
	struct input *in = user;
	size_t n = size < in->left ? size : in->left;

	if (n > 0)
		memcpy(buffer, in->at, n);
	in->at += n;
	in->left -= n;
	return (ssize_t)n;
}

static bool on_enter(const struct usage_entry *e, void *user)
{
	unsigned *open = user;

	if (e->depth != *open)
		abort();
	++*open;
	return true;
}

static bool on_item(const struct usage_entry *e, void *user)
{
	const unsigned *open = user;
	size_t len;

	if (e->depth != *open || memchr(e->name, '/', e->name_len) != NULL)
		abort();
	(void)usage_path(e, &len);
	return true;
}

static bool on_leave(const struct usage_entry *e, const struct usage_totals *t, void *user)
{
	unsigned *open = user;

	(void)t;
	if (e->depth + 1 != *open)
		abort();
	--*open;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned open = 0;
	struct input in = { data, size };
	const struct usage_opts opts = { .reclaim = true };
	const struct ncdu_source source = { read_input, &in, &opts };
	const struct usage_sink sink = {
		.enter = on_enter, .item = on_item, .leave = on_leave, .user = &open
	};
	struct ncdu_error error = { 0 };
	int r = ncdu_read(&source, &sink, &error);

	if (r == 0 && open != 0)
		abort();
	if (r != 0 && (error.reason == NULL || error.offset > size))
		abort();
	return 0;
}
