/* SPDX-License-Identifier: MIT */
/* pgrep --tree: matches with all that descends from them. */
#include "pgrep.h"

#include <errno.h>

enum { DEPTH_MAX = 1000 }; /* a table that was not read at one moment may hold circles */

struct tree {
	struct pgrep *p;
	struct process_refs scan;
	struct strbuf prefix;
};

static bool is_match(const struct pgrep *p, pid_t pid)
{
	for (size_t i = 0; i < p->matches.len; i++) {
		if (p->matches.items[i].pid == pid)
			return true;
	}
	return false;
}

static bool is_below_match(const struct tree *t, pid_t pid)
{
	for (size_t steps = 0; steps <= t->scan.len && pid != 0; steps++) {
		const struct process_ref *ref = process_find(&t->scan, pid);

		pid = ref != NULL ? ref->parent : 0;
		if (pid != 0 && is_match(t->p, pid))
			return true;
	}
	return false;
}

static void print_process(struct tree *t, pid_t pid, const char *branch)
{
	struct pgrep *p = t->p;
	struct candidate *c = &p->candidate;

	candidate_begin(c, pid, 0);
	strbuf_add(&p->line, strbuf_str(&t->prefix), t->prefix.len);
	strbuf_add_format(&p->line, "%s%d ", branch, (int)pid);
	if (p->opts->list_full && candidate_argv(p, c))
		pgrep_add_text(p, strbuf_str(&c->line), c->line.len);
	else
		pgrep_add_name(p, c);
	out_line(p->ctx->out, &p->line);
}

static void print_children(struct tree *t, pid_t parent, int depth)
{
	size_t prefix_len = t->prefix.len;
	size_t last = 0;

	for (size_t i = 0; i < t->scan.len; i++) {
		if (t->scan.items[i].parent == parent)
			last = i;
	}
	for (size_t i = 0; i < t->scan.len && depth < DEPTH_MAX; i++) {
		if (t->scan.items[i].parent != parent || t->scan.items[i].pid == t->p->self)
			continue;
		print_process(t, t->scan.items[i].pid, i == last ? "└── " : "├── ");
		strbuf_add_str(&t->prefix, i == last ? "    " : "│   ");
		print_children(t, t->scan.items[i].pid, depth + 1);
		strbuf_truncate(&t->prefix, prefix_len);
	}
}

int pgrep_print_tree(struct pgrep *p)
{
	struct tree t = { .p = p };
	int r = process_scan(p->reader.proc, &t.scan);

	for (size_t i = 0; r == 0 && i < p->matches.len; i++) {
		pid_t pid = p->matches.items[i].pid;

		if (is_below_match(&t, pid))
			continue;
		print_process(&t, pid, "");
		print_children(&t, pid, 0);
	}
	vec_release(&t.scan);
	strbuf_release(&t.prefix);
	return r < 0 ? diag_fail(p->ctx->diag, -r, "read", "/proc") : 0;
}
