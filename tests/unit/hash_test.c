/* SPDX-License-Identifier: MIT */
#include "base/hash.h"
#include "base/strbuf.h"

#include <criterion/criterion.h>

TestSuite(hash);

static const char *hex(enum hash_algo algo, const char *text, size_t len, struct strbuf *ret)
{
	AUTO_FREE(hash) struct hash *h = hash_new(algo);
	unsigned char digest[HASH_SIZE_MAX];
	size_t size;

	/* In two parts, to see that it streams. */
	hash_update(h, text, len / 2);
	hash_update(h, text + len / 2, len - len / 2);
	size = hash_finish(h, digest);
	strbuf_clear(ret);
	for (size_t i = 0; i < size; i++)
		strbuf_add_format(ret, "%02x", digest[i]);
	return strbuf_str(ret);
}

/* What the tools of each sum print: xxh128sum, sha256sum, ..., crc32. */
Test(hash, known_answers)
{
	static const struct {
		enum hash_algo algo;
		const char *text;
		const char *hex;
	} cases[] = {
		{ HASH_XXH128, "", "99aa06d3014798d86001c324468d497f" },
		{ HASH_XXH128, "abc", "06b05ab6733a618578af5f94892f3950" },
		{ HASH_SHA256, "abc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ HASH_SHA256, "",
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ HASH_SHA512, "abc",
		  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
		{ HASH_BLAKE2B, "abc",
		  "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
		  "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923" },
		{ HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ HASH_CRC32, "123456789", "cbf43926" },
		{ HASH_CRC32, "", "00000000" },
	};
	struct strbuf text = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_str_eq(hex(cases[i].algo, cases[i].text, strlen(cases[i].text), &text),
		                 cases[i].hex, "case %zu, %s", i, hash_name(cases[i].algo));
	strbuf_release(&text);
}

Test(hash, is_reusable_after_finish_and_reset)
{
	for (enum hash_algo algo = HASH_XXH128; algo <= HASH_CRC32; algo++) {
		AUTO_FREE(hash) struct hash *h = hash_new(algo);
		unsigned char first[HASH_SIZE_MAX];
		unsigned char again[HASH_SIZE_MAX];
		unsigned char other[HASH_SIZE_MAX];
		size_t size;

		hash_update(h, "some bytes", 10);
		size = hash_finish(h, first);
		cr_expect_eq(size, hash_size(algo));
		hash_update(h, "other", 5);
		cr_expect_eq(hash_finish(h, other), size);
		hash_update(h, "dropped", 7);
		hash_reset(h);
		hash_update(h, "some bytes", 10);
		cr_expect_eq(hash_finish(h, again), size);
		cr_expect_eq(memcmp(first, again, size), 0, "%s", hash_name(algo));
		cr_expect_neq(memcmp(first, other, size), 0, "%s", hash_name(algo));
		cr_expect_eq(hash_algo(h), algo);
	}
}

Test(hash, names_lead_back)
{
	enum hash_algo algo = HASH_MD5;

	for (enum hash_algo i = HASH_XXH128; i <= HASH_CRC32; i++) {
		cr_assert(hash_by_name(hash_name(i), &algo));
		cr_expect_eq(algo, i);
	}
	cr_expect_not(hash_by_name("sha3", &algo));
	cr_expect_not(hash_by_name("", &algo));
	cr_expect(hash_is_cryptographic(HASH_BLAKE2B));
	cr_expect_not(hash_is_cryptographic(HASH_XXH128));
	cr_expect_not(hash_is_cryptographic(HASH_MD5));
}
