#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run_all.sh: what `make test` does once everything needed is installed. A step that fails does not keep the next from
# running; the last line sums up all of them, and the exit status is 0 only when nothing failed.
#
# Environment, from the Makefile: MAKE, and BUILD, the folder to build in.
set -u

counts=$BUILD/test/counts
mkdir -p "$BUILD/test"
: >"$counts"

# step TITLE COMMAND...: a step that counts no tests, such as a build, is one test by itself.
step() {
	local lines title=$1 status
	shift
	lines=$(wc -l <"$counts")
	printf '\n== %s\n' "$title"
	"$@"
	status=$?
	if (($(wc -l <"$counts") == lines)); then
		((status == 0)) && echo '1 0 0' >>"$counts" || echo '0 1 0' >>"$counts"
		((status == 0)) || echo "FAIL $title"
	fi
}

run=(tests/support/run_tests.sh --counts "$counts")
plain=(BUILD="$BUILD/test" CFLAGS=-Werror)
program=$(realpath -m "$BUILD/test/broadsheet")

shopt -s nullglob
scripts=(tests/*/test_*.sh)

step 'C tests' $MAKE "${plain[@]}" check RUN="${run[*]}"
step 'C tests under AddressSanitizer and UndefinedBehaviorSanitizer' $MAKE asan CFLAGS=-Werror RUN="${run[*]}"
step 'clang compiles all without a warning' $MAKE clang-check RUN="${run[*]}"
step 'the program' $MAKE "${plain[@]}" all
((${#scripts[@]} == 0)) || step 'scripts' env BROADSHEET="$program" "${run[@]}" "${scripts[@]}"
[[ ! -x tests/clients/run.sh ]] ||
	step 'clients of other makers' env BROADSHEET="$program" "${run[@]}" --limit 900 tests/clients/run.sh
step 'C tests under valgrind' $MAKE "${plain[@]}" valgrind RUN="${run[*]}"

passed=0 failed=0 skipped=0
while read -r p f s; do
	((passed += p, failed += f, skipped += s))
done <"$counts"
echo
echo "$passed passed, $failed failed, $skipped skipped" | tee "$BUILD/test/summary"
((failed == 0))
