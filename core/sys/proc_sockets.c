/* SPDX-License-Identifier: MIT */
#include "sys/proc_sockets.h"

#include "base/num.h"
#include "sys/procfs.h"

#include <errno.h>

enum {
	TABLE_MAX = 256 << 20, /* bytes of a table of sockets: a million lines are 150 MB */
	WORD_MAX = 64,         /* an IPv6 address and its port are 37 */
	LOCAL_WORD = 1,        /* of a line, counted from 0 */
	INODE_WORD = 9,
	PORT_MAX = 65535,
};

int proc_port_parse(const char *text, unsigned *ret_protocols, uint16_t *ret_port,
                    struct text_error *reterr)
{
	bool is_tcp = strncmp(text, "tcp:", 4) == 0;
	bool is_udp = strncmp(text, "udp:", 4) == 0;
	uint64_t port;

	if (num_parse_u64(text + (is_tcp || is_udp ? 4 : 0), &port) < 0 || port == 0 ||
	    port > PORT_MAX) {
		*reterr = (struct text_error){ .reason = "expected [tcp:|udp:]N, N from 1 to 65535",
			                       .len = strlen(text) };
		return -EINVAL;
	}
	*ret_protocols = (is_udp ? 0U : (unsigned)PROC_TCP) | (is_tcp ? 0U : (unsigned)PROC_UDP);
	*ret_port = (uint16_t)port;
	return 0;
}

/* Copies the word `n` of a line; false when there is none, or it is too long. */
static bool copy_word(const char *line, const char *end, int n, char ret[WORD_MAX])
{
	for (;; n--) {
		const char *start;

		while (line < end && *line == ' ')
			line++;
		start = line;
		while (line < end && *line != ' ')
			line++;
		if (start == line)
			return false;
		if (n == 0) {
			size_t len = (size_t)(line - start);

			if (len >= WORD_MAX)
				return false;
			memcpy(ret, start, len);
			ret[len] = '\0';
			return true;
		}
	}
}

/* ADDRESS:PORT, both in hexadecimal. */
static bool has_port(const char *word, uint16_t port)
{
	const char *colon = strrchr(word, ':');
	char wanted[8];

	(void)snprintf(wanted, sizeof(wanted), "%04X", port);
	return colon != NULL && strcmp(colon + 1, wanted) == 0;
}

void proc_sockets_parse(const char *text, size_t len, uint16_t port, struct socket_list *ret)
{
	const char *end = text + len;

	for (const char *line = text; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline != NULL ? newline : end;
		char word[WORD_MAX];
		uint64_t inode;

		if (copy_word(line, stop, LOCAL_WORD, word) && has_port(word, port) &&
		    copy_word(line, stop, INODE_WORD, word) && num_parse_u64(word, &inode) == 0 &&
		    inode != 0)
			vec_push(ret, inode);
		line = stop + 1;
	}
}

int proc_sockets_of_port(struct proc_reader *r, unsigned protocols, uint16_t port,
                         struct socket_list *ret)
{
	static const struct {
		const char *file;
		unsigned protocol;
	} tables[] = { { "net/tcp", PROC_TCP },
		       { "net/tcp6", PROC_TCP },
		       { "net/udp", PROC_UDP },
		       { "net/udp6", PROC_UDP } };
	struct strbuf text = { 0 };
	int result = 0;

	vec_clear(ret);
	for (size_t i = 0; i < ARRAY_LEN(tables) && result == 0; i++) {
		if ((protocols & tables[i].protocol) == 0)
			continue;
		strbuf_clear(&text);
		result = procfs_read(r->proc, tables[i].file, TABLE_MAX, &text);
		if (result == -ENOENT)
			result = 0;
		proc_sockets_parse(strbuf_str(&text), text.len, port, ret);
	}
	strbuf_release(&text);
	return result;
}

static bool is_socket_of(const char *target, const struct socket_list *sockets)
{
	char wanted[WORD_MAX];

	for (size_t i = 0; i < sockets->len; i++) {
		(void)snprintf(wanted, sizeof(wanted), "socket:[%llu]",
		               (unsigned long long)sockets->items[i]);
		if (strcmp(target, wanted) == 0)
			return true;
	}
	return false;
}

bool proc_has_socket(struct proc_reader *r, pid_t pid, const struct socket_list *sockets)
{
	struct pid_list fds = { 0 };
	struct proc_text target;
	char link[32];
	bool found = false;

	if (sockets->len == 0 || proc_list_fds(r, pid, &fds) < 0) {
		vec_release(&fds);
		return false;
	}
	for (size_t i = 0; i < fds.len && !found; i++) {
		(void)snprintf(link, sizeof(link), "fd/%d", (int)fds.items[i]);
		found = proc_read_link(r, pid, link, &target) == 0 &&
		        is_socket_of(target.data, sockets);
	}
	vec_release(&fds);
	return found;
}
