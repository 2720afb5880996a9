#!/bin/sh
# SPDX-License-Identifier: MIT
#
# key_timing.sh: runs key_timing (next to this file) against a server of its own. Fails when the time of a refusal tells whether a key's name part is known.
#
# BROADSHEET names the program (build/broadsheet by default), KEY_TIMING the measure, PAIRS how often it asks.
set -u

broadsheet=${BROADSHEET:-build/broadsheet}
measure=${KEY_TIMING:-build/bench/tools/key_timing}
folder=$(mktemp -d) || exit 1
server=
trap 'test -z "$server" || kill "$server"; wait; rm -rf "$folder"' EXIT

key=$("$broadsheet" key add --database "$folder/a.db" --name timing --scope write 2>"$folder/errors") || { cat "$folder/errors"; exit 1; }
mkfifo "$folder/out"
"$broadsheet" serve --database "$folder/a.db" --listen 127.0.0.1:0 --admin-listen none --auth-failures 0 >"$folder/out" 2>"$folder/errors" &
server=$!
url=
while read -r line; do
	url=$(printf '%s\n' "$line" | sed -n 's|.*\(http://127\.0\.0\.1:[0-9]*\).*|\1|p')
	test -z "$url" || break
done <"$folder/out"
test -n "$url" || { cat "$folder/errors"; exit 1; }
"$measure" "$url" "$key" ${PAIRS:+"$PAIRS"}
