#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run_tests.sh [OPTION...] PROGRAM...: runs test programs, prints a line for each and the whole output of those that
# fail, and ends with what it counted. Nothing may hang: a program that is not done in time has failed.
#
#   --label TEXT      what stands in front of each line
#   --counts FILE     add this run's counts to FILE
#   --jobs N          so many at once (default: one a core)
#   --limit SECONDS   for one program (default: 120)
#   --under COMMAND   run programs by this command, such as valgrind
#
# What a program counted is read from its output: cmocka's summary, or a last line "N passed, N failed, N skipped". One
# that counts nothing is one test, passed by exit status 0 and skipped by 77. One that fails without counting a failed
# test (it crashed, a sanitizer or valgrind spoke up) has one.
set -u

label='' counts=/dev/null jobs=$(nproc) limit=120 under=()
while (($#)); do
	case $1 in
	--label) label="$2 " ;;
	--counts) counts=$2 ;;
	--jobs) jobs=$2 ;;
	--limit) limit=$2 ;;
	--under) read -ra under <<<"$2" ;;
	*) break ;;
	esac
	shift 2
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The sum of the numbers that $1 (with \1 around the number) finds in file $2.
sum() {
	sed -nE "s/$1/\1/p" "$2" | { total=0; while read -r n; do ((total += n)); done; echo "$total"; }
}

# Sets passed, failed and skipped from the output in file $1 and the exit status $2.
count() {
	local last
	last=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$1" | tail -n 1)
	if [[ $last ]]; then
		read -r passed _ failed _ skipped _ <<<"$last"
	else
		passed=$(sum '^\[  PASSED  \] ([0-9]+) test.*' "$1")
		failed=$(sum '^ *([0-9]+) FAILED TEST.*' "$1")
		skipped=$(sum '^ *([0-9]+) SKIPPED TEST.*' "$1")
	fi
	if (($2 == 77 && passed + failed + skipped == 0)); then
		skipped=1
	elif (($2 != 0 && failed == 0)); then
		failed=1
	elif (($2 == 0 && passed + failed + skipped == 0)); then
		passed=1
	fi
}

# Runs the program $2 as number $1. What is printed goes out in one piece, as several run at once.
run() {
	local output=$folder/$1.output status start=$EPOCHREALTIME seconds passed failed skipped report
	# The shell's own remark on a crash is not wanted: the status says it.
	{ timeout -k 10 "$limit" "${under[@]}" "$2" >"$output" 2>&1 </dev/null; } 2>/dev/null
	status=$?
	seconds=$(((${EPOCHREALTIME/[.,]/} - ${start/[.,]/}) / 10000))
	count "$output" $status
	echo "$passed $failed $skipped" >"$folder/$1.counts"

	report=$(printf '%s%-4s %s: %d passed' "$label" "$( ((failed)) && echo FAIL || echo ok)" "${2#*tests/}" "$passed")
	((failed)) && report+=", $failed failed"
	((skipped)) && report+=", $skipped skipped"
	report+=$(printf ' (%d.%02d s)' $((seconds / 100)) $((seconds % 100)))
	((status == 124 || status == 137)) && report+=$'\n'"     stopped after $limit s"
	((skipped && !failed)) && report+=$'\n'$(grep -aiE 'skip' "$output" | grep -avE '^\[  SKIPPED|SKIPPED TEST|passed, ' | sed 's/^/     /')
	((failed)) && report+=$'\n'$(sed 's/^/     /' "$output")$'\n'"     (exit status $status)"
	printf '%s\n' "${report%$'\n'}"
}

n=0
for program; do
	while (($(jobs -rp | wc -l) >= jobs)); do
		wait -n
	done
	((++n))
	run $n "$program" &
done
wait

passed=0 failed=0 skipped=0
for ((i = 1; i <= n; i++)); do
	# A runner that was killed itself leaves nothing behind: that is a failure too.
	read -r p f s <"$folder/$i.counts" 2>/dev/null || { p=0 f=1 s=0; }
	((passed += p, failed += f, skipped += s))
done
echo "$passed $failed $skipped" >>"$counts"
echo "$label$passed passed, $failed failed, $skipped skipped"
((failed == 0))
