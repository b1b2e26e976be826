/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

TestSuite(clock_local);

/* Zones whose clocks change at odd moments, and a few that never do. */
static const char *const zones[] = {
	"UTC", "America/St_Johns", "Asia/Kathmandu", "Europe/Berlin", "Africa/Monrovia", "garbage",
	""
};

Test(clock_local, agrees_with_the_c_library)
{
	for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
		struct clock_cache cache = { 0 };
		unsigned state = 1;

		(void)setenv("TZ", zones[z], 1);
		tzset();
		for (int i = 0; i < 200000; i++) {
			/* Steps of minutes around the end of a day, now and then a leap. */
			int64_t t =
				i < 100000 ? 1162090000 + i * 37 : (int64_t)state * 3 - 2000000000;
			const time_t seconds = t;
			struct tm ours, theirs;

			state = state * 1103515245U + 12345U;
			cr_assert(clock_local(&cache, t, &ours));
			cr_assert(localtime_r(&seconds, &theirs) != NULL);
			if (ours.tm_sec != theirs.tm_sec || ours.tm_min != theirs.tm_min ||
			    ours.tm_hour != theirs.tm_hour || ours.tm_mday != theirs.tm_mday ||
			    ours.tm_mon != theirs.tm_mon || ours.tm_year != theirs.tm_year ||
			    ours.tm_isdst != theirs.tm_isdst)
				cr_assert(false, "%lld in %s", (long long)t, zones[z]);
		}
	}
}

Test(clock_local, what_no_calendar_expresses)
{
	struct clock_cache cache = { 0 };
	struct tm tm;

	cr_expect_not(clock_local(&cache, INT64_MAX, &tm));
	cr_expect_not(clock_local(&cache, INT64_MIN, &tm));
	cr_expect(clock_local(&cache, 0, &tm));
}
