/* SPDX-License-Identifier: MIT */
/* Any bytes as /proc/PID/stat, status and net/tcp: a process, or nothing is touched. */
#include "sys/proc_sockets.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct socket_list sockets = { 0 };
	struct proc_status status = { .blocked = 4711 };
	struct proc_stat stat = { .state = '?', .start_ticks = 4711 };

	if (proc_stat_parse((const char *)data, size, &stat) == 0) {
		if (stat.comm_len > PROC_COMM_MAX || strlen(stat.comm) != stat.comm_len ||
		    stat.parent < 0)
			abort();
	} else if (stat.state != '?' || stat.start_ticks != 4711) {
		abort();
	}
	if (proc_status_parse((const char *)data, size, &status) < 0 && status.blocked != 4711)
		abort();
	proc_sockets_parse((const char *)data, size, 80, &sockets);
	vec_release(&sockets);
	return 0;
}
