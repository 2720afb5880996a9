#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The generator of articles for measuring writes the same bytes everywhere, and `broadsheet import` takes every line of them.
set -u

program=$(realpath "${BROADSHEET:-build/broadsheet}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

expect() {
	if [[ $2 == "$3" ]]; then
		((passed++))
	else
		((failed++))
		printf '%s\nwanted: %s\ngot:    %s\n' "$1" "$2" "$3"
	fi
}

${CC:-cc} -std=gnu17 -O1 -D_GNU_SOURCE -o "$folder/generate" tests/bench/generate/*.c || exit 1
"$folder/generate" 500 >"$folder/500"
expect 'the same seed, the same bytes' 611bd10feb019b59 "$(sha256sum <"$folder/500" | cut -c1-16)"
expect 'another seed, other bytes' 1 "$("$folder/generate" --seed 2 500 | cmp -s - "$folder/500"; echo $?)"
expect 'a change every fifty articles on top' 510 "$(wc -l <"$folder/500")"
expect 'the text does not depend on how many there are' "$(sed -n 100p "$folder/500" | grep -o '"body_html.*' | md5sum)" \
	"$("$folder/generate" 5000 | sed -n 100p | grep -o '"body_html.*' | md5sum)"
expect 'all of it goes in' '500 created, 10 updated, 0 unchanged, 0 refused' \
	"$("$program" import --database "$folder/articles.db" "$folder/500" 2>&1 | tail -n 1 | sed 's/.*: //')"

echo "$passed passed, $failed failed, 0 skipped"
((failed == 0))
