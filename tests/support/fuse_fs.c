/* SPDX-License-Identifier: MIT */
#include "fuse_fs.h"

#include "skip.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 18, ANSWER_MAX = 1 << 16 };

struct server {
	int fd;
	const struct fuse_node *root;
	struct fuse_counts *counts;
	uint64_t unique; /* of the request in hand */
};

static void answer(const struct server *s, int err, const void *bytes, size_t len)
{
	struct fuse_out_header header = { .len = (uint32_t)(sizeof(header) + len),
		                          .error = -err,
		                          .unique = s->unique };
	struct iovec parts[2] = { { &header, sizeof(header) }, { (void *)(uintptr_t)bytes, len } };

	/* A request that was interrupted wants no answer any more. */
	if (writev(s->fd, parts, 2) < 0 && errno != ENOENT)
		_exit(1);
}

/* Nodes are numbered by where they lie in memory. */
static uint64_t id_of(const struct server *s, const struct fuse_node *node)
{
	return node == s->root ? FUSE_ROOT_ID : (uintptr_t)node;
}

static const struct fuse_node *node_of(const struct server *s, uint64_t id)
{
	return id == FUSE_ROOT_ID ? s->root : (const struct fuse_node *)(uintptr_t)id;
}

static size_t text_len(const struct fuse_node *node)
{
	return node->text != NULL ? strlen(node->text) : 0;
}

static struct fuse_attr attr_of(const struct fuse_node *node)
{
	return (struct fuse_attr){ .ino = node->ino,
		                   .size = text_len(node),
		                   .mode = node->mode,
		                   .nlink = 1,
		                   .uid = node->uid,
		                   .gid = node->gid,
		                   .blksize = 4096 };
}

static void look_up(const struct server *s, const struct fuse_node *dir, const char *name)
{
	s->counts->looked++;
	for (const struct fuse_node *n = dir->nodes; n != NULL && n->name != NULL; n++) {
		struct fuse_entry_out out = { .nodeid = id_of(s, n), .attr = attr_of(n) };

		if (strcmp(n->name, name) != 0)
			continue;
		answer(s, 0, &out, sizeof(out));
		return;
	}
	answer(s, ENOENT, NULL, 0);
}

/* The name and number of the entry at this place; false behind the last one. */
static bool entry_at(const struct fuse_node *dir, uint64_t at, char name[32], uint64_t *ret_ino)
{
	const struct fuse_node *n = dir->nodes;

	*ret_ino = dir->ino;
	(void)snprintf(name, 32, "%s", at == 0 ? "." : "..");
	if (at < 2)
		return true;
	for (at -= 2; n != NULL && n->name != NULL && at > 0; at--)
		n++;
	if (n != NULL && n->name != NULL) {
		(void)snprintf(name, 32, "%s", n->name);
		*ret_ino = n->ino;
		return true;
	}
	(void)snprintf(name, 32, "n%07ju", (uintmax_t)at);
	*ret_ino = 1000 + at;
	return at < dir->generated;
}

static void read_dir(const struct server *s, const struct fuse_node *dir,
                     const struct fuse_read_in *in)
{
	static _Alignas(8) char out[ANSWER_MAX];
	size_t len = 0;
	char name[32];
	uint64_t ino;

	for (uint64_t at = in->offset; entry_at(dir, at, name, &ino); at++) {
		struct fuse_dirent d = { .ino = ino,
			                 .off = at + 1,
			                 .namelen = (uint32_t)strlen(name),
			                 .type = DT_UNKNOWN };
		size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + d.namelen);

		if (len + size > in->size || len + size > sizeof(out))
			break;
		memset(out + len, 0, size);
		memcpy(out + len, &d, FUSE_NAME_OFFSET);
		memcpy(out + len + FUSE_NAME_OFFSET, name, d.namelen);
		len += size;
		s->counts->handed++;
	}
	answer(s, 0, out, len);
}

static void read_text(const struct server *s, const struct fuse_node *node,
                      const struct fuse_read_in *in)
{
	size_t len = text_len(node);
	size_t at = in->offset < len ? in->offset : len;

	len -= at;
	answer(s, 0, len > 0 ? node->text + at : NULL, len < in->size ? len : in->size);
}

static void serve_names(const struct server *s, const struct fuse_in_header *in, const void *body)
{
	const struct fuse_node *node = node_of(s, in->nodeid);
	struct fuse_attr_out attr = { .attr = attr_of(node) };
	struct fuse_open_out open = { .open_flags = FOPEN_DIRECT_IO };
	struct fuse_statfs_out statfs = { .st = { .namelen = 255 } };

	switch (in->opcode) {
	case FUSE_LOOKUP:
		look_up(s, node, body);
		break;
	case FUSE_GETATTR:
		answer(s, 0, &attr, sizeof(attr));
		break;
	case FUSE_READLINK:
		answer(s, 0, node->text, text_len(node));
		break;
	case FUSE_OPEN:
		s->counts->opened++;
		answer(s, 0, &open, sizeof(open));
		break;
	case FUSE_OPENDIR:
		open.open_flags = 0;
		answer(s, 0, &open, sizeof(open));
		break;
	case FUSE_STATFS:
		answer(s, 0, &statfs, sizeof(statfs));
		break;
	case FUSE_READDIR:
		read_dir(s, node, body);
		break;
	case FUSE_READ:
		read_text(s, node, body);
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
		answer(s, 0, NULL, 0);
		break;
	default:
		answer(s, ENOSYS, NULL, 0);
		break;
	}
}

static void serve(struct server *s, const struct fuse_in_header *in, const void *body)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
		                      .minor = FUSE_KERNEL_MINOR_VERSION,
		                      .max_readahead = 4096,
		                      .max_write = 4096 };

	s->unique = in->unique;
	switch (in->opcode) {
	case FUSE_INIT:
		answer(s, 0, &init, sizeof(init));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		serve_names(s, in, body);
		break;
	}
}

/* Until the file system is unmounted. */
static void serve_all(struct server *s)
{
	char *request = malloc(REQUEST_MAX);

	while (request != NULL) {
		ssize_t n = read(s->fd, request, REQUEST_MAX);
		const struct fuse_in_header *header = (const void *)request;

		if (n < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN))
			continue;
		if (n < (ssize_t)sizeof(*header))
			break;
		serve(s, header, request + sizeof(*header));
	}
	_exit(0);
}

void fuse_begin(struct fuse_fs *ret, const char *point, const struct fuse_node *root)
{
	struct server s = { .fd = open("/dev/fuse", O_RDWR | O_CLOEXEC), .root = root };
	char options[128];

	if (s.fd < 0)
		skip("no FUSE here");
	(void)mkdir(point, 0755);
	(void)snprintf(options, sizeof(options),
	               "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", s.fd);
	if (mount("made-up", point, "fuse", MS_NOSUID | MS_NODEV | MS_RDONLY, options) < 0)
		skip("cannot mount FUSE");
	s.counts = mmap(NULL, sizeof(*s.counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                -1, 0);
	cr_assert(s.counts != MAP_FAILED);
	*ret = (struct fuse_fs){ .server = fork(), .point = point, .counts = s.counts };
	cr_assert(ret->server >= 0);
	if (ret->server == 0)
		serve_all(&s);
	(void)close(s.fd);
}

void fuse_end(struct fuse_fs *fs)
{
	int status = 0;

	cr_expect_eq(umount2(fs->point, MNT_DETACH), 0);
	cr_expect_eq(waitpid(fs->server, &status, 0), fs->server);
	cr_expect_eq(status, 0);
}
