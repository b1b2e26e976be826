/* SPDX-License-Identifier: MIT */
#include "sys/signal_names.h"

#include "base/num.h"

#include <errno.h>
#include <signal.h>

enum {
	LIST_COLUMNS = 73,   /* a line of the list ends with the first name that reaches this */
	TABLE_COLUMNS = 7,   /* standard signals on a line of the table */
	TABLE_RT_COLUMNS = 6 /* their names are longer */
};

/* By number: the standard signals of Linux. Alpha, MIPS and PA-RISC number some differently. */
static const char standard[][8] = {
	[0] = "EXIT",           [SIGHUP] = "HUP",   [SIGINT] = "INT",       [SIGQUIT] = "QUIT",
	[SIGILL] = "ILL",       [SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",     [SIGBUS] = "BUS",
	[SIGFPE] = "FPE",       [SIGKILL] = "KILL", [SIGUSR1] = "USR1",     [SIGSEGV] = "SEGV",
	[SIGUSR2] = "USR2",     [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM",     [SIGTERM] = "TERM",
	[SIGSTKFLT] = "STKFLT", [SIGCHLD] = "CHLD", [SIGCONT] = "CONT",     [SIGSTOP] = "STOP",
	[SIGTSTP] = "TSTP",     [SIGTTIN] = "TTIN", [SIGTTOU] = "TTOU",     [SIGURG] = "URG",
	[SIGXCPU] = "XCPU",     [SIGXFSZ] = "XFSZ", [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF",
	[SIGWINCH] = "WINCH",   [SIGPOLL] = "POLL", [SIGPWR] = "PWR",       [SIGSYS] = "SYS",
};

static const struct {
	char name[8];
	int signo;
} synonyms[] = {
	{ "CLD", SIGCHLD }, { "IO", SIGIO }, { "IOT", SIGIOT }, { "UNUSED", SIGSYS }, { "NULL", 0 },
};

enum { STANDARD_MAX = ARRAY_LEN(standard) - 1 };

static bool is_realtime(int signo)
{
	return signo >= SIGRTMIN && signo <= SIGRTMAX;
}

bool signal_has_name(int signo)
{
	return (signo >= 0 && signo <= STANDARD_MAX) || is_realtime(signo);
}

const char *signal_name(int signo, char buffer[SIGNAL_NAME_SIZE])
{
	int from_min = signo - SIGRTMIN;
	int from_max = SIGRTMAX - signo;

	if (signo >= 0 && signo <= STANDARD_MAX)
		(void)snprintf(buffer, SIGNAL_NAME_SIZE, "%s", standard[signo]);
	else if (!is_realtime(signo))
		(void)snprintf(buffer, SIGNAL_NAME_SIZE, "%d", signo);
	else if (from_min == 0 || from_max == 0)
		(void)snprintf(buffer, SIGNAL_NAME_SIZE, from_min == 0 ? "RTMIN" : "RTMAX");
	else if (from_min <= from_max)
		(void)snprintf(buffer, SIGNAL_NAME_SIZE, "RTMIN+%d", from_min);
	else
		(void)snprintf(buffer, SIGNAL_NAME_SIZE, "RTMAX-%d", from_max);
	return buffer;
}

/* "+3" behind RTMIN, "-3" behind RTMAX, or nothing: which signal that is. */
static int parse_realtime(const char *rest, int base, char sign, int *ret)
{
	uint64_t distance = 0;

	if (*rest != '\0' && (*rest != sign || num_parse_u64(rest + 1, &distance) < 0))
		return -EINVAL;
	if (distance > (uint64_t)(SIGRTMAX - SIGRTMIN))
		return -EINVAL;
	*ret = sign == '+' ? base + (int)distance : base - (int)distance;
	return 0;
}

static int parse_name(const char *name, int *ret)
{
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	if (strncasecmp(name, "RTMIN", 5) == 0)
		return parse_realtime(name + 5, SIGRTMIN, '+', ret);
	if (strncasecmp(name, "RTMAX", 5) == 0)
		return parse_realtime(name + 5, SIGRTMAX, '-', ret);
	for (int i = 0; i <= STANDARD_MAX; i++) {
		if (strcasecmp(name, standard[i]) == 0) {
			*ret = i;
			return 0;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(synonyms); i++) {
		if (strcasecmp(name, synonyms[i].name) == 0) {
			*ret = synonyms[i].signo;
			return 0;
		}
	}
	return -EINVAL;
}

int signal_parse(const char *text, int *ret)
{
	uint64_t number;

	if (text[0] < '0' || text[0] > '9')
		return parse_name(text, ret);
	if (num_parse_u64(text, &number) < 0 || number > SIGNAL_NUMBER_MAX)
		return -EINVAL;
	*ret = (int)number;
	return 0;
}

int signal_parse_status(const char *text, int *ret)
{
	uint64_t number;

	if (num_parse_u64(text, &number) < 0 || number <= 128)
		return signal_parse(text, ret);
	if (number > 128 + SIGNAL_NUMBER_MAX)
		return -EINVAL;
	*ret = (int)number - 128;
	return 0;
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

/* One letter too many, missing, wrong, or two swapped. */
static bool is_near(const char *typed, const char *name)
{
	size_t head = 0;

	while (typed[head] != '\0' && lower(typed[head]) == lower(name[head]))
		head++;
	typed += head;
	name += head;
	if (*typed == '\0' || *name == '\0')
		return head > 1 && strlen(typed) + strlen(name) <= 1;
	return strcasecmp(typed + 1, name) == 0 || strcasecmp(typed, name + 1) == 0 ||
	       strcasecmp(typed + 1, name + 1) == 0 ||
	       (lower(typed[0]) == lower(name[1]) && lower(typed[1]) == lower(name[0]) &&
	        strcasecmp(typed + 2, name + 2) == 0);
}

const char *signal_nearest(const char *typed, char buffer[SIGNAL_NAME_SIZE])
{
	if (strncasecmp(typed, "SIG", 3) == 0)
		typed += 3;
	for (int i = 1; i <= STANDARD_MAX; i++) {
		if (strlen(typed) > 2 && is_near(typed, standard[i]))
			return signal_name(i, buffer);
	}
	return NULL;
}

static void add_names(struct strbuf *b, int first, int last)
{
	char name[SIGNAL_NAME_SIZE];
	size_t start = b->len;

	for (int signo = first; signo <= last; signo++) {
		if (b->len - start > LIST_COLUMNS) {
			strbuf_add_char(b, '\n');
			start = b->len;
		} else if (b->len > start) {
			strbuf_add_char(b, ' ');
		}
		strbuf_add_str(b, signal_name(signo, name));
	}
	strbuf_add_char(b, '\n');
}

void signal_add_list(struct strbuf *b)
{
	add_names(b, 1, STANDARD_MAX);
	add_names(b, SIGRTMIN, SIGRTMAX);
}

static void add_cells(struct strbuf *b, int first, int last, int columns)
{
	char name[SIGNAL_NAME_SIZE];
	int width = columns == TABLE_COLUMNS ? 8 : 9;

	for (int signo = first; signo <= last; signo++) {
		if (signo == last || (signo - first + 1) % columns == 0)
			strbuf_add_format(b, "%2d %s\n", signo, signal_name(signo, name));
		else
			strbuf_add_format(b, "%2d %-*s", signo, width, signal_name(signo, name));
	}
}

void signal_add_table(struct strbuf *b)
{
	add_cells(b, 1, STANDARD_MAX, TABLE_COLUMNS);
	add_cells(b, SIGRTMIN, SIGRTMAX, TABLE_RT_COLUMNS);
}

void signal_add_mask(struct strbuf *b, uint64_t mask, const char *separator)
{
	char name[SIGNAL_NAME_SIZE];
	const char *before = "";

	for (int signo = 1; signo <= SIGNAL_NUMBER_MAX; signo++) {
		if ((mask >> (signo - 1) & 1) == 0)
			continue;
		strbuf_add_str(b, before);
		strbuf_add_str(b, signal_name(signo, name));
		before = separator;
	}
}
