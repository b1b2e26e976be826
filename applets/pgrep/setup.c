/* SPDX-License-Identifier: MIT */
/* From options to criteria. */
#include "pgrep.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/num.h"
#include "sys/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { NS_PER_S = 1000000000 };

static const char *const namespace_names[PGREP_NAMESPACES] = {
	"ipc", "mnt", "net", "pid", "user", "uts",
};

static int refuse(struct pgrep *p, const char *option, const char *text,
                  const struct text_error *where)
{
	struct strbuf what = { 0 };
	int status;

	strbuf_add_format(&what, "bad value for --%s", option);
	status = diag_caret(p->ctx->diag, strbuf_str(&what), text, where);
	strbuf_release(&what);
	return status;
}

bool pgrep_parse_timeout(struct pgrep *p, const char *option, const char *text, bool zero_is_none,
                         int64_t *ret_ns)
{
	struct text_error where = { 0 };

	if (strcmp(text, "infinity") == 0) {
		*ret_ns = PROC_WAIT_FOREVER;
		return true;
	}
	if (human_parse_duration(text, ret_ns, &where) < 0) {
		(void)refuse(p, option, text, &where);
		return false;
	}
	if (*ret_ns == 0 && zero_is_none)
		*ret_ns = PROC_WAIT_FOREVER;
	return true;
}

/* [+|-]VALUE; without a sign it is a lower bound, too. */
static int parse_bound(struct pgrep *p, const char *option, const char *text, bool is_duration,
                       struct bound *ret)
{
	struct text_error where = { 0 };
	size_t skip;
	int64_t ns = 0;
	int r;

	if (text == NULL)
		return 0;
	skip = text[0] == '+' || text[0] == '-';
	r = is_duration ? human_parse_duration(text + skip, &ns, &where)
	                : human_parse_size(text + skip, &ret->value, &where);
	if (r < 0) {
		where.offset += skip;
		return refuse(p, option, text, &where);
	}
	if (is_duration)
		ret->value = (uint64_t)ns;
	ret->sign = text[0] == '-' ? -1 : 1;
	return 0;
}

static int parse_file(struct pgrep *p, const char *path, struct file_key *ret)
{
	struct stat st;

	if (path == NULL)
		return 0;
	if (stat(path, &st) < 0)
		return diag_fail(p->ctx->diag, errno, "access", path);
	*ret = (struct file_key){ .given = true, .device = st.st_dev, .inode = st.st_ino };
	return 0;
}

static int parse_port(struct pgrep *p, const char *text)
{
	struct text_error where;
	unsigned protocols;
	uint16_t port;
	int r;

	if (proc_port_parse(text, &protocols, &port, &where) < 0)
		return refuse(p, "port", text, &where);
	r = proc_sockets_of_port(&p->reader, protocols, port, &p->want.sockets);
	if (r < 0)
		return diag_fail(p->ctx->diag, -r, "read", "/proc/net");
	p->want.by_port = true;
	return 0;
}

/* A whole path is compared; anything else is an expression. */
static int parse_exe(struct pgrep *p, const char *text)
{
	AUTO_RELEASE_STRBUF struct strbuf reason = { 0 };

	if (text == NULL)
		return 0;
	if (text[0] == '/') {
		p->want.exe_path = text;
		return 0;
	}
	if (ere_new(text, 0, &p->want.exe, &reason) < 0)
		return diag_usage(p->ctx->diag, "--exe: regex error: %s", strbuf_str(&reason));
	return 0;
}

static int parse_descendants(struct pgrep *p, const char *text)
{
	struct proc_id id;
	int r;

	if (text == NULL)
		return 0;
	if (proc_id_parse(text, &id) < 0 || id.inode != 0 || id.has_start)
		return refuse(p, "descendants", text,
		              &(struct text_error){ .reason = "not a process number",
		                                    .len = strlen(text) });
	p->want.descendants_of = id.pid;
	r = process_scan(p->reader.proc, &p->want.scan);
	return r < 0 ? diag_fail(p->ctx->diag, -r, "read", "/proc") : 0;
}

/* The namespaces of --nslist, as bits; 0 after a usage error. */
static unsigned parse_nslist(struct pgrep *p, const char *text)
{
	unsigned wanted = 0;

	if (text == NULL)
		return (1U << PGREP_NAMESPACES) - 1;
	for (const char *at = text; at != NULL;) {
		size_t len = strcspn(at, ",");
		unsigned i = 0;

		while (i < PGREP_NAMESPACES && (strlen(namespace_names[i]) != len ||
		                                memcmp(namespace_names[i], at, len) != 0))
			i++;
		if (i == PGREP_NAMESPACES) {
			(void)refuse(
				p, "nslist", text,
				&(struct text_error){ .reason = "use ipc, mnt, net, pid, user, uts",
			                              .offset = (size_t)(at - text),
			                              .len = len });
			return 0;
		}
		wanted |= 1U << i;
		at = at[len] == '\0' ? NULL : at + len + 1;
	}
	return wanted;
}

static int parse_namespaces(struct pgrep *p)
{
	unsigned wanted = parse_nslist(p, p->opts->nslist);
	uint64_t pid;

	if (wanted == 0)
		return EXIT_USAGE;
	if (p->opts->ns == NULL)
		return p->opts->nslist == NULL ? 0
		                               : diag_usage(p->ctx->diag, "--nslist needs --ns");
	if (num_parse_u64(p->opts->ns, &pid) < 0 || pid == 0 || pid > INT_MAX)
		return refuse(p, "ns", p->opts->ns,
		              &(struct text_error){ .reason = "not a process number",
		                                    .len = strlen(p->opts->ns) });
	for (unsigned i = 0; i < PGREP_NAMESPACES; i++) {
		struct proc_text target;
		char link[16];
		int r;

		if ((wanted & 1U << i) == 0)
			continue;
		(void)snprintf(link, sizeof(link), "ns/%s", namespace_names[i]);
		r = proc_read_link(&p->reader, (pid_t)pid, link, &target);
		if (r < 0)
			return diag_partial(p->ctx->diag, -r, "read the namespaces of process",
			                    p->opts->ns);
		p->want.namespaces[i] = mem_strndup(target.data, target.len);
	}
	return 0;
}

static int parse_others(struct pgrep *p)
{
	const struct pgrep_opts *o = p->opts;
	struct proc_status own;
	int status = parse_bound(p, "rss", o->rss, false, &p->want.rss);

	if (status == 0)
		status = parse_bound(p, "cpu-time", o->cpu_time, true, &p->want.cpu_ns);
	if (status == 0)
		status = parse_file(p, o->cwd, &p->want.cwd);
	if (status == 0)
		status = parse_file(p, o->file, &p->want.file);
	if (status == 0 && o->port != NULL)
		status = parse_port(p, o->port);
	if (status == 0)
		status = parse_exe(p, o->exe);
	if (status == 0)
		status = parse_descendants(p, o->descendants);
	if (status == 0)
		status = parse_namespaces(p);
	if (status == 0 && o->same_ns) {
		if (proc_read_status(&p->reader, p->self, &own) < 0 || own.namespaces == 0)
			return diag_fail_text(p->ctx->diag, NULL,
			                      "the kernel does not tell pid namespaces");
		p->want.same_namespaces = own.namespaces;
	}
	return status;
}

/* :8080 as the pattern of pkill. */
static bool is_port(const struct pgrep *p, const char *pattern)
{
	uint64_t port;

	return strcmp(p->ctx->applet->name, "pkill") == 0 && !p->opts->full &&
	       p->opts->port == NULL && pattern[0] == ':' && num_parse_u64(pattern + 1, &port) == 0;
}

static int parse_pattern(struct pgrep *p, const char *pattern)
{
	AUTO_RELEASE_STRBUF struct strbuf reason = { 0 };
	unsigned flags = (p->opts->exact ? (unsigned)ERE_WHOLE : 0) |
	                 (p->opts->ignore_case ? (unsigned)ERE_FOLD_CASE : 0);

	if (is_port(p, pattern))
		return parse_port(p, pattern + 1);
	if (pattern[0] == '\0' && strcmp(p->ctx->applet->name, "pgrep") != 0 && !p->opts->exact)
		return diag_usage(p->ctx->diag,
		                  "an empty pattern would match every process; if you mean it, "
		                  "write '.'");
	if (ere_new(pattern, flags, &p->want.pattern, &reason) < 0)
		return diag_usage(p->ctx->diag, "regex error: %s", strbuf_str(&reason));
	return 0;
}

static bool has_criteria(const struct pgrep_opts *o)
{
	const void *const given[] = {
		o->groups, o->gids,   o->parents, o->sessions, o->terminals, o->euids,      o->uids,
		o->pids,   o->states, o->pidfile, o->cgroups,  o->ns,        o->env,        o->exe,
		o->cwd,    o->port,   o->file,    o->rss,      o->cpu_time,  o->descendants
	};

	for (size_t i = 0; i < ARRAY_LEN(given); i++) {
		if (given[i] != NULL)
			return true;
	}
	return o->newest || o->oldest || o->older >= 0 || o->younger >= 0 || o->same_ns ||
	       o->require_handler;
}

static int check_usage(struct pgrep *p, char **operands)
{
	const struct pgrep_opts *o = p->opts;
	struct diag *diag = p->ctx->diag;

	if (operands[0] == NULL && !has_criteria(o))
		return diag_usage(diag, "no matching criteria specified");
	if (operands[0] != NULL && operands[1] != NULL)
		return diag_usage(diag, "only one pattern can be provided");
	if (o->newest + o->oldest + o->inverse > 1)
		return diag_usage(diag, "-n, -o and -v exclude each other");
	if (o->need_lock && o->pidfile == NULL)
		return diag_usage(diag, "-L without -F makes no sense");
	if (o->threads && (o->id || o->tree))
		return diag_usage(diag, "-w is about threads, --id and --tree about processes");
	return 0;
}

static void learn_clocks(struct pgrep *p)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	p->boot_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	p->tick_ns = NS_PER_S / sysconf(_SC_CLK_TCK);
}

int pgrep_begin(struct pgrep *p, struct ctx *ctx, const struct pgrep_opts *opts, char **operands)
{
	int status;
	int proc;

	*p = (struct pgrep){ .ctx = ctx, .opts = opts };
	proc_reader_init(&p->reader, -1);
	p->users = users_new();
	out_begin(ctx->out, &opts->out);
	status = check_usage(p, operands);
	if (status != 0)
		return status;
	proc = procfs_open();
	if (proc < 0)
		return diag_fail(ctx->diag, -proc, "open", "/proc");
	p->reader.proc = proc;
	if (proc_self(&p->reader, &p->self) < 0)
		return diag_fail_text(ctx->diag, "/proc", "the process file system is not mounted");
	learn_clocks(p);
	if (operands[0] != NULL)
		status = parse_pattern(p, operands[0]);
	if (status == 0)
		status = pgrep_parse_lists(p);
	if (status == 0)
		status = parse_others(p);
	if (status == 0 && opts->pidfile != NULL)
		status = pgrep_read_pidfile(p);
	return status;
}

static void release_texts(struct texts *texts)
{
	for (size_t i = 0; i < texts->len; i++)
		free(texts->items[i]);
	vec_release(texts);
}

void pgrep_end(struct pgrep *p)
{
	struct criteria *w = &p->want;
	struct id_list *const lists[] = { &w->groups,   &w->gids,      &w->parents,
		                          &w->sessions, &w->terminals, &w->euids,
		                          &w->uids,     &w->states,    &w->pids };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		vec_release(lists[i]);
	release_texts(&w->cgroups);
	release_texts(&w->env);
	ere_free(w->pattern);
	ere_free(w->exe);
	vec_release(&w->sockets);
	vec_release(&w->ids);
	vec_release(&w->scan);
	for (size_t i = 0; i < PGREP_NAMESPACES; i++)
		free(w->namespaces[i]);
	candidate_release(&p->candidate);
	vec_release(&p->ancestors);
	vec_release(&p->pids);
	vec_release(&p->tids);
	vec_release(&p->matches);
	strbuf_release(&p->line);
	users_free(p->users);
	if (p->reader.proc >= 0)
		(void)close(p->reader.proc);
	proc_reader_release(&p->reader);
}
