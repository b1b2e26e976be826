/* SPDX-License-Identifier: MIT */
#include "sys/machine_load.h"

#include "base/num.h"
#include "base/strbuf.h"
#include "sys/procfs.h"

#include <errno.h>
#include <string.h>

enum { FILE_MAX = 64 * 1024, NUMBER_SIZE = 24, KIB = 1024, HUNDRED = 100 };

/* Digits at `text`; *ret_len of them. */
static bool scan(const char *text, uint64_t *ret, size_t *ret_len)
{
	char number[NUMBER_SIZE];
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len >= sizeof(number))
		return false;
	memcpy(number, text, len);
	number[len] = '\0';
	*ret_len = len;
	return num_parse_u64(number, ret) == 0;
}

/* "0.31 0.20 0.10 3/512 4711" */
static int parse_load(const char *text, uint64_t *ret)
{
	uint64_t whole, part, running;
	size_t len;

	if (!scan(text, &whole, &len) || text[len] != '.')
		return -EINVAL;
	text += len + 1;
	if (!scan(text, &part, &len) || len != 2)
		return -EINVAL;
	for (int i = 0; i < 3; i++) {
		text = strchr(text, ' ');
		if (text == NULL)
			return -EINVAL;
		text++;
	}
	if (!scan(text, &running, &len) || text[len] != '/')
		return -EINVAL;
	whole = num_add_sat(num_mul_sat(whole, HUNDRED, NULL), part, NULL);
	running = running > 0 ? num_mul_sat(running - 1, HUNDRED, NULL) : 0;
	*ret = whole > running ? whole : running;
	return 0;
}

int machine_load(int proc, uint64_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	int r = procfs_read(proc, "loadavg", FILE_MAX, &text);

	return r < 0 ? r : parse_load(strbuf_str(&text), ret);
}

int machine_available(int proc, uint64_t *ret)
{
	static const char key[] = "MemAvailable:";
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	const char *at;
	uint64_t value;
	size_t len;
	int r = procfs_read(proc, "meminfo", FILE_MAX, &text);

	if (r < 0)
		return r;
	at = strstr(strbuf_str(&text), key);
	if (at == NULL)
		return -EINVAL;
	at += sizeof(key) - 1;
	at += strspn(at, " \t");
	if (!scan(at, &value, &len))
		return -EINVAL;
	*ret = num_mul_sat(value, KIB, NULL);
	return 0;
}
