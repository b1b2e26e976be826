/* SPDX-License-Identifier: MIT */
#include "cli/box.h"

#include "cli/box_applet.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/install.h"
#include "fs/archive.h"

static const struct opt box_rows[] = {
	OPT_BOOL(0, "list", struct box_opts, list,
	         "print the names of all applets, or an applet's verbs"),
	OPT_BOOL(0, "install", struct box_opts, install, "make links named after applets in DIR"),
	OPT_SET(0, "symbolic", struct box_opts, kind, INSTALL_SYMBOLIC,
	        "install: symbolic links (the default)"),
	OPT_SET(0, "hard", struct box_opts, kind, INSTALL_HARD, "install: hard links"),
	OPT_BOOL(0, "force", struct box_opts, force, "install: replace and shadow other commands"),
	OPT_BOOL('v', "verbose", struct box_opts, verbose, "with --version: how it was built"),
};

const struct applet box_applet = {
	.name = "dutybox",
	.group = "Itself",
	.summary = "run one of the applets, or list and install them",
	.operands = "APPLET [ARGUMENT]...",
	.says_no_when = "some links were not made",
	.options = OPT_TABLE(box_rows),
	.options_size = sizeof(struct box_opts),
};

/* One command of the box, with its streams. */
struct box {
	const struct applet_list *list;
	struct diag *diag;
	struct out *out;
};

static void print_list(const struct box *box)
{
	struct strbuf text = { 0 };

	for (size_t i = 0; i < box->list->len; i++)
		strbuf_add_format(&text, "%s\n", box->list->applets[i]->name);
	out_text(box->out, strbuf_str(&text), text.len);
	strbuf_release(&text);
}

static void print_verbs(const struct box *box, const struct applet *applet)
{
	struct strbuf text = { 0 };

	for (const struct applet *const *v = applet->verbs; v != NULL && *v != NULL; v++)
		strbuf_add_format(&text, "%s\n", applet_verb(*v));
	out_text(box->out, strbuf_str(&text), text.len);
	strbuf_release(&text);
}

/* Every applet with its summary, under its group's heading, groups in order of appearance. */
static void add_groups(struct strbuf *text, const struct applet_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		const char *group = list->applets[i]->group;
		bool is_first = true;

		for (size_t j = 0; j < i; j++)
			is_first = is_first && strcmp(list->applets[j]->group, group) != 0;
		if (!is_first)
			continue;
		strbuf_add_format(text, "\n%s:\n", group);
		for (size_t j = i; j < list->len; j++) {
			if (strcmp(list->applets[j]->group, group) == 0)
				strbuf_add_format(text, "  %-15s %s\n", list->applets[j]->name,
				                  list->applets[j]->summary);
		}
	}
}

static void print_overview(const struct box *box)
{
	struct strbuf text = { 0 };

	strbuf_add_format(&text, "dutybox %s: one binary, many tools.\n", DUTYBOX_VERSION);
	strbuf_add_str(&text,
	               "Usage: dutybox APPLET [ARGUMENT]...\n"
	               "       dutybox help APPLET [VERB]\n"
	               "       dutybox --list [APPLET] | --version | --help\n"
	               "       dutybox --install [--symbolic|--hard] [--force] DIR [APPLET]...\n"
	               "       dutybox completion bash|zsh|fish [LINK]...\n");
	add_groups(&text, box->list);
	out_text(box->out, text.data, text.len);
	strbuf_release(&text);
}

static int unknown_applet(const struct box *box, const char *name)
{
	const char *nearest = applet_nearest(box->list, name);

	if (nearest != NULL)
		(void)diag_fail_text(box->diag, name, "no such applet; did you mean '%s'?",
		                     nearest);
	else
		(void)diag_fail_text(box->diag, name,
		                     "no such applet; 'dutybox --list' names all of them");
	return EXIT_UNKNOWN;
}

static int print_own_help(const struct box *box)
{
	struct strbuf text = { 0 };

	help_add(&text, &box_applet, box_applet.name);
	add_groups(&text, box->list);
	out_text(box->out, text.data, text.len);
	strbuf_release(&text);
	return EXIT_YES;
}

static int print_help(const struct box *box, char *const *operands)
{
	struct strbuf text = { 0 };
	AUTO_FREE_STR char *invocation = NULL;
	const struct applet *applet;

	if (operands[0] == NULL) {
		print_overview(box);
		return EXIT_YES;
	}
	if (operands[1] != NULL && operands[2] != NULL)
		return diag_usage(box->diag, "help takes one applet, and perhaps its verb");
	if (strcmp(operands[0], box_applet.name) == 0 && operands[1] == NULL)
		return print_own_help(box);
	applet = applet_find(box->list, operands[0]);
	if (applet == NULL)
		return unknown_applet(box, operands[0]);
	if (operands[1] != NULL)
		applet = applet_find_verb(applet, operands[1]);
	if (applet == NULL)
		return diag_usage(box->diag, "%s has no verb '%s'", operands[0], operands[1]);
	strbuf_add_format(&text, "dutybox %s", applet->name);
	invocation = strbuf_detach(&text);
	help_add(&text, applet, invocation);
	out_text(box->out, text.data, text.len);
	strbuf_release(&text);
	return EXIT_YES;
}

static int print_completion(const struct box *box, char *const *operands)
{
	struct strbuf text = { 0 };

	if (operands[0] == NULL)
		return diag_usage(box->diag, "completion needs a shell: bash, zsh or fish");
	for (size_t i = 1; operands[i] != NULL; i++) {
		if (applet_find(box->list, operands[i]) == NULL)
			return unknown_applet(box, operands[i]);
	}
	if (!completion_add(&text, operands[0], box->list, operands + 1))
		return diag_usage(box->diag,
		                  "no completion for the shell '%s'; use bash, zsh or fish",
		                  operands[0]);
	out_text(box->out, text.data, text.len);
	strbuf_release(&text);
	return EXIT_YES;
}

/*
 * The words without those that ask for the version, for what else is asked. Moves them
 * within argv and returns how many stay. Shorter than --vers it could be --verbose.
 */
static int drop_version(int argc, char **argv)
{
	static const char version[] = "--version";
	static const char shortest[] = "--vers";
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		size_t len = strlen(argv[i]);

		if (len < sizeof(shortest) - 1 || strncmp(argv[i], version, len) != 0)
			argv[kept++] = argv[i];
	}
	return kept;
}

static int print_version(const struct box *box, int argc, char **argv)
{
	struct box_opts opts = { 0 };
	struct opt_request request = { .table = &box_applet.options, .fields = &opts };
	struct opt_error error = { 0 };
	struct strbuf text = { 0 };
	char **operands = NULL;
	int status = EXIT_YES;

	if (opt_parse(&request, drop_version(argc, argv), argv, &operands, &error) == OPT_WRONG)
		status = diag_usage(box->diag, "%s", strbuf_str(&error.message));
	strbuf_release(&error.message);
	free(operands);
	if (status != EXIT_YES)
		return status;

	strbuf_add_str(&text, "dutybox " DUTYBOX_VERSION "\n");
	if (opts.verbose) {
		strbuf_add_format(&text, "compiler: %s\nbuild: %s\nlibraries: ", __VERSION__,
		                  DUTYBOX_BUILD_TYPE);
		archive_add_versions(&text);
		strbuf_add_char(&text, '\n');
	}
	out_text(box->out, text.data, text.len);
	strbuf_release(&text);
	return EXIT_YES;
}

static int check_options(const struct box *box, const struct box_opts *opts)
{
	const char *stray = opts->force                      ? "--force"
	                    : opts->kind == INSTALL_HARD     ? "--hard"
	                    : opts->kind == INSTALL_SYMBOLIC ? "--symbolic"
	                                                     : NULL;

	if (opts->verbose)
		return diag_usage(box->diag, "--verbose goes with --version");
	if (opts->list && opts->install)
		return diag_usage(box->diag, "--list and --install exclude each other");
	if (!opts->install && stray != NULL)
		return diag_usage(box->diag, "%s goes with --install", stray);
	return 0;
}

static int run_options(const struct box *box, const struct box_opts *opts, char *const *operands)
{
	int status = check_options(box, opts);

	if (status != 0)
		return status;
	if (opts->install) {
		struct install_request request = { .list = box->list,
			                           .diag = box->diag,
			                           .out = box->out,
			                           .kind = opts->kind,
			                           .force = opts->force,
			                           .directory = operands[0],
			                           .names = operands + 1 };

		if (operands[0] == NULL)
			return diag_usage(box->diag, "--install needs a directory");
		return install_links(&request);
	}
	if (opts->list && operands[0] != NULL && operands[1] == NULL) {
		const struct applet *applet = applet_find(box->list, operands[0]);

		if (applet == NULL)
			return unknown_applet(box, operands[0]);
		print_verbs(box, applet);
		return EXIT_YES;
	}
	if (operands[0] != NULL)
		return diag_usage(box->diag, "options of an applet come after its name");
	if (opts->list) {
		print_list(box);
		return EXIT_YES;
	}
	return diag_usage(box->diag, "nothing to do; name an applet");
}

/* `dutybox --option ...`: everything that is not an applet's own command line. */
static int parse_and_run(const struct box *box, int argc, char **argv)
{
	struct box_opts opts = { 0 };
	struct opt_request request = { .table = &box_applet.options, .fields = &opts };
	struct opt_error error = { 0 };
	char **operands = NULL;
	int status = EXIT_YES;

	switch (opt_parse(&request, argc, argv, &operands, &error)) {
	case OPT_PARSED:
		status = run_options(box, &opts, operands);
		break;
	case OPT_WANTS_HELP:
		status = argc == 3 && argv[2][0] != '-' ? print_help(box, argv + 2)
		                                        : print_own_help(box);
		break;
	case OPT_WANTS_VERSION:
		status = print_version(box, argc, argv);
		break;
	case OPT_WRONG:
		status = diag_usage(box->diag, "%s", strbuf_str(&error.message));
		break;
	}
	strbuf_release(&error.message);
	free(operands);
	return status;
}

/* Also when somebody has renamed the program: dutybox-1.0, dutybox.static. */
static bool is_box_name(const char *name)
{
	return name[0] == '\0' || strncmp(name, box_applet.name, strlen(box_applet.name)) == 0;
}

static int run_word(const struct box *box, int argc, char **argv)
{
	const char *name = applet_name_of(argv[0]);

	if (!is_box_name(name))
		return unknown_applet(box, name);
	if (argc < 2) {
		print_overview(box);
		return EXIT_YES;
	}
	if (argv[1][0] == '-')
		return parse_and_run(box, argc, argv);
	if (strcmp(argv[1], "help") == 0)
		return print_help(box, argv + 2);
	if (strcmp(argv[1], "completion") == 0)
		return print_completion(box, argv + 2);
	return unknown_applet(box, argv[1]);
}

int box_run(const struct applet_list *list, int argc, char **argv)
{
	const struct applet *applet = NULL;
	struct box box = { .list = list };
	int status;
	int r;

	if (argc > 1 && is_box_name(applet_name_of(argv[0])))
		applet = applet_find(list, argv[1]);
	if (applet != NULL) {
		struct strbuf invocation = { 0 };

		strbuf_add_str(&invocation, "dutybox ");
		strbuf_add_str(&invocation, applet->name);
		status = dispatch_run(applet, invocation.data, argc - 1, argv + 1);
		strbuf_release(&invocation);
		return status;
	}
	box.diag = diag_new("dutybox", "dutybox", (struct exit_codes){ 0 });
	box.out = out_new(STDOUT_FILENO);
	status = run_word(&box, argc, argv);
	r = out_finish(box.out);
	if (r < 0)
		status = diag_fail_text(box.diag, NULL, "write error: %s", strerrordesc_np(-r));
	out_free(box.out);
	diag_free(box.diag);
	return status;
}
