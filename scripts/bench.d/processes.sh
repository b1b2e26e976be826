# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Looking for processes among many idle ones, which the bench starts and ends itself.
# shellcheck disable=SC2034 # WRAP is read by measure.sh

job_processes() {
	local n crowd
	n=$(pick 2000 200)
	crowd=$(helper crowd)
	table processes "One process of $n more by its name" "runs=$(pick 30 5)"
	WRAP=("$crowd" "$n")
	ours 'dutybox pgrep' - pgrep needle
	peer pgrep 'procps pgrep' 'faster 6.0' needle
	peer toybox 'toybox pgrep' 'faster 2.3' pgrep needle
	measure
	table processes "All of $n more by their command lines" "runs=$(pick 30 5)"
	WRAP=("$crowd" "$n")
	ours 'dutybox pgrep -f' - pgrep -f crowd
	peer pgrep 'procps pgrep -f' 'faster 5.0' -f crowd
	peer toybox 'toybox pgrep -f' 'faster 1.0' pgrep -f crowd
	measure
	processes_counts "$crowd" "$n"
}

# processes_counts CROWD N
processes_counts() {
	local title="System calls a process, $2 more processes" path
	PROCESS_ROWS=''
	emit '' "### $title" '' '| program | system calls | goal |' '|---|---:|---|'
	processes_row '**dutybox pgrep**' 3.1 "$@" "$BINARY" pgrep needle
	processes_row '**dutybox pgrep -f**' - "$@" "$BINARY" pgrep -f needle
	if have pgrep; then
		path=$(tool_path pgrep)
		processes_row 'procps pgrep' - "$@" "$path" needle
	fi
	if have toybox; then
		path=$(tool_path toybox)
		processes_row 'toybox pgrep' - "$@" "$path" pgrep needle
	fi
	add_json processes "$title" yes "$PROCESS_ROWS"
}

# processes_row NAME MAX CROWD N COMMAND...; MAX -: no goal. Status 1 (-f finds nothing) is fine.
processes_row() {
	local name=$1 max=$2 out=$SCRATCH/strace.out others calls='' goal='' json=-
	local -a there=(/proc/[0-9]*)
	others=${#there[@]}
	if have strace; then
		"$3" "$4" "$(tool_path strace)" -f -qq -o "$out" -- "${@:5}" >/dev/null 2>&1 || true
		calls=$(grep -cE '^[0-9]+ +[a-z_0-9]+\(' "$out")
		calls=$(calc "$calls / ($4 + $others)")
	fi
	reset_verdict
	if [[ $max != - ]]; then
		json="at-most $max"
		if [[ -n $calls ]]; then
			settle "$calls" '<=' "$max" ''
			goal="<= $max: $VERDICT"
		else
			leave_open "<= $max" 'not counted'
			goal=$GOAL_TEXT
		fi
	fi
	emit "| $name | ${calls:-–} | $goal |"
	PROCESS_ROWS+="${PROCESS_ROWS:+,$'\n\t\t'}{\"name\": $(json_string "$name"), "
	PROCESS_ROWS+="\"system_calls_a_process\": $(json_number "$calls"), \"goal\": $(goal_json "$json")}"
}
