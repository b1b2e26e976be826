/* SPDX-License-Identifier: MIT */
#include "cli/dispatch.h"

#include "base/sig.h"
#include "cli/box.h"
#include "cli/help.h"
#include "cli/typo.h"

#include <fcntl.h>
#include <poll.h>

const char *applet_name_of(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	const char *name = slash != NULL ? slash + 1 : argv0;

	return name[0] == '-' ? name + 1 : name;
}

const struct applet *applet_find(const struct applet_list *list, const char *name)
{
	for (size_t i = 0; i < list->len; i++) {
		if (strcmp(list->applets[i]->name, name) == 0)
			return list->applets[i];
	}
	return NULL;
}

const char *applet_verb(const struct applet *verb)
{
	const char *blank = strchr(verb->name, ' ');

	return blank != NULL ? blank + 1 : verb->name;
}

const struct applet *applet_find_verb(const struct applet *applet, const char *word)
{
	const struct applet *const *verb = applet->verbs;

	while (verb != NULL && *verb != NULL && strcmp(applet_verb(*verb), word) != 0)
		verb++;
	return verb != NULL ? *verb : NULL;
}

const char *applet_nearest(const struct applet_list *list, const char *typed)
{
	const char *nearest = NULL;
	unsigned least = 0;

	for (size_t i = 0; i < list->len; i++) {
		unsigned distance = typo_distance(typed, list->applets[i]->name);

		if (nearest == NULL || distance < least) {
			nearest = list->applets[i]->name;
			least = distance;
		}
	}
	return nearest != NULL && typo_is_near(typed, least) ? nearest : NULL;
}

/*
 * Descriptors 0 to 2 exist before anything is opened, so that no data file
 * becomes standard output. Read-only where we would write and the other way
 * round: the missing stream fails when it is used, as a closed one does.
 */
static bool guard_descriptors(void)
{
	struct pollfd fds[] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };
	/* One call asks about all three; it may be refused under an absurd RLIMIT_NOFILE. */
	int n = poll(fds, ARRAY_LEN(fds), 0);

	if (n == 0)
		return true;
	for (int fd = 0; fd <= 2; fd++) {
		bool missing = n > 0 ? (fds[fd].revents & POLLNVAL) != 0 : fcntl(fd, F_GETFD) < 0;

		/* The lowest free number is given, which is this one. */
		if (missing && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
			return false;
	}
	return true;
}

/* What is left to do once the answer is known: did all of it arrive? */
static int finish(struct ctx *ctx, int status)
{
	int r = out_finish(ctx->out);

	if (r < 0) {
		diag_mirror(ctx->diag, NULL);
		status = diag_fail_text(ctx->diag, NULL, "write error: %s", strerrordesc_np(-r));
	}
	return diag_status(ctx->diag, status);
}

static bool asks_for_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0)
			return true;
	}
	return false;
}

/* The applet does nothing without a verb. */
static int refuse_verb(const struct ctx *ctx, const char *word)
{
	const char *nearest = NULL;
	unsigned least = 0;

	if (word == NULL)
		return diag_usage(ctx->diag, "a verb is missing");
	for (const struct applet *const *v = ctx->applet->verbs; *v != NULL; v++) {
		unsigned distance = typo_distance(word, applet_verb(*v));

		if (nearest == NULL || distance < least) {
			nearest = applet_verb(*v);
			least = distance;
		}
	}
	if (nearest != NULL && typo_is_near(word, least))
		return diag_usage(ctx->diag, "no verb is called '%s'; did you mean '%s'?", word,
		                  nearest);
	return diag_usage(ctx->diag, "no verb is called '%s'", word);
}

static int run_parsed(struct ctx *ctx, const struct opt_request *request, const char *invocation,
                      int argc, char **argv)
{
	struct opt_error error = { 0 };
	struct strbuf text = { 0 };
	char **operands = NULL;
	int status = EXIT_YES;

	switch (opt_parse(request, argc, argv, &operands, &error)) {
	case OPT_PARSED:
		status = ctx->applet->run != NULL ? ctx->applet->run(ctx, request->fields, operands)
		                                  : refuse_verb(ctx, operands[0]);
		break;
	case OPT_WANTS_HELP:
		help_add(&text, ctx->applet, invocation);
		break;
	case OPT_WANTS_VERSION:
		help_add_version(&text, ctx->applet->name);
		break;
	case OPT_WRONG:
		/* The applet did not come to choose the format of the message's record. */
		if (asks_for_json(argc, argv))
			out_begin(ctx->out, &(struct out_opts){ .json = true });
		error.where.reason = NULL;
		if (error.text != NULL)
			status = diag_caret(ctx->diag, strbuf_str(&error.message), error.text,
			                    &error.where);
		else
			status = diag_usage(ctx->diag, "%s", strbuf_str(&error.message));
		break;
	}
	out_text(ctx->out, strbuf_str(&text), text.len);
	strbuf_release(&text);
	strbuf_release(&error.message);
	free(operands);
	return status;
}

/* `applet` is no verb's, or the verb itself. */
static int run_applet(const struct applet *applet, const char *invocation, int argc, char **argv)
{
	struct ctx ctx = { .applet = applet,
		           .diag = diag_new(applet->name, invocation, applet->codes),
		           .out = out_new(STDOUT_FILENO) };
	void *fields = mem_alloc_zeroed(applet->options_size);
	struct opt_request request = { .table = &applet->options,
		                       .fields = fields,
		                       .stop_at_operand = applet->stop_at_operand };
	int status;

	if (applet->defaults != NULL)
		memcpy(fields, applet->defaults, applet->options_size);
	diag_mirror(ctx.diag, ctx.out);
	status = run_parsed(&ctx, &request, invocation, argc, argv);
	status = finish(&ctx, status);
	opt_release(&applet->options, fields);
	free(fields);
	out_free(ctx.out);
	diag_free(ctx.diag);
	sig_die_if_stopped();
	return status;
}

int dispatch_run(const struct applet *applet, const char *invocation, int argc, char **argv)
{
	const struct applet *verb = argc > 1 ? applet_find_verb(applet, argv[1]) : NULL;
	struct strbuf words = { 0 };
	int status;

	if (verb == NULL)
		return run_applet(applet, invocation, argc, argv);
	strbuf_add_format(&words, "%s %s", invocation, applet_verb(verb));
	status = run_applet(verb, strbuf_str(&words), argc - 1, argv + 1);
	strbuf_release(&words);
	return status;
}

/* Somebody called execve() with an empty argv, which old kernels pass on. */
static int refuse_nameless(void)
{
	struct diag *diag = diag_new("dutybox", "dutybox", (struct exit_codes){ 0 });
	int status = diag_usage(diag, "called without a name; argv[0] is missing");

	diag_free(diag);
	return status;
}

int dispatch_main(int argc, char **argv, const struct applet_list *list)
{
	const struct applet *applet;

	if (!guard_descriptors())
		return EXIT_FAIL;
	if (argc == 0)
		return refuse_nameless();
	applet = applet_find(list, applet_name_of(argv[0]));
	if (applet != NULL)
		return dispatch_run(applet, applet->name, argc, argv);
	return box_run(list, argc, argv);
}
