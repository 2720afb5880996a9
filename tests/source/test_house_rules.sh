#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a compiler does not see: functions that cannot be told how much room there is or hide their errors, sources that
# do not say what they are for, SQL put together from strings.
set -u

wrong=0
mapfile -t sources < <(find server include tests -name '*.[ch]')

# refuse WHY PATTERN FILE...
refuse() {
	local why=$1 pattern=$2 hits
	shift 2
	hits=$(grep -nE "$pattern" "$@" /dev/null | grep -vE '^[^:]+:[0-9]+:[[:space:]]*(/?\*|//)') || return
	echo "$why:"
	echo "$hits"
	wrong=1
}

refuse 'unbounded or unchecked functions' '(^|[^_[:alnum:]])(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|alloca|strtok|atoi|atol|atof|system|popen|setlocale|tmpnam|mktemp)[[:space:]]*\(' \
	"${sources[@]}"
refuse 'sleeping in tests' '(^|[^_[:alnum:]])(sleep|usleep|nanosleep)[[:space:]]*\(' $(find tests -name '*.[ch]')
refuse 'a typedef of a struct' '^typedef struct' "${sources[@]}"
refuse 'white space at the end of a line' '[[:space:]]+$' "${sources[@]}" Makefile
refuse 'SQL composed by SQLite instead of written out' 'sqlite3_(v?mprintf|v?snprintf)[[:space:]]*\(' "${sources[@]}"

for file in "${sources[@]}"; do
	[[ $(head -n 1 "$file") == '/* SPDX-License-Identifier: MIT */' ]] || { echo "$file: the first line names no licence"; wrong=1; }
	[[ $(sed -n 2p "$file") == '/*'* ]] || { echo "$file: the second line does not begin to say what it is for"; wrong=1; }
done
exit $wrong
