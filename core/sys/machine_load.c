/* SPDX-License-Identifier: MIT */
#include "sys/machine_load.h"

#include "base/num.h"
#include "base/strbuf.h"
#include "sys/load_info.h"
#include "sys/memory_info.h"
#include "sys/procfs.h"

#include <errno.h>

enum { FILE_MAX = 64 * 1024, HUNDRED = 100 };

int machine_load(int proc, uint64_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct load_average load;
	uint64_t running;
	int r = procfs_read(proc, "loadavg", FILE_MAX, &text);

	if (r < 0)
		return r;
	if (load_average_parse(strbuf_str(&text), text.len, &load) < 0)
		return -EINVAL;
	running = load.runnable > 0 ? num_mul_sat(load.runnable - 1, HUNDRED, NULL) : 0;
	*ret = load.centi[0] > running ? load.centi[0] : running;
	return 0;
}

int machine_available(int proc, uint64_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	struct memory_info info;
	int r = procfs_read(proc, "meminfo", FILE_MAX, &text);

	if (r < 0)
		return r;
	memory_info_parse(strbuf_str(&text), text.len, &info);
	if (!info.known[MEMORY_AVAILABLE])
		return -EINVAL;
	*ret = info.bytes[MEMORY_AVAILABLE];
	return 0;
}
