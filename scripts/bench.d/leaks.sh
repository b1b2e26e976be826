# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What tools that run a command leave running: numbers that a busy machine does not change.

LEAK_JOB_SIZE=5

# A command, a child, one in a session of its own, one without a parent, one that ignores TERM;
# each writes its number, and has written it before the time is over.
leak_job() {
	# For tools that run a job for each line of a file.
	echo >"$1/one"
	cat >"$1/job" <<'EOF_JOB'
setsid sh -c 'echo $$ >>pids; exec sleep 60' &
sh -c 'echo $$ >>pids; exec sleep 60' &
sh -c '(setsid sh -c "echo \$\$ >>pids; exec sleep 60" &)'
sh -c 'trap "" TERM; echo $$ >>pids; exec sleep 60' &
echo $$ >>pids
exec sleep 60
EOF_JOB
}

# Of the job in DIR, who still runs, and is where no other process is; a zombie does not.
leak_survivors() {
	local pid
	[[ -e $1/pids ]] || return 0
	while IFS= read -r pid; do
		if [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$1" ]] &&
			grep -qs '^State:.[^ZX]' "/proc/$pid/status"; then
			printf '%s\n' "$pid"
		fi
	done <"$1/pids"
}

leak_started() {
	[[ ! -e $1/pids ]] || wc -l <"$1/pids"
}

# leak_end SIGNAL PID DIR: the signal to the tool once the whole job is there, then its end.
leak_end() {
	local i
	for ((i = 0; i < 200; i++)); do
		[[ -d /proc/$2 && $(leak_started "$3") -lt $LEAK_JOB_SIZE ]] || break
		sleep 0.05
	done
	[[ $1 == - ]] || kill -s "$1" "$2" 2>/dev/null || true
	wait "$2" 2>/dev/null || true
	# Whoever is to end has two seconds for it.
	for ((i = 0; i < 40; i++)); do
		[[ -n $(leak_survivors "$3") ]] || break
		sleep 0.05
	done
}

# leaks_row NAME MAX SIGNAL WORD...: runs WORD... on the job and counts who is left; MAX -: no
# goal; SIGNAL -: the tool has a time limit of its own.
leaks_row() {
	local name=$1 max=$2 dir left=0 pid goal='' json
	dir=$(realpath -- "$(mktemp -d -- "$SCRATCH/leaks.XXXXXX")")
	leak_job "$dir"
	(cd "$dir" && exec "${@:4}" sh job >/dev/null 2>&1 </dev/null) &
	leak_end "$3" $! "$dir" 2>/dev/null
	while IFS= read -r pid; do
		left=$((left + 1))
		# Started by us a moment ago: nobody else's.
		kill -KILL "$pid" 2>/dev/null || true
	done < <(leak_survivors "$dir")
	reset_verdict
	json=-
	if [[ -z $(leak_started "$dir") ]]; then
		emit "| $name (did not start) | – | – | |"
		return
	fi
	if [[ $max != - ]]; then
		json="at-most $max"
		settle "$left" '<=' "$max" ''
		goal="<= $max: $VERDICT"
	fi
	emit "| $name | $(leak_started "$dir") | $left | $goal |"
	LEAK_ROWS+="${LEAK_ROWS:+,$'\n\t\t'}{\"name\": $(json_string "$name"), \"left\": $left"
	LEAK_ROWS+=", \"left_goal\": $(goal_json "$json")}"
}

# leaks_peer TOOL NAME SIGNAL WORD...: a row for an installed tool.
leaks_peer() {
	have "$1" || return 0
	leaks_row "$2" - "$3" "$(tool_path "$1")" "${@:4}"
}

leaks_ours() {
	local how
	for how in auto subreaper; do
		leaks_row "**dutybox run --isolate=$how**" 0 "$1" "$BINARY" run "--isolate=$how" "${@:2}"
	done
}

leaks_table() {
	LEAK_ROWS=''
	emit '' "### $1" '' '| program | started | left | goal |' '|---|---:|---:|---|'
}

# Tools that pass words on, when SIGNAL ends them.
leaks_signal() {
	leaks_table "Processes left running when the tool gets $1"
	leaks_ours "$1" -k 100ms
	leaks_peer timeout 'GNU timeout 60' "$1" 60
	leaks_peer xargs 'xargs' "$1" -a /dev/null
	leaks_peer chronic 'chronic' "$1"
	leaks_peer flock 'flock' "$1" lock
	leaks_peer tini 'tini -s -g --' "$1" -s -g --
	leaks_peer dumb-init 'dumb-init' "$1"
	leaks_peer parallel 'GNU parallel' "$1" --will-cite -n0 -a one
	add_json leaks "Processes left running when the tool gets $1" yes "$LEAK_ROWS"
}

job_leaks() {
	local title='Processes left running after a time limit of one second'
	leaks_table "$title"
	leaks_ours - -t 1 -k 100ms
	leaks_peer timeout 'GNU timeout -k' - -k 0.1 1
	leaks_peer timeout 'GNU timeout -k --foreground' - --foreground -k 0.1 1
	leaks_peer busybox 'busybox timeout -k' - timeout -k 1 1
	leaks_peer toybox 'toybox timeout -k' - timeout -k 0.1 1
	leaks_peer parallel 'GNU parallel --timeout' - --will-cite --timeout 1 -n0 -a one
	add_json leaks "$title" yes "$LEAK_ROWS"
	leaks_signal TERM
	leaks_signal KILL
}
