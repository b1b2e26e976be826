/* SPDX-License-Identifier: MIT */
/*
 * Implementers and parts of MIDR_EL1, as in Arm's Technical Reference Manuals and Linux'
 * arch/arm64/include/asm/cputype.h.
 */
#include "sys/cpu_model.h"

static const struct {
	uint8_t implementer;
	char name[16];
} vendors[] = {
	{ 0x41, "ARM" },      { 0x42, "Broadcom" },  { 0x43, "Cavium" },    { 0x44, "DEC" },
	{ 0x46, "Fujitsu" },  { 0x48, "HiSilicon" }, { 0x4e, "NVIDIA" },    { 0x50, "APM" },
	{ 0x51, "Qualcomm" }, { 0x53, "Samsung" },   { 0x56, "Marvell" },   { 0x61, "Apple" },
	{ 0x66, "Faraday" },  { 0x69, "Intel" },     { 0x6d, "Microsoft" }, { 0x70, "Phytium" },
	{ 0xc0, "Ampere" },
};

static const struct {
	uint8_t implementer;
	uint16_t part;
	char name[20];
} parts[] = {
	{ 0x41, 0xb36, "ARM1136" },         { 0x41, 0xb76, "ARM1176" },
	{ 0x41, 0xc05, "Cortex-A5" },       { 0x41, 0xc07, "Cortex-A7" },
	{ 0x41, 0xc08, "Cortex-A8" },       { 0x41, 0xc09, "Cortex-A9" },
	{ 0x41, 0xc0d, "Cortex-A17" },      { 0x41, 0xc0f, "Cortex-A15" },
	{ 0x41, 0xd03, "Cortex-A53" },      { 0x41, 0xd04, "Cortex-A35" },
	{ 0x41, 0xd05, "Cortex-A55" },      { 0x41, 0xd07, "Cortex-A57" },
	{ 0x41, 0xd08, "Cortex-A72" },      { 0x41, 0xd09, "Cortex-A73" },
	{ 0x41, 0xd0a, "Cortex-A75" },      { 0x41, 0xd0b, "Cortex-A76" },
	{ 0x41, 0xd0c, "Neoverse-N1" },     { 0x41, 0xd0d, "Cortex-A77" },
	{ 0x41, 0xd40, "Neoverse-V1" },     { 0x41, 0xd41, "Cortex-A78" },
	{ 0x41, 0xd44, "Cortex-X1" },       { 0x41, 0xd46, "Cortex-A510" },
	{ 0x41, 0xd47, "Cortex-A710" },     { 0x41, 0xd48, "Cortex-X2" },
	{ 0x41, 0xd49, "Neoverse-N2" },     { 0x41, 0xd4d, "Cortex-A715" },
	{ 0x41, 0xd4e, "Cortex-X3" },       { 0x41, 0xd4f, "Neoverse-V2" },
	{ 0x41, 0xd80, "Cortex-A520" },     { 0x41, 0xd81, "Cortex-A720" },
	{ 0x41, 0xd82, "Cortex-X4" },       { 0x41, 0xd84, "Neoverse-V3" },
	{ 0x41, 0xd8e, "Neoverse-N3" },     { 0x42, 0x516, "ThunderX2" },
	{ 0x43, 0x0a1, "ThunderX" },        { 0x43, 0x0af, "ThunderX2" },
	{ 0x46, 0x001, "A64FX" },           { 0x48, 0xd01, "Kunpeng-920" },
	{ 0x4e, 0x004, "Carmel" },          { 0x51, 0x800, "Kryo-2XX-Gold" },
	{ 0x51, 0x801, "Kryo-2XX-Silver" }, { 0x51, 0x802, "Kryo-3XX-Gold" },
	{ 0x51, 0x803, "Kryo-3XX-Silver" }, { 0x51, 0x804, "Kryo-4XX-Gold" },
	{ 0x51, 0x805, "Kryo-4XX-Silver" }, { 0x61, 0x022, "Icestorm" },
	{ 0x61, 0x023, "Firestorm" },       { 0x61, 0x032, "Blizzard" },
	{ 0x61, 0x033, "Avalanche" },       { 0xc0, 0xac3, "Ampere-1" },
	{ 0xc0, 0xac4, "Ampere-1a" },
};

const char *arm_vendor(unsigned implementer)
{
	for (size_t i = 0; i < ARRAY_LEN(vendors); i++)
		if (vendors[i].implementer == implementer)
			return vendors[i].name;
	return NULL;
}

const char *arm_part(unsigned implementer, unsigned part)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].implementer == implementer && parts[i].part == part)
			return parts[i].name;
	return NULL;
}
