# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Parts hot, uncached and ceiling: one request at a time of the common kinds, beside nginx with the same bytes in files.
#
#   hot       broadsheet with kept replies
#   uncached  broadsheet with --cache-bytes 0: every reply is made anew
#   ceiling   libmicrohttpd with ready replies and nothing around them: the most our HTTP layer could reach
#
# All run at once, resting while another is loaded, and take turns within each row. The articles are those of the smallest size.

http_rows=(hot_detail random_details first_page tag_page deep_page related mixed not_modified not_modified_list)
declare -A http_goal=(
	[hot,hot_detail]='>= 1.05' [hot,random_details]='>= 1.05' [hot,first_page]='>= 1.05' [hot,tag_page]='>= 1.05' [hot,deep_page]='>= 1.05'
	[hot,related]='>= 1.05' [hot,mixed]='>= 1.25' [hot,not_modified]='>= 0.95' [hot,not_modified_list]='>= 0.95'
	[uncached,hot_detail]='>= 0.40' [uncached,random_details]='>= 0.40' [uncached,first_page]='>= 0.25' [uncached,tag_page]='>= 0.25'
	[uncached,deep_page]='>= 0.25'
)

# The addresses of each row, in $work/lists. Asked of the server on $port.
make_http_lists() {
	local n=$1 lists=$work/lists tag id
	mkdir -p "$lists"
	id=$(random_ids "$n" 1)
	echo "/v1/articles/$id" >"$lists/hot_detail"
	random_ids "$n" "$details" | sed 's|^|/v1/articles/|' >"$lists/random_details"
	echo /v1/articles >"$lists/first_page"
	ask "$port" '/v1/tags?order=count&limit=20'
	tag=$(json "$work/answer" "SELECT json_extract(document, '\$.data[10].slug') FROM answer")
	echo "/v1/articles?tag=$tag" >"$lists/tag_page"
	"$tools/walk_pages" "http://127.0.0.1:$port/v1/articles?limit=100" $((n / 200)) $((n / 200)) 1 | links next >"$lists/deep_page"
	echo "/v1/articles/$id/related" >"$lists/related"
	cp "$lists/hot_detail" "$lists/not_modified"
	cp "$lists/first_page" "$lists/not_modified_list"

	# Of a hundred requests eighty are for articles, ten for what is related, ten for lists.
	ask "$port" '/v1/tags?order=count&limit=100'
	json "$work/answer" "SELECT '/v1/articles?tag=' || json_extract(value, '\$.slug') FROM answer, json_each(document, '\$.data')" >"$lists/lists"
	ask "$port" '/v1/sections'
	json "$work/answer" "SELECT '/v1/articles?section=' || json_extract(value, '\$.slug') FROM answer, json_each(document, '\$.data')" >>"$lists/lists"
	ask "$port" '/v1/authors?order=count&limit=100'
	json "$work/answer" "SELECT '/v1/articles?author=' || json_extract(value, '\$.slug') FROM answer, json_each(document, '\$.data')" >>"$lists/lists"
	awk -v lists="$lists/lists" 'BEGIN { while ((getline line < lists) > 0) list[n++] = line }
		{ print } NR % 8 == 0 { print $0 "/related"; print list[i++ % n] }' "$lists/random_details" >"$lists/mixed"
}

# Asks for every address of a row that no earlier row had, in one process on one connection. The replies become files for nginx; the list
# of the row's files goes beside that of its addresses.
write_files() {
	local row=$1 coding=$2 map=$work/files/$2.map
	awk -v host="http://127.0.0.1:$port" -v folder="$work/files" -v coding="$coding" -v map="$map" '
		BEGIN { while ((getline line < map) > 0) { split(line, field, " "); known[field[1]]; n++ } close(map) }
		!($0 in known) {
			known[$0]
			path = "/" coding "/" ++n
			print $0, path >>map
			printf "url = \"%s%s\"\noutput = \"%s%s\"\n", host, $0, folder, path
		}' "$work/lists/$row" >"$work/curl"
	[[ ! -s $work/curl ]] || curl -sf -H "Accept-Encoding: ${coding/plain/identity}" -K "$work/curl" || die "not all addresses of $row were answered"
	awk 'NR == FNR { path[$1] = $2; next } { print path[$1] }' "$map" "$work/lists/$row" >"$work/lists/$row.nginx.$coding"
}

# A kept reply may be coded better after its first answer: what nginx gets is asked for until that is over, with rests in
# between.
write_all_files() {
	local row coding
	rm -rf "$work/files"
	for coding in $codings; do
		mkdir -p "$work/files/$coding"
		: >"$work/files/$coding.map"
		for row in "${http_rows[@]}"; do
			[[ $row == not_modified* || ! $row =~ $row_pattern|^hot_detail|^first_page ]] || write_files "$row" "$coding"
		done
	done
}

etag_of() {
	curl -sf -o /dev/null -D - -H "Accept-Encoding: identity" "http://127.0.0.1:$1$2" | sed -n 's/\r//; s/^[Ee][Tt]ag: //p'
}

# The list and the header of a row for nginx, as compare() takes them.
for_nginx() {
	local row=$1 coding=$2 like
	case $row in
	not_modified) like=hot_detail ;;
	not_modified_list) like=first_page ;;
	*) echo "$work/lists/$row.nginx.$coding"; return ;;
	esac
	echo "$work/lists/$like.nginx.$coding:If-None-Match: $(etag_of "$nginx_port" "$(cat "$work/lists/$like.nginx.$coding")")"
}

# The same for broadsheet.
for_broadsheet() {
	local row=$1 coding=$2 header="Accept-Encoding: ${2/plain/identity}"
	[[ $row != not_modified* ]] || header="If-None-Match: $(etag_of "$port" "$(cat "$work/lists/$row")")"
	echo "$work/lists/$row:$header"
}

measure_http_row() {
	local row=$1 coding=$2 contestants=() like=$1 list= name=$1.$2 constant=
	[[ $row != not_modified* || $coding == plain ]] || return
	[[ ! $hot_pid ]] || { port=$hot_port; contestants+=("hot:$hot_pid:$hot_port:$(for_broadsheet "$row" "$coding")"); }
	[[ ! $uncached_pid ]] || { port=$uncached_port; contestants+=("uncached:$uncached_pid:$uncached_port:$(for_broadsheet "$row" "$coding")"); }
	if wants ceiling && [[ $row =~ ^(hot_detail|random_details|first_page|mixed|not_modified)$ && $coding == plain ]]; then
		[[ ! $row =~ ^(random_details|mixed)$ ]] || { like=hot_detail list=$work/lists/$row.nginx.plain; }
		IFS=: read -r _ constant <<<"$(port=$any_port for_broadsheet "$like" "$coding")"
		curl -si -H "$constant" "http://127.0.0.1:$any_port$(cat "$work/lists/$like")" >"$work/constant"
		start_ceiling "$work/constant" $list
		constant=$pid
		contestants+=("ceiling:$pid:$port:$(port=$any_port for_broadsheet "$row" "$coding")")
	fi
	compare "$name" "nginx:$nginx_pid:$nginx_port:$(for_nginx "$row" "$coding")" "${contestants[@]}"
	[[ ! $constant ]] || stop "$constant"
	report_http_row "$name" "$row" "$coding"
	report_share_of_ceiling "$name"
}

report_http_row() {
	local name goal
	for name in hot uncached ceiling; do
		goal=${http_goal[$name,$2]-}
		[[ $3 == plain || $name == hot ]] || goal=
		awk -v row="$1" -v name="$name" -v goal="${goal:--}" -v results="$results" "$report_awk"'
			$1 == row && $2 == name {
				n++
				rps[n] = $3; p50[n] = $4; p99[n] = $5; bytes[n] = $6; cpu[n] = $7; base[n] = $8
				by_cpu[n] = $8 / $7; by_rps[n] = $3 / $9; failed += $10
			}
			END {
				if (n == 0) exit
				sort_up(rps, n); sort_up(p50, n); sort_up(p99, n); sort_up(bytes, n); sort_up(cpu, n); sort_up(base, n)
				sort_up(by_cpu, n); sort_up(by_rps, n)
				ratio = middle(by_cpu, n)
				ratio = sprintf(ratio < 0.1 ? "%.4f" : "%.2f", ratio)
				printf "%-24s %-9s %8.0f %8s %8s %7d %8.2f %8.2f %6s %-15s %6.2f  %-8s %s%s\n", row, name, middle(rps, n), time_text(middle(p50, n)),
					time_text(middle(p99, n)), middle(bytes, n), middle(cpu, n), middle(base, n), ratio,
					ratio < 0.1 ? sprintf("(%.4f-%.4f)", by_cpu[1], by_cpu[n]) : sprintf("(%.2f-%.2f)", by_cpu[1], by_cpu[n]), middle(by_rps, n), goal, verdict(ratio, goal), failed ? "  " failed " FAILED" : ""
				figure(name, row, "requests_per_second", middle(rps, n), rps[1], rps[n])
				figure(name, row, "p50_us", middle(p50, n), p50[1], p50[n])
				figure(name, row, "p99_us", middle(p99, n), p99[1], p99[n])
				figure(name, row, "bytes", middle(bytes, n), bytes[1], bytes[n])
				figure(name, row, "cpu_us", middle(cpu, n), cpu[1], cpu[n])
				figure(name, row, "nginx_cpu_us", middle(base, n), base[1], base[n])
				figure(name, row, "cpu_ratio_to_nginx", ratio, sprintf("%.3f", by_cpu[1]), sprintf("%.3f", by_cpu[n]), goal)
				figure(name, row, "rps_ratio_to_nginx", sprintf("%.3f", middle(by_rps, n)), sprintf("%.3f", by_rps[1]), sprintf("%.3f", by_rps[n]))
				if (failed) figure(name, row, "failures", failed, failed, failed, "<= 0")
			}' "$work/slices"
	done
}

# What the constant reply costs over what a reply of broadsheet costs, where both were measured in the same rounds.
report_share_of_ceiling() {
	awk -v row="$1" -v results="$results" "$report_awk"'
		$1 == row { cpu[$2, ++n[$2]] = $7 }
		END {
			if (!n["hot"] || !n["ceiling"]) exit
			for (i = 1; i <= n["hot"]; i++) share[i] = cpu["ceiling", i] / cpu["hot", i]
			sort_up(share, n["hot"])
			printf "%-24s kept replies reach %.2f of the ceiling (%.2f-%.2f)\n", "", middle(share, n["hot"]), share[1], share[n["hot"]]
			figure("hot", row, "share_of_ceiling", sprintf("%.3f", middle(share, n["hot"])), sprintf("%.3f", share[1]), sprintf("%.3f", share[n["hot"]]))
		}' "$work/slices"
}

part_http() {
	local again hot_pid= hot_port= hot_admin= uncached_pid= uncached_port= any_port nginx_pid nginx_port row coding size=${sizes%% *}
	heading "Requests, over $size articles, beside nginx (CPU: microseconds of the server's processor time a request; ratios: more is better)"
	database "$size"
	copy_of "$database" uncached
	start_broadsheet uncached "$database" "${resting[@]}" "${keeping_nothing[@]}"
	uncached_pid=$pid uncached_port=$port any_port=$port
	if wants hot && has_option --cache-bytes; then
		database "$size"
		copy_of "$database" hot
		start_broadsheet hot "$database" "${resting[@]}" --cache-bytes "$cache_bytes"
		hot_pid=$pid hot_port=$port hot_admin=$admin any_port=$port
	elif wants hot; then
		echo "  (this broadsheet has no --cache-bytes: nothing is kept, there is no part hot)"
	fi
	make_http_lists "$size"
	write_all_files
	if [[ $hot_pid ]]; then
		for again in 2 3; do
			settle "$hot_pid"
			write_all_files
		done
		settle "$hot_pid"
	fi
	wants uncached || uncached_pid=
	start_nginx
	nginx_pid=$pid nginx_port=$port
	for coding in $codings; do
		cmp -s <(curl -s "http://127.0.0.1:$nginx_port$(cat "$work/lists/first_page.nginx.$coding")") \
			<(curl -s -H "Accept-Encoding: ${coding/plain/identity}" "http://127.0.0.1:$any_port/v1/articles") || echo "  (nginx's file is not what the server answers)"
	done

	printf '%-24s %-9s %8s %8s %8s %7s %8s %8s %6s %-15s %6s  %-8s %s\n' row server req/s p50 p99 bytes CPU nginx ratio '(spread)' 'req/s' goal verdict
	: >"$work/slices"
	for coding in $codings; do
		for row in "${http_rows[@]}"; do
			[[ ! $row =~ $row_pattern ]] || measure_http_row "$row" "$coding"
		done
	done
	[[ ! $hot_pid ]] || printf '\n  Kept replies: %d bytes, %d hits, %d misses\n' "$(metric "$hot_admin" broadsheet_cache_bytes)" \
		"$(metric "$hot_admin" broadsheet_cache_hits)" "$(metric "$hot_admin" broadsheet_cache_misses)"
	stop_all
	rm -f "$work"/{hot,uncached}.db*
}
