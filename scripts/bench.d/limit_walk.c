/* SPDX-License-Identifier: MIT */
/*
 * limit_walk [-j THREADS] [-i] [-n] [-p] DIR: the least work that adds up a tree, to compare
 * with. One openat(), getdents64() until it returns nothing and one newfstatat() an entry, all
 * relative to the directory's descriptor. No hard-link table, no messages, nothing for devices
 * or loops: a lower bound, not a design.
 *
 *   -i  look entries up in inode order (helps a cold disk)
 *   -n  names only: no lookups
 *   -p  print every directory with the total below it, in the order they are finished
 *
 * Prints the total in KiB, as `du -s` does. Waiting directories form a stack shared by the
 * threads, so that few descriptors are open and the newest, warmest entries come first.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 65536, OUT_MAX = 65536, ENTRIES_MAX = BUFFER / 24, THREADS_MAX = 64 };

/* `unopened` keeps the descriptor, `unfinished` keeps the node: both count children and itself. */
struct node {
	struct node *parent;
	struct node *below;
	atomic_uint unopened;
	atomic_uint unfinished;
	atomic_ullong blocks;
	int fd;
	char name[];
};

struct worker {
	pthread_t thread;
	size_t out_len;
	char buffer[BUFFER] __attribute__((aligned(16)));
	struct dirent64 *entries[ENTRIES_MAX];
	char out[OUT_MAX];
};

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t more;
	struct node *top;
	size_t pending; /* nodes waiting or in work */
	unsigned idle;
} stack = { .mutex = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };

static bool inode_order;
static bool names_only;
static bool print_all;
static atomic_ullong grand_total;
static atomic_bool failed;

static void *must(void *memory)
{
	if (memory == NULL) {
		perror("limit_walk");
		exit(1);
	}
	return memory;
}

static struct node *node_new(struct node *parent, const char *name)
{
	const size_t size = strlen(name) + 1;
	struct node *node = must(malloc(offsetof(struct node, name) + size));

	node->parent = parent;
	node->below = NULL;
	atomic_init(&node->unopened, 1);
	atomic_init(&node->unfinished, 1);
	atomic_init(&node->blocks, 0);
	node->fd = -1;
	memcpy(node->name, name, size);
	if (parent != NULL) {
		atomic_fetch_add(&parent->unopened, 1);
		atomic_fetch_add(&parent->unfinished, 1);
	}
	return node;
}

static void push(struct node *node)
{
	bool wake;

	pthread_mutex_lock(&stack.mutex);
	node->below = stack.top;
	stack.top = node;
	stack.pending++;
	wake = stack.idle > 0;
	pthread_mutex_unlock(&stack.mutex);
	if (wake)
		pthread_cond_signal(&stack.more);
}

/* The next directory, after the one in work (if any) is done with; NULL when all are. */
static struct node *pop(bool had_one)
{
	struct node *node;

	pthread_mutex_lock(&stack.mutex);
	if (had_one && --stack.pending == 0)
		pthread_cond_broadcast(&stack.more);
	while (stack.top == NULL && stack.pending > 0) {
		stack.idle++;
		pthread_cond_wait(&stack.more, &stack.mutex);
		stack.idle--;
	}
	node = stack.top;
	if (node != NULL)
		stack.top = node->below;
	pthread_mutex_unlock(&stack.mutex);
	return node;
}

static void flush(struct worker *worker)
{
	size_t done = 0;

	while (done < worker->out_len) {
		const ssize_t n = write(STDOUT_FILENO, worker->out + done, worker->out_len - done);

		if (n < 0) {
			atomic_store(&failed, true);
			break;
		}
		done += (size_t)n;
	}
	worker->out_len = 0;
}

static void print_node(struct worker *worker, const struct node *node, unsigned long long kib)
{
	size_t len = 0;
	char *end;

	for (const struct node *n = node; n != NULL; n = n->parent)
		len += strlen(n->name) + 1;
	if (len + 32 > OUT_MAX) {
		atomic_store(&failed, true);
		return;
	}
	if (worker->out_len + len + 32 > OUT_MAX)
		flush(worker);
	worker->out_len += (size_t)sprintf(worker->out + worker->out_len, "%llu\t", kib);
	end = worker->out + worker->out_len + len;
	worker->out_len += len;
	*--end = '\n';
	for (const struct node *n = node; n != NULL; n = n->parent) {
		const size_t part = strlen(n->name);

		end -= part;
		memcpy(end, n->name, part);
		if (n->parent != NULL)
			*--end = '/';
	}
}

static void close_unused(struct node *node)
{
	if (atomic_fetch_sub(&node->unopened, 1) == 1 && node->fd >= 0)
		(void)close(node->fd);
}

/* Hands totals upwards for as long as a directory has no unfinished child left. */
static void finish(struct worker *worker, struct node *node)
{
	while (node != NULL && atomic_fetch_sub(&node->unfinished, 1) == 1) {
		const unsigned long long blocks = atomic_load(&node->blocks);
		struct node *parent = node->parent;

		if (print_all)
			print_node(worker, node, (blocks + 1) / 2);
		if (parent != NULL)
			atomic_fetch_add(&parent->blocks, blocks);
		else
			atomic_store(&grand_total, (blocks + 1) / 2);
		free(node);
		node = parent;
	}
}

static unsigned long long visit(struct node *node, const struct dirent64 *entry)
{
	struct stat st;

	if (entry->d_type == DT_DIR) {
		push(node_new(node, entry->d_name));
		return 0;
	}
	if (names_only || fstatat(node->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return (unsigned long long)st.st_blocks;
}

static bool is_dot(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static int by_inode(const void *a, const void *b)
{
	const uint64_t x = (*(struct dirent64 *const *)a)->d_ino;
	const uint64_t y = (*(struct dirent64 *const *)b)->d_ino;

	return (x > y) - (x < y);
}

static unsigned long long visit_all(struct worker *worker, struct node *node, size_t bytes)
{
	unsigned long long blocks = 0;
	size_t count = 0;

	for (size_t at = 0; at < bytes;) {
		struct dirent64 *entry = (struct dirent64 *)(void *)(worker->buffer + at);

		at += entry->d_reclen;
		if (!is_dot(entry->d_name))
			worker->entries[count++] = entry;
	}
	if (inode_order)
		qsort(worker->entries, count, sizeof(struct dirent64 *), by_inode);
	for (size_t i = 0; i < count; i++)
		blocks += visit(node, worker->entries[i]);
	return blocks;
}

static void walk_one(struct worker *worker, struct node *node)
{
	const int parent_fd = node->parent != NULL ? node->parent->fd : AT_FDCWD;
	unsigned long long blocks = 0;
	struct stat st;
	ssize_t n = -1;

	node->fd = openat(parent_fd, node->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (node->parent != NULL)
		close_unused(node->parent);
	if (node->fd >= 0) {
		if (!names_only && fstat(node->fd, &st) == 0)
			blocks += (unsigned long long)st.st_blocks;
		while ((n = getdents64(node->fd, worker->buffer, BUFFER)) > 0)
			blocks += visit_all(worker, node, (size_t)n);
	}
	if (n < 0) {
		(void)fprintf(stderr, "limit_walk: '%s': %s\n", node->name, strerror(errno));
		atomic_store(&failed, true);
	}
	atomic_fetch_add(&node->blocks, blocks);
	close_unused(node);
	finish(worker, node);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct node *node = pop(false);

	while (node != NULL) {
		walk_one(worker, node);
		node = pop(true);
	}
	flush(worker);
	return NULL;
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void walk(const char *root, unsigned threads)
{
	struct worker *workers[THREADS_MAX];

	raise_descriptor_limit();
	push(node_new(NULL, root));
	for (unsigned i = 0; i < threads; i++) {
		workers[i] = must(malloc(sizeof(struct worker)));
		workers[i]->out_len = 0;
		if (i > 0 && pthread_create(&workers[i]->thread, NULL, work, workers[i]) != 0) {
			(void)fputs("limit_walk: cannot start a thread\n", stderr);
			exit(1);
		}
	}
	(void)work(workers[0]);
	for (unsigned i = 1; i < threads; i++)
		(void)pthread_join(workers[i]->thread, NULL);
	for (unsigned i = 0; i < threads; i++)
		free(workers[i]);
}

int main(int argc, char **argv)
{
	unsigned long threads = 1;
	bool usage = false;
	int option;

	while ((option = getopt(argc, argv, "j:inp")) >= 0) {
		if (option == 'j')
			threads = strtoul(optarg, NULL, 10);
		else if (option == 'i')
			inode_order = true;
		else if (option == 'n')
			names_only = true;
		else if (option == 'p')
			print_all = true;
		else
			usage = true;
	}
	if (usage || optind + 1 != argc || threads < 1 || threads > THREADS_MAX) {
		(void)fputs("usage: limit_walk [-j THREADS] [-i] [-n] [-p] DIR\n", stderr);
		return 2;
	}
	walk(argv[optind], (unsigned)threads);
	if (!print_all && printf("%llu\t%s\n", atomic_load(&grand_total), argv[optind]) < 0)
		return 1;
	if (fflush(stdout) != 0 || atomic_load(&failed))
		return 1;
	return 0;
}
