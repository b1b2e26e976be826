/* SPDX-License-Identifier: MIT */
#include "base/library_init.h"

typedef void library_constructor(void);

/* The ends of the section, by the linker's names; both NULL when no library brought one. */
extern library_constructor *const section_start[] __asm__("__start_library_init_array")
	__attribute__((weak));
extern library_constructor *const section_end[] __asm__("__stop_library_init_array")
	__attribute__((weak));

void library_init(void)
{
	for (library_constructor *const *f = section_start; f != section_end; f++)
		(*f)();
}
