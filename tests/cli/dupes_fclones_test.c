/* SPDX-License-Identifier: MIT */
/* dupes --format=fclones: one JSON document as "fclones group -f json" writes it. */
#include "support/expect.h"
#include "support/sandbox.h"
#include "support/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(dupes_fclones, .init = sandbox_enter, .fini = sandbox_leave);

static const struct json *document(const struct run *r)
{
	const char *why = NULL;
	size_t at = 0;
	const struct json *value = json_parse(r->out, r->out_len, &why, &at);

	cr_assert_not_null(value, "%s at %zu: %s", why, at, r->out);
	return value;
}

/* The crate stfu8's decoding, as far as bytes go. */
static void decode(const char *text, char *ret)
{
	while (*text != '\0') {
		unsigned byte = (unsigned char)*text;

		if (*text != '\\') {
			text++;
		} else if (text[1] == '\\') {
			text += 2;
		} else {
			cr_assert_eq(sscanf(text, "\\x%2X", &byte), 1, "%s", text);
			text += 4;
		}
		*ret++ = (char)byte;
	}
	*ret = '\0';
}

Test(dupes_fclones, header_and_groups_are_those_of_fclones)
{
	struct run r;
	const struct json *d;
	char path[4200];

	tree("t d/a same", "t e/b same", "h e/c -> e/b", "t e/x other");
	tree_time("d/a", (struct timespec){ 1000, 0 });
	r = RUN("dupes", "--format=fclones", "--hash=sha256", "--isolate", "d", "e");
	EXPECT_STATUS(r, 0);
	d = document(&r);
	cr_expect_str_eq(json_string(d, "header.command.0"), "fclones");
	cr_expect_str_eq(json_string(d, "header.command.1"), "group");
	cr_expect_str_eq(json_string(d, "header.command.2"), "--isolate");
	cr_expect_str_eq(json_string(d, "header.command.5"), "e");
	cr_expect_str_eq(json_string(d, "header.base_dir"), sandbox_path());
	cr_expect_not_null(json_string(d, "header.version"));
	cr_expect_eq(strlen(json_string(d, "header.timestamp")),
	             strlen("2026-11-25T11:08:50.218021248+00:00"));
	cr_expect_eq(json_int(d, "header.stats.group_count", -1), 1);
	cr_expect_eq(json_int(d, "header.stats.total_file_count", -1), 3);
	cr_expect_eq(json_int(d, "header.stats.total_file_size", -1), 12);
	cr_expect_eq(json_int(d, "header.stats.redundant_file_count", -1), 1);
	cr_expect_eq(json_int(d, "header.stats.redundant_file_size", -1), 4);
	cr_expect_eq(json_int(d, "header.stats.missing_file_count", -1), 0);
	cr_expect_eq(json_int(d, "groups.0.file_len", -1), 4);
	cr_expect_str_eq(json_string(d, "groups.0.file_hash"),
	                 "0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5");
	(void)snprintf(path, sizeof(path), "%s/d/a", sandbox_path());
	cr_expect_str_eq(json_string(d, "groups.0.files.0"), path);
	cr_expect_eq(json_get(d, "groups.0.files")->len, 3);
	cr_expect_eq(json_get(d, "groups")->len, 1);
}

Test(dupes_fclones, every_name_comes_back)
{
	char path[600];
	size_t n = 0;
	struct run r;
	const struct json *files;

	for (; hostile_names[n] != NULL; n++) {
		(void)snprintf(path, sizeof(path), "d/%s", hostile_names[n]);
		tree_text(path, "equal");
	}
	r = RUN("dupes", "--format=fclones", "d");
	files = json_get(document(&r), "groups.0.files");
	cr_assert_not_null(files);
	cr_assert_eq(files->len, n);
	for (size_t i = 0; i < n; i++) {
		char name[4200];

		decode(files->items[i]->text, name);
		expect_is_file(name);
	}
}

Test(dupes_fclones, without_groups_it_is_a_document_too)
{
	struct run r = RUN("dupes", "--format=fclones");

	EXPECT_STATUS(r, 0);
	cr_expect_eq(json_get(document(&r), "groups")->len, 0);
}

Test(dupes_fclones, what_has_no_hash_is_refused)
{
	const char *const *const cases[] = {
		WORDS("dupes", "--format=fclones", "--paranoid"),
		WORDS("dupes", "--format=fclones", "--hash=md5"),
		WORDS("dupes", "--format=fclones", "--by=name"),
		WORDS("dupes", "--format=fclones", "--delete"),
		WORDS("dupes", "--format=fclones", "--json"),
		WORDS("dupes", "--format=fclones", "-0"),
		WORDS("dupes", "--format=fclones", "--check"),
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run_words(cases[i]);

		cr_expect_eq(r.status, 2, "case %zu: %d", i, r.status);
	}
}
