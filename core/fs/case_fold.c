/* SPDX-License-Identifier: MIT */
#include "fs/case_fold.h"

/*
 * Upper-case letters `first`..`last`, `step` apart (2: upper and lower alternate),
 * and the distance to their lower-case forms. Sorted.
 */
static const struct fold_range {
	uint32_t first, last;
	int32_t delta;
	uint32_t step;
} fold_ranges[] = {
	{ 'A', 'Z', 32, 1 },         { 0xC0, 0xD6, 32, 1 },        { 0xD8, 0xDE, 32, 1 },
	{ 0x100, 0x12E, 1, 2 },      { 0x132, 0x136, 1, 2 },       { 0x139, 0x147, 1, 2 },
	{ 0x14A, 0x176, 1, 2 },      { 0x178, 0x178, -121, 1 },    { 0x179, 0x17D, 1, 2 },
	{ 0x1CD, 0x1DB, 1, 2 },      { 0x1DE, 0x1EE, 1, 2 },       { 0x1F8, 0x21E, 1, 2 },
	{ 0x222, 0x232, 1, 2 },      { 0x246, 0x24E, 1, 2 },       { 0x370, 0x372, 1, 2 },
	{ 0x386, 0x386, 38, 1 },     { 0x388, 0x38A, 37, 1 },      { 0x38C, 0x38C, 64, 1 },
	{ 0x38E, 0x38F, 63, 1 },     { 0x391, 0x3A1, 32, 1 },      { 0x3A3, 0x3AB, 32, 1 },
	{ 0x3D8, 0x3EE, 1, 2 },      { 0x400, 0x40F, 80, 1 },      { 0x410, 0x42F, 32, 1 },
	{ 0x460, 0x480, 1, 2 },      { 0x48A, 0x4BE, 1, 2 },       { 0x4C0, 0x4C0, 15, 1 },
	{ 0x4C1, 0x4CD, 1, 2 },      { 0x4D0, 0x52E, 1, 2 },       { 0x531, 0x556, 48, 1 },
	{ 0x1E00, 0x1E94, 1, 2 },    { 0x1E9E, 0x1E9E, -7615, 1 }, { 0x1EA0, 0x1EFE, 1, 2 },
	{ 0x2160, 0x216F, 16, 1 },   { 0x24B6, 0x24CF, 26, 1 },    { 0x2C00, 0x2C2F, 48, 1 },
	{ 0x2C80, 0x2CE2, 1, 2 },    { 0xA640, 0xA66C, 1, 2 },     { 0xFF21, 0xFF3A, 32, 1 },
	{ 0x10400, 0x10427, 40, 1 },
};

static uint32_t shift(uint32_t cp, int32_t delta)
{
	return (uint32_t)((int32_t)cp + delta);
}

uint32_t case_fold_lower(uint32_t cp)
{
	if (cp < 0x80)
		return cp - 'A' < 26 ? cp + 32 : cp;
	for (size_t i = 1; i < ARRAY_LEN(fold_ranges); i++) {
		const struct fold_range *r = &fold_ranges[i];

		if (cp < r->first)
			break;
		if (cp <= r->last && (cp - r->first) % r->step == 0)
			return shift(cp, r->delta);
	}
	return cp;
}

uint32_t case_fold_upper(uint32_t cp)
{
	if (cp < 0x80)
		return cp - 'a' < 26 ? cp - 32 : cp;
	for (size_t i = 1; i < ARRAY_LEN(fold_ranges); i++) {
		const struct fold_range *r = &fold_ranges[i];
		uint32_t first = shift(r->first, r->delta);

		if (cp >= first && cp - first <= r->last - r->first && (cp - first) % r->step == 0)
			return shift(cp, -r->delta);
	}
	return cp;
}
