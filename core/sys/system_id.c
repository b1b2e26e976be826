/* SPDX-License-Identifier: MIT */
#include "sys/system_id.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/utsname.h>

enum { AUXV_MAX = 4096 };

static const struct {
	char field[24];
	char file[32];
} names[SYSTEM_NAMES] = {
	[SYSTEM_KERNEL_NAME] = { "system.kernel_name", "proc/sys/kernel/ostype" },
	[SYSTEM_NODE] = { "system.node", "proc/sys/kernel/hostname" },
	[SYSTEM_RELEASE] = { "system.kernel_release", "proc/sys/kernel/osrelease" },
	[SYSTEM_VERSION] = { "system.kernel_version", "proc/sys/kernel/version" },
	[SYSTEM_MACHINE] = { "system.machine", "proc/sys/kernel/arch" }, /* since 6.1 */
};

void system_id_release(struct system_id *id)
{
	for (int i = 0; i < SYSTEM_NAMES; i++)
		strbuf_release(&id->names[i]);
}

static void ask_uname(struct machine *m, struct system_id *ret)
{
	struct utsname u;

	if (uname(&u) < 0) {
		machine_note(m, "system.kernel_name", "uname", errno);
		return;
	}
	strbuf_add_str(&ret->names[SYSTEM_KERNEL_NAME], u.sysname);
	strbuf_add_str(&ret->names[SYSTEM_NODE], u.nodename);
	strbuf_add_str(&ret->names[SYSTEM_RELEASE], u.release);
	strbuf_add_str(&ret->names[SYSTEM_VERSION], u.version);
	strbuf_add_str(&ret->names[SYSTEM_MACHINE], u.machine);
	ret->node_known = true;
}

/* What the machine is called by uname(2), by the type of its programs. */
static const char *machine_of(const struct elf_header *elf)
{
	switch (elf->machine) {
	case EM_X86_64:
		return "x86_64";
	case EM_386:
		return "i686";
	case EM_AARCH64:
		return "aarch64";
	case EM_RISCV:
		return elf->bits == 64 ? "riscv64" : "riscv32";
	case EM_S390:
		return elf->bits == 64 ? "s390x" : "s390";
	case EM_PPC64:
		return elf->is_big_endian ? "ppc64" : "ppc64le";
	case EM_MIPS:
		return elf->bits == 64 ? "mips64" : "mips";
	default:
		return NULL;
	}
}

static void read_names(struct machine *m, struct system_id *ret)
{
	const char *by_elf = ret->has_elf ? machine_of(&ret->elf) : NULL;

	for (int i = 0; i < SYSTEM_NAMES; i++) {
		int r = machine_read_line(m, names[i].file, &ret->names[i]);

		if (i == SYSTEM_NODE)
			ret->node_known = r == 0;
		if (r < 0 && i == SYSTEM_MACHINE && by_elf != NULL) {
			strbuf_add_str(&ret->names[i], by_elf);
			continue;
		}
		if (r < 0) {
			AUTO_RELEASE_STRBUF struct strbuf source = { 0 };

			strbuf_add_format(&source, "/%s", names[i].file);
			machine_note(m, names[i].field, strbuf_str(&source), -r);
		}
	}
}

/* AT_PAGESZ of the process that recorded the tree; its words are as wide as its shell's. */
static uint64_t read_page_size(const struct machine *m, const struct elf_header *elf)
{
	AUTO_RELEASE_STRBUF struct strbuf auxv = { 0 };
	const size_t word = elf->bits / 8;

	if (machine_read(m, "proc/self/auxv", AUXV_MAX, &auxv) < 0)
		return 0;
	for (size_t at = 0; at + 2 * word <= auxv.len; at += 2 * word) {
		uint64_t pair[2] = { 0 };

		for (size_t k = 0; k < 2 * word; k++) {
			size_t from = elf->is_big_endian ? k % word : word - 1 - k % word;

			pair[k / word] = pair[k / word] << 8 |
			                 (unsigned char)auxv.data[at + k / word * word + from];
		}
		if (pair[0] == AT_PAGESZ)
			return pair[1];
	}
	return 0;
}

static void read_elf(struct machine *m, struct system_id *ret)
{
	int fd = machine_openat(m, "bin/sh", O_RDONLY | O_NONBLOCK);
	int r = fd < 0 ? fd : elf_header_read(fd, &ret->elf);

	if (fd >= 0)
		(void)close(fd);
	if (r < 0 && m->is_live) {
		/* An image without a shell: this program runs here, so it will do. */
		fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
		r = fd < 0 ? r : elf_header_read(fd, &ret->elf);
		if (fd >= 0)
			(void)close(fd);
		ret->elf.interpreter[0] = '\0';
	}
	ret->has_elf = r == 0;
	if (r < 0)
		machine_note(m, "system.bits", "/bin/sh", -r);
}

void system_id_read(struct machine *m, struct system_id *ret)
{
	read_elf(m, ret);
	if (m->is_live) {
		long size = sysconf(_SC_PAGESIZE);

		ask_uname(m, ret);
		ret->page_size = size > 0 ? (uint64_t)size : 0;
		return;
	}
	read_names(m, ret);
	if (ret->has_elf)
		ret->page_size = read_page_size(m, &ret->elf);
	if (ret->page_size == 0)
		machine_note(m, "system.page_size", "/proc/self/auxv", ENOENT);
}
