/* SPDX-License-Identifier: MIT */
/*
 * One-to-one case mappings without a locale, for comparing names: ASCII, Latin,
 * Greek, Cyrillic, Armenian, and the letters whose cases are a fixed distance apart
 * (Unicode CaseFolding.txt, status C and S). Mappings to several characters do not
 * exist here, nor do the Turkish ones. Pure functions.
 */
#pragma once

#include "base/base.h"

/* The lower-case form of a code point; itself when there is none. */
uint32_t case_fold_lower(uint32_t cp);
/* The upper-case form that case_fold_lower() maps to `cp`; itself when there is none. */
uint32_t case_fold_upper(uint32_t cp);
