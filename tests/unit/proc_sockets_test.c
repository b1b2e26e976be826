/* SPDX-License-Identifier: MIT */
#include "sys/proc_sockets.h"

#include "support/sandbox.h"
#include "support/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

TestSuite(proc_sockets, .init = sandbox_enter, .fini = sandbox_leave);

#define HEAD \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

Test(proc_sockets, ports_have_a_protocol_or_both)
{
	static const struct {
		char text[16];
		int err;
		unsigned protocols;
		uint16_t port;
	} cases[] = {
		{ "80", 0, PROC_TCP | PROC_UDP, 80 },
		{ "tcp:65535", 0, PROC_TCP, 65535 },
		{ "udp:1", 0, PROC_UDP, 1 },
		{ "0", -EINVAL, 0, 0 },
		{ "65536", -EINVAL, 0, 0 },
		{ "", -EINVAL, 0, 0 },
		{ "tcp:", -EINVAL, 0, 0 },
		{ "http", -EINVAL, 0, 0 },
		{ "sctp:9", -EINVAL, 0, 0 },
		{ "-1", -EINVAL, 0, 0 },
		{ "80 ", -EINVAL, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text_error where = { 0 };
		unsigned protocols = 0;
		uint16_t port = 0;

		cr_expect_eq(proc_port_parse(cases[i].text, &protocols, &port, &where),
		             cases[i].err, "'%s'", cases[i].text);
		cr_expect_eq(protocols, cases[i].protocols, "'%s'", cases[i].text);
		cr_expect_eq(port, cases[i].port, "'%s'", cases[i].text);
		cr_expect_eq(where.reason != NULL, cases[i].err != 0);
	}
}

Test(proc_sockets, finds_who_holds_a_port)
{
	static const char tcp[] = HEAD
		"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 4711 1 x\n"
		"   1: 0100007F:0050 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  0  0 4712 1 x\n"
		"   2: 0100007F:1F90 0100007F:9999 06 00000000:00000000 00:00000000 00000000  0  0 0 1 x\n"
		"   3: cut off";
	static const char udp6[] =
		HEAD "   0: 00000000000000000000000001000000:1F90 0:0 07 0:0 0:0 0 0 0 4799 2 x\n";
	struct socket_list sockets = { 0 };
	struct proc_reader r;
	int proc;

	tree("d net", "d 5/fd", "d 6/fd", "l 5/fd/0 -> /dev/null", "l 5/fd/3 -> socket:[4711]",
	     "l 6/fd/3 -> socket:[47111]");
	tree_text("net/tcp", tcp);
	tree_text("net/udp6", udp6);
	proc = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(proc >= 0);
	proc_reader_init(&r, proc);
	cr_assert_eq(proc_sockets_of_port(&r, PROC_TCP | PROC_UDP, 8080, &sockets), 0);
	cr_assert_eq(sockets.len, 2);
	cr_expect_eq(sockets.items[0], 4711);
	cr_expect_eq(sockets.items[1], 4799);
	cr_expect(proc_has_socket(&r, 5, &sockets));
	cr_expect_not(proc_has_socket(&r, 6, &sockets));
	cr_expect_not(proc_has_socket(&r, 7, &sockets));
	cr_assert_eq(proc_sockets_of_port(&r, PROC_UDP, 80, &sockets), 0);
	cr_expect_eq(sockets.len, 0);
	cr_expect_not(proc_has_socket(&r, 5, &sockets));
	vec_release(&sockets);
	proc_reader_release(&r);
	(void)close(proc);
}
