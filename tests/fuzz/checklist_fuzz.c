/* SPDX-License-Identifier: MIT */
/* Lines of checksum lists: what is read as an entry is written and read again the same. */
#include "fs/checklist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct checklist_entry *entry, enum checklist_style style, bool raw)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct checklist list = { .raw = raw, .has_algo = true, .algo = entry->algo };
	struct checklist_entry read = { 0 };

	checklist_add_line(&line, entry, style, raw);
	if (line.data[line.len - 1] != (raw ? '\0' : '\n'))
		abort();
	if (checklist_parse(&list, line.data, line.len - 1, &read) != CHECKLIST_ENTRY ||
	    read.algo != entry->algo || read.digest_size != entry->digest_size ||
	    memcmp(read.digest, entry->digest, read.digest_size) != 0 ||
	    strcmp(strbuf_str(&read.name), strbuf_str(&entry->name)) != 0)
		abort();
	strbuf_release(&read.name);
}

static void read_all(const char *text, size_t size, struct checklist list)
{
	const char end = list.raw ? '\0' : '\n';
	struct checklist_entry entry = { 0 };

	for (size_t start = 0; start <= size;) {
		const char *stop = memchr(text + start, end, size - start);
		size_t len = stop != NULL ? (size_t)(stop - text) - start : size - start;
		enum checklist_kind kind = checklist_parse(&list, text + start, len, &entry);

		if (kind == CHECKLIST_ENTRY) {
			if (entry.digest_size != hash_size(entry.algo) || entry.name.len == 0 ||
			    strlen(entry.name.data) != entry.name.len)
				abort();
			if (list.has_algo && entry.algo != list.algo)
				abort();
			again(&entry, CHECKLIST_GNU, list.raw);
			again(&entry, CHECKLIST_BINARY, list.raw);
			again(&entry, CHECKLIST_TAG, list.raw);
			(void)checklist_is_outside(entry.name.data);
		}
		start += len + 1;
	}
	strbuf_release(&entry.name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	read_all(text, size, (struct checklist){ 0 });
	read_all(text, size, (struct checklist){ .raw = true });
	read_all(text, size, (struct checklist){ .bagit = true });
	read_all(text, size, (struct checklist){ .has_algo = true, .algo = HASH_SHA256 });
	read_all(text, size, (struct checklist){ .prefers_blake2b = true, .prefers_xxh128 = true });
	return 0;
}
