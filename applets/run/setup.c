/* SPDX-License-Identifier: MIT */
/* What the command gets: words, environment, directory, descriptors, limits. */
#include "pipeline.h"

#include "base/human.h"
#include "base/num.h"
#include "sys/command_path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { NICE_MIN = -20, NICE_MAX = 19, UMASK_MAX = 0777, NS_PER_S = 1000000000, NAME_MAX_LEN = 16 };

enum unit { UNIT_SIZE, UNIT_TIME, UNIT_NUMBER };

static const struct limit_name {
	char name[NAME_MAX_LEN];
	int resource;
	enum unit unit;
} limit_names[] = {
	{ "cpu", RLIMIT_CPU, UNIT_TIME },           { "memory", RLIMIT_AS, UNIT_SIZE },
	{ "data", RLIMIT_DATA, UNIT_SIZE },         { "stack", RLIMIT_STACK, UNIT_SIZE },
	{ "core", RLIMIT_CORE, UNIT_SIZE },         { "file-size", RLIMIT_FSIZE, UNIT_SIZE },
	{ "locked", RLIMIT_MEMLOCK, UNIT_SIZE },    { "files", RLIMIT_NOFILE, UNIT_NUMBER },
	{ "processes", RLIMIT_NPROC, UNIT_NUMBER },
};

static int parse_amount(enum unit unit, const char *text, rlim_t *ret, struct text_error *reterr)
{
	uint64_t value = 0;
	int64_t ns;
	int r = 0;

	if (strcmp(text, "unlimited") == 0) {
		*ret = RLIM_INFINITY;
		return 0;
	}
	switch (unit) {
	case UNIT_SIZE:
		r = human_parse_size(text, &value, reterr);
		break;
	case UNIT_TIME:
		r = human_parse_duration(text, &ns, reterr);
		/* The kernel counts whole seconds, and 0 would be 1 anyway. */
		value = r == 0 ? ((uint64_t)ns + NS_PER_S - 1) / NS_PER_S : 0;
		break;
	case UNIT_NUMBER:
		r = num_parse_u64(text, &value);
		*reterr = (struct text_error){ .reason = "expected a number", .len = strlen(text) };
		break;
	}
	if (r == 0)
		*ret = value;
	return r;
}

static const struct limit_name *find_limit(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(limit_names); i++) {
		if (strlen(limit_names[i].name) == len &&
		    strncmp(limit_names[i].name, text, len) == 0)
			return &limit_names[i];
	}
	return NULL;
}

/* NAME=AMOUNT */
static int add_limit(struct run *r, const char *text)
{
	size_t len = strcspn(text, "=");
	const struct limit_name *name = find_limit(text, len);
	struct text_error where = { .reason = "expected cpu, memory, data, stack, core, file-size, "
		                              "locked, files or processes, and =AMOUNT",
		                    .len = len };
	struct spawn_limit *limit = &r->launch.limits[r->launch.setup.limits_len];
	rlim_t amount = RLIM_INFINITY;

	if (name == NULL || text[len] != '=')
		return diag_caret(r->ctx->diag, "bad value for --limit", text, &where);
	if (r->launch.setup.limits_len == LIMITS_MAX)
		return diag_usage(r->ctx->diag, "too many limits");
	if (parse_amount(name->unit, text + len + 1, &amount, &where) < 0) {
		where.offset += len + 1;
		return diag_caret(r->ctx->diag, "bad value for --limit", text, &where);
	}
	/* Soft and hard: what is allowed once cannot be taken back by the command. */
	*limit = (struct spawn_limit){ name->resource, { amount, amount } };
	if (name->resource == RLIMIT_CPU && amount != RLIM_INFINITY)
		limit->limit.rlim_max = amount + 1;
	r->launch.setup.limits = r->launch.limits;
	r->launch.setup.limits_len++;
	return 0;
}

static bool is_same_name(const char *variable, const char *name, size_t len)
{
	return strncmp(variable, name, len) == 0 && variable[len] == '=';
}

static void remove_variable(struct run_variables *v, const char *name, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->len; i++) {
		if (!is_same_name(v->items[i], name, len))
			v->items[kept++] = v->items[i];
	}
	v->len = kept;
}

static char *own(struct launch *launch, char *text)
{
	vec_push(&launch->owned, text);
	return text;
}

/* What Debian's cron gives a job, but for what PAM adds on some systems. */
static void add_cron_environment(struct run *r, struct run_variables *v)
{
	static const char *const inherited[] = { "HOME", "LOGNAME" };

	for (size_t i = 0; i < ARRAY_LEN(inherited); i++) {
		for (char **at = environ; *at != NULL; at++) {
			if (is_same_name(*at, inherited[i], strlen(inherited[i])))
				vec_push(v, *at);
		}
	}
	vec_push(v, own(&r->launch, mem_strdup("SHELL=/bin/sh")));
	vec_push(v, own(&r->launch, mem_strdup("PATH=/usr/bin:/bin")));
}

void launch_set_variable(struct run *r, const char *variable)
{
	remove_variable(&r->launch.variables, variable, strcspn(variable, "="));
	vec_push(&r->launch.variables, own(&r->launch, mem_strdup(variable)));
}

static int add_given(struct run *r)
{
	int status = given_user(r);

	if (status == 0)
		status = given_env_files(r);
	for (size_t i = 0; status == 0 && i < r->opts->env.len; i++) {
		const char *text = r->opts->env.items[i];
		size_t len = strcspn(text, "=");

		if (len == 0 || text[len] == '\0')
			return diag_usage(r->ctx->diag, "expected NAME=VALUE for --env");
		launch_set_variable(r, text);
	}
	return status;
}

/* What is named more closely wins: --env over --env-file over --user over what is inherited. */
static int build_environment(struct run *r)
{
	struct run_variables *v = &r->launch.variables;
	int status;

	for (char **at = environ; !r->opts->clean_env && !r->opts->as_cron && *at != NULL; at++)
		vec_push(v, *at);
	if (r->opts->as_cron)
		add_cron_environment(r, v);
	for (size_t i = 0; i < r->opts->unset.len; i++)
		remove_variable(v, r->opts->unset.items[i], strlen(r->opts->unset.items[i]));
	status = add_given(r);
	if (status != 0)
		return status;
	remove_variable(v, "RUN_ATTEMPT", strlen("RUN_ATTEMPT"));
	r->launch.attempt_at = v->len;
	vec_push(v, NULL);
	vec_push(v, NULL);
	r->launch.envp = v->items;
	return 0;
}

void launch_set_attempt(struct run *r)
{
	struct strbuf text = { 0 };

	strbuf_add_format(&text, "RUN_ATTEMPT=%llu", (unsigned long long)r->attempts);
	free(r->launch.envp[r->launch.attempt_at]);
	r->launch.envp[r->launch.attempt_at] = strbuf_detach(&text);
}

static int parse_process(struct run *r)
{
	const struct run_opts *opts = r->opts;
	struct spawn_setup *setup = &r->launch.setup;
	uint64_t umask_value;
	int64_t nice_value;

	if (opts->as_cron) {
		setup->sets_umask = true;
		setup->umask = 022;
	}
	if (opts->umask != NULL) {
		if (num_parse_octal(opts->umask, &umask_value) < 0 || umask_value > UMASK_MAX)
			return diag_usage(r->ctx->diag, "--umask needs an octal number up to 777");
		setup->sets_umask = true;
		setup->umask = (mode_t)umask_value;
	}
	if (opts->nice != NULL) {
		if (num_parse_i64(opts->nice, &nice_value) < 0 || nice_value < NICE_MIN ||
		    nice_value > NICE_MAX)
			return diag_usage(r->ctx->diag, "--nice needs a number from -20 to 19");
		setup->sets_nice = true;
		setup->nice = (int)nice_value;
	}
	for (size_t i = 0; i < opts->limits.len; i++) {
		int status = add_limit(r, opts->limits.items[i]);

		if (status != 0)
			return status;
	}
	return 0;
}

static int open_output(const struct run *r, const char *path, int *ret)
{
	int flags =
		O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (r->opts->append ? O_APPEND : O_TRUNC);

	if (path == NULL)
		return 0;
	*ret = open(path, flags, 0666);
	return *ret < 0 ? diag_fail(r->ctx->diag, errno, "open", path) : 0;
}

static int open_files(struct run *r)
{
	struct launch *launch = &r->launch;
	const struct run_opts *opts = r->opts;
	const char *dir = opts->chdir;
	int status;

	if (dir == NULL && opts->as_cron) {
		dir = getenv("HOME");
		dir = dir != NULL ? dir : "/";
	}
	if (opts->no_stdin || opts->as_cron)
		launch->fds[0] = SPAWN_NULL;
	if (opts->input != NULL) {
		launch->fds[0] = open(opts->input, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (launch->fds[0] < 0)
			return diag_fail(r->ctx->diag, errno, "open", opts->input);
	}
	status = given_stdin(r);
	if (status != 0)
		return status;
	if (dir != NULL) {
		launch->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (launch->dir < 0)
			return diag_fail(r->ctx->diag, errno, "change to", dir);
	}
	status = open_output(r, opts->out_file, &launch->fds[1]);
	if (status == 0)
		status = open_output(r, opts->err_file, &launch->fds[2]);
	if (status == 0)
		status = open_output(r, opts->both_file, &launch->fds[1]);
	if (status == 0)
		status = open_output(r, opts->tee, &r->tee);
	return status;
}

static void set_words(struct run *r, char **words)
{
	struct run_variables argv = { 0 };

	/* Of a pipeline the words are stages; each has its shell. */
	if (r->opts->shell && !r->opts->pipe) {
		vec_push(&argv, own(&r->launch, mem_strdup("sh")));
		vec_push(&argv, own(&r->launch, mem_strdup("-c")));
	}
	for (; *words != NULL; words++)
		vec_push(&argv, *words);
	vec_push(&argv, NULL);
	r->launch.argv = argv.items;
}

/* As env(1) does. */
int launch_look(struct run *r, const char *name, struct strbuf *ret)
{
	AUTO_FREE_STR char *standard = NULL;
	const char *list = NULL;

	for (char **at = r->launch.envp; *at != NULL && list == NULL; at++) {
		if (is_same_name(*at, "PATH", 4))
			list = *at + 5;
	}
	if (list == NULL) {
		standard = command_path_default();
		list = standard;
	}
	return spawn_find(list, name, ret);
}

int launch_find(struct run *r)
{
	int err = launch_look(r, r->launch.argv[0], &r->launch.file);

	/* Nobody would hear of it later. */
	if (err < 0 && r->opts->background)
		return report_start_failure(r, err, SPAWN_STEP_EXEC);
	r->launch.find_err = err;
	if (r->opts->argv0 != NULL)
		r->launch.argv[0] = own(&r->launch, mem_strdup(r->opts->argv0));
	return 0;
}

int launch_prepare(struct run *r, char **words)
{
	int status;

	if (words != NULL)
		set_words(r, words);
	status = parse_process(r);
	if (status == 0)
		status = given_io_priority(r);
	if (status == 0)
		status = build_environment(r);
	if (status == 0 && r->opts->pipe)
		status = pipeline_prepare(r, words);
	else if (status == 0 && words != NULL)
		status = launch_find(r);
	return status == 0 ? open_files(r) : status;
}

void launch_release(struct launch *launch)
{
	for (size_t i = 0; i < launch->owned.len; i++) {
		char *text;

		memcpy(&text, &launch->owned.items[i], sizeof(text));
		free(text);
	}
	vec_release(&launch->owned);
	for (size_t i = 0; i < ARRAY_LEN(launch->fds); i++) {
		if (launch->fds[i] >= 0)
			(void)close(launch->fds[i]);
	}
	if (launch->dir >= 0)
		(void)close(launch->dir);
	if (launch->envp != NULL)
		free(launch->envp[launch->attempt_at]);
	login_release(&launch->login);
	strbuf_release(&launch->file);
	free(launch->argv);
	vec_release(&launch->variables);
}
