/* SPDX-License-Identifier: MIT */
#include "sys/host_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

struct hint {
	char text[32];
	char word[16];
};

/* The first hint whose text is in `text`. */
static const char *find_hint(const struct hint *hints, size_t len, const char *text)
{
	for (size_t i = 0; i < len; i++)
		if (strstr(text, hints[i].text) != NULL)
			return hints[i].word;
	return NULL;
}

const char *container_of_cgroup(const char *path)
{
	static const struct hint hints[] = {
		{ "kubepods", "kubernetes" },
		{ "/docker/", "docker" },
		{ "/docker-", "docker" },
		{ "libpod", "podman" },
		{ "/lxc.payload", "lxc" },
		{ "/lxc/", "lxc" },
		{ "/machine.slice/systemd-nspawn", "systemd-nspawn" },
		{ "/crio-", "cri-o" },
		{ "/containerd/", "containerd" },
		{ "/garden/", "garden" },
		{ "/actions_job/", "docker" },
	};

	return find_hint(hints, ARRAY_LEN(hints), path);
}

const char *virt_of_firmware(const char *text)
{
	static const struct hint hints[] = {
		{ "KVM", "kvm" },
		{ "OpenStack", "kvm" },
		{ "KubeVirt", "kvm" },
		{ "Amazon EC2", "amazon" },
		{ "QEMU", "qemu" },
		{ "VMware", "vmware" },
		{ "VMW", "vmware" },
		{ "innotek GmbH", "oracle" },
		{ "VirtualBox", "oracle" },
		{ "Xen", "xen" },
		{ "Bochs", "bochs" },
		{ "Parallels", "parallels" },
		{ "BHYVE", "bhyve" },
		{ "Hyper-V", "microsoft" },
		{ "Apple Virtualization", "apple" },
		{ "Google Compute Engine", "google" },
		{ "Microsoft Corporation Virtual", "microsoft" },
	};

	return find_hint(hints, ARRAY_LEN(hints), text);
}

/* A word of a container manager; anything else is not to be trusted. */
static const char *known_manager(const char *word)
{
	static const struct hint names[] = {
		{ "docker", "docker" },   { "podman", "podman" },
		{ "lxc", "lxc" },         { "lxc-libvirt", "lxc-libvirt" },
		{ "oci", "oci" },         { "systemd-nspawn", "systemd-nspawn" },
		{ "rkt", "rkt" },         { "wsl", "wsl" },
		{ "proot", "proot" },     { "pouch", "pouch" },
		{ "kube", "kubernetes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].text, word) == 0)
			return names[i].word;
	return NULL;
}

/* "container=" in the environment of the first process, which its manager has set. */
static const char *container_of_init(const struct machine *m)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	const char *at;
	const char *end;

	if (machine_read(m, "proc/1/environ", MACHINE_FILE_MAX, &text) < 0)
		return NULL;
	at = strbuf_str(&text);
	for (end = at + text.len; at < end; at += strlen(at) + 1)
		if (strncmp(at, "container=", 10) == 0)
			return known_manager(at + 10);
	return NULL;
}

static const char *container_of_file(const struct machine *m)
{
	static const struct hint files[] = {
		{ "run/.containerenv", "podman" },
		{ ".dockerenv", "docker" },
	};
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	if (machine_read_line(m, "run/systemd/container", &line) == 0 &&
	    known_manager(strbuf_str(&line)) != NULL)
		return known_manager(strbuf_str(&line));
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (machine_has(m, files[i].text))
			return files[i].word;
	return NULL;
}

/* Kernels that are part of the environment: WSL, OpenVZ, gVisor. */
static const char *container_of_kernel(const struct machine *m, bool *ret_known)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };

	*ret_known = machine_read_line(m, "proc/sys/kernel/osrelease", &line) == 0;
	if (strstr(strbuf_str(&line), "WSL2") != NULL ||
	    strstr(strbuf_str(&line), "Microsoft") != NULL ||
	    strstr(strbuf_str(&line), "microsoft-standard") != NULL)
		return "wsl";
	/* gVisor's kernel of its own has always had this one date. */
	if (machine_read_line(m, "proc/version", &line) == 0 &&
	    strstr(strbuf_str(&line), "#1 SMP Sun Jan 10 15:06:54 PST 2016") != NULL)
		return "gvisor";
	if (machine_has(m, "proc/vz") && !machine_has(m, "proc/bc"))
		return "openvz";
	return NULL;
}

static const char *find_container(const struct machine *m, const char *cgroup, bool *ret_known)
{
	const char *word = container_of_kernel(m, ret_known);

	if (word == NULL && machine_has(m, "run/secrets/kubernetes.io"))
		word = "kubernetes";
	if (word == NULL)
		word = container_of_cgroup(cgroup);
	if (word == NULL)
		word = container_of_file(m);
	return word != NULL ? word : container_of_init(m);
}

#if defined(__x86_64__) || defined(__i386__)
/* What the hypervisor says of itself in CPUID's leaf 0x40000000. */
static const char *virt_of_cpuid(void)
{
	static const struct hint hints[] = {
		{ "KVMKVMKVM", "kvm" },          { "Linux KVM Hv", "kvm" },
		{ "TCGTCGTCGTCG", "qemu" },      { "VMwareVMware", "vmware" },
		{ "Microsoft Hv", "microsoft" }, { "XenVMMXenVMM", "xen" },
		{ "bhyve bhyve ", "bhyve" },     { "QNXQVMBSQG", "qnx" },
		{ "ACRNACRNACRN", "acrn" },      { "VBoxVBoxVBox", "oracle" },
	};
	unsigned words[4] = { 0 };
	char signature[13] = { 0 };

	__cpuid(0x40000000, words[0], words[1], words[2], words[3]);
	memcpy(signature, words + 1, sizeof(signature) - 1);
	return find_hint(hints, ARRAY_LEN(hints), signature);
}
#else
static const char *virt_of_cpuid(void)
{
	return NULL;
}
#endif

/* Vendor, product and the like, one behind the other. False when the firmware tells nothing. */
static bool read_firmware(const struct machine *m, struct strbuf *ret)
{
	static const char files[][24] = { "sys_vendor", "product_name", "board_vendor",
		                          "bios_vendor", "product_version" };
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	char path[MACHINE_PATH_MAX];
	bool is_known = false;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		(void)snprintf(path, sizeof(path), "sys/class/dmi/id/%s", files[i]);
		if (machine_read_line(m, path, &line) < 0)
			continue;
		is_known = true;
		strbuf_add(ret, strbuf_str(&line), line.len);
		strbuf_add_char(ret, ' ');
	}
	return is_known;
}

/* Where there is no DMI: device trees and s390's /proc/sysinfo. */
static const char *virt_of_others(const struct machine *m, bool *ret_known)
{
	static const struct hint trees[] = {
		{ "linux,kvm", "kvm" }, { "xen", "xen" },         { "vmware", "vmware" },
		{ "qemu", "qemu" },     { "pseries", "powervm" },
	};
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	const char *word = NULL;

	if (machine_read_line(m, "sys/hypervisor/type", &line) == 0)
		word = find_hint(trees, ARRAY_LEN(trees), strbuf_str(&line));
	if (word == NULL &&
	    machine_read_line(m, "proc/device-tree/hypervisor/compatible", &line) == 0)
		word = find_hint(trees, ARRAY_LEN(trees), strbuf_str(&line));
	if (word == NULL && machine_read(m, "proc/sysinfo", MACHINE_FILE_MAX, &line) == 0) {
		*ret_known = true;
		if (strstr(strbuf_str(&line), "Control Program: z/VM") != NULL)
			return "zvm";
		if (strstr(strbuf_str(&line), "Control Program: KVM") != NULL)
			return "kvm";
	}
	if (word == NULL && machine_has(m, "proc/device-tree"))
		*ret_known = true;
	return word;
}

static const char *find_virt(const struct machine *m, const struct host_kind *kind,
                             enum cpu_guest guest, bool *ret_known)
{
	AUTO_RELEASE_STRBUF struct strbuf firmware = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	const bool is_guest = guest == CPU_GUEST_YES;
	const char *word = NULL;

	*ret_known = guest != CPU_GUEST_UNKNOWN;
	if (strcmp(kind->container, "wsl") == 0 &&
	    machine_read_line(m, "proc/sys/kernel/osrelease", &line) == 0)
		/* The second one is a virtual machine, the first a translation of system calls. */
		return strstr(strbuf_str(&line), "Microsoft") != NULL ? "none" : "microsoft";
	/* Sets the terms for all below it. */
	if (is_guest && m->is_live)
		word = virt_of_cpuid();
	if (word != NULL)
		return word;
	if (read_firmware(m, &firmware)) {
		*ret_known = true;
		word = virt_of_firmware(strbuf_str(&firmware));
	}
	if (word == NULL)
		word = virt_of_others(m, ret_known);
	if (word == NULL && is_guest)
		word = "vm-other";
	return word;
}

void host_kind_read(struct machine *m, const char *cgroup, enum cpu_guest guest,
                    struct host_kind *ret)
{
	bool is_known = false;
	const char *word = find_container(m, cgroup, &is_known);

	if (word == NULL && !is_known)
		machine_note(m, "container.kind", "/proc/sys/kernel/osrelease", ENOENT);
	(void)snprintf(ret->container, sizeof(ret->container), "%s",
	               word != NULL ? word
	               : is_known   ? "none"
	                            : "");
	word = find_virt(m, ret, guest, &is_known);
	if (word == NULL && !is_known)
		machine_note(m, "container.virt", "/sys/class/dmi/id", ENOENT);
	(void)snprintf(ret->virt, sizeof(ret->virt), "%s",
	               word != NULL ? word
	               : is_known   ? "none"
	                            : "");
}
