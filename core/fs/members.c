/* SPDX-License-Identifier: MIT */
#include "fs/members.h"

#include "base/library_init.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "fs/code_page.h"
#include "fs/members_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { TAR_BLOCK = 512, ERROR_MAX = 300 };

const char *members_formats(void)
{
	return "tar cpio zip 7z rar iso9660 cab lha ar";
}

/* Each is ARCHIVE_WARN when libarchive would start a program for it. */
static bool add_formats(struct archive *a, enum members_kind kind)
{
	switch (kind) {
	case KIND_STREAM:
		return archive_read_support_format_tar(a) == ARCHIVE_OK &&
		       archive_read_support_format_cpio(a) == ARCHIVE_OK &&
		       archive_read_support_format_ar(a) == ARCHIVE_OK;
	case KIND_ZIP:
		return archive_read_support_format_zip_seekable(a) == ARCHIVE_OK;
	case KIND_WHOLE:
		return archive_read_support_format_7zip(a) == ARCHIVE_OK &&
		       archive_read_support_format_rar(a) == ARCHIVE_OK &&
		       archive_read_support_format_rar5(a) == ARCHIVE_OK &&
		       archive_read_support_format_iso9660(a) == ARCHIVE_OK &&
		       archive_read_support_format_cab(a) == ARCHIVE_OK &&
		       archive_read_support_format_lha(a) == ARCHIVE_OK;
	}
	return false;
}

static void keep_error(struct members *m)
{
	const char *text = archive_error_string(m->archive);

	strbuf_clear(&m->error);
	m->error.limit = ERROR_MAX;
	if (m->source.err != 0 && unpack_error(m->source.unpack)[0] != '\0')
		text = unpack_error(m->source.unpack);
	strbuf_add_str(&m->error, text != NULL ? text : "the archive is damaged");
}

/* libarchive tells what it cannot do in words only. */
static int errno_of_text(const char *text)
{
	static const struct {
		char part[24];
		int err;
	} words[] = {
		{ "assphrase required", -ENOKEY },
		{ "assphrase", -EKEYREJECTED },
		{ "ncrypt", -ENOTSUP },
		{ "nsupported", -ENOTSUP },
		{ "not supported", -ENOTSUP },
	};

	for (size_t i = 0; text != NULL && i < ARRAY_LEN(words); i++)
		if (strstr(text, words[i].part) != NULL)
			return words[i].err;
	return -EBADMSG;
}

/* The errno of what stopped libarchive. */
static int stopped(struct members *m)
{
	keep_error(m);
	m->failed = true;
	return m->source.err != 0 ? m->source.err : errno_of_text(archive_error_string(m->archive));
}

static int open_archive(struct members *m, const struct members_opts *opts)
{
	struct archive *a = archive_read_new();
	int status;

	m->archive = a;
	if (a == NULL)
		mem_exhausted();
	if (!add_formats(a, m->kind) || archive_read_set_callback_data(a, m) != ARCHIVE_OK ||
	    archive_read_set_read_callback(a, members_feed) != ARCHIVE_OK)
		return -ENOTSUP;
	if (m->kind != KIND_STREAM &&
	    (archive_read_set_seek_callback(a, members_seek) != ARCHIVE_OK ||
	     archive_read_set_skip_callback(a, members_skip) != ARCHIVE_OK))
		return -ENOTSUP;
	if (opts->passphrase != NULL &&
	    archive_read_add_passphrase(a, opts->passphrase) != ARCHIVE_OK)
		return -EINVAL;
	status = archive_read_open1(a);
	if (status == ARCHIVE_OK)
		return 0;
	return m->source.err != 0 ? m->source.err : -EMEDIUMTYPE;
}

static int prepare(struct members *m, int fd, const struct members_opts *opts)
{
	locale_t old;
	int r = members_source_open(&m->source, fd, opts);

	if (r < 0)
		return r;
	m->kind = members_source_kind(&m->source);
	if (m->kind != KIND_STREAM)
		r = members_source_whole(&m->source, opts->spool_dir);
	if (r < 0)
		return r;
	if (m->kind == KIND_ZIP) {
		m->has_directory = members_zip_end(&m->source, &m->zip_end, &m->trailing);
		/* Without its list of members nothing tells what is missing. */
		if (!m->has_directory)
			return -EBADMSG;
	}
	m->locale = newlocale(LC_CTYPE_MASK, m->kind == KIND_STREAM ? "C" : "C.UTF-8", NULL);
	if (m->locale == NULL)
		return -errno;
	library_init();
	old = uselocale(m->locale);
	r = open_archive(m, opts);
	(void)uselocale(old);
	return r;
}

int members_open(int fd, const struct members_opts *opts, struct members **ret, const char **reterr)
{
	struct members *m = mem_alloc_zeroed(sizeof(*m));
	int r;

	m->raw_names = opts->raw_names;
	r = prepare(m, fd, opts);
	if (r < 0) {
		/* The thread may still be unpacking, and finding what is wrong. */
		m->source.ahead = unpack_ahead_free(m->source.ahead);
		if (reterr != NULL)
			*reterr = r == -EBADMSG && m->kind == KIND_ZIP && !m->has_directory
			                  ? "its list of members is missing: it ends too early"
			          : m->source.unpack != NULL ? unpack_error(m->source.unpack)
			                                     : "";
		(void)members_free(m);
		return r;
	}
	*ret = m;
	return 0;
}

static unsigned char type_of(struct archive_entry *e)
{
	if (archive_entry_hardlink(e) != NULL)
		return DT_REG;
	switch (archive_entry_filetype(e)) {
	case AE_IFDIR:
		return DT_DIR;
	case AE_IFLNK:
		return DT_LNK;
	case AE_IFCHR:
		return DT_CHR;
	case AE_IFBLK:
		return DT_BLK;
	case AE_IFIFO:
		return DT_FIFO;
	case AE_IFSOCK:
		return DT_SOCK;
	default:
		return DT_REG;
	}
}

static bool is_ascii(const char *s)
{
	while (*s != '\0' && (unsigned char)*s < 0x80)
		s++;
	return *s == '\0';
}

static void decode_name(struct members *m, struct member *member)
{
	const char *path = archive_entry_pathname(m->entry);

	strbuf_clear(&m->path);
	member->name_lost = path == NULL;
	if (path == NULL)
		path = "";
	if (m->kind == KIND_ZIP && !m->raw_names && !utf8_is_valid(path, strlen(path))) {
		code_page_437_add(&m->path, path, strlen(path));
		member->charset_guessed = true;
	} else if (m->kind != KIND_ZIP || is_ascii(path) || !members_zip_name(m, path, &m->path)) {
		strbuf_add_str(&m->path, path);
	}
	member->path = strbuf_str(&m->path);
	member->path_len = m->path.len;
}

static void describe(struct members *m, struct member *ret)
{
	struct archive_entry *e = m->entry;
	struct member member = { .index = m->index };

	decode_name(m, &member);
	member.type = type_of(e);
	member.mode = archive_entry_mode(e) & 07777;
	member.uid = archive_entry_uid(e);
	member.gid = archive_entry_gid(e);
	member.user = archive_entry_uname(e);
	member.group = archive_entry_gname(e);
	member.has_size = archive_entry_size_is_set(e) && archive_entry_size(e) >= 0;
	member.size = member.has_size ? (uint64_t)archive_entry_size(e) : 0;
	member.has_mtime = archive_entry_mtime_is_set(e);
	member.mtime = (struct timespec){ archive_entry_mtime(e), archive_entry_mtime_nsec(e) };
	member.link = member.type == DT_LNK ? archive_entry_symlink(e) : NULL;
	member.hardlink = archive_entry_hardlink(e);
	member.rdev_major = (uint64_t)archive_entry_rdevmajor(e);
	member.rdev_minor = (uint64_t)archive_entry_rdevminor(e);
	member.encrypted = archive_entry_is_encrypted(e) != 0;
	member.sparse = archive_entry_sparse_count(e) > 0;
	*ret = member;
}

/*
 * A name in UTF-8 that "cannot be converted" to the C locale was taken as it is, which is what we
 * want; every other warning is about something that is odd.
 */
static const char *warning_of(struct members *m, int status)
{
	const char *text = archive_error_string(m->archive);

	if (status != ARCHIVE_WARN || text == NULL ||
	    (m->kind == KIND_STREAM && strstr(text, "can't be converted") != NULL))
		return NULL;
	strbuf_clear(&m->warning);
	m->warning.limit = ERROR_MAX;
	strbuf_add_str(&m->warning, text);
	return strbuf_str(&m->warning);
}

static int next_header(struct members *m, struct member *ret)
{
	int status;

	/* Skipping by itself tells where the member ends. */
	if (m->index > 0 && !m->failed) {
		status = archive_read_data_skip(m->archive);
		if (status < ARCHIVE_WARN)
			return stopped(m);
	}
	m->data_end = (uint64_t)archive_filter_bytes(m->archive, 0);
	status = archive_read_next_header(m->archive, &m->entry);
	if (status == ARCHIVE_EOF) {
		m->at_end = true;
		m->end_at = (uint64_t)archive_filter_bytes(m->archive, 0);
		return 0;
	}
	if (status < ARCHIVE_WARN) {
		int r = stopped(m);

		if (m->index == 0 && r == -EBADMSG && archive_format(m->archive) == 0)
			r = -EMEDIUMTYPE;
		return r;
	}
	describe(m, ret);
	ret->warning = warning_of(m, status);
	m->index++;
	return 1;
}

int members_next(struct members *m, struct member *ret)
{
	locale_t old;
	int r;

	if (m->failed)
		return -EBADMSG;
	if (m->at_end)
		return 0;
	old = uselocale(m->locale);
	r = next_header(m, ret);
	(void)uselocale(old);
	return r;
}

static int data_error(struct members *m, int status)
{
	const int r = stopped(m);

	m->goes_on = status != ARCHIVE_FATAL && m->kind != KIND_STREAM;
	m->failed = !m->goes_on;
	return r;
}

int members_data(struct members *m, const void **ret, size_t *ret_len, uint64_t *ret_offset)
{
	const void *bytes = NULL;
	size_t len = 0;
	la_int64_t offset = 0;
	int status;

	if (m->failed)
		return -EBADMSG;
	status = archive_read_data_block(m->archive, &bytes, &len, &offset);
	if (status == ARCHIVE_EOF)
		return 0;
	/* A warning is a checksum that does not fit. */
	if (status != ARCHIVE_OK)
		return data_error(m, status);
	*ret = bytes;
	*ret_len = len;
	*ret_offset = (uint64_t)offset;
	return 1;
}

bool members_is_stream(const struct members *m)
{
	return m->kind == KIND_STREAM;
}

bool members_goes_on(const struct members *m)
{
	return m->goes_on;
}

void members_attributes(struct members *m,
                        void (*attribute)(const char *name, const void *value, size_t len,
                                          void *user),
                        void *user)
{
	const char *name;
	const void *value;
	size_t len;

	(void)archive_entry_xattr_reset(m->entry);
	while (archive_entry_xattr_next(m->entry, &name, &value, &len) == ARCHIVE_OK)
		if (name != NULL)
			attribute(name, value, len, user);
}

static enum proof format_proof(const struct members *m)
{
	switch (archive_format(m->archive) & ARCHIVE_FORMAT_BASE_MASK) {
	case ARCHIVE_FORMAT_ZIP:
	case ARCHIVE_FORMAT_7ZIP:
	case ARCHIVE_FORMAT_RAR:
	case ARCHIVE_FORMAT_RAR_V5:
		return PROOF_CRC32;
	default:
		return PROOF_NONE;
	}
}

static const char *format_word(const struct members *m)
{
	static const struct {
		int format;
		char name[8];
	} names[] = {
		{ ARCHIVE_FORMAT_TAR, "tar" },     { ARCHIVE_FORMAT_CPIO, "cpio" },
		{ ARCHIVE_FORMAT_ZIP, "zip" },     { ARCHIVE_FORMAT_7ZIP, "7z" },
		{ ARCHIVE_FORMAT_RAR, "rar" },     { ARCHIVE_FORMAT_RAR_V5, "rar" },
		{ ARCHIVE_FORMAT_ISO9660, "iso" }, { ARCHIVE_FORMAT_CAB, "cab" },
		{ ARCHIVE_FORMAT_LHA, "lha" },     { ARCHIVE_FORMAT_AR, "ar" },
	};
	const int format = archive_format(m->archive) & ARCHIVE_FORMAT_BASE_MASK;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].format == format)
			return names[i].name;
	return m->kind == KIND_ZIP ? "zip" : "tar";
}

void members_about(const struct members *m, struct members_end *ret)
{
	const enum proof inner = format_proof(m);
	const enum proof outer = unpack_proof(m->source.unpack);
	const char *variant = archive_format_name(m->archive);

	*ret = (struct members_end){
		.format = format_word(m),
		.packing = unpack_packing(m->source.unpack),
		.proof = inner > outer ? inner : outer,
		.packed_bytes = members_packed_bytes(m),
	};
	(void)snprintf(ret->variant, sizeof(ret->variant), "%s", variant != NULL ? variant : "");
}

/* Until the file ends. */
static int drain(struct members *m)
{
	const void *bytes;
	ssize_t n;

	while ((n = members_source_next(&m->source, &bytes)) > 0)
		;
	if (n == 0)
		return 0;
	keep_error(m);
	m->failed = true;
	return (int)n;
}

int members_finish(struct members *m, struct members_end *ret)
{
	int r;

	if (m->failed)
		return -EBADMSG;
	if (m->kind != KIND_STREAM) {
		members_about(m, ret);
		ret->has_end = true;
		ret->trailing = m->trailing + unpack_trailing(m->source.unpack);
		return 0;
	}
	r = drain(m);
	if (r < 0)
		return r;
	/* The thread that unpacks has ended with the file. */
	m->source.ahead = unpack_ahead_free(m->source.ahead);
	members_about(m, ret);
	/* A cpio's trailer is a member without which libarchive reports damage. */
	ret->has_end = strcmp(ret->format, "tar") != 0 || m->end_at >= m->data_end + TAR_BLOCK;
	ret->trailing = unpack_trailing(m->source.unpack);
	if (m->source.last_nonzero > m->end_at)
		ret->trailing += m->source.given - m->end_at;
	return 0;
}

uint64_t members_packed_bytes(const struct members *m)
{
	const struct members_source *s = &m->source;

	if (s->is_seekable && m->kind != KIND_STREAM)
		return s->size;
	return s->ahead != NULL ? unpack_ahead_read_bytes(s->ahead) : unpack_read_bytes(s->unpack);
}

const char *members_error(const struct members *m)
{
	return strbuf_str(&m->error);
}

struct members *members_free(struct members *m)
{
	if (m == NULL)
		return NULL;
	if (m->archive != NULL) {
		locale_t old = m->locale != NULL ? uselocale(m->locale) : NULL;

		(void)archive_read_free(m->archive);
		if (old != NULL)
			(void)uselocale(old);
	}
	if (m->locale != NULL)
		freelocale(m->locale);
	members_source_release(&m->source);
	strbuf_release(&m->error);
	strbuf_release(&m->path);
	strbuf_release(&m->warning);
	vec_release(&m->places);
	free(m);
	return NULL;
}
