/* SPDX-License-Identifier: MIT */
#include "fs/fstype.h"

enum { KERNEL = FSTYPE_PSEUDO | FSTYPE_KERNEL };

static const struct {
	char name[24]; /* no pointer: nothing to relocate at start */
	unsigned traits;
} fstypes[] = {
	{ "9p", FSTYPE_REMOTE },
	{ "acfs", FSTYPE_REMOTE },
	{ "afs", FSTYPE_REMOTE },
	{ "auristorfs", FSTYPE_REMOTE },
	{ "beegfs", FSTYPE_REMOTE },
	{ "ceph", FSTYPE_REMOTE },
	{ "cifs", FSTYPE_REMOTE },
	{ "coda", FSTYPE_REMOTE },
	{ "davfs", FSTYPE_REMOTE },
	{ "fhgfs", FSTYPE_REMOTE },
	{ "glusterfs", FSTYPE_REMOTE },
	{ "gpfs", FSTYPE_REMOTE },
	{ "lustre", FSTYPE_REMOTE },
	{ "ncpfs", FSTYPE_REMOTE },
	{ "nfs", FSTYPE_REMOTE },
	{ "nfs4", FSTYPE_REMOTE },
	{ "orangefs", FSTYPE_REMOTE },
	{ "smb3", FSTYPE_REMOTE },
	{ "smbfs", FSTYPE_REMOTE },
	{ "fuse.ceph", FSTYPE_REMOTE },
	{ "fuse.ceph-fuse", FSTYPE_REMOTE },
	{ "fuse.cephfs", FSTYPE_REMOTE },
	{ "fuse.curlftpfs", FSTYPE_REMOTE },
	{ "fuse.davfs2", FSTYPE_REMOTE },
	{ "fuse.gcsfuse", FSTYPE_REMOTE },
	{ "fuse.glusterfs", FSTYPE_REMOTE },
	{ "fuse.goofys", FSTYPE_REMOTE },
	{ "fuse.juicefs", FSTYPE_REMOTE },
	{ "fuse.mount-s3", FSTYPE_REMOTE },
	{ "fuse.mountpoint-s3", FSTYPE_REMOTE },
	{ "fuse.rclone", FSTYPE_REMOTE },
	{ "fuse.s3fs", FSTYPE_REMOTE },
	{ "fuse.smbnetfs", FSTYPE_REMOTE },
	{ "fuse.sshfs", FSTYPE_REMOTE },
	{ "binder", KERNEL },
	{ "binfmt_misc", KERNEL },
	{ "bpf", KERNEL },
	{ "cgroup", KERNEL },
	{ "cgroup2", KERNEL },
	{ "configfs", KERNEL },
	{ "cpuset", KERNEL },
	{ "debugfs", KERNEL },
	{ "devpts", KERNEL },
	{ "efivarfs", KERNEL },
	{ "functionfs", KERNEL },
	{ "fusectl", KERNEL },
	{ "mqueue", KERNEL },
	{ "nfsd", KERNEL },
	{ "nsfs", KERNEL },
	{ "openpromfs", KERNEL },
	{ "pipefs", KERNEL },
	{ "proc", KERNEL },
	{ "pstore", KERNEL },
	{ "resctrl", KERNEL },
	{ "rpc_pipefs", KERNEL },
	{ "securityfs", KERNEL },
	{ "selinuxfs", KERNEL },
	{ "smackfs", KERNEL },
	{ "sockfs", KERNEL },
	{ "spufs", KERNEL },
	{ "sysfs", KERNEL },
	{ "tracefs", KERNEL },
	{ "usbfs", KERNEL },
	{ "xenfs", KERNEL },
	{ "autofs", FSTYPE_PSEUDO },
	{ "hugetlbfs", FSTYPE_PSEUDO },
	{ "none", FSTYPE_PSEUDO },
	{ "subfs", FSTYPE_PSEUDO },
	{ "fuse.gvfsd-fuse", FSTYPE_PSEUDO },
	{ "fuse.lxcfs", FSTYPE_PSEUDO },
	{ "fuse.portal", FSTYPE_PSEUDO },
};

unsigned fstype_traits(const char *fstype, const char *source)
{
	for (size_t i = 0; i < ARRAY_LEN(fstypes); i++)
		if (strcmp(fstypes[i].name, fstype) == 0)
			return fstypes[i].traits;
	if (strncmp(source, "//", 2) == 0)
		return FSTYPE_REMOTE;
	/* user@host:path; but /dev/disk/by-path names have colons too. */
	if (strncmp(fstype, "fuse", 4) == 0 && strchr(source, ':') != NULL &&
	    strncmp(source, "/dev/", 5) != 0)
		return FSTYPE_REMOTE;
	return 0;
}
