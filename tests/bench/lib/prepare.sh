# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What is made once and kept: databases of generated articles, named after all that shapes them, and ways to ask a server for this and that.

# database SIZE: the path of a database with so many articles, made when it is not there. FRESH=1 makes it anew.
fingerprint=$(cat "$here"/generate/*.[ch] migrations/sqlite/*.sql | sha256sum | cut -c1-12)
database() {
	local path=$work/articles-$1-$fingerprint.db
	if [[ ! -e $path || ${made[$path]-} != 1 && ${FRESH-} ]]; then
		rm -f "$work/articles-$1-"* "$work/new.db"*
		echo "  (making a database of $1 articles)" >&2
		"$tools/generate_articles" "$1" | "$program" import --database "$work/new.db" - >"$work/import.log" 2>&1 ||
			die "the generated articles did not go in, see $work/import.log"
		make_related_ready "$work/new.db" "$1"
		mv "$work/new.db" "$path"
		rm -f "$work/new.db"*
	fi
	made[$path]=1
	database=$path
}
declare -A made

# Serves a database as long as it takes to find related articles of the newest $ready, or of all: from then on that answer is read, not made.
make_related_ready() {
	local n due
	has_option --related-rate || return 0
	echo "  (finding related articles)" >&2
	pinned=0 start_broadsheet related "$1" --related-rate 100000
	for ((n = 0; n < 3600; n++)); do
		due=$(metric "$admin" broadsheet_related_due)
		((due > $2 - ready && due > 0)) || break
		pause 1
	done
	stop "$pid"
}

# copy_of DATABASE NAME: a second database for a second server, as one process owns one file.
copy_of() {
	cp --reflink=auto "$1" "$work/$2.db"
	rm -f "$work/$2.db-wal" "$work/$2.db-shm"
	database=$work/$2.db
}

# json FILE SQL: what a query finds in a JSON answer, which the SQL calls `answer`.
json() {
	sqlite3 :memory: "CREATE TABLE answer AS SELECT CAST(readfile('$1') AS TEXT) AS document; $2"
}

# ask PORT PATH: the answer, in $work/answer.
ask() {
	curl -sf -o "$work/answer" "http://127.0.0.1:$1$2" || die "no good answer to $2"
}

# links NAME: of what walk_pages found, the links of that name, to pages of the usual length, wherever the limit stood in the address.
links() {
	sed -nE "s/^$1\t//; T; s/([?&])limit=[0-9]+(&|\$)/\1/; s/[?&]\$//; p"
}

# Random numbers from 1 to $1, $2 of them, the same each time; each comes once while there are enough.
random_ids() {
	awk -v most="$1" -v n="$2" 'BEGIN {
		srand(1)
		while (made < n) {
			id = int(rand() * most) + 1
			if (n <= most / 2 && id in seen) continue
			seen[id]
			print id
			made++
		}
	}'
}
