# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What sync is measured by: whole trees in memory, so that the work is measured and not the disk.
# shellcheck disable=SC2034 # JOBS is read by scripts/bench, WRAP by measure.sh

JOBS+=(
	'sync|job_sync|one tree made equal to another, in memory: first, again, 1 % changed (W)'
	'sync-big|job_sync_big|five big files, in memory'
	'sync-calls|job_sync_calls|sync: system calls for 1000 files, counted'
)

# A directory on a tmpfs with room for KIB, or nothing. The caller removes it.
memory_dir() {
	local kib
	[[ $(stat -f -c %T /dev/shm 2>/dev/null) == tmpfs ]] || return 1
	kib=$(df -k --output=avail /dev/shm | tail -n 1)
	((kib > $1)) || return 1
	mktemp -d /dev/shm/dutybox-bench.XXXXXX
}

job_sync() {
	local memory cpu=''
	memory=$(memory_dir "$(pick 6000000 300000)") || {
		table sync 'Making trees equal, in memory'
		skip_table 'no tmpfs with enough room at /dev/shm'
		return
	}
	cp -a -- "$(corpus W)" "$memory/src"
	(cd "$memory/src" && find . -type f | awk 'NR % 100 == 1') >"$memory/changed"
	cd "$memory" || return
	if have taskset; then
		cpu=$(first_cpu)
		sync_tables 'one CPU' 1 1.3 1.7 "$cpu"
	fi
	sync_tables 'all CPUs' 2 2.0 3.0
	cd "$ROOT" || return
	rm -rf -- "$memory"
}

# sync_tables LABEL JOBS FIRST_GOAL SAME_GOAL [CPU]
sync_tables() {
	local threads=$(($2 > 1)) words=()
	((threads)) || words=(-j1)
	table "sync-first-$2" "First copy of W, in memory, $1" "threads=$threads" "runs=$(pick 5 2)" \
		'prepare=rm -rf dst'
	[[ -z ${5-} ]] || WRAP=(taskset -c "$5")
	ours 'dutybox sync' - sync "${words[@]}" src dst
	peer cp 'cp -a' "faster $3" -a src/. dst
	peer rsync 'rsync -a' 'faster 4.0' -a src/ dst/
	measure
	"$BINARY" sync --delete --allow=max-delete src dst
	table "sync-same-$2" "W again, nothing changed, in memory, $1" "threads=$threads" \
		"runs=$(pick 7 3)"
	[[ -z ${5-} ]] || WRAP=(taskset -c "$5")
	ours 'dutybox sync --delete' 'peak 32' sync "${words[@]}" --delete src dst
	peer rsync 'rsync -a --delete' "faster $4" -a --delete src/ dst/
	measure
	table "sync-changed-$2" "W again, 1 % of the files changed, in memory, $1" \
		"threads=$threads" "runs=$(pick 7 3)" \
		'prepare=sh -c "cd dst && xargs touch -d @1 <../changed"'
	[[ -z ${5-} ]] || WRAP=(taskset -c "$5")
	ours 'dutybox sync' - sync "${words[@]}" src dst
	peer rsync 'rsync -a' 'faster 2.0' -a src/ dst/
	measure
}

job_sync_big() {
	local memory i
	memory=$(memory_dir "$(pick 6000000 300000)") || {
		table sync-big 'Five big files, in memory'
		skip_table 'no tmpfs with enough room at /dev/shm'
		return
	}
	mkdir -- "$memory/src"
	for i in {1..5}; do
		head -c "$(pick 400M 20M)" /dev/urandom >"$memory/src/$i"
	done
	cd "$memory" || return
	table sync-big "Five files of $(pick 400 20) MiB, in memory" "runs=$(pick 7 2)" \
		'prepare=rm -rf dst'
	ours 'dutybox sync' - sync src dst
	peer cp 'cp -a' 'within 1.05' -a src/. dst
	peer rsync 'rsync -a' 'faster 2.0' -a src/ dst/
	measure
	cd "$ROOT" || return
	rm -rf -- "$memory"
}

# 1000 files in one new directory: 10 calls a file, and when nothing changed 2.5; 200 are the start.
job_sync_calls() {
	local title='sync, system calls for 1000 files' tree=$SCRATCH/sync-calls i
	COUNT_ROWS=''
	note_counting_tools
	mkdir -p -- "$tree/src/dir"
	for i in {1..1000}; do
		printf '%s' "$i" >"$tree/src/dir/$i"
	done
	emit '' "### $title" '' '| program | instructions | system calls | shared objects | goal |' \
		'|---|---:|---:|---:|---|'
	# It runs twice, each time into a directory of its own.
	# shellcheck disable=SC2016
	counts_row '**dutybox sync**, first copy' 0 10300 \
		sh -c 'exec "$0" sync -j1 "$1/src" "$1/to.$$"' "$BINARY" "$tree"
	"$BINARY" sync "$tree/src" "$tree/dst"
	counts_row '**dutybox sync**, nothing changed' 0 2700 "$BINARY" sync -j1 "$tree/src" "$tree/dst"
	add_json sync-calls "$title" yes "$COUNT_ROWS"
	rm -rf -- "$tree"
}
