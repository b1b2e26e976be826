/* SPDX-License-Identifier: MIT */
#include "cli/exec.h"

#include "base/sig.h"
#include "base/vec.h"
#include "cli/exec_children.h"
#include "sys/command_path.h"
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

enum {
	/* What the kernel takes at most whatever the stack limit is: 3/4 of its default. */
	ARGUMENTS_MAX = 6 * 1024 * 1024,
	ARGUMENTS_MIN = 128 * 1024, /* what it always takes */
	ARGUMENT_PAGES_MAX = 32,    /* of one argument (MAX_ARG_STRLEN) */
	/* For what execve() adds: the file's name twice, an interpreter and its argument. */
	HEADROOM = 4 * 4096,
};

struct exec_word {
	struct template *template;
	char *fixed; /* the text, when it has no placeholders */
};

struct exec {
	struct exec_request request;
	struct {
		VEC_FIELDS(struct exec_word);
	} words;
	char *name; /* the command as it was given */
	struct strbuf file;
	bool found; /* `file` is valid */
	struct spawn_collect collect;
	struct exec_children children;
	struct strbuf bytes; /* expanded arguments, each with its NUL */
	struct {
		VEC_FIELDS(size_t);
	} starts; /* of the arguments in `bytes` */
	struct {
		VEC_FIELDS(char *);
	} argv;
	size_t argument_max; /* bytes of one argument with its NUL */
	size_t room;         /* for the files of a batch, pointers included */
	size_t used;         /* of that */
	bool ended;          /* nothing more is started */
	int status;
	struct exec_totals totals;
};

size_t exec_word_count(const char *const *words)
{
	size_t n = 0;

	while (words[n] != NULL && strcmp(words[n], ";") != 0)
		n++;
	return n;
}

/* 0, or the status of the error that was reported. */
static int add_word(struct exec *e, const char *text, bool *placeholder_seen)
{
	const struct exec_request *request = &e->request;
	struct template_entry nobody = { .path = "" };
	struct strbuf fixed = { 0 };
	struct exec_word word = { 0 };
	/* Words of commands have no errors in them but these. */
	struct text_error error = { .len = strlen(text) };
	int r = template_compile(text, TEMPLATE_COMMAND, &word.template, &error);

	if (r < 0)
		return diag_caret(request->diag, request->option, text, &error);
	vec_push(&e->words, word);
	if (!template_has_placeholder(word.template)) {
		template_expand(word.template, &nobody, &fixed);
		vec_last(&e->words).fixed = strbuf_detach(&fixed);
		return 0;
	}
	if (e->words.len == 1)
		error.reason = "the command itself cannot be a placeholder";
	else if (request->mode == EXEC_BATCH && *placeholder_seen)
		error.reason = "only one argument of a batch can have placeholders";
	else
		*placeholder_seen = true;
	return error.reason != NULL ? diag_caret(request->diag, request->option, text, &error) : 0;
}

static int add_words(struct exec *e)
{
	const struct exec_request *request = &e->request;
	bool placeholder_seen = false;
	int r = 0;

	if (request->word_count == 0 || request->words[0][0] == '\0')
		return diag_usage(request->diag, "%s: the command is missing", request->option);
	for (size_t i = 0; r == 0 && i < request->word_count; i++)
		r = add_word(e, request->words[i], &placeholder_seen);
	if (r == 0 && !placeholder_seen)
		r = add_word(e, "{}", &placeholder_seen);
	return r;
}

static size_t argument_size(const char *text)
{
	return strlen(text) + 1 + sizeof(char *);
}

/* What is left of the kernel's limit for the files of a batch. */
static size_t measure_room(const struct exec *e)
{
	long limit = sysconf(_SC_ARG_MAX);
	size_t taken = HEADROOM;

	if (limit < ARGUMENTS_MIN)
		limit = ARGUMENTS_MIN;
	if (limit > ARGUMENTS_MAX)
		limit = ARGUMENTS_MAX;
	for (char **variable = environ; *variable != NULL; variable++)
		taken += argument_size(*variable);
	for (size_t i = 0; i < e->words.len; i++) {
		if (e->words.items[i].fixed != NULL)
			taken += argument_size(e->words.items[i].fixed);
	}
	return taken < (size_t)limit ? (size_t)limit - taken : 0;
}

int exec_new(const struct exec_request *request, struct exec **ret)
{
	AUTO_FREE(exec) struct exec *e = mem_alloc_zeroed(sizeof(*e));
	long page = sysconf(_SC_PAGESIZE);
	int r;

	e->request = *request;
	exec_children_init(&e->children, request->jobs, request->jobs > 1, request->out);
	r = add_words(e);
	if (r != 0)
		return r;
	e->name = e->words.items[0].fixed;
	e->argument_max = ARGUMENT_PAGES_MAX * (size_t)(page > 0 ? page : 4096);
	e->room = measure_room(e);
	spawn_collect_begin(&e->collect);
	*ret = take(&e);
	return 0;
}

static void note_end(struct exec *e, struct exec_end *end);

/* Collects those that have ended; with `wait`, at least one, unless none is running. */
static void collect(struct exec *e, bool wait)
{
	struct exec_end end;

	while (exec_children_collect(&e->children, wait, &end)) {
		note_end(e, &end);
		wait = false;
	}
}

static void collect_all(struct exec *e)
{
	while (e->children.len > 0)
		collect(e, true);
}

struct exec *exec_free(struct exec *e)
{
	if (e == NULL)
		return NULL;
	collect_all(e);
	spawn_collect_end(&e->collect);
	exec_children_release(&e->children);
	for (size_t i = 0; i < e->words.len; i++) {
		ignore(template_free(e->words.items[i].template) != NULL);
		free(e->words.items[i].fixed);
	}
	vec_release(&e->words);
	vec_release(&e->starts);
	vec_release(&e->argv);
	strbuf_release(&e->file);
	strbuf_release(&e->bytes);
	free(e);
	return NULL;
}

unsigned exec_needs(const struct exec *e)
{
	unsigned needs = 0;

	for (size_t i = 0; i < e->words.len; i++)
		needs |= template_needs(e->words.items[i].template);
	return needs;
}

struct exec_totals exec_totals(const struct exec *e)
{
	return e->totals;
}

static void count_status(struct exec *e, int status)
{
	if (status > e->status)
		e->status = status;
}

/* Is standard output a pipe whose reader is gone? */
static bool nobody_reads(void)
{
	struct pollfd fd = { .fd = STDOUT_FILENO };

	return poll(&fd, 1, 0) > 0 && (fd.revents & POLLERR) != 0;
}

static void report_signal(struct exec *e, const struct exec_end *end, int signo)
{
	const char *name = sigabbrev_np(signo);

	/* Then the box ends as the commands do, without a word. */
	if (signo == SIGPIPE && !e->children.capture && nobody_reads())
		sig_stop(SIGPIPE);
	if (signo == sig_number())
		return;
	ignore(diag_partial_text(e->request.diag, end->label, "%s was killed by signal %d%s%s%s%s",
	                         e->name, signo, name != NULL ? " (" : "", name != NULL ? name : "",
	                         name != NULL ? ")" : "",
	                         WCOREDUMP(end->wait_status) ? ", core dumped" : ""));
}

static void note_end(struct exec *e, struct exec_end *end)
{
	AUTO_FREE_STR char *label = end->label;

	if (end->err == 0 && WIFEXITED(end->wait_status) && WEXITSTATUS(end->wait_status) == 0)
		return;
	if (end->err < 0)
		ignore(diag_partial_text(e->request.diag, label, "how %s ended is unknown",
		                         e->name));
	else if (WIFSIGNALED(end->wait_status))
		report_signal(e, end, WTERMSIG(end->wait_status));
	e->totals.failed++;
	count_status(e, EXIT_NO);
	e->ended |= e->request.fail_fast;
}

static bool is_over(const struct exec *e)
{
	return e->ended || sig_stopped() || out_failed(e->request.out);
}

static int find_file(struct exec *e)
{
	AUTO_FREE_STR char *standard = NULL;
	const char *list = getenv("PATH");
	int r;

	if (list == NULL) {
		standard = command_path_default();
		list = standard;
	}
	strbuf_clear(&e->file);
	r = spawn_find(list, e->name, &e->file);
	e->found = r == 0;
	return r;
}

/* One attempt, and once more where another place in PATH, or fewer others, may help. */
static int try_start(struct exec *e, const char *label)
{
	struct spawn_request spawn = { .argv = e->argv.items,
		                       .envp = environ,
		                       .dir = e->request.dir,
		                       .fds = { SPAWN_INHERIT, SPAWN_INHERIT, SPAWN_INHERIT } };
	bool was_found = e->found;
	int r = e->found ? 0 : find_file(e);

	if (e->children.capture || e->request.null_stdin)
		spawn.fds[0] = SPAWN_NULL;
	while (r == 0) {
		spawn.file = strbuf_str(&e->file);
		r = exec_children_start(&e->children, &spawn, label);
		if (r >= 0)
			return 0;
		if (spawn_failure_code(r) == SPAWN_CODE_FAILED && e->children.len > 0) {
			collect(e, true);
			r = 0;
		} else if (was_found && (r == -ENOENT || r == -EACCES)) {
			was_found = false;
			r = find_file(e);
		}
	}
	return r;
}

/* Starts what `argv` says; with one job, waits for it. `label` is for messages, or NULL. */
static int run(struct exec *e, const char *label)
{
	int r;

	while (exec_children_full(&e->children))
		collect(e, true);
	if (is_over(e))
		return -ECANCELED;
	if (!e->children.capture)
		out_flush(e->request.out);
	r = try_start(e, label);
	if (r < 0)
		return r;
	e->totals.started++;
	collect(e, !e->children.capture);
	return 0;
}

/* There is a file, but the kernel says that there is none: it means another one. */
static bool lacks_interpreter(const struct exec *e, int err)
{
	int dir = e->request.dir == SPAWN_INHERIT ? AT_FDCWD : e->request.dir;

	return err == -ENOENT && e->found && faccessat(dir, strbuf_str(&e->file), F_OK, 0) == 0;
}

/* The command cannot be run, for no file: what run() returned. */
static void report_start(struct exec *e, int err)
{
	e->ended = true;
	if (err == -ECANCELED)
		return;
	if (lacks_interpreter(e, err)) {
		ignore(diag_partial_text(e->request.diag, e->name,
		                         "cannot be run: its interpreter or loader is missing"));
		count_status(e, SPAWN_CODE_NO_EXEC);
		return;
	}
	ignore(diag_partial(e->request.diag, -err, "run", e->name));
	count_status(e, spawn_failure_code(err));
}

/* Adds the argument to `bytes`, or reports that it is too long for any command. */
static bool expand(struct exec *e, const struct exec_word *word, const struct template_entry *entry)
{
	size_t start = e->bytes.len;

	template_expand(word->template, entry, &e->bytes);
	strbuf_add_char(&e->bytes, '\0');
	if (e->bytes.len - start <= e->argument_max) {
		vec_push(&e->starts, start);
		return true;
	}
	strbuf_truncate(&e->bytes, start);
	ignore(diag_partial_text(e->request.diag, entry->path, "too long as an argument of %s",
	                         e->name));
	count_status(e, EXIT_NO);
	return false;
}

static void run_each(struct exec *e, const struct template_entry *entry)
{
	size_t next = 0;
	int r;

	strbuf_truncate(&e->bytes, 0);
	vec_clear(&e->starts);
	vec_clear(&e->argv);
	for (size_t i = 0; i < e->words.len; i++) {
		if (e->words.items[i].fixed == NULL && !expand(e, &e->words.items[i], entry))
			return;
	}
	for (size_t i = 0; i < e->words.len; i++) {
		char *fixed = e->words.items[i].fixed;

		vec_push(&e->argv, fixed != NULL ? fixed : e->bytes.data + e->starts.items[next++]);
	}
	vec_push(&e->argv, NULL);
	r = run(e, entry->path);
	if (r < 0)
		report_start(e, r);
}

/* What these files of the batch take of the room. */
static size_t part_size(const struct exec *e, size_t first, size_t n)
{
	size_t end = first + n < e->starts.len ? e->starts.items[first + n] : e->bytes.len;

	return end - e->starts.items[first] + n * sizeof(char *);
}

static void set_batch_argv(struct exec *e, size_t first, size_t n)
{
	vec_clear(&e->argv);
	for (size_t i = 0; i < e->words.len; i++) {
		if (e->words.items[i].fixed != NULL) {
			vec_push(&e->argv, e->words.items[i].fixed);
			continue;
		}
		for (size_t k = first; k < first + n; k++)
			vec_push(&e->argv, e->bytes.data + e->starts.items[k]);
	}
	vec_push(&e->argv, NULL);
}

/* Some of the files of the batch, in halves when the kernel finds them too many. */
static void run_part(struct exec *e, size_t first, size_t n)
{
	int r;

	set_batch_argv(e, first, n);
	r = run(e, NULL);
	if (r == -E2BIG && n > 1) {
		size_t half = part_size(e, first, n) / 2;

		if (half < e->room)
			e->room = half;
		run_part(e, first, n / 2);
		if (!is_over(e))
			run_part(e, first + n / 2, n - n / 2);
	} else if (r < 0) {
		report_start(e, r);
	}
}

static const struct exec_word *repeated_word(const struct exec *e)
{
	size_t i = 0;

	while (e->words.items[i].fixed != NULL)
		i++;
	return &e->words.items[i];
}

/* The argument that was added last belongs to the next batch when it does not fit into this one. */
static void add_to_batch(struct exec *e, const struct template_entry *entry)
{
	size_t start = e->bytes.len;
	size_t size;

	if (!expand(e, repeated_word(e), entry))
		return;
	size = e->bytes.len - start + sizeof(char *);
	if (e->used + size > e->room && e->starts.len > 1) {
		run_part(e, 0, e->starts.len - 1);
		memmove(e->bytes.data, e->bytes.data + start, e->bytes.len - start);
		strbuf_truncate(&e->bytes, e->bytes.len - start);
		vec_clear(&e->starts);
		vec_push(&e->starts, 0);
		e->used = 0;
	}
	e->used += size;
}

int exec_add(struct exec *e, const struct template_entry *entry)
{
	if (is_over(e))
		return -ECANCELED;
	if (e->request.mode == EXEC_BATCH)
		add_to_batch(e, entry);
	else
		run_each(e, entry);
	return is_over(e) ? -ECANCELED : 0;
}

int exec_finish(struct exec *e)
{
	if (e->request.mode == EXEC_BATCH && e->starts.len > 0 && !is_over(e))
		run_part(e, 0, e->starts.len);
	vec_clear(&e->starts);
	collect_all(e);
	return e->status;
}
