/* SPDX-License-Identifier: MIT */
#include "sys/cpu_count.h"
#include "sys/cpu_model.h"
#include "sys/cpu_set.h"
#include "sys/cpu_topology.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(cpu_facts);

Test(cpu_facts, lists_of_processors)
{
	static const struct {
		const char *text;
		int r;
		size_t count;
		int first;
	} cases[] = {
		{ "0", 0, 1, 0 },
		{ "0-3", 0, 4, 0 },
		{ "1,3-4,70\n", 0, 4, 1 },
		{ "", 0, 0, -1 },
		{ "\n", 0, 0, -1 },
		{ "0-31:1/4", 0, 8, 0 },
		{ "0-7:2/4", 0, 4, 0 },
		{ "0-1048575", 0, 1048576, 0 },
		{ "0-1048576", -EBADMSG, 0, -1 },
		{ "3-1", -EBADMSG, 0, -1 },
		{ "1,", -EBADMSG, 1, 1 },
		{ "a", -EBADMSG, 0, -1 },
		{ "0-3:0/4", -EBADMSG, 0, -1 },
		{ "0-3:1/0", -EBADMSG, 0, -1 },
		{ "1 2", -EBADMSG, 1, 1 },
		{ "0-3:4", -EBADMSG, 0, -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cpu_set set = { 0 };

		cr_expect_eq(cpu_set_parse(cases[i].text, strlen(cases[i].text), &set), cases[i].r,
		             "case %zu", i);
		cr_expect_eq(cpu_set_count(&set), cases[i].count, "case %zu", i);
		cr_expect_eq(cpu_set_next(&set, 0), cases[i].first, "case %zu", i);
		cpu_set_release(&set);
	}
}

Test(cpu_facts, quotas_are_rounded_up)
{
	cr_expect_eq(cpu_quota_ceil(3990), 4);
	cr_expect_eq(cpu_quota_ceil(4000), 4);
	cr_expect_eq(cpu_quota_ceil(1), 1);
	cr_expect_eq(cpu_quota_ceil(0), 0);
	cr_expect_eq(cpu_quota_ceil(UINT64_MAX), UINT64_MAX / 1000 + 1);
}

Test(cpu_facts, sizes_of_caches)
{
	uint64_t bytes = 7;

	cr_expect_eq(cpu_cache_parse_size("32K", &bytes), 0);
	cr_expect_eq(bytes, 32768);
	cr_expect_eq(cpu_cache_parse_size("32M", &bytes), 0);
	cr_expect_eq(bytes, 33554432);
	cr_expect_eq(cpu_cache_parse_size("512", &bytes), 0);
	cr_expect_eq(bytes, 512);
	cr_expect_eq(cpu_cache_parse_size("", &bytes), -EBADMSG);
	cr_expect_eq(cpu_cache_parse_size("K", &bytes), -EBADMSG);
	cr_expect_eq(cpu_cache_parse_size("1KB", &bytes), -EBADMSG);
	cr_expect_eq(cpu_cache_parse_size("99999999999999999G", &bytes), -EBADMSG);
	cr_expect_eq(bytes, 512);
}

/* Lines as each architecture's kernel prints them; arch/ARCH/kernel of Linux. */
Test(cpu_facts, models_of_every_architecture)
{
	static const struct {
		const char *text;
		const char *model, *vendor;
		size_t processors;
		uint64_t milli_mhz;
	} cases[] = {
		{ "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: X 1\ncpu MHz\t\t: 800.027\n"
		  "\nprocessor\t: 1\nmodel name\t: X 1\n",
		  "X 1", "GenuineIntel", 2, 800027 },
		{ "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 2300.000000MHz\n"
		  "revision\t: 2.3 (pvr 004e 1203)\n\ntimebase\t: 512000000\nplatform\t: PowerNV\n",
		  "POWER9", "", 1, 2300000 },
		{ "system type\t\t: MediaTek MT7621 ver:1 eco:3\nmachine\t\t\t: Router\n"
		  "processor\t\t: 0\ncpu model\t\t: MIPS 1004Kc V2.15\n"
		  "ASEs implemented\t: mips16 dsp mt\n",
		  "MIPS 1004Kc V2.15", "", 1, 0 },
		{ "processor\t: 0\nmodel name\t: ARMv7 Processor rev 4 (v7l)\n"
		  "CPU implementer\t: 0x41\nCPU part\t: 0xd03\nHardware\t: BCM2835\n",
		  "Cortex-A53", "ARM", 1, 0 },
		{ "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd03\n"
		  "processor\t: 1\nCPU implementer\t: 0x41\nCPU part\t: 0xd09\n",
		  "Cortex-A53, Cortex-A73", "ARM", 2, 0 },
		{ "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd03\n"
		  "processor\t: 1\nCPU implementer\t: 0x41\nCPU part\t: 0xfff\n",
		  "Cortex-A53, other", "ARM", 2, 0 },
		{ "processor\t: 0\nCPU implementer\t: 0x99\nCPU part\t: 0x001\n", "", "", 1, 0 },
		{ "system type\t\t: generic-loongson-machine\n\nprocessor\t\t: 0\n"
		  "Model Name\t\t: Loongson-3A5000\nCPU MHz\t\t\t: 2500.00\n",
		  "Loongson-3A5000", "", 1, 2500000 },
		{ "", "", "", 0, 0 },
		{ "model name", "", "", 0, 0 },
		{ "cpu MHz\t\t: 99999999999999999999\nmodel name\t:\n", "", "", 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cpu_model model = { 0 };

		cpu_model_parse(cases[i].text, strlen(cases[i].text), &model);
		cr_expect_str_eq(strbuf_str(&model.model), cases[i].model, "case %zu", i);
		cr_expect_str_eq(strbuf_str(&model.vendor), cases[i].vendor, "case %zu", i);
		cr_expect_eq(model.processors, cases[i].processors, "case %zu", i);
		cr_expect_eq(model.has_mhz, cases[i].milli_mhz != 0, "case %zu", i);
		cr_expect_eq(model.milli_mhz, cases[i].milli_mhz, "case %zu", i);
		cpu_model_release(&model);
	}
}

Test(cpu_facts, only_x86_says_whether_it_is_a_guest)
{
	static const struct {
		const char *flags;
		enum cpu_guest guest;
	} cases[] = {
		{ "flags\t: fpu tsc hypervisor\n", CPU_GUEST_YES },
		{ "flags\t: fpu tsc\n", CPU_GUEST_NO },
		{ "flags\t: fpu tsc nohypervisor\n", CPU_GUEST_NO },
		{ "Features\t: fp asimd\n", CPU_GUEST_UNKNOWN },
		{ "", CPU_GUEST_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cpu_model model = { 0 };

		cpu_model_parse(cases[i].flags, strlen(cases[i].flags), &model);
		cr_expect_eq(model.guest, cases[i].guest, "case %zu", i);
		cpu_model_release(&model);
	}
}
