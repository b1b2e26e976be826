/* SPDX-License-Identifier: MIT */
/* What is known about the process at hand; each file is read when something asks for it. */
#include "pgrep.h"

#include "base/quote.h"
#include "base/utf8.h"

#include <errno.h>

void candidate_begin(struct candidate *c, pid_t pid, pid_t tid)
{
	c->pid = pid;
	c->tid = tid;
	c->have = 0;
	c->unknown = false;
}

void candidate_release(struct candidate *c)
{
	strbuf_release(&c->comm);
	strbuf_release(&c->name);
	strbuf_release(&c->argv);
	strbuf_release(&c->line);
}

bool candidate_note(struct candidate *c, int result)
{
	if (result != 0)
		c->unknown = true;
	return result == 0;
}

bool candidate_stat(struct pgrep *p, struct candidate *c)
{
	if ((c->have & PART_STAT) == 0) {
		if (!candidate_note(c, proc_read_stat(&p->reader, c->pid, c->tid, &c->stat)))
			return false;
		c->have |= PART_STAT;
	}
	return true;
}

bool candidate_status(struct pgrep *p, struct candidate *c)
{
	if ((c->have & PART_STATUS) == 0) {
		if (!candidate_note(c, proc_read_status(&p->reader, c->pid, &c->status)))
			return false;
		c->have |= PART_STATUS;
	}
	return true;
}

/* The name as the kernel has it, from stat when that was read anyway. */
static bool read_comm(struct pgrep *p, struct candidate *c)
{
	struct proc_text text = { c->stat.comm, c->stat.comm_len };

	if ((c->have & PART_STAT) == 0 &&
	    !candidate_note(c, proc_read_comm(&p->reader, c->pid, c->tid, &text)))
		return false;
	strbuf_clear(&c->comm);
	strbuf_add(&c->comm, text.data, text.len);
	return true;
}

bool candidate_name(struct pgrep *p, struct candidate *c)
{
	struct proc_text exe;
	const char *name;
	size_t len;

	if ((c->have & PART_NAME) != 0)
		return true;
	if (!read_comm(p, c))
		return false;
	c->have |= PART_NAME;
	strbuf_clear(&c->name);
	strbuf_add(&c->name, strbuf_str(&c->comm), c->comm.len);
	/* The kernel cuts after 15 bytes, so one of these may be longer in truth. */
	if (c->comm.len != PROC_COMM_CUT || (c->tid != 0 && c->tid != c->pid))
		return true;
	if (!candidate_argv(p, c))
		return false;
	name = proc_full_name(strbuf_str(&c->comm), strbuf_str(&c->argv), c->argv.len, NULL, &len);
	if (name == NULL && proc_read_link(&p->reader, c->pid, "exe", &exe) == 0)
		name = proc_full_name(strbuf_str(&c->comm), "", 0, exe.data, &len);
	if (name != NULL) {
		strbuf_clear(&c->name);
		strbuf_add(&c->name, name, len);
	}
	return true;
}

/* As procps shows it: blanks between arguments, none behind the last one. */
static void make_line(struct candidate *c)
{
	strbuf_clear(&c->line);
	strbuf_add(&c->line, strbuf_str(&c->argv), c->argv.len);
	while (c->line.len > 0 && c->line.data[c->line.len - 1] == '\0')
		strbuf_truncate(&c->line, c->line.len - 1);
	for (size_t i = 0; i < c->line.len; i++) {
		if (c->line.data[i] == '\0' || c->line.data[i] == '\n')
			c->line.data[i] = ' ';
	}
}

bool candidate_argv(struct pgrep *p, struct candidate *c)
{
	struct proc_text text;

	if ((c->have & PART_ARGV) != 0)
		return true;
	if (!candidate_note(c, proc_read(&p->reader, c->pid, 0, "cmdline", &text)))
		return false;
	c->have |= PART_ARGV;
	strbuf_clear(&c->argv);
	strbuf_add(&c->argv, text.data, text.len);
	make_line(c);
	if (c->line.len > 0)
		return true;
	/* A kernel thread, a zombie, or a process that has cleared its arguments. */
	if (!read_comm(p, c)) {
		c->have &= ~(unsigned)PART_ARGV;
		return false;
	}
	strbuf_add_format(&c->line, "[%s]", strbuf_str(&c->comm));
	return true;
}

int64_t candidate_age(const struct pgrep *p, const struct candidate *c)
{
	int64_t start = INT64_MAX;

	if (c->stat.start_ticks < (uint64_t)(INT64_MAX / p->tick_ns))
		start = (int64_t)c->stat.start_ticks * p->tick_ns;
	return start < p->boot_ns ? p->boot_ns - start : 0;
}

/* Escapes stay readable, and two different texts stay different to the eye. */
void pgrep_add_text(struct pgrep *p, const char *text, size_t len)
{
	struct strbuf *line = &p->line;
	bool is_terminal = out_quotes(p->ctx->out);
	size_t char_len;

	for (size_t i = 0; i < len; i += char_len) {
		int32_t cp = utf8_decode(text + i, len - i, &char_len);
		bool is_control = cp >= 0 && (cp < 0x20 || cp == 0x7f);

		if (cp == '\n')
			strbuf_add_str(line, "\\n");
		else if (is_control || (is_terminal && (cp < 0 || utf8_is_unsafe(cp))))
			for (size_t k = 0; k < char_len; k++)
				strbuf_add_format(line, "\\%03o", (unsigned char)text[i + k]);
		else
			strbuf_add(line, text + i, char_len);
	}
}

void pgrep_add_name(struct pgrep *p, struct candidate *c)
{
	if (candidate_name(p, c))
		pgrep_add_text(p, strbuf_str(&c->name), c->name.len);
	else
		strbuf_add_char(&p->line, '?');
}

void pgrep_add_pid(struct pgrep *p, const struct proc_ref *ref)
{
	if (p->opts->id)
		proc_id_add(&p->line, ref);
	else
		strbuf_add_format(&p->line, "%d", (int)ref->pid);
}

bool pgrep_is_elsewhere(struct pgrep *p, pid_t pid)
{
	AUTO_RELEASE_STRBUF struct strbuf own = { 0 };
	struct proc_text target;

	if (proc_read_link(&p->reader, p->self, "ns/pid", &target) < 0)
		return false;
	strbuf_add(&own, target.data, target.len);
	return proc_read_link(&p->reader, pid, "ns/pid", &target) == 0 &&
	       strcmp(strbuf_str(&own), target.data) != 0;
}
