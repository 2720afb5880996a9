#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh: the tests with programs of other makers (Chromium, parse5, feed readers, validators of formats) against a server of our own on a free port. Installs
# the packages that package-lock.json names into the build folder. Environment: BROADSHEET, the program to test.
# The last line is "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")"

skip() {
	echo "skipped: $1"
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
}

for command in node npm chromium; do
	command -v "$command" >/dev/null || skip "there is no $command"
done

# Packages are installed anew only when the lock file has changed.
packages=../../build/clients
mkdir -p "$packages"
if ! cmp -s package-lock.json "$packages/installed.json"; then
	cp package.json package-lock.json "$packages/"
	if ! (cd "$packages" && npm ci --no-audit --no-fund --ignore-scripts >npm.log 2>&1); then
		cat "$packages/npm.log"
		echo 'npm could not install the packages'
		echo '0 passed, 1 failed, 0 skipped'
		exit 1
	fi
	cp package-lock.json "$packages/installed.json"
fi

NODE_PATH=$(cd "$packages" && pwd)/node_modules CHROMIUM=$(command -v chromium) \
	node --test --test-reporter=tap ./*.test.js >"$packages/tap" 2>&1
status=$?
cat "$packages/tap"

number() { sed -nE "s/^# $1 ([0-9]+)$/\1/p" "$packages/tap" | tail -n 1; }
passed=$(number pass) failed=$(number fail) cancelled=$(number cancelled) skipped=$(number skipped)
failed=$((${failed:-0} + ${cancelled:-0}))
((status != 0 && failed == 0)) && failed=1
echo "${passed:-0} passed, $failed failed, ${skipped:-0} skipped"
((failed == 0))
