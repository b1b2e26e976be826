# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What tools with a time limit leave running: numbers that a busy machine does not change.

# A command, a child, one in a session of its own, one without a parent, one that ignores TERM;
# each writes its number, and has written it before the time is over.
leak_job() {
	cat >"$1/job" <<'EOF_JOB'
setsid sh -c 'echo $$ >>pids; exec sleep 60' &
sh -c 'echo $$ >>pids; exec sleep 60' &
sh -c '(setsid sh -c "echo \$\$ >>pids; exec sleep 60" &)'
sh -c 'trap "" TERM; echo $$ >>pids; exec sleep 60' &
echo $$ >>pids
exec sleep 60
EOF_JOB
}

# leaks_row NAME MAX WORD...: runs WORD... on the job and counts who is left; MAX -: no goal.
leaks_row() {
	local name=$1 max=$2 dir left=0 pid goal='' json
	dir=$(mktemp -d -- "$SCRATCH/leaks.XXXXXX")
	leak_job "$dir"
	(cd "$dir" && "${@:3}" sh job >/dev/null 2>&1 </dev/null) || true
	while IFS= read -r pid; do
		kill -0 "$pid" 2>/dev/null || continue
		left=$((left + 1))
		# Started by us a moment ago: nobody else's.
		kill -KILL "$pid" 2>/dev/null || true
	done <"$dir/pids"
	reset_verdict
	json=-
	if [[ $max != - ]]; then
		json="at-most $max"
		settle "$left" '<=' "$max" ''
		goal="<= $max: $VERDICT"
	fi
	emit "| $name | $(wc -l <"$dir/pids") | $left | $goal |"
	LEAK_ROWS+="${LEAK_ROWS:+,$'\n\t\t'}{\"name\": $(json_string "$name"), \"left\": $left"
	LEAK_ROWS+=", \"left_goal\": $(goal_json "$json")}"
}

job_leaks() {
	local title='Processes left running after a time limit of one second' how path
	LEAK_ROWS=''
	emit '' "### $title" '' '| program | started | left | goal |' '|---|---:|---:|---|'
	for how in auto subreaper; do
		leaks_row "**dutybox run --isolate=$how**" 0 "$BINARY" run "--isolate=$how" -t 1 -k 100ms
	done
	if have timeout; then
		path=$(tool_path timeout)
		leaks_row 'GNU timeout -k' - "$path" -k 0.1 1
		leaks_row 'GNU timeout -k --foreground' - "$path" --foreground -k 0.1 1
	fi
	add_json leaks "$title" yes "$LEAK_ROWS"
}
