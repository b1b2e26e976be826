/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/human.h"

#include "support/skip.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

TestSuite(human);
TestSuite(peer_human);

#define S INT64_C(1000000000)

Test(human, sizes_that_parse)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "512", 512 },
		{ "512b", 512 },
		{ "7B", 7 },
		{ "1K", 1024 },
		{ "1k", 1024 },
		{ "1KiB", 1024 },
		{ "1kib", 1024 },
		{ "1Ki", 1024 },
		{ "1kB", 1000 },
		{ "1KB", 1000 },
		{ "1kb", 1000 },
		{ "1.5M", 1572864 },
		{ "1.5MB", 1500000 },
		{ "0.1K", 102 },
		{ "2.0", 2 },
		{ "4G", UINT64_C(4) << 30 },
		{ "4T", UINT64_C(4) << 40 },
		{ "4P", UINT64_C(4) << 50 },
		{ "15E", UINT64_C(15) << 60 },
		{ "18EB", UINT64_C(18000000000000000000) },
		{ "0.0009765625Z", UINT64_C(1) << 60 },
		{ "0.00000001YB", UINT64_C(10000000000000000) },
		{ "0.0000000000000001QB", UINT64_C(100000000000000) },
		{ "0R", 0 },
		{ "18446744073709551615", UINT64_MAX },
		{ "15.9999999999999999E", UINT64_C(18446744073709551500) },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text_error error;
		uint64_t bytes = 99;

		cr_expect_eq(human_parse_size(cases[i].text, &bytes, &error), 0, "%s",
		             cases[i].text);
		cr_expect_eq(bytes, cases[i].bytes, "%s: %" PRIu64, cases[i].text, bytes);
	}
}

struct refusal {
	const char *text;
	int result;
	size_t offset, len;
};

Test(human, sizes_that_do_not_parse)
{
	static const struct refusal cases[] = {
		{ "", -EINVAL, 0, 0 },
		{ "K", -EINVAL, 0, 0 },
		{ "-1", -EINVAL, 0, 0 },
		{ "+1", -EINVAL, 0, 0 },
		{ " 1", -EINVAL, 0, 0 },
		{ "1 ", -EINVAL, 1, 1 },
		{ "1.", -EINVAL, 2, 0 },
		{ "1.5", -EINVAL, 0, 3 },
		{ "1x", -EINVAL, 1, 1 },
		{ "1KiBx", -EINVAL, 1, 4 },
		{ "1iB", -EINVAL, 1, 2 },
		{ "1KK", -EINVAL, 1, 2 },
		{ "0x10", -EINVAL, 1, 3 },
		{ "16E", -ERANGE, 0, 3 },
		{ "1Z", -ERANGE, 0, 2 },
		{ "18446744073709551616", -ERANGE, 0, 20 },
		{ "0.00000000000000001Q", -EINVAL, 18, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text_error error = { 0 };
		uint64_t bytes = 99;

		cr_expect_eq(human_parse_size(cases[i].text, &bytes, &error), cases[i].result,
		             "'%s'", cases[i].text);
		cr_expect_eq(bytes, 99, "'%s'", cases[i].text);
		cr_expect_not_null(error.reason, "'%s'", cases[i].text);
		cr_expect_eq(error.offset, cases[i].offset, "'%s': %zu", cases[i].text,
		             error.offset);
		cr_expect_eq(error.len, cases[i].len, "'%s': %zu", cases[i].text, error.len);
	}
}

Test(human, durations_that_parse)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{ "0", 0 },
		{ "90", 90 * S },
		{ "90s", 90 * S },
		{ "1.5", S + S / 2 },
		{ "1.5s", S + S / 2 },
		{ "250ms", S / 4 },
		{ "3us", 3000 },
		{ "7ns", 7 },
		{ "10min", 600 * S },
		{ "10m", 600 * S },
		{ "2h", 7200 * S },
		{ "1h30m", 5400 * S },
		{ "1d", 86400 * S },
		{ "2w", 14 * 86400 * S },
		{ "3mo", 90 * 86400 * S },
		{ "1y", 365 * 86400 * S },
		{ "1y2mo3w4d5h6m7s8ms9us1ns",
		  ((365 + 60 + 21 + 4) * INT64_C(86400) + 5 * 3600 + 6 * 60 + 7) * S + 8009001 },
		{ "1.000000001s", S + 1 },
		{ "0.123456789y", INT64_C(3893333297904000) },
		{ "2weeks1day", 15 * 86400 * S },
		{ "9223372036854775807ns", INT64_MAX },
		{ "292y", 292 * INT64_C(365) * 86400 * S },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text_error error;
		int64_t ns = -1;

		cr_expect_eq(human_parse_duration(cases[i].text, &ns, &error), 0, "%s",
		             cases[i].text);
		cr_expect_eq(ns, cases[i].ns, "%s: %" PRId64, cases[i].text, ns);
	}
}

Test(human, durations_that_do_not_parse)
{
	static const struct refusal cases[] = {
		{ "", -EINVAL, 0, 0 },
		{ "s", -EINVAL, 0, 0 },
		{ "-1s", -EINVAL, 0, 1 },
		{ "5M", -EINVAL, 1, 1 },
		{ "5S", -EINVAL, 1, 1 },
		{ "5 s", -EINVAL, 1, 2 },
		{ "1h30", -EINVAL, 4, 0 },
		{ "1h x", -EINVAL, 2, 0 },
		{ "1m1m", -EINVAL, 2, 2 },
		{ "30m1h", -EINVAL, 3, 2 },
		{ "5fortnights", -EINVAL, 1, 10 },
		{ "1.5.5s", -EINVAL, 3, 3 },
		{ "1.0000000001s", -EINVAL, 11, 0 },
		{ "293y", -ERANGE, 0, 4 },
		{ "9223372036854775808ns", -ERANGE, 0, 21 },
		{ "99999999999999999999", -ERANGE, 0, 20 },
		{ "292y99w", -ERANGE, 0, 7 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text_error error = { 0 };
		int64_t ns = -7;

		cr_expect_eq(human_parse_duration(cases[i].text, &ns, &error), cases[i].result,
		             "'%s'", cases[i].text);
		cr_expect_eq(ns, -7, "'%s'", cases[i].text);
		cr_expect_not_null(error.reason, "'%s'", cases[i].text);
		cr_expect_eq(error.offset, cases[i].offset, "'%s': %zu", cases[i].text,
		             error.offset);
		cr_expect_eq(error.len, cases[i].len, "'%s': %zu", cases[i].text, error.len);
	}
}

struct printed {
	const char *block;
	uint64_t bytes;
	const char *out;
};

static const struct printed printed[] = {
	{ "human-readable", 0, "0" },
	{ "human-readable", 1, "1" },
	{ "human-readable", 1023, "1023" },
	{ "human-readable", 1024, "1.0K" },
	{ "human-readable", 1025, "1.1K" },
	{ "human-readable", 10137, "9.9K" },
	{ "human-readable", 10138, "10K" },
	{ "human-readable", 10239, "10K" },
	{ "human-readable", 10240, "10K" },
	{ "human-readable", 10241, "11K" },
	{ "human-readable", 1047552, "1023K" },
	{ "human-readable", 1047553, "1.0M" },
	{ "human-readable", 1048575, "1.0M" },
	{ "human-readable", 1048576, "1.0M" },
	{ "human-readable", 1048577, "1.1M" },
	{ "human-readable", (UINT64_C(1) << 60) - 1, "1.0E" },
	{ "human-readable", UINT64_MAX, "16E" },
	{ "si", 999, "999" },
	{ "si", 1000, "1.0k" },
	{ "si", 1001, "1.1k" },
	{ "si", 9900, "9.9k" },
	{ "si", 9901, "10k" },
	{ "si", 999000, "999k" },
	{ "si", 999001, "1.0M" },
	{ "si", UINT64_MAX, "19E" },
	{ "1K", 0, "0" },
	{ "1K", 1, "1" },
	{ "1K", 1025, "2" },
	{ "K", 1025, "2K" },
	{ "KiB", 1025, "2KiB" },
	{ "1KB", 1001, "2" },
	{ "KB", 1001, "2kB" },
	{ "kB", 1001, "2kB" },
	{ "KD", 1001, "2K" },
	{ "M", 1, "1M" },
	{ "MB", 1000001, "2MB" },
	{ "1M", 1, "1" },
	{ "1", 12345678, "12345678" },
	{ "'1", 12345678, "12345678" },
	{ "'K", 1025, "2K" },
	{ "'h", 1536, "1.5K" },
	{ "h", 1536, "1.5K" },
	{ "s", 1536, "1.6k" },
	{ "0x10", 17, "2" },
	{ "010", 9, "2" },
	{ "E", UINT64_MAX, "16E" },
	{ "1", UINT64_MAX, "18446744073709551615" },
};

Test(human, sizes_as_printed)
{
	for (size_t i = 0; i < ARRAY_LEN(printed); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };
		struct human_format format;
		struct text_error error;

		cr_assert_eq(human_parse_block_size(printed[i].block, &format, &error), 0, "%s",
		             printed[i].block);
		human_add_size(&b, printed[i].bytes, &format);
		cr_expect_str_eq(strbuf_str(&b), printed[i].out, "%s %" PRIu64, printed[i].block,
		                 printed[i].bytes);
	}
}

Test(human, the_leading_quote_asks_for_groups)
{
	struct human_format format;
	struct text_error error;

	cr_assert_eq(human_parse_block_size("'1", &format, &error), 0);
	cr_expect(format.group);
	cr_assert_eq(human_parse_block_size("1", &format, &error), 0);
	cr_expect_not(format.group);
}

static const char *const bad_blocks[] = {
	"",    "'",  "x",  "1B",    "B",   "1b",     "-1",  "1iB",
	"1Kb", "Kb", "K5", "1KiB ", "KKB", "humane", "sin", "0x",
};

Test(human, block_sizes_that_do_not_parse)
{
	static const char *const out_of_range[] = {
		"0", "0K", "0x0", "16E", "Z", "1Y", "99999999999999999999"
	};

	for (size_t i = 0; i < ARRAY_LEN(bad_blocks); i++) {
		struct human_format format = { .block_size = 77 };
		struct text_error error = { 0 };

		cr_expect_eq(human_parse_block_size(bad_blocks[i], &format, &error), -EINVAL,
		             "'%s'", bad_blocks[i]);
		cr_expect_eq(format.block_size, 77, "'%s'", bad_blocks[i]);
		cr_expect_not_null(error.reason, "'%s'", bad_blocks[i]);
		cr_expect(error.offset + error.len <= strlen(bad_blocks[i]), "'%s'", bad_blocks[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(out_of_range); i++) {
		struct human_format format = { .block_size = 77 };
		struct text_error error = { 0 };

		cr_expect_eq(human_parse_block_size(out_of_range[i], &format, &error), -ERANGE,
		             "'%s'", out_of_range[i]);
		cr_expect_eq(format.block_size, 77, "'%s'", out_of_range[i]);
	}
}

Test(human, durations_as_printed)
{
	static const struct {
		int64_t ns;
		const char *out;
	} cases[] = {
		{ 0, "0s" },
		{ S - 1, "0s" },
		{ 4 * S, "4s" },
		{ 59 * S + S - 1, "59s" },
		{ 192 * S, "3min12s" },
		{ 3600 * S - 1, "59min59s" },
		{ 7500 * S, "2h05min" },
		{ 86400 * S - 1, "23h59min" },
		{ (3 * 86400 + 4 * 3600) * S, "3d04h" },
		{ INT64_MAX, "106751d23h" },
		{ -4 * S, "-4s" },
		{ -1, "0s" },
		{ INT64_MIN, "-106751d23h" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RELEASE_STRBUF struct strbuf b = { 0 };

		human_add_duration(&b, cases[i].ns);
		cr_expect_str_eq(strbuf_str(&b), cases[i].out, "case %zu", i);
	}
}

/* The first word du prints for a file of that apparent size; false when du said no. */
static bool gnu_du(const char *block, const char *path, char *ret, size_t size)
{
	AUTO_RELEASE_STRBUF struct strbuf command = { 0 };
	FILE *pipe;
	bool found;

	strbuf_add_format(&command, "LC_ALL=C du --apparent-size -B \"%s\" -- %s 2>&1", block,
	                  path);
	pipe = popen(strbuf_str(&command), "r");
	cr_assert_not_null(pipe);
	found = fgets(ret, (int)size, pipe) != NULL;
	if (pclose(pipe) != 0 || !found)
		return false;
	ret[strcspn(ret, "\t")] = '\0';
	return true;
}

static void skip_without_gnu_du(void)
{
	if (system("du --version 2>/dev/null | grep -q GNU") != 0)
		skip("GNU du is not installed");
}

Test(peer_human, sizes_are_those_of_gnu_du)
{
	static const uint64_t around[] = { 0,       1,         999,         1000,         1023,
		                           1024,    9900,      10137,       10138,        10239,
		                           10240,   99999,     1047552,     1047553,      1048575,
		                           1048576, 123456789, 10737418240, 1099511627775 };
	static const char *const blocks[] = { "human-readable",
		                              "si",
		                              "1",
		                              "1K",
		                              "K",
		                              "KB",
		                              "1KB",
		                              "KiB",
		                              "MD",
		                              "M",
		                              "1M",
		                              "'1",
		                              "'K",
		                              "MB",
		                              "GiB",
		                              "512",
		                              "010",
		                              "0x10",
		                              "h" };
	char path[] = "/tmp/human_peer_XXXXXX";
	int fd;

	skip_without_gnu_du();
	fd = mkstemp(path);
	cr_assert(fd >= 0);
	for (size_t i = 0; i < ARRAY_LEN(around) * 3; i++) {
		uint64_t bytes = around[i / 3] + i % 3;

		cr_assert_eq(ftruncate(fd, (off_t)bytes), 0);
		for (size_t k = 0; k < ARRAY_LEN(blocks); k++) {
			AUTO_RELEASE_STRBUF struct strbuf ours = { 0 };
			struct human_format format;
			struct text_error error;
			char theirs[256];

			cr_assert(gnu_du(blocks[k], path, theirs, sizeof(theirs)));
			cr_assert_eq(human_parse_block_size(blocks[k], &format, &error), 0);
			human_add_size(&ours, bytes, &format);
			cr_expect_str_eq(strbuf_str(&ours), theirs, "%" PRIu64 " in %s", bytes,
			                 blocks[k]);
		}
	}
	(void)close(fd);
	(void)unlink(path);
}

Test(peer_human, what_gnu_du_refuses_is_refused)
{
	skip_without_gnu_du();
	for (size_t i = 0; i < ARRAY_LEN(bad_blocks); i++) {
		char theirs[256];

		if (strcmp(bad_blocks[i], "1KiB ") != 0)
			cr_expect_not(gnu_du(bad_blocks[i], "/", theirs, 0 + sizeof(theirs)),
			              "'%s'", bad_blocks[i]);
	}
}
