/* SPDX-License-Identifier: MIT */
/*
 * A report as "fclones group -f json" writes it (fclones 0.35, fclones/src/report.rs), for
 * "fclones remove", "link" and "dedupe" to read. These parse the command in the header again, so
 * it is one of fclones', and leave files alone that were modified after the time there, so
 * it is that of the scan's beginning. Paths are absolute, in the encoding STFU-8 (the crate
 * stfu8), which holds any bytes.
 */
#include "dupes.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/path.h"
#include "base/utf8.h"

#include <errno.h>
#include <limits.h>

/* Bytes that a program may stumble over become \xHH; a backslash is doubled. */
static void add_stfu8(struct strbuf *ret, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t n;
		int32_t cp = utf8_decode(bytes, len, &n);

		if (*bytes == '\\')
			strbuf_add_str(ret, "\\\\");
		else if (cp >= 0 && !utf8_is_unsafe(cp))
			strbuf_add(ret, bytes, n);
		else
			for (size_t i = 0; i < n; i++)
				strbuf_add_format(ret, "\\x%02X", (unsigned char)bytes[i]);
		bytes += n;
		len -= n;
	}
}

static void add_string(struct strbuf *line, const char *bytes, size_t len)
{
	AUTO_RELEASE_STRBUF struct strbuf encoded = { 0 };

	add_stfu8(&encoded, bytes, len);
	json_add_string(line, strbuf_str(&encoded), encoded.len);
}

static void add_word(struct strbuf *line, const char *word)
{
	strbuf_add_char(line, ',');
	add_string(line, word, strlen(word));
}

/* The command that would have made this report. */
static void add_command(const struct dupes_run *run, struct strbuf *line)
{
	strbuf_add_str(line, "[\"fclones\",\"group\"");
	if (run->opts->isolate)
		add_word(line, "--isolate");
	if (run->opts->count_links)
		add_word(line, "--match-links");
	add_word(line, "--");
	for (size_t i = 0; i < run->roots_len; i++)
		add_word(line, run->roots[i]);
	strbuf_add_char(line, ']');
}

static void add_stats(const struct dupes_run *run, struct strbuf *line)
{
	const struct dupes_totals t = dupes_totals(run);
	uint64_t bytes = 0;
	uint64_t redundant = 0;

	for (size_t i = 0; i < run->result.groups.len; i++) {
		const struct same_group *g = &run->result.groups.items[i];

		bytes += g->size * g->len;
		for (size_t k = 0; k < g->len; k++)
			redundant += (run->result.members.items[g->first + k].flags &
			              (SAME_KEEP | SAME_LINK)) == 0
			                     ? g->size
			                     : 0;
	}
	strbuf_add_format(line,
	                  "{\"group_count\":%zu,\"total_file_count\":%llu,\"total_file_size\":%llu,"
	                  "\"redundant_file_count\":%llu,\"redundant_file_size\":%llu,"
	                  "\"missing_file_count\":0,\"missing_file_size\":0}",
	                  run->result.groups.len, (unsigned long long)t.names,
	                  (unsigned long long)bytes, (unsigned long long)t.redundant,
	                  (unsigned long long)redundant);
}

int dupes_fclones_begin(struct dupes_run *run)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	char here[PATH_MAX];

	if (getcwd(here, sizeof(here)) == NULL)
		return -errno;
	strbuf_add_str(&run->here_path, here);
	strbuf_add_str(&line,
	               "{\"header\":{\"version\":\"dutybox " DUTYBOX_VERSION "\",\"timestamp\":\"");
	clock_add_time(&line, run->began, "+%Y-%m-%dT%H:%M:%S.%N%:z");
	strbuf_add_str(&line, "\",\"command\":");
	add_command(run, &line);
	strbuf_add_str(&line, ",\"base_dir\":");
	add_string(&line, here, strlen(here));
	strbuf_add_str(&line, ",\"stats\":");
	add_stats(run, &line);
	strbuf_add_str(&line, "},\"groups\":[");
	out_text(run->ctx->out, line.data, line.len);
	return 0;
}

/* Without the dots that stand for the working directory: fclones has none in its paths. */
static void add_absolute(const struct dupes_run *run, uint32_t file, struct strbuf *line)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf whole = { 0 };
	const char *rest;

	file_list_add_path(run->list, file, &path);
	rest = strbuf_str(&path);
	while (rest[0] == '.' && rest[1] == '/') {
		rest += 2;
		while (*rest == '/')
			rest++;
	}
	if (rest[0] != '/')
		path_add_join(&whole, strbuf_str(&run->here_path), rest);
	else
		strbuf_add_str(&whole, rest);
	add_string(line, strbuf_str(&whole), whole.len);
}

void dupes_fclones_group(struct dupes_run *run, size_t index)
{
	const struct same_group *g = &run->result.groups.items[index];
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	strbuf_add_format(&line, "%s\n{\"file_len\":%llu,\"file_hash\":\"", index != 0 ? "," : "",
	                  (unsigned long long)g->size);
	dupes_add_digest(run, g, &line);
	strbuf_add_str(&line, "\",\"files\":[");
	for (size_t i = 0; i < g->len; i++) {
		strbuf_add_str(&line, i != 0 ? "," : "");
		add_absolute(run, run->result.members.items[g->first + i].file, &line);
	}
	strbuf_add_str(&line, "]}");
	out_text(run->ctx->out, line.data, line.len);
}

void dupes_fclones_end(struct dupes_run *run)
{
	static const char end[] = "\n]}\n";

	out_text(run->ctx->out, end, sizeof(end) - 1);
}
