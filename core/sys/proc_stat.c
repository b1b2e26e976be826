/* SPDX-License-Identifier: MIT */
#include "sys/proc_stat.h"

#include <errno.h>
#include <limits.h>

enum { SCRIPT_ARGUMENTS = 4 }; /* interpreter, up to two options, script */

/* Text that is read from the front. */
struct scanner {
	const char *at;
	const char *end;
	bool failed;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct scanner *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
		s->at++;
}

/* A decimal number; a negative one reads as 0: the kernel says "none" with -1. */
static uint64_t scan_number(struct scanner *s)
{
	uint64_t value = 0;
	bool negative;

	skip_blanks(s);
	negative = s->at < s->end && *s->at == '-';
	if (negative)
		s->at++;
	if (s->at == s->end || !is_digit(*s->at)) {
		s->failed = true;
		return 0;
	}
	for (; s->at < s->end && is_digit(*s->at); s->at++) {
		unsigned digit = (unsigned)(*s->at - '0');

		if (value > (UINT64_MAX - digit) / 10) {
			s->failed = true;
			return 0;
		}
		value = value * 10 + digit;
	}
	return negative ? 0 : value;
}

static pid_t scan_pid(struct scanner *s)
{
	uint64_t value = scan_number(s);

	if (value > INT_MAX)
		s->failed = true;
	return s->failed ? 0 : (pid_t)value;
}

/* A small number that may well be negative. */
static int scan_nice(struct scanner *s)
{
	bool negative;
	uint64_t value;

	skip_blanks(s);
	negative = s->at < s->end && *s->at == '-';
	s->at += negative;
	value = scan_number(s);
	if (value > INT_MAX)
		s->failed = true;
	if (s->failed)
		return 0;
	return negative ? -(int)value : (int)value;
}

static void skip_numbers(struct scanner *s, int n)
{
	while (n-- > 0)
		(void)scan_number(s);
}

/* "PID (" in front of the name, ") S" behind it. */
static int scan_name(struct scanner *s, struct proc_stat *ret)
{
	const char *close = memrchr(s->at, ')', (size_t)(s->end - s->at));
	const char *open;

	ret->pid = scan_pid(s);
	if (s->failed || close == NULL || s->end - s->at < 2 || s->at[0] != ' ' || s->at[1] != '(')
		return -EBADMSG;
	open = s->at + 2;
	if (close < open)
		return -EBADMSG;
	ret->comm_len = (size_t)(close - open);
	if (ret->comm_len > PROC_COMM_MAX)
		ret->comm_len = PROC_COMM_MAX;
	memcpy(ret->comm, open, ret->comm_len);
	ret->comm[ret->comm_len] = '\0';
	/* Recorded files may hold anything; users take it as a string. */
	ret->comm_len = strlen(ret->comm);
	s->at = close + 1;
	skip_blanks(s);
	if (s->at == s->end)
		return -EBADMSG;
	ret->state = *s->at++;
	return 0;
}

int proc_stat_parse(const char *text, size_t len, struct proc_stat *ret)
{
	struct scanner s = { .at = text, .end = text + len };
	struct proc_stat stat;
	int r = scan_name(&s, &stat);

	if (r < 0)
		return r;
	stat.parent = scan_pid(&s);
	stat.group = scan_pid(&s);
	stat.session = scan_pid(&s);
	stat.terminal = scan_number(&s);
	skip_numbers(&s, 1); /* foreground group */
	stat.flags = scan_number(&s);
	skip_numbers(&s, 4); /* page faults */
	stat.user_ticks = scan_number(&s);
	stat.system_ticks = scan_number(&s);
	skip_numbers(&s, 3); /* times of children, priority */
	stat.nice = scan_nice(&s);
	stat.threads = scan_number(&s);
	skip_numbers(&s, 1); /* interval timer */
	stat.start_ticks = scan_number(&s);
	skip_numbers(&s, 1); /* virtual size */
	stat.rss_pages = scan_number(&s);
	if (s.failed)
		return -EBADMSG;
	*ret = stat;
	return 0;
}

/* Hexadecimal, as the kernel prints masks. */
static uint64_t scan_mask(struct scanner *s)
{
	uint64_t value = 0;

	skip_blanks(s);
	for (; s->at < s->end; s->at++) {
		char c = *s->at;

		if (is_digit(c))
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			break;
	}
	return value;
}

static unsigned count_words(struct scanner *s)
{
	unsigned n = 0;

	for (skip_blanks(s); s->at < s->end; skip_blanks(s)) {
		n++;
		while (s->at < s->end && *s->at != ' ' && *s->at != '\t')
			s->at++;
	}
	return n;
}

enum { HAVE_UID = 1, HAVE_GID = 2, HAVE_BOTH = 3 };

static bool scan_ids(struct scanner *s, uint32_t *real, uint32_t *effective)
{
	uint64_t first = scan_number(s);
	uint64_t second = scan_number(s);

	if (s->failed || first > UINT32_MAX || second > UINT32_MAX)
		return false;
	*real = (uint32_t)first;
	*effective = (uint32_t)second;
	return true;
}

static bool is_key(const char *line, size_t len, const char *key)
{
	return len == strlen(key) && memcmp(line, key, len) == 0;
}

/* Returns the HAVE_* that the line gives. */
static int scan_line(const char *line, const char *end, struct proc_status *ret)
{
	const char *colon = memchr(line, ':', (size_t)(end - line));
	struct scanner s = { .end = end };
	size_t len;

	if (colon == NULL)
		return 0;
	len = (size_t)(colon - line);
	s.at = colon + 1;
	if (is_key(line, len, "Uid"))
		return scan_ids(&s, &ret->uid, &ret->euid) ? HAVE_UID : 0;
	if (is_key(line, len, "Gid"))
		return scan_ids(&s, &ret->gid, &ret->egid) ? HAVE_GID : 0;
	if (is_key(line, len, "NSpid"))
		ret->namespaces = count_words(&s);
	else if (is_key(line, len, "SigBlk"))
		ret->blocked = scan_mask(&s);
	else if (is_key(line, len, "SigIgn"))
		ret->ignored = scan_mask(&s);
	else if (is_key(line, len, "SigCgt"))
		ret->caught = scan_mask(&s);
	else if (is_key(line, len, "SigPnd") || is_key(line, len, "ShdPnd"))
		ret->pending |= scan_mask(&s);
	return 0;
}

int proc_status_parse(const char *text, size_t len, struct proc_status *ret)
{
	struct proc_status status = { 0 };
	const char *end = text + len;
	int have = 0;

	for (const char *line = text; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline != NULL ? newline : end;

		have |= scan_line(line, stop, &status);
		line = stop + 1;
	}
	if (have != HAVE_BOTH)
		return -EBADMSG;
	*ret = status;
	return 0;
}

/* The base name of the `len` bytes, when it begins with `comm`. */
static const char *base_name_like(const char *comm, const char *path, size_t len, size_t *ret_len)
{
	const char *slash = memrchr(path, '/', len);
	const char *name = slash != NULL ? slash + 1 : path;
	size_t name_len = len - (size_t)(name - path);
	size_t comm_len = strlen(comm);

	if (name_len < comm_len || memcmp(name, comm, comm_len) != 0)
		return NULL;
	*ret_len = name_len;
	return name;
}

const char *proc_full_name(const char *comm, const char *cmdline, size_t cmdline_len,
                           const char *exe, size_t *ret_len)
{
	static const char deleted[] = " (deleted)";
	const char *end = cmdline + cmdline_len;
	size_t len;

	for (int i = 0; i < SCRIPT_ARGUMENTS && cmdline < end; i++) {
		const char *name;

		len = strnlen(cmdline, (size_t)(end - cmdline));
		name = base_name_like(comm, cmdline, len, ret_len);
		if (name != NULL)
			return name;
		cmdline += len + 1;
	}
	if (exe == NULL)
		return NULL;
	len = strlen(exe);
	if (len > sizeof(deleted) - 1 && strcmp(exe + len - (sizeof(deleted) - 1), deleted) == 0)
		len -= sizeof(deleted) - 1;
	return base_name_like(comm, exe, len, ret_len);
}
