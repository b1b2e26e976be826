/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <errno.h>

NO_RETURN void mem_exhausted(void)
{
	static const char message[] = "dutybox: out of memory\n";

	ignore(write(STDERR_FILENO, message, sizeof(message) - 1));
	_exit(3);
}

void *mem_alloc(size_t size)
{
	void *p = malloc(size != 0 ? size : 1);

	if (p == NULL)
		mem_exhausted();
	return p;
}

void *mem_alloc_zeroed(size_t size)
{
	void *p = calloc(1, size != 0 ? size : 1);

	if (p == NULL)
		mem_exhausted();
	return p;
}

void *mem_alloc_array(size_t n, size_t size)
{
	return mem_resize_array(NULL, n, size);
}

void *mem_resize(void *old, size_t size)
{
	void *p = realloc(old, size != 0 ? size : 1);

	if (p == NULL)
		mem_exhausted();
	return p;
}

void *mem_resize_array(void *old, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		mem_exhausted();
	return mem_resize(old, bytes);
}

char *mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

char *mem_strndup(const char *s, size_t len)
{
	char *copy = mem_alloc(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

void str_auto_free(char **p)
{
	free(*p);
	*p = NULL;
}

void fd_auto_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}
