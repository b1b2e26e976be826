# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What was measured, as Markdown (standard output) and JSON, and what became of the goals.

MARKDOWN=''
JSON_TABLES=''
GOALS_OK=0 GOALS_MISSED=0 GOALS_OPEN=0
# What the last call of `judge` found: ok, MISSED or open; the number judged; text for a table.
VERDICT='' VALUE='' GOAL_TEXT=''

emit() {
	local line
	for line in "$@"; do
		printf '%s\n' "$line"
		MARKDOWN+=$line$'\n'
	done
}

calc() {
	awk "BEGIN { printf \"%.4f\", ($1) }"
}

fixed() {
	awk -v value="$1" -v digits="$2" 'BEGIN { printf "%.*f", digits, value }'
}

json_string() {
	local text=${1//\\/\\\\}
	printf '"%s"' "${text//\"/\\\"}"
}

json_number() {
	printf '%s' "${1:-null}"
}

# settle VALUE OPERATOR LIMIT TEXT: compares and counts one goal.
settle() {
	VALUE=$1
	if awk "BEGIN { exit !($1 $2 $3) }"; then
		VERDICT=ok
		GOALS_OK=$((GOALS_OK + 1))
	else
		VERDICT=MISSED
		GOALS_MISSED=$((GOALS_MISSED + 1))
	fi
	GOAL_TEXT="$4: $(fixed "$VALUE" 3) $VERDICT"
}

leave_open() {
	VERDICT=open
	GOALS_OPEN=$((GOALS_OPEN + 1))
	GOAL_TEXT="$1 ($2: not judged)"
}

reset_verdict() {
	VERDICT='' VALUE='' GOAL_TEXT=''
}

# judge ROW: the verdict on the goal of a row.
judge() {
	local goal bound min=${ROW_MIN[$1]} peak=${ROW_PEAK[$1]} ref=${ROW_REF[$1]} our_min text
	reset_verdict
	read -r goal bound <<<"${ROW_GOAL[$1]}"
	case $goal in
	faster) text="ours >= ${bound}x as fast" ;;
	within) text="ours <= ${bound}x its time" ;;
	adds) text="ours <= its time + $bound ms" ;;
	peak) text="<= $bound MB" ;;
	*) return 0 ;;
	esac
	our_min=${ROW_MIN[ref]}
	if [[ ${ROW_STATE[ref]} != ok ]]; then
		settle 0 '>' 0 "$text"
		GOAL_TEXT="$text: MISSED"
	elif [[ ${ROW_STATE[$1]} != ok ]]; then
		leave_open "$text" "${ROW_STATE[$1]}"
	elif [[ $goal == peak ]]; then
		settle "$(calc "$peak * 1.024 / 1000")" '<=' "$bound" "$text"
	elif ((QUICK)); then
		leave_open "$text" 'quick run'
	elif [[ ${TABLE[quiet]} != yes ]]; then
		leave_open "$text" "${TABLE[quiet]%%:*}"
	elif [[ $goal == faster ]]; then
		settle "$(calc "$min / $our_min")" '>=' "$bound" "$text"
	elif [[ $goal == adds ]]; then
		settle "$(calc "($our_min - $min) * 1000")" '<=' "$bound" "$text"
	else
		settle "$(calc "$our_min / $min")" '<=' "$bound" "$text"
	fi
}

# A row's times where the smallest and the median differ by more than a fifth are marked `~`.
time_cells() {
	local min=${ROW_MIN[$1]} median=${ROW_MEDIAN[$1]} our_min noisy='' ratio=–
	our_min=${ROW_MIN[${ROW_REF[$1]}]}
	if [[ -z $min ]]; then
		printf ' – | – | – | – |'
		return
	fi
	[[ $(calc "$median > 1.2 * $min") != 1.0000 ]] || noisy=' ~'
	[[ -z $our_min ]] || ratio=$(fixed "$(calc "$min / $our_min")" 2)
	printf ' %s | %s%s | %s | %s |' "$(fixed "$(calc "$min * 1000")" 2)" \
		"$(fixed "$(calc "$median * 1000")" 2)" "$noisy" \
		"$(fixed "${ROW_CPU[$1]}" 2)" "$ratio"
}

peak_cell() {
	if [[ -n ${ROW_PEAK[$1]} ]]; then
		fixed "$(calc "${ROW_PEAK[$1]} * 1.024 / 1000")" 1
	else
		printf '–'
	fi
}

row_json() {
	local min=${ROW_MIN[$1]} our_min ratio=''
	our_min=${ROW_MIN[${ROW_REF[$1]}]}
	[[ -z $min || -z $our_min ]] || ratio=$(calc "$min / $our_min")
	printf '{"kind": "%s", "name": %s, "command": %s, "state": %s, ' "${ROW_KIND[$1]}" \
		"$(json_string "${ROW_NAME[$1]}")" "$(json_string "${ROW_COMMAND[$1]}")" \
		"$(json_string "${ROW_STATE[$1]}")"
	printf '"min_s": %s, "median_s": %s, "cpu_ms": %s, "times_ours": %s, "peak_kib": %s, "goal": %s}' \
		"$(json_number "$min")" "$(json_number "${ROW_MEDIAN[$1]}")" \
		"$(json_number "${ROW_CPU[$1]}")" "$(json_number "$ratio")" "$(json_number "${ROW_PEAK[$1]}")" \
		"$(goal_json "${ROW_GOAL[$1]}")"
}

goal_json() {
	local kind bound
	read -r kind bound <<<"$1"
	if [[ $kind == - ]]; then
		printf 'null'
	else
		printf '{"kind": "%s", "bound": %s, "value": %s, "verdict": "%s"}' "$kind" "$bound" \
			"$(json_number "$VALUE")" "$VERDICT"
	fi
}

# add_json JOB TITLE QUIET ROWS
add_json() {
	local quiet=true
	[[ $3 == yes ]] || quiet=false
	printf -v JSON_TABLES '%s%s{"job": %s, "title": %s, "quiet": %s, "rows": [\n\t\t%s\n\t]}' \
		"$JSON_TABLES" "${JSON_TABLES:+,$'\n\t'}" "$(json_string "$1")" \
		"$(json_string "$2")" "$quiet" "$4"
}

report_table() {
	local i name rows=''
	emit '' "### ${TABLE[title]}" ''
	if [[ ${TABLE[timed]} == 1 ]]; then
		emit '| program | min ms | median ms | CPU ms | x ours (min) | peak MB | goal |' \
			'|---|---:|---:|---:|---:|---:|---|'
	else
		emit '| program | peak MB | goal |' '|---|---:|---|'
	fi
	for i in "${!ROW_KIND[@]}"; do
		judge "$i"
		name=${ROW_NAME[i]}
		[[ ${ROW_KIND[i]} != ours ]] || name="**$name**"
		[[ ${ROW_STATE[i]} == ok ]] || name+=" (${ROW_STATE[i]})"
		if [[ ${TABLE[timed]} == 1 ]]; then
			emit "| $name |$(time_cells "$i") $(peak_cell "$i") | $GOAL_TEXT |"
		else
			emit "| $name | $(peak_cell "$i") | $GOAL_TEXT |"
		fi
		rows+="${rows:+,$'\n\t\t'}$(row_json "$i")"
	done
	if [[ ${TABLE[quiet]} != yes ]]; then
		emit '' "${TABLE[quiet]}: times with threads are not judged."
	elif [[ ${TABLE[others]} -gt $((100 - IDLE_PERCENT)) ]]; then
		emit '' "Others used ${TABLE[others]} % of the CPUs meanwhile: read the CPU times too."
	fi
	add_json "${TABLE[job]}" "${TABLE[title]}" "${TABLE[quiet]}" "$rows"
}

# skip_table REASON: reports the table as not measured.
skip_table() {
	say "${TABLE[job]}: skipped: $1"
	emit '' "### ${TABLE[title]}" '' "Skipped: $1."
	printf -v JSON_TABLES '%s%s{"job": %s, "title": %s, "skipped": %s}' "$JSON_TABLES" \
		"${JSON_TABLES:+,$'\n\t'}" "$(json_string "${TABLE[job]}")" \
		"$(json_string "${TABLE[title]}")" "$(json_string "$1")"
}

report_header() {
	local cpu
	cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
	emit '## dutybox benchmark' '' \
		"$(date -u '+%Y-%m-%d %H:%M UTC'), Linux $(uname -r), $(nproc) CPU, ${cpu:-$(uname -m)}$(
			pick '' ', quick (small corpora and few runs; times are not judged)')" \
		"" "Ratios are the row's smallest time by ours of the same run. \`~\`: the median is" \
		"more than 20 % above the smallest time. CPU is the mean of user and system time together."
}

report_footer() {
	emit '' "Goals: $GOALS_OK ok, $GOALS_MISSED MISSED, $GOALS_OPEN not judged."
	if ((${#MISSING_TOOLS[@]} > 0)); then
		emit '' "Not installed: ${!MISSING_TOOLS[*]}. To get them:" '' \
			"    apt-get install $(missing_packages)"
	fi
}

# The whole document on standard output.
report_json() {
	printf '{"format": 1, "date": "%s", "kernel": %s, "cpus": %d, "binary": %s, "quick": %s,\n' \
		"$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(json_string "$(uname -r)")" "$(nproc)" \
		"$(json_string "$BINARY")" "$(pick false true)"
	printf '"goals": {"ok": %d, "missed": %d, "open": %d},\n"tables": [\n\t%s\n]}\n' \
		"$GOALS_OK" "$GOALS_MISSED" "$GOALS_OPEN" "$JSON_TABLES"
}
