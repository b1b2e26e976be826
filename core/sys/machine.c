/* SPDX-License-Identifier: MIT */
#include "sys/machine.h"

#include "base/fdio.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static bool is_same_directory(int fd, const char *path)
{
	struct stat a;
	struct stat b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int machine_open(const char *dir, struct machine *ret)
{
	int fd = open(dir != NULL ? dir : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret = (struct machine){ .root = fd, .is_live = dir == NULL || is_same_directory(fd, "/") };
	return 0;
}

void machine_close(struct machine *m)
{
	if (m->root >= 0)
		(void)close(m->root);
	m->root = -1;
	for (size_t i = 0; i < m->troubles.len; i++)
		free((void *)(uintptr_t)m->troubles.items[i].source);
	vec_release(&m->troubles);
}

void machine_note(struct machine *m, const char *field, const char *source, int err)
{
	struct strbuf name = { 0 };

	for (size_t i = 0; i < m->troubles.len; i++)
		if (strcmp(m->troubles.items[i].field, field) == 0 &&
		    strcmp(m->troubles.items[i].source, source) == 0)
			return;
	strbuf_add_str(&name, source);
	vec_push(&m->troubles, (struct machine_trouble){ .field = field,
	                                                 .source = strbuf_detach(&name),
	                                                 .err = err });
}

int machine_openat(const struct machine *m, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	int fd;

	if (m->is_live) {
		fd = openat(m->root, path, flags | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	fd = (int)syscall(SYS_openat2, m->root, path, &how, sizeof(how));
	/* Before 5.6, and under filters that do not know it: links are then not followed. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(m->root, path, flags | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

int machine_read(const struct machine *m, const char *path, size_t limit, struct strbuf *ret)
{
	int fd = machine_openat(m, path, O_RDONLY | O_NONBLOCK);
	int r;

	strbuf_clear(ret);
	if (fd < 0)
		return fd;
	r = fdio_read_all(fd, limit, ret);
	(void)close(fd);
	return r;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void trim(const char **s, size_t *len)
{
	while (*len > 0 && is_blank((*s)[0])) {
		(*s)++;
		(*len)--;
	}
	while (*len > 0 && is_blank((*s)[*len - 1]))
		(*len)--;
}

int machine_read_line(const struct machine *m, const char *path, struct strbuf *ret)
{
	int r = machine_read(m, path, MACHINE_FILE_MAX, ret);
	const char *at;
	size_t len;

	if (r < 0 && r != -EFBIG)
		return r;
	at = strbuf_str(ret);
	/* device-tree strings end with a NUL, which is not part of them. */
	len = ret->len;
	if (len > 0 && at[len - 1] == '\0')
		len--;
	if (memchr(at, '\0', len) != NULL)
		return -EBADMSG;
	len = strcspn(at, "\n");
	trim(&at, &len);
	if (ret->data != NULL)
		memmove(ret->data, at, len);
	strbuf_truncate(ret, len);
	return 0;
}

int machine_read_u64(const struct machine *m, const char *path, uint64_t *ret)
{
	AUTO_RELEASE_STRBUF struct strbuf line = { 0 };
	int r = machine_read_line(m, path, &line);

	if (r < 0)
		return r;
	return num_parse_u64(strbuf_str(&line), ret) < 0 ? -EBADMSG : 0;
}

bool machine_has(const struct machine *m, const char *path)
{
	int fd = machine_openat(m, path, O_PATH);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

int machine_read_link(const struct machine *m, const char *path, struct strbuf *ret)
{
	char target[4096];
	int fd = machine_openat(m, path, O_PATH | O_NOFOLLOW);
	ssize_t len;

	strbuf_clear(ret);
	if (fd < 0)
		return fd;
	len = readlinkat(fd, "", target, sizeof(target));
	if (len < 0)
		len = -errno;
	(void)close(fd);
	if (len < 0)
		/* What is no link has nothing to say. */
		return len == -ENOENT ? -EINVAL : (int)len;
	strbuf_add(ret, target, (size_t)len);
	return 0;
}

const char *text_line(const char **at, const char *end, size_t *ret_len)
{
	const char *line = *at;
	const char *newline;

	if (line == NULL || line >= end)
		return NULL;
	newline = memchr(line, '\n', (size_t)(end - line));
	*ret_len = (size_t)((newline != NULL ? newline : end) - line);
	*at = newline != NULL ? newline + 1 : end;
	return line;
}

bool text_key(const char *line, size_t len, const char *key, const char **ret, size_t *ret_len)
{
	size_t key_len = strlen(key);

	if (len <= key_len || memcmp(line, key, key_len) != 0)
		return false;
	line += key_len;
	len -= key_len;
	while (len > 0 && (line[0] == ' ' || line[0] == '\t')) {
		line++;
		len--;
	}
	if (len == 0 || line[0] != ':')
		return false;
	line++;
	len--;
	trim(&line, &len);
	*ret = line;
	*ret_len = len;
	return true;
}

int text_scan_u64(const char *s, size_t len, uint64_t *ret, size_t *ret_used)
{
	uint64_t value = 0;
	size_t at = 0;
	size_t begin;

	while (at < len && (s[at] == ' ' || s[at] == '\t'))
		at++;
	begin = at;
	for (; at < len && s[at] >= '0' && s[at] <= '9'; at++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(s[at] - '0'), &value))
			return -ERANGE;
	}
	if (at == begin)
		return -EINVAL;
	*ret = value;
	if (ret_used != NULL)
		*ret_used = at;
	return 0;
}

int text_scan_fixed(const char *s, size_t len, int decimals, uint64_t *ret, size_t *ret_used)
{
	uint64_t value;
	size_t at;
	int r = text_scan_u64(s, len, &value, &at);
	bool in_fraction;

	if (r < 0)
		return r;
	in_fraction = at < len && s[at] == '.';
	at += in_fraction;
	for (int i = 0; i < decimals; i++) {
		in_fraction = in_fraction && at < len && s[at] >= '0' && s[at] <= '9';
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, in_fraction ? (uint64_t)(s[at] - '0') : 0,
		                           &value))
			return -ERANGE;
		at += in_fraction;
	}
	while (in_fraction && at < len && s[at] >= '0' && s[at] <= '9')
		at++;
	*ret = value;
	if (ret_used != NULL)
		*ret_used = at;
	return 0;
}
