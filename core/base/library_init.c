/* SPDX-License-Identifier: MIT */
#include "base/library_init.h"

typedef void library_constructor(void);

/* The linker's names for the ends of the section; both NULL when no library brought one. */
extern library_constructor *const __start_library_init_array[] __attribute__((weak));
extern library_constructor *const __stop_library_init_array[] __attribute__((weak));

void library_init(void)
{
	for (library_constructor *const *f = __start_library_init_array;
	     f != __stop_library_init_array; f++)
		(*f)();
}
