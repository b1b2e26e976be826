/* SPDX-License-Identifier: MIT */
/* Schedules from any text: steps are signals and times; an error points into the text. */
#include "base/mem.h"
#include "sys/signal_schedule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE_STR char *text = mem_strndup((const char *)data, size);
	struct signal_schedule s = { .len = 4711 };
	struct text_error error = { 0 };

	if (signal_schedule_parse(text, &s, &error) < 0) {
		if (s.len != 4711 || error.reason == NULL || error.offset > strlen(text) ||
		    error.len > strlen(text) - error.offset)
			abort();
		return 0;
	}
	if (s.len == 0 || s.len > SIGNAL_STEPS_MAX)
		abort();
	for (size_t i = 0; i < s.len; i++) {
		if (s.steps[i].signo < 1 || s.steps[i].signo > 64 || s.steps[i].wait_ns < 0)
			abort();
	}
	return 0;
}
