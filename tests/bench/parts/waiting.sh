# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Part waiting: ten thousand clients that wait for news at one process with two serving threads, by event streams and by long polls: what each takes up
# (resident memory of the server before and after, over their number), and how long after a change is sent to the server the first, the median, the 99th of a
# hundred and the last of them has it. A reader beside them asks for a list every 2 ms meanwhile.
#
# And a day of polling: what a phone costs that asks for the front page's list, one section's and what has changed once a minute for 24 hours,
# beside the same phone with plain lists and no validators (polling_day.c).
#
# Clients and server share both cores.

waiters=$([[ $quick ]] && echo 2000 || echo 10000)

wait_for_news() {
	local told
	workers=2 pinned=0 start_broadsheet "waiting-$1" "$database" --related-rate 0 --connections $((waiters * 6 / 5))
	told=$("$tools/wait_clients" "127.0.0.1:$port" "$database.sock" "$pid" "$waiters" 10 ${2:+"$2"}) || die "not all could wait"
	printf '  %s: %s\n' "$1" "$told"
	report_one waiting "$1" KiB_a_client "$(sed -E 's/ KiB.*//' <<<"$told")" 0 0 '<= 16' KiB
	report_one waiting "$1" last_told_ms "$(sed -E 's/.*told after [0-9]+ [0-9]+ [0-9]+ ([0-9]+) ms.*/\1/' <<<"$told")" 0 0 '<= 250' ms
	stop_all
}

day_of_polling() {
	local way requests full bytes ms none
	start_broadsheet polling "$database" --related-rate 0
	for way in none plain in-step; do
		read -r requests full bytes ms <<<"$("$tools/polling_day" "127.0.0.1:$port" "$database.sock" "$pid" "$way")"
		[[ $way != none ]] || none=$ms
		[[ $way == none ]] && continue
		report_one polling "$way" requests "$requests" 0 0 - ''
		report_one polling "$way" with_a_body "$full" 0 0 - ''
		report_one polling "$way" bytes "$bytes" 0 0 - ''
		report_one polling "$way" cpu_ms $((ms - none)) 0 0 - ms
	done
	stop_all
}

part_waiting() {
	heading "Clients that wait for news, $waiters at once; a day of polling"
	database "${sizes%% *}"
	copy_of "$database" waiting
	wait_for_news streams
	wait_for_news 'long polls' poll
	day_of_polling
}
