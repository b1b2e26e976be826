/* SPDX-License-Identifier: MIT */
#include "fs/file_list.h"

#include "base/path.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sys/syscall.h>

enum { ROOTS_OPEN_MAX = 8, PATH_AT_ONCE = 3000 };

struct dir_record {
	uint32_t parent;
	uint32_t name;
	uint32_t root;
};

/* What one thread has found. A number is index * workers + worker. */
struct share {
	_Alignas(64) struct {
		VEC_FIELDS(struct file_record);
	} files;
	struct {
		VEC_FIELDS(struct dir_record);
	} dirs;
	struct strbuf names;
	uint64_t last_device;
	uint16_t last_index;
};

struct file_list {
	unsigned workers;
	char *const *roots;
	bool follow;
	pthread_mutex_t lock; /* of the devices */
	struct {
		VEC_FIELDS(uint64_t);
	} devices;
	struct share *shares;
};

struct file_list *file_list_new(unsigned workers, char *const *roots, bool follow)
{
	struct file_list *list = mem_alloc_zeroed(sizeof(*list));

	list->workers = workers;
	list->roots = roots;
	list->follow = follow;
	list->shares = aligned_alloc(64, workers * sizeof(*list->shares));
	if (list->shares == NULL)
		mem_exhausted();
	memset(list->shares, 0, workers * sizeof(*list->shares));
	for (unsigned i = 0; i < workers; i++)
		list->shares[i].last_index = UINT16_MAX;
	(void)pthread_mutex_init(&list->lock, NULL);
	return list;
}

struct file_list *file_list_free(struct file_list *list)
{
	if (list == NULL)
		return NULL;
	for (unsigned i = 0; i < list->workers; i++) {
		vec_release(&list->shares[i].files);
		vec_release(&list->shares[i].dirs);
		strbuf_release(&list->shares[i].names);
	}
	free(list->shares);
	vec_release(&list->devices);
	(void)pthread_mutex_destroy(&list->lock);
	free(list);
	return NULL;
}

/* Numbers are 32 bits: a list that needs more is more than this machine's memory. */
static uint32_t number(const struct file_list *list, unsigned worker, size_t index)
{
	uint64_t n = (uint64_t)index * list->workers + worker;

	if (n >= FILE_LIST_NONE)
		mem_exhausted();
	return (uint32_t)n;
}

static uint32_t keep_name(struct share *share, const char *name, size_t len)
{
	size_t at = share->names.len;

	/* Offsets are 32 bits: 4 GiB of names found by one thread. */
	if (at > UINT32_MAX - len - 1)
		mem_exhausted();
	strbuf_add(&share->names, name, len);
	strbuf_add(&share->names, "", 1);
	return (uint32_t)at;
}

/* Few are to be expected: 65,535 file systems are beyond what the kernel mounts. */
static uint16_t device_index(struct file_list *list, struct share *share, uint64_t device)
{
	size_t i;

	if (share->last_index != UINT16_MAX && share->last_device == device)
		return share->last_index;
	(void)pthread_mutex_lock(&list->lock);
	for (i = 0; i < list->devices.len; i++)
		if (list->devices.items[i] == device)
			break;
	if (i == list->devices.len) {
		if (i == UINT16_MAX)
			mem_exhausted();
		vec_push(&list->devices, device);
	}
	(void)pthread_mutex_unlock(&list->lock);
	share->last_device = device;
	share->last_index = (uint16_t)i;
	return share->last_index;
}

uint32_t file_list_add_dir(struct file_list *list, const struct file_list_name *name)
{
	struct share *share = &list->shares[name->worker];
	uint32_t at = keep_name(share, name->name, name->len);

	vec_push(&share->dirs,
	         (struct dir_record){ .parent = name->parent, .name = at, .root = name->root });
	return number(list, name->worker, share->dirs.len - 1);
}

uint32_t file_list_add(struct file_list *list, const struct file_list_name *name,
                       const struct stat *st)
{
	struct share *share = &list->shares[name->worker];
	struct file_record record = {
		.size = (uint64_t)st->st_size,
		.ino = st->st_ino,
		.ctime_sec = st->st_ctim.tv_sec,
		.ctime_nsec = (uint32_t)st->st_ctim.tv_nsec,
		.dir = name->parent,
		.device = device_index(list, share, st->st_dev),
	};

	/* An operand stands in a directory without a name that remembers which it is. */
	if (record.dir == FILE_LIST_NONE) {
		struct file_list_name nowhere = *name;

		nowhere.len = 0;
		record.dir = file_list_add_dir(list, &nowhere);
	}
	record.name = keep_name(share, name->name, name->len);
	vec_push(&share->files, record);
	return number(list, name->worker, share->files.len - 1);
}

size_t file_list_len(const struct file_list *list)
{
	size_t n = 0;

	for (unsigned i = 0; i < list->workers; i++)
		n += list->shares[i].files.len;
	return n;
}

void file_list_each(const struct file_list *list, void (*visit)(uint32_t file, void *user),
                    void *user)
{
	for (unsigned i = 0; i < list->workers; i++)
		for (size_t k = 0; k < list->shares[i].files.len; k++)
			visit(number(list, i, k), user);
}

struct file_record *file_list_at(const struct file_list *list, uint32_t file)
{
	return &list->shares[file % list->workers].files.items[file / list->workers];
}

static const struct dir_record *dir_at(const struct file_list *list, uint32_t dir)
{
	return &list->shares[dir % list->workers].dirs.items[dir / list->workers];
}

static const char *dir_name(const struct file_list *list, uint32_t dir)
{
	return list->shares[dir % list->workers].names.data + dir_at(list, dir)->name;
}

size_t file_list_devices(const struct file_list *list, const uint64_t **ret)
{
	*ret = list->devices.items;
	return list->devices.len;
}

uint64_t file_list_device(const struct file_list *list, uint32_t file)
{
	return list->devices.items[file_list_at(list, file)->device];
}

uint32_t file_list_root(const struct file_list *list, uint32_t file)
{
	return dir_at(list, file_list_at(list, file)->dir)->root;
}

const char *file_list_name(const struct file_list *list, uint32_t file)
{
	return list->shares[file % list->workers].names.data + file_list_at(list, file)->name;
}

unsigned file_list_depth(const struct file_list *list, uint32_t file)
{
	uint32_t dir = file_list_at(list, file)->dir;
	unsigned depth = 0;

	if (dir_name(list, dir)[0] == '\0')
		return 0;
	for (; dir != FILE_LIST_NONE; dir = dir_at(list, dir)->parent)
		depth++;
	return depth;
}

/* The names between `stop` (left out) and `dir`, each with a slash behind it. */
static void add_names(const struct file_list *list, uint32_t dir, uint32_t stop, struct strbuf *ret)
{
	uint32_t stack[64];
	size_t n;

	for (n = 0; n < ARRAY_LEN(stack) && dir != stop; n++) {
		stack[n] = dir;
		dir = dir_at(list, dir)->parent;
	}
	/* Deeper than the stack: the upper part first, in another round. */
	if (dir != stop)
		add_names(list, dir, stop, ret);
	while (n-- > 0) {
		const char *name = dir_name(list, stack[n]);

		strbuf_add_str(ret, name);
		if (name[0] != '\0' && name[strlen(name) - 1] != '/')
			strbuf_add_char(ret, '/');
	}
}

void file_list_add_dir_path(const struct file_list *list, uint32_t dir, struct strbuf *ret)
{
	add_names(list, dir, FILE_LIST_NONE, ret);
	/* Of the slash behind the name only one that is the name stays. */
	if (ret->len > 1 && ret->data[ret->len - 1] == '/')
		strbuf_truncate(ret, ret->len - 1);
}

void file_list_add_path(const struct file_list *list, uint32_t file, struct strbuf *ret)
{
	add_names(list, file_list_at(list, file)->dir, FILE_LIST_NONE, ret);
	strbuf_add_str(ret, file_list_name(list, file));
}

int file_list_compare(const struct file_list *list, uint32_t a, uint32_t b)
{
	const struct file_record *ra = file_list_at(list, a);
	const struct file_record *rb = file_list_at(list, b);
	uint32_t root_a = dir_at(list, ra->dir)->root;
	uint32_t root_b = dir_at(list, rb->dir)->root;

	if (root_a != root_b)
		return root_a < root_b ? -1 : 1;
	if (ra->dir == rb->dir)
		return strcmp(file_list_name(list, a), file_list_name(list, b));

	AUTO_RELEASE_STRBUF struct strbuf path_a = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf path_b = { 0 };

	file_list_add_path(list, a, &path_a);
	file_list_add_path(list, b, &path_b);
	return strcmp(strbuf_str(&path_a), strbuf_str(&path_b));
}

bool file_list_is_same(const struct file_list *list, uint32_t file, const struct stat *st)
{
	const struct file_record *r = file_list_at(list, file);

	return S_ISREG(st->st_mode) && st->st_ino == r->ino &&
	       st->st_dev == list->devices.items[r->device] && (uint64_t)st->st_size == r->size &&
	       st->st_ctim.tv_sec == r->ctime_sec && (uint32_t)st->st_ctim.tv_nsec == r->ctime_nsec;
}

void file_list_update(struct file_list *list, uint32_t file, const struct stat *st)
{
	struct file_record *r = file_list_at(list, file);

	r->ctime_sec = st->st_ctim.tv_sec;
	r->ctime_nsec = (uint32_t)st->st_ctim.tv_nsec;
}

/* The directory of an operand, open. */
struct open_root {
	uint32_t root;
	int fd;
};

struct file_opener {
	const struct file_list *list;
	struct strbuf path;
	struct open_root open[ROOTS_OPEN_MAX];
	size_t used;
	size_t next; /* which one makes room */
	bool no_openat2;
};

struct file_opener *file_opener_new(const struct file_list *list)
{
	struct file_opener *o = mem_alloc_zeroed(sizeof(*o));

	o->list = list;
	return o;
}

struct file_opener *file_opener_free(struct file_opener *o)
{
	if (o == NULL)
		return NULL;
	for (size_t i = 0; i < o->used; i++)
		(void)close(o->open[i].fd);
	strbuf_release(&o->path);
	free(o);
	return NULL;
}

static int root_fd(struct file_opener *o, uint32_t root)
{
	size_t slot;
	int fd;

	for (size_t i = 0; i < o->used; i++)
		if (o->open[i].root == root)
			return o->open[i].fd;
	fd = open(o->list->roots[root], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (o->used < ROOTS_OPEN_MAX) {
		slot = o->used++;
	} else {
		slot = o->next++ % ROOTS_OPEN_MAX;
		(void)close(o->open[slot].fd);
	}
	o->open[slot] = (struct open_root){ root, fd };
	return fd;
}

/* One name after the other, where the kernel has no openat2(2) or the path is too long for it. */
static int open_by_names(const struct file_opener *o, int from, char *path, int flags)
{
	int dir_flags = O_PATH | O_DIRECTORY | O_CLOEXEC | (o->list->follow ? 0 : O_NOFOLLOW);
	AUTO_CLOSE int held = -1;
	char *slash;

	while ((slash = strchr(path, '/')) != NULL) {
		int next;

		*slash = '\0';
		next = openat(held >= 0 ? held : from, path, dir_flags);
		if (next < 0)
			return -errno;
		if (held >= 0)
			(void)close(held);
		held = next;
		path = slash + 1;
	}
	if (path[0] == '\0')
		path[0] = '.', path[1] = '\0';

	int fd = openat(held >= 0 ? held : from, path, flags);

	return fd >= 0 ? fd : -errno;
}

/* `o->path` in the directory `from`; "" is that directory. */
static int open_below(struct file_opener *o, int from, int flags)
{
	const struct open_how how = {
		.flags = (uint64_t)(unsigned)flags,
		.resolve = o->list->follow ? 0 : RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};

	if (o->path.len == 0)
		strbuf_add_char(&o->path, '.');
	if (!o->no_openat2 && o->path.len < PATH_AT_ONCE) {
		long fd = syscall(SYS_openat2, from, o->path.data, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		/* Old sandboxes answer EPERM to what they do not know. */
		if (errno != ENOSYS && errno != EPERM && errno != EAGAIN)
			return -errno;
		o->no_openat2 = errno == ENOSYS;
	}
	/* Room for the dot that a trailing slash becomes. */
	strbuf_add(&o->path, "", 1);
	return open_by_names(o, from, o->path.data, flags);
}

/* Where the walk began: the directory of the first operand's name. Sets o->path to the rest. */
static int begin_path(struct file_opener *o, uint32_t dir, int *ret_from)
{
	const struct file_list *list = o->list;
	uint32_t top = dir;
	int from;

	while (dir_at(list, top)->parent != FILE_LIST_NONE)
		top = dir_at(list, top)->parent;
	from = root_fd(o, dir_at(list, top)->root);
	if (from < 0)
		return from;
	strbuf_clear(&o->path);
	add_names(list, dir, top, &o->path);
	*ret_from = from;
	return 0;
}

static bool is_operand(const struct file_list *list, uint32_t file)
{
	return dir_name(list, file_list_at(list, file)->dir)[0] == '\0';
}

int file_opener_open(struct file_opener *o, uint32_t file)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int from;
	int r;

	if (is_operand(o->list, file)) {
		r = open(file_list_name(o->list, file), flags);
		return r >= 0 ? r : -errno;
	}
	r = begin_path(o, file_list_at(o->list, file)->dir, &from);
	if (r < 0)
		return r;
	strbuf_add_str(&o->path, file_list_name(o->list, file));
	return open_below(o, from, flags);
}

int file_opener_open_dir(struct file_opener *o, uint32_t file, const char **ret_name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	const char *name = file_list_name(o->list, file);
	int from;
	int r;

	if (is_operand(o->list, file)) {
		const char *base = path_base_name(name);

		strbuf_clear(&o->path);
		strbuf_add(&o->path, name, (size_t)(base - name));
		r = open(o->path.len != 0 ? o->path.data : ".", flags);
		if (r < 0)
			return -errno;
		*ret_name = base;
		return r;
	}
	r = begin_path(o, file_list_at(o->list, file)->dir, &from);
	if (r < 0)
		return r;
	r = open_below(o, from, flags);
	if (r >= 0)
		*ret_name = name;
	return r;
}
