/* SPDX-License-Identifier: MIT */
/* Which processes hold a port: the sockets of /proc/net and who has them open. */
#pragma once

#include "base/text.h"
#include "sys/proc_read.h"

struct socket_list {
	VEC_FIELDS(uint64_t); /* inodes */
};

enum proc_protocols { PROC_TCP = 1 << 0, PROC_UDP = 1 << 1 };

/*
 * [tcp:|udp:]N, N from 1 to 65535; without a protocol it is both. 0, or -EINVAL with *reterr. Pure.
 */
MUST_USE int proc_port_parse(const char *text, unsigned *ret_protocols, uint16_t *ret_port,
                             struct text_error *reterr);

/*
 * The sockets with this local port, over IPv4 and IPv6, in the network namespace of the caller.
 * 0 or -errno; tables that the kernel does not have are empty.
 */
MUST_USE int proc_sockets_of_port(struct proc_reader *r, unsigned protocols, uint16_t port,
                                  struct socket_list *ret);
/* Adds the inodes of the lines of net/tcp or net/udp that have this local port. Pure. */
void proc_sockets_parse(const char *text, size_t len, uint16_t port, struct socket_list *ret);
/* Does the process have one of them open? False, too, when that may not be seen. */
bool proc_has_socket(struct proc_reader *r, pid_t pid, const struct socket_list *sockets);
