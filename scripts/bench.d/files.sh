# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Applets that change a whole tree. It lies in memory, so that the programs are compared, not disks.

# memory_tree: where it may be made; nothing when there is no memory file system to write to.
memory_tree() {
	[[ -w /dev/shm ]] || return 1
	printf '/dev/shm/dutybox-bench.%s' "$$"
}

job_perms() {
	local tree make
	tree=$(memory_tree) || return 0
	make=$(helper make_many)
	table perms 'Other permissions for 500,000 files, in memory' threads=1 \
		"runs=$(pick 5 2)" warmup=1 "prepare=chmod -R u=rwX,go=rX $tree"
	"$make" "$tree" "$(pick 500000 20000)"
	ours 'dutybox perms' - perms --files=0600 --dirs=0700 "$tree"
	peer chmod 'chmod -R' 'faster 1.5' -R u=rwX,go= "$tree"
	peer busybox 'busybox chmod -R' 'faster 1.5' chmod -R 0700 "$tree"
	ours 'dutybox perms, nothing to do' - perms "$tree"
	peer chmod 'chmod -R, nothing to do' 'faster 1.5' -R u=rwX,go=rX "$tree"
	measure
	rm -rf -- "$tree"
}

job_remove() {
	local tree make
	tree=$(memory_tree) || return 0
	make=$(helper make_many)
	table remove 'Removing 500,000 files, in memory' threads=1 "runs=$(pick 5 2)" warmup=0 \
		"prepare=sh -c 'rm -rf $tree && $make $tree $(pick 500000 20000)'"
	ours 'dutybox remove -rf' - remove -rf "$tree"
	peer rm 'rm -rf' 'faster 1.5' -rf "$tree"
	peer busybox 'busybox rm -rf' 'faster 1.5' rm -rf "$tree"
	measure
	rm -rf -- "$tree"
}
