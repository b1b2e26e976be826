/* SPDX-License-Identifier: MIT */
#include "fs/dupe_report.h"

#include "base/mem.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(dupe_report);

static char *no_roots[] = { NULL };

/* Groups as text: "size:path,path+;" with a plus behind those that stay, a star behind references.
 */
static int read_report(const char *text, struct strbuf *ret, struct dupe_report_error *reterr)
{
	AUTO_FREE(file_list) struct file_list *list = file_list_new(1, no_roots, true);
	struct same_result result = { 0 };
	int r = dupe_report_read(text, strlen(text), list, &result, reterr);

	for (size_t i = 0; i < result.groups.len; i++) {
		const struct same_group *g = &result.groups.items[i];

		strbuf_add_format(ret, "%llu:", (unsigned long long)g->size);
		for (size_t k = 0; k < g->len; k++) {
			const struct same_member *m = &result.members.items[g->first + k];

			strbuf_add_str(ret, k != 0 ? "," : "");
			file_list_add_path(list, m->file, ret);
			strbuf_add_str(ret, (m->flags & SAME_KEEP) != 0 ? "+" : "");
			strbuf_add_str(ret, (m->flags & SAME_REF) != 0 ? "*" : "");
			cr_expect_eq(file_list_at(list, m->file)->size, g->size);
			cr_expect_eq(file_list_device(list, m->file), 5);
		}
		strbuf_add_char(ret, ';');
	}
	same_result_release(&result);
	return r;
}

#define FILE_(name, keep) \
	"{\"path\":\"" name "\",\"keep\":" keep ",\"ref\":false,\"ino\":1,\"dev\":5}"
#define GROUP(files) "{\"record\":\"group\",\"by\":\"content\",\"size\":4,\"files\":[" files "]}\n"

Test(dupe_report, groups_come_back_with_what_stays_first)
{
	static const struct {
		const char *text;
		const char *groups;
	} cases[] = {
		{ "", "" },
		{ "\n\n", "" },
		{ GROUP(FILE_("a", "false") "," FILE_("b", "true")), "4:b+,a;" },
		/* One alone, and none, are no group any more. */
		{ GROUP(FILE_("a", "true")), "" },
		{ GROUP(""), "" },
		/* Others are passed over, keys we do not know too; the last line may end anyhow. */
		{ "{\"record\":\"summary\",\"groups\":[{\"a\":1}]}\n"
		  "{\"record\":\"group\",\"x\":[[]],\"files\":[" FILE_("a", "true") "," FILE_(
			  "b", "false") "],\"size\":18446744073709551615,\"by\":\"name,content\"}",
		  "18446744073709551615:a+,b;" },
		/* The exact bytes are in the second key. */
		{ GROUP("{\"path\":\"a\\ufffd\",\"path_b64\":\"Yf8=\",\"keep\":true,\"ref\":true,"
		        "\"ino\":1,\"dev\":5}," FILE_("/x/y", "false")),
		  "4:a\xff+*,/x/y;" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
		struct dupe_report_error error = { 0 };

		cr_expect_eq(read_report(cases[i].text, &got, &error), 0, "case %zu: line %zu %s",
		             i, error.line, error.reason != NULL ? error.reason : "");
		cr_expect_str_eq(strbuf_str(&got), cases[i].groups, "case %zu", i);
	}
}

Test(dupe_report, what_is_wrong_is_told_with_its_line)
{
	static const struct {
		const char *text;
		size_t line;
		const char *reason;
	} cases[] = {
		{ "x", 1, "is not a record" },
		{ "[]", 1, "is not a record" },
		{ "{}", 1, "is not a record" },
		{ "\n{\"group\":1}", 2, "is not a record" },
		{ "{\"record\":\"summary\"} x", 1, "is malformed" },
		{ "{\"record\":\"group\",\"by\":\"content\",\"size\":4,\"fi", 1, "is malformed" },
		{ "{\"record\":\"group\",\"by\":\"content\",\"files\":[]}", 1, "is malformed" },
		{ "{\"record\":\"group\",\"by\":\"content\",\"size\":-4}", 1, "is malformed" },
		{ "{\"record\":\"group\",\"by\":\"name\",\"size\":4}", 1,
		  "is no group of files whose contents were compared" },
		{ "{\"record\":\"group\",\"by\":\"dirs\",\"size\":4}", 1,
		  "is no group of files whose contents were compared" },
		{ "{\"record\":\"group\",\"by\":7,\"size\":4}", 1,
		  "is no group of files whose contents were compared" },
		{ GROUP(FILE_("a", "false") "," FILE_("b", "false")), 1,
		  "is a group of which no file stays" },
		{ GROUP(FILE_("a", "1")), 1, "is malformed" },
		{ GROUP(FILE_("", "true")), 1, "is malformed" },
		{ GROUP(FILE_("a\\u0000b", "true")), 1, "is malformed" },
		{ GROUP("{\"path\":\"a\",\"keep\":true,\"ino\":1}"), 1, "is malformed" },
		{ GROUP("{\"path\":\"a\",\"path_b64\":\"Y\",\"keep\":true,\"ino\":1,\"dev\":5}"), 1,
		  "is malformed" },
		{ GROUP("{\"path\":\"a\",\"path_b64\":\"Y!==\",\"keep\":true,\"ino\":1,\"dev\":5}"),
		  1, "is malformed" },
		{ GROUP("[]"), 1, "is malformed" },
		/* A second list would be members that the group does not know. */
		{ "{\"record\":\"group\",\"by\":\"content\",\"size\":4,\"files\":[" FILE_(
			  "a", "true") "],\"files\":[" FILE_("b", "true") "]}",
		  1, "is malformed" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf got = { 0 };
		struct dupe_report_error error = { 0 };

		cr_assert_eq(read_report(cases[i].text, &got, &error), -EBADMSG, "case %zu", i);
		cr_expect_eq(error.line, cases[i].line, "case %zu: %zu", i, error.line);
		cr_expect_str_eq(error.reason, cases[i].reason, "case %zu", i);
		cr_expect_str_eq(strbuf_str(&got), "", "case %zu", i);
	}
}
