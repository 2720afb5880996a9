/* SPDX-License-Identifier: MIT */
/*
 * Are two texts copies of one another? Each text becomes the set of its shingles, runs of SHINGLE_WORDS words, as 64-bit hashes; what
 * counts is the share of the smaller set that stands in the other (Broder 1997), so that a copy cut short is still a copy.
 *
 * At most SHINGLES_MOST shingles of each text are looked at, from the beginning: wire copies are cut from the bottom.
 */
#include "article.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { SHINGLE_WORDS = 5, SHINGLES_MOST = 600 };

struct shingles {
	uint64_t hashes[SHINGLES_MOST];
	size_t n;
};

static int compare_hashes(const void *one, const void *other)
{
	const uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return a < b ? -1 : a > b;
}

static void shingles_of(const char *text, struct shingles *ret_shingles)
{
	uint64_t window[SHINGLE_WORDS] = { 0 };
	const char *word;
	size_t seen = 0, length;

	ret_shingles->n = 0;
	while (ret_shingles->n < SHINGLES_MOST && text_next_word(&text, &word, &length)) {
		memmove(window, window + 1, sizeof window - sizeof window[0]);
		window[SHINGLE_WORDS - 1] = XXH3_64bits(word, length);
		if (++seen >= SHINGLE_WORDS)
			ret_shingles->hashes[ret_shingles->n++] = XXH3_64bits(window, sizeof window);
	}
	qsort(ret_shingles->hashes, ret_shingles->n, sizeof ret_shingles->hashes[0], compare_hashes);
}

double text_containment(const char *one, const char *other)
{
	struct arena *arena = arena_new();
	struct shingles a, b;
	size_t shared = 0, smaller;

	shingles_of(unicode_fold(one, arena), &a);
	shingles_of(unicode_fold(other, arena), &b);
	arena_free(arena);
	smaller = a.n < b.n ? a.n : b.n;
	if (smaller == 0)
		return 0;
	for (size_t i = 0, j = 0; i < a.n && j < b.n;) {
		if (a.hashes[i] == b.hashes[j]) {
			shared++;
			i++;
			j++;
		} else if (a.hashes[i] < b.hashes[j]) {
			i++;
		} else {
			j++;
		}
	}
	return (double)shared / (double)smaller;
}
