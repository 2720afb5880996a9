# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Part related: how many articles a second the background finds related ones of, with all of the archive due, at the largest size. Nothing is asked
# of the server meanwhile, and all its threads share one core: the writer's work of keeping the answers is in the figure. The goal is for a second of
# processor time, as by the clock it waits for the disk, and for whoever else is there: the background has a low priority.

part_related() {
	local size=${sizes##* } n before after busy_before busy_after
	heading "Related articles through the background at $size articles"
	database "$size"
	copy_of "$database" related-rate
	sqlite3 "$database" "INSERT OR IGNORE INTO related_due (article_id, seq, spreads) SELECT article_id, seq, 0 FROM article WHERE status = 'published'" ||
		die "the articles could not be made due"
	start_broadsheet related-rate "$database" --related-rate 100000
	: >"$work/related-rates"
	pause 2
	for ((n = 0; n < rounds; n++)); do
		before=$(metric "$admin" broadsheet_related_computed) busy_before=$("$tools/cpu_time" "$pid")
		pause "$related_seconds"
		after=$(metric "$admin" broadsheet_related_computed) busy_after=$("$tools/cpu_time" "$pid")
		awk -v n=$((after - before)) -v a="$busy_before" -v b="$busy_after" -v s="$related_seconds" 'BEGIN { printf "%.1f %.1f\n", n / s, n * 1e9 / (b - a) }' >>"$work/related-rates"
	done
	stop_all
	rm -f "$database"*
	read -r value low high <<<"$(cut -d' ' -f1 "$work/related-rates" | spread)"
	report_one related "$size articles" articles_per_second "$value" "$low" "$high" - articles/s
	read -r value low high <<<"$(cut -d' ' -f2 "$work/related-rates" | spread)"
	report_one related "$size articles" articles_per_cpu_second "$value" "$low" "$high" '>= 150' articles/s
}
