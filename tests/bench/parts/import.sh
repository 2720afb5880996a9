# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Part import: articles from a file into an empty database, beside the sqlite3 shell that puts the same rows into the same tables.
#
# The shell has it easier: its rows lie ready in a database of their own, tables without indexes, in the order in which an import makes
# them. It parses, checks, cleans and looks up nothing, and heeds no foreign keys. The schema, WAL, synchronous=FULL and as many articles a
# transaction are the same. The two take turns, the shell before and after; neither is pinned.

# The settings that server/store/store.c gives a writer, and the batches of server/cli/import_delivery.h.
import_pragmas='PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-65536;'
import_batch=5000

# Tables of a database that hold rows of ours, a line each with its type: not SQLite's own, nor what a full-text index keeps for itself.
tables_of() {
	sqlite3 -readonly "$1" "SELECT name || ' ' || type FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite_%'
		AND name NOT IN (SELECT name FROM sqlite_schema WHERE sql LIKE '%fts5vocab%') ORDER BY type, name"
}

columns_of() {
	sqlite3 -readonly "$1" "SELECT group_concat('\"' || name || '\"', ', ') FROM pragma_table_info('$2')"
}

# What an import makes an article at a time comes in the order of the articles.
order_of() {
	sqlite3 -readonly "$1" "SELECT CASE WHEN EXISTS (SELECT 1 FROM pragma_table_info('$2') WHERE name = 'article_id') THEN ' ORDER BY article_id' ELSE '' END"
}

# A full-text index without content cannot be read. rows_behind DATABASE INDEX: a query for the rows that it was filled from, numbers first.
rows_behind() {
	case $2 in
	article_words)
		echo 'SELECT article_id, word_ids FROM source.article_vector ORDER BY 1'
		;;
	article_search)
		echo "SELECT doc$(sqlite3 -readonly "$1" "SELECT group_concat(', max(CASE col WHEN ''' || name || ''' THEN words ELSE '''' END)', '') FROM pragma_table_info('$2')")
			FROM (SELECT doc, col, group_concat(term, ' ') AS words FROM (SELECT doc, col, term FROM source.search_posting ORDER BY doc, col, offset) GROUP BY doc, col) GROUP BY doc"
		;;
	suggest_word)
		echo 'SELECT (published_at / 60 + (1 << 30)) << 30 | article_id AS place, words FROM source.suggest_title ORDER BY 1'
		;;
	esac
}

# prepare_tables DATABASE: copies of its tables in $work/rows.db; in $work/fills a line for each: its name, its columns, those of the copy.
prepare_tables() {
	local table type columns behind
	: >"$work/fills"
	while read -r table type; do
		columns=$(columns_of "$1" "$table")
		if [[ $type == table ]]; then
			echo "CREATE TABLE main.\"$table\" AS SELECT $columns FROM source.\"$table\"$(order_of "$1" "$table");"
			printf '%s\t%s\t%s\n' "$table" "$columns" "$columns" >>"$work/fills"
			continue
		fi
		behind=$(rows_behind "$1" "$table")
		[[ $behind ]] || die "nobody knows what the index $table was filled from"
		echo "CREATE TABLE main.\"$table\" (number, $columns);"
		echo "INSERT INTO main.\"$table\" $behind;"
		printf '%s\trowid, %s\tnumber, %s\n' "$table" "$columns" "$columns" >>"$work/fills"
	done < <(tables_of "$1") >"$work/prepare.sql"
	sqlite3 "$work/rows.db" "ATTACH 'file:$1?mode=ro' AS source" ".read $work/prepare.sql" || die "the rows could not be prepared"
}

# prepare_rows DATABASE SIZE: $work/rows.db, and $work/rows.sql, which fills an empty database from it, in as many transactions as an import.
prepare_rows() {
	local table
	rm -f "$work/rows.db"
	prepare_tables "$1"
	for table in $(cut -f1 "$work/fills"); do
		echo "$table $(sqlite3 "$work/rows.db" "SELECT count(*) FROM \"$table\"")"
	done >"$work/row-counts"
	awk -F '\t' -v pragmas="$import_pragmas" -v rows="$work/rows.db" -v batches=$((($2 + import_batch - 1) / import_batch)) -v counts="$work/row-counts" '
		{ table[NR] = $1; columns[NR] = $2; from[NR] = $3 }
		END {
			while ((getline line < counts) > 0) { split(line, field, " "); count[field[1]] = field[2] }
			print pragmas
			printf "ATTACH \047%s\047 AS rows;\n", rows
			for (batch = 0; batch < batches; batch++) {
				print "BEGIN IMMEDIATE;"
				for (i = 1; i <= NR; i++)
					printf "INSERT %sINTO main.\"%s\" (%s) SELECT %s FROM rows.\"%s\" WHERE rows.\"%s\".rowid > %d AND rows.\"%s\".rowid <= %d;\n",
						columns[i] ~ /^rowid/ ? "" : "OR REPLACE ", table[i], columns[i], from[i], table[i], table[i], int(count[table[i]] * batch / batches), table[i], int(count[table[i]] * (batch + 1) / batches)
				print "COMMIT;"
			}
		}' "$work/fills" >"$work/rows.sql"
}

# What measure wrote: seconds, processor seconds, KiB.
read_measure() {
	read -r seconds busy kib <<<"$(awk '{ print $1, $2 + $3, $4 }' "$work/measured")"
}

# A database with tables and nothing in them. Nothing of the last one may be left, nor in the system's queue to the disk.
empty_database() {
	rm -f "$work/$1.db"*
	"$program" migrate --database "$work/$1.db" >/dev/null || die 'no empty database'
	sync "$work"
}

import_once() {
	empty_database import
	"$tools/measure" "$work/measured" "$program" import --database "$work/import.db" "$work/articles.ndjson" >"$work/import.log" 2>&1 ||
		die "the import failed, see $work/import.log"
	read_measure
}

shell_once() {
	empty_database shell
	"$tools/measure" "$work/measured" sqlite3 "$work/shell.db" ".read $work/rows.sql" >"$work/shell.log" 2>&1 || die "the shell failed, see $work/shell.log"
	read_measure
}

# Lines of $work/import-figures: articles a second, ratio to the shell by time, by processor time, KiB, processor microseconds an article.
measure_import() {
	local size=$1 n=$2 round shell_seconds shell_busy own
	"$tools/generate_articles" "$size" >"$work/articles.ndjson"
	import_once
	prepare_rows "$work/import.db" "$size"
	shell_once
	shell_seconds=$seconds shell_busy=$busy
	check_same
	: >"$work/import-figures"
	for ((round = 0; round < n; round++)); do
		import_once
		own="$seconds $busy $kib"
		shell_once
		awk -v size="$size" -v own="$own" -v s="$shell_seconds" -v t="$seconds" -v b="$shell_busy" -v c="$busy" 'BEGIN {
			split(own, o, " ")
			printf "%.1f %.4f %.4f %d %.1f %.1f\n", size / o[1], (s + t) / 2 / o[1], (b + c) / 2 / o[2], o[3], o[2] / size * 1e6, size / ((s + t) / 2)
		}' >>"$work/import-figures"
		shell_seconds=$seconds shell_busy=$busy
	done
	rm -f "$work"/{import,shell,rows}.db* "$work/articles.ndjson"
}

# The comparison would be none if the shell's database lacked something.
check_same() {
	local table
	for table in $(awk -F '\t' '$2 !~ /^rowid/ { print $1 }' "$work/fills"); do
		[[ $(sqlite3 -readonly "$work/import.db" "SELECT count(*) FROM \"$table\"") == $(sqlite3 -readonly "$work/shell.db" "SELECT count(*) FROM \"$table\"") ]] ||
			echo "  (the shell's table $table is not like ours)"
	done
}

report_import() {
	local column name unit goal value low high
	while read -r column name unit goal; do
		read -r value low high <<<"$(cut -d' ' -f"$column" "$work/import-figures" | spread)"
		report_one import "$1 articles" "$name" "$value" "$low" "$high" "${goal:--}" "$unit"
	done <<-END
		1 articles_per_second articles/s
		6 shell_articles_per_second articles/s
		2 ratio_to_shell - >= 0.5
		3 ratio_to_shell_by_cpu -
		5 cpu_us_per_article us
		4 peak_resident KiB
	END
}

part_import() {
	local size first=
	heading "Import into an empty database, beside the sqlite3 shell with prepared rows"
	for size in $import_sizes; do
		measure_import "$size" $((rounds > 3 ? 3 : rounds > 1 && !quick ? rounds : 1))
		report_import "$size"
		value=$(cut -d' ' -f4 "$work/import-figures" | spread | cut -d' ' -f1)
		if [[ $first ]]; then
			value=$(awk -v a="$value" -v b="$first" 'BEGIN { printf "%.2f", a / b }')
			report_one import "$size articles" memory_ratio_to_smallest "$value" "$value" "$value" "$([[ $quick ]] && echo - || echo '<= 1.2')" ''
		else
			first=$value
		fi
	done
}
