/* SPDX-License-Identifier: MIT */
/*
 * Which processor it is, from the text of /proc/cpuinfo. Its lines differ by architecture (Linux,
 * arch/ARCH/kernel: cpuinfo, setup.c or proc.c): "model name" on x86, implementer and part
 * numbers on ARM (Arm's MIDR_EL1), "uarch" and "isa" on RISC-V, "machine" on s390, "cpu" on
 * POWER, "cpu model" on MIPS, "Model Name" on LoongArch. Pure.
 */
#pragma once

#include "base/strbuf.h"

/* Whether the processor is a virtual machine's: only x86 says so, by the flag "hypervisor". */
enum cpu_guest { CPU_GUEST_UNKNOWN, CPU_GUEST_NO, CPU_GUEST_YES };

struct cpu_model {
	struct strbuf model;  /* several kinds in one machine: joined with ", "; "": not told */
	struct strbuf vendor; /* "": not told */
	struct strbuf flags;  /* each ends with a NUL; empty: not told */
	bool has_mhz;
	uint64_t milli_mhz; /* of the first processor, at the moment */
	size_t processors;  /* how many the text lists */
	enum cpu_guest guest;
};

void cpu_model_release(struct cpu_model *model);
/* Adds what `len` bytes say; a text that is cut off is fine. */
void cpu_model_parse(const char *text, size_t len, struct cpu_model *ret);

/* Arm's name for an implementer and part number, NULL when it is not known. */
const char *arm_vendor(unsigned implementer);
const char *arm_part(unsigned implementer, unsigned part);
