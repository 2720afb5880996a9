# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Part start: from exec to the first whole answer to GET /v1/articles at the largest size, and the memory held then and after a while of many
# different requests, beside what /metrics says the kept replies take. Settings are the defaults, but for the addresses.

resident_of() {
	awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

part_start() {
	local size=${sizes##* } n value low high kept free
	heading "Start and memory at $size articles"
	database "$size"
	: >"$work/starts"
	for ((n = 0; n < 2 * rounds + 1; n++)); do
		free=$((20000 + (RANDOM * 3 + $$) % 12000))
		"$tools/measure" --first-answer "$work/measured" "$free" "$program" serve --database "$database" --listen "127.0.0.1:$free" \
			--admin-listen none >"$work/start.log" 2>&1 || { echo "  (port $free was taken, or the start failed: $work/start.log)"; continue; }
		cat "$work/measured" >>"$work/starts"
	done
	read -r value low high <<<"$(cut -f1 "$work/starts" | spread)"
	report_one start "$size articles" first_answer "$value" "$low" "$high" '<= 100' ms
	read -r value low high <<<"$(cut -f2 "$work/starts" | spread)"
	report_one start "$size articles" resident_at_start "$value" "$low" "$high" '<= 65536' KiB

	start_broadsheet start "$database"
	random_ids "$size" 20000 | awk '{ print "/v1/articles/" $1 } NR % 10 == 0 { print "/v1/articles?limit=" NR / 10 % 100 + 1 "&published_before=2020-01-" 10 + NR % 20 }' >"$work/many"
	for ((n = 0; n < rounds; n++)); do
		slice "$pid" "$port" "$work/many" 'Accept-Encoding: br'
		slice "$pid" "$port" "$work/many"
	done
	value=$(resident_of "$pid") kept=$(($(metric "$admin" broadsheet_cache_bytes) / 1024))
	report_one start "$size articles" resident_after_load "$value" "$value" "$value" - KiB
	report_one start "$size articles" kept_replies "$kept" "$kept" "$kept" - KiB
	report_one start "$size articles" resident_without_kept $((value - kept)) $((value - kept)) $((value - kept)) '<= 65536' KiB
	stop_all
}
