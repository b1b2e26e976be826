# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Exact costs of a start: the same on a busy machine as on an idle one.

# Here and not where they are used, which is in subshells.
note_counting_tools() {
	have strace || true
	have readelf || true
	have valgrind || true
}

# Each prints a number, or nothing when the tool for it is missing or fails.
# With CALLS_UNTIL, only the calls after execve() and before the first that matches it count.
CALLS_UNTIL=''
count_system_calls() {
	local out=$SCRATCH/strace.out
	tool_path strace >/dev/null || return 0
	strace -f -qq -o "$out" -- "$@" >/dev/null 2>&1 || return 0
	awk -v until="$CALLS_UNTIL" '
		!/^[0-9]+ +[a-z_0-9]+\(/ { next }
		until != "" && / execve\(/ { next }
		until != "" && $0 ~ until { exit }
		{ n++ }
		END { print n + 0 }' "$out"
}

count_instructions() {
	local out=$SCRATCH/callgrind.out
	if tool_path valgrind >/dev/null &&
		valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$out" "$@" \
			>/dev/null 2>&1; then
		sed -n 's/^==[0-9]*== Collected *: *\([0-9]*\).*/\1/p' "$out"
	elif type -P perf >/dev/null; then
		perf stat -x, -e instructions:u -o "$out" -- "$@" >/dev/null 2>&1 || return 0
		sed -n 's/^\([0-9][0-9]*\),.*instructions.*/\1/p' "$out"
	fi
}

count_objects() {
	tool_path readelf >/dev/null || return 0
	readelf -d -- "$1" 2>/dev/null | grep -c '(NEEDED)' || true
}

# counts_row NAME INSTRUCTIONS_MAX SYSTEM_CALLS_MAX COMMAND...; a maximum of 0 is no goal.
# Adds to COUNT_ROWS, the JSON of the rows.
counts_row() {
	local name=$1 instructions calls objects goals='' json
	instructions=$(count_instructions "${@:4}")
	calls=$(count_system_calls "${@:4}")
	objects=$(count_objects "$4")
	json="{\"name\": $(json_string "$name"), \"instructions\": $(json_number "$instructions"), "
	json+="\"system_calls\": $(json_number "$calls"), \"objects\": $(json_number "$objects")"
	counts_goal "$instructions" "$2" instructions
	goals+=$GOAL_TEXT
	json+=", \"instructions_goal\": $(goal_json "${COUNT_GOAL}")"
	counts_goal "$calls" "$3" 'system calls'
	goals+=${goals:+${GOAL_TEXT:+, }}$GOAL_TEXT
	json+=", \"system_calls_goal\": $(goal_json "${COUNT_GOAL}")}"
	emit "| $name | ${instructions:-–} | ${calls:-–} | ${objects:-–} | $goals |"
	COUNT_ROWS+="${COUNT_ROWS:+,$'\n\t\t'}$json"
}

# counts_goal VALUE MAX UNIT: sets GOAL_TEXT, VERDICT and VALUE; COUNT_GOAL as goal_json takes it.
counts_goal() {
	reset_verdict
	COUNT_GOAL=-
	(($2 > 0)) || return 0
	COUNT_GOAL="at-most $2"
	if [[ -n $1 ]]; then
		settle "$1" '<=' "$2" ''
		GOAL_TEXT="<= $2 $3: $VERDICT"
	else
		leave_open "<= $2 $3" 'not counted'
	fi
}
