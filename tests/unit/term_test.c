/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "cli/term.h"

#include "support/skip.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

TestSuite(term);

/* The two ends of a new pseudo-terminal; false where there are none to be had. */
static bool open_pty(int *ret_master, int *ret_slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];

	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
	    ptsname_r(master, name, sizeof(name)) != 0)
		return false;
	*ret_master = master;
	*ret_slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return *ret_slave >= 0;
}

Test(term, columns_without_a_terminal)
{
	static const struct {
		const char *text;
		unsigned columns;
	} cases[] = {
		{ NULL, 80 },       { "", 80 },
		{ "0", 80 },        { "abc", 80 },
		{ "-5", 80 },       { "1", 1 },
		{ "132", 132 },     { "12x", 80 },
		{ "65536", 65535 }, { "99999999999999999999", 80 },
	};
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cr_expect_eq(term_columns(ends[1], cases[i].text), cases[i].columns, "case %zu", i);
		cr_expect_eq(term_columns(-1, cases[i].text), cases[i].columns, "case %zu", i);
	}
}

Test(term, a_pipe_is_no_terminal_and_errno_is_kept)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	errno = EXDEV;
	cr_expect_not(term_is_tty(ends[0]));
	cr_expect_eq(term_columns(ends[0], NULL), 80);
	cr_expect_not(term_is_tty(-1));
	cr_expect_eq(errno, EXDEV);
}

Test(term, a_terminal_knows_its_width)
{
	struct winsize size = { .ws_col = 123, .ws_row = 40 };
	int master, slave;

	if (!open_pty(&master, &slave))
		skip("no pseudo-terminals here");
	cr_expect(term_is_tty(slave));
	cr_assert_eq(ioctl(master, TIOCSWINSZ, &size), 0);
	cr_expect_eq(term_columns(slave, "40"), 123);
	size.ws_col = 0;
	cr_assert_eq(ioctl(master, TIOCSWINSZ, &size), 0);
	cr_expect_eq(term_columns(slave, "40"), 40);
	cr_expect_eq(term_columns(slave, NULL), 80);
}

Test(term, the_environment_is_read_as_it_is)
{
	struct term_env env;

	cr_assert_eq(setenv("NO_COLOR", "", 1), 0);
	cr_assert_eq(setenv("COLUMNS", "77", 1), 0);
	cr_assert_eq(unsetenv("LS_COLORS"), 0);
	env = term_env();
	cr_expect_str_eq(env.no_color, "");
	cr_expect_str_eq(env.columns, "77");
	cr_expect_null(env.ls_colors);
}
