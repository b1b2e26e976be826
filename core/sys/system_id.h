/* SPDX-License-Identifier: MIT */
/*
 * What the machine calls itself: uname(2) or, in a recorded tree, /proc/sys/kernel; the kind of
 * program it runs, as its shell shows; and its C library.
 */
#pragma once

#include "base/strbuf.h"
#include "sys/elf_header.h"
#include "sys/machine.h"

enum system_name {
	SYSTEM_KERNEL_NAME,
	SYSTEM_NODE,
	SYSTEM_RELEASE,
	SYSTEM_VERSION,
	SYSTEM_MACHINE,
	SYSTEM_NAMES
};

struct system_id {
	struct strbuf names[SYSTEM_NAMES]; /* "": unknown, but for the node, which may be empty */
	bool node_known;
	bool has_elf;
	struct elf_header elf; /* of the shell, or of this program when there is none */
	uint64_t page_size;    /* 0: unknown */
};

/* Notes troubles as "system.*". A zeroed struct is filled. */
void system_id_read(struct machine *m, struct system_id *ret);
void system_id_release(struct system_id *id);

struct system_libc {
	char family[12];       /* "glibc", "musl", "bionic", "uclibc"; "": unknown */
	struct strbuf version; /* "": unknown */
	struct strbuf source;  /* where that is from */
};

/* `elf` is that of system_id_read(). Notes troubles as "libc.family" and "libc.version". */
void system_libc_read(struct machine *m, const struct elf_header *elf, struct system_libc *ret);
void system_libc_release(struct system_libc *libc);
/* The version in the text of glibc's banner; its length, or 0. Pure. */
size_t glibc_banner_version(const char *bytes, size_t len, const char **ret);
/* The value of `field` (V, say) of a package in apk's or dpkg's list. Pure. */
bool package_field(const char *text, size_t len, const char *package_line, const char *field,
                   struct strbuf *ret);
/* "musl", "glibc" ... by the name of the dynamic loader; NULL when it is not known. Pure. */
const char *libc_of_loader(const char *interpreter);
