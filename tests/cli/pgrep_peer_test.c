/* SPDX-License-Identifier: MIT */
/*
 * pgrep, pkill and pidwait beside those of procps-ng 4, on processes that the test has started:
 * everything is held to its own children by -P. Left out is where they differ on purpose: an -O or
 * --signal that makes no sense (procps takes the one as 0, and then matches everything, and fails
 * to send the other), names of signals like RTMAX-1, and names that -e prints though no pattern
 * has asked for them (procps prints nothing there).
 */
#include "support/expect.h"
#include "support/process.h"
#include "support/sandbox.h"
#include "support/skip.h"
#include "support/tree.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(peer_pgrep, .init = sandbox_enter, .fini = sandbox_leave, .timeout = 300);

enum {
	CAST = 8,
	WORDS_MAX = 24,
	LONELY = 54321, /* a user without a name and without processes: nobody else can be hit */
};

/* Who is there, in this order; the test counts on it. */
enum { ALPHA, ALPHABET, BETA, ODD, GROUP, SESSION, SHELL, STOPPED };

struct cast {
	struct process all[CAST];
	char parent[16];
};

static void need_procps(const char *name)
{
	struct run r;

	(void)need_program(name);
	r = run_peer(name, WORDS("--version"));
	if (strstr(r.out, "procps-ng 4") == NULL)
		skip("%s is not that of procps-ng 4", name);
}

static struct cast begin(uid_t uid)
{
	static const char *const names[] = { "alpha",     "alphabet", "beta",
		                             "a) R 1 (b", "grouped",  "sessioned" };
	struct cast c = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		c.all[i] = process_start(&(struct process_request){ .name = names[i],
		                                                    .leads_group = i == GROUP,
		                                                    .leads_session = i == SESSION,
		                                                    .uid = uid });
	c.all[SHELL] = process_start(&(struct process_request){
		.program = "/bin/sh",
		.argv0 = "daemon: alpha",
		.words = WORDS("one", "", "t w o"),
		.uid = uid,
	});
	c.all[STOPPED] = process_start(&(struct process_request){ .name = "stopped", .uid = uid });
	process_stop(&c.all[STOPPED]);
	(void)snprintf(c.parent, sizeof(c.parent), "%d", (int)getpid());
	return c;
}

/*
 * How each has ended: the signal, or "." for those that only end now, because their input does. A
 * signal that was sent before is acted on first.
 */
static const char *end(struct cast *c, char fates[CAST * 4])
{
	size_t len = 0;

	(void)kill(c->all[STOPPED].pid, SIGCONT);
	for (size_t i = 0; i < CAST; i++) {
		int status = process_finish(&c->all[i]);

		if (WIFSIGNALED(status))
			len += (size_t)snprintf(fates + len, 4, "%d ", WTERMSIG(status));
		else
			len += (size_t)snprintf(fates + len, 4, ".");
	}
	return fates;
}

/* Numbers of processes become letters, so that two casts can be compared. */
static char *anonymous(const struct cast *c, const char *text)
{
	char *copy = strdup(text);
	char *to = copy;

	cr_assert_not_null(copy);
	for (const char *at = text; *at != '\0';) {
		size_t len = strspn(at, "0123456789");
		size_t i = CAST;

		for (size_t k = 0; len > 0 && k < CAST; k++) {
			if (strlen(c->all[k].text) == len && strncmp(c->all[k].text, at, len) == 0)
				i = k;
		}
		if (i < CAST) {
			*to++ = (char)('A' + (int)i);
			at += len;
		} else {
			for (len = len > 0 ? len : 1; len > 0; len--)
				*to++ = *at++;
		}
	}
	*to = '\0';
	return copy;
}

/* @P the parent, @A @B ... processes. */
static const char *expand(const struct cast *c, const char *word)
{
	if (strcmp(word, "@P") == 0)
		return c->parent;
	if (word[0] == '@' && word[1] >= 'A' && word[1] < 'A' + CAST && word[2] == '\0')
		return c->all[word[1] - 'A'].text;
	return word;
}

struct command {
	const char *words[WORDS_MAX]; /* behind the name and -P @P */
};

/* -v is about -P as well: it would be all the others of this machine. */
static void need_narrow(const char *word)
{
	cr_assert(strncmp(word, "--inv", 5) != 0, "%s", word);
	cr_assert(word[0] != '-' || word[1] == '-' || strchr(word, 'v') == NULL, "%s", word);
}

static struct run run_one(const struct cast *c, const char *name, bool ours,
                          const struct command *command)
{
	bool is_harmless = strcmp(name, "pgrep") == 0;
	const char *words[WORDS_MAX + 5] = { name, "-P", c->parent };
	size_t n = 3;

	for (size_t i = 0; command->words[i] != NULL; i++) {
		need_narrow(command->words[i]);
		words[n++] = expand(c, command->words[i]);
	}
	return run_argv(&(struct run_request){ .program = ours ? NULL : name,
	                                       .words = ours ? words : words + 1,
	                                       .uid = is_harmless ? 0 : LONELY,
	                                       .may_complain = !ours });
}

static const char *shown(const struct command *command)
{
	static char text[256];

	text[0] = '\0';
	for (size_t i = 0; command->words[i] != NULL; i++) {
		(void)strncat(text, command->words[i], 40);
		(void)strncat(text, " ", 2);
	}
	return text;
}

Test(peer_pgrep, lists_the_same)
{
	static const struct command commands[] = {
		{ { "alpha" } },
		{ { "^alpha$" } },
		{ { "-x", "alpha" } },
		{ { "-x", "alpha|beta" } },
		{ { "-i", "ALPHA" } },
		{ { "-ix", "BETA" } },
		{ { "ALPHA" } },
		{ { "-n" } },
		{ { "-o" } },
		{ { "-n", "alpha" } },
		{ { "-o", "alpha" } },
		{ { "-nx", "nothing" } },
		{ { "-c", "alpha" } },
		{ { "-c", "nothing" } },
		{ { "-d", ",", "alpha" } },
		{ { "-d", "", "alpha" } },
		{ { "-d", ",", "-d", ";", "alpha" } },
		{ { "-d", ", ", "-l", "alpha" } },
		{ { "-l", "." } },
		{ { "-l", "-x", "a. R 1 .b" } },
		{ { "-a", "daemon" } },
		{ { "-af", "daemon" } },
		{ { "-lf", "daemon" } },
		{ { "-f", "t w o$" } },
		{ { "-f", "one  t w" } },
		{ { "-fx", "daemon" } },
		{ { "-fi", "DAEMON: ALPHA" } },
		{ { "-w", "alpha" } },
		{ { "-lw", "alpha" } },
		{ { "" } },
		{ { "^$" } },
		{ { "." } },
		{ { "(alpha)?bet" } },
		{ { "[ab]et" } },
		{ { "\\(b" } },
		{ { "-g", "@E" } },
		{ { "-g", "0" } },
		{ { "-g", "0", "alpha" } },
		{ { "-s", "@F" } },
		{ { "-s", "0" } },
		{ { "-u", "0" } },
		{ { "-u", "root" } },
		{ { "-u", "root,1" } },
		{ { "-U", "0", "alpha" } },
		{ { "-U", "1" } },
		{ { "-G", "0" } },
		{ { "-G", "root", "beta" } },
		{ { "-G", "1" } },
		{ { "-t", "pts/4095" } },
		{ { "-t", "tty63,pts/4095" } },
		{ { "-r", "T" } },
		{ { "-r", "S,T" } },
		{ { "-r", "D" } },
		{ { "-O", "0" } },
		{ { "-O", "100000" } },
		{ { "-A", "alpha" } },
		{ { "--ns", "@P" } },
		{ { "--ns", "@P", "--nslist", "pid,net", "beta" } },
		{ { "--full", "--exact", "x" } },
		{ { "--list-name", "alphabet" } },
		{ { "--ignore-case", "--count", "BET" } },
		{ { "--delimiter=+", "alpha" } },
		{ { "--newest", "--list-full" } },
		{ { "--oldest", "--list-name" } },
	};
	struct cast c;
	char fates[CAST * 4];

	need_procps("pgrep");
	c = begin(0);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct run theirs = run_one(&c, "pgrep", false, &commands[i]);
		struct run ours = run_one(&c, "pgrep", true, &commands[i]);

		cr_expect_eq(ours.status, theirs.status, "%s: %d, theirs %d", shown(&commands[i]),
		             ours.status, theirs.status);
		cr_expect_str_eq(ours.out, theirs.out, "%s:\n%stheirs:\n%s", shown(&commands[i]),
		                 ours.out, theirs.out);
		EXPECT_ERR(ours, "");
	}
	(void)end(&c, fates);
}

Test(peer_pgrep, turns_matches_round_the_same)
{
	struct cast c;
	char fates[CAST * 4];
	static const char *const options[] = { "-vx", "-vl", "-v" };

	need_procps("pgrep");
	c = begin(0);
	/* All but one process of the machine, and of them those that are ours. */
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct run theirs = RUN_PEER("pgrep", options[i], "alpha");
		struct run ours = RUN("pgrep", options[i], "alpha");

		for (size_t k = 0; k < CAST; k++) {
			char line[32];
			bool is_first =
				strncmp(ours.out, c.all[k].text, strlen(c.all[k].text)) == 0;

			(void)snprintf(line, sizeof(line), "\n%s%s", c.all[k].text,
			               options[i][2] == 'l' ? " " : "\n");
			cr_expect_eq(strstr(ours.out, line) != NULL || is_first,
			             strstr(theirs.out, line) != NULL, "%s, %zu", options[i], k);
		}
		cr_expect_eq(ours.status, theirs.status);
	}
	(void)end(&c, fates);
}

/* Without -P: a usage error ends it before anything is looked at. */
Test(peer_pgrep, wrong_usage_ends_the_same)
{
	static const char *const cases[][6] = {
		{ NULL },
		{ "a", "b" },
		{ "(" },
		{ "[" },
		{ "-n", "-o", "a" },
		{ "-n", "-v", "a" },
		{ "-u", "no such user" },
		{ "-U", "no such user" },
		{ "-G", "no such group" },
		{ "-g", "x" },
		{ "-P", "x" },
		{ "-s", "x" },
		{ "-L", "a" },
		{ "--no-such-option" },
		{ "-Z" },
		{ "--nslist", "nonsense", "--ns", "1" },
		{ "-u" },
	};
	static const char *const names[] = { "pgrep", "pkill", "pidwait" };

	need_root();
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		need_procps(names[k]);
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			const char *words[10] = { names[k] };
			struct run theirs;
			struct run ours;
			size_t len = 1;

			/* Should one of them take it after all, nothing happens to anybody. */
			if (strcmp(names[k], "pkill") == 0)
				words[len++] = "-0";
			for (size_t n = 0; n < 6 && cases[i][n] != NULL; n++)
				words[len++] = cases[i][n];
			theirs = run_argv(&(struct run_request){ .program = names[k],
			                                         .words = words + 1,
			                                         .uid = k > 0 ? LONELY : 0,
			                                         .may_complain = true });
			ours = run_words(words);
			cr_expect_eq(ours.status, theirs.status, "%s %s %s: %d, theirs %d",
			             names[k], words[1] != NULL ? words[1] : "",
			             words[1] != NULL && words[2] != NULL ? words[2] : "",
			             ours.status, theirs.status);
			EXPECT_OUT(ours, "");
		}
	}
}

static int look_at_file(const struct cast *c, bool ours, const char *option)
{
	const struct command command = { { option, "file" } };
	struct run r = run_one(c, "pgrep", ours, &command);

	cr_expect(r.status != 0 || strcmp(r.out, "") != 0);
	return r.status;
}

Test(peer_pgrep, reads_pid_files_the_same)
{
	struct cast c;
	char fates[CAST * 4];
	static const struct {
		char before[4];
		bool has_pid;
		char after[16];
	} cases[] = {
		{ "", true, "" },
		{ "", true, "\n" },
		{ "", true, " \n" },
		{ "  ", true, "\n" },
		{ "", true, "\nrest" },
		{ "", true, "\r\n" },
		{ "", false, "" },
		{ "", false, "abc\n" },
		{ "", false, "-1\n" },
		{ "", false, "0\n" },
		{ "", false, "99999999999\n" },
	};
	int lock;

	need_procps("pgrep");
	c = begin(0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];

		(void)snprintf(text, sizeof(text), "%s%s%s", cases[i].before,
		               cases[i].has_pid ? c.all[ALPHA].text : "", cases[i].after);
		tree_text("file", text);
		cr_expect_eq(look_at_file(&c, true, "-F"), look_at_file(&c, false, "-F"),
		             "'%s': %d, theirs %d", text, look_at_file(&c, true, "-F"),
		             look_at_file(&c, false, "-F"));
	}
	tree_text("file", c.all[ALPHA].text);
	cr_expect_eq(look_at_file(&c, true, "-LF"), look_at_file(&c, false, "-LF"));
	lock = open("file", O_RDWR | O_CLOEXEC);
	cr_assert(lock >= 0);
	cr_assert_eq(flock(lock, LOCK_EX), 0);
	cr_expect_eq(look_at_file(&c, false, "-LF"), 0);
	cr_expect_eq(look_at_file(&c, true, "-LF"), 0);
	(void)close(lock);
	cr_assert_eq(unlink("file"), 0);
	cr_expect_eq(look_at_file(&c, true, "-F"), look_at_file(&c, false, "-F"));
	(void)end(&c, fates);
}

Test(peer_pgrep, signals_the_same)
{
	static const struct command commands[] = {
		{ { "alpha" } },
		{ { "-x", "alpha" } },
		{ { "-HUP", "alpha" } },
		{ { "-1", "beta" } },
		{ { "-9", "." } },
		{ { "-SIGUSR1", "bet" } },
		{ { "-SIGRTMIN+3", "beta" } },
		{ { "--signal", "0", "alpha" } },
		{ { "--signal", "INT", "alpha" } },
		{ { "-0", "nothing" } },
		{ { "-q", "42", "-USR1", "alpha" } },
		{ { "-e", "alpha" } },
		{ { "-ex", "beta" } },
		{ { "-c", "alpha" } },
		{ { "-c", "nothing" } },
		{ { "-n", "alpha" } },
		{ { "-o", "alpha" } },
		{ { "-f", "daemon" } },
		{ { "-ef", "^daemon" } },
		{ { "-g", "@E" } },
		{ { "-s", "@F", "-KILL" } },
		{ { "-r", "T" } },
		{ { "-r", "T", "-KILL" } },
		{ { "-A", "beta" } },
		{ { "-NOSIG", "alpha" } },
		{ { "-99", "alpha" } },
	};

	need_root();
	need_procps("pkill");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char fates[2][CAST * 4];
		const char *out[2];
		int status[2];

		for (int ours = 0; ours < 2; ours++) {
			struct cast c = begin(LONELY);
			struct run r = run_one(&c, "pkill", ours != 0, &commands[i]);

			status[ours] = r.status;
			out[ours] = anonymous(&c, r.out);
			(void)end(&c, fates[ours]);
		}
		cr_expect_eq(status[1], status[0], "%s: %d, theirs %d", shown(&commands[i]),
		             status[1], status[0]);
		cr_expect_str_eq(out[1], out[0], "%s: %s, theirs %s", shown(&commands[i]), out[1],
		                 out[0]);
		cr_expect_str_eq(fates[1], fates[0], "%s: %s, theirs %s", shown(&commands[i]),
		                 fates[1], fates[0]);
	}
}

/* procps says that it waits for a process just before it takes hold of it. */
static void wait_for_hold(pid_t pid)
{
	for (bool found = false; !found;) {
		char path[64];
		char target[64];

		for (int fd = 3; fd < 64 && !found; fd++) {
			ssize_t len;

			(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
			len = readlink(path, target, sizeof(target) - 1);
			target[len > 0 ? len : 0] = '\0';
			found = strstr(target, "pidfd") != NULL;
		}
	}
}

/* Waits until it has said that it waits for the last one of those that match. */
static struct run wait_for_ends(struct cast *c, bool ours, const struct command *command,
                                size_t last)
{
	const char *words[WORDS_MAX + 5] = { "pidwait", "-P", c->parent };
	const struct run_request request = { .words = ours ? words : words + 1,
		                             .program = ours ? NULL : "pidwait",
		                             .may_complain = !ours,
		                             .uid = LONELY,
		                             .out_to = RUN_TO_TERMINAL };
	struct run_child child;
	char fates[CAST * 4];
	char said[32];

	for (size_t n = 0; command->words[n] != NULL; n++) {
		need_narrow(command->words[n]);
		words[n + 3] = command->words[n];
	}
	(void)snprintf(said, sizeof(said), "(pid %s)", c->all[last].text);
	run_start(&request, &child);
	run_wait_for(&child, said);
	wait_for_hold(child.pid);
	(void)end(c, fates);
	return run_finish(&child);
}

Test(peer_pgrep, waits_the_same)
{
	static const struct {
		struct command command;
		size_t last;
	} cases[] = {
		{ { { "-e", "alpha" } }, ALPHABET }, { { { "-e", "-x", "alpha" } }, ALPHA },
		{ { { "-ef", "daemon" } }, SHELL },  { { { "-ec", "alpha" } }, ALPHABET },
		{ { { "-eo", "alpha" } }, ALPHA },   { { { "-e", "-r", "T", "stopp" } }, STOPPED },
	};

	need_root();
	need_procps("pidwait");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r[2];
		const char *out[2];

		for (int ours = 0; ours < 2; ours++) {
			struct cast c = begin(LONELY);

			r[ours] = wait_for_ends(&c, ours != 0, &cases[i].command, cases[i].last);
			out[ours] = anonymous(&c, r[ours].out);
		}
		cr_expect_eq(r[1].status, r[0].status, "%s: %d, theirs %d",
		             shown(&cases[i].command), r[1].status, r[0].status);
		cr_expect_str_eq(out[1], out[0], "%s: %s, theirs %s", shown(&cases[i].command),
		                 out[1], out[0]);
	}
}
