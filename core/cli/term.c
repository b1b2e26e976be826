/* SPDX-License-Identifier: MIT */
#include "cli/term.h"

#include "base/num.h"

#include <errno.h>
#include <sys/ioctl.h>

bool term_is_tty(int fd)
{
	int saved = errno;
	bool answer = isatty(fd) == 1;

	errno = saved;
	return answer;
}

unsigned term_columns(int fd, const char *columns_text)
{
	struct winsize size;
	uint64_t columns;
	int saved = errno;
	bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;

	errno = saved;
	if (known)
		return size.ws_col;
	if (columns_text != NULL && num_parse_u64(columns_text, &columns) == 0 && columns != 0)
		return columns < TERM_COLUMNS_MAX ? (unsigned)columns : TERM_COLUMNS_MAX;
	return TERM_COLUMNS_DEFAULT;
}

struct term_env term_env(void)
{
	return (struct term_env){
		.columns = getenv("COLUMNS"),
		.term = getenv("TERM"),
		.no_color = getenv("NO_COLOR"),
		.clicolor = getenv("CLICOLOR"),
		.clicolor_force = getenv("CLICOLOR_FORCE"),
		.force_color = getenv("FORCE_COLOR"),
		.ls_colors = getenv("LS_COLORS"),
	};
}
