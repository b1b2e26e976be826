/* SPDX-License-Identifier: MIT */
/* What the tests of sync share. */
#pragma once

#include "support/expect.h"
#include "support/run.h"

/* Runs it with these words, and looks at nothing but the status. */
#define EXPECT_SYNC(code, ...)                              \
	do {                                                \
		struct run run_ = RUN("sync", __VA_ARGS__); \
		EXPECT_STATUS(run_, (code));                \
	} while (0)
