#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Layers look only downwards (a row: a folder of server/, and the modules whose headers it may include besides its own).
# Headers of include/ belong to a module; "x/y.h" and "../x/y.h" belong to the folder x. And one library, one place:
# SQL is written in the store and HTTP is spoken in http, so only they know those libraries.
set -u

declare -A may=(
	[base]='' [article]='base' [store]='base article' [publish]='base article store'
	[cluster]='base article store publish' [http]='base' [import]='base article' [feed]='base article'
	[api]='base article store publish cluster http import feed' [site]='base article http api'
	[cli]='base article store publish cluster http import api site'
)
declare -A module=(
	[arena]=base [basis]=base [clock]=base [config]=base [embedded]=base [error]=base [generations]=base [ip_address]=base [key]=base [lane]=base [log]=base [map]=base [memory]=base [metrics]=base [pages]=base [secret]=base [text]=base
	[article]=article [html]=article [search]=article [store]=store [webhook_store]=store [webhooks]=publish [background]=publish [publish]=publish [scheduler]=publish [shared_log]=publish [replica]=cluster [http]=http
	[importer]=import [feed]=feed [api]=api [site]=site [template]=site [command]=cli [server]=cli
)

wrong=0
complain() { echo "$1: $2"; wrong=1; }

for file in server/*/*.[ch] server/main.c; do
	folder=${file#server/} folder=${folder%/*}
	[[ $file == server/main.c ]] && folder=cli
	[[ -v may[$folder] ]] || { complain "$file" "the layer \"$folder\" is not in the table of $0"; continue; }

	while read -r header; do
		name=${header##*/} name=${name%.h}
		case $header in
		*/*) of=${header#../} of=${of%%/*} ;;
		*) [[ -e ${file%/*}/$header ]] && of=$folder || of=${module[$name]-} ;;
		esac
		if [[ ! $of ]]; then
			complain "$file" "\"$header\" is not in the table of $0"
		elif [[ $of != "$folder" && " ${may[$folder]} " != *" $of "* ]]; then
			complain "$file" "$folder may not look at $of (\"$header\")"
		fi
	done < <(sed -nE 's/^#include "([^"]+)".*/\1/p' "$file")

	[[ $folder =~ ^(store|cli)$ ]] || ! grep -q '^#include <sqlite3.h>' "$file" || complain "$file" 'SQLite is the business of store'
	[[ $folder =~ ^(http|cli)$ ]] || ! grep -q '^#include <microhttpd.h>' "$file" || complain "$file" 'libmicrohttpd is the business of http'
done
exit $wrong
