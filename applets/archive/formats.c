/* SPDX-License-Identifier: MIT */
/* archive formats: what can be read and written. */
#include "archive.h"

enum { FORMAT_NAME, FORMAT_SUFFIX, FORMAT_READ, FORMAT_WRITE, FORMAT_INTEGRITY, FORMAT_HELP };

static const struct column format_columns[] = {
	{ "name", COLUMN_TEXT, "as --format takes it" },
	{ "suffix", COLUMN_TEXT, "of file names, separated by blanks" },
	{ "read", COLUMN_BOOL, "it can be read" },
	{ "write", COLUMN_BOOL, "it can be written" },
	{ "integrity", COLUMN_TEXT, "the checksum that proves the contents" },
	{ "description", COLUMN_TEXT, "in words" },
};

const struct column_table formats_table = { format_columns, ARRAY_LEN(format_columns) };

static const struct {
	char name[12];
	char suffix[24];
	char integrity[8];
	bool write;
	char help[56];
} formats[] = {
	{ "tar", ".tar", "none", true, "uncompressed tar (pax)" },
	{ "gztar", ".tar.gz .tgz", "crc32", true, "gzip'ed tar" },
	{ "bztar", ".tar.bz2 .tbz2", "crc32", true, "bzip2'ed tar" },
	{ "xztar", ".tar.xz .txz", "crc64", true, "xz'ed tar" },
	{ "zstdtar", ".tar.zst .tzst", "xxh64", true, "zstd'ed tar" },
	{ "lz4tar", ".tar.lz4 .tlz4", "xxh32", true, "tar packed by lz4" },
	{ "zip", ".zip", "crc32", true, "ZIP file" },
	{ "cpio", ".cpio", "none", true, "cpio, \"newc\"" },
	{ "lzmatar", ".tar.lzma", "none", false, "tar packed by the old lzma" },
	{ "lziptar", ".tar.lz", "crc32", false, "tar packed by lzip" },
	{ "7z", ".7z", "crc32", false, "7-Zip" },
	{ "rar", ".rar", "crc32", false, "RAR 2 to 5" },
	{ "iso", ".iso", "none", false, "image of an ISO 9660 file system" },
	{ "cab", ".cab", "none", false, "Microsoft cabinet" },
	{ "lha", ".lzh .lha", "none", false, "LHA" },
	{ "ar", ".a .deb", "none", false, "ar, as of libraries and Debian packages" },
};

int archive_formats(struct archive_run *run, char **operands)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	struct out *out = run->ctx->out;

	if (operands[0] != NULL)
		return diag_usage(run->ctx->diag, "formats: takes no operands");
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct record r;

		record_begin(&r, "entry", &formats_table);
		record_name(&r, FORMAT_NAME, formats[i].name);
		record_name(&r, FORMAT_SUFFIX, formats[i].suffix);
		record_bool(&r, FORMAT_READ, true);
		record_bool(&r, FORMAT_WRITE, formats[i].write);
		record_name(&r, FORMAT_INTEGRITY, formats[i].integrity);
		record_name(&r, FORMAT_HELP, formats[i].help);
		out_emit(out, &r);
		if (out_format(out) == OUT_JSON)
			continue;
		strbuf_add_format(&line, "%-8s  %-10s  %-7s  %-15s  %s", formats[i].name,
		                  formats[i].write ? "read,write" : "read", formats[i].integrity,
		                  formats[i].suffix, formats[i].help);
		out_line(out, &line);
	}
	return EXIT_YES;
}
