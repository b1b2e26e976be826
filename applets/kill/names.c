/* SPDX-License-Identifier: MIT */
/* Signals by name and number, and what a process does with them. */
#include "kill.h"

#include "base/num.h"
#include "sys/procfs.h"

#include <errno.h>
#include <limits.h>

/* 0x4000, as /proc/PID/status shows masks. */
static bool parse_mask(const char *text, uint64_t *ret)
{
	size_t len;

	if (strncasecmp(text, "0x", 2) != 0 || text[2] == '\0')
		return false;
	return num_scan_c(text, ret, &len) == 0 && text[len] == '\0';
}

/* A name for a number, a number for a name, names for a mask. */
static bool convert(struct strbuf *line, const char *word)
{
	char name[SIGNAL_NAME_SIZE];
	uint64_t mask;
	int signo;

	if (parse_mask(word, &mask)) {
		signal_add_mask(line, mask, "\n");
		return mask != 0;
	}
	if (signal_parse_status(word, &signo) < 0)
		return false;
	if (word[0] < '0' || word[0] > '9') {
		strbuf_add_format(line, "%d", signo);
		return true;
	}
	if (!signal_has_name(signo))
		return false;
	strbuf_add_str(line, signal_name(signo, name));
	return true;
}

int kill_list(struct ctx *ctx, const char *word, char **operands)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	if (word[0] == '\0' && operands[0] == NULL) {
		signal_add_list(&line);
		out_text(ctx->out, strbuf_str(&line), line.len);
		return EXIT_YES;
	}
	for (bool is_first = word[0] != '\0'; is_first || *operands != NULL; is_first = false) {
		const char *typed = is_first ? word : *operands++;

		strbuf_clear(&line);
		if (convert(&line, typed))
			out_line(ctx->out, &line);
		else
			diag_partial_text(ctx->diag, typed, "there is no such signal");
	}
	return diag_status(ctx->diag, EXIT_YES);
}

int kill_table(struct ctx *ctx)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	signal_add_table(&text);
	out_text(ctx->out, strbuf_str(&text), text.len);
	return EXIT_YES;
}

int kill_decode(struct ctx *ctx, const char *pid)
{
	AUTO_CLOSE int proc = procfs_open();
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct proc_status status;
	struct proc_reader reader;
	struct proc_id id;
	int r;

	if (proc < 0)
		return diag_fail(ctx->diag, -proc, "open", "/proc");
	if (proc_id_parse(pid, &id) < 0 || id.inode != 0 || id.has_start)
		return diag_usage(ctx->diag, "--decode needs a process number");
	proc_reader_init(&reader, proc);
	r = proc_read_status(&reader, id.pid, &status);
	proc_reader_release(&reader);
	if (r < 0)
		return diag_fail(ctx->diag, -r, "read the status of process", pid);

	const struct {
		const char *what;
		uint64_t mask;
	} rows[] = { { "Pending", status.pending },
		     { "Blocked", status.blocked },
		     { "Ignored", status.ignored },
		     { "Caught", status.caught } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		strbuf_add_format(&line, "%s:%s", rows[i].what, rows[i].mask != 0 ? " " : "");
		signal_add_mask(&line, rows[i].mask, " ");
		out_line(ctx->out, &line);
	}
	return EXIT_YES;
}
