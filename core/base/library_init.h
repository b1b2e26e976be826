/* SPDX-License-Identifier: MIT */
/*
 * What static libraries would do in constructors, at every start of every applet, waits in
 * a section of its own (scripts/cmake/ThirdParty.cmake) until a library is wanted.
 */
#pragma once

#include "base/base.h"

/*
 * To be called before the first call of a library that has constructors: liblzma (also
 * through libarchive) and nettle. May be called again, costing some microseconds, and from
 * several threads at once: these constructors choose among functions by what the processor
 * can do, the same ones each time.
 */
void library_init(void);
