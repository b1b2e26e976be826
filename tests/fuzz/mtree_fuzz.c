/* SPDX-License-Identifier: MIT */
/* Lists of mtree: what is read as an entry is written and read again the same. */
#include "fs/mtree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void again(const struct mtree_entry *e)
{
	const unsigned unwritten =
		MTREE_UNAME | MTREE_GNAME | MTREE_OPTIONAL | MTREE_NOCHANGE | MTREE_IGNORE;
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	AUTO_FREE(mtree) struct mtree *m = mtree_new();
	struct mtree_entry read = { 0 };

	/* Only relative paths are written. */
	if (e->name.data[0] == '/')
		return;
	mtree_add_line(&line, e);
	must(line.data[line.len - 1] == '\n');
	must(mtree_parse(m, line.data, line.len - 1, &read) == MTREE_ENTRY);
	must(strcmp(read.name.data, e->name.data) == 0);
	must(read.has == (e->has & ~unwritten));
	must((e->has & MTREE_TYPE) == 0 || read.type == e->type);
	must((e->has & MTREE_MODE) == 0 || read.mode == e->mode);
	must((e->has & MTREE_UID) == 0 || read.uid == e->uid);
	must((e->has & MTREE_SIZE) == 0 || read.size == e->size);
	must((e->has & MTREE_TIME) == 0 ||
	     (read.time.tv_sec == e->time.tv_sec && read.time.tv_nsec == e->time.tv_nsec));
	must((e->has & MTREE_LINK) == 0 || strcmp(read.link.data, e->link.data) == 0);
	must((e->has & MTREE_DIGEST) == 0 ||
	     (read.algo == e->algo && memcmp(read.digest, e->digest, hash_size(e->algo)) == 0));
	mtree_entry_release(&read);
}

static void read_all(const char *text, size_t size, const enum hash_algo *only)
{
	AUTO_FREE(mtree) struct mtree *m = mtree_new();
	struct mtree_entry entry = { 0 };

	if (only != NULL)
		mtree_demand(m, *only);
	for (size_t start = 0; start <= size;) {
		const char *stop = memchr(text + start, '\n', size - start);
		size_t len = stop != NULL ? (size_t)(stop - text) - start : size - start;

		(void)mtree_is_first_line(text + start, len);
		if (mtree_parse(m, text + start, len, &entry) == MTREE_ENTRY) {
			must(entry.name.len > 0 && strlen(entry.name.data) == entry.name.len);
			must((entry.has & MTREE_DIGEST) == 0 || only == NULL ||
			     entry.algo == *only);
			must((entry.has & MTREE_LINK) == 0 || entry.link.len > 0);
			again(&entry);
		}
		start += len + 1;
	}
	(void)mtree_parse(m, "", 0, &entry);
	mtree_entry_release(&entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const enum hash_algo md5 = HASH_MD5;

	read_all((const char *)data, size, NULL);
	read_all((const char *)data, size, &md5);
	return 0;
}
