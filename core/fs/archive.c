/* SPDX-License-Identifier: MIT */
#include "fs/archive.h"

#include "base/library_init.h"
#include "base/mem.h"
#include "fs/archive_stubs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct packed_reader {
	struct archive *archive;
	int fd;
	int read_error; /* errno of a failed read(2), which libarchive would only tell as text */
	bool at_end;
	const char *error;
	char block[BLOCK_SIZE];
};

/* libarchive asks for more bytes. */
static la_ssize_t feed(struct archive *a, void *user, const void **ret)
{
	struct packed_reader *r = user;
	ssize_t n;

	do
		n = read(r->fd, r->block, sizeof(r->block));
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		r->read_error = errno;
		archive_set_error(a, r->read_error, "%s", strerrordesc_np(r->read_error));
	}
	*ret = r->block;
	return n;
}

/* Remembers what was wrong. -errno of the read that failed, else -EBADMSG. */
static int damaged(struct packed_reader *r)
{
	const char *text = archive_error_string(r->archive);

	r->error = text != NULL ? text : "damaged";
	r->at_end = true;
	return r->read_error != 0 ? -r->read_error : -EBADMSG;
}

/* Each is ARCHIVE_WARN when libarchive would start a program for it. */
static bool add_filters(struct archive *a)
{
	return archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
	       archive_read_support_filter_bzip2(a) == ARCHIVE_OK &&
	       archive_read_support_filter_xz(a) == ARCHIVE_OK &&
	       archive_read_support_filter_lzma(a) == ARCHIVE_OK &&
	       archive_read_support_filter_zstd(a) == ARCHIVE_OK &&
	       archive_read_support_filter_lz4(a) == ARCHIVE_OK &&
	       archive_read_support_format_raw(a) == ARCHIVE_OK &&
	       archive_read_support_format_empty(a) == ARCHIVE_OK;
}

int packed_reader_open(int fd, struct packed_reader **ret)
{
	struct packed_reader *r = mem_alloc_zeroed(sizeof(*r));
	struct archive_entry *entry;
	int status;

	*ret = r;
	r->fd = fd;
	r->error = "";
	library_init();
	r->archive = archive_read_new();
	if (r->archive == NULL)
		mem_exhausted();
	if (!add_filters(r->archive)) {
		r->error = "libarchive was built without a codec";
		r->at_end = true;
		return -ENOTSUP;
	}
	status = archive_read_open(r->archive, r, NULL, feed, NULL);
	if (status != ARCHIVE_OK)
		return damaged(r);
	status = archive_read_next_header(r->archive, &entry);
	if (status != ARCHIVE_OK && status != ARCHIVE_EOF)
		return damaged(r);
	r->at_end = status == ARCHIVE_EOF;
	return 0;
}

ssize_t packed_reader_read(struct packed_reader *r, void *buffer, size_t size)
{
	la_ssize_t n;

	if (r->error[0] != '\0')
		return r->read_error != 0 ? -r->read_error : -EBADMSG;
	if (r->at_end)
		return 0;
	n = archive_read_data(r->archive, buffer, size);
	if (n < 0)
		return damaged(r);
	r->at_end = n == 0 && size > 0;
	return n;
}

const char *packed_reader_error(const struct packed_reader *r)
{
	return r->error;
}

const char *packed_reader_filter(const struct packed_reader *r)
{
	/* The last one is the file itself, the one before it is nearest to the file. */
	int n = archive_filter_count(r->archive);

	return n >= 2 ? archive_filter_name(r->archive, n - 2) : "none";
}

struct packed_reader *packed_reader_free(struct packed_reader *r)
{
	if (r != NULL) {
		(void)archive_read_free(r->archive);
		free(r);
	}
	return NULL;
}

void archive_add_versions(struct strbuf *ret)
{
	const char *before = "; not written: ";

	strbuf_add_str(ret, archive_version_details());
	for (size_t i = 0; archive_left_out[i] != NULL; i++) {
		strbuf_add_format(ret, "%s%s", before, archive_left_out[i]);
		before = ", ";
	}
}
