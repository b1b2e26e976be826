# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What is measured. A job is a function here and a line in JOBS; see measure.sh for the verbs.
# shellcheck disable=SC2034 # JOBS is read by scripts/bench, WRAP by measure.sh

JOBS=(
	'startup|job_startup|start of the program, by time and by exact counts'
	'which|job_which|which: one name and 100 names, PATH of 13 directories'
	'ls|job_ls|listings: flat (F), recursive (W), streamed, /etc'
	'ls-memory|job_ls_memory|peak memory of listings of a flat directory (F)'
	'glob|job_glob|paths by pattern: names alone and with sizes (W), one CPU and all'
	'glob-memory|job_glob_memory|peak memory of paths by pattern (W)'
	'du|job_du|disk usage, warm, all CPUs: one total (W, R) and every directory (W)'
	'du1|job_du1|disk usage, warm, one CPU'
	'du-cold|job_du_cold|disk usage, nothing cached (root only)'
	'dupes|job_dupes|equal files (D), warm, all CPUs and one; peak memory'
	'dupes-cold|job_dupes_cold|equal files (D), nothing cached (root only)'
	'dupes-many|job_dupes_many|a million small files of one size (M): time and peak memory'
	'dupes-dirs|job_dupes_dirs|equal directories (M), and the files in them'
	'du-memory|job_du_memory|peak memory of disk usage: a deep tree (W), a flat directory (F)'
	'run|job_run|what run and timeout add to a command; peak memory of 1 GiB held back'
	'run-parallel|job_run_parallel|1,000 trivial jobs, two at a time, grouped and not'
	'path|job_path|what env adds to a command; one path taken apart, and many at once'
	'processes|job_processes|processes by name and command line among 2,000'
	'sysinfo|job_sysinfo|facts about the machine: all of them, and one'
	'leaks|job_leaks|processes left running after a time limit, and when the tool is killed'
	'verify|job_verify|a list of one file of 1 GiB, checked; what is cached'
)

job_startup() {
	table startup 'Start-up' "runs=$(pick 500 50)" warmup=10
	WRAP=(env PATH=/usr/local/bin:/usr/bin:/bin)
	ours 'dutybox --version' - --version
	limit empty 'empty C program (limit)' 'within 1.15'
	peer busybox 'busybox true' 'within 0.9' true
	peer toybox 'toybox true' 'faster 1.0' true
	ours 'dutybox --list' - --list
	ours 'dutybox which ls' - which ls
	peer busybox 'busybox which ls' 'within 0.9' which ls
	peer toybox 'toybox which ls' 'faster 1.0' which ls
	measure
	startup_counts
}

startup_counts() {
	local title='Start-up, exact counts' empty tool path
	COUNT_ROWS=''
	note_counting_tools
	empty=$(helper empty)
	emit '' "### $title" '' '| program | instructions | system calls | shared objects | goal |' \
		'|---|---:|---:|---:|---|'
	# The first thing an applet does is to look at its output; before that is the price of a start.
	CALLS_UNTIL='TCGETS'
	counts_row '**dutybox which ls** (system calls: before the applet)' 200000 32 "$BINARY" which ls
	CALLS_UNTIL=''
	counts_row '**dutybox --version**' 200000 0 "$BINARY" --version
	counts_row 'empty C program' 0 0 "$empty"
	for tool in busybox toybox; do
		path=$(tool_path "$tool") || continue
		counts_row "$tool true" 0 0 "$path" true
	done
	add_json startup "$title" yes "$COUNT_ROWS"
}

job_which() {
	local tree names=() i
	tree=$(corpus P)
	for i in {1..100}; do
		names+=("command$i")
	done
	table which 'which, PATH of 13 directories' "runs=$(pick 300 40)" warmup=5
	WRAP=(env "PATH=$(path_list "$tree")")
	which_rows '1 name' 1.0 'within 0.9' command50
	which_rows '100 names' 2.5 'faster 1.5' "${names[@]}"
	measure
}

# which_rows LABEL DEBIANUTILS_BOUND BUSYBOX_GOAL NAME...
which_rows() {
	ours "dutybox which, $1" - which "${@:4}"
	peer which.debianutils "debianutils which, $1" "faster $2" "${@:4}"
	peer busybox "busybox which, $1" "$3" which "${@:4}"
	peer toybox "toybox which, $1" 'faster 1.0' which "${@:4}"
	limit limit_which "bare loop (limit), $1" 'within 1.15' "${@:4}"
}

# Patterns are relative to the working directory, so all run in the tree.
job_glob() {
	local tree
	tree=$(corpus W)
	cd "$tree" || return
	if have taskset; then
		table glob "**/*.c in W, one CPU" "runs=$(pick 7 3)"
		WRAP=(taskset -c "$(first_cpu)")
		glob_rows 1.7 1
		measure
	fi
	table glob '**/*.c in W, all CPUs' threads=1 "runs=$(pick 7 3)"
	glob_rows 2.5 2
	measure
	table glob 'regular files over 400 bytes in W, all CPUs' threads=1 "runs=$(pick 5 2)"
	ours 'dutybox glob -t f -S +401' - glob --sort=none -t f -S +401 '**'
	peer bfs 'bfs -type f -size +400c' 'faster 2.0' . -type f -size +400c
	peer find 'find -type f -size +400c' 'faster 2.0' . -type f -size +400c
	peer fdfind 'fd -u -t f -S +401b' 'faster 3.0' -u -t f -S +401b
	measure
	cd "$ROOT" || return
}

# glob_rows GOAL THREADS
glob_rows() {
	local jobs=()
	(($2 > 1)) || jobs=(-j 1)
	ours 'dutybox glob (sorted)' - glob '**/*.c'
	ours 'dutybox glob --sort=none' - glob --sort=none '**/*.c'
	peer bfs 'bfs -name' "faster $1" . -name '*.c'
	peer fdfind 'fd -u -g' "faster $1" "${jobs[@]}" -u -g '*.c'
	peer rg 'rg --files -uu -g' "faster $1" "${jobs[@]}" --files -uu -g '*.c'
	peer find 'find -name' "faster $1" . -name '*.c'
	peer busybox 'busybox find -name' 'faster 1.0' find . -name '*.c'
	peer toybox 'toybox find -name' 'faster 1.0' find . -name '*.c'
	limit limit_walk "bare loop, $2 thread(s), nothing printed (limit)" 'within 1.25' -n -j "$2" .
}

job_glob_memory() {
	local tree
	tree=$(corpus W)
	cd "$tree" || return
	table glob-memory '**/*.c in W, peak memory' timed=0 "peaks=$(pick 3 1)"
	ours 'dutybox glob --sort=none' 'peak 4' glob --sort=none '**/*.c'
	ours 'dutybox glob (sorted)' - glob '**/*.c'
	peer bfs 'bfs -name' - . -name '*.c'
	peer fdfind 'fd -u -g' - -u -g '*.c'
	peer rg 'rg --files -uu -g' - --files -uu -g '*.c'
	peer find 'find -name' - . -name '*.c'
	measure
	cd "$ROOT" || return
}

job_du() {
	local tree
	tree=$(corpus W)
	table du 'Disk usage of W, total, warm, all CPUs' threads=1 "runs=$(pick 7 3)"
	du_rows "$tree" 2.0 1.15 2
	measure

	tree=$(corpus R)
	table du 'Disk usage of R, total, warm, all CPUs' threads=1 "runs=$(pick 15 3)"
	du_rows "$tree" 1.0 1.15 2
	measure

	tree=$(corpus W)
	table du 'Disk usage of W, every directory, warm, all CPUs' threads=1 "runs=$(pick 7 3)"
	ours 'dutybox du' - du "$tree"
	peer du 'GNU du' 'faster 1.0' "$tree"
	limit limit_walk 'bare loop, 2 threads (limit)' 'within 1.15' -p -j 2 "$tree"
	measure
}

job_du1() {
	local tree
	table du1 'Disk usage of W, total, warm, one CPU' "runs=$(pick 7 3)"
	if ! have taskset; then
		skip_table 'taskset is not installed'
		return
	fi
	tree=$(corpus W)
	WRAP=(taskset -c "$(first_cpu)")
	du_rows "$tree" 1.0 1.1 1
	measure
}

# The first CPU this process may use: 0 unless somebody has set an affinity.
first_cpu() {
	sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status
}

# du_rows TREE GNU_GOAL LIMIT_GOAL THREADS
du_rows() {
	ours 'dutybox du -s' - du -s "$1"
	peer du 'GNU du -s' "faster $2" -s "$1"
	peer toybox 'toybox du -s' 'faster 1.0' du -s "$1"
	peer busybox 'busybox du -s' 'faster 1.0' du -s "$1"
	peer ncdu 'ncdu -0 -o /dev/null' 'faster 1.0' -0 -o /dev/null "$1"
	peer duc 'duc index' 'faster 1.0' index -q -d "$SCRATCH/duc.db" "$1"
	peer gdu 'gdu -npc' 'faster 1.0' -npc "$1"
	limit limit_walk "bare loop, $4 thread(s) (limit)" "within $3" -j "$4" "$1"
}

# cold_table NAME TITLE: a table whose every run begins with empty caches. 1 when it is skipped.
cold_table() {
	local drop=/proc/sys/vm/drop_caches
	table "$1" "$2" threads=1 "runs=$(pick 3 2)" warmup=0 "prepare=sh -c 'echo 3 >$drop'"
	if ((EUID != 0)); then
		skip_table 'only root can drop the caches'
		return 1
	elif [[ ! -w $drop ]]; then
		skip_table "$drop is not writable here"
		return 1
	fi
}

job_du_cold() {
	local tree
	cold_table du-cold 'Disk usage of W, total, nothing cached' || return 0
	tree=$(corpus W)
	ours 'dutybox du -s' - du -s "$tree"
	peer du 'GNU du -s' 'faster 1.8' -s "$tree"
	peer gdu 'gdu -npc' 'faster 1.0' -npc "$tree"
	limit limit_walk 'bare loop, 8 threads, inode order (limit)' 'within 1.15' -j 8 -i "$tree"
	measure
}

job_du_memory() {
	local name tree
	for name in W F; do
		tree=$(corpus "$name")
		table du-memory "Disk usage of $name, peak memory" timed=0 "peaks=$(pick 3 1)"
		ours 'dutybox du -s' 'peak 8' du -s "$tree"
		peer du 'GNU du -s' - -s "$tree"
		peer toybox 'toybox du -s' - du -s "$tree"
		peer busybox 'busybox du -s' - du -s "$tree"
		peer ncdu 'ncdu -0 -o /dev/null' - -0 -o /dev/null "$tree"
		peer duc 'duc index' - index -q -d "$SCRATCH/duc.db" "$tree"
		peer gdu 'gdu -npc' - -npc "$tree"
		limit limit_walk 'bare loop, 2 threads (limit)' - -j 2 "$tree"
		measure
	done
}

job_ls() {
	local tree
	WRAP=(env LC_ALL=C TZ=UTC)
	tree=$(corpus F)
	table ls 'ls -la of F' "runs=$(pick 9 3)"
	ls_rows 1.7 -la "$tree"
	measure
	table ls 'ls of F, names alone' "runs=$(pick 9 3)"
	ls_rows 1.0 -1 "$tree"
	measure
	table ls 'ls -U of F, streamed' "runs=$(pick 9 3)"
	ours 'dutybox ls -U' - ls -U "$tree"
	peer ls 'GNU ls -U' 'faster 1.0' -U "$tree"
	measure

	tree=$(corpus W)
	table ls 'ls -laR of W' "runs=$(pick 5 2)"
	ls_rows 2.5 -laR "$tree"
	measure

	table ls 'ls /etc' "runs=$(pick 300 40)" warmup=10
	ls_rows 1.0 /etc
	measure
}

# ls_rows GNU_GOAL ARGUMENT...
ls_rows() {
	ours 'dutybox ls' - ls "${@:2}"
	peer ls 'GNU ls' "faster $1" "${@:2}"
	peer busybox 'busybox ls' 'faster 1.0' ls "${@:2}"
	peer toybox 'toybox ls' 'faster 1.0' ls "${@:2}"
	peer exa 'exa' 'faster 1.0' "${@:2}"
	peer lsd 'lsd' 'faster 1.0' "${@:2}"
}

job_ls_memory() {
	local tree
	tree=$(corpus F)
	table ls-memory 'Listings of F, peak memory' timed=0 "peaks=$(pick 3 1)"
	ours 'dutybox ls -la' 'peak 31' ls -la "$tree"
	peer ls 'GNU ls -la' - -la "$tree"
	peer busybox 'busybox ls -la' - ls -la "$tree"
	peer toybox 'toybox ls -la' - ls -la "$tree"
	ours 'dutybox ls -U' 'peak 4' ls -U "$tree"
	peer ls 'GNU ls -U' - -U "$tree"
	measure
}

job_dupes() {
	local tree
	tree=$(corpus D)
	table dupes 'Equal files of D, warm, all CPUs' threads=1 "runs=$(pick 5 2)"
	dupes_rows "$tree" 1.9 2.0
	measure

	table dupes 'Equal files of D, warm, one CPU' "runs=$(pick 5 2)"
	if have taskset; then
		WRAP=(taskset -c "$(first_cpu)")
		dupes_rows "$tree" 1.3 2.0
		measure
	else
		skip_table 'taskset is not installed'
	fi

	table dupes 'Equal files of D, peak memory' timed=0 "peaks=$(pick 3 1)"
	ours 'dutybox dupes' 'peak 16' dupes "$tree"
	peer jdupes 'jdupes' - -rq "$tree"
	peer fdupes 'fdupes' - -rq "$tree"
	peer rdfind 'rdfind -dryrun' - -dryrun true -outputname "$SCRATCH/rdfind.txt" "$tree"
	measure
}

# dupes_rows TREE HASH_GOAL BYTES_GOAL: ours always compares bytes; jdupes -Q trusts a 64-bit hash.
dupes_rows() {
	ours 'dutybox dupes' - dupes "$1"
	peer jdupes 'jdupes -Q (no proof)' "faster $2" -rqQ "$1"
	peer jdupes 'jdupes' "faster $3" -rq "$1"
	peer rdfind 'rdfind -dryrun' "faster $3" -dryrun true -outputname "$SCRATCH/rdfind.txt" "$1"
	peer rmlint 'rmlint' "faster $3" -T df -o "summary:$SCRATCH/rmlint.txt" "$1"
	peer fdupes 'fdupes' "faster $3" -rq "$1"
	ours 'dutybox dupes --hash=sha256' - dupes --hash=sha256 "$1"
}

job_dupes_cold() {
	local tree
	cold_table dupes-cold 'Equal files of D, nothing cached' || return 0
	tree=$(corpus D)
	ours 'dutybox dupes' - dupes "$tree"
	peer jdupes 'jdupes -Q (no proof)' 'faster 2.0' -rqQ "$tree"
	measure
}

job_dupes_many() {
	local tree
	tree=$(corpus M)
	table dupes-many 'A million files of one size, warm, all CPUs' threads=1 "runs=$(pick 3 2)" \
		"peaks=$(pick 2 1)"
	ours 'dutybox dupes' 'peak 170' dupes "$tree"
	peer jdupes 'jdupes -Q (no proof)' - -rqQ "$tree"
	peer jdupes 'jdupes' - -rq "$tree"
	peer fdupes 'fdupes' - -rq "$tree"
	measure
}

job_dupes_dirs() {
	local tree
	tree=$(corpus M)
	table dupes-dirs 'Equal directories of M, warm' threads=1 "runs=$(pick 3 2)"
	ours 'dutybox dupes --dirs' - dupes --dirs "$tree"
	ours 'dutybox dupes' - dupes "$tree"
	measure
}

job_verify() {
	local file=$SCRATCH/verify.data list=$SCRATCH/verify.sums
	table verify 'Checking the SHA-256 of a file of 1 GiB, warm' threads=1 \
		"runs=$(pick 5 2)" warmup=1
	head -c "$(pick 1G 64M)" /dev/urandom >"$file"
	(cd "$SCRATCH" && sha256sum -- verify.data >"$list")
	cd "$SCRATCH" || return
	ours 'dutybox verify --check' - verify --check --quiet "$list"
	peer sha256sum 'sha256sum --check' 'faster 2.0' --check --quiet "$list"
	peer busybox 'busybox sha256sum -c' 'faster 1.0' sha256sum -c "$list"
	cp -- "$file" "$file.copy"
	ours 'dutybox verify, two files' - verify "$file" "$file.copy"
	peer cmp 'cmp, two files' 'faster 1.0' "$file" "$file.copy"
	measure
	rm -f -- "$file" "$file.copy" "$list"
}

job_sysinfo() {
	table sysinfo 'All facts about the machine' "runs=$(pick 300 40)" warmup=5
	ours 'dutybox sysinfo' - sysinfo
	peer lscpu 'lscpu (processors alone)' 'faster 1.0'
	measure
	table sysinfo 'All facts about the machine, beside scripts' "runs=$(pick 10 3)"
	ours 'dutybox sysinfo' - sysinfo
	peer neofetch 'neofetch --stdout' 'faster 40' --stdout
	peer inxi 'inxi -b' 'faster 150' -b -c 0
	measure
	table sysinfo-field 'One fact' "runs=$(pick 500 50)" warmup=10
	ours 'dutybox sysinfo system.kernel_release' - sysinfo system.kernel_release
	peer uname 'uname -r' 'within 1.5' -r
	ours 'dutybox sysinfo cpu.usable' - sysinfo cpu.usable
	peer nproc 'nproc' 'within 1.5'
	ours 'dutybox sysinfo memory.total_bytes' - sysinfo memory.total_bytes
	peer free 'free -b' 'within 1.5' -b
	measure
}

job_path() {
	local names
	table env 'A command with one variable more' "runs=$(pick 500 50)" warmup=10
	ours 'dutybox env A=1 true' - env A=1 true
	peer env 'GNU env A=1 true' 'within 1.5' A=1 true
	measure
	table path 'One path' "runs=$(pick 500 50)" warmup=10
	ours 'dutybox path base' - path base /usr/lib/os-release.d/a.conf
	peer basename 'GNU basename' 'within 1.5' /usr/lib/os-release.d/a.conf
	ours 'dutybox path real' - path real /usr/bin/../lib
	peer realpath 'GNU realpath -m' 'within 1.5' -m /usr/bin/../lib
	measure
	mapfile -t names < <(seq -f '/some/directory/name%.0f.tar.gz' 2000)
	table path-many 'Two thousand paths' "runs=$(pick 200 20)" warmup=5
	ours 'dutybox path base' - path base "${names[@]}"
	peer basename 'GNU basename -a' 'within 1.5' -a "${names[@]}"
	measure
}

job_run() {
	table run 'A command that does nothing' "runs=$(pick 300 40)" warmup=10
	ours 'dutybox timeout 5 true' - timeout 5 true
	peer timeout 'GNU timeout 5 true' 'faster 0.95' 5 true
	peer true 'true' - ignored
	ours 'dutybox run true' - run true
	peer timeout 'GNU timeout 5 true' - 5 true
	peer true 'true' 'adds 1.5' ignored
	ours 'dutybox run --tag=x true' - run --tag=x true
	peer true 'true' 'adds 1.5' ignored
	measure
	table run-memory '1 GiB of output held back' timed=0 "peaks=$(pick 3 1)"
	ours 'dutybox run --quiet' 'peak 8' run --quiet head -c 1G /dev/zero
	peer chronic 'chronic' - head -c 1G /dev/zero
	measure
}

# Each program starts `true` once for each line of one file; nobody looks for it in PATH.
job_run_parallel() {
	local list=$SCRATCH/thousand true
	true=$(tool_path true) || return
	seq 1000 >"$list"
	table run-parallel '1,000 trivial jobs, two at a time' "runs=$(pick 15 3)"
	ours 'dutybox run -j2' - run -j2 -a "$list" "$true"
	peer xargs 'xargs -P2 -n1' 'faster 1.0' -a "$list" -P2 -n1 "$true"
	peer parallel 'GNU parallel -j2' 'faster 5.0' --will-cite -j2 -a "$list" "$true"
	ours 'dutybox run -j2 --ungroup' - run -j2 --ungroup -a "$list" "$true"
	peer xargs 'xargs -P2 -n1' 'faster 1.0' -a "$list" -P2 -n1 "$true"
	measure
}
