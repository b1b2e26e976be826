/* SPDX-License-Identifier: MIT */
/* Lines of PID/stat from any text: a process, or nothing is touched. */
#include "base/mem.h"
#include "sys/process_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE_STR char *text = mem_strndup((const char *)data, size);
	struct process_ref ref = { .start = 4711, .state = '?' };

	if (process_parse_stat(text, &ref) < 0 && (ref.start != 4711 || ref.state != '?'))
		abort();
	return 0;
}
