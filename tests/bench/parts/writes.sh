# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Part writes: 64 clients that create articles through the control socket, each the next as soon as the last is acknowledged, into a database that
# holds the smallest size already. How many acknowledged writes there are to an fdatasync, by strace; the rate beside that of a process whose syncs do
# nothing (what synchronous=OFF comes to), by turns; and reads of kept replies alone and beside the writers.
#
# The server is not pinned: the writer's thread and the serving ones share both cores with the load.

writers=64

# start_for_writes [COMMAND...]: a server on a copy of the database, started by the command.
start_for_writes() {
	local kept=("${on_server[@]}")
	rm -f "$work"/writes.db*
	cp "$database" "$work/writes.db"
	on_server=("$@")
	start_broadsheet writes "$work/writes.db"
	on_server=("${kept[@]}")
}

# measure_writes: leaves "acknowledged rate p50 p99" in $work/written.
measure_writes() {
	timeout 120 "$tools/write_load" "$work/writes.db.sock" "$writers" "$(awk -v s="$slice" 'BEGIN { print 3 * s }')" >"$work/written" || die "a write was refused"
}

part_writes() {
	local size=${sizes%% *} n value low high syncs
	heading "Acknowledged writes, $writers clients, into $size articles"
	database "$size"
	: >"$work/synced" >"$work/unsynced"
	for ((n = 0; n < rounds; n++)); do
		start_for_writes env "LD_PRELOAD=$tools/no_sync.so"
		measure_writes
		cut -d' ' -f2 "$work/written" >>"$work/unsynced"
		stop_all
		start_for_writes env
		measure_writes
		cut -d' ' -f2- "$work/written" >>"$work/synced"
		stop_all
	done
	read -r value low high <<<"$(cut -d' ' -f1 "$work/synced" | spread)"
	report_one writes "$writers clients" writes_a_second "$value" "$low" "$high" - /s
	read -r value low high <<<"$(paste "$work/synced" "$work/unsynced" | awk '{ print $1 / $4 }' | spread)"
	report_one writes "$writers clients" ratio_to_no_sync "$value" "$low" "$high" '>= 0.8' ''
	read -r value low high <<<"$(cut -d' ' -f2 "$work/synced" | spread)"
	report_one writes "$writers clients" p50 "$value" "$low" "$high" - ms
	read -r value low high <<<"$(cut -d' ' -f3 "$work/synced" | spread)"
	report_one writes "$writers clients" p99 "$value" "$low" "$high" - ms

	start_for_writes strace -f --seccomp-bpf -qq -c -o "$work/strace" -e trace=fdatasync,fsync
	measure_writes
	stop_traced
	syncs=$(awk '$NF ~ /^f(data)?sync$/ { n += $4 } END { print n + 0 }' "$work/strace")
	value=$(awk -v n="$syncs" '{ printf "%.1f", $1 / n }' "$work/written")
	report_one writes "$writers clients" writes_an_fdatasync "$value" "$value" "$value" '>= 20' ''
	part_reads_beside_writes
}

# strace goes when what it traces has gone.
stop_traced() {
	local child
	for child in $(pgrep -P "$pid"); do
		kill "$child"
	done
	wait "$pid" 2>/dev/null
	started=()
}

# With few connections, as there are readers beside a newsroom; all threads share the cores.
part_reads_beside_writes() {
	local n load value low high connections=4 alone
	: >"$work/reads"
	start_for_writes env
	random_ids "$size" 1000 | awk '{ print "/v1/articles/" $1 }' >"$work/read"
	slice "$pid" "$port" "$work/read"
	for ((n = 0; n < rounds; n++)); do
		slice "$pid" "$port" "$work/read"
		alone="$rps $p99"
		timeout 120 "$tools/write_load" "$work/writes.db.sock" "$writers" "$(awk -v s="$slice" 'BEGIN { print s + 1 }')" >/dev/null &
		load=$!
		pause 0.3
		slice "$pid" "$port" "$work/read"
		wait "$load"
		echo "$alone $rps $p99" >>"$work/reads"
	done
	stop_all
	read -r value low high <<<"$(awk '{ print $3 / $1 }' "$work/reads" | spread)"
	report_one writes 'reads beside' ratio_of_rate "$value" "$low" "$high" '>= 0.8' ''
	read -r value low high <<<"$(awk '{ print $4 / $2 }' "$work/reads" | spread)"
	report_one writes 'reads beside' ratio_of_p99 "$value" "$low" "$high" '<= 3' ''
}
