/* SPDX-License-Identifier: MIT */
/*
 * Builds the manual pages; not installed. A page man/NAME.1.in is mdoc(7) with
 * lines that stand for facts of the applet's constant:
 *
 *     @SYNOPSIS@ @OPTIONS@ @EXIT_STATUS@ @SCHEMA@     whole sections
 *     @NOTE --option@ ... @END@                       added to that option's entry
 *     @SUMMARY@                                       the line ".Nd summary"
 *     @VERSION@                                       inside a line
 *
 *     docgen PAGE OUT         one page
 *     docgen --check DIR      every applet has a page, and every page an applet
 */
#include "mdoc.h"

#include "base/fdio.h"
#include "cli/box_applet.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum { PAGE_MAX = 1 << 20 };

static const struct applet *find_applet(const char *name, size_t len)
{
	if (strlen(box_applet.name) == len && memcmp(box_applet.name, name, len) == 0)
		return &box_applet;
	for (size_t i = 0; i < applet_table_len; i++) {
		const char *have = applet_table[i]->name;

		if (strlen(have) == len && memcmp(have, name, len) == 0)
			return applet_table[i];
	}
	return NULL;
}

struct docgen {
	const char *page; /* path, for messages */
	const struct applet *applet;
	struct notes notes;
	struct strbuf out;
	bool after_heading; /* the line before was .Sh */
	bool has_options;
	int errors;
};

static void complain(struct docgen *d, const char *what, const char *word)
{
	(void)fprintf(stderr, "%s: %s%s%s\n", d->page, what, word != NULL ? ": " : "",
	              word != NULL ? word : "");
	d->errors++;
}

/* Cuts the notes out of the page; what remains goes to `ret`. */
static void collect_notes(struct docgen *d, char *text, struct strbuf *ret)
{
	struct note *open = NULL;

	for (char *line = text, *end; *line != '\0'; line = end) {
		end = strchrnul(line, '\n');
		end += *end == '\n';
		size_t len = (size_t)(end - line);

		if (strncmp(line, "@NOTE ", 6) == 0) {
			size_t n = strcspn(line + 6, "@\n");

			if (open != NULL)
				complain(d, "no @END@ before the next note", open->option);
			vec_push(&d->notes, (struct note){ .option = mem_strndup(line + 6, n) });
			open = &vec_last(&d->notes);
		} else if (strncmp(line, "@END@", 5) == 0) {
			if (open == NULL)
				complain(d, "@END@ without a note", NULL);
			open = NULL;
		} else {
			strbuf_add(open != NULL ? &open->text : ret, line, len);
		}
	}
	if (open != NULL)
		complain(d, "no @END@", open->option);
}

static void add_heading(struct docgen *d, const char *heading)
{
	if (!d->after_heading)
		strbuf_add_format(&d->out, ".Sh %s\n", heading);
}

/* A line that is a directive; false when it is none. */
static bool expand_line(struct docgen *d, const char *line)
{
	if (strcmp(line, "@SYNOPSIS@") == 0) {
		add_heading(d, "SYNOPSIS");
		mdoc_add_synopsis(&d->out, d->applet);
	} else if (strcmp(line, "@OPTIONS@") == 0) {
		add_heading(d, "OPTIONS");
		mdoc_add_options(&d->out, d->applet, &d->notes);
		d->has_options = true;
	} else if (strcmp(line, "@EXIT_STATUS@") == 0) {
		add_heading(d, "EXIT STATUS");
		mdoc_add_exit_status(&d->out, d->applet);
	} else if (strcmp(line, "@SCHEMA@") == 0) {
		add_heading(d, "RECORDS");
		mdoc_add_schema(&d->out, d->applet);
	} else if (strcmp(line, "@SUMMARY@") == 0) {
		strbuf_add_format(&d->out, ".Nd %s\n", d->applet->summary);
	} else {
		return false;
	}
	return true;
}

static void add_line(struct docgen *d, const char *line)
{
	const char *version = strstr(line, "@VERSION@");

	if (version != NULL) {
		strbuf_add(&d->out, line, (size_t)(version - line));
		strbuf_add_str(&d->out, DUTYBOX_VERSION);
		line = version + strlen("@VERSION@");
	} else if (line[0] == '@') {
		complain(d, "unknown directive", line);
	} else if (strncmp(line, ".Nd ", 4) == 0 && strcmp(line + 4, d->applet->summary) != 0) {
		complain(d, ".Nd differs from the applet's summary", d->applet->summary);
	}
	strbuf_add_str(&d->out, line);
	strbuf_add_char(&d->out, '\n');
}

static void expand(struct docgen *d, char *text)
{
	for (char *line = text, *end; *line != '\0'; line = end) {
		end = strchrnul(line, '\n');
		if (*end == '\n')
			*end++ = '\0';
		if (!expand_line(d, line))
			add_line(d, line);
		d->after_heading = strncmp(line, ".Sh ", 4) == 0;
	}
	if (!d->has_options)
		complain(d, "no @OPTIONS@", NULL);
	for (size_t i = 0; i < d->notes.len; i++) {
		if (!d->notes.items[i].used)
			complain(d, "note for an unknown option", d->notes.items[i].option);
	}
}

/* "man/which.1.in" is the page of which. */
static const struct applet *applet_of_page(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name != NULL ? name + 1 : path;
	const char *suffix = strstr(name, ".1.in");
	return suffix != NULL && suffix[5] == '\0' ? find_applet(name, (size_t)(suffix - name))
	                                           : NULL;
}

/* The page, expanded, in d->out. */
static int make_page(struct docgen *d, const char *path)
{
	struct strbuf raw = { 0 };
	struct strbuf body = { 0 };

	d->page = path;
	d->applet = applet_of_page(path);
	if (d->applet == NULL) {
		complain(d, "no applet has this page", NULL);
		return d->errors;
	}
	int r = fdio_read_file(AT_FDCWD, path, PAGE_MAX, &raw);
	if (r < 0) {
		complain(d, "cannot read", strerrordesc_np(-r));
		return d->errors;
	}
	strbuf_add_str(&raw, "");
	strbuf_add_str(&body, "");
	collect_notes(d, raw.data, &body);
	expand(d, body.data);
	strbuf_release(&raw);
	strbuf_release(&body);
	return d->errors;
}

static void docgen_release(struct docgen *d)
{
	for (size_t i = 0; i < d->notes.len; i++) {
		free(d->notes.items[i].option);
		strbuf_release(&d->notes.items[i].text);
	}
	vec_release(&d->notes);
	strbuf_release(&d->out);
}

static int write_page(const char *page, const char *path)
{
	struct docgen d = { 0 };
	int errors = make_page(&d, page);

	if (errors == 0) {
		AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		int r = fd < 0 ? -errno : fdio_write_all(fd, d.out.data, d.out.len);

		if (r < 0) {
			(void)fprintf(stderr, "%s: %s\n", path, strerrordesc_np(-r));
			errors++;
		}
	}
	docgen_release(&d);
	return errors;
}

static int check_page_exists(const char *directory, const char *name)
{
	char path[4096];
	struct docgen d = { 0 };

	(void)snprintf(path, sizeof(path), "%s/%s.1.in", directory, name);
	int errors = make_page(&d, path);
	docgen_release(&d);
	return errors;
}

static int check_directory(const char *directory)
{
	DIR *dir = opendir(directory);
	int errors = check_page_exists(directory, box_applet.name);

	for (size_t i = 0; i < applet_table_len; i++)
		errors += check_page_exists(directory, applet_table[i]->name);
	if (dir == NULL) {
		perror(directory);
		return errors + 1;
	}
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		if (strstr(e->d_name, ".in") == NULL || applet_of_page(e->d_name) != NULL)
			continue;
		(void)fprintf(stderr, "%s/%s: no applet has this page\n", directory, e->d_name);
		errors++;
	}
	(void)closedir(dir);
	return errors;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--check") == 0)
		return check_directory(argv[2]) == 0 ? 0 : 1;
	if (argc == 3)
		return write_page(argv[1], argv[2]) == 0 ? 0 : 1;
	(void)fprintf(stderr, "usage: docgen PAGE OUT | docgen --check DIRECTORY\n");
	return 2;
}
