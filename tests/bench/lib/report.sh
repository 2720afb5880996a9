# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Tables for people, and the same figures for programs in $results: a line a figure, parted by tabs:
#
#   part  row  figure  value  lowest  highest  goal  verdict
#
# where `goal` is a limit such as ">= 1.05" and `verdict` "met", "missed by 12 %" or "-".

# Functions of awk that the tables share.
report_awk='
function sort_up(list, n,   i, j, x) {
	for (i = 2; i <= n; i++) {
		x = list[i]
		for (j = i - 1; j >= 1 && list[j] > x; j--) list[j + 1] = list[j]
		list[j + 1] = x
	}
}
function middle(list, n) { return n == 0 ? 0 : n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }
function verdict(value, goal,   part) {
	if (goal == "" || goal == "-") return "-"
	split(goal, part, " ")
	if (part[2] == 0) return value <= 0 ? "met" : "missed"
	if (part[1] == ">=") return value >= part[2] ? "met" : sprintf("missed by %.0f %%", (1 - value / part[2]) * 100)
	return value <= part[2] ? "met" : sprintf("missed by %.0f %%", (value / part[2] - 1) * 100)
}
function time_text(us) { return us >= 100000 ? sprintf("%.2f s", us / 1e6) : us >= 1000 ? sprintf("%.1f ms", us / 1000) : sprintf("%.0f us", us) }
function figure(part, row, name, value, low, high, goal) {
	printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", part, row, name, value, low, high, goal == "" ? "-" : goal, verdict(value, goal) >>results
}
'

heading() {
	printf '\n== %s\n\n' "$1"
}

# report_one PART ROW FIGURE VALUE LOWEST HIGHEST GOAL UNIT: one line, for what fits no table.
report_one() {
	awk -v results="$results" -v part="$1" -v row="$2" -v name="$3" -v value="$4" -v low="$5" -v high="$6" -v goal="$7" -v unit="$8" \
		"$report_awk"'BEGIN {
			figure(part, row, name, value, low, high, goal)
			printf "%-34s %-26s %12s %-12s %-19s %-12s %s\n", row, name, value, unit, low == high ? "" : "(" low " to " high ")", goal, verdict(value, goal)
		}'
}

# The median, the lowest and the highest of numbers on standard input, a line each.
spread() {
	sort -g | awk '{ x[NR] = $1 } END { print NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2, x[1], x[NR] }'
}
