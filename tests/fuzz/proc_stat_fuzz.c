/* SPDX-License-Identifier: MIT */
/* Any bytes as /proc/PID/stat, status and net/tcp: parsed without a fault. */
#include "sys/proc_sockets.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct socket_list sockets = { 0 };
	struct proc_status status;
	struct proc_stat stat;

	if (proc_stat_parse((const char *)data, size, &stat) == 0 &&
	    (stat.comm_len > PROC_COMM_MAX || strlen(stat.comm) != stat.comm_len ||
	     stat.parent < 0))
		abort();
	ignore(proc_status_parse((const char *)data, size, &status));
	proc_sockets_parse((const char *)data, size, 80, &sockets);
	vec_release(&sockets);
	return 0;
}
