# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Part filters: lists under two to four filters at once, nothing kept.
#
# Some hundreds of random combinations of terms that stand together on an article and of terms that need not, with negations, dates, all of
# several tags, in each order (filters.awk). Each is asked three times, one at a time, by curl on a connection that stays; its time is the
# median, as curl sees it. One slow combination is one slow reader, so what counts is the 99th of a hundred.

# A line an article, parted by tabs: section, source, language, time, then tags and authors parted by blanks. Of 600 random articles.
write_facts() {
	local ids
	: >"$work/facts"
	while read -r ids; do
		ask "$port" "/v1/articles?ids=$ids"
		json "$work/answer" "SELECT json_extract(a.value, '\$.section.slug') || char(9) || json_extract(a.value, '\$.source.slug') || char(9) ||
			coalesce(json_extract(a.value, '\$.lang'), 'en') || char(9) || json_extract(a.value, '\$.published_at') || char(9) ||
			coalesce((SELECT group_concat(json_extract(t.value, '\$.slug'), ' ') FROM json_each(a.value, '\$.tags') AS t), '') || char(9) ||
			coalesce((SELECT group_concat(json_extract(t.value, '\$.slug'), ' ') FROM json_each(a.value, '\$.authors') AS t), '')
			FROM answer, json_each(document, '\$.data') AS a" >>"$work/facts"
	done < <(random_ids "$1" 600 | xargs -n 100 | tr ' ' ',')
}

# Lines of $work/filter-times: milliseconds (the median of three), status, address; the slowest last.
time_addresses() {
	awk -v host="http://127.0.0.1:$port" '{ for (i = 0; i < 3; i++) printf "url = \"%s%s\"\noutput = \"/dev/null\"\n", host, $0 }' "$1" >"$work/curl"
	"${on_load[@]}" curl -s -g -K "$work/curl" -w '%{time_total} %{http_code} %{url_effective}\n' | awk "$report_awk"'
		{ time[++n] = $1 * 1000 }
		$2 != 200 { wrong = $2 }
		n == 3 {
			sort_up(time, n)
			sub("http://[^/]*", "", $3)
			print time[2], wrong ? wrong : 200, $3
			n = wrong = 0
		}' | sort -g >"$work/filter-times"
}

part_filters() {
	local size count=$([[ $quick ]] && echo 100 || echo 400) p50 p99 max failed slowest
	heading "Lists under several filters, $count combinations, one at a time, nothing kept (milliseconds)"
	for size in $sizes; do
		database "$size"
		start_broadsheet "filters-$size" "$database" "${resting[@]}" "${keeping_nothing[@]}"
		write_facts "$size"
		awk -v count="$count" -f "$here/filters.awk" "$work/facts" >"$work/filters"
		time_addresses "$work/filters"
		time_addresses "$work/filters"
		read -r p50 p99 max failed <<<"$(awk '{ t[NR] = $1; wrong += $2 != 200 }
			END { print t[int((NR + 1) / 2)], t[int(NR * 0.99 + 0.999)], t[NR], wrong + 0 }' "$work/filter-times")"
		slowest=$(tail -n 1 "$work/filter-times")
		report_one filters "$size articles" p50_ms "$p50" "$p50" "$p50" - ms
		report_one filters "$size articles" p99_ms "$p99" "$p99" "$p99" '<= 50' ms
		report_one filters "$size articles" max_ms "$max" "$max" "$max" - ms
		((failed == 0)) || report_one filters "$size articles" failures "$failed" "$failed" "$failed" '<= 0' ''
		printf '  the slowest, %s ms: %s\n' "${slowest%% *}" "${slowest##* }"
		cp "$work/filter-times" "$work/filter-times-$size"
		stop_all
	done
}
