/* SPDX-License-Identifier: MIT */
#include "sys/users.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(users);

static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
			     "toor:x:0:0::/:/bin/sh\n"
			     "+nis:x:55:\n"
			     "-minus:x:56:\n"
			     "+\n"
			     ":x:57:0\n"
			     "short\n"
			     "half:x\n"
			     "none:x:\n"
			     "word:x:12a:1\n"
			     "minus:x:-1:1\n"
			     "wide:x:4294967296:1\n"
			     "top:x:4294967295:1\n"
			     "\n"
			     "group:x:100\n"
			     "b\xff\xc3:*:7:7:a:b:c:d:e:f:g\n"
			     "last:x:9";

Test(users, finds_names_in_text)
{
	static const struct {
		uint32_t id;
		const char *name;
	} cases[] = {
		{ 0, "root" },      { 55, NULL },  { 56, NULL },           { 57, NULL },
		{ 12, NULL },       { 1, NULL },   { 4294967295U, "top" }, { 100, "group" },
		{ 7, "b\xff\xc3" }, { 9, "last" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len = 0;
		const char *name = users_text_name(passwd, sizeof(passwd) - 1, cases[i].id, &len);

		if (cases[i].name == NULL) {
			cr_expect_null(name, "case %zu", i);
			continue;
		}
		cr_assert_not_null(name, "case %zu", i);
		cr_expect_eq(len, strlen(cases[i].name), "case %zu", i);
		cr_expect_eq(memcmp(name, cases[i].name, len), 0, "case %zu", i);
	}
}

Test(users, finds_ids_in_text)
{
	static const struct {
		const char *name;
		int r;
		uint32_t id;
	} cases[] = {
		{ "root", 0, 0 },        { "toor", 0, 0 },       { "roo", -ENOENT, 0 },
		{ "rootx", -ENOENT, 0 }, { "", -ENOENT, 0 },     { "+nis", -ENOENT, 0 },
		{ "short", -ENOENT, 0 }, { "half", -ENOENT, 0 }, { "none", -ENOENT, 0 },
		{ "word", -ENOENT, 0 },  { "wide", -ENOENT, 0 }, { "top", 0, 4294967295U },
		{ "group", 0, 100 },     { "last", 0, 9 },       { "root:x", -ENOENT, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t id = 777;

		cr_expect_eq(users_text_id(passwd, sizeof(passwd) - 1, cases[i].name, &id),
		             cases[i].r, "case %zu", i);
		cr_expect_eq(id, cases[i].r == 0 ? cases[i].id : 777, "case %zu", i);
	}
}

Test(users, text_may_hold_anything)
{
	static const char odd[] = "a\0b:x:1\nc:x:2\0:\n\0\nd:x:3";
	uint32_t id = 0;
	size_t len;

	cr_expect_null(users_text_name(odd, sizeof(odd) - 1, 1, &len));
	cr_expect_null(users_text_name(odd, sizeof(odd) - 1, 2, &len));
	cr_expect_eq(users_text_id(odd, sizeof(odd) - 1, "d", &id), 0);
	cr_expect_eq(id, 3);
	cr_expect_null(users_text_name("", 0, 0, &len));
	cr_expect_eq(users_text_id("", 0, "a", &id), -ENOENT);
}

Test(users, asks_the_system)
{
	AUTO_FREE(users) struct users *u = users_new();
	const char *root = users_name(u, 0);
	uid_t uid = 1;
	gid_t gid = 1;

	cr_assert_not_null(root);
	cr_expect_str_eq(root, "root");
	cr_expect_eq(users_name(u, 0), root, "from the cache");
	cr_expect_str_eq(users_group_name(u, 0), "root");
	cr_expect_eq(users_uid(u, "root", &uid), 0);
	cr_expect_eq(uid, 0);
	cr_expect_eq(users_gid(u, "root", &gid), 0);
	cr_expect_eq(gid, 0);
	uid = 77;
	cr_expect_eq(users_uid(u, "no such user", &uid), -ENOENT);
	cr_expect_eq(users_uid(u, "", &uid), -ENOENT);
	cr_expect_eq(users_uid(u, "0", &uid), -ENOENT, "a number is no name");
	cr_expect_eq(users_gid(u, "no such group", &gid), -ENOENT);
	cr_expect_eq(uid, 77);
	cr_expect_str_eq(users_name(u, 0), "root");
}

Test(users, remembers_many)
{
	AUTO_FREE(users) struct users *u = users_new();

	for (uid_t uid = 3000000000U; uid < 3000001000U; uid++)
		cr_assert_null(users_name(u, uid));
	for (uid_t uid = 3000000000U; uid < 3000001000U; uid++)
		cr_assert_null(users_name(u, uid));
	cr_expect_str_eq(users_name(u, 0), "root");
	cr_expect_null(users_free(NULL));
}

Test(users, finds_homes_in_text)
{
	static const char text[] = "a:x:1:1:A, B:/home/a:/bin/sh\n"
				   "b:x:2:2::/b\n"
				   "c:x:3:3:\n"
				   "d:x:4:4:::\n"
				   "a:x:5:1::/second:/bin/sh\n";
	static const struct {
		const char *name;
		uint32_t id;
		const char *home; /* NULL: none */
	} cases[] = {
		{ "a", 0, "/home/a" }, { NULL, 1, "/home/a" }, { "b", 0, "/b" }, { NULL, 2, "/b" },
		{ "c", 0, NULL },      { NULL, 3, NULL },      { "d", 0, "" },   { "e", 0, NULL },
		{ NULL, 6, NULL },     { NULL, 5, "/second" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len = 0;
		const char *home =
			users_text_home(text, sizeof(text) - 1, cases[i].name, cases[i].id, &len);

		cr_assert_eq(home == NULL, cases[i].home == NULL, "case %zu", i);
		if (home == NULL)
			continue;
		cr_expect_eq(len, strlen(cases[i].home), "case %zu", i);
		cr_expect_eq(memcmp(home, cases[i].home, len), 0, "case %zu", i);
	}
}

Test(users, asks_the_system_for_homes)
{
	AUTO_FREE(users) struct users *u = users_new();
	AUTO_RELEASE_STRBUF struct strbuf by_name = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf by_number = { 0 };

	cr_expect_eq(users_home(u, "root", 0, &by_name), 0);
	cr_expect_eq(users_home(u, NULL, 0, &by_number), 0);
	cr_expect_eq(strbuf_str(&by_name)[0], '/');
	cr_expect_str_eq(strbuf_str(&by_name), strbuf_str(&by_number));
	cr_expect_eq(users_home(u, "no such user", 0, &by_name), -ENOENT);
	cr_expect_str_eq(strbuf_str(&by_name), strbuf_str(&by_number), "nothing is added");
}
