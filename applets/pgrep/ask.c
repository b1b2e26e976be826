/* SPDX-License-Identifier: MIT */
/* pkill --interactive. */
#include "pgrep.h"

bool pgrep_confirms(struct pgrep *p, const char *signal, pid_t pid)
{
	char answer[16];
	ssize_t n;

	strbuf_add_format(&p->line, "Send %s to ", signal);
	pgrep_add_name(p, &p->candidate);
	strbuf_add_format(&p->line, " (pid %d)? (y/N) ", (int)pid);
	out_flush(p->ctx->out);
	ignore(write(STDERR_FILENO, strbuf_str(&p->line), p->line.len));
	strbuf_clear(&p->line);
	n = read(STDIN_FILENO, answer, sizeof(answer));
	return n > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}
