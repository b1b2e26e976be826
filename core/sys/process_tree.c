/* SPDX-License-Identifier: MIT */
#include "sys/process_tree.h"

#include "sys/procfs.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

enum { GROUP_NAME_SIZE = 48 };

static const char *group_name(pid_t owner, char buffer[GROUP_NAME_SIZE])
{
	(void)snprintf(buffer, GROUP_NAME_SIZE, "dutybox-run-%d", (int)owner);
	return buffer;
}

static int begin_cgroup(struct process_tree *tree)
{
	char name[GROUP_NAME_SIZE];

	return cgroup_new(group_name(getpid(), name), &tree->cgroup);
}

void process_tree_clean_up(pid_t owner)
{
	char name[GROUP_NAME_SIZE];

	ignore(cgroup_remove(group_name(owner, name)));
}

int process_tree_begin(enum tree_reach wanted, struct process_tree *ret)
{
	struct process_tree tree = { .reach = wanted, .cgroup = CGROUP_NONE };

	tree.proc = procfs_open();
	if (tree.proc < 0)
		return tree.proc;
	if (wanted == TREE_AUTO || wanted == TREE_CGROUP) {
		int r = begin_cgroup(&tree);

		if (r < 0 && wanted == TREE_CGROUP) {
			(void)close(tree.proc);
			return r;
		}
		tree.reach = r < 0 ? TREE_DESCENDANTS : TREE_CGROUP;
	}
	/* Every kernel since 3.4 grants it. */
	if (process_tree_holds_orphans(&tree))
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
	*ret = tree;
	return 0;
}

void process_tree_end(struct process_tree *tree)
{
	ignore(cgroup_free(&tree->cgroup));
	if (tree->proc >= 0)
		(void)close(tree->proc);
	tree->proc = -1;
}

bool process_tree_holds_orphans(const struct process_tree *tree)
{
	return tree->reach == TREE_CGROUP || tree->reach == TREE_DESCENDANTS;
}

/* Those of a scan that the reach is about. */
static void keep_reached(const struct process_tree *tree, struct process_refs *refs)
{
	size_t kept = 0;

	if (process_tree_holds_orphans(tree)) {
		process_keep_descendants(refs, getpid());
		return;
	}
	for (size_t i = 0; i < refs->len; i++) {
		const struct process_ref *ref = &refs->items[i];
		bool reached = ref->pid == tree->leader;

		if (tree->reach == TREE_SESSION)
			reached = ref->session == tree->leader;
		else if (tree->reach == TREE_GROUP)
			reached = ref->group == tree->leader;
		if (reached && !proc_state_is_dead(ref->state))
			refs->items[kept++] = *ref;
	}
	refs->len = kept;
}

static int list_by_scan(const struct process_tree *tree, struct process_refs *ret)
{
	int r = process_scan(tree->proc, ret);

	if (r == 0)
		keep_reached(tree, ret);
	return r;
}

static int list_cgroup(const struct process_tree *tree, struct process_refs *ret)
{
	struct pid_list pids = { 0 };
	int r = cgroup_list(&tree->cgroup, &pids);

	vec_clear(ret);
	for (size_t i = 0; i < pids.len; i++) {
		struct process_ref ref;

		if (process_look(tree->proc, pids.items[i], &ref) == 0 &&
		    !proc_state_is_dead(ref.state))
			vec_push(ret, ref);
	}
	vec_release(&pids);
	return r;
}

int process_tree_list(const struct process_tree *tree, struct process_refs *ret)
{
	if (tree->reach == TREE_CGROUP) {
		int r = list_cgroup(tree, ret);

		/* Who left the group is still a descendant. */
		if (r < 0 || ret->len > 0)
			return r;
	}
	return list_by_scan(tree, ret);
}

static void count(struct tree_count *c, int r)
{
	if (r == 0)
		c->reached++;
	else if (r == -EPERM)
		c->denied++;
}

/*
 * The leader's group at one go, then the others one by one. The number of the group is only
 * used while the scan has seen a member: it could belong to somebody else by now.
 */
static struct tree_count signal_all(const struct process_tree *tree,
                                    const struct process_refs *refs, int signo)
{
	struct tree_count c = { 0 };
	bool group_done = false;

	for (size_t i = 0; i < refs->len; i++) {
		const struct process_ref *ref = &refs->items[i];

		if (ref->group != tree->leader || tree->reach == TREE_LEADER) {
			count(&c, process_signal(tree->proc, ref, signo));
		} else if (!group_done) {
			group_done = true;
			count(&c, kill(-tree->leader, signo) < 0 ? -errno : 0);
		} else {
			c.reached++;
		}
	}
	return c;
}

struct tree_count process_tree_signal(const struct process_tree *tree, int signo)
{
	struct process_refs refs = { 0 };
	struct tree_count c = { 0 };

	if (process_tree_list(tree, &refs) == 0) {
		c = signal_all(tree, &refs, signo);
		if (signo != SIGCONT && signo != SIGKILL && signo != SIGSTOP && signo != SIGTSTP)
			(void)signal_all(tree, &refs, SIGCONT);
	}
	vec_release(&refs);
	return c;
}

struct tree_count process_tree_kill(const struct process_tree *tree)
{
	struct process_refs refs = { 0 };
	struct tree_count c = { 0 };

	if (tree->reach == TREE_CGROUP && cgroup_kill(&tree->cgroup) == 0 &&
	    list_cgroup(tree, &refs) == 0 && refs.len > 0) {
		c.reached = (unsigned)refs.len;
	} else if (list_by_scan(tree, &refs) == 0) {
		for (size_t i = 0; i < refs.len; i++)
			count(&c, process_signal(tree->proc, &refs.items[i], SIGKILL));
	}
	vec_release(&refs);
	return c;
}
