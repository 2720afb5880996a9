# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Part threads: two serving threads beside one.
#
# With four cores or more the load has cores of its own, and what two threads answer can be compared with what one does. On fewer, whoever
# makes the load takes from the second thread what it would need, and kept replies, which cost a load generator as much as the server,
# cannot be measured fairly. There remains a request that costs the server a hundred times what it costs the load: a hundred list items,
# made anew and coded by br each time. It shows whether threads wait for each other in handlers, SQLite and coding. And the processor time
# of short requests with two threads over that with one shows whether they get in each other's way.

# compare_threads ROW LIST HEADER GOAL [OPTION...]: two servers take turns.
compare_threads() {
	local row=$1 list=$2 header=$3 goal=$4 one one_port two two_port round first value low high
	shift 4
	database "${sizes%% *}"
	workers=1 start_broadsheet one "$database" "${resting[@]}" "$@"
	one=$pid one_port=$port
	copy_of "$database" second
	workers=2 start_broadsheet two "$database" "${resting[@]}" "$@"
	two=$pid two_port=$port
	: >"$work/threads"
	for ((round = 0; round <= rounds; round++)); do
		slice "$one" "$one_port" "$list" "$header"
		first="$rps $cpu"
		slice "$two" "$two_port" "$list" "$header"
		((round == 0)) || awk -v first="$first" -v rps="$rps" -v cpu="$cpu" 'BEGIN { split(first, f, " "); printf "%.3f %.3f\n", rps / f[1], cpu / f[2] }' >>"$work/threads"
	done
	if [[ $goal != cpu ]]; then
		read -r value low high <<<"$(cut -d' ' -f1 "$work/threads" | spread)"
		report_one threads "$row" rps_of_two_over_one "$value" "$low" "$high" "$goal" ''
	fi
	read -r value low high <<<"$(cut -d' ' -f2 "$work/threads" | spread)"
	report_one threads "$row" cpu_of_two_over_one "$value" "$low" "$high" - ''
	stop_all
}

part_threads() {
	local goal=- many=$connections own=("${on_load[@]}") half=$((${#cpus[@]} / 2)) server=("${on_server[@]}")
	heading 'Two serving threads beside one'
	connections=16
	mkdir -p "$work/lists"
	echo '/v1/articles?limit=100' >"$work/lists/hundred"
	echo /v1/articles >"$work/lists/first_page"
	if ((half >= 2)); then
		goal='>= 1.7'
		on_server=(taskset -c "$(IFS=,; echo "${cpus[*]:half}")") on_load=(taskset -c "$(IFS=,; echo "${cpus[*]:0:half}")") load_threads=2
		! has_option --cache-bytes || compare_threads 'first page, kept' "$work/lists/first_page" 'Accept-Encoding: identity' '>= 1.7'
		compare_threads 'first page' "$work/lists/first_page" 'Accept-Encoding: identity' '>= 1.7' "${keeping_nothing[@]}"
	else
		echo "  requests a second of short requests: not measurable, ${#cpus[@]} core(s) for server and load"
		on_load=() pinned=0
		! has_option --cache-bytes || compare_threads 'first page, kept' "$work/lists/first_page" 'Accept-Encoding: identity' cpu
		compare_threads 'first page' "$work/lists/first_page" 'Accept-Encoding: identity' cpu "${keeping_nothing[@]}"
	fi
	compare_threads 'a hundred items, br' "$work/lists/hundred" 'Accept-Encoding: br' "$goal" "${keeping_nothing[@]}"
	on_server=("${server[@]}") on_load=("${own[@]}") pinned=1 load_threads=1 connections=$many
}
