/* SPDX-License-Identifier: MIT */
/* system, libc and os: what it is that runs here. */
#include "sysinfo.h"

#include "sys/os_release.h"

#include <errno.h>

enum {
	SYSTEM_COL_KERNEL,
	SYSTEM_COL_NODE,
	SYSTEM_COL_RELEASE,
	SYSTEM_COL_VERSION,
	SYSTEM_COL_MACHINE,
	SYSTEM_COL_PROCESSOR,
	SYSTEM_COL_BITS,
	SYSTEM_COL_LINKAGE,
	SYSTEM_COL_BYTEORDER,
	SYSTEM_COL_PAGE_SIZE,
	SYSTEM_COL_MAX_INT,
	SYSTEM_COL_OS_NAME,
	SYSTEM_COL_PLATFORM,
	SYSTEM_COLS
};

static const struct column system_columns[] = {
	[SYSTEM_COL_KERNEL] = { "kernel_name", COLUMN_NAME, "as uname -s" },
	[SYSTEM_COL_NODE] = { "node", COLUMN_NAME, "the host name, as uname -n" },
	[SYSTEM_COL_RELEASE] = { "kernel_release", COLUMN_NAME, "as uname -r" },
	[SYSTEM_COL_VERSION] = { "kernel_version", COLUMN_NAME, "as uname -v" },
	[SYSTEM_COL_MACHINE] = { "machine", COLUMN_NAME, "as uname -m" },
	[SYSTEM_COL_PROCESSOR] = { "processor", COLUMN_NAME, "the processor's name" },
	[SYSTEM_COL_BITS] = { "bits", COLUMN_COUNT, "of a program's words: 32 or 64" },
	[SYSTEM_COL_LINKAGE] = { "linkage", COLUMN_TEXT, "the format of programs: ELF" },
	[SYSTEM_COL_BYTEORDER] = { "byteorder", COLUMN_TEXT, "little or big" },
	[SYSTEM_COL_PAGE_SIZE] = { "page_size", COLUMN_COUNT, "bytes of a page of memory" },
	[SYSTEM_COL_MAX_INT] = { "max_int", COLUMN_COUNT, "the greatest signed word" },
	[SYSTEM_COL_OS_NAME] = { "os_name", COLUMN_TEXT, "posix" },
	[SYSTEM_COL_PLATFORM] = { "platform", COLUMN_NAME, "one line, as Python's platform()" },
};

const struct column_table system_table = { system_columns, SYSTEM_COLS };

const struct field system_fields[] = {
	[SYSTEM_COL_KERNEL] = { PART_UNAME, FIELD_QUIET, "Kernel name" },
	[SYSTEM_COL_NODE] = { PART_UNAME, 0, "Host" },
	[SYSTEM_COL_RELEASE] = { PART_UNAME, 0, "Kernel" },
	[SYSTEM_COL_VERSION] = { PART_UNAME, FIELD_QUIET, "Kernel version" },
	[SYSTEM_COL_MACHINE] = { PART_UNAME, 0, "Machine" },
	[SYSTEM_COL_PROCESSOR] = { PART_CPU_MODEL, FIELD_QUIET, "Processor" },
	[SYSTEM_COL_BITS] = { PART_UNAME, FIELD_QUIET, "Bits" },
	[SYSTEM_COL_LINKAGE] = { PART_UNAME, FIELD_QUIET, "Linkage" },
	[SYSTEM_COL_BYTEORDER] = { PART_UNAME, FIELD_QUIET, "Byte order" },
	[SYSTEM_COL_PAGE_SIZE] = { PART_UNAME, FIELD_QUIET, "Page size" },
	[SYSTEM_COL_MAX_INT] = { PART_UNAME, FIELD_QUIET, "Greatest integer" },
	[SYSTEM_COL_OS_NAME] = { PART_UNAME, FIELD_QUIET, "Kind" },
	[SYSTEM_COL_PLATFORM] = { PART_UNAME | PART_LIBC, 0, "Platform" },
};

enum { LIBC_COL_FAMILY, LIBC_COL_VERSION, LIBC_COL_SOURCE, LIBC_COLS };

static const struct column libc_columns[] = {
	[LIBC_COL_FAMILY] = { "family", COLUMN_TEXT, "glibc, musl, bionic or uclibc" },
	[LIBC_COL_VERSION] = { "version", COLUMN_NAME, "of the machine's C library" },
	[LIBC_COL_SOURCE] = { "source", COLUMN_NAME, "where the version is from" },
};

const struct column_table libc_table = { libc_columns, LIBC_COLS };

const struct field libc_fields[] = {
	[LIBC_COL_FAMILY] = { PART_LIBC, 0, "Family" },
	[LIBC_COL_VERSION] = { PART_LIBC, 0, "Version" },
	[LIBC_COL_SOURCE] = { PART_LIBC, FIELD_QUIET, "Source" },
};

enum {
	OS_COL_ID,
	OS_COL_ID_LIKE,
	OS_COL_NAME,
	OS_COL_PRETTY,
	OS_COL_VERSION,
	OS_COL_VERSION_ID,
	OS_COL_CODENAME,
	OS_COL_VARIANT,
	OS_COL_VARIANT_ID,
	OS_COL_BUILD_ID,
	OS_COL_SOURCE,
	OS_COL_RELEASE,
	OS_COLS
};

static const struct column os_columns[] = {
	[OS_COL_ID] = { "id", COLUMN_NAME, "ID of os-release(5): debian" },
	[OS_COL_ID_LIKE] = { "id_like", COLUMN_NAMES, "ID_LIKE, word by word" },
	[OS_COL_NAME] = { "name", COLUMN_NAME, "NAME" },
	[OS_COL_PRETTY] = { "pretty_name", COLUMN_NAME, "PRETTY_NAME" },
	[OS_COL_VERSION] = { "version", COLUMN_NAME, "VERSION" },
	[OS_COL_VERSION_ID] = { "version_id", COLUMN_NAME, "VERSION_ID" },
	[OS_COL_CODENAME] = { "version_codename", COLUMN_NAME, "VERSION_CODENAME" },
	[OS_COL_VARIANT] = { "variant", COLUMN_NAME, "VARIANT" },
	[OS_COL_VARIANT_ID] = { "variant_id", COLUMN_NAME, "VARIANT_ID" },
	[OS_COL_BUILD_ID] = { "build_id", COLUMN_NAME, "BUILD_ID" },
	[OS_COL_SOURCE] = { "source", COLUMN_NAME, "the file that was read" },
	[OS_COL_RELEASE] = { "release", COLUMN_NAMES, "every KEY=VALUE of that file, unquoted" },
};

const struct column_table os_table = { os_columns, OS_COLS };

const struct field os_fields[] = {
	[OS_COL_ID] = { PART_OS, FIELD_QUIET, "Identifier" },
	[OS_COL_ID_LIKE] = { PART_OS, FIELD_QUIET, "Like" },
	[OS_COL_NAME] = { PART_OS, FIELD_QUIET, "Name" },
	[OS_COL_PRETTY] = { PART_OS, 0, "Distribution" },
	[OS_COL_VERSION] = { PART_OS, FIELD_QUIET, "Version" },
	[OS_COL_VERSION_ID] = { PART_OS, FIELD_QUIET, "Version identifier" },
	[OS_COL_CODENAME] = { PART_OS, FIELD_QUIET, "Code name" },
	[OS_COL_VARIANT] = { PART_OS, 0, "Variant" },
	[OS_COL_VARIANT_ID] = { PART_OS, FIELD_QUIET, "Variant identifier" },
	[OS_COL_BUILD_ID] = { PART_OS, FIELD_QUIET, "Build" },
	[OS_COL_SOURCE] = { PART_OS, FIELD_QUIET, "Source" },
	[OS_COL_RELEASE] = { PART_OS, FIELD_RAW, "os-release" },
};

/* Python's _platform(): words that others would take apart are joined, dashes not doubled. */
static void add_platform_part(struct strbuf *b, const char *part)
{
	if (part[0] == '\0')
		return;
	if (b->len > 0 && b->data[b->len - 1] != '-')
		strbuf_add_char(b, '-');
	for (const char *at = part; *at != '\0'; at++) {
		char c = *at == ' ' ? '_' : *at;

		if (strchr("/\\:;\"()", c) != NULL)
			c = '-';
		if (c != '-' || (b->len > 0 && b->data[b->len - 1] != '-'))
			strbuf_add_char(b, c);
	}
}

void add_platform(const struct snapshot *s, bool terse, struct strbuf *ret)
{
	const struct record_value *libc = s->records[SECTION_LIBC].values;
	AUTO_RELEASE_STRBUF struct strbuf library = { 0 };
	const enum system_name full[] = { SYSTEM_KERNEL_NAME, SYSTEM_RELEASE, SYSTEM_MACHINE };
	const size_t n = terse ? 2 : ARRAY_LEN(full);

	for (size_t i = 0; i < n; i++)
		add_platform_part(ret, strbuf_str(&s->system.names[full[i]]));
	if (!terse && libc[LIBC_COL_FAMILY].kind == VALUE_BYTES) {
		strbuf_add(&library, libc[LIBC_COL_FAMILY].bytes, libc[LIBC_COL_FAMILY].len);
		if (libc[LIBC_COL_VERSION].kind == VALUE_BYTES)
			strbuf_add(&library, libc[LIBC_COL_VERSION].bytes,
			           libc[LIBC_COL_VERSION].len);
		add_platform_part(ret, "with");
		add_platform_part(ret, strbuf_str(&library));
	}
	while (ret->len > 0 && ret->data[ret->len - 1] == '-')
		strbuf_truncate(ret, ret->len - 1);
}

static void fill_names(struct snapshot *s)
{
	static const uint8_t columns[SYSTEM_NAMES] = {
		[SYSTEM_KERNEL_NAME] = SYSTEM_COL_KERNEL, [SYSTEM_NODE] = SYSTEM_COL_NODE,
		[SYSTEM_RELEASE] = SYSTEM_COL_RELEASE,    [SYSTEM_VERSION] = SYSTEM_COL_VERSION,
		[SYSTEM_MACHINE] = SYSTEM_COL_MACHINE,
	};

	for (int i = 0; i < SYSTEM_NAMES; i++)
		set_text_or_null(s, SECTION_SYSTEM, columns[i], &s->system.names[i]);
	/* A machine may have an empty name; that is not the same as one that is not known. */
	if (s->system.node_known && s->system.names[SYSTEM_NODE].len == 0)
		set_text(s, SECTION_SYSTEM, SYSTEM_COL_NODE, "");
}

static void fill_program(struct snapshot *s)
{
	const struct elf_header *elf = &s->system.elf;

	set_count(s, SECTION_SYSTEM, SYSTEM_COL_PAGE_SIZE, s->system.page_size);
	set_text(s, SECTION_SYSTEM, SYSTEM_COL_OS_NAME, "posix");
	if (!s->system.has_elf)
		return;
	set_u64(s, SECTION_SYSTEM, SYSTEM_COL_BITS, elf->bits);
	set_text(s, SECTION_SYSTEM, SYSTEM_COL_LINKAGE, "ELF");
	set_text(s, SECTION_SYSTEM, SYSTEM_COL_BYTEORDER, elf->is_big_endian ? "big" : "little");
	set_u64(s, SECTION_SYSTEM, SYSTEM_COL_MAX_INT, (UINT64_C(1) << (elf->bits - 1)) - 1);
}

static void fill_libc(struct snapshot *s)
{
	struct system_libc libc = { 0 };

	if (s->system.has_elf)
		system_libc_read(&s->machine, &s->system.elf, &libc);
	else
		machine_note(&s->machine, "libc.family", "/bin/sh", ENOENT);
	if (libc.family[0] != '\0')
		set_text(s, SECTION_LIBC, LIBC_COL_FAMILY, libc.family);
	set_text_or_null(s, SECTION_LIBC, LIBC_COL_VERSION, &libc.version);
	set_text_or_null(s, SECTION_LIBC, LIBC_COL_SOURCE, &libc.source);
	system_libc_release(&libc);
}

void fill_system(struct snapshot *s)
{
	AUTO_RELEASE_STRBUF struct strbuf platform = { 0 };

	if (snapshot_wants(s, PART_CPU_MODEL))
		set_text_or_null(s, SECTION_SYSTEM, SYSTEM_COL_PROCESSOR, &s->model.model);
	if (snapshot_wants(s, PART_UNAME)) {
		fill_names(s);
		fill_program(s);
	}
	if (snapshot_wants(s, PART_LIBC))
		fill_libc(s);
	if (!snapshot_wants(s, PART_UNAME | PART_LIBC))
		return;
	add_platform(s, false, &platform);
	set_text_or_null(s, SECTION_SYSTEM, SYSTEM_COL_PLATFORM, &platform);
}

/* The words of a value, each with a NUL behind it. */
static void split_words(const char *text, struct strbuf *ret)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " \t");

		if (len > 0) {
			strbuf_add(ret, text, len);
			strbuf_add_char(ret, '\0');
		}
		text += len + (text[len] != '\0');
	}
}

void fill_os(struct snapshot *s)
{
	static const struct {
		char key[20];
		uint8_t column;
	} keys[] = {
		{ "ID", OS_COL_ID },
		{ "NAME", OS_COL_NAME },
		{ "PRETTY_NAME", OS_COL_PRETTY },
		{ "VERSION", OS_COL_VERSION },
		{ "VERSION_ID", OS_COL_VERSION_ID },
		{ "VERSION_CODENAME", OS_COL_CODENAME },
		{ "VARIANT", OS_COL_VARIANT },
		{ "VARIANT_ID", OS_COL_VARIANT_ID },
		{ "BUILD_ID", OS_COL_BUILD_ID },
	};
	AUTO_RELEASE_STRBUF struct strbuf words = { 0 };
	struct os_release release = { 0 };
	const char *like;
	int r;

	if (!snapshot_wants(s, PART_OS))
		return;
	r = os_release_read(&s->machine, &release);
	if (r < 0) {
		machine_note(&s->machine, "os.id", "/etc/os-release", -r);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *value = os_release_get(&release, keys[i].key);

		if (value != NULL)
			set_text(s, SECTION_OS, keys[i].column, value);
	}
	like = os_release_get(&release, "ID_LIKE");
	split_words(like != NULL ? like : "", &words);
	set_names(s, SECTION_OS, OS_COL_ID_LIKE, &words);
	set_text(s, SECTION_OS, OS_COL_SOURCE, release.source);
	if ((s->shown[SECTION_OS] >> OS_COL_RELEASE & 1) != 0)
		set_names(s, SECTION_OS, OS_COL_RELEASE, &release.pairs);
	if (release.malformed != 0)
		machine_note(&s->machine, "os.release", release.source, EBADMSG);
	os_release_release(&release);
}
