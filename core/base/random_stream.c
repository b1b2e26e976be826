/* SPDX-License-Identifier: MIT */
#include "base/random_stream.h"

#include "base/library_init.h"
#include "base/mem.h"

#include <errno.h>
#include <nettle/chacha.h>
#include <sys/random.h>

struct random_stream {
	struct chacha_ctx cipher;
};

int random_stream_new(struct random_stream **ret)
{
	static const uint8_t nonce[CHACHA_NONCE_SIZE];
	uint8_t key[CHACHA_KEY_SIZE];
	struct random_stream *r;
	ssize_t n;

	do
		n = getrandom(key, sizeof(key), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(key))
		return n < 0 ? -errno : -EIO;
	library_init();
	r = mem_alloc(sizeof(*r));
	chacha_set_key(&r->cipher, key);
	/* Each stream has a key of its own. */
	chacha_set_nonce(&r->cipher, nonce);
	explicit_bzero(key, sizeof(key));
	*ret = r;
	return 0;
}

struct random_stream *random_stream_free(struct random_stream *r)
{
	if (r != NULL)
		explicit_bzero(r, sizeof(*r));
	free(r);
	return NULL;
}

void random_stream_fill(struct random_stream *r, void *buffer, size_t len)
{
	memset(buffer, 0, len);
	chacha_crypt(&r->cipher, len, buffer, buffer);
}
