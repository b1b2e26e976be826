/* SPDX-License-Identifier: MIT */
/* The macros of expect.h about a run that is made on the spot. */
#pragma once

#include "expect.h"

#define CALL_STATUS(call, code)              \
	do {                                 \
		struct run run_ = (call);    \
		EXPECT_STATUS(run_, (code)); \
	} while (0)
#define CALL_RUN(call, code, out_text, err_text)                  \
	do {                                                      \
		struct run run_ = (call);                         \
		EXPECT_RUN(run_, (code), (out_text), (err_text)); \
	} while (0)
#define CALL_OUT_HAS(call, text)              \
	do {                                  \
		struct run run_ = (call);     \
		EXPECT_OUT_HAS(run_, (text)); \
	} while (0)
#define CALL_OUT_LACKS(call, text)              \
	do {                                    \
		struct run run_ = (call);       \
		EXPECT_OUT_LACKS(run_, (text)); \
	} while (0)
