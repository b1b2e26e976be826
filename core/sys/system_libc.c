/* SPDX-License-Identifier: MIT */
#include "sys/system_id.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum {
	PACKAGES_MAX = 64 << 20,
	LIBRARY_MAX = 64 << 20,
	VERSION_MAX = 64,
};

void system_libc_release(struct system_libc *libc)
{
	strbuf_release(&libc->version);
	strbuf_release(&libc->source);
}

const char *libc_of_loader(const char *interpreter)
{
	static const struct {
		char part[16];
		char family[12];
	} loaders[] = {
		{ "/ld-musl", "musl" },     { "/ld-linux", "glibc" }, { "/ld64.so", "glibc" },
		{ "/ld-uClibc", "uclibc" }, { "/linker", "bionic" },  { "/ld.so.1", "glibc" },
		{ "/ld-2.", "glibc" },      { "/ld-nix", "glibc" },
	};

	for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
		if (strstr(interpreter, loaders[i].part) != NULL)
			return loaders[i].family;
	return NULL;
}

size_t glibc_banner_version(const char *bytes, size_t len, const char **ret)
{
	static const char banner[] = " release version ";
	const char *at = memmem(bytes, len, banner, sizeof(banner) - 1);
	const char *end = bytes + len;
	size_t n = 0;

	if (at == NULL)
		return 0;
	at += sizeof(banner) - 1;
	while (at + n < end && n < VERSION_MAX &&
	       ((at[n] >= '0' && at[n] <= '9') || (at[n] == '.' && n > 0)))
		n++;
	while (n > 0 && at[n - 1] == '.')
		n--;
	*ret = at;
	return n;
}

bool package_field(const char *text, size_t len, const char *package_line, const char *field,
                   struct strbuf *ret)
{
	const char *at = text;
	const char *line;
	size_t line_len;
	bool is_it = false;

	while ((line = text_line(&at, text + len, &line_len)) != NULL) {
		const char *value;
		size_t value_len;

		if (line_len == 0)
			is_it = false;
		else if (line_len == strlen(package_line) &&
		         memcmp(line, package_line, line_len) == 0)
			is_it = true;
		else if (is_it && text_key(line, line_len, field, &value, &value_len) &&
		         value_len <= VERSION_MAX && memchr(value, '\0', value_len) == NULL) {
			strbuf_clear(ret);
			strbuf_add(ret, value, value_len);
			return true;
		}
	}
	return false;
}

/* The banner in a library file. 0 or -errno. */
static int read_banner(const struct machine *m, const char *path, struct strbuf *ret)
{
	int fd = machine_openat(m, path, O_RDONLY | O_NONBLOCK);
	struct stat st;
	void *map = MAP_FAILED;
	const char *version = NULL;
	size_t len = 0;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size <= LIBRARY_MAX)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	if (map == MAP_FAILED)
		return -EBADMSG;
	len = glibc_banner_version(map, (size_t)st.st_size, &version);
	if (len > 0)
		strbuf_add(ret, version, len);
	(void)munmap(map, (size_t)st.st_size);
	return len > 0 ? 0 : -EBADMSG;
}

static void read_glibc(struct machine *m, struct system_libc *ret)
{
	static const char dirs[][32] = {
		"lib/x86_64-linux-gnu",
		"lib/aarch64-linux-gnu",
		"lib/riscv64-linux-gnu",
		"lib/s390x-linux-gnu",
		"lib/arm-linux-gnueabihf",
		"lib/i386-linux-gnu",
		"lib/powerpc64le-linux-gnu",
		"lib64",
		"usr/lib64",
		"lib",
		"usr/lib",
	};
	int r = -ENOENT;

	for (size_t i = 0; i < ARRAY_LEN(dirs) && r < 0; i++) {
		char path[MACHINE_PATH_MAX];

		(void)snprintf(path, sizeof(path), "%s/libc.so.6", dirs[i]);
		r = read_banner(m, path, &ret->version);
		if (r == 0)
			strbuf_add_format(&ret->source, "/%s", path);
	}
	if (r < 0)
		machine_note(m, "libc.version", "/lib*/libc.so.6", -r);
}

static void read_musl(struct machine *m, struct system_libc *ret)
{
	static const struct {
		char file[24];
		char line[16];
		char field[8];
	} lists[] = {
		{ "lib/apk/db/installed", "P:musl", "V" },
		{ "var/lib/dpkg/status", "Package: musl", "Version" },
	};
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (machine_read(m, lists[i].file, PACKAGES_MAX, &text) == 0 &&
		    package_field(strbuf_str(&text), text.len, lists[i].line, lists[i].field,
		                  &ret->version)) {
			strbuf_add_format(&ret->source, "/%s", lists[i].file);
			/* 1.2.4_git20230717-r4, 1.2.3-1: the version before the package's. */
			strbuf_truncate(&ret->version, strcspn(strbuf_str(&ret->version), "-_"));
			return;
		}
	}
	machine_note(m, "libc.version", "/lib/apk/db/installed", ENOENT);
}

/* A dynamic build runs on the machine's own library, which knows its version. */
static bool ask_own(const struct machine *m, struct system_libc *ret)
{
#ifdef DUTYBOX_STATIC
	(void)m;
	(void)ret;
	return false;
#else
	if (!m->is_live)
		return false;
	strbuf_add_str(&ret->version, gnu_get_libc_version());
	strbuf_add_str(&ret->source, "gnu_get_libc_version");
	return true;
#endif
}

void system_libc_read(struct machine *m, const struct elf_header *elf, struct system_libc *ret)
{
	const char *family = libc_of_loader(elf->interpreter);

	if (family == NULL && elf->interpreter[0] == '\0' && ask_own(m, ret))
		family = "glibc";
	if (family == NULL) {
		machine_note(m, "libc.family", "/bin/sh",
		             elf->interpreter[0] == '\0' ? ENOENT : EBADMSG);
		return;
	}
	(void)snprintf(ret->family, sizeof(ret->family), "%s", family);
	if (strcmp(family, "glibc") == 0) {
		if (ret->version.len == 0 && !ask_own(m, ret))
			read_glibc(m, ret);
	} else if (strcmp(family, "musl") == 0) {
		read_musl(m, ret);
	} else {
		machine_note(m, "libc.version", elf->interpreter, ENOTSUP);
	}
}
