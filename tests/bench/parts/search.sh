# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Part search: one to three words, ranked, counted and spread by every facet, nothing kept; suggestions; and how large the index is.
#
# Words come from the archive itself: of 300 random articles one, two and three words of the text, as they stand there, so that the commonest come
# as often as people meet them; the twenty that most articles hold; and rare ones, that at most 150 articles hold (the generator has none rarer). Each search is asked three times, one at
# a time, by curl on a connection that stays; its time is the median, as curl sees it.

search_facets='count=exact&facets=section,tag,source,author,year'

# Of words those that at most 150 articles hold, in whatever form and language.
found_by_few() {
	local words
	words=$(cat)
	awk -v host="http://127.0.0.1:$port" '{ printf "url = \"%s/v1/search?q=%s&count=exact&limit=1&fields=id\"\n", host, $0 }' <<<"$words" >"$work/curl"
	paste <(curl -s -g -K "$work/curl" | sed -nE 's/.*"value":([0-9]+),.*/\1/p') - <<<"$words" | awk '$1 >= 1 && $1 <= 150 { print $2 }' | head -n 300
}

# write_searches DATABASE KIND: addresses in $work/searches.
write_searches() {
	case $2 in
	commonest)
		sqlite3 -readonly "$1" "SELECT word FROM word JOIN search_form ON form = word AND stem = word ORDER BY n DESC LIMIT 20"
		;;
	rare)
		sqlite3 -readonly "$1" "SELECT form FROM word JOIN search_form ON stem = word WHERE n BETWEEN 2 AND 50 AND length(form) > 3
			AND form NOT GLOB '*[^a-z]*' ORDER BY word_id * 7919 % 10007 LIMIT 3000" | found_by_few
		;;
	*)
		sqlite3 -readonly "$1" "SELECT replace(json_extract(replace(document, char(1), ''), '\$.body_text'), char(10), ' ') FROM article_document
			WHERE article_id IN ($(random_ids "$3" 300 | paste -sd,))" |
			awk -v words="$2" '{
				gsub(/[^A-Za-z ]+/, " ")
				n = split($0, word, " ")
				if (n < 10)
					next
				line = ""
				for (i = 0; i < words; i++)
					line = line (i ? "+" : "") word[int((NR * 31 + i * 17) * 7919 % n) + 1]
				print line
			}'
		;;
	esac | awk -v facets="$search_facets" '{ print "/v1/search?q=" $0 "&" facets }' >"$work/searches"
}

# What people have typed of a word when suggestions come: its first two to six letters, of words of random titles.
write_beginnings() {
	sqlite3 -readonly "$1" "SELECT json_extract(replace(item, char(1), ''), '\$.title') FROM article WHERE article_id IN ($(random_ids "$2" 300 | paste -sd,))" |
		awk '{
			gsub(/[^A-Za-z ]+/, " ")
			n = split($0, word, " ")
			if (n > 0)
				print "/v1/suggest?q=" substr(word[NR * 7919 % n + 1], 1, 2 + NR % 5)
		}' >"$work/searches"
}

measure_searches() {
	local name=$2 p50 p99 max failed goal50='<= 10' goal99='<= 50'
	case $name in
	rare) goal50='<= 1' ;;
	suggest) goal50='<= 1' goal99=- ;;
	esac
	time_addresses "$work/searches"
	time_addresses "$work/searches"
	read -r p50 p99 max failed <<<"$(awk '{ t[NR] = $1; wrong += $2 != 200 }
		END { print t[int((NR + 1) / 2)], t[int(NR * 0.99 + 0.999)], t[NR], wrong + 0 }' "$work/filter-times")"
	report_one search "$1 articles, $name" p50_ms "$p50" "$p50" "$p50" "$goal50" ms
	report_one search "$1 articles, $name" p99_ms "$p99" "$p99" "$p99" "$goal99" ms
	report_one search "$1 articles, $name" max_ms "$max" "$max" "$max" - ms
	((failed == 0)) || report_one search "$1 articles, $name" failures "$failed" "$failed" "$failed" '<= 0' ''
	cp "$work/filter-times" "$work/search-times-$1-${name// /-}"
}

# What FTS5 keeps, beside titles, standfirsts and texts.
measure_index() {
	local ratio
	ratio=$(sqlite3 -readonly "$1" "SELECT printf('%.3f', 1.0 * (SELECT sum(length(block)) FROM article_search_data) /
		(SELECT sum(octet_length_of) FROM (SELECT length(CAST(json_extract(d, '\$.title') || coalesce(json_extract(d, '\$.summary'), '') ||
			coalesce(json_extract(d, '\$.body_text'), '') AS BLOB)) AS octet_length_of
			FROM (SELECT replace(document, char(1), '') AS d FROM article_document JOIN search_row USING (article_id)))))")
	report_one search "$2 articles" index_to_text "$ratio" "$ratio" "$ratio" '<= 1' ''
}

part_search() {
	local size kind
	heading 'Search with every facet, one at a time, nothing kept (milliseconds), and the size of the index'
	for size in $sizes; do
		database "$size"
		start_broadsheet "search-$size" "$database" "${resting[@]}" "${keeping_nothing[@]}"
		for kind in commonest 1 2 3 rare; do
			write_searches "$database" "$kind" "$size"
			case $kind in
			1) kind='one word' ;;
			2) kind='two words' ;;
			3) kind='three words' ;;
			esac
			measure_searches "$size" "$kind"
		done
		write_beginnings "$database" "$size"
		measure_searches "$size" suggest
		stop_all
		measure_index "$database" "$size"
	done
}
