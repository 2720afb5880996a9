#!/bin/bash
# SPDX-License-Identifier: MIT
#
# quality.sh [ARCHIVE...]: measures how well related articles are found; `make quality` calls it. Without archives, those of ../shared,
# beside the repository, are taken.
set -u
cd "$(dirname "$0")/../../.." || exit 1

archives=("$@")
if ((${#archives[@]} == 0)); then
	shared=../shared
	for archive in "$shared"/data/news-digitalgov/*.ndjson.xz "$shared"/data/news-currentevents/*.ndjson.xz; do
		[[ -e $archive ]] && archives+=("$archive")
	done
fi
if ((${#archives[@]} == 0)); then
	echo 'quality: there is no ../shared/data/news-*: name archives of the same shape, QUALITY_ARCHIVES="one.ndjson.xz …"' >&2
	exit 1
fi
WORK=$BUILD/quality RESULTS=$BUILD/quality/results.txt BROADSHEET=${BROADSHEET:-$BUILD/broadsheet}
export WORK RESULTS BROADSHEET PYTHONDONTWRITEBYTECODE=1
mkdir -p "$WORK"
exec python3 tests/bench/quality/quality.py "${archives[@]}"
