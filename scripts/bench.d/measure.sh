# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# One table is one hyperfine run: our program, its peers and the limit programs side by side.
#
#	table JOB TITLE [KEY=VALUE]...
#	ours NAME GOAL ARG...           our program: the rows below it are compared with this one
#	peer TOOL NAME GOAL ARG...      an installed program; left out and named when missing
#	limit HELPER NAME GOAL ARG...   a program of bench.d
#	measure
#
# Keys: runs, warmup; threads=1 when the goals need idle CPUs; prepare=COMMAND before each run;
# timed=0 for peak memory only; peaks=N, of how many runs the peak memory is the largest.
# After `table`, WRAP may be set to the words of a command that starts every program.
#
# GOAL is one of
#	-            none
#	faster N     our time is at most 1/N of this row's
#	within N     our time is at most N times this row's
#	adds N       our time is at most N ms more than this row's
#	peak N       the peak memory of the row (one of ours) is at most N MB

IDLE_PERCENT=93
declare -A TABLE=()
declare -a WRAP=()
declare -a ROW_KIND=() ROW_NAME=() ROW_GOAL=() ROW_COMMAND=() ROW_REF=() ROW_STATE=()
declare -a ROW_PEAK=() ROW_MIN=() ROW_MEDIAN=() ROW_CPU=()

table() {
	local pair
	TABLE=([job]=$1 [title]=$2 [runs]=10 [warmup]=1 [threads]=0 [prepare]='' [timed]=1
		[peaks]=1 [quiet]=yes [others]=0)
	WRAP=()
	ROW_KIND=() ROW_NAME=() ROW_GOAL=() ROW_COMMAND=() ROW_REF=() ROW_STATE=()
	ROW_PEAK=() ROW_MIN=() ROW_MEDIAN=() ROW_CPU=()
	shift 2
	for pair in "$@"; do
		TABLE[${pair%%=*}]=${pair#*=}
	done
}

# add_row KIND NAME GOAL STATE WORD...
add_row() {
	local i=${#ROW_KIND[@]} ref=-1
	((i == 0)) || ref=${ROW_REF[i - 1]}
	[[ $1 != ours ]] || ref=$i
	((ref >= 0)) || die "the first row of '${TABLE[title]}' is not ours"
	ROW_KIND+=("$1")
	ROW_NAME+=("$2")
	ROW_GOAL+=("$3")
	ROW_STATE+=("$4")
	ROW_REF+=("$ref")
	ROW_PEAK+=('')
	ROW_MIN+=('')
	ROW_MEDIAN+=('')
	ROW_CPU+=('')
	shift 4
	ROW_COMMAND+=("$(quote_words "$@")")
}

ours() {
	add_row ours "$1" "$2" ok "$BINARY" "${@:3}"
}

peer() {
	local path
	if have "$1"; then
		path=$(tool_path "$1")
		add_row peer "$2" "$3" ok "$path" "${@:4}"
	else
		add_row peer "$2" "$3" 'not installed' "$1"
	fi
}

limit() {
	local path
	path=$(helper "$1")
	add_row limit "$2" "$3" ok "$path" "${@:4}"
}

# Words as both the shell and hyperfine -N read them.
quote_words() {
	local word line=
	for word in "$@"; do
		line+="${line:+ }'${word//\'/\'\\\'\'}'"
	done
	printf '%s\n' "$line"
}

# Measures the rows of the table and hands them to the report.
measure() {
	local reason
	if ((TABLE[timed])) && ! have hyperfine; then
		skip_table 'hyperfine is not installed'
		return
	fi
	run_each_once
	if ((TABLE[timed])); then
		if ((TABLE[threads])); then
			reason=$(wait_for_idle_cpus) || TABLE[quiet]=$reason
		fi
		time_rows
	fi
	report_table
}

# The peak memory of each command; one that fails has no place in the comparison.
run_each_once() {
	local i run out kib status peak
	local -a command
	peak=$(helper peak)
	say "${TABLE[job]}: peak memory of ${#ROW_KIND[@]} programs"
	for i in "${!ROW_KIND[@]}"; do
		[[ ${ROW_STATE[i]} == ok ]] || continue
		eval "command=(${ROW_COMMAND[i]})"
		for ((run = 0; run < TABLE[peaks]; run++)); do
			out=$("${WRAP[@]}" "$peak" "${command[@]}" 2>"$SCRATCH/stderr") || out='0 127'
			read -r kib status <<<"$out"
			if ((status != 0)); then
				ROW_STATE[i]="failed: status $status"
				say "${TABLE[job]}: ${ROW_NAME[i]} failed: $(head -n 1 "$SCRATCH/stderr")"
				break
			fi
			((kib <= ${ROW_PEAK[i]:-0})) || ROW_PEAK[i]=$kib
		done
	done
}

time_rows() {
	local i before after csv=$SCRATCH/times.csv
	local -a fields
	local -a args=(-N --style none --runs "${TABLE[runs]}" --warmup "${TABLE[warmup]}"
		--export-csv "$csv") timed=()
	[[ -z ${TABLE[prepare]} ]] || args+=(--prepare "${TABLE[prepare]}")
	for i in "${!ROW_KIND[@]}"; do
		[[ ${ROW_STATE[i]} == ok ]] || continue
		args+=(-n "row$i" "${ROW_COMMAND[i]}")
		timed+=("$i")
	done
	((${#timed[@]} > 0)) || return 0
	say "${TABLE[job]}: timing ${#timed[@]} programs, ${TABLE[runs]} runs each"
	rm -f -- "$csv"
	before=$(cpu_ticks)
	# In the background, since bash runs traps only between the commands it waits for.
	"${WRAP[@]}" "$(tool_path hyperfine)" "${args[@]}" >"$SCRATCH/hyperfine.out" 2>&1 &
	CHILD=$!
	wait "$CHILD" ||
		die "hyperfine failed: $(tail -n 3 "$SCRATCH/hyperfine.out")"
	CHILD=''
	after=$(cpu_ticks)
	TABLE[others]=$((100 - $(free_percent "$before" "$after")))
	if ((TABLE[threads])) && [[ ${TABLE[quiet]} == yes ]]; then
		TABLE[quiet]=$(judge_quiet "${TABLE[others]}")
	fi
	while IFS=, read -ra fields; do
		[[ ${fields[0]} == row* ]] || continue
		i=${fields[0]#row}
		ROW_MEDIAN[i]=${fields[3]}
		ROW_CPU[i]=$(calc "1000 * (${fields[4]} + ${fields[5]})")
		ROW_MIN[i]=${fields[6]}
	done <"$csv"
}

# "USED IDLE OURS" in clock ticks since boot, of all CPUs; OURS is what children of this script
# have used. Interrupts are left out of USED, for the work of our own disk requests is there.
cpu_ticks() {
	local user nice system idle iowait steal own
	local -a stat
	read -r _ user nice system idle iowait _ _ steal _ </proc/stat
	own=$(<"/proc/$$/stat")
	read -ra stat <<<"${own##*) }"
	printf '%d %d %d\n' $((user + nice + system + steal)) $((idle + iowait)) \
		$((stat[13] + stat[14]))
}

# The share of time, in per cent, that nobody but us used between two readings.
free_percent() {
	local used1 idle1 own1 used2 idle2 own2 total
	read -r used1 idle1 own1 <<<"$1"
	read -r used2 idle2 own2 <<<"$2"
	total=$((used2 - used1 + idle2 - idle1))
	((total > 0)) || total=1
	printf '%d\n' $((100 - 100 * (used2 - used1 - (own2 - own1)) / total))
}

idle_percent_now() {
	local before
	before=$(cpu_ticks)
	sleep 0.5
	free_percent "$before" "$(cpu_ticks)"
}

# Prints why threaded results cannot be judged, with status 1, when waiting did not help.
wait_for_idle_cpus() {
	local deadline=$((SECONDS + WAIT_SECONDS)) idle
	if (($(nproc) < 2)); then
		printf 'only one CPU\n'
		return 1
	fi
	while idle=$(idle_percent_now) && ((idle < IDLE_PERCENT)); do
		if ((SECONDS >= deadline)); then
			printf 'CPU busy: %d %% idle before\n' "$idle"
			return 1
		fi
	done
}

# judge_quiet OTHERS: "yes", or why a measurement cannot be judged during which other programs
# used OTHERS per cent of the CPUs.
judge_quiet() {
	local after
	after=$(idle_percent_now)
	if (($1 > 100 - IDLE_PERCENT)); then
		printf 'CPU busy: others used %d %% meanwhile\n' "$1"
	elif ((after < IDLE_PERCENT)); then
		printf 'CPU busy: %d %% idle after\n' "$after"
	else
		printf 'yes\n'
	fi
}
