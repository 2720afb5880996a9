# SPDX-License-Identifier: MIT
#
# Random combinations of filters. Reads facts of articles (section, source, language, time, tags, authors; parted by tabs, the last two lists
# by blanks) and prints `count` addresses, the same each time.
#
# Two of three are made of what stands on one article, so that they find something; the third mixes two articles, and mostly finds nothing,
# which is the hardest case for a server that has to look until a page is full.

BEGIN {
	FS = "\t"
	srand(7)
}

{
	section[NR] = $1; source[NR] = $2; lang[NR] = $3; year[NR] = substr($4, 1, 4); month[NR] = substr($4, 1, 7); tags[NR] = $5; authors[NR] = $6
}

function any(n) { return int(rand() * n) + 1 }

function one_of(list,   parts, n) {
	n = split(list, parts, " ")
	return n == 0 ? "" : parts[any(n)]
}

function add(name, value) {
	if (value == "" || index(address, "&" name "=")) return 0
	address = address "&" name "=" value
	return 1
}

function tags_of_one(i,   parts, n) {
	n = split(tags[i], parts, " ")
	return n < 2 ? "" : parts[1] "," parts[any(n - 1) + 1]
}

function add_something(a, b,   kind) {
	kind = any(14)
	if (kind == 1) return add("section", section[b])
	if (kind == 2) return add("source", source[b])
	if (kind == 3 || kind == 4) return add("tag", one_of(tags[b]))
	if (kind == 5) return add("author", one_of(authors[b]))
	if (kind == 6) return add("lang", lang[b])
	if (kind == 7) return add("tag_all", a == b ? tags_of_one(a) : one_of(tags[a]) "," one_of(tags[b]))
	if (kind == 8) return add("section", section[a] == section[b] ? "!" section[any(NR)] : section[a] "," section[b])
	if (kind == 9) return add("source", "!" source[any(NR)])
	if (kind == 10) return add("tag", "!" one_of(tags[any(NR)]))
	if (kind == 11) return add("tag", one_of(tags[a]) "," one_of(tags[b]) "," one_of(tags[any(NR)]))
	if (kind == 12) return add("published_after", year[b] "-01-01") + add("published_before", year[b] + 1 "-07-01") > 0
	if (kind == 13) return add("published_before", month[b] "-15")
	return add("featured", rand() < 0.8 ? "true" : "false")
}

END {
	for (made = 0; made < count; made++) {
		a = any(NR)
		b = made % 3 == 2 ? any(NR) : a
		wanted = 2 + any(3) - 1
		address = ""
		for (n = tries = 0; n < wanted && tries < 30; tries++) n += add_something(a, rand() < 0.5 ? a : b)
		order = rand()
		print "/v1/articles?" substr(address, 2) (order < 0.7 ? "" : order < 0.85 ? "&order=oldest" : "&order=updated")
	}
}
