#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bench.sh: measures Broadsheet and prints what it found, part by part; README.md beside it says what the figures mean. `make bench` installs
# and builds what is needed and calls this.
#
# Environment, from the command line of make:
#
#   PARTS      what to measure, in this order: hot uncached ceiling sizes filters search related import writes waiting start threads
#   SIZES      numbers of articles, from small to large; requests are measured over the first
#   IMPORT_SIZES  numbers of articles to import into empty databases
#   QUICK=1    small and short, for while one is working on something: some two minutes
#   ROWS       a pattern: only rows whose names match it
#   CODINGS    plain br
#   SECONDS_EACH, ROUNDS  the length of a slice of load, and how often each row is measured
#   CACHE_BYTES   of the server with kept replies
#   READY      of so many articles, the newest, related ones are found beforehand: details and related are measured over these
#   FRESH=1    make databases anew, for when what is written has changed without a new migration
#   SERVER_CPU, LOAD_CPU  the cores of the measured server and of the load
#   NGINX_SENDFILE, NGINX_OPEN_FILES   on or off; how many files it keeps open
#   BROADSHEET the program, if not $BUILD/broadsheet
#   BUILD      the folder of everything built
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C

here=tests/bench
program=$(realpath "${BROADSHEET:-$BUILD/broadsheet}")
tools=$(realpath "$BUILD/bench/tools")
work=$(realpath "$BUILD/bench")
results=$work/results.txt
nginx=$(PATH=$PATH:/usr/sbin command -v nginx)

die() {
	echo "bench: $*" >&2
	exit 1
}

exec {lock}>"$work/lock"
flock -n "$lock" || die "another one runs in $work"

mapfile -t cpus < <(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r a b; do seq "$a" "${b:-$a}"; done)
server_cpu=${SERVER_CPU:-${cpus[-1]}}
load_cpu=${LOAD_CPU:-${cpus[0]}}
on_server=(taskset -c "$server_cpu")
on_load=(taskset -c "$load_cpu")

quick=${QUICK:+1}
slice=${SECONDS_EACH:-$([[ $quick ]] && echo 0.3 || echo 1)}
rounds=${ROUNDS:-$([[ $quick ]] && echo 2 || echo 5)}
sizes=${SIZES:-$([[ $quick ]] && echo 10000 || echo 10000 100000)}
details=$([[ $quick ]] && echo 2000 || echo 10000)
parts=${PARTS:-hot uncached ceiling sizes filters search related import writes waiting start threads}
codings=${CODINGS:-plain br}
row_pattern=${ROWS:-.}
cache_bytes=${CACHE_BYTES:-268435456}
import_sizes=${IMPORT_SIZES:-$([[ $quick ]] && echo 5000 15000 || echo 10000 50000)}
ready=${READY:-100000}
related_seconds=$([[ $quick ]] && echo 2 || echo 5)
connections=64 load_threads=1
nginx_sendfile=${NGINX_SENDFILE:-on} nginx_open_files=${NGINX_OPEN_FILES:-50000}

wants() {
	[[ " $parts " == *" $1 "* ]]
}

for file in "$here"/lib/*.sh "$here"/parts/*.sh; do
	# shellcheck source=/dev/null
	. "$file"
done
trap stop_all EXIT
trap 'exit 130' INT TERM

machine() {
	printf 'Broadsheet %s, %s, %s on core %s, load on core %s; %s core(s) allowed; Linux %s; %s' "$(git describe --always --dirty 2>/dev/null)" \
		"$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" 'server' "$server_cpu" "$load_cpu" "${#cpus[@]}" "$(uname -r)" \
		"$("$nginx" -v 2>&1 | sed 's/nginx version: //')"
	printf '\nslices of %s s, %s rounds, %s connections; sizes: %s\n' "$slice" "$rounds" "$connections" "$sizes"
}

: >"$results"
machine | tee "$work/machine.txt"
((${#cpus[@]} > 1)) || echo 'Server and load share one core: only the processor time a request means something.'
if wants hot || wants uncached || wants ceiling; then part_http; fi
for part in sizes filters search related import writes waiting start threads; do
	if wants "$part"; then "part_$part"; fi
done
printf '\n%s figures with a goal met, %s missed. All figures: %s\n' "$(awk -F '\t' '$8 == "met"' "$results" | wc -l)" \
	"$(awk -F '\t' '$8 ~ /^missed/' "$results" | wc -l)" "$results"
