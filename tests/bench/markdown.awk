# SPDX-License-Identifier: MIT
#
# awk -f tests/bench/markdown.awk build/bench/results.txt: the results as the tables of README.md.

BEGIN { FS = "\t" }

# A number as people read it: three digits that count, or all of those before the point.
function short(x) {
	if (x !~ /^-?[0-9.]+$/) return x
	if (x >= 100) return sprintf("%.0f", x)
	return x >= 10 ? sprintf("%.1f", x) : x >= 0.1 || x == 0 ? sprintf("%.2f", x) : sprintf("%.4f", x)
}

function time_text(us) {
	return us >= 100000 ? sprintf("%.2f s", us / 1e6) : us >= 1000 ? sprintf("%.1f ms", us / 1000) : sprintf("%.0f µs", us)
}

function verdict_of(key) {
	return goal[key] == "-" ? "" : goal[key] ": " verdict[key]
}

{
	key = $1 SUBSEP $2 SUBSEP $3
	value[key] = $4; low[key] = $5; high[key] = $6; goal[key] = $7; verdict[key] = $8
	if (!(($1, $2) in seen)) {
		seen[$1, $2]
		part[++n] = $1
		row[n] = $2
	}
	if ($1 !~ /^(hot|uncached|ceiling|sizes)$/) {
		line[++lines] = key
		of[lines] = $1; name[lines] = $2; figure[lines] = $3
	}
}

function http_tables(   i, k) {
	for (i = 1; i <= n; i++) {
		if (part[i] !~ /^(hot|uncached|ceiling)$/) continue
		if (!printed++) {
			print "| row | server | req/s | p50 | p99 | bytes | CPU µs | nginx CPU µs | CPU ratio (spread) | req/s ratio | goal |"
			print "| --- | --- | --: | --: | --: | --: | --: | --: | --- | --: | --- |"
		}
		k = part[i] SUBSEP row[i] SUBSEP
		printf "| %s | %s | %.0f | %s | %s | %d | %s | %s | %s (%s–%s) | %s | %s |\n", row[i], part[i], value[k "requests_per_second"], time_text(value[k "p50_us"]),
			time_text(value[k "p99_us"]), value[k "bytes"], short(value[k "cpu_us"]), short(value[k "nginx_cpu_us"]), short(value[k "cpu_ratio_to_nginx"]),
			short(low[k "cpu_ratio_to_nginx"]), short(high[k "cpu_ratio_to_nginx"]), short(value[k "rps_ratio_to_nginx"]), verdict_of(k "cpu_ratio_to_nginx")
	}
	if (printed) print ""
}

# Rows of this part are NAME.SIZE.
function size_table(   i, j, k, at, base, size, sizes, counts, bases, has) {
	for (i = 1; i <= n; i++) {
		if (part[i] != "sizes") continue
		at = match(row[i], /\.[0-9]+$/)
		base = substr(row[i], 1, at - 1)
		size = substr(row[i], at + 1)
		if (!(size in has)) { has[size]; sizes[++counts] = size }
		if (!(base in has)) { has[base]; names[++bases] = base }
	}
	if (!bases) return
	printf "| row |"
	for (j = 1; j <= counts; j++) printf " CPU µs at %s | p50 | p99 |%s", sizes[j], (j > 1 ? " growth (spread) | goal |" : "")
	printf "\n| --- |"
	for (j = 1; j <= counts; j++) printf " --: | --: | --: |%s", (j > 1 ? " --- | --- |" : "")
	print ""
	for (i = 1; i <= bases; i++) {
		printf "| %s |", names[i]
		for (j = 1; j <= counts; j++) {
			k = "sizes" SUBSEP names[i] "." sizes[j] SUBSEP
			printf " %s | %s | %s |", short(value[k "cpu_us"]), time_text(value[k "p50_us"]), time_text(value[k "p99_us"])
			if (j > 1)
				printf " %s (%s–%s) | %s |", short(value[k "cpu_ratio_to_smallest"]), short(low[k "cpu_ratio_to_smallest"]),
					short(high[k "cpu_ratio_to_smallest"]), verdict_of(k "cpu_ratio_to_smallest")
		}
		print ""
	}
	print ""
}

function other_table(   i, k) {
	if (!lines) return
	print "| part | row | figure | value (spread) | goal |"
	print "| --- | --- | --- | --: | --- |"
	for (i = 1; i <= lines; i++) {
		k = line[i]
		printf "| %s | %s | %s | %s%s | %s |\n", of[i], name[i], figure[i], short(value[k]),
			low[k] == high[k] ? "" : " (" short(low[k]) "–" short(high[k]) ")", verdict_of(k)
	}
}

END {
	http_tables()
	size_table()
	other_table()
}
