/* SPDX-License-Identifier: MIT */
/*
 * Does a process fit? The cheap questions come first, and a file is only read for a question
 * that is asked: the name alone costs one file, an effective user one stat().
 */
#include "pgrep.h"

#include <errno.h>

enum { STALE_SLACK_NS = 2000000000 }; /* file systems and the clock round */

static const char *const namespace_links[PGREP_NAMESPACES] = {
	"ns/ipc", "ns/mnt", "ns/net", "ns/pid", "ns/user", "ns/uts",
};

static bool has(const struct id_list *list, uint64_t value)
{
	if (!list->given)
		return true;
	for (size_t i = 0; i < list->len; i++) {
		if (list->items[i] == value)
			return true;
	}
	return false;
}

static bool is_within(const struct bound *bound, uint64_t value)
{
	if (bound->sign == 0)
		return true;
	return bound->sign > 0 ? value > bound->value : value < bound->value;
}

static bool asks_stat(const struct pgrep *p)
{
	const struct criteria *w = &p->want;
	const struct pgrep_opts *o = p->opts;

	return w->groups.given || w->parents.given || w->sessions.given || w->terminals.given ||
	       w->states.given || w->rss.sign != 0 || w->cpu_ns.sign != 0 || o->older >= 0 ||
	       o->younger >= 0 || o->newest || o->oldest || w->ids_have_start ||
	       w->recorded_ns != 0;
}

/* A pid file that is older than the process was written about another one. */
static bool is_recorded(const struct pgrep *p, const struct candidate *c)
{
	struct timespec now = { 0 };
	int64_t started_ns;

	for (size_t i = 0; i < p->want.ids.len; i++) {
		const struct proc_id *id = &p->want.ids.items[i];

		if (id->has_start && id->pid == c->pid && id->start_ticks != c->stat.start_ticks)
			return false;
	}
	if (p->want.recorded_ns == 0)
		return true;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	started_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - candidate_age(p, c);
	return started_ns <= p->want.recorded_ns + STALE_SLACK_NS;
}

static bool fits_stat(struct pgrep *p, struct candidate *c)
{
	const struct criteria *w = &p->want;
	const struct proc_stat *s = &c->stat;
	uint64_t ticks;

	if (!asks_stat(p))
		return true;
	if (!candidate_stat(p, c))
		return false;
	ticks = s->user_ticks + s->system_ticks;
	return has(&w->parents, (uint64_t)s->parent) && has(&w->groups, (uint64_t)s->group) &&
	       has(&w->sessions, (uint64_t)s->session) && has(&w->terminals, s->terminal) &&
	       has(&w->states, (uint64_t)s->state) &&
	       is_within(&w->rss, s->rss_pages * (uint64_t)sysconf(_SC_PAGESIZE)) &&
	       is_within(&w->cpu_ns, ticks * (uint64_t)p->tick_ns) &&
	       (p->opts->older < 0 || candidate_age(p, c) >= p->opts->older) &&
	       (p->opts->younger < 0 || candidate_age(p, c) < p->opts->younger) &&
	       is_recorded(p, c);
}

static bool fits_euid(struct pgrep *p, struct candidate *c)
{
	uid_t euid;

	if (!p->want.euids.given)
		return true;
	return candidate_note(c, proc_read_euid(&p->reader, c->pid, &euid)) &&
	       has(&p->want.euids, euid);
}

static bool fits_pattern(struct pgrep *p, struct candidate *c)
{
	const struct ere *e = p->want.pattern;

	if (e == NULL)
		return true;
	if (p->opts->full)
		return candidate_argv(p, c) && ere_matches(e, strbuf_str(&c->line), c->line.len);
	if (!candidate_name(p, c))
		return false;
	/* Who knows the name only as the kernel cuts it finds it, too. */
	return ere_matches(e, strbuf_str(&c->name), c->name.len) ||
	       (c->name.len != c->comm.len && ere_matches(e, strbuf_str(&c->comm), c->comm.len));
}

static bool fits_status(struct pgrep *p, struct candidate *c)
{
	const struct criteria *w = &p->want;

	if (!w->uids.given && !w->gids.given && w->same_namespaces == 0 &&
	    !p->opts->require_handler)
		return true;
	if (!candidate_status(p, c))
		return false;
	return has(&w->uids, c->status.uid) && has(&w->gids, c->status.gid) &&
	       (w->same_namespaces == 0 || c->status.namespaces == w->same_namespaces) &&
	       (!p->opts->require_handler || p->opts->signo < 1 ||
	        (c->status.caught >> (p->opts->signo - 1) & 1) != 0);
}

/* Version 2 has one line, 0::/PATH. */
static bool fits_cgroup(struct pgrep *p, struct candidate *c)
{
	const struct texts *wanted = &p->want.cgroups;
	struct proc_text text;

	if (wanted->len == 0)
		return true;
	if (!candidate_note(c, proc_read(&p->reader, c->pid, 0, "cgroup", &text)))
		return false;
	for (const char *line = text.data; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		for (size_t i = 0; i < wanted->len && strncmp(line, "0::", 3) == 0; i++) {
			if (strlen(wanted->items[i]) == len - 3 &&
			    memcmp(wanted->items[i], line + 3, len - 3) == 0)
				return true;
		}
		line += len + (line[len] == '\n');
	}
	return false;
}

/* NAME: it is set; NAME=VALUE: to that. */
static bool is_set(const struct proc_text *variables, const char *wanted)
{
	const char *end = variables->data + variables->len;
	size_t len = strlen(wanted);
	bool has_value = strchr(wanted, '=') != NULL;

	for (const char *at = variables->data; at < end; at += strlen(at) + 1) {
		if (strncmp(at, wanted, len) == 0 && at[len] == (has_value ? '\0' : '='))
			return true;
	}
	return false;
}

static bool fits_env(struct pgrep *p, struct candidate *c)
{
	struct proc_text text;

	if (p->want.env.len == 0)
		return true;
	if (!candidate_note(c, proc_read(&p->reader, c->pid, 0, "environ", &text)))
		return false;
	for (size_t i = 0; i < p->want.env.len; i++) {
		if (is_set(&text, p->want.env.items[i]))
			return true;
	}
	return false;
}

static bool fits_exe(struct pgrep *p, struct candidate *c)
{
	static const char deleted[] = " (deleted)";
	const size_t mark = sizeof(deleted) - 1;
	struct proc_text target;
	int r;

	if (p->want.exe_path == NULL && p->want.exe == NULL)
		return true;
	r = proc_read_link(&p->reader, c->pid, "exe", &target);
	/* Kernel threads and zombies have none. */
	if (r == -ESRCH || !candidate_note(c, r))
		return false;
	if (target.len > mark && strcmp(target.data + target.len - mark, deleted) == 0)
		target.data[target.len -= mark] = '\0';
	if (p->want.exe != NULL)
		return ere_matches(p->want.exe, target.data, target.len);
	return strcmp(target.data, p->want.exe_path) == 0;
}

static bool is_file(struct pgrep *p, struct candidate *c, const char *link,
                    const struct file_key *wanted)
{
	uint64_t device;
	uint64_t inode;
	int r = proc_stat_link(&p->reader, c->pid, link, &device, &inode);

	if (r < 0) {
		if (r == -EACCES || r == -EPERM)
			c->unknown = true;
		return false;
	}
	return device == wanted->device && inode == wanted->inode;
}

/* Open, executed, or where it works. */
static bool has_file(struct pgrep *p, struct candidate *c)
{
	const struct file_key *wanted = &p->want.file;
	bool found = is_file(p, c, "cwd", wanted) || is_file(p, c, "exe", wanted) ||
	             is_file(p, c, "root", wanted);
	struct pid_list fds = { 0 };

	if (!found && proc_list_fds(&p->reader, c->pid, &fds) == 0) {
		for (size_t i = 0; i < fds.len && !found; i++) {
			char link[32];

			(void)snprintf(link, sizeof(link), "fd/%d", (int)fds.items[i]);
			found = is_file(p, c, link, wanted);
		}
	}
	vec_release(&fds);
	return found;
}

static bool fits_namespaces(struct pgrep *p, struct candidate *c)
{
	struct proc_text target;

	for (size_t i = 0; i < PGREP_NAMESPACES; i++) {
		if (p->want.namespaces[i] == NULL)
			continue;
		if (!candidate_note(
			    c, proc_read_link(&p->reader, c->pid, namespace_links[i], &target)) ||
		    strcmp(target.data, p->want.namespaces[i]) != 0)
			return false;
	}
	return true;
}

static bool fits_all(struct pgrep *p, struct candidate *c)
{
	const struct criteria *w = &p->want;

	return fits_euid(p, c) && fits_stat(p, c) && fits_pattern(p, c) && fits_status(p, c) &&
	       fits_cgroup(p, c) && fits_env(p, c) && fits_exe(p, c) && fits_namespaces(p, c) &&
	       (!w->cwd.given || is_file(p, c, "cwd", &w->cwd)) &&
	       (!w->file.given || has_file(p, c)) &&
	       (!w->by_port || proc_has_socket(&p->reader, c->pid, &w->sockets)) &&
	       (w->descendants_of == 0 || process_descends(&w->scan, c->pid, w->descendants_of));
}

bool pgrep_is_ancestor(struct pgrep *p, pid_t pid)
{
	if (p->ancestors.len == 0)
		ignore(process_ancestors(&p->reader, p->self, &p->ancestors));
	return pid_list_has(&p->ancestors, pid);
}

bool pgrep_fits(struct pgrep *p, struct candidate *c)
{
	bool fits = fits_all(p, c);

	/* Of -p 123 alone nothing was read: is it there? */
	if (fits && c->have == 0)
		fits = candidate_name(p, c);
	if (c->unknown)
		return false;
	return fits != p->opts->inverse;
}
