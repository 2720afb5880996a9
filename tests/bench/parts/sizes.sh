# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Part sizes: what a request costs as the archive grows, nothing kept (--cache-bytes 0).
#
# A server for each size, all at once; they take turns within each row. The figure is the processor time a request at a size over that at
# the smallest, so it says how cost grows and nothing of the machine. Lists are asked for from the front ("first"), from far within on
# ("deep") and from there towards the front ("back"), with no filter and with one, in each order.

declare -A size_pid size_port

# terms KIND: the slugs and numbers of articles of the fifty largest, of the server on $port.
terms() {
	ask "$port" "/v1/$1s?order=count&limit=50"
	json "$work/answer" "SELECT json_extract(value, '\$.slug') || ' ' || json_extract(value, '\$.count') FROM answer, json_each(document, '\$.data')"
}

# walk PARAMETERS N NAME: addresses deep in a listing of N articles. From the second half of the walk, which ends where a page is still full
# in both directions, or after 400 pages of at most a hundred.
walk() {
	local limit=$(($2 / 20)) last from
	limit=$((limit > 100 ? 100 : limit < 1 ? 1 : limit))
	last=$(($2 / limit - 20 / limit - 1))
	last=$((last > 400 ? 400 : last))
	from=$((last / 2 > 20 / limit ? last / 2 : 20 / limit + 1))
	"$tools/walk_pages" "http://127.0.0.1:$port/v1/articles?$1&limit=$limit" "$from" "$last" $(((last - from) / 8 + 1)) >"$work/walk" ||
		die "a walk through $1 ended too early"
	links next <"$work/walk" >>"$lists/$3.deep"
	links prev <"$work/walk" >>"$lists/$3.back"
}

make_list_addresses() {
	local size=$1 kind order slug n
	for order in newest oldest updated; do
		echo "/v1/articles?order=$order" >"$lists/all.$order.first"
		walk "order=$order" "$size" "all.$order"
	done
	for kind in section tag source author; do
		terms $kind >"$lists/$kind.terms"
		for order in newest oldest updated; do
			awk -v k="$kind" -v o="$order" '{ print "/v1/articles?" k "=" $1 "&order=" o }' "$lists/$kind.terms" >"$lists/$kind.$order.first"
			while read -r slug n; do
				walk "$kind=$slug&order=$order" "$n" "$kind.$order"
			done < <(head -n 3 "$lists/$kind.terms")
		done
	done
}

# Leaves out of a list what is not answered by 200, such as the article after the newest.
keep_answered() {
	awk -v host="http://127.0.0.1:$port" '{ printf "url = \"%s%s\"\noutput = \"/dev/null\"\n", host, $0 }' "$lists/$1" >"$work/curl"
	curl -s -K "$work/curl" -w '%{http_code} %{url_effective}\n' | sed -n 's|^200 http://[^/]*||p' >"$lists/$1.answered"
	mv "$lists/$1.answered" "$lists/$1"
}

# Made once for a database; made again when a cursor of theirs is not taken any more.
make_size_lists() {
	local size=$1 row
	lists=$work/lists-$size
	if [[ -s $lists/done && $lists/done -nt $database ]] && curl -sf -o /dev/null "http://127.0.0.1:$port$(head -n 1 "$lists/all.newest.deep")"; then
		return
	fi
	rm -rf "$lists"
	mkdir -p "$lists"
	echo "  (looking for addresses deep in $size articles)"
	make_list_addresses "$size"
	random_ids "$size" 2000 | sed 's|^|/v1/articles/|' >"$lists/any"
	random_ids $((size < ready ? size : ready)) 2000 | awk -v size="$size" '{ print "/v1/articles/" size + 1 - $1 }' >"$lists/detail"
	sed 's|$|?related=0|' "$lists/any" >"$lists/detail_alone"
	sed 's|$|/related|' "$lists/detail" >"$lists/related"
	sed 's|$|/next|' "$lists/any" >"$lists/next"
	sed 's|$|/prev|' "$lists/any" >"$lists/prev"
	awk 'NR == FNR { slug[n++] = $1; next } { print $0 "/next?section=" slug[FNR % n] }' "$lists/section.terms" "$lists/any" >"$lists/next_in_section"
	for row in next prev next_in_section; do
		keep_answered $row
	done
	echo /v1/sections >"$lists/sections"
	echo '/v1/tags?order=count' >"$lists/tags"
	sed 's|$|\&count=exact|' "$lists"/{section,tag,source,author}.newest.first >"$lists/count"
	touch "$lists/done"
}

size_rows=(detail detail_alone related next prev next_in_section sections tags count)
for kind in all section tag source author; do
	for order in newest oldest updated; do
		size_rows+=($kind.$order.{first,deep,back})
	done
done

start_sizes() {
	local size
	for size in $sizes; do
		database "$size"
		start_broadsheet "size-$size" "$database" "${resting[@]}" "${keeping_nothing[@]}"
		size_pid[$size]=$pid size_port[$size]=$port
		make_size_lists "$size"
	done
	for size in $sizes; do
		settle "${size_pid[$size]}"
	done
}

# Lines of $work/size-slices: row, round, size, cpu, p50, p99, failures.
measure_size_row() {
	local round size whole=$slice
	slice=$(awk -v s="$slice" 'BEGIN { print s / 2 }')
	for ((round = 0; round <= (quick ? 1 : 3); round++)); do
		for size in $sizes; do
			slice "${size_pid[$size]}" "${size_port[$size]}" "$work/lists-$size/$1"
			# The first round warms the caches of SQLite and of the system.
			((round == 0)) || echo "$1 $round $size $cpu $p50 $p99 $failures" >>"$work/size-slices"
		done
	done
	slice=$whole
}

report_size_row() {
	awk -v row="$1" -v sizes="$sizes" -v results="$results" "$report_awk"'
		$1 == row { cpu[$3, ++n[$3]] = $4; p50[$3, n[$3]] = $5; p99[$3, n[$3]] = $6; failed += $7 }
		function of(figures, size,   list, i) {
			for (i = 1; i <= n[size]; i++) list[i] = figures[size, i]
			sort_up(list, n[size])
			low = list[1]; high = list[n[size]]
			return middle(list, n[size])
		}
		function growth(size, base,   list, i) {
			for (i = 1; i <= n[size]; i++) list[i] = cpu[size, i] / cpu[base, i]
			sort_up(list, n[size])
			low = sprintf("%.2f", list[1]); high = sprintf("%.2f", list[n[size]])
			return sprintf("%.2f", middle(list, n[size]))
		}
		END {
			count = split(sizes, size, " ")
			printf "%-22s", row
			for (i = 1; i <= count; i++) {
				value = of(cpu, size[i])
				printf " %9.1f", value
				figure("sizes", row "." size[i], "cpu_us", value, low, high)
				value = of(p50, size[i])
				printf " %8s", time_text(value)
				figure("sizes", row "." size[i], "p50_us", value, low, high)
				value = of(p99, size[i])
				printf " %8s", time_text(value)
				figure("sizes", row "." size[i], "p99_us", value, low, high)
			}
			for (i = 2; i <= count; i++) {
				value = growth(size[i], size[1])
				printf "  %6s (%s-%s) %s", value, low, high, verdict(value, "<= 1.5")
				figure("sizes", row "." size[i], "cpu_ratio_to_smallest", value, low, high, "<= 1.5")
			}
			print failed ? "  " failed " FAILED" : ""
		}' "$work/size-slices"
}

part_sizes() {
	local row size whole=$connections
	heading "What a request costs at ${sizes// /, } articles, nothing kept (CPU in microseconds; growth of CPU over the smallest, goal <= 1.5)"
	start_sizes
	connections=4
	printf '%-22s' row
	for size in $sizes; do
		printf ' %9s %8s %8s' "$size" p50 p99
	done
	for size in ${sizes#* }; do
		[[ $size == "${sizes%% *}" ]] || printf '  growth to %s' "$size"
	done
	echo
	: >"$work/size-slices"
	for row in "${size_rows[@]}"; do
		[[ $row =~ $row_pattern ]] || continue
		# In a hurry, of the lists only these.
		[[ ! $quick || $row != *.*.* || $row =~ ^(all|section|tag)\.(newest\.(first|deep|back)|updated\.deep) ]] || continue
		measure_size_row "$row"
		report_size_row "$row"
	done
	connections=$whole
	stop_all
}
