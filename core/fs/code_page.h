/* SPDX-License-Identifier: MIT */
/* Old zip archives: names in the code page of the IBM PC. */
#pragma once

#include "base/strbuf.h"

/* Adds the bytes of code page 437 as UTF-8 (Unicode's VENDORS/MICSFT/PC/CP437.TXT). */
void code_page_437_add(struct strbuf *ret, const char *bytes, size_t len);
