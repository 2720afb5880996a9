#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The README's tour gives what it prints. Every ```console block of README.md is run line by line against a server with the sample
# articles: a line that begins with "$ " is a command, what follows up to the next one is what it must print. The server stands on a free
# port in the place of 8080 and 8081, and its addresses are written back before comparing.
set -u

program=$(realpath "${BROADSHEET:-build/broadsheet}")
folder=$(mktemp -d)
server=
trap '[[ ! $server ]] || { kill "$server"; wait "$server"; }; rm -rf "$folder"' EXIT

"$program" import --database "$folder/articles.db" static/sample/articles.ndjson >"$folder/import" || { cat "$folder/import"; exit 1; }
"$program" serve --database "$folder/articles.db" --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 >"$folder/serving" 2>"$folder/log" &
server=$!
for _ in $(seq 100); do
	[[ -s $folder/serving && $(grep -c metrics "$folder/serving") -gt 0 ]] && break
	kill -0 "$server" 2>/dev/null || break
	read -rt 0.1 <> <(:)
done
port=$(sed -nE 's|.*serves http://127.0.0.1:([0-9]+)/.*|\1|p' "$folder/serving")
admin=$(sed -nE 's|.*metrics are at http://127.0.0.1:([0-9]+)/.*|\1|p' "$folder/serving")
[[ $port && $admin ]] || { echo "the server did not start:"; cat "$folder/serving" "$folder/log"; exit 1; }
# A reader of the tour comes to related articles later than the background does.
for _ in $(seq 300); do
	curl -s "http://127.0.0.1:$admin/metrics" | grep -q '^broadsheet_related_due 0$' && break
	read -rt 0.1 <> <(:)
done

passed=0 failed=0
run() {
	local command=$1 wanted=$2 got
	command=${command//127.0.0.1:8080/127.0.0.1:$port} command=${command//127.0.0.1:8081/127.0.0.1:$admin}
	command=${command//--database articles.db/--database $folder/articles.db} command=${command//build\/broadsheet/$program}
	got=$(bash -c "$command" 2>&1 | tr -d '\r' | sed "s/127\.0\.0\.1:$port/127.0.0.1:8080/g; s/127\.0\.0\.1:$admin/127.0.0.1:8081/g")
	if [[ $got == "$wanted" ]]; then
		((passed++))
	else
		((failed++))
		printf 'README: %s\nwanted: %s\ngot:    %s\n' "$1" "$wanted" "$got"
	fi
}

command= output= inside=
while IFS= read -r line; do
	if [[ $line == '```console' ]]; then
		inside=1
	elif [[ $line == '```' && $inside ]]; then
		[[ ! $command ]] || run "$command" "$output"
		command= output= inside=
	elif [[ $inside && $line == '$ '* ]]; then
		[[ ! $command ]] || run "$command" "$output"
		command=${line#'$ '} output=
	elif [[ $inside ]]; then
		output+=${output:+$'\n'}$line
	fi
done <README.md

((passed + failed > 0)) || { echo "README.md has no tour"; exit 1; }
echo "$passed passed, $failed failed, 0 skipped"
((failed == 0))
