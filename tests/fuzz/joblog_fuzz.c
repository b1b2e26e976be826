/* SPDX-License-Identifier: MIT */
/* Lines of job logs from any bytes: what is read and written again reads the same. */
#include "base/joblog.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct joblog_entry *e)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct joblog_entry again;

	joblog_add(&line, e);
	if (joblog_parse(line.data, line.len - 1, &again) < 0)
		abort();
	if (again.seq != e->seq || again.exit != e->exit || again.signal != e->signal ||
	    again.received != e->received || again.command_len != e->command_len ||
	    memcmp(again.command, e->command, e->command_len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE_STR char *text = mem_strndup((const char *)data, size);
	size_t whole = joblog_whole_len((const char *)data, size);
	struct joblog_entry e;

	if (whole > size || (whole > 0 && data[whole - 1] != '\n'))
		abort();
	memcpy(text, data, size);
	if (joblog_parse(text, size, &e) < 0)
		return 0;
	if (e.seq == 0 || e.exit < 0 || e.signal < 0 || e.command < text ||
	    e.command + e.command_len != text + size)
		abort();
	check_again(&e);
	return 0;
}
