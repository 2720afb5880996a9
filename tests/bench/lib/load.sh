# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Loading a server for a moment, and what it cost.
#
# A slice is one run of wrk from another core. All figures of one slice go together: requests a second, latencies, bytes, and the processor
# time of the server over the requests answered. Slices of what is compared take turns, nginx before and after each, so that a machine
# that is slow for a while is slow for both.

# load SECONDS PORT LIST [HEADER]: the line BENCH of load.lua.
load() {
	if [[ ${4-} == If-None-Match:* ]]; then
		"${on_load[@]}" "$tools/load_not_modified" "$1" "$connections" "$2" "$(head -n 1 "$3")" "$4"
	else
		"${on_load[@]}" timeout -s INT "$1" wrk -t "$load_threads" -c "$connections" -d 600s --timeout 10s -s "$here/load.lua" \
			"http://127.0.0.1:$2" -- "$3" ${4:+"$4"} 2>&1 | tee "$work/wrk.out" | grep "^BENCH "
	fi
}

# Until a server has done what the last load left behind: requests that were sent and never fetched. Leaves its
# processor time in $after.
drain() {
	local n before
	after=$("$tools/cpu_time" "$1") || die "the server that was to be loaded is gone"
	for ((n = 0; n < 200; n++)); do
		before=$after
		pause 0.01
		after=$("$tools/cpu_time" "$1") || die "the server that was to be loaded is gone"
		((after - before > 1000000)) || return 0
	done
}

# What each thread of a process is at, for finding out why it does not answer.
describe() {
	local task
	for task in "/proc/$1/task"/*; do
		printf '%s %s\n' "${task##*/}" "$(cat "$task/comm")"
		grep -E '^(State|voluntary|nonvoluntary)' "$task/status"
		cat "$task"/{wchan,syscall,stack} 2>/dev/null
	done
	uptime
}

# slice PID PORT LIST [HEADER]: loads for $slice seconds. Sets rps, p50, p99, worst (microseconds), bytes (a reply, with its head),
# cpu (microseconds a request), failures. So slow a server that nothing came back in that time is given ten times as long.
slice() {
	local before after line requests duration total seconds
	for seconds in "$slice" "$(awk -v s="$slice" 'BEGIN { print s * 10 }')"; do
		drain "$1"
		before=$after
		line=$(load "$seconds" "${@:2}")
		after=$("$tools/cpu_time" "$1") || die "the server under load is gone"
		read -r _ requests duration total failures p50 p99 worst <<<"$line"
		[[ ${requests:-0} -eq 0 ]] || break
	done
	if [[ ${requests:-0} -eq 0 ]]; then
		describe "$1" >"$work/silent"
		die "no answer from port $2 to $(head -n 1 "$3"): wrk's words are in $work/wrk.out, what the server's threads wait for in $work/silent"
	fi
	read -r rps bytes cpu <<<"$(awk -v n="$requests" -v us="$duration" -v bytes="$total" -v ns="$((after - before))" \
		'BEGIN { printf "%.1f %.0f %.4f\n", n * 1e6 / us, bytes / n, ns / 1000 / n }')"
}

# compare ROW NAME:PID:PORT:LIST[:HEADER]...: the first is the reference. It is loaded before and after each of the others, $rounds times;
# each slice of another becomes a line of $work/slices: row, name, rps, p50, p99, bytes, cpu, reference's cpu and rps, failures.
compare() {
	local row=$1 reference=$2 round contestant name process to list header r_name r_process r_port r_list r_header base_cpu base_rps
	shift 2
	IFS=: read -r r_name r_process r_port r_list r_header <<<"$reference"
	for ((round = 0; round < rounds; round++)); do
		slice "$r_process" "$r_port" "$r_list" ${r_header:+"$r_header"}
		((failures == 0)) || echo "  ($r_name failed $failures times on $row)"
		base_cpu=$cpu base_rps=$rps
		for contestant; do
			IFS=: read -r name process to list header <<<"$contestant"
			slice "$process" "$to" "$list" ${header:+"$header"}
			local own="$rps $p50 $p99 $bytes $cpu" wrong=$failures
			slice "$r_process" "$r_port" "$r_list" ${r_header:+"$r_header"}
			awk -v row="$row" -v name="$name" -v own="$own" -v c="$base_cpu" -v d="$cpu" -v r="$base_rps" -v s="$rps" -v wrong="$wrong" \
				'BEGIN { printf "%s %s %s %.4f %.1f %d\n", row, name, own, (c + d) / 2, (r + s) / 2, wrong }' >>"$work/slices"
			base_cpu=$cpu base_rps=$rps
		done
	done
}
