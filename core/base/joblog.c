/* SPDX-License-Identifier: MIT */
#include "base/joblog.h"

#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum { NUMBER_SIZE = 24, NS_PER_MS = 1000000, MS_PER_S = 1000, FIELDS = 8 };
enum { FIELD_SEQ = 0, FIELD_RECEIVED = 5, FIELD_EXIT = 6, FIELD_SIGNAL = 7 };

const char joblog_header[] =
	"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

void joblog_add(struct strbuf *ret, const struct joblog_entry *entry)
{
	int64_t ms = entry->wall_ns / NS_PER_MS;

	strbuf_add_format(ret, "%llu\t:\t%lld.%03ld\t%6lld.%03lld\t0\t%llu\t%d\t%d\t",
	                  (unsigned long long)entry->seq, (long long)entry->started.tv_sec,
	                  entry->started.tv_nsec / NS_PER_MS, (long long)(ms / MS_PER_S),
	                  (long long)(ms % MS_PER_S), (unsigned long long)entry->received,
	                  entry->exit, entry->signal);
	strbuf_add(ret, entry->command, entry->command_len);
	strbuf_add_char(ret, '\n');
}

static bool parse_field(const char *field, size_t len, uint64_t max, uint64_t *ret)
{
	char number[NUMBER_SIZE];
	uint64_t value;

	if (len == 0 || len >= sizeof(number))
		return false;
	memcpy(number, field, len);
	number[len] = '\0';
	if (num_parse_u64(number, &value) < 0 || value > max)
		return false;
	*ret = value;
	return true;
}

int joblog_parse(const char *line, size_t len, struct joblog_entry *ret)
{
	uint64_t seq = 0, received = 0, exit_code = 0, signo = 0;
	size_t at = 0;

	for (size_t i = 0; i < FIELDS; i++) {
		const char *tab = memchr(line + at, '\t', len - at);
		size_t field = tab != NULL ? (size_t)(tab - line) - at : 0;
		bool good = tab != NULL && field > 0;

		if (good && i == FIELD_SEQ)
			good = parse_field(line, field, UINT64_MAX, &seq) && seq > 0;
		else if (good && i == FIELD_RECEIVED)
			good = parse_field(line + at, field, UINT64_MAX, &received);
		else if (good && i == FIELD_EXIT)
			good = parse_field(line + at, field, INT_MAX, &exit_code);
		else if (good && i == FIELD_SIGNAL)
			good = parse_field(line + at, field, INT_MAX, &signo);
		if (!good)
			return -EINVAL;
		at += field + 1;
	}
	*ret = (struct joblog_entry){ .seq = seq,
		                      .received = received,
		                      .exit = (int)exit_code,
		                      .signal = (int)signo,
		                      .command = line + at,
		                      .command_len = len - at };
	return 0;
}

size_t joblog_whole_len(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] != '\n')
		len--;
	return len;
}
