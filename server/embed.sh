#!/bin/sh
# SPDX-License-Identifier: MIT
#
# embed.sh ARRAY FOLDER FILE...: C on standard output that defines `ARRAY` (include/embedded.h) with the bytes of the
# files, whose names are given without FOLDER. The assembler reads the bytes by .incbin, so the text stays short, a
# change is quick to build, and nothing but the compiler is needed.
set -eu
export LC_ALL=C

array=$1 folder=$2
shift 2

printf '/* Made by server/embed.sh. */\n#include "embedded.h"\n\n'
n=0
for file; do
	n=$((n + 1))
	printf '__asm__(".pushsection .rodata\\n%s: .incbin \\"%s\\"\\n.byte 0\\n.popsection");\n' "${array}_$n" "$file"
	printf 'extern const unsigned char %s[];\n' "${array}_$n"
done

printf '\nconst struct embedded_file %s[] = {\n' "$array"
n=0
for file; do
	n=$((n + 1))
	printf '\t{ "%s", %s, %d },\n' "${file#"$folder"}" "${array}_$n" "$(wc -c <"$file")"
done
printf '\t{ NULL, NULL, 0 },\n};\n'
