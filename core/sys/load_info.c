/* SPDX-License-Identifier: MIT */
#include "sys/load_info.h"

#include <errno.h>

int load_average_parse(const char *text, size_t len, struct load_average *ret)
{
	struct load_average load;
	size_t at = 0;
	size_t used;

	for (size_t i = 0; i < ARRAY_LEN(load.centi); i++) {
		if (text_scan_fixed(text + at, len - at, 2, &load.centi[i], &used) < 0)
			return -EBADMSG;
		at += used;
	}
	if (text_scan_u64(text + at, len - at, &load.runnable, &used) < 0)
		return -EBADMSG;
	at += used;
	if (at == len || text[at] != '/')
		return -EBADMSG;
	at++;
	if (text_scan_u64(text + at, len - at, &load.tasks, &used) < 0)
		return -EBADMSG;
	*ret = load;
	return 0;
}

int uptime_parse(const char *text, size_t len, int64_t *ret_ns)
{
	uint64_t ns;

	if (text_scan_fixed(text, len, 9, &ns, NULL) < 0 || ns > INT64_MAX)
		return -EBADMSG;
	*ret_ns = (int64_t)ns;
	return 0;
}

/* The value behind " NAME=" in the line. */
static int read_share(const char *line, size_t len, const char *name, uint64_t *ret)
{
	const char *at = memmem(line, len, name, strlen(name));

	if (at == NULL)
		return -EBADMSG;
	at += strlen(name);
	return text_scan_fixed(at, (size_t)(line + len - at), 2, ret, NULL);
}

int pressure_parse(const char *text, size_t len, const char *kind, struct pressure *ret)
{
	const char *at = text;
	const char *line;
	size_t line_len;

	while ((line = text_line(&at, text + len, &line_len)) != NULL) {
		struct pressure p;

		if (line_len < strlen(kind) || memcmp(line, kind, strlen(kind)) != 0)
			continue;
		if (read_share(line, line_len, " avg10=", &p.avg10) < 0 ||
		    read_share(line, line_len, " avg60=", &p.avg60) < 0 ||
		    read_share(line, line_len, " avg300=", &p.avg300) < 0)
			return -ENOENT;
		*ret = p;
		return 0;
	}
	return -ENOENT;
}
